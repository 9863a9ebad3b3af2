//! A backup put into an empty database: schema, rows, keys and indexes, the rest, each by as many
//! sessions as it allows.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::{Chosen, names, there};
use super::journal::{self, Journal};
use super::steps::{Step, Steps};
use super::{accounts, alone, rows_only};
use crate::commands::backup::{in_parallel, open};
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::backup::{Backup, Stage};
use crate::engine::{Session, Stopped, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Name, Scope};
use crate::model::progress::{Task, Unit};
use crate::model::snapshot::{Chunk, Compression, Part, Snapshot, Statement, StatementSection, Table};
use crate::model::target::{EngineKind, Target};
use crate::sql::Dialect;
use crate::store::Repository;
use crate::store::chunk::PartReader;
use crate::ui::human;

/// A restore.
pub struct Build<'a> {
    pub context: &'a Context,
    pub repository: &'a Repository,
    pub snapshot: &'a Snapshot,
    pub jobs: usize,
    /// Owners and grants too.
    pub privileges: bool,
    pub schema_only: bool,
    /// The roles or accounts of the server, before all else.
    pub globals: bool,
    /// No schema: the tables are there.
    pub data_only: bool,
    /// What was there is dropped for it.
    pub clean: bool,
    /// These tables alone; those of `data_only` always.
    pub chosen: Option<&'a Chosen>,
}

/// Statements that are sent together.
pub const TOGETHER: usize = 200;

pub type Sessions = Vec<Box<dyn Session>>;

/// What is built behind the rows of each table: lists of steps, each for one session.
pub type Behind<'s> = BTreeMap<Name, Vec<Vec<&'s Step>>>;

/// What a run that fails leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing that would have to be gone on with.
    Nothing,
    /// A database in which is noted what is done.
    Noted,
    Unnoted,
}

/// The engine that a backup is of.
pub fn engine_of(snapshot: &Snapshot) -> Result<EngineKind> {
    EngineKind::from_scheme(&snapshot.engine).ok_or_else(|| {
        Error::new(Kind::Unsupported, format!("this dbwright does not know the engine {:?}", snapshot.engine))
    })
}

