//! Rows on their way from one database to the other: each value is put into the form of its shape and
//! summed up, and what does not fit is told.

use serde_json::json;

use super::mapping::Pair;
use crate::commands::interrupt;
use crate::engine::copy::{Copying, Reader, Reason, Row};
use crate::error::{Error, Kind, Result};
use crate::model::progress::Task;
use crate::model::rows::{Column, ColumnKind, Cursor, Value};
use crate::store::digest::Sum;

/// What becomes of rows that do not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnReject {
    /// The copy ends at the first
    #[default]
    Stop,
    /// They are left out, and written to the file of rejects
    Skip,
}

/// Rows between two looks at whether somebody wants to stop, and at the progress bar.
const BETWEEN_LOOKS: u64 = 256;

/// Rows of a part, as the other database takes them.
pub struct Carrying<'a> {
    pub rows: &'a mut dyn Cursor,
    pub readers: &'a [Reader],
    pub pair: &'a Pair,
    /// The engine that takes them.
    pub to: &'static dyn Copying,
    pub on_reject: OnReject,
    pub task: &'a dyn Task,
    pub columns: Vec<Column>,
    pub row: Row,
    /// What the rows that went along come to.
    pub sum: Sum,
    pub read: u64,
    /// Lines for the file of rejects.
    pub rejects: Vec<u8>,
    pub rejected: u64,
    pub line: Vec<u8>,
}

/// The columns of rows that are taken.
pub fn columns(pair: &Pair) -> Vec<Column> {
    let column =
        |name: &str| Column { name: name.to_owned(), type_name: String::new(), kind: ColumnKind::Other };
    pair.ways.iter().map(|way| column(&way.to.name)).collect()
}

impl Carrying<'_> {
    /// The cells of the next row; an error has the place of the one that does not fit.
    fn take(&mut self) -> Result<(), (usize, Reason)> {
        self.row.take(self.readers, self.rows)?;
        for (index, reader) in self.readers.iter().enumerate() {
            if let Some(reason) = self.to.refuses(&reader.shape, self.row.value(index)) {
                return Err((index, reason));
            }
        }
        Ok(())
    }

    fn look(&self) -> Result<()> {
        self.task.advance(BETWEEN_LOOKS);
        match interrupt::arrived() {
            true => Err(Error::new(Kind::Interrupted, "interrupted")),
            false => Ok(()),
        }
    }

    fn reject(&mut self, index: usize, reason: &Reason) -> Result<()> {
        let pair = self.pair;
        let key: serde_json::Map<String, serde_json::Value> = pair
            .key
            .iter()
            .map(|at| (pair.ways[*at].from.name.clone(), shown(self.rows.cell(*at))))
            .collect();
        let column = &pair.ways[index].from.name;
        let value = shown(self.rows.cell(index));
        if self.on_reject == OnReject::Stop {
            let row = if key.is_empty() { format!("row {}", self.read) } else { words(&key) };
            let to = format!("{} {}", pair.ways[index].to.name, pair.ways[index].to.ty);
            return Err(Error::new(
                Kind::Data,
                format!(
                    "table {}, {row}: {column} = {} does not fit into {to}: {reason}",
                    pair.to,
                    cut(&value)
                ),
            )
            .hint("--on-reject skip leaves such rows out, and writes them to a file with the reason"));
        }
        let line = json!({
            "table": pair.to.to_string(),
            "key": key,
            "column": column,
            "value": value,
            "reason": reason,
        });
        self.rejected += 1;
        serde_json::to_writer(&mut self.rejects, &line)
            .map_err(|error| Error::new(Kind::Data, "a rejected row cannot be written").because(error))?;
        self.rejects.push(b'\n');
        Ok(())
    }
}

impl Cursor for Carrying<'_> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn advance(&mut self) -> Result<bool> {
        while self.rows.advance()? {
            self.read += 1;
            if self.read.is_multiple_of(BETWEEN_LOOKS) {
                self.look()?;
            }
            match self.take() {
                Ok(()) => {
                    self.line.clear();
                    self.row.sum(&mut self.line);
                    self.sum.add(&self.line);
                    return Ok(true);
                }
                Err((index, reason)) => self.reject(index, &reason)?,
            }
        }
        self.task.advance(self.read % BETWEEN_LOOKS);
        Ok(false)
    }

    fn cell(&self, index: usize) -> Value<'_> {
        self.row.value(index)
    }
}

/// A value as JSON: bytes that are no text in hexadecimal digits.
fn shown(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => json!(null),
        Value::Int(number) => json!(number),
        Value::UInt(number) => json!(number),
        Value::Float(number) => match number.is_finite() {
            true => json!(number),
            false => json!(number.to_string()),
        },
        Value::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => hex(bytes),
        },
        Value::Blob(bytes) => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> serde_json::Value {
    json!({ "hex": bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")) })
}

fn words(key: &serde_json::Map<String, serde_json::Value>) -> String {
    let words: Vec<String> = key.iter().map(|(name, value)| format!("{name} = {}", cut(value))).collect();
    words.join(", ")
}

/// Short enough for a message.
fn cut(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
