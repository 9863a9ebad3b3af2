//! Rows as they stream by: borrowed cells, never collected.

use crate::error::Result;

/// One cell of the current row. Text is bytes as the server sent them: a database may hold text
/// that is not valid UTF-8, and what is printed must not change it in silence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// What a column holds, as far as printing needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Bool,
    /// Integers, decimals and floats: aligned right, and bare numbers in JSON.
    Number,
    /// A JSON document.
    Json,
    /// Raw bytes, or bytes in the engine's hexadecimal form.
    Blob,
    /// Everything else, and every column of an engine whose cells carry their own types.
    Other,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The engine's name of the type where it is known without asking the server, else empty.
    pub type_name: String,
    pub kind: ColumnKind,
}

/// The rows of one result, seen one at a time.
pub trait Cursor {
    fn columns(&self) -> &[Column];

    /// Moves to the next row; false at the end. The cells of the last row are gone.
    fn advance(&mut self) -> Result<bool>;

    /// A cell of the current row.
    ///
    /// # Panics
    /// When `index` is not below `columns().len()` or before the first [`advance`](Self::advance).
    fn cell(&self, index: usize) -> Value<'_>;
}

/// A value bound to a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    Null,
    Int(i64),
    Float(f64),
    /// PostgreSQL infers the type of the place it stands at.
    Text(String),
    Blob(Vec<u8>),
}

/// How the engine's own client writes raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobStyle {
    pub prefix: &'static str,
    pub suffix: &'static str,
    pub upper_case: bool,
}

/// What a statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The words to show, such as `INSERT 0 3` or `CREATE TABLE`.
    pub tag: String,
    /// Rows changed, where the engine tells.
    pub affected: Option<u64>,
}

/// A message of the server that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE`, `WARNING`, `Note`, ...
    pub severity: String,
    pub code: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}
