//! Where a backup is restored to: a database that is empty, or one that is made for it.

use std::path::Path;

use super::super::{Context, refused_by_profile};
use super::build::{Build, engine_of};
use super::choose::Chosen;
use super::clean::Clean;
use super::rows_only;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Object, Scope};
use crate::model::snapshot::Snapshot;
use crate::model::target::Target;
use crate::ui::human;

/// Where to.
pub enum Place {
    /// A database without what is restored, or a file that is not there.
    Ready(Target),
    /// What is there is dropped first.
    Filled(Target, Box<Clean>),
    /// A SQLite file, which is replaced when the new one is whole.
    File(Target, u64),
    /// Tables that rows are loaded into; those with rows are emptied first.
    Tables(Target, rows_only::Found),
    /// A database that is to be made on the server of the target.
    New(Target, String),
}

/// What is asked for.
pub struct Wish<'a> {
    pub build: &'a Build<'a>,
    pub clean: bool,
    pub name: Option<&'a str>,
}

/// Whether an engine can take the backup at all.
pub fn fits(snapshot: &Snapshot, target: &Target, in_part: bool) -> Result<()> {
    let from = engine_of(snapshot)?;
    if from != target.engine {
        let (from, to) = (from.title(), target.engine.title());
        return Err(Error::new(Kind::Unsupported, format!("a backup of {from} is not restored into {to}")));
    }
    match in_part && snapshot.image.is_some() {
        true => Err(Error::new(
            Kind::Unsupported,
            format!("a backup of {} holds the file as a whole, and is not restored in part", from.title()),
        )
        .hint("restore it beside the database, ATTACH it there, and copy what you need")
        .hint("dbwright schema dump writes the schema of a database")),
        false => Ok(()),
    }
}

/// Looks at the place; what holds anything is refused, unless that is to be dropped.
pub fn find(context: &Context, mut target: Target, wish: &Wish<'_>) -> Result<Place> {
    if target.engine.default_port().is_none() {
        if let Some(name) = wish.name {
            target.database = Some(name.to_owned());
        }
        let path = target.database.clone().unwrap_or_default();
        return match std::fs::metadata(Path::new(&path)) {
            Ok(metadata) if metadata.len() > 0 && wish.clean => Ok(Place::File(target, metadata.len())),
            Ok(metadata) if metadata.len() > 0 => {
                Err(Error::new(Kind::Refused, format!("{path} is there already"))
                    .hint("restore under another name, and put it in its place when you have looked at it")
                    .hint("or replace it: --clean"))
            }
            _ => Ok(Place::Ready(target)),
        };
    }
    if let Some(name) = wish.name {
        return Ok(Place::New(target, name.to_owned()));
    }
    let mut session = context.open(&mut target)?;
    let catalog = session.catalog(Scope::default())?;
    if wish.build.data_only {
        let found = rows_only::look(wish.build, session.as_mut(), &catalog)?;
        return match found.filled.is_empty() || wish.clean {
            true => Ok(Place::Tables(target, found)),
            false => Err(Error::new(Kind::Refused, format!("there are {}", rows_only::filled_words(&found)))
                .hint("--clean deletes them first")),
        };
    }
    if wish.clean {
        let clean = Clean::of(session.as_mut(), wish.build.chosen)?;
        return Ok(match clean {
            Some(clean) => Place::Filled(target, Box::new(clean)),
            None => Place::Ready(target),
        });
    }
    refuse_filled(&catalog, &target, wish.build.chosen)?;
    Ok(Place::Ready(target))
}

fn refuse_filled(catalog: &Catalog, target: &Target, chosen: Option<&Chosen>) -> Result<()> {
    let error = match chosen {
        None => match held(catalog) {
            0 => return Ok(()),
            count => Error::new(
                Kind::Refused,
                format!("{} is not empty: it holds {}", target.label(), human::counted(count, "objects")),
            ),
        },
        Some(chosen) => match chosen.tables.iter().find(|name| catalog.relation(name).is_some()) {
            None => return Ok(()),
            Some(name) => Error::new(Kind::Refused, format!("{name} is there already"))
                .hint("--data-only loads rows into a table that is there"),
        },
    };
    Err(error
        .hint("restore into a new database beside it: --as NAME")
        .hint("or drop what is there first: --clean"))
}

