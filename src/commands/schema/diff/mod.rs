//! `schema diff`: what makes one database's schema differ from another's.

mod report;

use clap::Args;

use super::generate::engine;
use super::sides::{self, Reading};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Catalog;
use crate::model::diff::{Change, diff};
use crate::model::target::EngineKind;
use crate::ui::{Format, Style};

/// Show what differs between the schemas of two databases
///
/// `+` is only in B, `-` only in A, `~` in both but different.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright schema diff staging prod
  dbwright schema diff before.db after.db
  dbwright schema diff staging prod --exit-code --quiet && echo no drift
  dbwright schema diff staging prod --json | jq -r '.changes[].title'")]
pub struct DiffArgs {
    /// What to start from: a profile, URL, SQLite file, definition (.toml, .yaml, .json), file of SQL
    /// (.sql), or folder of migrations
    #[arg(value_name = "A")]
    from: String,
    /// What to compare it with: the same
    #[arg(value_name = "B")]
    to: String,
    /// Exit with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
    /// A server where a database may be made for a moment, to load files into
    #[arg(long, value_name = "PROFILE|URL")]
    scratch: Option<String>,
    /// The engine that files are written for [default: that of the other side, or of --scratch]
    #[arg(long, value_name = "ENGINE", value_parser = engine)]
    engine: Option<EngineKind>,
    /// Compare owners and grants too, which only databases have
    #[arg(long)]
    with_privileges: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: DiffArgs) -> Result<()> {
    let reading =
        Reading { engine: args.engine, scratch: args.scratch.as_deref(), privileges: args.with_privileges };
    let [from, to] = sides::read(context, [&args.from, &args.to], reading)?;
    let (from, to) = (from.catalog, to.catalog);
    let changes = diff(&from, &to);
    print(context, &from, &to, &changes)?;
    match args.exit_code && !changes.is_empty() {
        true => Err(Error::new(Kind::Found, report::summary(&changes))),
        false => Ok(()),
    }
}

fn print(context: &Context, from: &Catalog, to: &Catalog, changes: &[Change]) -> Result<()> {
    if context.ui.wants_json() {
        return context.ui.print_json(&report::document(from, to, changes));
    }
    let mut text = String::new();
    for line in report::lines(from, to, changes) {
        let style = match line.mark {
            report::Mark::Comes => Style::Green,
            report::Mark::Goes => Style::Red,
            report::Mark::Changes => Style::Yellow,
        };
        text.push_str(&context.ui.paint(style, &format!("{} {}", line.mark.sign(), line.text)));
        text.push('\n');
    }
    if !text.is_empty() {
        context.ui.print(&text)?;
    }
    context.ui.status(&report::summary(changes));
    Ok(())
}
