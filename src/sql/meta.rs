//! Backslash commands of a shell, between and within statements.

use std::io::BufRead;

use super::block::Body;
use super::scan::is_word;
use super::split::{Item, SplitError};
use super::splitter::{NOT_UTF8, Splitter};

impl<R: BufRead> Splitter<R> {
    /// Takes what begins with the backslash at the current position.
    pub(super) fn meta(&mut self) -> Result<Option<Item>, SplitError> {
        let len = self.input.rest_of_line()?;
        let line = &self.input.rest()[..len];
        let separator = line.starts_with(b"\\\\");
        let letters = self.dialect.letter_commands;
        let taken = match line.get(1) {
            _ if separator => 2,
            Some(b';' | b':') if !letters => {
                self.escaped_mark();
                return Ok(None);
            }
            _ => command_len(line, letters),
        };
        let text = match std::str::from_utf8(&line[..taken]) {
            Ok(text) => text.trim_end().to_owned(),
            Err(_) => return Err(self.input.error(NOT_UTF8)),
        };
        let place = self.input.place(self.input.pos);
        let buffer_pending = !self.statement_bytes().is_empty();
        self.cut(taken);
        self.line_is_blank = false;
        self.input.pos += taken;
        Ok((!separator).then_some(Item::Meta {
            text,
            line: place.line,
            column: place.column,
            buffer_pending,
        }))
    }

    /// Leaves the next bytes out of the pending statement, of which nothing may follow.
    fn cut(&mut self, len: usize) {
        if let Some(at) = self.pending_len() {
            self.cuts.push((at, at + len));
            self.tail.get_or_insert(at);
        }
    }

    /// `\;` is a semicolon that does not send the statement, `\:` a colon that begins no variable.
    fn escaped_mark(&mut self) {
        if self.pending_len().is_some() {
            self.cut(1);
            self.tail = None;
            if self.input.rest().get(1) == Some(&b';') {
                self.body = Body::new();
            }
        }
        self.input.pos += 2;
    }
}

/// Where a backslash command ends within its line.
fn command_len(line: &[u8], letters: bool) -> usize {
    /// Their argument is the rest of the line, whatever it contains.
    const WHOLE_LINE: [&[u8]; 7] = [b"\\copy", b"\\h", b"\\help", b"\\ef", b"\\ev", b"\\sf", b"\\sv"];
    if letters {
        // `\G` sends the statement and the line goes on; other commands take arguments.
        let go = matches!(line.get(1), Some(b'g' | b'G'));
        let longer = line.get(2).is_some_and(|b| is_word(*b));
        return if go && !longer { 2 } else { line.len() };
    }
    let is_end = |b: &u8| b.is_ascii_whitespace() || *b == b'\\';
    let name = line.iter().skip(1).position(is_end);
    let name = name.map_or(line.len(), |n| n + 1);
    if line.starts_with(b"\\!") || WHOLE_LINE.contains(&&line[..name]) {
        return line.len();
    }
    let mut quote = None;
    for (at, byte) in line.iter().enumerate().skip(name) {
        match (quote, byte) {
            (None, b'\\') => return at,
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    line.len()
}
