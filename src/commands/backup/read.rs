//! A database read into a repository.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use super::pace::Pace;
use super::parallel::in_parallel;
use super::take::{Taking, first};
use super::unchanged::Base;
use crate::commands::{Context, interrupt};
use crate::engine::backup::{Backup, Extract};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Catalog;
use crate::model::ddl::{DdlOptions, Section};
use crate::model::progress::{Task, Unit};
use crate::model::snapshot::{
    BackupType, Chunk, Compression, FORMAT, Form, Image, Moment, Setting, Snapshot, Statement, Table, Totals,
};
use crate::sql::{quote_qualified, write_script};
use crate::store::Repository;
use crate::store::chunk::{ChunkWriter, Stored};
use crate::store::digest;
use crate::ui::human;

/// A backup that is being made.
pub struct Reading<'a> {
    pub context: &'a Context,
    pub repository: &'a Repository,
    pub backup: &'static dyn Backup,
    pub compression: Compression,
    pub jobs: usize,
    /// The roles or accounts of the server too.
    pub globals: bool,
    pub taking: Taking<'a>,
    pub pace: Option<Pace>,
    pub backup_type: BackupType,
    /// Everything is read, whatever the type.
    pub paranoid: bool,
}

/// A part of an extract.
type Place = (usize, usize);

