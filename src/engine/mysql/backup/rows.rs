//! Rows as INSERT statements that the server's own client can run too.
//!
//! A row is a line that begins with `(`; what would end a line inside of a text is escaped.

use std::io::Write;

use crate::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::{Extract, ExtractPart, Literal};
use crate::error::{Error, Result};
use crate::model::rows::{Cursor, Value};

/// A statement gets no longer than this, unless a single row is.
const STATEMENT: usize = 1 << 20;
/// What is gathered before it is handed on.
const BLOCK: usize = 256 * 1024;

/// Reads a part and writes it as statements.
pub fn read(
    session: &mut dyn Session,
    extract: &Extract,
    part: &ExtractPart,
    out: &mut dyn Write,
) -> Result<()> {
    session.query(&part.sql, &[], &mut |cursor| {
        let names = cursor.columns().iter().take(extract.literals.len());
        let names: Vec<String> = names.map(|column| quoted(&column.name)).collect();
        let head = format!("INSERT INTO {} ({}) VALUES\n", quoted(&extract.table.name), names.join(", "));
        let mut rows = Rows::new(out, head, &extract.literals);
        while cursor.advance()? {
            rows.row(cursor).map_err(Error::from)?;
        }
        rows.finish().map_err(Error::from)
    })?;
    Ok(())
}

/// Rows on their way out.
struct Rows<'a> {
    out: &'a mut dyn Write,
    head: String,
    literals: &'a [Literal],
    block: Vec<u8>,
    /// The length of the statement so far; 0 when none is open.
    statement: usize,
}

impl<'a> Rows<'a> {
    fn new(out: &'a mut dyn Write, head: String, literals: &'a [Literal]) -> Self {
        Rows { out, head, literals, block: Vec::with_capacity(BLOCK + BLOCK / 4), statement: 0 }
    }

    fn row(&mut self, cursor: &dyn Cursor) -> std::io::Result<()> {
        if self.block.len() >= BLOCK {
            self.out.write_all(&self.block)?;
            self.block.clear();
            self.block.shrink_to(4 * BLOCK);
        }
        let start = self.block.len();
        match self.statement {
            0 => self.block.extend_from_slice(self.head.as_bytes()),
            _ => self.block.extend_from_slice(BETWEEN),
        }
        self.block.push(b'(');
        for (index, literal) in self.literals.iter().enumerate() {
            if index > 0 {
                self.block.push(b',');
            }
            put(&mut self.block, *literal, cursor.cell(index));
        }
        self.block.push(b')');
        let length = self.block.len() - start;
        self.statement += length;
        if self.statement > STATEMENT && self.statement > length {
            let new = [END, self.head.as_bytes()].concat();
            self.block.splice(start..start + BETWEEN.len(), new);
            self.statement = self.block.len() - start - END.len();
        }
        Ok(())
    }

    fn finish(mut self) -> std::io::Result<()> {
        if self.statement > 0 {
            self.block.extend_from_slice(END);
        }
        self.out.write_all(&self.block)
    }
}

/// Between two rows of a statement, and behind the last.
const BETWEEN: &[u8] = b",\n";
const END: &[u8] = b";\n";

#[inline]
fn put(out: &mut Vec<u8>, literal: Literal, value: Value<'_>) {
    let bytes = match value {
        Value::Null => return out.extend_from_slice(b"NULL"),
        Value::Text(bytes) | Value::Blob(bytes) => bytes,
        // The text protocol has no other cells; and writing to a vector cannot fail.
        Value::Int(number) => return drop(write!(out, "{number}")),
        Value::UInt(number) => return drop(write!(out, "{number}")),
        Value::Float(number) => return drop(write!(out, "{number:e}")),
    };
    match literal {
        // As an integer or a decimal it would lose its sign.
        Literal::Bare if bytes == b"-0" => out.extend_from_slice(b"-0e0"),
        Literal::Bare => out.extend_from_slice(bytes),
        Literal::Text if std::str::from_utf8(bytes).is_ok() => put_text(out, bytes),
        // Text that is none: the server keeps what it was once given.
        Literal::Text | Literal::Bytes => put_bytes(out, bytes),
    }
}

/// A string in quotes. Escaped is what ends the string or the line, and what the servers' clients
/// do not send as it is ("String Literals" in MySQL's manual).
pub fn put_text(out: &mut Vec<u8>, mut text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'\'');
    loop {
        let plain = special(text);
        out.extend_from_slice(&text[..plain]);
        let Some(&byte) = text.get(plain) else { break };
        let letter = match byte {
            b'\0' => b'0',
            b'\n' => b'n',
            b'\r' => b'r',
            0x1A => b'Z',
            other => other,
        };
        out.extend_from_slice(&[b'\\', letter]);
        text = &text[plain + 1..];
    }
    out.push(b'\'');
}

/// Where the first byte is that must be escaped; the length when there is none.
#[inline]
fn special(text: &[u8]) -> usize {
    // Without branches, so that it is done for many bytes at once.
    const AT_ONCE: usize = 32;
    let mut at = 0;
    for chunk in text.chunks_exact(AT_ONCE) {
        if chunk.iter().fold(false, |found, &byte| found | is_special(byte)) {
            break;
        }
        at += AT_ONCE;
    }
    text[at..].iter().position(|&byte| is_special(byte)).map_or(text.len(), |more| at + more)
}

