//! What the readers share: a way to ask, rows that are taken apart cell by cell, and the objects
//! that were found, each still with its place in the server's own catalog.

use std::collections::HashMap;

use crate::engine::postgres::session::PgSession;
use crate::error::Result;
use crate::model::catalog::{Attribute, Object, Scope, Unread};

/// An object and where the server keeps it. Comments, owners, grants, security labels, the
/// extension it belongs to and what it depends on are found by this place for every kind alike.
pub struct Found {
    /// The catalog: `pg_class`.
    pub class: &'static str,
    pub oid: u32,
    pub object: Object,
}

/// Asks the server, inside the one transaction.
pub struct Reader<'a> {
    session: &'a mut PgSession,
    /// As `server_version_num`: 150018.
    pub version: u32,
    pub scope: Scope,
    pub unread: Vec<Unread>,
}

impl<'a> Reader<'a> {
    pub fn new(session: &'a mut PgSession, scope: Scope) -> Self {
        let version = session.info.version_num;
        Reader { session, version, scope, unread: Vec::new() }
    }

    pub fn rows(&mut self, sql: &str) -> Result<Vec<Row>> {
        let rows = self.session.rows(sql, &[])?;
        Ok(rows.into_iter().map(|cells| Row { cells: cells.into_iter() }).collect())
    }

    /// `expression` on servers from `version` on, `otherwise` on older ones, which do not know it.
    pub fn since<'s>(&self, version: u32, expression: &'s str, otherwise: &'s str) -> &'s str {
        if self.version >= version { expression } else { otherwise }
    }
}

/// A row, whose cells are taken in the order of the query.
pub struct Row {
    cells: std::vec::IntoIter<Option<String>>,
}

impl Row {
    /// The next cell; None for NULL.
    pub fn maybe(&mut self) -> Option<String> {
        self.cells.next().flatten()
    }

    /// The next cell; empty for NULL.
    pub fn text(&mut self) -> String {
        self.maybe().unwrap_or_default()
    }

    pub fn flag(&mut self) -> bool {
        self.maybe().as_deref() == Some("t")
    }

    /// A number; the type's zero for NULL.
    pub fn number<T: std::str::FromStr + Default>(&mut self) -> T {
        self.maybe().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    pub fn oid(&mut self) -> u32 {
        self.number()
    }

    /// The elements of an array of text; none for NULL.
    pub fn list(&mut self) -> Vec<String> {
        self.maybe().map_or_else(Vec::new, |text| array(&text))
    }

    /// `{name=value, ...}` as attributes: storage parameters and the like.
    pub fn options(&mut self) -> Vec<Attribute> {
        self.list().iter().map(|option| split_option(option)).collect()
    }
}

/// An attribute with a value.
pub fn attribute(name: impl Into<String>, value: impl Into<String>) -> Attribute {
    Attribute { name: name.into(), value: value.into() }
}

/// An attribute that is a word alone.
pub fn word(name: &str) -> Attribute {
    attribute(name, "")
}

fn split_option(option: &str) -> Attribute {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    attribute(name, value)
}

/// The elements of an array in the server's text form (chapter 8.15.6); NULL is empty.
pub fn array(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    let mut elements = Vec::new();
    let mut element = String::new();
    let (mut quoted, mut was_quoted) = (false, false);
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => (quoted, was_quoted) = (!quoted, true),
            '\\' => element.extend(letters.next()),
            ',' if !quoted => {
                elements.push(null_is_empty(std::mem::take(&mut element), was_quoted));
                was_quoted = false;
            }
            letter => element.push(letter),
        }
    }
    if !inner.is_empty() {
        elements.push(null_is_empty(element, was_quoted));
    }
    elements
}

fn null_is_empty(element: String, was_quoted: bool) -> String {
    if !was_quoted && element == "NULL" { String::new() } else { element }
}

/// Where each object stands in the list, by its place in the server's catalog.
pub fn places(found: &[Found]) -> HashMap<(&'static str, u32), usize> {
    found.iter().enumerate().map(|(at, each)| ((each.class, each.oid), at)).collect()
}

/// A condition on a schema's name `column`: it is one that users make. Those of temporary objects
/// belong to one session.
pub fn of_users(column: &str) -> String {
    format!(
        "{column} NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
         AND {column} !~ '^pg_(toast_)?temp_'"
    )
}

#[cfg(test)]
mod tests {
    use super::array;

    #[test]
    fn arrays_are_taken_apart() {
        assert_eq!(array("{}"), Vec::<String>::new());
        assert_eq!(array("{a,b}"), ["a", "b"]);
        assert_eq!(array(r#"{"a b","c\"d","e,f",NULL,"NULL",""}"#), ["a b", "c\"d", "e,f", "", "NULL", ""]);
    }
}
