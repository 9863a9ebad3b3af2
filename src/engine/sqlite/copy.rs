//! Rows of SQLite on their way: values keep their storage class, whatever their column declares; taken
//! by one prepared statement for all.

use crate::engine::Session;
use crate::engine::backup::{Choice, Extract, ExtractPart, texts};
use crate::engine::copy::{Copying, Into, Reads, Reason, Seen, Shape};
use crate::error::Result;
use crate::model::catalog::{Catalog, Column, Name, Table, attribute};
use crate::model::rows::{self, Cursor, Value};
use crate::model::snapshot::Form;
use crate::sql::{SQLITE, quote_ident, quote_literal};

/// Rows, as far as the numbers of rows tell, that are read together.
const ROWS_PER_PART: i64 = 50_000;
/// So many parts at most.
const MOST_PARTS: i64 = 1000;

/// See [`Copying`].
pub struct SqliteCopying;

impl Copying for SqliteCopying {
    fn look(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Seen>> {
        super::classes::look(session, catalog)
    }

    /// With a rollback journal nobody can commit while somebody reads ("File Locking And Concurrency");
    /// with a write-ahead log a commit may come between two sessions.
    fn shares_moment(&self, session: &mut dyn Session) -> Result<bool> {
        let mut ask = |sql: &str| -> Result<String> {
            Ok(texts(session, sql)?.into_iter().flatten().flatten().next().unwrap_or_default())
        };
        let is_file = !ask("SELECT file FROM pragma_database_list WHERE name = 'main'")?.is_empty();
        Ok(is_file && matches!(ask("PRAGMA journal_mode")?.as_str(), "delete" | "truncate" | "persist"))
    }

    fn reads(&self, column: &Column, _shape: &Shape) -> Reads {
        Reads { sql: quoted(&column.name), hex: false }
    }

    fn extracts(
        &self,
        session: &mut dyn Session,
        catalog: &Catalog,
        choice: &Choice,
    ) -> Result<Vec<Extract>> {
        let mut extracts = Vec::new();
        for (object, table) in catalog.tables() {
            let Some(chosen) = choice.of(&object.name) else { continue };
            let selected: Vec<String> = table
                .columns
                .iter()
                .map(|column| {
                    chosen.columns.get(&column.name).cloned().unwrap_or_else(|| quoted(&column.name))
                })
                .collect();
            let selected = if selected.is_empty() { "1".to_owned() } else { selected.join(", ") };
            let (name, also) = (quoted(&object.name.name), chosen.condition("AND"));
            let has_rowid = attribute(&object.attributes, "without rowid").is_none();
            let rowid = has_rowid.then(|| rowid(table)).flatten();
            let ranges = match &rowid {
                Some(rowid) => ranges(session, &name, rowid)?,
                None => vec![(String::new(), "true".to_owned())],
            };
            let part = |(range, condition): (String, String)| ExtractPart {
                sql: format!("SELECT {selected} FROM {name} WHERE {condition}{also}"),
                range,
                weight: 1,
            };
            extracts.push(Extract {
                table: object.name.clone(),
                form: Form::Insert,
                load: String::new(),
                literals: Vec::new(),
                page_size: 0,
                parts: ranges.into_iter().map(part).collect(),
            });
        }
        Ok(extracts)
    }

    fn begin(&self, session: &mut dyn Session, _own: bool) -> Result<()> {
        session.execute("PRAGMA foreign_keys = OFF", &[]).map(drop)
    }

    fn refuses(&self, shape: &Shape, value: Value<'_>) -> Option<Reason> {
        match (shape, value) {
            (Shape::Float32 | Shape::Float64, Value::Float(number)) if number.is_nan() => {
                Some("it is no number (NaN), which SQLite takes for NULL".into())
            }
            (Shape::Decimal(_), Value::Text(text)) if number(text).is_none() => {
                Some("it has more digits than a floating point keeps".into())
            }
            _ => None,
        }
    }

    fn load(&self, session: &mut dyn Session, into: &Into<'_>, rows: &mut dyn Cursor) -> Result<u64> {
        let columns: Vec<String> = into.columns.iter().map(|name| quoted(name)).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let table = quoted(&into.table.name);
        let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(", "));
        session.execute_each(&sql, &mut Stored { rows, shapes: into.shapes, moment: Vec::new() })
    }

