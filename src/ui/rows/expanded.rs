//! One line a column, as psql's `\x`. Nothing is cut: this is the format to see everything in.

use std::io::Write;

use super::buffer::Buffer;
use super::cells::{Cell, CellKind, Cells, push_spaces};
use super::{Human, RowOptions, RowWriter};
use crate::error::Result;
use crate::model::rows::{Cursor, Done};
use crate::ui::style::{RESET, Style};

pub(super) struct ExpandedWriter {
    options: RowOptions,
    human: Human,
}

impl ExpandedWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        ExpandedWriter { human: Human::new(&options), options }
    }
}

impl RowWriter for ExpandedWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        self.human.begin(&mut buffer.bytes);
        let records = Records::new(cursor, &self.options);
        let columns = cursor.columns().len();
        let mut cells = Cells::new(&self.options);
        let mut number = 0;
        let rows = buffer.rows(cursor, |cursor, buffer| {
            cells.clear();
            cells.push_row(cursor, columns);
            records.record(number, &cells.cells, &cells, &mut buffer.bytes);
            number += 1;
            Ok(())
        })?;
        if rows == 0 {
            buffer.bytes.extend_from_slice(b"(0 rows)\n");
        }
        buffer.finish()?;
        Ok(rows)
    }

    fn done(&mut self, done: &Done, out: &mut dyn Write) -> Result<()> {
        self.human.done(done, out)
    }
}

/// The names that stand before the values of each record.
pub(super) struct Records {
    names: Cells,
    width: usize,
    color: bool,
}

impl Records {
    pub(super) fn new(cursor: &dyn Cursor, options: &RowOptions) -> Self {
        let mut names = Cells::new(options);
        for column in cursor.columns() {
            names.push_name(&column.name);
        }
        let width = names.cells.iter().map(|cell| cell.width).max();
        Records { width: width.unwrap_or(0), names, color: options.color }
    }

    /// Prints the record with this number from 0.
    pub(super) fn record(&self, number: u64, row: &[Cell], cells: &Cells, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(format!("-[ RECORD {} ]", number + 1).as_bytes());
        let length = (self.width + 20).clamp(30, 78);
        out.resize((start + length).max(out.len()), b'-');
        out.push(b'\n');
        for (name, cell) in self.names.cells.iter().zip(row) {
            self.name(Some(name), out);
            for (index, line) in cells.text(cell).split(|byte| *byte == b'\n').enumerate() {
                if index > 0 {
                    out.push(b'\n');
                    self.name(None, out);
                }
                match self.color && cell.kind == CellKind::Null {
                    true => out
                        .extend_from_slice(Style::Dim.paint(&String::from_utf8_lossy(line), true).as_bytes()),
                    false => out.extend_from_slice(line),
                }
            }
            out.push(b'\n');
        }
    }

    fn name(&self, name: Option<&Cell>, out: &mut Vec<u8>) {
        let mut width = 0;
        if let Some(name) = name {
            width = name.width;
            if self.color {
                out.extend_from_slice(Style::Bold.start().as_bytes());
            }
            out.extend_from_slice(self.names.text(name));
            if self.color {
                out.extend_from_slice(RESET.as_bytes());
            }
        }
        push_spaces(self.width - width, out);
        out.extend_from_slice(b" | ");
    }
}
