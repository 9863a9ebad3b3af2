//! What data a change takes away or is refused for, and the queries that tell whether there is
//! such data.

use std::collections::BTreeSet;

use crate::model::catalog::{Column, Constraint, ConstraintKind, Detail, Index, IndexKey, Object};
use crate::model::plan::Loss;

use super::columns::letters;
use super::{mentions, qualified, quoted};

/// Rows of a table that meet a condition; all of them without one.
pub fn rows(what: impl Into<String>, table: &Object, condition: Option<&str>) -> Loss {
    Loss::lost(what, Some(rows_probe(table, condition)))
}

/// Rows that a step fails for; any row may be one where there is no condition.
pub fn stopping(what: impl Into<String>, table: &Object, condition: Option<&str>) -> Loss {
    Loss::stops(what, Some(rows_probe(table, condition)), condition.is_some())
}

fn rows_probe(table: &Object, condition: Option<&str>) -> String {
    let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
    format!("SELECT 1 FROM {}{condition} LIMIT 1", qualified(&table.name))
}

/// A table with the columns alone whose values stay.
pub fn kept(old: &Object, remade: &BTreeSet<String>) -> Object {
    let mut kept = old.clone();
    if let Detail::Table(table) = &mut kept.detail {
        table.columns.retain(|column| !remade.contains(&column.name));
    }
    kept
}

/// Rows that a new unique key would not have beside each other. In a column that is new all rows
/// are alike, unless they have nothing or a number of their own in it.
pub fn duplicates(old: &Object, new: &Object, index: &Index) -> Option<Loss> {
    let mut keys = Vec::new();
    let mut present = Vec::new();
    for key in &index.keys {
        let key = match (&key.column, &key.expression) {
            (Some(column), _) if !has_column(old, column) => {
                let column = new.columns().iter().find(|each| each.name == *column)?;
                let differs = column.identity.is_some() || column.nullable && column.default.is_none();
                match differs && column.generated.is_none() {
                    true => return None,
                    false => continue,
                }
            }
            (Some(column), _) => match key.prefix {
                Some(length) => format!("LEFT({}, {length})", quoted(column)),
                None => quoted(column),
            },
            (None, Some(expression)) if !mentions_missing(old, expression) => format!("({expression})"),
            (None, _) => continue,
        };
        present.push(format!("{key} IS NOT NULL"));
        keys.push(key);
    }
    let table = qualified(&old.name);
    let probe = match keys.is_empty() {
        true => format!("SELECT 1 FROM {table} HAVING COUNT(*) > 1"),
        false => format!(
            "SELECT 1 FROM {table} WHERE {} GROUP BY {} HAVING COUNT(*) > 1 LIMIT 1",
            present.join(" AND "),
            keys.join(", ")
        ),
    };
    let certain = keys.len() == index.keys.len() && index.keys.iter().all(|key| is_as_it_was(old, new, key));
    Some(Loss::stops(format!("rows that are alike in unique key {}", index.name), Some(probe), certain))
}

/// Rows that a unique key which was there would not have beside each other any more, as their letters
/// compare in another way.
pub fn alike(old: &Object, new: &Object, index: &Index) -> Option<Loss> {
    let mut keys = Vec::new();
    let mut present = Vec::new();
    let mut differs = false;
    for key in &index.keys {
        let name = key.column.as_ref()?;
        let find = |table: &Object| table.columns().iter().find(|each| each.name == *name).cloned();
        let (before, after) = (letters(old, &find(old)?), letters(new, &find(new)?));
        let mut text = quoted(name);
        present.push(format!("{text} IS NOT NULL"));
        if before != after {
            differs = true;
            // Without its set a collation cannot be asked for.
            text = format!("CONVERT({text} USING {})", after.0?);
            text.extend(after.1.map(|collation| format!(" COLLATE {collation}")));
        }
        keys.push(key.prefix.map_or(text.clone(), |length| format!("LEFT({text}, {length})")));
    }
    let probe = format!(
        "SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1 LIMIT 1",
        qualified(&old.name),
        present.join(" AND "),
        keys.join(", ")
    );
    differs
        .then(|| Loss::stops(format!("rows that are alike in unique key {}", index.name), Some(probe), true))
}

