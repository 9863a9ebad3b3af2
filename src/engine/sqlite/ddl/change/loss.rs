//! What a change of a table may lose or be refused for, and the queries that tell.

use super::keys;
use super::rebuild::alias;
use super::table::{Kept, is_constant};
use super::words::{Relations, has, ident, names_any, same};
use crate::model::catalog::{Attribute, Column, Constraint, ConstraintKind, Index, Object};
use crate::model::plan::Loss;

/// What a column makes of a value that is stored in it
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Text,
    Numeric,
    Integer,
    Real,
    None,
}

fn affinity(column: &Column, table: &Object) -> Affinity {
    let ty = column.ty.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| ty.contains(word));
    if is_strict(table) && ty == "ANY" {
        Affinity::None
    } else if has(&["INT"]) {
        Affinity::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Affinity::Text
    } else if ty.is_empty() || has(&["BLOB"]) {
        Affinity::None
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

fn is_strict(table: &Object) -> bool {
    has(&table.attributes, "strict")
}

/// What is found so far.
pub struct Losses<'a> {
    table: &'a Kept<'a>,
    found: Vec<Loss>,
}

impl<'a> Losses<'a> {
    pub fn of(table: &'a Kept<'a>) -> Self {
        Losses { table, found: Vec::new() }
    }

    pub fn into_losses(self) -> Vec<Loss> {
        self.found
    }

    /// Rows of the table as it is.
    fn rows(&mut self, what: String, rest: &str) {
        let probe = self.of_table(rest);
        self.found.push(Loss::lost(what, Some(probe)));
    }

    /// Rows of the table as it is that the change fails for; or any that may be such rows.
    fn stopping(&mut self, what: String, rest: &str, certain: bool) {
        let probe = self.of_table(rest);
        self.found.push(Loss::stops(what, Some(probe), certain));
    }

    fn of_table(&self, rest: &str) -> String {
        format!("SELECT 1 FROM {}{rest}", ident(&self.table.old.name.name))
    }

    pub fn dropped_column(&mut self, column: &Column) {
        if column.generated.is_none() {
            let rest = format!(" WHERE {} IS NOT NULL LIMIT 1", ident(&column.name));
            self.rows(format!("the values of {}", column.name), &rest);
        }
    }

    /// The columns that the new table does not have, or computes.
    pub fn dropped_columns(&mut self) {
        let table = self.table;
        for old in table.old_table.columns.iter().filter(|column| !has(&column.attributes, "hidden")) {
            let new = table.new_table.columns.iter().find(|new| same(&new.name, &old.name));
            if new.is_none_or(|new| new.generated.is_some()) {
                self.dropped_column(old);
            }
        }
    }

    pub fn all_rows(&mut self) {
        self.rows("the table and its rows".to_owned(), " LIMIT 1");
    }

    /// All that can happen to rows that are copied into the new table.
    pub fn of_a_rebuild(&mut self, before: &Relations<'_>) {
        let table = self.table;
        self.dropped_columns();
        for new in table.new_table.columns.iter().filter(|column| column.generated.is_none()) {
            match table.before(&new.name) {
                Some(old) => self.changed_column(old, new),
                None => self.added_column(new),
            }
        }
        // A value that is stored otherwise may come to be the same as another, or wrong.
        for constraint in &table.new_table.constraints {
            match constraint.kind {
                ConstraintKind::PrimaryKey | ConstraintKind::Unique => self.unique_constraint(constraint),
                _ => {}
            }
        }
        let checks =
            table.new_table.constraints.iter().filter(|each| !table.old_table.constraints.contains(each));
        self.checks(checks);
        for (key, reference) in keys::references(table.new_table) {
            if table.old_table.constraints.contains(key) {
                continue;
            }
            if let Some(probe) = keys::probe(before, table.old, key, reference) {
                let what = format!("rows that refer to nothing in {}", reference.table.name);
                self.found.push(Loss::stops(what, Some(probe), true));
            } else if key.columns.iter().all(|name| self.is_given(name)) {
                self.stopping(
                    format!("rows that refer to nothing in {}", reference.table.name),
                    " LIMIT 1",
                    false,
                );
            }
        }
    }

