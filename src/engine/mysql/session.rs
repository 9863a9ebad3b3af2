//! A session: commands and their results ("Command Phase" in the internals manual).

mod pipeline;

use std::rc::Rc;

use mysql_common::constants::StatusFlags;

use super::binary_rows::Binary;
use super::cancel::{Canceller, Watchdog};
use super::columns::{self, Spec};
use super::errors::{self, Refusal};
use super::packet::{Reader, garbled};
use super::reply::{LOCAL_FILE, OK, Reply};
use super::rows::{Ended, Format, Rows};
use super::setup::Setup;
use super::startup::{self, Connection};
use super::text_rows::Text;
use super::{prepared, setup};
use crate::engine::{Cancel, Claim, EachResult, Explore, NoticeHandler, Session, Stopped, log_sql};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::rows::{Column, Cursor, Done, Notice, Param, Value};
use crate::model::server::{Facts, ServerInfo, TxState};
use crate::model::target::{EngineKind, Target};
use crate::sql::{Lexer, MYSQL, dialect};

/// Command codes.
const INIT_DB: u8 = 0x02;
const QUERY: u8 = 0x03;
const PING: u8 = 0x0E;
const STMT_PREPARE: u8 = 0x16;
const STMT_EXECUTE: u8 = 0x17;
const STMT_CLOSE: u8 = 0x19;
const SET_OPTION: u8 = 0x1B;
const RESET_CONNECTION: u8 = 0x1F;

/// The argument of `SET_OPTION` that lets a message hold several statements.
const SEVERAL_STATEMENTS: [u8; 2] = [0, 0];

/// Statements of this size may be more than a server takes: MariaDB's default is 16 MiB.
const LARGE: usize = 16_000_000;

/// An open session.
pub struct MysqlSession {
    connection: Connection,
    canceller: Canceller,
    watchdog: Option<Watchdog>,
    setup: Setup,
    status: StatusFlags,
    notices: Option<NoticeHandler>,
    home: String,
    /// Whether a message may hold several statements, and how many of the last one are done.
    several: bool,
    completed: usize,
}

/// The text of a row's cells; None for NULL.
pub type Cells = Vec<Option<String>>;

/// A row whose cells are known by the lower-case names of their columns.
pub struct NamedRow {
    names: Rc<[String]>,
    cells: Cells,
}

impl NamedRow {
    /// The text of a cell; empty for NULL and for what this version of the server has not.
    pub fn text(&self, name: &str) -> &str {
        let index = self.names.iter().position(|found| found == name);
        index.and_then(|index| self.cells.get(index)?.as_deref()).unwrap_or("")
    }
}

/// How a statement went.
#[derive(Default)]
struct Outcome {
    done: Done,
    warnings: u16,
}

impl MysqlSession {
    pub fn open(target: &Target) -> Result<Self> {
        let connection = startup::connect(target)?;
        let engine = connection.info.engine;
        let setup = Setup::new(target, engine, connection.ok.status);
        let thread = connection.info.session_id.unwrap_or(0);
        let canceller = Canceller::new(target, &connection.place, thread);
        // MariaDB watches over every statement itself.
        let watchdog = match (engine, target.statement_timeout) {
            (EngineKind::Mysql, Some(limit)) => Some(Watchdog::new(canceller.clone(), limit)),
            _ => None,
        };
        let status = connection.ok.status;
        let home = connection.info.database.clone();
        let mut session = MysqlSession {
            connection,
            canceller,
            watchdog,
            setup,
            status,
            notices: None,
            home,
            several: false,
            completed: 0,
        };
        if let Some(sql) = session.setup.at_start() {
            session.simple(QUERY, sql.as_bytes()).map_err(setup::refused)?;
        }
        Ok(session)
    }

    pub fn engine(&self) -> EngineKind {
        self.connection.info.engine
    }

    /// Comparable, as in [`ServerInfo::version_num`].
    pub fn version(&self) -> u32 {
        self.connection.info.version_num
    }

