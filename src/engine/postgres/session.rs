//! An open session: statements out, results in (chapter 55.2.2 and 55.2.3).

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use super::cancel::Canceller;
use super::conn::{Conn, Reader, tag};
use super::cursor::{Cell, PgCursor};
use super::{errors, types};
use crate::engine::{Cancel, Claim, EachResult, NoticeHandler, Stopped, log_sql};
use crate::error::{Error, Kind, Result};
use crate::model::rows::{Done, Param, Value};
use crate::model::server::{ServerInfo, TxState};
use crate::sql::{Lexer, TokenKind, dialect};

/// See [`Session`](crate::engine::Session).
pub struct PgSession {
    pub(super) conn: Conn,
    pub(super) info: ServerInfo,
    pub(super) canceller: Canceller,
    cells: Vec<Cell>,
    /// The statements of the last message that are done.
    completed: usize,
}

/// How the results of a statement are to be taken.
struct Run<'a> {
    sql: &'a str,
    /// The extended protocol, in which an error lasts until the next Sync.
    extended: bool,
    /// Whether the server may be told to stop when nobody reads on.
    may_cancel: bool,
    /// The first thing that went wrong; what follows is thrown away.
    failure: Option<Error>,
    cancelled: bool,
    done: Done,
}

impl PgSession {
    pub fn new(conn: Conn, info: ServerInfo, canceller: Canceller) -> Self {
        PgSession { conn, info, canceller, cells: Vec::new(), completed: 0 }
    }

