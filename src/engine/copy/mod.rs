//! What an engine gives for the way of its rows to a database of another kind, or of its own: how
//! values are read, and how they are taken.
//!
//! Between the two a value has one form for each [`Shape`], whichever engine it comes from, so that
//! each engine reads and writes shapes and knows nothing of the others; and so that what was read
//! from one database can be compared with what another one holds.

mod json;
mod moment;
mod number;
mod row;

use std::borrow::Cow;

use super::backup::{Choice, Extract, ExtractPart};
use super::{EachResult, Session};
use crate::error::Result;
use crate::model::catalog::{Catalog, Column, Name};
use crate::model::rows::{Cursor, Value};
use crate::model::types::Portable;

pub use row::{Reader, Row};

/// Why a value does not go along.
pub type Reason = Cow<'static, str>;

/// Rows as an engine reads and takes them.
pub trait Copying: Sync {
    /// Looks at what columns hold whose types do not say it, for another engine that holds to its
    /// types.
    fn look(&self, session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Seen>> {
        let _ = (session, catalog);
        Ok(Vec::new())
    }

    /// Whether every session that begins to read while this one does sees the same moment.
    fn shares_moment(&self, session: &mut dyn Session) -> Result<bool> {
        let _ = session;
        Ok(false)
    }

    /// What of a database is neither in a table nor in its catalog, and so does not come along.
    fn beside_tables(&self, session: &mut dyn Session) -> Result<Option<String>> {
        let _ = session;
        Ok(None)
    }

    /// What is selected to read the values of a column as a shape.
    fn reads(&self, column: &Column, shape: &Shape) -> Reads;

    /// The rows of the tables in `catalog` in parts, as [`Choice`] says what is selected.
    fn extracts(&self, session: &mut dyn Session, catalog: &Catalog, choice: &Choice)
    -> Result<Vec<Extract>>;

    /// Reads a part.
    fn read(
        &self,
        session: &mut dyn Session,
        extract: &Extract,
        part: &ExtractPart,
        each: EachResult<'_>,
    ) -> Result<()> {
        let _ = extract;
        session.query(&part.sql, &[], each).map(drop)
    }

    /// Makes a session ready to take rows, and to read them again. Rows that were `own` to the engine
    /// all along are taken as they are, whatever its rules are today.
    fn begin(&self, session: &mut dyn Session, own: bool) -> Result<()>;

    /// Whether a session that takes rows still looks for rows that lead nowhere when a foreign key is made
    /// behind them.
    fn checks_references(&self) -> bool {
        true
    }

    /// Why the engine does not take a value of a shape.
    fn refuses(&self, shape: &Shape, value: Value<'_>) -> Option<Reason>;

    /// Takes rows of [`Shape`]s; tells how many.
    fn load(&self, session: &mut dyn Session, into: &Into<'_>, rows: &mut dyn Cursor) -> Result<u64>;

    /// The number that was given last to a column whose numbers the engine gives.
    fn last_number(&self, session: &mut dyn Session, table: &Name, column: &str) -> Result<Option<i128>>;

    /// What makes the engine go on behind this number, where rows do not do so by themselves.
    fn go_on_behind(&self, table: &Name, column: &str, last: i128) -> Option<String>;
}

/// Something that was seen in the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub table: Name,
    pub column: String,
    /// The type that holds all of them.
    pub meant: Portable,
    /// For people: `INTEGER, and 3 values are text`.
    pub what: String,
}

/// How a column is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    pub sql: String,
    /// Bytes come as text: `\x00ff`.
    pub hex: bool,
}

/// Where rows go.
#[derive(Debug, Clone, Copy)]
pub struct Into<'a> {
    pub table: &'a Name,
    pub columns: &'a [String],
    pub shapes: &'a [Shape],
}

/// What values are on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// As the engine has them: both ends are of one engine.
    Own,
    /// 0 or 1.
    Bool,
    /// An integer in these bounds.
    Int(i128, i128),
    /// Exact numbers as text, without a zero too many: all digits, and those after the point.
    Decimal(Option<(u32, u32)>),
    Float32,
    Float64,
    /// UTF-8, of so many characters.
    Text(Option<u32>),
    /// Text without the spaces at its end.
    Char(u32),
    Bytes(Option<u32>),
    /// `2026-11-24`.
    Date,
    /// `13:01:59.25`, with at most so many digits behind the point; may it be below 0 and above a day?
    Time(u8, bool),
    /// `2026-11-24 13:01:59.25`.
    Timestamp(u8),
    /// The same, in UTC.
    Moment(u8),
    /// In lower case, with hyphens.
    Uuid,
    Json,
    /// One of these.
    Word(Vec<String>),
}

