//! How statements other than CREATE name an object.

use super::text::{ident, qualified};
use crate::model::catalog::{Detail, Kind, Object, Routine, RoutineKind, Type};

/// The words for its kind and what follows them, as in ALTER and COMMENT ON: `OPERATOR CLASS` and
/// `shop.size_ops USING btree`. None for what no statement names.
pub fn of(object: &Object) -> Option<(&'static str, String)> {
    let name = qualified(&object.name);
    let signature = object.signature.as_deref().unwrap_or_default();
    Some(match &object.detail {
        Detail::Schema => ("SCHEMA", name),
        Detail::Extension { .. } => ("EXTENSION", name),
        Detail::Type(Type::Domain(_)) => ("DOMAIN", name),
        Detail::Type(_) => ("TYPE", name),
        Detail::Sequence(_) => ("SEQUENCE", name),
        Detail::Table(table) if table.foreign.is_some() => ("FOREIGN TABLE", name),
        Detail::Table(_) => ("TABLE", name),
        Detail::View(view) if view.materialized => ("MATERIALIZED VIEW", name),
        Detail::View(_) => ("VIEW", name),
        Detail::Routine(routine) => (routine_word(routine), format!("{name}({signature})")),
        Detail::Other { kind } => return other(*kind, object, name, signature),
    })
}

fn routine_word(routine: &Routine) -> &'static str {
    match routine.kind {
        RoutineKind::Function | RoutineKind::Window => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Aggregate => "AGGREGATE",
    }
}

fn other(kind: Kind, object: &Object, name: String, signature: &str) -> Option<(&'static str, String)> {
    Some(match kind {
        // The server's own, which are known by name and rights only.
        Kind::Routine => ("ROUTINE", format!("{name}({signature})")),
        Kind::Table => ("TABLE", name),
        Kind::Type => ("TYPE", name),
        Kind::Schema => ("SCHEMA", name),
        Kind::Language => ("LANGUAGE", name),
        Kind::AccessMethod => ("ACCESS METHOD", name),
        Kind::ForeignDataWrapper => ("FOREIGN DATA WRAPPER", name),
        Kind::ForeignServer => ("SERVER", name),
        Kind::Collation => ("COLLATION", name),
        Kind::Conversion => ("CONVERSION", name),
        Kind::Operator => {
            let schema = ident(&object.name.schema);
            ("OPERATOR", format!("{schema}.{} ({signature})", object.name.name))
        }
        Kind::OperatorFamily => ("OPERATOR FAMILY", format!("{name} USING {}", ident(signature))),
        Kind::OperatorClass => ("OPERATOR CLASS", format!("{name} USING {}", ident(signature))),
        // The name is two types, which the server wrote.
        Kind::Cast => ("CAST", format!("({})", object.name.name)),
        Kind::Transform => ("TRANSFORM", format!("FOR {} LANGUAGE {}", object.name.name, ident(signature))),
        Kind::TextSearchParser => ("TEXT SEARCH PARSER", name),
        Kind::TextSearchTemplate => ("TEXT SEARCH TEMPLATE", name),
        Kind::TextSearchDictionary => ("TEXT SEARCH DICTIONARY", name),
        Kind::TextSearchConfiguration => ("TEXT SEARCH CONFIGURATION", name),
        Kind::EventTrigger => ("EVENT TRIGGER", name),
        Kind::Statistics => ("STATISTICS", name),
        Kind::Publication => ("PUBLICATION", name),
        Kind::Subscription => ("SUBSCRIPTION", name),
        _ => return None,
    })
}

/// The same for GRANT, with which a routine is always known by the types of its arguments in a
/// row, and a domain or a view by what it is besides. None for what there are no rights on.
pub fn in_grant(object: &Object) -> Option<(&'static str, String)> {
    let (word, name) = of(object)?;
    Some(match word {
        "SCHEMA"
        | "SEQUENCE"
        | "TABLE"
        | "TYPE"
        | "LANGUAGE"
        | "FOREIGN DATA WRAPPER"
        | "FUNCTION"
        | "PROCEDURE"
        | "ROUTINE" => (word, name),
        "FOREIGN TABLE" | "VIEW" | "MATERIALIZED VIEW" => ("TABLE", name),
        "DOMAIN" => ("TYPE", name),
        "SERVER" => ("FOREIGN SERVER", name),
        "AGGREGATE" => {
            let signature = object.signature.as_deref().unwrap_or_default();
            ("FUNCTION", format!("{}({})", qualified(&object.name), in_a_row(signature)))
        }
        _ => return None,
    })
}

/// The arguments of an aggregate as those of a function: without `*`, and without ORDER BY. Where
/// any number of arguments is sorted by as many, the function has them once (section
/// "Ordered-Set Aggregates" of the manual).
fn in_a_row(signature: &str) -> String {
    if signature == "*" {
        return String::new();
    }
    let Some((direct, sorted)) = signature.split_once("ORDER BY ") else { return signature.to_owned() };
    let direct = direct.trim_end();
    match direct.is_empty() {
        true => sorted.to_owned(),
        false if sorted.starts_with("VARIADIC ") && direct.ends_with(sorted) => direct.to_owned(),
        false => format!("{direct}, {sorted}"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_a_row;

    #[test]
    fn arguments_of_aggregates_are_those_of_functions() {
        assert_eq!(in_a_row("*"), "");
        assert_eq!(in_a_row("integer, text"), "integer, text");
        assert_eq!(in_a_row("ORDER BY anyelement"), "anyelement");
        assert_eq!(in_a_row("double precision ORDER BY anyelement"), "double precision, anyelement");
        assert_eq!(in_a_row("VARIADIC \"any\" ORDER BY VARIADIC \"any\""), "VARIADIC \"any\"");
    }
}
