//! What of a restore is done, noted in the database that it fills.
//!
//! Each step is noted in the transaction that does it. Where a change of the schema commits by
//! itself it is noted before as well: a statement that was under way when a run was cut off is run
//! again, and may find what it makes there already.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::steps::{PartStep, Step, Steps};
use crate::engine::backup::{Backup, JOURNAL, JournalTable, texts};
use crate::engine::{Session, Stopped, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Object;
use crate::sql::quote_literal;
use crate::ui::human;

const UNDER_WAY: u8 = 0;
const DONE: u8 = 1;

/// What a journal says of the restore as a whole; its step is 0.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// Its id.
    pub backup: String,
    /// See [`Steps::sum`].
    pub steps: String,
    pub begun: String,
    /// The most sessions that ever worked at it.
    pub sessions: usize,
    /// What was there was dropped for it.
    pub clean: bool,
}

/// What a journal says.
#[derive(Debug, Clone)]
pub struct Noted {
    pub head: Head,
    done: BTreeSet<u64>,
    under_way: BTreeSet<u64>,
    /// Lines of a part that is loaded line by line.
    lines: BTreeMap<u64, u64>,
}

impl Noted {
    /// Whether a run of these steps goes on with it. Who drops what is there where the first run did
    /// not wants to begin anew.
    pub fn is_of(&self, steps: &Steps<'_>, clean: bool) -> bool {
        self.head.steps == steps.sum && (self.head.clean || !clean)
    }

    /// `the restore begun at ... (3 of 7 parts are loaded)`
    pub fn words(&self, steps: &Steps<'_>) -> String {
        let loaded = steps.parts.iter().filter(|step| self.done.contains(&step.number)).count();
        let all = human::counted(steps.parts.len() as u64, "parts");
        let are = if loaded == 1 { "is" } else { "are" };
        format!("the restore begun at {} ({loaded} of {all} {are} loaded)", self.head.begun)
    }

    /// Why a run with other steps does not go on with it.
    pub fn refusal(&self, steps: &Steps<'_>, backup: &str, place: &str) -> Error {
        let Head { backup: of, begun, .. } = &self.head;
        let what = match of == backup {
            true if self.head.steps != steps.sum => {
                "this backup with other options, or by another version of dbwright,".to_owned()
            }
            true => "this backup".to_owned(),
            false => format!("backup {of}"),
        };
        let message = format!("{place} holds a restore of {what} begun at {begun}, which has not ended");
        Error::new(Kind::Refused, message)
            .hint(format!("the command that began it goes on with it: dbwright restore {of} ..."))
            .hint("or drop that database; or begin anew, and drop what is there: --clean")
    }
}

/// Whether an object is a journal, or the schema of one.
pub fn is_journal(object: &Object) -> bool {
    object.name.name == JOURNAL || object.name.schema == JOURNAL
}

/// What the journal in a database says; None where there is none.
pub fn look(session: &mut dyn Session, backup: &dyn Backup) -> Result<Option<Noted>> {
    let Some(table) = backup.journal() else { return Ok(None) };
    if texts(session, table.is_there)?.is_empty() {
        return Ok(None);
    }
    let unreadable = || Error::new(Kind::Data, format!("the journal {} cannot be read", table.name));
    let (mut head, mut done, mut under_way) = (None, BTreeSet::new(), BTreeSet::new());
    let mut lines = BTreeMap::new();
    for row in texts(session, &format!("SELECT step, state, note FROM {}", table.name))? {
        let [step, state, note] = <[Option<String>; 3]>::try_from(row).map_err(|_| unreadable())?;
        let step: u64 = step.and_then(|step| step.parse().ok()).ok_or_else(unreadable)?;
        match (step, note) {
            (0, note) => {
                let text = note.ok_or_else(unreadable)?;
                head = Some(serde_json::from_str(&text).map_err(|error| unreadable().because(error))?);
            }
            (_, Some(count)) => {
                lines.insert(step, count.parse().map_err(|_| unreadable())?);
            }
            _ => {}
        }
        let set = if state.as_deref() == Some("0") { &mut under_way } else { &mut done };
        set.insert(step);
    }
    Ok(head.map(|head| Noted { head, done, under_way, lines }))
}

