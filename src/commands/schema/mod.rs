//! `dbwright schema`: the catalog of a database: shown, written as SQL.

mod diff;
mod docs;
mod lint;
mod lint_rules;
mod dump;
mod generate;
mod graph;
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
  dbwright schema show prod --json
  dbwright schema gen shop.toml --engine postgres"
  dbwright schema docs prod --out schema.html"
)]
pub struct SchemaArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the catalog.
#[derive(Debug, Subcommand)]
enum Action {
    #[command(name = "gen")]
    Generate(generate::GenerateArgs),
    Show(show::ShowArgs),
    Diff(diff::DiffArgs),
    Docs(docs::DocsArgs),
    Graph(graph::GraphArgs),
    Lint(lint::LintArgs),
    Dump(dump::DumpArgs),
}

/// Runs the command.
pub fn run(context: &Context, args: SchemaArgs) -> Result<()> {
    match args.action {
        Action::Generate(args) => generate::run(context, args),
        Action::Show(args) => show::run(context, args),
        Action::Diff(args) => diff::run(context, args),
        Action::Docs(args) => docs::run(context, args),
        Action::Graph(args) => graph::run(context, args),
        Action::Lint(args) => lint::run(context, args),
        Action::Dump(args) => dump::run(context, args),
    }
}
