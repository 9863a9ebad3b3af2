//! `migrate baseline`: says that a database has all migrations up to one already.

use clap::Args;

use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::run::Author;
use super::up::find;
use crate::commands::{Context, interrupt};
use crate::error::{Error, Kind, Result};
use crate::migrations::Record;
use crate::ui::Guard;

/// Say that a database has all migrations up to one already, without running them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate baseline prod --at 20260131120000 --yes-on prod")]
pub struct BaselineArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// The last migration that the database has
    #[arg(long, value_name = "ID")]
    at: String,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: &BaselineArgs) -> Result<()> {
    let Opened { target, session, history, records, folder, .. } = Opened::open(context, &args.place, true)?;
    let id = find(&folder, &args.at)?;
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    let refuse = |records: &[Record]| match records.is_empty() {
        true => Ok(()),
        false => {
            Err(Error::new(Kind::Refused, format!("{} has a history of migrations already", target.label()))
                .hint("a baseline is the beginning of one; dbwright migrate status shows it"))
        }
    };
    refuse(&records)?;
    let covered = folder.migrations.iter().filter(|migration| migration.wanted.id <= id).count();
    let label = target.label();
    let summary = format!("{label} counts as having {covered} migrations, up to {id}; none of them is run");
    let (profile, protected) = (target.profile.as_deref(), target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    interrupt::listen()?;
    runner.claim()?;
    refuse(&runner.history()?)?;
    let author = Author::of(context, runner.session.as_ref());
    let begun = author.begin(&id.to_string(), "baseline");
    let record = Record { baseline: true, applied: true, position: 1, ..begun };
    let [_, insert] = runner.history.write(&record)?;
    runner.session.execute(&insert, &[])?;
    context.ui.status(&format!("the baseline of {label} is {id}"));
    Ok(())
}