impl Build<'_> {
    /// Looks, before anything is changed, whether every chunk is there and as long as it was, and
    /// whether the scripts are what they were; rows are looked at as they are loaded.
    pub fn refuse_damaged(&self) -> Result<()> {
        self.refuse_missing()?;
        self.snapshot
            .scripts()
            .try_for_each(|chunk| self.repository.checked_chunk(chunk, self.snapshot.compression).map(drop))
    }

    fn refuse_missing(&self) -> Result<()> {
        let missing = self.repository.missing(self.snapshot)?;
        let Some(first) = missing.first() else { return Ok(()) };
        let mut tables: Vec<String> = Vec::new();
        for table in &self.snapshot.tables {
            let chunks = table.parts.iter().flat_map(|part| &part.chunks);
            if chunks.into_iter().any(|chunk| missing.contains(chunk)) {
                tables.push(table.full_name().to_string());
            }
        }
        let hit = if tables.is_empty() {
            String::new()
        } else {
            format!("; rows of {} are gone", tables.join(", "))
        };
        let count = human::counted(missing.len() as u64, "chunks");
        Err(Error::new(
            Kind::Data,
            format!("the repository is damaged: {count} missing or cut off, the first is {}{hit}", first.id),
        )
        .hint("dbwright backup verify tells of all backups; restore one that is whole"))
    }

    /// Fills the database, which is empty.
    pub fn run(&self, target: &Target) -> Result<()> {
        let backup = engine_for(target.engine).backup().ok_or_else(|| {
            Error::new(Kind::Unsupported, format!("backups of {} cannot be restored", target.engine.title()))
        })?;
        interrupt::listen()?;
        if let Some(image) = &self.snapshot.image {
            return self.image(backup, target, &image.parts);
        }
        let mut target = target.clone();
        let _alone = alone::claim(self.context, &mut target)?;
        let mut sessions = open(self.context, &mut target, self.jobs.max(1))?;
        let _stoppable: Vec<_> =
            sessions.iter().map(|session| interrupt::guard(session.canceller())).collect();
        let mut left = Left::Nothing;
        self.fill(backup, &mut sessions, &target, &mut left).map_err(|error| {
            let error = refused_by_profile(interrupt::as_interrupted(error), &target);
            self.told(error, &target, left)
        })
    }

    /// An error with what is left, and how to go on.
    fn told(&self, error: Error, target: &Target, left: Left) -> Error {
        let name = target.database.clone().unwrap_or_default();
        let hint = match (left, self.data_only || self.chosen.is_some()) {
            (Left::Nothing, _) => return error,
            (Left::Noted, _) => {
                format!("database {name} is filled in part: the same command goes on with it")
            }
            (Left::Unnoted, true) => {
                "tables are filled in part: the same command with --clean begins anew".to_owned()
            }
            (Left::Unnoted, false) => {
                format!("database {name} is filled in part: drop it, and restore again")
            }
        };
        match error.kind() {
            Kind::Interrupted | Kind::Refused => error,
            _ => error.with_kind(Kind::Partial),
        }
        .hint(hint)
    }

    fn image(&self, backup: &dyn Backup, target: &Target, parts: &[Part]) -> Result<()> {
        let total = parts.iter().map(|part| part.bytes).sum();
        let task = self.context.ui.progress().task("restoring", Some(total), Unit::Bytes);
        let chunks: Vec<Chunk> = parts.iter().flat_map(|part| part.chunks.iter().cloned()).collect();
        let mut reader = self.reader(&chunks, task.as_ref());
        backup.write_image(target, &mut reader).map_err(|error| reader.explained(error))
    }

    /// A reader whose progress nobody sees.
    pub fn quiet_reader<'a>(&'a self, chunks: &'a [Chunk]) -> PartReader<'a> {
        PartReader::new(self.repository, self.snapshot.compression, chunks, |_| Ok(()))
    }

    pub fn reader<'a>(&'a self, chunks: &'a [Chunk], task: &'a dyn Task) -> PartReader<'a> {
        PartReader::new(self.repository, self.snapshot.compression, chunks, |bytes| {
            task.advance(bytes);
            match interrupt::arrived() {
                true => Err(Error::new(Kind::Interrupted, "interrupted")),
                false => Ok(()),
            }
        })
    }

    fn fill(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        target: &Target,
        left: &mut Left,
    ) -> Result<()> {
        for session in sessions.iter_mut() {
            backup.begin_load(session.as_mut())?;
        }
        let steps = Steps::of(self, backup)?;
        let mut journal = self.journal(backup, sessions, target, &steps)?;
        *left = if journal.is_kept() { Left::Noted } else { Left::Unnoted };
        if let Some(chosen) = self.chosen.filter(|_| self.data_only) {
            self.fill_tables(backup, sessions, (&mut journal, &steps), chosen)?;
        } else {
            self.fill_all(backup, sessions, &mut journal, &steps)?;
        }
        journal.end(first(sessions)?)?;
        *left = Left::Nothing;
        match self.chosen.filter(|_| self.data_only) {
            Some(chosen) => {
                let session = first(sessions)?;
                let live = session.catalog(Scope::default())?;
                rows_only::check_keys(session, &live, chosen).map_err(|error| error.with_kind(Kind::Partial))
            }
            None => Ok(()),
        }
    }

    /// The journal of what is to be done: that of a run before, when it had the same to do.
    fn journal(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        target: &Target,
        steps: &Steps<'_>,
    ) -> Result<Journal> {
        let before = journal::look(first(sessions)?, backup)?.map_or(0, |noted| noted.head.sessions);
        alone::wait_for_others(self.context, target, sessions, before)?;
        let count = sessions.len();
        let first = first(sessions)?;
        let noted = match journal::look(first, backup)? {
            Some(noted) if noted.is_of(steps, self.clean) => Some(noted),
            Some(_) if self.clean => {
                journal::forget(first, backup)?;
                None
            }
            Some(noted) => return Err(noted.refusal(steps, &self.snapshot.id, &target.label())),
            None => None,
        };
        let head = journal::begin(&self.snapshot.id, steps, count, self.clean);
        Journal::open(first, backup, noted, head, |session| self.there(backup, session, steps))
    }

    /// The steps that have nothing to do, as what they make is there already.
    fn there(
        &self,
        backup: &dyn Backup,
        session: &mut dyn Session,
        steps: &Steps<'_>,
    ) -> Result<BTreeSet<u64>> {
        let mut done = match self.globals {
            true => accounts::there(self.context, backup, session, &steps.accounts)?,
            false => BTreeSet::new(),
        };
        if let Some(chosen) = self.chosen.filter(|_| !self.data_only) {
            let there = there(&session.catalog(Scope::default())?);
            let engine = session.server().engine;
            let dialect = engine_for(engine).dialect(engine);
            let statements = steps.before.iter().chain(&steps.after);
            let is_there = |step: &&Step| !chosen.keeps(&step.statement, &there);
            done.extend(statements.filter(is_there).map(|step| step.number));
            let is_there = |step: &&Step| !chosen.keeps_value(&step.statement.sql, dialect, &there);
            done.extend(steps.values.iter().filter(is_there).map(|step| step.number));
        }
        Ok(done)
    }

    fn fill_all(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        journal: &mut Journal,
        steps: &Steps<'_>,
    ) -> Result<()> {
        accounts::make(journal, first(sessions)?, &steps.accounts)?;
        one_by_one(journal, first(sessions)?, &steps.before)?;
        let (behind, rest) = self.part_behind(backup, steps)?;
        self.load(backup, sessions, journal, steps, behind)?;
        self.build(backup, sessions, journal, &rest)?;
        accounts::grant(self.context, journal, first(sessions)?, &steps.accounts)?;
        if self.schema_only {
            return Ok(());
        }
        let values: Vec<&str> = steps
            .values
            .iter()
            .filter(|step| !journal.is_done(step.number))
            .map(|step| step.statement.sql.as_str())
            .collect();
        values.chunks(TOGETHER).try_for_each(|some| together(first(sessions)?, some))?;
        self.analyze(backup, sessions)
    }

    /// The rows alone, into tables that are there.
    fn fill_tables(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        (journal, steps): (&mut Journal, &Steps<'_>),
        chosen: &Chosen,
    ) -> Result<()> {
        for session in sessions.iter_mut() {
            backup.quiet(session.as_mut())?;
        }
        self.load(backup, sessions, journal, steps, Behind::new())?;
        let live = first(sessions)?.catalog(Scope::default())?;
        let dialect = engine_for(live.engine).dialect(live.engine);
        let values = rows_only::values(self, chosen, &live, dialect);
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        values.chunks(TOGETHER).try_for_each(|some| together(first(sessions)?, some))?;
        self.analyze(backup, sessions)
    }

    fn analyze(&self, backup: &'static dyn Backup, sessions: &mut Sessions) -> Result<()> {
        let tables: Vec<_> = self.tables().map(Table::full_name).collect();
        let analyze = backup.analyze(&tables);
        let task =
            self.context.ui.progress().task("analysing", Some(analyze.len() as u64), Unit::Count("tables"));
        in_parallel(analyze, sessions.iter_mut().collect(), |session, sql| {
            session.execute(&sql, &[])?;
            task.advance(1);
            Ok(())
        })?;
        Ok(())
    }

    /// The tables whose rows are loaded.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        let is_wanted =
            |table: &&Table| self.chosen.is_none_or(|all| all.tables.contains(&table.full_name()));
        self.snapshot.tables.iter().filter(is_wanted)
    }

    /// What comes before the rows, and after them; what is faster made behind the rows is.
    pub fn statements(&self, backup: &dyn Backup) -> Result<(Vec<Statement>, Vec<Statement>)> {
        let chunks = match self.privileges {
            true => &self.snapshot.statements_with_privileges,
            false => &self.snapshot.statements,
        };
        let with_rows: BTreeSet<Name> =
            self.snapshot.tables.iter().filter(|table| table.rows > 0).map(Table::full_name).collect();
        let (mut before, mut indexes, mut constraints) = (vec![], vec![], vec![]);
        let mut after = After::default();
        for statement in statements(self.repository, chunks, self.snapshot.compression)? {
            if statement.section == StatementSection::AfterData {
                let name = Name::new(statement.schema.clone(), statement.name.clone());
                let deferred = match with_rows.contains(&name) {
                    true => backup.defer(&statement),
                    false => vec![statement],
                };
                indexes.extend(after.take(deferred));
                continue;
            }
            for each in backup.defer(&statement) {
                match (each.section, each.object.as_str()) {
                    (StatementSection::BeforeData, _) => before.push(each),
                    (StatementSection::AfterData, "index") => indexes.push(each),
                    (StatementSection::AfterData, _) => constraints.push(each),
                }
            }
        }
        let after = after.end();
        Ok((before, indexes.into_iter().chain(constraints).chain(after).collect()))
    }

    /// What can be built as soon as the rows of its table are there; and the rest.
    fn part_behind<'s>(
        &self,
        backup: &dyn Backup,
        steps: &'s Steps<'_>,
    ) -> Result<(Behind<'s>, Vec<&'s Step>)> {
        let tables: BTreeMap<Name, u64> =
            steps.parts.iter().map(|step| (step.table.full_name(), step.table.bytes)).collect();
        let dialect = engine_of(self.snapshot).map(|engine| engine_for(engine).dialect(engine))?;
        let (mut behind, mut rest) = (Behind::new(), Vec::new());
        let mut alone: BTreeMap<Name, Vec<&Step>> = BTreeMap::new();
        for step in &steps.after {
            let stage = backup.stage(&step.statement.object, &step.statement.sql);
            match (stage, table_of(&step.statement, &tables, dialect)) {
                (Stage::Together, Some(table)) => behind.entry(table).or_default().push(vec![step]),
                (Stage::OnePerTable, Some(table)) => alone.entry(table).or_default().push(step),
                _ => rest.push(step),
            }
        }
        // An index of many columns takes longest, and nobody should wait for it at the end.
        let width =
            |steps: &Vec<&Step>| steps.iter().map(|step| step.statement.sql.matches(',').count()).sum();
        behind
            .values_mut()
            .for_each(|lists| lists.sort_by_key(|steps| std::cmp::Reverse::<usize>(width(steps))));
        for (table, steps) in alone {
            behind.entry(table).or_default().push(steps);
        }
        Ok((behind, rest))
    }

    /// Keys, indexes, and what watches over rows, in their order.
    fn build(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        journal: &Journal,
        steps: &[&Step],
    ) -> Result<()> {
        let task = self.context.ui.progress().task(
            "building keys and indexes",
            Some(steps.len() as u64),
            Unit::Count("statements"),
        );
        let sizes: BTreeMap<Name, u64> =
            self.snapshot.tables.iter().map(|table| (table.full_name(), table.bytes)).collect();
        let dialect = engine_of(self.snapshot).map(|engine| engine_for(engine).dialect(engine))?;
        let staged = steps
            .iter()
            .map(|each| (backup.stage(&each.statement.object, &each.statement.sql), *each))
            .collect::<Vec<_>>();
        for run in staged.chunk_by(|one, other| one.0 == other.0) {
            let stage = run.first().map_or(Stage::Alone, |(stage, _)| *stage);
            let mut items = grouped(stage, run.iter().map(|(_, step)| *step));
            if stage != Stage::Alone {
                items.sort_by_cached_key(|item| {
                    std::cmp::Reverse(item.first().map(|each| size_of(&each.statement, &sizes, dialect)))
                });
            }
            let workers = match stage {
                Stage::Alone => 1,
                _ => sessions.len(),
            };
            in_parallel(items, sessions.iter_mut().take(workers).collect(), |session, item| {
                task.advance(item.len() as u64);
                one_by_one(journal, session.as_mut(), item)
            })?;
        }
        Ok(())
    }
}

