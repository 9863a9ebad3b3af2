//! Aligned columns as in psql. The first rows decide the widths, the rest streams by. On a
//! terminal wide cells are cut with `…` to keep lines whole; elsewhere nothing is cut, and a later
//! wider cell pushes its own line.

use std::io::Write;

use super::buffer::Buffer;
use super::cells::{Cell, CellKind, Cells, push_cut, push_spaces, width_of};
use super::expanded::Records;
use super::fit::{Wanted, fit, line_width};
use super::{Human, RowOptions, RowWriter};
use crate::error::{Error, Result};
use crate::model::rows::{ColumnKind, Cursor, Done};
use crate::ui::style::{RESET, Style};

/// The rows that decide the widths: at most so many, and at most so many bytes.
const WINDOW_ROWS: usize = 1000;
const WINDOW_BYTES: usize = 1024 * 1024;

pub(super) struct TableWriter {
    options: RowOptions,
    human: Human,
}

impl TableWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        TableWriter { human: Human::new(&options), options }
    }

    fn grid(&self, cursor: &dyn Cursor, window: &Window) -> Option<Grid> {
        let mut names = Cells::new(&self.options);
        for column in cursor.columns() {
            names.push_name(&column.name);
        }
        let wanted = window.wanted(cursor, &names, self.options.header);
        let widths = match self.options.width {
            Some(width) => fit(&wanted, width)?,
            None => wanted.iter().map(|column| column.header.max(column.cells)).collect(),
        };
        let spare = |width: usize| width.saturating_sub(line_width(&widths));
        Some(Grid {
            spare: self.options.width.map(spare),
            widths,
            right: wanted.iter().map(|column| column.number).collect(),
            color: self.options.color,
            names,
        })
    }
}

impl RowWriter for TableWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let columns = cursor.columns().len();
        let window = Window::read(cursor, &self.options);
        let window = window.unless_failed()?;
        let mut buffer = Buffer::new(out);
        self.human.begin(&mut buffer.bytes);
        let rows = match self.grid(cursor, &window) {
            Some(grid) => {
                if self.options.header {
                    grid.header(&mut buffer.bytes);
                }
                print_rows(window, cursor, columns, &mut buffer, |_, row, cells, out| {
                    grid.row(row, cells, out);
                })?
            }
            None => {
                let records = Records::new(cursor, &self.options);
                print_rows(window, cursor, columns, &mut buffer, |n, row, cells, out| {
                    records.record(n, row, cells, out);
                })?
            }
        };
        if self.options.header {
            let noun = if rows == 1 { "row" } else { "rows" };
            let footer = format!("({rows} {noun})\n");
            buffer.bytes.extend_from_slice(footer.as_bytes());
        }
        buffer.finish()?;
        Ok(rows)
    }

    fn done(&mut self, done: &Done, out: &mut dyn Write) -> Result<()> {
        self.human.done(done, out)
    }
}

/// The first rows of a result.
struct Window {
    cells: Cells,
    columns: usize,
    rows: usize,
    /// How the reading ended, if it did: at the last row or with an error.
    end: Option<Result<(), Error>>,
}

impl Window {
    /// The error of a result that failed before its first row: then not even a header is printed.
    fn unless_failed(self) -> Result<Self> {
        match self {
            Window { rows: 0, end: Some(Err(error)), .. } => Err(error),
            window => Ok(window),
        }
    }

    fn read(cursor: &mut dyn Cursor, options: &RowOptions) -> Self {
        let mut window =
            Window { cells: Cells::new(options), columns: cursor.columns().len(), rows: 0, end: None };
        while window.rows < WINDOW_ROWS && window.cells.size() < WINDOW_BYTES {
            match cursor.advance() {
                Ok(true) => window.cells.push_row(cursor, window.columns),
                Ok(false) => window.end = Some(Ok(())),
                Err(error) => window.end = Some(Err(error)),
            }
            if window.end.is_some() {
                break;
            }
            window.rows += 1;
        }
        window
    }

    fn row(&self, index: usize) -> &[Cell] {
        &self.cells.cells[index * self.columns..][..self.columns]
    }

    /// What each column wants. A column whose kind is not known is one of numbers when all its
    /// cells here are.
    fn wanted(&self, cursor: &dyn Cursor, names: &Cells, header: bool) -> Vec<Wanted> {
        let name_width = |index: usize| if header { names.cells[index].width } else { 0 };
        let mut wanted: Vec<Wanted> = (0..self.columns)
            .map(|index| Wanted { header: name_width(index), cells: 0, number: false })
            .collect();
        let mut texts = vec![false; self.columns];
        for row in 0..self.rows {
            for ((column, text), cell) in wanted.iter_mut().zip(&mut texts).zip(self.row(row)) {
                column.cells = column.cells.max(cell.width);
                column.number |= cell.kind == CellKind::Number;
                *text |= cell.kind == CellKind::Text;
            }
        }
        for (index, column) in cursor.columns().iter().enumerate() {
            wanted[index].number = match column.kind {
                ColumnKind::Number => true,
                _ => wanted[index].number && !texts[index],
            };
        }
        wanted
    }
}

