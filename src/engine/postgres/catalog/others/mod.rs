//! The rarer kinds of objects: those that are told by their CREATE statement alone. The server
//! keeps them as rows of its catalog, and each query here puts the statement together, so that
//! names come out quoted and qualified by the server that knows them.
//!
//! A statement that has to follow the first one (`ALTER TEXT SEARCH CONFIGURATION ... ADD
//! MAPPING`) is an attribute named [`ALTER`] of the object.

mod code;
mod collations;
mod defaults;
mod foreign;
pub mod initial;
mod operators;
mod replication;
mod text_search;
mod watchers;

use super::found::{Found, attribute};
use super::reader::Reader;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Detail, Kind, Name, Object};

/// The name of an attribute whose value is a statement to run after the definition.
pub const ALTER: &str = "alter";

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    code::read(reader, found)?;
    foreign::read(reader, found)?;
    collations::read(reader, found)?;
    operators::read(reader, found)?;
    text_search::read(reader, found)?;
    watchers::read(reader, found)?;
    replication::read(reader, found)?;
    if reader.scope.privileges {
        defaults::read(reader, found)?;
    }
    Ok(())
}

/// Objects of one kind. The query gives oid, schema, name, signature, definition, an array of the
/// statements that follow it and, if it likes, an array of `name=value`; NULL stands for what
/// there is not.
fn defined(
    reader: &mut Reader,
    found: &mut Vec<Found>,
    class: &'static str,
    kind: Kind,
    sql: &str,
) -> Result<()> {
    let rows = reader.rows(sql)?;
    found.extend(rows.into_iter().map(|mut row| of_row(&mut row, class, kind)));
    Ok(())
}

fn of_row(row: &mut Row, class: &'static str, kind: Kind) -> Found {
    let oid = row.oid();
    let mut object = Object::new(Name::new(row.text(), row.text()), Detail::Other { kind });
    object.signature = row.maybe();
    object.definition = row.maybe();
    object.attributes = row.list().into_iter().map(|statement| attribute(ALTER, statement)).collect();
    object.attributes.extend(row.options());
    Found { class, oid, object }
}

/// The same where options may hold secrets: an eighth cell is the definition with them, where it
/// is not the one that may be shown.
fn with_secrets(
    reader: &mut Reader,
    found: &mut Vec<Found>,
    class: &'static str,
    kind: Kind,
    sql: &str,
) -> Result<()> {
    for mut row in reader.rows(sql)? {
        let mut each = of_row(&mut row, class, kind);
        each.object.secret_definition =
            row.maybe().filter(|full| each.object.definition.as_ref() != Some(full));
        found.push(each);
    }
    Ok(())
}
