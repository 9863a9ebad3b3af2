//! A cursor over cells in memory, for tests.

use crate::error::{Error, Result};
use crate::model::rows::{Column, ColumnKind, Cursor, Value};

pub(crate) struct Fake {
    columns: Vec<Column>,
    rows: Vec<Vec<Value<'static>>>,
    next: usize,
    /// Fails with this instead of ending.
    pub error: Option<Error>,
}

impl Fake {
    pub(crate) fn new(
        columns: &[(&str, ColumnKind)],
        rows: impl IntoIterator<Item = Vec<Value<'static>>>,
    ) -> Self {
        Fake {
            columns: columns
                .iter()
                .map(|(name, kind)| Column {
                    name: (*name).to_owned(),
                    type_name: String::new(),
                    kind: *kind,
                })
                .collect(),
            rows: rows.into_iter().collect(),
            next: 0,
            error: None,
        }
    }

    pub(crate) fn typed(mut self, types: &[&str]) -> Self {
        for (column, name) in self.columns.iter_mut().zip(types) {
            column.type_name = (*name).to_owned();
        }
        self
    }

    /// Rows read so far.
    pub(crate) fn seen(&self) -> usize {
        self.next
    }

    pub(crate) fn failing(mut self, error: Error) -> Self {
        self.error = Some(error);
        self
    }
}

impl Cursor for Fake {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn advance(&mut self) -> Result<bool> {
        if self.next < self.rows.len() {
            self.next += 1;
            return Ok(true);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(false),
        }
    }

    fn cell(&self, index: usize) -> Value<'_> {
        self.rows[self.next - 1][index]
    }
}
