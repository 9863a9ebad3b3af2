//! `migrate up`: applies what is pending.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::folder::{Folder, Migration};
use super::history::Marks;
use super::hooks::{Moment, Subject};
use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::placeholders::texts;
use super::run::{Author, Job, Runner, named};
use super::settings::OutOfOrder;
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt};
use crate::engine::Claim;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Entry, Id, Record, State, join};
use crate::model::listing::Listing;
use crate::model::progress::{Task, Unit};
use crate::ui::{Format, Guard, human};

/// Apply pending migrations
///
/// Each in a transaction of its own, together with its row in the history, where the engine can;
/// MySQL and MariaDB commit every change of schema at once, so there the history is kept statement by
/// statement, and a run that was stopped goes on where it stopped. Two runs at once are one run.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate up app.db
  dbwright migrate up prod --dry-run
  dbwright migrate up prod --yes-on prod --lock-timeout 2s
  dbwright migrate up ci --yes --one-transaction
  dbwright migrate up app.db --to 20260131120000")]
pub struct UpArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The last migration to apply
    #[arg(long, value_name = "ID", conflicts_with = "steps")]
    pub to: Option<String>,
    /// How many to apply
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Show what would be applied, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// All in one transaction: all or nothing
    #[arg(long)]
    pub one_transaction: bool,
    /// What to do with migrations that are older than the last that was applied [default: strict]
    #[arg(long, value_name = "POLICY")]
    pub out_of_order: Option<OutOfOrder>,
    #[command(flatten)]
    pub run: RunArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: &UpArgs) -> Result<()> {
    let Opened { target, session, history, records, folder, settings } =
        Opened::open(context, &args.place, !args.dry_run)?;
    let policy = args.out_of_order.or(settings.out_of_order).unwrap_or(OutOfOrder::Strict);
    let choice = Choice { to: args.to.as_deref(), steps: args.steps, policy, only: None };
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    runner.hooks = settings.hooks;
    let todo = choose(context, &folder, &records, &choice)?;
    let json = context.ui.wants_json();
    if todo.is_empty() {
        if json {
            return context.ui.print_json(&document(&runner, &[], args.dry_run));
        }
        context.ui.status("nothing to do: the database is up to date");
        return Ok(());
    }
    runner.check_together(args.one_transaction, &todo)?;
    // Where nobody is asked, what was applied is told line by line.
    if !json && (args.dry_run || context.ui.is_interactive()) {
        context.ui.print_listing(&listing(&runner, &todo, &records))?;
    }
    if args.dry_run {
        if json {
            return context.ui.print_json(&document(&runner, &planned(&todo), true));
        }
        context.ui.status("a dry run: nothing was changed");
        return Ok(());
    }
    let summary = format!("{} on {}", human::counted(todo.len() as u64, "migrations"), target.label());
    let profile = target.profile.as_deref();
    let protected = target.protected;
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    let started = Instant::now();
    let done = apply(context, &mut runner, &choice, args.one_transaction)?;
    if json {
        return context.ui.print_json(&document(&runner, &done, false));
    }
    let count = human::counted(done.len() as u64, "migrations");
    context.ui.status(&format!("{count} applied in {}", human::duration(started.elapsed())));
    Ok(())
}

/// As hooks are told.
const UP: &str = "up";

/// What is asked for.
pub struct Choice<'a> {
    pub to: Option<&'a str>,
    pub steps: Option<usize>,
    pub policy: OutOfOrder,
    /// Only these versions, as they were just taken back; what is repeatable follows them.
    pub only: Option<BTreeSet<Id>>,
}

/// A migration with the row that it has already.
pub type Todo<'a> = Vec<(&'a Migration, Option<Record>)>;

/// What was applied, and how long it took.
pub type Done<'a> = (&'a Migration, Duration);

fn document(runner: &Runner<'_>, done: &[Done<'_>], dry_run: bool) -> serde_json::Value {
    let (migrations, hooks) = (told(done), runner.hooks.document());
    json!({ "version": 1, "kind": "migrate_up", "applied": !dry_run, "migrations": migrations, "hooks": hooks })
}

/// What would be applied, as if it took no time.
pub fn planned<'a>(todo: &Todo<'a>) -> Vec<Done<'a>> {
    todo.iter().map(|(migration, _)| (*migration, Duration::ZERO)).collect()
}

