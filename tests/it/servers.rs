//! The engines and versions under test, and a database of its own for each test.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use dbwright::engine::{self, Session};
use dbwright::error::Result;
use dbwright::model::rows::{Cursor, Param, Value};
use dbwright::model::target::{EngineKind, Target};

use crate::process::Ran;
use crate::sandbox::Sandbox;

/// An engine in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Sqlite,
    Pg15,
    Pg18,
    Mariadb,
    Mysql,
}

/// Engines whose SQL is the same for the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Sqlite,
    Postgres,
    Mysql,
}

use Server::{Mariadb, Mysql, Pg15, Pg18, Sqlite};

impl Server {
    pub const ALL: [Server; 5] = [Sqlite, Pg15, Pg18, Mariadb, Mysql];

    pub fn family(self) -> Family {
        match self {
            Sqlite => Family::Sqlite,
            Pg15 | Pg18 => Family::Postgres,
            Mariadb | Mysql => Family::Mysql,
        }
    }

    pub fn kind(self) -> EngineKind {
        match self {
            Sqlite => EngineKind::Sqlite,
            Pg15 | Pg18 => EngineKind::Postgres,
            Mariadb => EngineKind::Mariadb,
            Mysql => EngineKind::Mysql,
        }
    }

    /// One of three, by family.
    pub fn pick<T>(self, sqlite: T, postgres: T, mysql: T) -> T {
        match self.family() {
            Family::Sqlite => sqlite,
            Family::Postgres => postgres,
            Family::Mysql => mysql,
        }
    }

    /// What `tests/run` tells of the server: `PORT`, `SOCKET`, `VERSION` ...
    pub fn told(self, what: &str) -> Option<String> {
        let key = match self {
            Sqlite => return None,
            Pg15 => "PG15",
            Pg18 => "PG18",
            Mariadb => "MARIADB",
            Mysql => "MYSQL",
        };
        std::env::var(format!("DBWRIGHT_TEST_{key}_{what}")).ok().filter(|value| !value.is_empty())
    }

    pub fn is_there(self) -> bool {
        self == Sqlite || self.told("URL").is_some()
    }

    pub fn port(self) -> String {
        self.told("PORT").unwrap()
    }
}

/// A value of the test bed that belongs to no server, such as `PASSWORD` or `TLS`.
pub fn bed(what: &str) -> Option<String> {
    std::env::var(format!("DBWRIGHT_TEST_{what}")).ok().filter(|value| !value.is_empty())
}

/// Whether all servers are there, so that nothing may be left out.
pub fn bed_is_full() -> bool {
    bed("BED").as_deref() == Some("full")
}

/// In CI, and wherever the whole test bed is there.
fn nothing_may_be_left_out() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true") || bed_is_full()
}

/// Says that a test did not run; an error where nothing may be left out.
#[track_caller]
pub fn leave_out(what: &str, why: &str) {
    assert!(!nothing_may_be_left_out(), "{what} must run, but is left out: {why}");
    // Not by `eprintln!`, which the test harness hides for tests that pass.
    let _ = writeln!(std::io::stderr(), "left out: {what}: {why}");
}

/// Runs `body` with a new database on `server`; where the server is not there, says so.
pub fn run(server: Server, name: &str, body: fn(&Bed)) {
    if !server.is_there() {
        // `servers_are_there` says so, once for all tests.
        assert!(!nothing_may_be_left_out(), "{name} must run on {server:?}, which is not there");
        return;
    }
    crate::poll::watched(&format!("{name} on {server:?}"), || body(&Bed::new(server, name)));
}

/// Makes a test of each body for each engine and version: `conformance::cancel::BODY::mysql`.
macro_rules! on_every_server {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn sqlite() { run(Server::Sqlite, stringify!($body), super::$body); }
            #[test]
            fn pg15() { run(Server::Pg15, stringify!($body), super::$body); }
            #[test]
            fn pg18() { run(Server::Pg18, stringify!($body), super::$body); }
            #[test]
            fn mariadb() { run(Server::Mariadb, stringify!($body), super::$body); }
            #[test]
            fn mysql() { run(Server::Mysql, stringify!($body), super::$body); }
        }
    )* };
}

/// The same for what only an engine with a server has.
macro_rules! on_every_network_server {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn pg15() { run(Server::Pg15, stringify!($body), super::$body); }
            #[test]
            fn pg18() { run(Server::Pg18, stringify!($body), super::$body); }
            #[test]
            fn mariadb() { run(Server::Mariadb, stringify!($body), super::$body); }
            #[test]
            fn mysql() { run(Server::Mysql, stringify!($body), super::$body); }
        }
    )* };
}

pub(crate) use {on_every_network_server, on_every_server};

