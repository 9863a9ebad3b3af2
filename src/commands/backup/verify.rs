//! `backup verify`: every byte looked at again, and a backup proven by restoring it.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::args::{choose, usual_jobs};
use super::keys;
use super::list::words;
use super::parallel::in_parallel;
use super::proof;
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt};
use crate::error::{Error, Kind, Result};
use crate::model::listing::Listing;
use crate::model::progress::Unit;
use crate::model::snapshot::{Chunk, Compression, Snapshot};
use crate::store::Repository;
use crate::store::repository::State;
use crate::ui::{Format, human};

/// Read backups again and compare every byte with its sum
///
/// With --restore, besides: restores the backup into a database made for a moment, and compares
/// schema, number of rows and digests of all tables with what the manifest says. That proves it, and
/// is noted in the repository.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup verify --repo /backups/prod
  dbwright backup verify latest --repo /backups/prod --restore --scratch dev
  dbwright backup verify --repo /backups/prod --json")]
pub struct VerifyArgs {
    /// The backup: `latest`, its id, or how that begins [default: all, and with --restore the newest]
    #[arg(value_name = "BACKUP")]
    backup: Option<String>,
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: keys::Identities,
    /// Prove the backup by restoring it
    #[arg(long)]
    restore: bool,
    /// The server where a database may be made for a moment [default: the default profile]
    #[arg(long, value_name = "PROFILE|URL", requires = "restore")]
    scratch: Option<String>,
    /// Work with N threads or sessions at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

/// Something that is not as it was written.
struct Damage {
    what: String,
    backups: BTreeSet<String>,
    tables: BTreeSet<String>,
}

/// Who needs a chunk.
#[derive(Default)]
struct Need {
    backups: BTreeSet<String>,
    tables: BTreeSet<String>,
}

/// Chunks by their name and compression.
type Needs = BTreeMap<(String, &'static str), (Chunk, Compression, Need)>;

/// Runs the command.
pub fn run(context: &Context, args: &VerifyArgs) -> Result<()> {
    let repository = keys::open(context, args.repo.as_deref(), &args.identities)?;
    let _using = repository.in_use()?;
    interrupt::listen()?;
    let jobs = args.jobs.map_or_else(usual_jobs, usize::from);
    let chosen = match (&args.backup, args.restore) {
        (Some(backup), _) => Some(choose(&repository, backup)?),
        (None, true) => Some(choose(&repository, "latest")?),
        (None, false) => None,
    };
    let mut damage = Vec::new();
    let snapshots = snapshots(&repository, chosen.as_deref(), &mut damage)?;
    if let (true, Some(snapshot)) = (args.restore, snapshots.first()) {
        // Without an identity there is nothing to restore.
        repository.snapshot(&snapshot.id)?;
    }
    let needs = needs(&snapshots);
    let bytes: u64 = needs.values().map(|(chunk, _, _)| chunk.stored).sum();
    check(context, &repository, &needs, jobs, &mut damage)?;
    let mut faults = Vec::new();
    if args.restore
        && damage.is_empty()
        && let Some(snapshot) = snapshots.first()
    {
        faults = proof::prove(context, &repository, snapshot, args.scratch.as_deref(), jobs)?;
    }
    let seen = Seen { snapshots, chunks: needs.len(), bytes, damage, faults, restored: args.restore };
    tell(context, &repository, &seen)
}

/// What was looked at, and what came of it.
struct Seen {
    snapshots: Vec<Snapshot>,
    chunks: usize,
    bytes: u64,
    damage: Vec<Damage>,
    /// What a restore made that is not as it was.
    faults: Vec<String>,
    restored: bool,
}

/// The manifests that can be read; what is wrong with the others is damage.
fn snapshots(
    repository: &Repository,
    chosen: Option<&str>,
    damage: &mut Vec<Damage>,
) -> Result<Vec<Snapshot>> {
    let mut found = Vec::new();
    for (id, state) in repository.ids()? {
        if chosen.is_some_and(|chosen| chosen != id) {
            continue;
        }
        let what = match state {
            State::Whole => match repository.outline(&id) {
                Ok(snapshot) => {
                    found.push(snapshot);
                    continue;
                }
                Err(error) if error.kind() == Kind::Auth => return Err(error),
                Err(error) => error.message().to_owned(),
            },
            state => format!("backup {id} is {}", words(state)),
        };
        damage.push(Damage { what, backups: BTreeSet::from([id]), tables: BTreeSet::new() });
    }
    Ok(found)
}

fn needs(snapshots: &[Snapshot]) -> Needs {
    let mut needs = Needs::new();
    for snapshot in snapshots {
        let mut need = |chunk: &Chunk, table: Option<String>| {
            let key = (chunk.id.clone(), snapshot.compression.ending());
            let (_, _, need) =
                needs.entry(key).or_insert_with(|| (chunk.clone(), snapshot.compression, Need::default()));
            need.backups.insert(snapshot.id.clone());
            need.tables.extend(table);
        };
        snapshot.chunks().for_each(|chunk| need(chunk, None));
        for table in &snapshot.tables {
            let name = table.full_name().to_string();
            let chunks = table.parts.iter().flat_map(|part| &part.chunks);
            chunks.for_each(|chunk| need(chunk, Some(name.clone())));
        }
    }
    needs
}

/// Reads every chunk once, whichever backups need it.
fn check(
    context: &Context,
    repository: &Repository,
    needs: &Needs,
    jobs: usize,
    damage: &mut Vec<Damage>,
) -> Result<()> {
    let total = needs.values().map(|(chunk, _, _)| chunk.stored).sum();
    let task = context.ui.progress().task("verifying", Some(total), Unit::Bytes);
    let found = in_parallel(needs.values().collect(), vec![(); jobs], |(), (chunk, compression, need)| {
        let checked = repository.check_chunk(chunk, *compression);
        task.advance(chunk.stored);
        match checked {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == Kind::Data => Ok(Some(Damage {
                what: error.message().to_owned(),
                backups: need.backups.clone(),
                tables: need.tables.clone(),
            })),
            Err(error) => Err(error),
        }
    })?;
    damage.extend(found.into_iter().flatten());
    Ok(())
}

fn tell(context: &Context, repository: &Repository, seen: &Seen) -> Result<()> {
    let Seen { snapshots, chunks, bytes, damage, faults, restored } = seen;
    let joined = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    if context.ui.wants_json() {
        let list: Vec<_> = damage
            .iter()
            .map(|each| json!({ "what": each.what, "backups": each.backups, "tables": each.tables }))
            .collect();
        context.ui.print_json(&json!({
            "version": 1,
            "kind": "backup_verify",
            "repository": repository.place(),
            "backups": snapshots.iter().map(|snapshot| snapshot.id.clone()).collect::<Vec<_>>(),
            "chunks": chunks,
            "bytes": bytes,
            "damage": list,
            "restored": *restored && damage.is_empty(),
            "differences": faults,
        }))?;
    } else if !damage.is_empty() || !faults.is_empty() {
        let of_chunks =
            damage.iter().map(|each| vec![each.what.clone(), joined(&each.backups), joined(&each.tables)]);
        let id = snapshots.first().map(|snapshot| snapshot.id.clone()).unwrap_or_default();
        let of_restore = faults.iter().map(|each| vec![each.clone(), id.clone(), String::new()]);
        context.ui.print_listing(&Listing {
            headers: ["What is wrong", "Backups", "Tables"].map(str::to_owned).to_vec(),
            rows: of_chunks.chain(of_restore).collect(),
            ..Listing::default()
        })?;
    }
    if !damage.is_empty() || !faults.is_empty() {
        let count = (damage.len() + faults.len()) as u64;
        return Err(Error::new(Kind::Found, format!("{} found", human::counted(count, "faults"))));
    }
    let backups = human::counted(snapshots.len() as u64, "backups");
    let chunks = human::counted(*chunks as u64, "chunks");
    context.ui.status(&format!("{backups} verified: {chunks}, {}", human::bytes(*bytes)));
    if let (true, Some(snapshot)) = (restored, snapshots.first()) {
        context
            .ui
            .status(&format!("backup {} is proven: restored, and the same in every table", snapshot.id));
    }
    Ok(())
}
