//! The keys of dbwright.toml, their types, and help for those who write another.

use toml::de::{DeTable, DeValue};

use super::parameter::{self, Effect};
use super::problem::Problem;
use super::settings::Key;
use super::value;
use crate::error::nearest;
use crate::model::target::EngineKind;

/// What a key of the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Url,
    Engine,
    Set(Key),
    /// A parameter below `[profile.NAME.options]`.
    Option,
    Password(PasswordKey),
}

/// The ways in which a file may say where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordKey {
    Variable,
    File,
    Command,
    Prompt,
}

/// The table a key stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    Profile,
    Defaults,
    Tls,
}

/// The TOML type of a value.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    Text,
    Duration,
    Number,
    Bool,
    /// Text, a number or a truth value.
    Scalar,
}

/// Tables that belong to subcommands, which read them themselves.
pub const SECTIONS: [&str; 10] = [
    "migrations",
    "backup",
    "monitor",
    "audit",
    "shard",
    "replicate",
    "copy",
    "schema",
    "optimize",
    "lineage",
];

const CONNECTION: [(&str, What, Type); 21] = [
    ("url", What::Url, Type::Text),
    ("engine", What::Engine, Type::Text),
    ("host", What::Set(Key::Host), Type::Text),
    ("port", What::Set(Key::Port), Type::Number),
    ("socket", What::Set(Key::Socket), Type::Text),
    ("user", What::Set(Key::User), Type::Text),
    ("database", What::Set(Key::Database), Type::Text),
    ("path", What::Set(Key::Database), Type::Text),
    ("application_name", What::Set(Key::ApplicationName), Type::Text),
    ("connect_timeout", What::Set(Key::ConnectTimeout), Type::Duration),
    ("statement_timeout", What::Set(Key::StatementTimeout), Type::Duration),
    ("lock_timeout", What::Set(Key::LockTimeout), Type::Duration),
    ("pool_size", What::Set(Key::PoolSize), Type::Number),
    ("read_only", What::Set(Key::ReadOnly), Type::Bool),
    ("protected", What::Set(Key::Protected), Type::Bool),
    ("state_schema", What::Set(Key::StateSchema), Type::Text),
    ("scratch", What::Set(Key::Scratch), Type::Text),
    ("password_env", What::Password(PasswordKey::Variable), Type::Text),
    ("password_file", What::Password(PasswordKey::File), Type::Text),
    ("password_command", What::Password(PasswordKey::Command), Type::Text),
    ("password_prompt", What::Password(PasswordKey::Prompt), Type::Bool),
];

const TLS: [(&str, What, Type); 4] = [
    ("mode", What::Set(Key::TlsMode), Type::Text),
    ("ca", What::Set(Key::TlsCaFile), Type::Text),
    ("cert", What::Set(Key::TlsCertFile), Type::Text),
    ("key", What::Set(Key::TlsKeyFile), Type::Text),
];

/// What people write who come from other tools, and what it is called here.
const ELSEWHERE: [(&str, &str); 13] = [
    ("username", "`user`"),
    ("dbname", "`database`"),
    ("db", "`database`"),
    ("file", "`path`"),
    ("hostname", "`host`"),
    ("server", "`host`"),
    ("driver", "`engine`"),
    ("type", "`engine`"),
    ("timeout", "`connect_timeout`, `statement_timeout` or `lock_timeout`"),
    ("sslmode", "`mode` in the `tls` table"),
    ("ssl_mode", "`mode` in the `tls` table"),
    ("sslrootcert", "`ca` in the `tls` table"),
    ("busy_timeout", "`lock_timeout`"),
];

/// Whether a key of this name stands in a profile.
pub fn is_known(word: &str) -> bool {
    CONNECTION.iter().any(|(known, ..)| *known == word)
}

/// Finds a key, or says what is wrong with it.
pub fn find(allowed: Allowed, word: &str) -> Result<(What, Type), Problem> {
    let keys: &[(&str, What, Type)] = match allowed {
        Allowed::Tls => &TLS,
        Allowed::Profile | Allowed::Defaults => &CONNECTION,
    };
    let found = keys.iter().find(|(known, ..)| *known == word);
    match found {
        Some((_, What::Url, _)) if allowed == Allowed::Defaults => {
            Err(Problem::new("`url` cannot stand in `[defaults]`").hint("give each profile its own"))
        }
        Some((_, what, kind)) => Ok((*what, *kind)),
        None if matches!(word, "password" | "passwd" | "pass" | "pwd") && allowed != Allowed::Tls => {
            Err(no_password(&format!("`{word}` would keep a password in this file")))
        }
        None => Err(unknown(allowed, word, keys)),
    }
}

