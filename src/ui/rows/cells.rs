//! Cells made ready for a person's eyes: harmless for the terminal, and measured.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::RowOptions;
use super::text::{NumberText, push_blob};
use crate::model::rows::{BlobStyle, Cursor, Value};
use crate::ui::clean::{Layout, push_clean};

/// Where a cell's text lies and how much room it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    /// Display columns of its widest line.
    pub width: usize,
    pub lines: usize,
    pub kind: CellKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Null,
    Number,
    Text,
}

/// The cells of a row or of a window of rows, in one block of text.
pub(super) struct Cells {
    text: Vec<u8>,
    pub cells: Vec<Cell>,
    number: NumberText,
    blob: BlobStyle,
    null: Vec<u8>,
    null_width: usize,
}

impl Cells {
    pub(super) fn new(options: &RowOptions) -> Self {
        let mut null = Vec::new();
        let shown = options.null.as_deref().unwrap_or("NULL");
        push_clean(shown.as_bytes(), Layout::OneLine, &mut null);
        Cells {
            text: Vec::new(),
            cells: Vec::new(),
            number: NumberText::default(),
            blob: options.blob,
            null_width: width_of(&null),
            null,
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(super::buffer::BLOCK);
        self.cells.clear();
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.cells.len() * size_of::<Cell>()
    }

    pub(super) fn text(&self, cell: &Cell) -> &[u8] {
        &self.text[cell.start..cell.end]
    }

    /// Adds the cells of the current row.
    pub(super) fn push_row(&mut self, cursor: &dyn Cursor, columns: usize) {
        for index in 0..columns {
            self.push(cursor.cell(index));
        }
    }

    /// Adds a name of a column; always one line.
    pub(super) fn push_name(&mut self, name: &str) {
        let start = self.text.len();
        push_clean(name.as_bytes(), Layout::OneLine, &mut self.text);
        let width = width_of(&self.text[start..]);
        self.add(start, width, 1, CellKind::Text);
    }

    #[inline]
    pub(super) fn push(&mut self, value: Value<'_>) {
        let start = self.text.len();
        let number = match value {
            Value::Text(text) => return self.push_text(text),
            Value::Null => {
                self.text.extend_from_slice(&self.null);
                return self.add(start, self.null_width, 1, CellKind::Null);
            }
            Value::Blob(blob) => {
                push_blob(blob, self.blob, &mut self.text);
                return self.add(start, self.text.len() - start, 1, CellKind::Text);
            }
            Value::Int(int) => self.number.int(int),
            Value::UInt(int) => self.number.uint(int),
            Value::Float(float) => self.number.float(float),
        };
        self.text.extend_from_slice(number.as_bytes());
        let width = number.len();
        self.add(start, width, 1, CellKind::Number);
    }

    fn add(&mut self, start: usize, width: usize, lines: usize, kind: CellKind) {
        self.cells.push(Cell { start, end: self.text.len(), width, lines, kind });
    }

    #[inline]
    fn push_text(&mut self, text: &[u8]) {
        let start = self.text.len();
        if is_plain(text) {
            self.text.extend_from_slice(text);
            return self.add(start, text.len(), 1, CellKind::Text);
        }
        let mut widest = 0;
        let mut lines = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if lines > 0 {
                self.text.push(b'\n');
            }
            lines += 1;
            widest = widest.max(push_line(line, &mut self.text));
        }
        self.add(start, widest, lines, CellKind::Text);
    }
}

const TAB: usize = 8;

/// Appends a line with tabs turned into spaces; returns its width.
fn push_line(line: &[u8], out: &mut Vec<u8>) -> usize {
    let mut column = 0;
    for (index, part) in line.split(|byte| *byte == b'\t').enumerate() {
        if index > 0 {
            let stop = (column / TAB + 1) * TAB;
            push_spaces(stop - column, out);
            column = stop;
        }
        let start = out.len();
        push_clean(part, Layout::OneLine, out);
        column += width_of(&out[start..]);
    }
    column
}

/// Whether every byte is a printable ASCII character, so that bytes are columns.
#[inline]
pub fn is_plain(text: &[u8]) -> bool {
    // Without an early exit the compiler makes vector code of it.
    text.iter().fold(true, |plain, byte| plain & (0x20..0x7f).contains(byte))
}

/// The display columns of cleaned text.
pub fn width_of(text: &[u8]) -> usize {
    match is_plain(text) {
        true => text.len(),
        false => String::from_utf8_lossy(text).width(),
    }
}

pub fn push_spaces(count: usize, out: &mut Vec<u8>) {
    const SPACES: [u8; 64] = [b' '; 64];
    match SPACES.get(..count) {
        Some(spaces) => out.extend_from_slice(spaces),
        None => out.resize(out.len() + count, b' '),
    }
}

/// Appends cleaned text cut to `max` columns, the last of them `…`; returns the columns used.
pub fn push_cut(text: &[u8], max: usize, out: &mut Vec<u8>) -> usize {
    let text = String::from_utf8_lossy(text);
    let room = max.saturating_sub(1);
    let mut used = 0;
    let mut end = 0;
    for (index, ch) in text.char_indices() {
        let width = ch.width().unwrap_or(0);
        if used + width > room {
            break;
        }
        used += width;
        end = index + ch.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[..end]);
    out.extend_from_slice("…".as_bytes());
    used + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns() {
        for (text, max, cut, width) in [
            ("abcdef", 4, "abc…", 4),
            ("日本語", 4, "日…", 3),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…", 2),
            ("abc", 1, "…", 1),
        ] {
            let mut out = Vec::new();
            assert_eq!(push_cut(text.as_bytes(), max, &mut out), width);
            assert_eq!(String::from_utf8(out).unwrap(), cut);
        }
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        let mut out = Vec::new();
        assert_eq!(push_line("日\tb\t".as_bytes(), &mut out), 16);
        assert_eq!(String::from_utf8(out).unwrap(), "日      b       ");
    }
}
