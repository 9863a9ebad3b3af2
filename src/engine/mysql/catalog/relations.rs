//! Tables, views and MariaDB's sequences.

use std::collections::HashMap;

use super::table::{self, attribute};
use super::words::Words;
use super::{FullTexts, Reader, cell, is_gone, text, why};
use crate::error::{Kind, Result};
use crate::model::catalog::{COLUMN_LIST, Column, Detail, Name, Object, Sequence, View};
use crate::session::Cells;

/// Rows and bytes of a table, as the engine estimates them.
type Sizes = HashMap<String, (Option<u64>, Option<u64>)>;

/// Reads them all; returns the texts that tell what each view needs.
pub fn read(reader: &mut Reader<'_>) -> Result<FullTexts> {
    let sql = format!("SHOW FULL TABLES FROM {}", reader.quoted(&reader.catalog.database));
    let (mut tables, mut views, mut sequences) = (Vec::new(), Vec::new(), Vec::new());
    for row in reader.session.collect(&sql, &[])? {
        let name = cell(&row, 0).to_owned();
        match cell(&row, 1) {
            "VIEW" => views.push(name),
            "SEQUENCE" => sequences.push(name),
            // Tables of this session are no part of the database.
            kind if kind.starts_with("TEMPORARY") => {}
            _ => tables.push(name),
        }
    }
    let sizes = sizes(reader)?;
    read_tables(reader, &tables, &sizes)?;
    read_sequences(reader, &sequences)?;
    if views.is_empty() {
        return Ok(FullTexts::new());
    }
    read_views(reader, &views)?;
    let sql = format!(
        "SELECT table_name, view_definition FROM information_schema.views WHERE {}",
        reader.is_ours("table_schema")
    );
    let rows = reader.session.collect(&sql, &[])?;
    Ok(rows.iter().map(|row| (cell(row, 0).to_owned(), cell(row, 1).to_owned())).collect())
}

fn sizes(reader: &mut Reader<'_>) -> Result<Sizes> {
    if !reader.scope.sizes {
        return Ok(Sizes::new());
    }
    let sql = format!(
        "SELECT table_name, table_rows, data_length + index_length FROM information_schema.tables WHERE {}",
        reader.is_ours("table_schema")
    );
    let number = |row: &Cells, index| cell(row, index).parse().ok();
    let rows = reader.session.collect(&sql, &[])?;
    Ok(rows.iter().map(|row| (cell(row, 0).to_owned(), (number(row, 1), number(row, 2)))).collect())
}

fn read_tables(reader: &mut Reader<'_>, names: &[String], sizes: &Sizes) -> Result<()> {
    let definitions = reader.definitions("table", names)?;
    for (name, row) in names.iter().zip(definitions) {
        let Some(row) = row else { continue };
        let definition = cell(&row, 1);
        let Some(read) = table::read(definition, &reader.catalog.database, reader.catalog.engine) else {
            let why = match definition.starts_with("CREATE TEMPORARY") {
                true => "a temporary table of this session hides it",
                false => "its definition has a form that is not known here",
            };
            reader.not_read(format!("table {name}"), why);
            continue;
        };
        let mut table = read.table;
        (table.rows, table.bytes) = sizes.get(name).copied().unwrap_or_default();
        let numbered = table.columns.iter_mut().filter_map(|column| column.identity.as_mut());
        for identity in numbered.filter(|_| reader.scope.sizes) {
            identity.last_value = Some(read.next_number.map_or(0, |next| next - 1));
        }
        let mut object = Object::new(Name::new("", name), Detail::Table(table));
        object.comment = read.comment;
        object.attributes = read.attributes;
        object.definition = Some(read.definition);
        reader.catalog.objects.push(object);
    }
    Ok(())
}

fn read_sequences(reader: &mut Reader<'_>, names: &[String]) -> Result<()> {
    let definitions = reader.definitions("sequence", names)?;
    for (name, row) in names.iter().zip(definitions) {
        let Some(row) = row else { continue };
        let definition = cell(&row, 1);
        let mut object = Object::new(Name::new("", name), Detail::Sequence(sequence(definition, reader)));
        object.definition = Some(definition.to_owned());
        reader.catalog.objects.push(object);
    }
    Ok(())
}

