//! Small tables of facts about a database, made to be read by a person (`\dt`, `\d NAME`).

use super::rows::{Column, ColumnKind, Cursor, Value};
use crate::error::Result;

/// A titled table with notes below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub title: String,
    pub headers: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Lines below the table: indexes, constraints, options.
    pub notes: Vec<String>,
}

impl Listing {
    /// Facts one a line: what, and its value.
    pub fn of_facts<W: Into<String>>(
        title: impl Into<String>,
        facts: impl IntoIterator<Item = (W, String)>,
    ) -> Self {
        Listing {
            title: title.into(),
            headers: ["What", "Value"].map(String::from).to_vec(),
            rows: facts.into_iter().map(|(what, value)| vec![what.into(), value]).collect(),
            notes: Vec::new(),
        }
    }
}

/// The table of a listing as rows of a result, for the formats that programs read.
pub struct ListedRows<'a> {
    columns: Vec<Column>,
    rows: std::slice::Iter<'a, Vec<String>>,
    current: &'a [String],
}

impl Listing {
    pub fn cursor(&self) -> ListedRows<'_> {
        let column =
            |name: &String| Column { name: name.clone(), type_name: String::new(), kind: ColumnKind::Other };
        ListedRows {
            columns: self.headers.iter().map(column).collect(),
            rows: self.rows.iter(),
            current: &[],
        }
    }
}

impl Cursor for ListedRows<'_> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn advance(&mut self) -> Result<bool> {
        let row = self.rows.next();
        self.current = row.map_or(&[], Vec::as_slice);
        Ok(row.is_some())
    }

    fn cell(&self, index: usize) -> Value<'_> {
        Value::Text(self.current[index].as_bytes())
    }
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

/// Names for completion, as a statement writes them: quoted where they must be, and qualified
/// where they are not found otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub schemas: Vec<String>,
    /// Tables and views, each with its columns.
    pub relations: Vec<(String, Vec<String>)>,
    pub functions: Vec<String>,
}

impl Names {
    /// The same with every name written as `write` has it.
    pub fn map(self, write: impl Fn(&str) -> String) -> Self {
        let all = |names: Vec<String>| names.iter().map(|name| write(name)).collect();
        Names {
            schemas: all(self.schemas),
            relations: self
                .relations
                .into_iter()
                .map(|(name, columns)| (write(&name), all(columns)))
                .collect(),
            functions: all(self.functions),
        }
    }
}
