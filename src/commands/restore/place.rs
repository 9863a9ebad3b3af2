//! Where a backup is restored to: a database that is empty, or one that is made for it.

use std::path::Path;

use super::super::{Context, refused_by_profile};
use super::build::{Build, engine_of};
use super::choose::Chosen;
use super::clean::Clean;
use super::steps::Steps;
use super::{alone, journal, rows_only};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Object, Scope};
use crate::model::listing::Listed;
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
    /// A database that a run before has filled in part; how far, for people.
    Begun(Target, Begun),
}

/// A restore that goes on.
pub struct Begun {
    pub at: String,
    pub words: String,
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
        if !is_there(context, &mut target, name)? {
            return Ok(Place::New(target, name.to_owned()));
        }
        target.database = Some(name.to_owned());
    }
    let mut session = context.open(&mut target)?;
    if let Some(begun) = begun(session.as_mut(), &target, wish)? {
        return Ok(Place::Begun(target, begun));
    }
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

fn is_there(context: &Context, server: &mut Target, name: &str) -> Result<bool> {
    let mut session = context.open(server)?;
    let databases = session.explore().list(Listed::Databases, None)?;
    Ok(databases.rows.into_iter().any(|row| row.into_iter().next().is_some_and(|each| each == name)))
}

/// A restore that goes on here. That of another backup is refused, unless all that it made is to be
/// dropped with the rest.
fn begun(session: &mut dyn Session, target: &Target, wish: &Wish<'_>) -> Result<Option<Begun>> {
    let build = wish.build;
    let Some(backup) = engine_for(target.engine).backup() else { return Ok(None) };
    let Some(noted) = journal::look(session, backup)? else { return Ok(None) };
    let steps = Steps::of(build, backup)?;
    if noted.is_of(&steps, wish.clean) {
        return Ok(Some(Begun { at: noted.head.begun.clone(), words: noted.words(&steps) }));
    }
    let drops_all = wish.clean && build.chosen.is_none();
    match drops_all || (wish.clean && noted.head.steps == steps.sum) {
        true => Ok(None),
        false => Err(noted.refusal(&steps, &build.snapshot.id, &target.label())),
    }
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
    own.filter(|object| !is_born_with(catalog, object) && !journal::is_journal(object)).count() as u64
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

/// Nobody goes on with what is dropped now; until the session ends nobody begins either.
fn forget(context: &Context, target: &mut Target) -> Result<Box<dyn Session>> {
    let mut session = alone::claim(context, target)?;
    if let Some(backup) = engine_for(target.engine).backup() {
        journal::forget(session.as_mut(), backup).map_err(|error| refused_by_profile(error, target))?;
    }
    Ok(session)
}

impl Place {
    pub fn target(&self) -> &Target {
        match self {
            Place::Ready(target)
            | Place::Filled(target, _)
            | Place::File(target, _)
            | Place::Tables(target, _)
            | Place::Begun(target, _)
            | Place::New(target, _) => target,
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Place::Ready(target)
            | Place::Filled(target, _)
            | Place::File(target, _)
            | Place::Begun(target, _) => target.label(),
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

    /// The restore that goes on.
    pub fn begun(&self) -> Option<&Begun> {
        match self {
            Place::Begun(_, begun) => Some(begun),
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
            Place::Ready(target) | Place::File(target, _) | Place::Begun(target, _) => return Ok(target),
            Place::Tables(mut target, found) => {
                let _alone = forget(context, &mut target)?;
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
                let _alone = forget(context, &mut target)?;
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
        let made = context.open(&mut server)?.execute(&create, &[]);
        if let Err(error) = made {
            // A run that was killed may have been about to make it.
            if !is_there(context, &mut server, &name)? {
                return Err(refused_by_profile(error, &server)
                    .context(format!("cannot make the database {name} on {}", server.label())));
            }
            let mut target = Target { database: Some(name), ..server };
            refuse_filled(&context.open(&mut target)?.catalog(Scope::default())?, &target, None)?;
            return Ok(target);
        }
        Ok(Target { database: Some(name), ..server })
    }
}
