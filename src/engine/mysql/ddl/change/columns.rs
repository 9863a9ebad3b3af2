//! Columns that come, go, change and move in an ALTER TABLE.

use std::collections::BTreeSet;

use super::alter::Alter;
use super::cost::{COPY, Cost, INSTANT, LAYOUT, METADATA, Part, REBUILD, SHARED_REBUILD, WRITES_WAIT};
use super::types::{self, Type};
use super::{Pair, loss, mentions, qualified, quoted};
use crate::ddl::{Flavour, column, table};
use crate::model::catalog::{Column, Constraint, Object, Table, attribute};
use crate::model::plan::{Loss, Step};

/// Columns that no MODIFY leads to: from computed when read to anything else and back. What is
/// computed from such a column goes and comes with it.
pub fn remade(old: &Table, new: &Table) -> BTreeSet<String> {
    let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|each| !each.stored);
    let both = || old.columns.iter().filter_map(|column| Some((column, find(new, &column.name)?)));
    let mut remade: BTreeSet<String> = both()
        .filter(|(old, new)| is_virtual(old) != is_virtual(new))
        .map(|(old, _)| old.name.clone())
        .collect();
    loop {
        let more: Vec<String> = both()
            .filter(|(old, _)| !remade.contains(&old.name))
            .filter(|(old, _)| {
                let expression = old.generated.as_ref().map(|each| each.expression.as_str());
                expression.is_some_and(|text| remade.iter().any(|name| mentions(text, name)))
            })
            .map(|(old, _)| old.name.clone())
            .collect();
        if more.is_empty() {
            return remade;
        }
        remade.extend(more);
    }
}

fn find<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    table.columns.iter().find(|column| column.name == name)
}

/// Drops, then all others in the order that the table is to have: each is put behind the one
/// before it, and those that keep their order among each other are not moved.
pub fn clauses(alter: &mut Alter<'_>, remade: &BTreeSet<String>) {
    let Pair { old_table: old, new_table: new, .. } = alter.pair;
    let stays = |column: &Column| !remade.contains(&column.name) && find(new, &column.name).is_some();
    for gone in old.columns.iter().filter(|column| !stays(column)) {
        drop(alter, gone);
    }
    let kept: Vec<&str> =
        old.columns.iter().filter(|column| stays(column)).map(|column| column.name.as_str()).collect();
    let place = |name: &str| kept.iter().position(|each| *each == name);
    let wanted: Vec<usize> = new.columns.iter().filter_map(|column| place(&column.name)).collect();
    let unmoved: BTreeSet<usize> = longest_rise(&wanted).into_iter().collect();
    for (at, column) in new.columns.iter().enumerate() {
        let behind = match at.checked_sub(1).and_then(|before| new.columns.get(before)) {
            Some(before) => format!(" AFTER {}", quoted(&before.name)),
            None => " FIRST".to_owned(),
        };
        match place(&column.name) {
            Some(place) => {
                let moved = !unmoved.contains(&place);
                modify(alter, column, moved.then_some(behind.as_str()));
            }
            None => {
                // At the end there is no need to say where.
                let last = !new.columns[at..].iter().any(|later| place(&later.name).is_some());
                add(alter, column, (!last).then_some(behind.as_str()));
            }
        }
    }
}

