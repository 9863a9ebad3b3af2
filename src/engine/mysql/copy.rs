//! Rows of MySQL and MariaDB on their way: read as text of queries, taken by INSERT statements of
//! many rows.

use super::backup::rows::{put_bytes, put_text};
use super::backup::{MysqlBackup, one};
use super::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::{Backup, Choice, Extract, texts};
use crate::engine::copy::{Copying, Into, Reads, Reason, Seen, Shape};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Column, Name};
use crate::model::rows::{Cursor, Value};
use crate::model::types::Portable;

/// A statement gets no longer than this, unless a single row is.
const STATEMENT: usize = 1 << 20;
/// What a statement must leave free of the largest packet.
const SPARE: usize = 1024;

/// A value that does not fit is an error, and no other value.
const STRICT: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'";

/// What a column of the type `timestamp` holds ("The DATE, DATETIME, and TIMESTAMP Types").
const MOMENTS: [&[u8]; 2] = [b"1970-01-01 00:00:01", b"2038-01-19 03:14:07.999999"];

/// See [`Copying`].
pub struct MysqlCopying;

impl Copying for MysqlCopying {
    fn look(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Seen>> {
        look(session, catalog)
    }

    /// With foreign_key_checks off, ALTER TABLE looks at no row.
    fn checks_references(&self) -> bool {
        false
    }

    fn reads(&self, column: &Column, shape: &Shape) -> Reads {
        let name = quoted(&column.name);
        let word = column.ty.split(['(', ' ']).next().unwrap_or("").to_ascii_lowercase();
        let sql = match (word.as_str(), shape) {
            // As text it has six digits, which are not enough.
            ("float", _) => format!("CAST({name} AS DOUBLE)"),
            // Its bytes mean nothing elsewhere.
            (_, Shape::Text(_)) if is_shape(&word) => format!("ST_AsText({name})"),
            _ => name,
        };
        Reads { sql, hex: false }
    }

    fn extracts(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>> {
        let mut catalog = catalog.clone();
        catalog.keep(|object| choice.of(&object.name).is_some());
        MysqlBackup.extracts_of(session, &catalog, choice)
    }

    fn begin(&self, session: &mut dyn Session, own: bool) -> Result<()> {
        MysqlBackup.begin_load(session)?;
        if !own {
            session.execute(STRICT, &[])?;
        }
        Ok(())
    }

    fn refuses(&self, shape: &Shape, value: Value<'_>) -> Option<Reason> {
        match (shape, value) {
            (Shape::Float32 | Shape::Float64, Value::Float(number)) if !number.is_finite() => {
                Some("it is no finite number, and the column holds no other".into())
            }
            (Shape::Moment(_), Value::Text(text)) if text < MOMENTS[0] || text > MOMENTS[1] => {
                Some("it is not in the range of the column, 1970 to January 2038".into())
            }
            _ => None,
        }
    }

    fn load(&self, session: &mut dyn Session, into: &Into<'_>, rows: &mut dyn Cursor) -> Result<u64> {
        let largest = one(session, "SELECT @@max_allowed_packet")?.and_then(|text| text.parse().ok());
        let limit = largest.unwrap_or(STATEMENT).saturating_sub(SPARE);
        let columns: Vec<String> = into.columns.iter().map(|name| quoted(name)).collect();
        let head = format!("INSERT INTO {} ({}) VALUES ", quoted(&into.table.name), columns.join(","));
        let mut statement = head.clone().into_bytes();
        let (mut count, mut open) = (0, 0_u64);
        while rows.advance()? {
            let start = statement.len();
            if open > 0 {
                statement.push(b',');
            }
            put_row(&mut statement, into.shapes, rows);
            if statement.len() > STATEMENT.min(limit) && open > 0 {
                let row = statement.split_off(start);
                count += send(session, &statement, open)?;
                statement.truncate(head.len());
                statement.shrink_to(4 * STATEMENT);
                statement.extend_from_slice(row.strip_prefix(b",").unwrap_or(&row));
                open = 0;
            }
            if statement.len() > limit {
                return Err(too_large(into.table, statement.len(), limit));
            }
            open += 1;
        }
        match open {
            0 => Ok(count),
            _ => Ok(count + send(session, &statement, open)?),
        }
    }

    fn last_number(&self, session: &mut dyn Session, table: &Name, _column: &str) -> Result<Option<i128>> {
        let name = crate::sql::quote_literal(&crate::sql::MYSQL, &table.name).unwrap_or_default();
        let sql = format!(
            "SELECT auto_increment FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = {name}"
        );
        Ok(one(session, &sql)?.and_then(|text| text.parse::<i128>().ok()).map(|next| next - 1))
    }

    fn go_on_behind(&self, table: &Name, _column: &str, last: i128) -> Option<String> {
        Some(format!("ALTER TABLE {} AUTO_INCREMENT = {}", quoted(&table.name), last + 1))
    }
}

/// Columns whose types say less than they hold: `tinyint(1)` is a number all the same, and a `time`
/// may be longer than a day.
fn look(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Seen>> {
    let mut found = Vec::new();
    for (object, table) in catalog.tables().filter(|(_, table)| table.foreign.is_none()) {
        let asked: Vec<(&Column, String, Portable, &str)> = table
            .columns
            .iter()
            .filter_map(|column| {
                let name = quoted(&column.name);
                let ty = column.ty.to_ascii_lowercase();
                let is_time = ty.split('(').next() == Some("time");
                match ty.as_str() {
                    "tinyint(1)" => Some((
                        column,
                        format!("{name} NOT IN (0, 1)"),
                        Portable::int(8),
                        "other numbers than 0 and 1",
                    )),
                    _ if is_time => {
                        let long = format!("({name} < '00:00:00' OR {name} > '24:00:00')");
                        Some((column, long, Portable::Interval, "times below 0 or above 24 hours"))
                    }
                    _ => None,
                }
            })
            .collect();
        if asked.is_empty() {
            continue;
        }
        let sums: Vec<String> = asked.iter().map(|(_, sql, ..)| format!("COALESCE(SUM({sql}), 0)")).collect();
        let sql = format!("SELECT {} FROM {}", sums.join(", "), quoted(&object.name.name));
        let counts: Vec<Option<String>> = texts(session, &sql)?.into_iter().flatten().collect();
        for ((column, _, meant, of), count) in asked.into_iter().zip(counts) {
            if let Some(count) = count.filter(|count| count != "0") {
                found.push(Seen {
                    table: object.name.clone(),
                    column: column.name.clone(),
                    meant,
                    what: format!("{} with {of} ({count})", column.ty),
                });
            }
        }
    }
    Ok(found)
}

/// A type of the chapter "Spatial Data Types".
fn is_shape(word: &str) -> bool {
    matches!(
        word,
        "geometry"
            | "point"
            | "linestring"
            | "polygon"
            | "multipoint"
            | "multilinestring"
            | "multipolygon"
            | "geometrycollection"
            | "geomcollection"
    )
}

fn put_row(out: &mut Vec<u8>, shapes: &[Shape], rows: &dyn Cursor) {
    out.push(b'(');
    for (index, shape) in shapes.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        put(out, shape, rows.cell(index));
    }
    out.push(b')');
}

fn put(out: &mut Vec<u8>, shape: &Shape, value: Value<'_>) {
    use std::io::Write;
    match value {
        Value::Null => out.extend_from_slice(b"NULL"),
        // Writing to a vector cannot fail.
        Value::Int(number) => drop(write!(out, "{number}")),
        Value::UInt(number) => drop(write!(out, "{number}")),
        Value::Float(number) => drop(write!(out, "{number:e}")),
        Value::Text(b"-0") if *shape == Shape::Own => out.extend_from_slice(b"'-0e0'"),
        Value::Text(text) if std::str::from_utf8(text).is_ok() => put_text(out, text),
        Value::Text(bytes) | Value::Blob(bytes) => put_bytes(out, bytes),
    }
}

/// Sends a statement of so many rows.
fn send(session: &mut dyn Session, statement: &[u8], rows: u64) -> Result<u64> {
    let sql = std::str::from_utf8(statement)
        .map_err(|error| Error::new(Kind::Data, "rows are not UTF-8").because(error))?;
    Ok(session.execute(sql, &[])?.affected.unwrap_or(rows))
}

fn too_large(table: &Name, length: usize, limit: usize) -> Error {
    let message = format!(
        "a row of {table} takes a statement of {length} bytes, and the server takes no more than \
         max_allowed_packet = {}",
        limit + SPARE
    );
    let enough = (length + SPARE).next_multiple_of(1 << 20);
    Error::new(Kind::Data, message).hint(format!("SET GLOBAL max_allowed_packet = {enough}, and copy again"))
}
