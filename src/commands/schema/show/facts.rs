//! Short words about objects, that the tree, the tables and the descriptions share.

use crate::model::catalog::{
    Attribute, Column, Constraint, ConstraintKind, Detail, Index, IndexKey, Kind, Object, Reference,
    RoutineKind, Type,
};
use crate::sql::{Dialect, quote_ident_if_needed};

/// `2 tables`: the word for several of a kind.
pub fn plural(kind: Kind) -> String {
    let word = kind.word();
    match word {
        "statistics" | "default privileges" => word.to_owned(),
        _ if word.ends_with('y') => format!("{}ies", &word[..word.len() - 1]),
        _ if word.ends_with('s') => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// What sort of its kind the object is: `materialized view`, `enum`, `procedure`.
pub fn sort_of(object: &Object) -> &'static str {
    match &object.detail {
        Detail::Table(table) if table.partitioning.is_some() => "partitioned table",
        Detail::Table(table) if table.foreign.is_some() => match object.definition.is_some() {
            // SQLite's have a text; foreign tables are put together.
            true => "virtual table",
            false => "foreign table",
        },
        Detail::View(view) if view.materialized => "materialized view",
        Detail::Routine(routine) => routine_word(routine.kind),
        Detail::Type(Type::Enum { .. }) => "enum",
        Detail::Type(Type::Domain(_)) => "domain",
        Detail::Type(Type::Composite { .. }) => "composite type",
        _ => object.kind().word(),
    }
}

pub fn routine_word(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Function => "function",
        RoutineKind::Procedure => "procedure",
        RoutineKind::Aggregate => "aggregate",
        RoutineKind::Window => "window function",
    }
}

/// One line about what is inside.
pub fn gist(object: &Object) -> String {
    match &object.detail {
        Detail::Extension { version } => version.clone(),
        Detail::Table(table) => {
            let mut words = Vec::new();
            words.extend(table.partitioning.as_ref().map(|each| format!("by {}", each.by)));
            words.extend(table.partition_of.as_ref().map(|each| each.bound.clone()));
            words.extend(table.foreign.as_ref().map(|server| format!("by {server}")));
            words.join(", ")
        }
        Detail::View(view) => match (&view.broken, view.materialized) {
            (Some(why), _) => format!("broken: {why}"),
            (None, true) => "materialized".to_owned(),
            (None, false) => String::new(),
        },
        Detail::Routine(routine) => {
            let returns = routine.returns.as_ref().map(|ty| format!(" returns {ty}")).unwrap_or_default();
            format!("{} ({}){returns}", routine_word(routine.kind), one_line(&routine.arguments))
        }
        Detail::Type(Type::Enum { labels }) => format!("enum ({})", labels.join(", ")),
        Detail::Type(Type::Domain(domain)) => format!("domain over {}", domain.base),
        Detail::Type(Type::Composite { columns }) => {
            let columns: Vec<String> =
                columns.iter().map(|each| format!("{} {}", each.name, each.ty)).collect();
            format!("composite ({})", columns.join(", "))
        }
        Detail::Sequence(sequence) => match &sequence.owned_by {
            Some((table, column)) => format!("of {table}.{column}"),
            None => sequence.ty.clone(),
        },
        Detail::Schema | Detail::Type(Type::Other) | Detail::Other { .. } => String::new(),
    }
}

pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Identity, generation and the like of a column, in the words of SQL.
pub fn extra(column: &Column) -> String {
    let mut words: Vec<String> = Vec::new();
    if let Some(generated) = &column.generated {
        let kept = if generated.stored { "stored" } else { "virtual" };
        words.push(format!("generated as ({}) {kept}", one_line(&generated.expression)));
    }
    if let Some(identity) = &column.identity {
        let always = if identity.always { "identity, always" } else { "identity" };
        words.push(always.to_owned());
        words.extend(identity.attributes.iter().map(attribute));
    }
    words.extend(column.collation.as_ref().map(|name| format!("collate {name}")));
    words.extend(column.charset.as_ref().map(|name| format!("charset {name}")));
    words.extend(column.on_update.as_ref().map(|what| format!("on update {what}")));
    if column.inherited {
        words.push("inherited".to_owned());
    }
    words.extend(column.attributes.iter().map(attribute));
    words.join(", ")
}

