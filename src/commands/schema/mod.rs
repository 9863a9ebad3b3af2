//! `dbwright schema`: the catalog of a database: shown, written as SQL, made for another engine,
//! compared, changed, documented and checked.

mod apply;
mod change;
mod change_args;
mod code;
mod diff;
mod docs;
mod dump;
mod follow;
mod generate;
mod graph;
mod keep;
mod lint;
mod read;
mod rename;
mod scratch;
mod show;
mod sides;
mod source;
mod statements;
mod stuck;
mod unsaid;

use clap::{Args, Subcommand};

pub use change_args::ChangeArgs;
pub use diff::{Section, migration_sections, title};
pub use generate::engine;
pub use show::choose::matching;

use super::Context;
use super::formats::printed_below;
use crate::error::Result;

/// Show, write, compare, change, document and check the objects of a database
#[derive(Debug, Args)]
#[command(
    arg(printed_below()),
    after_help = "\
Examples:
  dbwright schema show prod
  dbwright schema dump prod > schema.sql
  dbwright schema gen --from prod --engine sqlite
  dbwright schema diff staging prod --exit-code
  dbwright schema apply prod schema.toml --dry-run
  dbwright schema docs prod --out schema.html
  dbwright schema lint prod --format github"
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
    #[command(name = "gen")]
    Generate(generate::GenerateArgs),
    Diff(diff::DiffArgs),
    Apply(apply::ApplyArgs),
    Docs(docs::DocsArgs),
    Graph(graph::GraphArgs),
    Lint(lint::LintArgs),
}

/// Runs the command.
pub fn run(context: &Context, args: SchemaArgs) -> Result<()> {
    match args.action {
        Action::Show(args) => show::run(context, args),
        Action::Dump(args) => dump::run(context, args),
        Action::Generate(args) => generate::run(context, args),
        Action::Diff(args) => diff::run(context, args),
        Action::Apply(args) => apply::run(context, args),
        Action::Docs(args) => docs::run(context, args),
        Action::Graph(args) => graph::run(context, args),
        Action::Lint(args) => lint::run(context, args),
    }
}
