//! One JSON object a line for each row.

use std::io::Write;

use super::buffer::Buffer;
use super::json_value::{Objects, unique_names};
use super::{RowOptions, RowWriter};
use crate::error::Result;
use crate::model::rows::Cursor;

pub(super) struct NdjsonWriter {
    objects: Objects,
}

impl NdjsonWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        NdjsonWriter { objects: Objects::new(options.blob) }
    }
}

impl RowWriter for NdjsonWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        let columns = cursor.columns();
        self.objects.begin(columns, &unique_names(columns));
        let rows = buffer.rows(cursor, |cursor, buffer| {
            self.objects.row(cursor, buffer)?;
            buffer.bytes.push(b'\n');
            Ok(())
        })?;
        buffer.finish()?;
        Ok(rows)
    }
}
