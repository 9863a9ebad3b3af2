//! CREATE TABLE, put together from the parts of a table.

use super::{Flavour, column, list, literal, options, qualified, quoted};
use crate::model::catalog::{
    Action, Catalog, Constraint, ConstraintKind, Index, IndexKey, Object, Partitioning, Reference, Table,
    attribute,
};

pub fn create(catalog: &Catalog, object: &Object, flavour: Flavour) -> String {
    let Some(table) = object.as_table() else { return String::new() };
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|each| {
            let checks: Vec<&Constraint> = table
                .constraints
                .iter()
                .filter(|check| is_in_column(check, flavour) && check.columns.first() == Some(&each.name))
                .collect();
            column::write(each, &checks, flavour)
        })
        .collect();
    lines.extend(keys(table, flavour));
    if let Some(period) = attribute(&object.attributes, "period") {
        lines.push(format!("PERIOD FOR {period}"));
    }
    lines.extend(table.constraints.iter().filter_map(|each| constraint(catalog, each, flavour)));
    let options = options::write(&object.attributes, object.comment.as_deref(), flavour);
    let partitions = table.partitioning.as_ref().map(partitions).unwrap_or_default();
    format!("CREATE TABLE {} (\n  {}\n){options}{partitions}", qualified(&object.name), lines.join(",\n  "))
}

/// MariaDB's checks of a column, which have no name of their own.
pub fn is_in_column(check: &Constraint, flavour: Flavour) -> bool {
    flavour == Flavour::Mariadb
        && check.name.is_none()
        && attribute(&check.attributes, "level") == Some("column")
}

/// Primary key, unique keys, indexes. A key that a constraint asks for and no index tells of is
/// written from the constraint.
fn keys(table: &Table, flavour: Flavour) -> Vec<String> {
    let is_told = |constraint: &Constraint| {
        table.indexes.iter().any(|index| index.constraint.is_some() && index.constraint == constraint.name)
    };
    let untold = table.constraints.iter().filter(|constraint| !is_told(constraint));
    let from_constraints = untold.filter_map(|constraint| {
        let columns = list(&constraint.columns);
        match (&constraint.kind, &constraint.name) {
            (ConstraintKind::PrimaryKey, _) => Some(format!("PRIMARY KEY ({columns})")),
            (ConstraintKind::Unique, Some(name)) => Some(format!("UNIQUE KEY {} ({columns})", quoted(name))),
            (ConstraintKind::Unique, None) => Some(format!("UNIQUE KEY ({columns})")),
            _ => None,
        }
    });
    from_constraints.chain(table.indexes.iter().map(|each| index(table, each, flavour))).collect()
}

pub fn index(table: &Table, index: &Index, flavour: Flavour) -> String {
    let is_primary = table.constraints.iter().any(|constraint| {
        constraint.kind == ConstraintKind::PrimaryKey
            && constraint.name.is_some()
            && constraint.name == index.constraint
    });
    let kind = match index.method.as_str() {
        "fulltext" | "spatial" | "vector" => format!("{} ", index.method.to_ascii_uppercase()),
        _ if index.unique => "UNIQUE ".to_owned(),
        _ => String::new(),
    };
    let mut sql = match (is_primary, index.name.is_empty()) {
        (true, _) => "PRIMARY KEY".to_owned(),
        (false, true) => format!("{kind}KEY"),
        (false, false) => format!("{kind}KEY {}", quoted(&index.name)),
    };
    let keys: Vec<String> = index.keys.iter().map(|each| key(index, each)).collect();
    sql.push_str(&format!(" ({})", keys.join(", ")));
    if let "btree" | "hash" | "rtree" = index.method.as_str() {
        sql.push_str(&format!(" USING {}", index.method.to_ascii_uppercase()));
    }
    if let Some(size) = attribute(&index.attributes, "key_block_size") {
        sql.push_str(&format!(" KEY_BLOCK_SIZE={size}"));
    }
    if let Some(parser) = attribute(&index.attributes, "parser") {
        sql.push_str(&format!(" WITH PARSER {}", quoted(parser)));
    }
    if let Some(comment) = &index.comment {
        sql.push_str(&format!(" COMMENT {}", literal(comment)));
    }
    match (index.usable, flavour) {
        (true, _) => {}
        (false, Flavour::Mysql) => sql.push_str(" INVISIBLE"),
        (false, Flavour::Mariadb) => sql.push_str(" IGNORED"),
    }
    sql
}

fn key(index: &Index, key: &IndexKey) -> String {
    let mut sql = match (&key.column, &key.expression) {
        (Some(column), _) => quoted(column),
        (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
    };
    if let Some(length) = key.prefix {
        sql.push_str(&format!("({length})"));
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    let period = attribute(&index.attributes, "without overlaps");
    if period.is_some() && period == key.column.as_deref() {
        sql.push_str(" WITHOUT OVERLAPS");
    }
    sql
}

/// Foreign keys and checks; the keys are written as indexes.
pub fn constraint(catalog: &Catalog, constraint: &Constraint, flavour: Flavour) -> Option<String> {
    let name =
        constraint.name.as_deref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default();
    match &constraint.kind {
        ConstraintKind::ForeignKey(reference) => {
            Some(format!("{name}{}", foreign_key(catalog, &constraint.columns, reference, flavour)))
        }
        ConstraintKind::Check { expression } if !is_in_column(constraint, flavour) => {
            // MariaDB enforces every check.
            let enforced = constraint.enforced || flavour == Flavour::Mariadb;
            let loose = if enforced { "" } else { " NOT ENFORCED" };
            Some(format!("{name}CHECK ({expression}){loose}"))
        }
        _ => None,
    }
}

fn foreign_key(catalog: &Catalog, columns: &[String], reference: &Reference, flavour: Flavour) -> String {
    let referenced = match reference.referenced.is_empty() {
        // Here the other end must be named.
        true => primary_key(catalog, reference),
        false => reference.referenced.clone(),
    };
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        list(columns),
        qualified(&reference.table),
        list(&referenced)
    );
    for (event, action) in [("DELETE", reference.on_delete), ("UPDATE", reference.on_update)] {
        let usual = if flavour == Flavour::Mariadb { Action::Restrict } else { Action::NoAction };
        if action != usual {
            sql.push_str(&format!(" ON {event} {}", action.sql()));
        }
    }
    sql
}

fn primary_key(catalog: &Catalog, reference: &Reference) -> Vec<String> {
    let table = catalog.relation(&reference.table).and_then(Object::as_table);
    let mut constraints = table.into_iter().flat_map(|table| &table.constraints);
    let key = constraints.find(|constraint| constraint.kind == ConstraintKind::PrimaryKey);
    key.map(|key| key.columns.clone()).unwrap_or_default()
}

pub fn partitions(partitioning: &Partitioning) -> String {
    let mut sql = format!("\nPARTITION BY {}", partitioning.by);
    if !partitioning.partitions.is_empty() {
        let partitions: Vec<String> = partitioning
            .partitions
            .iter()
            .map(|each| format!("PARTITION {} {}", quoted(&each.name), each.value))
            .collect();
        sql.push_str(&format!("\n({})", partitions.join(",\n ")));
    }
    sql
}
