//! Output gathered into large writes.

use std::io::Write;

use crate::error::Result;
use crate::model::rows::{Cursor, Value};

/// A write is made once this much has been gathered.
pub(super) const BLOCK: usize = 64 * 1024;
/// What one row of short cells may add before the buffer is looked at again.
const SLACK: usize = 16 * 1024;

/// Bytes on their way to `out`.
pub(super) struct Buffer<'a> {
    pub bytes: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Buffer { bytes: Vec::with_capacity(BLOCK + SLACK), out }
    }

    /// Writes when enough has been gathered.
    pub(super) fn settle(&mut self) -> Result<()> {
        match self.bytes.len() >= BLOCK {
            true => self.write(),
            false => Ok(()),
        }
    }

    /// Writes all that has been gathered.
    pub(super) fn write(&mut self) -> Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        self.bytes.shrink_to(BLOCK + SLACK);
        Ok(())
    }

    /// Writes all and flushes what lies below.
    pub(super) fn finish(mut self) -> Result<()> {
        self.write()?;
        self.out.flush()?;
        Ok(())
    }

    /// Puts a cell of any size through `push` in blocks, so that memory stays bounded.
    pub(super) fn pieces(&mut self, cell: &[u8], mut push: impl FnMut(&[u8], &mut Vec<u8>)) -> Result<()> {
        for piece in cell.chunks(BLOCK) {
            push(piece, &mut self.bytes);
            self.settle()?;
        }
        Ok(())
    }

    /// Calls `row` for each row and returns their number. Rows that arrived before the cursor
    /// failed are written before its error is returned.
    pub(super) fn rows(
        &mut self,
        cursor: &mut dyn Cursor,
        mut row: impl FnMut(&dyn Cursor, &mut Buffer<'a>) -> Result<()>,
    ) -> Result<u64> {
        let mut count = 0;
        loop {
            match cursor.advance() {
                Ok(true) => {}
                Ok(false) => return Ok(count),
                Err(error) => {
                    self.write()?;
                    return Err(error);
                }
            }
            row(cursor, self)?;
            count += 1;
            self.settle()?;
        }
    }

    /// A line for each row, its cells put by `cell`, with `separator` between them.
    pub(super) fn separated_rows(
        &mut self,
        cursor: &mut dyn Cursor,
        separator: u8,
        mut cell: impl FnMut(Value<'_>, &mut Buffer<'a>) -> Result<()>,
    ) -> Result<u64> {
        let columns = cursor.columns().len();
        self.rows(cursor, |cursor, buffer| {
            buffer.separated(separator, 0..columns, |index, buffer| cell(cursor.cell(index), buffer))
        })
    }

    /// A line of `items`, each put by `put`, with `separator` between them; nothing for no items.
    #[inline]
    pub(super) fn separated<T>(
        &mut self,
        separator: u8,
        items: impl ExactSizeIterator<Item = T>,
        mut put: impl FnMut(T, &mut Buffer<'a>) -> Result<()>,
    ) -> Result<()> {
        let any = items.len() > 0;
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.bytes.push(separator);
            }
            put(item, self)?;
        }
        if any {
            self.bytes.push(b'\n');
        }
        Ok(())
    }
}