    /// Whether a row has a value in the column after the change, as far as can be told.
    fn is_given(&self, name: &str) -> bool {
        let column = self.table.new_table.columns.iter().find(|column| same(&column.name, name));
        self.table.before(name).is_some()
            || column.is_some_and(|column| column.default.is_some() || column.generated.is_some())
    }

    fn added_column(&mut self, column: &Column) {
        let is_null = column.default.as_deref().is_none_or(|default| same(default.trim(), "null"));
        if !column.nullable && is_null && !has(&column.attributes, "rowid") {
            let what = format!("rows, which have no value for {}", column.name);
            match gives_way(&column.attributes) {
                true => self.rows(what, " LIMIT 1"),
                false => self.stopping(what, " LIMIT 1", true),
            }
        }
    }

    fn changed_column(&mut self, old: &Column, new: &Column) {
        let name = ident(&old.name);
        let is_rowid = |column: &Column| has(&column.attributes, "rowid");
        if (!new.nullable || is_rowid(new)) && (old.nullable || old.generated.is_some()) {
            let what = format!("rows without a value in {}", new.name);
            let rest = format!(" WHERE {name} IS NULL LIMIT 1");
            match gives_way(&new.attributes) {
                true => self.rows(what, &rest),
                false => self.stopping(what, &rest, old.generated == new.generated && !is_rowid(new)),
            }
        }
        if is_rowid(new) && !is_rowid(old) {
            let rest = format!(" WHERE typeof({name}) <> 'integer' LIMIT 1");
            self.stopping(format!("values of {} that are no whole numbers", new.name), &rest, false);
        }
        if let Some(condition) = self.stored_otherwise(old, new) {
            let what = format!("values of {} that are refused or changed as {}", new.name, type_words(new));
            self.rows(what, &format!(" WHERE {condition} LIMIT 1"));
        }
    }

    /// The condition of values that the new column refuses or does not keep as they are.
    fn stored_otherwise(&self, old: &Column, new: &Column) -> Option<String> {
        let (was, is) = (affinity(old, self.table.old), affinity(new, self.table.new));
        let checked =
            is_strict(self.table.new) && is != Affinity::None || is_strict_blob(new, self.table.new);
        let newly_checked = checked && !(is_strict(self.table.old) && same(&old.ty, &new.ty));
        if was == is && !newly_checked {
            return None;
        }
        let name = ident(&old.name);
        let kind = format!("typeof({name})");
        let lossy_text = format!(
            "({kind} = 'text' AND CAST({name} AS NUMERIC) = {name} AND CAST(CAST({name} AS NUMERIC) AS TEXT) <> {name})"
        );
        let lossy_integer =
            format!("({kind} = 'integer' AND CAST(CAST({name} AS REAL) AS INTEGER) <> {name})");
        let lossy_real = format!("({kind} = 'real' AND CAST(CAST({name} AS TEXT) AS REAL) <> {name})");
        let no_number = format!("({kind} = 'text' AND NOT CAST({name} AS NUMERIC) = {name})");
        let mut conditions = match is {
            Affinity::Text => vec![lossy_real],
            Affinity::Real => vec![lossy_text, lossy_integer],
            Affinity::Integer | Affinity::Numeric => vec![lossy_text],
            Affinity::None => Vec::new(),
        };
        if checked {
            match is {
                Affinity::Text => conditions.push(format!("{kind} = 'blob'")),
                Affinity::Integer => conditions.extend([
                    format!("{kind} = 'blob'"),
                    no_number,
                    format!("({kind} <> 'blob' AND CAST({name} AS NUMERIC) <> CAST({name} AS INTEGER))"),
                ]),
                Affinity::Real => conditions.extend([format!("{kind} = 'blob'"), no_number]),
                Affinity::None => conditions.push(format!("{kind} NOT IN ('null', 'blob')")),
                // STRICT has no such type.
                Affinity::Numeric => {}
            }
        }
        (!conditions.is_empty()).then(|| conditions.join(" OR "))
    }

