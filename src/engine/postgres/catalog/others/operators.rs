//! Operators, and the families and classes that make them fit for an access method (`pg_operator`,
//! `pg_opfamily`, `pg_opclass`, `pg_amop` and `pg_amproc` in the manual's chapter "System Catalogs").

use super::{Found, Reader, defined};
use crate::catalog::found::of_users;
use crate::error::Result;
use crate::model::catalog::Kind;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let users = of_users("n.nspname");
    // Without a function it is a shell that only another operator names.
    let sql = format!("{OPERATORS} WHERE o.oprcode <> 0 AND {users}");
    defined(reader, found, "pg_operator", Kind::Operator, &sql)?;
    let sql = format!("{FAMILIES} WHERE {users}");
    let sql = sql.replace("{members}", &members("pg_opfamily", "f.oid"));
    defined(reader, found, "pg_opfamily", Kind::OperatorFamily, &sql)?;
    let sql = format!("{CLASSES} WHERE {users}");
    let sql = sql.replace("{members}", &members("pg_opclass", "c.oid"));
    defined(reader, found, "pg_opclass", Kind::OperatorClass, &sql)
}

const OPERATORS: &str = "\
SELECT o.oid, n.nspname, o.oprname,
  CASE o.oprleft WHEN 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END
    || ', ' || pg_catalog.format_type(o.oprright, NULL),
  pg_catalog.format('CREATE OPERATOR %I.%s (%s)', n.nspname, o.oprname,
    pg_catalog.concat_ws(', ',
      'FUNCTION = ' || o.oprcode,
      'LEFTARG = ' || pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL),
      'RIGHTARG = ' || pg_catalog.format_type(NULLIF(o.oprright, 0), NULL),
      (SELECT pg_catalog.format('COMMUTATOR = OPERATOR(%I.%s)', cn.nspname, c.oprname)
        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
        WHERE c.oid = o.oprcom),
      (SELECT pg_catalog.format('NEGATOR = OPERATOR(%I.%s)', cn.nspname, c.oprname)
        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
        WHERE c.oid = o.oprnegate),
      'RESTRICT = ' || NULLIF(o.oprrest, 0)::pg_catalog.regproc::pg_catalog.text,
      'JOIN = ' || NULLIF(o.oprjoin, 0)::pg_catalog.regproc::pg_catalog.text,
      CASE WHEN o.oprcanhash THEN 'HASHES' END,
      CASE WHEN o.oprcanmerge THEN 'MERGES' END)),
  NULL
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace";

/// The operators and functions that came with a class or were added to a family, by which of the
/// two they depend on. They stay in the order in which they were made: pg_dump sorts them by number
/// only, and several may have the same.
fn members(class: &str, oid: &str) -> String {
    format!(
        "\
(SELECT pg_catalog.string_agg(m.text, ', ' ORDER BY m.part, m.oid)
  FROM (
    SELECT 1, a.oid, pg_catalog.format('OPERATOR %s %s%s', a.amopstrategy,
      a.amopopr::pg_catalog.regoperator,
      (SELECT pg_catalog.format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname)
        FROM pg_catalog.pg_opfamily s JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace
        WHERE s.oid = a.amopsortfamily))
    FROM pg_catalog.pg_amop a
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass AND d.objid = a.oid
    WHERE d.refclassid = 'pg_catalog.{class}'::pg_catalog.regclass AND d.refobjid = {oid}
    UNION ALL
    SELECT 2, p.oid, pg_catalog.format('FUNCTION %s (%s, %s) %s', p.amprocnum,
      pg_catalog.format_type(p.amproclefttype, NULL), pg_catalog.format_type(p.amprocrighttype, NULL),
      p.amproc::pg_catalog.regprocedure)
    FROM pg_catalog.pg_amproc p
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass AND d.objid = p.oid
    WHERE d.refclassid = 'pg_catalog.{class}'::pg_catalog.regclass AND d.refobjid = {oid}
  ) m (part, oid, text))"
    )
}

const FAMILIES: &str = "\
SELECT f.oid, n.nspname, f.opfname, a.amname,
  pg_catalog.format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, a.amname),
  CASE WHEN m.list IS NOT NULL THEN ARRAY[pg_catalog.format('ALTER OPERATOR FAMILY %I.%I USING %I ADD %s',
    n.nspname, f.opfname, a.amname, m.list)] END
FROM pg_catalog.pg_opfamily f
JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace,
  LATERAL (SELECT {members}) m (list)";

/// A class of nothing names its own type once more, since the list may not be empty.
const CLASSES: &str = "\
SELECT c.oid, n.nspname, c.opcname, a.amname,
  pg_catalog.format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS %s',
    n.nspname, c.opcname, CASE WHEN c.opcdefault THEN ' DEFAULT' END,
    pg_catalog.format_type(c.opcintype, NULL), a.amname, fn.nspname, f.opfname,
    COALESCE(pg_catalog.concat_ws(', ',
      'STORAGE ' || pg_catalog.format_type(COALESCE(NULLIF(c.opckeytype, 0),
        CASE WHEN m.list IS NULL THEN c.opcintype END), NULL), m.list))),
  NULL
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace,
  LATERAL (SELECT {members}) m (list)";
