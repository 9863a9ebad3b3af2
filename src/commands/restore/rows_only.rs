//! Rows loaded into tables that are there: `--data-only`.

use std::collections::BTreeSet;
use std::io::BufRead;

use super::build::Build;
use super::choose::Chosen;
use crate::engine::backup::Backup;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Column, Constraint, ConstraintKind, Detail, Name, Object, Reference};
use crate::model::snapshot::{Form, Table};
use crate::sql::{Dialect, Lexer, TokenKind, quote_ident, quote_qualified};
use crate::ui::human;

/// What a look at the tables told.
#[derive(Default)]
pub struct Found {
    /// Tables that hold rows.
    pub filled: Vec<Name>,
    /// Columns that the backup does not know, and that get their default.
    pub defaulted: Vec<String>,
}

/// Looks at the tables that rows are to be loaded into: they must be there, with the columns that the
/// rows have, and without anything that would answer to a row in a way of its own.
pub fn look(build: &Build<'_>, session: &mut dyn Session, live: &Catalog) -> Result<Found> {
    let quiet = backup_of(live)?.quiet(session)?;
    let dialect = engine_for(live.engine).dialect(live.engine);
    let (mut found, mut faults) = (Found::default(), Vec::new());
    for table in build.tables() {
        let name = table.full_name();
        let Some((object, _)) = live.tables().find(|(object, _)| object.name == name) else {
            faults.push(format!("there is no table {name}"));
            continue;
        };
        match_columns(build, table, object, dialect, (&mut faults, &mut found.defaulted))?;
        faults.extend(noise(object, quiet));
        let sql = format!("SELECT 1 FROM {} LIMIT 1", full(dialect, &name));
        if !crate::engine::backup::texts(session, &sql)?.is_empty() {
            found.filled.push(name);
        }
    }
    match faults.is_empty() {
        true => Ok(found),
        false => Err(Error::new(Kind::Refused, format!("the rows do not fit: {}", faults.join("; ")))
            .hint("bring the tables into the form of the backup first; dbwright schema diff compares them")),
    }
}

fn backup_of(live: &Catalog) -> Result<&'static dyn Backup> {
    engine_for(live.engine)
        .backup()
        .ok_or_else(|| Error::new(Kind::Unsupported, "backups of this engine cannot be restored"))
}

/// What cannot be kept from answering to a row.
fn noise(object: &Object, quiet: crate::engine::backup::Quiet) -> Option<String> {
    let table = object.as_table()?;
    let has_key = table.constraints.iter().any(|each| matches!(each.kind, ConstraintKind::ForeignKey(_)));
    match (table.triggers.is_empty() || quiet.triggers, !has_key || quiet.keys) {
        (true, true) => None,
        (false, _) => Some(format!("triggers of table {} would change what is loaded", object.name)),
        (_, false) => Some(format!(
            "foreign keys of table {} cannot be put off by this user (session_replication_role)",
            object.name
        )),
    }
}

fn match_columns(
    build: &Build<'_>,
    table: &Table,
    object: &Object,
    dialect: &Dialect,
    (faults, defaulted): (&mut Vec<String>, &mut Vec<String>),
) -> Result<()> {
    let has: BTreeSet<String> = columns(build, table, dialect)?.into_iter().collect();
    let there = object.columns();
    for name in &has {
        match there.iter().find(|column| column.name == *name) {
            None => faults.push(format!("table {} has no column {name}", object.name)),
            Some(column) if column.generated.is_some() => {
                faults.push(format!("column {}.{name} is generated", object.name));
            }
            Some(_) => {}
        }
    }
    for column in there.iter().filter(|column| column.generated.is_none() && !has.contains(&column.name)) {
        match can_be_left_out(column) {
            true => defaulted.push(format!("{}.{}", object.name, column.name)),
            false => faults.push(format!(
                "column {}.{} may not be null, has no default, and is not in the backup",
                object.name, column.name
            )),
        }
    }
    Ok(())
}

fn can_be_left_out(column: &Column) -> bool {
    column.nullable || column.default.is_some() || column.identity.is_some()
}

