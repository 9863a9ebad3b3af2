//! Who has what others wait for. MySQL keeps it in performance_schema; MariaDB tells of rows, and of
//! tables only with the plugin metadata_lock_info: without it whoever has a transaction or a statement
//! under way may be the one.

use super::session::{CLAIM_NAME, MysqlSession};
use crate::error::Result;
use crate::model::rows::Param;
use crate::model::server::{Holder, Waiting};
use crate::model::target::{EngineKind, Target};
use crate::sql::{MYSQL, without_values};

/// Asks in a session of its own, which may look at other sessions of the same user only, or at all.
pub fn holders(target: &Target, waiting: Waiting<'_>) -> Result<Vec<Holder>> {
    let mut session = MysqlSession::open(target)?;
    match waiting {
        Waiting::File => Ok(Vec::new()),
        Waiting::Claim(what) => {
            let ids = numbers(&mut session, &format!("SELECT IS_USED_LOCK({CLAIM_NAME})"), what)?;
            described(&mut session, &ids, false)
        }
        Waiting::Session(number) => of_session(&mut session, number),
    }
}

fn of_session(session: &mut MysqlSession, number: u64) -> Result<Vec<Holder>> {
    let (sure, guess): (&[&str], _) = match session.engine() {
        EngineKind::Mariadb => (&[MARIADB_ROWS, MARIADB_TABLES], Some(MARIADB_GUESS)),
        _ => (&[MYSQL_TABLES, MYSQL_ROWS], None),
    };
    let number = number.to_string();
    for query in sure {
        // A table that is not there, or may not be read, leaves the others.
        let ids = numbers(session, query, &number).unwrap_or_else(|error| {
            log::debug!("{error}");
            Vec::new()
        });
        if !ids.is_empty() {
            return described(session, &ids, false);
        }
    }
    let Some(guess) = guess else { return Ok(Vec::new()) };
    let ids = numbers(session, guess, &number)?;
    described(session, &ids, true)
}

/// The numbers that a query gives; each `?` in it stands for the same value.
fn numbers(session: &mut MysqlSession, query: &str, value: &str) -> Result<Vec<u64>> {
    let params = vec![Param::Text(value.to_owned()); query.matches('?').count()];
    let rows = session.collect(query, &params)?;
    Ok(rows.into_iter().flatten().flatten().filter_map(|cell| cell.parse().ok()).collect())
}

fn described(session: &mut MysqlSession, ids: &[u64], is_guess: bool) -> Result<Vec<Holder>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = ids.iter().map(u64::to_string).collect();
    let told = SESSIONS.replace("{ids}", &list.join(", "));
    // What an idle session ran last is told by MySQL alone.
    let last = match session.engine() {
        EngineKind::Mariadb => None,
        _ => session.collect(&told.replace("p.INFO", LAST_STATEMENT), &[]).ok(),
    };
    let rows = match last {
        Some(rows) => rows,
        None => session.collect(&told, &[])?,
    };
    if rows.is_empty() {
        // Somebody else's session, which this user may not look at.
        let id = |id: &u64| Holder { id: format!("connection {id}"), is_guess, ..Holder::default() };
        return Ok(ids.iter().map(id).collect());
    }
    let holder =
        |row| Holder { is_guess, ..Holder::read("connection", row, |query| without_values(query, &MYSQL)) };
    Ok(rows.into_iter().map(holder).collect())
}

/// The host comes with a port, which says nothing.
const SESSIONS: &str = "\
SELECT p.ID, p.USER, SUBSTRING_INDEX(p.HOST, ':', 1), \
  CASE WHEN t.trx_started IS NOT NULL AND p.COMMAND = 'Sleep' THEN 'idle in transaction' \
    ELSE COALESCE(NULLIF(p.STATE, ''), p.COMMAND) END, \
  COALESCE(TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.TIME), LEFT(p.INFO, 1000) \
FROM information_schema.PROCESSLIST AS p \
LEFT JOIN information_schema.INNODB_TRX AS t ON t.trx_mysql_thread_id = p.ID \
WHERE p.ID IN ({ids}) ORDER BY t.trx_started, p.ID LIMIT 5";