/// What comes after the rows, in its order but for what became of constraints.
#[derive(Default)]
struct After {
    statements: Vec<Statement>,
    /// Second steps of constraints, which follow the first ones of all their neighbours.
    late: Vec<Statement>,
}

impl After {
    /// Takes what came of a statement, and hands back the index that goes before all.
    fn take(&mut self, deferred: Vec<Statement>) -> Option<Statement> {
        let mut deferred = deferred.into_iter();
        let first = deferred.next()?;
        if first.object != "constraint" {
            let is_key = deferred.len() > 0;
            self.statements.append(&mut self.late);
            self.statements.extend(deferred);
            if is_key {
                return Some(first);
            }
            self.statements.push(first);
            return None;
        }
        self.statements.push(first);
        self.late.extend(deferred);
        None
    }

    fn end(mut self) -> Vec<Statement> {
        self.statements.append(&mut self.late);
        self.statements
    }
}

/// The statements that chunks hold, a line each.
pub fn statements(
    repository: &Repository,
    chunks: &[Chunk],
    compression: Compression,
) -> Result<Vec<Statement>> {
    let text = repository.text(chunks, compression)?;
    let unreadable =
        |error| Error::new(Kind::Data, "a statement of the backup cannot be read").because(error);
    text.lines().map(|line| serde_json::from_str(line).map_err(unreadable)).collect()
}

