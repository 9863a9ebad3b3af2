//! Constraints of tables: inside CREATE TABLE, and added later.

use super::storage;
use super::text::{after, before, ident, idents, qualified};
use crate::model::catalog::{Action, Constraint, ConstraintKind, Name, Object, Reference, Table, attribute};
use crate::model::ddl::Piece;

/// What a CREATE TABLE says itself: checks that all rows pass, and NOT NULLs with a name on columns
/// that it does not list.
pub fn inside(table: &Table, constraint: &Constraint) -> bool {
    match constraint.kind {
        ConstraintKind::Check { .. } => is_own(table, constraint) && constraint.validated,
        ConstraintKind::NotNull => {
            is_own(table, constraint) && constraint.validated && !is_at_column(table, constraint)
        }
        _ => false,
    }
}

/// Made for this table, not by a parent; a partition must have its own before it is attached.
fn is_own(table: &Table, constraint: &Constraint) -> bool {
    !constraint.inherited || table.partition_of.is_some()
}

fn is_at_column(table: &Table, constraint: &Constraint) -> bool {
    let listed =
        |name: &String| table.columns.iter().any(|each| each.name == *name && is_listed(table, each));
    constraint.columns.iter().all(listed)
}

/// Whether CREATE TABLE lists the column, and not only its parent does.
pub fn is_listed(table: &Table, column: &crate::model::catalog::Column) -> bool {
    !column.inherited || table.partition_of.is_some() || table.inherits.is_empty()
}

/// `CONSTRAINT name NOT NULL` at a column, or the two words alone, or nothing.
pub fn not_null(table: &Table, column: &crate::model::catalog::Column) -> Option<String> {
    if column.nullable {
        return None;
    }
    let named = table.constraints.iter().find(|each| {
        each.kind == ConstraintKind::NotNull && each.columns.as_slice() == [column.name.as_str()]
    });
    let Some(constraint) = named else { return Some("NOT NULL".to_owned()) };
    if !constraint.validated {
        return None;
    }
    let name = constraint.name.as_ref().map_or(String::new(), |name| format!("CONSTRAINT {} ", ident(name)));
    let no_inherit = attribute(&constraint.attributes, "no inherit").map_or("", |_| " NO INHERIT");
    Some(format!("{name}NOT NULL{no_inherit}"))
}

/// `CONSTRAINT name CHECK (...)`.
pub fn text(table: &Table, constraint: &Constraint) -> Option<String> {
    let body = body(table, constraint)?;
    Some(match &constraint.name {
        Some(name) => format!("CONSTRAINT {} {body}", ident(name)),
        None => body,
    })
}

fn body(table: &Table, constraint: &Constraint) -> Option<String> {
    if let Some(definition) = &constraint.definition {
        return Some(with_parameters(definition, table, constraint));
    }
    let columns = idents(&constraint.columns);
    let mut body = match &constraint.kind {
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY ({columns}){}", include(table, constraint)),
        ConstraintKind::Unique => {
            let index = index_of(table, constraint);
            let nulls =
                if index.is_some_and(|index| index.nulls_not_distinct) { " NULLS NOT DISTINCT" } else { "" };
            format!("UNIQUE{nulls} ({columns}){}", include(table, constraint))
        }
        ConstraintKind::ForeignKey(reference) => foreign_key(&columns, reference),
        ConstraintKind::Check { expression } => {
            let no_inherit = attribute(&constraint.attributes, "no inherit").map_or("", |_| " NO INHERIT");
            format!("CHECK ({expression}){no_inherit}")
        }
        ConstraintKind::NotNull => format!("NOT NULL {columns}"),
        ConstraintKind::Exclusion | ConstraintKind::Other => return None,
    };
    if constraint.deferrable {
        body += " DEFERRABLE";
    }
    if constraint.initially_deferred {
        body += " INITIALLY DEFERRED";
    }
    match (constraint.enforced, constraint.validated) {
        (false, _) => body += " NOT ENFORCED",
        (true, false) => body += " NOT VALID",
        (true, true) => {}
    }
    Some(body)
}

