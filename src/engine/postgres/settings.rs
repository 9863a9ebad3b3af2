//! libpq's parameters that a target may carry, read strictly.

use std::time::Duration;

use crate::engine::net::Keepalive;
use crate::error::{Error, Kind, Result, nearest};
use crate::model::target::{Target, TlsMode};

/// Whether SCRAM is tied to the TLS connection it runs over (libpq's `channel_binding`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    Disable,
    Prefer,
    Require,
}

/// Which server of several will do (libpq's `target_session_attrs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// The ways of authentication that are accepted (libpq's `require_auth`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    methods: Vec<String>,
    /// The list names what is refused.
    negated: bool,
}

const METHODS: [&str; 7] = ["password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none"];

impl Accepted {
    fn parse(list: &str) -> Result<Self> {
        let mut accepted = Accepted { methods: Vec::new(), negated: false };
        for (index, word) in list.split(',').map(str::trim).enumerate() {
            let (negated, method) = match word.strip_prefix('!') {
                Some(method) => (true, method),
                None => (false, word),
            };
            if !METHODS.contains(&method) {
                return Err(bad("require_auth", method, &METHODS));
            }
            if index > 0 && negated != accepted.negated {
                return Err(Error::new(Kind::Config, "require_auth mixes methods with and without \"!\""));
            }
            accepted.negated = negated;
            accepted.methods.push(method.to_owned());
        }
        Ok(accepted)
    }

    pub fn allows(&self, method: &str) -> bool {
        self.methods.iter().any(|name| name == method) != self.negated
    }

    /// Whether the method was named as wanted.
    pub fn names(&self, method: &str) -> bool {
        !self.negated && self.allows(method)
    }
}

/// Everything about a connection that is PostgreSQL's own.
#[derive(Debug, Clone)]
pub struct Settings {
    pub user: String,
    pub database: String,
    pub keepalive: Keepalive,
    /// TLS from the first byte (libpq's `sslnegotiation=direct`).
    pub direct_tls: bool,
    pub binding: Binding,
    pub accepted: Option<Accepted>,
    pub wanted: Wanted,
    /// Hosts in random order (libpq's `load_balance_hosts`).
    pub shuffle: bool,
    /// The startup message (chapter 55.2.1).
    pub parameters: Vec<(&'static str, String)>,
}

impl Settings {
    pub fn of(target: &Target) -> Result<Self> {
        let option = |name: &str| target.options.get(name).map(String::as_str);
        let user = match &target.user {
            Some(user) if !user.is_empty() => user.clone(),
            _ => operating_system_user()?,
        };
        let database =
            target.database.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| user.clone());
        let direct_tls = choice(
            option("sslnegotiation"),
            "sslnegotiation",
            &[("postgres", false), ("direct", true)],
            false,
        )?;
        if direct_tls && matches!(target.tls.mode, TlsMode::Disable | TlsMode::Prefer) {
            let error = Error::new(
                Kind::Config,
                format!("sslnegotiation=direct cannot go with tls mode {:?}", target.tls.mode.word()),
            );
            return Err(error.hint("set the mode to require, verify-ca or verify-full"));
        }
        Ok(Settings {
            parameters: parameters(target, &user, &database),
            user,
            database,
            keepalive: keepalive(target)?,
            direct_tls,
            binding: choice(
                option("channel_binding"),
                "channel_binding",
                &[("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)],
                Binding::Prefer,
            )?,
            accepted: option("require_auth")
                .filter(|list| !list.is_empty())
                .map(Accepted::parse)
                .transpose()?,
            wanted: choice(
                option("target_session_attrs"),
                "target_session_attrs",
                &[
                    ("any", Wanted::Any),
                    ("read-write", Wanted::ReadWrite),
                    ("read-only", Wanted::ReadOnly),
                    ("primary", Wanted::Primary),
                    ("standby", Wanted::Standby),
                    ("prefer-standby", Wanted::PreferStandby),
                ],
                Wanted::Any,
            )?,
            shuffle: choice(
                option("load_balance_hosts"),
                "load_balance_hosts",
                &[("disable", false), ("random", true)],
                false,
            )?,
        })
    }
}

/// Limits and modes are settings of the server, so they cost no round trip here.
fn parameters(target: &Target, user: &str, database: &str) -> Vec<(&'static str, String)> {
    let option = |name: &str| target.options.get(name).filter(|value| !value.is_empty()).cloned();
    let application = target.application_name.clone().unwrap_or_else(|| "dbwright".to_owned());
    let mut parameters = vec![
        ("user", user.to_owned()),
        ("database", database.to_owned()),
        ("application_name", application),
        ("client_encoding", option("client_encoding").unwrap_or_else(|| "UTF8".to_owned())),
    ];
    // Chapter 55.2.1: settings given here are the session's defaults, as those of `options` are.
    for name in ["options", "search_path"] {
        parameters.extend(option(name).map(|value| (name, value)));
    }
    // The server counts in milliseconds, and takes zero as "no limit".
    let milliseconds = |limit: Duration| limit.as_millis().max(1).to_string();
    parameters.extend(target.statement_timeout.map(|limit| ("statement_timeout", milliseconds(limit))));
    parameters.extend(target.lock_timeout.map(|limit| ("lock_timeout", milliseconds(limit))));
    if target.read_only {
        parameters.push(("default_transaction_read_only", "on".to_owned()));
    }
    parameters
}

fn keepalive(target: &Target) -> Result<Keepalive> {
    let number = |name: &str| match target.options.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<i64>() {
            // As in libpq: zero and less mean the system's own.
            Ok(number) => Ok(u32::try_from(number).ok().filter(|number| *number > 0)),
            Err(error) => {
                Err(Error::new(Kind::Config, format!("{name} is not a number: {text:?}")).because(error))
            }
        },
    };
    let seconds = |name: &str| Ok::<_, Error>(number(name)?.map(|n| Duration::from_secs(n.into())));
    Ok(Keepalive {
        off: target.options.get("keepalives").is_some_and(|value| matches!(value.as_str(), "false" | "0")),
        idle: seconds("keepalives_idle")?,
        interval: seconds("keepalives_interval")?,
        retries: number("keepalives_count")?,
        user_timeout: number("tcp_user_timeout")?.map(|n| Duration::from_millis(n.into())),
    })
}

fn operating_system_user() -> Result<String> {
    ["LOGNAME", "USER"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .ok_or_else(|| {
            Error::new(Kind::Config, "no user name given").hint("name one in the URL or the profile")
        })
}

fn choice<T: Copy>(value: Option<&str>, name: &str, words: &[(&str, T)], default: T) -> Result<T> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(default) };
    words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        bad(name, value, &words)
    })
}