/// Prints the rows of the window and those still to come, each with its number from 0.
fn print_rows(
    window: Window,
    cursor: &mut dyn Cursor,
    columns: usize,
    buffer: &mut Buffer<'_>,
    print: impl Fn(u64, &[Cell], &Cells, &mut Vec<u8>),
) -> Result<u64> {
    for index in 0..window.rows {
        let row = window.row(index);
        print(index as u64, row, &window.cells, &mut buffer.bytes);
        buffer.settle()?;
    }
    let seen = window.rows as u64;
    let mut cells = match window {
        Window { end: None, cells, .. } => cells,
        Window { end: Some(Ok(())), .. } => return Ok(seen),
        Window { end: Some(Err(error)), .. } => {
            buffer.write()?;
            return Err(error);
        }
    };
    let mut number = seen;
    let more = buffer.rows(cursor, |cursor, buffer| {
        cells.clear();
        cells.push_row(cursor, columns);
        print(number, &cells.cells, &cells, &mut buffer.bytes);
        number += 1;
        Ok(())
    })?;
    Ok(seen + more)
}

/// The columns of a table.
struct Grid {
    widths: Vec<usize>,
    right: Vec<bool>,
    /// Where cells must be cut: the columns left over at the end of a full line.
    spare: Option<usize>,
    color: bool,
    names: Cells,
}

impl Grid {
    fn header(&self, out: &mut Vec<u8>) {
        let last = self.widths.len().saturating_sub(1);
        for (index, cell) in self.names.cells.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b" | " });
            let mut text = Vec::new();
            let width = match cell.width > self.widths[index] {
                true => push_cut(self.names.text(cell), self.widths[index], &mut text),
                false => {
                    text.extend_from_slice(self.names.text(cell));
                    cell.width
                }
            };
            let pad = self.widths[index].saturating_sub(width);
            let style = self.color.then_some(Style::Bold);
            self.aligned(index, &text, pad, index < last, style, out);
        }
        if !self.names.cells.is_empty() {
            out.push(b'\n');
        }
        self.rule(out);
    }

    fn rule(&self, out: &mut Vec<u8>) {
        if self.widths.is_empty() {
            out.extend_from_slice(b"--\n");
            return;
        }
        for (index, width) in self.widths.iter().enumerate() {
            if index > 0 {
                out.push(b'+');
            }
            // A line is as wide as its text: no dash below a space that is not there.
            let last = usize::from(index + 1 == self.widths.len());
            out.resize(out.len() + width + 2 - last, b'-');
        }
        out.push(b'\n');
    }

    fn row(&self, row: &[Cell], cells: &Cells, out: &mut Vec<u8>) {
        if row.is_empty() {
            return;
        }
        if row.iter().any(|cell| cell.lines > 1) {
            return self.lines(row, cells, out);
        }
        let mut spare = self.spare;
        let last = row.len() - 1;
        for (index, cell) in row.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b" | " });
            let text = cells.text(cell);
            self.piece(index, text, cell.width, cell.kind, &mut spare, index < last, out);
        }
        out.push(b'\n');
    }

    /// A row with cells of several lines; `+` marks a cell that goes on in the next.
    fn lines(&self, row: &[Cell], cells: &Cells, out: &mut Vec<u8>) {
        let mut parts: Vec<_> =
            row.iter().map(|cell| cells.text(cell).split(|byte| *byte == b'\n').peekable()).collect();
        let last = row.len() - 1;
        while parts.iter_mut().any(|part| part.peek().is_some()) {
            let mut spare = self.spare;
            for (index, part) in parts.iter_mut().enumerate() {
                out.extend_from_slice(if index == 0 { b" " } else { b"| " });
                let text = part.next().unwrap_or_default();
                let more = part.peek().is_some();
                let kind = row[index].kind;
                let pad = more || index < last;
                self.piece(index, text, width_of(text), kind, &mut spare, pad, out);
                match more {
                    true => out.push(b'+'),
                    false if index < last => out.push(b' '),
                    false => {}
                }
            }
            out.push(b'\n');
        }
    }

    /// One line of a cell, cut where it must be.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn piece(
        &self,
        index: usize,
        text: &[u8],
        width: usize,
        kind: CellKind,
        spare: &mut Option<usize>,
        pad_end: bool,
        out: &mut Vec<u8>,
    ) {
        let place = self.widths[index];
        let style = (self.color && kind == CellKind::Null).then_some(Style::Dim);
        if width <= place {
            return self.aligned(index, text, place - width, pad_end, style, out);
        }
        let Some(left) = spare.filter(|_| kind != CellKind::Number && !self.right[index]) else {
            *spare = spare.map(|left| left.saturating_sub(width - place));
            out.extend_from_slice(text);
            return;
        };
        let used = match width <= place + left {
            true => {
                out.extend_from_slice(text);
                width
            }
            false => push_cut(text, place + left, out),
        };
        push_spaces(place.saturating_sub(used), out);
        *spare = Some(left - used.saturating_sub(place).min(left));
    }

    #[inline]
    fn aligned(
        &self,
        index: usize,
        text: &[u8],
        pad: usize,
        pad_end: bool,
        style: Option<Style>,
        out: &mut Vec<u8>,
    ) {
        if self.right[index] {
            push_spaces(pad, out);
        }
        match style {
            None => out.extend_from_slice(text),
            Some(style) => {
                out.extend_from_slice(style.start().as_bytes());
                out.extend_from_slice(text);
                out.extend_from_slice(RESET.as_bytes());
            }
        }
        if !self.right[index] && pad_end {
            push_spaces(pad, out);
        }
    }
}
