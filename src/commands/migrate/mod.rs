//! `dbwright migrate`: files of SQL that are applied once, in their order, and noted in the database.

mod adopt;
mod baseline;
mod copy;
mod down;
mod files;
mod folder;
mod history;
mod hooks;
mod lint;
mod new;
mod open;
mod placeholders;
mod redo;
mod repair;
mod run;
mod settings;
mod status;
mod steps;
mod undo;
mod up;
mod verify;
mod watch;

pub use watch::who;

use clap::{Args, Subcommand};

use super::Context;
use super::formats::printed_below;
use crate::error::Result;

pub use files::read_files;

/// Apply migrations, take them back, and tell where a database stands
///
/// Reads the files of dbmate, golang-migrate, Flyway, goose, sqlx and sql-migrate as they are. What
/// was applied is kept in the table dbwright_migrations of the database itself.
#[derive(Debug, Args)]
#[command(
    arg(printed_below()),
    after_help = "\
Examples:
  dbwright migrate new add_rating
  dbwright migrate up app.db --dry-run
  dbwright migrate up prod --yes-on prod
  dbwright migrate status prod --exit-code
  dbwright migrate down app.db --steps 2
  dbwright migrate copy --from app.db --to postgres://me@host/app"
)]
pub struct MigrateArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do with migrations.
#[derive(Debug, Subcommand)]
enum Action {
    New(new::NewArgs),
    Up(up::UpArgs),
    Down(down::DownArgs),
    Redo(redo::RedoArgs),
    Status(status::StatusArgs),
    Baseline(baseline::BaselineArgs),
    Adopt(adopt::AdoptArgs),
    Repair(repair::RepairArgs),
    Verify(verify::VerifyArgs),
    Lint(lint::LintArgs),
    Copy(Box<copy::CopyArgs>),
}

/// Runs the command.
pub fn run(context: &Context, args: MigrateArgs) -> Result<()> {
    match args.action {
        Action::New(args) => new::run(context, args),
        Action::Up(args) => up::run(context, &args),
        Action::Down(args) => down::run(context, &args),
        Action::Redo(args) => redo::run(context, &args),
        Action::Status(args) => status::run(context, &args),
        Action::Baseline(args) => baseline::run(context, &args),
        Action::Adopt(args) => adopt::run(context, &args),
        Action::Repair(args) => repair::run(context, &args),
        Action::Verify(args) => verify::run(context, &args),
        Action::Lint(args) => lint::run(context, &args),
        Action::Copy(args) => copy::run(context, &args),
    }
}