/// A database of its own, dropped at the end, and a sandbox to run the program in.
pub struct Bed {
    pub server: Server,
    pub sandbox: Sandbox,
    /// The database's name; for SQLite its path.
    pub database: String,
}

impl Bed {
    pub fn new(server: Server, test: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let sandbox = Sandbox::new();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let short: String = test.chars().take(40).collect();
        let database = match server {
            Sqlite => sandbox.write("test.db", "").display().to_string(),
            _ => format!("t_{short}_{}_{number}", std::process::id()),
        };
        let bed = Bed { server, sandbox, database };
        bed.administer(&format!("create database {}", bed.database)).unwrap();
        bed
    }

    /// Runs a statement outside of the test's database.
    fn administer(&self, sql: &str) -> Result<()> {
        if self.server != Sqlite {
            engine::open(&self.sandbox.target(&self.url_of("app", "")))?.execute(sql, &[])?;
        }
        Ok(())
    }

    /// A profile `live` of the database, protected, with what is added; its password is in PW.
    pub fn protect(&self, options: &str, more: &str) {
        let url = format!("{}{options}", self.url());
        let (bare, password) = match url.split_once("://").and_then(|(_, rest)| rest.split_once('@')) {
            Some((account, _)) => {
                let coded = account.split_once(':').unwrap().1;
                (url.replacen(&format!(":{coded}@"), "@", 1), "password_env = \"PW\"\n")
            }
            None => (url.clone(), ""),
        };
        let text = format!("[profile.live]\nurl = {bare:?}\n{password}protected = true\n{more}");
        self.sandbox.write("dbwright.toml", text);
    }

    /// The URL of the test's database.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with parameters: `a=b&c=d`.
    pub fn url_with(&self, parameters: &str) -> String {
        self.url_of(&self.database, parameters)
    }

    fn url_of(&self, database: &str, parameters: &str) -> String {
        let base = match self.server.told("URL") {
            Some(url) => url[..url.rfind('/').unwrap() + 1].to_owned() + database,
            None => format!("sqlite:{database}"),
        };
        if parameters.is_empty() { base } else { format!("{base}?{parameters}") }
    }

    /// A URL for another account; `user` may hold a password: `reader:reader`.
    pub fn url_as(&self, user: &str, parameters: &str) -> String {
        let url = self.url_with(parameters);
        let (scheme, rest) = url.split_once("://").unwrap();
        format!("{scheme}://{user}@{}", rest.rsplit_once('@').unwrap().1)
    }

    pub fn target(&self) -> Target {
        self.target_with("")
    }

    pub fn target_with(&self, parameters: &str) -> Target {
        self.sandbox.target(&self.url_with(parameters))
    }

    /// A session on the test's database.
    #[track_caller]
    pub fn open(&self) -> Box<dyn Session> {
        self.open_with("")
    }

    #[track_caller]
    pub fn open_with(&self, parameters: &str) -> Box<dyn Session> {
        engine::open(&self.target_with(parameters)).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// Runs `dbwright connect` on the test's database.
    #[track_caller]
    pub fn connect(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.connect_command(arguments))
    }

    pub fn connect_command(&self, arguments: &[&str]) -> std::process::Command {
        let url = self.url();
        let start = ["connect", url.as_str()];
        self.sandbox.command(start.iter().chain(arguments))
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let force = self.server.pick("", " with (force)", "");
        if let Err(error) = self.administer(&format!("drop database {}{force}", self.database)) {
            eprintln!("cannot drop {}: {error}", self.database);
        }
    }
}

/// All rows of all results as text; None is NULL.
pub fn rows(session: &mut dyn Session, sql: &str) -> Vec<Vec<Option<String>>> {
    try_rows(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
}

pub fn try_rows(session: &mut dyn Session, sql: &str, params: &[Param]) -> Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    session.query(sql, params, &mut |cursor: &mut dyn Cursor| {
        while cursor.advance()? {
            rows.push((0..cursor.columns().len()).map(|index| text(cursor.cell(index))).collect());
        }
        Ok(())
    })?;
    Ok(rows)
}

/// The first cell of the first row; empty when there is none.
pub fn one(session: &mut dyn Session, sql: &str) -> String {
    let first = rows(session, sql).into_iter().next().and_then(|row| row.into_iter().next());
    first.flatten().unwrap_or_default()
}

fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(format!("{number:?}")),
        Value::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

mod tests {
    /// In CI all servers must be there; elsewhere one line says what does not run.
    #[test]
    fn servers_are_there() {
        let missing: Vec<String> = super::Server::ALL
            .iter()
            .filter(|server| !server.is_there())
            .map(|server| format!("{server:?}"))
            .collect();
        if !missing.is_empty() {
            super::leave_out(&format!("all tests on {}", missing.join(", ")), "tests/run starts the servers");
        }
    }
}
