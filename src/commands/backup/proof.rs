//! A backup proven: restored into a database made for a moment, and compared with its manifest.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use super::create::open;
use super::parallel::in_parallel;
use super::read::counted;
use crate::commands::Context;
use crate::commands::interrupt;
use crate::commands::restore::{Build, engine_of};
use crate::commands::scratch::Scratch;
use crate::engine::backup::{Backup, Extract};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Attribute, Catalog, Name, Scope};
use crate::model::ddl::DdlOptions;
use crate::model::progress::Unit;
use crate::model::snapshot::{Snapshot, Statement, Table};
use crate::model::target::Target;
use crate::store::Repository;
use crate::store::digest::{self, Rows};
use crate::store::repository::Proof;
use crate::ui::human;

/// Restores the backup and compares; tells what differs, and notes the proof when nothing does.
pub fn prove(
    context: &Context,
    repository: &Repository,
    snapshot: &Snapshot,
    scratch: Option<&str>,
    jobs: usize,
) -> Result<Vec<String>> {
    let began = Instant::now();
    let place = Place::make(context, snapshot, scratch)?;
    let build = Build {
        context,
        repository,
        snapshot,
        jobs,
        privileges: false,
        schema_only: false,
        globals: false,
        data_only: false,
        clean: false,
        chosen: None,
    };
    build.run(place.target())?;
    let restored = began.elapsed().as_secs_f64();
    let faults = compare(context, repository, snapshot, place.target(), jobs)?;
    if faults.is_empty() {
        let at = human::timestamp(SystemTime::now());
        repository
            .save_proof(&snapshot.id, &Proof { at, restore_seconds: restored, rows: snapshot.totals.rows })?;
    }
    Ok(faults)
}

/// Where the backup is restored for a moment.
enum Place<'c> {
    Server(Scratch<'c>),
    File(Target),
}

impl<'c> Place<'c> {
    fn make(context: &'c Context, snapshot: &Snapshot, scratch: Option<&str>) -> Result<Self> {
        let engine = engine_of(snapshot)?;
        if engine.default_port().is_none() {
            let path: PathBuf =
                std::env::temp_dir().join(format!("dbwright_scratch_{:016x}.db", fastrand::u64(..)));
            let mut target = Target::new(engine);
            target.database = Some(path.to_string_lossy().into_owned());
            return Ok(Place::File(target));
        }
        let server = context.target(scratch)?;
        if server.engine != engine {
            let (from, to) = (engine.title(), server.engine.title());
            return Err(Error::usage(format!("a backup of {from} cannot be restored on a server of {to}"))
                .hint("name a server of the same engine: --scratch PROFILE|URL"));
        }
        let like = snapshot.attributes.iter();
        let like = like.map(|each| Attribute { name: each.name.clone(), value: each.value.clone() });
        let like = Catalog { attributes: like.collect(), ..Catalog::empty(engine) };
        Scratch::make(context, server, Some(&like)).map(Place::Server)
    }

