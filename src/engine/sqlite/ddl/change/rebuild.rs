//! A table made anew with the rows of the old one.

use super::table::Kept;
use super::words::{Relations, has, ident, literal, same, under_another_name};
use crate::catalog::code::{Code, items};
use crate::ddl::{default_sql, table_sql};
use crate::model::catalog::{Column, Object, Table, attribute};

/// Creates, fills and puts in place. The names in foreign keys, views and triggers stay as they
/// are, for which `legacy_alter_table` must be on
/// (<https://www.sqlite.org/pragma.html#pragma_legacy_alter_table>).
pub fn statements(table: &Kept<'_>, free: &str) -> Vec<String> {
    let (old, new) = (&table.old.name.name, &table.new.name.name);
    match text_under(table, free) {
        Some(create) => {
            let mut sql = vec![create, copy(table, old, free)];
            if keeps_numbers(table) {
                sql.extend(numbers(old, free));
            }
            sql.push(format!("DROP TABLE {}", ident(old)));
            sql.push(format!("ALTER TABLE {} RENAME TO {}", ident(free), ident(new)));
            sql
        }
        None => by_way_of(table, free),
    }
}

/// The text of the new table under a free name; None when it must be made under its own.
fn text_under(table: &Kept<'_>, free: &str) -> Option<String> {
    let name = &table.new.name.name;
    if let Some(definition) = &table.new.definition {
        return under_another_name(definition, name, free);
    }
    let mut other = table.new.clone();
    free.clone_into(&mut other.name.name);
    under_another_name(&table_sql(&other, table.new_table), name, free)
}

/// The rows wait in a table without types, which changes no value, until the new table is there.
fn by_way_of(table: &Kept<'_>, free: &str) -> Vec<String> {
    let (old, new) = (&table.old.name.name, &table.new.name.name);
    let (targets, sources) = columns(table);
    let waiting: Vec<String> = (0..sources.len()).map(|at| format!("c{at}")).collect();
    let waiting = waiting.join(", ");
    let mut sql = vec![
        format!("CREATE TABLE {} ({waiting})", ident(free)),
        format!("INSERT INTO {} ({waiting}) SELECT {} FROM {}", ident(free), sources.join(", "), ident(old)),
    ];
    if keeps_numbers(table) {
        sql.extend(numbers(old, free));
    }
    sql.push(format!("DROP TABLE {}", ident(old)));
    sql.push(table_sql(table.new, table.new_table));
    let targets = targets.join(", ");
    sql.push(format!("INSERT INTO {} ({targets}) SELECT {waiting} FROM {}", ident(new), ident(free)));
    if keeps_numbers(table) {
        sql.extend(numbers(free, new));
        sql.push(format!("DELETE FROM sqlite_sequence WHERE name = {}", literal(free)));
    }
    sql.push(format!("DROP TABLE {}", ident(free)));
    sql
}

fn copy(table: &Kept<'_>, from: &str, into: &str) -> String {
    let (targets, sources) = columns(table);
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM {}",
        ident(into),
        targets.join(", "),
        sources.join(", "),
        ident(from)
    )
}

/// The columns that are filled, and with what of the old table.
fn columns(table: &Kept<'_>) -> (Vec<String>, Vec<String>) {
    let mut targets = Vec::new();
    let mut sources = Vec::new();
    let plain = || table.new_table.columns.iter().filter(|column| column.generated.is_none());
    for column in plain() {
        if let Some(old) = table.before(&column.name) {
            targets.push(ident(&column.name));
            sources.push(source(old, column));
        }
    }
    if let Some((target, source)) = rowid(table) {
        targets.insert(0, target);
        sources.insert(0, source);
    }
    if targets.is_empty()
        && let Some(column) = plain().next()
    {
        // The rows stay, although nothing in them does.
        targets.push(ident(&column.name));
        sources.push(column.default.as_deref().map_or_else(|| "NULL".to_owned(), default_sql));
    }
    (targets, sources)
}

/// A null in the column that becomes the rowid would get a number in silence: a text, which is
/// refused there, stands for it.
fn source(old: &Column, new: &Column) -> String {
    let name = ident(&old.name);
    match has(&new.attributes, "rowid") && old.nullable {
        true => format!("coalesce({name}, 'no value')"),
        false => name,
    }
}

/// The rowid, which others may hold on to, where no column of both tables has it anyway
/// (<https://www.sqlite.org/lang_createtable.html#rowid>).
fn rowid(table: &Kept<'_>) -> Option<(String, String)> {
    if has(&table.old.attributes, "without rowid") || has(&table.new.attributes, "without rowid") {
        return None;
    }
    let target = match alias(table.new_table) {
        Some(column) if table.before(&column.name).is_some() => return None,
        Some(column) => ident(&column.name),
        None => free_rowid(table.new_table)?.to_owned(),
    };
    let source = match alias(table.old_table) {
        Some(column) => ident(&column.name),
        None => free_rowid(table.old_table)?.to_owned(),
    };
    Some((target, source))
}

