//! The catalog of the selected database.
//!
//! What is there is asked of the lists that the servers keep (`SHOW FULL TABLES` and
//! information_schema, a fixed number of queries); what each object is comes from its
//! `SHOW CREATE` text, asked for by the thousand in one go ([`MysqlSession::collect_many`]).
//!
//! What is consistent: each object is seen whole, as its text is written under its metadata lock.
//! What is not: the objects among each other. Definitions are not part of InnoDB's snapshots, so
//! no transaction holds them still; `LOCK INSTANCE FOR BACKUP` and `BACKUP STAGE` do, but need
//! rights that a reader has not, and hold up everybody's changes. What is dropped between the
//! list and its text is left out; what is made in between is not seen.

mod column;
mod depends;
mod hidden;
mod keys;
mod privileges;
mod programs;
mod relations;
mod settings;
mod table;
#[cfg(test)]
pub use table::attribute;
pub mod text;
mod triggers;
pub mod words;

use super::errors;
use super::session::{Cells, MysqlSession};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Scope, Unread};
use crate::model::server::TxState;
use crate::model::target::EngineKind;
use crate::sql::{Dialect, MARIADB, MYSQL, quote_ident, quote_literal};
pub use privileges::UNREAD as UNREAD_RIGHTS;

/// Reads the catalog of the selected database.
pub fn read(session: &mut MysqlSession, scope: Scope) -> Result<Catalog> {
    let database = session.selected_database().to_owned();
    if database.is_empty() {
        return Err(Error::new(Kind::Usage, "no database is selected, so there is no catalog to read")
            .hint("name the database in the URL or profile: mysql://host/DATABASE"));
    }
    let was_idle = crate::engine::Session::transaction(session) == TxState::Idle;
    let catalog = settings::with(session, scope, |session| {
        let mut reader = Reader::new(session, database, scope)?;
        reader.database()?;
        let views = relations::read(&mut reader)?;
        triggers::read(&mut reader)?;
        programs::read(&mut reader)?;
        hidden::read(&mut reader)?;
        reader.dependencies(&views);
        if scope.privileges {
            privileges::read(&mut reader)?;
        }
        let mut catalog = reader.catalog;
        catalog.sort();
        Ok(catalog)
    });
    // Without autocommit the first question began a transaction, which would keep its locks on
    // what it has looked at.
    if was_idle && crate::engine::Session::transaction(session) == TxState::Open {
        session.collect("ROLLBACK", &[])?;
    }
    catalog
}

/// A catalog that is being read.
pub struct Reader<'a> {
    session: &'a mut MysqlSession,
    scope: Scope,
    catalog: Catalog,
    dialect: &'static Dialect,
    is_mariadb: bool,
    /// Names are told apart by case (`lower_case_table_names=0`).
    by_case: bool,
}

/// The texts of the views that name their tables in full, by the names of the views.
pub type FullTexts = std::collections::HashMap<String, String>;

impl<'a> Reader<'a> {
    fn new(session: &'a mut MysqlSession, database: String, scope: Scope) -> Result<Self> {
        let is_mariadb = session.engine() == EngineKind::Mariadb;
        let by_case = session.single("SELECT @@lower_case_table_names")?.as_deref() == Some("0");
        let mut catalog = Catalog::empty(session.engine());
        let server = crate::engine::Session::server(session);
        catalog.server_version.clone_from(&server.version);
        catalog.server_version_num = server.version_num;
        catalog.database = database;
        let dialect = if is_mariadb { &MARIADB } else { &MYSQL };
        Ok(Reader { session, scope, catalog, dialect, is_mariadb, by_case })
    }

    /// The condition that a column of information_schema names the selected database.
    fn is_ours(&self, column: &str) -> String {
        let name = self.literal(&self.catalog.database);
        // MariaDB compares these columns without regard to case.
        match self.is_mariadb && self.by_case {
            true => format!("{column} = {name} AND BINARY {column} = {name}"),
            false => format!("{column} = {name}"),
        }
    }

    fn literal(&self, text: &str) -> String {
        // These dialects write a NUL as an escape, so every text can be written.
        quote_literal(self.dialect, text).unwrap_or_default()
    }

    fn quoted(&self, name: &str) -> String {
        quote_ident(self.dialect, name)
    }

    fn not_read(&mut self, what: String, why: impl Into<String>) {
        self.catalog.unread.push(Unread { what, why: why.into() });
    }

    /// The `SHOW CREATE` rows of objects of a kind; None for what is gone or may not be seen, the
    /// latter noted.
    fn definitions(&mut self, kind: &str, names: &[String]) -> Result<Vec<Option<Cells>>> {
        let statements: Vec<String> = names
            .iter()
            .map(|name| format!("SHOW CREATE {} {}", kind.to_ascii_uppercase(), self.quoted(name)))
            .collect();
        let answers = self.session.collect_many(&statements)?;
        let mut found = Vec::with_capacity(answers.len());
        for (answer, name) in answers.into_iter().zip(names) {
            found.push(match answer {
                Ok(rows) => rows.into_iter().next(),
                Err(error) if is_gone(&error) => None,
                Err(error) => {
                    self.not_read(format!("{kind} {name}"), why(&error));
                    None
                }
            });
        }
        Ok(found)
    }

    fn database(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
             WHERE {}",
            self.is_ours("schema_name")
        );
        if let Some(row) = self.session.collect(&sql, &[])?.into_iter().next() {
            for (name, value) in ["charset", "collate"].into_iter().zip(row) {
                let value = value.unwrap_or_default();
                self.catalog.attributes.push(Attribute { name: name.into(), value });
            }
        }
        Ok(())
    }

    /// Says of every view what it needs, and of every table the sequences of its defaults.
    fn dependencies(&mut self, views: &FullTexts) {
        let places = depends::Places::of(&self.catalog);
        let Catalog { objects, database, .. } = &mut self.catalog;
        for (at, object) in (0u32..).zip(objects) {
            let mut needed = match &object.detail {
                crate::model::catalog::Detail::View(_) => match views.get(&object.name.name) {
                    Some(full) => places.named(full, database, self.dialect),
                    None => continue,
                },
                crate::model::catalog::Detail::Table(table) => {
                    let defaults = table.columns.iter().filter_map(|column| column.default.as_deref());
                    defaults.flat_map(|text| places.named(text, database, self.dialect)).collect()
                }
                _ => continue,
            };
            needed.retain(|id| id.0 != at);
            object.depends_on = needed;
        }
    }
}

/// Whether an error says that the object is no longer there, or is now of another kind.
fn is_gone(error: &Error) -> bool {
    /// No such table, trigger, event, sequence; no view, no sequence.
    const GONE: [u16; 8] = [1051, 1146, 1360, 1539, 4091, 1347, 4089, 4090];
    errors::number(error).is_some_and(|number| GONE.contains(&number))
}

/// The server's words, for a note on what could not be read.
fn why(error: &Error) -> String {
    error.server_error().map_or_else(|| error.to_string(), |server| server.message.clone())
}

/// The text of a cell; empty for NULL.
fn cell(row: &Cells, index: usize) -> &str {
    row.get(index).and_then(Option::as_deref).unwrap_or("")
}

/// The settings under which a program was made and runs.
fn program_attributes(mode: &str, charset: &str, collation: &str) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    for (name, value) in
        [("sql_mode", mode), ("character_set_client", charset), ("collation_connection", collation)]
    {
        attributes.push(table::attribute(name, value));
    }
    attributes
}
