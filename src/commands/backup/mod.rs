//! `dbwright backup`: databases kept in a repository, and what is known of them there.

mod args;
mod check;
mod create;
mod diff;
mod filter;
mod hooks;
mod keys;
mod list;
mod masking;
mod pace;
mod parallel;
mod proof;
mod prune;
mod read;
mod s3;
mod schedule;
mod show;
mod stream;
mod take;
mod unchanged;
mod verify;
mod wanted;

use clap::{Args, Subcommand};

use super::Context;
use crate::error::Result;

pub use args::{choose, newest as newest_of, repository_place, usual_jobs};
pub use create::open;
pub use filter::Filtered;
pub use keys::{Identities, open as open_repository};
pub use parallel::in_parallel;
pub use wanted::Wanted;

/// Back up a database, and look after what was backed up
///
/// Backups go to a repository: a folder in which a piece of a database that did not change is stored
/// once, whichever backups need it. So every backup is a full one, and the second is small.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  dbwright backup prod --repo /backups/prod
  dbwright backup list --repo /backups/prod
  dbwright backup verify latest --repo /backups/prod --restore
  dbwright backup prune --repo /backups/prod --keep-daily 7 --keep-monthly 12 --dry-run
  dbwright restore latest --repo /backups/prod --to dev --as shop_copy"
)]
pub struct BackupArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    create: Box<create::CreateArgs>,
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
enum Action {
    Create(Box<create::CreateArgs>),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Verify(verify::VerifyArgs),
    Prune(prune::PruneArgs),
    Diff(diff::DiffArgs),
    Check(check::CheckArgs),
    Schedule(schedule::ScheduleArgs),
}

/// Runs the command.
pub fn run(context: &Context, args: BackupArgs) -> Result<()> {
    match args.action {
        None => create::run(context, &args.create),
        Some(Action::Create(args)) => create::run(context, &args),
        Some(Action::List(args)) => list::run(context, &args),
        Some(Action::Show(args)) => show::run(context, &args),
        Some(Action::Verify(args)) => verify::run(context, &args),
        Some(Action::Prune(args)) => prune::run(context, &args),
        Some(Action::Diff(args)) => diff::run(context, &args),
        Some(Action::Check(args)) => check::run(context, &args),
        Some(Action::Schedule(args)) => schedule::run(context, &args),
    }
}
