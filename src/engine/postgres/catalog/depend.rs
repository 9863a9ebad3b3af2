//! What must be there before an object can be made, and which extension it belongs to, from
//! pg_depend (chapter 51.18).
//!
//! The server keeps dependencies of parts too: of defaults, checks, the rule that is a view,
//! columns, row types. They count for the object that the part belongs to. What is made when all
//! objects are there (foreign keys, indexes, triggers, policies, other rules) counts for none.

use std::collections::HashMap;

use super::found::{Found, Reader, places, word};
use crate::engine::postgres::ddl::AFTER_KEYS;
use crate::error::Result;
use crate::model::catalog::{Detail, ObjectId, attribute};

pub fn read(reader: &mut Reader<'_>, found: &mut [Found]) -> Result<()> {
    let places = places(found);
    let owners = owners(reader)?;
    // A part of a part: the row type of a table, then the array type of that.
    let owner = |class: String, oid: u32| {
        let mut key = (class, oid);
        for _ in 0..4 {
            if let Some(&at) = places.get(&(key.0.as_str(), key.1)) {
                return Some(at);
            }
            key = owners.get(&key)?.clone();
        }
        None
    };
    for mut row in reader.rows(DEPENDENCIES)? {
        let (class, oid) = (row.text(), row.oid());
        let (other_class, other_oid) = (row.text(), row.oid());
        let needs_key = class == "pg_rewrite" && other_class == "pg_constraint";
        let Some(at) = owner(class, oid) else { continue };
        let Some(other) = owner(other_class, other_oid) else { continue };
        if needs_key && attribute(&found[at].object.attributes, AFTER_KEYS).is_none() {
            found[at].object.attributes.push(word(AFTER_KEYS));
        }
        if at != other && !goes_away_with(&found[at], &found[other]) {
            // A database has fewer than 2^32 objects: they are numbered by the server.
            found[at].object.depends_on.push(ObjectId(u32::try_from(other).unwrap_or(u32::MAX)));
        }
    }
    for each in found.iter_mut() {
        each.object.depends_on.sort_unstable();
        each.object.depends_on.dedup();
    }
    for mut row in reader.rows(MEMBERS)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(&at) = places.get(&(class.as_str(), oid)) {
            found[at].object.extension = row.maybe();
        }
    }
    Ok(())
}

/// A sequence that is owned by a column is made before the table, whose default may use it.
fn goes_away_with(each: &Found, other: &Found) -> bool {
    matches!(&each.object.detail, Detail::Sequence(_)) && matches!(&other.object.detail, Detail::Table(_))
}

type Key = (String, u32);

fn owners(reader: &mut Reader<'_>) -> Result<HashMap<Key, Key>> {
    let mut owners = HashMap::new();
    let sql = PARTS.replace("{multirange}", reader.since(140_000, MULTIRANGES, ""));
    for mut row in reader.rows(&sql)? {
        let (class, oid) = (row.text(), row.oid());
        owners.insert((class, oid), (row.text(), row.oid()));
    }
    Ok(owners)
}

/// Normal and automatic ones. Schemas come before everything anyway.
const DEPENDENCIES: &str = "\
SELECT DISTINCT c.relname, d.objid, r.relname, d.refobjid
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.classid
JOIN pg_catalog.pg_class r ON r.oid = d.refclassid
WHERE d.deptype IN ('n', 'a') AND d.refobjid >= 16384
  AND d.refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass
  AND (d.classid, d.objid) <> (d.refclassid, d.refobjid)";

const MEMBERS: &str = "\
SELECT c.relname, d.objid, e.extname
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.classid
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass";

/// A part and what it belongs to.
const PARTS: &str = "\
SELECT 'pg_attrdef', oid, 'pg_class', adrelid FROM pg_catalog.pg_attrdef WHERE adrelid >= 16384
UNION ALL SELECT 'pg_constraint', oid, CASE conrelid WHEN 0 THEN 'pg_type' ELSE 'pg_class' END,
  CASE conrelid WHEN 0 THEN contypid ELSE conrelid END FROM pg_catalog.pg_constraint
  WHERE contype <> 'f' AND oid >= 16384
UNION ALL SELECT 'pg_rewrite', oid, 'pg_class', ev_class FROM pg_catalog.pg_rewrite
  WHERE rulename = '_RETURN' AND oid >= 16384
UNION ALL SELECT 'pg_type', oid, 'pg_class', typrelid FROM pg_catalog.pg_type
  WHERE typrelid <> 0 AND oid >= 16384
UNION ALL SELECT 'pg_type', oid, 'pg_type', typelem FROM pg_catalog.pg_type
  WHERE typrelid = 0 AND typelem >= 16384 AND typcategory = 'A' AND oid >= 16384
UNION ALL SELECT 'pg_class', oid, 'pg_type', reltype FROM pg_catalog.pg_class WHERE relkind = 'c' AND oid >= 16384
UNION ALL SELECT 'pg_amop', oid, 'pg_opfamily', amopfamily FROM pg_catalog.pg_amop WHERE oid >= 16384
UNION ALL SELECT 'pg_amproc', oid, 'pg_opfamily', amprocfamily FROM pg_catalog.pg_amproc WHERE oid >= 16384{multirange}";

const MULTIRANGES: &str = "
UNION ALL SELECT 'pg_type', rngmultitypid, 'pg_type', rngtypid FROM pg_catalog.pg_range WHERE rngtypid >= 16384";
