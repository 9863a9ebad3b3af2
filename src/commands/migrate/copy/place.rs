//! The database that is filled: empty, or made for it.

use std::path::Path;

use crate::commands::Context;
use crate::engine::backup::texts;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Kind as What, Object, Scope};
use crate::model::target::Target;
use crate::ui::human;

/// Looks at the place: what holds anything is refused. A file that is not there is one to make.
pub fn make_ready(context: &Context, target: &mut Target) -> Result<()> {
    if target.engine.default_port().is_none() {
        let path = target.database.clone().unwrap_or_default();
        let is_there = std::fs::metadata(Path::new(&path)).is_ok_and(|metadata| metadata.len() > 0);
        if !target.read_only {
            target.options.entry("mode".to_owned()).or_insert_with(|| "rwc".to_owned());
        }
        if !is_there {
            return Ok(());
        }
    }
    let catalog = context.open(target)?.catalog(Scope::default())?;
    match held(&catalog) {
        0 => Ok(()),
        count => Err(Error::new(
            Kind::Refused,
            format!("{} is not empty: it holds {}", target.label(), human::counted(count, "objects")),
        )
        .hint("copy into a new database beside it")),
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
        format!("row {1} of {0}, which refers to {2}", next(), next(), next())
    };
    Ok(rows.into_iter().map(shown).collect())
}