/// Migrations as JSON has them.
pub fn told(done: &[Done<'_>]) -> Vec<serde_json::Value> {
    done.iter()
        .map(|(migration, took)| {
            json!({
                "id": migration.wanted.id.to_string(),
                "name": migration.wanted.name,
                "statements": migration.up.statements.len(),
                "took": took.as_secs_f64(),
            })
        })
        .collect()
}

pub fn listing(runner: &Runner<'_>, todo: &Todo<'_>, records: &[Record]) -> Listing {
    let headers = ["Migration", "Name", "Statements", "How"].map(str::to_owned).to_vec();
    let rows = todo.iter().map(|(migration, record)| {
        let how =
            match (record.as_ref().filter(|record| !record.applied), runner.is_transaction(&migration.up)) {
                (Some(record), _) => format!("goes on after statement {}", record.done),
                (None, true) => "a transaction".to_owned(),
                (None, false) => "statement by statement".to_owned(),
            };
        let Migration { wanted, up, .. } = migration;
        vec![wanted.id.to_string(), wanted.name.clone(), up.statements.len().to_string(), how]
    });
    let applied = records.iter().filter(|record| record.applied).count() as u64;
    let mut notes = vec![format!("{} applied before", human::counted(applied, "migrations"))];
    notes.extend(runner.hooks.notes());
    Listing { headers, rows: rows.collect(), notes, ..Listing::default() }
}

/// What is to be applied, in order; an error when the history does not allow it.
pub fn choose<'a>(
    context: &Context,
    folder: &'a Folder,
    records: &[Record],
    choice: &Choice<'_>,
) -> Result<Todo<'a>> {
    let entries = join(&folder.wanted(), records);
    sound(context, &entries, records, choice.policy)?;
    let last = choice.to.map(|to| find(folder, to)).transpose()?;
    let todo = entries.iter().filter(|entry| match entry.state {
        State::Pending | State::OutOfOrder | State::Partial | State::Due => {
            last.as_ref().is_none_or(|last| entry.id <= *last)
                && choice
                    .only
                    .as_ref()
                    .is_none_or(|only| only.contains(&entry.id) || entry.id.is_repeatable())
        }
        _ => false,
    });
    let todo = todo.filter_map(|entry| {
        let migration = &folder.migrations[entry.file?];
        Some((migration, entry.record.map(|at| records[at].clone())))
    });
    Ok(todo.take(choice.steps.unwrap_or(usize::MAX)).collect())
}

/// The migration that a user names.
pub fn find(folder: &Folder, id: &str) -> Result<Id> {
    let wanted = Id::read(id);
    let ids = || folder.migrations.iter().map(|migration| &migration.wanted.id);
    match ids().find(|known| Some(*known) == wanted.as_ref()) {
        Some(id) => Ok(id.clone()),
        None => {
            let names: Vec<String> = ids().map(ToString::to_string).collect();
            let error = Error::usage(format!("there is no migration {id} in {}", folder.path.display()));
            Err(match crate::error::nearest(id, names.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint("migrate status lists them"),
            })
        }
    }
}

/// Refuses to go on from a history that nobody understands.
fn sound(context: &Context, entries: &[Entry], records: &[Record], policy: OutOfOrder) -> Result<()> {
    let of = |state: State| -> Vec<String> {
        entries
            .iter()
            .filter(|entry| entry.state == state)
            .map(|entry| named(&entry.id.to_string(), &entry.name))
            .collect()
    };
    let refused = |message: String| Error::new(Kind::Refused, message);
    let changed = of(State::Changed);
    if !changed.is_empty() {
        return Err(refused(format!("edited after it was applied: {}", changed.join(", ")))
            .hint("bring the file back, and write a new migration with the change")
            .hint("or, when the database has it already: dbwright migrate repair --accept"));
    }
    let missing = of(State::Missing);
    if !missing.is_empty() {
        context.ui.warn(&format!("applied, and the file is gone: {}", missing.join(", ")));
    }
    let undone = records.iter().find(|record| record.undo);
    if let Some(record) = undone {
        let (done, all) = (record.done, record.statements);
        let message = format!(
            "{} was being taken back: {done} of {all} statements are done",
            named(&record.id, &record.name)
        );
        return Err(refused(message).hint("go on with it: dbwright migrate down"));
    }
    let late = of(State::OutOfOrder);
    match policy {
        _ if late.is_empty() => Ok(()),
        OutOfOrder::Allow => Ok(()),
        OutOfOrder::Warn => {
            context.ui.warn(&format!("older than the last that was applied: {}", late.join(", ")));
            Ok(())
        }
        OutOfOrder::Strict => {
            Err(refused(format!("older than the last that was applied: {}", late.join(", ")))
                .hint("give them a newer version, or apply them all the same: --out-of-order allow"))
        }
    }
}