    fn target(&self) -> &Target {
        match self {
            Place::Server(scratch) => &scratch.target,
            Place::File(target) => target,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Place::File(target) = self {
            let path = target.database.clone().unwrap_or_default();
            for end in ["", "-wal", "-shm", "-journal"] {
                // They may never have been there.
                let _ = std::fs::remove_file(format!("{path}{end}"));
            }
        }
    }
}

fn compare(
    context: &Context,
    repository: &Repository,
    snapshot: &Snapshot,
    target: &Target,
    jobs: usize,
) -> Result<Vec<String>> {
    let engine = engine_for(target.engine);
    let backup =
        engine.backup().ok_or_else(|| Error::new(Kind::Unsupported, "this engine has no backups"))?;
    let mut target = target.clone();
    let mut sessions = open(context, &mut target, backup.sessions(jobs))?;
    let _stoppable: Vec<_> = sessions.iter().map(|session| interrupt::guard(session.canceller())).collect();
    backup.hold(&mut sessions)?;
    let first = sessions.first_mut().ok_or_else(|| Error::new(Kind::Connect, "there is no session"))?;
    let catalog = first.catalog(Scope { privileges: true, ..Scope::default() })?;
    let mut faults = schema_faults(repository, snapshot, &catalog)?;
    faults.extend(backup.check(first.as_mut())?);
    let found = match &snapshot.image {
        Some(_) => counted(first.as_mut(), &catalog)?
            .into_iter()
            .map(|table| (table.full_name(), (table.rows, table.digest)))
            .collect(),
        None => {
            let extracts = backup.extracts(first.as_mut(), &catalog)?;
            digests(context, backup, &extracts, &mut sessions)?
        }
    };
    faults.extend(snapshot.tables.iter().filter_map(|table| row_fault(table, &found)));
    Ok(faults)
}

/// Statements that the restored database is not made of, or others. The same one may be there more
/// than once.
fn schema_faults(repository: &Repository, snapshot: &Snapshot, catalog: &Catalog) -> Result<Vec<String>> {
    let pieces = engine_for(catalog.engine).ddl().create(catalog, DdlOptions { privileges: false });
    let mut made: BTreeMap<String, (Statement, i64)> = BTreeMap::new();
    let mut count = |statement: Statement, by| {
        made.entry(statement.sql.clone()).or_insert((statement, 0)).1 += by;
    };
    pieces.iter().for_each(|piece| count(Statement::from(piece), -1));
    for line in repository.text(&snapshot.statements, snapshot.compression)?.lines() {
        let statement = serde_json::from_str(line).map_err(|error| {
            Error::new(Kind::Data, "a statement of the backup cannot be read").because(error)
        })?;
        count(statement, 1);
    }
    let faults = made.values().filter(|(_, count)| *count != 0).map(|(statement, count)| {
        let what = if *count > 0 { "not restored as it was" } else { "restored, and not in the backup" };
        format!("{what}: {} {}", statement.object, statement.name)
    });
    Ok(faults.collect())
}

type Found = BTreeMap<Name, (u64, String)>;

/// Reads all rows again, as a backup does, and keeps their number and digest.
fn digests(
    context: &Context,
    backup: &dyn Backup,
    extracts: &[Extract],
    sessions: &mut [Box<dyn Session>],
) -> Result<Found> {
    let places: Vec<(usize, usize)> = (0..extracts.len())
        .flat_map(|at| (0..extracts[at].parts.len()).map(move |part| (at, part)))
        .collect();
    let total = extracts.iter().flat_map(|extract| &extract.parts).map(|part| part.weight).sum();
    let task = context.ui.progress().task("comparing", Some(total), Unit::Bytes);
    let sums = in_parallel(places.clone(), sessions.iter_mut().collect(), |session, (at, part)| {
        let extract = &extracts[at];
        let mut rows = Summing(Rows::new(extract.form));
        backup.read(session.as_mut(), extract, &extract.parts[part], &mut rows)?;
        task.advance(extract.parts[part].weight);
        Ok((rows.0.count(), rows.0.sum()))
    })?;
    let mut found: BTreeMap<usize, (u64, u128)> = (0..extracts.len()).map(|at| (at, (0, 0))).collect();
    for ((at, _), (count, sum)) in places.into_iter().zip(sums) {
        let entry = found.entry(at).or_default();
        *entry = (entry.0 + count, entry.1.wrapping_add(sum));
    }
    let named =
        found.into_iter().map(|(at, (count, sum))| (extracts[at].table.clone(), (count, digest::hex(sum))));
    Ok(named.collect())
}

struct Summing(Rows);

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn row_fault(table: &Table, found: &Found) -> Option<String> {
    let name = table.full_name();
    match found.get(&name) {
        None => Some(format!("table {name} was not restored")),
        Some((rows, _)) if *rows != table.rows => Some(format!(
            "table {name} has {} rows and not {}",
            human::count(*rows),
            human::count(table.rows)
        )),
        Some((_, digest)) if *digest != table.digest => Some(format!("table {name} has other rows")),
        Some(_) => None,
    }
}
