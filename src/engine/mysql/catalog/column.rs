//! A column out of a `SHOW CREATE TABLE` text.

use super::table::attribute;
use super::words::{Words, settled, unquoted};
use crate::model::catalog::{Column, Constraint, ConstraintKind, Generated, Identity};

/// A column, and what else its line tells.
pub struct Line {
    pub column: Column,
    /// MariaDB's checks of the column.
    pub checks: Vec<Constraint>,
    /// Where the text names a collation without a character set.
    pub collation: Option<(usize, usize)>,
}

pub fn read(words: &mut Words<'_>) -> Option<Line> {
    let column = Column { name: words.name()?, ty: column_type(words)?, nullable: true, ..Column::default() };
    let mut line = Line { column, checks: Vec::new(), collation: None };
    while words.peek().is_some() && !words.is(",") && !words.is(")") {
        if words.eat(&["CHECK"]) {
            let expression = words.group()?.to_owned();
            let mut check =
                Constraint::new(None, ConstraintKind::Check { expression }, vec![line.column.name.clone()]);
            check.attributes.push(attribute("level", "column"));
            line.checks.push(check);
            continue;
        }
        let start = words.end();
        let is_collation = words.is("COLLATE");
        if !plain(words, &mut line.column)? {
            option(words, &mut line.column)?;
        }
        if is_collation && line.column.charset.is_none() {
            line.collation = Some((start, words.end()));
        }
    }
    Some(line)
}

/// The word, its arguments, and the modifiers that belong to it.
fn column_type(words: &mut Words<'_>) -> Option<String> {
    let start = words.start();
    words.next()?;
    if words.is("precision") || words.is("varying") {
        words.next();
    }
    if words.is("(") {
        words.group()?;
    }
    while words.is("unsigned") || words.is("zerofill") || words.is("signed") {
        words.next();
    }
    Some(words.slice(start, words.end()).to_owned())
}

/// The parts that have a field of their own; false when what is next is none of them.
fn plain(words: &mut Words<'_>, column: &mut Column) -> Option<bool> {
    if words.eat(&["NOT", "NULL"]) {
        column.nullable = false;
    } else if words.eat(&["NULL"]) {
        column.nullable = true;
    } else if words.eat(&["CHARACTER", "SET"]) {
        column.charset = Some(words.name()?);
    } else if words.eat(&["COLLATE"]) {
        column.collation = Some(words.name()?);
    } else if words.eat(&["DEFAULT"]) {
        column.default = default(words, &column.ty)?;
    } else if words.eat(&["ON", "UPDATE"]) {
        column.on_update = Some(expression(words)?);
    } else if words.eat(&["AUTO_INCREMENT"]) {
        column.identity = Some(Identity::default());
    } else if words.eat(&["COMMENT"]) {
        column.comment = Some(words.string()?);
    } else if words.eat(&["GENERATED", "ALWAYS", "AS"]) || words.eat(&["AS"]) {
        generated(words, column)?;
    } else {
        return Some(false);
    }
    Some(true)
}

fn generated(words: &mut Words<'_>, column: &mut Column) -> Option<()> {
    // MariaDB's row versions: when a row began and ended.
    for edge in ["START", "END"] {
        if words.eat(&["ROW", edge]) {
            column.attributes.push(attribute("row", edge.to_ascii_lowercase()));
            column.nullable = false;
            return Some(());
        }
    }
    let expression = settled(words.group()?);
    let stored = words.is("STORED") || words.is("PERSISTENT");
    if stored || words.is("VIRTUAL") {
        words.next();
    }
    column.generated = Some(Generated { expression, stored });
    Some(())
}

/// What only this engine has.
fn option(words: &mut Words<'_>, column: &mut Column) -> Option<()> {
    for (texts, name) in [
        (&["INVISIBLE"][..], "invisible"),
        (&["WITHOUT", "SYSTEM", "VERSIONING"], "without system versioning"),
        (&["WITH", "SYSTEM", "VERSIONING"], "with system versioning"),
        (&["NOT", "SECONDARY"], "not secondary"),
    ] {
        if words.eat(texts) {
            column.attributes.push(attribute(name, ""));
            return Some(());
        }
    }
    // `SRID 4326`, `STORAGE DISK`, `COMPRESSED`, and options of MariaDB's engines: `name`=value.
    let name = words.name()?.to_ascii_lowercase();
    let value = match name.as_str() {
        "compressed" if !words.eat(&["="]) => String::new(),
        "srid" | "storage" | "column_format" | "compressed" => following(words)?,
        "engine_attribute" | "secondary_engine_attribute" => {
            words.eat(&["="]);
            following(words)?
        }
        _ if words.eat(&["="]) => following(words)?,
        // Something that we do not know: better no description than a wrong one.
        _ => return None,
    };
    column.attributes.push(attribute(&name, value));
    Some(())
}

fn following(words: &mut Words<'_>) -> Option<String> {
    let value = unquoted(words.text(0));
    words.next().map(|_| value)
}

/// A default; None for NULL, which is what a column without one has.
fn default(words: &mut Words<'_>, ty: &str) -> Option<Option<String>> {
    if words.eat(&["NULL"]) {
        return Some(None);
    }
    let text = expression(words)?;
    let number = unquoted(&text);
    // MySQL writes `DEFAULT '5'` for numbers too.
    if text.starts_with('\'') && is_numeric(ty) && number.parse::<f64>().is_ok() {
        return Some(Some(number));
    }
    Some(Some(text))
}

fn is_numeric(ty: &str) -> bool {
    let word = ty.split(['(', ' ']).next().unwrap_or("").to_ascii_lowercase();
    matches!(word.as_str(), "decimal" | "double" | "float" | "year" | "real" | "bigint" | "int")
        || matches!(word.as_str(), "tinyint" | "smallint" | "mediumint")
}

/// An expression of one term: a literal, a call, or anything in parentheses.
fn expression(words: &mut Words<'_>) -> Option<String> {
    let start = words.start();
    if words.is("(") {
        // The parentheses belong to DEFAULT, not to the expression.
        let inner = words.group()?;
        return Some(match is_one_group(inner) {
            true => settled(inner),
            false => format!("({})", settled(inner)),
        });
    }
    if words.is("-") || words.is("+") {
        words.next();
    }
    let first = words.next()?;
    let second = words.peek();
    let follows_at_once = second.is_some_and(|second| second.start == first.end);
    if first.kind.is_word() && follows_at_once {
        match words.text(0) {
            "(" => drop(words.group()?),
            // `b'101'`.
            text if text.starts_with('\'') => drop(words.next()),
            _ => {}
        }
    }
    Some(words.slice(start, words.end()).to_owned())
}

/// Whether a text is in parentheses as a whole, or a single call.
fn is_one_group(text: &str) -> bool {
    let mut words = Words::new(text, &crate::sql::MARIADB);
    if !words.is("(") && words.peek().is_some_and(|token| token.kind.is_word()) && words.is_at(1, "(") {
        words.next();
    }
    words.group().is_some() && words.peek().is_none()
}
