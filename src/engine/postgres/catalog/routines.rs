//! Functions, procedures, window functions and aggregates.

use super::found::{Found, of_users};
use super::reader::Reader;
use super::rows::Row;
use crate::error::Result;
use crate::model::catalog::{Detail, Name, Object, Routine, RoutineKind, Unread};

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let kind = reader.since(
        110_000,
        "p.prokind",
        "CASE WHEN p.proisagg THEN 'a' WHEN p.proiswindow THEN 'w' ELSE 'f' END",
    );
    let body = reader.since(140_000, "p.prosqlbody IS NULL", "true");
    let sql =
        ROUTINES.replace("{kind}", kind).replace("{body}", body).replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let oid = row.oid();
        let name = Name::new(row.text(), row.text());
        let kind = match row.text().as_str() {
            "p" => RoutineKind::Procedure,
            "a" => RoutineKind::Aggregate,
            "w" => RoutineKind::Window,
            _ => RoutineKind::Function,
        };
        let signature = Some(row.text());
        let routine = Routine {
            kind,
            arguments: row.text(),
            returns: row.maybe(),
            language: row.text(),
            body: row.maybe(),
        };
        let definition = row.maybe().map(|text| text.trim_end().to_owned());
        if definition.is_none() && routine.kind != RoutineKind::Aggregate {
            let why = "it was dropped while it was read".to_owned();
            reader.unread.push(Unread { what: format!("routine {name}"), why });
            continue;
        }
        let object = Object { signature, definition, ..Object::new(name, Detail::Routine(routine)) };
        found.push(Found { class: "pg_proc", oid, object });
    }
    aggregates(reader, found)
}

/// Aggregates, which the server gives no statement for.
fn aggregates(reader: &mut Reader, found: &mut [Found]) -> Result<()> {
    let places = super::found::places(found);
    let sql = AGGREGATES.replace("{users}", &of_users("n.nspname"));
    for mut row in reader.rows(&sql)? {
        let oid = row.oid();
        let definition = aggregate(&mut row);
        if let Some(&at) = places.get(&("pg_proc", oid)) {
            found[at].object.definition = Some(definition);
        }
    }
    Ok(())
}

fn aggregate(row: &mut Row) -> String {
    let (name, arguments, kind) = (row.text(), row.text(), row.text());
    let names = [
        "SFUNC",
        "STYPE",
        "SSPACE",
        "FINALFUNC",
        "FINALFUNC_MODIFY",
        "COMBINEFUNC",
        "SERIALFUNC",
        "DESERIALFUNC",
        "INITCOND",
        "MSFUNC",
        "MINVFUNC",
        "MSTYPE",
        "MSSPACE",
        "MFINALFUNC",
        "MFINALFUNC_MODIFY",
        "MINITCOND",
        "SORTOP",
        "PARALLEL",
    ];
    let mut parts: Vec<String> =
        names.iter().filter_map(|name| Some(format!("    {name} = {}", row.maybe()?))).collect();
    for word in ["FINALFUNC_EXTRA", "MFINALFUNC_EXTRA"] {
        if row.flag() {
            parts.push(format!("    {word}"));
        }
    }
    if kind == "h" {
        parts.push("    HYPOTHETICAL".to_owned());
    }
    let arguments = if arguments.is_empty() { "*" } else { &arguments };
    format!("CREATE AGGREGATE {name}({arguments}) (\n{}\n)", parts.join(",\n"))
}

/// What tells routines of one name apart is the types that a call gives; an aggregate that sorts
/// its input says so.
const ROUTINES: &str = "\
SELECT p.oid, n.nspname, p.proname, {kind},
  CASE WHEN {kind} = 'a' AND g.aggkind <> 'n' THEN pg_catalog.pg_get_function_identity_arguments(p.oid)
    WHEN {kind} = 'a' AND p.pronargs = 0 THEN '*'
    ELSE pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.format_type(a.t, NULL)
      FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY a(t, o) ORDER BY a.o), ', ') END,
  pg_catalog.pg_get_function_arguments(p.oid),
  CASE WHEN {kind} <> 'p' THEN pg_catalog.pg_get_function_result(p.oid) END, l.lanname,
  CASE WHEN {kind} <> 'a' AND l.lanname NOT IN ('c', 'internal') AND {body} THEN p.prosrc END,
  CASE WHEN {kind} <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_aggregate g ON g.aggfnoid = p.oid
WHERE {users} AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'i')";

/// In the order of the names above; NULL for what is as it would be anyway.
const AGGREGATES: &str = "\
SELECT p.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname),
  pg_catalog.pg_get_function_arguments(p.oid), g.aggkind,
  g.aggtransfn::pg_catalog.regproc, pg_catalog.format_type(g.aggtranstype, NULL), NULLIF(g.aggtransspace, 0),
  NULLIF(g.aggfinalfn, 0)::pg_catalog.regproc,
  CASE WHEN g.aggfinalfn <> 0 THEN CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
    ELSE 'READ_WRITE' END END,
  NULLIF(g.aggcombinefn, 0)::pg_catalog.regproc, NULLIF(g.aggserialfn, 0)::pg_catalog.regproc,
  NULLIF(g.aggdeserialfn, 0)::pg_catalog.regproc, pg_catalog.quote_literal(g.agginitval),
  NULLIF(g.aggmtransfn, 0)::pg_catalog.regproc, NULLIF(g.aggminvtransfn, 0)::pg_catalog.regproc,
  CASE WHEN g.aggmtranstype <> 0 THEN pg_catalog.format_type(g.aggmtranstype, NULL) END,
  NULLIF(g.aggmtransspace, 0), NULLIF(g.aggmfinalfn, 0)::pg_catalog.regproc,
  CASE WHEN g.aggmfinalfn <> 0 THEN CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
    ELSE 'READ_WRITE' END END,
  pg_catalog.quote_literal(g.aggminitval),
  CASE WHEN g.aggsortop <> 0 THEN (SELECT 'OPERATOR(' || pg_catalog.quote_ident(sn.nspname) || '.' || s.oprname
    || ')' FROM pg_catalog.pg_operator s JOIN pg_catalog.pg_namespace sn ON sn.oid = s.oprnamespace
    WHERE s.oid = g.aggsortop) END,
  CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
  g.aggfinalextra, g.aggmfinalextra
FROM pg_catalog.pg_aggregate g
JOIN pg_catalog.pg_proc p ON p.oid = g.aggfnoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {users}";
