//! Whether anything changed between two backups: which transactions a snapshot sees.
//!
//! Two snapshots of one running server that see the same transactions see the same rows (chapter
//! "Concurrency Control"). The numbers are never used twice but by a server that lost its last
//! transactions in a crash, or whose files were put back; so it must not have been started again.
//! Counters of the statistics would tell tables apart, but come late, and can be turned off and reset.

use std::collections::BTreeSet;

use super::backup::cells;
use crate::engine::Session;
use crate::engine::backup::texts;
use crate::error::{Kind, Result};
use crate::model::catalog::Name;
use crate::model::snapshot::Witness;

/// What the snapshot of this transaction sees; None on a standby, whose snapshots do not say all, and
/// for who may not know.
pub fn witness(session: &mut dyn Session) -> Result<Option<Witness>> {
    // An error would end the transaction that holds the moment.
    session.execute("SAVEPOINT dbwright_witness", &[])?;
    match texts(session, WITNESS) {
        Ok(rows) => {
            session.execute("RELEASE SAVEPOINT dbwright_witness", &[])?;
            let Some(row) = rows.into_iter().next() else { return Ok(None) };
            let [identity, state] = cells(row)?;
            Ok(Some(Witness { identity, state }))
        }
        Err(error) if error.kind() == Kind::Lost => Err(error),
        Err(_) => {
            session.execute("ROLLBACK TO SAVEPOINT dbwright_witness", &[])?;
            Ok(None)
        }
    }
}

/// Tables whose rows are told by transactions alone: a crash empties those that are not logged, and
/// what the storage of an extension does is not known.
pub fn witnessed(session: &mut dyn Session) -> Result<BTreeSet<Name>> {
    let rows = texts(session, WITNESSED)?.into_iter();
    rows.map(|row| cells(row).map(|[schema, name]| Name::new(schema, name))).collect()
}

/// The statistics are reset by a crash, and their process is started anew.
const WITNESS: &str = "\
SELECT pg_catalog.format('%s/%s', s.system_identifier, d.oid), \
  pg_catalog.format('%s, started %s, %s, %s', pg_catalog.txid_current_snapshot(), \
    pg_catalog.pg_postmaster_start_time(), \
    (SELECT b.stats_reset FROM pg_catalog.pg_stat_bgwriter AS b), \
    (SELECT pg_catalog.max(a.backend_start) FROM pg_catalog.pg_stat_get_activity(NULL) AS a \
     WHERE a.backend_type = 'checkpointer')) \
FROM pg_catalog.pg_control_system() AS s, pg_catalog.pg_database AS d \
WHERE d.datname = pg_catalog.current_database() AND NOT pg_catalog.pg_is_in_recovery()";

const WITNESSED: &str = "\
SELECT n.nspname, c.relname \
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
LEFT JOIN pg_catalog.pg_am AS a ON a.oid = c.relam \
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND COALESCE(a.amname = 'heap', true) \
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d \
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')";
