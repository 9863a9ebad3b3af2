//! Statements that build a database, before they are written to a file or run.

use super::catalog::Name;

/// A statement of a script, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The object it makes or belongs to: `table`, and its name. Settings have an empty name.
    pub kind: &'static str,
    pub name: Name,
    pub section: Section,
    /// One statement, without a closing semicolon; it may hold semicolons inside.
    pub sql: String,
}

/// When a statement is run: rows are loaded between the first two, and fast, because what checks
/// and indexes them comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Schemas, types, functions, tables.
    BeforeData,
    /// Keys, indexes, foreign keys, triggers, rights.
    AfterData,
}

/// What a script leaves out or puts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DdlOptions {
    /// Owners and grants.
    pub privileges: bool,
}
