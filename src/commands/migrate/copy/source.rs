//! The database that is copied, at one moment.

use super::CopyArgs;
use super::build::first;
use crate::commands::backup::{Filtered, Wanted, open};
use crate::commands::{Context, interrupt};
use crate::engine::backup::{Backup, Extract};
use crate::engine::copy::Seen;
use crate::engine::{Session, engine_for, open as open_session};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::target::Target;

use super::mapping::Mapping;

/// Sessions that see one moment, and what is there.
pub struct Source {
    pub target: Target,
    pub backup: &'static dyn Backup,
    pub sessions: Vec<Box<dyn Session>>,
    /// What is copied of it.
    pub catalog: Catalog,
    pub seen: Vec<Seen>,
    /// What was left out because something that it needs is not copied.
    pub left_out: Vec<String>,
    /// What is in no table, and does not come along.
    pub beside: Option<String>,
    /// How the moment is held, for people.
    pub how: String,
}

/// How rows of an engine are read in parts.
pub fn backup_of(target: &Target) -> Result<&'static dyn Backup> {
    engine_for(target.engine).backup().ok_or_else(|| {
        let title = target.engine.title();
        Error::new(Kind::Unsupported, format!("rows of {title} cannot be copied"))
    })
}

impl Source {
    pub fn open(
        context: &Context,
        args: &CopyArgs,
        target: &mut Target,
        to: &Target,
        jobs: usize,
    ) -> Result<Source> {
        let backup = backup_of(target)?;
        interrupt::listen()?;
        let mut sessions = open(context, target, backup.sessions(jobs))?;
        let held = backup.hold(&mut sessions).map_err(interrupt::as_interrupted)?;
        let mut catalog = first(&mut sessions)?.catalog(Scope { sizes: true, ..Scope::default() })?;
        for unread in &catalog.unread {
            context.ui.warn(&format!("not read: {}: {}", unread.what, unread.why));
        }
        let wanted = Wanted {
            tables: args.tables.clone(),
            exclude_tables: args.exclude_tables.clone(),
            ..Wanted::default()
        };
        let mut left_out = Vec::new();
        if !wanted.is_all() {
            let filtered = Filtered::of(&wanted, &catalog, backup)?;
            catalog = put_together(filtered.catalog, &catalog);
            left_out = filtered.partial.left_out;
        }
        // An engine of the same family takes the same values.
        let is_family = target.engine == to.engine || target.engine.kin() == Some(to.engine);
        let seen = match is_family || args.schema_only && target.engine.default_port().is_some() {
            true => Vec::new(),
            false => engine_for(target.engine).copying().look(first(&mut sessions)?, &catalog)?,
        };
        let beside = match args.schema_only || !wanted.is_all() {
            true => None,
            false => engine_for(target.engine).copying().beside_tables(first(&mut sessions)?)?,
        };
        if engine_for(target.engine).copying().shares_moment(first(&mut sessions)?)? {
            join(&mut sessions, target, backup, jobs);
        }
        let how = held.moment.how;
        Ok(Source { target: target.clone(), backup, sessions, catalog, seen, left_out, beside, how })
    }

    /// The rows of all tables, in parts.
    pub fn extracts(&mut self, mapping: &Mapping) -> Result<Vec<Extract>> {
        let (catalog, choice) = mapping.source();
        engine_for(mapping.from.engine).copying().extracts(first(&mut self.sessions)?, &catalog, &choice)
    }
}

/// Lets more sessions read beside the one that holds the moment; where they cannot, as somebody waits to
/// write, it reads alone.
fn join(sessions: &mut Vec<Box<dyn Session>>, target: &Target, backup: &dyn Backup, jobs: usize) {
    while sessions.len() < jobs {
        let more = open_session(target).and_then(|session| {
            let mut more = vec![session];
            backup.hold(&mut more).map(|_| more)
        });
        match more {
            Ok(more) => sessions.extend(more),
            Err(error) => {
                log::info!("fewer sessions read: {error}");
                return;
            }
        }
    }
}

/// A table that lost a foreign key which its own text still names is put together from its parts.
fn put_together(mut filtered: Catalog, all: &Catalog) -> Catalog {
    for object in &mut filtered.objects {
        let Some(before) = all.relation(&object.name) else { continue };
        let (Some(was), Some(is)) = (before.as_table(), object.as_table()) else { continue };
        if is.constraints.len() < was.constraints.len() && object.definition == before.definition {
            object.definition = None;
        }
    }
    filtered
}
