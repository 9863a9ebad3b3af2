//! The table in which a copy notes, in the database that it fills, how far it is: each note is part
//! of the transaction that it tells of.

use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Name};
use crate::model::target::EngineKind;
use crate::sql::{Dialect, quote_literal, quote_qualified};
use crate::store::digest::Sum;

/// Its name.
pub const TABLE: &str = "dbwright_copy";

/// Where notes are kept.
pub struct Journal {
    name: String,
    dialect: &'static Dialect,
}

/// What is known of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Note {
    pub read: u64,
    /// Those that were written.
    pub sum: Sum,
}

impl Journal {
    pub fn of(engine: EngineKind, catalog: &Catalog) -> Self {
        let dialect = engine_for(engine).dialect(engine);
        let schema = catalog.default_schema.as_str();
        let name = match schema.is_empty() {
            true => quote_qualified(dialect, &[TABLE]),
            false => quote_qualified(dialect, &[schema, TABLE]),
        };
        Journal { name, dialect }
    }

    /// What makes the table.
    pub fn create(&self) -> String {
        format!(
            "CREATE TABLE {} (part varchar(190) NOT NULL PRIMARY KEY, rows_read bigint NOT NULL, \
             rows_written bigint NOT NULL, digest varchar(32) NOT NULL)",
            self.name
        )
    }

    pub fn drop(&self) -> String {
        format!("DROP TABLE {}", self.name)
    }

    /// What notes a part.
    pub fn note(&self, part: &str, note: Note) -> Result<String> {
        Ok(format!(
            "INSERT INTO {} (part, rows_read, rows_written, digest) VALUES ({}, {}, {}, '{:032x}')",
            self.name,
            self.literal(part)?,
            note.read,
            note.sum.count,
            note.sum.sum
        ))
    }

    fn literal(&self, text: &str) -> Result<String> {
        quote_literal(self.dialect, text)
            .map_err(|_| Error::new(Kind::Unsupported, format!("a name holds a NUL byte: {text:?}")))
    }
}

/// The name of a part: unlike those of all others.
pub fn part_name(table: &Name, number: usize) -> String {
    let mut name = format!("{table} {number}");
    if name.len() > 180 {
        name = format!("{} {number}", &crate::engine::sum(&table.to_string())[..40]);
    }
    name
}
