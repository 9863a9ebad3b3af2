//! One moment for many sessions, held in the way that disturbs others least.
//!
//! Each session takes its own snapshot. That all are of the same moment is proved where the server
//! counts its transactions, and made so by a lock of an instant where it does not.

use std::time::{Duration, Instant};

use super::{first_row, one};
use crate::engine::Session;
use crate::engine::backup::{Held, texts};
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Moment, Setting};
use crate::model::target::EngineKind;

/// How often all sessions try to begin between two transactions of others.
const ROUNDS: u32 = 20;
/// How often the lock is asked for, and how long each time: whoever waits for it holds up all who
/// want to write.
const LOCK_ROUNDS: u32 = 6;
const LOCK_SECONDS: u32 = 2;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);

const BEGIN: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// See [`Backup::hold`](crate::engine::backup::Backup::hold).
pub fn hold(sessions: &mut [Box<dyn Session>]) -> Result<Held> {
    let Some(first) = sessions.first_mut() else { return Ok(Held::default()) };
    let engine = first.server().engine;
    let outside = outside(first.as_mut())?;
    let mut held = match by_position(sessions, engine)? {
        Some(held) => held,
        None if sessions.len() == 1 => {
            begin(sessions)?;
            told("a consistent snapshot of one session", Vec::new())
        }
        None => by_lock(sessions, engine)?,
    };
    held.moment.how.push_str(&outside);
    Ok(held)
}

fn begin(sessions: &mut [Box<dyn Session>]) -> Result<()> {
    sessions.iter_mut().try_for_each(|session| session.execute(BEGIN, &[]).map(drop))
}

/// A moment for which nothing was locked.
fn told(how: &str, position: Vec<Setting>) -> Held {
    let moment = Moment { how: format!("{how}; nothing was locked"), position, locked_seconds: 0.0 };
    Held { moment, schema_may_change: true, witness: None }
}

/// Begins in all sessions until no transaction of others fell in between; None where the server
/// does not count them, or too much is going on.
fn by_position(sessions: &mut [Box<dyn Session>], engine: EngineKind) -> Result<Option<Held>> {
    let counts = match engine {
        EngineKind::Mariadb => "SELECT @@GLOBAL.log_bin",
        _ => "SELECT @@GLOBAL.log_bin AND @@GLOBAL.gtid_mode = 'ON'",
    };
    if one(sessions[0].as_mut(), counts)?.as_deref() != Some("1") {
        return Ok(None);
    }
    for round in 0..ROUNDS {
        if round > 0 {
            std::thread::sleep(PAUSE);
        }
        let position = match engine {
            EngineKind::Mariadb => same_snapshot_position(sessions)?,
            _ => same_transactions(sessions)?,
        };
        if let Some(position) = position {
            let how = match sessions.len() {
                1 => "a consistent snapshot of one session".to_owned(),
                count => {
                    format!("consistent snapshots of {count} sessions at one position of the binary log")
                }
            };
            return Ok(Some(told(&how, position)));
        }
    }
    Ok(None)
}

/// MariaDB tells for every snapshot which position of the binary log it shows ("START TRANSACTION",
/// "WITH CONSISTENT SNAPSHOT").
fn same_snapshot_position(sessions: &mut [Box<dyn Session>]) -> Result<Option<Vec<Setting>>> {
    begin(sessions)?;
    let mut first = None;
    for session in sessions {
        let found = snapshot_position(session.as_mut())?;
        match &first {
            None => first = Some(found),
            Some(first) if *first == found => {}
            Some(_) => return Ok(None),
        }
    }
    Ok(first)
}

fn snapshot_position(session: &mut dyn Session) -> Result<Vec<Setting>> {
    let rows = texts(session, "SHOW STATUS WHERE Variable_name LIKE 'binlog\\_snapshot\\_%'")?;
    let mut settings: Vec<Setting> = rows
        .into_iter()
        .filter_map(|row| {
            let mut cells = row.into_iter().flatten();
            let name = cells.next()?.to_ascii_lowercase();
            Some(Setting::new(name.trim_start_matches("binlog_snapshot_"), cells.next()?))
        })
        .collect();
    settings.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(settings)
}

/// MySQL: none is under way, and none was done meanwhile. A transaction is owned from before it is
/// visible until it is counted as executed, and both at once ("Global Transaction Identifiers").
fn same_transactions(sessions: &mut [Box<dyn Session>]) -> Result<Option<Vec<Setting>>> {
    let before = transactions(sessions[0].as_mut())?;
    begin(sessions)?;
    let after = transactions(sessions[0].as_mut())?;
    Ok(match (before, after) {
        (Some(before), Some(after)) if before == after => Some(vec![Setting::new("gtid", after)]),
        _ => None,
    })
}

