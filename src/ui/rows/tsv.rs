//! PostgreSQL's COPY text format with a header line: tabs between cells, `\N` for NULL, and
//! backslash escapes, so that every cell stays on its line and reads back as it was.

use std::io::Write;

use super::buffer::Buffer;
use super::text::{NumberText, push_hex};
use super::{RowOptions, RowWriter};
use crate::error::Result;
use crate::model::rows::{Cursor, Value};
use crate::ui::clean::{Layout, push_clean};

pub(super) struct TsvWriter {
    options: RowOptions,
    null: Vec<u8>,
    number: NumberText,
    scratch: Vec<u8>,
}

impl TsvWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        let null = options.null.as_deref().unwrap_or("\\N");
        TsvWriter {
            null: null.as_bytes().to_vec(),
            options,
            number: NumberText::default(),
            scratch: Vec::new(),
        }
    }

    #[inline]
    fn cell(&mut self, value: Value<'_>, buffer: &mut Buffer<'_>) -> Result<()> {
        let out = &mut buffer.bytes;
        match value {
            Value::Text(text) => return self.text(text, buffer),
            Value::Null => out.extend_from_slice(&self.null),
            Value::Int(int) => out.extend_from_slice(self.number.int(int).as_bytes()),
            Value::UInt(int) => out.extend_from_slice(self.number.uint(int).as_bytes()),
            Value::Float(float) => out.extend_from_slice(self.number.float(float).as_bytes()),
            Value::Blob(blob) => {
                let style = self.options.blob;
                push_escaped(style.prefix.as_bytes(), out);
                buffer.pieces(blob, |piece, out| push_hex(piece, style, out))?;
                push_escaped(style.suffix.as_bytes(), &mut buffer.bytes);
            }
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: &[u8], buffer: &mut Buffer<'_>) -> Result<()> {
        if self.options.terminal {
            self.scratch.clear();
            push_clean(text, Layout::Keep, &mut self.scratch);
            push_escaped(&self.scratch, &mut buffer.bytes);
            return Ok(());
        }
        buffer.pieces(text, push_escaped)
    }
}

impl RowWriter for TsvWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        if self.options.header {
            let names = cursor.columns().iter();
            buffer.separated(b'\t', names, |column, buffer| self.text(column.name.as_bytes(), buffer))?;
        }
        let rows = buffer.separated_rows(cursor, b'\t', |value, buffer| self.cell(value, buffer))?;
        buffer.finish()?;
        Ok(rows)
    }
}

/// The letter after the backslash, 0 for bytes that stand for themselves.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    table[b'\t' as usize] = b't';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\\' as usize] = b'\\';
    table[0x08] = b'b';
    table[0x0b] = b'v';
    table[0x0c] = b'f';
    table
};

#[inline]
fn push_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    for (index, byte) in text.iter().enumerate() {
        let letter = ESCAPES[usize::from(*byte)];
        if letter != 0 {
            out.extend_from_slice(&text[plain..index]);
            out.extend_from_slice(&[b'\\', letter]);
            plain = index + 1;
        }
    }
    out.extend_from_slice(&text[plain..]);
}
