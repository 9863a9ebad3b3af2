//! Storage parameters among the attributes of tables, views and indexes.

use super::text::{ident, literal};
use crate::model::catalog::{Attribute, COLUMN_LIST};

/// Attributes that say something else.
const OTHERS: &[&str] = &[
    "access method",
    "after keys",
    "clustered",
    COLUMN_LIST,
    "depends on extension",
    "force row security",
    "no rights",
    "of",
    "options",
    "partition of",
    "replica identity",
    "row security",
    "tablespace",
    "unlogged",
];

pub fn is_parameter(name: &str) -> bool {
    !OTHERS.contains(&name) && !name.starts_with("statistics ") && !name.starts_with("security label ")
}

/// `WITH (fillfactor='70')` behind a line break, or nothing.
pub fn with(attributes: &[Attribute]) -> String {
    parameters(attributes).map_or(String::new(), |parameters| format!("\nWITH ({parameters})"))
}

/// `fillfactor='70'`; None when there are none.
pub fn parameters(attributes: &[Attribute]) -> Option<String> {
    let parameters: Vec<String> =
        attributes.iter().filter(|each| is_parameter(&each.name)).map(parameter).collect();
    (!parameters.is_empty()).then(|| parameters.join(", "))
}

fn parameter(parameter: &Attribute) -> String {
    let name: Vec<String> = parameter.name.split('.').map(ident).collect();
    format!("{}={}", name.join("."), literal(&parameter.value))
}
