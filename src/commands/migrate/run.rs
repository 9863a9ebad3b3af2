//! Running migrations, one after the other, so that whoever is interrupted knows where things stand.

use std::time::{Duration, Instant, SystemTime};

use super::folder::{Folder, Migration, Script};
use super::history::{History, Marks};
use super::hooks::Hooks;
use super::watch::{Watch, who};
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::{Claim, Engine, Session, Stopped, engine_for};
use crate::error::{Error, Kind, Result};
use crate::migrations::{Record, checksum};
use crate::model::place::place;
use crate::model::server::{TxState, Waiting};
use crate::model::target::Target;
use crate::ui::human;

/// Between two looks at whether another run has ended.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two words on who is waited for.
const BETWEEN_WORDS: Duration = Duration::from_secs(5);
/// What other runs are kept out of.
const CLAIM: &str = "dbwright migrate";

/// A migration that is applied or taken back.
pub struct Job<'a> {
    /// `20260131_add_film`.
    pub title: String,
    pub script: &'a Script,
    /// The row as it is when all is done; None when it is gone then.
    pub after: Option<Record>,
    /// The row while a part is done.
    pub during: Record,
    /// There is a row already.
    pub replaces: bool,
}

/// `20260131 add_film`
pub fn named(id: &str, name: &str) -> String {
    match id.strip_prefix("R ") {
        Some(repeatable) => format!("R {repeatable}"),
        None => format!("{id} {name}").trim_end().to_owned(),
    }
}

/// Runs jobs on a session.
pub struct Runner<'a> {
    pub context: &'a Context,
    pub target: &'a Target,
    pub session: Box<dyn Session>,
    pub history: History,
    pub folder: &'a Folder,
    /// How long another run is waited for.
    pub patience: Duration,
    /// How often a migration is tried again that could not have a lock in time.
    pub retries: u32,
    /// Statements of the history that wait for the next transaction: they are no change of their
    /// own, and a commit is what takes time.
    pub(super) waiting: Vec<String>,
    /// What is done around migrations.
    pub hooks: Hooks,
    /// The migration that a hook was asked for last.
    pub(super) last: String,
    /// Tells for whom a job waits.
    pub(super) watch: Watch,
    /// What others had committed when the history was last looked at, in this session.
    pub(super) looked: Option<i64>,
    /// Everything is one transaction, which is open.
    pub together: bool,
}

