//! `migrate down`: takes back what was applied last.

use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::folder::{Folder, Script};
use super::history::Marks;
use super::hooks::{Moment, Subject};
use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::run::{Author, Job, Runner, named};
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt};
use crate::engine::Claim;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Id, Record, Statement};
use crate::model::listing::Listing;
use crate::model::progress::Unit;
use crate::ui::{Format, Guard, human};

/// Take back what was applied last
///
/// In the reverse of the order in which it was applied. The statements come from the file, or from
/// the history when the file is gone.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate down app.db
  dbwright migrate down app.db --steps 3 --dry-run
  dbwright migrate down prod --to 20260131120000 --yes-on prod")]
pub struct DownArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The migration that is to be the last one again; 0 takes back all
    #[arg(long, value_name = "ID", conflicts_with = "steps")]
    pub to: Option<String>,
    /// How many to take back [default: 1]
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Show what would be taken back, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub run: RunArgs,
}

/// As hooks are told.
const DOWN: &str = "down";

/// A row of the history and what takes it back.
pub type Step = (Record, Script);

/// Runs the command.
pub fn run(context: &Context, args: &DownArgs) -> Result<()> {
    let Opened { target, session, history, records, folder, settings } =
        Opened::open(context, &args.place, !args.dry_run)?;
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    runner.hooks = settings.hooks;
    let choice = Choice { to: args.to.as_deref(), steps: args.steps };
    let steps = choose(&folder, &records, &choice)?;
    let json = context.ui.wants_json();
    if steps.is_empty() {
        if json {
            return context.ui.print_json(&document(&runner, &[], false));
        }
        context.ui.status("nothing to take back");
        return Ok(());
    }
    if !json && (args.dry_run || context.ui.is_interactive()) {
        context.ui.print_listing(&listing(&runner, &steps))?;
    }
    if args.dry_run {
        context.ui.status("a dry run: nothing was changed");
        return if json { context.ui.print_json(&document(&runner, &steps, false)) } else { Ok(()) };
    }
    warn_of_nothing(context, &steps);
    let count = human::counted(steps.len() as u64, "migrations");
    let summary = format!("{count} to take back on {}", target.label());
    let (profile, protected) = (target.profile.as_deref(), target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    let started = Instant::now();
    let done = take_back(context, &mut runner, &choice)?;
    if json {
        return context.ui.print_json(&document(&runner, &done, true));
    }
    let count = human::counted(done.len() as u64, "migrations");
    context.ui.status(&format!("{count} taken back in {}", human::duration(started.elapsed())));
    Ok(())
}

/// A down section may be there and empty: that is worth a word, as nothing of the schema changes.
pub fn warn_of_nothing(context: &Context, steps: &[Step]) {
    for (record, _) in steps.iter().filter(|(_, script)| script.statements.is_empty()) {
        let title = named(&record.id, &record.name);
        context.ui.warn(&format!("{title}: nothing stands in the down section, only the history goes back"));
    }
}

/// Migrations as JSON has them.
pub fn told(steps: &[Step]) -> Vec<serde_json::Value> {
    steps
        .iter()
        .map(|(record, script)| {
            json!({ "id": record.id, "name": record.name, "statements": script.statements.len() })
        })
        .collect()
}

fn document(runner: &Runner<'_>, steps: &[Step], applied: bool) -> serde_json::Value {
    let (migrations, hooks) = (told(steps), runner.hooks.document());
    json!({ "version": 1, "kind": "migrate_down", "applied": applied, "migrations": migrations, "hooks": hooks })
}

pub fn listing(runner: &Runner<'_>, steps: &[Step]) -> Listing {
    let headers = ["Migration", "Name", "Applied", "Statements", "How"].map(str::to_owned).to_vec();
    let rows = steps.iter().map(|(record, script)| {
        let how = match (record.undo, runner.is_transaction(script)) {
            (true, _) => format!("goes on after statement {}", record.done),
            (false, true) => "a transaction".to_owned(),
            (false, false) => "statement by statement".to_owned(),
        };
        let count = script.statements.len().to_string();
        vec![record.id.clone(), record.name.clone(), record.started_at.clone(), count, how]
    });
    Listing { headers, rows: rows.collect(), notes: runner.hooks.notes(), ..Listing::default() }
}

/// What is asked for.
pub struct Choice<'a> {
    pub to: Option<&'a str>,
    pub steps: Option<usize>,
}