impl Reading<'_> {
    /// Reads everything at one moment; the backup is whole when this returns.
    pub fn run(&self, profile: Option<String>, mut sessions: Vec<Box<dyn Session>>) -> Result<Snapshot> {
        let (began, started) = (Instant::now(), SystemTime::now());
        interrupt::listen()?;
        let _stoppable: Vec<_> =
            sessions.iter().map(|session| interrupt::guard(session.canceller())).collect();
        let held = self.backup.hold(&mut sessions).map_err(interrupt::as_interrupted)?;
        let taken = self.taking.look(&mut sessions)?;
        let catalog = taken.catalog();
        let mut snapshot = self.empty(profile, first(&mut sessions)?, catalog, started, held.moment);
        taken.note(&mut snapshot);
        snapshot.witness = held.witness;
        if !self.taking.wanted.data_only {
            self.schema(catalog, &mut snapshot)?;
        }
        if self.globals {
            self.accounts(first(&mut sessions)?, &mut snapshot)?;
        }
        let base = self.base(first(&mut sessions)?, &mut snapshot)?;
        let changed = self.take(&taken.extracts, base.as_ref(), &mut snapshot);
        self.rows(&changed, &mut sessions, &mut snapshot)?;
        // The scope ended with its threads; the first session is there still.
        let first = first(&mut sessions)?;
        if snapshot.image.as_ref().is_some_and(|image| image.taken_from.is_none()) {
            snapshot.tables = counted(first, catalog)?;
        }
        snapshot.values = self.taking.values(first, &taken)?;
        if held.schema_may_change {
            self.taking.refuse_changed(first, &taken)?;
        }
        snapshot.finished = human::timestamp(SystemTime::now());
        snapshot.seconds = began.elapsed().as_secs_f64();
        snapshot.totals.rows = snapshot.tables.iter().map(|table| table.rows).sum();
        let chunks: BTreeMap<&str, u64> =
            snapshot.chunks().map(|chunk| (chunk.id.as_str(), chunk.stored)).collect();
        (snapshot.totals.chunks, snapshot.totals.stored) = (chunks.len() as u64, chunks.values().sum());
        snapshot.totals.bytes = snapshot.chunks().map(|chunk| chunk.bytes).sum();
        self.repository.save(&snapshot)?;
        Ok(snapshot)
    }

    /// The backup that rows can be taken from.
    fn base(&self, session: &mut dyn Session, snapshot: &mut Snapshot) -> Result<Option<Base>> {
        if self.backup_type == BackupType::Full || self.paranoid {
            return Ok(None);
        }
        // Rows of another choice, or as they were before they were masked, are not this backup's.
        if !self.taking.wanted.is_all() {
            self.context.ui.status("everything is read: only a backup of all takes from an earlier one");
            return Ok(None);
        }
        match Base::find(self.repository, self.backup, session, snapshot)? {
            Ok(base) => {
                snapshot.base = Some(base.id().to_owned());
                Ok(Some(base))
            }
            Err(why) => {
                self.context.ui.status(&format!("everything is read: {why}"));
                Ok(None)
            }
        }
    }

    /// Takes what did not change; what is left has to be read.
    fn take(&self, extracts: &[Extract], base: Option<&Base>, snapshot: &mut Snapshot) -> Vec<Extract> {
        let mut left = Vec::new();
        for extract in extracts {
            if let Some(table) = base.and_then(|base| base.table(extract)) {
                snapshot.tables.push(table);
            } else if let Some((image, tables)) = base.and_then(|base| base.image(extract)) {
                snapshot.image = Some(image);
                snapshot.tables = tables;
            } else {
                left.push(extract.clone());
            }
        }
        left
    }

    fn empty(
        &self,
        profile: Option<String>,
        session: &dyn Session,
        catalog: &Catalog,
        started: SystemTime,
        moment: Moment,
    ) -> Snapshot {
        let info = session.server();
        let started = human::timestamp(started);
        Snapshot {
            format: FORMAT,
            kind: "logical".to_owned(),
            id: id(&started),
            profile,
            engine: info.engine.word().to_owned(),
            server_version: info.version.clone(),
            server_version_num: info.version_num,
            database: info.database.clone(),
            started,
            finished: String::new(),
            seconds: 0.0,
            made_by: concat!("dbwright ", env!("CARGO_PKG_VERSION")).to_owned(),
            compression: self.compression,
            moment,
            backup_type: self.backup_type,
            base: None,
            witness: None,
            attributes: catalog
                .attributes
                .iter()
                .map(|each| Setting::new(&each.name, each.value.as_str()))
                .collect(),
            statements: Vec::new(),
            statements_with_privileges: Vec::new(),
            before_data: Vec::new(),
            after_data: Vec::new(),
            accounts: Vec::new(),
            values: Vec::new(),
            tables: Vec::new(),
            image: None,
            partial: None,
            masked: Vec::new(),
            totals: Totals::default(),
        }
    }

    fn accounts(&self, session: &mut dyn Session, snapshot: &mut Snapshot) -> Result<()> {
        let accounts = self.backup.accounts(session)?;
        for unread in &accounts.unread {
            self.context.ui.warn(&format!("not in the backup: {unread}"));
        }
        let (chunks, new) = self.script(&lines(&accounts.statements)?)?;
        snapshot.accounts = chunks;
        snapshot.totals.new += new;
        Ok(())
    }

    /// Stores a text; its chunks, and how much of them is new.
    fn script(&self, text: &[u8]) -> Result<(Vec<Chunk>, u64)> {
        let mut writer = ChunkWriter::new(self.repository, self.compression, Form::Image, |_| Ok(()));
        writer.write_all(text).map_err(|error| writer.explained(error.into()))?;
        let stored = writer.finish("")?;
        Ok((stored.part.chunks, stored.new))
    }

    /// Stores the statements that build the database.
    fn schema(&self, catalog: &Catalog, snapshot: &mut Snapshot) -> Result<()> {
        let engine = engine_for(catalog.engine);
        let dialect = engine.dialect(catalog.engine);
        let plain = engine.ddl().create(catalog, DdlOptions { privileges: false });
        let full = engine.ddl().create(catalog, DdlOptions { privileges: true });
        let mut new = 0;
        let mut store = |text: &[u8]| -> Result<Vec<Chunk>> {
            let (chunks, of_it) = self.script(text)?;
            new += of_it;
            Ok(chunks)
        };
        for (pieces, place) in
            [(&plain, &mut snapshot.statements), (&full, &mut snapshot.statements_with_privileges)]
        {
            let statements: Vec<Statement> = pieces.iter().map(Statement::from).collect();
            *place = store(&lines(&statements)?)?;
        }
        for (section, place) in
            [(Section::BeforeData, &mut snapshot.before_data), (Section::AfterData, &mut snapshot.after_data)]
        {
            let pieces: Vec<_> = plain.iter().filter(|piece| piece.section == section).cloned().collect();
            let mut text = Vec::new();
            write_script(&mut text, &pieces, dialect)?;
            *place = store(&text)?;
        }
        snapshot.totals.new += new;
        Ok(())
    }

    /// Reads all parts, the largest first.
    fn rows(
        &self,
        extracts: &[Extract],
        sessions: &mut [Box<dyn Session>],
        snapshot: &mut Snapshot,
    ) -> Result<()> {
        let parts = |at: usize| (0..extracts[at].parts.len()).map(move |part| (at, part));
        let mut places: Vec<Place> = (0..extracts.len()).flat_map(parts).collect();
        places.sort_by_key(|(at, part)| std::cmp::Reverse(extracts[*at].parts[*part].weight));
        let total = places.iter().map(|(at, part)| extracts[*at].parts[*part].weight).sum();
        let task = self.context.ui.progress().task("backing up", Some(total), Unit::Bytes);
        // Where there are fewer sessions than workers, they share.
        let shared: Vec<Mutex<&mut Box<dyn Session>>> = sessions.iter_mut().map(Mutex::new).collect();
        let workers = (0..self.jobs.max(1)).map(|number| &shared[number % shared.len()]).collect();
        let is_shared = shared.len() < self.jobs;
        let stored = in_parallel(places.clone(), workers, |session, (at, part)| {
            self.part(session, &extracts[at], part, is_shared, task.as_ref())
        })?;
        drop(task);
        let mut found: Vec<(Place, Stored)> = places.into_iter().zip(stored).collect();
        found.sort_by_key(|(place, _)| *place);
        let mut found = found.into_iter();
        for extract in extracts {
            let stored: Vec<Stored> =
                found.by_ref().take(extract.parts.len()).map(|(_, stored)| stored).collect();
            snapshot.totals.new += stored.iter().map(|each| each.new).sum::<u64>();
            put(snapshot, extract, stored);
        }
        Ok(())
    }

    fn part(
        &self,
        session: &Mutex<&mut Box<dyn Session>>,
        extract: &Extract,
        part: usize,
        is_shared: bool,
        task: &dyn Task,
    ) -> Result<Stored> {
        let part = &extract.parts[part];
        let heard = |bytes| {
            task.advance(bytes);
            self.pace.as_ref().map_or(Ok(()), |pace| pace.take(bytes))
        };
        let mut writer = ChunkWriter::new(self.repository, self.compression, extract.form, heard);
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        let read = match is_shared {
            true => {
                let mut bytes = Vec::with_capacity(usize::try_from(part.weight).unwrap_or_default());
                let read = self.backup.read(session.as_mut(), extract, part, &mut bytes);
                drop(session);
                read.and_then(|()| writer.write_all(&bytes).map_err(Error::from))
            }
            false => self.backup.read(session.as_mut(), extract, part, &mut writer),
        };
        read.map_err(|error| writer.explained(error).context(format!("cannot back up {}", what(extract))))?;
        writer.finish(&part.range)
    }
}

