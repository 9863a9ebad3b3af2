//! Connection settings as checked text, each with the place it came from; layers of them are laid
//! on one another before a target is built.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::{duration, value};
use crate::error::{At, Error, Kind, Result};
use crate::model::mask::mask;
use crate::model::target::{EngineKind, SecretString};

/// A setting that dbwright itself gives a meaning to, on one engine or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A host, or for PostgreSQL a list with commas; a folder of sockets begins with `/`.
    Host,
    HostAddr,
    /// A port, or one a host.
    Port,
    Socket,
    /// MySQL's `protocol`: `tcp` or `socket`.
    Protocol,
    User,
    Database,
    TlsMode,
    TlsCaFile,
    TlsCertFile,
    TlsKeyFile,
    ApplicationName,
    ConnectTimeout,
    StatementTimeout,
    LockTimeout,
    PoolSize,
    ReadOnly,
    Protected,
    StateSchema,
    /// A server where databases may be made for a moment: a profile or a URL.
    Scratch,
    Service,
    ServiceFile,
    Passfile,
}

impl Key {
    /// The word of the profile file; a dot leads into a table.
    pub fn word(self) -> &'static str {
        match self {
            Key::Host => "host",
            Key::HostAddr => "hostaddr",
            Key::Port => "port",
            Key::Socket => "socket",
            Key::Protocol => "protocol",
            Key::User => "user",
            Key::Database => "database",
            Key::TlsMode => "tls.mode",
            Key::TlsCaFile => "tls.ca",
            Key::TlsCertFile => "tls.cert",
            Key::TlsKeyFile => "tls.key",
            Key::ApplicationName => "application_name",
            Key::ConnectTimeout => "connect_timeout",
            Key::StatementTimeout => "statement_timeout",
            Key::LockTimeout => "lock_timeout",
            Key::PoolSize => "pool_size",
            Key::ReadOnly => "read_only",
            Key::Protected => "protected",
            Key::StateSchema => "state_schema",
            Key::Scratch => "scratch",
            Key::Service => "service",
            Key::ServiceFile => "servicefile",
            Key::Passfile => "passfile",
        }
    }

    /// Whether the setting means the same on every engine.
    pub fn is_general(self) -> bool {
        matches!(
            self,
            Key::StatementTimeout
                | Key::LockTimeout
                | Key::PoolSize
                | Key::ReadOnly
                | Key::Protected
                | Key::StateSchema
                | Key::Scratch
        )
    }

    /// Whether the setting only makes sense where there is a server.
    pub fn applies_to(self, engine: EngineKind) -> bool {
        self.is_general() || self == Key::Database || engine.default_port().is_some()
    }

    /// Whether the setting says which server is meant.
    pub fn is_address(self) -> bool {
        matches!(self, Key::Host | Key::HostAddr | Key::Socket)
    }

    /// Whether the value is the path of a file or folder.
    pub fn is_path(self) -> bool {
        matches!(
            self,
            Key::Socket
                | Key::TlsCaFile
                | Key::TlsCertFile
                | Key::TlsKeyFile
                | Key::ServiceFile
                | Key::Passfile
        )
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A URL that was given itself; the word says where (`URL`, `DATABASE_URL`).
    Url(&'static str),
    /// An option of the command line.
    Flag(&'static str),
    /// The profile file.
    File(At),
    /// A file of the engine's own client: `~/.pgpass`, `pg_service.conf`, `my.cnf`.
    ClientFile(At),
    /// An environment variable of the engine's own client.
    Variable(String),
    /// Nobody asked for it.
    Default,
}

impl Origin {
    /// Whether the user stated it for this connection; what the engine's client would pick up
    /// by itself is not.
    pub fn is_explicit(&self) -> bool {
        matches!(self, Origin::Url(_) | Origin::Flag(_) | Origin::File(_))
    }

    /// The error for a value that came from here.
    pub fn error(&self, problem: Problem) -> Error {
        let error = problem.into_error(Kind::Config);
        match self {
            Origin::File(at) | Origin::ClientFile(at) => error.at(at.clone()),
            Origin::Default => error,
            Origin::Url(_) | Origin::Flag(_) | Origin::Variable(_) => {
                error.with_kind(Kind::Usage).context(format!("cannot use {self}"))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Url(word) => f.write_str(word),
            Origin::Flag(flag) => f.write_str(flag),
            Origin::File(at) | Origin::ClientFile(at) => write!(f, "{}:{}", at.source, at.line),
            Origin::Variable(name) => f.write_str(name),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A checked value and where it came from. Not `Debug`: some hold what should not be printed.
#[derive(Clone)]
pub struct Setting {
    pub value: String,
    pub origin: Origin,
}

/// A password and where it came from.
#[derive(Clone)]
pub struct Password {
    pub secret: SecretString,
    pub origin: Origin,
}

/// The settings for one engine.
#[derive(Clone)]
pub struct Settings {
    pub engine: EngineKind,
    values: BTreeMap<Key, Setting>,
    /// Parameters peculiar to the engine, by the name of their [`Parameter`](super::parameter).
    pub options: BTreeMap<&'static str, Setting>,
    pub password: Option<Password>,
    /// What the user should know although nothing is wrong.
    pub notes: Vec<String>,
}

impl Settings {
    pub fn new(engine: EngineKind) -> Self {
        Settings {
            engine,
            values: BTreeMap::new(),
            options: BTreeMap::new(),
            password: None,
            notes: Vec::new(),
        }
    }

    /// Checks a value and keeps it in place of an earlier one.
    pub fn set(&mut self, key: Key, text: &str, origin: &Origin) -> Result<(), Problem> {
        let value = value::check(key, text)?;
        self.values.insert(key, Setting { value, origin: origin.clone() });
        Ok(())
    }

    pub fn set_option(&mut self, name: &'static str, value: &str, origin: &Origin) {
        self.options.insert(name, Setting { value: value.to_owned(), origin: origin.clone() });
    }

    pub fn set_password(&mut self, password: &str, origin: &Origin) {
        self.password = Some(Password { secret: SecretString::from(password), origin: origin.clone() });
    }

    /// Gives a value to what has none yet.
    pub fn default(&mut self, key: Key, value: impl Into<String>) {
        self.values.entry(key).or_insert_with(|| Setting { value: value.into(), origin: Origin::Default });
    }

    pub fn get(&self, key: Key) -> Option<&Setting> {
        self.values.get(&key)
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut Setting> {
        self.values.get_mut(&key)
    }

    pub fn remove(&mut self, key: Key) -> Option<Setting> {
        self.values.remove(&key)
    }

    pub fn has(&self, key: Key) -> bool {
        self.values.contains_key(&key)
    }

    pub fn text(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(|setting| setting.value.as_str())
    }

    pub fn owned(&self, key: Key) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    pub fn path(&self, key: Key) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    pub fn is_true(&self, key: Key) -> bool {
        self.text(key) == Some("true")
    }

    /// A time-out; `0` means none.
    pub fn timeout(&self, key: Key) -> Option<Duration> {
        // Values were checked when they were set.
        self.text(key).and_then(|text| duration::parse(text).ok()).filter(|timeout| !timeout.is_zero())
    }

    /// All values in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Setting)> {
        self.values.iter().map(|(key, setting)| (*key, setting))
    }

    /// The address of the server is one thing: who states a part of it does not get the rest from
    /// a lower layer. MySQL's `localhost` is the exception, for it means "the socket".
    fn keeps_out(&self, key: Key) -> bool {
        let stated = [Key::Host, Key::HostAddr, Key::Socket].into_iter().any(|key| self.has(key));
        let wants_socket = matches!(self.engine, EngineKind::Mysql | EngineKind::Mariadb)
            && self.text(Key::Host) == Some("localhost");
        key.is_address() && stated && !(key == Key::Socket && wants_socket)
    }

    /// Takes from a lower layer what is not stated here.
    pub fn fill(&mut self, lower: Settings) {
        let taken: Vec<(Key, Setting)> =
            lower.values.into_iter().filter(|(key, _)| !self.keeps_out(*key)).collect();
        for (key, setting) in taken {
            self.values.entry(key).or_insert(setting);
        }
        for (name, setting) in lower.options {
            self.options.entry(name).or_insert(setting);
        }
        self.password = self.password.take().or(lower.password);
        self.notes.extend(lower.notes);
    }

    /// An error about the value of a key, at the place it came from.
    pub fn error(&self, key: Key, problem: Problem) -> Error {
        match self.get(key) {
            Some(setting) => setting.origin.error(problem),
            None => problem.into_error(Kind::Config),
        }
    }
}

/// A value as it may be shown.
pub fn shown(value: &str) -> String {
    mask(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Origin {
        Origin::Variable(name.to_owned())
    }

    #[test]
    fn lower_layers_fill_only_what_is_missing() {
        let mut upper = Settings::new(EngineKind::Postgres);
        upper.set(Key::Host, "db1", &Origin::Url("URL")).unwrap();
        let mut lower = Settings::new(EngineKind::Postgres);
        lower.set(Key::Host, "db2", &variable("PGHOST")).unwrap();
        lower.set(Key::HostAddr, "127.0.0.1", &variable("PGHOSTADDR")).unwrap();
        lower.set(Key::Port, "5433", &variable("PGPORT")).unwrap();
        upper.fill(lower);
        assert_eq!(upper.text(Key::Host), Some("db1"));
        assert_eq!(upper.text(Key::HostAddr), None);
        assert_eq!(upper.text(Key::Port), Some("5433"));
    }

    #[test]
    fn mysql_localhost_takes_a_lower_socket() {
        for (host, taken) in [("localhost", true), ("db1", false)] {
            let mut upper = Settings::new(EngineKind::Mysql);
            upper.set(Key::Host, host, &Origin::Url("URL")).unwrap();
            let mut lower = Settings::new(EngineKind::Mysql);
            lower.set(Key::Socket, "/run/my.sock", &variable("MYSQL_UNIX_PORT")).unwrap();
            upper.fill(lower);
            assert_eq!(upper.has(Key::Socket), taken, "{host}");
        }
    }
}
