//! A table for Markdown as GitHub reads it. Cells are escaped so that they show as they are.

use std::io::Write;

use super::buffer::Buffer;
use super::text::{NumberText, push_blob};
use super::{Human, RowOptions, RowWriter};
use crate::error::Result;
use crate::model::rows::{ColumnKind, Cursor, Done, Value};
use crate::ui::clean::{Layout, push_clean};

pub(super) struct MarkdownWriter {
    options: RowOptions,
    human: Human,
    number: NumberText,
    scratch: Vec<u8>,
}

impl MarkdownWriter {
    pub(super) fn new(options: RowOptions) -> Self {
        MarkdownWriter {
            human: Human::new(&options),
            options,
            number: NumberText::default(),
            scratch: Vec::new(),
        }
    }

    fn header(&mut self, cursor: &dyn Cursor, out: &mut Vec<u8>) {
        out.push(b'|');
        for column in cursor.columns() {
            out.push(b' ');
            let name = match self.options.header {
                true => column.name.as_bytes(),
                false => b"",
            };
            self.text(name, out);
            out.extend_from_slice(b" |");
        }
        out.extend_from_slice(b"\n|");
        for column in cursor.columns() {
            out.extend_from_slice(match column.kind {
                ColumnKind::Number => b" ---: |",
                _ => b" --- |",
            });
        }
        out.push(b'\n');
    }

    fn cell(&mut self, value: Value<'_>, out: &mut Vec<u8>) {
        match value {
            Value::Text(text) => self.text(text, out),
            Value::Null => {
                let null = self.options.null.as_deref().unwrap_or("NULL");
                push_escaped(null.as_bytes(), out);
            }
            Value::Int(int) => out.extend_from_slice(self.number.int(int).as_bytes()),
            Value::UInt(int) => out.extend_from_slice(self.number.uint(int).as_bytes()),
            Value::Float(float) => out.extend_from_slice(self.number.float(float).as_bytes()),
            Value::Blob(blob) => {
                self.scratch.clear();
                push_blob(blob, self.options.blob, &mut self.scratch);
                push_escaped(&self.scratch, out);
            }
        }
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.scratch.clear();
        push_clean(text, Layout::Keep, &mut self.scratch);
        push_escaped(&self.scratch, out);
    }
}

impl RowWriter for MarkdownWriter {
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64> {
        let mut buffer = Buffer::new(out);
        self.human.begin(&mut buffer.bytes);
        let columns = cursor.columns().len();
        if columns > 0 {
            self.header(cursor, &mut buffer.bytes);
        }
        let rows = buffer.rows(cursor, |cursor, buffer| {
            for index in 0..columns {
                buffer.bytes.extend_from_slice(if index == 0 { b"| " } else { b" | " });
                self.cell(cursor.cell(index), &mut buffer.bytes);
            }
            if columns > 0 {
                buffer.bytes.extend_from_slice(b" |\n");
            }
            Ok(())
        })?;
        buffer.finish()?;
        Ok(rows)
    }

    fn done(&mut self, done: &Done, out: &mut dyn Write) -> Result<()> {
        self.human.done(done, out)
    }
}

/// Appends text so that Markdown shows it as it is. An underscore inside a word means nothing to
/// Markdown and stays.
fn push_escaped(text: &[u8], out: &mut Vec<u8>) {
    let is_word = |index: Option<usize>| {
        index
            .and_then(|index| text.get(index))
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80 || *byte == b'_')
    };
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'\n' => out.extend_from_slice(b"<br>"),
            b'\t' => out.push(b' '),
            b'_' if is_word(index.checked_sub(1)) && is_word(Some(index + 1)) => out.push(b'_'),
            b'\\' | b'|' | b'`' | b'*' | b'_' | b'<' | b'>' | b'[' | b']' | b'&' | b'~' => {
                out.extend_from_slice(&[b'\\', *byte]);
            }
            _ => out.push(*byte),
        }
    }
}
