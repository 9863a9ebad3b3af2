//! What is known of a connection and its server.

use std::time::Duration;

use super::target::EngineKind;

/// The server at the other end, as it introduced itself.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    /// The engine that really answered: `mysql://` may lead to MariaDB.
    pub engine: EngineKind,
    /// Short: `15.18`, `10.11.14`, `3.54.1`.
    pub version: String,
    /// Comparable: 150018, 101114, 90700, 3054001 (major * 10000 + ... as the engine counts).
    pub version_num: u32,
    /// The server's own full words, such as `PostgreSQL 15.18 (Debian ...) on x86_64 ...`.
    pub version_text: String,
    /// Database, or the path of a SQLite file; empty when none is selected.
    pub database: String,
    pub user: String,
    /// `host:port`, a socket's path, or empty for a file.
    pub address: String,
    /// The server's number for this session.
    pub session_id: Option<u64>,
    pub tls: Option<TlsInfo>,
    /// The time each stage of connecting took, in order.
    pub stages: Vec<Stage>,
}

/// An encrypted connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLSv1.3`.
    pub version: String,
    pub cipher: String,
    pub verified: Verified,
}

/// How far the server's certificate was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    No,
    /// Signed by a trusted authority; the host name was not compared.
    Ca,
    /// Signed by a trusted authority, for this host name.
    Full,
}

/// A part of connecting and the time it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `lookup`, `connect`, `tls`, `auth`, `first query`.
    pub name: &'static str,
    pub took: Duration,
}

/// The state of the session's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxState {
    Idle,
    Open,
    /// A statement failed and the engine accepts only a rollback.
    Failed,
}

/// What `connect --check` asks of a server once the session stands.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The server's clock minus ours, in seconds; None where there is no other clock.
    pub clock_skew: Option<f64>,
    /// Whether writes are refused, and why (`standby`, `super_read_only`, `read-only file`).
    pub read_only: Option<String>,
    /// `primary`, `replica of ...`, or None where the word has no meaning.
    pub role: Option<String>,
    /// What other subcommands need and whether this user has it.
    pub permissions: Vec<Permission>,
}

/// A right that a subcommand needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The subcommand: `monitor`, `backup`, ...
    pub needed_by: &'static str,
    /// `pg_monitor`, `RELOAD`, ...
    pub name: String,
    pub granted: bool,
    /// The statement that would grant it.
    pub grant: Option<String>,
}

/// What somebody waits for.
#[derive(Debug, Clone, Copy)]
pub enum Waiting<'a> {
    /// What another session has claimed, by its name.
    Claim(&'a str),
    /// Whatever the session with this number waits for now.
    Session(u64),
    /// The file of the database.
    File,
}

/// A session that others wait for, as far as the server tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// `pid 4711`, `connection 12`.
    pub id: String,
    pub user: String,
    /// Where it comes from: a host, and perhaps a program.
    pub from: String,
    /// `idle in transaction`, `Query`.
    pub state: String,
    /// How long its transaction, or its state, has lasted.
    pub age: Option<Duration>,
    /// What it runs or ran last, without the values in it.
    pub query: String,
    /// The server does not tell who holds the lock; this one may.
    pub is_guess: bool,
}

impl Holder {
    /// Reads what every server is asked for in this order: number, user, origin, state, seconds,
    /// statement.
    pub fn read(kind: &str, row: Vec<Option<String>>, without_values: impl Fn(&str) -> String) -> Holder {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || cells.next().unwrap_or_default();
        let (id, user, from, state, age, query) = (next(), next(), next(), next(), next(), next());
        Holder {
            id: format!("{kind} {id}"),
            user,
            from,
            state,
            age: age.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            query: without_values(&query).split_whitespace().collect::<Vec<_>>().join(" "),
            is_guess: false,
        }
    }
}