/// A longest run of rising numbers among these.
fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    let mut best: Vec<Vec<usize>> = Vec::with_capacity(numbers.len());
    for (at, &number) in numbers.iter().enumerate() {
        let before = best.iter().zip(&numbers[..at]).filter(|(_, last)| **last < number);
        let mut run = before.map(|(run, _)| run).max_by_key(|run| run.len()).cloned().unwrap_or_default();
        run.push(number);
        best.push(run);
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

fn drop(alter: &mut Alter<'_>, column: &Column) {
    let cost = match &column.generated {
        Some(generated) if !generated.stored => INSTANT.of(Part::VirtualDropped),
        _ if alter.shape.virtual_indexed || is_before_virtual(alter, column) => COPY,
        _ => LAYOUT.of(Part::ColumnDropped),
    };
    alter.clause("drop column", format!("DROP COLUMN {}", quoted(&column.name)), cost);
    // What is computed can be computed again.
    if column.generated.is_none() {
        let condition = format!("{} IS NOT NULL", quoted(&column.name));
        let what = format!("column {} and its values", column.name);
        let lost = loss::rows(what, alter.pair.old, Some(&condition));
        alter.losses.push(lost);
    }
}

/// MariaDB moves no column that is computed when it is read.
fn is_before_virtual(alter: &Alter<'_>, column: &Column) -> bool {
    let behind = alter.pair.old_table.columns.iter().skip_while(|each| each.name != column.name);
    let mut computed = behind.filter_map(|each| each.generated.as_ref());
    alter.flavour == Flavour::Mariadb && computed.any(|generated| !generated.stored)
}

/// MySQL fills rows with zero dates, and not instantly (tried on 9.7; error 1845).
fn is_filled_with_zero_dates(flavour: Flavour, column: &Column) -> bool {
    let word = column.ty.split('(').next().unwrap_or_default();
    let is_date = matches!(word.to_ascii_lowercase().as_str(), "date" | "datetime");
    flavour == Flavour::Mysql && is_date && !column.nullable && column.default.is_none()
}

fn add(alter: &mut Alter<'_>, column: &Column, place: Option<&str>) {
    let shape = alter.shape;
    let in_the_way = place.is_some() && shape.virtual_columns;
    let cost = match &column.generated {
        Some(generated) if generated.stored || in_the_way => COPY,
        Some(_) => INSTANT.of(Part::VirtualAdded),
        None if column.identity.is_some() => SHARED_REBUILD,
        None if in_the_way && shape.flavour == Flavour::Mariadb => COPY,
        // A value of its own for each row.
        None if column.default.as_deref().is_some_and(|text| text.contains('(')) => COPY,
        None if is_filled_with_zero_dates(alter.flavour, column) => REBUILD.of(Part::ColumnAdded),
        None => LAYOUT.of(Part::ColumnAdded),
    };
    let own_values = alter.flavour == Flavour::Mysql && gives_each_its_own(column);
    let bare = Column { default: None, nullable: true, ..column.clone() };
    let text = written(alter.pair.new, if own_values { &bare } else { column }, alter.flavour);
    let cost = if own_values { LAYOUT.of(Part::ColumnAdded) } else { cost };
    alter.clause("add column", format!("ADD COLUMN {text}{}", place.unwrap_or_default()), cost);
    let checks = inner_checks(alter.pair.new, column, alter.flavour);
    let refused = checks.into_iter().filter_map(|check| loss::refused(&alter.kept, alter.pair.new, check));
    alter.losses.extend(refused);
    if own_values {
        let filled = filled(alter, column);
        alter.after.push(filled);
    }
}

/// Whether a default is another for each row: MySQL refuses to add such a column to a table when
/// changes are logged ("Data Type Default Values").
fn gives_each_its_own(column: &Column) -> bool {
    const FUNCTIONS: [&str; 13] = [
        "uuid",
        "uuid_short",
        "rand",
        "random_bytes",
        "user",
        "current_user",
        "session_user",
        "system_user",
        "connection_id",
        "sysdate",
        "version",
        "found_rows",
        "row_count",
    ];
    let default = column.default.as_deref().unwrap_or_default().to_ascii_lowercase();
    let calls = |name: &str| {
        let mut places = default.match_indices(name);
        places.any(|(at, _)| {
            let before = default[..at].chars().next_back();
            let is_start = !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            is_start && default[at + name.len()..].starts_with('(')
        })
    };
    FUNCTIONS.iter().any(|name| calls(name))
}

/// Gives the rows their values, and the column its default.
fn filled(alter: &Alter<'_>, column: &Column) -> Step {
    let (old, table) = (alter.pair.old, qualified(&alter.pair.old.name));
    let text = written(alter.pair.new, column, alter.flavour);
    let mut sql = vec![format!("ALTER TABLE {table} MODIFY COLUMN {text}")];
    // Where a change of rows has consequences of its own, the rows are left to the user.
    let acts = |table: &Table| {
        let on_update = table.columns.iter().any(|each| each.on_update.is_some());
        on_update || table.triggers.iter().any(|each| each.events.iter().any(|event| event == "UPDATE"))
    };
    let left = [alter.pair.old_table, alter.pair.new_table].into_iter().any(acts);
    if let (false, Some(default)) = (left, &column.default) {
        let name = quoted(&column.name);
        sql.insert(0, format!("UPDATE {table} SET {name} = ({default}) WHERE {name} IS NULL"));
    }
    let what = format!("rows, which have no value in {}", column.name);
    Step {
        kind: "add column".into(),
        object: super::told(alter.pair.new),
        sql,
        why: "the server gives no row of a table a default of its own".into(),
        lock: WRITES_WAIT.into(),
        rewrites: true,
        loses: (left && !column.nullable).then(|| loss::stopping(what, old, None)).into_iter().collect(),
        ..Step::default()
    }
}

fn modify(alter: &mut Alter<'_>, new: &Column, place: Option<&str>) {
    let pair = alter.pair;
    let Some(old) = find(pair.old_table, &new.name) else { return };
    let text = written(pair.new, new, alter.flavour);
    let sets = (letters(pair.old, old), letters(pair.new, new));
    if place.is_none() && written(pair.old, old, alter.flavour) == text && sets.0 == sets.1 {
        return;
    }
    let clause = format!("MODIFY COLUMN {text}{}", place.unwrap_or_default());
    if place.is_some() {
        let cost = match alter.flavour {
            Flavour::Mysql => REBUILD,
            Flavour::Mariadb if alter.shape.virtual_columns => COPY,
            Flavour::Mariadb => LAYOUT,
        };
        alter.costs.push(cost);
    }
    let mut costs = costs(alter, old, new, &sets);
    alter.clause("alter column", clause, costs.pop().unwrap_or(INSTANT));
    alter.costs.extend(costs);
    let losses = losses(pair, old, new, &sets);
    alter.losses.extend(losses);
    let checks = new_checks(alter, old, new);
    let refused = checks.into_iter().filter_map(|check| loss::refused(&alter.kept, pair.new, check));
    alter.losses.extend(refused);
}

/// The checks in a column's line that were not there before.
fn new_checks<'a>(alter: &Alter<'a>, old: &Column, new: &Column) -> Vec<&'a Constraint> {
    let before = inner_checks(alter.pair.old, old, alter.flavour);
    let after = inner_checks(alter.pair.new, new, alter.flavour);
    after.into_iter().filter(|check| !before.iter().any(|each| each.kind == check.kind)).collect()
}

