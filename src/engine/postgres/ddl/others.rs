//! What is told by its definition alone, with the statements that follow it.

use super::text::{after, before};
use crate::engine::postgres::catalog::others::ALTER;
use crate::model::catalog::{Kind, Object};
use crate::model::ddl::Piece;

/// Nothing for default privileges, which are rights and no object.
pub fn create(object: &Object) -> Vec<Piece> {
    let place = match object.kind() {
        // They need whole tables, and would watch the rows that are loaded.
        Kind::Statistics | Kind::Publication | Kind::Subscription | Kind::EventTrigger => after,
        _ => before,
    };
    let definition = object.secret_definition.as_ref().or(object.definition.as_ref());
    let alter = object.attributes.iter().filter(|each| each.name == ALTER).map(|each| &each.value);
    let statements = definition.into_iter().chain(alter);
    statements.map(|sql| place(object.kind().word(), &object.name, sql.clone())).collect()
}
