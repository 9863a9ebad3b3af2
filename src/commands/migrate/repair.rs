//! `migrate repair`: brings the history in line with what a person knows to be true.

use clap::Args;

use super::folder::Migration;
use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::run::named;
use super::undo;
use crate::commands::{Context, interrupt};
use crate::error::{Error, Result};
use crate::migrations::{Entry, Id, Record, State, join};
use crate::model::listing::Listing;
use crate::ui::{Guard, human};

/// Bring the history in line with the files, or with what is known of the database
///
/// Changes the history alone, and runs no migration; but for --undo, which takes back the statements of
/// one that stopped in its middle.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate repair prod --accept --yes-on prod
  dbwright migrate repair app.db --forget 20260131120000
  dbwright migrate repair app.db --applied 20260131120000
  dbwright migrate repair prod --undo 20260131120000 --yes-on prod")]
pub struct RepairArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Take the files that were edited after they were applied for what was applied
    #[arg(long)]
    accept: bool,
    /// Take this migration for not applied
    #[arg(long, value_name = "ID")]
    forget: Vec<String>,
    /// Take this migration, of which a part took effect, for applied
    #[arg(long, value_name = "ID")]
    applied: Vec<String>,
    /// Take back the statements of this migration that took effect before it failed
    #[arg(long, value_name = "ID", conflicts_with_all = ["accept", "forget", "applied"])]
    undo: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

/// A change of the history.
struct Repair {
    id: String,
    name: String,
    what: &'static str,
    sql: Vec<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &RepairArgs) -> Result<()> {
    if !args.accept && args.forget.is_empty() && args.applied.is_empty() && args.undo.is_none() {
        return Err(Error::usage("nothing to repair is named")
            .hint("--accept, --forget ID, --applied ID or --undo ID; migrate status shows what is wrong"));
    }
    let Opened { target, session, history, records, folder, .. } = Opened::open(context, &args.place, true)?;
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    let entries = join(&folder.wanted(), &records);
    if let Some(id) = &args.undo {
        let (entry, record) = known(&entries, &records, id)?;
        return undo::run(context, &mut runner, entry, record);
    }
    let mut repairs = Vec::new();
    if args.accept {
        for entry in entries.iter().filter(|entry| entry.state == State::Changed) {
            repairs.extend(accepted(entry, &records, &folder.migrations, &runner.history)?);
        }
    }
    for id in &args.forget {
        let (_, record) = known(&entries, &records, id)?;
        let sql = vec![runner.history.forget(&record.id)?];
        repairs.push(Repair { id: record.id.clone(), name: record.name.clone(), what: "not applied", sql });
    }
    for id in &args.applied {
        let (entry, record) = known(&entries, &records, id)?;
        let file = entry.file.map(|at| &folder.migrations[at]);
        let checksum =
            file.map(|migration| migration.wanted.checksum.clone()).or_else(|| record.checksum.clone());
        let all = file.map_or(record.statements, |migration| migration.up.statements.len() as u64);
        let after = Record {
            applied: true,
            undo: false,
            doubt: None,
            checksum,
            statements: all,
            done: all,
            ..record.clone()
        };
        let sql = runner.history.write(&after)?.to_vec();
        repairs.push(Repair { id: record.id.clone(), name: record.name.clone(), what: "applied", sql });
    }
    if repairs.is_empty() {
        context.ui.status("there is nothing to repair");
        return Ok(());
    }
    let headers = ["Migration", "Name", "Counts as"].map(str::to_owned).to_vec();
    let rows = repairs.iter().map(|each| vec![each.id.clone(), each.name.clone(), each.what.to_owned()]);
    context.ui.print_listing(&Listing { headers, rows: rows.collect(), ..Listing::default() })?;
    let count = human::counted(repairs.len() as u64, "rows");
    let summary = format!("{count} of the history of {}; no migration is run", target.label());
    let (profile, protected) = (target.profile.as_deref(), target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    interrupt::listen()?;
    runner.claim()?;
    runner.waiting = repairs.into_iter().flat_map(|repair| repair.sql).collect();
    runner.flush()?;
    context.ui.status("the history is repaired");
    Ok(())
}

fn accepted(
    entry: &Entry,
    records: &[Record],
    migrations: &[Migration],
    history: &super::history::History,
) -> Result<Option<Repair>> {
    let (Some(file), Some(record)) = (entry.file, entry.record) else { return Ok(None) };
    let (migration, record) = (&migrations[file], &records[record]);
    let down = migration.down.iter().flat_map(|script| &script.statements);
    let after = Record {
        checksum: Some(migration.wanted.checksum.clone()),
        name: migration.wanted.name.clone(),
        statements: migration.up.statements.len() as u64,
        done: migration.up.statements.len() as u64,
        down: down.map(|statement| statement.sql.clone()).collect(),
        ..record.clone()
    };
    let (id, name, sql) = (record.id.clone(), after.name.clone(), history.write(&after)?.to_vec());
    Ok(Some(Repair { id, name, what: "applied as it is now", sql }))
}

fn known<'a>(entries: &'a [Entry], records: &'a [Record], id: &str) -> Result<(&'a Entry, &'a Record)> {
    let wanted = Id::read(id);
    let entry = entries.iter().find(|entry| Some(&entry.id) == wanted.as_ref());
    entry.and_then(|entry| Some((entry, &records[entry.record?]))).ok_or_else(|| {
        let name = entry.map_or_else(|| id.to_owned(), |entry| named(id, &entry.name));
        Error::usage(format!("{name} is not in the history")).hint("migrate status lists what is")
    })
}
