//! COMMENT ON and SECURITY LABEL statements.

use crate::model::catalog::{Catalog, Object, ObjectId};
use crate::model::ddl::Piece;

/// Those of an object and of all its parts: columns, constraints, indexes, triggers, policies, rules.
pub fn of(_catalog: &Catalog, _id: ObjectId, _object: &Object, _pieces: &mut Vec<Piece>) {}
