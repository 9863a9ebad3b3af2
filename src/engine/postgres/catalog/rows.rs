//! Results as they are kept until they are read: one piece of text for all their cells, since a
//! catalog has hundreds of thousands of them.

use std::rc::Rc;

use super::found::{array, attribute};
use crate::error::Result;
use crate::model::catalog::Attribute;
use crate::model::rows::Value;
use crate::session::PgSession;

/// The cells of a result, row by row.
#[derive(Default)]
pub struct Rows {
    text: String,
    /// Where each cell ends in the text; None for NULL.
    ends: Vec<Option<usize>>,
    width: usize,
}

impl Rows {
    /// Asks for them.
    pub fn read(session: &mut PgSession, sql: &str) -> Result<Rows> {
        let mut rows = Rows::default();
        session.run(sql, &[], &mut |cursor| {
            rows.width = cursor.columns().len();
            while cursor.advance()? {
                for index in 0..rows.width {
                    rows.push(cursor.cell(index));
                }
            }
            Ok(())
        })?;
        Ok(rows)
    }

    fn push(&mut self, value: Value<'_>) {
        let end = match value {
            Value::Text(bytes) => {
                self.text += &String::from_utf8_lossy(bytes);
                Some(self.text.len())
            }
            _ => None,
        };
        self.ends.push(end);
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        Iter { rows: Rc::new(self), cell: 0, start: 0 }
    }
}

/// Rows one after the other.
pub struct Iter {
    rows: Rc<Rows>,
    /// The first cell of the next row, and where its text begins.
    cell: usize,
    start: usize,
}

impl Iterator for Iter {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.cell >= self.rows.ends.len() {
            return None;
        }
        let (first, end) = (self.cell, self.cell + self.rows.width);
        let row = Row { rows: self.rows.clone(), next: first, end, start: self.start };
        self.cell = end;
        self.start = self.rows.ends[first..end].iter().rev().find_map(|end| *end).unwrap_or(self.start);
        Some(row)
    }
}

/// A row, whose cells are taken in the order of the query.
pub struct Row {
    rows: Rc<Rows>,
    next: usize,
    end: usize,
    start: usize,
}

impl Row {
    /// The next cell as it lies in the result.
    fn cell(&mut self) -> Option<&str> {
        if self.next == self.end {
            return None;
        }
        let end = self.rows.ends[self.next];
        self.next += 1;
        let end = end?;
        let start = std::mem::replace(&mut self.start, end);
        Some(&self.rows.text[start..end])
    }

    /// The next cell; None for NULL.
    pub fn maybe(&mut self) -> Option<String> {
        self.cell().map(str::to_owned)
    }

    /// The next cell; empty for NULL.
    pub fn text(&mut self) -> String {
        self.cell().unwrap_or_default().to_owned()
    }

    pub fn flag(&mut self) -> bool {
        self.cell() == Some("t")
    }

    /// A number; the type's zero for NULL.
    pub fn number<T: std::str::FromStr + Default>(&mut self) -> T {
        self.cell().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    pub fn oid(&mut self) -> u32 {
        self.number()
    }

    /// The elements of an array of text; none for NULL.
    pub fn list(&mut self) -> Vec<String> {
        self.cell().map_or_else(Vec::new, array)
    }

    /// `{name=value, ...}` as attributes: storage parameters and the like.
    pub fn options(&mut self) -> Vec<Attribute> {
        self.list().iter().map(|option| split_option(option)).collect()
    }
}

fn split_option(option: &str) -> Attribute {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    attribute(name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_in_their_order() {
        let mut rows = Rows { width: 3, ..Rows::default() };
        for cell in [Some("1"), None, Some("a"), None, None, None, Some(""), Some("t"), Some("{x=1,y}")] {
            rows.push(cell.map_or(Value::Null, |cell| Value::Text(cell.as_bytes())));
        }
        let mut rows = rows.into_iter();
        let mut first = rows.next().unwrap();
        assert_eq!((first.oid(), first.maybe(), first.text()), (1, None, "a".to_owned()));
        assert_eq!(first.maybe(), None);
        let mut second = rows.next().unwrap();
        assert_eq!((second.text(), second.flag(), second.list()), (String::new(), false, Vec::new()));
        let mut third = rows.next().unwrap();
        assert_eq!((third.maybe(), third.flag()), (Some(String::new()), true));
        assert_eq!(third.options(), [attribute("x", "1"), attribute("y", "")]);
        assert!(rows.next().is_none());
        assert!(Rows::default().into_iter().next().is_none());
    }
}
