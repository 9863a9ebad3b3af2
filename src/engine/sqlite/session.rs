//! A session on a SQLite database: statements, rows, time-outs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, InterruptHandle, Rows, ToSql};

use super::errors::{Circumstances, statement_failed};
use super::{catalog, facts};
use crate::engine::{Cancel, Claim, EachResult, Explore, NoticeHandler, Session, WaitHook, log_sql};
use crate::error::{Error, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::rows::{Column, ColumnKind, Cursor, Done, Param, Value};
use crate::model::server::{Facts, ServerInfo, Stage, TxState};
use crate::model::target::{EngineKind, Target};
use crate::sql::{self, StatementKind, dialect};

/// Virtual machine instructions between two looks at the clock: under a millisecond.
const STEPS_BETWEEN_CHECKS: i32 = 10_000;

/// An open SQLite database.
pub struct SqliteSession {
    pub(super) connection: Connection,
    info: ServerInfo,
    statement_timeout: Option<Duration>,
    watch: Arc<Watch>,
}

/// What SQLite's progress handler looks at while a statement runs.
#[derive(Default)]
struct Watch {
    deadline: Mutex<Option<Instant>>,
    passed: AtomicBool,
    on_wait: Mutex<Option<WaitHook>>,
}

impl Watch {
    /// Called every few thousand steps; true ends the statement.
    fn progress(&self) -> bool {
        let hook = self.on_wait.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(hook) = hook {
            hook();
        }
        self.has_passed()
    }

    fn set(&self, limit: Option<Duration>) {
        self.passed.store(false, Ordering::Relaxed);
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) =
            limit.map(|limit| Instant::now() + limit);
    }

    fn has_passed(&self) -> bool {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.passed.fetch_or(passed, Ordering::Relaxed) || passed
    }
}

impl SqliteSession {
    pub fn new(connection: Connection, path: &str, target: &Target) -> Result<Self> {
        let watch = Arc::new(Watch::default());
        let mut session = SqliteSession {
            info: ServerInfo {
                engine: EngineKind::Sqlite,
                version: rusqlite::version().to_owned(),
                version_num: u32::try_from(rusqlite::version_number()).unwrap_or_default(),
                version_text: format!("SQLite {} (linked into dbwright)", rusqlite::version()),
                database: path.to_owned(),
                user: String::new(),
                address: String::new(),
                session_id: None,
                tls: None,
                stages: Vec::<Stage>::new(),
            },
            connection,
            statement_timeout: target.statement_timeout,
            watch: watch.clone(),
        };
        let set = session.connection.progress_handler(STEPS_BETWEEN_CHECKS, Some(move || watch.progress()));
        set.map_err(|error| session.failed(error))?;
        Ok(session)
    }

    pub(super) fn failed(&self, error: rusqlite::Error) -> Error {
        let timed_out = self.watch.passed.load(Ordering::Relaxed);
        statement_failed(error, &Circumstances { path: &self.info.database, timed_out })
    }

    fn run(&self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done> {
        let mut statement = self.connection.prepare(sql).map_err(|error| self.failed(error))?;
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bound(param)).map_err(|error| self.failed(error))?;
        }
        let writes = !statement.readonly();
        let columns = columns(&statement);
        let has_rows = !columns.is_empty();
        let mut cursor = SqliteCursor { session: self, columns, rows: statement.raw_query() };
        if has_rows {
            each(&mut cursor)?;
        }
        // Also what changes data with RETURNING must run to its end.
        if !has_rows || writes {
            while cursor.advance()? {}
        }
        // Rows that the statement names itself, without those of its triggers; after any other
        // kind of statement it is the number of the last one that changed rows (sqlite3_changes).
        let counts = writes && sql::classify(sql, &sql::SQLITE) == StatementKind::Dml;
        Ok(Done { tag: String::new(), affected: counts.then(|| self.connection.changes()) })
    }
}

/// Column names, with the declared type where the value comes straight from a table.
fn columns(statement: &rusqlite::Statement<'_>) -> Vec<Column> {
    statement
        .columns()
        .map(|column| Column {
            name: column.name().to_owned(),
            type_name: column.decl_type().unwrap_or_default().to_owned(),
            kind: ColumnKind::Other,
        })
        .collect()
}

