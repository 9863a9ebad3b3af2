//! Foreign keys while tables are dropped and made anew.
//!
//! With foreign keys enforced, DROP TABLE deletes the rows first, and with them those that refer to
//! them. So they are set aside, which works outside of a transaction only, and checked before the
//! end of it (<https://www.sqlite.org/pragma.html#pragma_foreign_key_check>).

use std::collections::HashSet;

use super::Work;
use super::words::{Relations, ident, literal, same};
use crate::model::catalog::{Constraint, ConstraintKind, Index, Object, Reference, Table};
use crate::model::plan::{Loss, Step};

/// Rows that refer to nothing before the change.
const NOTED: &str = "temp.dbwright_keys_before";
/// Takes no row that refers to nothing.
const CHECK: &str = "temp.dbwright_keys_after";

pub struct KeyCheck {
    needed: bool,
    /// Tables with rows and with foreign keys that may have come to be broken.
    children: Vec<String>,
}

impl KeyCheck {
    pub fn of(work: &Work<'_>) -> Self {
        let rebuilt = work.tables.iter().filter(|table| table.is_rebuilt());
        let gone = work.dropped.iter().copied().chain(rebuilt.clone().map(|table| table.old));
        let touched: HashSet<String> = gone.map(|object| object.name.name.to_ascii_lowercase()).collect();
        let is_touched = |name: &str| touched.contains(&name.to_ascii_lowercase());
        let refers =
            |table: &Table| references(table).any(|(_, reference)| is_touched(&reference.table.name));
        let needed = rebuilt.count() > 0 || work.from.tables().any(|(_, table)| refers(table));
        let concerned = |(object, table): &(&Object, &Table)| {
            let name = &object.name.name;
            let had_rows = work.before.get(name).and_then(Object::as_table).is_some();
            let has_rows = had_rows && table.foreign.is_none();
            has_rows && references(table).next().is_some() && (is_touched(name) || refers(table))
        };
        let children = work.to.tables().filter(concerned).filter(|(_, table)| can_check(&work.after, table));
        KeyCheck { needed, children: children.map(|(object, _)| object.name.name.clone()).collect() }
    }

    pub fn set_aside(&self) -> Option<Step> {
        self.needed.then(|| Step {
            kind: "set foreign keys aside".to_owned(),
            object: "this connection".to_owned(),
            session: true,
            sql: vec!["PRAGMA foreign_keys = OFF".to_owned(), "PRAGMA legacy_alter_table = ON".to_owned()],
            why: "a table that is dropped would take the rows with it that refer to its own".to_owned(),
            ..Step::default()
        })
    }

    pub fn put_back(&self) -> Option<Step> {
        self.needed.then(|| Step {
            kind: "enforce foreign keys".to_owned(),
            object: "this connection".to_owned(),
            session: true,
            sql: vec!["PRAGMA legacy_alter_table = OFF".to_owned(), "PRAGMA foreign_keys = ON".to_owned()],
            ..Step::default()
        })
    }

    /// What is broken before is not held against the change.
    pub fn note(&self, work: &Work<'_>) -> Option<Step> {
        if self.children.is_empty() {
            return None;
        }
        let before = |name: &&String| work.before.get(name.as_str()).and_then(Object::as_table);
        let checkable = |name: &&String| before(name).is_some_and(|table| can_check(&work.before, table));
        let children: Vec<&String> = self.children.iter().filter(checkable).collect();
        let sql = match children.is_empty() {
            true => format!("CREATE TABLE {NOTED} (child, parent, row)"),
            false => format!("CREATE TABLE {NOTED} AS {}", broken(&children)),
        };
        let mut step = work.step("note broken foreign keys", "this connection".to_owned(), vec![sql]);
        step.lock.clear();
        step.session = true;
        Some(step)
    }

    pub fn check(&self, work: &Work<'_>) -> Option<Step> {
        if self.children.is_empty() {
            return None;
        }
        let children: Vec<&String> = self.children.iter().collect();
        let sql = vec![
            format!(
                "CREATE TABLE {CHECK} (child, parent, row, \
                 CONSTRAINT \"a row refers to one that is not there\" CHECK (child IS NULL))"
            ),
            format!(
                "INSERT INTO {CHECK} {} EXCEPT SELECT child, parent, row FROM {NOTED}",
                broken(&children)
            ),
            format!("DROP TABLE {CHECK}"),
            format!("DROP TABLE {NOTED}"),
        ];
        let mut step = work.step("check foreign keys", format!("tables {}", self.children.join(", ")), sql);
        step.why = "they were not enforced meanwhile".to_owned();
        step.loses.extend(self.newly_checked(work));
        Some(step)
    }

