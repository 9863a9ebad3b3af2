//! Names, strings and pieces as the printers write them.

use crate::model::catalog::Name;
use crate::model::ddl::{Piece, Section};
use crate::sql::{POSTGRES, quote_ident_if_needed, quote_literal};

/// A name, quoted where the server's own `quote_ident` does: words that are reserved in any
/// version that is known, and all but plain lower case.
pub fn ident(name: &str) -> String {
    quote_ident_if_needed(&POSTGRES, name)
}

pub fn idents(names: &[String]) -> String {
    names.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ")
}

/// `schema.name`.
pub fn qualified(name: &Name) -> String {
    match name.schema.is_empty() {
        true => ident(&name.name),
        false => format!("{}.{}", ident(&name.schema), ident(&name.name)),
    }
}

/// A string constant. (The server keeps no text with a NUL; one from elsewhere loses it.)
pub fn literal(text: &str) -> String {
    quote_literal(&POSTGRES, &text.replace('\0', "")).unwrap_or_default()
}

pub fn before(kind: &'static str, name: &Name, sql: String) -> Piece {
    Piece { kind, name: name.clone(), section: Section::BeforeData, sql }
}

pub fn after(kind: &'static str, name: &Name, sql: String) -> Piece {
    Piece { kind, name: name.clone(), section: Section::AfterData, sql }
}
