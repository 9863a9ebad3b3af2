//! Functions and procedures.

use super::text::{before, literal, qualified};
use crate::model::catalog::{Object, Routine, RoutineKind};
use crate::model::ddl::Piece;

pub fn create(object: &Object, routine: &Routine) -> Vec<Piece> {
    let sql = object.definition.clone().or_else(|| composed(object, routine));
    sql.map(|sql| before("routine", &object.name, sql)).into_iter().collect()
}

/// None where the source is not known.
fn composed(object: &Object, routine: &Routine) -> Option<String> {
    let kind = match routine.kind {
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Function => "FUNCTION",
        RoutineKind::Aggregate | RoutineKind::Window => return None,
    };
    let returns = routine.returns.as_ref().map_or(String::new(), |ty| format!("\n RETURNS {ty}"));
    Some(format!(
        "CREATE {kind} {}({}){returns}\n LANGUAGE {}\nAS {}",
        qualified(&object.name),
        routine.arguments,
        super::text::ident(&routine.language),
        literal(routine.body.as_ref()?)
    ))
}