/// Applies what is chosen, once nobody else can.
pub fn apply<'a>(
    context: &Context,
    runner: &mut Runner<'a>,
    choice: &Choice<'_>,
    one_transaction: bool,
) -> Result<Vec<Done<'a>>> {
    interrupt::listen()?;
    let _stoppable = interrupt::guard(runner.session.canceller());
    let claim = runner.claim()?;
    let mut records = runner.history()?;
    let mut todo = choose(context, runner.folder, &records, choice)?;
    if !todo.is_empty() {
        runner.hook(Moment::BeforeAll, Subject::all(UP))?;
    }
    let task = context.ui.progress().task("applying", Some(todo.len() as u64), Unit::Count("migrations"));
    runner.together = one_transaction;
    if runner.together {
        let begin = runner.engine().begin_change();
        runner.session.execute(begin, &[])?;
    }
    let author = Author::of(context, runner.session.as_ref());
    let mut done = Vec::new();
    let outcome = loop {
        match pass(runner, &todo, &mut records, &author, claim, task.as_ref(), &mut done) {
            // Somebody else was faster: what is left is what is left now.
            Err(error) if error.kind() == Kind::Locked && claim == Claim::ByTransaction => {
                records = runner.history()?;
                todo = choose(context, runner.folder, &records, choice)?;
            }
            outcome => break outcome,
        }
    };
    let outcome = match runner.together {
        true => runner.end_together(outcome),
        // How long the last took, or how far it came, waits for a transaction that does not come.
        false => {
            let flushed = runner.flush();
            outcome.and(flushed)
        }
    };
    runner.together = false;
    let outcome = outcome.and_then(|()| match done.is_empty() {
        true => Ok(()),
        false => runner.hook(Moment::AfterAll, Subject::all(UP)),
    });
    runner.after_failure(UP, outcome).map(|()| done)
}

fn pass<'a>(
    runner: &mut Runner<'a>,
    todo: &[(&'a Migration, Option<Record>)],
    records: &mut Vec<Record>,
    author: &Author,
    claim: Claim,
    task: &dyn Task,
    done: &mut Vec<Done<'a>>,
) -> Result<()> {
    for (migration, record) in todo {
        if interrupt::arrived() {
            return Err(Error::new(Kind::Interrupted, "interrupted between two migrations"));
        }
        let id = migration.wanted.id.to_string();
        task.set_label(&named(&id, &migration.wanted.name));
        let place = records.iter().map(|record| record.position).max().unwrap_or_default() + 1;
        let job = job(runner, migration, record.as_ref(), author, place)?;
        let known = (claim == Claim::ByTransaction && !runner.together).then(|| Marks::of(records));
        let subject = Subject { direction: UP, id: &id, name: &migration.wanted.name };
        let took = runner.between_hooks(subject, |runner| {
            runner.with_own_times(migration, |runner| runner.run(&job, known))
        })?;
        if record.is_some() {
            records.retain(|record| record.id != id);
        }
        records.extend(job.after);
        task.advance(1);
        runner.context.ui.status(&format!("applied {} ({})", job.title, human::duration(took)));
        done.push((migration, took));
    }
    Ok(())
}

fn job<'a>(
    runner: &mut Runner<'_>,
    migration: &'a Migration,
    record: Option<&Record>,
    author: &Author,
    place: u64,
) -> Result<Job<'a>> {
    let (id, name) = (migration.wanted.id.to_string(), &migration.wanted.name);
    let title = named(&id, name);
    let begun = Record { position: place, ..author.begin(&id, name) };
    let during = match record.filter(|record| !record.applied) {
        None => begun,
        Some(record) => {
            runner.same_beginning(&title, &migration.up, record)?;
            let settled = runner.settle_doubt(&migration.up, record)?;
            Record { position: record.position, done: settled.done, duration_ms: record.duration_ms, ..begun }
        }
    };
    let count = migration.up.statements.len() as u64;
    let down = migration.down.as_ref().map(texts).unwrap_or_default();
    let after = Record {
        applied: true,
        checksum: Some(migration.wanted.checksum.clone()),
        statements: count,
        done: count,
        down,
        ..during.clone()
    };
    Ok(Job { title, script: &migration.up, after: Some(after), during, replaces: record.is_some() })
}
