//! What the readers share: the objects that were found, each still with its place in the server's
//! own catalog, and small words for what they are made of.

use std::collections::HashMap;

use crate::model::catalog::{Attribute, Object};

/// An object and where the server keeps it. Comments, owners, grants, security labels, the
/// extension it belongs to and what it depends on are found by this place for every kind alike.
pub struct Found {
    /// The catalog: `pg_class`.
    pub class: &'static str,
    pub oid: u32,
    pub object: Object,
}

/// An attribute with a value.
pub fn attribute(name: impl Into<String>, value: impl Into<String>) -> Attribute {
    Attribute { name: name.into(), value: value.into() }
}

/// An attribute that is a word alone.
pub fn word(name: &str) -> Attribute {
    attribute(name, "")
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
