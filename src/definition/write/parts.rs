//! Keys, checks and indexes.

use super::{Map, put_sql_keys, short_name, sql_node, texts};
use crate::definition::node::{Node, Value};
use crate::definition::{Constraint, ConstraintKind, Index, IndexKey, Table};
use crate::model::catalog::{Action, Reference};

pub fn primary_key(map: &mut Map, table: &Table) {
    if let Some(key) = table.primary_key() {
        map.put("primary_key", constraint(key, key.name.is_some()));
    }
}

pub fn parts(map: &mut Map, table: &Table) {
    for (word, is) in [
        ("unique", (|each| matches!(each, ConstraintKind::Unique { .. })) as fn(&ConstraintKind) -> bool),
        ("foreign_keys", |each| matches!(each, ConstraintKind::ForeignKey(_))),
        ("checks", |each| matches!(each, ConstraintKind::Check(_))),
    ] {
        let found: Vec<&Constraint> = table.constraints.iter().filter(|each| is(&each.kind)).collect();
        several(map, word, &found, |each| each.name.as_ref(), constraint);
    }
    let indexes: Vec<&Index> = table.indexes.iter().collect();
    several(map, "indexes", &indexes, |each| each.name.as_ref(), index);
}

/// By name, or in a list where some have none.
fn several<T>(
    map: &mut Map,
    word: &str,
    parts: &[&T],
    name: impl Fn(&T) -> Option<&String>,
    node: impl Fn(&T, bool) -> Node,
) {
    if parts.is_empty() {
        return;
    }
    let mut seen = std::collections::HashSet::new();
    let named = parts.iter().all(|part| name(part).is_some_and(|name| seen.insert(name)));
    if named {
        let entries = parts.iter().map(|part| (name(part).cloned().unwrap_or_default(), node(part, false)));
        map.put_map(word, entries.collect());
    } else {
        let list = parts.iter().map(|part| node(part, name(part).is_some()));
        map.put(word, Node::new(Value::List(list.collect())));
    }
}

/// A constraint; with its name where no key tells it.
fn constraint(each: &Constraint, with_name: bool) -> Node {
    let plain = !with_name
        && !each.deferrable
        && each.validated
        && each.enforced
        && each.comment.is_none()
        && each.options.is_empty();
    let mut map = Map::default();
    match &each.kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique { nulls_not_distinct: false } if plain => {
            return texts(&each.columns);
        }
        ConstraintKind::PrimaryKey => map.put("columns", texts(&each.columns)),
        ConstraintKind::Unique { nulls_not_distinct } => {
            map.put("columns", texts(&each.columns));
            map.put_flag("nulls_not_distinct", *nulls_not_distinct);
        }
        ConstraintKind::ForeignKey(reference) if plain && !reference.full => {
            let columns: Vec<String> = each.columns.iter().map(|name| short_name(name)).collect();
            return Node::text(format!("{} -> {}", columns.join(", "), other_end(reference)));
        }
        ConstraintKind::ForeignKey(reference) => {
            map.put("columns", texts(&each.columns));
            map.put("references", Node::text(other_end(reference)));
            if reference.full {
                map.put("match", Node::text("full"));
            }
        }
        ConstraintKind::Check(sql) if plain => return sql_node(sql),
        ConstraintKind::Check(sql) => put_sql_keys(&mut map, sql),
    }
    if with_name {
        map.put_text("name", each.name.as_ref());
    }
    if each.deferrable {
        map.put("deferrable", Node::text(if each.initially_deferred { "deferred" } else { "immediate" }));
    }
    for (word, flag) in [("validated", each.validated), ("enforced", each.enforced)] {
        if !flag {
            map.put(word, Node::new(Value::Bool(false)));
        }
    }
    map.put_text("comment", each.comment.as_ref());
    map.put_options(&each.options);
    map.node()
}

fn other_end(reference: &Reference) -> String {
    let table = match reference.table.schema.is_empty() {
        true => short_name(&reference.table.name),
        false => format!("{}.{}", short_name(&reference.table.schema), short_name(&reference.table.name)),
    };
    let mut text = table;
    if !reference.referenced.is_empty() {
        let columns: Vec<String> = reference.referenced.iter().map(|name| short_name(name)).collect();
        text = format!("{text}({})", columns.join(", "));
    }
    for (event, action) in [("delete", reference.on_delete), ("update", reference.on_update)] {
        if action != Action::NoAction {
            text = format!("{text} on {event} {}", action.sql().to_ascii_lowercase());
        }
    }
    text
}

fn index(each: &Index, with_name: bool) -> Node {
    let keys = Node::new(Value::List(each.keys.iter().map(index_key).collect()));
    let plain = !with_name
        && !each.unique
        && !each.nulls_not_distinct
        && each.include.is_empty()
        && each.method.is_empty()
        && each.predicate.is_none()
        && each.comment.is_none()
        && each.options.is_empty();
    if plain {
        return keys;
    }
    let mut map = Map::default();
    map.put("columns", keys);
    if with_name {
        map.put_text("name", each.name.as_ref());
    }
    map.put_flag("unique", each.unique);
    if let Some(predicate) = &each.predicate {
        map.put_sql("where", predicate);
    }
    if !each.include.is_empty() {
        map.put("include", texts(&each.include));
    }
    map.put_sql("method", &each.method);
    map.put_flag("nulls_not_distinct", each.nulls_not_distinct);
    map.put_text("comment", each.comment.as_ref());
    map.put_options(&each.options);
    map.node()
}

fn index_key(key: &IndexKey) -> Node {
    let order = if key.descending { " desc" } else { "" };
    let plain = key.nulls_first.is_none()
        && key.collation.is_empty()
        && key.opclass.is_empty()
        && key.prefix.is_none();
    match (&key.column, &key.expression) {
        (Some(column), _) if plain => return Node::text(format!("{}{order}", short_name(column))),
        (None, Some(sql)) if plain && sql.own.is_empty() => {
            return Node::text(format!("({}){order}", sql.any.clone().unwrap_or_default()));
        }
        _ => {}
    }
    let mut map = Map::default();
    map.put_text("column", key.column.as_ref());
    if let Some(sql) = &key.expression {
        map.put_sql("expression", sql);
    }
    if key.descending {
        map.put("order", Node::text("desc"));
    }
    if let Some(first) = key.nulls_first {
        map.put("nulls", Node::text(if first { "first" } else { "last" }));
    }
    map.put_sql("collation", &key.collation);
    map.put_sql("opclass", &key.opclass);
    map.put_some("prefix", key.prefix.map(|length| Node::new(Value::Number(length.to_string()))));
    map.node()
}