/// What was executed; None while something is under way.
fn transactions(session: &mut dyn Session) -> Result<Option<String>> {
    let row = texts(session, "SELECT @@GLOBAL.gtid_owned, @@GLOBAL.gtid_executed")?;
    let mut cells = row.into_iter().flatten().map(Option::unwrap_or_default);
    let (owned, executed) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
    Ok(owned.trim().is_empty().then(|| executed.replace('\n', "")))
}

/// Nobody writes while all sessions begin.
fn by_lock(sessions: &mut [Box<dyn Session>], engine: EngineKind) -> Result<Held> {
    let first = sessions[0].as_mut();
    // Keeps others from changing the schema, and nothing else; few accounts may do it.
    let schema_may_change = engine == EngineKind::Mariadb || !try_lock_schema(first)?;
    let since = lock(first)?;
    let begun = begin(sessions).and_then(|()| log_position(sessions[0].as_mut(), engine));
    let unlocked = sessions[0].execute("UNLOCK TABLES", &[]);
    let locked_seconds = since.elapsed().as_secs_f64();
    let position = begun?;
    unlocked?;
    sessions[0].execute("SET SESSION lock_wait_timeout = DEFAULT", &[])?;
    let also = if schema_may_change { "" } else { ", and LOCK INSTANCE FOR BACKUP all the time" };
    let count = sessions.len();
    let how = format!("consistent snapshots of {count} sessions under FLUSH TABLES WITH READ LOCK{also}");
    Ok(Held { moment: Moment { how, position, locked_seconds }, schema_may_change, witness: None })
}

fn try_lock_schema(session: &mut dyn Session) -> Result<bool> {
    match session
        .execute(&format!("SET SESSION lock_wait_timeout = {LOCK_SECONDS}"), &[])
        .and_then(|_| session.execute("LOCK INSTANCE FOR BACKUP", &[]))
    {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == Kind::Lost => Err(error),
        Err(_) => Ok(false),
    }
}

/// Takes the lock, and tells since when.
fn lock(session: &mut dyn Session) -> Result<Instant> {
    session.execute(&format!("SET SESSION lock_wait_timeout = {LOCK_SECONDS}"), &[])?;
    let mut round = 1;
    loop {
        let since = Instant::now();
        match session.execute("FLUSH TABLES WITH READ LOCK", &[]) {
            Ok(_) => return Ok(since),
            Err(error) if is_wait(&error) && round < LOCK_ROUNDS => {
                round += 1;
                std::thread::sleep(PAUSE * 50);
            }
            Err(error) if is_wait(&error) => {
                return Err(error
                    .context("somebody holds a table for so long that no moment without writers was found")
                    .hint(
                        "try again when the long statements are done, or back up with one session: --jobs 1",
                    ));
            }
            Err(error) if error.kind() == Kind::Permission => return Err(may_not(error)),
            Err(error) => return Err(error),
        }
    }
}

fn is_wait(error: &Error) -> bool {
    matches!(error.kind(), Kind::Lock | Kind::Timeout)
}

fn may_not(error: Error) -> Error {
    error
        .context("several sessions can only see one moment if the user may lock the server for an instant")
        .hint("GRANT RELOAD ON *.* to the user")
        .hint("or back up with one session, which needs no lock: --jobs 1")
}

/// Where the binary log stands, for whoever may know.
fn log_position(session: &mut dyn Session, engine: EngineKind) -> Result<Vec<Setting>> {
    if engine == EngineKind::Mariadb {
        return snapshot_position(session);
    }
    let sql = match session.server().version_num {
        80_400.. => "SHOW BINARY LOG STATUS",
        _ => "SHOW MASTER STATUS",
    };
    match first_row(session, sql, ["File", "Position", "Executed_Gtid_Set"]) {
        Ok(cells) => {
            let named = ["file", "position", "gtid"].into_iter().zip(cells);
            let told = named.filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)));
            Ok(told.map(|(name, value)| Setting::new(name, value)).collect())
        }
        Err(error) if error.kind() == Kind::Lost => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// What is said of tables whose engine knows no snapshots; empty where there are none.
fn outside(session: &mut dyn Session) -> Result<String> {
    let count = one(session, WITHOUT_TRANSACTIONS)?.unwrap_or_default();
    Ok(match count.as_str() {
        "" | "0" => String::new(),
        "1" => "; 1 table of an engine without transactions shows what was in it when it was read".to_owned(),
        _ => format!(
            "; {count} tables of engines without transactions show what was in them when they were read"
        ),
    })
}

const WITHOUT_TRANSACTIONS: &str = "\
SELECT COUNT(*) FROM information_schema.tables \
WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') \
AND engine NOT IN (SELECT engine FROM information_schema.engines WHERE transactions = 'YES')";
