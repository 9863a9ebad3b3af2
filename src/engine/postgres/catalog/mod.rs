//! The catalog of a database, read in one transaction and a number of queries that does not grow
//! with it (chapter 51, "System Catalogs").

mod columns;
mod comments;
mod constraints;
mod depend;
mod found;
mod indexes;
mod moment;
pub(super) mod others;
mod privileges;
mod reader;
mod relations;
mod routines;
mod rows;
mod schemas;
mod sequences;
mod triggers;
mod types;

use super::session::PgSession;
use crate::error::Result;
use crate::model::catalog::{Attribute, Catalog, Scope};
use crate::model::target::EngineKind;
use found::{Found, attribute};
use reader::Reader;

pub(super) use constraints::usual_name;
pub(super) use sequences::unusual as unusual_options;

/// Reads everything that users made.
pub fn read(session: &mut PgSession, scope: Scope) -> Result<Catalog> {
    let empty = Catalog {
        server_version: session.info.version.clone(),
        server_version_num: session.info.version_num,
        database: session.info.database.clone(),
        default_schema: "public".to_owned(),
        ..Catalog::empty(EngineKind::Postgres)
    };
    moment::hold(session, |session| reader::with(session, scope, |reader| fill(reader, empty)))
}

fn fill(reader: &mut Reader, empty: Catalog) -> Result<Catalog> {
    reader.ahead(relations::questions(reader));
    reader.ahead(columns::questions(reader));
    reader.ahead(constraints::questions(reader));
    reader.ahead(indexes::questions(reader));
    reader.ahead(depend::questions(reader));
    let mut found = Vec::new();
    objects(reader, &mut found)?;
    // What is told of every kind alike, by its place in the server's catalog.
    comments::read(reader, &mut found)?;
    if reader.scope.privileges {
        privileges::read(reader, &mut found)?;
        others::initial::read(reader, &mut found)?;
    }
    depend::read(reader, &mut found)?;
    privileges::forget_those_of_birth(&mut found, reader.version);
    let attributes = database(reader)?;
    let mut catalog = Catalog {
        attributes,
        objects: found.into_iter().map(|each| each.object).collect(),
        unread: std::mem::take(&mut reader.unread),
        ..empty
    };
    catalog.sort();
    Ok(catalog)
}

/// The encoding and the locale of the database.
fn database(reader: &mut Reader) -> Result<Vec<Attribute>> {
    let mut attributes = Vec::new();
    if let Some(mut row) = reader.rows(&of_database(reader))?.into_iter().next() {
        for name in [
            "encoding",
            "collation",
            "character type",
            "locale provider",
            "icu locale",
            "icu rules",
            "builtin locale",
        ] {
            attributes.extend(row.maybe().map(|value| attribute(name, value)));
        }
    }
    Ok(attributes)
}

/// The C library's locales, which all versions know, are told without saying whose they are.
fn of_database(reader: &Reader) -> String {
    let locale = reader.since(170_000, "datlocale", reader.since(150_000, "daticulocale", "NULL"));
    let provider = reader.since(150_000, "datlocprovider", "'c'");
    let rules = reader.since(160_000, "daticurules", "NULL");
    format!(
        "SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
           CASE {provider} WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END,
           CASE {provider} WHEN 'i' THEN {locale} END, {rules},
           CASE {provider} WHEN 'b' THEN {locale} END
         FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
    )
}

fn objects(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    schemas::read(reader, found)?;
    let places = relations::read(reader, found)?;
    let (mut columns, numbers) = columns::read(reader)?;
    columns::put(found, &places, &mut columns);
    let mut constraints = constraints::read(reader, found, &places, &numbers)?;
    types::read(reader, found, &mut columns, &mut constraints.of_domains)?;
    indexes::read(reader, found, &places, &numbers, &constraints.of_indexes)?;
    triggers::read(reader, found, &places)?;
    sequences::read(reader, found, &places)?;
    routines::read(reader, found)?;
    others::read(reader, found)
}
