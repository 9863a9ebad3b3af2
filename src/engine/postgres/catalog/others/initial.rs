//! Rights that extensions and the server gave by themselves (`pg_init_privs` in the manual's chapter
//! "System Catalogs"): what an object of theirs has besides was given by somebody, and has to be
//! given again.

use super::{Found, Reader};
use crate::catalog::found::{places, word};
use crate::catalog::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Detail, Grant, Kind, NO_RIGHTS, Name, Object};

/// The objects and their rights have been read. Objects of the server itself are added where
/// their rights were changed; they count as members of an extension of the server's own name.
pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let places = places(found);
    for mut row in reader.rows(OF_EXTENSIONS)? {
        let (class, oid) = (row.text(), row.oid());
        if let Some(&at) = places.get(&(class.as_str(), oid)) {
            found[at].object.initial_grants.push(grant(&mut row));
        }
    }
    let first = found.len();
    for mut row in reader.rows(OF_THE_SERVER)? {
        let each = of_the_server(&mut row);
        if found[first..].last().is_none_or(|last| (last.class, last.oid) != (each.class, each.oid)) {
            found.push(each);
        }
        let Some(last) = found.last_mut() else { continue };
        let is_initial = row.flag();
        let grant = grant(&mut row);
        match is_initial {
            true => last.object.initial_grants.push(grant),
            false => last.object.grants.push(grant),
        }
    }
    for each in &mut found[first..] {
        if each.object.grants.is_empty() {
            each.object.attributes.push(word(NO_RIGHTS));
        }
    }
    Ok(())
}

fn grant(row: &mut Row) -> Grant {
    Grant { grantee: row.text(), grantor: row.text(), privilege: row.text(), grantable: row.flag() }
}

fn of_the_server(row: &mut Row) -> Found {
    let (class, kind) = match row.text().as_str() {
        "pg_proc" => ("pg_proc", Kind::Routine),
        "pg_class" => ("pg_class", Kind::Table),
        "pg_type" => ("pg_type", Kind::Type),
        "pg_language" => ("pg_language", Kind::Language),
        _ => ("pg_namespace", Kind::Schema),
    };
    let oid = row.oid();
    let mut object = Object::new(Name::new(row.text(), row.text()), Detail::Other { kind });
    object.signature = row.maybe();
    object.owner = row.maybe();
    object.extension = Some("pg_catalog".to_owned());
    Found { class, oid, object }
}

const OF_EXTENSIONS: &str = "\
SELECT c.relname, i.objoid,
  CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
  pg_catalog.pg_get_userbyid(x.grantor), x.privilege_type, x.is_grantable
FROM pg_catalog.pg_init_privs i
JOIN pg_catalog.pg_class c ON c.oid = i.classoid,
  LATERAL pg_catalog.aclexplode(i.initprivs) WITH ORDINALITY x
WHERE i.privtype = 'e' AND i.objsubid = 0
ORDER BY i.classoid, i.objoid, x.ordinality";

/// Rights on single columns of the server's own tables are left out.
const OF_THE_SERVER: &str = "\
WITH o (class, oid, schema, name, signature, owner, acl, usual) AS (
  SELECT 'pg_proc', p.oid, 'pg_catalog', p.proname, pg_catalog.oidvectortypes(p.proargtypes), p.proowner,
    p.proacl, pg_catalog.acldefault('f', p.proowner)
  FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
  UNION ALL
  SELECT 'pg_class', c.oid, 'pg_catalog', c.relname, NULL, c.relowner,
    c.relacl, pg_catalog.acldefault('r', c.relowner)
  FROM pg_catalog.pg_class c
  WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind IN ('r', 'v')
  UNION ALL
  SELECT 'pg_type', t.oid, 'pg_catalog', t.typname, NULL, t.typowner,
    t.typacl, pg_catalog.acldefault('T', t.typowner)
  FROM pg_catalog.pg_type t WHERE t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
  UNION ALL
  SELECT 'pg_language', l.oid, NULL, l.lanname, NULL, l.lanowner,
    l.lanacl, pg_catalog.acldefault('l', l.lanowner)
  FROM pg_catalog.pg_language l WHERE l.oid < 16384
  UNION ALL
  SELECT 'pg_namespace', n.oid, NULL, n.nspname, NULL, n.nspowner,
    n.nspacl, pg_catalog.acldefault('n', n.nspowner)
  FROM pg_catalog.pg_namespace n WHERE n.nspname = 'pg_catalog'
)
SELECT o.class, o.oid, o.schema, o.name, o.signature, pg_catalog.pg_get_userbyid(o.owner), x.is_initial,
  CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
  pg_catalog.pg_get_userbyid(x.grantor), x.privilege_type, x.is_grantable
FROM o
LEFT JOIN pg_catalog.pg_init_privs i ON i.objoid = o.oid AND i.objsubid = 0
  AND i.classoid = ('pg_catalog.' || o.class)::pg_catalog.regclass,
  LATERAL (SELECT COALESCE(i.initprivs, o.usual)) b (acl),
  LATERAL (
    SELECT false, e.* FROM pg_catalog.aclexplode(o.acl) WITH ORDINALITY e
    UNION ALL SELECT true, e.* FROM pg_catalog.aclexplode(b.acl) WITH ORDINALITY e
  ) x (is_initial, grantor, grantee, privilege_type, is_grantable, place)
WHERE o.acl IS NOT NULL AND NOT (o.acl @> b.acl AND o.acl <@ b.acl)
ORDER BY o.class, o.oid, x.is_initial, x.place";
