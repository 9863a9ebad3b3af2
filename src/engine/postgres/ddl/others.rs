//! Kinds that are told by their definition alone.

use super::order::comes_last;
use super::text::{after, before};
use crate::model::catalog::Object;
use crate::model::ddl::Piece;

pub fn create(object: &Object) -> Vec<Piece> {
    let kind = object.kind();
    let place = if comes_last(kind) { after } else { before };
    object.definition.iter().map(|sql| place(kind.word(), &object.name, sql.clone())).collect()
}
