//! Text search (`pg_ts_parser`, `pg_ts_template`, `pg_ts_dict`, `pg_ts_config` and
//! `pg_ts_config_map` in the manual's chapter "System Catalogs").

use super::{Found, Reader, defined};
use crate::catalog::found::of_users;
use crate::error::Result;
use crate::model::catalog::Kind;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    for (class, kind, sql) in [
        ("pg_ts_parser", Kind::TextSearchParser, PARSERS),
        ("pg_ts_template", Kind::TextSearchTemplate, TEMPLATES),
        ("pg_ts_dict", Kind::TextSearchDictionary, DICTIONARIES),
        ("pg_ts_config", Kind::TextSearchConfiguration, CONFIGURATIONS),
    ] {
        defined(reader, found, class, kind, &format!("{sql} WHERE {}", of_users("n.nspname")))?;
    }
    Ok(())
}

const PARSERS: &str = "\
SELECT p.oid, n.nspname, p.prsname, NULL,
  pg_catalog.format('CREATE TEXT SEARCH PARSER %I.%I (START = %s, GETTOKEN = %s, END = %s, %sLEXTYPES = %s)',
    n.nspname, p.prsname, p.prsstart, p.prstoken, p.prsend,
    'HEADLINE = ' || NULLIF(p.prsheadline, 0)::pg_catalog.regproc::pg_catalog.text || ', ', p.prslextype),
  NULL
FROM pg_catalog.pg_ts_parser p
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace";

const TEMPLATES: &str = "\
SELECT t.oid, n.nspname, t.tmplname, NULL,
  pg_catalog.format('CREATE TEXT SEARCH TEMPLATE %I.%I (%sLEXIZE = %s)', n.nspname, t.tmplname,
    'INIT = ' || NULLIF(t.tmplinit, 0)::pg_catalog.regproc::pg_catalog.text || ', ', t.tmpllexize),
  NULL
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace";

/// The server keeps the options as SQL text.
const DICTIONARIES: &str = "\
SELECT d.oid, n.nspname, d.dictname, NULL,
  pg_catalog.format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s)', n.nspname, d.dictname,
    tn.nspname, t.tmplname, ', ' || d.dictinitoption),
  NULL
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace";

/// What kinds of tokens there are is known to the parser only; it is asked once.
const CONFIGURATIONS: &str = "\
WITH tokens AS (
  SELECT p.oid, t.tokid, t.alias
  FROM pg_catalog.pg_ts_parser p, LATERAL pg_catalog.ts_token_type(p.oid) t
  WHERE p.oid IN (SELECT c.cfgparser FROM pg_catalog.pg_ts_config c WHERE c.oid >= 16384)
)
SELECT c.oid, n.nspname, c.cfgname, NULL,
  pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', n.nspname, c.cfgname,
    pn.nspname, p.prsname),
  ARRAY(
    SELECT pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s',
      n.nspname, c.cfgname, t.alias,
      pg_catalog.string_agg(pg_catalog.format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY m.mapseqno))
    FROM pg_catalog.pg_ts_config_map m
    JOIN tokens t ON t.oid = c.cfgparser AND t.tokid = m.maptokentype
    JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict
    JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
    WHERE m.mapcfg = c.oid
    GROUP BY t.tokid, t.alias
    ORDER BY t.tokid)
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace";