    /// Rows that refer to nothing, which SQLite could not tell before.
    fn newly_checked(&self, work: &Work<'_>) -> Option<Loss> {
        let mut probes = Vec::new();
        for child in self.children.iter().filter_map(|name| work.before.get(name)) {
            let Some(table) = child.as_table().filter(|table| !can_check(&work.before, table)) else {
                continue;
            };
            let kept =
                references(table).filter_map(|(key, reference)| probe(&work.before, child, key, reference));
            probes.extend(kept.map(|probe| format!("EXISTS ({probe})")));
        }
        let what = "rows that refer to nothing".to_owned();
        (!probes.is_empty())
            .then(|| Loss::stops(what, Some(format!("SELECT 1 WHERE {}", probes.join(" OR "))), true))
    }
}

/// The rows of some tables that refer to nothing.
fn broken(children: &[&String]) -> String {
    let names: Vec<String> = children.iter().map(|name| format!("({})", literal(name))).collect();
    format!(
        "WITH checked (name) AS (VALUES {}) \
         SELECT lower(k.\"table\") AS child, lower(k.parent) AS parent, k.\"rowid\" AS row \
         FROM checked, pragma_foreign_key_check(checked.name, 'main') AS k",
        names.join(", ")
    )
}

pub fn references(table: &Table) -> impl Iterator<Item = (&Constraint, &Reference)> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(reference) => Some((constraint, reference)),
        _ => None,
    })
}

fn can_check(relations: &Relations<'_>, table: &Table) -> bool {
    references(table).all(|(key, reference)| fits(relations, key, reference))
}

/// Whether SQLite takes the key for one: what it refers to is a key of the other table, or the
/// other table is missing (<https://www.sqlite.org/foreignkeys.html#fk_indexes>). It can check no
/// other.
fn fits(relations: &Relations<'_>, key: &Constraint, reference: &Reference) -> bool {
    let Some(parent) = relations.get(&reference.table.name) else { return true };
    let Some(table) = parent.as_table().filter(|table| table.foreign.is_none()) else { return false };
    let is_same = |columns: &[String]| {
        columns.len() == reference.referenced.len()
            && reference.referenced.iter().all(|name| columns.iter().any(|column| same(column, name)))
    };
    let collates =
        |constraint: &Constraint| constraint.attributes.iter().any(|each| each.name == "collation");
    let by_constraint = table.constraints.iter().any(|constraint| match constraint.kind {
        ConstraintKind::PrimaryKey if reference.referenced.is_empty() => {
            constraint.columns.len() == key.columns.len()
        }
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
            is_same(&constraint.columns) && !collates(constraint)
        }
        _ => false,
    });
    by_constraint
        || table.indexes.iter().any(|index| key_columns(index).is_some_and(|columns| is_same(&columns)))
}

/// The columns of an index that a foreign key may refer to.
fn key_columns(index: &Index) -> Option<Vec<String>> {
    if !index.unique || index.predicate.is_some() || index.constraint.is_some() {
        return None;
    }
    index.keys.iter().map(|key| key.column.clone().filter(|_| key.collation.is_none())).collect()
}

/// A query for rows that a new foreign key would refuse; of the tables as they are.
pub fn probe(
    before: &Relations<'_>,
    child: &Object,
    key: &Constraint,
    reference: &Reference,
) -> Option<String> {
    let table = child.as_table()?;
    let own: Option<Vec<String>> = key
        .columns
        .iter()
        .map(|name| {
            table
                .columns
                .iter()
                .find(|column| same(&column.name, name))
                .map(|column| format!("c.{}", ident(&column.name)))
        })
        .collect();
    let own = own?;
    let given: Vec<String> = own.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    let mut sql = format!("SELECT 1 FROM {} AS c WHERE {}", ident(&child.name.name), given.join(" AND "));
    let parent = before.get(&reference.table.name).and_then(|object| Some((object, object.as_table()?)));
    if let Some((object, parent)) = parent
        && let Some(others) = referenced(parent, reference, own.len())
    {
        let pairs: Vec<String> =
            others.iter().zip(&own).map(|(other, own)| format!("p.{} = {own}", ident(other))).collect();
        let name = ident(&object.name.name);
        sql += &format!(" AND NOT EXISTS (SELECT 1 FROM {name} AS p WHERE {})", pairs.join(" AND "));
    }
    Some(sql + " LIMIT 1")
}

/// The columns at the other end, if the table has them.
fn referenced(parent: &Table, reference: &Reference, count: usize) -> Option<Vec<String>> {
    let key = parent.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey);
    let names = match reference.referenced.is_empty() {
        true => &key?.columns,
        false => &reference.referenced,
    };
    let find = |name: &String| {
        parent.columns.iter().find(|column| same(&column.name, name)).map(|each| each.name.clone())
    };
    let found: Option<Vec<String>> = names.iter().map(find).collect();
    found.filter(|found| found.len() == count)
}