    /// A setting that the server reports by itself.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.conn.settings.get(name).map(String::as_str)
    }

    pub fn run(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done> {
        self.conn.check()?;
        self.completed = 0;
        log_sql(&dialect::POSTGRES, sql);
        let extended = !params.is_empty();
        let built = match extended {
            false => frontend::query(sql, &mut self.conn.out),
            true => bind(sql, params, &mut self.conn.out),
        };
        if let Err(error) = built {
            self.conn.out.clear();
            return Err(Error::new(Kind::Data, "the statement cannot be sent").because(error));
        }
        let mut run = Run {
            sql,
            extended,
            may_cancel: self.conn.transaction == TxState::Idle && only_reads(sql),
            failure: None,
            cancelled: false,
            done: Done::default(),
        };
        self.conn.send()?;
        loop {
            match self.conn.next()? {
                tag::ROW_DESCRIPTION => self.result(&mut run, each)?,
                // Rows that nobody wants any more.
                tag::DATA_ROW | tag::COPY_DATA => {}
                tag::COMMAND_COMPLETE => {
                    run.done = done(self.conn.body());
                    self.completed += 1;
                }
                tag::READY_FOR_QUERY => {
                    self.conn.ready();
                    return match run.failure {
                        Some(error) => Err(error),
                        None => Ok(run.done),
                    };
                }
                tag::ERROR_RESPONSE => {
                    let error = self.conn.error(Some(sql));
                    if self.conn.is_dead() {
                        return Err(run.failure.unwrap_or(error));
                    }
                    let expected = run.cancelled && errors::is_cancelled(&error);
                    if run.failure.is_none() && !expected {
                        run.failure = Some(error);
                    }
                }
                tag::COPY_IN_RESPONSE => self.refuse_copy_in(&mut run)?,
                tag::COPY_OUT_RESPONSE => {
                    run.failure.get_or_insert(
                        Error::new(Kind::Unsupported, "COPY ... TO STDOUT has no rows, but a stream of data")
                            .hint("run it as a statement of its own, or use \\copy"),
                    );
                    run.cancelled |= self.stop();
                }
                tag::EMPTY_QUERY_RESPONSE
                | tag::PARSE_COMPLETE
                | tag::BIND_COMPLETE
                | tag::CLOSE_COMPLETE
                | tag::NO_DATA
                | tag::COPY_DONE => {}
                _ => return Err(self.conn.not_understood()),
            }
        }
    }

    /// Lets `each` see the rows of one result.
    fn result(&mut self, run: &mut Run<'_>, each: EachResult<'_>) -> Result<()> {
        let Some(columns) = types::columns(self.conn.body()) else {
            return Err(self.conn.not_understood());
        };
        // `SELECT;` has rows, but nothing in them.
        if run.failure.is_some() || columns.is_empty() {
            return Ok(());
        }
        let mut cursor = PgCursor::new(&mut self.conn, &columns, &mut self.cells, run.sql);
        let outcome = each(&mut cursor);
        let ended = cursor.ended();
        if self.conn.is_dead() {
            // What `each` returns is the cause, unless it hides it: then the next read tells.
            return outcome;
        }
        match outcome {
            Ok(()) if !ended && run.may_cancel => run.cancelled |= self.stop(),
            Ok(()) => {}
            Err(error) => {
                run.failure = Some(error);
                if !ended {
                    run.cancelled |= self.stop();
                }
            }
        }
        Ok(())
    }

    /// Ends the running statement on the server, unless its end is here already, and tells whether
    /// it did. The request does no harm when it comes too late, and when it fails the rest is read
    /// to its end.
    pub(super) fn stop(&self) -> bool {
        let is_over = self.conn.has_arrived(&[tag::COMMAND_COMPLETE, tag::ERROR_RESPONSE]);
        !is_over && self.canceller.cancel().is_ok()
    }

    fn refuse_copy_in(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.failure.get_or_insert(
            Error::new(Kind::Unsupported, "COPY ... FROM STDIN needs data, and there is none here")
                .hint("use \\copy, or put the data behind the statement in a script file"),
        );
        // Cannot fail: the text has no zero byte.
        let _ = frontend::copy_fail("no data", &mut self.conn.out);
        if run.extended {
            // The Sync that was sent with the statement was swallowed as no data (55.2.6).
            frontend::sync(&mut self.conn.out);
        }
        self.conn.send()
    }

    /// All rows of a query, as text; NULL is None.
    pub fn rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Vec<Option<String>>>> {
        let mut rows = Vec::new();
        self.run(sql, params, &mut |cursor| {
            while cursor.advance()? {
                let row = (0..cursor.columns().len()).map(|index| text(cursor.cell(index))).collect();
                rows.push(row);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first cell of a query.
    pub fn scalar(&mut self, sql: &str, params: &[Param]) -> Result<Option<String>> {
        Ok(self.rows(sql, params)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// A round trip that does nothing: Sync is answered with ReadyForQuery.
    pub fn round_trip(&mut self) -> Result<()> {
        self.conn.check()?;
        frontend::sync(&mut self.conn.out);
        self.conn.send()?;
        loop {
            match self.conn.next()? {
                tag::READY_FOR_QUERY => {
                    self.conn.ready();
                    return Ok(());
                }
                tag::ERROR_RESPONSE => {
                    let error = self.conn.error(None);
                    if self.conn.is_dead() {
                        return Err(error);
                    }
                }
                _ => return Err(self.conn.not_understood()),
            }
        }
    }
}

fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// Says good-bye, so that the server does not log a lost connection.
impl Drop for PgSession {
    fn drop(&mut self) {
        if !self.conn.is_dead() {
            self.conn.out.clear();
            frontend::terminate(&mut self.conn.out);
            let _ = self.conn.send();
        }
    }
}

impl crate::engine::Session for PgSession {
    fn server(&self) -> &ServerInfo {
        &self.info
    }

    fn query(&mut self, sql: &str, params: &[Param], each: EachResult<'_>) -> Result<Done> {
        self.run(sql, params, each)
    }

    /// All in one message ("Simple Query", Multiple Statements in a Simple Query).
    fn execute_all(&mut self, statements: &[&str]) -> Result<(), Stopped> {
        // A statement may end in a comment, which must not swallow what follows.
        const BETWEEN: &str = "\n;";
        let text = statements.join(BETWEEN);
        let failed = match self.run(&text, &[], &mut |cursor| {
            while cursor.advance()? {}
            Ok(())
        }) {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let starts: Vec<usize> = statements
            .iter()
            .scan(0, |next, sql| {
                let start = *next;
                *next += sql.len() + BETWEEN.len();
                Some(start)
            })
            .collect();
        // What the parser refuses is refused before the first is run.
        let at = match failed.server_error().and_then(|server| server.position) {
            Some(position) => starts.partition_point(|start| *start <= position).saturating_sub(1),
            None => self.completed.min(statements.len().saturating_sub(1)),
        };
        let before = starts.get(at).copied().unwrap_or_default();
        Err(Stopped { at, error: failed.map_position(|position| position.saturating_sub(before)) })
    }

    fn transaction(&self) -> TxState {
        self.conn.transaction
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(self.canceller.clone())
    }

    fn on_notice(&mut self, handler: NoticeHandler) {
        self.conn.on_notice(handler);
    }

    fn is_alive(&self) -> bool {
        self.conn.is_alive()
    }

    fn ping(&mut self) -> Result<()> {
        self.round_trip()
    }

    fn reset(&mut self) -> Result<()> {
        if self.conn.transaction != TxState::Idle {
            self.run("ROLLBACK", &[], &mut |_| Ok(()))?;
        }
        self.run("DISCARD ALL", &[], &mut |_| Ok(())).map(|_| ())
    }

    fn explore(&mut self) -> &mut dyn crate::engine::Explore {
        self
    }

    fn catalog(&mut self, scope: crate::model::catalog::Scope) -> Result<crate::model::catalog::Catalog> {
        super::catalog::read(self, scope)
    }

    /// An index that CREATE INDEX CONCURRENTLY did not finish is there, and does not count.
    fn trace(&mut self, _sql: &str) -> Result<String> {
        crate::engine::trace_of_all(self)
    }

    /// An advisory lock is one of the database (manual, "Advisory Locks").
    fn try_claim(&mut self, what: &str) -> Result<Claim> {
        let sql = format!("SELECT pg_try_advisory_lock({CLAIMS}, hashtext($1))");
        let mut taken = false;
        self.query(&sql, &[Param::Text(what.to_owned())], &mut |cursor| {
            taken |= cursor.advance()? && matches!(cursor.cell(0), Value::Text(b"t"));
            Ok(())
        })?;
        Ok(if taken { Claim::Taken } else { Claim::Busy })
    }

    fn facts(&mut self) -> Result<crate::model::server::Facts> {
        super::facts::facts(self)
    }

    fn bulk(&mut self) -> Option<&mut dyn crate::engine::Bulk> {
        Some(self)
    }
}

/// The first number of our advisory locks: `dbwr`, so that nobody else's is met by accident.
pub const CLAIMS: i32 = 1_684_174_706;

/// Parse, Bind, Describe, Execute and Sync for one statement. Values travel as text, raw bytes as
/// they are.
fn bind(sql: &str, params: &[Param], out: &mut BytesMut) -> std::io::Result<()> {
    const TEXT: i16 = 0;
    const BINARY: i16 = 1;
    // One too many has no type, so that the server refuses it.
    let wanted = placeholders(sql);
    let types = params.iter().enumerate().map(|(at, param)| if at < wanted { type_of(param) } else { INFER });
    let formats = params.iter().map(|param| if matches!(param, Param::Blob(_)) { BINARY } else { TEXT });
    frontend::parse("", sql, types, out)?;
    let write = |param: &Param, out: &mut BytesMut| {
        match param {
            Param::Null => return Ok(IsNull::Yes),
            Param::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Param::Float(number) => out.extend_from_slice(float(*number).as_bytes()),
            Param::Text(text) => out.extend_from_slice(text.as_bytes()),
            Param::Blob(bytes) => out.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    };
    frontend::bind("", "", formats, params, write, [TEXT], out).map_err(|error| match error {
        frontend::BindError::Conversion(error) => std::io::Error::other(error),
        frontend::BindError::Serialization(error) => error,
    })?;
    frontend::describe(b'P', "", out)?;
    frontend::execute("", 0, out)?;
    frontend::sync(out);
    Ok(())
}

/// The number of the last placeholder.
fn placeholders(sql: &str) -> usize {
    let tokens = Lexer::new(sql, &dialect::POSTGRES).filter(|token| token.kind == TokenKind::Param);
    tokens.filter_map(|token| token.text(sql).strip_prefix('$')?.parse().ok()).max().unwrap_or(0)
}

/// The server finds the type itself.
const INFER: u32 = 0;

/// The type that a value is declared as, by its number in pg_type.dat. Text and NULL have none:
/// the server infers it from where they stand. A number has one, or `2 * $1` would make an integer
/// of 1.5; whole numbers are read as a literal would be (chapter 4.1.2.6, numeric constants).
fn type_of(param: &Param) -> u32 {
    const BYTEA: u32 = 17;
    const INT8: u32 = 20;
    const INT4: u32 = 23;
    const FLOAT8: u32 = 701;
    match param {
        Param::Null | Param::Text(_) => INFER,
        Param::Int(number) if i32::try_from(*number).is_ok() => INT4,
        Param::Int(_) => INT8,
        Param::Float(_) => FLOAT8,
        Param::Blob(_) => BYTEA,
    }
}

/// The shortest text that reads back as the same number, in the server's spelling.
fn float(number: f64) -> String {
    match number {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        number if number.is_nan() => "NaN".to_owned(),
        number => format!("{number:?}"),
    }
}

/// `INSERT 0 3`: the last word counts rows. That of `SELECT 3` counts no change.
pub fn done(body: &[u8]) -> Done {
    let tag = Reader::new(body).text().unwrap_or_default();
    let counts =
        ["INSERT ", "UPDATE ", "DELETE ", "MERGE ", "COPY "].iter().any(|word| tag.starts_with(word));
    let affected = if counts { tag.rsplit(' ').next().and_then(|n| n.parse().ok()) } else { None };
    Done { tag, affected }
}

/// Whether cancelling the text half-way undoes nothing that was asked for: one statement that only
/// reads. When in doubt it does not, and unread rows are simply read to their end.
fn only_reads(sql: &str) -> bool {
    let body = sql.trim().trim_end_matches(';');
    let word = |word: &str| body.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    !body.contains(';') && ["select", "table", "values", "show"].iter().any(|start| word(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_reading_is_cut_short() {
        assert!(only_reads(" SELECT 1;\n"));
        assert!(only_reads("table t"));
        assert!(!only_reads("select 1; delete from t"));
        assert!(!only_reads("insert into t values (1) returning *"));
        assert!(!only_reads("with x as (delete from t returning *) select * from x"));
        assert!(!only_reads(""));
    }

    #[test]
    fn tags_count_changes() {
        assert_eq!(done(b"INSERT 0 3\0").affected, Some(3));
        assert_eq!(done(b"COPY 7\0").affected, Some(7));
        assert_eq!(done(b"SELECT 3\0").affected, None);
        assert_eq!(done(b"CREATE TABLE\0"), Done { tag: "CREATE TABLE".into(), affected: None });
    }

    #[test]
    fn floats_keep_every_digit() {
        assert_eq!(float(0.1), "0.1");
        assert_eq!(float(1e300), "1e300");
        assert_eq!(float(f64::NEG_INFINITY), "-Infinity");
    }
}
