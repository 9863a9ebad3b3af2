//! `schema diff`: what makes one schema differ from another, and what would change the one into the
//! other.

mod migration;
pub(super) mod report;

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::change::{Way, review, way};
use super::change_args::ChangeArgs;
use super::rename;
use super::sides::{self, Side};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::commands::plan::{self, Reviewed};
use crate::error::{Error, Kind, Result};
use crate::model::plan::Rename;
use crate::ui::Format;

pub use migration::Section;
pub use report::title;

/// Show what differs between two schemas, and the plan that changes A into B
///
/// `+` is only in B, `-` only in A, `~` in both but different. A and B are each a profile, a URL, a
/// SQLite file, a definition (.toml, .yaml, .json), a file of SQL (.sql), a folder of migrations, or a
/// repository of backups (its newest; a manifest in it for that one). Nothing is changed.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json, Format::Sql])), after_help = "\
Examples:
  dbwright schema diff staging prod
  dbwright schema diff prod schema.toml --scratch dev
  dbwright schema diff prod schema.sql --as-migration add_rating --rename film.stars=film.rating
  dbwright schema diff migrations schema.toml --engine sqlite
  dbwright schema diff staging prod --exit-code --quiet && echo no drift
  dbwright schema diff staging prod --format sql --online > change.sql
  dbwright schema diff staging prod --json | jq -r '.changes[].title'")]
pub struct DiffArgs {
    /// What to start from
    #[arg(value_name = "A")]
    from: String,
    /// What to compare it with
    #[arg(value_name = "B")]
    to: String,
    /// Exit with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
    /// Show the plan that takes it back, too; with --format sql instead
    #[arg(long)]
    undo: bool,
    /// Write the plan and its undo as a migration into the folder of --dir
    #[arg(long, value_name = "NAME")]
    as_migration: Option<String>,
    /// The folder of migrations
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "migrations",
        value_hint = ValueHint::DirPath,
        requires = "as_migration"
    )]
    dir: PathBuf,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: DiffArgs) -> Result<()> {
    let [from, to] = sides::read(context, [&args.from, &args.to], args.change.reading())?;
    let (renames, open) = rename::settle(context, &from.catalog, &to.catalog, &args.change.renames)?;
    let mut way = way([&from, &to], renames, args.change.options(), false);
    way.tell(context);
    let plan = review(context, &from, std::mem::take(&mut way.plan))?;
    let undo = Reviewed::unseen(std::mem::take(&mut way.undo));
    let found = Found { from: &from, way: &way, open: &open, plan: &plan, undo: &undo };
    found.print(context, &args)?;
    if let Some(name) = &args.as_migration {
        way.refuse_stuck()?;
        plan::refuse_loss(&plan, args.change.allow_loss)?;
        match plan.plan.steps.is_empty() {
            true => context.ui.status("there is nothing to do, and no migration was written"),
            false => {
                let path = migration::write(&args.dir, name, from.catalog.engine, &plan, &undo)?;
                context.ui.status(&format!("wrote {}", path.display()));
            }
        }
    }
    let differs = !way.changes.is_empty() || !way.renames.is_empty();
    match args.exit_code && differs {
        true => Err(Error::new(Kind::Found, report::summary(&way))),
        false => Ok(()),
    }
}

/// What changes A into B and what takes that back, for a migration in whatever style; None when there
/// is nothing to do.
pub fn migration_sections(
    context: &Context,
    sides: [&String; 2],
    args: &ChangeArgs,
) -> Result<Option<[Section; 2]>> {
    let [from, to] = sides::read(context, sides.map(String::as_str), args.reading())?;
    let (renames, open) = rename::settle(context, &from.catalog, &to.catalog, &args.renames)?;
    let mut way = way([&from, &to], renames, args.options(), false);
    way.tell(context);
    let plan = review(context, &from, std::mem::take(&mut way.plan))?;
    let undo = Reviewed::unseen(std::mem::take(&mut way.undo));
    rename::hint(context, &from.catalog, &open);
    context.ui.status(&report::summary(&way));
    plan::refuse_loss(&plan, args.allow_loss)?;
    if plan.plan.steps.is_empty() {
        return Ok(None);
    }
    let engine = from.catalog.engine;
    Ok(Some([Section::of(engine, &plan)?, Section::of(engine, &undo)?]))
}

/// All that was found out.
struct Found<'a> {
    from: &'a Side,
    way: &'a Way,
    /// Renames that nobody has agreed to.
    open: &'a [Rename],
    plan: &'a Reviewed,
    undo: &'a Reviewed,
}

impl Found<'_> {
    fn print(&self, context: &Context, args: &DiffArgs) -> Result<()> {
        match context.ui.format() {
            Some(Format::Json) => context.ui.print_json(&self.document()),
            Some(Format::Sql) => self.print_sql(context, args),
            _ => self.print_text(context, args),
        }
    }

    fn print_text(&self, context: &Context, args: &DiffArgs) -> Result<()> {
        let ui = &context.ui;
        report::print(ui, &self.from.catalog, self.way)?;
        rename::hint(context, &self.from.catalog, self.open);
        if self.way.changes.is_empty() && self.plan.plan.steps.is_empty() {
            return Ok(());
        }
        let mut text = format!("\n{}", plan::show(ui, "Plan", self.plan));
        if args.undo {
            text.push_str(&format!("\n{}", plan::show(ui, "Undo", self.undo)));
        }
        ui.print(&text)?;
        if !args.undo {
            ui.status(&format!("to take it back: {} (--undo shows them)", plan::totals(self.undo)));
        }
        Ok(())
    }

    /// Only what can be run; the rest goes to standard error.
    fn print_sql(&self, context: &Context, args: &DiffArgs) -> Result<()> {
        let (engine, catalog) = (self.from.catalog.engine, &self.from.catalog);
        rename::hint(context, catalog, self.open);
        let printed = if args.undo { self.undo } else { self.plan };
        if let Err(error) = plan::refuse_loss(printed, args.change.allow_loss) {
            context.ui.status(&report::text(&context.ui, catalog, self.way, false));
            return Err(error);
        }
        context.ui.status(&report::summary(self.way));
        let script = plan::script(printed, engine, true)?;
        if script.is_empty() { Ok(()) } else { context.ui.print(&script) }
    }

    fn document(&self) -> serde_json::Value {
        let mut document = report::document(&self.from.catalog, self.way);
        let open = self.open.iter().map(|rename| rename::argument(&self.from.catalog, rename));
        document["rename_proposals"] = open.collect();
        document["plan"] = plan::document(self.plan);
        document["undo"] = plan::document(self.undo);
        document
    }
}
