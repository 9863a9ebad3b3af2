//! The schema that rows are put into: what comes before them, and what is faster made behind them.

use std::collections::BTreeMap;

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

/// Runs what comes after the rows, by as many sessions as it allows.
pub fn after(
    context: &Context,
    backup: &'static dyn Backup,
    sessions: &mut [Box<dyn Session>],
    statements: &[Statement],
) -> Result<()> {
    let task = context.ui.progress().task(
        "building keys and indexes",
        Some(statements.len() as u64),
        Unit::Count("statements"),
    );
    let staged: Vec<_> =
        statements.iter().map(|each| (backup.stage(&each.object, &each.sql), each)).collect();
    for run in staged.chunk_by(|one, other| one.0 == other.0) {
        let stage = run.first().map_or(Stage::Alone, |(stage, _)| *stage);
        let items = grouped(stage, run.iter().map(|(_, statement)| *statement));
        let workers = if stage == Stage::Alone { 1 } else { sessions.len() };
        in_parallel(items, sessions.iter_mut().take(workers).collect(), |session, item| {
            task.advance(item.len() as u64);
            item.iter().try_for_each(|statement| one(session.as_mut(), &statement.sql))
        })?;
    }
    Ok(())
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
