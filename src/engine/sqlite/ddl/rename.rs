//! Tables and columns under other names.
//!
//! SQLite follows a new name through all it has. What it makes of views and triggers it tells
//! itself (`follow`); what it makes of tables follows from their parts.

mod follow;

use std::collections::BTreeSet;

use follow::Followed;

use super::change::words::{has, ident, in_double_quotes, relation_names, same, tokens, under_another_name};
use crate::catalog::code::name_of;
use crate::model::catalog::{Attribute, Catalog, Column, Constraint, ConstraintKind, Detail, Object, Table};
use crate::model::plan::{Behind, Rename, Renamed, Step};
use crate::sql::{SQLITE, quote_ident_if_needed};

/// Gives a table or a column of it another name; no step where SQLite has no statement for it, as
/// for the columns of views.
pub fn rename(from: &Catalog, rename: &Rename) -> Renamed {
    let mut renamed = Renamed { steps: Vec::new(), catalog: from.clone() };
    let Some((kind, object, sql)) = statements(from, rename) else { return renamed };
    let followed = Followed::of(from, &sql);
    let step = Step {
        kind: kind.to_owned(),
        object,
        sql,
        lock: super::change::lock(from).to_owned(),
        in_transaction: true,
        ..Step::default()
    };
    renamed.steps = followed.around(from, step);
    let name = &rename.table.name;
    match &rename.column {
        Some(column) => rename_column(&mut renamed.catalog, from, name, (column, &rename.to)),
        None => rename_table(&mut renamed.catalog, name, &rename.to),
    }
    followed.tell(&mut renamed.catalog);
    renamed.catalog.sort();
    renamed
}

/// The views and triggers that SQLite cannot make follow, such as a view that names a column of a
/// `SELECT *`.
pub fn left_behind(from: &Catalog, rename: &Rename) -> Vec<Behind> {
    let followed = statements(from, rename).map(|(_, _, sql)| Followed::of(from, &sql));
    followed.iter().flat_map(Followed::broken).collect()
}

/// The kind of step, the object, and its statements.
fn statements(from: &Catalog, rename: &Rename) -> Option<(&'static str, String, Vec<String>)> {
    let object = from.relation(&rename.table)?;
    let (table, name) = (object.as_table()?, &object.name.name);
    let Some(column) = &rename.column else {
        return Some(("rename table", format!("table {name}"), table_sql(from, name, &rename.to)));
    };
    let known = table.foreign.is_none() && table.columns.iter().any(|each| each.name == *column);
    // SQLite writes the name into checks and indexes as it is written here, with or without quotes.
    let new = quote_ident_if_needed(&SQLITE, &rename.to);
    let sql = format!("ALTER TABLE {} RENAME COLUMN {} TO {new}", ident(name), ident(column));
    known.then(|| ("rename column", format!("column {name}.{column}"), vec![sql]))
}

/// A name that differs in the case of letters alone is taken: by the table itself.
fn table_sql(from: &Catalog, old: &str, new: &str) -> Vec<String> {
    let statement = |old: &str, new: &str| format!("ALTER TABLE {} RENAME TO {}", ident(old), ident(new));
    if !same(old, new) {
        return vec![statement(old, new)];
    }
    let between = super::change::words::free_name(&relation_names(from).into_iter().collect(), old);
    vec![statement(old, &between), statement(&between, new)]
}

fn rename_table(catalog: &mut Catalog, old: &str, new: &str) {
    for object in &mut catalog.objects {
        let is_it = object.name.name == old;
        let Detail::Table(table) = &mut object.detail else { continue };
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind
                && same(&reference.table.name, old)
            {
                new.clone_into(&mut reference.table.name);
            }
        }
        if is_it {
            // `old.column`; SQLite quotes the new name of a table always.
            each_text(table, &mut |text| replaced(text, old, (&ident(new), &ident(new)), true));
            object.name.name = new.to_owned();
            object.definition =
                object.definition.as_deref().and_then(|text| under_another_name(text, old, new));
            // A full-text index has a column of its own name.
            let hidden = table.columns.iter_mut().filter(|column| has(&column.attributes, "hidden"));
            hidden.filter(|column| column.name == old).for_each(|column| new.clone_into(&mut column.name));
            let start = format!("{old}_");
            for attribute in object.attributes.iter_mut().filter(|each| each.name == "shadow tables") {
                let shadows = attribute.value.split(", ");
                let moved = shadows.map(|each| {
                    each.strip_prefix(&start).map_or(each.to_owned(), |end| format!("{new}_{end}"))
                });
                attribute.value = moved.collect::<Vec<_>>().join(", ");
            }
        }
    }
}

