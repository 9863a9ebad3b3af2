//! The schema that rows are put into: what comes before them, and what is faster made behind them.

use std::collections::BTreeMap;

use super::fill::numbered;
use super::journal::{Journal, Note};

use crate::commands::Context;
use crate::commands::backup::in_parallel;
use crate::engine::backup::{Backup, Stage};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Catalog;
use crate::model::ddl::DdlOptions;
use crate::model::progress::Unit;
use crate::model::snapshot::{Statement, StatementSection};

/// Statements that make a database.
pub struct Schema {
    pub before: Vec<Statement>,
    /// Indexes, then constraints, then all else.
    pub after: Vec<Statement>,
}

impl Schema {
    pub fn of(catalog: &Catalog, backup: &dyn Backup) -> Schema {
        let pieces = engine_for(catalog.engine).ddl().create(catalog, DdlOptions::default());
        let (mut before, mut indexes, mut constraints, mut after) = (vec![], vec![], vec![], vec![]);
        for piece in &pieces {
            let statement = Statement::from(piece);
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
        Schema { before, after: indexes.into_iter().chain(constraints).chain(after).collect() }
    }
}

/// What is set for those that follow; a session knows nothing of what an earlier one was told.
const SETTING: &str = "setting";

/// Statements that are run, each once.
pub struct Building<'a> {
    pub context: &'a Context,
    pub backup: &'static dyn Backup,
    pub journal: &'a Journal,
    pub notes: &'a BTreeMap<String, Note>,
    /// An earlier run may have done what it did not come to note.
    pub goes_on: bool,
}

impl Building<'_> {
    /// What comes before the rows.
    pub fn before(&self, session: &mut dyn Session, statements: &[Statement]) -> Result<()> {
        numbered("before", statements).try_for_each(|(name, statement)| self.once(session, &name, statement))
    }

    /// What comes after the rows, by as many sessions as it allows.
    pub fn after(&self, sessions: &mut [Box<dyn Session>], statements: &[Statement]) -> Result<()> {
        let task = self.context.ui.progress().task(
            "building keys and indexes",
            Some(statements.len() as u64),
            Unit::Count("statements"),
        );
        let staged: Vec<_> = numbered("after", statements)
            .map(|(name, each)| (self.backup.stage(&each.object, &each.sql), name, each))
            .collect();
        for run in staged.chunk_by(|one, other| one.0 == other.0) {
            let stage = run.first().map_or(Stage::Alone, |(stage, ..)| *stage);
            let items = grouped(stage, run.iter().map(|(_, name, statement)| (name.as_str(), *statement)));
            let workers = if stage == Stage::Alone { 1 } else { sessions.len() };
            in_parallel(items, sessions.iter_mut().take(workers).collect(), |session, item| {
                task.advance(item.len() as u64);
                item.iter().try_for_each(|(name, statement)| self.once(session.as_mut(), name, statement))
            })?;
        }
        Ok(())
    }

    /// Runs a statement and notes it, unless that was done; both or none, where the engine can.
    fn once(&self, session: &mut dyn Session, name: &str, statement: &Statement) -> Result<()> {
        let sql = statement.sql.as_str();
        if statement.object == SETTING {
            return one(session, sql);
        }
        if self.notes.contains_key(name) {
            return Ok(());
        }
        let note = self.journal.note(name, Note::default())?;
        let engine = engine_for(session.server().engine);
        if engine.transactional_ddl() {
            session.execute(engine.begin_change(), &[])?;
            let done = one(session, sql).and_then(|()| one(session, &note));
            if let Err(error) = done {
                if session.is_alive() {
                    // The first error is what matters.
                    let _ = session.execute("ROLLBACK", &[]);
                }
                return Err(error);
            }
            return session.execute("COMMIT", &[]).map(drop);
        }
        match one(session, sql) {
            Err(error) if self.goes_on && self.backup.is_there_already(&error) => {}
            other => other?,
        }
        one(session, &note)
    }
}

/// A statement under the name of its note.
type Named<'a> = (&'a str, &'a Statement);

/// Statements that one session runs in their order, while others run theirs.
fn grouped<'a>(stage: Stage, statements: impl Iterator<Item = Named<'a>>) -> Vec<Vec<Named<'a>>> {
    match stage {
        Stage::Alone => vec![statements.collect()],
        Stage::Together => statements.map(|statement| vec![statement]).collect(),
        Stage::OnePerTable | Stage::OnePerTableLater => {
            let mut of: BTreeMap<(&str, &str), Vec<Named<'a>>> = BTreeMap::new();
            for named in statements {
                of.entry((&named.1.schema, &named.1.name)).or_default().push(named);
            }
            of.into_values().collect()
        }
    }
}

pub fn one(session: &mut dyn Session, sql: &str) -> Result<()> {
    session.execute(sql, &[]).map(drop).map_err(|error| {
        let begins: String = sql.chars().take(200).collect();
        error.context(format!("cannot run: {begins}"))
    })
}

/// The session that does what is done once.
pub fn first(sessions: &mut [Box<dyn Session>]) -> Result<&mut dyn Session> {
    match sessions.first_mut() {
        Some(session) => Ok(session.as_mut()),
        None => Err(Error::new(Kind::Connect, "there is no session")),
    }
}