const LAST_STATEMENT: &str = "COALESCE(p.INFO, (SELECT MAX(e.SQL_TEXT) \
FROM performance_schema.events_statements_current AS e \
JOIN performance_schema.threads AS h ON h.THREAD_ID = e.THREAD_ID WHERE h.PROCESSLIST_ID = p.ID))";

/// Who has a lock on the table, routine or schema that the session waits for.
const MYSQL_TABLES: &str = "\
SELECT DISTINCT h.PROCESSLIST_ID FROM performance_schema.threads AS w \
JOIN performance_schema.metadata_locks AS wanted \
  ON wanted.OWNER_THREAD_ID = w.THREAD_ID AND wanted.LOCK_STATUS = 'PENDING' \
JOIN performance_schema.metadata_locks AS has ON has.LOCK_STATUS = 'GRANTED' \
  AND has.OBJECT_TYPE = wanted.OBJECT_TYPE AND has.OBJECT_SCHEMA <=> wanted.OBJECT_SCHEMA \
  AND has.OBJECT_NAME <=> wanted.OBJECT_NAME AND has.OWNER_THREAD_ID <> wanted.OWNER_THREAD_ID \
JOIN performance_schema.threads AS h ON h.THREAD_ID = has.OWNER_THREAD_ID \
WHERE w.PROCESSLIST_ID = ? AND h.PROCESSLIST_ID IS NOT NULL";

const MYSQL_ROWS: &str = "\
SELECT DISTINCT h.PROCESSLIST_ID FROM performance_schema.data_lock_waits AS l \
JOIN performance_schema.threads AS w ON w.THREAD_ID = l.REQUESTING_THREAD_ID \
JOIN performance_schema.threads AS h ON h.THREAD_ID = l.BLOCKING_THREAD_ID \
WHERE w.PROCESSLIST_ID = ? AND h.PROCESSLIST_ID IS NOT NULL";

const MARIADB_ROWS: &str = "\
SELECT DISTINCT h.trx_mysql_thread_id FROM information_schema.INNODB_LOCK_WAITS AS l \
JOIN information_schema.INNODB_TRX AS w ON w.trx_id = l.requesting_trx_id \
JOIN information_schema.INNODB_TRX AS h ON h.trx_id = l.blocking_trx_id \
WHERE w.trx_mysql_thread_id = ?";

/// The plugin tells what each session has, and not what one waits for: that is the table which the
/// waiting statement names.
const MARIADB_TABLES: &str = "\
SELECT DISTINCT l.THREAD_ID FROM information_schema.METADATA_LOCK_INFO AS l \
JOIN information_schema.PROCESSLIST AS w ON w.STATE LIKE 'Waiting for % lock' \
  AND l.TABLE_NAME <> '' AND LOCATE(CONCAT(' ', l.TABLE_NAME, ' '), \
    CONCAT(' ', REGEXP_REPLACE(w.INFO, '[^0-9A-Za-z_$]', ' '), ' ')) > 0 \
WHERE w.ID = ? AND l.THREAD_ID <> w.ID";

const MARIADB_GUESS: &str = "\
SELECT p.ID FROM information_schema.PROCESSLIST AS p \
JOIN information_schema.PROCESSLIST AS w ON w.ID = ? AND w.STATE LIKE 'Waiting for % lock' \
LEFT JOIN information_schema.INNODB_TRX AS t ON t.trx_mysql_thread_id = p.ID \
WHERE p.ID NOT IN (w.ID, CONNECTION_ID()) \
AND (t.trx_started IS NOT NULL OR (p.DB = w.DB AND p.COMMAND = 'Query' AND p.STATE NOT LIKE 'Waiting for % lock'))";
