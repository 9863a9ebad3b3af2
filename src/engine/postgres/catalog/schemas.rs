//! Schemas and extensions.

use super::found::{Found, of_users};
use super::reader::Reader;
use crate::error::Result;
use crate::model::catalog::{Detail, Name, Object};

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let users = of_users("nspname");
    let schemas = format!("SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE {users}");
    for mut row in reader.rows(&schemas)? {
        let oid = row.oid();
        let object = Object::new(Name::new("", row.text()), Detail::Schema);
        found.push(Found { class: "pg_namespace", oid, object });
    }
    for mut row in reader.rows(EXTENSIONS)? {
        let oid = row.oid();
        let (name, version) = (row.text(), row.text());
        let mut object = Object::new(Name::new("", name), Detail::Extension { version });
        object.attributes.push(super::found::attribute("schema", row.text()));
        found.push(Found { class: "pg_extension", oid, object });
    }
    Ok(())
}

/// `plpgsql` is in every database from the start.
const EXTENSIONS: &str = "\
SELECT e.oid, e.extname, e.extversion, n.nspname
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384";
