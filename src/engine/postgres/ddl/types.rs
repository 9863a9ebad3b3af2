//! Types and domains.

use super::order::Part;
use super::text::{after, before, ident, literal, qualified};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Domain, Name, Object, Type};
use crate::model::ddl::Piece;

pub fn create(object: &Object, ty: &Type, part: Part) -> Vec<Piece> {
    let name = qualified(&object.name);
    let sql = match ty {
        Type::Enum { labels } => {
            let labels: Vec<String> = labels.iter().map(|label| format!("    {}", literal(label))).collect();
            format!("CREATE TYPE {name} AS ENUM (\n{}\n)", labels.join(",\n"))
        }
        Type::Composite { columns } => {
            let columns: Vec<String> = columns.iter().map(field).collect();
            format!("CREATE TYPE {name} AS (\n{}\n)", columns.join(",\n"))
        }
        Type::Domain(domain) => return domain_pieces(&object.name, domain, part),
        Type::Other if part == Part::Early => format!("CREATE TYPE {name}"),
        Type::Other => match &object.definition {
            Some(definition) => definition.clone(),
            None => return Vec::new(),
        },
    };
    vec![before("type", &object.name, sql)]
}

fn field(column: &Column) -> String {
    let collation = column.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
    format!("    {} {}{collation}", ident(&column.name), column.ty)
}

fn domain_pieces(name: &Name, domain: &Domain, part: Part) -> Vec<Piece> {
    let add = |constraint: &Constraint| {
        let sql = format!("ALTER DOMAIN {} ADD {}", qualified(name), constraint_text(constraint));
        before("type", name, sql)
    };
    let checked = || domain.constraints.iter().filter(|each| each.validated);
    if part == Part::Rest {
        return checked().map(add).collect();
    }
    let mut sql = format!("CREATE DOMAIN {} AS {}", qualified(name), domain.base);
    if let Some(collation) = &domain.collation {
        sql += &format!(" COLLATE {collation}");
    }
    if let Some(default) = &domain.default {
        sql += &format!(" DEFAULT {default}");
    }
    let is_named = |each: &Constraint| each.kind == ConstraintKind::NotNull;
    if !domain.nullable && (part == Part::Early || !domain.constraints.iter().any(is_named)) {
        sql += " NOT NULL";
    }
    if part == Part::Whole {
        for constraint in checked() {
            sql += &format!("\n    {}", constraint_text(constraint));
        }
    }
    vec![before("type", name, sql)]
}

/// Checks that old values need not pass.
pub fn later(object: &Object, ty: &Type) -> Vec<Piece> {
    let Type::Domain(domain) = ty else { return Vec::new() };
    let name = &object.name;
    let open = domain.constraints.iter().filter(|each| !each.validated);
    open.map(|each| {
        let sql = format!("ALTER DOMAIN {} ADD {}", qualified(name), constraint_text(each));
        after("type", name, sql)
    })
    .collect()
}

/// `CONSTRAINT name CHECK (...)`
pub fn constraint_text(constraint: &Constraint) -> String {
    let text = match (&constraint.definition, &constraint.kind) {
        (Some(definition), _) => definition.clone(),
        (None, ConstraintKind::Check { expression }) => format!("CHECK ({expression})"),
        (None, _) => "NOT NULL".to_owned(),
    };
    match &constraint.name {
        Some(name) => format!("CONSTRAINT {} {text}", ident(name)),
        None => text,
    }
}