    pub fn user(&self) -> &str {
        &self.connection.info.user
    }

    /// The database that is selected; empty when none is.
    pub fn selected_database(&self) -> &str {
        &self.connection.info.database
    }

    /// Runs a statement and keeps its rows, for the small answers that we ask for ourselves;
    /// their warnings are no news to anybody.
    pub fn collect(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Cells>> {
        Ok(self.collect_with_names(sql, params)?.1)
    }

    /// The same with the names of the columns, where those vary by version.
    pub fn collect_named(&mut self, sql: &str, params: &[Param]) -> Result<Vec<NamedRow>> {
        let (names, rows) = self.collect_with_names(sql, params)?;
        let names: Rc<[String]> = names.into();
        Ok(rows.into_iter().map(|cells| NamedRow { names: names.clone(), cells }).collect())
    }

    fn collect_with_names(&mut self, sql: &str, params: &[Param]) -> Result<(Vec<String>, Vec<Cells>)> {
        let (mut names, mut rows) = (Vec::new(), Vec::new());
        let handler = self.notices.take();
        let result = self.query(sql, params, &mut |cursor| {
            names = cursor.columns().iter().map(|column| column.name.to_ascii_lowercase()).collect();
            let width = cursor.columns().len();
            while cursor.advance()? {
                rows.push((0..width).map(|index| cell_text(cursor.cell(index))).collect());
            }
            Ok(())
        });
        self.notices = handler;
        result.map(|_| (names, rows))
    }

    /// The single cell of an answer, if there is one.
    pub fn single(&mut self, sql: &str) -> Result<Option<String>> {
        let rows = self.collect(sql, &[])?;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
    }

    fn usable(&self) -> Result<()> {
        match self.connection.packets.is_broken() {
            true => Err(Error::new(Kind::Lost, "the connection to the server is gone").hint("connect again")),
            false => Ok(()),
        }
    }

    fn command(&mut self, command: u8, parts: &[&[u8]]) -> Result<()> {
        self.usable()?;
        let packets = &mut self.connection.packets;
        packets.command(command, parts).map_err(|error| {
            // The server may have said why before it closed the connection.
            if let Ok(refusal) = packets.read().and_then(Refusal::read) {
                return refusal.of_statement(None);
            }
            match parts.iter().map(|part| part.len()).sum::<usize>() {
                size @ LARGE.. => error.hint(format!(
                    "the statement has {} MB: is that more than the server's max_allowed_packet?",
                    size / 1_000_000
                )),
                _ => error,
            }
        })
    }

    /// Takes note of what an answer says about the session.
    fn note(&mut self, reply: &Reply) {
        self.status = reply.status;
        if let Some(database) = &reply.database {
            self.connection.info.database.clone_from(database);
        }
    }

    /// A command that is answered by OK or an error.
    fn simple(&mut self, command: u8, argument: &[u8]) -> Result<()> {
        self.command(command, &[argument])?;
        let payload = self.connection.packets.read()?;
        match payload.first() {
            Some(&errors::ERR) => Err(Refusal::read(payload)?.of_statement(None)),
            _ => {
                let reply = Reply::read(payload, self.connection.agreed)?;
                self.note(&reply);
                Ok(())
            }
        }
    }

    fn run(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Outcome> {
        log_sql(&dialect::MYSQL, sql);
        if params.is_empty() {
            self.command(QUERY, &[sql.as_bytes()])?;
            return self.results::<Text>(sql, each);
        }
        let statement = self.prepare(sql)?;
        let result = match statement.params == params.len() {
            true => {
                let execute = prepared::execution(statement.id, params);
                self.command(STMT_EXECUTE, &[&execute]).and_then(|()| self.results::<Binary>(sql, each))
            }
            false => Err(Error::usage(format!(
                "the statement takes {}, but {} given",
                setup::counted(statement.params as u64, "value"),
                match params.len() {
                    1 => "1 was".to_owned(),
                    count => format!("{count} were"),
                }
            ))),
        };
        // The server does not answer to this.
        if !self.connection.packets.is_broken() {
            self.command(STMT_CLOSE, &[&statement.id.to_le_bytes()])?;
        }
        result
    }

    fn prepare(&mut self, sql: &str) -> Result<prepared::Statement> {
        self.command(STMT_PREPARE, &[sql.as_bytes()])?;
        let Connection { packets, agreed, .. } = &mut self.connection;
        let payload = packets.read()?;
        if payload.first() == Some(&errors::ERR) {
            return Err(Refusal::read(payload)?.of_statement(Some(sql)));
        }
        let statement = prepared::Statement::read(payload)?;
        for definitions in [statement.params, statement.columns] {
            let end = usize::from(definitions > 0 && !agreed.deprecate_eof);
            for _ in 0..definitions + end {
                packets.read()?;
            }
        }
        Ok(statement)
    }

    fn allow_several(&mut self) -> Result<()> {
        self.command(SET_OPTION, &[&SEVERAL_STATEMENTS])?;
        let payload = self.connection.packets.read()?;
        if payload.first() == Some(&errors::ERR) {
            return Err(Refusal::read(payload)?.of_statement(None));
        }
        // OK or, from older servers, EOF: nothing of interest is in it.
        self.several = true;
        Ok(())
    }

    /// Reads the results of a statement and shows them to `each`, whose error comes first.
    fn results<F: Format>(&mut self, sql: &str, each: EachResult<'_>) -> Result<Outcome> {
        let mut verdict = Ok(());
        let outcome = self.read_results::<F>(sql, each, &mut verdict);
        if outcome.as_ref().is_err_and(|error| error.kind() == Kind::Lost) {
            // What comes next can no longer be told apart, or nothing comes any more.
            self.connection.packets.give_up();
        }
        verdict.and(outcome)
    }

    fn read_results<F: Format>(
        &mut self,
        sql: &str,
        each: EachResult<'_>,
        verdict: &mut Result<()>,
    ) -> Result<Outcome> {
        loop {
            let payload = self.connection.packets.read()?;
            match payload.first() {
                Some(&OK) => {
                    let reply = Reply::read(payload, self.connection.agreed)?;
                    self.note(&reply);
                    self.completed += 1;
                    if !reply.more_results() {
                        return Ok(finished(&reply));
                    }
                }
                Some(&errors::ERR) => return Err(Refusal::read(payload)?.of_statement(Some(sql))),
                Some(&LOCAL_FILE) => return Err(self.refuse_local_file()?),
                Some(_) => match self.result::<F>(sql, each, verdict)? {
                    (Ended::Whole(reply), count) => {
                        self.note(&reply);
                        self.completed += 1;
                        if !reply.more_results() {
                            return Ok(Outcome { done: rows_read(count), warnings: reply.warnings });
                        }
                    }
                    // The kill was ours, or `each` has seen the error.
                    (Ended::Refused(refusal), count) if refusal.number == errors::INTERRUPTED => {
                        return Ok(Outcome { done: rows_read(count), warnings: 0 });
                    }
                    (Ended::Refused(refusal), _) => return Err(refusal.of_statement(Some(sql))),
                },
                None => return Err(garbled("an answer is empty")),
            }
        }
    }

    /// One result; once `verdict` is an error it is only stepped over.
    fn result<F: Format>(
        &mut self,
        sql: &str,
        each: EachResult<'_>,
        verdict: &mut Result<()>,
    ) -> Result<(Ended, u64)> {
        let definitions = self.columns()?;
        let Connection { packets, agreed, .. } = &mut self.connection;
        let mut rows = Rows::<F>::new(packets, *agreed, definitions, sql);
        if verdict.is_ok() {
            *verdict = each(&mut rows);
            if rows.is_lost() {
                return Err(Error::new(Kind::Lost, "the connection to the server was lost in mid-result"));
            }
        }
        let count = rows.count;
        if rows.skip_what_is_here()? || !setup::only_reads(sql) {
            return Ok((rows.skip_all()?, count));
        }
        if let Err(error) = self.canceller.kill() {
            log::debug!("cannot stop a result that nobody reads any more: {error}");
        }
        Ok((rows.skip_all()?, count))
    }

    fn columns(&mut self) -> Result<(Vec<Column>, Vec<Spec>)> {
        let Connection { packets, agreed, .. } = &mut self.connection;
        let count = Reader(packets.current()).lenenc()?;
        let mut definitions = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (column, spec) = columns::read(packets.read()?, *agreed)?;
            definitions.0.push(column);
            definitions.1.push(spec);
        }
        if !agreed.deprecate_eof {
            packets.read()?;
        }
        Ok(definitions)
    }

    /// A server that asks for a file of ours gets an empty one: it chooses the name, so it could
    /// ask for any ("Security Considerations for LOAD DATA LOCAL" in MySQL's manual).
    #[cold]
    fn refuse_local_file(&mut self) -> Result<Error> {
        self.connection.packets.answer(&[])?;
        self.connection.packets.read()?;
        Ok(Error::new(Kind::Unsupported, "the server asked for a file of this machine, and got none")
            .hint("dbwright sends no files on the server's request: insert the rows instead"))
    }

    fn tell_warnings(&mut self) -> Result<()> {
        let Some(mut handler) = self.notices.take() else { return Ok(()) };
        let mut found = Vec::new();
        let mut read = |cursor: &mut dyn Cursor| {
            while cursor.advance()? {
                let text = |index| cell_text(cursor.cell(index)).unwrap_or_default();
                found.push(Notice {
                    severity: text(0),
                    code: text(1),
                    message: text(2),
                    detail: None,
                    hint: None,
                });
            }
            Ok(())
        };
        let asked = self
            .command(QUERY, &[b"SHOW WARNINGS"])
            .and_then(|()| self.results::<Text>("SHOW WARNINGS", &mut read));
        found.iter().for_each(&mut handler);
        self.notices = Some(handler);
        asked.map(drop)
    }

    /// What a statement did to the transaction is not said in an error, so it is asked for.
    fn learn_status(&mut self) {
        if self.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS) && !self.connection.packets.is_broken() {
            // A failure shows with the next statement.
            let _ = self.simple(PING, &[]);
        }
    }
}