fn unknown(allowed: Allowed, word: &str, keys: &[(&str, What, Type)]) -> Problem {
    let place = match allowed {
        Allowed::Profile => "a profile",
        Allowed::Defaults => "`[defaults]`",
        Allowed::Tls => "`tls`",
    };
    let problem = Problem::new(format!("unknown key `{word}` in {place}"));
    if let Some((_, here)) = ELSEWHERE.iter().find(|(other, _)| *other == word) {
        return problem.hint(format!("here it is called {here}"));
    }
    let tables: &[&str] = if allowed == Allowed::Tls { &[] } else { &["tls", "options"] };
    let sections: &[&str] = if allowed == Allowed::Profile { &SECTIONS } else { &[] };
    let lint = (allowed == Allowed::Profile).then_some("lint");
    let names = keys.iter().map(|(known, ..)| *known);
    let names = names.chain(tables.iter().copied()).chain(sections.iter().copied()).chain(lint);
    if let Some(near) = nearest(word, names) {
        return problem.hint(format!("did you mean `{near}`?"));
    }
    match EngineKind::ALL.iter().any(|engine| parameter::find(*engine, word).is_some()) {
        true => problem.hint("parameters of an engine stand in the table `options` of the profile"),
        false => problem.hint("docs/profiles.md lists all keys"),
    }
}

/// The refusal of a password in the file, with the ways there are.
pub fn no_password(message: &str) -> Problem {
    Problem::new(message)
        .hint(
            "say where it comes from: `password_env = \"VARIABLE\"`, `password_file = \"PATH\"`, \
               `password_command = \"COMMAND\"` or `password_prompt = true`",
        )
        .hint("`~/.pgpass` and `~/.my.cnf` are read too, and a URL may hold `${VARIABLE}`")
}

/// Whether a name may stand below `options` on any engine.
pub fn check_option(name: &str) -> Result<(), Problem> {
    let found: Vec<_> = EngineKind::ALL.iter().filter_map(|engine| parameter::find(*engine, name)).collect();
    let Some(parameter) = found.first() else {
        let names =
            EngineKind::ALL.iter().flat_map(|engine| parameter::known(*engine)).map(|known| known.name);
        let near = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        let hint = near.unwrap_or_else(|| "docs/profiles.md lists the parameters of each engine".to_owned());
        return Err(Problem::new(format!("unknown option `{name}`")).hint(hint));
    };
    match parameter.effect {
        Effect::Password => Err(no_password(&format!("`{name}` would keep a password in this file"))),
        Effect::TlsMode => Err(belongs(name, "tls.mode")),
        Effect::Set(key) | Effect::Seconds(key) if has_own_key(key) => Err(belongs(name, key.word())),
        _ => Ok(()),
    }
}

fn belongs(name: &str, word: &str) -> Problem {
    Problem::new(format!("`{name}` is not an option but a key of the profile"))
        .hint(format!("write it as `{word}` in the profile itself"))
}

fn has_own_key(key: Key) -> bool {
    CONNECTION.iter().chain(&TLS).any(|(_, what, _)| *what == What::Set(key))
}

impl Type {
    /// The value as text. Text with a `${VARIABLE}` may stand for any type.
    pub fn read(self, word: &str, value: &DeValue<'_>) -> Result<String, Problem> {
        let text = match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
            }
            DeValue::Boolean(value) => Some(value.to_string()),
            _ => None,
        };
        let variable = value.as_str().is_some_and(super::interpolate::has_variables);
        let fits = match self {
            Type::Text | Type::Duration => value.is_str(),
            Type::Number => value.is_integer() || variable,
            Type::Bool => value.is_bool() || variable,
            Type::Scalar => value.is_str() || value.is_integer() || value.is_bool(),
        };
        match text {
            Some(text) if fits => Ok(text),
            _ => Err(self.mismatch(word, value)),
        }
    }

    fn mismatch(self, word: &str, value: &DeValue<'_>) -> Problem {
        let wanted = match self {
            Type::Text => "text in quotes",
            Type::Duration => "a duration in quotes",
            Type::Number => "a whole number",
            Type::Bool => "`true` or `false`",
            Type::Scalar => "text, a whole number, `true` or `false`",
        };
        let problem = Problem::new(format!("`{word}` must be {wanted}, not {}", value.type_str()));
        match (self, value.as_str(), value.as_integer()) {
            (Type::Duration, _, Some(number)) => {
                problem.hint(format!("write `{word} = \"{number}s\"` if you mean seconds"))
            }
            (Type::Number, Some(text), _) if text.parse::<u64>().is_ok() => {
                problem.hint(format!("write `{word} = {text}` without quotes"))
            }
            (Type::Bool, Some(text), _) => match value::boolean(text) {
                Ok(value) => problem.hint(format!("write `{word} = {value}` without quotes")),
                Err(_) => problem,
            },
            (Type::Text, _, Some(number)) => problem.hint(format!("write `{word} = \"{number}\"`")),
            _ => problem,
        }
    }
}

/// A table without the places of its parts.
pub fn owned_table(table: &DeTable<'_>) -> toml::Table {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), owned(value.get_ref()))).collect()
}

fn owned(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => toml::Value::Integer(number),
            // Too large for TOML's 64 bits: kept as it was written, for the reader to refuse.
            Err(_) => toml::Value::String(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => toml::Value::Float(number),
            Err(_) => toml::Value::String(number.to_string()),
        },
        DeValue::Boolean(value) => toml::Value::Boolean(*value),
        DeValue::Datetime(time) => toml::Value::Datetime(*time),
        DeValue::Array(array) => {
            toml::Value::Array(array.iter().map(|value| owned(value.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(owned_table(table)),
    }
}
