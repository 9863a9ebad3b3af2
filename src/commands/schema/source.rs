//! Where a schema comes from: a database, or files that say what one should be.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::commands::Context;
use crate::commands::backup::{Identities, choose, open_repository};
use crate::commands::migrate::read_files;
use crate::definition::{self, Definition, Syntax};
use crate::error::{Error, Kind, Result};
use crate::migrations;
use crate::model::snapshot::Chunk;
use crate::store::repository::is_repository;
use crate::store::s3::SCHEME;
use crate::ui::human;

/// What an argument names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A profile, a URL or a SQLite file, as it was given.
    Database(String),
    Files(FilesOf),
}

/// Files that say what a schema should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesOf {
    Definition(PathBuf),
    Sql(PathBuf),
    Migrations(PathBuf),
    /// A repository of backups, and the id of one of them; the newest where None.
    Backup(PathBuf, Option<String>),
}

impl Source {
    /// Files are known by their endings, and a folder by being one; a profile's name goes before a
    /// folder's.
    pub fn of(context: &Context, argument: &str) -> Source {
        let path = Path::new(argument);
        let is_sql = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"));
        let has_scheme = argument.contains("://");
        let is_profile = || context.profile_names().iter().any(|name| name == argument);
        let backup = if has_scheme { backup_in_s3(argument) } else { backup_at(path) };
        if let Some((folder, id)) = backup {
            return Source::Files(FilesOf::Backup(folder, id));
        }
        match () {
            () if has_scheme => Source::Database(argument.to_owned()),
            () if is_sql => Source::Files(FilesOf::Sql(path.to_owned())),
            () if Syntax::of(path).is_some() => Source::Files(FilesOf::Definition(path.to_owned())),
            () if path.is_dir() && !is_profile() => Source::Files(FilesOf::Migrations(path.to_owned())),
            () => Source::Database(argument.to_owned()),
        }
    }
}

/// The text of files, ready to be loaded by an engine.
#[derive(Debug)]
pub enum Texts {
    Definition { definition: Definition, source: definition::Source },
    Sql(Vec<Part>),
}

/// A piece of SQL with the file it stands in.
#[derive(Debug)]
pub struct Part {
    pub name: String,
    pub text: String,
    pub range: Range<usize>,
}

impl FilesOf {
    /// Reads the files.
    pub fn read(&self, context: &Context) -> Result<Texts> {
        match self {
            FilesOf::Definition(path) => {
                let (definition, mut sources) = read_definitions(context, std::slice::from_ref(path))?;
                // One file was given.
                Ok(Texts::Definition { definition, source: sources.remove(0) })
            }
            FilesOf::Sql(path) => {
                let text = read_text(path)?;
                let name = path.display().to_string();
                Ok(Texts::Sql(vec![Part { name, range: 0..text.len(), text }]))
            }
            FilesOf::Migrations(path) => Ok(Texts::Sql(read_migrations(context, path)?)),
            FilesOf::Backup(folder, id) => Ok(Texts::Sql(read_backup(context, folder, id.as_deref())?)),
        }
    }
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::from(error).context(format!("cannot read {}", path.display())))
}

/// The backup that an address of S3 names, as a path does.
fn backup_in_s3(address: &str) -> Option<(PathBuf, Option<String>)> {
    let (place, options) =
        address.strip_prefix(SCHEME)?.split_once('?').unwrap_or((&address[SCHEME.len()..], ""));
    let (place, id) = match place.strip_suffix(".json").and_then(|place| place.rsplit_once("/snapshots/")) {
        Some((repository, id)) => (repository, Some(id.to_owned())),
        None => (place, None),
    };
    let before = if options.is_empty() { "" } else { "?" };
    Some((PathBuf::from(format!("{SCHEME}{place}{before}{options}")), id))
}

/// The backup that a path names: a repository stands for its newest, a manifest in it for itself.
fn backup_at(path: &Path) -> Option<(PathBuf, Option<String>)> {
    if is_repository(path) {
        return Some((path.to_owned(), None));
    }
    let repository = path.parent()?.parent().filter(|folder| is_repository(folder))?;
    let id = path.file_stem()?.to_str()?;
    path.extension()
        .is_some_and(|ending| ending == "json")
        .then(|| (repository.to_owned(), Some(id.to_owned())))
}

/// The statements of a backup, as its scripts have them.
fn read_backup(context: &Context, folder: &Path, id: Option<&str>) -> Result<Vec<Part>> {
    let repository = open_repository(context, Some(&folder.to_string_lossy()), &Identities::default())?;
    let id = choose(&repository, id.unwrap_or("latest"))?;
    let snapshot = repository.snapshot(&id)?;
    let part = |chunks: &[Chunk], when: &str| -> Result<Part> {
        let text = repository.text(chunks, snapshot.compression)?;
        Ok(Part { name: format!("backup {id}, {when} its rows"), range: 0..text.len(), text })
    };
    Ok(vec![part(&snapshot.before_data, "before")?, part(&snapshot.after_data, "after")?])
}

/// Reads definition files; all that is wrong is printed.
pub fn read_definitions(
    context: &Context,
    paths: &[PathBuf],
) -> Result<(Definition, Vec<definition::Source>)> {
    let mut sources = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let syntax = Syntax::of(path).ok_or_else(|| {
            Error::usage(format!("{name} is neither .toml, .yaml nor .json"))
                .hint("SQL files are given with --from")
        })?;
        sources.push(definition::Source { name, text: read_text(path)?, syntax });
    }
    let read = definition::read(&sources).map_err(|problems| {
        let count = human::counted(problems.len() as u64, "problems");
        match problems.iter().try_for_each(|problem| context.ui.print_problem(problem)) {
            Ok(()) => Error::new(Kind::Config, format!("the definition has {count}")),
            Err(error) => error,
        }
    })?;
    Ok((read, sources))
}

/// What the migrations of a folder do, in their order.
fn read_migrations(context: &Context, folder: &Path) -> Result<Vec<Part>> {
    let shown = folder.display().to_string();
    let files = read_files(folder)?;
    let read = migrations::read(shown.trim_end_matches('/'), &files)?;
    if !read.ignored.is_empty() {
        context.ui.warn(&format!("{shown}: no migrations, and left out: {}", read.ignored.join(", ")));
    }
    let scripts = read.list.iter().flat_map(|migration| &migration.up);
    let part = |script: &migrations::Script| Part {
        name: folder.join(&files[script.file].name).display().to_string(),
        text: files[script.file].text.clone(),
        range: script.range.clone(),
    };
    Ok(scripts.map(part).collect())
}
