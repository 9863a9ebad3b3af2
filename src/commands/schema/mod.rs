//! `dbwright schema`: the catalog of a database: shown, written as SQL, checked.

mod dump;
mod lint;
mod lint_rules;
mod read;
mod show;

use clap::{Args, Subcommand};

use super::Context;
use super::formats::printed_below;
use crate::error::Result;

/// Show, dump and check the objects of a database
#[derive(Debug, Args)]
#[command(
    arg(printed_below()),
    after_help = "\
Examples:
  dbwright schema show app.db
  dbwright schema show prod --json
  dbwright schema lint prod"
)]
pub struct SchemaArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the catalog.
#[derive(Debug, Subcommand)]
enum Action {
    Show(show::ShowArgs),
    Dump(dump::DumpArgs),
    Lint(lint::LintArgs),
}

/// Runs the command.
pub fn run(context: &Context, args: SchemaArgs) -> Result<()> {
    match args.action {
        Action::Show(args) => show::run(context, args),
        Action::Lint(args) => lint::run(context, args),
        Action::Dump(args) => dump::run(context, args),
    }
}
