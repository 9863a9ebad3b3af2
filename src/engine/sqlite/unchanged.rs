//! Whether anything changed between two backups: the file and its write-ahead log, as the system knows
//! them.
//!
//! The file's own counter does not count what is written in WAL mode. The time of the last change of
//! a file's state (`ctime`) is set by the system with every write, and by nobody else. Of the log it
//! is that of its content (`mtime`): SQLite gives the log to the owner of the file whenever root opens it.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::engine::Session;
use crate::engine::backup::texts;
use crate::error::Result;
use crate::model::snapshot::Witness;

/// A file that changed a moment ago may change again in the same tick of the clock.
const TICK: Duration = Duration::from_secs(2);

/// The state of the files of a database.
#[derive(Debug, PartialEq, Eq)]
pub struct Files {
    identity: String,
    state: String,
    changed: SystemTime,
}

/// The files as they are now; None where there is none, or the system does not tell enough.
pub fn files(session: &mut dyn Session) -> Result<Option<Files>> {
    let rows = texts(session, "SELECT file FROM pragma_database_list WHERE name = 'main'")?;
    let path = rows.into_iter().flatten().flatten().next().filter(|path| !path.is_empty());
    Ok(path.and_then(|path| look(Path::new(&path))))
}

/// The same when they did not change since before the moment was held, nor shortly before that.
pub fn witness(session: &mut dyn Session, before: Option<Files>) -> Result<Option<Witness>> {
    let now = files(session)?;
    let Some(files) = now.filter(|now| Some(now) == before.as_ref()) else { return Ok(None) };
    let is_old = SystemTime::now().duration_since(files.changed).is_ok_and(|age| age > TICK);
    Ok(is_old.then_some(Witness { identity: files.identity, state: files.state }))
}

#[cfg(unix)]
fn look(path: &Path) -> Option<Files> {
    use std::os::unix::fs::MetadataExt;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let main = std::fs::metadata(path).ok()?;
    // An empty one is made by whoever opens the database, and holds nothing.
    let log = match std::fs::metadata(log) {
        Ok(log) => Some(log).filter(|log| log.len() > 0),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => return None,
    };
    let mut state = String::new();
    let mut changed = UNIX_EPOCH;
    let main_time = (main.ctime(), main.ctime_nsec());
    let log = log.as_ref().map(|log| ("wal", log, (log.mtime(), log.mtime_nsec())));
    for (name, file, (seconds, nanos)) in [("file", &main, main_time)].into_iter().chain(log) {
        state.push_str(&format!("{name} {} {} {seconds}.{nanos:09}; ", file.ino(), file.len()));
        let since = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        changed = changed.max(UNIX_EPOCH.checked_add(since)?);
    }
    let identity = format!("{}/{}", main.dev(), main.ino());
    Some(Files { identity, state: state.trim_end_matches("; ").to_owned(), changed })
}

#[cfg(not(unix))]
fn look(_path: &Path) -> Option<Files> {
    None
}
