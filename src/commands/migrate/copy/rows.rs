//! The rows: each part is one transaction of the database that takes it, together with the note that
//! it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::build::first;
use super::carry::{Carrying, OnReject, columns};
use super::journal::{Journal, Note, part_name, parts_of};
use super::mapping::{Mapping, Pair};
use crate::commands::Context;
use crate::commands::backup::in_parallel;
use crate::engine::backup::{Extract, ExtractPart};
use crate::engine::copy::{Copying, Into, Reader, Row, Shape};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::progress::{Silent, Task, Unit};
use crate::model::rows::Cursor;
use crate::sql::quote_qualified;
use crate::store::digest::Sum;

type Sessions = Vec<Box<dyn Session>>;

/// A session on each database.
type Worker<'a> = (&'a mut Box<dyn Session>, &'a mut Box<dyn Session>);

/// Rows that are moved.
pub struct Moving<'a> {
    pub context: &'a Context,
    pub mapping: &'a Mapping,
    pub journal: &'a Journal,
    pub on_reject: OnReject,
    /// Where rows go that do not fit.
    pub rejects: Option<Mutex<std::fs::File>>,
    pub zero_is_null: bool,
}

/// What was moved.
pub struct Moved {
    /// Of each table.
    pub notes: Vec<Note>,
    /// Dates of zeros that became NULL.
    pub zeros: u64,
}

impl Moved {
    pub fn none(mapping: &Mapping) -> Moved {
        Moved { notes: vec![Note::default(); mapping.tables.len()], zeros: 0 }
    }
}

/// What is read with one query.
struct Item<'a> {
    pair: &'a Pair,
    at: usize,
    extract: &'a Extract,
    part: &'a ExtractPart,
    name: String,
}

/// How a table is read and taken.
struct Form {
    readers: Vec<Reader>,
    names: Vec<String>,
    shapes: Vec<Shape>,
}

