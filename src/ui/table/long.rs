//! Grids of thousands of lines, written as they stand, by the widths and cuts of query results.

use std::borrow::Cow;

use super::is_numeric;
use crate::clean::{Layout, clean};
use crate::model::listing::Listing;
use crate::rows::{Wanted, fit, is_plain, push_cut, push_spaces, width_of};
use crate::style::Style;

/// The columns of a table. Its cells are cleaned twice, to be measured and to be drawn: nearly all
/// are clean, and then nothing of a long list is copied.
pub struct Grid {
    widths: Vec<usize>,
    /// Of amounts, which stand at the right.
    right: Vec<bool>,
}

impl Grid {
    pub fn of(listing: &Listing, width: Option<usize>) -> Grid {
        let columns = listing.rows.iter().map(Vec::len).max().unwrap_or(0).max(listing.headers.len());
        let right: Vec<bool> = (0..columns).map(|index| is_numeric(listing, index)).collect();
        let mut wanted: Vec<Wanted> =
            right.iter().map(|number| Wanted { header: 0, cells: 0, number: *number }).collect();
        for (column, header) in wanted.iter_mut().zip(&listing.headers) {
            column.header = widest(header);
        }
        for row in &listing.rows {
            for (column, cell) in wanted.iter_mut().zip(row) {
                column.cells = column.cells.max(widest(cell));
            }
        }
        let widths = match width {
            None => wanted.iter().map(|column| column.full()).collect(),
            // Where there is no room for all, the terminal breaks the lines.
            Some(width) => {
                fit(&wanted, width).unwrap_or_else(|| wanted.iter().map(|column| column.least()).collect())
            }
        };
        Grid { widths, right }
    }

    pub fn draw(&self, listing: &Listing, color: bool, out: &mut Vec<u8>) {
        let mut header = Vec::new();
        self.row(&listing.headers, &mut header);
        let header = String::from_utf8_lossy(&header);
        out.extend_from_slice(Style::Bold.paint(header.trim_end_matches('\n'), color).as_bytes());
        out.push(b'\n');
        for (index, width) in self.widths.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"+" });
            out.resize(out.len() + width + 2, b'-');
        }
        out.push(b'\n');
        for row in &listing.rows {
            self.row(row, out);
        }
    }

    /// A row takes as many lines as the highest of its cells.
    fn row(&self, row: &[String], out: &mut Vec<u8>) {
        let cells: Vec<Cow<'_, str>> = row.iter().map(|cell| shown(cell)).collect();
        if !cells.iter().any(|cell| cell.contains('\n')) {
            return self.line(|index| cells.get(index).map_or("", |cell| cell), out);
        }
        let mut parts: Vec<_> = cells.iter().map(|cell| cell.lines()).collect();
        let height = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or(1);
        for _ in 0..height {
            let line: Vec<&str> = parts.iter_mut().map(|part| part.next().unwrap_or("")).collect();
            self.line(|index| line.get(index).copied().unwrap_or(""), out);
        }
    }

    /// One line of each cell; nothing stands behind the last.
    fn line<'a>(&self, cell: impl Fn(usize) -> &'a str, out: &mut Vec<u8>) {
        let start = out.len();
        for (index, (&place, &right)) in self.widths.iter().zip(&self.right).enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b" | " });
            let text = cell(index).as_bytes();
            let width = width_of(text);
            let pad = place.saturating_sub(width);
            match right {
                _ if width > place => {
                    let used = push_cut(text, place, out);
                    push_spaces(place.saturating_sub(used), out);
                }
                true => {
                    push_spaces(pad, out);
                    out.extend_from_slice(text);
                }
                false => {
                    out.extend_from_slice(text);
                    push_spaces(pad, out);
                }
            }
        }
        let end = out[start..].trim_ascii_end().len();
        out.truncate(start + end);
        out.push(b'\n');
    }
}

/// A cell as it is drawn.
fn shown(cell: &str) -> Cow<'_, str> {
    match clean(cell, Layout::Keep) {
        Cow::Borrowed(cell) if is_plain(cell.as_bytes()) => Cow::Borrowed(cell),
        cell if cell.contains('\t') => Cow::Owned(cell.replace('\t', "    ")),
        cell => cell,
    }
}

/// The columns that the widest of its lines takes.
fn widest(cell: &str) -> usize {
    let cell = shown(cell);
    match cell.contains('\n') {
        true => cell.lines().map(|line| width_of(line.as_bytes())).max().unwrap_or(0),
        false => width_of(cell.as_bytes()),
    }
}
