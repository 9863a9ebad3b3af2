//! Whether anything changed between two backups: the number that InnoDB gives to its next transaction.
//!
//! Every transaction that writes gets a number first, and none twice while the server runs. So when
//! all that had one were done before a snapshot, and none was given until it was taken, the snapshot
//! shows the work of exactly those numbers. The time at which a table was changed would tell tables
//! apart, but is lost with the server's cache of tables, and counts in seconds.

use std::collections::BTreeSet;
use std::time::Duration;

use super::one;
use crate::engine::Session;
use crate::engine::backup::texts;
use crate::error::{Kind, Result};
use crate::model::catalog::Name;
use crate::model::snapshot::Witness;
use crate::model::target::EngineKind;

/// The list of transactions is as old as this, when somebody else looks at it all the time ("The
/// INFORMATION_SCHEMA INNODB_TRX Table").
const AGE_OF_LIST: Duration = Duration::from_millis(110);

/// How much two looks at the time since when a server runs may differ, in seconds.
const CLOCK: u64 = 2;

/// The number of the next transaction when all before it are done; None when one is under way, and
/// for who may not know.
pub fn finished(session: &mut dyn Session) -> Result<Option<u64>> {
    let Some(next) = allowed(next(session))?.flatten() else { return Ok(None) };
    std::thread::sleep(AGE_OF_LIST);
    let running = allowed(one(session, RUNNING))?.flatten();
    Ok(running.filter(|count| count == "0").map(|_| next))
}

/// What the snapshot shows that was taken since `before` was asked for.
pub fn witness(session: &mut dyn Session, before: u64) -> Result<Option<Witness>> {
    if allowed(next(session))?.flatten() != Some(before) {
        return Ok(None);
    }
    let variable = match session.server().engine {
        EngineKind::Mariadb => "@@GLOBAL.server_uid",
        _ => "@@GLOBAL.server_uuid",
    };
    let identity = allowed(one(session, &format!("SELECT CONCAT({variable}, '/', DATABASE())")))?.flatten();
    let Some(up) =
        texts(session, UPTIME)?.into_iter().next().and_then(|row| row.into_iter().nth(1).flatten())
    else {
        return Ok(None);
    };
    let now = one(session, "SELECT UNIX_TIMESTAMP()")?;
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
    let (Some(identity), Some(now), Some(up)) = (identity, number(now), number(Some(up))) else {
        return Ok(None);
    };
    // One that was started a moment ago could not be told from one that is started in a moment.
    if up <= CLOCK * 3 {
        return Ok(None);
    }
    Ok(Some(Witness { identity, state: format!("{before} since {}", now.saturating_sub(up)) }))
}

/// The same numbers of one run of one server.
pub fn is_unchanged(then: &Witness, now: &Witness) -> bool {
    let parts = |witness: &Witness| -> Option<(u64, u64)> {
        let (next, since) = witness.state.split_once(" since ")?;
        Some((next.parse().ok()?, since.parse().ok()?))
    };
    match (parts(then), parts(now)) {
        (Some((next_then, since_then)), Some((next_now, since_now))) => {
            then.identity == now.identity && next_then == next_now && since_then.abs_diff(since_now) <= CLOCK
        }
        _ => false,
    }
}

/// InnoDB's own; what other engines do is not counted.
pub fn witnessed(session: &mut dyn Session) -> Result<BTreeSet<Name>> {
    let rows = texts(session, WITNESSED)?.into_iter();
    Ok(rows.filter_map(|row| Some(Name::new("", row.into_iter().next()??))).collect())
}

fn next(session: &mut dyn Session) -> Result<Option<u64>> {
    let status = texts(session, "SHOW ENGINE INNODB STATUS")?.into_iter().flatten().flatten();
    Ok(status.filter_map(|text| counter(&text)).next())
}

fn counter(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("Trx id counter "))?;
    line.trim().parse().ok()
}

/// What this user may not ask for is not known.
fn allowed<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), Kind::Lost | Kind::Cancelled | Kind::Interrupted) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Those that only read have no number, or one beyond 2^48.
const RUNNING: &str = "\
SELECT COUNT(*) FROM information_schema.innodb_trx \
WHERE CAST(trx_id AS UNSIGNED) BETWEEN 1 AND 281474976710655";

const UPTIME: &str = "SHOW GLOBAL STATUS LIKE 'Uptime'";

const WITNESSED: &str = "\
SELECT table_name FROM information_schema.tables \
WHERE table_schema = DATABASE() AND engine = 'InnoDB' AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_of_one_server_is_compared() {
        let witness =
            |identity: &str, state: &str| Witness { identity: identity.into(), state: state.into() };
        let then = witness("a/shop", "100 since 5000");
        assert!(is_unchanged(&then, &witness("a/shop", "100 since 5001")));
        for (identity, state) in [
            ("a/shop", "101 since 5000"),
            ("a/shop", "100 since 5003"),
            ("b/shop", "100 since 5000"),
            ("a/shop", "100"),
        ] {
            assert!(!is_unchanged(&then, &witness(identity, state)), "{identity} {state}");
        }
        assert_eq!(counter("-----\nTRANSACTIONS\n-----\nTrx id counter 158038\nPurge"), Some(158_038));
    }
}
