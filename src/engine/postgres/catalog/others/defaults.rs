//! Default privileges: the rights that objects made later are born with (`pg_default_acl` in the
//! manual's chapter "System Catalogs"). An entry for one schema adds to the built-in rights, one
//! without a schema replaces them.

use super::{Found, Reader};
use crate::catalog::found::word;
use crate::error::Result;
use crate::model::catalog::{Detail, Grant, Kind, NO_RIGHTS, Name, Object};

/// The schema (if any) and the role make the name, the kind of objects is the signature. The
/// rights are the object's grants.
pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    for mut row in reader.rows(DEFAULTS)? {
        let oid = row.oid();
        let (name, signature) = (Name::new(row.text(), row.text()), row.maybe());
        if found.last().is_none_or(|last| last.oid != oid || last.class != CLASS) {
            let mut object = Object::new(name, Detail::Other { kind: Kind::DefaultPrivileges });
            object.owner = Some(object.name.name.clone());
            object.signature = signature;
            found.push(Found { class: CLASS, oid, object });
        }
        let Some(last) = found.last_mut() else { continue };
        match row.maybe() {
            None => last.object.attributes.push(word(NO_RIGHTS)),
            Some(grantee) => last.object.grants.push(Grant {
                grantee,
                grantor: row.text(),
                privilege: row.text(),
                grantable: row.flag(),
            }),
        }
    }
    Ok(())
}

const CLASS: &str = "pg_default_acl";

const DEFAULTS: &str = "\
SELECT d.oid, n.nspname, pg_catalog.pg_get_userbyid(d.defaclrole),
  CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
    WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END,
  CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
  pg_catalog.pg_get_userbyid(x.grantor), x.privilege_type, x.is_grantable
FROM pg_catalog.pg_default_acl d
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) WITH ORDINALITY x ON true
ORDER BY d.oid, x.ordinality";
