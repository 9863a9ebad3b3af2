//! Foreign keys that go before tables are altered, and come after.
//!
//! A server refuses to change a column that a foreign key joins, in either of its tables, and to
//! drop and add a foreign key of one name in one statement ("FOREIGN KEY Constraints"). So what
//! stands in the way is dropped first and added again under its name.

use std::collections::{BTreeMap, HashSet};

use super::columns::{self, letters};
use super::cost::{ALL_WAIT, MOMENT, WRITES_WAIT};
use super::{Pair, Work, loss, qualified, quoted};
use crate::ddl::{Flavour, table};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Index, Name, Object, Reference, attribute};
use crate::model::plan::Step;

/// The foreign keys to drop and to add, by table.
#[derive(Default)]
pub struct Keys<'a> {
    pub dropped: Vec<Moved<'a>>,
    pub added: Vec<Moved<'a>>,
}

pub struct Moved<'a> {
    pub table: &'a Object,
    pub key: &'a Constraint,
    /// Why it goes although it stays.
    pub why: String,
}

pub fn of(object: &Object) -> impl Iterator<Item = (&Constraint, &Reference)> {
    let constraints = object.as_table().map(|table| table.constraints.as_slice()).unwrap_or_default();
    constraints.iter().filter_map(|key| match &key.kind {
        ConstraintKind::ForeignKey(reference) => Some((key, reference)),
        _ => None,
    })
}

/// Looks at every foreign key of the tables that stay.
pub fn find<'a>(work: &Work<'a>) -> Keys<'a> {
    let mut keys = Keys::default();
    let altered: BTreeMap<&Name, Pair<'a>> =
        work.altered.iter().map(|pair| (&pair.old.name, *pair)).collect();
    let after: BTreeMap<&Name, &'a Object> = work.to.tables().map(|(new, _)| (&new.name, new)).collect();
    for (object, _) in work.from.tables() {
        let Some(&new) = after.get(&object.name) else { continue };
        let pair = altered.get(&object.name).copied();
        for (key, reference) in of(object) {
            // What is not altered keeps its foreign keys as they are, whatever they are there.
            let after = match pair {
                Some(_) => of(new).find(|(each, _)| each.name == key.name).map(|(each, _)| each),
                None => Some(key),
            };
            let parent = altered.get(&reference.table).copied();
            let why = stands_in_the_way(key, reference, pair, parent);
            let same = after.is_some_and(|after| after.kind == key.kind && after.columns == key.columns);
            if same && why.is_empty() {
                continue;
            }
            let why = if same { why } else { String::new() };
            keys.dropped.push(Moved { table: object, key, why: why.clone() });
            keys.added.extend(after.map(|key| Moved { table: new, key, why }));
        }
        if pair.is_some() {
            let is_new = |key: &Constraint| !of(object).any(|(each, _)| each.name == key.name);
            let new_keys = of(new).filter(|(key, _)| is_new(key));
            keys.added.extend(new_keys.map(|(key, _)| Moved { table: new, key, why: String::new() }));
        }
    }
    keys
}

/// Why a foreign key has to go while its tables are altered; empty when it need not.
fn stands_in_the_way(
    key: &Constraint,
    reference: &Reference,
    own: Option<Pair<'_>>,
    parent: Option<Pair<'_>>,
) -> String {
    for (pair, columns) in [(own, &key.columns), (parent, &reference.referenced)] {
        let Some(pair) = pair else { continue };
        if attribute(&pair.old.attributes, "engine") != attribute(&pair.new.attributes, "engine") {
            return format!("table {} changes its engine", pair.old.name);
        }
        if let Some(column) = columns.iter().find(|name| changes(pair, name)) {
            return format!("column {}.{column} changes", pair.old.name);
        }
    }
    String::new()
}

/// Whether a column changes in a way that no foreign key allows.
fn changes(pair: Pair<'_>, name: &str) -> bool {
    let find = |object: &Object| -> Option<Column> {
        object.columns().iter().find(|column| column.name.eq_ignore_ascii_case(name)).cloned()
    };
    let (Some(old), Some(new)) = (find(pair.old), find(pair.new)) else { return true };
    old.ty != new.ty
        || old.generated != new.generated
        || old.identity.is_some() != new.identity.is_some()
        || old.nullable && !new.nullable
        || letters(pair.old, &old) != letters(pair.new, &new)
}

/// One statement a table.
pub fn drop(dropped: &[Moved<'_>]) -> Vec<Step> {
    by_table(dropped, |table, keys| {
        let names = keys.iter().filter_map(|moved| moved.key.name.as_deref());
        let clauses: Vec<String> = names.map(|name| format!("DROP FOREIGN KEY {}", quoted(name))).collect();
        Step {
            kind: "drop foreign key".into(),
            object: super::told(table),
            sql: vec![format!("ALTER TABLE {} {}", qualified(&table.name), clauses.join(", "))],
            why: whys(keys),
            lock: MOMENT.into(),
            ..Step::default()
        }
    })
}

/// One statement a table: rows are checked, so the table is copied.
pub fn add(work: &Work<'_>, added: &[Moved<'_>]) -> Vec<Step> {
    by_table(added, |table, keys| {
        let clauses: Vec<String> = keys
            .iter()
            .filter_map(|moved| table::constraint(work.to, moved.key, work.flavour))
            .map(|text| format!("\n  ADD {text}"))
            .chain(own_indexes(table, keys, work.flavour))
            .collect();
        let old = work.from.relation(&table.name);
        let is_new = |moved: &&&Moved<'_>| {
            let before = old.into_iter().flat_map(of);
            !before.into_iter().any(|(key, _)| key.kind == moved.key.kind && key.columns == moved.key.columns)
        };
        let losses = keys.iter().filter(is_new).filter_map(|moved| {
            let ConstraintKind::ForeignKey(reference) = &moved.key.kind else { return None };
            let (before, after) = (old?.as_table()?, table.as_table()?);
            let kept = loss::kept(old?, &columns::remade(before, after));
            loss::orphans(&kept, table, moved.key, work.from.relation(&reference.table))
        });
        Step {
            kind: "add foreign key".into(),
            object: super::told(table),
            sql: vec![format!("ALTER TABLE {}{}", qualified(&table.name), clauses.join(","))],
            why: whys(keys),
            lock: WRITES_WAIT.into(),
            rewrites: true,
            loses: losses.collect(),
            ..Step::default()
        }
    })
}

