//! The folder of migrations, ready to be run by one engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::placeholders::Placeholders;
use crate::config::parse_duration;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::migrations::{self, Directives, Id, Statement, Wanted, Wrong};
use crate::model::place::place;
use crate::model::target::EngineKind;
use crate::sql::{Dialect, StatementKind, classify};

/// What is run in one direction.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub statements: Vec<Statement>,
    /// The file of each statement, as a place in [`Folder::files`].
    pub files: Vec<usize>,
    /// All or nothing, where the engine can.
    pub transaction: bool,
}

/// A migration of the folder.
#[derive(Debug, Clone)]
pub struct Migration {
    pub wanted: Wanted,
    /// Of the file that says what is done.
    pub file: usize,
    pub up: Script,
    /// None when nothing takes it back.
    pub down: Option<Script>,
    pub lock_timeout: Option<Duration>,
    pub statement_timeout: Option<Duration>,
}

/// Fewer migrations than this are not worth a thread.
const SHARE: usize = 200;

/// A folder that was read.
#[derive(Debug)]
pub struct Folder {
    pub path: PathBuf,
    pub files: Vec<migrations::File>,
    /// In the order in which an empty database is brought up to date.
    pub migrations: Vec<Migration>,
    pub ignored: Vec<String>,
}

impl Folder {
    /// Reads a folder for an engine.
    pub fn read(path: &Path, engine: EngineKind, placeholders: &Placeholders) -> Result<Folder> {
        let files = read_files(path)?;
        let read = migrations::read(&shown(path), &files)?;
        let dialect = engine_for(engine).dialect(engine);
        let reader = Reader { path, files: &files, engine, dialect, placeholders };
        let migrations = reader.in_order(reader.all(&read.list)?)?;
        Ok(Folder { path: path.to_owned(), migrations, ignored: read.ignored, files })
    }

    pub fn wanted(&self) -> Vec<Wanted> {
        self.migrations.iter().map(|migration| migration.wanted.clone()).collect()
    }

