//! SQLite, linked in: a file is opened, there is no server.

mod backup;
mod catalog;
mod classes;
mod copy;
mod ddl;
mod errors;
mod explore;
mod facts;
mod locks;
mod on_update;
mod session;
mod type_map;
mod unchanged;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::engine::{Ddl, Engine, LooseReferences, Session};
use dbwright_core::{engine, error, model, sql};

use crate::engine::backup::Backup;
use crate::engine::type_map::TypeMap;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Attribute;
use crate::model::rows::BlobStyle;
use crate::model::server::{Holder, Waiting};
use crate::model::target::{EngineKind, Target};
use crate::sql::{Dialect, dialect};

/// How long a lock of another process is waited for when no `lock_timeout` is given.
const DEFAULT_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The SQLite engine.
pub struct Sqlite;

/// DROP TABLE deletes the rows first, and with them those that refer to them; within a transaction
/// nothing can be done about it any more ("PRAGMA foreign_keys"). The order of a table rebuild is that
/// of "ALTER TABLE", chapter 8.
const LOOSE_REFERENCES: LooseReferences = LooseReferences {
    watched: "PRAGMA foreign_keys",
    loosen: "PRAGMA foreign_keys = OFF",
    fasten: "PRAGMA foreign_keys = ON",
    broken: "PRAGMA foreign_key_check",
};

impl Engine for Sqlite {
    fn serves(&self, kind: EngineKind) -> bool {
        kind == EngineKind::Sqlite
    }

    fn dialect(&self, _kind: EngineKind) -> &'static Dialect {
        &dialect::SQLITE
    }

    fn version_number(&self, [major, minor, patch]: [u32; 3]) -> u32 {
        major * 1_000_000 + minor * 1_000 + patch
    }

    fn type_map(&self, _kind: EngineKind) -> &'static dyn TypeMap {
        &type_map::SqliteTypes
    }

    fn blob_style(&self) -> BlobStyle {
        BlobStyle { prefix: "X'", suffix: "'", upper_case: true }
    }

    fn transactional_ddl(&self) -> bool {
        true
    }

    fn begin_change(&self) -> &'static str {
        "BEGIN IMMEDIATE"
    }

    fn loose_references(&self) -> Option<&'static LooseReferences> {
        Some(&LOOSE_REFERENCES)
    }

    fn create_database(&self, _name: &str, _like: &[Attribute]) -> Option<String> {
        None
    }

    fn backup(&self) -> Option<&'static dyn Backup> {
        Some(&backup::SqliteBackup)
    }

    fn copying(&self) -> &'static dyn crate::engine::copy::Copying {
        &copy::SqliteCopying
    }

    fn ddl(&self) -> &'static dyn Ddl {
        &ddl::SqliteDdl
    }

    fn open(&self, target: &Target) -> Result<Box<dyn Session>> {
        let path = target.database.as_deref().unwrap_or(":memory:");
        let connection = connect(target, path)?;
        Ok(Box::new(session::SqliteSession::new(connection, path, target)?))
    }

    fn holders(&self, target: &Target, _waiting: Waiting<'_>) -> Result<Vec<Holder>> {
        let path = target.database.as_deref().unwrap_or_default();
        Ok(locks::holders(path).into_iter().map(|id| Holder { id, ..Holder::default() }).collect())
    }

    fn explain_refusal(&self, _target: &Target, _error: &Error) -> Vec<String> {
        Vec::new()
    }
}

fn connect(target: &Target, path: &str) -> Result<Connection> {
    let flags = open_flags(target, path)?;
    let is_plain_file = path != ":memory:" && !path.is_empty() && !path.starts_with("file:");
    if is_plain_file {
        check_file(Path::new(path), flags)?;
    }
    let opened = match target.options.get("vfs") {
        Some(vfs) => Connection::open_with_flags_and_vfs(uri(target, path), flags, vfs.as_str()),
        None => Connection::open_with_flags(uri(target, path), flags),
    };
    let connection = opened.map_err(|error| errors::cannot_open(path, error))?;
    connection
        .busy_timeout(target.lock_timeout.unwrap_or(DEFAULT_BUSY_TIMEOUT))
        .and_then(|()| match target.options.get("foreign_keys").map(String::as_str) {
            Some("off" | "0" | "false" | "no") => connection.pragma_update(None, "foreign_keys", false),
            _ => Ok(()),
        })
        .map_err(|error| errors::cannot_open(path, error))?;
    Ok(connection)
}

