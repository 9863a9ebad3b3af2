//! Pages of routines, sequences, types and what is told by its definition.

use super::book::Book;
use super::describe;
use super::page::{Body, Page, Section, code, joined, list, table, text};
use crate::model::catalog::{Constraint, ConstraintKind, Domain, Routine, RoutineKind, Sequence, Type};

pub fn routine_page(page: &mut Page, routine: &Routine) {
    page.kind = match routine.kind {
        RoutineKind::Function => "function",
        RoutineKind::Procedure => "procedure",
        RoutineKind::Aggregate => "aggregate",
        RoutineKind::Window => "window function",
    }
    .into();
    page.facts.push(("Arguments".into(), code(routine.arguments.clone())));
    page.facts.push(("Returns".into(), code(routine.returns.clone().unwrap_or_default())));
    page.facts.push(("Language".into(), text(routine.language.clone())));
    if let Some(body) = &routine.body {
        page.sections.push(Section { heading: "Source", body: Body::Code(trimmed(body)) });
    }
}

pub fn sequence_page(book: &Book<'_>, page: &mut Page, sequence: &Sequence) {
    let owner = sequence
        .owned_by
        .as_ref()
        .map(|(table, column)| joined([book.named(table), code(column.clone())], " "));
    let identity = if sequence.identity { "of an identity column" } else { "" };
    page.facts.extend([
        ("Type".into(), text(sequence.ty.clone())),
        ("Belongs to".into(), joined([owner.unwrap_or_default(), text(identity)], ", ")),
        ("Start".into(), text(sequence.start.to_string())),
        ("Increment".into(), text(sequence.increment.to_string())),
        ("Range".into(), text(format!("{} to {}", sequence.min, sequence.max))),
        ("Cache".into(), text(sequence.cache.to_string())),
        ("At the end".into(), text(if sequence.cycle { "starts again" } else { "refuses" })),
    ]);
}

pub fn type_page(book: &Book<'_>, page: &mut Page, ty: &Type) {
    match ty {
        Type::Enum { labels } => {
            page.kind = "enum".into();
            page.words.extend(labels.iter().cloned());
            page.sections.extend(list("Labels", labels.iter().map(code).collect()));
        }
        Type::Composite { columns } => {
            page.kind = "composite type".into();
            page.sections.extend(describe::columns(book, None, columns));
        }
        Type::Domain(domain) => domain_page(book, page, domain),
        Type::Other => {}
    }
}

fn domain_page(book: &Book<'_>, page: &mut Page, domain: &Domain) {
    page.kind = "domain".into();
    page.facts.push(("Of".into(), book.type_of(&domain.base)));
    page.facts.push(("Null".into(), text(if domain.nullable { "" } else { "not allowed" })));
    page.facts.push(("Default".into(), code(domain.default.clone().unwrap_or_default())));
    page.facts.push(("Collation".into(), text(domain.collation.clone().unwrap_or_default())));
    let said = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::Check { expression } => expression.clone(),
        _ => constraint.definition.clone().unwrap_or_default(),
    };
    let rows = domain
        .constraints
        .iter()
        .map(|constraint| vec![code(constraint.name.clone().unwrap_or_default()), code(said(constraint))]);
    page.sections.extend(table("Constraints", &["Name", "Definition"], rows.collect()));
}

/// Source text without empty lines around it.
fn trimmed(body: &str) -> String {
    body.trim_matches(['\n', '\r']).trim_end().to_owned()
}