fn cell_text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(bytes) | Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
    }
}

/// The words of the servers' own client.
fn finished(reply: &Reply) -> Outcome {
    let mut tag = format!("Query OK, {} affected", setup::counted(reply.affected, "row"));
    if !reply.info.is_empty() {
        tag.push_str("; ");
        tag.push_str(&reply.info);
    }
    Outcome { done: Done { tag, affected: Some(reply.affected) }, warnings: reply.warnings }
}

fn rows_read(count: u64) -> Done {
    Done { tag: format!("{} in set", setup::counted(count, "row")), affected: None }
}

impl Session for MysqlSession {
    fn server(&self) -> &ServerInfo {
        &self.connection.info
    }

    fn query(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done> {
        self.canceller.forget();
        if let Some(watchdog) = &self.watchdog {
            watchdog.begin();
        }
        let result = self.run(sql, params, each);
        let killed = self.watchdog.as_ref().is_some_and(Watchdog::end);
        let outcome = match result {
            Ok(_) if killed && setup::only_reads(sql) => Err(setup::out_of_time(None)),
            Ok(_) if self.canceller.was_asked() && setup::only_reads(sql) => {
                Err(Error::new(Kind::Cancelled, "the statement was cancelled"))
            }
            Err(error) if killed && error.kind() == Kind::Cancelled => Err(setup::out_of_time(Some(&error))),
            other => other,
        }
        .inspect_err(|_| self.learn_status())?;
        if outcome.warnings > 0 && self.notices.is_some() && setup::may_warn(sql) {
            self.tell_warnings()?;
        }
        Ok(outcome.done)
    }

    fn transaction(&self) -> TxState {
        match self.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS) {
            true => TxState::Open,
            false => TxState::Idle,
        }
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(self.canceller.clone())
    }

