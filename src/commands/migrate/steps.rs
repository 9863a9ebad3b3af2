//! Migrations whose statements are committed one by one: the history says after each how far it is,
//! and before each what its object was like, so that a killed run can be told from a finished one.

use std::time::Instant;

use super::folder::Script;
use super::run::{Job, Runner, millis};
use crate::commands::{interrupt, refused_by_profile};
use crate::error::{Error, Kind, Result};
use crate::migrations::{Record, checksum};
use crate::sql::{StatementKind, classify, leading_keywords};

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
            None => vec![self.history.forget(&record.id)?],
        };
        self.waiting.extend(finish);
        Ok(())
    }

    fn kind(&self, sql: &str) -> StatementKind {
        classify(sql, self.engine().dialect(self.session.server().engine))
    }

    /// `SET` and `USE`.
    fn is_setting(&self, sql: &str) -> bool {
        let dialect = self.engine().dialect(self.session.server().engine);
        self.kind(sql) == StatementKind::Use
            || leading_keywords(sql, dialect, 1).first().is_some_and(|word| word == "SET" || word == "PRAGMA")
    }

    fn plain(&mut self, sql: &str) -> Result<()> {
        self.session.execute(sql, &[]).map(drop)
    }

    fn step(&mut self, job: &Job<'_>, record: &mut Record, at: usize) -> Result<()> {
        let sql = &job.script.statements[at].sql;
        let done = at as u64 + 1;
        match self.kind(sql) {
            StatementKind::Dml => {
                let next = Record { done, doubt: None, ..self.as_far_as(job.script, record, at + 1) };
                self.rows_and_record(sql, &next)?;
                *record = next;
            }
            _ if self.is_setting(sql) => {
                self.plain(sql)?;
                record.done = done;
            }
            StatementKind::TxBegin | StatementKind::TxEnd | StatementKind::Query => {
                self.plain(sql)?;
                *record = Record { done, doubt: None, ..self.as_far_as(job.script, record, at + 1) };
            }
            _ => {
                let doubt = Some(self.session.trace(sql)?);
                *record = Record { done: at as u64, doubt, ..self.as_far_as(job.script, record, at + 1) };
                let row = self.history.write(record)?;
                self.waiting.extend(row);
                self.flush()?;
                self.patiently(job, sql)?;
                *record = Record { done, doubt: None, ..record.clone() };
            }
        }
        Ok(())
    }

    /// A statement that could not have its lock in time has changed nothing.
    fn patiently(&mut self, job: &Job<'_>, sql: &str) -> Result<()> {
        let mut tries = 0;
        loop {
            match self.plain(sql) {
                Err(error) if error.kind() == Kind::Lock && tries < self.retries => {
                    self.wait_for_lock(job, tries)?;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// The row with the sum of the statements that it speaks of.
    fn as_far_as(&self, script: &Script, record: &Record, end: usize) -> Record {
        let dialect = self.engine().dialect(self.session.server().engine);
        Record { checksum: Some(checksum(&script.statements[..end], dialect)), ..record.clone() }
    }

    /// Changes of rows are committed together with what is known of them.
    fn rows_and_record(&mut self, sql: &str, record: &Record) -> Result<()> {
        let row = self.history.write(record)?;
        self.flush()?;
        self.plain("BEGIN")?;
        let outcome = self.plain(sql).and_then(|()| {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            self.session.execute_all(&row).map_err(|stopped| stopped.error)?;
            self.plain("COMMIT")
        });
        outcome.inspect_err(|_| self.take_back())
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
        let done = record.done + u64::from(now != *before);
        Ok(Record { done, doubt: None, ..record.clone() })
    }
}