#[inline]
fn is_special(byte: u8) -> bool {
    (byte == b'\'') | (byte == b'\\') | (byte == b'\n') | (byte == b'\r') | (byte == 0) | (byte == 0x1A)
}

/// `0x00FF`; there are no digits for nothing.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_empty() {
        return out.extend_from_slice(b"''");
    }
    out.reserve(2 + 2 * bytes.len());
    out.extend_from_slice(b"0x");
    out.extend(bytes.iter().flat_map(|byte| DIGITS[usize::from(*byte)]));
}

const DIGITS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rows::{Column, ColumnKind};

    /// The same row again and again.
    struct Same {
        columns: Vec<Column>,
        cells: Vec<Option<&'static [u8]>>,
        left: usize,
    }

    impl Cursor for Same {
        fn columns(&self) -> &[Column] {
            &self.columns
        }

        fn advance(&mut self) -> Result<bool> {
            let more = self.left > 0;
            self.left = self.left.saturating_sub(1);
            Ok(more)
        }

        fn cell(&self, index: usize) -> Value<'_> {
            self.cells[index].map_or(Value::Null, Value::Text)
        }
    }

    fn written(cells: &[(Literal, Option<&'static [u8]>)], count: usize) -> String {
        let column = Column { name: "a".into(), type_name: String::new(), kind: ColumnKind::Other };
        let mut same = Same {
            columns: vec![column; cells.len()],
            cells: cells.iter().map(|cell| cell.1).collect(),
            left: count,
        };
        let literals: Vec<Literal> = cells.iter().map(|cell| cell.0).collect();
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out, "INSERT INTO `t` (`a`) VALUES\n".into(), &literals);
        while same.advance().unwrap() {
            rows.row(&same).unwrap();
        }
        rows.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn literal(kind: Literal, bytes: &'static [u8]) -> String {
        let text = written(&[(kind, Some(bytes))], 1);
        let row = text.strip_prefix("INSERT INTO `t` (`a`) VALUES\n(").unwrap();
        row.strip_suffix(");\n").unwrap().to_owned()
    }

    #[test]
    fn literals() {
        assert_eq!(literal(Literal::Bare, b"-12.50"), "-12.50");
        assert_eq!(literal(Literal::Bare, b"-0"), "-0e0");
        assert_eq!(literal(Literal::Text, b""), "''");
        assert_eq!(literal(Literal::Text, b"it's \\ \0 \n \r \x1a \" \t"), r#"'it\'s \\ \0 \n \r \Z " 	'"#);
        assert_eq!(literal(Literal::Text, "日本 🦀".as_bytes()), "'日本 🦀'");
        assert_eq!(literal(Literal::Text, b"a\xFF"), "0x61FF");
        assert_eq!(literal(Literal::Bytes, b""), "''");
        assert_eq!(literal(Literal::Bytes, b"\x00\x9F\xFF"), "0x009FFF");
        let long: &'static [u8] =
            b"0123456789012345678901234567890123456789'0123456789012345678901234567890123\n";
        let expected = r"'0123456789012345678901234567890123456789\'0123456789012345678901234567890123\n'";
        assert_eq!(literal(Literal::Text, long), expected);
    }

    #[test]
    fn a_line_is_a_row() {
        assert_eq!(written(&[(Literal::Bare, None)], 0), "");
        let row = [(Literal::Bare, Some(&b"1"[..])), (Literal::Text, None), (Literal::Text, Some(b"x"))];
        assert_eq!(
            written(&row, 3),
            "INSERT INTO `t` (`a`) VALUES\n(1,NULL,'x'),\n(1,NULL,'x'),\n(1,NULL,'x');\n"
        );
        assert_eq!(written(&[], 2), "INSERT INTO `t` (`a`) VALUES\n(),\n();\n");
    }

    #[test]
    fn statements_end_at_a_mebibyte() {
        let cell: &'static [u8] = Box::leak(vec![b'x'; 1000].into_boxed_slice());
        let text = written(&[(Literal::Text, Some(cell))], 3000);
        let statements: Vec<&str> = text.split_inclusive(";\n").collect();
        assert_eq!(statements.len(), 3);
        for statement in &statements {
            assert!(statement.len() <= STATEMENT + END.len(), "{}", statement.len());
            assert!(statement.starts_with("INSERT INTO `t` (`a`) VALUES\n("));
        }
        assert!(statements[0].len() > STATEMENT - 1100);
        assert_eq!(text.lines().filter(|line| line.starts_with('(')).count(), 3000);
    }

    #[test]
    fn a_large_row_is_a_statement_of_its_own() {
        let cell: &'static [u8] = Box::leak(vec![b'x'; 3 << 20].into_boxed_slice());
        let text = written(&[(Literal::Text, Some(cell))], 3);
        assert_eq!(text.matches("INSERT").count(), 3);
        assert_eq!(text.matches("');\n").count(), 3);
    }
}
