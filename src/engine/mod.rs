//! The engines: what each must be able to do, and what they share.
//!
//! A [`Session`] is small and mandatory. What is peculiar to an engine lives in its folder only, which
//! is a crate of its own; this one knows the engines by what was [installed](install).

pub mod backup;
pub mod copy;
pub mod masking;
pub mod net;
pub mod pace;
pub mod pool;
pub mod retry;
pub mod tls;
pub mod type_map;
pub mod wire;

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use self::type_map::TypeMap;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Detail, Scope};
use crate::model::ddl::{DdlOptions, Piece};
use crate::model::diff::Change;
use crate::model::listing::{Listed, Listing, Names};
use crate::model::plan::{Behind, ChangeOptions, Plan, Rename, Renamed};
use crate::model::rows::{BlobStyle, Cursor, Done, Notice, Param};
use crate::model::server::{Facts, Holder, ServerInfo, TxState, Waiting};
use crate::model::target::{EngineKind, Target};
use crate::sql::Dialect;

/// A kind of database that sessions can be opened to.
pub trait Engine: Sync {
    /// Whether this engine opens targets of `kind`.
    fn serves(&self, kind: EngineKind) -> bool;

    /// The rules of its SQL text.
    fn dialect(&self, kind: EngineKind) -> &'static Dialect;

    /// What its types mean in portable words, and what it can hold.
    fn type_map(&self, kind: EngineKind) -> &'static dyn TypeMap;

    /// A version, part by part, as [`ServerInfo::version_num`](crate::model::server::ServerInfo)
    /// counts.
    fn version_number(&self, parts: [u32; 3]) -> u32 {
        parts[0] * 10_000 + parts[1] * 100 + parts[2]
    }

    /// How its own client writes raw bytes.
    fn blob_style(&self) -> BlobStyle;

    /// Whether a change of schema is part of the transaction it is made in, and not committed at
    /// once.
    fn transactional_ddl(&self) -> bool;

    /// The statement that begins a transaction in which the schema is changed; where the engine
    /// can, it holds others off from the start.
    fn begin_change(&self) -> &'static str {
        "BEGIN"
    }

    /// What a change needs that makes tables anew, where the engine would delete the rows that refer
    /// to a dropped table.
    fn loose_references(&self) -> Option<&'static LooseReferences> {
        None
    }

    /// The statement that makes an empty database on a server, with the character set and collation
    /// that the attributes of another database's catalog tell; None where a database is made by
    /// opening it.
    fn create_database(&self, name: &str, like: &[Attribute]) -> Option<String>;

    /// How backups of its databases are made and loaded; None where they cannot be yet.
    fn backup(&self) -> Option<&'static dyn backup::Backup> {
        None
    }

    /// How rows leave its databases for others, and come into them.
    fn copying(&self) -> &'static dyn copy::Copying;

    /// How this engine's databases are built by statements.
    fn ddl(&self) -> &'static dyn Ddl;

    /// Connects and authenticates.
    ///
    /// # Errors
    /// `Connect`, `Auth`, `PasswordNeeded` (ask for one and try again), `Unsupported`, `Config`.
    fn open(&self, target: &Target) -> Result<Box<dyn Session>>;

    /// Who has what is waited for; empty when nobody is known to. Asks in a short session of its own
    /// where there is a server.
    fn holders(&self, target: &Target, waiting: Waiting<'_>) -> Result<Vec<Holder>>;

    /// What a person could look at after [`open`](Self::open) was refused: the pg_hba.conf line,
    /// the account row, as far as it can be told from outside.
    fn explain_refusal(&self, target: &Target, error: &crate::error::Error) -> Vec<String>;
}

/// What is called for each result of a statement.
pub type EachResult<'a> = &'a mut dyn FnMut(&mut dyn Cursor) -> Result<()>;

/// What is called for each notice, as it arrives.
pub type NoticeHandler = Box<dyn FnMut(&Notice) + Send>;

/// What is called once when a statement takes a while.
pub type WaitHook = Box<dyn FnOnce() + Send>;

/// An open connection.
pub trait Session: Send {
    fn server(&self) -> &ServerInfo;