/// What a database holds beside that which every new one does.
fn held(catalog: &Catalog) -> u64 {
    let own = catalog.objects.iter().filter(|object| object.extension.is_none());
    own.filter(|object| !is_born_with(catalog, object)).count() as u64
}

/// Whether every new database has the object.
pub fn is_born_with(catalog: &Catalog, object: &Object) -> bool {
    use crate::model::catalog::Kind as What;
    match object.kind() {
        What::Schema => object.name.name == catalog.default_schema,
        What::Extension => object.name.name == "plpgsql",
        _ => false,
    }
}

impl Place {
    pub fn target(&self) -> &Target {
        match self {
            Place::Ready(target)
            | Place::Filled(target, _)
            | Place::File(target, _)
            | Place::Tables(target, _)
            | Place::New(target, _) => target,
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Place::Ready(target) | Place::Filled(target, _) | Place::File(target, _) => target.label(),
            Place::Tables(target, _) => format!("tables of {}", target.label()),
            Place::New(target, name) => format!("a new database {name} on {}", target.label()),
        }
    }

    /// What goes before anything comes, for people.
    pub fn drops(&self) -> Option<String> {
        match self {
            Place::Filled(_, clean) => Some(format!("drops {}", clean.words())),
            Place::File(target, size) => {
                let path = target.database.as_deref().unwrap_or_default();
                Some(format!("replaces the file {path} of {}", human::bytes(*size)))
            }
            Place::Tables(_, found) if !found.filled.is_empty() => {
                Some(format!("deletes {}", rows_only::filled_words(found)))
            }
            _ => None,
        }
    }

    /// What is lost for good.
    pub fn loses(&self) -> Option<String> {
        match self {
            Place::Filled(_, clean) => clean.loses().map(str::to_owned),
            Place::File(target, size) => {
                let path = target.database.as_deref().unwrap_or_default();
                Some(format!("what the file {path} holds, {}", human::bytes(*size)))
            }
            Place::Tables(_, found) if !found.filled.is_empty() => Some(rows_only::filled_words(found)),
            _ => None,
        }
    }

    /// The database, made or emptied if it has to be.
    pub fn make(self, context: &Context, snapshot: &Snapshot) -> Result<Target> {
        let (mut server, name) = match self {
            Place::Ready(target) | Place::File(target, _) => return Ok(target),
            Place::Tables(mut target, found) => {
                let dialect = engine_for(target.engine).dialect(target.engine);
                if !found.filled.is_empty() {
                    let mut session = context.open(&mut target)?;
                    rows_only::prepare(session.as_mut())?;
                    rows_only::empty(session.as_mut(), dialect, &found.filled)
                        .map_err(|error| refused_by_profile(error, &target))?;
                }
                return Ok(target);
            }
            Place::Filled(mut target, clean) => {
                clean.run(context, &mut target)?;
                return Ok(target);
            }
            Place::New(server, name) => (server, name),
        };
        let like: Vec<Attribute> = snapshot
            .attributes
            .iter()
            .map(|each| Attribute { name: each.name.clone(), value: each.value.clone() })
            .collect();
        let create = engine_for(server.engine).create_database(&name, &like);
        let create = create.ok_or_else(|| {
            Error::new(Kind::Unsupported, "this engine has no server to make a database on")
        })?;
        let mut session = context.open(&mut server)?;
        session.execute(&create, &[]).map_err(|error| {
            refused_by_profile(error, &server)
                .context(format!("cannot make the database {name} on {}", server.label()))
        })?;
        Ok(Target { database: Some(name), ..server })
    }
}
