//! Collations and conversions (`pg_collation` and `pg_conversion` in the manual's chapter "System
//! Catalogs").

use super::{Found, Reader, defined};
use crate::catalog::found::of_users;
use crate::error::Result;
use crate::model::catalog::Kind;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let sql = format!("{} WHERE {}", collations(reader), of_users("n.nspname"));
    defined(reader, found, "pg_collation", Kind::Collation, &sql)?;
    let sql = format!("{CONVERSIONS} WHERE {}", of_users("n.nspname"));
    defined(reader, found, "pg_conversion", Kind::Conversion, &sql)
}

/// The recorded version is that of the operating system's or ICU's library, so it is told, but is
/// no part of the definition.
fn collations(reader: &Reader) -> String {
    let locale = reader.since(170_000, "c.colllocale", "c.colliculocale");
    let rules = reader.since(160_000, "c.collicurules", "NULL");
    format!(
        "\
SELECT c.oid, n.nspname, c.collname, NULL,
  pg_catalog.format('CREATE COLLATION %I.%I (%s)', n.nspname, c.collname,
    pg_catalog.concat_ws(', ',
      CASE c.collprovider
        WHEN 'c' THEN 'provider = libc'
        WHEN 'i' THEN 'provider = icu'
        WHEN 'b' THEN 'provider = builtin'
        ELSE 'provider = default'
      END,
      CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END,
      CASE
        WHEN {locale} IS NOT NULL THEN 'locale = ' || pg_catalog.quote_literal({locale})
        WHEN c.collcollate = c.collctype THEN 'locale = ' || pg_catalog.quote_literal(c.collcollate)
        ELSE 'lc_collate = ' || pg_catalog.quote_literal(c.collcollate)
          || ', lc_ctype = ' || pg_catalog.quote_literal(c.collctype)
      END,
      'rules = ' || pg_catalog.quote_literal({rules}))),
  NULL,
  CASE WHEN c.collversion IS NOT NULL THEN ARRAY['version=' || c.collversion] END
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace"
    )
}

const CONVERSIONS: &str = "\
SELECT c.oid, n.nspname, c.conname, NULL,
  pg_catalog.format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s',
    CASE WHEN c.condefault THEN 'DEFAULT ' END, n.nspname, c.conname,
    pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding),
    c.conproc),
  NULL
FROM pg_catalog.pg_conversion c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace";
