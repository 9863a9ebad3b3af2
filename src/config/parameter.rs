//! The parameters of URLs, connection strings, `[profile.NAME.options]` and client files: one table
//! an engine. It says which are connection settings, which reach the driver as `Target::options`,
//! which have no effect here, and which ask for something dbwright does not do.

use super::parameters::{MYSQL, POSTGRES, SHARED, SQLITE};
use super::problem::Problem;
use super::settings::{Key, Origin, Settings};
use super::value;
use crate::model::target::EngineKind;

/// A name that may stand in a URL and what it does.
pub struct Parameter {
    pub name: &'static str,
    /// Other names for the same.
    pub aliases: &'static [&'static str],
    pub effect: Effect,
    /// A line for the user's guide.
    pub about: &'static str,
}

/// What a parameter does.
#[derive(Clone, Copy)]
pub enum Effect {
    /// Sets a connection setting.
    Set(Key),
    /// Sets a time-out; a bare number means seconds, as the engine's own client has it.
    Seconds(Key),
    /// Gives the password.
    Password,
    /// Sets the TLS mode in the engine's own words.
    TlsMode,
    /// Reaches the driver as an option of the target.
    Option(Form),
    /// Has no effect in dbwright, whatever its value.
    Harmless,
    /// Has no effect with these values; any other asks for what dbwright does not do.
    Only(&'static [&'static str], &'static str),
}

/// What the value of an option may be.
#[derive(Clone, Copy)]
pub enum Form {
    Text,
    Path,
    Bool,
    Number,
    /// Bytes, with MySQL's suffixes K, M and G.
    Size,
    OneOf(&'static [&'static str]),
}

/// The parameters an engine knows: its own and those that dbwright adds to every engine.
pub fn known(engine: EngineKind) -> impl Iterator<Item = &'static Parameter> {
    let own: &'static [Parameter] = match engine {
        EngineKind::Sqlite => SQLITE,
        EngineKind::Postgres => POSTGRES,
        EngineKind::Mysql | EngineKind::Mariadb => MYSQL,
    };
    let shared = SHARED.iter().filter(move |parameter| match parameter.effect {
        Effect::Set(key) | Effect::Seconds(key) => key.applies_to(engine),
        _ => true,
    });
    own.iter().chain(shared)
}

/// Finds a parameter by its name or an alias. In MySQL `-` and `_` are the same, and so are
/// capitals.
pub fn find(engine: EngineKind, name: &str) -> Option<&'static Parameter> {
    let name = match engine {
        EngineKind::Mysql | EngineKind::Mariadb => name.to_ascii_lowercase().replace('-', "_"),
        _ => name.to_owned(),
    };
    known(engine).find(|parameter| parameter.name == name || parameter.aliases.contains(&name.as_str()))
}

/// Sets one parameter.
pub fn apply(settings: &mut Settings, name: &str, text: &str, origin: &Origin) -> Result<(), Problem> {
    let engine = settings.engine;
    let Some(parameter) = find(engine, name) else {
        let names = known(engine)
            .flat_map(|parameter| std::iter::once(parameter.name).chain(parameter.aliases.iter().copied()));
        return Err(unknown(engine, name, names.collect()));
    };
    parameter.set(settings, text, origin).map_err(|mut problem| {
        problem.message = format!("{name}: {}", problem.message);
        problem.token = Some(name.to_owned());
        match parameter.effect {
            Effect::Only(..) => problem,
            _ => problem.hint(format!("`{name}`: {}", parameter.about)),
        }
    })
}

fn unknown(engine: EngineKind, name: &str, names: Vec<&str>) -> Problem {
    let problem = Problem::new(format!("{} has no parameter `{name}`", engine.title())).token(name);
    let near = crate::error::nearest(name, names);
    let problem = match near {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    };
    problem.hint("docs/profiles.md lists the parameters of each engine")
}

