//! One moment of the database, and settings under which the server writes every name and value in
//! full.

use crate::error::Result;
use crate::model::server::TxState;
use crate::session::PgSession;

/// With an empty search path names come out qualified.
const SETTINGS: &[(&str, &str)] = &[
    ("search_path", ""),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "3"),
    ("TimeZone", "UTC"),
    ("quote_all_identifiers", "off"),
];

/// Runs `body` at one moment of the database. A transaction of the user's is used and stays open,
/// with its settings as they were; else one is opened and ended.
pub fn hold<T>(session: &mut PgSession, body: impl FnOnce(&mut PgSession) -> Result<T>) -> Result<T> {
    if session.conn.transaction == TxState::Idle {
        session.rows("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", &[])?;
        let outcome = set(session).and_then(|()| body(session));
        let ended = session.rows("ROLLBACK", &[]);
        let value = outcome?;
        ended?;
        return Ok(value);
    }
    let before = current(session)?;
    set(session)?;
    let value = body(session)?;
    apply(session, &before)?;
    Ok(value)
}

fn set(session: &mut PgSession) -> Result<()> {
    let wanted: Vec<String> = SETTINGS.iter().map(|(_, value)| (*value).to_owned()).collect();
    apply(session, &wanted)
}

/// The present values, in the order of [`SETTINGS`].
fn current(session: &mut PgSession) -> Result<Vec<String>> {
    let cells: Vec<String> =
        SETTINGS.iter().map(|(name, _)| format!("pg_catalog.current_setting('{name}')")).collect();
    let row = session.rows(&format!("SELECT {}", cells.join(", ")), &[])?.into_iter().next();
    Ok(row.unwrap_or_default().into_iter().map(Option::unwrap_or_default).collect())
}

/// Until the end of the transaction.
fn apply(session: &mut PgSession, values: &[String]) -> Result<()> {
    let calls: Vec<String> = SETTINGS
        .iter()
        .zip(values)
        .map(|((name, _), value)| {
            format!("pg_catalog.set_config('{name}', '{}', true)", value.replace('\'', "''"))
        })
        .collect();
    session.rows(&format!("SELECT {}", calls.join(", ")), &[]).map(|_| ())
}