    fn last_number(&self, session: &mut dyn Session, table: &Name, _column: &str) -> Result<Option<i128>> {
        let is_there = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'";
        if texts(session, is_there)?.is_empty() {
            return Ok(None);
        }
        let sql = format!("SELECT seq FROM sqlite_sequence WHERE name = {}", literal(&table.name));
        let found = texts(session, &sql)?.into_iter().flatten().flatten().next();
        Ok(found.and_then(|text| text.parse().ok()))
    }

    fn go_on_behind(&self, table: &Name, _column: &str, last: i128) -> Option<String> {
        let name = literal(&table.name);
        Some(format!("UPDATE sqlite_sequence SET seq = {last} WHERE name = {name} AND seq < {last}"))
    }
}

fn quoted(name: &str) -> String {
    quote_ident(&SQLITE, name)
}

fn literal(text: &str) -> String {
    quote_literal(&SQLITE, text).unwrap_or_default()
}

/// The name by which the number of a row can be asked for, where no column has taken it.
fn rowid(table: &Table) -> Option<&'static str> {
    let taken = |name: &str| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken(name))
}

/// The rows of a table by their numbers.
fn ranges(session: &mut dyn Session, table: &str, rowid: &str) -> Result<Vec<(String, String)>> {
    let whole = || vec![(String::new(), "true".to_owned())];
    // Both at once would read the whole table.
    let ends = format!("SELECT (SELECT min({rowid}) FROM {table}), (SELECT max({rowid}) FROM {table})");
    let ends = texts(session, &ends)?;
    let mut ends = ends.into_iter().flatten().map(|cell| cell.and_then(|text| text.parse::<i64>().ok()));
    let (Some(Some(first)), Some(Some(last))) = (ends.next(), ends.next()) else { return Ok(whole()) };
    let span = i128::from(last) - i128::from(first) + 1;
    let parts = (span / i128::from(ROWS_PER_PART)).clamp(1, i128::from(MOST_PARTS));
    if parts == 1 {
        return Ok(whole());
    }
    let step = (span + parts - 1) / parts;
    let range = |at: i128| {
        let from = i128::from(first) + at * step;
        let to = from + step;
        match at == parts - 1 {
            true => (format!("rows from {from}"), format!("{rowid} >= {from}")),
            false => (format!("rows from {from} to {to}"), format!("{rowid} >= {from} AND {rowid} < {to}")),
        }
    };
    Ok((0..parts).map(range).collect())
}

/// A number with a point as SQLite keeps it: an integer, or a floating point that is written with the
/// same digits; None where there is none.
fn number(text: &[u8]) -> Option<Value<'static>> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(number) = text.parse() {
        return Some(Value::Int(number));
    }
    let number: f64 = text.parse().ok()?;
    (number.to_string() == text).then_some(Value::Float(number))
}

/// Rows as they are stored.
struct Stored<'a> {
    rows: &'a mut dyn Cursor,
    shapes: &'a [Shape],
    moment: Vec<Vec<u8>>,
}

impl Cursor for Stored<'_> {
    fn columns(&self) -> &[rows::Column] {
        self.rows.columns()
    }

    /// A moment says that it is one of UTC.
    fn advance(&mut self) -> Result<bool> {
        let more = self.rows.advance()?;
        self.moment.resize_with(self.shapes.len(), Vec::new);
        for (index, shape) in self.shapes.iter().enumerate() {
            if let (true, Shape::Moment(_)) = (more, shape)
                && let Value::Text(text) = self.rows.cell(index)
            {
                self.moment[index].clear();
                self.moment[index].extend_from_slice(text);
                self.moment[index].extend_from_slice(b"+00:00");
            }
        }
        Ok(more)
    }

    fn cell(&self, index: usize) -> Value<'_> {
        match (&self.shapes[index], self.rows.cell(index)) {
            (Shape::Moment(_), Value::Text(_)) => Value::Text(&self.moment[index]),
            // What has no such number was refused.
            (Shape::Decimal(_), Value::Text(text)) => number(text).unwrap_or(Value::Text(text)),
            (_, value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_or_are_refused() {
        assert_eq!(number(b"12"), Some(Value::Int(12)));
        assert_eq!(number(b"0.1"), Some(Value::Float(0.1)));
        assert_eq!(number(b"123456789012345.67"), Some(Value::Float(123_456_789_012_345.67)));
        assert_eq!(number(b"12345678901234567.89"), None);
        assert_eq!(number(b"9223372036854775807"), Some(Value::Int(i64::MAX)));
        assert_eq!(number(b"9223372036854775808"), None);
    }
}