/// The columns that rows of the backup have, by the statement that takes them.
fn columns(build: &Build<'_>, table: &Table, dialect: &Dialect) -> Result<Vec<String>> {
    let head = match table.form {
        Form::Copy => table.load.clone(),
        _ => {
            let Some(part) = table.parts.iter().find(|part| part.rows > 0) else { return Ok(Vec::new()) };
            let mut line = String::new();
            build.quiet_reader(&part.chunks).read_line(&mut line)?;
            line
        }
    };
    let tokens = Lexer::new(&head, dialect).code().map(|(token, text)| (token.kind, text));
    let inside = tokens.skip_while(|(_, text)| *text != "(").skip(1).take_while(|(_, text)| *text != ")");
    Ok(inside
        .filter_map(|(kind, text)| match kind {
            TokenKind::QuotedIdent => {
                let quote = text.get(..1)?;
                let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
                Some(inner.replace(&quote.repeat(2), quote))
            }
            kind => kind.is_word().then(|| text.to_owned()),
        })
        .collect())
}

/// A name as a statement writes it.
pub fn full(dialect: &Dialect, name: &Name) -> String {
    match name.schema.is_empty() {
        true => quote_qualified(dialect, &[&name.name]),
        false => quote_qualified(dialect, &[&name.schema, &name.name]),
    }
}

/// `2 tables that hold rows: a, b`.
pub fn filled_words(found: &Found) -> String {
    let names: Vec<String> = found.filled.iter().map(Name::to_string).collect();
    format!("the rows of {}: {}", human::counted(names.len() as u64, "tables"), names.join(", "))
}

/// Makes a session ready to change rows as they were.
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    let engine = session.server().engine;
    let Some(backup) = engine_for(engine).backup() else { return Ok(()) };
    backup.begin_load(session)?;
    backup.quiet(session).map(drop)
}

/// Takes all rows out of the tables. One that others refer to cannot be cut off at once.
pub fn empty(session: &mut dyn Session, dialect: &Dialect, tables: &[Name]) -> Result<()> {
    for name in tables {
        let name = full(dialect, name);
        if let Err(error) = session.execute(&format!("TRUNCATE TABLE {name}"), &[]) {
            log::info!("{error}; its rows are deleted one by one");
            session.execute(&format!("DELETE FROM {name}"), &[])?;
        }
    }
    Ok(())
}

/// Numbers of sequences that are there.
pub fn values(build: &Build<'_>, chosen: &Chosen, live: &Catalog, dialect: &Dialect) -> Vec<String> {
    let sequences: BTreeSet<&Name> = live
        .objects
        .iter()
        .filter(|object| matches!(object.detail, Detail::Sequence(_)))
        .map(|object| &object.name)
        .collect();
    let none = BTreeSet::new();
    let is_meant = |sql: &&String| {
        let names = super::choose::names(sql, dialect);
        let is_there = |name: &Name| sequences.contains(name) || chosen.tables.contains(name);
        chosen.keeps_value(sql, dialect, &none) && names.iter().any(is_there)
    };
    build.snapshot.values.iter().filter(is_meant).cloned().collect()
}

/// Foreign keys were not looked at while rows were loaded: those that lead nowhere now are told.
pub fn check_keys(session: &mut dyn Session, live: &Catalog, chosen: &Chosen) -> Result<()> {
    let dialect = engine_for(live.engine).dialect(live.engine);
    let mut broken = Vec::new();
    for (object, table) in live.tables() {
        for constraint in &table.constraints {
            let ConstraintKind::ForeignKey(reference) = &constraint.kind else { continue };
            let concerns =
                [&object.name, &reference.table].into_iter().any(|name| chosen.tables.contains(name));
            if !concerns || !constraint.validated || !constraint.enforced || constraint.columns.is_empty() {
                continue;
            }
            let sql = orphans(dialect, &object.name, constraint, reference);
            if !crate::engine::backup::texts(session, &sql)?.is_empty() {
                let name = constraint.name.clone().unwrap_or_default();
                broken.push(format!("{name} of table {} ({sql})", object.name));
            }
        }
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Data,
            format!("the rows are loaded, and foreign keys lead nowhere: {}", broken.join("; ")),
        )
        .hint("restore the tables that they refer to as well, or delete what refers to nothing")),
    }
}

/// A query that gives a row where a reference leads nowhere.
pub fn orphans(dialect: &Dialect, child: &Name, constraint: &Constraint, reference: &Reference) -> String {
    let ident = |name: &String| quote_ident(dialect, name);
    let present: Vec<String> =
        constraint.columns.iter().map(|name| format!("c.{} IS NOT NULL", ident(name))).collect();
    let same: Vec<String> = constraint
        .columns
        .iter()
        .zip(&reference.referenced)
        .map(|(from, to)| format!("p.{} = c.{}", ident(to), ident(from)))
        .collect();
    format!(
        "SELECT 1 FROM {} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}) LIMIT 1",
        full(dialect, child),
        present.join(" AND "),
        full(dialect, &reference.table),
        same.join(" AND ")
    )
}