/// The server leaves out the storage parameters of the index. (Those of an exclusion, which stand
/// before its WHERE, are set later.)
fn with_parameters(definition: &str, table: &Table, constraint: &Constraint) -> String {
    let with = match (&constraint.kind, index_of(table, constraint)) {
        (ConstraintKind::PrimaryKey | ConstraintKind::Unique, Some(index)) => {
            storage::with(&index.attributes).replace('\n', " ")
        }
        _ => String::new(),
    };
    let mut start = definition;
    for end in [" INITIALLY DEFERRED", " DEFERRABLE"] {
        start = start.strip_suffix(end).unwrap_or(start);
    }
    format!("{start}{with}{}", &definition[start.len()..])
}

fn index_of<'a>(table: &'a Table, constraint: &Constraint) -> Option<&'a crate::model::catalog::Index> {
    table.indexes.iter().find(|index| index.constraint.is_some() && index.constraint == constraint.name)
}

fn include(table: &Table, constraint: &Constraint) -> String {
    match index_of(table, constraint) {
        Some(index) if !index.include.is_empty() => format!(" INCLUDE ({})", idents(&index.include)),
        _ => String::new(),
    }
}

fn foreign_key(columns: &str, reference: &Reference) -> String {
    let mut text = format!("FOREIGN KEY ({columns}) REFERENCES {}", qualified(&reference.table));
    if !reference.referenced.is_empty() {
        text += &format!("({})", idents(&reference.referenced));
    }
    if reference.full {
        text += " MATCH FULL";
    }
    for (when, action) in [("UPDATE", reference.on_update), ("DELETE", reference.on_delete)] {
        if action != Action::NoAction {
            text += &format!(" ON {when} {}", action.sql());
        }
    }
    text
}

/// `ALTER TABLE ... ADD CONSTRAINT ...`
pub fn add(table: &Table, name: &Name, only: &str, constraint: &Constraint) -> Option<String> {
    let text = text(table, constraint)?;
    Some(format!("ALTER TABLE {only}{} ADD {text}", qualified(name)))
}

/// The checks of a table that was made without them.
pub fn checks(object: &Object, table: &Table) -> Vec<Piece> {
    let own = table.constraints.iter().filter(|each| inside(table, each));
    own.filter_map(|each| Some(before("table", &object.name, add(table, &object.name, "", each)?))).collect()
}

/// Primary keys, UNIQUE and exclusions: an index each. Those of partitions are attached later.
pub fn keys(object: &Object, table: &Table) -> Vec<Piece> {
    let keys = table.constraints.iter().filter(|each| {
        matches!(each.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion)
    });
    keys.filter_map(|each| Some(after("constraint", &object.name, add(table, &object.name, "ONLY ", each)?)))
        .collect()
}

/// What old rows need not meet.
pub fn not_valid(object: &Object, table: &Table) -> Vec<Piece> {
    let open = table.constraints.iter().filter(|each| {
        matches!(each.kind, ConstraintKind::Check { .. } | ConstraintKind::NotNull)
            && !each.validated
            && !each.inherited
    });
    open.filter_map(|each| Some(after("constraint", &object.name, add(table, &object.name, "", each)?)))
        .collect()
}

/// Foreign keys; one of a partitioned table makes those of its partitions.
pub fn foreign_keys(object: &Object, table: &Table) -> Vec<Piece> {
    let only = if table.partitioning.is_some() { "" } else { "ONLY " };
    let keys = table
        .constraints
        .iter()
        .filter(|each| matches!(each.kind, ConstraintKind::ForeignKey(_)) && !each.inherited);
    keys.filter_map(|each| Some(after("constraint", &object.name, add(table, &object.name, only, each)?)))
        .collect()
}