impl Parameter {
    fn set(&self, settings: &mut Settings, text: &str, origin: &Origin) -> Result<(), Problem> {
        match self.effect {
            Effect::Harmless => Ok(()),
            Effect::Only(harmless, reason) => only(text, harmless, reason),
            // An empty value means "not given", as libpq and mysql have it.
            _ if text.is_empty() => Ok(()),
            Effect::Set(key) => settings.set(key, text, origin),
            Effect::Seconds(key) => match text.bytes().all(|byte| byte.is_ascii_digit()) {
                true => settings.set(key, &format!("{text}s"), origin),
                false => settings.set(key, text, origin),
            },
            Effect::Password => {
                settings.set_password(text, origin);
                Ok(())
            }
            Effect::TlsMode => set_tls_mode(settings, text, origin),
            Effect::Option(form) => {
                let value = form.check(text)?;
                settings.set_option(self.name, &value, origin);
                Ok(())
            }
        }
    }
}

fn only(text: &str, harmless: &[&str], reason: &str) -> Result<(), Problem> {
    match text.is_empty() || harmless.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        true => Ok(()),
        false => Err(Problem::new(reason)),
    }
}

/// libpq's words, MySQL's and MariaDB's words, and those of drivers that URLs were written for.
fn set_tls_mode(settings: &mut Settings, text: &str, origin: &Origin) -> Result<(), Problem> {
    let word = match settings.engine {
        EngineKind::Postgres => text.to_owned(),
        _ => text.to_ascii_lowercase().replace('_', "-"),
    };
    let word = match (settings.engine, word.as_str()) {
        (EngineKind::Postgres, "allow") => {
            settings.notes.push(
                "sslmode=allow is taken as prefer: TLS is tried first, and the certificate is not checked"
                    .to_owned(),
            );
            "prefer"
        }
        // libpq takes JDBC's `ssl=true` for `sslmode=require`.
        (EngineKind::Postgres, "true") => "require",
        (EngineKind::Mysql | EngineKind::Mariadb, word) => match word {
            "disabled" | "false" | "0" | "off" => "disable",
            "preferred" => "prefer",
            "required" | "skip-verify" | "1" | "on" => "require",
            "verify-identity" | "true" => "verify-full",
            other => other,
        },
        (_, word) => word,
    };
    settings.set(Key::TlsMode, word, origin)
}

impl Form {
    fn check(self, text: &str) -> Result<String, Problem> {
        match self {
            Form::Text | Form::Path => Ok(text.to_owned()),
            Form::Bool => value::boolean(text).map(|value| value.to_string()),
            Form::Number => match text.parse::<i64>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) => Err(Problem::new(format!("`{text}` is not a number"))),
            },
            Form::Size => size(text).map(|bytes| bytes.to_string()),
            Form::OneOf(words) => match words.contains(&text) {
                true => Ok(text.to_owned()),
                false => Err(Problem::new(format!("`{text}` is not one of its values"))
                    .suggest(text, words.iter().copied())),
            },
        }
    }
}

