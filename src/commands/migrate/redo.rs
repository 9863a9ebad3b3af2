//! `migrate redo`: takes the last migrations back and applies them again.

use std::collections::BTreeSet;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::down::{self, Step};
use super::folder::Folder;
use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::run::{Runner, named};
use super::settings::OutOfOrder;
use super::up::{self, Done, Todo};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Id, Record};
use crate::ui::{Format, Guard, human};

/// Take back what was applied last, and apply it again
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate redo app.db
  dbwright migrate redo app.db --dry-run
  dbwright migrate redo app.db --steps 2 --yes")]
pub struct RedoArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1)]
    steps: usize,
    /// Show what would be taken back and applied again, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: &RedoArgs) -> Result<()> {
    let Opened { target, session, history, records, folder, settings } =
        Opened::open(context, &args.place, !args.dry_run)?;
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    runner.hooks = settings.hooks;
    let back = down::Choice { to: None, steps: Some(args.steps) };
    let steps = down::choose(&folder, &records, &back)?;
    let (again, left) = (again(&folder, &steps)?, without(&records, &steps));
    let todo = up::choose(context, &folder, &left, &again)?;
    let json = context.ui.wants_json();
    if steps.is_empty() {
        context.ui.status("nothing to take back");
        return print(json, context, &runner, (&[], &[]), false);
    }
    if !json && (args.dry_run || context.ui.is_interactive()) {
        show(context, &runner, &steps, &todo, &left)?;
    }
    if args.dry_run {
        context.ui.status("a dry run: nothing was changed");
        return print(json, context, &runner, (&steps, &up::planned(&todo)), false);
    }
    down::warn_of_nothing(context, &steps);
    let count = human::counted(steps.len() as u64, "migrations");
    let summary = format!("{count} to take back and apply again on {}", target.label());
    let (profile, protected) = (target.profile.as_deref(), target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    let started = Instant::now();
    let taken_back = down::take_back(context, &mut runner, &back)?;
    let applied = up::apply(context, &mut runner, &again, false)?;
    let count = human::counted(applied.len() as u64, "migrations");
    context.ui.status(&format!("{count} applied again in {}", human::duration(started.elapsed())));
    print(json, context, &runner, (&taken_back, &applied), true)
}

/// What is applied again: what is taken back, though it may be older than what is still there.
fn again(folder: &Folder, steps: &[Step]) -> Result<up::Choice<'static>> {
    let mut only = BTreeSet::new();
    for (record, _) in steps {
        let id = Id::read(&record.id);
        let file = folder.migrations.iter().find(|migration| Some(&migration.wanted.id) == id.as_ref());
        let file = file.ok_or_else(|| {
            let message = format!("the file of {} is gone", named(&record.id, &record.name));
            Error::new(Kind::Refused, message)
                .hint("nothing was changed, as it could not be applied again")
                .hint("bring the file back, or only take it back: dbwright migrate down")
        })?;
        only.insert(file.wanted.id.clone());
    }
    Ok(up::Choice { to: None, steps: None, policy: OutOfOrder::Allow, only: Some(only) })
}

/// The history as it is when these are taken back.
fn without(records: &[Record], steps: &[Step]) -> Vec<Record> {
    let is_taken_back = |record: &&Record| !steps.iter().any(|(step, _)| step.id == record.id);
    records.iter().filter(is_taken_back).cloned().collect()
}

fn show(
    context: &Context,
    runner: &Runner<'_>,
    steps: &[Step],
    todo: &Todo<'_>,
    left: &[Record],
) -> Result<()> {
    context.ui.status("taken back:");
    context.ui.print_listing(&down::listing(runner, steps))?;
    context.ui.status("and applied again:");
    context.ui.print_listing(&up::listing(runner, todo, left))
}

fn print(
    json: bool,
    context: &Context,
    runner: &Runner<'_>,
    (taken_back, applied): (&[Step], &[Done<'_>]),
    changed: bool,
) -> Result<()> {
    if !json {
        return Ok(());
    }
    context.ui.print_json(&json!({
        "version": 1,
        "kind": "migrate_redo",
        "applied": changed,
        "taken_back": down::told(taken_back),
        "migrations": up::told(applied),
        "hooks": runner.hooks.document(),
    }))
}
