//! `\d`, `\dt`, `\dv`, `\di`, `\df`, `\dn`, `\du`, `\l`.

use super::pattern::Pattern;
use super::{headers, table};
use crate::error::Result;
use crate::model::listing::{Listed, Listing};
use crate::session::PgSession;

pub fn list(session: &mut PgSession, what: Listed, pattern: &Pattern) -> Result<Listing> {
    match what {
        Listed::Relations => {
            relations(session, "List of relations", &["r", "p", "v", "m", "S", "f"], pattern)
        }
        Listed::Tables => relations(session, "List of tables", &["r", "p", "f"], pattern),
        Listed::Views => relations(session, "List of views", &["v", "m"], pattern),
        Listed::Indexes => relations(session, "List of indexes", &["i", "I"], pattern),
        Listed::Functions => functions(session, pattern),
        Listed::Schemas => schemas(session, pattern),
        Listed::Users => users(session, pattern),
        Listed::Databases => databases(session, pattern),
    }
}

/// The word for a `pg_class.relkind`.
pub const KIND: &str = "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' \
WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' \
WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' \
WHEN 'I' THEN 'partitioned index' WHEN 'c' THEN 'composite type' ELSE c.relkind::pg_catalog.text END";

/// What a listing without a pattern leaves out.
const NOT_OF_THE_SYSTEM: &str = "
  AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_toast'";

/// The size is what the planner knows from the last VACUUM or ANALYZE: to measure it would wait for
/// every table that somebody has locked.
const SIZE: &str = "CASE WHEN c.relpages > 0 THEN pg_catalog.pg_size_pretty(\
c.relpages::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8) END";

fn relations(session: &mut PgSession, title: &str, kinds: &[&str], pattern: &Pattern) -> Result<Listing> {
    let of_indexes = kinds.contains(&"i");
    let (conditions, params) =
        pattern.conditions("n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)");
    // As in psql, a pattern may lead to TOAST tables and their indexes by their schema.
    let hidden = if pattern.is_given() { "" } else { NOT_OF_THE_SYSTEM };
    let kinds = kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(",");
    let (column, join) = match of_indexes {
        true => (
            ", c2.relname",
            "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid\n\
             LEFT JOIN pg_catalog.pg_class c2 ON c2.oid = i.indrelid\n",
        ),
        false => ("", ""),
    };
    let sql = format!(
        "SELECT n.nspname, c.relname, {KIND}, pg_catalog.pg_get_userbyid(c.relowner){column}, {SIZE},\n  \
         pg_catalog.obj_description(c.oid, 'pg_class')\n\
         FROM pg_catalog.pg_class c\n\
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace\n\
         {join}WHERE c.relkind IN ({kinds}){hidden}{conditions}\n\
         ORDER BY 1, 2"
    );
    let names: &[&str] = match of_indexes {
        true => &["Schema", "Name", "Type", "Owner", "Table", "Est. size", "Description"],
        false => &["Schema", "Name", "Type", "Owner", "Est. size", "Description"],
    };
    listing(session, title, names, &sql, &params)
}

fn functions(session: &mut PgSession, pattern: &Pattern) -> Result<Listing> {
    let (conditions, params) =
        pattern.conditions("n.nspname", "p.proname", "pg_catalog.pg_function_is_visible(p.oid)");
    let hidden = if pattern.is_given() { "" } else { NOT_OF_THE_SYSTEM };
    let kind = match session.info.version_num {
        110_000.. => {
            "CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END"
        }
        _ => {
            "CASE WHEN p.proisagg THEN 'agg' WHEN p.proiswindow THEN 'window' \
              WHEN p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype THEN 'trigger' ELSE 'func' END"
        }
    };
    let sql = format!(
        "SELECT n.nspname, p.proname, pg_catalog.pg_get_function_result(p.oid),\n  \
         pg_catalog.pg_get_function_arguments(p.oid), {kind}, l.lanname,\n  \
         pg_catalog.obj_description(p.oid, 'pg_proc')\n\
         FROM pg_catalog.pg_proc p\n\
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace\n\
         LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang\n\
         WHERE true{hidden}{conditions}\n\
         ORDER BY 1, 2, 4"
    );
    let names =
        ["Schema", "Name", "Result data type", "Argument data types", "Type", "Language", "Description"];
    listing(session, "List of functions", &names, &sql, &params)
}

