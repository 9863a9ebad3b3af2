//! Migrations as teams keep them in files: what the names and the comments in them mean to the
//! tools they come from. Texts in, an ordered list out; nothing here opens a file or a database.

mod directives;
mod history;
mod inverse;
mod name;
mod placeholders;
mod sections;
mod state;
mod statements;
mod waivers;

use dbwright_core::{error, model, sql};

use std::ops::Range;

pub use directives::{Directives, read as directives};
pub use history::leave_out;
pub use inverse::{Undo, undo};
pub use name::{Naming, Role, Version};
pub use placeholders::{Unknown, Values, replace};
pub use sections::Wrong;
pub use state::{Entry, Id, Record, State, Wanted, join};
pub use statements::{Statement, Written, checksum, split};
pub use waivers::{Allowed, read as allowed};

use crate::error::{Error, Kind, Result};
use crate::model::place::place;
use name::FileName;

/// A file of the folder.
#[derive(Debug, Clone)]
pub struct File {
    /// Without the folder.
    pub name: String,
    pub text: String,
}

/// Whose conventions a folder follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `1_name.sql` with `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// `1_name.sql` with `-- +goose Up` and `-- +goose Down`.
    Goose,
    /// `1_name.sql` with `-- +migrate Up` and `-- +migrate Down`.
    SqlMigrate,
    /// `1_name.up.sql` and `1_name.down.sql`, or `1_name/up.sql` and `1_name/down.sql`.
    UpDown,
    /// `V1__name.sql`, `R__name.sql`.
    Flyway,
    /// `1_name.sql`, and all of it is done.
    Plain,
}

impl Style {
    /// How people call it.
    pub fn title(self) -> &'static str {
        match self {
            Style::Dbmate => "dbmate",
            Style::Goose => "goose",
            Style::SqlMigrate => "sql-migrate",
            Style::UpDown => "golang-migrate",
            Style::Flyway => "Flyway",
            Style::Plain => "numbered files",
        }
    }
}

/// A part of a file: statements that are run one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The file, as a place in the list that was read.
    pub file: usize,
    /// The bytes of its text.
    pub range: Range<usize>,
    /// Whether it may run in a transaction.
    pub transaction: bool,
}

/// One step from an empty database to the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// None for one that is repeated when it changes, after all others.
    pub version: Option<Version>,
    pub name: String,
    pub up: Vec<Script>,
    /// What takes it back, where there is something.
    pub down: Vec<Script>,
}

/// A folder that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrations {
    pub style: Style,
    /// In the order in which an empty database is brought up to date.
    pub list: Vec<Migration>,
    /// Files that end in `.sql` and are no migrations.
    pub ignored: Vec<String>,
}

/// What a migration is known by that is in a file of this name; None when no migration is called so.
pub fn id_of_file(name: &str) -> Option<Id> {
    let name = name::parse(name)?;
    Some(name.version.map_or(Id::Repeatable(name.name), Id::Version))
}

/// Whether a text has a line that begins a section by the conventions of some tool.
pub fn has_sections(text: &str) -> bool {
    sections::style(text).is_some()
}

/// Reads the files of a folder, in whatever order they come.
pub fn read(folder: &str, files: &[File]) -> Result<Migrations> {
    let mut ignored = Vec::new();
    let mut named = Vec::new();
    for (at, file) in files.iter().enumerate() {
        match name::parse(&file.name) {
            Some(name) => named.push((at, name)),
            None if file.name.to_ascii_lowercase().ends_with(".sql") => ignored.push(file.name.clone()),
            None => {}
        }
    }
    let reader = Reader { folder, files };
    let style = reader.style(&named)?;
    let mut list = reader.up(&named, style)?;
    reader.down(&named, &mut list)?;
    ignored.sort();
    Ok(Migrations { style, list, ignored })
}

struct Reader<'a> {
    folder: &'a str,
    files: &'a [File],
}

type Named = (usize, FileName);