/// What is to be taken back, the last first.
pub fn choose(folder: &Folder, records: &[Record], choice: &Choice<'_>) -> Result<Vec<Step>> {
    // What is repeatable is not taken back: it is due again when what stands before it is.
    let is_repeatable = |record: &Record| Id::read(&record.id).is_some_and(|id| id.is_repeatable());
    let mut newest: Vec<&Record> =
        records.iter().filter(|record| !record.baseline && !is_repeatable(record)).collect();
    newest.sort_by_key(|record| std::cmp::Reverse(record.position));
    let count = match (choice.to, choice.steps) {
        (Some("0"), _) => newest.len(),
        (Some(to), _) => {
            let id = Id::read(to);
            let place = newest.iter().position(|record| Id::read(&record.id) == id);
            place.ok_or_else(|| {
                Error::usage(format!("migration {to} was not applied")).hint("migrate status lists what was")
            })?
        }
        (None, steps) => steps.unwrap_or(1),
    };
    newest.into_iter().take(count).map(|record| Ok((record.clone(), script(folder, record)?))).collect()
}

/// What takes a migration back.
fn script(folder: &Folder, record: &Record) -> Result<Script> {
    let title = named(&record.id, &record.name);
    if !record.applied && !record.undo {
        let (done, all) = (record.done, record.statements);
        let message = format!("{title} was applied in part: {done} of {all} statements");
        return Err(Error::new(Kind::Refused, message)
            .hint("go on with it: dbwright migrate up; then it can be taken back")
            .hint("or take it back: dbwright migrate repair --undo ID")
            .hint("or undo its statements by hand, and then: dbwright migrate repair --forget ID"));
    }
    let id = Id::read(&record.id);
    let file = folder.migrations.iter().find(|migration| Some(&migration.wanted.id) == id.as_ref());
    if let Some(down) = file.and_then(|migration| migration.down.as_ref()) {
        return Ok(down.clone());
    }
    if record.down.is_empty() {
        return Err(Error::new(Kind::Refused, format!("nothing is known that takes {title} back"))
            .hint("write it into the file: a section down, or a file of its own")
            .hint("or write a new migration that does it"));
    }
    let statements =
        record.down.iter().map(|sql| Statement { sql: sql.clone(), at: 0, written: None }).collect();
    Ok(Script { statements, files: Vec::new(), transaction: true })
}

/// Takes back what is chosen, once nobody else can.
pub fn take_back(context: &Context, runner: &mut Runner<'_>, choice: &Choice<'_>) -> Result<Vec<Step>> {
    interrupt::listen()?;
    let _stoppable = interrupt::guard(runner.session.canceller());
    let claim = runner.claim()?;
    let mut records = runner.history()?;
    let steps = choose(runner.folder, &records, choice)?;
    if !steps.is_empty() {
        runner.hook(Moment::BeforeAll, Subject::all(DOWN))?;
    }
    let author = Author::of(context, runner.session.as_ref());
    let task = context.ui.progress().task("taking back", Some(steps.len() as u64), Unit::Count("migrations"));
    let mut outcome = Ok(());
    let mut done = Vec::new();
    for (record, script) in steps {
        if interrupt::arrived() {
            outcome = Err(Error::new(Kind::Interrupted, "interrupted between two migrations"));
            break;
        }
        let title = named(&record.id, &record.name);
        task.set_label(&title);
        let known = (claim == Claim::ByTransaction).then(|| Marks::of(&records));
        let job = job(runner, &title, &record, &script, &author)?;
        let subject = Subject { direction: DOWN, id: &record.id, name: &record.name };
        match runner.between_hooks(subject, |runner| runner.run(&job, known)) {
            Ok(took) => context.ui.status(&format!("took back {title} ({})", human::duration(took))),
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
        task.advance(1);
        records.retain(|each| each.id != record.id);
        done.push((record, script));
    }
    let flushed = runner.flush();
    let outcome = outcome.and(flushed).and_then(|()| match done.is_empty() {
        true => Ok(()),
        false => runner.hook(Moment::AfterAll, Subject::all(DOWN)),
    });
    runner.after_failure(DOWN, outcome).map(|()| done)
}

fn job<'a>(
    runner: &mut Runner<'_>,
    title: &str,
    record: &Record,
    script: &'a Script,
    author: &Author,
) -> Result<Job<'a>> {
    let done = match record.undo {
        true => {
            runner.same_beginning(title, script, record)?;
            runner.settle_doubt(script, record)?.done
        }
        false => 0,
    };
    let begun = author.begin(&record.id, &record.name);
    let during = Record {
        applied: false,
        undo: true,
        done,
        doubt: None,
        started_at: begun.started_at,
        by_user: begun.by_user,
        by_host: begun.by_host,
        ..record.clone()
    };
    Ok(Job { title: title.to_owned(), script, after: None, during, replaces: true })
}