fn bad(name: &str, value: &str, words: &[&str]) -> Error {
    let error = Error::new(Kind::Config, format!("{name} cannot be {value:?}"));
    match nearest(value, words.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near:?}?")),
        None => error.hint(format!("it is one of {}", words.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::EngineKind;

    fn target(options: &[(&str, &str)]) -> Target {
        let mut target = Target::new(EngineKind::Postgres);
        target.user = Some("u".into());
        target.options = options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        target
    }

    #[test]
    fn limits_travel_in_the_startup_message() {
        let mut target = target(&[("search_path", "a,b"), ("options", "-c geqo=off")]);
        target.statement_timeout = Some(Duration::from_secs(2));
        target.read_only = true;
        let settings = Settings::of(&target).unwrap();
        let value =
            |name| settings.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
        assert_eq!(value("database"), Some("u"));
        assert_eq!(value("statement_timeout"), Some("2000"));
        assert_eq!(value("lock_timeout"), None);
        assert_eq!(value("default_transaction_read_only"), Some("on"));
        assert_eq!(value("search_path"), Some("a,b"));
        assert_eq!(value("options"), Some("-c geqo=off"));
        assert_eq!(value("application_name"), Some("dbwright"));
    }

    #[test]
    fn words_are_checked() {
        let error = Settings::of(&target(&[("channel_binding", "requires")])).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert_eq!(error.hints(), ["did you mean \"require\"?"]);
        assert!(Settings::of(&target(&[("sslnegotiation", "direct")])).is_err());
        assert!(Settings::of(&target(&[("keepalives_idle", "soon")])).is_err());
    }

    #[test]
    fn required_methods_can_be_named_or_excluded() {
        let accepted = Accepted::parse("scram-sha-256, md5").unwrap();
        assert!(accepted.allows("md5") && !accepted.allows("password"));
        let accepted = Accepted::parse("!password,!none").unwrap();
        assert!(accepted.allows("md5") && !accepted.allows("none") && !accepted.names("md5"));
        assert!(Accepted::parse("md5,!none").is_err());
        assert!(Accepted::parse("scram").is_err());
    }
}
