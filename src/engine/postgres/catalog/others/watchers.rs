//! What watches over other objects: extended statistics and event triggers (`pg_statistic_ext` and
//! `pg_event_trigger` in the manual's chapter "System Catalogs").

use super::{Found, Reader, defined};
use crate::catalog::found::of_users;
use crate::error::Result;
use crate::model::catalog::Kind;

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let sql = format!("{STATISTICS} WHERE {}", of_users("n.nspname"));
    defined(reader, found, "pg_statistic_ext", Kind::Statistics, &sql)?;
    defined(reader, found, "pg_event_trigger", Kind::EventTrigger, EVENT_TRIGGERS)
}

/// A target of -1, or NULL from 17 on, is the default.
const STATISTICS: &str = "\
SELECT s.oid, n.nspname, s.stxname, NULL, pg_catalog.pg_get_statisticsobjdef(s.oid),
  CASE WHEN s.stxstattarget >= 0 THEN ARRAY[pg_catalog.format('ALTER STATISTICS %I.%I SET STATISTICS %s',
    n.nspname, s.stxname, s.stxstattarget)] END
FROM pg_catalog.pg_statistic_ext s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace";

const EVENT_TRIGGERS: &str = "\
SELECT e.oid, NULL, e.evtname, NULL,
  pg_catalog.format('CREATE EVENT TRIGGER %I ON %I%s EXECUTE FUNCTION %s()', e.evtname, e.evtevent,
    (SELECT ' WHEN TAG IN (' || pg_catalog.string_agg(pg_catalog.quote_literal(t.tag), ', ' ORDER BY t.tag) || ')'
      FROM pg_catalog.unnest(e.evttags) t (tag)),
    e.evtfoid::pg_catalog.regproc),
  CASE WHEN e.evtenabled <> 'O' THEN ARRAY[pg_catalog.format('ALTER EVENT TRIGGER %I %s', e.evtname,
    CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END)] END
FROM pg_catalog.pg_event_trigger e";
