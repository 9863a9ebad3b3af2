//! A column of a CREATE TABLE that is put together from its parts.

use super::{Flavour, literal, quoted};
use crate::catalog::words::Words;
use crate::model::catalog::{Column, Constraint, ConstraintKind, attribute};
use crate::sql::TokenKind;

/// The line of a column; `checks` are those that stand in it.
pub fn write(column: &Column, checks: &[&Constraint], flavour: Flavour) -> String {
    let mut sql = format!("{} {}", quoted(&column.name), column.ty);
    let value = |name| attribute(&column.attributes, name);
    let mut add = |words: String| {
        sql.push(' ');
        sql.push_str(&words);
    };
    if let Some(charset) = &column.charset {
        add(format!("CHARACTER SET {charset}"));
    }
    if let Some(collation) = &column.collation {
        add(format!("COLLATE {collation}"));
    }
    if value("compressed").is_some() {
        add("COMPRESSED".into());
    }
    if let Some(generated) = &column.generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        add(format!("GENERATED ALWAYS AS ({}) {kept}", generated.expression));
    }
    match value("row") {
        Some(edge) => add(format!("GENERATED ALWAYS AS ROW {}", edge.to_ascii_uppercase())),
        None if !column.nullable => add("NOT NULL".into()),
        // A TIMESTAMP that does not say so is NOT NULL under old settings.
        None if column.ty.to_ascii_lowercase().starts_with("timestamp") => add("NULL".into()),
        None => {}
    }
    if let Some(srid) = value("srid") {
        add(format!("SRID {srid}"));
    }
    if let Some(default) = &column.default {
        add(format!("DEFAULT {}", default_of(default, &column.ty, flavour)));
    }
    if let Some(on_update) = &column.on_update {
        add(format!("ON UPDATE {on_update}"));
    }
    if column.identity.is_some() {
        add("AUTO_INCREMENT".into());
    }
    for (name, words) in [
        ("invisible", "INVISIBLE"),
        ("without system versioning", "WITHOUT SYSTEM VERSIONING"),
        ("with system versioning", "WITH SYSTEM VERSIONING"),
        ("not secondary", "NOT SECONDARY"),
    ] {
        if value(name).is_some() {
            add(words.into());
        }
    }
    for (name, words) in [("storage", "STORAGE"), ("column_format", "COLUMN_FORMAT")] {
        if let Some(value) = value(name) {
            add(format!("{words} {value}"));
        }
    }
    if let Some(comment) = &column.comment {
        add(format!("COMMENT {}", literal(comment)));
    }
    for check in checks {
        if let ConstraintKind::Check { expression } = &check.kind {
            add(format!("CHECK ({expression})"));
        }
    }
    sql
}

/// A default as DEFAULT takes it: literals and the present time are bare, any other expression is
/// in parentheses ("Data Type Default Values" in MySQL's manual; MariaDB takes them too).
fn default_of(default: &str, ty: &str, flavour: Flavour) -> String {
    let word = ty.split(['(', ' ']).next().unwrap_or("").to_ascii_lowercase();
    let large =
        word.ends_with("text") || word.ends_with("blob") || matches!(word.as_str(), "json" | "geometry");
    let bare = is_literal(default) && !(large && flavour == Flavour::Mysql) || is_now(default);
    match bare || is_in_parentheses(default) {
        true => default.to_owned(),
        false => format!("({default})"),
    }
}

fn is_literal(text: &str) -> bool {
    let mut words = Words::new(text, &crate::sql::MYSQL);
    if words.is("-") || words.is("+") {
        words.next();
    }
    let known = ["NULL", "TRUE", "FALSE"].iter().any(|word| words.is(word));
    let Some(first) = words.next() else { return false };
    match first.kind {
        // A string with its character set, `_latin1'a'`, is an expression here.
        TokenKind::String => !text.starts_with('_') && words.peek().is_none(),
        TokenKind::Number => words.peek().is_none(),
        kind if kind.is_word() => known && words.peek().is_none(),
        _ => false,
    }
}

fn is_now(text: &str) -> bool {
    let word = text.split('(').next().unwrap_or("").trim().to_ascii_uppercase();
    let known = matches!(word.as_str(), "CURRENT_TIMESTAMP" | "NOW" | "LOCALTIME" | "LOCALTIMESTAMP");
    let rest = text[text.find('(').unwrap_or(text.len())..].trim();
    let digits = rest.trim_start_matches('(').trim_end_matches(')');
    known && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_in_parentheses(text: &str) -> bool {
    let mut words = Words::new(text, &crate::sql::MYSQL);
    words.is("(") && words.group().is_some() && words.peek().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults() {
        for (default, ty, written) in [
            ("'a''b'", "varchar(10)", "'a''b'"),
            ("-5", "int", "-5"),
            ("b'101'", "bit(3)", "b'101'"),
            ("NULL", "int", "NULL"),
            ("current_timestamp(6)", "datetime(6)", "current_timestamp(6)"),
            ("CURRENT_TIMESTAMP", "timestamp", "CURRENT_TIMESTAMP"),
            ("uuid()", "varchar(36)", "(uuid())"),
            ("(a + 1)", "int", "(a + 1)"),
            ("(a) + (1)", "int", "((a) + (1))"),
            ("'x'", "text", "('x')"),
            ("_utf8mb4'x'", "varchar(3)", "(_utf8mb4'x')"),
            ("now() + interval 1 day", "datetime", "(now() + interval 1 day)"),
        ] {
            assert_eq!(default_of(default, ty, Flavour::Mysql), written, "{default}");
        }
        assert_eq!(default_of("'x'", "text", Flavour::Mariadb), "'x'");
    }
}
