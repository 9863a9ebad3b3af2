//! Columns: their lines in CREATE TABLE, and what is set on them afterwards.

use super::lookup::Lookup;
use super::text::{before, ident, literal, qualified};
use super::{constraints, sequences, tables};
use crate::model::catalog::{Attribute, Column, Detail, Name, Object, Table, attribute};
use crate::model::ddl::Piece;

/// `name type DEFAULT ... NOT NULL`.
pub fn line(lookup: &Lookup<'_>, name: &Name, table: &Table, column: &Column, with_default: bool) -> String {
    let mut line = format!("{} {}", ident(&column.name), column.ty);
    if let Some(options) = attribute(&column.attributes, "options") {
        line += &format!(" OPTIONS ({options})");
    }
    if let Some(collation) = &column.collation {
        line += &format!(" COLLATE {collation}");
    }
    line + &rest(lookup, name, table, column, with_default)
}

/// What a typed table says of a column of its type; nothing where it says nothing.
pub fn typed_line(
    lookup: &Lookup<'_>,
    name: &Name,
    table: &Table,
    column: &Column,
    with_default: bool,
) -> Option<String> {
    let rest = rest(lookup, name, table, column, with_default);
    (!rest.is_empty()).then(|| format!("{} WITH OPTIONS{rest}", ident(&column.name)))
}

fn rest(lookup: &Lookup<'_>, name: &Name, table: &Table, column: &Column, with_default: bool) -> String {
    let mut line = String::new();
    let generated = column.generated.as_ref().filter(|_| !is_generated_above(lookup, table, column));
    if let Some(generated) = generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        line += &format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression);
    } else if let Some(default) = column.default.as_ref().filter(|_| with_default) {
        line += &format!(" DEFAULT {default}");
    }
    if let Some(not_null) = constraints::not_null(table, column) {
        line += &format!(" {not_null}");
    }
    let identity = column.identity.as_ref();
    if let Some(identity) = identity.and_then(|identity| sequences::identity(lookup, name, column, identity))
    {
        line += &format!(" {identity}");
    }
    line
}

/// Whether a parent gives the expression; before 16 a child must not repeat it.
fn is_generated_above(lookup: &Lookup<'_>, table: &Table, column: &Column) -> bool {
    let parents = table.inherits.iter().filter_map(|parent| lookup.relation(parent));
    let mut same = parents.flat_map(Object::columns).filter(|each| each.name == column.name);
    !tables::joins_later(table) && same.any(|each| each.generated == column.generated)
}

/// The defaults of a table that was made without them.
pub fn defaults(object: &Object, table: &Table) -> Vec<Piece> {
    let listed = table.columns.iter().filter(|each| constraints::is_listed(table, each));
    listed.filter_map(|column| Some(set_default(&object.name, column, column.default.as_ref()?))).collect()
}

fn set_default(table: &Name, column: &Column, default: &str) -> Piece {
    alter(table, &column.name, &format!("SET DEFAULT {default}"))
}

fn alter(table: &Name, column: &str, change: &str) -> Piece {
    let sql = format!("ALTER TABLE ONLY {} ALTER COLUMN {} {change}", qualified(table), ident(column));
    before("table", table, sql)
}

/// Where a child differs from its parents in a column that it has from them.
pub fn overrides(lookup: &Lookup<'_>, object: &Object, table: &Table, with_default: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for column in table.columns.iter().filter(|each| !constraints::is_listed(table, each)) {
        let parents: Vec<&Column> = table
            .inherits
            .iter()
            .filter_map(|parent| lookup.relation(parent))
            .filter_map(|parent| parent.columns().iter().find(|each| each.name == column.name))
            .collect();
        if with_default && column.generated.is_none() {
            let differs = parents.iter().any(|parent| parent.default != column.default);
            match &column.default {
                Some(default) if differs => pieces.push(set_default(&object.name, column, default)),
                None if differs => pieces.push(alter(&object.name, &column.name, "DROP DEFAULT")),
                _ => {}
            }
        }
        let named = table.constraints.iter().any(|each| {
            each.columns.as_slice() == [column.name.as_str()]
                && each.kind == crate::model::catalog::ConstraintKind::NotNull
        });
        if !column.nullable && !named && parents.iter().all(|parent| parent.nullable) {
            pieces.push(alter(&object.name, &column.name, "SET NOT NULL"));
        }
    }
    pieces
}

/// Storage, compression, statistics and planner options.
pub fn settings(object: &Object, columns: &[Column]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for column in columns {
        for change in column.attributes.iter().filter_map(setting) {
            pieces.push(match &object.detail {
                Detail::View(_) => {
                    let (view, column) = (qualified(&object.name), ident(&column.name));
                    let sql = format!("ALTER MATERIALIZED VIEW {view} ALTER COLUMN {column} {change}");
                    before("view", &object.name, sql)
                }
                _ => alter(&object.name, &column.name, &change),
            });
        }
    }
    pieces
}

fn setting(attribute: &Attribute) -> Option<String> {
    let value = &attribute.value;
    Some(match attribute.name.as_str() {
        "storage" => format!("SET STORAGE {}", value.to_uppercase()),
        "compression" => format!("SET COMPRESSION {}", ident(value)),
        "statistics" => format!("SET STATISTICS {value}"),
        // Of foreign tables; they stand in the column's line.
        "options" => return None,
        name => format!("SET ({}={})", ident(name), literal(value)),
    })
}