impl Shape {
    /// The shape that values of the portable type `ty` have on their way into a column that holds
    /// `held`; None for `held` is a type that somebody made, or one that only the engine has.
    pub fn of(ty: Option<&Portable>, held: Option<&Portable>, long_times: bool) -> Shape {
        let Some(ty) = ty else {
            return held.map_or(Shape::Text(None), |held| Shape::plain(held, long_times));
        };
        match (ty, held) {
            (Portable::Enum { labels, .. }, _) => Shape::Word(labels.clone()),
            (_, Some(held)) => Shape::plain(held, long_times),
            (ty, None) => Shape::plain(ty, long_times),
        }
    }

    fn plain(ty: &Portable, long_times: bool) -> Shape {
        match ty {
            Portable::Bool => Shape::Bool,
            Portable::Int { bits, unsigned: true } => Shape::Int(0, (1 << bits) - 1),
            Portable::Int { bits, .. } => Shape::Int(-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            Portable::Decimal(digits) => Shape::Decimal(*digits),
            Portable::Float32 => Shape::Float32,
            Portable::Float64 => Shape::Float64,
            Portable::Varchar(length) => Shape::Text(Some(*length)),
            Portable::Char(length) => Shape::Char(*length),
            Portable::Bytes(length) => Shape::Bytes(*length),
            Portable::Date => Shape::Date,
            Portable::Time(digits) => Shape::Time(digits.unwrap_or(6), long_times),
            Portable::Timestamp(digits) => Shape::Timestamp(digits.unwrap_or(6)),
            Portable::TimestampTz(digits) => Shape::Moment(digits.unwrap_or(6)),
            Portable::Uuid => Shape::Uuid,
            Portable::Json => Shape::Json,
            Portable::Enum { labels, .. } => Shape::Word(labels.clone()),
            Portable::Text | Portable::Interval | Portable::Array(_) => Shape::Text(None),
        }
    }

    /// The name of the rule by which values are carried (docs/copy.md).
    pub fn rule(&self) -> &'static str {
        match self {
            Shape::Own => "as-is",
            Shape::Bool => "bool",
            Shape::Int(..) => "int",
            Shape::Decimal(_) => "decimal",
            Shape::Float32 => "float32",
            Shape::Float64 => "float64",
            Shape::Text(_) => "text",
            Shape::Char(_) => "char",
            Shape::Bytes(_) => "bytes",
            Shape::Date => "date",
            Shape::Time(..) => "time",
            Shape::Timestamp(_) => "timestamp",
            Shape::Moment(_) => "moment",
            Shape::Uuid => "uuid",
            Shape::Json => "json",
            Shape::Word(_) => "word",
        }
    }
}

/// Whether a JSON text holds the escape of a NUL, which not every engine takes.
pub fn json_holds_nul(text: &[u8]) -> bool {
    let escape = b"\\u0000";
    memchr::memmem::find_iter(text, escape).any(|at| {
        let before = text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        before % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_backslash_is_no_nul() {
        assert!(json_holds_nul(br#""a\u0000""#));
        assert!(!json_holds_nul(br#""a\\u0000""#));
        assert!(json_holds_nul(br#""a\\\u0000""#));
    }

    #[test]
    fn a_shape_is_what_the_column_holds() {
        let int = Shape::of(Some(&Portable::uint(8)), Some(&Portable::int(16)), false);
        assert_eq!(int, Shape::Int(-32768, 32767));
        let uuid = Shape::of(Some(&Portable::Uuid), Some(&Portable::Char(36)), false);
        assert_eq!(uuid, Shape::Char(36));
        assert_eq!(Shape::of(None, None, false), Shape::Text(None));
        let big = Shape::of(Some(&Portable::uint(64)), Some(&Portable::uint(64)), false);
        assert_eq!(big, Shape::Int(0, i128::from(u64::MAX)));
    }
}
