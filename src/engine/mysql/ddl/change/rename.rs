//! Tables and columns that go by another name, and what a server renames with them ("RENAME TABLE",
//! "ALTER TABLE ... RENAME COLUMN").
//!
//! Foreign keys, indexes and triggers of a table follow it; texts of views, routines and triggers do
//! not. MariaDB renames a column in the table's own expressions too. MySQL refuses where there are
//! such, unless the same statement writes them anew.

use super::{Script, mentions, qualified, quoted, rights, told};
use crate::catalog::words::{Words, unquoted};
use crate::ddl::{Flavour, column, table};
use crate::model::catalog::{Catalog, Column, Constraint, ConstraintKind, Detail, Name, Object, Table};
use crate::model::ddl::DdlOptions;
use crate::model::plan::{Rename, Renamed, Step};
use crate::sql::{MYSQL, TokenKind};

pub fn rename(from: &Catalog, rename: &Rename) -> Renamed {
    let nothing = || Renamed { steps: Vec::new(), catalog: from.clone() };
    let place = from.objects.iter().position(|each| each.as_table().is_some() && each.name == rename.table);
    let Some(place) = place else { return nothing() };
    let flavour = Script::new(from, DdlOptions::default()).flavour;
    let mut catalog = from.clone();
    let old = &from.objects[place];
    let step = match &rename.column {
        None => {
            let new = Name::new(rename.table.schema.clone(), rename.to.clone());
            for object in &mut catalog.objects {
                rename_table(object, &rename.table, &new, flavour);
            }
            moved(from, old, &catalog.objects[place])
        }
        Some(column) if old.columns().iter().any(|each| each.name == *column) => {
            for object in &mut catalog.objects {
                rename_referenced(object, &rename.table, column, &rename.to);
            }
            rename_column(&mut catalog.objects[place], column, &rename.to);
            column_step(&catalog, old, place, column, &rename.to, flavour)
        }
        Some(_) => return nothing(),
    };
    catalog.sort();
    Renamed { steps: vec![step], catalog }
}

/// RENAME TABLE. Rights stay with the old name, so they are given to the new one.
fn moved(from: &Catalog, old: &Object, new: &Object) -> Step {
    let mut sql = vec![format!("RENAME TABLE {} TO {}", qualified(&old.name), qualified(&new.name))];
    sql.extend(rights::statements(from, Object { name: new.name.clone(), ..old.clone() }));
    sql.extend(rights::taken(old, &old.grants));
    Step {
        kind: "rename table".into(),
        object: told(old),
        sql,
        lock: super::cost::MOMENT.into(),
        ..Step::default()
    }
}

fn table_of(object: &mut Object) -> Option<&mut Table> {
    match &mut object.detail {
        Detail::Table(table) => Some(table),
        _ => None,
    }
}

fn rename_table(object: &mut Object, old: &Name, new: &Name, flavour: Flavour) {
    let is_it = object.as_table().is_some() && object.name == *old;
    let Some(table) = table_of(object) else { return };
    let mut touched = is_it;
    for constraint in &mut table.constraints {
        if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind
            && reference.table == *old
        {
            reference.table = new.clone();
            touched = true;
        }
        if is_it {
            follow(constraint, &old.name, &new.name, flavour);
        }
    }
    if is_it {
        for trigger in &mut table.triggers {
            let definition = trigger.definition.as_deref();
            trigger.definition = definition.map(|text| on_table(text, &old.name, &new.name));
        }
        object.name = new.clone();
    }
    if touched {
        // Its text is put together from the parts from now on.
        object.definition = None;
    }
}

/// Names that the servers make of the table's own: `film_ibfk_1`, and MySQL's `film_chk_1`.
fn follow(constraint: &mut Constraint, old: &str, new: &str, flavour: Flavour) {
    let middle = match (&constraint.kind, flavour) {
        (ConstraintKind::ForeignKey(_), _) => "_ibfk_",
        (ConstraintKind::Check { .. }, Flavour::Mysql) => "_chk_",
        _ => return,
    };
    // Whatever follows: a server cannot tell whether it made a name up itself.
    let number = constraint.name.as_deref().and_then(|name| name.strip_prefix(old)?.strip_prefix(middle));
    if let Some(number) = number {
        constraint.name = Some(format!("{new}{middle}{number}"));
    }
}

/// The heading of a trigger with the new name of its table.
fn on_table(definition: &str, old: &str, new: &str) -> String {
    let mut words = Words::new(definition, &MYSQL);
    while words.peek().is_some() && !words.is("ON") {
        words.next();
    }
    let start = words.start();
    words.next();
    match words.name() {
        Some(name) if name == old => {
            format!("{}ON {}{}", &definition[..start], quoted(new), &definition[words.end()..])
        }
        _ => definition.to_owned(),
    }
}

/// The other ends of foreign keys.
fn rename_referenced(object: &mut Object, of: &Name, old: &str, new: &str) {
    let Some(table) = table_of(object) else { return };
    let mut touched = false;
    for constraint in &mut table.constraints {
        if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind
            && reference.table == *of
        {
            for name in reference.referenced.iter_mut().filter(|name| name.eq_ignore_ascii_case(old)) {
                new.clone_into(name);
                touched = true;
            }
        }
    }
    if touched {
        object.definition = None;
    }
}