/// Takes a journal away, so that nobody goes on with what it tells of.
pub fn forget(session: &mut dyn Session, backup: &dyn Backup) -> Result<()> {
    match backup.journal() {
        Some(table) if !texts(session, table.is_there)?.is_empty() => run_all(session, table.end),
        _ => Ok(()),
    }
}

fn run_all(session: &mut dyn Session, statements: &[&str]) -> Result<()> {
    session.execute_all(statements).map_err(|stopped| stopped.error)
}

/// The journal of a restore that is under way.
pub struct Journal {
    backup: &'static dyn Backup,
    /// None where it could not be made: then all is done at once, or not at all.
    table: Option<&'static JournalTable>,
    noted: Noted,
    /// Whether another run has begun it.
    pub goes_on: bool,
    /// Whether what a statement makes can be taken back.
    transactional: bool,
}

impl Journal {
    /// Goes on with what was noted, or begins a journal in which the steps `there` are done.
    pub fn open(
        session: &mut dyn Session,
        backup: &'static dyn Backup,
        noted: Option<Noted>,
        head: Head,
        there: impl FnOnce(&mut dyn Session) -> Result<BTreeSet<u64>>,
    ) -> Result<Self> {
        let transactional = engine_for(session.server().engine).transactional_ddl();
        let (goes_on, noted) = match noted {
            Some(noted) => (true, noted),
            None => {
                let done = there(session)?;
                (false, Noted { head, done, under_way: BTreeSet::new(), lines: BTreeMap::new() })
            }
        };
        let mut journal = Journal { backup, table: backup.journal(), noted, goes_on, transactional };
        match goes_on {
            true => journal.note_head(session)?,
            false => journal.make(session)?,
        }
        Ok(journal)
    }

