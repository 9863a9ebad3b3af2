//! `dbwright schema`: the catalog of a database: shown, written as SQL.

mod dump;
mod lint;
mod lint_rules;
mod read;
mod show;

use clap::{Args, Subcommand};

use super::Context;
use super::formats::printed_below;
use crate::error::Result;

/// Show the objects of a database and write their definitions
#[derive(Debug, Args)]
#[command(
    arg(printed_below()),
    after_help = "\
Examples:
  dbwright schema show app.db
  dbwright schema show prod --json"
)]
pub struct SchemaArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the catalog.
#[derive(Debug, Subcommand)]
enum Action {
    Show(show::ShowArgs),
    Lint(lint::LintArgs),
    Dump(dump::DumpArgs),
}

/// Runs the command.
pub fn run(context: &Context, args: SchemaArgs) -> Result<()> {
    match args.action {
        Action::Show(args) => show::run(context, args),
        Action::Lint(args) => lint::run(context, args),
        Action::Dump(args) => dump::run(context, args),
    }
}
