//! A catalog as the statements that make it.

mod comments;
mod others;
mod privileges;
mod reference;
mod rights;
mod text;

use crate::engine::Ddl;
use crate::model::catalog::{Catalog, Detail};
use crate::model::ddl::{DdlOptions, Piece};

/// See [`Ddl`].
pub struct PgDdl;

impl Ddl for PgDdl {
    fn create(&self, catalog: &Catalog, options: DdlOptions) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (id, object) in catalog.iter().filter(|(_, object)| object.extension.is_none()) {
            if let Detail::Other { .. } = object.detail {
                pieces.extend(others::create(object));
            }
            comments::of(catalog, id, object, &mut pieces);
            if options.privileges {
                privileges::of(catalog, id, object, &mut pieces);
            }
        }
        pieces
    }
}
