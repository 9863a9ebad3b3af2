//! Backups of SQLite: the pages of the file, read through the `sqlite_dbpage` table inside one read
//! transaction, so that what is still in the write-ahead log is seen, and nothing is copied twice.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use super::unchanged;
use crate::engine::Session;
use crate::engine::backup::{Backup, BeforeCommit, Choice, Extract, ExtractPart, Held, Stage, texts};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Name};
use crate::model::rows::Value;
use crate::model::snapshot::{Form, Moment, Setting};
use crate::model::target::Target;

/// What is read, and stored, together; a change spoils as much of the next backup.
const BYTES_PER_PART: u64 = 4 << 20;

/// See [`Backup`].
pub struct SqliteBackup;

impl Backup for SqliteBackup {
    /// Another connection would see another moment of a file in WAL mode.
    fn sessions(&self, _jobs: usize) -> usize {
        1
    }

    fn hold(&self, sessions: &mut [Box<dyn Session>]) -> Result<Held> {
        let mut held = Held::default();
        for session in sessions {
            let before = unchanged::files(session.as_mut())?;
            session.execute("BEGIN", &[])?;
            // Only a read takes hold of the moment.
            let mode = number_or_word(session.as_mut(), "SELECT count(*) FROM sqlite_schema")
                .and_then(|_| number_or_word(session.as_mut(), "PRAGMA journal_mode"))?;
            let how = match mode.as_str() {
                "wal" => "a read transaction on the write-ahead log; nobody waited for it",
                _ => "a read transaction; who wants to write waits for its end (in WAL mode nobody would)",
            };
            held.moment = Moment {
                how: how.to_owned(),
                position: vec![Setting::new("change_counter", change_counter(session.as_mut())?)],
                locked_seconds: 0.0,
            };
            held.witness = unchanged::witness(session.as_mut(), before)?;
        }
        Ok(held)
    }

    fn reads_tables(&self) -> bool {
        false
    }

    fn extracts_of(
        &self,
        session: &mut dyn Session,
        _catalog: &Catalog,
        _choice: &Choice,
    ) -> Result<Vec<Extract>> {
        let page_size = number(session, "PRAGMA page_size")?;
        let pages = number(session, "PRAGMA page_count")?;
        let per_part = (BYTES_PER_PART / page_size.max(1)).max(1);
        let parts = (0..pages.div_ceil(per_part)).map(|at| {
            let (first, last) = (at * per_part + 1, pages.min((at + 1) * per_part));
            ExtractPart {
                range: format!("pages {first} to {last}"),
                sql: PAGES.replace("{first}", &first.to_string()).replace("{last}", &last.to_string()),
                weight: (last + 1 - first) * page_size,
            }
        });
        Ok(vec![Extract {
            table: Name::default(),
            form: Form::Image,
            load: String::new(),
            literals: Vec::new(),
            page_size,
            parts: parts.collect(),
        }])
    }

    fn witnessed(&self, _session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        Ok([Name::default()].into())
    }

    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        out: &mut dyn Write,
    ) -> Result<()> {
        let mut written = 0;
        session.query(&part.sql, &[], &mut |cursor| {
            while cursor.advance()? {
                if let Value::Blob(page) = cursor.cell(0) {
                    out.write_all(page)?;
                    written += page.len() as u64;
                }
            }
            Ok(())
        })?;
        match written == part.weight {
            true => Ok(()),
            false => {
                let wanted = part.weight / extract.page_size.max(1);
                let had = written / extract.page_size.max(1);
                Err(Error::new(Kind::Data, format!("{}: {had} of {wanted} pages could be read", part.range)))
            }
        }
    }

    fn values(&self, _session: &mut dyn Session, _catalog: &Catalog) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn begin_load(&self, _session: &mut dyn Session) -> Result<()> {
        Ok(())
    }

    fn write_image(&self, target: &Target, pages: &mut dyn Read) -> Result<()> {
        let path = target.database.as_deref().unwrap_or_default();
        let path = Path::new(path);
        let beside = with_end(path, ".restoring");
        let written = write_synced(&beside, pages).and_then(|()| replace(&beside, path));
        if written.is_err() {
            // It is ours, and not whole.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn load(
        &self,
        _session: &mut dyn Session,
        _load: &str,
        _input: &mut dyn BufRead,
        _before_commit: BeforeCommit<'_>,
    ) -> Result<()> {
        Err(Error::new(Kind::Unsupported, "a SQLite database is restored as a whole"))
    }

    fn check(&self, session: &mut dyn Session) -> Result<Vec<String>> {
        let found = texts(session, "PRAGMA integrity_check")?.into_iter().flatten().flatten();
        Ok(found.filter(|line| line != "ok").collect())
    }

    fn analyze(&self, _tables: &[Name]) -> Vec<String> {
        Vec::new()
    }

    fn stage(&self, _object: &str, _sql: &str) -> Stage {
        Stage::Alone
    }
}

fn write_synced(path: &Path, pages: &mut dyn Read) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Io, format!("cannot write {}", path.display())).because(error)
    };
    let mut file = File::create(path).map_err(failed)?;
    let mut block = vec![0; 1 << 20];
    loop {
        // What cannot be read is told by the reader, and is no fault of this file.
        let size = match pages.read(&mut block) {
            Ok(0) => break,
            Ok(size) => size,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::from(error)),
        };
        file.write_all(&block[..size]).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

/// The log and the index of the file that was there before are no part of the new one: they would
/// be played into it.
fn replace(beside: &Path, path: &Path) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Io, format!("cannot replace {}", path.display())).because(error)
    };
    for end in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(with_end(path, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    fs::rename(beside, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Bytes 24 to 27 of the file (file format, 1.3.7): counts transactions that wrote, but for those
/// in WAL mode, which change it at checkpoints only.
fn change_counter(session: &mut dyn Session) -> Result<String> {
    let mut counter = 0;
    session.query("SELECT data FROM sqlite_dbpage WHERE pgno = 1", &[], &mut |cursor| {
        while cursor.advance()? {
            if let Value::Blob(page) = cursor.cell(0)
                && let Some(bytes) = page.get(24..28).and_then(|bytes| bytes.first_chunk::<4>())
            {
                counter = u32::from_be_bytes(*bytes);
            }
        }
        Ok(())
    })?;
    Ok(counter.to_string())
}

fn number(session: &mut dyn Session, sql: &str) -> Result<u64> {
    let text = number_or_word(session, sql)?;
    text.parse().map_err(|_| Error::new(Kind::Data, format!("{sql} gave {text:?}")))
}

fn number_or_word(session: &mut dyn Session, sql: &str) -> Result<String> {
    Ok(texts(session, sql)?.into_iter().flatten().flatten().next().unwrap_or_default())
}

/// The table looks up one page at a time.
const PAGES: &str = "\
WITH RECURSIVE page (number) AS (SELECT {first} UNION ALL SELECT number + 1 FROM page WHERE number < {last}) \
SELECT data FROM page JOIN sqlite_dbpage ON pgno = number";