    /// Runs one statement. `each` sees every result that has columns, in order, and may stop
    /// reading at any row; the rest is then discarded (on the server where that is costly). An
    /// error of `each` ends the statement and is returned; the session stays usable.
    ///
    /// Without parameters the text goes to the server as it is.
    fn query(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done>;

    /// Runs one statement and throws its rows away.
    fn execute(&mut self, sql: &str, params: &[Param]) -> Result<Done> {
        self.query(sql, params, &mut |cursor| {
            while cursor.advance()? {}
            Ok(())
        })
    }

    /// Runs statements one after the other, up to the first that fails, in as few round trips as
    /// the protocol allows.
    fn execute_all(&mut self, statements: &[&str]) -> Result<(), Stopped> {
        for (at, sql) in statements.iter().enumerate() {
            self.execute(sql, &[]).map_err(|error| Stopped { at, error })?;
        }
        Ok(())
    }

    fn transaction(&self) -> TxState;

    /// What stops the running statement from another thread.
    fn canceller(&self) -> Box<dyn Cancel>;

    /// Who hears, once, that a statement takes long enough for somebody to want to cancel it:
    /// listening for that has a price that the shortest statements need not pay. A network
    /// engine waits for its server from the first statement on.
    fn on_wait(&mut self, hook: WaitHook) {
        hook();
    }

    /// Who hears of notices and warnings; until set they are dropped.
    fn on_notice(&mut self, handler: NoticeHandler);

    /// Whether the session can still be used, as far as can be told without a round trip.
    fn is_alive(&self) -> bool;

    /// The cheapest round trip that proves the session alive.
    fn ping(&mut self) -> Result<()>;

    /// Makes the session as good as new for another user of a pool: no open transaction, no
    /// temporary state.
    fn reset(&mut self) -> Result<()>;

    /// Catalog listings for people.
    fn explore(&mut self) -> &mut dyn Explore;

    /// Reads the whole catalog of the database, as one moment where the engine can, in a number
    /// of queries that does not grow with the number of objects. What may not be read is named in
    /// [`Catalog::unread`]. The transaction state stays as it was.
    fn catalog(&mut self, scope: Scope) -> Result<Catalog>;

    /// A sum of what a statement is about to change, so that it can be told later, when its answer
    /// was lost, whether it took effect. An engine that knows what the statement names looks at that
    /// alone; any other sums up the whole catalog.
    fn trace(&mut self, sql: &str) -> Result<String>;

    /// Tries to keep other sessions that ask for the same out of `what` on this database, until this
    /// session ends. Does not wait: a server counts whoever waits in a statement among those that
    /// may still look at old rows, and an index that is built concurrently would wait for it.
    fn try_claim(&mut self, what: &str) -> Result<Claim>;

    /// A number that is another one as soon as another session has committed a change; None where
    /// the engine has none that is cheaper than a look at what may have changed.
    fn others_commits(&mut self) -> Result<Option<i64>> {
        Ok(None)
    }

    /// Server clock, role, read-only state and rights.
    fn facts(&mut self) -> Result<Facts>;

    /// Runs a statement once for each row, whose cells are its parameters, where the engine does
    /// that without a round trip for each; tells how many rows it took.
    fn execute_each(&mut self, sql: &str, rows: &mut dyn Cursor) -> Result<u64> {
        let _ = (sql, rows);
        let title = self.server().engine.title();
        Err(Error::new(Kind::Unsupported, format!("{title} has a faster way for many rows")))
    }

    /// Bulk data in the engine's own text format, where it has one on the wire.
    fn bulk(&mut self) -> Option<&mut dyn Bulk> {
        None
    }
}

/// Statements that were run one after the other, and where that ended.
#[derive(Debug)]
pub struct Stopped {
    /// The statement that failed, from 0.
    pub at: usize,
    pub error: Error,
}

/// How references between tables are let alone while a change is made.
#[derive(Debug)]
pub struct LooseReferences {
    /// A query that gives 1 when the engine watches over them.
    pub watched: &'static str,
    /// Before the transaction, and after it.
    pub loosen: &'static str,
    pub fasten: &'static str,
    /// A query of the rows whose reference leads nowhere: table, row, parent, number of the key.
    pub broken: &'static str,
}

/// The sum of all that a database's catalog holds, but for indexes that were never finished.
pub fn trace_of_all(session: &mut dyn Session) -> Result<String> {
    let mut catalog = session.catalog(Scope { privileges: true, ..Scope::default() })?;
    for object in &mut catalog.objects {
        match &mut object.detail {
            Detail::Table(table) => table.indexes.retain(|index| index.usable),
            Detail::View(view) => view.indexes.retain(|index| index.usable),
            _ => {}
        }
    }
    let text = serde_json::to_string(&catalog.objects)
        .map_err(|error| Error::new(Kind::Data, "the catalog cannot be summed up").because(error))?;
    Ok(sum(&text))
}

/// The sum of a text, in hexadecimal digits.
pub fn sum(text: &str) -> String {
    let sum = Sha256::digest(text.as_bytes());
    sum.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// What became of the wish to be alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    Taken,
    /// Another session has it.
    Busy,
    /// The engine has no such thing; a transaction that writes keeps the others out.
    ByTransaction,
}

/// Stops a running statement on the server.
pub trait Cancel: Send + Sync {
    fn cancel(&self) -> Result<()>;
}

/// The catalog as lists and descriptions.
pub trait Explore {
    /// `pattern` is psql's: `*` and `?`, `schema.name`, case folded unless quoted.
    fn list(&mut self, what: Listed, pattern: Option<&str>) -> Result<Listing>;

