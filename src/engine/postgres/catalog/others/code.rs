//! What ties code to the server: languages, access methods, casts and transforms (`pg_language`,
//! `pg_am`, `pg_cast` and `pg_transform` in the manual's chapter "System Catalogs"). None of them
//! lives in a schema; those that the server brings have low numbers.

use super::{Found, Reader, defined};
use crate::error::Result;
use crate::model::catalog::Kind;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    defined(reader, found, "pg_language", Kind::Language, LANGUAGES)?;
    defined(reader, found, "pg_am", Kind::AccessMethod, ACCESS_METHODS)?;
    defined(reader, found, "pg_cast", Kind::Cast, CASTS)?;
    defined(reader, found, "pg_transform", Kind::Transform, TRANSFORMS)
}

const LANGUAGES: &str = "\
SELECT l.oid, NULL, l.lanname, NULL,
  pg_catalog.format('CREATE %sPROCEDURAL LANGUAGE %I HANDLER %s%s%s',
    CASE WHEN l.lanpltrusted THEN 'TRUSTED ' END, l.lanname, l.lanplcallfoid::pg_catalog.regproc,
    ' INLINE ' || NULLIF(l.laninline, 0)::pg_catalog.regproc::pg_catalog.text,
    ' VALIDATOR ' || NULLIF(l.lanvalidator, 0)::pg_catalog.regproc::pg_catalog.text),
  NULL
FROM pg_catalog.pg_language l
WHERE l.lanispl AND l.oid >= 16384";

const ACCESS_METHODS: &str = "\
SELECT a.oid, NULL, a.amname, NULL,
  pg_catalog.format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', a.amname,
    CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, a.amhandler::pg_catalog.regproc),
  NULL
FROM pg_catalog.pg_am a
WHERE a.oid >= 16384";

/// Without those from a range to its multirange, which come with the range.
const CASTS: &str = "\
SELECT c.oid, NULL, t.name, NULL,
  pg_catalog.format('CREATE CAST (%s) %s%s', t.name,
    CASE c.castmethod
      WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::pg_catalog.regprocedure::pg_catalog.text
      WHEN 'i' THEN 'WITH INOUT'
      ELSE 'WITHOUT FUNCTION'
    END,
    CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END),
  NULL
FROM pg_catalog.pg_cast c,
  LATERAL (SELECT pg_catalog.format_type(c.castsource, NULL) || ' AS '
    || pg_catalog.format_type(c.casttarget, NULL)) t (name)
WHERE c.oid >= 16384 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i')";

const TRANSFORMS: &str = "\
SELECT t.oid, NULL, pg_catalog.format_type(t.trftype, NULL), l.lanname,
  pg_catalog.format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)',
    pg_catalog.format_type(t.trftype, NULL), l.lanname,
    pg_catalog.concat_ws(', ',
      'FROM SQL WITH FUNCTION ' || NULLIF(t.trffromsql, 0)::pg_catalog.regprocedure::pg_catalog.text,
      'TO SQL WITH FUNCTION ' || NULLIF(t.trftosql, 0)::pg_catalog.regprocedure::pg_catalog.text)),
  NULL
FROM pg_catalog.pg_transform t
JOIN pg_catalog.pg_language l ON l.oid = t.trflang
WHERE t.oid >= 16384";
