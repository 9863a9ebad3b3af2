//! The rows: each part is one transaction of the database that takes it, together with the note that
//! it is there.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::build::first;
use super::carry::{Carrying, OnReject, columns};
use super::journal::{Journal, Note, part_name};
use super::mapping::{Mapping, Pair};
use crate::commands::Context;
use crate::commands::backup::in_parallel;
use crate::engine::backup::{Extract, ExtractPart};
use crate::engine::copy::{Copying, Into, Reader, Row, Shape};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::progress::{Task, Unit};
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
    /// Moves all rows; what was moved of each table.
    pub fn run(&self, extracts: &[Extract], from: &mut Sessions, to: &mut Sessions) -> Result<Vec<Note>> {
        let mapping = self.mapping;
        let source = engine_for(mapping.from.engine).copying();
        let forms: Vec<Form> = mapping.tables.iter().map(|pair| form(pair, source)).collect();
        let mut items = items(mapping, extracts);
        items.sort_by_key(|item| std::cmp::Reverse(item.part.weight));
        let task = self.context.ui.progress().task("copying", mapping.rows(), Unit::Count("rows"));
        let workers: Vec<Worker<'_>> = from.iter_mut().zip(to.iter_mut()).collect();
        let done = in_parallel(items, workers, |(from, to), item| {
            let form = &forms[item.at];
            let at = item.at;
            let table = item.pair.to.to_string();
            let moved = self.part(from.as_mut(), to.as_mut(), &item, form, task.as_ref());
            moved.map(|note| (at, note)).map_err(|error| error.context(format!("cannot copy table {table}")))
        })?;
        let mut notes = vec![Note::default(); mapping.tables.len()];
        for (at, note) in done {
            notes[at].read += note.read;
            notes[at].sum.merge(note.sum);
        }
        Ok(notes)
    }

    fn part(
        &self,
        from: &mut dyn Session,
        to: &mut dyn Session,
        item: &Item<'_>,
        form: &Form,
        task: &dyn Task,
    ) -> Result<Note> {
        let engine = engine_for(self.mapping.to.engine);
        to.execute(engine.begin_change(), &[])?;
        let moved = self.fill(from, to, item, form, task).and_then(|(note, rejects)| {
            to.execute(&self.journal.note(&item.name, note)?, &[])?;
            to.execute("COMMIT", &[])?;
            self.keep(&rejects)?;
            Ok(note)
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
    ) -> Result<(Note, Vec<u8>)> {
        let source = engine_for(self.mapping.from.engine).copying();
        let target = engine_for(self.mapping.to.engine).copying();
        let into = Into { table: &item.pair.to, columns: &form.names, shapes: &form.shapes };
        let mut done = (Note::default(), Vec::new());
        source.read(from, item.extract, item.part, &mut |cursor| {
            let mut rows = Carrying {
                rows: cursor,
                readers: &form.readers,
                pair: item.pair,
                to: target,
                on_reject: self.on_reject,
                task,
                columns: columns(item.pair),
                row: Row::default(),
                sum: Sum::default(),
                read: 0,
                rejects: Vec::new(),
                rejected: 0,
                line: Vec::new(),
            };
            let taken = target.load(to, &into, &mut rows)?;
            if taken != rows.sum.count || rows.read != rows.sum.count + rows.rejected {
                return Err(Error::new(
                    Kind::Data,
                    format!("{} rows were read, and the server took {taken}", rows.read),
                ));
            }
            done = (Note { read: rows.read, sum: rows.sum }, std::mem::take(&mut rows.rejects));
            Ok(())
        })?;
        Ok(done)
    }

    /// Writes rows that were left out; those of a part are told when it is done.
    fn keep(&self, rejects: &[u8]) -> Result<()> {
        let Some(file) = self.rejects.as_ref().filter(|_| !rejects.is_empty()) else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(rejects)
            .map_err(|error| Error::new(Kind::Io, "cannot write the file of rejects").because(error))
    }
}

fn form(pair: &Pair, copying: &dyn Copying) -> Form {
    Form {
        readers: pair.readers(copying),
        names: pair.ways.iter().map(|way| way.to.name.clone()).collect(),
        shapes: pair.ways.iter().map(|way| way.shape.clone()).collect(),
    }
}

fn items<'a>(mapping: &'a Mapping, extracts: &'a [Extract]) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for extract in extracts {
        let Some(at) = mapping.pair_of(&extract.table) else { continue };
        let pair = &mapping.tables[at];
        for (number, part) in extract.parts.iter().enumerate() {
            items.push(Item { pair, at, extract, part, name: part_name(&extract.table, number) });
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
                row.clear();
                line.clear();
                for (index, reader) in readers[at].iter().enumerate() {
                    if let Err(reason) = row.push(reader, cursor.cell(index)) {
                        let column = &mapping.tables[at].ways[index].to.name;
                        sum = Err(format!("column {column}: {reason}"));
                        return Ok(());
                    }
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
