//! The data lines after a `COPY … FROM STDIN`, up to the line `\.`.

use std::io::{self, BufRead, Read};

use memchr::memmem;

use super::split::SplitError;
use super::splitter::Splitter;

/// How far the data has been read.
#[derive(Default)]
pub(super) struct CopyState {
    /// The data begins on the line after the statement.
    line_ended: bool,
    /// Where in the splitter's buffer the data is known to go on to.
    limit: usize,
    /// What lies at `limit` is the start of a line.
    at_line_start: bool,
    finished: bool,
}

/// Reads the data of a `COPY … FROM STDIN`, without the line that ends it.
///
/// What is left unread when this is dropped is skipped before the next item.
pub struct CopyData<'a, R> {
    splitter: &'a mut Splitter<R>,
}

impl<R: BufRead> Splitter<R> {
    /// The data of the `CopyStatement` that was the last item; empty at any other time.
    pub fn copy_data(&mut self) -> CopyData<'_, R> {
        CopyData { splitter: self }
    }

    pub(super) fn skip_copy_data(&mut self) -> Result<(), SplitError> {
        loop {
            let limit = self.copy_window()?;
            if limit == self.input.pos {
                self.copy = None;
                return Ok(());
            }
            self.input.pos = limit;
        }
    }

    /// Makes sure that there is data before the limit, which it returns; at the end of the data
    /// the limit is where the input goes on.
    fn copy_window(&mut self) -> Result<usize, SplitError> {
        let Some(mut state) = self.copy.take() else {
            return Ok(self.input.pos);
        };
        let result = self.look_for_data(&mut state);
        let limit = state.limit;
        self.copy = Some(state);
        result.map(|()| limit)
    }

    fn look_for_data(&mut self, state: &mut CopyState) -> Result<(), SplitError> {
        if !state.line_ended {
            self.end_statement_line()?;
            state.line_ended = true;
            state.at_line_start = true;
            state.limit = self.input.pos;
        }
        while !state.finished && self.input.pos >= state.limit {
            state.limit = self.input.pos;
            let rest = &self.input.buf[self.input.pos..];
            match end_mark(rest, state.at_line_start, self.input.eof) {
                EndMark::Yes(len) => {
                    self.input.pos += len;
                    state.limit = self.input.pos;
                    state.finished = true;
                    break;
                }
                EndMark::Unclear => {
                    state.finished = !self.input.fill()? && self.input.buf.len() == self.input.pos;
                    state.limit = self.input.pos;
                    continue;
                }
                EndMark::No => {}
            }
            let len = match memmem::find(rest, b"\n\\.") {
                Some(at) => at + 1,
                // The end mark may be cut in two here.
                None if rest.ends_with(b"\n\\") && !self.input.eof => rest.len() - 1,
                None => rest.len(),
            };
            state.at_line_start = rest[..len].last() == Some(&b'\n');
            state.limit = self.input.pos + len;
        }
        Ok(())
    }

    fn end_statement_line(&mut self) -> Result<(), SplitError> {
        let len = self.input.rest_of_line()?;
        let rest = &self.input.buf[self.input.pos..self.input.pos + len];
        if !rest.trim_ascii().is_empty() {
            let message = "the data of COPY … FROM STDIN begins on the next line; \
                           nothing may follow it on its own";
            return Err(self.input.error(message));
        }
        self.input.pos = (self.input.pos + len + 1).min(self.input.buf.len());
        Ok(())
    }
}

enum EndMark {
    /// With the length of its line.
    Yes(usize),
    No,
    /// More input decides.
    Unclear,
}

/// Whether the line that ends the data begins here.
fn end_mark(rest: &[u8], at_line_start: bool, eof: bool) -> EndMark {
    match rest {
        [] => EndMark::Unclear,
        _ if !at_line_start => EndMark::No,
        [b'\\', b'.', b'\n', ..] => EndMark::Yes(3),
        [b'\\', b'.', b'\r', b'\n', ..] => EndMark::Yes(4),
        [b'\\', b'.'] | [b'\\', b'.', b'\r'] if eof => EndMark::Yes(rest.len()),
        [b'\\'] | [b'\\', b'.'] | [b'\\', b'.', b'\r'] if !eof => EndMark::Unclear,
        _ => EndMark::No,
    }
}

impl<R: BufRead> BufRead for CopyData<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let limit = self.splitter.copy_window().map_err(io::Error::other)?;
        Ok(&self.splitter.input.buf[self.splitter.input.pos..limit])
    }

    fn consume(&mut self, amount: usize) {
        let left = match &self.splitter.copy {
            Some(state) => state.limit - self.splitter.input.pos,
            None => 0,
        };
        self.splitter.input.pos += amount.min(left);
    }
}

impl<R: BufRead> Read for CopyData<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut data = self.fill_buf()?;
        let read = data.read(buf)?;
        self.consume(read);
        Ok(read)
    }
}