    /// Without the right to make a table there is none, and nobody goes on.
    fn make(&mut self, session: &mut dyn Session) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        let head = self.head(session)?;
        let done = self.noted.done.iter().map(|step| format!(", ({step}, {DONE}, NULL)"));
        let insert =
            format!("INSERT INTO {} VALUES (0, {DONE}, {head}){}", table.name, done.collect::<String>());
        let clear = format!("DELETE FROM {}", table.name);
        let all: Vec<&str> = table.make.iter().copied().chain([clear.as_str(), insert.as_str()]).collect();
        match session.execute_all(&all) {
            Ok(()) => Ok(()),
            Err(stopped) if stopped.error.kind() == Kind::Permission => {
                log::info!("no journal can be made: {}", stopped.error);
                self.table = None;
                Ok(())
            }
            Err(stopped) => Err(stopped.error.context("cannot make the journal of the restore")),
        }
    }

    fn note_head(&self, session: &mut dyn Session) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        let head = self.head(session)?;
        session.execute(&format!("UPDATE {} SET note = {head} WHERE step = 0", table.name), &[]).map(drop)
    }

    fn head(&self, session: &dyn Session) -> Result<String> {
        let engine = session.server().engine;
        let text = serde_json::to_string(&self.noted.head)
            .map_err(|error| Error::new(Kind::Data, "the journal cannot be written").because(error))?;
        quote_literal(engine_for(engine).dialect(engine), &text)
            .map_err(|error| Error::new(Kind::Data, "the journal cannot be written").because(error))
    }

    /// Whether a run that comes later can go on.
    pub fn is_kept(&self) -> bool {
        self.table.is_some()
    }

    pub fn is_done(&self, number: u64) -> bool {
        self.noted.done.contains(&number)
    }

    /// Lines of a part that are there already.
    pub fn lines(&self, number: u64) -> u64 {
        self.noted.lines.get(&number).copied().unwrap_or_default()
    }

    /// Notes a part, in the transaction of its rows.
    pub fn note(&self, session: &mut dyn Session, step: &PartStep<'_>) -> Result<()> {
        match self.table {
            Some(table) => session.execute(&insert(table, [step.number], DONE), &[]).map(drop),
            None => Ok(()),
        }
    }

    /// What notes that so many lines of a part are there, and whether those are all.
    pub fn lines_noted(&self, number: u64, count: u64, is_all: bool) -> Vec<String> {
        let Some(JournalTable { name, .. }) = self.table else { return Vec::new() };
        let state = if is_all { DONE } else { UNDER_WAY };
        vec![
            format!("DELETE FROM {name} WHERE step = {number}"),
            format!("INSERT INTO {name} VALUES ({number}, {state}, '{count}')"),
        ]
    }

    /// Parts whose rows are loaded anew.
    pub fn forget_parts(&mut self, session: &mut dyn Session, numbers: &[u64]) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        self.noted.done.retain(|number| !numbers.contains(number));
        session
            .execute(&format!("DELETE FROM {} WHERE step IN ({})", table.name, list(numbers)), &[])
            .map(drop)
    }

    /// Runs statements that are not done, all in one round trip, and notes them.
    pub fn run(&self, session: &mut dyn Session, steps: &[&Step]) -> Result<(), Stopped> {
        let sqls: Vec<&str> = steps.iter().map(|step| step.statement.sql.as_str()).collect();
        let numbers: Vec<u64> =
            steps.iter().filter(|step| !step.is_setting()).map(|step| step.number).collect();
        let Some(table) = self.table.filter(|_| !numbers.is_empty()) else {
            return session.execute_all(&sqls);
        };
        if self.transactional {
            let note = insert(table, numbers, DONE);
            return session.execute_all(&[sqls.as_slice(), &[note.as_str()]].concat());
        }
        let stopped = |error| Stopped { at: 0, error };
        let fresh: Vec<u64> =
            numbers.iter().copied().filter(|number| !self.noted.under_way.contains(number)).collect();
        if !fresh.is_empty() {
            session.execute(&insert(table, fresh.clone(), UNDER_WAY), &[]).map_err(stopped)?;
        }
        match fresh.len() == numbers.len() {
            true => session.execute_all(&sqls)?,
            false => self.run_again(session, steps)?,
        }
        let done = format!("UPDATE {} SET state = {DONE} WHERE step IN ({})", table.name, list(&numbers));
        session.execute(&done, &[]).map(drop).map_err(stopped)
    }

    /// What another run may have done before it was cut off.
    fn run_again(&self, session: &mut dyn Session, steps: &[&Step]) -> Result<(), Stopped> {
        for (at, step) in steps.iter().enumerate() {
            match session.execute(&step.statement.sql, &[]) {
                Err(error)
                    if self.noted.under_way.contains(&step.number)
                        && self.backup.is_there_already(&error) =>
                {
                    log::info!("done before: {}", error.message());
                }
                Err(error) => return Err(Stopped { at, error }),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// All is done.
    pub fn end(&self, session: &mut dyn Session) -> Result<()> {
        self.table.map_or(Ok(()), |table| run_all(session, table.end))
    }
}

fn insert(table: &JournalTable, numbers: impl IntoIterator<Item = u64>, state: u8) -> String {
    let rows: Vec<String> = numbers.into_iter().map(|number| format!("({number}, {state}, NULL)")).collect();
    format!("INSERT INTO {} VALUES {}", table.name, rows.join(", "))
}

fn list(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// A head for a restore that begins now.
pub fn begin(backup: &str, steps: &Steps<'_>, sessions: usize, clean: bool) -> Head {
    Head {
        backup: backup.to_owned(),
        steps: steps.sum.clone(),
        begun: human::timestamp(SystemTime::now()),
        sessions,
        clean,
    }
}
