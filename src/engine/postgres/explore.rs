//! The catalog for people: what psql's `\d` commands show. Names come from the user, so they are
//! bound or compared as patterns, never put into SQL.

mod describe;
mod lists;
mod notes;
mod pattern;

use super::session::PgSession;
use crate::engine::Explore;
use crate::error::Result;
use crate::model::listing::{Listed, Listing, Names};
use crate::model::rows::Param;
use pattern::Pattern;

impl Explore for PgSession {
    fn list(&mut self, what: Listed, pattern: Option<&str>) -> Result<Listing> {
        lists::list(self, what, &Pattern::parse(pattern))
    }

    fn describe(&mut self, pattern: &str) -> Result<Vec<Listing>> {
        describe::describe(self, &Pattern::parse(Some(pattern)))
    }

    /// Quoted where they need it, and with the schema only where the search path does not lead.
    fn names(&mut self) -> Result<Names> {
        let mut names = Names { schemas: column(self, SCHEMA_NAMES)?, ..Names::default() };
        for row in self.rows(RELATION_NAMES, &[])? {
            let mut row = row.into_iter().map(Option::unwrap_or_default);
            let (relation, column) = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
            match names.relations.last_mut().filter(|(last, _)| *last == relation) {
                Some((_, columns)) => columns.push(column),
                None => names.relations.push((relation, vec![column])),
            }
        }
        names.functions = column(self, FUNCTION_NAMES)?;
        Ok(names)
    }
}

/// The first cells of all rows.
fn column(session: &mut PgSession, sql: &str) -> Result<Vec<String>> {
    let rows = session.rows(sql, &[])?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

/// All rows, with nothing where there is NULL.
fn table(session: &mut PgSession, sql: &str, params: &[Param]) -> Result<Vec<Vec<String>>> {
    let rows = session.rows(sql, params)?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

fn headers(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

const SCHEMA_NAMES: &str = "\
SELECT pg_catalog.quote_ident(nspname)
FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_(toast|temp)'
ORDER BY 1";

/// A bound keeps a database of 100,000 tables from stopping the prompt.
const RELATION_NAMES: &str = "\
SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN pg_catalog.quote_ident(c.relname)
  ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) END,
  pg_catalog.quote_ident(a.attname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname = 'pg_catalog', 1, a.attnum
LIMIT 200000";

/// Without those that only stand behind operators, types and indexes.
const FUNCTION_NAMES: &str = "\
SELECT DISTINCT CASE WHEN pg_catalog.pg_function_is_visible(p.oid) THEN pg_catalog.quote_ident(p.proname)
  ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) END
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = p.oid AND d.classoid = p.tableoid AND n.nspname = 'pg_catalog'
WHERE COALESCE(d.description, '') !~ '^(implementation of .* operator|I/O.*|less-equal-greater|hash|.* selectivity.*)$'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp)'
  AND p.prorettype NOT IN ('pg_catalog.internal'::pg_catalog.regtype, 'pg_catalog.trigger'::pg_catalog.regtype)
  AND 'pg_catalog.internal'::pg_catalog.regtype <> ALL (p.proargtypes)
ORDER BY 1
LIMIT 20000";
