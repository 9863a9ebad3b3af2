//! Databases that are made for a moment.

use super::{Context, interrupt, refused_by_profile};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Catalog;
use crate::model::target::Target;
use crate::sql::quote_ident;

/// A database that is dropped again, whatever happens.
pub struct Scratch<'c> {
    context: &'c Context,
    /// On the server's own database.
    session: Box<dyn Session>,
    /// The new database.
    pub target: Target,
    name: String,
    /// A signal between two statements must not end the process before the database is dropped.
    _held: interrupt::Guard,
}

impl<'c> Scratch<'c> {
    /// Makes one on a server, with the character set of `like`.
    pub fn make(context: &'c Context, mut server: Target, like: Option<&Catalog>) -> Result<Self> {
        context.guard_protected(&mut server);
        let name = format!("dbwright_scratch_{:016x}", fastrand::u64(..));
        let like = like.map(|catalog| catalog.attributes.as_slice()).unwrap_or_default();
        let engine = engine_for(server.engine);
        let unsupported = || Error::new(Kind::Unsupported, "this engine has no server to make a database on");
        let create = engine.create_database(&name, like).ok_or_else(unsupported)?;
        let mut session = context.open(&mut server)?;
        let _held = interrupt::guard(Box::new(interrupt::Nothing));
        session.execute(&create, &[]).map_err(|error| {
            refused_by_profile(error, &server)
                .context(format!("cannot make a database for a moment on {}", server.label()))
        })?;
        let target = Target { database: Some(name.clone()), profile: None, ..server };
        Ok(Scratch { context, session, target, name, _held })
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        let dialect = engine_for(self.target.engine).dialect(self.target.engine);
        let sql = format!("DROP DATABASE {}", quote_ident(dialect, &self.name));
        if let Err(error) = self.session.execute(&sql, &[]) {
            self.context.ui.warn(&format!("database {} is left, and can be dropped: {error}", self.name));
        }
    }
}
