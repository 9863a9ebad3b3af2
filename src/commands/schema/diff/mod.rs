//! `schema diff`: what makes one database's schema differ from another's.

mod report;

use clap::Args;

use super::read::read_catalog;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::diff::{Change, diff};
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
    /// Profile, URL or SQLite file to start from
    #[arg(value_name = "A")]
    from: String,
    /// Profile, URL or SQLite file to compare it with
    #[arg(value_name = "B")]
    to: String,
    /// Exit with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
    /// Compare owners and grants too
    #[arg(long)]
    with_privileges: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: DiffArgs) -> Result<()> {
    let scope = Scope { privileges: args.with_privileges, ..Scope::default() };
    let from = read_catalog(context, Some(&args.from), scope)?;
    let to = read_catalog(context, Some(&args.to), scope)?;
    if from.engine != to.engine {
        let (one, other) = (from.engine.title(), to.engine.title());
        return Err(Error::new(
            Kind::Unsupported,
            format!("A is {one} and B is {other}, whose schemas cannot be compared"),
        )
        .hint("compare databases of one engine"));
    }
    warn_of_unread(context, &args.from, &from);
    warn_of_unread(context, &args.to, &to);
    let changes = diff(&from, &to);
    print(context, &from, &to, &changes)?;
    match args.exit_code && !changes.is_empty() {
        true => Err(Error::new(Kind::Found, report::summary(&changes))),
        false => Ok(()),
    }
}

/// What nobody could see may differ as well.
fn warn_of_unread(context: &Context, argument: &str, catalog: &Catalog) {
    for unread in &catalog.unread {
        context.ui.warn(&format!("{argument}: {} could not be read: {}", unread.what, unread.why));
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