fn schemas(session: &mut PgSession, pattern: &Pattern) -> Result<Listing> {
    let (conditions, params) = pattern.conditions("NULL::pg_catalog.name", "n.nspname", "");
    let hidden = match pattern.is_given() {
        true => "",
        false => "\n  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    };
    let sql = format!(
        "SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner),\n  \
         pg_catalog.array_to_string(n.nspacl, E'\\n'), pg_catalog.obj_description(n.oid, 'pg_namespace')\n\
         FROM pg_catalog.pg_namespace n\n\
         WHERE true{hidden}{conditions}\n\
         ORDER BY 1"
    );
    let names = ["Name", "Owner", "Access privileges", "Description"];
    listing(session, "List of schemas", &names, &sql, &params)
}

fn users(session: &mut PgSession, pattern: &Pattern) -> Result<Listing> {
    let (conditions, params) = pattern.conditions("NULL::pg_catalog.name", "r.rolname", "");
    let hidden = if pattern.is_given() { "" } else { "\n  AND r.rolname !~ '^pg_'" };
    let sql = format!(
        "SELECT r.rolname, pg_catalog.concat_ws(', ',\n    \
         CASE WHEN r.rolsuper THEN 'Superuser' END,\n    \
         CASE WHEN NOT r.rolinherit THEN 'No inheritance' END,\n    \
         CASE WHEN r.rolcreaterole THEN 'Create role' END,\n    \
         CASE WHEN r.rolcreatedb THEN 'Create DB' END,\n    \
         CASE WHEN NOT r.rolcanlogin THEN 'Cannot login' END,\n    \
         CASE WHEN r.rolreplication THEN 'Replication' END,\n    \
         CASE WHEN r.rolbypassrls THEN 'Bypass RLS' END,\n    \
         CASE WHEN r.rolconnlimit = 0 THEN 'No connections'\n      \
         WHEN r.rolconnlimit > 0 THEN r.rolconnlimit || ' connections' END,\n    \
         'Password valid until ' || r.rolvaliduntil),\n  \
         (SELECT pg_catalog.string_agg(b.rolname, ', ' ORDER BY b.rolname)\n   \
         FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles b ON m.roleid = b.oid\n   \
         WHERE m.member = r.oid),\n  \
         pg_catalog.shobj_description(r.oid, 'pg_authid')\n\
         FROM pg_catalog.pg_roles r\n\
         WHERE true{hidden}{conditions}\n\
         ORDER BY 1"
    );
    let names = ["Role name", "Attributes", "Member of", "Description"];
    listing(session, "List of roles", &names, &sql, &params)
}

fn databases(session: &mut PgSession, pattern: &Pattern) -> Result<Listing> {
    let (conditions, params) = pattern.conditions("NULL::pg_catalog.name", "d.datname", "");
    let sql = format!(
        "SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba),\n  \
         pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,\n  \
         pg_catalog.array_to_string(d.datacl, E'\\n'), t.spcname,\n  \
         pg_catalog.shobj_description(d.oid, 'pg_database')\n\
         FROM pg_catalog.pg_database d\n\
         LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace\n\
         WHERE true{conditions}\n\
         ORDER BY 1"
    );
    let names =
        ["Name", "Owner", "Encoding", "Collate", "Ctype", "Access privileges", "Tablespace", "Description"];
    listing(session, "List of databases", &names, &sql, &params)
}

/// Columns with a comment or size for none of the rows are left out.
fn listing(
    session: &mut PgSession,
    title: &str,
    names: &[&str],
    sql: &str,
    params: &[crate::model::rows::Param],
) -> Result<Listing> {
    let mut listing = Listing {
        title: title.to_owned(),
        headers: headers(names),
        rows: table(session, sql, params)?,
        notes: Vec::new(),
    };
    drop_empty(&mut listing, &["Description", "Est. size"]);
    Ok(listing)
}

/// Removes those of the columns `names` that hold nothing.
pub fn drop_empty(listing: &mut Listing, names: &[&str]) {
    let Listing { headers, rows, .. } = listing;
    for name in names {
        let found = headers.iter().position(|header| header == name);
        if let Some(index) = found.filter(|index| rows.iter().all(|row| row[*index].is_empty())) {
            headers.remove(index);
            rows.iter_mut().for_each(|row| drop(row.remove(index)));
        }
    }
}
