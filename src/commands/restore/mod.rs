//! `dbwright restore`: a database made again from a backup.

mod at;
mod build;
mod place;

use clap::Args;
use serde_json::json;

use super::Context;
use super::backup::{choose, repository_place};
use super::formats::printed_as;
use crate::error::{Error, Result};
use crate::model::progress::Unit;
use crate::model::snapshot::Snapshot;
use crate::model::target::Target;
use crate::store::Repository;
use crate::ui::{Format, Guard, human, summary};

pub use build::{Build, engine_of};

/// Make a database again from a backup
///
/// Into a database that is empty, or one that is made for it (--as): nothing that is there is ever
/// overwritten. Every piece is compared with its sum before it is used. Rows are loaded by several
/// sessions at once, then keys and indexes are built, and the planner's statistics are gathered.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright restore latest --repo backups --to copy.db --yes
  dbwright restore latest --repo /backups/prod --to dev --as shop_copy
  dbwright restore 20261123T19 --repo /backups/prod --to dev --as shop --no-privileges
  dbwright restore latest --repo /backups/prod --to dev --as shop --dry-run
  dbwright restore latest --at 2026-11-23T10:00 --repo /backups/prod --to dev --as shop")]
pub struct RestoreArgs {
    /// The backup: `latest`, its id, or how that begins
    #[arg(value_name = "BACKUP")]
    backup: String,
    /// With `latest`: the newest backup that was begun at TIME or before. A time without a zone is
    /// that of this machine; a day alone means its end
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The folder of the repository [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
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
    /// The schema without any rows
    #[arg(long)]
    schema_only: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &RestoreArgs) -> Result<()> {
    let repository = Repository::open(&repository_place(context, args.repo.as_deref())?)?;
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
    place::fits(&snapshot, &target, args.schema_only)?;
    let build = Build {
        context,
        repository: &repository,
        snapshot: &snapshot,
        jobs: args.jobs.map_or_else(super::backup::usual_jobs, usize::from),
        privileges: !args.no_privileges,
        schema_only: args.schema_only,
    };
    build.refuse_damaged()?;
    context.guard_protected(&mut target);
    let place = place::find(context, target, args.name.as_deref())?;
    let plan = format!(
        "restore {} ({} of {}, {}) into {}",
        snapshot.id,
        snapshot.database,
        snapshot.started,
        amount(&snapshot),
        place.words()
    );
    if args.dry_run {
        return tell(context, &snapshot, place.target(), &format!("would {plan}"), 0.0);
    }
    context.ui.guard(&Guard {
        summary: &plan,
        profile: place.target().profile.as_deref(),
        protected: place.target().protected,
        loses: None,
        allow_loss: false,
    })?;
    let began = std::time::Instant::now();
    let target = place.make(context, &snapshot)?;
    build.run(&target)?;
    let amounts = [(snapshot.totals.bytes, Unit::Bytes), (snapshot.totals.rows, Unit::Count("rows"))];
    tell(
        context,
        &snapshot,
        &target,
        &summary("restored", &amounts, began.elapsed()),
        began.elapsed().as_secs_f64(),
    )
}

fn amount(snapshot: &Snapshot) -> String {
    let tables = human::counted(snapshot.tables.len() as u64, "tables");
    let rows = human::counted(snapshot.totals.rows, "rows");
    format!("{tables}, {rows}, {}", human::bytes(snapshot.totals.bytes))
}

fn tell(context: &Context, snapshot: &Snapshot, target: &Target, words: &str, seconds: f64) -> Result<()> {
    if !context.ui.wants_json() {
        context.ui.status(words);
        return Ok(());
    }
    context.ui.print_json(&json!({
        "version": 1,
        "kind": "restore",
        "id": snapshot.id,
        "to": target.label(),
        "database": target.database,
        "tables": snapshot.tables.len(),
        "rows": snapshot.totals.rows,
        "bytes": snapshot.totals.bytes,
        "seconds": seconds,
    }))
}