/// Rows that a new check refuses.
pub fn refused(old: &Object, new: &Object, check: &Constraint) -> Option<Loss> {
    let ConstraintKind::Check { expression } = &check.kind else { return None };
    let what = match &check.name {
        Some(name) => format!("rows that check {name} refuses"),
        None => "rows that the check refuses".to_owned(),
    };
    let columns = new.columns().iter().filter(|column| mentions(expression, &column.name));
    let (there, fresh): (Vec<&Column>, Vec<&Column>) =
        columns.partition(|column| has_column(old, &column.name));
    // Of another type they may compare in another way, or not at all.
    let same = there.iter().all(|column| {
        old.columns().iter().any(|each| each.name.eq_ignore_ascii_case(&column.name) && each.ty == column.ty)
    });
    let condition = format!("NOT ({expression})");
    let values: Option<Vec<String>> = fresh.iter().map(|column| first_value(column)).collect();
    Some(match values.filter(|_| same) {
        Some(values) if values.is_empty() => stopping(what, old, Some(&condition)),
        Some(values) => {
            let list: Vec<String> = there.iter().map(|column| quoted(&column.name)).chain(values).collect();
            let (list, table) = (list.join(", "), qualified(&old.name));
            let probe = format!("SELECT 1 FROM (SELECT {list} FROM {table}) AS t WHERE {condition} LIMIT 1");
            Loss::stops(what, Some(probe), true)
        }
        None => stopping(what, old, None),
    })
}

/// What all rows have in a column that is added, under its name.
fn first_value(column: &Column) -> Option<String> {
    if column.generated.is_some() || column.identity.is_some() {
        return None;
    }
    let value = match &column.default {
        Some(default) => default,
        None if column.nullable => "NULL",
        None => return None,
    };
    Some(format!("{value} AS {}", quoted(&column.name)))
}

/// Rows whose parent is not there. The parent may be a table that is new, and empty then.
pub fn orphans(old: &Object, new: &Object, key: &Constraint, parent: Option<&Object>) -> Option<Loss> {
    let ConstraintKind::ForeignKey(reference) = &key.kind else { return None };
    let is_empty = |column: &Column| {
        let fresh = key.columns.contains(&column.name) && !has_column(old, &column.name);
        fresh && column.nullable && column.default.is_none() && column.generated.is_none()
    };
    if new.columns().iter().any(is_empty) {
        return None;
    }
    let what = format!("rows whose parent in {} is not there", reference.table);
    if key.columns.iter().any(|column| !has_column(old, column)) {
        return Some(stopping(what, old, None));
    }
    let mut conditions: Vec<String> =
        key.columns.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column))).collect();
    let mut certain = parent.is_none() && key.columns.iter().all(|column| is_of_one_type(old, new, column));
    if let Some(parent) = parent
        && reference.referenced.iter().all(|column| has_column(parent, column))
    {
        let pairs = key.columns.iter().zip(&reference.referenced);
        let same: Vec<String> =
            pairs.map(|(own, other)| format!("p.{} = c.{}", quoted(other), quoted(own))).collect();
        certain = key.columns.iter().all(|column| is_of_one_type(old, new, column));
        let parent = qualified(&parent.name);
        conditions.push(format!("NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {})", same.join(" AND ")));
    }
    let probe =
        format!("SELECT 1 FROM {} AS c WHERE {} LIMIT 1", qualified(&old.name), conditions.join(" AND "));
    Some(Loss::stops(what, Some(probe), certain))
}

/// Whether values of the column compare as they did.
fn is_of_one_type(old: &Object, new: &Object, name: &str) -> bool {
    let find = |table: &Object| {
        let column = table.columns().iter().find(|each| each.name.eq_ignore_ascii_case(name))?;
        Some((column.ty.clone(), column.collation.clone(), column.charset.clone()))
    };
    find(old).is_some() && find(old) == find(new)
}

fn is_as_it_was(old: &Object, new: &Object, key: &IndexKey) -> bool {
    key.column.as_ref().is_none_or(|name| is_of_one_type(old, new, name))
}

fn has_column(table: &Object, name: &str) -> bool {
    table.columns().iter().any(|column| column.name.eq_ignore_ascii_case(name))
}

/// Whether an expression names something in quotes that is no column of the table.
fn mentions_missing(table: &Object, expression: &str) -> bool {
    !super::quoted_names(expression).iter().all(|name| has_column(table, name))
}
