//! Statements written as a script, which the engine's own client and [`super::split`] read back as
//! the same statements.

use std::io::{self, Write};

use super::dialect::Dialect;
use super::lex::{Lexer, Token, TokenKind};
use super::split::{is_complete, split_str};
use crate::model::ddl::Piece;

/// Writes the statements, with a comment before each object that says what it is.
pub fn write_script(out: &mut dyn Write, pieces: &[Piece], dialect: &Dialect) -> io::Result<()> {
    let mut before: Option<&Piece> = None;
    for piece in pieces {
        let goes_on = before.is_some_and(|before| before.kind == piece.kind && before.name == piece.name);
        if !goes_on {
            if before.is_some() {
                out.write_all(b"\n")?;
            }
            if !piece.name.name.is_empty() {
                writeln!(out, "-- {} {}", piece.kind, one_line(&piece.name.to_string()))?;
            }
        }
        write_statement(out, &piece.sql, dialect)?;
        before = Some(piece);
    }
    Ok(())
}

/// A name must not end the comment that it stands in.
fn one_line(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Writes one statement and what ends it.
pub fn write_statement(out: &mut dyn Write, sql: &str, dialect: &Dialect) -> io::Result<()> {
    let sql = sql.trim_end();
    let tokens: Vec<Token> = Lexer::new(sql, dialect).collect();
    // After a comment to the end of the line a delimiter would be part of it.
    let is_comment = tokens.last().is_some_and(|last| {
        last.kind == TokenKind::Comment && !(last.text(sql).starts_with("/*") && last.terminated)
    });
    let end = if is_comment { "\n" } else { "" };
    if dialect.delimiter_command && !ends_at_semicolon(sql, &tokens, dialect) {
        let delimiter = delimiter(sql);
        write!(out, "DELIMITER {delimiter}\n{sql}{end}{delimiter}\nDELIMITER ;\n")
    } else {
        writeln!(out, "{sql}{end};")
    }
}

/// Whether every client takes the next semicolon for the statement's end: those of MySQL know
/// nothing of bodies, and ours does.
fn ends_at_semicolon(sql: &str, tokens: &[Token], dialect: &Dialect) -> bool {
    let holds_one = tokens.iter().any(|token| token.kind == TokenKind::Punct && token.text(sql) == ";");
    !holds_one && split_str(sql, dialect).len() == 1 && is_complete(&format!("{sql}\n;"), dialect)
}

/// A delimiter that the statement does not hold, nor begins at its end.
fn delimiter(sql: &str) -> String {
    let mut delimiter = ";;".to_owned();
    while sql.contains(&delimiter) || sql.ends_with(';') && delimiter.starts_with(';') {
        delimiter = match delimiter.as_str() {
            ";;" => "$$".to_owned(),
            longer => format!("{longer}/"),
        };
    }
    delimiter
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::catalog::Name;
    use crate::model::ddl::Section;
    use crate::sql::{MARIADB, MYSQL, POSTGRES, SQLITE};

    fn piece(kind: &'static str, name: &str, sql: &str) -> Piece {
        Piece { kind, name: Name::new("", name), section: Section::BeforeData, sql: sql.to_owned() }
    }

    fn script(pieces: &[Piece], dialect: &Dialect) -> String {
        let mut out = Vec::new();
        write_script(&mut out, pieces, dialect).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn split(script: &str, dialect: &Dialect) -> Vec<String> {
        split_str(script, dialect).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn objects_are_set_apart_and_named() {
        let pieces = [
            piece("setting", "", "PRAGMA user_version = 1"),
            piece("setting", "", "PRAGMA application_id = 2"),
            piece("table", "t\n; drop table t", "CREATE TABLE t (a)"),
            piece("table", "u", "CREATE TABLE u (a)"),
            piece("table", "u", "ALTER TABLE u ADD b"),
        ];
        insta::assert_snapshot!(script(&pieces, &SQLITE), @"
        PRAGMA user_version = 1;
        PRAGMA application_id = 2;

        -- table t ; drop table t
        CREATE TABLE t (a);

        -- table u
        CREATE TABLE u (a);
        ALTER TABLE u ADD b;
        ");
    }

    #[test]
    fn bodies_and_comments_do_not_end_early() {
        let bodies =
            ["begin select 1; end", "begin select ';;'; end", "begin select '$$;;$$/'; select 1; end -- $"];
        for dialect in [&MYSQL, &MARIADB] {
            for body in bodies {
                let sql = format!("create procedure p() {body}");
                let written = script(
                    &[piece("routine", "p", &sql), piece("table", "t", "create table t (a int)")],
                    dialect,
                );
                assert_eq!(split(&written, dialect), [sql.as_str(), "create table t (a int)"], "{written}");
            }
        }
        let sql = "create view v as select 1 -- one";
        let written = script(&[piece("view", "v", sql)], &SQLITE);
        assert_eq!(written, "-- view v\ncreate view v as select 1 -- one\n;\n");
        for dialect in [&SQLITE, &POSTGRES, &MYSQL, &MARIADB] {
            assert_eq!(split(&script(&[piece("view", "v", sql)], dialect), dialect), [sql]);
        }
        let sql = "create trigger t after insert on t begin select 1; end";
        assert_eq!(split(&script(&[piece("trigger", "t", sql)], &SQLITE), &SQLITE), [sql]);
        let sql = "create function f() returns int language sql begin atomic select 1; end";
        assert_eq!(split(&script(&[piece("routine", "f", sql)], &POSTGRES), &POSTGRES), [sql]);
    }

    proptest! {
        #[test]
        fn any_name_and_body_comes_back(
            name in "[a-z;\n\r'\"`$/*# -]{0,12}",
            body in r#"(select |1|;|'[a-z;$/]{0,4}'|-- c;\n|/\* ; \*/|,| |\n|\$\$|#;\n){0,12}"#,
        ) {
            let sql = format!("create procedure p() begin{body} end");
            for dialect in [&MYSQL, &MARIADB] {
                let pieces = [piece("routine", &name, &sql), piece("table", &name, "create table t (a int)")];
                let written = script(&pieces, dialect);
                prop_assert_eq!(split(&written, dialect), vec![sql.clone(), "create table t (a int)".into()], "{}", written);
            }
        }
    }
}