/// A column's line, with the checks that MariaDB keeps in it.
fn written(object: &Object, each: &Column, flavour: Flavour) -> String {
    column::write(each, &inner_checks(object, each, flavour), flavour)
}

fn inner_checks<'o>(object: &'o Object, column: &Column, flavour: Flavour) -> Vec<&'o Constraint> {
    let constraints = object.as_table().map(|table| table.constraints.as_slice()).unwrap_or_default();
    constraints
        .iter()
        .filter(|check| table::is_in_column(check, flavour) && check.columns.first() == Some(&column.name))
        .collect()
}

/// The character set and collation of a column, its own or the table's.
type Letters = (Option<String>, Option<String>);

pub fn letters(object: &Object, column: &Column) -> Letters {
    if !Type::of(&column.ty).is_text() {
        return (None, None);
    }
    let of_table = |name| attribute(&object.attributes, name).map(str::to_owned);
    let collation = match (&column.collation, &column.charset) {
        (Some(collation), _) => Some(collation.clone()),
        // The set's usual one.
        (None, Some(_)) => None,
        (None, None) => of_table("collate"),
    };
    (column.charset.clone().or_else(|| of_table("charset")), collation)
}

/// What a change of one column costs, aspect by aspect.
fn costs(alter: &Alter<'_>, old: &Column, new: &Column, sets: &(Letters, Letters)) -> Vec<Cost> {
    let flavour = alter.flavour;
    let mut costs = Vec::new();
    if old.ty != new.ty || sets.0 != sets.1 {
        costs.push(cost_of_type(alter, old, new, sets));
    }
    if old.nullable != new.nullable {
        let copied = match new.nullable {
            true => super::keys::clusters(alter.pair.old_table, &new.name),
            false => {
                flavour == Flavour::Mariadb && (alter.shape.stored_columns || alter.shape.virtual_indexed)
            }
        };
        costs.push(if copied { COPY } else { REBUILD });
    }
    if old.identity.is_some() != new.identity.is_some() {
        costs.push(COPY);
    }
    match (&old.generated, &new.generated) {
        (None, None) => {}
        (Some(before), Some(after)) if !after.stored && !before.stored => {
            let at_once = flavour == Flavour::Mariadb && !is_indexed(alter, &new.name);
            let changed = INSTANT.of(Part::VirtualChanged);
            if before != after || flavour == Flavour::Mariadb {
                costs.push(if at_once { changed } else { COPY });
            }
        }
        (before, after) if before != after || flavour == Flavour::Mariadb => costs.push(COPY),
        _ => {}
    }
    if !new_checks(alter, old, new).is_empty() {
        costs.push(COPY);
    }
    let kept = |column: &Column| {
        let mut kept = column.attributes.clone();
        kept.retain(|each| each.name != "invisible");
        kept
    };
    if kept(old) != kept(new) {
        costs.push(COPY);
    }
    costs
}

