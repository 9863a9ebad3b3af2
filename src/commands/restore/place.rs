//! Where a backup is restored to: a database that is empty, or one that is made for it.

use std::path::Path;

use super::super::{Context, refused_by_profile};
use super::build::engine_of;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Scope};
use crate::model::snapshot::Snapshot;
use crate::model::target::Target;
use crate::ui::human;

/// Where to.
pub enum Place {
    /// An empty database, or a file that is not there.
    Empty(Target),
    /// A database that is to be made on the server of the target.
    New(Target, String),
}

/// Whether an engine can take the backup at all.
pub fn fits(snapshot: &Snapshot, target: &Target, schema_only: bool) -> Result<()> {
    let from = engine_of(snapshot)?;
    if from != target.engine {
        let (from, to) = (from.title(), target.engine.title());
        return Err(Error::new(Kind::Unsupported, format!("a backup of {from} is not restored into {to}")));
    }
    if snapshot.partial.as_ref().is_some_and(|partial| partial.data_only) {
        return Err(Error::new(Kind::Unsupported, "this backup holds rows and no tables (--data-only)")
            .hint("docs/backup-format.md shows how the server's own client loads them"));
    }
    match schema_only && snapshot.image.is_some() {
        true => Err(Error::new(
            Kind::Unsupported,
            format!("a backup of {} holds the file as a whole, and not the schema alone", from.title()),
        )
        .hint("dbwright schema dump writes the schema of a database")),
        false => Ok(()),
    }
}

/// Looks at the place; what holds anything is refused.
pub fn find(context: &Context, mut target: Target, name: Option<&str>) -> Result<Place> {
    if target.engine.default_port().is_none() {
        if let Some(name) = name {
            target.database = Some(name.to_owned());
        }
        let path = target.database.clone().unwrap_or_default();
        return match std::fs::metadata(Path::new(&path)) {
            Ok(metadata) if metadata.len() > 0 => {
                Err(Error::new(Kind::Refused, format!("{path} is there already"))
                    .hint("restore under another name, and put it in its place when you have looked at it"))
            }
            _ => Ok(Place::Empty(target)),
        };
    }
    if let Some(name) = name {
        return Ok(Place::New(target, name.to_owned()));
    }
    let mut session = context.open(&mut target)?;
    let catalog = session.catalog(Scope::default())?;
    match held(&catalog) {
        0 => Ok(Place::Empty(target)),
        count => Err(Error::new(
            Kind::Refused,
            format!("{} is not empty: it holds {}", target.label(), human::counted(count, "objects")),
        )
        .hint("restore into a new database beside it: --as NAME")),
    }
}

/// What a database holds beside that which every new one does.
fn held(catalog: &Catalog) -> u64 {
    use crate::model::catalog::Kind as What;
    let is_born_with = |kind, name: &str| match kind {
        What::Schema => name == catalog.default_schema,
        What::Extension => name == "plpgsql",
        _ => false,
    };
    let own = catalog.objects.iter().filter(|object| object.extension.is_none());
    own.filter(|object| !is_born_with(object.kind(), &object.name.name)).count() as u64
}

impl Place {
    pub fn target(&self) -> &Target {
        match self {
            Place::Empty(target) | Place::New(target, _) => target,
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Place::Empty(target) => target.label(),
            Place::New(target, name) => format!("a new database {name} on {}", target.label()),
        }
    }

    /// The database, made if it has to be.
    pub fn make(self, context: &Context, snapshot: &Snapshot) -> Result<Target> {
        let (mut server, name) = match self {
            Place::Empty(target) => return Ok(target),
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
