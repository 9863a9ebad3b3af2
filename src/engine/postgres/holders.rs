//! Who has what others wait for.

use super::session::CLAIMS;
use super::startup;
use crate::error::Result;
use crate::model::rows::Param;
use crate::model::server::{Holder, Waiting};
use crate::model::target::Target;
use crate::sql::{POSTGRES, without_values};

/// Asks in a session of its own, which may look at other sessions of the same user only, or at all.
pub fn holders(target: &Target, waiting: Waiting<'_>) -> Result<Vec<Holder>> {
    let mut session = startup::open(target)?;
    let rows = match waiting {
        Waiting::File => return Ok(Vec::new()),
        Waiting::Claim(what) => {
            let pids = OF_CLAIM.replace("{claims}", &CLAIMS.to_string());
            session.rows(&SESSIONS.replace("{pids}", &pids), &[Param::Text(what.to_owned())])?
        }
        Waiting::Session(number) => {
            let pids = OF_SESSION.replace("{number}", &number.to_string());
            session.rows(&SESSIONS.replace("{pids}", &pids), &[])?
        }
    };
    Ok(rows.into_iter().map(holder).collect())
}

fn holder(row: Vec<Option<String>>) -> Holder {
    // A transaction that was prepared has no process.
    if row.first().and_then(Option::as_deref) == Some("0") {
        let id = "a prepared transaction (see pg_prepared_xacts)".to_owned();
        return Holder { id, ..Holder::default() };
    }
    Holder::read("pid", row, |query| without_values(query, &POSTGRES))
}

/// A user without rights is shown a text in the place of the statement.
const SESSIONS: &str = "\
SELECT h.pid, a.usename, \
  pg_catalog.concat_ws(', ', NULLIF(a.application_name, ''), pg_catalog.host(a.client_addr)), \
  COALESCE(a.state, a.backend_type), \
  EXTRACT(epoch FROM pg_catalog.clock_timestamp() - COALESCE(a.xact_start, a.state_change)), \
  CASE WHEN a.query LIKE '<insufficient%' THEN '' ELSE pg_catalog.left(a.query, 1000) END \
FROM ({pids}) AS h (pid) LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid \
ORDER BY a.xact_start, h.pid LIMIT 5";

/// Parallel workers hold for their leader, and so are named more than once.
const OF_SESSION: &str = "SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids({number}))";

const OF_CLAIM: &str = "\
SELECT l.pid FROM pg_catalog.pg_locks AS l \
JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database() \
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {claims} AND l.objsubid = 2 \
AND l.objid::bigint = pg_catalog.hashtext($1)::bigint & 4294967295";