/// The access a URL's `mode` asks for. Creating a file that was perhaps only mistyped is a
/// surprise, so without `mode=rwc` the file must exist.
fn open_flags(target: &Target, path: &str) -> Result<OpenFlags> {
    let common =
        OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let mode = target.options.get("mode").map(String::as_str);
    let access = match mode {
        _ if target.read_only && path != ":memory:" => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Some("ro") => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Some("rw") | None if path != ":memory:" && !path.is_empty() => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Some("rwc" | "memory" | "rw") | None => {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        }
        Some(other) => {
            return Err(Error::new(Kind::Config, format!("unknown SQLite mode {other:?}"))
                .hint("mode is one of ro, rw, rwc, memory"));
        }
    };
    Ok(match mode {
        Some("memory") => common | access | OpenFlags::SQLITE_OPEN_MEMORY,
        _ => common | access,
    })
}

/// A plain path as the `file:` URI that carries the options SQLite reads from there.
fn uri(target: &Target, path: &str) -> String {
    let options: Vec<String> = ["immutable", "cache"]
        .iter()
        .filter_map(|key| target.options.get(*key).map(|value| format!("{key}={value}")))
        .collect();
    if options.is_empty() || path.starts_with("file:") {
        return path.to_owned();
    }
    // https://www.sqlite.org/uri.html: only these characters mean something in the path part.
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?{}", options.join("&"))
}

/// Tells plainly what SQLite would only call "unable to open": a missing file, a folder.
fn check_file(path: &Path, flags: OpenFlags) -> Result<()> {
    let shown = path.display();
    let fail = |what: String| Error::new(Kind::Connect, what);
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
                return Ok(());
            }
            return Err(fail(format!("no such file: {shown}"))
                .hint(format!("to make a new database: sqlite:{shown}?mode=rwc")));
        }
        Err(error) => return Err(fail(format!("cannot open {shown}")).because(error)),
    };
    if metadata.is_dir() {
        return Err(fail(format!("{shown} is a folder, not a database")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(database: &str) -> Target {
        Target { database: Some(database.into()), ..Target::new(EngineKind::Sqlite) }
    }

    fn open_error(target: &Target) -> Error {
        match Sqlite.open(target) {
            Ok(_) => panic!("{:?} was opened", target.database),
            Err(error) => error,
        }
    }

    #[test]
    fn a_missing_file_is_not_made_unless_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("typo.db");
        let mut target = target(path.to_str().unwrap());
        let error = open_error(&target);
        assert_eq!(error.kind(), Kind::Connect);
        assert!(error.hints()[0].contains("mode=rwc"), "{error:?}");
        assert!(!path.exists());
        target.options.insert("mode".into(), "rwc".into());
        Sqlite.open(&target).unwrap().execute("create table t (a)", &[]).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn what_others_commit_is_noticed_and_what_one_does_oneself_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shared.db");
        let mut target = target(path.to_str().unwrap());
        target.options.insert("mode".into(), "rwc".into());
        let [mut one, mut other] = [(); 2].map(|()| Sqlite.open(&target).unwrap());
        one.execute("create table t (a)", &[]).unwrap();
        let before = one.others_commits().unwrap();
        one.execute("insert into t values (1)", &[]).unwrap();
        assert_eq!(one.others_commits().unwrap(), before);
        other.execute("insert into t values (2)", &[]).unwrap();
        one.execute("begin immediate", &[]).unwrap();
        assert_ne!(one.others_commits().unwrap(), before);
    }

    #[test]
    fn a_text_file_is_not_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.db");
        std::fs::write(&path, "these are only some notes").unwrap();
        let mut session = Sqlite.open(&target(path.to_str().unwrap())).unwrap();
        let error = session.ping().unwrap_err();
        assert_eq!(error.kind(), Kind::Connect);
        assert!(error.message().contains("is not a SQLite database"), "{error}");
    }

    #[test]
    fn options_travel_in_the_uri_with_the_path_escaped() {
        let mut target = target("odd?name#.db");
        target.options.insert("immutable".into(), "1".into());
        assert_eq!(uri(&target, "odd?name#.db"), "file:odd%3fname%23.db?immutable=1");
    }
}
