//! The rows of one result, read in place from the connection's buffer.

use super::conn::{Conn, tag};
use crate::error::Result;
use crate::model::rows::{Column, Cursor, Value};

/// Where a cell stands in the current frame's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    start: u32,
    /// Negative: NULL.
    length: i32,
}

/// See [`Cursor`].
pub struct PgCursor<'c> {
    conn: &'c mut Conn,
    columns: &'c [Column],
    cells: &'c mut Vec<Cell>,
    sql: &'c str,
    ended: bool,
}

impl<'c> PgCursor<'c> {
    pub fn new(conn: &'c mut Conn, columns: &'c [Column], cells: &'c mut Vec<Cell>, sql: &'c str) -> Self {
        cells.clear();
        PgCursor { conn, columns, cells, sql, ended: false }
    }

    /// Whether no row was left unread.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The frame after the rows is for the session, which will see it again.
    #[cold]
    fn end(&mut self, tag: u8) -> Result<bool> {
        self.ended = true;
        self.cells.clear();
        let outcome = match tag {
            tag::ERROR_RESPONSE => Err(self.conn.error(Some(self.sql))),
            _ => Ok(false),
        };
        self.conn.put_back();
        outcome
    }
}

impl Cursor for PgCursor<'_> {
    fn columns(&self) -> &[Column] {
        self.columns
    }

    #[inline]
    fn advance(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        match self.conn.next()? {
            tag::DATA_ROW if locate(self.conn.body(), self.columns.len(), self.cells) => Ok(true),
            tag::DATA_ROW => Err(self.conn.not_understood()),
            tag => self.end(tag),
        }
    }

    #[inline]
    fn cell(&self, index: usize) -> Value<'_> {
        let Cell { start, length } = self.cells[index];
        match usize::try_from(length) {
            Ok(length) => {
                let start = start as usize;
                Value::Text(&self.conn.body()[start..start + length])
            }
            Err(_) => Value::Null,
        }
    }
}

/// Finds the cells of a DataRow; false when it is malformed.
#[inline]
fn locate(row: &[u8], columns: usize, cells: &mut Vec<Cell>) -> bool {
    cells.clear();
    let Some((count, mut rest)) = row.split_first_chunk() else { return false };
    if usize::from(u16::from_be_bytes(*count)) != columns {
        return false;
    }
    let mut start = 2;
    for _ in 0..columns {
        let Some((length, tail)) = rest.split_first_chunk() else { return false };
        let length = i32::from_be_bytes(*length);
        start += 4;
        cells.push(Cell { start, length });
        let size = length.max(0) as u32;
        let Some(tail) = tail.get(size as usize..) else { return false };
        rest = tail;
        start += size;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_in_place_and_nulls_told_from_empty_text() {
        let row = b"\0\x03\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\0";
        let mut cells = Vec::new();
        assert!(locate(row, 3, &mut cells));
        let expected = [(6, 2), (12, -1), (16, 0)].map(|(start, length)| Cell { start, length });
        assert_eq!(cells, expected);
        assert!(!locate(row, 2, &mut cells));
        for end in 0..row.len() {
            assert!(!locate(&row[..end], 3, &mut cells), "{end}");
        }
    }
}
