//! Tables, without keys, indexes and what else comes after the rows.

use super::lookup::Lookup;
use super::order::Part;
use super::text::{after, before, ident, qualified};
use super::{columns, constraints, storage};
use crate::model::catalog::{Constraint, ConstraintKind, Object, Table, attribute};
use crate::model::ddl::Piece;

pub fn create(lookup: &Lookup<'_>, object: &Object, table: &Table, part: Part) -> Vec<Piece> {
    let mut pieces = alone(lookup, object, table, part);
    if part != Part::Rest {
        pieces.extend(attach(object, table));
    }
    pieces
}

/// Attached, and not made as a partition: so its columns may stand in another order.
pub fn attach(object: &Object, table: &Table) -> Option<Piece> {
    let place = table.partition_of.as_ref()?;
    let (parent, name) = (qualified(&place.parent), qualified(&object.name));
    let sql = format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {name} {}", place.bound);
    Some(before("table", &object.name, sql))
}

/// The table without its place as a partition.
pub fn alone(lookup: &Lookup<'_>, object: &Object, table: &Table, part: Part) -> Vec<Piece> {
    if part == Part::Rest {
        let mut pieces = columns::defaults(object, table);
        pieces.extend(constraints::checks(object, table));
        return pieces;
    }
    let with_default = part == Part::Whole;
    let mut pieces = vec![before("table", &object.name, statement(lookup, object, table, with_default))];
    pieces.extend(columns::overrides(lookup, object, table, with_default));
    pieces.extend(columns::settings(object, &table.columns));
    if joins_later(table) {
        for parent in &table.inherits {
            let sql = format!("ALTER TABLE {} INHERIT {}", qualified(&object.name), qualified(parent));
            pieces.push(before("table", &object.name, sql));
        }
    }
    pieces
}

/// A child that declares all columns and checks itself was or could have been a table of its own
/// first: its columns keep their order if it is given its parents afterwards.
pub fn joins_later(table: &Table) -> bool {
    let is_inherited = |each: &Constraint| {
        each.inherited && matches!(each.kind, ConstraintKind::Check { .. } | ConstraintKind::NotNull)
    };
    !table.inherits.is_empty()
        && !table.columns.is_empty()
        && !table.columns.iter().any(|column| column.inherited)
        && !table.constraints.iter().any(is_inherited)
}

fn statement(lookup: &Lookup<'_>, object: &Object, table: &Table, with_default: bool) -> String {
    let attribute = |name: &str| attribute(&object.attributes, name);
    let of = attribute("of");
    let kind = match (&table.foreign, attribute("unlogged")) {
        (Some(_), _) => "FOREIGN TABLE",
        (None, Some(_)) => "UNLOGGED TABLE",
        (None, None) => "TABLE",
    };
    let lines = lines(lookup, object, table, of.is_some(), with_default);
    let mut sql = format!("CREATE {kind} {}", qualified(&object.name));
    if let Some(of) = of {
        sql += &format!(" OF {of}");
    }
    match (lines.is_empty(), of) {
        (true, Some(_)) => {}
        (true, None) => sql += " (\n)",
        (false, _) => sql += &format!(" (\n    {}\n)", lines.join(",\n    ")),
    }
    if !table.inherits.is_empty() && !joins_later(table) {
        let parents: Vec<String> = table.inherits.iter().map(qualified).collect();
        sql += &format!("\nINHERITS ({})", parents.join(", "));
    }
    if let Some(partitioning) = &table.partitioning {
        sql += &format!("\nPARTITION BY {}", partitioning.by);
    }
    if let Some(server) = &table.foreign {
        sql += &format!("\nSERVER {}", ident(server));
        if let Some(options) = attribute("options") {
            sql += &format!("\nOPTIONS ({options})");
        }
        return sql;
    }
    if let Some(method) = attribute("access method") {
        sql += &format!("\nUSING {}", ident(method));
    }
    sql += &storage::with(&object.attributes);
    if let Some(space) = attribute("tablespace") {
        sql += &format!("\nTABLESPACE {}", ident(space));
    }
    sql
}

fn lines(
    lookup: &Lookup<'_>,
    object: &Object,
    table: &Table,
    typed: bool,
    with_default: bool,
) -> Vec<String> {
    let name = &object.name;
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .filter(|column| constraints::is_listed(table, column))
        .filter_map(|column| match typed {
            true => columns::typed_line(lookup, name, table, column, with_default),
            false => Some(columns::line(lookup, name, table, column, with_default)),
        })
        .collect();
    if with_default {
        let own = table.constraints.iter().filter(|each| constraints::inside(table, each));
        lines.extend(own.filter_map(|each| constraints::text(table, each)));
    }
    lines
}

/// Row security and replica identity, which are no matter of the table's making.
pub fn settings(object: &Object) -> Vec<Piece> {
    let table = qualified(&object.name);
    let mut pieces = Vec::new();
    for each in &object.attributes {
        let change = match (each.name.as_str(), each.value.as_str()) {
            ("row security", _) => "ENABLE ROW LEVEL SECURITY",
            ("force row security", _) => "FORCE ROW LEVEL SECURITY",
            ("replica identity", "full") => "REPLICA IDENTITY FULL",
            ("replica identity", "nothing") => "REPLICA IDENTITY NOTHING",
            _ => continue,
        };
        pieces.push(after("table", &object.name, format!("ALTER TABLE ONLY {table} {change}")));
    }
    pieces
}