impl<'a> Runner<'a> {
    pub(super) fn engine(&self) -> &'static dyn Engine {
        engine_for(self.session.server().engine)
    }

    /// Whether a script is all or nothing here.
    pub fn is_transaction(&self, script: &Script) -> bool {
        self.engine().transactional_ddl() && script.transaction
    }

    /// Refuses one transaction for what cannot be in it.
    pub fn check_together(&self, wanted: bool, todo: &[(&Migration, Option<Record>)]) -> Result<()> {
        if !wanted {
            return Ok(());
        }
        if !self.engine().transactional_ddl() {
            let title = self.session.server().engine.title();
            let message =
                format!("{title} commits every change of schema at once: there is no one transaction");
            return Err(Error::new(Kind::Unsupported, message));
        }
        if self.hooks.between() {
            return Err(Error::usage("hooks run between two transactions, and there is only one")
                .hint("leave --one-transaction away, or the hooks before_each and after_each"));
        }
        let odd = todo.iter().map(|(migration, _)| *migration).find(|migration| {
            !migration.up.transaction
                || migration.lock_timeout.is_some()
                || migration.statement_timeout.is_some()
        });
        match odd {
            None => Ok(()),
            Some(migration) => {
                let title = named(&migration.wanted.id.to_string(), &migration.wanted.name);
                let message =
                    format!("{title} wants a transaction or time-outs of its own, and cannot be part of one");
                Err(Error::usage(message).hint("leave --one-transaction away, or end before it: --to ID"))
            }
        }
    }

    /// Runs what has time-outs of its own on a session that has them.
    pub fn with_own_times<T>(
        &mut self,
        migration: &Migration,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if migration.lock_timeout.is_none() && migration.statement_timeout.is_none() {
            return body(self);
        }
        self.flush()?;
        let mut target = Target {
            lock_timeout: migration.lock_timeout.or(self.target.lock_timeout),
            statement_timeout: migration.statement_timeout.or(self.target.statement_timeout),
            ..self.target.clone()
        };
        let session = self.context.open(&mut target)?;
        let _stoppable = interrupt::guard(session.canceller());
        let first = std::mem::replace(&mut self.session, session);
        self.looked = None;
        let outcome = body(self).and_then(|value| self.flush().map(|()| value));
        self.session = first;
        self.looked = None;
        outcome
    }

    /// Ends the one transaction.
    pub fn end_together(&mut self, outcome: Result<()>) -> Result<()> {
        let outcome = outcome.and_then(|()| self.flush()).and_then(|()| {
            let ended = self.session.execute("COMMIT", &[]);
            ended.map(drop).map_err(interrupt::as_interrupted)
        });
        outcome.map_err(|error| {
            self.take_back();
            error.hint("all migrations of this run were taken back")
        })
    }

    /// What took effect must still be what the file begins with.
    pub fn same_beginning(&self, title: &str, script: &Script, record: &Record) -> Result<()> {
        let spoken_of = record.done + u64::from(record.doubt.is_some());
        let count = usize::try_from(spoken_of).unwrap_or(usize::MAX);
        let dialect = self.engine().dialect(self.session.server().engine);
        let now = script.statements.get(..count).map(|begin| checksum(begin, dialect));
        match now.is_some() && now == record.checksum {
            true => Ok(()),
            false => {
                let message =
                    format!("{title} was edited, and {} of its statements took effect before", record.done);
                Err(Error::new(Kind::Refused, message)
                    .hint("bring back the statements that took effect; those after them may change")
                    .hint("or say what holds: migrate repair --applied ID, or --forget ID"))
            }
        }
    }

    /// Keeps other runs out, after waiting for one that is under way.
    pub fn claim(&mut self) -> Result<Claim> {
        let deadline = Instant::now() + self.patience;
        let mut tell = Instant::now();
        loop {
            match self.session.try_claim(CLAIM)? {
                Claim::Busy if Instant::now() < deadline => {
                    if Instant::now() >= tell {
                        self.tell_who_migrates();
                        tell = Instant::now() + BETWEEN_WORDS;
                    }
                    if interrupt::sleep(PAUSE) {
                        return Err(Error::new(Kind::Interrupted, "interrupted; nothing was changed"));
                    }
                }
                Claim::Busy => {
                    let label = self.target.label();
                    let message = format!("another run of dbwright migrates {label}");
                    return Err(Error::new(Kind::Locked, message).hint(
                        "nothing was changed; try again when it has ended, or wait longer: --wait 10m",
                    ));
                }
                claim => return Ok(claim),
            }
        }
    }

    fn tell_who_migrates(&self) {
        let who = who(self.target, Waiting::Claim(CLAIM)).map_or_else(String::new, |who| format!(": {who}"));
        let message = format!("another run of dbwright migrates this database, waiting for it{who}");
        self.context.ui.status(&message);
    }

    /// The history as it is now; its table is made when there is none.
    pub fn history(&mut self) -> Result<Vec<Record>> {
        if let Some(records) = self.history.read(self.session.as_mut())? {
            return Ok(records);
        }
        let (begin, create) = (self.engine().begin_change(), self.history.create()?);
        self.session.execute(begin, &[]).map_err(|error| refused_by_profile(error, self.target))?;
        let made = match self.history.read(self.session.as_mut()) {
            Ok(None) if self.session.transaction() == TxState::Failed => {
                // The question itself has ended the transaction.
                self.session.execute("ROLLBACK", &[])?;
                self.session.execute(begin, &[])?;
                self.run_all(&create)
            }
            Ok(None) => self.run_all(&create),
            Ok(Some(_)) => Ok(()),
            Err(error) => Err(error),
        };
        match made {
            Ok(()) => self.session.execute("COMMIT", &[]).map(drop)?,
            Err(error) => {
                self.take_back();
                let error = refused_by_profile(error, self.target);
                return Err(error.context("cannot make the table that keeps the history of migrations"));
            }
        }
        Ok(self.history.read(self.session.as_mut())?.unwrap_or_default())
    }

    fn run_all(&mut self, statements: &[String]) -> Result<()> {
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        self.session.execute_all(&statements).map_err(|stopped| stopped.error)
    }

    /// Runs a job; how long it took.
    pub fn run(&mut self, job: &Job<'_>, known: Option<Marks>) -> Result<Duration> {
        self.watch.begin(&job.title, self.session.server().session_id);
        let outcome = self.run_watched(job, known);
        self.watch.end();
        outcome
    }

    fn run_watched(&mut self, job: &Job<'_>, known: Option<Marks>) -> Result<Duration> {
        let started = Instant::now();
        if !(self.engine().transactional_ddl() && job.script.transaction) {
            self.step_by_step(job)?;
            return Ok(started.elapsed());
        }
        self.in_transaction(job, known)?;
        let took = started.elapsed();
        if let Some(after) = &job.after {
            self.waiting.push(self.history.took(&after.id, millis(took))?);
        }
        Ok(took)
    }

    /// Writes what waits for the next transaction.
    pub fn flush(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let mut statements = vec![self.engine().begin_change().to_owned()];
        statements.extend(waiting);
        statements.push("COMMIT".to_owned());
        if self.together {
            statements.pop();
            statements.remove(0);
        }
        self.run_all(&statements).inspect_err(|_| self.take_back())
    }

    /// A migration that waits for a lock is tried again: it has changed nothing yet.
    fn in_transaction(&mut self, job: &Job<'_>, known: Option<Marks>) -> Result<()> {
        let mut tries = 0;
        loop {
            match self.try_in_transaction(job, known) {
                Err(error) if error.kind() == Kind::Lock && tries < self.retries && !self.together => {
                    self.wait_for_lock(job, tries)?;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Longer each time, and not at the same moments as others who wait.
    pub(super) fn wait_for_lock(&self, job: &Job<'_>, tries: u32) -> Result<()> {
        let pause = Duration::from_millis(500) * 2_u32.pow(tries.min(5))
            + Duration::from_millis(fastrand::u64(..250));
        // Where there is no server, nobody could be asked while the statement waited.
        let holder = match self.session.server().session_id {
            Some(_) => String::new(),
            None => match who(self.target, Waiting::File) {
                Some(who) => format!(" of {who}"),
                None => " (SQLite does not tell whose)".to_owned(),
            },
        };
        self.context.ui.status(&format!(
            "{} could not have a lock{holder}: trying again in {} ({} of {})",
            job.title,
            human::duration(pause),
            tries + 1,
            self.retries
        ));
        match interrupt::sleep(pause) {
            true => Err(Error::new(Kind::Interrupted, "interrupted")),
            false => Ok(()),
        }
    }

    fn try_in_transaction(&mut self, job: &Job<'_>, known: Option<Marks>) -> Result<()> {
        let references = self.engine().loose_references().filter(|_| self.makes_tables_anew(job.script));
        let Some(references) = references else { return self.transaction(job, known, None) };
        let watched = self.first_cell(references.watched)?.as_deref() == Some("1");
        let before = self.rows(references.broken)?;
        if watched && !self.together {
            self.session.execute(references.loosen, &[])?;
        }
        let outcome = self.transaction(job, known, Some((references.broken, &before)));
        if watched && !self.together {
            self.session.execute(references.fasten, &[])?;
        }
        outcome
    }

    /// Only statements on whole tables, and settings, need the references let alone.
    fn makes_tables_anew(&self, script: &Script) -> bool {
        let dialect = self.engine().dialect(self.session.server().engine);
        script.statements.iter().any(|statement| {
            let words = crate::sql::leading_keywords(&statement.sql, dialect, 2);
            matches!(words.first().map(String::as_str), Some("PRAGMA"))
                || words == ["DROP", "TABLE"]
                || words == ["ALTER", "TABLE"]
        })
    }

    fn transaction(
        &mut self,
        job: &Job<'_>,
        known: Option<Marks>,
        broken: Option<(&str, &[String])>,
    ) -> Result<()> {
        let begin = if self.together { None } else { Some(self.engine().begin_change()) };
        let commit = if self.together { None } else { Some("COMMIT") };
        let mut finish = match &job.after {
            Some(record) => self.history.write(record)?.to_vec(),
            None => self.history.taken_back(&job.during)?,
        };
        // A new row has none before it; a row that is there is replaced.
        if job.after.is_some() && !job.replaces {
            finish.remove(0);
        }
        let waiting = std::mem::take(&mut self.waiting);
        let outcome = match known.is_some() || broken.is_some() {
            false => self.in_one(job, begin, &waiting, &finish, commit),
            true => self.one_by_one(job, begin, &waiting, &finish, commit, known, broken),
        };
        if outcome.is_err() {
            if !self.together {
                self.take_back();
            }
            self.waiting = waiting;
        }
        outcome
    }

    /// All in one go: the fewest round trips.
    fn in_one(
        &mut self,
        job: &Job<'_>,
        begin: Option<&str>,
        waiting: &[String],
        finish: &[String],
        commit: Option<&str>,
    ) -> Result<()> {
        let mut all: Vec<&str> = begin.into_iter().collect();
        all.extend(waiting.iter().map(String::as_str));
        let first = all.len();
        all.extend(job.script.statements.iter().map(|statement| statement.sql.as_str()));
        all.extend(finish.iter().map(String::as_str));
        all.extend(commit);
        let at_end = commit.map(|_| all.len() - 1);
        self.session
            .execute_all(&all)
            .map_err(|Stopped { at, error }| self.told(job, at.checked_sub(first), Some(at) == at_end, error))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one transaction, in their order")]
    fn one_by_one(
        &mut self,
        job: &Job<'_>,
        begin: Option<&str>,
        waiting: &[String],
        finish: &[String],
        commit: Option<&str>,
        known: Option<Marks>,
        broken: Option<(&str, &[String])>,
    ) -> Result<()> {
        if let Some(begin) = begin {
            self.session.execute(begin, &[]).map_err(|error| self.told(job, None, false, error))?;
        }
        // What waits is of ours, and known.
        self.run_all(waiting)?;
        if let Some(known) = known {
            self.still_as_known(known)?;
        }
        for (at, statement) in job.script.statements.iter().enumerate() {
            if interrupt::arrived() {
                let error = Error::new(Kind::Interrupted, "interrupted");
                return Err(self.told(job, Some(at), false, error));
            }
            let outcome = self.session.execute(&statement.sql, &[]);
            outcome.map_err(|error| self.told(job, Some(at), false, error))?;
        }
        if let Some((query, before)) = broken {
            self.nothing_new_is_broken(job, query, before)?;
        }
        self.run_all(finish)?;
        match commit {
            Some(commit) => {
                self.session.execute(commit, &[]).map(drop).map_err(|error| self.told(job, None, true, error))
            }
            None => Ok(()),
        }
    }

    /// Where nobody else can be kept out, others may have been here since the history was read.
    fn still_as_known(&mut self, known: Marks) -> Result<()> {
        let now = self.session.others_commits()?;
        if now.is_some() && now == self.looked {
            return Ok(());
        }
        match self.history.marks(self.session.as_mut())? == known {
            true => {
                self.looked = now;
                Ok(())
            }
            false => {
                Err(Error::new(Kind::Locked, "another run of dbwright has changed the history meanwhile"))
            }
        }
    }

    fn nothing_new_is_broken(&mut self, job: &Job<'_>, query: &str, before: &[String]) -> Result<()> {
        let now = self.rows(query)?;
        let new: Vec<&String> = now.iter().filter(|row| !before.contains(row)).collect();
        let Some(first) = new.first() else { return Ok(()) };
        let count = human::counted(new.len() as u64, "rows");
        let message = format!("{} leaves {count} that refer to rows which are not there: {first}", job.title);
        Err(Error::new(Kind::Constraint, message)
            .hint("nothing of it was changed")
            .hint("each line is a table, a row, the table it refers to and the number of the key"))
    }

    fn rows(&mut self, query: &str) -> Result<Vec<String>> {
        let mut rows = Vec::new();
        self.session.query(query, &[], &mut |cursor| {
            let width = cursor.columns().len();
            while cursor.advance()? {
                let cells: Vec<String> = (0..width)
                    .map(|index| super::history::text(cursor.cell(index)).unwrap_or_default())
                    .collect();
                rows.push(cells.join(" "));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    fn first_cell(&mut self, query: &str) -> Result<Option<String>> {
        Ok(self.rows(query)?.into_iter().next())
    }

    pub(super) fn take_back(&mut self) {
        if self.session.is_alive()
            && self.session.transaction() != TxState::Idle
            && let Err(error) = self.session.execute("ROLLBACK", &[])
        {
            log::warn!("cannot take the transaction back: {error}");
        }
    }

    /// The error of a transaction, with its place in the file and where things stand.
    fn told(&self, job: &Job<'_>, at: Option<usize>, ending: bool, error: Error) -> Error {
        let error = refused_by_profile(interrupt::as_interrupted(error), self.target);
        let error = match at.filter(|at| *at < job.script.statements.len()) {
            Some(at) => self.at_statement(job, at, error),
            None => error.context(format!("{} failed", job.title)),
        };
        match (error.kind(), ending) {
            (Kind::Lost, true) => error.hint(
                "the connection broke while the transaction ended: migrate status tells whether it was done",
            ),
            _ => error.hint("nothing of it was changed"),
        }
    }

    pub(super) fn at_statement(&self, job: &Job<'_>, at: usize, error: Error) -> Error {
        let statement = &job.script.statements[at];
        let error = match error.kind() {
            Kind::Interrupted => error,
            _ => {
                let inside = error.server_error().and_then(|server| server.position).unwrap_or(0);
                match job.script.files.get(at) {
                    Some(&file) => {
                        let text = &self.folder.files[file].text;
                        error.at(place(&self.folder.shown(file), text, statement.place(inside)))
                    }
                    None => error.at(place("the history", &statement.sql, inside)),
                }
            }
        };
        let count = job.script.statements.len();
        error.context(format!("{} failed at statement {} of {count}", job.title, at + 1))
    }
}

pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Who runs migrations, and from where.
pub struct Author {
    pub user: String,
    pub host: String,
}

impl Author {
    pub fn of(context: &Context, session: &dyn Session) -> Author {
        let user = match session.server().user.as_str() {
            "" => context.env.variable("USER").unwrap_or_default(),
            user => user,
        };
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Author { user: user.to_owned(), host }
    }

    /// The row of a migration that begins now.
    pub fn begin(&self, id: &str, name: &str) -> Record {
        Record {
            id: id.to_owned(),
            name: name.to_owned(),
            started_at: human::timestamp(SystemTime::now()),
            by_user: self.user.clone(),
            by_host: self.host.clone(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Record::default()
        }
    }
}