impl Reader<'_> {
    fn path(&self, at: usize) -> String {
        format!("{}/{}", self.folder, self.files[at].name)
    }

    fn wrong(&self, message: String) -> Error {
        Error::new(Kind::Config, message)
    }

    /// The one style of all files.
    fn style(&self, named: &[Named]) -> Result<Style> {
        let Some((first, name)) = named.first() else {
            return Err(self
                .wrong(format!("there is no migration in {}", self.folder))
                .hint("a migration is called like 20260131120000_name.sql, 1_name.up.sql or V1__name.sql"));
        };
        let of = |at: usize, name: &FileName| match name.naming {
            Naming::Flyway => Style::Flyway,
            Naming::UpDown => Style::UpDown,
            Naming::Numbered => sections::style(&self.files[at].text).unwrap_or(Style::Plain),
        };
        let style = of(*first, name);
        let other = named.iter().map(|(at, name)| (*at, of(*at, name))).find(|(_, other)| *other != style);
        match other {
            None => Ok(style),
            Some((at, other)) => Err(self.wrong(format!(
                "{} mixes migrations of two kinds: {} is one of {}, {} one of {}",
                self.folder,
                self.files[*first].name,
                style.title(),
                self.files[at].name,
                other.title()
            ))),
        }
    }

    /// The migrations in their order: by version, and after them what is repeatable, by name.
    fn up(&self, named: &[Named], style: Style) -> Result<Vec<Migration>> {
        let baselines = named.iter().filter(|(_, name)| name.role == Role::Baseline);
        let baseline = baselines.filter_map(|(_, name)| name.version.clone()).max();
        let mut list: Vec<(usize, Migration)> = Vec::new();
        for (at, name) in named.iter().filter(|(_, name)| name.role != Role::Down) {
            if name.version.is_none() && name.role != Role::Repeatable {
                let path = self.path(*at);
                return Err(self.wrong(format!("the number of {path} is beyond all bounds")));
            }
            // A baseline stands for itself and all before it.
            let covered = match name.role {
                Role::Up => baseline.is_some() && name.version <= baseline,
                Role::Baseline => name.version != baseline,
                _ => false,
            };
            if covered {
                continue;
            }
            let text = &self.files[*at].text;
            let sections = sections::sections(*at, text, style).map_err(|wrong| {
                self.wrong(wrong.message.to_owned()).at(place(&self.path(*at), text, wrong.at))
            })?;
            let sections::Sections { up, down } = sections;
            list.push((*at, Migration { version: name.version.clone(), name: name.name.clone(), up, down }));
        }
        let key = |each: &(usize, Migration)| {
            let version = each.1.version.clone();
            (version.is_none(), version, each.1.name.clone())
        };
        list.sort_by_cached_key(key);
        for pair in list.windows(2) {
            let [(one, first), (other, second)] = pair else { continue };
            if first.version.is_some() && first.version == second.version {
                let (one, other) = (&self.files[*one].name, &self.files[*other].name);
                return Err(self.wrong(format!("{}: {one} and {other} have the same version", self.folder)));
            }
        }
        Ok(list.into_iter().map(|(_, migration)| migration).collect())
    }

    /// Gives the files that take something back to the migrations that they take back.
    fn down(&self, named: &[Named], list: &mut [Migration]) -> Result<()> {
        for (at, name) in named.iter().filter(|(_, name)| name.role == Role::Down) {
            let text = &self.files[*at].text;
            let script = Script { file: *at, range: 0..text.len(), transaction: true };
            // They stand by version, and after them those that have none.
            let place = list.partition_point(|each| each.version.is_some() && each.version < name.version);
            match list.get_mut(place).filter(|each| each.version.is_some() && each.version == name.version) {
                Some(migration) => migration.down.push(script),
                // Flyway's baseline may have taken the place of what is undone.
                None if name.naming == Naming::Flyway => {}
                None => {
                    let path = self.path(*at);
                    return Err(self.wrong(format!("{path} takes back a migration that is not there")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
