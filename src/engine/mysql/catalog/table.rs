//! A table out of its `SHOW CREATE TABLE` text ("CREATE TABLE Statement" in the servers' manuals).
//!
//! The server writes this text while it holds the table's metadata lock, so every table is seen
//! whole and at one moment, whatever is changed meanwhile; the rows of information_schema come
//! from several queries, between which a table may change. It also keeps what information_schema
//! does not: characters outside the basic plane, and binary defaults behind a zero byte.

use super::column;
use super::keys;
use super::words::Words;
use crate::model::catalog::{Action, Attribute, Column, Partitioning, Table};
use crate::model::target::EngineKind;
use crate::sql::{Dialect, MARIADB, MYSQL};

/// A table's definition, read.
#[derive(Default)]
pub struct Read {
    pub table: Table,
    pub comment: Option<String>,
    pub attributes: Vec<Attribute>,
    /// The text without what is data or names the database it was read from.
    pub definition: String,
}

/// An attribute of a table, column or index.
pub fn attribute(name: &str, value: impl Into<String>) -> Attribute {
    Attribute { name: name.to_owned(), value: value.into() }
}

/// Reads a definition; None when it is not one that we understand.
pub fn read(sql: &str, database: &str, engine: EngineKind) -> Option<Read> {
    let (dialect, usual_action) = match engine {
        EngineKind::Mariadb => (&MARIADB, Action::Restrict),
        _ => (&MYSQL, Action::NoAction),
    };
    let mut words = Words::new(sql, dialect);
    if !words.eat(&["CREATE", "TABLE"]) {
        return None;
    }
    words.name()?;
    let mut read = Read::default();
    // Parts of the text that are left out of the definition.
    let (mut cuts, mut collations) = (Vec::new(), Vec::new());
    if !words.eat(&["("]) {
        return None;
    }
    loop {
        item(&mut words, &mut read, &mut collations, usual_action)?;
        if words.eat(&[")"]) {
            break;
        }
        if !words.eat(&[","]) {
            return None;
        }
    }
    options(&mut words, &mut read, &mut cuts)?;
    if words.eat(&["PARTITION", "BY"]) {
        read.table.partitioning = Some(partitioning(&mut words)?);
    }
    if words.peek().is_some() {
        return None;
    }
    forget_usual_collations(&mut read);
    // MySQL names the table's collation in each column that only inherits it, and would take the
    // column's for its own choice when it reads that again.
    if let Some(usual) = crate::model::catalog::attribute(&read.attributes, "collate") {
        let names_usual =
            |&(start, end): &(usize, usize)| words.slice(start, end).trim() == format!("COLLATE {usual}");
        cuts.extend(collations.into_iter().filter(names_usual));
    }
    own_sequences(sql, database, dialect, &mut cuts);
    read.definition = without(sql, &mut cuts);
    for column in &mut read.table.columns {
        if let Some(default) = &mut column.default {
            let mut cuts = Vec::new();
            own_sequences(default, database, dialect, &mut cuts);
            *default = without(default, &mut cuts);
        }
    }
    Some(read)
}

/// A column, key or constraint.
fn item(
    words: &mut Words<'_>,
    read: &mut Read,
    collations: &mut Vec<(usize, usize)>,
    usual_action: Action,
) -> Option<()> {
    let table = &mut read.table;
    if words.text(0).starts_with(['`', '"']) {
        let line = column::read(words)?;
        table.columns.push(line.column);
        table.constraints.extend(line.checks);
        collations.extend(line.collation);
        return Some(());
    }
    if words.eat(&["PERIOD", "FOR"]) {
        let name = words.name()?;
        let columns = words.group()?;
        // `PERIOD FOR SYSTEM_TIME (began, ended)` of MariaDB's temporal tables.
        read.attributes.push(attribute("period", format!("{name} ({columns})")));
        return Some(());
    }
    if words.eat(&["CONSTRAINT"]) {
        let name = words.name()?;
        table.constraints.push(keys::constraint(words, name, usual_action)?);
        return Some(());
    }
    let (index, constraint) = keys::index(words)?;
    table.indexes.push(index);
    table.constraints.extend(constraint);
    Some(())
}

