//! The database that is filled: empty, made for it, or one in which a copy was begun.

use std::path::Path;

use super::CopyArgs;
use super::journal;
use crate::commands::Context;
use crate::engine::backup::texts;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Kind as What, Object, Scope};
use crate::model::target::Target;
use crate::ui::human;

/// What is at the place.
pub enum Found {
    /// Nothing.
    Empty,
    /// Tables that rows can go to.
    There(Box<Catalog>),
    /// A copy that was ended early.
    Begun(Box<Catalog>),
}

/// Looks at the place; what holds anything else is refused. A file that is not there is one to make.
pub fn look(context: &Context, args: &CopyArgs, target: &mut Target) -> Result<Found> {
    if target.engine.default_port().is_none() {
        let path = target.database.clone().unwrap_or_default();
        let is_there = std::fs::metadata(Path::new(&path)).is_ok_and(|metadata| metadata.len() > 0);
        if !target.read_only {
            target.options.entry("mode".to_owned()).or_insert_with(|| "rwc".to_owned());
        }
        if !is_there && !args.data_only {
            return Ok(Found::Empty);
        }
    }
    let mut catalog = context.open(target)?.catalog(Scope::default())?;
    let is_journal = |object: &Object| object.name.name == journal::TABLE && object.as_table().is_some();
    let begun = catalog.objects.iter().any(is_journal);
    catalog.keep(|object| !is_journal(object));
    match held(&catalog) {
        _ if args.data_only => Ok(match begun {
            true => Found::Begun(Box::new(catalog)),
            false => Found::There(Box::new(catalog)),
        }),
        _ if begun => Ok(Found::Begun(Box::new(catalog))),
        0 => Ok(Found::Empty),
        _ if args.dry_run => {
            context.ui.warn(&format!("{} is not empty", target.label()));
            Ok(Found::Empty)
        }
        count => Err(Error::new(
            Kind::Refused,
            format!("{} is not empty: it holds {}", target.label(), human::counted(count, "objects")),
        )
        .hint("copy into a new database beside it")
        .hint("or only rows, into tables that are there: --data-only")),
    }
}

/// What a database holds beside that which every new one does.
fn held(catalog: &Catalog) -> u64 {
    let own = catalog.objects.iter().filter(|object| object.extension.is_none());
    own.filter(|object| !is_born_with(catalog, object)).count() as u64
}

fn is_born_with(catalog: &Catalog, object: &Object) -> bool {
    match object.kind() {
        What::Schema => object.name.name == catalog.default_schema,
        What::Extension => object.name.name == "plpgsql",
        _ => false,
    }
}

/// Rows whose reference leads nowhere, where the engine does not look for them by itself.
pub fn broken_references(session: &mut dyn Session) -> Result<Vec<String>> {
    let Some(loose) = engine_for(session.server().engine).loose_references() else { return Ok(Vec::new()) };
    let rows = texts(session, loose.broken)?;
    let shown = |row: Vec<Option<String>>| {
        let mut cells = row.into_iter().map(|cell| cell.unwrap_or_else(|| "NULL".to_owned()));
        let mut next = || cells.next().unwrap_or_default();
        let (table, row, parent) = (next(), next(), next());
        format!("row {row} of {table}, which refers to {parent}")
    };
    Ok(rows.into_iter().map(shown).collect())
}
