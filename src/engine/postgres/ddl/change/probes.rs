//! Queries that tell whether rows stand in the way of a step, asked before anything is changed: so
//! they name only what the first catalog has.

use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{Object, Reference, Table};

/// Any row at all.
pub fn any_row(table: &Object) -> String {
    format!("SELECT 1 FROM {} LIMIT 1", qualified(&table.name))
}

/// A row where `condition` holds.
pub fn row_where(table: &Object, condition: &str) -> String {
    format!("SELECT 1 FROM {} WHERE {condition} LIMIT 1", qualified(&table.name))
}

/// A row where `condition` holds, which is about columns that come, too, with the values that they have.
pub fn row_with(table: &Object, columns: &[String], values: &[String], condition: &str) -> String {
    let columns = columns.iter().map(|name| ident(name));
    let list: Vec<String> = columns.chain(values.iter().cloned()).collect();
    let table = qualified(&table.name);
    format!("SELECT 1 FROM (SELECT {} FROM {table}) AS t WHERE {condition} LIMIT 1", list.join(", "))
}

/// A value in a column.
pub fn any_value(table: &Object, column: &str) -> String {
    row_where(table, &format!("{} IS NOT NULL", ident(column)))
}

/// Whether the table has all these columns, plain ones, so that they can be asked for.
pub fn knows(table: &Table, columns: &[String]) -> bool {
    columns.iter().all(|name| table.columns.iter().any(|column| column.name == *name))
}

/// Two rows of the same values; null is like null where `nulls_alike`.
pub fn duplicates(table: &Object, columns: &[String], nulls_alike: bool) -> String {
    let names: Vec<String> = columns.iter().map(|name| ident(name)).collect();
    let given: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let filter = if nulls_alike { String::new() } else { format!(" WHERE {}", given.join(" AND ")) };
    format!(
        "SELECT 1 FROM {}{filter} GROUP BY {} HAVING pg_catalog.count(*) > 1 LIMIT 1",
        qualified(&table.name),
        names.join(", ")
    )
}

/// A row without a parent.
pub fn orphans(child: &Object, columns: &[String], parent: &Object, reference: &Reference) -> String {
    let given: Vec<String> = columns.iter().map(|name| format!("c.{} IS NOT NULL", ident(name))).collect();
    let pairs = columns.iter().zip(&reference.referenced);
    // By their text: the types of the two ends may not be comparable yet.
    let same: Vec<String> = pairs
        .map(|(own, other)| {
            format!("p.{}::pg_catalog.text = c.{}::pg_catalog.text", ident(other), ident(own))
        })
        .collect();
    format!(
        "SELECT 1 FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LIMIT 1",
        qualified(&child.name),
        given.join(" AND "),
        qualified(&parent.name),
        same.join(" AND ")
    )
}
