//! The table in which a copy notes, in the database that it fills, how far it is: each note is part
//! of the transaction that it tells of.

use std::collections::BTreeMap;

use crate::engine::backup::texts;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Name;
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
    pub fn of(engine: EngineKind, schema: &str) -> Self {
        let dialect = engine_for(engine).dialect(engine);
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

    /// All that was noted.
    pub fn read(&self, session: &mut dyn Session) -> Result<BTreeMap<String, Note>> {
        let sql = format!("SELECT part, rows_read, rows_written, digest FROM {}", self.name);
        let mut notes = BTreeMap::new();
        for row in texts(session, &sql)? {
            let mut cells = row.into_iter().flatten();
            let note = (|| {
                let part = cells.next()?;
                let read = cells.next()?.parse().ok()?;
                let count = cells.next()?.parse().ok()?;
                let sum = u128::from_str_radix(&cells.next()?, 16).ok()?;
                Some((part, Note { read, sum: Sum { count, sum } }))
            })();
            let (part, note) =
                note.ok_or_else(|| Error::new(Kind::Data, format!("the table {TABLE} holds other notes")))?;
            notes.insert(part, note);
        }
        Ok(notes)
    }

    /// What forgets a part.
    pub fn forget(&self, part: &str) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE part = {}", self.name, self.literal(part)?))
    }

    fn literal(&self, text: &str) -> Result<String> {
        quote_literal(self.dialect, text)
            .map_err(|_| Error::new(Kind::Unsupported, format!("a name holds a NUL byte: {text:?}")))
    }
}

/// The name of a part: that of its table, and a sum of what reads it.
pub fn part_name(table: &Name, sql: &str) -> String {
    format!("{}{}", parts_of(table), &crate::engine::sum(sql)[..32])
}

/// How the names of all parts of a table begin.
pub fn parts_of(table: &Name) -> String {
    let name = table.to_string();
    let short = match name.len() > 100 {
        true => crate::engine::sum(&name)[..40].to_owned(),
        false => name,
    };
    format!("rows of {short}: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_tables_have_names_of_their_own() {
        let name = part_name(&Name::new("a", "t"), "SELECT 1");
        assert!(name.starts_with("rows of a.t: ") && name != part_name(&Name::new("a", "t"), "SELECT 2"));
        let long = part_name(&Name::new("", "x".repeat(300)), "SELECT 1");
        assert!(long.len() <= 190, "{long}");
    }
}