/// The one of the tables that a statement works on; one that makes an index has the name of that.
fn table_of(statement: &Statement, tables: &BTreeMap<Name, u64>, dialect: &Dialect) -> Option<Name> {
    let own = Name::new(statement.schema.clone(), statement.name.clone());
    match tables.contains_key(&own) {
        true => Some(own),
        false => names(&statement.sql, dialect).into_iter().find(|name| tables.contains_key(name)),
    }
}

/// How large the table is that a statement works on.
fn size_of(statement: &Statement, sizes: &BTreeMap<Name, u64>, dialect: &Dialect) -> u64 {
    table_of(statement, sizes, dialect).and_then(|table| sizes.get(&table).copied()).unwrap_or_default()
}

/// Steps that one session takes in their order, while others take theirs.
fn grouped<'a>(stage: Stage, steps: impl Iterator<Item = &'a Step>) -> Vec<Vec<&'a Step>> {
    match stage {
        Stage::Alone => vec![steps.collect()],
        Stage::Together => steps.map(|step| vec![step]).collect(),
        Stage::OnePerTable | Stage::OnePerTableLater => {
            let mut of: BTreeMap<(&str, &str), Vec<&Step>> = BTreeMap::new();
            for step in steps {
                let Statement { schema, name, .. } = &step.statement;
                of.entry((schema, name)).or_default().push(step);
            }
            of.into_values().collect()
        }
    }
}

