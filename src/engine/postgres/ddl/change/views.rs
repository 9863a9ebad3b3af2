//! Views: which changes CREATE OR REPLACE VIEW can make.

use crate::model::catalog::{Column, View};

/// The old columns must stay as they are; others may come after them (page of CREATE VIEW in the
/// manual). The query of a materialized view cannot be replaced.
pub fn changes_in_place(old: &View, new: &View) -> bool {
    if old.materialized || new.materialized {
        return old.materialized == new.materialized && old.query == new.query;
    }
    let same = |(old, new): (&Column, &Column)| {
        old.name == new.name && old.ty == new.ty && old.collation == new.collation
    };
    old.columns.len() <= new.columns.len() && old.columns.iter().zip(&new.columns).all(same)
}