fn rename_column(catalog: &mut Catalog, from: &Catalog, table_name: &str, (old, new): (&str, &str)) {
    let plain = quote_ident_if_needed(&SQLITE, new);
    let quoted = ident(new);
    let strings = Strings::of(from);
    // What had to be quoted once is quoted everywhere.
    let unquoted = if plain == new { new } else { quoted.as_str() };
    let moved = |name: &mut String| {
        if same(name, old) {
            new.clone_into(name);
        }
    };
    for object in &mut catalog.objects {
        let is_it = object.name.name == table_name;
        let Detail::Table(table) = &mut object.detail else { continue };
        // Nobody knows what comes of it: it counts as different, and is made again.
        each_text(table, &mut |text| if strings.are_in(text) { String::new() } else { text.to_owned() });
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind
                && same(&reference.table.name, table_name)
            {
                reference.referenced.iter_mut().for_each(moved);
            }
        }
        if !is_it {
            continue;
        }
        each_text(table, &mut |text| replaced(text, old, (unquoted, &quoted), false));
        table.columns.iter_mut().for_each(|column: &mut Column| moved(&mut column.name));
        for constraint in &mut table.constraints {
            rename_in_key(constraint, old, new);
        }
        for index in &mut table.indexes {
            index.keys.iter_mut().filter_map(|key| key.column.as_mut()).for_each(moved);
            index.definition = None;
        }
        object.definition = None;
    }
}

fn rename_in_key(constraint: &mut Constraint, old: &str, new: &str) {
    for column in constraint.columns.iter_mut().filter(|column| same(column, old)) {
        new.clone_into(column);
    }
    for Attribute { name, value } in &mut constraint.attributes {
        match name.as_str() {
            "descending" if same(value, old) => new.clone_into(value),
            "collation" => {
                if let Some(collation) = value.strip_prefix(old).and_then(|rest| rest.strip_prefix(' ')) {
                    *value = format!("{new} {collation}");
                }
            }
            _ => {}
        }
    }
}

/// The expressions of a table, rewritten.
fn each_text(table: &mut Table, rewrite: &mut dyn FnMut(&str) -> String) {
    for constraint in &mut table.constraints {
        if let ConstraintKind::Check { expression } = &mut constraint.kind {
            *expression = rewrite(expression);
        }
    }
    for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
        generated.expression = rewrite(&generated.expression);
    }
    for index in &mut table.indexes {
        let keys = index.keys.iter_mut().filter_map(|key| key.expression.as_mut());
        keys.chain(index.predicate.as_mut()).for_each(|text| *text = rewrite(text));
    }
}

/// Strings in double quotes, of which SQLite makes proper ones when a column gets another name,
/// wherever they are.
struct Strings {
    /// What else can stand in double quotes.
    names: BTreeSet<String>,
}

impl Strings {
    fn of(from: &Catalog) -> Self {
        let columns = from.objects.iter().flat_map(Object::columns).map(|column| column.name.to_lowercase());
        Strings { names: columns.chain(relation_names(from)).collect() }
    }

    fn are_in(&self, text: &str) -> bool {
        in_double_quotes(text).any(|word| !self.names.contains(&word.to_lowercase()))
    }
}

/// The text with another name for a column, or for the table that stands before a point.
fn replaced(text: &str, old: &str, (unquoted, quoted): (&str, &str), before_point: bool) -> String {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(text));
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_it = name_of(*token, text).is_some_and(|name| same(&name, old)) && !word(at).starts_with('\'');
        let after = at.checked_sub(1).map_or("", word);
        let is_other = word(at + 1) == "(" || same(after, "as") || same(after, "collate");
        if !is_it || is_other || (word(at + 1) == ".") != before_point {
            continue;
        }
        result += &text[end..token.start];
        let is_bare = word(at).starts_with(|first: char| first.is_alphanumeric() || first == '_');
        result += if is_bare { unquoted } else { quoted };
        end = token.end;
    }
    result + &text[end..]
}

#[cfg(test)]
mod tests;