impl Moving<'_> {
    /// Moves all rows that were not moved before.
    pub fn run(
        &self,
        extracts: &[Extract],
        notes: &BTreeMap<String, Note>,
        from: &mut Sessions,
        to: &mut Sessions,
    ) -> Result<Moved> {
        let mapping = self.mapping;
        let source = engine_for(mapping.from.engine).copying();
        let forms: Vec<Form> =
            mapping.tables.iter().map(|pair| form(pair, source, self.zero_is_null)).collect();
        let mut items = items(mapping, extracts);
        items.sort_by_key(|item| std::cmp::Reverse(item.part.weight));
        let mut moved = Moved::none(mapping);
        let there = self.there(&items, &forms, notes, from, first(to)?)?;
        for (at, done) in &there.kept {
            self.keep(&done.rejects)?;
            moved.add(*at, done);
        }
        items.retain(|item| !there.names.contains(&item.name));
        let task = self.context.ui.progress().task("copying", mapping.rows(), Unit::Count("rows"));
        let workers: Vec<Worker<'_>> = from.iter_mut().zip(to.iter_mut()).collect();
        let done = in_parallel(items, workers, |(from, to), item| {
            let moved = self.part(from.as_mut(), to.as_mut(), &item, &forms[item.at], task.as_ref());
            moved
                .map(|done| (item.at, done))
                .map_err(|error| error.context(format!("cannot copy table {}", item.pair.to)))
        })?;
        done.iter().for_each(|(at, done)| moved.add(*at, done));
        Ok(moved)
    }

    /// What an earlier run moved and is still what the source holds; a table of which that is not so
    /// is emptied, and moved as a whole.
    fn there(
        &self,
        items: &[Item<'_>],
        forms: &[Form],
        notes: &BTreeMap<String, Note>,
        from: &mut Sessions,
        to: &mut dyn Session,
    ) -> Result<There> {
        let mut there = There::default();
        let noted: Vec<&Item<'_>> = items.iter().filter(|item| notes.contains_key(&item.name)).collect();
        let task = self.context.ui.progress().task(
            "comparing what was copied",
            Some(noted.len() as u64),
            Unit::Count("parts"),
        );
        let same = in_parallel(noted, from.iter_mut().collect(), |session, item| {
            let done = self.sum(session.as_mut(), item, &forms[item.at])?;
            task.advance(1);
            Ok((item.at, item.name.clone(), done))
        })?;
        let mut spoilt: BTreeSet<usize> = same
            .iter()
            .filter(|(_, name, done)| notes.get(name) != Some(&done.note))
            .map(|(at, ..)| *at)
            .collect();
        let names: BTreeSet<&str> = items.iter().map(|item| item.name.as_str()).collect();
        for (at, pair) in self.mapping.tables.iter().enumerate() {
            let begins: Vec<String> = pair.from.iter().map(parts_of).collect();
            let of_it = notes.keys().filter(|name| begins.iter().any(|begin| name.starts_with(begin)));
            if of_it.into_iter().any(|name| !names.contains(name.as_str())) {
                spoilt.insert(at);
            }
        }
        for at in &spoilt {
            self.empty(*at, notes, to)?;
        }
        for (at, name, done) in same.into_iter().filter(|(at, ..)| !spoilt.contains(at)) {
            there.names.insert(name);
            there.kept.push((at, done));
        }
        Ok(there)
    }

    /// Empties a table, and forgets its parts.
    fn empty(&self, at: usize, notes: &BTreeMap<String, Note>, to: &mut dyn Session) -> Result<()> {
        let pair = &self.mapping.tables[at];
        let engine = self.mapping.to.engine;
        let dialect = engine_for(engine).dialect(engine);
        let parts = [pair.to.schema.as_str(), &pair.to.name];
        let parts = if pair.to.schema.is_empty() { &parts[1..] } else { &parts[..] };
        self.context.ui.status(&format!("{} changed since: it is copied anew", pair.to));
        to.execute(engine_for(engine).begin_change(), &[])?;
        to.execute(&format!("DELETE FROM {}", quote_qualified(dialect, parts)), &[])?;
        for name in notes.keys() {
            if pair.from.iter().any(|from| name.starts_with(&parts_of(from))) {
                to.execute(&self.journal.forget(name)?, &[])?;
            }
        }
        to.execute("COMMIT", &[]).map(drop)
    }

    /// What a part comes to now.
    fn sum(&self, from: &mut dyn Session, item: &Item<'_>, form: &Form) -> Result<Done> {
        let source = engine_for(self.mapping.from.engine).copying();
        let mut done = Done::default();
        source.read(from, item.extract, item.part, &mut |cursor| {
            let mut rows = self.carrying(cursor, item, form, &Silent);
            while rows.advance()? {}
            done = Done::of(&mut rows);
            Ok(())
        })?;
        Ok(done)
    }

    fn carrying<'r>(
        &self,
        rows: &'r mut dyn Cursor,
        item: &'r Item<'_>,
        form: &'r Form,
        task: &'r dyn Task,
    ) -> Carrying<'r> {
        Carrying {
            rows,
            readers: &form.readers,
            pair: item.pair,
            to: engine_for(self.mapping.to.engine).copying(),
            on_reject: self.on_reject,
            task,
            columns: columns(item.pair),
            row: Row::default(),
            sum: Sum::default(),
            read: 0,
            rejects: Vec::new(),
            rejected: 0,
            line: Vec::new(),
        }
    }

    fn part(
        &self,
        from: &mut dyn Session,
        to: &mut dyn Session,
        item: &Item<'_>,
        form: &Form,
        task: &dyn Task,
    ) -> Result<Done> {
        let engine = engine_for(self.mapping.to.engine);
        to.execute(engine.begin_change(), &[])?;
        let moved = self.fill(from, to, item, form, task).and_then(|done| {
            to.execute(&self.journal.note(&item.name, done.note)?, &[])?;
            to.execute("COMMIT", &[])?;
            self.keep(&done.rejects)?;
            Ok(done)
        });
        if moved.is_err() && to.is_alive() {
            // The first error is what matters.
            let _ = to.execute("ROLLBACK", &[]);
        }
        moved
    }

    fn fill(
        &self,
        from: &mut dyn Session,
        to: &mut dyn Session,
        item: &Item<'_>,
        form: &Form,
        task: &dyn Task,
    ) -> Result<Done> {
        let source = engine_for(self.mapping.from.engine).copying();
        let target = engine_for(self.mapping.to.engine).copying();
        let into = Into { table: &item.pair.to, columns: &form.names, shapes: &form.shapes };
        let mut done = Done::default();
        source.read(from, item.extract, item.part, &mut |cursor| {
            let mut rows = self.carrying(cursor, item, form, task);
            let taken = target.load(to, &into, &mut rows)?;
            if taken != rows.sum.count || rows.read != rows.sum.count + rows.rejected {
                return Err(Error::new(
                    Kind::Data,
                    format!("{} rows were read, and the server took {taken}", rows.read),
                ));
            }
            done = Done::of(&mut rows);
            Ok(())
        })?;
        Ok(done)
    }

    /// Writes rows that were left out; those of a part are told when it is done, and told again by a run
    /// that goes on, whose file begins anew.
    fn keep(&self, rejects: &[u8]) -> Result<()> {
        let Some(file) = self.rejects.as_ref().filter(|_| !rejects.is_empty()) else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(rejects)
            .map_err(|error| Error::new(Kind::Io, "cannot write the file of rejects").because(error))
    }
}

