//! Migrations whose statements are committed one by one: the history says after each how far it is,
//! and before each what its object was like, so that a killed run can be told from a finished one.

use std::time::Instant;

use super::folder::Script;
use super::run::{Job, Runner, millis};
use crate::commands::{interrupt, refused_by_profile};
use crate::engine::Stopped;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Record, checksum};
use crate::sql::{Lexer, StatementKind, classify, leading_keywords};

impl Runner<'_> {
    /// Goes on where `job.during` says that it stopped.
    pub(super) fn step_by_step(&mut self, job: &Job<'_>) -> Result<()> {
        let started = Instant::now();
        let mut record = Record { statements: job.script.statements.len() as u64, ..job.during.clone() };
        let first = usize::try_from(record.done).unwrap_or(usize::MAX);
        for (at, statement) in job.script.statements.iter().enumerate() {
            let outcome = match at < first {
                // What holds for the session alone is gone with the session that it was said in.
                true if self.is_setting(&statement.sql) => self.plain(&statement.sql),
                true => Ok(()),
                false if interrupt::arrived() => Err(Error::new(Kind::Interrupted, "interrupted")),
                false => self.step(job, &mut record, at),
            };
            if let Err(error) = outcome {
                record.duration_ms += millis(started.elapsed());
                return Err(self.stopped(job, record, at, error));
            }
        }
        record.duration_ms += millis(started.elapsed());
        let finish = match &job.after {
            Some(after) => {
                let all = record.statements;
                let after =
                    Record { duration_ms: record.duration_ms, done: all, statements: all, ..after.clone() };
                self.history.write(&after)?.to_vec()
            }
            None => self.history.taken_back(&record)?,
        };
        self.waiting.extend(finish);
        Ok(())
    }

    fn kind(&self, sql: &str) -> StatementKind {
        classify(sql, self.engine().dialect(self.session.server().engine))
    }

    /// The first word of a statement.
    fn verb(&self, sql: &str) -> String {
        let dialect = self.engine().dialect(self.session.server().engine);
        leading_keywords(sql, dialect, 1).pop().unwrap_or_default()
    }

    /// What holds for the session alone: `SET`, `USE`, `PREPARE`, and a question whose answer goes
    /// into variables.
    fn is_setting(&self, sql: &str) -> bool {
        let kind = self.kind(sql);
        match self.verb(sql).as_str() {
            "SET" | "PRAGMA" | "DEALLOCATE" => true,
            "PREPARE" => kind != StatementKind::TxEnd,
            "SELECT" => self.sets_variables(sql),
            _ => kind == StatementKind::Use,
        }
    }

    /// `SELECT ... INTO @name`
    fn sets_variables(&self, sql: &str) -> bool {
        let dialect = self.engine().dialect(self.session.server().engine);
        let words: Vec<&str> = Lexer::new(sql, dialect).code().map(|(_, text)| text).collect();
        words.windows(2).any(|pair| pair[0].eq_ignore_ascii_case("into") && pair[1].starts_with('@'))
    }

    fn plain(&mut self, sql: &str) -> Result<()> {
        self.session.execute(sql, &[]).map(drop)
    }

    fn step(&mut self, job: &Job<'_>, record: &mut Record, at: usize) -> Result<()> {
        let sql = &job.script.statements[at].sql;
        let done = at as u64 + 1;
        let (kind, verb) = (self.kind(sql), self.verb(sql));
        // A question may call functions that write.
        let is_rows = kind == StatementKind::Dml || matches!(verb.as_str(), "SELECT" | "WITH" | "VALUES");
        let is_program = matches!(verb.as_str(), "CALL" | "EXECUTE");
        match kind {
            _ if self.is_setting(sql) => {
                self.plain(sql)?;
                record.done = done;
            }
            _ if is_rows => {
                let next = Record { done, doubt: None, ..self.as_far_as(job.script, record, at + 1) };
                let is_new = record.done == 0 && record.doubt.is_none() && !job.replaces;
                self.rows_and_record(sql, &next, is_new)?;
                *record = next;
            }
            _ if is_program => {
                self.doubted(job, record, at)?;
                match self.engine().transactional_ddl() {
                    // It may end transactions, which it cannot do inside of one.
                    true => self.noted_and_run(job, sql)?,
                    false => self.program(sql, &Record { done, doubt: None, ..record.clone() })?,
                }
                *record = Record { done, doubt: None, ..record.clone() };
            }
            StatementKind::TxBegin | StatementKind::TxEnd | StatementKind::Query => {
                self.plain(sql)?;
                *record = Record { done, doubt: None, ..self.as_far_as(job.script, record, at + 1) };
            }
            _ => {
                self.doubted(job, record, at)?;
                self.noted_and_run(job, sql)?;
                *record = Record { done, doubt: None, ..record.clone() };
            }
        }
        Ok(())
    }

    /// Notes what the object of a statement is like before it is sent.
    fn doubted(&mut self, job: &Job<'_>, record: &mut Record, at: usize) -> Result<()> {
        let doubt = Some(self.session.trace(&job.script.statements[at].sql)?);
        let is_new = record.done == 0 && record.doubt.is_none() && !job.replaces;
        *record = Record { done: at as u64, doubt, ..self.as_far_as(job.script, record, at + 1) };
        self.note(record, is_new)
    }

    /// Runs a program, of which only the server knows what it does. Changes of rows are committed
    /// together with the row of the history; where it changes objects, and so ends the transaction,
    /// the doubt that was noted before tells.
    fn program(&mut self, sql: &str, after: &Record) -> Result<()> {
        self.flush()?;
        let noted = self.history.settled(after)?;
        let outcome = self.session.execute_all(&["BEGIN", sql, &noted, "COMMIT"]);
        if outcome.is_err() {
            self.take_back();
        }
        outcome.map_err(|stopped| stopped.error)
    }

    /// Puts a row among what waits for the next transaction.
    pub(super) fn note(&mut self, record: &Record, is_new: bool) -> Result<()> {
        let [forget, insert] = self.history.write(record)?;
        self.waiting.extend((!is_new).then_some(forget));
        self.waiting.push(insert);
        Ok(())
    }

    /// Writes what waits, and runs the statement: in one message where the statement does not mind. A
    /// statement that could not have its
    /// lock in time has changed nothing, and is tried again.
    pub(super) fn noted_and_run(&mut self, job: &Job<'_>, sql: &str) -> Result<()> {
        let mut outcome = match self.engine().transactional_ddl() {
            true => self.flush().and_then(|()| self.plain(sql)),
            false => self.in_one_message(sql)?,
        };
        let mut tries = 0;
        while outcome.as_ref().is_err_and(|error| error.kind() == Kind::Lock) && tries < self.retries {
            self.wait_for_lock(job, tries)?;
            tries += 1;
            outcome = self.plain(sql);
        }
        outcome
    }

    /// The outcome of the statement; an error when it was not even tried.
    fn in_one_message(&mut self, sql: &str) -> Result<Result<()>> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut all = vec!["BEGIN"];
        all.extend(waiting.iter().map(String::as_str));
        all.extend(["COMMIT", sql]);
        let last = all.len() - 1;
        match self.session.execute_all(&all) {
            Err(Stopped { at, error }) if at < last => {
                self.take_back();
                self.waiting = waiting;
                Err(error.context("cannot write the history of migrations"))
            }
            outcome => Ok(outcome.map_err(|stopped| stopped.error)),
        }
    }

    /// The row with the sum of the statements that it speaks of.
    pub(super) fn as_far_as(&self, script: &Script, record: &Record, end: usize) -> Record {
        let dialect = self.engine().dialect(self.session.server().engine);
        Record { checksum: Some(checksum(&script.statements[..end], dialect)), ..record.clone() }
    }

    /// Changes of rows are committed together with what is known of them, and with what waits.
    fn rows_and_record(&mut self, sql: &str, record: &Record, is_new: bool) -> Result<()> {
        let before = self.waiting.len();
        self.note(record, is_new)?;
        let waiting = std::mem::take(&mut self.waiting);
        let mut all = vec!["BEGIN", sql];
        all.extend(waiting.iter().map(String::as_str));
        all.push("COMMIT");
        let outcome = self.session.execute_all(&all);
        if outcome.is_err() {
            self.take_back();
            self.waiting = waiting;
            self.waiting.truncate(before);
        }
        outcome.map_err(|stopped| stopped.error)
    }

    /// Writes down how far it came, and says so.
    fn stopped(&mut self, job: &Job<'_>, record: Record, at: usize, error: Error) -> Error {
        let error = refused_by_profile(interrupt::as_interrupted(error), self.target);
        let lost = !self.session.is_alive();
        let error = self.at_statement(job, at, error);
        // The answer to a statement that was refused is no riddle.
        let record = Record { doubt: None, done: at as u64, ..self.as_far_as(job.script, &record, at) };
        let written = match at == 0 && !record.undo {
            true => self.history.forget(&record.id).map(|sql| self.waiting.push(sql)),
            false => self.history.write(&record).map(|row| self.waiting.extend(row)),
        };
        let written = written.and_then(|()| if lost { Ok(()) } else { self.flush() });
        let error = match written {
            Ok(()) => error,
            Err(failed) => error.hint(format!("the history could not be brought up to date: {failed}")),
        };
        if lost {
            return error.hint("migrate status tells what took effect");
        }
        let again = if record.undo { "migrate down" } else { "migrate up" };
        match at {
            0 => error.hint("nothing of it was changed"),
            _ => error.with_kind(Kind::Partial).hint(format!(
                "{} of its statements took effect and stay; mend the cause, and {again} goes on at statement {}",
                at,
                at + 1
            )),
        }
    }

    /// Whether the statement that a killed run was at took effect: the row as it is then.
    pub fn settle_doubt(&mut self, script: &Script, record: &Record) -> Result<Record> {
        let Some(before) = &record.doubt else { return Ok(record.clone()) };
        let at = usize::try_from(record.done).unwrap_or(usize::MAX);
        let Some(statement) = script.statements.get(at) else { return Ok(record.clone()) };
        let now = self.session.trace(&statement.sql)?;
        let done = super::undo::settled(record, &now).unwrap_or(record.done + u64::from(now != *before));
        Ok(Record { done, doubt: None, ..record.clone() })
    }
}
