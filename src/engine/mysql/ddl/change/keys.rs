//! Indexes and checks that come, go and change in an ALTER TABLE.

use std::collections::BTreeSet;

use super::alter::Alter;
use super::cost::{COPY, Cost, INSTANT, METADATA, Part, SHARED_REBUILD};
use super::types::Type;
use super::{Pair, Work as Plan, loss, mentions, quoted};
use crate::ddl::{Flavour, table};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Index, Table};

/// What happens to an index that goes or is changed.
pub enum Gone<'a> {
    Dropped(&'a Index),
    Renamed(&'a Index, &'a Index),
    /// The planner is to see it, or not.
    Shown(&'a Index, bool),
}

/// What goes, and what comes. A changed index is dropped and added in the same statement.
pub fn indexes<'a>(alter: &Alter<'a>, remade: &BTreeSet<String>) -> (Vec<Gone<'a>>, Vec<&'a Index>) {
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let remade = &(remade | &cut_to_a_prefix(alter));
    let text = |table: &Table, index: &Index| table::index(table, index, alter.flavour);
    let mut gone = Vec::new();
    let mut added: Vec<&Index> =
        new.indexes.iter().filter(|index| !old.indexes.iter().any(|each| each.name == index.name)).collect();
    let mut vanished = Vec::new();
    let mut kept = Vec::new();
    for index in &old.indexes {
        let Some(after) = new.indexes.iter().find(|each| each.name == index.name) else {
            vanished.push(index);
            continue;
        };
        if text(old, index) == text(new, after) && !stands_on(index, remade) {
            kept.push(after);
        } else if text(old, &Index { usable: after.usable, ..index.clone() }) == text(new, after)
            && !stands_on(index, remade)
        {
            gone.push(Gone::Shown(index, after.usable));
            kept.push(after);
        } else {
            gone.push(Gone::Dropped(index));
            added.push(after);
        }
    }
    for index in vanished {
        let named = |name: &str| Index {
            name: name.to_owned(),
            constraint: index.constraint.as_ref().map(|_| name.to_owned()),
            ..index.clone()
        };
        let is_primary = |index: &Index| index.name == "PRIMARY";
        let may_move = |each: &Index| !stands_on(index, remade) && !is_primary(index) && !is_primary(each);
        let same =
            added.iter().position(|each| may_move(each) && text(old, &named(&each.name)) == text(new, each));
        match same {
            Some(at) => gone.push(Gone::Renamed(index, added.remove(at))),
            None => gone.push(Gone::Dropped(index)),
        }
    }
    for index in kept.into_iter().filter(|index| is_shadowed(old, index, &added)).collect::<Vec<_>>() {
        gone.push(Gone::Dropped(index));
        added.push(index);
    }
    // In the order in which the table is to have them.
    added.sort_by_key(|index| new.indexes.iter().position(|each| each.name == index.name));
    (gone, added)
}

/// Columns of labels that become text: MySQL would leave in their indexes, unique ones and primary
/// keys too, as many letters as the label took bytes (tried on 9.7).
fn cut_to_a_prefix(alter: &Alter<'_>) -> BTreeSet<String> {
    let has_labels = |column: &Column| matches!(Type::of(&column.ty).word.as_str(), "enum" | "set");
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let becomes_text = |column: &&Column| {
        let after = new.columns.iter().find(|each| each.name == column.name);
        has_labels(column) && after.is_some_and(|after| !has_labels(after))
    };
    match alter.flavour {
        Flavour::Mysql => old.columns.iter().filter(becomes_text).map(|each| each.name.clone()).collect(),
        Flavour::Mariadb => BTreeSet::new(),
    }
}

fn computes(index: &Index) -> bool {
    index.keys.iter().any(|key| key.column.is_none())
}

fn stands_on(index: &Index, remade: &BTreeSet<String>) -> bool {
    let on = |name: &String| {
        index.keys.iter().any(|key| match (&key.column, &key.expression) {
            (Some(column), _) => column == name,
            (None, expression) => mentions(expression.as_deref().unwrap_or_default(), name),
        })
    };
    remade.iter().any(on)
}

/// Whether rows are kept by a unique key that stands in for a primary key, and the column is part of
/// it: the first whose columns are all NOT NULL ("Clustered and Secondary Indexes").
pub fn clusters(table: &Table, column: &str) -> bool {
    stand_in(table).is_some_and(|index| index.keys.iter().any(|key| key.column.as_deref() == Some(column)))
}

fn stand_in(table: &Table) -> Option<&Index> {
    let filled = |name: &Option<String>| {
        table.columns.iter().any(|column| Some(&column.name) == name.as_ref() && !column.nullable)
    };
    let has_primary = table.indexes.iter().any(|index| index.name == "PRIMARY");
    let mut unique = table.indexes.iter().filter(|index| index.unique && !has_primary);
    unique.find(|index| index.keys.iter().all(|key| filled(&key.column) && key.prefix.is_none()))
}

