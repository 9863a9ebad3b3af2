//! What a statement is about to change, as the server itself writes it: MySQL and MariaDB commit a
//! change of schema at once, so that its answer may be lost and its effect not.

use std::ops::Range;

use super::session::MysqlSession;
use crate::engine::sum;
use crate::error::{Error, Kind, Result};
use crate::sql::{Lexer, MYSQL, TokenKind};

/// A kind of object and its name as the statement writes it.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    kind: &'static str,
    name: &'a str,
}

/// The sum of what the statement names; None when that cannot be told from its words.
pub fn trace(session: &mut MysqlSession, sql: &str) -> Result<Option<String>> {
    let Some(Named { kind, name }) = named(sql) else { return Ok(None) };
    let shown = session.collect(&format!("SHOW CREATE {kind} {name}"), &[]);
    let text = match shown {
        Ok(rows) => rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n"),
        Err(error) if is_missing(&error) => String::new(),
        Err(error) => return Err(error),
    };
    Ok(Some(sum(&without_counter(&text))))
}

/// A trigger and an event have numbers of their own.
fn is_missing(error: &Error) -> bool {
    let number = |number: &str| error.server_error().is_some_and(|server| server.code.starts_with(number));
    error.kind() == Kind::Syntax || number("1360") || number("1539")
}

/// The next number of a table changes with its rows.
fn without_counter(text: &str) -> String {
    const WORD: &str = "AUTO_INCREMENT=";
    match text.find(WORD) {
        Some(at) => {
            let digits = text[at + WORD.len()..].bytes().take_while(u8::is_ascii_digit).count();
            format!("{}{}", &text[..at], &text[at + WORD.len() + digits..])
        }
        None => text.to_owned(),
    }
}

fn named(sql: &str) -> Option<Named<'_>> {
    let tokens: Vec<(Range<usize>, &str)> = Lexer::new(sql, &MYSQL)
        .code()
        .filter(|(token, _)| token.kind != TokenKind::CommentMarker)
        .map(|(token, text)| (token.range(), text))
        .collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|(_, text)| text.eq_ignore_ascii_case(word));
    let verb = ["CREATE", "ALTER", "DROP", "RENAME"].iter().any(|verb| is(0, verb));
    if !verb {
        return None;
    }
    const KINDS: [&str; 7] = ["TABLE", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "INDEX"];
    // A definer and the like stand between the verb and the kind.
    let (at, kind) = (1..tokens.len().min(16)).find_map(|at| {
        let kind = KINDS.iter().find(|kind| is(at, kind))?;
        Some((at, *kind))
    })?;
    let at = match kind {
        "INDEX" => (at..tokens.len()).find(|at| is(*at, "ON"))?,
        _ => at,
    };
    let mut start = at + 1;
    while ["IF", "NOT", "EXISTS"].iter().any(|word| is(start, word)) {
        start += 1;
    }
    let mut end = start + 1;
    while tokens.get(end).is_some_and(|(_, text)| *text == ".") {
        end += 2;
    }
    let name = &sql[tokens.get(start)?.0.start..tokens.get(end - 1)?.0.end];
    Some(Named { kind: if kind == "INDEX" { "TABLE" } else { kind }, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_what_they_change() {
        for (sql, expected) in [
            ("create table if not exists shop.`t` (a int)", Some(("TABLE", "shop.`t`"))),
            ("ALTER TABLE t ADD b int", Some(("TABLE", "t"))),
            ("create unique index i on `my t` (a)", Some(("TABLE", "`my t`"))),
            ("drop index i on shop.t", Some(("TABLE", "shop.t"))),
            ("create or replace algorithm=merge definer=`r`@`%` view v as select 1", Some(("VIEW", "v"))),
            ("create definer=`r`@`%` procedure p() begin end", Some(("PROCEDURE", "p"))),
            ("rename table a to b", Some(("TABLE", "a"))),
            ("insert into t values (1)", None),
            ("grant select on t to a", None),
        ] {
            let found = named(sql);
            assert_eq!(found.map(|found| (found.kind, found.name)), expected, "{sql}");
        }
    }

    #[test]
    fn the_next_number_does_not_count() {
        assert_eq!(without_counter("x AUTO_INCREMENT=12 y"), "x  y");
        assert_eq!(without_counter("x"), "x");
    }
}
