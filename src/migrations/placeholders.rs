//! `${name}` in statements: what differs between the databases that one folder is for. Only files that
//! ask for it have them, since `${name}` is plain text to most tools.

use std::collections::BTreeMap;

use super::statements::{Statement, Written};

/// The values by their names.
pub type Values = BTreeMap<String, String>;

/// What cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What stands between the braces; None when they do not close.
    pub name: Option<String>,
    /// The byte in the statement.
    pub at: usize,
}

/// A stretch of a statement that is run and the one in the file that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    run: usize,
    run_length: usize,
    written: usize,
    written_length: usize,
}

/// The statement with values in the place of the names; `$${` stands for `${`.
pub fn replace(statement: Statement, values: &Values) -> Result<Statement, Unknown> {
    let text = statement.sql.as_str();
    let (mut sql, mut pieces, mut from) = (String::with_capacity(text.len()), Vec::new(), 0);
    while let Some(at) = text[from..].find("${").map(|found| found + from) {
        let escaped = text[from..at].ends_with('$');
        let start = if escaped { at - 1 } else { at };
        let (value, end) = if escaped { ("${", at + 2) } else { value(text, at, values)? };
        sql.push_str(&text[from..start]);
        pieces.push(Piece {
            run: sql.len(),
            run_length: value.len(),
            written: start,
            written_length: end - start,
        });
        sql.push_str(value);
        from = end;
    }
    if pieces.is_empty() {
        return Ok(statement);
    }
    sql.push_str(&text[from..]);
    let written = Some(Box::new(Written { sql: statement.sql, pieces }));
    Ok(Statement { sql, at: statement.at, written })
}

/// The value of the name that begins at `at`, and where what comes after it begins.
fn value<'a>(text: &str, at: usize, values: &'a Values) -> Result<(&'a str, usize), Unknown> {
    let inside = &text[at + 2..];
    let Some(length) = inside.find('}') else { return Err(Unknown { name: None, at }) };
    let name = inside[..length].trim();
    match values.get(name) {
        Some(value) => Ok((value, at + 2 + length + 1)),
        None => Err(Unknown { name: Some(name.to_owned()), at }),
    }
}

/// Where in the file's statement the byte of the one that is run comes from.
pub fn origin(pieces: &[Piece], byte: usize) -> usize {
    match pieces.iter().rev().find(|piece| piece.run <= byte) {
        None => byte,
        Some(piece) if byte < piece.run + piece.run_length => piece.written,
        Some(piece) => byte - (piece.run + piece.run_length) + piece.written + piece.written_length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> Result<Statement, Unknown> {
        let values = [("a", "long value"), ("b", "")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        replace(Statement { sql: text.to_owned(), at: 10, written: None }, &values)
    }

    #[test]
    fn names_become_values() {
        let statement = replaced("x ${a} y ${ b }z $${a} w").unwrap();
        assert_eq!(statement.sql, "x long value y z ${a} w");
        assert_eq!(replaced("plain $1 {a}").unwrap().written, None);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "x ${a} y ${b}z $${a} w";
        let statement = replaced(text).unwrap();
        for letter in ["x", "y", "z", "w"] {
            let run = statement.sql.rfind(letter).unwrap();
            assert_eq!(statement.place(run), 10 + text.rfind(letter).unwrap(), "{letter}");
        }
        assert_eq!(statement.place(5), 12);
    }

    #[test]
    fn what_is_not_known_is_told() {
        assert_eq!(replaced("x ${c}"), Err(Unknown { name: Some("c".to_owned()), at: 2 }));
        assert_eq!(replaced("x ${c"), Err(Unknown { name: None, at: 2 }));
    }
}
