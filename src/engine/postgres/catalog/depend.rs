//! What must be there before an object can be made, and which extension it belongs to, from
//! pg_depend (chapter 51.18).
//!
//! The server keeps dependencies of parts too: of defaults, checks, the rule that is a view,
//! columns, row types. They count for the object that the part belongs to. What is made when all
//! objects are there (foreign keys, indexes, triggers, policies, other rules) counts for none.

use std::collections::HashMap;

use super::found::{Found, attribute as named, places, word};
use super::reader::Reader;
use crate::ddl::AFTER_KEYS;
use crate::error::Result;
use crate::model::catalog::{ObjectId, attribute};

pub fn read(reader: &mut Reader, found: &mut [Found]) -> Result<()> {
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
    for mut row in reader.rows(&dependencies())? {
        let (class, oid) = (row.text(), row.oid());
        let (other_class, other_oid) = (row.text(), row.oid());
        let needs_key = class == "pg_rewrite" && other_class == "pg_constraint";
        let Some(at) = owner(class, oid) else { continue };
        let Some(other) = owner(other_class, other_oid) else { continue };
        if needs_key && attribute(&found[at].object.attributes, AFTER_KEYS).is_none() {
            found[at].object.attributes.push(word(AFTER_KEYS));
        }
        if at != other {
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
    for mut row in reader.rows(TIED)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(&at) = places.get(&(class.as_str(), oid)) {
            found[at].object.attributes.push(named("depends on extension", row.text()));
        }
    }
    Ok(())
}

/// What [`read`] asks.
pub fn questions(reader: &Reader) -> Vec<String> {
    vec![parts(reader), dependencies()]
}

/// What goes away with an extension that did not make it (ALTER ... DEPENDS ON EXTENSION).
const TIED: &str = "\
SELECT c.relname, d.objid, e.extname
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.classid
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'x' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
ORDER BY e.extname";

type Key = (String, u32);

fn owners(reader: &mut Reader) -> Result<HashMap<Key, Key>> {
    let mut owners = HashMap::new();
    for mut row in reader.rows(&parts(reader))? {
        let (class, oid) = (row.text(), row.oid());
        owners.insert((class, oid), (row.text(), row.oid()));
    }
    Ok(owners)
}

fn parts(reader: &Reader) -> String {
    PARTS.replace("{used}", USED).replace("{multirange}", reader.since(140_000, MULTIRANGES, ""))
}

fn dependencies() -> String {
    DEPENDENCIES.replace("{used}", USED)
}

/// Normal and automatic ones, without what a part has with its own table. Schemas come before
/// everything anyway.
const USED: &str = "\
SELECT DISTINCT d.classid, d.objid, d.refclassid, d.refobjid
FROM pg_catalog.pg_depend d
WHERE d.deptype IN ('n', 'a') AND d.refobjid >= 16384
  AND d.refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass
  AND (d.classid <> d.refclassid OR d.objid <> d.refobjid)
  AND NOT (d.deptype = 'a' AND (d.classid IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass,
      'pg_catalog.pg_constraint'::pg_catalog.regclass)
    OR d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0))";

const DEPENDENCIES: &str = "\
SELECT c.relname, d.objid, r.relname, d.refobjid
FROM ({used}) d
JOIN pg_catalog.pg_class c ON c.oid = d.classid
JOIN pg_catalog.pg_class r ON r.oid = d.refclassid";

const MEMBERS: &str = "\
SELECT c.relname, d.objid, e.extname
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.classid
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass";

/// A part and what it belongs to, of those that are used or use something.
const PARTS: &str = "\
WITH used AS ({used}),
ends AS (SELECT objid AS oid FROM used UNION SELECT refobjid FROM used),
elements AS (SELECT oid, typelem FROM pg_catalog.pg_type
  WHERE typrelid = 0 AND typelem >= 16384 AND typcategory = 'A' AND oid IN (SELECT oid FROM ends))
SELECT 'pg_attrdef', oid, 'pg_class', adrelid FROM pg_catalog.pg_attrdef WHERE oid IN (SELECT oid FROM ends)
UNION ALL SELECT 'pg_constraint', oid, CASE conrelid WHEN 0 THEN 'pg_type' ELSE 'pg_class' END,
  CASE conrelid WHEN 0 THEN contypid ELSE conrelid END FROM pg_catalog.pg_constraint
  WHERE contype <> 'f' AND oid IN (SELECT oid FROM ends)
UNION ALL SELECT 'pg_rewrite', oid, 'pg_class', ev_class FROM pg_catalog.pg_rewrite
  WHERE rulename = '_RETURN' AND oid IN (SELECT oid FROM ends)
UNION ALL SELECT 'pg_type', oid, 'pg_class', typrelid FROM pg_catalog.pg_type
  WHERE typrelid <> 0 AND (oid IN (SELECT oid FROM ends) OR oid IN (SELECT typelem FROM elements))
UNION ALL SELECT 'pg_type', oid, 'pg_type', typelem FROM elements
UNION ALL SELECT 'pg_class', oid, 'pg_type', reltype FROM pg_catalog.pg_class
  WHERE relkind = 'c' AND oid IN (SELECT oid FROM ends)
UNION ALL SELECT 'pg_amop', oid, 'pg_opfamily', amopfamily FROM pg_catalog.pg_amop
  WHERE oid IN (SELECT oid FROM ends)
UNION ALL SELECT 'pg_amproc', oid, 'pg_opfamily', amprocfamily FROM pg_catalog.pg_amproc
  WHERE oid IN (SELECT oid FROM ends){multirange}";

const MULTIRANGES: &str = "
UNION ALL SELECT 'pg_type', rngmultitypid, 'pg_type', rngtypid FROM pg_catalog.pg_range WHERE rngtypid >= 16384";
