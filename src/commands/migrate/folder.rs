//! The folder of migrations, ready to be run by one engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{by_hands, read_files};
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
        Folder::of(path, read_files(path)?, engine, placeholders)
    }

    /// The same of files that were read.
    pub fn of(
        path: &Path,
        files: Vec<migrations::File>,
        engine: EngineKind,
        placeholders: &Placeholders,
    ) -> Result<Folder> {
        let read = migrations::read(&shown(path), &files)?;
        let dialect = engine_for(engine).dialect(engine);
        let reader = Reader { path, files: &files, engine, dialect, placeholders };
        let migrations =
            by_hands(&read.list, |share| share.iter().map(|each| reader.migration(each)).collect())?;
        let migrations = reader.in_order(migrations)?;
        Ok(Folder { path: path.to_owned(), migrations, ignored: read.ignored, files })
    }

    pub fn wanted(&self) -> Vec<&Wanted> {
        self.migrations.iter().map(|migration| &migration.wanted).collect()
    }

    /// The path of a file.
    pub fn shown(&self, file: usize) -> String {
        format!("{}/{}", shown(&self.path), self.files[file].name)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().trim_end_matches('/').to_owned()
}

pub(super) struct Reader<'a> {
    path: &'a Path,
    pub(super) files: &'a [migrations::File],
    engine: EngineKind,
    pub(super) dialect: &'static Dialect,
    pub(super) placeholders: &'a Placeholders,
}

/// What the comments of a file say.
struct Head {
    file: usize,
    /// Where its first section begins.
    first: usize,
    directives: Directives,
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

    fn migration(&self, migration: &migrations::Migration) -> Result<Read> {
        // A migration has a file that says what is done: it was found by it.
        let file = migration.up.first().map_or(0, |script| script.file);
        let mut heads = Vec::new();
        let up = self.script(&migration.up, &migration.up, &mut heads)?;
        let down = match migration.down.as_slice() {
            [] => None,
            down => Some(self.script(down, &migration.up, &mut heads)?),
        };
        let id = match &migration.version {
            Some(version) => Id::Version(version.clone()),
            None => Id::Repeatable(migration.name.clone()),
        };
        let checksum = migrations::checksum(&up.statements, self.dialect);
        let Head { directives, .. } = self.head(file, &migration.up, &mut heads)?;
        let Directives { lock_timeout, statement_timeout, depends, .. } = directives;
        let (lock_timeout, statement_timeout) =
            (self.time(file, lock_timeout)?, self.time(file, statement_timeout)?);
        let wanted = Wanted { id, name: migration.name.clone(), checksum };
        Ok((Migration { wanted, file, up, down, lock_timeout, statement_timeout }, depends.clone()))
    }

    fn time(&self, file: usize, written: &Option<String>) -> Result<Option<Duration>> {
        let parse = |text: &String| {
            parse_duration(text).map_err(|message| {
                Error::new(Kind::Config, message).hint(format!("in {}", self.files[file].name))
            })
        };
        written.as_ref().map(parse).transpose()
    }

    /// What the comments of a file say, which is read once; the first of `sections` is the first of
    /// its file.
    fn head<'h>(
        &self,
        file: usize,
        sections: &[migrations::Script],
        known: &'h mut Vec<Head>,
    ) -> Result<&'h Head> {
        let at = match known.iter().position(|head| head.file == file) {
            Some(at) => at,
            None => {
                let directives = migrations::directives(&self.files[file].text)
                    .map_err(|wrong| self.wrong(file, &wrong))?;
                let first = sections.iter().filter(|section| section.file == file);
                let first = first.map(|section| section.range.start).min().unwrap_or(0);
                known.push(Head { file, first, directives });
                known.len() - 1
            }
        };
        Ok(&known[at])
    }

    /// What is run of `scripts`; the first of `sections` is the first of its file.
    fn script(
        &self,
        scripts: &[migrations::Script],
        sections: &[migrations::Script],
        heads: &mut Vec<Head>,
    ) -> Result<Script> {
        let mut found = Script { transaction: true, ..Script::default() };
        for script in scripts {
            let text = &self.files[script.file].text;
            let Head { first, directives, .. } = self.head(script.file, sections, heads)?;
            found.transaction &= script.transaction && !directives.no_transaction;
            for part in directives.parts(script.range.clone(), *first, self.engine.schemes()) {
                let statements = migrations::split(text, part, self.dialect)
                    .map_err(|wrong| self.wrong(script.file, &wrong))?;
                let statements = self.replaced(script.file, directives, statements)?;
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
        let kinds: Vec<Option<StatementKind>> =
            script.statements.iter().map(|statement| self.transaction_kind(&statement.sql)).collect();
        let is_around =
            matches!(kinds.as_slice(), [Some(StatementKind::TxBegin), .., Some(StatementKind::TxEnd)]);
        let mut inside = 0..kinds.len();
        if is_around {
            inside = 1..kinds.len() - 1;
            for at in [script.statements.len() - 1, 0] {
                script.statements.remove(at);
                script.files.remove(at);
            }
        }
        if !script.transaction {
            return Ok(());
        }
        let own = kinds[inside].iter().position(Option::is_some);
        let own = own.map(|at| (&script.statements[at], &script.files[at]));
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

    /// What a statement does that begins or ends a transaction, None of all others: most are told
    /// by the letters that they begin with.
    fn transaction_kind(&self, sql: &str) -> Option<StatementKind> {
        const WORDS: [&str; 7] = ["BEGIN", "START", "COMMIT", "ROLLBACK", "END", "ABORT", "PREPARE"];
        let word = &sql[..sql.bytes().take_while(u8::is_ascii_alphabetic).count()];
        if !word.is_empty() && !WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return None;
        }
        let kind = classify(sql, self.dialect);
        matches!(kind, StatementKind::TxBegin | StatementKind::TxEnd).then_some(kind)
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