    fn on_notice(&mut self, handler: NoticeHandler) {
        self.notices = Some(handler);
    }

    fn is_alive(&self) -> bool {
        let packets = &self.connection.packets;
        !packets.is_broken() && !packets.stream().is_closed()
    }

    fn ping(&mut self) -> Result<()> {
        self.simple(PING, &[])
    }

    fn reset(&mut self) -> Result<()> {
        self.simple(RESET_CONNECTION, &[])?;
        let sql = self.setup.after_reset().to_owned();
        self.simple(QUERY, sql.as_bytes()).map_err(setup::refused)?;
        if self.connection.info.database != self.home && !self.home.is_empty() {
            let home = self.home.clone();
            self.simple(INIT_DB, home.as_bytes())?;
            self.connection.info.database = home;
        }
        Ok(())
    }

    fn explore(&mut self) -> &mut dyn Explore {
        self
    }

    fn catalog(&mut self, scope: Scope) -> Result<Catalog> {
        super::catalog::read(self, scope)
    }

    /// In one message, of which the server runs nothing behind the first statement that fails
    /// ("Multi-Statement"; COM_SET_OPTION).
    fn execute_all(&mut self, statements: &[&str]) -> Result<(), Stopped> {
        if !self.several {
            self.allow_several().map_err(|error| Stopped { at: 0, error })?;
        }
        let mut done = 0;
        // MySQL takes what parts a program from the next statement for the program's own.
        for together in statements.split_inclusive(|sql| makes_program(sql)) {
            self.run_together(together).map_err(|stopped| Stopped { at: done + stopped.at, ..stopped })?;
            done += together.len();
        }
        Ok(())
    }

