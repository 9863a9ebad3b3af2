//! What an engine gives for backups: one moment that many sessions see, its rows in parts, and the
//! way back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read, Write};

use super::Session;
use super::masking::{MaskKey, Masking};
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

    /// Whether tables are read one by one, so that some can be left out.
    fn reads_tables(&self) -> bool {
        true
    }

    /// How the rows of the tables in `catalog` are read; or, where a database is a file, its pages.
    fn extracts(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Extract>> {
        self.extracts_of(session, catalog, &Choice::default())
    }

    /// The same for a part of the rows. What the server does not understand of it is told here, and
    /// not when half of the rows are read.
    fn extracts_of(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>>;

    /// What is read in the place of a column.
    fn mask(&self, masking: &Masking<'_>) -> Result<String> {
        Err(Error::new(Kind::Unsupported, format!("{} cannot be masked here", masking.column)))
    }

    /// Makes the key known to a session that holds the moment; every mask needs it.
    fn set_mask_key(&self, session: &mut dyn Session, key: &MaskKey) -> Result<()> {
        let _ = (session, key);
        Ok(())
    }

    /// The definition of a table without these foreign keys, where that is one text of the engine's.
    fn without_foreign_keys(&self, definition: &str, names: &[&str]) -> String {
        let _ = names;
        definition.to_owned()
    }

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

    /// A statement as it is best run when rows are loaded: what is made faster behind the rows, or
    /// beside others, is taken out of it and becomes statements of its own. All `index` statements that
    /// come of it are run before any `constraint`. Of those behind the rows, only such are asked for as
    /// work on a table that has rows itself.
    fn defer(&self, statement: &Statement) -> Vec<Statement> {
        vec![statement.clone()]
    }

    /// Statements that set what belongs to the database and to none of its objects.
    fn settings(&self, session: &mut dyn Session) -> Result<Vec<String>> {
        let _ = session;
        Ok(Vec::new())
    }

    /// Statements that set what is neither definition nor row: the numbers of sequences, and what
    /// is computed from the rows when all of them are there.
    fn values(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>>;

    /// Statements that make the engine's own client ready to load rows.
    fn client_settings(&self) -> &'static str {
        ""
    }

    /// Makes a session ready to load rows and build the schema around them.
    fn begin_load(&self, session: &mut dyn Session) -> Result<()>;

    /// Tells a session that loads whether others have work beside it: then the server need not use more
    /// than one process for a statement of it.
    fn beside_others(&self, session: &mut dyn Session, are_there: bool) -> Result<()> {
        let _ = (session, are_there);
        Ok(())
    }

    /// Makes the file of a database out of its pages; one that is there is replaced when all is
    /// written, and not before.
    fn write_image(&self, target: &Target, pages: &mut dyn Read) -> Result<()> {
        let _ = pages;
        let title = target.engine.title();
        Err(Error::new(Kind::Unsupported, format!("a database of {title} is not made of one file")))
    }

    /// Loads rows in the form that [`read`](Self::read) writes. With those that
    /// [may be in doubt](Self::doubtful) left aside, all are there when this is done, with what
    /// `before_commit` writes, or none and nothing of that.
    fn load(
        &self,
        session: &mut dyn Session,
        load: &str,
        input: &mut dyn BufRead,
        before_commit: BeforeCommit<'_>,
    ) -> Result<()>;

    /// Where a restore notes in the database itself what of it is done; None where it is one step.
    fn journal(&self) -> Option<&'static JournalTable> {
        None
    }

    /// Tables whose rows may be there in part, or be gone, whatever was noted when they were loaded:
    /// no transaction holds them, or they do not outlive a crash.
    fn doubtful(&self, session: &mut dyn Session) -> Result<BTreeSet<Name>> {
        let _ = session;
        Ok(BTreeSet::new())
    }

    /// Whether the error says that what a statement makes is there already.
    fn is_there_already(&self, error: &Error) -> bool {
        let _ = error;
        false
    }

    /// The roles or accounts of the server with what they may do, in the order to make them; those that
    /// every server is born with are not told. `name` is whose each statement is; those in the section
    /// before the rows make them, those after it may name tables. Hashes of passwords are among them.
    ///
    /// # Errors
    /// `Unsupported` for an engine that has none.
    fn accounts(&self, session: &mut dyn Session) -> Result<Accounts> {
        let title = session.server().engine.title();
        Err(Error::new(Kind::Unsupported, format!("{title} has no roles or accounts")))
    }

    /// The names of the roles or accounts that a server has.
    fn known_accounts(&self, session: &mut dyn Session) -> Result<BTreeSet<String>> {
        let _ = session;
        Ok(BTreeSet::new())
    }

    /// Keeps, in this session, the server from checking and acting on the rows that are loaded into
    /// tables that are in use, as far as the user may; tells how far that is.
    fn quiet(&self, session: &mut dyn Session) -> Result<Quiet> {
        let _ = session;
        Ok(Quiet::default())
    }

    /// Statements that take away what is in a database beside the objects of its catalog.
    fn empty_rest(&self) -> Vec<String> {
        Vec::new()
    }

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

/// What a load calls with the number of rows that the server took, in their transaction.
pub type BeforeCommit<'a> = &'a mut dyn FnMut(&mut dyn Session, u64) -> Result<()>;

/// The name of the table, or of the schema of the table, in which a restore notes what is done.
pub const JOURNAL: &str = "dbwright_restore";

/// A table of our own for the time of a restore, with the columns `step`, `state` and `note`.
#[derive(Debug)]
pub struct JournalTable {
    /// As a statement writes it.
    pub name: &'static str,
    /// A query that has a row when it is there.
    pub is_there: &'static str,
    /// What makes it, also where it is there already.
    pub make: &'static [&'static str],
    /// What takes it away, and sees to it that all before is on disk.
    pub end: &'static [&'static str],
}

/// What is read of the tables where that is not all of it.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    pub tables: BTreeMap<Name, Chosen>,
}

/// What is read of a table.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// Which rows: an expression in the engine's own words.
    pub condition: Option<String>,
    /// What is read in the place of a column.
    pub columns: BTreeMap<String, String>,
}

impl Choice {
    /// What is read of a table where that is not all of it.
    pub fn of(&self, table: &Name) -> Option<&Chosen> {
        self.tables.get(table)
    }
}

impl Chosen {
    /// An expression with what goes before it: `WHERE (...)`. It stands on a line of its own, so that
    /// a comment in it ends there.
    pub fn condition(&self, word: &str) -> String {
        self.condition.as_ref().map_or_else(String::new, |text| format!(" {word} ({text}\n)"))
    }

    /// What went wrong with a query of the table, in words of who asked for it.
    pub fn explained(&self, table: &Name, error: Error) -> Error {
        match &self.condition {
            Some(condition) => error
                .with_kind(Kind::Usage)
                .context(format!("cannot read the rows of {table} where {condition}")),
            None => error.context(format!("cannot mask columns of {table}")),
        }
    }
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

/// What [`Backup::accounts`] tells.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    pub statements: Vec<Statement>,
    /// What the server did not tell of them, for people.
    pub unread: Vec<String>,
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

/// What does not answer to rows that are loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quiet {
    pub keys: bool,
    pub triggers: bool,
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
    /// The same, after all before it.
    OnePerTableLater,
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
