//! Rows, by several sessions, each part of a table once.

use std::collections::BTreeSet;
use std::io::BufRead;

use super::build::{Behind, Build, Sessions, TOGETHER, first, one_by_one, together};
use super::journal::Journal;
use super::pool::{Pool, Rows, Work};
use super::rows_only;
use super::steps::{PartStep, Steps};
use crate::engine::backup::{Backup, texts};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Name;
use crate::model::progress::{Task, Unit};
use crate::model::snapshot::{Form, Table};
use crate::store::chunk::PartReader;
use crate::store::digest;

impl Build<'_> {
    /// All parts of all tables that are not there yet, those of the largest table first, and `behind`
    /// the rows of each table what is built on them.
    pub fn load(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        journal: &mut Journal,
        steps: &Steps<'_>,
        mut behind: Behind<'_>,
    ) -> Result<()> {
        if journal.goes_on {
            self.begin_doubtful_anew(backup, sessions, journal, steps)?;
        }
        let journal = &*journal;
        let total = steps.parts.iter().map(|step| step.part.bytes).sum();
        let task = self.context.ui.progress().task("loading", Some(total), Unit::Bytes);
        let mut tables: Vec<(&Table, Rows<'_>)> = Vec::new();
        for of_table in steps.parts.chunk_by(|one, other| std::ptr::eq(one.table, other.table)) {
            let Some(table) = of_table.first().map(|step| step.table) else { continue };
            let (done, left): (Vec<&PartStep<'_>>, Vec<_>) =
                of_table.iter().partition(|step| journal.is_done(step.number));
            task.advance(done.iter().map(|step| step.part.bytes).sum());
            let behind = behind.remove(&table.full_name()).unwrap_or_default();
            tables.push((table, Rows::new(left, behind)));
        }
        tables.sort_by_key(|(table, _)| std::cmp::Reverse(table.bytes));
        let pool = Pool::new(tables.into_iter().map(|(_, rows)| rows).collect());
        let has_others = sessions.len() > 1;
        pool.run(sessions.iter_mut().collect(), |session, work| match work {
            Work::Load(step) => self.part(backup, session.as_mut(), journal, step, task.as_ref()),
            Work::Build { steps, beside_others } => {
                backup.beside_others(session.as_mut(), *beside_others && has_others)?;
                one_by_one(journal, session.as_mut(), steps.iter().copied())
            }
        })?;
        sessions.iter_mut().try_for_each(|session| backup.beside_others(session.as_mut(), false))
    }

    fn part(
        &self,
        backup: &dyn Backup,
        session: &mut dyn Session,
        journal: &Journal,
        step: &PartStep<'_>,
        task: &dyn Task,
    ) -> Result<()> {
        let mut reader = self.reader(&step.part.chunks, task);
        let loaded = match step.table.form {
            Form::Statements => self.lines(session, &mut reader, journal, step),
            _ => backup.load(session, &step.table.load, &mut reader, &mut |session, rows| {
                refuse_less(step, rows)?;
                journal.note(session, step)
            }),
        };
        loaded.map_err(|error| {
            reader.explained(error).context(format!("cannot load table {}", step.table.full_name()))
        })
    }

    /// Tables that were loaded in part and have no transactions to say which, and those that a crash
    /// of the server has emptied.
    fn begin_doubtful_anew(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        journal: &mut Journal,
        steps: &Steps<'_>,
    ) -> Result<()> {
        let doubtful = backup.doubtful(first(sessions)?)?;
        let tables: BTreeSet<Name> = steps.parts.iter().map(|step| step.table.full_name()).collect();
        for name in tables.intersection(&doubtful) {
            let of_it = || steps.parts.iter().filter(|step| step.table.full_name() == *name);
            let session = first(sessions)?;
            let engine = session.server().engine;
            let dialect = engine_for(engine).dialect(engine);
            let sql = format!("SELECT 1 FROM {} LIMIT 1", rows_only::full(dialect, name));
            if of_it().all(|step| journal.is_done(step.number)) && !texts(session, &sql)?.is_empty() {
                continue;
            }
            let numbers: Vec<u64> = of_it().map(|step| step.number).collect();
            journal.forget_parts(session, &numbers)?;
            rows_only::empty(session, dialect, std::slice::from_ref(name))?;
            // Triggers may be there already.
            for session in sessions.iter_mut() {
                backup.quiet(session.as_mut())?;
            }
        }
        Ok(())
    }

    /// Statements that are rows of a backup, some at a time; those that are there are passed over.
    fn lines(
        &self,
        session: &mut dyn Session,
        reader: &mut PartReader<'_>,
        journal: &Journal,
        step: &PartStep<'_>,
    ) -> Result<()> {
        let there = journal.lines(step.number);
        let (mut read, mut rows) = (0, 0);
        let mut some: Vec<String> = Vec::new();
        loop {
            let mut line = String::new();
            let is_end = reader.read_line(&mut line)? == 0;
            if is_end || some.len() == TOGETHER {
                if is_end {
                    refuse_less(step, rows)?;
                }
                some.extend(journal.lines_noted(step.number, read, is_end));
                together(session, &some.iter().map(String::as_str).collect::<Vec<_>>())?;
                some.clear();
            }
            if is_end {
                return Ok(());
            }
            read += 1;
            let of_rights = line.bytes().next().is_some_and(digest::is_of_rights);
            rows += u64::from(!of_rights);
            if read > there && (self.privileges || !of_rights) {
                some.push(line.trim_end().trim_end_matches(';').to_owned());
            }
        }
    }
}

fn refuse_less(step: &PartStep<'_>, rows: u64) -> Result<()> {
    match rows == step.part.rows {
        true => Ok(()),
        false => Err(Error::new(Kind::Data, format!("{rows} of {} rows were taken", step.part.rows))),
    }
}