/// The session that does what one session must do.
pub fn first(sessions: &mut Sessions) -> Result<&mut dyn Session> {
    match sessions.first_mut() {
        Some(session) => Ok(session.as_mut()),
        None => Err(Error::new(Kind::Connect, "there is no session")),
    }
}

/// Runs the steps that are not done, some at a time.
pub fn one_by_one<'s>(
    journal: &Journal,
    session: &mut dyn Session,
    steps: impl IntoIterator<Item = &'s Step>,
) -> Result<()> {
    let steps: Vec<&Step> = steps.into_iter().filter(|step| !journal.is_done(step.number)).collect();
    for some in steps.chunks(TOGETHER) {
        journal.run(session, some).map_err(|stopped| {
            explained(stopped, |at| some.get(at).map(|step| step.statement.sql.as_str()))
        })?;
    }
    Ok(())
}

/// Runs statements in one round trip.
pub fn together(session: &mut dyn Session, statements: &[&str]) -> Result<()> {
    session.execute_all(statements).map_err(|stopped| explained(stopped, |at| statements.get(at).copied()))
}

fn explained<'s>(stopped: Stopped, sql: impl Fn(usize) -> Option<&'s str>) -> Error {
    let begins: String = sql(stopped.at).unwrap_or("what is noted of it").chars().take(200).collect();
    stopped.error.context(format!("cannot run: {begins}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::POSTGRES;

    #[test]
    fn an_index_is_as_large_as_its_table() {
        let sizes = BTreeMap::from([(Name::new("shop", "a"), 7), (Name::new("shop", "b"), 9)]);
        let size = |object: &str, name: &str, sql: &str| {
            let statement = Statement {
                object: object.into(),
                schema: "shop".into(),
                name: name.into(),
                section: StatementSection::AfterData,
                sql: sql.into(),
            };
            size_of(&statement, &sizes, &POSTGRES)
        };
        assert_eq!(size("index", "b_by_name", "CREATE INDEX b_by_name ON shop.b USING btree (name)"), 9);
        assert_eq!(size("constraint", "a", "ALTER TABLE ONLY shop.a ADD CONSTRAINT k PRIMARY KEY (id)"), 7);
        assert_eq!(size("index", "c_i", "CREATE INDEX c_i ON shop.c USING btree (name)"), 0);
    }
}
