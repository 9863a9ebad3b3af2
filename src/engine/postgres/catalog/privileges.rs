//! Owners and grants of every kind of object, and grants on columns.
//!
//! An object whose rights were never changed has no grants here: it has the built-in ones (chapter
//! 5.8). One whose rights were all taken away has the attribute `no rights`.

use super::found::{Found, places, word};
use super::reader::Reader;
use crate::ddl::are_those_of_birth;
use crate::error::Result;
use crate::model::catalog::{Column, Detail, Grant, NO_RIGHTS, Type};

pub fn read(reader: &mut Reader, found: &mut [Found]) -> Result<()> {
    let places = places(found);
    let owners = union(OWNED, |class, oid, owner, _| {
        format!("SELECT '{class}', {oid}, pg_catalog.pg_get_userbyid({owner}) FROM pg_catalog.{class}")
    });
    for mut row in reader.rows(&owners)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(&at) = places.get(&(class.as_str(), oid)) {
            found[at].object.owner = row.maybe();
        }
    }
    let grants = union(OWNED, |class, oid, _, acl| match acl {
        "" => String::new(),
        acl => format!(
            "SELECT '{class}', o.{oid}, {GRANT} FROM pg_catalog.{class} o \
             LEFT JOIN LATERAL pg_catalog.aclexplode(o.{acl}) WITH ORDINALITY x ON true \
             WHERE o.{acl} IS NOT NULL"
        ),
    });
    for mut row in reader.rows(&grants)? {
        let (class, oid) = (row.text(), row.oid());
        let Some(&at) = places.get(&(class.as_str(), oid)) else { continue };
        match row.maybe() {
            None => found[at].object.attributes.push(word(NO_RIGHTS)),
            Some(grantee) => found[at].object.grants.push(grant(grantee, &mut row)),
        }
    }
    for mut row in reader.rows(&on_columns())? {
        let (oid, column) = (row.oid(), row.text());
        let Some(&at) = places.get(&("pg_class", oid)) else { continue };
        let grantee = row.text();
        let columns = columns_of(&mut found[at].object.detail);
        if let Some(column) = columns.iter_mut().find(|each| each.name == column) {
            column.grants.push(grant(grantee, &mut row));
        }
    }
    Ok(())
}

/// A list that says no more than none, as after GRANT and REVOKE, is none.
pub fn forget_those_of_birth(found: &mut [Found], version: u32) {
    for each in found.iter_mut().filter(|each| each.object.extension.is_none()) {
        if are_those_of_birth(&each.object, version) {
            each.object.grants.clear();
        }
    }
}

fn grant(grantee: String, row: &mut super::rows::Row) -> Grant {
    Grant { grantee, grantor: row.text(), privilege: row.text(), grantable: row.flag() }
}

fn columns_of(detail: &mut Detail) -> &mut [Column] {
    match detail {
        Detail::Table(table) => &mut table.columns,
        Detail::View(view) => &mut view.columns,
        Detail::Type(Type::Composite { columns }) => columns,
        _ => &mut [],
    }
}

/// Grantee, grantor, privilege and grant option of `x`.
const GRANT: &str = "\
CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END, \
pg_catalog.pg_get_userbyid(x.grantor), x.privilege_type, x.is_grantable";

fn on_columns() -> String {
    format!(
        "SELECT a.attrelid, a.attname, {GRANT} FROM pg_catalog.pg_attribute a, \
         LATERAL pg_catalog.aclexplode(a.attacl) WITH ORDINALITY x \
         WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attrelid >= 16384 \
         ORDER BY a.attrelid, a.attnum, x.ordinality"
    )
}

/// Catalog, column of the oid, of the owner, of the rights (empty when it has none).
type Owned = (&'static str, &'static str, &'static str, &'static str);

const OWNED: &[Owned] = &[
    ("pg_namespace", "oid", "nspowner", "nspacl"),
    ("pg_class", "oid", "relowner", "relacl"),
    ("pg_proc", "oid", "proowner", "proacl"),
    ("pg_type", "oid", "typowner", "typacl"),
    ("pg_language", "oid", "lanowner", "lanacl"),
    ("pg_foreign_data_wrapper", "oid", "fdwowner", "fdwacl"),
    ("pg_foreign_server", "oid", "srvowner", "srvacl"),
    ("pg_extension", "oid", "extowner", ""),
    ("pg_collation", "oid", "collowner", ""),
    ("pg_conversion", "oid", "conowner", ""),
    ("pg_operator", "oid", "oprowner", ""),
    ("pg_opfamily", "oid", "opfowner", ""),
    ("pg_opclass", "oid", "opcowner", ""),
    ("pg_ts_dict", "oid", "dictowner", ""),
    ("pg_ts_config", "oid", "cfgowner", ""),
    ("pg_event_trigger", "oid", "evtowner", ""),
    ("pg_statistic_ext", "oid", "stxowner", ""),
    ("pg_publication", "oid", "pubowner", ""),
    ("pg_subscription", "oid", "subowner", ""),
];

/// One query over all of them; what is older than the first object of users is left out, but for
/// the schemas (`public` is among them).
fn union(owned: &[Owned], query: impl Fn(&str, &str, &str, &str) -> String) -> String {
    let parts: Vec<String> = owned
        .iter()
        .map(|(class, oid, owner, acl)| query(class, oid, owner, acl))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" UNION ALL ")
}
