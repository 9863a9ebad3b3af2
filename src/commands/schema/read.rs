//! Reading the catalog of the database that a command's argument names.

use crate::commands::{Context, interrupt};
use crate::error::{Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::progress::Unit;
use crate::model::target::Target;

/// Opens the database and reads its catalog. Work that takes a while is shown, and can be
/// interrupted.
pub fn read_catalog(context: &Context, argument: Option<&str>, scope: Scope) -> Result<Catalog> {
    read_from(context, &mut context.target(argument)?, scope)
}

/// The same for a target that is known already.
pub fn read_from(context: &Context, target: &mut Target, scope: Scope) -> Result<Catalog> {
    context.guard_protected(target);
    let mut session = context.open(target)?;
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
