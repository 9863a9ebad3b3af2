//! `\copy ... from` for engines without a bulk format on the wire: INSERTs of many rows, all in
//! one transaction.

use std::io::BufRead;

use super::Shape;
use super::records::{Field, Records};
use crate::commands::connect::runner::Runner;
use crate::commands::interrupt;
use crate::error::{Error, Kind, Result};
use crate::model::rows::{BlobStyle, Column, ColumnKind, Param};
use crate::model::server::TxState;
use crate::sql::Dialect;
use crate::ui::human;

/// Values of one INSERT: few enough for every engine's limit on parameters (SQLite's is 32766).
const VALUES_AT_ONCE: usize = 2_000;

/// Inserts every record of `input` into `what`, which is a table with an optional list of columns.
pub fn run(
    runner: &mut Runner<'_>,
    what: &str,
    shape: Shape,
    input: &mut dyn BufRead,
) -> Result<Option<u64>> {
    interrupt::listen()?;
    let own_transaction = runner.session.transaction() == TxState::Idle;
    if own_transaction {
        runner.session.execute("begin", &[])?;
    }
    let outcome = insert_all(runner, what, shape, input);
    if own_transaction {
        let end = if outcome.is_ok() { "commit" } else { "rollback" };
        let ended = runner.session.execute(end, &[]);
        if outcome.is_ok() {
            ended?;
        }
    }
    outcome.map(Some)
}

/// The table and its columns.
struct Destination<'a> {
    what: &'a str,
    columns: Vec<Column>,
    dialect: &'a Dialect,
}

fn insert_all(runner: &mut Runner<'_>, what: &str, shape: Shape, input: &mut dyn BufRead) -> Result<u64> {
    let columns = columns_of(runner, what)?;
    let blob = runner.engine().blob_style();
    let destination = Destination { what, columns, dialect: runner.dialect() };
    let width = destination.columns.len();
    let mut records = Records::new(input, shape);
    if shape.header {
        records.next()?;
    }
    let rows_at_once = (VALUES_AT_ONCE / width).max(1);
    let mut values = Vec::with_capacity(rows_at_once * width);
    let mut count = 0;
    while let Some(record) = records.next()? {
        if record.len() != width {
            let fields = human::counted(record.len() as u64, "field");
            let what = format!("line {}: {fields} where {width} are wanted", records.line);
            return Err(Error::new(Kind::Data, what));
        }
        for (field, column) in record.into_iter().zip(&destination.columns) {
            values.push(param(field, column, blob).map_err(|what| {
                Error::new(Kind::Data, format!("line {}, column {:?}: {what}", records.line, column.name))
            })?);
        }
        count += 1;
        if values.len() == rows_at_once * width {
            insert(runner, &destination, &values, records.line)?;
            values.clear();
        }
    }
    if !values.is_empty() {
        insert(runner, &destination, &values, records.line)?;
    }
    Ok(count)
}

fn columns_of(runner: &mut Runner<'_>, what: &str) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    let query = format!("{} where 1 = 0", super::select(what));
    runner.session.query(&query, &[], &mut |cursor| {
        columns = cursor.columns().to_vec();
        Ok(())
    })?;
    Ok(columns)
}

fn insert(runner: &mut Runner<'_>, to: &Destination<'_>, values: &[Param], line: usize) -> Result<()> {
    let width = to.columns.len();
    let mut statement = format!("insert into {} values ", to.what);
    for row in 0..values.len() / width {
        statement.push_str(if row == 0 { "(" } else { "), (" });
        for column in 0..width {
            if column > 0 {
                statement.push_str(", ");
            }
            statement.push_str(&to.dialect.placeholder.nth(row * width + column + 1));
        }
    }
    statement.push(')');
    runner
        .session
        .execute(&statement, values)
        .map_err(|error| error.context(format!("the rows up to line {line} cannot be inserted")))?;
    Ok(())
}

/// Bytes in the engine's hexadecimal form become bytes again where the column holds bytes.
fn param(field: Field, column: &Column, blob: BlobStyle) -> Result<Param, &'static str> {
    let Some(bytes) = field else { return Ok(Param::Null) };
    let text = String::from_utf8(bytes).map_err(|_| "the text is not valid UTF-8")?;
    let holds_bytes = column.kind == ColumnKind::Blob || column.type_name.eq_ignore_ascii_case("blob");
    let digits = text.strip_prefix(blob.prefix).and_then(|rest| rest.strip_suffix(blob.suffix));
    match digits.filter(|_| holds_bytes).and_then(super::super::param::unhex) {
        Some(bytes) => Ok(Param::Blob(bytes)),
        None => Ok(Param::Text(text)),
    }
}
