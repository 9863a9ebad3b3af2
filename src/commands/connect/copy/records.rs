//! Reads the records of a CSV or TSV file one at a time.
//!
//! Not a job for the csv crate: it does not tell `""` from nothing, and here the first is an empty
//! string and the second NULL.

use std::io::BufRead;

use super::Shape;
use crate::error::{Error, Kind, Result};

/// A field: None is NULL.
pub type Field = Option<Vec<u8>>;

/// Reads records.
pub struct Records<'a> {
    input: &'a mut dyn BufRead,
    shape: Shape,
    /// Lines read so far.
    pub line: usize,
    buffer: Vec<u8>,
}

impl<'a> Records<'a> {
    pub fn new(input: &'a mut dyn BufRead, shape: Shape) -> Self {
        Records { input, shape, line: 0, buffer: Vec::new() }
    }

    /// The next record; None at the end.
    pub fn next(&mut self) -> Result<Option<Vec<Field>>> {
        self.buffer.clear();
        if !self.read_line()? {
            return Ok(None);
        }
        if !self.shape.csv {
            return self.text_record().map(Some);
        }
        // A quoted field may hold line ends: an odd number of quotes so far says it goes on.
        let mut counted = 0;
        let mut quotes = 0;
        loop {
            quotes += memchr::memchr_iter(b'"', &self.buffer[counted..]).count();
            counted = self.buffer.len();
            if quotes.is_multiple_of(2) {
                break;
            }
            if !self.read_line()? {
                return Err(self.wrong("a quoted field does not end"));
            }
        }
        let line = trim_line_end(&self.buffer).to_vec();
        self.csv_record(&line).map(Some)
    }

    fn read_line(&mut self) -> Result<bool> {
        let read = self.input.read_until(b'\n', &mut self.buffer)?;
        self.line += usize::from(read > 0);
        Ok(read > 0)
    }

    fn wrong(&self, what: &str) -> Error {
        Error::new(Kind::Data, format!("line {}: {what}", self.line))
    }

    fn csv_record(&self, mut line: &[u8]) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        loop {
            let rest = match line.strip_prefix(b"\"") {
                Some(quoted) => {
                    let (field, rest) = self.quoted(quoted)?;
                    fields.push(Some(field));
                    rest
                }
                None => {
                    let end = memchr::memchr(b',', line).unwrap_or(line.len());
                    fields.push((end > 0).then(|| line[..end].to_vec()));
                    &line[end..]
                }
            };
            match rest.split_first() {
                None => return Ok(fields),
                Some((b',', next)) => line = next,
                Some(_) => {
                    return Err(
                        self.wrong("a quoted field is followed by neither a comma nor the line's end")
                    );
                }
            }
        }
    }

    /// What stands up to the closing quote, `""` meaning one quote, and what follows it.
    fn quoted<'t>(&self, mut text: &'t [u8]) -> Result<(Vec<u8>, &'t [u8])> {
        let mut field = Vec::new();
        loop {
            let end = memchr::memchr(b'"', text).ok_or_else(|| self.wrong("a quoted field does not end"))?;
            field.extend_from_slice(&text[..end]);
            text = &text[end + 1..];
            match text.strip_prefix(b"\"") {
                Some(rest) => {
                    field.push(b'"');
                    text = rest;
                }
                None => return Ok((field, text)),
            }
        }
    }

    /// PostgreSQL's COPY text format (manual, "COPY", File Formats).
    fn text_record(&self) -> Result<Vec<Field>> {
        trim_line_end(&self.buffer).split(|byte| *byte == b'\t').map(|field| self.unescaped(field)).collect()
    }

    fn unescaped(&self, field: &[u8]) -> Result<Field> {
        if field == b"\\N" {
            return Ok(None);
        }
        let mut text = Vec::with_capacity(field.len());
        let mut bytes = field.iter();
        while let Some(byte) = bytes.next() {
            if *byte != b'\\' {
                text.push(*byte);
                continue;
            }
            text.push(match bytes.next() {
                Some(b't') => b'\t',
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'v') => 11,
                Some(other) => *other,
                None => return Err(self.wrong("a backslash stands at the end of a field")),
            });
        }
        Ok(Some(text))
    }
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, csv: bool) -> Result<Vec<Vec<Option<String>>>> {
        let mut input = text.as_bytes();
        let mut records = Records::new(&mut input, Shape { csv, header: false });
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            let text = |field: Vec<u8>| String::from_utf8(field).unwrap();
            all.push(record.into_iter().map(|field| field.map(text)).collect());
        }
        Ok(all)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn csv_tells_null_from_empty_and_keeps_line_ends() {
        let rows = read("a,,\"\"\r\n\"x\ny\",\"say \"\"hi\"\"\",z\n", true).unwrap();
        assert_eq!(rows[0], [some("a"), None, some("")]);
        assert_eq!(rows[1], [some("x\ny"), some("say \"hi\""), some("z")]);
    }

    #[test]
    fn text_format_unescapes() {
        assert_eq!(read("a\\tb\t\\N\t\\\\\n", false).unwrap(), [[some("a\tb"), None, some("\\")]]);
    }

    #[test]
    fn broken_files_name_the_line() {
        for (text, csv) in [("a\n\"b", true), ("a\n\"b\"c\n", true), ("a\nb\\\n", false)] {
            let error = read(text, csv).unwrap_err();
            assert!(error.message().starts_with("line 2"), "{text:?}: {error}");
        }
    }
}