/// "CREATE SEQUENCE" in MariaDB's manual, in the order in which the server writes it.
fn sequence(definition: &str, reader: &Reader<'_>) -> Sequence {
    // Sequences have a choice of types from MariaDB 11.5 on only.
    let mut sequence = Sequence { ty: "bigint".into(), ..Sequence::default() };
    let mut words = Words::new(definition, reader.dialect);
    words.eat(&["CREATE", "SEQUENCE"]);
    words.name();
    while words.peek().is_some() {
        if words.eat(&["AS"]) {
            sequence.ty = words.name().unwrap_or_default();
        } else if words.eat(&["START", "WITH"]) {
            sequence.start = number(&mut words);
        } else if words.eat(&["MINVALUE"]) {
            sequence.min = number(&mut words);
        } else if words.eat(&["MAXVALUE"]) {
            sequence.max = number(&mut words);
        } else if words.eat(&["INCREMENT", "BY"]) {
            sequence.increment = number(&mut words);
        } else if words.eat(&["CACHE"]) {
            sequence.cache = number(&mut words);
        } else {
            sequence.cycle |= words.is("CYCLE");
            words.next();
        }
    }
    sequence
}

fn number(words: &mut Words<'_>) -> i128 {
    let sign = if words.eat(&["-"]) { -1 } else { 1 };
    let number = words.text(0).parse::<i128>().unwrap_or(0);
    words.next();
    sign * number
}

fn read_views(reader: &mut Reader<'_>, names: &[String]) -> Result<()> {
    let definitions = reader.definitions("view", names)?;
    let statements: Vec<String> =
        names.iter().map(|name| format!("SHOW FULL COLUMNS FROM {}", reader.quoted(name))).collect();
    let columns = reader.session.collect_many(&statements)?;
    for ((name, row), columns) in names.iter().zip(definitions).zip(columns) {
        let Some(row) = row else { continue };
        let definition = cell(&row, 1).to_owned();
        let read = text::view(&definition).unwrap_or_default();
        let mut view = View { query: read.query, ..View::default() };
        match columns {
            Ok(rows) => view.columns = rows.iter().map(|row| view_column(row, reader.is_mariadb)).collect(),
            Err(error) if is_gone(&error) => view.broken = Some(why(&error)),
            Err(error) => match (error.kind(), crate::errors::number(&error)) {
                // The account that the view works for is gone: the view itself can be made.
                (Kind::Permission, _) => reader.not_read(format!("columns of view {name}"), why(&error)),
                _ => view.broken = Some(why(&error)),
            },
        }
        let mut object = Object::new(Name::new("", name), Detail::View(view));
        if reader.scope.privileges {
            object.owner = text::definer(&definition);
        }
        for (name, value, usual) in [
            ("algorithm", read.algorithm.as_str(), "UNDEFINED"),
            ("security", read.security.as_str(), "DEFINER"),
            ("check option", read.check.as_str(), ""),
        ] {
            if !value.is_empty() && value != usual {
                object.attributes.push(attribute(name, value));
            }
        }
        if read.names_columns {
            object.attributes.push(attribute(COLUMN_LIST, ""));
        }
        object.attributes.push(attribute("character_set_client", cell(&row, 2)));
        object.attributes.push(attribute("collation_connection", cell(&row, 3)));
        object.definition = Some(definition);
        reader.catalog.objects.push(object);
    }
    Ok(())
}

/// A row of `SHOW FULL COLUMNS`: Field, Type, Collation, Null, ... What MySQL says of nulls is not
/// the view's: it is kept from the time when the view was made, and depends on whether that session
/// was strict.
fn view_column(row: &Cells, is_mariadb: bool) -> Column {
    Column {
        name: cell(row, 0).to_owned(),
        ty: cell(row, 1).to_owned(),
        nullable: !is_mariadb || cell(row, 3) == "YES",
        collation: row.get(2).cloned().flatten(),
        ..Column::default()
    }
}
