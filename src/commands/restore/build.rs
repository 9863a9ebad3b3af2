//! A backup put into an empty database: schema, rows, keys and indexes, the rest, each by as many
//! sessions as it allows.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::accounts::NewAccounts;
use super::choose::{Chosen, names, there};
use super::rows_only;
use crate::commands::backup::{in_parallel, open};
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::backup::{Backup, Stage};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Name, Scope};
use crate::model::progress::{Task, Unit};
use crate::model::snapshot::{Chunk, Compression, Form, Part, Snapshot, Statement, StatementSection, Table};
use crate::model::target::{EngineKind, Target};
use crate::sql::Dialect;
use crate::store::Repository;
use crate::store::chunk::PartReader;
use crate::store::digest;
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
    /// These tables alone; those of `data_only` always.
    pub chosen: Option<&'a Chosen>,
}

/// Statements that are sent together.
const TOGETHER: usize = 200;

type Sessions = Vec<Box<dyn Session>>;

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
        let mut sessions = open(self.context, &mut target, self.jobs.max(1))?;
        let _stoppable: Vec<_> =
            sessions.iter().map(|session| interrupt::guard(session.canceller())).collect();
        self.fill(backup, &mut sessions).map_err(|error| {
            let error = refused_by_profile(interrupt::as_interrupted(error), &target);
            let name = target.database.clone().unwrap_or_default();
            match error.kind() {
                Kind::Interrupted | Kind::Refused => error,
                _ => error.with_kind(Kind::Partial),
            }
            .hint(match (self.data_only, self.chosen) {
                (true, _) => "rows were loaded in part: the same command with --clean begins anew".to_owned(),
                (false, Some(_)) => {
                    "tables were made in part: the same command with --clean begins anew".to_owned()
                }
                (false, None) => format!("database {name} is filled in part: drop it, and restore again"),
            })
        })
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

    fn reader<'a>(&'a self, chunks: &'a [Chunk], task: &'a dyn Task) -> PartReader<'a> {
        PartReader::new(self.repository, self.snapshot.compression, chunks, |bytes| {
            task.advance(bytes);
            match interrupt::arrived() {
                true => Err(Error::new(Kind::Interrupted, "interrupted")),
                false => Ok(()),
            }
        })
    }

    fn fill(&self, backup: &'static dyn Backup, sessions: &mut Sessions) -> Result<()> {
        for session in sessions.iter_mut() {
            backup.begin_load(session.as_mut())?;
        }
        if let Some(chosen) = self.chosen.filter(|_| self.data_only) {
            return self.fill_tables(backup, sessions, chosen);
        }
        let (mut before, mut after) = self.statements(backup)?;
        let mut values = self.snapshot.values.clone();
        let first = sessions.first_mut().ok_or_else(|| Error::new(Kind::Connect, "there is no session"))?;
        let accounts = match self.globals {
            true => {
                Some(NewAccounts::of(self.context, self.repository, self.snapshot, backup, first.as_mut())?)
            }
            false => None,
        };
        if let Some(accounts) = &accounts {
            accounts.make(first.as_mut())?;
        }
        if let Some(chosen) = self.chosen {
            let there = there(&first.catalog(Scope::default())?);
            let engine = first.server().engine;
            let dialect = engine_for(engine).dialect(engine);
            before.retain(|statement| chosen.keeps(statement, &there));
            after.retain(|statement| chosen.keeps(statement, &there));
            values.retain(|sql| chosen.keeps_value(sql, dialect, &there));
        }
        one_by_one(first.as_mut(), before.iter().map(|statement| statement.sql.as_str()))?;
        if !self.schema_only {
            self.load(backup, sessions)?;
        }
        self.build(backup, sessions, &after)?;
        let first = sessions.first_mut().ok_or_else(|| Error::new(Kind::Connect, "there is no session"))?;
        if let Some(accounts) = &accounts {
            accounts.grant(self.context, first.as_mut())?;
        }
        if self.schema_only {
            return Ok(());
        }
        one_by_one(first.as_mut(), values.iter().map(String::as_str))?;
        self.analyze(backup, sessions)
    }

    /// The rows alone, into tables that are there.
    fn fill_tables(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        chosen: &Chosen,
    ) -> Result<()> {
        for session in sessions.iter_mut() {
            backup.quiet(session.as_mut())?;
        }
        let first = sessions.first_mut().ok_or_else(|| Error::new(Kind::Connect, "there is no session"))?;
        let live = first.catalog(Scope::default())?;
        let dialect = engine_for(live.engine).dialect(live.engine);
        self.load(backup, sessions)?;
        let values = rows_only::values(self, chosen, &live, dialect);
        let first = sessions.first_mut().ok_or_else(|| Error::new(Kind::Connect, "there is no session"))?;
        one_by_one(first.as_mut(), values.iter().map(String::as_str))?;
        rows_only::check_keys(first.as_mut(), &live, chosen)?;
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
        let (mut before, mut indexes, mut constraints, mut after) = (vec![], vec![], vec![], vec![]);
        for statement in statements(self.repository, chunks, self.snapshot.compression)? {
            if statement.section == StatementSection::AfterData {
                after.push(statement);
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
        Ok((before, indexes.into_iter().chain(constraints).chain(after).collect()))
    }

    /// All parts of all tables, those of the largest table first.
    fn load(&self, backup: &'static dyn Backup, sessions: &mut Sessions) -> Result<()> {
        let mut tables: Vec<&Table> = self.tables().collect();
        tables.sort_by_key(|table| std::cmp::Reverse(table.bytes));
        let parts: Vec<(&Table, &Part)> =
            tables.iter().flat_map(|table| table.parts.iter().map(|part| (*table, part))).collect();
        let parts: Vec<_> = parts.into_iter().filter(|(_, part)| part.rows > 0).collect();
        let total = parts.iter().map(|(_, part)| part.bytes).sum();
        let task = self.context.ui.progress().task("loading", Some(total), Unit::Bytes);
        in_parallel(parts, sessions.iter_mut().collect(), |session, (table, part)| {
            let mut reader = self.reader(&part.chunks, task.as_ref());
            let loaded = match table.form {
                Form::Statements => self.lines(session.as_mut(), &mut reader),
                _ => backup.load(session.as_mut(), &table.load, &mut reader),
            };
            let loaded = loaded.and_then(|rows| finish(&mut reader).map(|()| rows));
            let rows = loaded.map_err(|error| {
                reader.explained(error).context(format!("cannot load table {}", table.full_name()))
            })?;
            match rows == part.rows {
                true => Ok(()),
                false => Err(Error::new(
                    Kind::Data,
                    format!("table {}: {rows} of {} rows were taken", table.full_name(), part.rows),
                )),
            }
        })?;
        Ok(())
    }

    /// Statements that are rows of a backup, some at a time.
    fn lines(&self, session: &mut dyn Session, reader: &mut PartReader<'_>) -> Result<u64> {
        let mut count = 0;
        let mut some: Vec<String> = Vec::new();
        loop {
            let mut line = String::new();
            let is_end = reader.read_line(&mut line)? == 0;
            if is_end || some.len() == TOGETHER {
                one_by_one(session, some.drain(..).as_slice().iter().map(String::as_str))?;
            }
            if is_end {
                return Ok(count);
            }
            let of_rights = line.bytes().next().is_some_and(digest::is_of_rights);
            count += u64::from(!of_rights);
            if self.privileges || !of_rights {
                some.push(line.trim_end().trim_end_matches(';').to_owned());
            }
        }
    }

    /// Keys, indexes, and what watches over rows, in their order.
    fn build(
        &self,
        backup: &'static dyn Backup,
        sessions: &mut Sessions,
        statements: &[Statement],
    ) -> Result<()> {
        let task = self.context.ui.progress().task(
            "building keys and indexes",
            Some(statements.len() as u64),
            Unit::Count("statements"),
        );
        let sizes: BTreeMap<Name, u64> =
            self.snapshot.tables.iter().map(|table| (table.full_name(), table.bytes)).collect();
        let dialect = engine_of(self.snapshot).map(|engine| engine_for(engine).dialect(engine))?;
        let staged =
            statements.iter().map(|each| (backup.stage(&each.object, &each.sql), each)).collect::<Vec<_>>();
        for run in staged.chunk_by(|one, other| one.0 == other.0) {
            let stage = run.first().map_or(Stage::Alone, |(stage, _)| *stage);
            let mut items = grouped(stage, run.iter().map(|(_, statement)| *statement));
            if stage != Stage::Alone {
                items.sort_by_cached_key(|item| {
                    std::cmp::Reverse(item.first().map(|each| size_of(each, &sizes, dialect)))
                });
            }
            let workers = match stage {
                Stage::Alone => 1,
                _ => sessions.len(),
            };
            in_parallel(items, sessions.iter_mut().take(workers).collect(), |session, item| {
                task.advance(item.len() as u64);
                one_by_one(session.as_mut(), item.iter().map(|statement| statement.sql.as_str()))
            })?;
        }
        Ok(())
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

/// How large the table is that a statement works on; one that makes an index has the name of that.
fn size_of(statement: &Statement, sizes: &BTreeMap<Name, u64>, dialect: &Dialect) -> u64 {
    let own = sizes.get(&Name::new(statement.schema.clone(), statement.name.clone()));
    let named = || names(&statement.sql, dialect).iter().find_map(|name| sizes.get(name).copied());
    own.copied().or_else(named).unwrap_or_default()
}

/// Statements that one session runs in their order, while others run theirs.
fn grouped<'a>(stage: Stage, statements: impl Iterator<Item = &'a Statement>) -> Vec<Vec<&'a Statement>> {
    match stage {
        Stage::Alone => vec![statements.collect()],
        Stage::Together => statements.map(|statement| vec![statement]).collect(),
        Stage::OnePerTable => {
            let mut of: BTreeMap<(&str, &str), Vec<&Statement>> = BTreeMap::new();
            for statement in statements {
                of.entry((&statement.schema, &statement.name)).or_default().push(statement);
            }
            of.into_values().collect()
        }
    }
}

/// A part must be read to its end: what the server did not want to have is no row.
fn finish(reader: &mut PartReader<'_>) -> Result<()> {
    match reader.fill_buf()?.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Kind::Data, "the server took less than there is")),
    }
}

fn one_by_one<'s>(session: &mut dyn Session, statements: impl Iterator<Item = &'s str>) -> Result<()> {
    let statements: Vec<&str> = statements.collect();
    for some in statements.chunks(TOGETHER) {
        session.execute_all(some).map_err(|stopped| {
            let sql = some.get(stopped.at).copied().unwrap_or_default();
            let begins: String = sql.chars().take(200).collect();
            stopped.error.context(format!("cannot run: {begins}"))
        })?;
    }
    Ok(())
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