    /// Everything about the relations that match; empty when none does.
    fn describe(&mut self, pattern: &str) -> Result<Vec<Listing>>;

    /// Names for completion.
    fn names(&mut self) -> Result<Names>;
}

/// Catalogs as statements. No server is needed for it.
pub trait Ddl: Sync {
    /// What makes everything in `catalog`, which has this engine's types and expressions, in an
    /// empty database, in an order that can be run in one go. An object with a definition of its
    /// own is made by it; any other is put together from its parts.
    fn create(&self, catalog: &Catalog, options: DdlOptions) -> Vec<Piece>;

    /// What turns a database with the catalog `from` into one with the catalog `to`, both read
    /// from this engine; `changes` is their difference. Run in order, the steps leave nothing that
    /// differs but what the plan says is left.
    fn change(&self, from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
        let _ = (from, to, changes, options);
        Plan::default()
    }

    /// What gives a table or a column another name, and the catalog as it is then.
    fn rename(&self, from: &Catalog, rename: &Rename) -> Renamed {
        let _ = rename;
        Renamed { steps: Vec::new(), catalog: from.clone() }
    }

    /// The catalog `to` in the words of `from`, where the engine takes both for the same: what is
    /// written in another way is no difference.
    fn spelled(&self, from: &Catalog, to: Catalog) -> Catalog {
        let _ = from;
        to
    }

    /// What still says the old name then, and does not work unless it is made anew.
    fn left_behind(&self, from: &Catalog, rename: &Rename) -> Vec<Behind> {
        let _ = (from, rename);
        Vec::new()
    }
}

/// Streams of rows as bytes.
pub trait Bulk {
    /// Sends `input` to the server as the data of a `COPY ... FROM STDIN` statement.
    fn copy_in(&mut self, sql: &str, input: &mut dyn std::io::BufRead) -> Result<Done>;

    /// Writes the data of a `COPY ... TO STDOUT` statement.
    fn copy_out(&mut self, sql: &str, output: &mut dyn std::io::Write) -> Result<Done>;
}

/// Logs a statement that is about to be sent, without the values in it.
pub fn log_sql(dialect: &Dialect, sql: &str) {
    if log::log_enabled!(target: "sql", log::Level::Debug) {
        log::debug!(target: "sql", "{}", crate::sql::without_values(sql, dialect));
    }
}

/// The engines there are. A program that has none answers no question about databases.
static ENGINES: OnceLock<&'static [&'static dyn Engine]> = OnceLock::new();

/// Makes these the engines of this process; a second call changes nothing.
pub fn install(engines: &'static [&'static dyn Engine]) {
    let _ = ENGINES.set(engines);
}

/// The engine that opens targets of `kind`.
pub fn engine_for(kind: EngineKind) -> &'static dyn Engine {
    let engines = ENGINES.get().copied().unwrap_or_default();
    // `main` installs them before anything else, and a test proves that every kind is served.
    *engines.iter().find(|engine| engine.serves(kind)).expect("every engine kind is installed")
}

/// Opens a session.
pub fn open(target: &Target) -> Result<Box<dyn Session>> {
    engine_for(target.engine).open(target)
}