pub fn attribute(attribute: &Attribute) -> String {
    match attribute.value.is_empty() {
        true => attribute.name.clone(),
        false => format!("{} {}", attribute.name, attribute.value),
    }
}

pub fn names(dialect: &Dialect, names: &[String]) -> String {
    names.iter().map(|name| quote_ident_if_needed(dialect, name)).collect::<Vec<_>>().join(", ")
}

/// A constraint as SQL, for eyes.
pub fn constraint(dialect: &Dialect, constraint: &Constraint) -> String {
    if let Some(definition) = &constraint.definition {
        return one_line(definition);
    }
    let columns = names(dialect, &constraint.columns);
    let mut sql = match &constraint.kind {
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY ({columns})"),
        ConstraintKind::Unique => format!("UNIQUE ({columns})"),
        ConstraintKind::Check { expression } => format!("CHECK ({})", one_line(expression)),
        ConstraintKind::ForeignKey(key) => format!("FOREIGN KEY ({columns}) {}", reference(dialect, key)),
        ConstraintKind::NotNull => format!("NOT NULL ({columns})"),
        ConstraintKind::Exclusion => format!("EXCLUDE ({columns})"),
        ConstraintKind::Other => columns,
    };
    let marks = [
        (constraint.deferrable, " DEFERRABLE"),
        (constraint.initially_deferred, " INITIALLY DEFERRED"),
        (!constraint.validated, " NOT VALID"),
        (!constraint.enforced, " NOT ENFORCED"),
    ];
    marks.iter().filter(|(on, _)| *on).for_each(|(_, word)| sql.push_str(word));
    for each in &constraint.attributes {
        sql += &format!(" {}", attribute(each));
    }
    sql
}

pub fn reference(dialect: &Dialect, key: &Reference) -> String {
    let schema = match key.table.schema.is_empty() {
        true => String::new(),
        false => format!("{}.", quote_ident_if_needed(dialect, &key.table.schema)),
    };
    let mut sql = format!("REFERENCES {schema}{}", quote_ident_if_needed(dialect, &key.table.name));
    if !key.referenced.is_empty() {
        sql += &format!(" ({})", names(dialect, &key.referenced));
    }
    if key.full {
        sql += " MATCH FULL";
    }
    for (event, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
        if action != crate::model::catalog::Action::NoAction {
            sql += &format!(" ON {event} {}", action.sql());
        }
    }
    sql
}

/// An index in one line, without its name.
pub fn index(dialect: &Dialect, index: &Index) -> String {
    let mut words = Vec::new();
    if index.unique {
        words.push("unique".to_owned());
    }
    if !index.method.is_empty() {
        words.push(index.method.clone());
    }
    let keys: Vec<String> = index.keys.iter().map(|key| index_key(dialect, key)).collect();
    words.push(format!("({})", keys.join(", ")));
    if !index.include.is_empty() {
        words.push(format!("include ({})", names(dialect, &index.include)));
    }
    if index.nulls_not_distinct {
        words.push("nulls not distinct".to_owned());
    }
    words.extend(index.predicate.as_ref().map(|predicate| format!("where {}", one_line(predicate))));
    words.extend(index.attributes.iter().map(attribute));
    if !index.usable {
        words.push("not used".to_owned());
    }
    words.join(" ")
}

fn index_key(dialect: &Dialect, key: &IndexKey) -> String {
    let mut sql = match (&key.column, &key.expression) {
        (Some(column), _) => quote_ident_if_needed(dialect, column),
        (None, expression) => expression.as_deref().map(one_line).unwrap_or_default(),
    };
    if let Some(prefix) = key.prefix {
        sql += &format!("({prefix})");
    }
    if let Some(collation) = &key.collation {
        sql += &format!(" collate {collation}");
    }
    if let Some(opclass) = &key.opclass {
        sql += &format!(" {opclass}");
    }
    if key.descending {
        sql += " desc";
    }
    if let Some(first) = key.nulls_first {
        sql += if first { " nulls first" } else { " nulls last" };
    }
    sql
}
