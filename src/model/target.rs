//! Where and how to connect: what configuration resolves to and what an engine opens.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use secrecy::{ExposeSecret, SecretString};

/// The database engines dbwright speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngineKind {
    Sqlite,
    Postgres,
    Mysql,
    Mariadb,
}

impl EngineKind {
    pub const ALL: [EngineKind; 4] =
        [EngineKind::Sqlite, EngineKind::Postgres, EngineKind::Mysql, EngineKind::Mariadb];

    /// The word used in configuration and JSON.
    pub fn word(self) -> &'static str {
        match self {
            EngineKind::Sqlite => "sqlite",
            EngineKind::Postgres => "postgres",
            EngineKind::Mysql => "mysql",
            EngineKind::Mariadb => "mariadb",
        }
    }

    /// The name as its makers write it.
    pub fn title(self) -> &'static str {
        match self {
            EngineKind::Sqlite => "SQLite",
            EngineKind::Postgres => "PostgreSQL",
            EngineKind::Mysql => "MySQL",
            EngineKind::Mariadb => "MariaDB",
        }
    }

    /// The URL schemes and configuration words that name this engine.
    pub fn schemes(self) -> &'static [&'static str] {
        match self {
            EngineKind::Sqlite => &["sqlite", "sqlite3", "file"],
            EngineKind::Postgres => &["postgres", "postgresql", "pg"],
            EngineKind::Mysql => &["mysql"],
            EngineKind::Mariadb => &["mariadb"],
        }
    }

    pub fn from_scheme(scheme: &str) -> Option<Self> {
        let scheme = scheme.to_ascii_lowercase();
        Self::ALL.into_iter().find(|engine| engine.schemes().contains(&scheme.as_str()))
    }

    /// The engine that understands the same SQL, for the most part.
    pub fn kin(self) -> Option<EngineKind> {
        match self {
            EngineKind::Mysql => Some(EngineKind::Mariadb),
            EngineKind::Mariadb => Some(EngineKind::Mysql),
            EngineKind::Sqlite | EngineKind::Postgres => None,
        }
    }

    /// The port its servers listen on; None for an engine without a server.
    pub fn default_port(self) -> Option<u16> {
        match self {
            EngineKind::Sqlite => None,
            EngineKind::Postgres => Some(5432),
            EngineKind::Mysql | EngineKind::Mariadb => Some(3306),
        }
    }
}

/// A database to connect to, with everything resolved.
#[derive(Debug, Clone)]
pub struct Target {
    /// The profile's name, when it came from one.
    pub profile: Option<String>,
    pub engine: EngineKind,
    /// Tried in order; empty for SQLite and when only a socket is given.
    pub hosts: Vec<Host>,
    /// A Unix socket: the socket's file, for PostgreSQL `FOLDER/.s.PGSQL.PORT`.
    pub socket: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<SecretString>,
    /// Database name; for SQLite the path, `:memory:` or a `file:` URI.
    pub database: Option<String>,
    pub tls: Tls,
    pub application_name: Option<String>,
    pub connect_timeout: Duration,
    pub statement_timeout: Option<Duration>,
    pub lock_timeout: Option<Duration>,
    pub pool_size: usize,
    /// Changes must name the profile (`--yes-on`).
    pub protected: bool,
    /// Open so that nothing can be written.
    pub read_only: bool,
    /// Parameters peculiar to the engine, known to be valid names for it
    /// (`target_session_attrs`, `options`, `channel_binding`, `mode`, `charset` ...).
    pub options: BTreeMap<String, String>,
}

/// The time-out for connecting when none is given.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections of a pool when none is given.
pub const DEFAULT_POOL_SIZE: usize = 8;

impl Target {
    /// A target with nothing but its engine.
    pub fn new(engine: EngineKind) -> Self {
        Target {
            profile: None,
            engine,
            hosts: Vec::new(),
            socket: None,
            user: None,
            password: None,
            database: None,
            tls: Tls::default(),
            application_name: None,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            statement_timeout: None,
            lock_timeout: None,
            pool_size: DEFAULT_POOL_SIZE,
            protected: false,
            read_only: false,
            options: BTreeMap::new(),
        }
    }

    /// How a person calls this target: the profile's name, or the address without secrets.
    pub fn label(&self) -> String {
        if let Some(profile) = &self.profile {
            return profile.clone();
        }
        let database = self.database.as_deref().unwrap_or("");
        if self.engine.default_port().is_none() {
            return database.to_owned();
        }
        let place = match (&self.socket, self.hosts.first()) {
            (Some(socket), _) => socket.display().to_string(),
            (None, Some(host)) => host.to_string(),
            (None, None) => "localhost".to_owned(),
        };
        format!("{}://{place}/{database}", self.engine.word())
    }
}

/// A host and port to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name as given; certificates are compared with it.
    pub name: String,
    /// Dialled instead of looking the name up (libpq's `hostaddr`).
    pub address: Option<IpAddr>,
    pub port: u16,
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name.contains(':') {
            true => write!(f, "[{}]:{}", self.name, self.port),
            false => write!(f, "{}:{}", self.name, self.port),
        }
    }
}

/// Transport encryption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    pub mode: TlsMode,
    /// Trusted authorities (PEM); the system's when None.
    pub ca: Option<PathBuf>,
    /// The client's certificate (PEM) and key.
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// libpq's sslmode, meant the same on every engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TlsMode {
    Disable,
    /// Encrypt if the server can; the certificate is not checked.
    #[default]
    Prefer,
    /// Encrypt or fail; the certificate is checked only when a `ca` is given.
    Require,
    /// The certificate must be signed by a trusted authority.
    VerifyCa,
    /// And be for this host name.
    VerifyFull,
}

impl TlsMode {
    pub const ALL: [(TlsMode, &'static str); 5] = [
        (TlsMode::Disable, "disable"),
        (TlsMode::Prefer, "prefer"),
        (TlsMode::Require, "require"),
        (TlsMode::VerifyCa, "verify-ca"),
        (TlsMode::VerifyFull, "verify-full"),
    ];

    pub fn word(self) -> &'static str {
        // Every variant stands in ALL, so the fallback is never reached.
        Self::ALL.iter().find(|(mode, _)| *mode == self).map_or("prefer", |(_, word)| word)
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(mode, _)| *mode)
    }
}
