//! Partitions that come, go and change ("ALTER TABLE Partition Operations").

use super::alter::Alter;
use super::cost::{ALL_WAIT, COPY, MOMENT, WRITES_WAIT};
use super::{Pair, qualified, quoted};
use crate::ddl::{Flavour, table};
use crate::model::catalog::{Attribute, Object, Partitioning};
use crate::model::plan::{Loss, Step};

/// Partitioning as a whole is part of the ALTER TABLE; partitions are changed in statements of
/// their own, which are given back.
pub fn clauses(alter: &mut Alter<'_>) -> Option<Step> {
    let Pair { old, new, old_table, new_table } = alter.pair;
    match (&old_table.partitioning, &new_table.partitioning) {
        (before, after) if before == after => None,
        (_, None) => {
            alter.tail = Some("REMOVE PARTITIONING".into());
            alter.costs.push(COPY);
            None
        }
        (Some(before), Some(after)) if before.by == after.by => {
            let found = moves(&before.partitions, &after.partitions, &after.by);
            match found {
                Some(found) => Some(step(old, new, &found, alter.flavour)),
                None => whole(alter, after),
            }
        }
        (_, Some(after)) => whole(alter, after),
    }
}

fn whole(alter: &mut Alter<'_>, partitioning: &Partitioning) -> Option<Step> {
    alter.tail = Some(table::partitions(partitioning).trim_start().to_owned());
    alter.costs.push(COPY);
    None
}

#[derive(Debug, PartialEq, Eq)]
enum Move<'a> {
    Add(&'a [Attribute]),
    Drop(&'a [Attribute]),
    Reorganize(&'a [Attribute], &'a [Attribute]),
}

/// How some partitions become others without a copy of the whole table; None when they do not.
fn moves<'a>(before: &'a [Attribute], after: &'a [Attribute], by: &str) -> Option<Move<'a>> {
    let kind = by.to_ascii_uppercase();
    let (is_range, is_list) = (kind.starts_with("RANGE"), kind.starts_with("LIST"));
    if !is_range && !is_list || before.is_empty() || after.is_empty() {
        return None;
    }
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    if start == before.len() {
        return Some(Move::Add(&after[start..]));
    }
    if start == after.len() {
        return Some(Move::Drop(&before[start..]));
    }
    let rest = (&before[start..], &after[start..]);
    let end = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(one, other)| one == other).count();
    let (mut gone, mut come) = (&rest.0[..rest.0.len() - end], &rest.1[..rest.1.len() - end]);
    let bound = |all: &[Attribute]| all.last().map(|each| each.value.clone());
    if is_list && (gone.is_empty() || come.is_empty()) {
        return None;
    }
    if is_range && end > 0 && bound(gone) != bound(come) {
        // The next partition gives rows to those that come before it, or takes theirs.
        (gone, come) = (&rest.0[..gone.len() + 1], &rest.1[..come.len() + 1]);
    }
    Some(Move::Reorganize(gone, come))
}

fn step(old: &Object, new: &Object, found: &Move<'_>, flavour: Flavour) -> Step {
    let names = |all: &[Attribute]| all.iter().map(|each| quoted(&each.name)).collect::<Vec<_>>().join(", ");
    let list = |all: &[Attribute]| {
        let each = all.iter().map(|each| format!("PARTITION {} {}", quoted(&each.name), each.value));
        each.collect::<Vec<_>>().join(",\n  ")
    };
    let (kind, sql) = match found {
        Move::Add(come) => ("add partition", format!("ADD PARTITION (\n  {})", list(come))),
        Move::Drop(gone) => ("drop partition", format!("DROP PARTITION {}", names(gone))),
        Move::Reorganize(gone, come) => (
            "reorganize partition",
            format!("REORGANIZE PARTITION {} INTO (\n  {})", names(gone), list(come)),
        ),
    };
    let loses = match found {
        Move::Drop(gone) => {
            let table = qualified(&old.name);
            let probe = format!("SELECT 1 FROM {table} PARTITION ({}) LIMIT 1", names(gone));
            vec![Loss::lost(format!("the rows of {}", names(gone)), Some(probe))]
        }
        _ => Vec::new(),
    };
    let rewrites = matches!(found, Move::Reorganize(..));
    let lock = match (rewrites, flavour) {
        (false, _) => MOMENT,
        (true, Flavour::Mysql) => WRITES_WAIT,
        (true, Flavour::Mariadb) => ALL_WAIT,
    };
    Step {
        kind: kind.into(),
        object: super::told(new),
        sql: vec![format!("ALTER TABLE {} {sql}", qualified(&old.name))],
        lock: lock.into(),
        rewrites,
        loses,
        ..Step::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partitions(text: &str) -> Vec<Attribute> {
        let each = |name: &str| Attribute { name: name.into(), value: format!("VALUES LESS THAN ({name})") };
        text.split_whitespace().map(each).collect()
    }

    #[test]
    fn the_least_is_moved() {
        let found = |before: &str, after: &str, by: &str| {
            let (before, after) = (partitions(before), partitions(after));
            let names =
                |all: &[Attribute]| all.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(" ");
            match moves(&before, &after, by) {
                None => "whole".to_owned(),
                Some(Move::Add(come)) => format!("add {}", names(come)),
                Some(Move::Drop(gone)) => format!("drop {}", names(gone)),
                Some(Move::Reorganize(gone, come)) => format!("{} into {}", names(gone), names(come)),
            }
        };
        assert_eq!(found("1 2", "1 2 3 4", "RANGE (a)"), "add 3 4");
        assert_eq!(found("1 2 3", "1", "RANGE (a)"), "drop 2 3");
        assert_eq!(found("1 9", "1 5 9", "RANGE (a)"), "9 into 5 9");
        assert_eq!(found("1 5 9", "1 9", "RANGE (a)"), "5 9 into 9");
        assert_eq!(found("1 5 9", "1 6 9", "RANGE (a)"), "5 9 into 6 9");
        assert_eq!(found("1 5 9", "2 6", "RANGE (a)"), "1 5 9 into 2 6");
        assert_eq!(found("1 5 9", "1 9", "LIST (a)"), "whole");
        assert_eq!(found("1 2", "1 2 3", "HASH (a)"), "whole");
    }
}