    /// The path of a file.
    pub fn shown(&self, file: usize) -> String {
        format!("{}/{}", shown(&self.path), self.files[file].name)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().trim_end_matches('/').to_owned()
}

/// The files of SQL in a folder.
pub fn read_files(folder: &Path) -> Result<Vec<migrations::File>> {
    let failed = |path: &Path, error: std::io::Error| {
        Error::from(error).context(format!("cannot read {}", path.display()))
    };
    let mut files = Vec::new();
    let mut add = |name: String, path: &Path| -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(|error| failed(path, error))?;
        files.push(migrations::File { name, text });
        Ok(())
    };
    for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        let is_sql = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match is_sql && path.is_file() {
            true => add(name, &path)?,
            // Diesel has a folder for each.
            false => {
                for leaf in ["up.sql", "down.sql"] {
                    let path = path.join(leaf);
                    if path.is_file() {
                        add(format!("{name}/{leaf}"), &path)?;
                    }
                }
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

pub(super) struct Reader<'a> {
    path: &'a Path,
    pub(super) files: &'a [migrations::File],
    engine: EngineKind,
    pub(super) dialect: &'static Dialect,
    pub(super) placeholders: &'a Placeholders,
}

/// A migration with the versions that must be done before it.
type Read = (Migration, Vec<migrations::Version>);

impl Reader<'_> {
    pub(super) fn shown(&self, file: usize) -> String {
        format!("{}/{}", shown(self.path), self.files[file].name)
    }

    pub(super) fn wrong(&self, file: usize, wrong: &Wrong) -> Error {
        Error::new(Kind::Config, wrong.message).at(place(&self.shown(file), &self.files[file].text, wrong.at))
    }

    /// Reads all, with the hands that there are where there are many.
    fn all(&self, list: &[migrations::Migration]) -> Result<Vec<Read>> {
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        let share = list.len().div_ceil(hands).max(SHARE);
        let mut shares = list.chunks(share);
        let own = shares.next().unwrap_or_default();
        std::thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|share| scope.spawn(|| share.iter().map(|each| self.migration(each)).collect()))
                .collect();
            let mut found: Vec<Read> = own.iter().map(|each| self.migration(each)).collect::<Result<_>>()?;
            for other in others {
                let read: Result<Vec<Read>> =
                    other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                found.extend(read?);
            }
            Ok(found)
        })
    }

    fn migration(&self, migration: &migrations::Migration) -> Result<Read> {
        // A migration has a file that says what is done: it was found by it.
        let file = migration.up.first().map_or(0, |script| script.file);
        let directives =
            migrations::directives(&self.files[file].text).map_err(|wrong| self.wrong(file, &wrong))?;
        let up = self.script(&migration.up, &migration.up)?;
        let down =
            if migration.down.is_empty() { None } else { Some(self.script(&migration.down, &migration.up)?) };
        let id = match &migration.version {
            Some(version) => Id::Version(version.clone()),
            None => Id::Repeatable(migration.name.clone()),
        };
        let checksum = migrations::checksum(&up.statements, self.dialect);
        let time = |text: &Option<String>| -> Result<Option<Duration>> {
            let parse = |text: &String| {
                parse_duration(text).map_err(|message| {
                    Error::new(Kind::Config, message).hint(format!("in {}", self.files[file].name))
                })
            };
            text.as_ref().map(parse).transpose()
        };
        let (lock_timeout, statement_timeout) =
            (time(&directives.lock_timeout)?, time(&directives.statement_timeout)?);
        let wanted = Wanted { id, name: migration.name.clone(), checksum };
        Ok((Migration { wanted, file, up, down, lock_timeout, statement_timeout }, directives.depends))
    }

    /// What is run of `scripts`; the first of `sections` is the first of its file.
    fn script(&self, scripts: &[migrations::Script], sections: &[migrations::Script]) -> Result<Script> {
        let mut found = Script { transaction: true, ..Script::default() };
        for script in scripts {
            let text = &self.files[script.file].text;
            let directives: Directives =
                migrations::directives(text).map_err(|wrong| self.wrong(script.file, &wrong))?;
            found.transaction &= script.transaction && !directives.no_transaction;
            let first = sections.iter().filter(|section| section.file == script.file);
            let head = first.map(|section| section.range.start).min().unwrap_or(0);
            for part in directives.parts(script.range.clone(), head, self.engine.schemes()) {
                let statements = migrations::split(text, part, self.dialect)
                    .map_err(|wrong| self.wrong(script.file, &wrong))?;
                let statements = self.replaced(script.file, &directives, statements)?;
                found.files.extend(statements.iter().map(|_| script.file));
                found.statements.extend(statements);
            }
        }
        self.without_own_transaction(&mut found)?;
        Ok(found)
    }

    /// Takes out the BEGIN and COMMIT around all of a script: dbwright gives it a transaction
    /// together with its row in the history.
    fn without_own_transaction(&self, script: &mut Script) -> Result<()> {
        let kind = |statement: &Statement| classify(&statement.sql, self.dialect);
        let first = script.statements.first().map(kind);
        let last = script.statements.last().map(kind);
        if (first, last) == (Some(StatementKind::TxBegin), Some(StatementKind::TxEnd)) {
            for at in [script.statements.len() - 1, 0] {
                script.statements.remove(at);
                script.files.remove(at);
            }
        }
        if !script.transaction {
            return Ok(());
        }
        let own =
            script.statements.iter().zip(&script.files).find(|(statement, _)| {
                matches!(kind(statement), StatementKind::TxBegin | StatementKind::TxEnd)
            });
        match own {
            None => Ok(()),
            Some((statement, file)) => {
                let message =
                    "a transaction begins or ends here, inside of the one that the migration runs in";
                Err(self
                    .wrong(*file, &Wrong { message, at: statement.at })
                    .hint("leave it out, or let the migration go without: -- dbwright: no-transaction"))
            }
        }
    }

    /// Moves what depends on others behind them; otherwise the order stays.
    fn in_order(&self, mut read: Vec<Read>) -> Result<Vec<Migration>> {
        if read.iter().all(|(_, depends)| depends.is_empty()) {
            return Ok(read.into_iter().map(|(migration, _)| migration).collect());
        }
        let mut done: Vec<Migration> = Vec::new();
        while !read.is_empty() {
            let is_free = |(_, depends): &Read| {
                let waits = |version| {
                    let id = Id::Version(version);
                    !done.iter().any(|migration| migration.wanted.id == id)
                };
                !depends.iter().cloned().any(waits)
            };
            let Some(at) = read.iter().position(is_free) else { return Err(self.stuck(&read)) };
            done.push(read.remove(at).0);
        }
        Ok(done)
    }

    /// Why none of these can come first.
    fn stuck(&self, read: &[Read]) -> Error {
        let is_there = |version: &migrations::Version| {
            let id = Id::Version(version.clone());
            read.iter().any(|(migration, _)| migration.wanted.id == id)
        };
        let name = |migration: &Migration| self.files[migration.file].name.clone();
        for (migration, depends) in read {
            // What is done already is no hindrance: it is in nobody's way.
            if let Some(missing) = depends.iter().find(|version| !is_there(version)) {
                let known = |version: &migrations::Version| {
                    self.files.iter().any(|file| file.name.contains(&version.to_string()))
                };
                if !known(missing) {
                    let message = format!("{} depends on {missing}, which is not there", name(migration));
                    return Error::new(Kind::Config, message);
                }
            }
        }
        let names: Vec<String> = read.iter().map(|(migration, _)| name(migration)).collect();
        Error::new(Kind::Config, format!("these depend on each other in a circle: {}", names.join(", ")))
    }
}
