//! `schema apply`: makes a database what files say it should be.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::change::{Way, review, way};
use super::change_args::ChangeArgs;
use super::diff::report;
use super::read::read_from;
use super::rename;
use super::sides::{self, Side};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::commands::plan::{self, Reviewed, Work};
use crate::error::{Error, Kind, Result};
use crate::migrations;
use crate::model::catalog::{Catalog, Scope};
use crate::model::plan::Plan;
use crate::model::target::Target;
use crate::ui::Format;

/// How long a lock, and another run, is waited for when nothing else is said: long enough for a
/// short transaction to end, short enough not to hold up everybody who comes after us.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Change a database into what a definition, SQL or migrations say it should be
///
/// Shows what differs and the plan, asks, and runs it: in a transaction where the engine can, with a
/// lock time-out (5s unless --lock-timeout or the profile says otherwise), and never two at once. What
/// only the database has is dropped, which needs --allow-loss; --keep-extra leaves it alone.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright schema apply app.db schema.toml --dry-run
  dbwright schema apply prod schema.toml --scratch dev --keep-extra
  dbwright schema apply prod schema.sql --yes-on prod --lock-timeout 2s --online
  dbwright schema apply app.db migrations --rename film.stars=film.rating --yes")]
pub struct ApplyArgs {
    /// Profile, URL or SQLite file to change
    #[arg(value_name = "PROFILE|URL")]
    database: String,
    /// What it should be: a definition (.toml, .yaml, .json), a file of SQL (.sql), a folder of
    /// migrations, or another database
    #[arg(value_name = "DEFINITION|SQL|FOLDER")]
    wanted: String,
    /// Show the plan and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave alone the objects that only the database has
    #[arg(long)]
    keep_extra: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: ApplyArgs) -> Result<()> {
    let reading = args.change.reading();
    let [live, wanted] = sides::read(context, [&args.database, &args.wanted], reading)?;
    let Some(target) = live.target.clone() else {
        return Err(Error::usage(format!("{} is no database", args.database))
            .hint("the database comes first, and then what it should be"));
    };
    let (renames, open) = rename::settle(context, &live.catalog, &wanted.catalog, &args.change.renames)?;
    let mut way = way([&live, &wanted], renames, args.change.options(), args.keep_extra);
    way.tell(context);
    let reviewed = review(context, &live, std::mem::take(&mut way.plan))?;
    if !context.ui.wants_json() {
        print(context, &live, &way, &reviewed)?;
        rename::hint(context, &live.catalog, &open);
    }
    let applies = !args.dry_run && !reviewed.plan.steps.is_empty();
    let mut left = Vec::new();
    if applies {
        way.refuse_broken()?;
        plan::refuse_stopped(&reviewed)?;
        plan::confirm(context, &target, &reviewed, args.change.allow_loss)?;
        let now = apply(context, target, &live, &wanted, &reviewed, args.change.with_privileges)?;
        left = way.still([now, wanted.catalog.clone()], args.change.with_privileges);
    }
    if context.ui.wants_json() {
        let mut document = report::document(&live.catalog, &way);
        document["kind"] = json!("schema_apply");
        document["applied"] = json!(applies);
        document["plan"] = plan::document(&reviewed);
        document["rename_proposals"] =
            open.iter().map(|each| rename::argument(&live.catalog, each)).collect();
        context.ui.print_json(&document)?;
        return refuse_nothing(&way, &reviewed).and_then(|()| told(left, &reviewed));
    }
    refuse_nothing(&way, &reviewed)?;
    if applies {
        told(left, &reviewed)?;
        context.ui.status(&match reviewed.plan.left.is_empty() {
            true => format!("{} is now what {} says", live.label, wanted.label),
            false => format!("{} is now what {} says, but for what stays", live.label, wanted.label),
        });
    } else if args.dry_run && !reviewed.plan.steps.is_empty() {
        context.ui.status("a dry run: nothing was changed");
    }
    Ok(())
}

fn print(context: &Context, live: &Side, way: &Way, reviewed: &Reviewed) -> Result<()> {
    report::print(&context.ui, &live.catalog, way)?;
    match way.changes.is_empty() && reviewed.plan.steps.is_empty() {
        true => Ok(()),
        false => context.ui.print(&format!("\n{}", plan::show(&context.ui, "Plan", reviewed))),
    }
}

/// A difference that the plan passes over in silence is a failure of ours.
fn refuse_nothing(way: &Way, reviewed: &Reviewed) -> Result<()> {
    let Plan { steps, left } = &reviewed.plan;
    match !way.changes.is_empty() && steps.is_empty() && left.is_empty() {
        true => Err(Error::new(
            Kind::Partial,
            format!("no statement is known that makes these the same: {}", way.titles().join(", ")),
        )
        .hint("make them by hand; schema diff shows how they differ")),
        false => Ok(()),
    }
}

/// Runs the plan, and reads the database once more.
fn apply(
    context: &Context,
    mut target: Target,
    live: &Side,
    wanted: &Side,
    reviewed: &Reviewed,
    privileges: bool,
) -> Result<Catalog> {
    let patience = *target.lock_timeout.get_or_insert(LOCK_TIMEOUT);
    let mut session = context.open(&mut target)?;
    let work = Work { target: &target, from: live.as_read(), scope: sides::CHANGED, reviewed, patience };
    plan::run(context, session.as_mut(), &work)?;
    drop(session);
    let scope = Scope { privileges, ..Scope::default() };
    let mut now = read_from(context, &mut target, scope)?;
    if wanted.target.is_none() {
        migrations::leave_out(&mut now, &wanted.catalog);
    }
    Ok(now)
}

/// What differs although nothing was said to stay is a failure of ours, and is told as one.
fn told(left: Vec<String>, reviewed: &Reviewed) -> Result<()> {
    let expected = |title: &String| reviewed.plan.left.iter().any(|left| left.what.contains(title.as_str()));
    let unexpected: Vec<String> = left.into_iter().filter(|title| !expected(title)).collect();
    match unexpected.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            Kind::Partial,
            format!("all steps were done, and still differ: {}", unexpected.join(", ")),
        )
        .hint("schema diff shows how")),
    }
}
