//! Rows of PostgreSQL on their way: read as text of queries, taken by COPY.

use std::io::{BufRead, Read};

use super::backup::{PgBackup, one};
use super::ddl::{idents, literal, qualified};
use crate::engine::backup::{Backup, Choice, Extract, ExtractPart, texts};
use crate::engine::copy::{Copying, Into, Reads, Reason, Shape, json_holds_nul};
use crate::engine::{EachResult, Session};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Column, Name};
use crate::model::rows::{Cursor, Value};

/// What is written of rows before the server is given it.
const BLOCK: usize = 128 * 1024;

/// See [`Copying`].
pub struct PgCopying;

impl Copying for PgCopying {
    fn beside_tables(&self, session: &mut dyn Session) -> Result<Option<String>> {
        let count = one(session, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata")?;
        Ok((count != "0").then(|| format!("large objects ({count})")))
    }

    fn reads(&self, column: &Column, shape: &Shape) -> Reads {
        let name = idents(std::slice::from_ref(&column.name));
        let is = |ty: &str| column.ty == ty;
        let sql = match shape {
            Shape::Text(_) | Shape::Json if column.ty.ends_with("[]") => {
                format!("pg_catalog.to_json({name})::pg_catalog.text")
            }
            Shape::Decimal(_) if is("money") => format!("{name}::pg_catalog.numeric"),
            Shape::Time(..) if column.ty.ends_with("with time zone") => {
                format!("({name} AT TIME ZONE 'UTC')::pg_catalog.time")
            }
            _ => name,
        };
        Reads { sql, hex: matches!(shape, Shape::Bytes(_)) }
    }

    fn extracts(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>> {
        let mut extracts = PgBackup.extracts_of(session, catalog, choice)?;
        extracts.retain(|extract| choice.of(&extract.table).is_some());
        for part in extracts.iter_mut().flat_map(|extract| &mut extract.parts) {
            // Cells are wanted, and not the bytes of a COPY.
            let query = part.sql.strip_prefix("COPY (").and_then(|sql| sql.strip_suffix(") TO STDOUT"));
            part.sql = query.unwrap_or_default().to_owned();
        }
        Ok(extracts)
    }

    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        each: EachResult<'_>,
    ) -> Result<()> {
        // As in a backup: to wait for who waits for us would be for ever.
        let table = qualified(&extract.table);
        session.execute(&format!("LOCK TABLE ONLY {table} IN ACCESS SHARE MODE NOWAIT"), &[]).map_err(
            |error| match error.kind() {
                Kind::Lock => error.hint(format!("somebody is about to change {table}: run it again then")),
                _ => error,
            },
        )?;
        session.query(&part.sql, &[], each).map(drop)
    }

    fn begin(&self, session: &mut dyn Session, _own: bool) -> Result<()> {
        PgBackup.begin_load(session)
    }

    fn refuses(&self, shape: &Shape, value: Value<'_>) -> Option<Reason> {
        let Value::Text(text) = value else { return None };
        if memchr::memchr(0, text).is_some() {
            return Some("it holds a NUL byte, which no text of PostgreSQL may".into());
        }
        (*shape == Shape::Json && json_holds_nul(text))
            .then(|| "it holds the escape \\u0000, which PostgreSQL does not take".into())
    }

    fn load(&self, session: &mut dyn Session, into: &Into<'_>, rows: &mut dyn Cursor) -> Result<u64> {
        let sql = format!("COPY {} ({}) FROM STDIN", qualified(into.table), idents(into.columns));
        let bulk = session.bulk().ok_or_else(|| Error::new(Kind::Unsupported, "the session has no COPY"))?;
        let mut lines = Lines { rows, width: into.columns.len(), block: Vec::new(), at: 0, failed: None };
        let done = bulk.copy_in(&sql, &mut lines);
        match lines.failed {
            // Ours came first.
            Some(error) => Err(error),
            None => Ok(done?.affected.unwrap_or_default()),
        }
    }

    fn last_number(&self, session: &mut dyn Session, table: &Name, column: &str) -> Result<Option<i128>> {
        let sql = format!(
            "SELECT pg_catalog.pg_sequence_last_value(pg_catalog.pg_get_serial_sequence({}, {})::pg_catalog.regclass)",
            literal(&qualified(table)),
            literal(column)
        );
        let found = texts(session, &sql)?.into_iter().flatten().flatten().next();
        Ok(found.and_then(|text| text.parse().ok()))
    }

    fn go_on_behind(&self, table: &Name, column: &str, last: i128) -> Option<String> {
        Some(format!(
            "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), {last})",
            literal(&qualified(table)),
            literal(column)
        ))
    }
}

/// Rows as lines of COPY's text format, written when they are asked for.
struct Lines<'a> {
    rows: &'a mut dyn Cursor,
    width: usize,
    block: Vec<u8>,
    at: usize,
    failed: Option<Error>,
}