    /// Checks that are new.
    pub fn checks<'c>(&mut self, constraints: impl Iterator<Item = &'c Constraint>) {
        for constraint in constraints {
            let ConstraintKind::Check { expression } = &constraint.kind else { continue };
            let what = format!("rows that break the check ({expression})");
            match (self.can_ask(expression), self.with_added(expression)) {
                _ if gives_way(&constraint.attributes) => self.rows(what, " LIMIT 1"),
                (true, _) => self.stopping(what, &format!(" WHERE NOT ({expression}) LIMIT 1"), true),
                (false, Some(rows)) => {
                    let probe = format!("SELECT 1 FROM {rows} WHERE NOT ({expression}) LIMIT 1");
                    self.found.push(Loss::stops(what, Some(probe), true));
                }
                (false, None) => self.stopping(what, " LIMIT 1", false),
            }
        }
    }

    /// The rows with the values that they have in the new columns which a text names.
    fn with_added(&self, text: &str) -> Option<String> {
        let is_added = |column: &&Column| {
            self.table.before(&column.name).is_none() && names_any(text, |word| same(word, &column.name))
        };
        let mut added: Vec<String> = Vec::new();
        for column in self.table.new_table.columns.iter().filter(is_added) {
            let plain = column.generated.is_none() && column.identity.is_none();
            if !plain || has(&column.attributes, "rowid") {
                return None;
            }
            let value = column.default.as_deref().unwrap_or("NULL");
            let is_text = value.trim_start().starts_with('\'');
            // Any other may be stored as something else than it is written.
            let is_stored_so = match affinity(column, self.table.new) {
                Affinity::None => true,
                Affinity::Text => is_text || same(value.trim(), "null"),
                _ => !is_text,
            };
            if !is_constant(value) || !is_stored_so {
                return None;
            }
            added.push(format!("{value} AS {}", ident(&column.name)));
        }
        let table = ident(&self.table.old.name.name);
        (!added.is_empty()).then(|| format!("(SELECT *, {} FROM {table}) AS {table}", added.join(", ")))
    }

    /// Whether all that the text names is there before the change.
    fn can_ask(&self, text: &str) -> bool {
        let comes = |word: &str| {
            let is_new = self.table.new_table.columns.iter().any(|new| same(&new.name, word));
            is_new && self.table.before(word).is_none()
        };
        !names_any(text, comes) && same(&self.table.old.name.name, &self.table.new.name.name)
    }

    fn unique_constraint(&mut self, constraint: &Constraint) {
        let columns = &constraint.columns;
        if columns.len() == 1
            && alias(self.table.new_table)
                .is_some_and(|rowid| rowid.name == columns[0] && self.table.before(&rowid.name).is_none())
        {
            return;
        }
        let was = self.table.old_table.constraints.iter().any(|old| {
            let is_key = matches!(old.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
            is_key && old.columns == *columns && collations(old) == collations(constraint)
        });
        if was && columns.iter().all(|name| self.is_as_before(name)) {
            return;
        }
        let keys: Vec<Key> = columns
            .iter()
            .map(|name| Key {
                column: Some(name),
                expression: None,
                collation: collation_in(constraint, name),
            })
            .collect();
        self.duplicates(&columns.join(", "), &keys, None, gives_way(&constraint.attributes));
    }

    /// The column compares as it did.
    fn is_as_before(&self, name: &str) -> bool {
        let new = self.table.new_table.columns.iter().find(|column| same(&column.name, name));
        match (self.table.before(name), new) {
            (Some(old), Some(new)) => {
                old.collation == new.collation
                    && old.generated == new.generated
                    && affinity(old, self.table.old) == affinity(new, self.table.new)
            }
            _ => false,
        }
    }

    /// An index that is made of rows that are there.
    pub fn unique_index(&mut self, index: &Index) {
        if !index.unique {
            return;
        }
        let was = self.table.old_table.indexes.iter().any(|old| {
            old.unique
                && old.constraint.is_none()
                && old.keys == index.keys
                && old.predicate == index.predicate
        });
        let columns = || index.keys.iter().filter_map(|key| key.column.as_deref());
        let plain = index.predicate.is_none() && columns().count() == index.keys.len();
        if was && plain && columns().all(|name| self.is_as_before(name)) {
            return;
        }
        let keys: Vec<Key> = index
            .keys
            .iter()
            .map(|key| Key {
                column: key.column.as_deref(),
                expression: key.expression.as_deref(),
                collation: key.collation.as_deref(),
            })
            .collect();
        self.duplicates(&index.name, &keys, index.predicate.as_deref(), false);
    }

    /// Rows of one key: they stop the change, or go where the key `yields` to what comes later.
    fn duplicates(&mut self, name: &str, keys: &[Key<'_>], predicate: Option<&str>, yields: bool) {
        let what = format!("rows that are the same in {name}");
        let mut group = Vec::new();
        let mut given = Vec::new();
        for key in keys {
            let new = key
                .column
                .and_then(|name| self.table.new_table.columns.iter().find(|column| same(&column.name, name)));
            let old = key.column.and_then(|name| self.table.before(name));
            let text = match (key.expression, old, new) {
                (Some(expression), ..) if self.can_ask(expression) => format!("({expression})"),
                (None, Some(old), Some(new)) if old.generated == new.generated || new.generated.is_none() => {
                    ident(&old.name)
                }
                // Null in all rows, and no null is the same as another.
                (None, None, Some(new)) if new.default.is_none() && new.generated.is_none() => return,
                // The same in all rows, or not to be told.
                _ => continue,
            };
            let own = new.and_then(|column| column.collation.as_deref());
            let collation = key.collation.or(own).map_or_else(|| "BINARY".to_owned(), ident);
            given.push(format!("{text} IS NOT NULL"));
            group.push(format!("{text} COLLATE {collation}"));
        }
        if let Some(predicate) = predicate {
            match self.can_ask(predicate) {
                true => given.push(format!("({predicate})")),
                false => group.clear(),
            }
        }
        if group.is_empty() {
            return match yields {
                true => self.rows(what, " LIMIT 1 OFFSET 1"),
                false => self.stopping(what, " LIMIT 1 OFFSET 1", false),
            };
        }
        let as_before = |key: &Key<'_>| key.column.is_none_or(|name| self.is_as_before(name));
        let certain = group.len() == keys.len() && keys.iter().all(as_before);
        let rest = format!(
            " WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT 1",
            given.join(" AND "),
            group.join(", ")
        );
        match yields {
            true => self.rows(what, &rest),
            false => self.stopping(what, &rest, certain),
        }
    }
}

/// Whether rows that break the constraint are left out or replaced, without an error.
fn gives_way(attributes: &[Attribute]) -> bool {
    let of = |each: &&Attribute| each.name.ends_with("on conflict");
    attributes.iter().find(of).is_some_and(|each| ["ignore", "replace"].contains(&each.value.as_str()))
}

/// A column or an expression that rows must differ in.
struct Key<'a> {
    column: Option<&'a str>,
    expression: Option<&'a str>,
    collation: Option<&'a str>,
}

fn is_strict_blob(column: &Column, table: &Object) -> bool {
    is_strict(table) && same(&column.ty, "blob")
}

fn type_words(column: &Column) -> String {
    if column.ty.is_empty() { "a column without a type".to_owned() } else { column.ty.clone() }
}

fn collations(constraint: &Constraint) -> Vec<&Attribute> {
    constraint.attributes.iter().filter(|each| each.name == "collation").collect()
}

fn collation_in<'a>(constraint: &'a Constraint, column: &str) -> Option<&'a str> {
    collations(constraint).into_iter().find_map(|each| each.value.strip_prefix(column)?.strip_prefix(' '))
}