/// An index that a server made for a foreign key is dropped in silence when another of its columns
/// comes with an index of its own. Whether it made it is not to be seen, so those that are kept are
/// made by name.
fn own_indexes(table: &Object, keys: &[&Moved<'_>], flavour: Flavour) -> Vec<String> {
    let Some(parts) = table.as_table() else { return Vec::new() };
    let serves = |index: &&Index| {
        let columns: Vec<_> =
            index.keys.iter().map(|key| key.column.as_deref().unwrap_or_default()).collect();
        let plain = index.keys.iter().all(|key| key.prefix.is_none() && !key.descending);
        let of_key =
            |moved: &&Moved<'_>| moved.key.columns.iter().map(String::as_str).eq(columns.iter().copied());
        !index.unique && index.method.is_empty() && plain && keys.iter().any(of_key)
    };
    let mut clauses = Vec::new();
    for index in parts.indexes.iter().filter(serves) {
        clauses.push(format!("\n  DROP INDEX {}", quoted(&index.name)));
        clauses.push(format!("\n  ADD {}", table::index(parts, index, flavour)));
    }
    clauses
}

fn whys(keys: &[&Moved<'_>]) -> String {
    let mut whys: Vec<&str> =
        keys.iter().map(|moved| moved.why.as_str()).filter(|why| !why.is_empty()).collect();
    whys.dedup();
    whys.join("; ")
}

fn by_table<'k, 'a: 'k>(
    keys: &'k [Moved<'a>],
    step: impl Fn(&'a Object, &[&'k Moved<'a>]) -> Step,
) -> Vec<Step> {
    let mut tables: Vec<(&Object, Vec<&Moved<'a>>)> = Vec::new();
    for moved in keys {
        match tables.iter_mut().find(|(table, _)| table.name == moved.table.name) {
            Some((_, all)) => all.push(moved),
            None => tables.push((moved.table, vec![moved])),
        }
    }
    tables.into_iter().map(|(table, keys)| step(table, &keys)).collect()
}

/// Tables in an order in which each comes behind those that it names in foreign keys; those that
/// are part of a circle come with `true`, as some of theirs come behind them.
pub fn parents_first<'a>(tables: &[&'a Object]) -> Vec<(&'a Object, bool)> {
    let mut left: Vec<&Object> = tables.to_vec();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let names: HashSet<&Name> = left.iter().map(|object| &object.name).collect();
        let waits = |object: &Object| {
            of(object)
                .any(|(_, reference)| reference.table != object.name && names.contains(&reference.table))
        };
        let (later, now): (Vec<&Object>, Vec<&Object>) = left.iter().copied().partition(|each| waits(each));
        match later.split_first() {
            // Whoever goes first breaks a circle.
            Some((first, rest)) if now.is_empty() => {
                ordered.push((*first, true));
                left = rest.to_vec();
            }
            _ => {
                ordered.extend(now.into_iter().map(|object| (object, false)));
                left = later;
            }
        }
    }
    ordered
}

/// Drops tables, children before their parents; what a circle is made of goes before it.
pub fn drop_tables(dropped: &[&Object], flavour: Flavour) -> Vec<Step> {
    let mut steps = Vec::new();
    let ordered = parents_first(dropped);
    let circles: Vec<Moved<'_>> = ordered
        .iter()
        .enumerate()
        .filter(|(_, (_, in_circle))| *in_circle)
        .flat_map(|(at, (object, _))| {
            let later = &ordered[at + 1..];
            of(object)
                .filter(|(_, reference)| later.iter().any(|(each, _)| each.name == reference.table))
                .map(|(key, _)| Moved {
                    table: object,
                    key,
                    why: "tables that are dropped refer to each other".into(),
                })
        })
        .collect();
    steps.extend(drop(&circles));
    let versioned = |object: &Object| flavour == Flavour::Mariadb && super::is_versioned(object);
    for (object, _) in ordered.iter().rev() {
        let what = match versioned(object) {
            true => format!("table {}, its rows and their earlier versions", object.name),
            false => format!("table {} and its rows", object.name),
        };
        let mut lost = loss::rows(what, object, None);
        if versioned(object) {
            let table = qualified(&object.name);
            lost.probe = Some(format!("SELECT 1 FROM {table} FOR SYSTEM_TIME ALL LIMIT 1"));
        }
        steps.push(Step {
            kind: "drop table".into(),
            object: super::told(object),
            sql: vec![format!("DROP TABLE {}", qualified(&object.name))],
            lock: ALL_WAIT.into(),
            loses: vec![lost],
            ..Step::default()
        });
    }
    steps
}