/// The column that is the rowid.
pub fn alias(table: &Table) -> Option<&Column> {
    table.columns.iter().find(|column| has(&column.attributes, "rowid"))
}

/// A name of the rowid that no column has taken.
fn free_rowid(table: &Table) -> Option<&'static str> {
    let is_taken = |name: &str| table.columns.iter().any(|column| same(&column.name, name));
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| !is_taken(name))
}

/// Both tables number the rows of the same column, and never give a number twice.
fn keeps_numbers(table: &Kept<'_>) -> bool {
    let numbered = |table: &'_ Table| {
        alias(table).filter(|column| column.identity.is_some()).map(|each| each.name.clone())
    };
    match (numbered(table.old_table), numbered(table.new_table)) {
        (Some(old), Some(new)) => same(&old, &new),
        _ => false,
    }
}

/// Whether a query finds the rowid of a relation, or a column, under a name.
fn gives_rowid(object: &Object, name: &str) -> bool {
    let is_rowid = ["rowid", "_rowid_", "oid"].iter().any(|each| same(each, name));
    let is_table = object.as_table().is_some() && !has(&object.attributes, "without rowid");
    (is_table && is_rowid) || object.columns().iter().any(|column| same(&column.name, name))
}

/// The highest number ever given (<https://www.sqlite.org/autoinc.html>).
fn numbers(from: &str, to: &str) -> [String; 2] {
    let (from, to) = (literal(from), literal(to));
    [
        format!("DELETE FROM sqlite_sequence WHERE name = {to}"),
        format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {to}, seq FROM sqlite_sequence WHERE name = {from}"
        ),
    ]
}

/// A virtual table made anew with its contents, where the module gives out all that it took.
pub fn of_virtual(table: &Kept<'_>, free: &str) -> Option<Vec<String>> {
    let module = table.old_table.foreign.as_deref()?;
    if !same(module, table.new_table.foreign.as_deref()?) {
        return None;
    }
    let is_text = ["fts3", "fts4", "fts5"].iter().any(|each| same(each, module));
    let is_tree = ["rtree", "rtree_i32"].iter().any(|each| same(each, module));
    let kept_elsewhere = |object: &Object| content(object).is_some();
    if !(is_text || is_tree) || kept_elsewhere(table.old) || kept_elsewhere(table.new) {
        return None;
    }
    let visible = |column: &&Column| !has(&column.attributes, "hidden");
    let both = table.new_table.columns.iter().filter(visible);
    let both: Vec<&Column> = both.filter_map(|new| table.before(&new.name)).collect();
    if both.is_empty() {
        return None;
    }
    let mut columns: Vec<String> = both.iter().map(|column| ident(&column.name)).collect();
    if is_text {
        // The first column of an R*Tree is its rowid.
        columns.insert(0, "rowid".to_owned());
    }
    let waiting: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
    let (columns, waiting) = (columns.join(", "), waiting.join(", "));
    let (old, new, free) = (ident(&table.old.name.name), ident(&table.new.name.name), ident(free));
    Some(vec![
        format!("CREATE TABLE {free} ({waiting})"),
        format!("INSERT INTO {free} ({waiting}) SELECT {columns} FROM {old}"),
        format!("DROP TABLE {old}"),
        table_sql(table.new, table.new_table),
        format!("INSERT INTO {new} ({columns}) SELECT {waiting} FROM {free}"),
        format!("DROP TABLE {free}"),
    ])
}

/// The table that has the contents of a full-text index; empty where nothing has.
fn content(object: &Object) -> Option<String> {
    argument(object, "content")
}

/// `name=value` among the arguments of a virtual table.
fn argument(object: &Object, name: &str) -> Option<String> {
    let arguments = attribute(&object.attributes, "arguments")?;
    items(arguments).into_iter().find_map(|argument| {
        let mut code = Code::new(argument);
        code.eat_all(&[name, "="]).then(|| code.name()).flatten()
    })
}

/// Whether rows go with the table. A full-text index of what another has holds none, and cannot
/// even be asked when the other has changed.
pub fn holds_rows(object: &Object) -> bool {
    content(object).is_none_or(|content| content.is_empty())
}

/// What fills a full-text index from the table that has its contents
/// (<https://www.sqlite.org/fts5.html#the_rebuild_command>).
pub fn refill(after: &Relations<'_>, object: &Object) -> Option<String> {
    let module = object.as_table()?.foreign.as_deref()?;
    if !["fts4", "fts5"].iter().any(|each| same(each, module)) {
        return None;
    }
    let content = after.get(&content(object)?)?;
    // It must have the columns that the index asks it for.
    let has_column = |column: &Column| content.columns().iter().any(|each| same(&each.name, &column.name));
    let visible = |column: &&Column| !has(&column.attributes, "hidden");
    let rowid = argument(object, "content_rowid").unwrap_or_else(|| "rowid".to_owned());
    if !gives_rowid(content, &rowid) || !object.columns().iter().filter(visible).all(has_column) {
        return None;
    }
    let name = ident(&object.name.name);
    Some(format!("INSERT INTO {name} ({name}) VALUES ('rebuild')"))
}