/// A column in all parts of its own table.
fn rename_column(object: &mut Object, old: &str, new: &str) {
    for each in object.attributes.iter_mut().filter(|each| each.name == "period") {
        each.value = in_text(&each.value, old, new);
    }
    object.definition = None;
    let Some(table) = table_of(object) else { return };
    let swap = |name: &mut String| {
        if name == old {
            new.clone_into(name);
        }
    };
    let rewrite = |text: &mut String| *text = in_text(text, old, new);
    for column in &mut table.columns {
        swap(&mut column.name);
        column.default.iter_mut().for_each(rewrite);
        column.generated.iter_mut().for_each(|generated| rewrite(&mut generated.expression));
    }
    for constraint in &mut table.constraints {
        constraint.columns.iter_mut().for_each(swap);
        if let ConstraintKind::Check { expression } = &mut constraint.kind {
            rewrite(expression);
        }
    }
    for index in &mut table.indexes {
        for key in &mut index.keys {
            key.column.iter_mut().for_each(swap);
            key.expression.iter_mut().for_each(rewrite);
        }
    }
    if let Some(partitioning) = &mut table.partitioning {
        rewrite(&mut partitioning.by);
    }
}

/// An expression of the server, in which names are in quotes, with another name.
fn in_text(text: &str, old: &str, new: &str) -> String {
    let mut words = Words::new(text, &MYSQL);
    let (mut written, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(token) = words.next() {
        let word = words.slice(token.start, token.end);
        if token.kind == TokenKind::QuotedIdent && unquoted(word).eq_ignore_ascii_case(old) {
            written.push_str(&text[at..token.start]);
            written.push_str(&quoted(new));
            at = token.end;
        }
    }
    written.push_str(&text[at..]);
    written
}

/// RENAME COLUMN, with what MySQL wants to be told anew. Rights on the column stay with the old
/// name, so they are given to the new one.
fn column_step(
    catalog: &Catalog,
    old: &Object,
    place: usize,
    from: &str,
    to: &str,
    flavour: Flavour,
) -> Step {
    let new = &catalog.objects[place];
    let mut clauses = vec![format!("RENAME COLUMN {} TO {}", quoted(from), quoted(to))];
    let mut tail = String::new();
    if let (Flavour::Mysql, Some(before), Some(after)) = (flavour, old.as_table(), new.as_table()) {
        clauses.extend(anew(catalog, before, after, from));
        if let (Some(by), Some(after)) = (&before.partitioning, &after.partitioning)
            && mentions(&by.by, from)
        {
            tail = table::partitions(after);
        }
    }
    let alone = clauses.len() == 1 && tail.is_empty();
    let mut sql = vec![format!("ALTER TABLE {} {}{tail}", qualified(&old.name), clauses.join(", "))];
    let granted = old.columns().iter().find(|column| column.name == from && !column.grants.is_empty());
    if let Some(column) = granted {
        sql.extend(column_rights(catalog, old, Column { name: to.to_owned(), ..column.clone() }));
    }
    let (lock, rewrites, why) = match alone {
        true => (super::cost::MOMENT, false, ""),
        false => (super::cost::WRITES_WAIT, true, "expressions of the table use the column"),
    };
    Step {
        kind: "rename column".into(),
        object: told(old),
        sql,
        lock: lock.into(),
        rewrites,
        why: why.into(),
        ..Step::default()
    }
}

/// Checks, computed columns, defaults and functional indexes that use the column, by its new name.
fn anew(catalog: &Catalog, before: &Table, after: &Table, from: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    for (old, new) in before.constraints.iter().zip(&after.constraints) {
        if let (ConstraintKind::Check { expression }, Some(name)) = (&old.kind, &old.name)
            && mentions(expression, from)
        {
            clauses.push(format!("DROP CONSTRAINT {}", quoted(name)));
            let text = table::constraint(catalog, new, Flavour::Mysql);
            clauses.extend(text.map(|text| format!("ADD {text}")));
        }
    }
    for (old, new) in before.columns.iter().zip(&after.columns) {
        let expressions =
            [old.default.as_deref(), old.generated.as_ref().map(|each| each.expression.as_str())];
        if expressions.into_iter().flatten().any(|text| mentions(text, from)) && old.name != from {
            clauses.push(format!("MODIFY COLUMN {}", column::write(new, &[], Flavour::Mysql)));
        }
    }
    for (old, new) in before.indexes.iter().zip(&after.indexes) {
        if old.keys.iter().any(|key| key.expression.as_deref().is_some_and(|text| mentions(text, from))) {
            clauses.push(format!("DROP INDEX {}", quoted(&old.name)));
            clauses.push(format!("ADD {}", table::index(after, new, Flavour::Mysql)));
        }
    }
    clauses
}

fn column_rights(catalog: &Catalog, table: &Object, column: Column) -> Vec<String> {
    let detail = Detail::Table(Table { columns: vec![column], ..Table::default() });
    rights::statements(catalog, Object::new(table.name.clone(), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_texts() {
        assert_eq!(in_text("(`a` + `b`) > 'a'", "a", "x`y"), "(`x``y` + `b`) > 'a'");
        assert_eq!(
            on_table("CREATE TRIGGER `on` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1", "t", "u"),
            "CREATE TRIGGER `on` BEFORE INSERT ON `u` FOR EACH ROW SET @a = 1"
        );
    }
}
