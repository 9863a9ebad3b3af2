//! A migration's text as the statements that are run, and the sum that tells whether it was edited.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::placeholders::{Piece, origin};
use super::sections::{Wrong, comment, lines};
use crate::sql::{Dialect, Item, Lexer, Splitter};

/// A statement and where its text begins in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    pub at: usize,
    /// How the file has it, where placeholders stood in it.
    pub written: Option<Box<Written>>,
}

/// A statement before values were put into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub sql: String,
    pub pieces: Vec<Piece>,
}

impl Statement {
    /// The byte of the file that a byte of the statement comes from.
    pub fn place(&self, inside: usize) -> usize {
        self.at + self.written.as_ref().map_or(inside, |written| origin(&written.pieces, inside))
    }
}

/// Cuts a part of a file into statements. What stands between the comments `StatementBegin` and
/// `StatementEnd` of goose and sql-migrate is one.
pub fn split(text: &str, range: Range<usize>, dialect: &Dialect) -> Result<Vec<Statement>, Wrong> {
    let mut found = Vec::new();
    let mut from = range.start;
    let mut held: Option<usize> = None;
    for (line, at) in lines(&text[range.clone()]) {
        let at = at.start + range.start..at.end + range.start;
        match (mark(line), held) {
            (Some("StatementBegin"), None) => {
                cut(text, from..at.start, dialect, &mut found)?;
                held = Some(at.end);
            }
            (Some("StatementEnd"), Some(start)) => {
                whole(text, start..at.start, &mut found);
                (held, from) = (None, at.end);
            }
            (Some("StatementBegin"), Some(_)) => {
                return Err(Wrong { message: "a StatementBegin inside of another", at: at.start });
            }
            (Some(_), None) => {
                return Err(Wrong { message: "a StatementEnd without its StatementBegin", at: at.start });
            }
            _ => {}
        }
    }
    match held {
        Some(start) => Err(Wrong { message: "a StatementBegin without its StatementEnd", at: start }),
        None => cut(text, from..range.end, dialect, &mut found).map(|()| found),
    }
}

fn mark(line: &str) -> Option<&str> {
    let said = comment(line)?;
    let said = said.strip_prefix("+goose").or_else(|| said.strip_prefix("+migrate"))?.trim();
    ["StatementBegin", "StatementEnd"].into_iter().find(|mark| *mark == said)
}

fn whole(text: &str, range: Range<usize>, found: &mut Vec<Statement>) {
    let inside = &text[range.clone()];
    let sql = inside.trim().trim_end_matches(';').trim_end();
    if !sql.is_empty() {
        let at = range.start + inside.len() - inside.trim_start().len();
        found.push(Statement { sql: sql.to_owned(), at, written: None });
    }
}

fn cut(text: &str, range: Range<usize>, dialect: &Dialect, found: &mut Vec<Statement>) -> Result<(), Wrong> {
    for item in Splitter::new(text[range.clone()].as_bytes(), dialect) {
        match item {
            Ok(Item::Statement(statement)) => {
                let at = range.start + usize::try_from(statement.offset).unwrap_or(usize::MAX);
                found.push(Statement { sql: statement.text, at, written: None });
            }
            Ok(Item::CopyStatement(statement)) => {
                let at = range.start + usize::try_from(statement.offset).unwrap_or(usize::MAX);
                return Err(Wrong {
                    message: "a migration cannot read rows from its file: write INSERT",
                    at,
                });
            }
            Ok(Item::Meta { .. }) => {}
            Err(_) => {
                return Err(Wrong {
                    message: "the file cannot be cut into statements here",
                    at: range.start,
                });
            }
        }
    }
    Ok(())
}

/// The sum of what the statements say: line ends, blanks around tokens, blanks at the end of lines
/// and comments do not count. Values of placeholders do not count either: they differ by database.
pub fn checksum(statements: &[Statement], dialect: &Dialect) -> String {
    let mut said = Vec::with_capacity(statements.iter().map(|statement| statement.sql.len() * 2).sum());
    for statement in statements {
        let sql = statement.written.as_ref().map_or(&statement.sql, |written| &written.sql);
        for (_, token) in Lexer::new(sql, dialect).without_keywords().code() {
            for line in token.lines() {
                said.extend_from_slice(line.trim_end().as_bytes());
                said.push(b'\n');
            }
            said.push(0);
        }
        said.push(0);
    }
    let sum = Sha256::digest(&said);
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    sum.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    fn split_all(text: &str) -> Result<Vec<Statement>, Wrong> {
        split(text, 0..text.len(), &POSTGRES)
    }

    #[test]
    fn statements_keep_their_places() {
        let text = "-- x\na;\n-- +goose StatementBegin\nb; c;\n-- +goose StatementEnd\n d";
        let found = split_all(text).unwrap();
        let told: Vec<(&str, &str)> =
            found.iter().map(|each| (each.sql.as_str(), &text[each.at..=each.at])).collect();
        assert_eq!(told, [("a", "a"), ("b; c", "b"), ("d", "d")]);
        let procedure = "DELIMITER //\ncreate procedure p() begin select 1; end//\nDELIMITER ;\nselect 2;";
        assert_eq!(split(procedure, 0..procedure.len(), &MYSQL).unwrap().len(), 2);
    }

    #[test]
    fn marks_come_in_pairs() {
        for text in ["-- +goose StatementBegin\na", "-- +goose StatementEnd", "copy t from stdin;\n1\n\\.\n"]
        {
            assert!(split_all(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_is_said_counts() {
        let sum = |text: &str| checksum(&split_all(text).unwrap(), &POSTGRES);
        let plain = sum("create table t (a int);\nselect 'a b';");
        assert_eq!(plain, sum("-- why\r\ncreate  table t /* x */ (a int) ;\r\n\r\nselect 'a b'"));
        assert_ne!(plain, sum("create table t (a int);\nselect 'a  b';"));
        assert_ne!(plain, sum("create table t (b int);\nselect 'a b';"));
        assert_ne!(sum("select 1; select 2"), sum("select 1 select 2"));
        assert_eq!(sum("select $$a \r\nb$$"), sum("select $$a\nb$$"));
        assert_eq!(plain.len(), 64);
    }
}
