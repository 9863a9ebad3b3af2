//! Small tables of facts about a database, made to be read by a person (`\dt`, `\d NAME`).

/// A titled table with notes below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub title: String,
    pub headers: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Lines below the table: indexes, constraints, options.
    pub notes: Vec<String>,
}

/// What can be listed in every engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// `\d`: tables, views, sequences.
    Relations,
    Tables,
    Views,
    Indexes,
    Functions,
    Schemas,
    Users,
    Databases,
}

/// Names for completion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub schemas: Vec<String>,
    /// Tables and views, each with its columns.
    pub relations: Vec<(String, Vec<String>)>,
    pub functions: Vec<String>,
}
