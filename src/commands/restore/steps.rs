//! What a restore is made of, each step with a number by which it is known again: to a run that goes
//! on with what another has begun, whatever the number of its sessions.

use super::build::{Build, statements};
use crate::engine::backup::Backup;
use crate::engine::{engine_for, sum};
use crate::error::Result;
use crate::model::catalog::Name;
use crate::model::snapshot::{Part, Statement, StatementSection, Table};

/// A statement with its number.
#[derive(Debug, Clone)]
pub struct Step {
    pub number: u64,
    pub statement: Statement,
}

impl Step {
    /// What sets up the session leaves nothing in the database, and is never done.
    pub fn is_setting(&self) -> bool {
        self.statement.object == "setting"
    }
}

/// A part of a table's rows with its number.
#[derive(Debug, Clone, Copy)]
pub struct PartStep<'a> {
    pub number: u64,
    pub table: &'a Table,
    pub part: &'a Part,
}

/// All steps of a restore.
#[derive(Debug, Default)]
pub struct Steps<'a> {
    pub parts: Vec<PartStep<'a>>,
    /// Roles or accounts.
    pub accounts: Vec<Step>,
    pub before: Vec<Step>,
    pub after: Vec<Step>,
    pub values: Vec<Step>,
    /// The same for two restores that have the same steps.
    pub sum: String,
}

impl<'a> Steps<'a> {
    pub fn of(build: &'a Build<'a>, backup: &dyn Backup) -> Result<Self> {
        let mut steps = Steps::default();
        let mut next = 0;
        let mut number = || {
            next += 1;
            next
        };
        for table in build.tables().filter(|_| !build.schema_only) {
            let filled = table.parts.iter().filter(|part| part.rows > 0);
            steps.parts.extend(filled.map(|part| PartStep { number: number(), table, part }));
        }
        if !build.data_only {
            let numbered = |statement: Statement| Step { number: number(), statement };
            let mut numbered: Box<dyn FnMut(Statement) -> Step> = Box::new(numbered);
            if build.globals {
                let all = statements(build.repository, &build.snapshot.accounts, build.snapshot.compression)?;
                steps.accounts = all.into_iter().map(&mut numbered).collect();
            }
            let (mut before, mut after) = build.statements(backup)?;
            let mut values = build.snapshot.values.clone();
            if let Some(chosen) = build.chosen {
                let engine = super::build::engine_of(build.snapshot)?;
                let dialect = engine_for(engine).dialect(engine);
                let none = std::collections::BTreeSet::new();
                before.retain(|statement| chosen.keeps(statement, &none));
                after.retain(|statement| chosen.keeps(statement, &none));
                values.retain(|sql| chosen.keeps_value(sql, dialect, &none));
            }
            steps.before = before.into_iter().map(&mut numbered).collect();
            steps.after = after.into_iter().map(&mut numbered).collect();
            if !build.schema_only {
                steps.values = values.into_iter().map(value).map(&mut numbered).collect();
            }
        }
        steps.sum = steps.sum(build);
        Ok(steps)
    }

    fn sum(&self, build: &Build<'_>) -> String {
        let mut text = format!("{} {} {}\n", build.snapshot.id, build.data_only, build.schema_only);
        for step in &self.parts {
            let name: Name = step.table.full_name();
            let chunks: Vec<&str> = step.part.chunks.iter().map(|chunk| chunk.id.as_str()).collect();
            text.push_str(&format!("{} {name} {}\n", step.number, chunks.join(" ")));
        }
        for step in [&self.accounts, &self.before, &self.after, &self.values].into_iter().flatten() {
            text.push_str(&format!("{} {}\n", step.number, step.statement.sql));
        }
        sum(&text)
    }
}

fn value(sql: String) -> Statement {
    Statement {
        object: "value".to_owned(),
        schema: String::new(),
        name: String::new(),
        section: StatementSection::AfterData,
        sql,
    }
}
