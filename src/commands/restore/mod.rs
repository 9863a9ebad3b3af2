//! `dbwright restore`: a database made again from a backup.

mod accounts;
mod alone;
mod at;
mod build;
mod choose;
mod clean;
mod journal;
mod load;
mod place;
mod pool;
mod rows_only;
mod steps;

use clap::Args;
use serde_json::json;

use self::choose::Chosen;
use self::place::{Place, Wish};
use super::Context;
use super::backup::{Identities, choose, open_repository};
use super::formats::printed_as;
use crate::engine::engine_for;
use crate::error::{Error, Result};
use crate::model::progress::Unit;
use crate::model::snapshot::Form;
use crate::model::target::Target;
use crate::ui::{Format, Guard, human, summary};

pub use build::{Build, engine_of};
pub use rows_only::orphans;

/// Make a database again from a backup
///
/// Into a database that is empty, or one that is made for it (--as): nothing that is there is
/// overwritten, unless --clean says so. Every piece is compared with its sum before it is used. Rows are loaded by several
/// sessions at once, then keys and indexes are built, and the planner's statistics are gathered. A
/// restore that was killed or cut off goes on when the same command is run again.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright restore latest --repo backups --to copy.db --yes
  dbwright restore latest --repo /backups/prod --to dev --as shop_copy
  dbwright restore 20261123T19 --repo /backups/prod --to dev --as shop --no-privileges
  dbwright restore latest --repo /backups/prod --to dev --as shop --dry-run
  dbwright restore latest --repo /backups/prod --to prod --table shop.orders --yes-on prod
  dbwright restore latest --repo /backups/prod --to dev --clean --allow-loss
  dbwright restore latest --at 2026-11-23T10:00 --repo /backups/prod --to dev --as shop")]
pub struct RestoreArgs {
    /// The backup: `latest`, its id, or how that begins
    #[arg(value_name = "BACKUP")]
    backup: String,
    /// With `latest`: the newest backup that was begun at TIME or before. A time without a zone is
    /// that of this machine; a day alone means its end
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: Identities,
    /// The database or server to restore to [default: the default profile, or DATABASE_URL]
    #[arg(long, value_name = "PROFILE|URL")]
    to: Option<String>,
    /// Make a database of this name on the server, and restore into it
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Work with N sessions at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Without owners and grants
    #[arg(long)]
    no_privileges: bool,
    /// The roles or accounts of the backup too, those that the server does not have
    #[arg(long)]
    globals: bool,
    /// The schema without any rows
    #[arg(long)]
    schema_only: bool,
    /// Only tables that match, with what belongs to them: TABLE, SCHEMA.TABLE, or with * and ?
    #[arg(long = "table", value_name = "PATTERN")]
    tables: Vec<String>,
    /// The rows alone, into tables that are there
    #[arg(long, conflicts_with_all = ["schema_only", "name"])]
    data_only: bool,
    /// Drop first what is there: everything, or the tables of --table, or with --data-only their rows
    #[arg(long, conflicts_with = "name")]
    clean: bool,
    /// Go on although data is lost for good
    #[arg(long)]
    allow_loss: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &RestoreArgs) -> Result<()> {
    let repository = open_repository(context, args.repo.as_deref(), &args.identities)?;
    let _using = repository.in_use()?;
    let id = match &args.at {
        None => choose(&repository, &args.backup)?,
        Some(time) if args.backup == "latest" => at::newest(&repository, time)?,
        Some(_) => {
            return Err(Error::usage("--at chooses among all backups, and one was named")
                .hint("dbwright restore latest --at TIME"));
        }
    };
    let snapshot = repository.snapshot(&id)?;
    let mut target = context.target(args.to.as_deref())?;
    let in_part = args.schema_only || args.data_only || !args.tables.is_empty();
    place::fits(&snapshot, &target, in_part)?;
    if args.globals {
        accounts::refuse_none(&snapshot)?;
    }
    if !args.data_only && snapshot.partial.as_ref().is_some_and(|partial| partial.data_only) {
        return Err(Error::usage("this backup holds rows and no tables (--data-only)")
            .hint("restore --data-only loads them into tables that are there"));
    }
    let mut build = Build {
        context,
        repository: &repository,
        snapshot: &snapshot,
        jobs: args.jobs.map_or_else(super::backup::usual_jobs, usize::from),
        privileges: !args.no_privileges,
        schema_only: args.schema_only,
        globals: args.globals,
        data_only: args.data_only,
        clean: args.clean,
        chosen: None,
    };
    build.refuse_damaged()?;
    let chosen = chosen(&build, args)?;
    build.chosen = chosen.as_ref();
    context.guard_protected(&mut target);
    let place =
        place::find(context, target, &Wish { build: &build, clean: args.clean, name: args.name.as_deref() })?;
    let plan = plan(&build, &place, &args.tables);
    if args.dry_run {
        let begun = place.begun().map(|begun| begun.at.clone());
        return tell(context, &build, (place.target(), begun), &format!("would {plan}"), 0.0);
    }
    let loses = place.loses();
    context.ui.guard(&Guard {
        summary: &plan,
        profile: place.target().profile.as_deref(),
        protected: place.target().protected,
        loses: loses.as_deref(),
        allow_loss: args.allow_loss,
    })?;
    let began = std::time::Instant::now();
    let begun = place.begun().map(|begun| begun.at.clone());
    let target = place.make(context, &snapshot)?;
    build.run(&target)?;
    let (_, rows, bytes) = totals(&build);
    let amounts = [(bytes, Unit::Bytes), (rows, Unit::Count("rows"))];
    let words = summary("restored", &amounts, began.elapsed());
    tell(context, &build, (&target, begun), &words, began.elapsed().as_secs_f64())
}

