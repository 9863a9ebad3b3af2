//! Indexes, and what is set on them.

use super::storage;
use super::text::{after, ident, idents, qualified};
use crate::model::catalog::{ConstraintKind, Index, IndexKey, Name, Object, Table, attribute};
use crate::model::ddl::Piece;

/// Indexes that no constraint makes. One that was left half built is not made again; that of a
/// partitioned table counts as half built until all partitions have theirs.
pub fn create(object: &Object, indexes: &[Index]) -> Vec<Piece> {
    let is_partitioned = is_partitioned(object);
    let own = indexes.iter().filter(|index| index.constraint.is_none() && (index.usable || is_partitioned));
    own.map(|index| {
        let sql = index.definition.clone().unwrap_or_else(|| composed(&object.name, index, is_partitioned));
        after("index", &Name::new(&object.name.schema, &index.name), sql)
    })
    .collect()
}

fn is_partitioned(object: &Object) -> bool {
    object.as_table().is_some_and(|table| table.partitioning.is_some())
}

fn composed(table: &Name, index: &Index, only: bool) -> String {
    let keys: Vec<String> = index.keys.iter().map(key).collect();
    let mut sql = format!(
        "CREATE {}INDEX {} ON {}{} USING {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        ident(&index.name),
        if only { "ONLY " } else { "" },
        qualified(table),
        if index.method.is_empty() { "btree" } else { &index.method },
        keys.join(", ")
    );
    if !index.include.is_empty() {
        sql += &format!(" INCLUDE ({})", idents(&index.include));
    }
    if index.nulls_not_distinct {
        sql += " NULLS NOT DISTINCT";
    }
    sql += &storage::with(&index.attributes);
    if let Some(predicate) = &index.predicate {
        sql += &format!(" WHERE {predicate}");
    }
    sql
}

fn key(key: &IndexKey) -> String {
    let mut text = match (&key.column, &key.expression) {
        (Some(column), _) => ident(column),
        (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
    };
    if let Some(collation) = &key.collation {
        text += &format!(" COLLATE {collation}");
    }
    if let Some(opclass) = &key.opclass {
        text += &format!(" {opclass}");
    }
    if key.descending {
        text += " DESC";
    }
    match key.nulls_first {
        Some(true) => text += " NULLS FIRST",
        Some(false) => text += " NULLS LAST",
        None => {}
    }
    text
}

/// Makes the index of a partition a part of that of its table.
pub fn attach(object: &Object, indexes: &[Index]) -> Vec<Piece> {
    let parts = indexes.iter().filter_map(|index| {
        let parent = attribute(&index.attributes, "partition of")?;
        let name = Name::new(&object.name.schema, &index.name);
        let sql = format!("ALTER INDEX {parent} ATTACH PARTITION {}", qualified(&name));
        Some(after("index", &name, sql))
    });
    parts.collect()
}

/// The storage parameters of exclusions; those of other constraints are told with them.
pub fn parameters(object: &Object, table: &Table) -> Vec<Piece> {
    let exclusions = table.constraints.iter().filter(|each| each.kind == ConstraintKind::Exclusion);
    let indexes = exclusions.filter_map(|each| {
        table.indexes.iter().find(|index| index.constraint.is_some() && index.constraint == each.name)
    });
    indexes
        .filter_map(|index| {
            let name = Name::new(&object.name.schema, &index.name);
            let parameters = storage::parameters(&index.attributes)?;
            Some(after("index", &name, format!("ALTER INDEX {} SET ({parameters})", qualified(&name))))
        })
        .collect()
}

/// What is set on an index, or on a table by the name of one.
pub fn settings(object: &Object, indexes: &[Index]) -> Vec<Piece> {
    let kind = if object.as_table().is_some() { "TABLE" } else { "MATERIALIZED VIEW" };
    let table = qualified(&object.name);
    let mut pieces = Vec::new();
    for index in indexes {
        let name = Name::new(&object.name.schema, &index.name);
        let mut add = |sql: String| pieces.push(after("index", &name, sql));
        for each in &index.attributes {
            let value = &each.value;
            match each.name.as_str() {
                "clustered" => add(format!("ALTER {kind} {table} CLUSTER ON {}", ident(&index.name))),
                "replica identity" => add(format!(
                    "ALTER TABLE ONLY {table} REPLICA IDENTITY USING INDEX {}",
                    ident(&index.name)
                )),
                "tablespace" => {
                    add(format!("ALTER INDEX {} SET TABLESPACE {}", qualified(&name), ident(value)));
                }
                other => {
                    if let Some(number) = other.strip_prefix("statistics ") {
                        add(format!(
                            "ALTER INDEX {} ALTER COLUMN {number} SET STATISTICS {value}",
                            qualified(&name)
                        ));
                    }
                }
            }
        }
    }
    pieces
}
