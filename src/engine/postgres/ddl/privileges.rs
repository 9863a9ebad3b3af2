//! Owners and grants.

use crate::model::catalog::{Catalog, Object, ObjectId};
use crate::model::ddl::Piece;

/// ALTER ... OWNER TO, REVOKE and GRANT of an object and of its columns.
pub fn of(_catalog: &Catalog, _id: ObjectId, _object: &Object, _pieces: &mut Vec<Piece>) {}
