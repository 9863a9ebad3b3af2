//! RFC 4180 with `\n` line ends, as `psql --csv` writes it. NULL is nothing, an empty string `""`.

use std::io::Write;

use super::buffer::{BLOCK, Buffer};
use super::text::{NumberText, push_blob, push_hex};
use super::{RowOptions, RowWriter};
use crate::error::Result;
use crate::model::rows::{Cursor, Value};
use crate::ui::clean::{Layout, push_clean};

pub(super) struct CsvWriter {
    options: RowOptions,
    number: NumberText,
    scratch: Vec<u8>,
}

impl CsvWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        CsvWriter { options, number: NumberText::default(), scratch: Vec::new() }
    }

    #[inline]
    fn cell(&mut self, value: Value<'_>, buffer: &mut Buffer<'_>) -> Result<()> {
        let out = &mut buffer.bytes;
        match value {
            Value::Text(text) => return self.text(text, buffer),
            Value::Null => match &self.options.null {
                None => {}
                Some(null) => push_field(null.as_bytes(), out),
            },
            Value::Int(int) => out.extend_from_slice(self.number.int(int).as_bytes()),
            Value::UInt(int) => out.extend_from_slice(self.number.uint(int).as_bytes()),
            Value::Float(float) => out.extend_from_slice(self.number.float(float).as_bytes()),
            Value::Blob(blob) if blob.len() < BLOCK => push_blob(blob, self.options.blob, out),
            Value::Blob(blob) => {
                let style = self.options.blob;
                out.extend_from_slice(style.prefix.as_bytes());
                buffer.pieces(blob, |piece, out| push_hex(piece, style, out))?;
                buffer.bytes.extend_from_slice(style.suffix.as_bytes());
            }
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: &[u8], buffer: &mut Buffer<'_>) -> Result<()> {
        if self.options.terminal {
            self.scratch.clear();
            push_clean(text, Layout::Keep, &mut self.scratch);
            push_field(&self.scratch, &mut buffer.bytes);
        } else if text.len() < BLOCK {
            push_field(text, &mut buffer.bytes);
        } else if needs_quotes(text) {
            buffer.bytes.push(b'"');
            buffer.pieces(text, push_doubled)?;
            buffer.bytes.push(b'"');
        } else {
            buffer.pieces(text, |piece, out| out.extend_from_slice(piece))?;
        }
        Ok(())
    }
}

impl RowWriter for CsvWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        if self.options.header {
            let names = cursor.columns().iter();
            buffer.separated(b',', names, |column, buffer| self.text(column.name.as_bytes(), buffer))?;
        }
        let rows = buffer.separated_rows(cursor, b',', |value, buffer| self.cell(value, buffer))?;
        buffer.finish()?;
        Ok(rows)
    }
}

/// The bytes that make a field need quotes.
static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    table[b',' as usize] = true;
    table[b'"' as usize] = true;
    table[b'\n' as usize] = true;
    table[b'\r' as usize] = true;
    table
};

/// Below this length a loop over a table beats starting a vector search.
const SHORT: usize = 32;

#[inline]
fn needs_quotes(text: &[u8]) -> bool {
    if text.len() < SHORT {
        return text.iter().any(|byte| SPECIAL[usize::from(*byte)]);
    }
    memchr::memchr3(b',', b'"', b'\n', text).is_some() || memchr::memchr(b'\r', text).is_some()
}

#[inline]
fn push_field(text: &[u8], out: &mut Vec<u8>) {
    // `\.` alone would end the data of COPY.
    if text.is_empty() || needs_quotes(text) || text == br"\." {
        out.push(b'"');
        push_doubled(text, out);
        out.push(b'"');
    } else {
        out.extend_from_slice(text);
    }
}

fn push_doubled(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        out.push(b'"');
        rest = &rest[quote + 1..];
    }
    out.extend_from_slice(rest);
}
