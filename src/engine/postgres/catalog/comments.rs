//! Comments and security labels of objects. Those of columns, constraints, indexes, triggers,
//! rules and policies are read with them.

use super::found::{Found, attribute, places};
use super::reader::Reader;
use crate::error::Result;

pub fn read(reader: &mut Reader, found: &mut [Found]) -> Result<()> {
    let places = places(found);
    let at = |class: &str, oid: u32| places.get(&(class, oid)).copied();
    for mut row in reader.rows(COMMENTS)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(at) = at(&class, oid) {
            found[at].object.comment = row.maybe();
        }
    }
    for mut row in reader.rows(LABELS)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(at) = at(&class, oid) {
            let name = format!("security label {}", row.text());
            found[at].object.attributes.push(attribute(name, row.text()));
        }
    }
    Ok(())
}

const COMMENTS: &str = "\
SELECT c.relname, d.objoid, d.description
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.classoid
WHERE d.objsubid = 0 AND (d.objoid >= 16384 OR d.objoid = 'public'::pg_catalog.regnamespace)";

const LABELS: &str = "\
SELECT c.relname, l.objoid, l.provider, l.label
FROM pg_catalog.pg_seclabel l
JOIN pg_catalog.pg_class c ON c.oid = l.classoid
WHERE l.objsubid = 0";