/// The tables that are meant; all of them where rows go into tables that are there.
fn chosen(build: &Build<'_>, args: &RestoreArgs) -> Result<Option<Chosen>> {
    let patterns = match (args.tables.is_empty(), args.data_only) {
        (true, false) => return Ok(None),
        (true, true) => vec!["*".to_owned()],
        (false, _) => args.tables.clone(),
    };
    let engine = engine_of(build.snapshot)?;
    let kind = engine_for(engine);
    let backup = kind.backup().ok_or_else(|| Error::usage("backups of this engine cannot be restored"))?;
    let (before, after) = build.statements(backup)?;
    choose::choose(&[before, after].concat(), &patterns, kind.dialect(engine)).map(Some)
}

/// What will be done, for people.
fn plan(build: &Build<'_>, place: &Place, patterns: &[String]) -> String {
    let snapshot = build.snapshot;
    let mut lines = vec![format!(
        "restore {} ({}{} of {}, {}) into {}",
        snapshot.id,
        if snapshot.partial.is_some() { "a part of " } else { "" },
        snapshot.database,
        snapshot.started,
        amount(build),
        place.words()
    )];
    if let Some(chosen) = build.chosen.filter(|_| !patterns.is_empty()) {
        let names: Vec<String> = chosen.tables.iter().map(ToString::to_string).collect();
        lines.push(format!("  tables: {}", names.join(", ")));
    }
    if let Some(chosen) = build.chosen.filter(|_| !build.data_only) {
        let needed = chosen.needed_words();
        if !needed.is_empty() {
            lines.push(format!("  with what they need and is not there: {needed}"));
        }
        lines.extend(chosen.left_out.iter().map(|what| format!("  left out: {what}")));
    }
    if let Place::Tables(_, found) = place {
        lines.extend(found.defaulted.iter().map(|column| format!("  not in the backup: column {column}")));
        let others = snapshot.tables.iter().filter(|table| table.form == Form::Statements);
        lines.extend(others.map(|table| format!("  left out: {}", table.full_name())));
    }
    lines.extend(place.begun().map(|begun| format!("  goes on with {}", begun.words)));
    lines.extend(place.drops().map(|what| format!("  first {what}")));
    lines.join("\n")
}

/// Tables, rows and bytes that are restored.
fn totals(build: &Build<'_>) -> (u64, u64, u64) {
    if build.chosen.is_none() {
        let totals = &build.snapshot.totals;
        return (build.snapshot.tables.len() as u64, totals.rows, totals.bytes);
    }
    build.tables().fold((0, 0, 0), |sum, table| (sum.0 + 1, sum.1 + table.rows, sum.2 + table.bytes))
}

fn amount(build: &Build<'_>) -> String {
    let (tables, rows, bytes) = totals(build);
    let (tables, rows) = (human::counted(tables, "tables"), human::counted(rows, "rows"));
    format!("{tables}, {rows}, {}", human::bytes(bytes))
}

fn tell(
    context: &Context,
    build: &Build<'_>,
    (target, begun): (&Target, Option<String>),
    words: &str,
    seconds: f64,
) -> Result<()> {
    if !context.ui.wants_json() {
        context.ui.status(words);
        return Ok(());
    }
    let (tables, rows, bytes) = totals(build);
    let names: Option<Vec<String>> =
        build.chosen.map(|chosen| chosen.tables.iter().map(ToString::to_string).collect());
    context.ui.print_json(&json!({
        "version": 1,
        "kind": "restore",
        "id": build.snapshot.id,
        "to": target.label(),
        "database": target.database,
        "tables": tables,
        "chosen": names,
        "goes_on_from": begun,
        "rows": rows,
        "bytes": bytes,
        "seconds": seconds,
    }))
}
