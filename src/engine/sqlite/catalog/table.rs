//! A table put together from what the pragmas and what its text tell.

use std::collections::HashMap;

use super::other_text::{self, IndexText};
use super::table_text::{ColumnText, TableText};
use super::{attribute, rows};
use crate::model::catalog::{
    Action, Column, Constraint, ConstraintKind, Generated, Identity, Index, IndexKey, Name, Reference, Table,
};

/// What is known of a table.
pub struct Parts<'a> {
    pub text: TableText,
    pub columns: &'a [rows::Column],
    pub indexes: &'a [rows::Index],
    pub foreign_keys: &'a [rows::ForeignKey],
    pub index_texts: &'a HashMap<String, String>,
    pub without_rowid: bool,
}

/// A column as the pragma has it.
pub fn column(row: &rows::Column) -> Column {
    Column {
        name: row.name.clone(),
        ty: row.ty.clone(),
        nullable: !row.not_null,
        default: row.default.clone(),
        attributes: if row.hidden == 1 { vec![attribute("hidden", "")] } else { Vec::new() },
        ..Column::default()
    }
}

impl Parts<'_> {
    pub fn table(mut self) -> Table {
        let constraints = self.constraints();
        Table {
            columns: self.columns.iter().map(|row| self.column(row)).collect(),
            indexes: self.indexes.iter().map(|index| self.index(index, &constraints)).collect(),
            constraints,
            ..Table::default()
        }
    }

    fn text_of(&self, column: &str) -> Option<&ColumnText> {
        self.text.columns.iter().find(|text| same(&text.name, column))
    }

    fn column(&self, row: &rows::Column) -> Column {
        let text = self.text_of(&row.name);
        let mut column = column(row);
        if self.is_rowid(row) {
            column.nullable = false;
            column.attributes.push(attribute("rowid", ""));
        }
        let generated = text.and_then(|text| text.generated.clone()).unwrap_or_default();
        column.generated =
            matches!(row.hidden, 2 | 3).then(|| Generated { expression: generated, stored: row.hidden == 3 });
        if let Some(text) = text {
            column.identity = text.autoincrement.then(Identity::default);
            column.collation = text.collation.clone().filter(|name| !same(name, "binary"));
            column.attributes.extend(text.attributes.iter().cloned());
        }
        column
    }

    /// Whether the column is another name of the rowid: its numbers are given by SQLite
    /// (<https://www.sqlite.org/lang_createtable.html#rowid>).
    fn is_rowid(&self, row: &rows::Column) -> bool {
        let alone = self.columns.iter().filter(|column| column.key > 0).count() == 1;
        // INTEGER PRIMARY KEY DESC, by an old mistake, is not; it has an index.
        let indexed = self.indexes.iter().any(|index| index.origin == "pk");
        row.key == 1 && alone && same(&row.ty, "integer") && !self.without_rowid && !indexed
    }

    /// The constraints in the words of the text where it was understood and agrees with the
    /// pragmas, else those that the pragmas tell of, and the checks that were found.
    fn constraints(&mut self) -> Vec<Constraint> {
        let mut found = std::mem::take(&mut self.text.constraints);
        let foreign = |each: &Constraint| matches!(each.kind, ConstraintKind::ForeignKey(_));
        let keys = found.iter().filter(|each| foreign(each)).count();
        let has_key = found.iter().any(|each| each.kind == ConstraintKind::PrimaryKey);
        let agrees = self.text.complete
            && self.text.columns.len() == self.columns.len()
            && keys == self.foreign_keys.len()
            && has_key == self.columns.iter().any(|column| column.key > 0);
        if !agrees {
            found.retain(|each| matches!(each.kind, ConstraintKind::Check { .. }));
            let mut told = self.told_by_pragmas();
            told.append(&mut found);
            found = told;
        }
        for constraint in &mut found {
            for name in &mut constraint.columns {
                if let Some(column) = self.columns.iter().find(|column| same(&column.name, name)) {
                    name.clone_from(&column.name);
                }
            }
        }
        found
    }

    fn told_by_pragmas(&self) -> Vec<Constraint> {
        let mut key: Vec<&rows::Column> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<String> = key.into_iter().map(|column| column.name.clone()).collect();
        let mut found = Vec::new();
        if !key.is_empty() {
            found.push(Constraint::new(None, ConstraintKind::PrimaryKey, key));
        }
        for index in self.indexes.iter().filter(|index| index.origin == "u") {
            found.push(Constraint::new(None, ConstraintKind::Unique, key_columns(index)));
        }
        for key in self.foreign_keys {
            let reference = Reference {
                table: Name::new("", &key.table),
                referenced: key.referenced.clone(),
                on_update: action(&key.on_update),
                on_delete: action(&key.on_delete),
                full: false,
            };
            found.push(Constraint::new(None, ConstraintKind::ForeignKey(reference), key.columns.clone()));
        }
        found
    }

    fn index(&self, row: &rows::Index, constraints: &[Constraint]) -> Index {
        let definition = self.index_texts.get(&row.name).cloned();
        let text = definition.as_deref().and_then(other_text::index).unwrap_or_default();
        Index {
            name: row.name.clone(),
            keys: row.keys.iter().enumerate().map(|(at, key)| self.index_key(at, key, &text)).collect(),
            unique: row.unique,
            predicate: text.predicate,
            constraint: self.maker(row, constraints),
            usable: true,
            definition,
            ..Index::default()
        }
    }

    fn index_key(&self, at: usize, key: &rows::Key, text: &IndexText) -> IndexKey {
        let declared = key.column.as_deref().and_then(|column| self.text_of(column));
        let own = declared.and_then(|text| text.collation.as_deref()).unwrap_or("binary");
        let is_own = key.column.is_none() || same(own, &key.collation);
        IndexKey {
            column: key.column.clone(),
            expression: if key.column.is_none() { text.keys.get(at).cloned() } else { None },
            descending: key.descending,
            collation: (!is_own).then(|| key.collation.clone()),
            ..IndexKey::default()
        }
    }

    /// The constraint that made the index; where it has no name, the index's own stands for it.
    fn maker(&self, row: &rows::Index, constraints: &[Constraint]) -> Option<String> {
        let kind = match row.origin.as_str() {
            "pk" => ConstraintKind::PrimaryKey,
            "u" => ConstraintKind::Unique,
            _ => return None,
        };
        let columns = key_columns(row);
        let mut makers = constraints.iter().filter(|each| each.kind == kind && each.columns == columns);
        Some(makers.find_map(|each| each.name.clone()).unwrap_or_else(|| row.name.clone()))
    }
}

fn key_columns(index: &rows::Index) -> Vec<String> {
    index.keys.iter().filter_map(|key| key.column.clone()).collect()
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn action(words: &str) -> Action {
    let all = [Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];
    all.into_iter().find(|action| same(action.sql(), words)).unwrap_or_default()
}