/// A unique key without a primary one beside it: the servers see in it the key of the rows, which
/// does not come or go together with a computed column.
fn is_alone(index: &Index, table: &Table) -> bool {
    index.unique && !table.indexes.iter().any(|each| each.name == "PRIMARY")
}

/// Whether the server would drop the index in silence: it made it for a foreign key, by whose name
/// or column it is called, and one of the new indexes serves the key as well ("FOREIGN KEY
/// Constraints"). To stay, it has to be made by name.
fn is_shadowed(old: &Table, index: &Index, added: &[&Index]) -> bool {
    let columns = |index: &Index| -> Vec<Option<String>> {
        let plain =
            |key: &crate::model::catalog::IndexKey| key.column.clone().filter(|_| key.prefix.is_none());
        index.keys.iter().map(plain).collect()
    };
    let own = columns(index);
    let is_made_up = old.constraints.iter().any(|key| {
        matches!(key.kind, ConstraintKind::ForeignKey(_))
            && key.columns.iter().map(|column| Some(column.clone())).eq(own.iter().cloned())
    }) || own
        .first()
        .is_some_and(|first| first.as_ref().is_some_and(|name| index.name.starts_with(name.as_str())));
    !index.unique
        && index.method.is_empty()
        && is_made_up
        && added
            .iter()
            .any(|each| matches!(each.method.as_str(), "" | "btree") && columns(each).starts_with(&own))
}

/// Whether a full-text index is to have another parser and nothing else: dropped and added by one
/// statement, it stays as it was (tried on MySQL 9.7).
fn changes_words(pair: Pair<'_>, index: &Index) -> bool {
    let mut after = pair.new_table.indexes.iter();
    after.any(|each| each.method == "fulltext" && each.name == index.name && each.keys == index.keys)
        && index.method == "fulltext"
}

/// Unique keys that stay, of columns whose letters compare in another way from now on.
pub fn compared_anew(alter: &mut Alter<'_>, added: &[&Index]) {
    let Pair { old, new, new_table, .. } = alter.pair;
    let stays = |index: &&Index| index.unique && !added.iter().any(|each| each.name == index.name);
    let losses = new_table.indexes.iter().filter(stays).filter_map(|index| loss::alike(old, new, index));
    alter.losses.extend(losses.collect::<Vec<_>>());
}

pub fn drop(alter: &mut Alter<'_>, gone: Vec<Gone<'_>>) {
    for each in gone {
        match each {
            Gone::Dropped(index) if index.name == "PRIMARY" => {
                let other = alter.pair.new_table.indexes.iter().any(|index| index.name == "PRIMARY");
                // With a new one in its place the rows are sorted anew, without it they are copied.
                let cost = if other { super::cost::REBUILD } else { COPY };
                alter.clause("drop primary key", "DROP PRIMARY KEY".into(), cost);
            }
            Gone::Dropped(index) if changes_words(alter.pair, index) => {
                let mut apart = Alter::new(alter.pair, alter.flavour, &BTreeSet::new());
                let sql = format!("DROP INDEX {}", quoted(&index.name));
                apart.clause("drop index", sql, Cost::dropped_index(alter.flavour));
                alter.before.extend(apart.into_step(false));
            }
            Gone::Dropped(index) => {
                let kept_rows = stand_in(alter.pair.old_table).is_some_and(|each| each.name == index.name);
                let cost = match (kept_rows, computes(index)) {
                    (true, _) => COPY,
                    (false, true) => METADATA.of(Part::ExpressionDropped),
                    (false, false) if is_alone(index, alter.pair.old_table) => {
                        Cost::dropped_index(alter.flavour).of(Part::Other)
                    }
                    (false, false) => Cost::dropped_index(alter.flavour),
                };
                alter.clause("drop index", format!("DROP INDEX {}", quoted(&index.name)), cost);
            }
            Gone::Renamed(from, to) => {
                let sql = format!("RENAME INDEX {} TO {}", quoted(&from.name), quoted(&to.name));
                alter.clause("rename index", sql, Cost::metadata(alter.flavour));
            }
            Gone::Shown(index, usable) => {
                let word = match (alter.flavour, usable) {
                    (Flavour::Mysql, true) => "VISIBLE",
                    (Flavour::Mysql, false) => "INVISIBLE",
                    (Flavour::Mariadb, true) => "NOT IGNORED",
                    (Flavour::Mariadb, false) => "IGNORED",
                };
                let sql = format!("ALTER INDEX {} {word}", quoted(&index.name));
                alter.clause("alter index", sql, Cost::metadata(alter.flavour));
            }
        }
    }
}