/// What need not be moved again.
#[derive(Default)]
struct There {
    names: BTreeSet<String>,
    kept: Vec<(usize, Done)>,
}

/// What came of a part.
#[derive(Default)]
struct Done {
    note: Note,
    zeros: u64,
    /// Lines of the file of rejects.
    rejects: Vec<u8>,
}

impl Done {
    fn of(rows: &mut Carrying<'_>) -> Done {
        let note = Note { read: rows.read, sum: rows.sum };
        Done { note, zeros: rows.row.zeros, rejects: std::mem::take(&mut rows.rejects) }
    }
}

impl Moved {
    fn add(&mut self, at: usize, done: &Done) {
        self.notes[at].read += done.note.read;
        self.notes[at].sum.merge(done.note.sum);
        self.zeros += done.zeros;
    }
}

fn form(pair: &Pair, copying: &dyn Copying, zero_is_null: bool) -> Form {
    Form {
        readers: pair.readers(copying, zero_is_null),
        names: pair.ways.iter().map(|way| way.to.name.clone()).collect(),
        shapes: pair.ways.iter().map(|way| way.shape.clone()).collect(),
    }
}

fn items<'a>(mapping: &'a Mapping, extracts: &'a [Extract]) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for extract in extracts {
        let Some(at) = mapping.pair_of(&extract.table) else { continue };
        let pair = &mapping.tables[at];
        for part in &extract.parts {
            items.push(Item { pair, at, extract, part, name: part_name(&extract.table, &part.sql) });
        }
    }
    items
}

/// Reads the rows again where they went, and sums them up; a table whose rows cannot be understood
/// has a reason instead.
pub fn read_back(
    context: &Context,
    mapping: &Mapping,
    sessions: &mut Sessions,
) -> Result<Vec<Result<Sum, String>>> {
    let engine = engine_for(mapping.to.engine);
    let copying = engine.copying();
    let there = first(sessions)?.catalog(crate::model::catalog::Scope::default())?;
    let (catalog, choice) = mapping.target(&there);
    let extracts = copying.extracts(first(sessions)?, &catalog, &choice)?;
    let readers: Vec<Vec<Reader>> = mapping.tables.iter().map(|pair| pair.readers_back(copying)).collect();
    let mut items = Vec::new();
    for extract in &extracts {
        let at = mapping.tables.iter().position(|pair| pair.to == extract.table);
        items.extend(at.into_iter().flat_map(|at| extract.parts.iter().map(move |part| (at, extract, part))));
    }
    items.sort_by_key(|(_, _, part)| std::cmp::Reverse(part.weight));
    for session in sessions.iter_mut() {
        session.execute("BEGIN", &[])?;
    }
    let task = context.ui.progress().task("comparing", Some(items.len() as u64), Unit::Count("parts"));
    let sums = in_parallel(items, sessions.iter_mut().collect(), |session, (at, extract, part)| {
        let mut sum = Ok(Sum::default());
        copying.read(session.as_mut(), extract, part, &mut |cursor| {
            let (mut row, mut line) = (Row::default(), Vec::new());
            let mut total = Sum::default();
            while cursor.advance()? {
                line.clear();
                if let Err((index, reason)) = row.take(&readers[at], cursor) {
                    let column = &mapping.tables[at].ways[index].to.name;
                    sum = Err(format!("column {column}: {reason}"));
                    return Ok(());
                }
                row.sum(&mut line);
                total.add(&line);
            }
            sum = Ok(total);
            Ok(())
        })?;
        task.advance(1);
        Ok((at, sum))
    })?;
    for session in sessions.iter_mut() {
        session.execute("COMMIT", &[])?;
    }
    let mut found: Vec<Result<Sum, String>> = vec![Ok(Sum::default()); mapping.tables.len()];
    for (at, sum) in sums {
        match (&mut found[at], sum) {
            (Ok(all), Ok(sum)) => all.merge(sum),
            (all, Err(reason)) => *all = Err(reason),
            (Err(_), Ok(_)) => {}
        }
    }
    Ok(found)
}