    fn trace(&mut self, sql: &str) -> Result<String> {
        match super::trace::trace(self, sql)? {
            Some(trace) => Ok(trace),
            None => crate::engine::trace_of_all(self),
        }
    }

    /// A named lock is the server's, at most 64 letters long, and so must tell the database (MySQL
    /// manual, "Locking Functions").
    fn try_claim(&mut self, what: &str) -> Result<Claim> {
        let sql = format!("SELECT GET_LOCK({CLAIM_NAME}, 0)");
        let rows = self.collect(&sql, &[Param::Text(what.to_owned())])?;
        let answer = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
        Ok(if answer.as_deref() == Some("1") { Claim::Taken } else { Claim::Busy })
    }

    fn facts(&mut self) -> Result<Facts> {
        super::facts::facts(self)
    }
}

impl MysqlSession {
    /// Statements of one round trip.
    fn run_together(&mut self, statements: &[&str]) -> Result<(), Stopped> {
        self.completed = 0;
        // A statement may end in a comment, which must not swallow what follows.
        const BETWEEN: &str = "\n;";
        self.execute(&statements.join(BETWEEN), &[]).map(drop).map_err(|error| {
            let at = self.completed.min(statements.len().saturating_sub(1));
            let before: usize = statements[..at].iter().map(|sql| sql.len() + BETWEEN.len()).sum();
            Stopped { at, error: error.map_position(|position| position.saturating_sub(before)) }
        })
    }
}

/// Whether a statement makes something that has a body. The word may stand behind a definer.
fn makes_program(sql: &str) -> bool {
    const PROGRAMS: [&str; 5] = ["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"];
    let mut words =
        Lexer::new(sql, &MYSQL).code().filter(|(token, _)| token.kind.is_word()).map(|(_, word)| word);
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    words.next().is_some_and(|word| is(word, "CREATE"))
        && words.take(12).any(|word| PROGRAMS.iter().any(|program| is(word, program)))
}

/// The name of a lock that is ours, of this database.
pub const CLAIM_NAME: &str = "CONCAT('dbwright.', LEFT(SHA2(CONCAT(?, '.', DATABASE()), 256), 32))";