/// What follows the parenthesis, up to the partitions.
fn options(words: &mut Words<'_>, read: &mut Read, cuts: &mut Vec<(usize, usize)>) -> Option<()> {
    while words.peek().is_some() && !(words.is("PARTITION") && words.is_at(1, "BY")) {
        let start = words.end();
        if words.eat(&["WITH", "SYSTEM", "VERSIONING"]) {
            read.attributes.push(attribute("system versioning", ""));
            continue;
        }
        if words.eat(&["START", "TRANSACTION"]) {
            continue;
        }
        words.eat(&["DEFAULT"]);
        let mut name = words.name()?.to_ascii_lowercase();
        if matches!(name.as_str(), "data" | "index" | "character" | "storage") && !words.is("=") {
            if name == "storage" {
                read.attributes.push(attribute("storage", words.name()?));
                continue;
            }
            name = format!("{name} {}", words.name()?.to_ascii_lowercase());
        }
        words.eat(&["="]);
        let value = match words.text(0) {
            "(" => words.group()?.to_owned(),
            text => {
                words.next()?;
                super::words::unquoted(text)
            }
        };
        match name.as_str() {
            // The next value of the counter changes with every row: it is data.
            "auto_increment" => cuts.push((start, words.end())),
            "comment" => read.comment = Some(value),
            "charset" | "character set" => read.attributes.push(attribute("charset", value)),
            // A remote server's address holds its password.
            "connection" | "password" => {
                let masked = crate::model::mask::mask(&value).into_owned();
                read.attributes.push(attribute(&name, masked));
            }
            _ => read.attributes.push(attribute(&name, value)),
        }
    }
    Some(())
}

/// What follows PARTITION BY ("CREATE TABLE and Partitioning").
fn partitioning(words: &mut Words<'_>) -> Option<Partitioning> {
    let mut by = String::new();
    while words.peek().is_some() && !(words.is("(") && words.is_at(1, "PARTITION")) {
        if !by.is_empty() {
            by.push(' ');
        }
        match words.is("(") {
            true => {
                let group = words.group()?;
                by.push_str(&format!("({group})"));
            }
            false => {
                by.push_str(words.text(0));
                words.next()?;
                // `TIMESTAMP'2020-01-01 00:00:00'`.
                if words.text(0).starts_with('\'') {
                    by.push_str(words.text(0));
                    words.next()?;
                }
            }
        }
    }
    let mut partitions = Vec::new();
    if words.eat(&["("]) {
        loop {
            if !words.eat(&["PARTITION"]) {
                return None;
            }
            let name = words.name()?;
            let start = words.start();
            // Subpartitions with names of their own are in parentheses.
            while !words.is(",") && !words.is(")") {
                match words.is("(") {
                    true => drop(words.group()?),
                    false => drop(words.next()?),
                }
            }
            let bound = words.slice(start.min(words.end()), words.end());
            partitions.push(Attribute { name, value: bound.to_owned() });
            if words.eat(&[")"]) {
                break;
            }
            words.eat(&[","]);
        }
    }
    Some(Partitioning { by, partitions })
}

/// A column that has the table's own character set and collation has none of its own.
fn forget_usual_collations(read: &mut Read) {
    let value = |name| crate::model::catalog::attribute(&read.attributes, name).map(str::to_owned);
    let (charset, collation) = (value("charset"), value("collate"));
    let forget = |column: &mut Column| {
        if column.collation.is_some() && column.collation == collation {
            column.collation = None;
        }
        if column.charset.is_some() && column.charset == charset {
            column.charset = None;
        }
    };
    read.table.columns.iter_mut().for_each(forget);
}

/// MariaDB writes the database before a sequence of the same database: `nextval(`db`.`s`)`.
fn own_sequences(sql: &str, database: &str, dialect: &Dialect, cuts: &mut Vec<(usize, usize)>) {
    if !["nextval(", "lastval(", "setval("].iter().any(|call| sql.contains(call)) {
        return;
    }
    let mut words = Words::new(sql, dialect);
    while let Some(token) = words.next() {
        let call = words.slice(token.start, token.end).to_ascii_lowercase();
        if matches!(call.as_str(), "nextval" | "lastval" | "setval") && words.eat(&["("]) {
            let start = words.start();
            if words.name().as_deref() == Some(database) && words.eat(&["."]) {
                cuts.push((start, words.start()));
            }
        }
    }
}

/// A text without some of its parts.
fn without(sql: &str, cuts: &mut Vec<(usize, usize)>) -> String {
    cuts.sort_unstable();
    let (mut kept, mut at) = (String::with_capacity(sql.len()), 0);
    for &mut (start, end) in cuts {
        kept.push_str(sql.get(at..start).unwrap_or(""));
        at = end;
    }
    kept.push_str(sql.get(at..).unwrap_or(""));
    kept
}