struct Bound<'a>(&'a Param);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Float(number) => ValueRef::Real(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A cell as a parameter; no number of ours has a sign too few.
fn borrowed(value: Value<'_>) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Int(number) => ValueRef::Integer(number),
        Value::UInt(number) => i64::try_from(number).map_or(ValueRef::Real(number as f64), ValueRef::Integer),
        Value::Float(number) => ValueRef::Real(number),
        Value::Text(text) => ValueRef::Text(text),
        Value::Blob(bytes) => ValueRef::Blob(bytes),
    }
}

struct SqliteCursor<'a> {
    session: &'a SqliteSession,
    columns: Vec<Column>,
    rows: Rows<'a>,
}

impl Cursor for SqliteCursor<'_> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn advance(&mut self) -> Result<bool> {
        match self.rows.next() {
            Ok(row) => Ok(row.is_some()),
            Err(error) => Err(self.session.failed(error)),
        }
    }

    fn cell(&self, index: usize) -> Value<'_> {
        let Some(row) = self.rows.get() else { return Value::Null };
        match row.get_ref_unwrap(index) {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Real(number) => Value::Float(number),
            ValueRef::Text(text) => Value::Text(text),
            ValueRef::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

impl Session for SqliteSession {
    fn server(&self) -> &ServerInfo {
        &self.info
    }

    fn query(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done> {
        log_sql(&dialect::SQLITE, sql);
        self.watch.set(self.statement_timeout);
        let done = self.run(sql, params, each);
        self.watch.set(None);
        done
    }

    fn execute_each(&mut self, sql: &str, rows: &mut dyn Cursor) -> Result<u64> {
        log_sql(&dialect::SQLITE, sql);
        let mut statement = self.connection.prepare(sql).map_err(|error| self.failed(error))?;
        let width = rows.columns().len();
        let mut count = 0;
        while rows.advance()? {
            for index in 0..width {
                let cell = ToSqlOutput::Borrowed(borrowed(rows.cell(index)));
                statement.raw_bind_parameter(index + 1, cell).map_err(|error| self.failed(error))?;
            }
            statement.raw_execute().map_err(|error| self.failed(error))?;
            count += 1;
        }
        Ok(count)
    }

    fn transaction(&self) -> TxState {
        match self.connection.is_autocommit() {
            true => TxState::Idle,
            false => TxState::Open,
        }
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(Interrupt(self.connection.get_interrupt_handle()))
    }

    /// SQLite has no notices.
    fn on_notice(&mut self, _handler: NoticeHandler) {}

    fn on_wait(&mut self, hook: WaitHook) {
        *self.watch.on_wait.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
    }

    fn is_alive(&self) -> bool {
        true
    }

    fn ping(&mut self) -> Result<()> {
        self.connection.query_row("select 1", [], |_| Ok(())).map_err(|error| self.failed(error))
    }

    fn reset(&mut self) -> Result<()> {
        match self.transaction() {
            TxState::Idle => Ok(()),
            _ => self.execute("rollback", &[]).map(|_| ()),
        }
    }

    fn explore(&mut self) -> &mut dyn Explore {
        self
    }

    fn catalog(&mut self, scope: Scope) -> Result<Catalog> {
        self.watch.set(self.statement_timeout);
        let catalog = catalog::read(&self.connection, &self.info.database, scope);
        let catalog = catalog.map_err(|error| self.failed(error));
        self.watch.set(None);
        catalog
    }

    fn trace(&mut self, _sql: &str) -> Result<String> {
        crate::engine::trace_of_all(self)
    }

    fn try_claim(&mut self, _what: &str) -> Result<Claim> {
        Ok(Claim::ByTransaction)
    }

    /// Differs between two moments when another connection has committed between them, and only then
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    fn others_commits(&mut self) -> Result<Option<i64>> {
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0));
        version.map(Some).map_err(|error| self.failed(error))
    }

    fn facts(&mut self) -> Result<Facts> {
        facts::facts(&self.connection).map_err(|error| self.failed(error))
    }
}

struct Interrupt(InterruptHandle);

impl Cancel for Interrupt {
    fn cancel(&self) -> Result<()> {
        self.0.interrupt();
        Ok(())
    }
}
