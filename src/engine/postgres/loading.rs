//! Rows on their way back into PostgreSQL.

use std::collections::BTreeSet;
use std::io::BufRead;

use super::backup::cells;
use crate::engine::Session;
use crate::engine::backup::{BeforeCommit, JournalTable, texts};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Name;

/// What a session that loads works under. Its commits need not reach the disk one by one: the last
/// one of the restore does, and with it all before.
pub const SETTINGS: [&str; 4] = [
    "SET synchronous_commit = off",
    "SET check_function_bodies = false",
    "SET statement_timeout = 0",
    "SELECT pg_catalog.set_config('maintenance_work_mem', \
     GREATEST(pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')), 268435456)::text || 'B', false)",
];

/// A schema of its own: rights on `public`, and whose it is, are what a restore changes.
pub const JOURNAL_TABLE: JournalTable = JournalTable {
    name: "dbwright_restore.journal",
    is_there: "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'dbwright_restore' AND tablename = 'journal'",
    make: &[
        "CREATE SCHEMA IF NOT EXISTS dbwright_restore",
        "CREATE TABLE IF NOT EXISTS dbwright_restore.journal \
         (step bigint PRIMARY KEY, state bigint NOT NULL, note text)",
    ],
    end: &["SET synchronous_commit = on", "DROP SCHEMA IF EXISTS dbwright_restore CASCADE"],
};

/// One COPY, one transaction.
pub fn load(
    session: &mut dyn Session,
    load: &str,
    input: &mut dyn BufRead,
    before_commit: BeforeCommit<'_>,
) -> Result<()> {
    let bulk = session.bulk().ok_or_else(|| Error::new(Kind::Unsupported, "the session has no COPY"))?;
    let loaded = bulk
        .copy_in(&format!("BEGIN; {load}"), input)
        .and_then(|done| before_commit(session, done.affected.unwrap_or_default()))
        .and_then(|()| session.execute("COMMIT", &[]).map(drop));
    if loaded.is_err() && session.is_alive() {
        // The first error is what matters.
        let _ = session.execute("ROLLBACK", &[]);
    }
    loaded
}

/// A server that starts after a crash empties them.
pub fn unlogged(session: &mut dyn Session) -> Result<BTreeSet<Name>> {
    let rows = texts(session, UNLOGGED)?.into_iter();
    rows.map(|row| cells(row).map(|[schema, name]| Name::new(schema, name))).collect()
}

const UNLOGGED: &str = "\
SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c \
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
WHERE c.relkind = 'r' AND c.relpersistence = 'u'";
