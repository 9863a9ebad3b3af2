//! What an engine gives for backups: one moment that many sessions see, its rows in parts, and the
//! way back.

use std::collections::BTreeSet;
use std::io::{BufRead, Read, Write};

use super::Session;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Name};
use crate::model::rows::Value;
use crate::model::snapshot::{Form, Moment, Statement, Witness};
use crate::model::target::Target;

/// Backups of an engine's databases; what to keep and where is not its business.
pub trait Backup: Sync {
    /// How many sessions `jobs` workers need: one each, or one for all where only one can look at a
    /// moment.
    fn sessions(&self, jobs: usize) -> usize {
        jobs
    }

    /// Makes all `sessions` see one and the same moment of the database until they end.
    fn hold(&self, sessions: &mut [Box<dyn Session>]) -> Result<Held>;

    /// How the rows of the tables in `catalog` are read; or, where a database is a file, its pages.
    fn extracts(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Extract>>;

    /// The tables that a [`Witness`] speaks for; the image of a file has no name. Others are always
    /// read.
    fn witnessed(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        let _ = session;
        Ok(BTreeSet::new())
    }

    /// Whether no row of a witnessed table can have changed between two moments.
    fn is_unchanged(&self, then: &Witness, now: &Witness) -> bool {
        then == now
    }

    /// Writes the rows of a part in the form of its extract.
    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        out: &mut dyn Write,
    ) -> Result<()>;

    /// A statement as it is best run when rows are loaded: what is made faster behind the rows is
    /// taken out of it and follows as statements of its own, `index` before `constraint`. All
    /// `index` statements are run before any `constraint`.
    fn defer(&self, statement: &Statement) -> Vec<Statement> {
        vec![statement.clone()]
    }

    /// Statements that set what is neither definition nor row: the numbers of sequences, and what
    /// is computed from the rows when all of them are there.
    fn values(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>>;

    /// Makes a session ready to load rows and build the schema around them.
    fn begin_load(&self, session: &mut dyn Session) -> Result<()>;

    /// Makes the file of a database out of its pages; one that is there is replaced when all is
    /// written, and not before.
    fn write_image(&self, target: &Target, pages: &mut dyn Read) -> Result<()> {
        let _ = pages;
        let title = target.engine.title();
        Err(Error::new(Kind::Unsupported, format!("a database of {title} is not made of one file")))
    }

    /// Loads rows in the form that [`read`](Self::read) writes, all of them or none; tells how many
    /// the server took.
    fn load(&self, session: &mut dyn Session, load: &str, input: &mut dyn BufRead) -> Result<u64>;

    /// What the engine itself finds wrong with a database that was restored.
    fn check(&self, session: &mut dyn Session) -> Result<Vec<String>> {
        let _ = session;
        Ok(Vec::new())
    }

    /// What brings the planner's statistics up to date.
    fn analyze(&self, tables: &[Name]) -> Vec<String>;

    /// How statements that come after the rows may be run: which wait for which.
    fn stage(&self, object: &str, sql: &str) -> Stage;
}

/// The moment that sessions look at.
#[derive(Debug, Clone, Default)]
pub struct Held {
    pub moment: Moment,
    /// Nothing keeps others from changing the schema meanwhile: it has to be looked at again.
    pub schema_may_change: bool,
    /// What a later backup needs to know that nothing changed since; None where nobody can tell.
    pub witness: Option<Witness>,
}

/// A table, or a file, that is read in parts.
#[derive(Debug, Clone)]
pub struct Extract {
    /// Empty for the image of a file.
    pub table: Name,
    pub form: Form,
    /// See [`snapshot::Table::load`](crate::model::snapshot::Table).
    pub load: String,
    /// How each column is written, for an engine that has no text form of rows itself.
    pub literals: Vec<Literal>,
    /// The size of a page, for an image.
    pub page_size: u64,
    pub parts: Vec<ExtractPart>,
}

/// A part of an extract.
#[derive(Debug, Clone)]
pub struct ExtractPart {
    /// See [`snapshot::Part::range`](crate::model::snapshot::Part).
    pub range: String,
    /// What reads it.
    pub sql: String,
    /// About how many bytes, to begin with the largest.
    pub weight: u64,
}

/// How a value is written as SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// As it comes: numbers.
    Bare,
    /// In quotes.
    Text,
    /// As hexadecimal digits.
    Bytes,
}

/// When a statement that comes after the rows is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Together with those of other tables, but alone on its own.
    OnePerTable,
    /// Together with any other of this stage.
    Together,
    /// After all before it, and before all after it.
    Alone,
}

/// All rows of a query, as text.
pub fn texts(session: &mut dyn Session, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    session.query(sql, &[], &mut |cursor| {
        while cursor.advance()? {
            let cells = (0..cursor.columns().len()).map(|index| text(cursor.cell(index)));
            rows.push(cells.collect());
        }
        Ok(())
    })?;
    Ok(rows)
}

fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Text(bytes) | Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
