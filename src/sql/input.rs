//! The part of a script that is in memory, and its place in the whole.

use std::io::{self, BufRead};

use memchr::{memchr, memchr_iter, memrchr};

use super::split::SplitError;

/// A reader with a buffer that always goes on from a mark.
pub(super) struct Input<R> {
    reader: R,
    pub eof: bool,
    pub buf: Vec<u8>,
    /// How far the buffer has been worked through: the start of the next token.
    pub pos: usize,
    /// What lies behind it is still needed: the start of the pending statement.
    pub mark: Option<usize>,
    /// Where `buf` begins in the input.
    base: u64,
    lines: LineCount,
}

/// A line and a character of it, both from 1.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// The place after `passed`.
    pub fn after(self, passed: &[u8]) -> Place {
        let characters = |bytes: &[u8]| bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u32;
        match memrchr(b'\n', passed) {
            Some(last) => Place {
                line: self.line.saturating_add(memchr_iter(b'\n', passed).count() as u32),
                column: characters(&passed[last + 1..]).saturating_add(1),
            },
            None => Place { line: self.line, column: self.column.saturating_add(characters(passed)) },
        }
    }
}

/// The place of a position, counted on from the last one asked for.
struct LineCount {
    at: usize,
    place: Place,
}

impl<R: BufRead> Input<R> {
    pub fn new(reader: R) -> Self {
        let place = Place { line: 1, column: 1 };
        Input {
            reader,
            eof: false,
            buf: Vec::new(),
            pos: 0,
            mark: None,
            base: 0,
            lines: LineCount { at: 0, place },
        }
    }

    /// What has not been worked through, as far as it has been read.
    pub fn rest(&self) -> &[u8] {
        self.buf.get(self.pos..).unwrap_or(&[])
    }

    /// The byte of the whole input that is at `at`.
    pub fn offset(&self, at: usize) -> u64 {
        self.base + at as u64
    }

    /// The place of `at`, which is not before any that was asked for earlier.
    pub fn place(&mut self, at: usize) -> Place {
        if let Some(passed) = self.buf.get(self.lines.at..at) {
            self.lines.place = self.lines.place.after(passed);
            self.lines.at = at;
        }
        self.lines.place
    }

    /// An error at `pos`.
    pub fn error(&mut self, message: &str) -> SplitError {
        let place = self.place(self.pos);
        SplitError { line: place.line, column: place.column, message: message.to_owned(), io: None }
    }

    /// Reads on; false at the end of the input. Positions move.
    pub fn fill(&mut self) -> Result<bool, SplitError> {
        if self.eof {
            return Ok(false);
        }
        self.forget();
        let chunk = loop {
            match self.reader.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        match chunk {
            Ok([]) => self.eof = true,
            Ok(chunk) => {
                let len = chunk.len();
                self.buf.extend_from_slice(chunk);
                self.reader.consume(len);
            }
            Err(e) => {
                let mut error = self.error("cannot read the input");
                error.io = Some(e);
                return Err(error);
            }
        }
        Ok(!self.eof)
    }

    /// Drops what is no longer needed.
    fn forget(&mut self) {
        let keep = self.mark.unwrap_or(self.pos);
        if keep == 0 {
            return;
        }
        self.place(keep);
        self.lines.at -= keep;
        self.buf.drain(..keep);
        self.base += keep as u64;
        self.pos -= keep;
        self.mark = self.mark.map(|_| 0);
        // One huge statement should not hold its memory for the rest of the script.
        if self.buf.capacity() > 8 << 20 && self.buf.len() < 1 << 20 {
            self.buf.shrink_to(1 << 20);
        }
    }

    /// The length of the current line from `pos` on, read as far as that takes.
    pub fn rest_of_line(&mut self) -> Result<usize, SplitError> {
        let mut seen = 0;
        loop {
            let rest = self.rest();
            if let Some(n) = memchr(b'\n', &rest[seen..]) {
                return Ok(seen + n);
            }
            seen = rest.len();
            if !self.fill()? {
                return Ok(seen);
            }
        }
    }

    /// Passes over a byte order mark, at the very beginning.
    pub fn skip_byte_order_mark(&mut self) -> Result<(), SplitError> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        while self.buf.len() < MARK.len() && MARK.starts_with(&self.buf) && self.fill()? {}
        if self.buf.starts_with(MARK) {
            self.pos = MARK.len();
            self.lines.at = MARK.len();
        }
        Ok(())
    }
}
