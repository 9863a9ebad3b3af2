//! Types that users made: enums, composites, domains, ranges, base types and shells.

use std::collections::HashMap;

use super::found::{Found, of_users};
use super::reader::Reader;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Column, Constraint, Detail, Domain, Name, Object, Type};

/// `columns` are those of composite types, by the oid of their relation; `constraints` those of
/// domains, by the oid of the domain.
pub fn read(
    reader: &mut Reader,
    found: &mut Vec<Found>,
    columns: &mut HashMap<u32, Vec<Column>>,
    constraints: &mut HashMap<u32, Vec<Constraint>>,
) -> Result<()> {
    let sql = TYPES.replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let oid = row.oid();
        let name = Name::new(row.text(), row.text());
        let (kind, relation) = (row.text(), row.oid());
        let labels = row.list();
        let domain = domain(&mut row);
        let ty = match kind.as_str() {
            "e" => Type::Enum { labels },
            "c" => Type::Composite { columns: columns.remove(&relation).unwrap_or_default() },
            "d" => Type::Domain(domain_with(domain, constraints.remove(&oid))),
            _ => Type::Other,
        };
        found.push(Found { class: "pg_type", oid, object: Object::new(name, Detail::Type(ty)) });
    }
    let places = super::found::places(found);
    let mut definitions = ranges(reader)?;
    definitions.extend(base_types(reader)?);
    for (oid, definition) in definitions {
        if let Some(&at) = places.get(&("pg_type", oid)) {
            found[at].object.definition = Some(definition);
        }
    }
    Ok(())
}

fn domain(row: &mut Row) -> Domain {
    Domain {
        base: row.text(),
        nullable: !row.flag(),
        default: row.maybe(),
        collation: row.maybe(),
        constraints: Vec::new(),
    }
}

fn domain_with(domain: Domain, constraints: Option<Vec<Constraint>>) -> Domain {
    Domain { constraints: constraints.unwrap_or_default(), ..domain }
}

fn ranges(reader: &mut Reader) -> Result<Vec<(u32, String)>> {
    let multirange = reader.since(
        140_000,
        "(SELECT pg_catalog.quote_ident(mn.nspname) || '.' || pg_catalog.quote_ident(m.typname) \
          FROM pg_catalog.pg_type m JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace \
          WHERE m.oid = r.rngmultitypid)",
        "NULL",
    );
    let sql = RANGES.replace("{multirange}", multirange).replace("{users}", &of_users("n.nspname"));
    let rows = reader.rows(&sql)?.into_iter().map(|mut row| {
        let (oid, name) = (row.oid(), row.text());
        let names =
            ["subtype", "multirange_type_name", "subtype_opclass", "collation", "canonical", "subtype_diff"];
        let parts = names.iter().filter_map(|name| Some(format!("{name} = {}", row.maybe()?)));
        (oid, format!("CREATE TYPE {name} AS RANGE ({})", parts.collect::<Vec<_>>().join(", ")))
    });
    Ok(rows.collect())
}

fn base_types(reader: &mut Reader) -> Result<Vec<(u32, String)>> {
    let subscript = reader.since(140_000, "NULLIF(t.typsubscript, 0)::pg_catalog.regproc", "NULL");
    let sql = BASE_TYPES.replace("{subscript}", subscript).replace("{users}", &of_users("n.nspname"));
    let rows = reader.rows(&sql)?.into_iter().map(|mut row| {
        let (oid, name, is_shell) = (row.oid(), row.text(), row.flag());
        let names = [
            "INPUT",
            "OUTPUT",
            "RECEIVE",
            "SEND",
            "TYPMOD_IN",
            "TYPMOD_OUT",
            "ANALYZE",
            "SUBSCRIPT",
            "INTERNALLENGTH",
            "PASSEDBYVALUE",
            "ALIGNMENT",
            "STORAGE",
            "CATEGORY",
            "PREFERRED",
            "DEFAULT",
            "ELEMENT",
            "DELIMITER",
            "COLLATABLE",
        ];
        let parts: Vec<String> =
            names.iter().filter_map(|name| Some(format!("{name} = {}", row.maybe()?))).collect();
        let parts = if is_shell { String::new() } else { format!(" ({})", parts.join(", ")) };
        (oid, format!("CREATE TYPE {name}{parts}"))
    });
    Ok(rows.collect())
}

/// Row types of tables, array types and multiranges come with what they are of.
const TYPES: &str = "\
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typrelid,
  CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum e
    WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END,
  CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, t.typnotnull,
  CASE WHEN t.typtype = 'd'
    THEN COALESCE(pg_catalog.pg_get_expr(t.typdefaultbin, 0), pg_catalog.quote_literal(t.typdefault)) END,
  CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
    THEN pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
WHERE {users} AND t.typtype <> 'm' AND e.oid IS NULL AND (t.typrelid = 0 OR c.relkind = 'c')";

/// In the order of the names above; NULL for what is as it would be anyway.
const RANGES: &str = "\
SELECT t.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname),
  pg_catalog.format_type(r.rngsubtype, NULL), {multirange},
  CASE WHEN NOT q.opcdefault
    THEN pg_catalog.quote_ident(qn.nspname) || '.' || pg_catalog.quote_ident(q.opcname) END,
  CASE WHEN r.rngcollation <> s.typcollation
    THEN pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) END,
  NULLIF(r.rngcanonical, 0)::pg_catalog.regproc, NULLIF(r.rngsubdiff, 0)::pg_catalog.regproc
FROM pg_catalog.pg_range r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass q ON q.oid = r.rngsubopc
JOIN pg_catalog.pg_namespace qn ON qn.oid = q.opcnamespace
LEFT JOIN pg_catalog.pg_collation l ON l.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
WHERE {users}";

/// In the order of the names above; NULL for what is as it would be anyway.
const BASE_TYPES: &str = "\
SELECT t.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname), NOT t.typisdefined,
  t.typinput::pg_catalog.regproc, t.typoutput::pg_catalog.regproc,
  NULLIF(t.typreceive, 0)::pg_catalog.regproc, NULLIF(t.typsend, 0)::pg_catalog.regproc,
  NULLIF(t.typmodin, 0)::pg_catalog.regproc, NULLIF(t.typmodout, 0)::pg_catalog.regproc,
  NULLIF(t.typanalyze, 0)::pg_catalog.regproc, {subscript},
  CASE WHEN t.typlen > 0 THEN t.typlen::pg_catalog.text WHEN t.typlen = -1 THEN 'variable' END,
  CASE WHEN t.typbyval THEN 'true' END,
  CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' ELSE 'int4' END,
  CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' ELSE 'plain' END,
  CASE WHEN t.typcategory <> 'U' THEN pg_catalog.quote_literal(t.typcategory::pg_catalog.text) END,
  CASE WHEN t.typispreferred THEN 'true' END, pg_catalog.quote_literal(t.typdefault),
  CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END,
  CASE WHEN t.typdelim <> ',' THEN pg_catalog.quote_literal(t.typdelim::pg_catalog.text) END,
  CASE WHEN t.typcollation <> 0 THEN 'true' END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
WHERE {users} AND e.oid IS NULL AND (t.typtype = 'b' OR NOT t.typisdefined)";
