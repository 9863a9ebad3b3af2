//! Publications and subscriptions (`pg_publication`, `pg_publication_rel`,
//! `pg_publication_namespace` and `pg_subscription` in the manual's chapter "System Catalogs").

use super::{Found, Reader, defined, of_row};
use crate::error::Result;
use crate::model::catalog::{Kind, Unread};
use crate::model::mask::mask;
use crate::sql::{POSTGRES, quote_literal};

pub fn read(reader: &mut Reader, found: &mut Vec<Found>) -> Result<()> {
    let sql = publications(reader);
    defined(reader, found, "pg_publication", Kind::Publication, &sql)?;
    let may_read = reader.rows(MAY_READ_CONNECTIONS)?.into_iter().next().is_some_and(|mut row| row.flag());
    if !may_read {
        for mut row in reader.rows(NAMES)? {
            reader.unread.push(Unread {
                what: format!("subscription {}", row.text()),
                why: "connection strings are shown to superusers only".to_owned(),
            });
        }
        return Ok(());
    }
    let sql = subscriptions(reader);
    for mut row in reader.rows(&sql)? {
        let mut each = of_row(&mut row, "pg_subscription", Kind::Subscription);
        // The cells about the connection follow those that all kinds have.
        let (connection, rest) = (row.text(), row.text());
        let start = each.object.definition.take().unwrap_or_default();
        let whole = |connection: &str| {
            let literal = quote_literal(&POSTGRES, connection).unwrap_or_default();
            format!("{start} CONNECTION {literal} {rest}")
        };
        let shown = mask(&connection);
        each.object.secret_definition = (shown != connection).then(|| whole(&connection));
        each.object.definition = Some(whole(&shown));
        found.push(each);
    }
    Ok(())
}

/// ONLY, since the descendants that are published too have rows of their own.
fn publications(reader: &Reader) -> String {
    let generated = reader.since(
        180_000,
        "CASE WHEN p.pubgencols = 's' THEN ', publish_generated_columns = stored' END",
        "NULL",
    );
    format!(
        "\
SELECT p.oid, NULL, p.pubname, NULL,
  pg_catalog.format('CREATE PUBLICATION %I%s WITH (publish = %L%s%s)', p.pubname,
    ' FOR ' || CASE WHEN p.puballtables THEN 'ALL TABLES' ELSE NULLIF(pg_catalog.concat_ws(', ',
      (SELECT pg_catalog.string_agg(pg_catalog.format('TABLE ONLY %I.%I%s%s', n.nspname, c.relname,
          (SELECT ' (' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.place) || ')'
            FROM pg_catalog.unnest(r.prattrs::pg_catalog.int2[]) WITH ORDINALITY k (number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = k.number),
          ' WHERE (' || pg_catalog.pg_get_expr(r.prqual, r.prrelid) || ')'), ', '
          ORDER BY n.nspname, c.relname)
        FROM pg_catalog.pg_publication_rel r
        JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE r.prpubid = p.oid),
      (SELECT pg_catalog.string_agg(pg_catalog.format('TABLES IN SCHEMA %I', n.nspname), ', '
          ORDER BY n.nspname)
        FROM pg_catalog.pg_publication_namespace s
        JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid
        WHERE s.pnpubid = p.oid)), '') END,
    pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
      CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
      CASE WHEN p.pubtruncate THEN 'truncate' END),
    CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' END,
    {generated}),
  NULL
FROM pg_catalog.pg_publication p"
    )
}

/// It is made without reaching for its publisher, as after a restore nobody can tell whether that
/// one is there, or still is to be followed.
fn subscriptions(reader: &Reader) -> String {
    let streaming = reader.since(
        160_000,
        "'streaming = ' || CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off' END",
        "CASE WHEN s.substream THEN 'streaming = on' END",
    );
    let since_16 = reader.since(
        160_000,
        "CASE WHEN NOT s.subpasswordrequired THEN 'password_required = false' END,
      CASE WHEN s.subrunasowner THEN 'run_as_owner = true' END,
      CASE WHEN s.suborigin <> 'any' THEN 'origin = ' || pg_catalog.quote_literal(s.suborigin) END",
        "NULL",
    );
    let failover = reader.since(170_000, "CASE WHEN s.subfailover THEN 'failover = true' END", "NULL");
    format!(
        "\
SELECT s.oid, NULL, s.subname, NULL, pg_catalog.format('CREATE SUBSCRIPTION %I', s.subname), NULL, NULL,
  s.subconninfo,
  pg_catalog.format('PUBLICATION %s WITH (%s)',
    (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.name), ', ' ORDER BY x.place)
      FROM pg_catalog.unnest(s.subpublications) WITH ORDINALITY x (name, place)),
    pg_catalog.concat_ws(', ', 'connect = false',
      'slot_name = ' || COALESCE(pg_catalog.quote_literal(s.subslotname), 'NONE'),
      CASE WHEN s.subbinary THEN 'binary = true' END,
      {streaming},
      CASE WHEN s.subtwophasestate <> 'd' THEN 'two_phase = on' END,
      CASE WHEN s.subdisableonerr THEN 'disable_on_error = true' END,
      CASE WHEN s.subsynccommit <> 'off'
        THEN 'synchronous_commit = ' || pg_catalog.quote_literal(s.subsynccommit) END,
      {since_16},
      {failover}))
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())"
    )
}

const MAY_READ_CONNECTIONS: &str =
    "SELECT pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')";

const NAMES: &str = "\
SELECT s.subname
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY 1";