fn size(text: &str) -> Result<u64, Problem> {
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes.ok_or_else(|| Problem::new(format!("`{text}` is not a size")).hint("write it like `16M`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(engine: EngineKind, pairs: &[(&str, &str)]) -> Result<Settings, Problem> {
        let mut settings = Settings::new(engine);
        for (name, value) in pairs {
            apply(&mut settings, name, value, &Origin::Url("URL"))?;
        }
        Ok(settings)
    }

    #[test]
    fn no_name_means_two_things() {
        for engine in EngineKind::ALL {
            let mut names: Vec<&str> = known(engine)
                .flat_map(|parameter| {
                    std::iter::once(parameter.name).chain(parameter.aliases.iter().copied())
                })
                .collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{engine:?}");
        }
    }

    #[test]
    fn tls_modes_in_the_words_of_each_engine() {
        let cases = [
            (EngineKind::Postgres, "sslmode", "verify-full", "verify-full"),
            (EngineKind::Postgres, "sslmode", "allow", "prefer"),
            (EngineKind::Postgres, "ssl", "true", "require"),
            (EngineKind::Mysql, "ssl-mode", "REQUIRED", "require"),
            (EngineKind::Mysql, "sslmode", "VERIFY_IDENTITY", "verify-full"),
            (EngineKind::Mysql, "ssl_mode", "verify_ca", "verify-ca"),
            (EngineKind::Mariadb, "ssl-mode", "DISABLED", "disable"),
            (EngineKind::Mysql, "tls", "skip-verify", "require"),
            (EngineKind::Mysql, "tls", "PREFERRED", "prefer"),
            (EngineKind::Mysql, "tls", "true", "verify-full"),
        ];
        for (engine, name, value, expected) in cases {
            let settings = applied(engine, &[(name, value)]).unwrap();
            assert_eq!(settings.text(Key::TlsMode), Some(expected), "{name}={value}");
        }
        assert_eq!(applied(EngineKind::Postgres, &[("sslmode", "allow")]).unwrap().notes.len(), 1);
    }

    #[test]
    fn demands_that_cannot_be_met_are_errors_and_the_rest_is_harmless() {
        let harmless = [
            ("gssencmode", "prefer"),
            ("gssencmode", "disable"),
            ("krbsrvname", "postgres"),
            ("sslcompression", "0"),
            ("sslcrl", ""),
            ("ssl_min_protocol_version", "TLSv1.2"),
            ("replication", "false"),
        ];
        for (name, value) in harmless {
            assert!(applied(EngineKind::Postgres, &[(name, value)]).is_ok(), "{name}={value}");
        }
        let refused = [
            ("gssencmode", "require"),
            ("sslcrl", "/x.crl"),
            ("requirepeer", "postgres"),
            ("replication", "database"),
            ("ssl_min_protocol_version", "TLSv1.3"),
        ];
        for (name, value) in refused {
            assert!(applied(EngineKind::Postgres, &[(name, value)]).is_err(), "{name}={value}");
        }
        assert!(applied(EngineKind::Mysql, &[("compression", "true")]).is_err());
        assert!(applied(EngineKind::Sqlite, &[("journal_mode", "wal")]).is_err());
    }

    #[test]
    fn bare_numbers_are_seconds_only_where_the_client_says_so() {
        let settings = applied(EngineKind::Postgres, &[("connect_timeout", "3")]).unwrap();
        assert_eq!(settings.text(Key::ConnectTimeout), Some("3s"));
        assert!(applied(EngineKind::Postgres, &[("statement_timeout", "3")]).is_err());
        let settings = applied(EngineKind::Sqlite, &[("busy_timeout", "5s")]).unwrap();
        assert_eq!(settings.text(Key::LockTimeout), Some("5s"));
    }

    #[test]
    fn sizes_have_mysql_suffixes() {
        for (text, bytes) in [("1024", 1024), ("16M", 16 << 20), ("1g", 1 << 30), ("2K", 2048)] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "M", "1.5M", "-1", "99999999999999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_names_suggest_the_nearest() {
        for (engine, name, near) in [
            (EngineKind::Postgres, "sslmod", "`sslmode`"),
            (EngineKind::Mysql, "ssl-moed", "`ssl_mode`"),
            (EngineKind::Sqlite, "imutable", "`immutable`"),
            (EngineKind::Sqlite, "statement_timeot", "`statement_timeout`"),
        ] {
            let problem = applied(engine, &[(name, "x")]).err().unwrap();
            assert!(problem.hints[0].contains(near), "{name}: {:?}", problem.hints);
        }
    }

    #[test]
    fn every_parameter_is_in_the_users_guide() {
        let guide = include_str!("../../docs/profiles.md");
        for engine in EngineKind::ALL {
            for parameter in known(engine) {
                let written = format!("`{}`", parameter.name);
                assert!(guide.contains(&written), "docs/profiles.md lacks {written}");
            }
        }
    }
}