impl Lines<'_> {
    fn fill(&mut self) -> Result<()> {
        self.block.clear();
        self.block.shrink_to(8 * BLOCK);
        self.at = 0;
        while self.block.len() < BLOCK && self.rows.advance()? {
            for index in 0..self.width {
                if index > 0 {
                    self.block.push(b'\t');
                }
                put(&mut self.block, self.rows.cell(index));
            }
            self.block.push(b'\n');
        }
        Ok(())
    }
}

impl Read for Lines<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Lines<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.at == self.block.len()
            && let Err(error) = self.fill()
        {
            self.failed = Some(error);
            return Err(std::io::Error::other("no more rows"));
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

/// A cell in COPY's text format ("COPY", chapter "File Formats").
fn put(out: &mut Vec<u8>, value: Value<'_>) {
    use std::io::Write;
    match value {
        Value::Null => out.extend_from_slice(b"\\N"),
        // Writing to a vector cannot fail.
        Value::Int(number) => drop(write!(out, "{number}")),
        Value::UInt(number) => drop(write!(out, "{number}")),
        Value::Float(number) if number.is_infinite() => {
            out.extend_from_slice(if number > 0.0 { b"Infinity" } else { b"-Infinity" });
        }
        Value::Float(number) => drop(write!(out, "{number:e}")),
        Value::Text(text) => put_text(out, text),
        Value::Blob(bytes) => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\\\x");
            out.reserve(2 * bytes.len());
            out.extend(
                bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
            );
        }
    }
}

fn put_text(out: &mut Vec<u8>, mut text: &[u8]) {
    while let Some(at) = special(text) {
        out.extend_from_slice(&text[..at]);
        let letter = match text[at] {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            other => other,
        };
        out.extend_from_slice(&[b'\\', letter]);
        text = &text[at + 1..];
    }
    out.extend_from_slice(text);
}

/// Where the first byte is that ends a cell or a line, or escapes.
fn special(text: &[u8]) -> Option<usize> {
    let first = memchr::memchr3(b'\\', b'\n', b'\t', text);
    memchr::memchr(b'\r', &text[..first.unwrap_or(text.len())]).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: Value<'_>) -> String {
        let mut out = Vec::new();
        put(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_of_copy() {
        assert_eq!(written(Value::Null), "\\N");
        assert_eq!(written(Value::Text(b"a\\b\n\t\r\\N")), "a\\\\b\\n\\t\\r\\\\N");
        assert_eq!(written(Value::Text(b"")), "");
        assert_eq!(written(Value::Blob(&[0, 255])), "\\\\x00ff");
        assert_eq!(written(Value::Int(-5)), "-5");
        assert_eq!(written(Value::Float(f64::NEG_INFINITY)), "-Infinity");
        assert_eq!(written(Value::Float(0.1)), "1e-1");
    }

    #[test]
    fn arrays_become_json_for_others_and_stay_as_they_are_for_postgresql() {
        let column = Column { name: "a b".into(), ty: "integer[]".into(), ..Column::default() };
        let reads = |shape: &Shape| PgCopying.reads(&column, shape).sql;
        assert_eq!(reads(&Shape::Json), "pg_catalog.to_json(\"a b\")::pg_catalog.text");
        assert_eq!(reads(&Shape::Own), "\"a b\"");
    }

    #[test]
    fn no_nul_goes_into_a_text() {
        let refused = |shape, text: &[u8]| PgCopying.refuses(&shape, Value::Text(text)).is_some();
        assert!(refused(Shape::Text(None), b"a\0b"));
        assert!(refused(Shape::Json, br#""\u0000""#));
        assert!(!refused(Shape::Text(None), br"\u0000"));
    }
}
