//! Reading the catalog of the database that a command's argument names.

use crate::commands::{Context, interrupt};
use crate::error::{Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::progress::Unit;

/// Opens the database and reads its catalog. Work that takes a while is shown, and can be
/// interrupted.
pub fn read_catalog(context: &Context, argument: Option<&str>, scope: Scope) -> Result<Catalog> {
    let mut target = context.target(argument)?;
    context.guard_protected(&mut target);
    let mut session = context.open(&mut target)?;
    let label = format!("reading the catalog of {}", target.label());
    let _shown = context.ui.progress().task(&label, None, Unit::Count("objects"));
    let _stoppable = interrupt::guard(session.canceller());
    let catalog = session.catalog(scope).map_err(interrupt::as_interrupted);
    catalog.map_err(|error| match error.kind() {
        Kind::Interrupted => error,
        _ => error.context(format!("cannot read the catalog of {}", target.label())),
    })
}

/// Says what the catalog lacks.
pub fn warn_of_unread(context: &Context, catalog: &Catalog) {
    for unread in &catalog.unread {
        context.ui.warn(&format!("not read: {}: {}", unread.what, unread.why));
    }
}