fn cost_of_type(alter: &Alter<'_>, old: &Column, new: &Column, sets: &(Letters, Letters)) -> Cost {
    let (before, after) = (Type::of(&old.ty), Type::of(&new.ty));
    let mariadb = alter.flavour == Flavour::Mariadb;
    let at_once = if mariadb { INSTANT } else { METADATA };
    if sets.0 == sets.1 && types::labels_are_added(&before, &after) {
        return INSTANT;
    }
    let is_flexible = before.word == "varchar" || before.word.ends_with("text");
    if before.word != after.word || !is_flexible || before.number(0) > after.number(0) {
        return COPY;
    }
    // Lengths up to 255 bytes are kept in one byte, longer ones in two. MariaDB gets along with that
    // where the first byte of two is never taken for a whole length: below 128.
    let room = |ty: &Type, set: &Letters| match ty.word.as_str() {
        "varchar" => ty.number(0).unwrap_or(0) * bytes(set.0.as_deref().unwrap_or_default()),
        _ => u64::MAX,
    };
    let (room_before, room_after) = (room(&before, &sets.0), room(&after, &sets.1));
    let in_one_byte = if mariadb { 128..=255 } else { 0..=255 };
    if in_one_byte.contains(&room_before) && room_after > 255 {
        return COPY;
    }
    let set = |letters: &Letters| letters.0.clone().unwrap_or_default();
    let (from, to) = (set(&sets.0), set(&sets.1));
    let larger = from == to || matches!((from.as_str(), to.as_str()), ("utf8mb3" | "utf8", "utf8mb4"));
    match (sets.0 == sets.1, is_indexed(alter, &new.name)) {
        (true, _) => at_once,
        (false, _) if !larger => COPY,
        (false, false) => at_once,
        (false, true) if mariadb => Cost::index(false),
        (false, true) => COPY,
    }
}

/// The most bytes of a character.
fn bytes(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "utf8" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "euckr" | "sjis" | "cp932" => 2,
        _ => 1,
    }
}

fn is_indexed(alter: &Alter<'_>, name: &str) -> bool {
    let tables = [alter.pair.old_table, alter.pair.new_table];
    let mut keys = tables.iter().flat_map(|table| &table.indexes).flat_map(|index| &index.keys);
    keys.any(|key| key.column.as_deref() == Some(name))
}

fn losses(pair: Pair<'_>, old: &Column, new: &Column, sets: &(Letters, Letters)) -> Vec<Loss> {
    let name = quoted(&old.name);
    let mut losses = Vec::new();
    if new.generated.is_some() {
        if old.generated.is_none() {
            let what = format!("values of {}, which is computed from now on", old.name);
            losses.push(loss::rows(what, pair.old, Some(&format!("{name} IS NOT NULL"))));
        }
        return losses;
    }
    if old.nullable && !new.nullable {
        let what = format!("rows without a value in {}", old.name);
        losses.push(loss::stopping(what, pair.old, Some(&format!("{name} IS NULL"))));
    }
    if let Some((what, condition)) = types::narrowed(&Type::of(&old.ty), &Type::of(&new.ty), &name) {
        losses.push(loss::rows(format!("{}: {what}", old.name), pair.old, Some(&condition)));
    }
    if let ((Some(from), _), (Some(to), _)) = sets
        && from != to
        && !matches!(to.as_str(), "utf8mb4" | "utf16" | "utf16le" | "utf32")
        && !(to == "utf8mb3" && matches!(from.as_str(), "latin1" | "ascii" | "utf8"))
    {
        let there = format!("CONVERT({name} USING utf8mb4)");
        let back = format!("CONVERT(CONVERT({name} USING {to}) USING utf8mb4)");
        let what = format!("{}: characters that {to} does not have", old.name);
        losses.push(loss::rows(what, pair.old, Some(&format!("HEX({there}) <> HEX({back})"))));
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_as_possible_are_moved() {
        assert_eq!(longest_rise(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(longest_rise(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(longest_rise(&[1, 2, 0, 3]), [1, 2, 3]);
        assert_eq!(longest_rise(&[]), [] as [usize; 0]);
    }
}
