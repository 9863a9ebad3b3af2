//! What `connect --check` tells of a server: its clock, its role, and what this user may do there.

use std::time::{SystemTime, UNIX_EPOCH};

use super::session::PgSession;
use crate::error::Result;
use crate::model::server::{Facts, Permission};

pub fn facts(session: &mut PgSession) -> Result<Facts> {
    let clock_skew = clock_skew(session)?;
    let (read_only, role) = state(session)?;
    Ok(Facts { clock_skew, read_only, role, permissions: permissions(session)? })
}

/// The server read its clock half a round trip ago, as far as one can know.
fn clock_skew(session: &mut PgSession) -> Result<Option<f64>> {
    // What the first statement of its kind costs the server would count as skew.
    session.scalar(CLOCK, &[])?;
    let before = seconds(SystemTime::now());
    let theirs = session.scalar(CLOCK, &[])?.and_then(|text| text.parse::<f64>().ok());
    let after = seconds(SystemTime::now());
    Ok(theirs.map(|theirs| theirs - f64::midpoint(before, after)))
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

const CLOCK: &str = "SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())";

/// Why writes are refused, and whether it is a primary.
fn state(session: &mut PgSession) -> Result<(Option<String>, Option<String>)> {
    let row = session.rows(STATE, &[])?.into_iter().next().unwrap_or_default();
    let is = |index: usize| row.get(index).and_then(Option::as_deref) == Some("t");
    if is(0) {
        let upstream =
            if session.info.version_num >= 110_000 { session.scalar(UPSTREAM, &[])? } else { None };
        let role = upstream.map_or("replica".to_owned(), |upstream| format!("replica of {upstream}"));
        return Ok((Some("standby".to_owned()), Some(role)));
    }
    let read_only = is(1).then(|| "default_transaction_read_only".to_owned());
    Ok((read_only, Some("primary".to_owned())))
}

const STATE: &str = "\
SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only') = 'on'";

/// NULL for users that may not know.
const UPSTREAM: &str = "\
SELECT sender_host || ':' || sender_port FROM pg_catalog.pg_stat_wal_receiver WHERE sender_host IS NOT NULL";

/// A right that a subcommand needs: SQL that tells whether it is there, and SQL that grants it,
/// with `{user}` and `{database}` to be filled in.
struct Right {
    needed_by: &'static str,
    name: &'static str,
    test: &'static str,
    grant: &'static str,
}

const MONITOR: Right = Right {
    needed_by: "monitor",
    name: "pg_monitor",
    test: "pg_catalog.pg_has_role('pg_monitor', 'USAGE')",
    grant: "GRANT pg_monitor TO {user}",
};
const BACKUP: Right = Right {
    needed_by: "backup",
    name: "pg_read_all_data",
    test: "pg_catalog.pg_has_role('pg_read_all_data', 'USAGE')",
    grant: "GRANT pg_read_all_data TO {user}",
};
/// Before 14 there is no role that may read everything.
const BACKUP_BEFORE_14: Right = Right {
    needed_by: "backup",
    name: "superuser",
    test: "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)",
    grant: "ALTER ROLE {user} SUPERUSER",
};
const REPLICATION: Right = Right {
    needed_by: "replicate",
    name: "REPLICATION",
    test: "(SELECT rolsuper OR rolreplication FROM pg_catalog.pg_roles WHERE rolname = current_user)",
    grant: "ALTER ROLE {user} REPLICATION",
};
const WAL_LEVEL: Right = Right {
    needed_by: "replicate",
    name: "wal_level = logical",
    test: "pg_catalog.current_setting('wal_level') = 'logical'",
    grant: "ALTER SYSTEM SET wal_level = 'logical' /* and restart the server */",
};
const CREATE_IN_DATABASE: Right = Right {
    needed_by: "migrate",
    name: "CREATE on the database",
    test: "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
    grant: "GRANT CREATE ON DATABASE {database} TO {user}",
};
const CREATE_IN_PUBLIC: Right = Right {
    needed_by: "migrate",
    name: "CREATE on schema public",
    test: "COALESCE((SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') \
           FROM pg_catalog.pg_namespace WHERE nspname = 'public'), false)",
    grant: "GRANT CREATE ON SCHEMA public TO {user}",
};
const SETTINGS: Right = Right {
    needed_by: "audit",
    name: "pg_read_all_settings",
    test: "pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')",
    grant: "GRANT pg_read_all_settings TO {user}",
};
const PASSWORDS: Right = Right {
    needed_by: "audit",
    name: "SELECT on pg_authid",
    test: "pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')",
    grant: "GRANT SELECT ON pg_catalog.pg_authid TO {user}",
};
const STATEMENTS: Right = Right {
    needed_by: "optimize",
    name: "pg_stat_statements",
    test: "EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements')",
    grant: "CREATE EXTENSION pg_stat_statements \
            /* with shared_preload_libraries = 'pg_stat_statements' and a restart */",
};
const STATISTICS: Right = Right {
    needed_by: "optimize",
    name: "pg_read_all_stats",
    test: "pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')",
    grant: "GRANT pg_read_all_stats TO {user}",
};

fn permissions(session: &mut PgSession) -> Result<Vec<Permission>> {
    let backup = if session.info.version_num >= 140_000 { BACKUP } else { BACKUP_BEFORE_14 };
    let rights = [
        MONITOR,
        backup,
        REPLICATION,
        WAL_LEVEL,
        CREATE_IN_DATABASE,
        CREATE_IN_PUBLIC,
        SETTINGS,
        PASSWORDS,
        STATEMENTS,
        STATISTICS,
    ];
    let tests = rights.iter().map(|right| right.test).collect::<Vec<_>>().join(",\n  ");
    let sql = format!(
        "SELECT pg_catalog.quote_ident(current_user),\n  \
         pg_catalog.quote_ident(pg_catalog.current_database()),\n  {tests}"
    );
    let mut row = session.rows(&sql, &[])?.into_iter().next().unwrap_or_default().into_iter().flatten();
    let user = row.next().unwrap_or_default();
    let database = row.next().unwrap_or_default();
    // No test gives NULL, so the answers stand in the order of the questions.
    Ok(rights
        .iter()
        .zip(row)
        .map(|(right, answer)| Permission {
            needed_by: right.needed_by,
            name: right.name.to_owned(),
            granted: answer == "t",
            grant: Some(right.grant.replace("{user}", &user).replace("{database}", &database)),
        })
        .collect())
}
