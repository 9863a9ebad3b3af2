//! What is told by its definition alone, with the statements that follow it.

use super::order::comes_last;
use super::text::{after, before};
use crate::catalog::others::ALTER;
use crate::model::catalog::Object;
use crate::model::ddl::Piece;

/// Nothing for default privileges, which are rights and no object.
pub fn create(object: &Object) -> Vec<Piece> {
    // They need whole tables, and would watch the rows that are loaded.
    let place = if comes_last(object.kind()) { after } else { before };
    let definition = object.secret_definition.as_ref().or(object.definition.as_ref());
    let alter = object.attributes.iter().filter(|each| each.name == ALTER).map(|each| &each.value);
    let statements = definition.into_iter().chain(alter);
    statements.map(|sql| place(object.kind().word(), &object.name, sql.clone())).collect()
}