pub fn add(alter: &mut Alter<'_>, added: Vec<&Index>) {
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let has_words = old.indexes.iter().any(|index| index.method == "fulltext");
    for index in added {
        let cost = match index.method.as_str() {
            _ if index.name == "PRIMARY" => super::cost::REBUILD,
            _ if stand_in(new).is_some_and(|each| each.name == index.name) => super::cost::REBUILD,
            // The first one adds a hidden column.
            "fulltext" if !has_words => SHARED_REBUILD,
            _ if computes(index) => Cost::index(true).of(Part::ExpressionAdded),
            "fulltext" | "spatial" | "vector" => Cost::index(true),
            _ if is_alone(index, new) => Cost::index(false).of(Part::Other),
            _ => Cost::index(false),
        };
        let was = old.indexes.iter().find(|each| each.name == index.name);
        let same = was.is_some_and(|was| was.unique && was.keys == index.keys);
        if index.unique && !same {
            alter.losses.extend(loss::duplicates(&alter.kept, alter.pair.new, index));
        }
        alter.clause("add index", format!("ADD {}", table::index(new, index, alter.flavour)), cost);
    }
}

/// Checks of a table; those that MariaDB keeps in a column change with it.
pub struct Checks<'a> {
    pub dropped: Vec<&'a Constraint>,
    added: Vec<&'a Constraint>,
    /// MySQL switches a check on and off.
    enforced: Vec<&'a Constraint>,
}

pub fn checks<'a>(alter: &Alter<'a>, remade: &BTreeSet<String>) -> Checks<'a> {
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let of = |table: &'a Table| -> Vec<&'a Constraint> {
        let is_check = |each: &&Constraint| matches!(each.kind, ConstraintKind::Check { .. });
        let own = |each: &&Constraint| is_check(each) && !table::is_in_column(each, alter.flavour);
        table.constraints.iter().filter(own).collect()
    };
    let stands_on_remade = |check: &Constraint| {
        let ConstraintKind::Check { expression } = &check.kind else { return false };
        remade.iter().any(|name| mentions(expression, name)) || computed_anew(alter, expression)
    };
    let mut found = Checks { dropped: Vec::new(), added: Vec::new(), enforced: Vec::new() };
    let (before, after) = (of(old), of(new));
    for check in &before {
        match after.iter().find(|each| each.name == check.name) {
            Some(same) if same.kind == check.kind && !stands_on_remade(check) => {
                if same.enforced != check.enforced {
                    found.enforced.push(same);
                }
            }
            Some(other) => {
                found.dropped.push(check);
                found.added.push(other);
            }
            None => found.dropped.push(check),
        }
    }
    found.added.extend(after.iter().filter(|check| !before.iter().any(|each| each.name == check.name)));
    found
}

/// MariaDB looks for what a column was computed from in the checks of the column.
fn computed_anew(alter: &Alter<'_>, expression: &str) -> bool {
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let differs = |column: &Column| {
        let other = new.columns.iter().find(|each| each.name == column.name);
        column.generated.is_some() && other.is_some_and(|other| other.generated != column.generated)
    };
    let mut columns = old.columns.iter().filter(|column| differs(column));
    alter.flavour == Flavour::Mariadb && columns.any(|column| mentions(expression, &column.name))
}

pub fn drop_checks(work: &Plan<'_>, alter: &mut Alter<'_>, dropped: &[&Constraint]) {
    let table = &alter.pair.old.name;
    let freed = |name: &str| work.freed.iter().any(|(of, each)| of == table && each == name);
    let names = dropped.iter().filter_map(|check| check.name.as_deref());
    for name in names.filter(|name| !freed(name)).collect::<Vec<_>>() {
        alter.clause("drop check", format!("DROP CONSTRAINT {}", quoted(name)), INSTANT);
    }
}

pub fn add_checks(work: &Plan<'_>, alter: &mut Alter<'_>, checks: &Checks<'_>) {
    let new = alter.pair.new;
    for check in &checks.added {
        let Some(text) = table::constraint(work.to, check, alter.flavour) else { continue };
        let cost = if check.enforced { COPY } else { METADATA };
        alter.clause("add check", format!("ADD {text}"), cost);
        let mut before = alter.pair.old_table.constraints.iter();
        let held = before.any(|each| each.name == check.name && each.kind == check.kind && each.enforced);
        if check.enforced && !held {
            alter.losses.extend(loss::refused(&alter.kept, new, check));
        }
    }
    for check in &checks.enforced {
        let (word, cost) = if check.enforced { ("ENFORCED", COPY) } else { ("NOT ENFORCED", METADATA) };
        let name = quoted(check.name.as_deref().unwrap_or_default());
        alter.clause("alter check", format!("ALTER CHECK {name} {word}"), cost);
        if check.enforced {
            alter.losses.extend(loss::refused(&alter.kept, new, check));
        }
    }
}