/// A line of JSON each.
fn lines(statements: &[Statement]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for statement in statements {
        serde_json::to_writer(&mut lines, statement)
            .map_err(|error| Error::new(Kind::Data, "a statement cannot be written").because(error))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn what(extract: &Extract) -> String {
    match extract.form {
        Form::Image => "the file".to_owned(),
        Form::Copy | Form::Insert | Form::Statements => format!("table {}", extract.table),
    }
}

fn put(snapshot: &mut Snapshot, extract: &Extract, stored: Vec<Stored>) {
    let sum = stored.iter().fold(0u128, |sum, each| sum.wrapping_add(each.sum));
    let parts: Vec<_> = stored.into_iter().map(|each| each.part).collect();
    if extract.form == Form::Image {
        let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
        let pages = bytes / extract.page_size.max(1);
        snapshot.image = Some(Image { page_size: extract.page_size, pages, taken_from: None, parts });
        return;
    }
    snapshot.tables.push(Table {
        schema: extract.table.schema.clone(),
        name: extract.table.name.clone(),
        form: extract.form,
        load: extract.load.clone(),
        rows: parts.iter().map(|part| part.rows).sum(),
        bytes: parts.iter().map(|part| part.bytes).sum(),
        digest: digest::hex(sum),
        taken_from: None,
        parts,
    });
}

/// The tables of a file and their rows, as the file is stored without telling them apart.
pub fn counted(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<Table>> {
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    let mut tables = Vec::new();
    for (object, table) in catalog.tables() {
        if table.foreign.is_some() {
            continue;
        }
        let name = &object.name;
        let sql = format!("SELECT count(*) FROM {}", quote_qualified(dialect, &[&name.name]));
        let rows = crate::engine::backup::texts(session, &sql)?.into_iter().flatten().flatten().next();
        tables.push(Table {
            schema: name.schema.clone(),
            name: name.name.clone(),
            form: Form::Image,
            load: String::new(),
            rows: rows.and_then(|rows| rows.parse().ok()).unwrap_or_default(),
            bytes: 0,
            digest: String::new(),
            taken_from: None,
            parts: Vec::new(),
        });
    }
    Ok(tables)
}

/// `20261123T190243661Z-1a2b3c`, to the millisecond: sorted by name they are sorted by time.
fn id(started: &str) -> String {
    let digits: String = started.chars().filter(char::is_ascii_digit).take(17).collect();
    let (day, time) = digits.split_at(digits.len().min(8));
    format!("{day}T{time}Z-{:06x}", fastrand::u32(..1 << 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let id = id("2026-02-03T04:05:06.789Z");
        assert!(id.starts_with("20260203T040506789Z-") && id.len() == 26, "{id}");
    }
}
