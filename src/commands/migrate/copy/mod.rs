//! `migrate copy`: a database moved to another engine or another server, and the proof that nothing
//! was lost.

mod build;
mod carry;
mod fill;
mod journal;
mod mapping;
mod numbers;
mod place;
mod plan;
mod report;
mod rows;
mod source;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use self::carry::OnReject;
use self::fill::Filling;
use self::mapping::Mapping;
use self::place::Found;
use self::report::Report;
use self::source::{Source, backup_of};
use crate::commands::backup::usual_jobs;
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::definition::Loss;
use crate::error::{Error, Kind, Result};
use crate::model::target::Target;
use crate::ui::{Format, Guard};

/// Copy a database to another engine or server, and prove that nothing was lost
///
/// Schema, rows, indexes and keys, and where numbers stand, as one moment of the source shows them.
/// Each value arrives as it was or is refused: none is changed in silence. At the end every row is
/// read again where it went, and compared. What has no place on the other engine is listed. A copy that
/// was ended early goes on where it was when it is called again.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate copy --from app.db --to postgres://me@host/app --plan
  dbwright migrate copy --from app.db --to postgres://me@host/app --yes
  dbwright migrate copy --from shop --to new --jobs 4 --exclude-table 'log_*'
  dbwright migrate copy --from shop --to new --on-reject skip --rejects refused.ndjson
  dbwright migrate copy --from mysql://me@host/shop --to shop.db --data-only")]
pub struct CopyArgs {
    /// The database to copy: it is read, and not changed
    #[arg(long, value_name = "PROFILE|URL")]
    from: String,
    /// The database to fill, which must be empty; a SQLite file is made
    #[arg(long, value_name = "PROFILE|URL")]
    to: String,
    /// Work with N sessions on each side at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Copy these tables and views, with what belongs to them: SCHEMA.TABLE, `*` and `?` (repeatable)
    #[arg(long = "table", value_name = "PATTERN")]
    tables: Vec<String>,
    /// Leave these tables out, and what cannot be without them (repeatable)
    #[arg(long = "exclude-table", value_name = "PATTERN")]
    exclude_tables: Vec<String>,
    /// The schema without any rows
    #[arg(long, conflicts_with = "data_only")]
    schema_only: bool,
    /// The rows alone, into tables that are there and empty
    #[arg(long)]
    data_only: bool,
    /// What becomes of a row with a value that does not fit
    #[arg(long, value_name = "WORD", default_value = "stop")]
    on_reject: OnReject,
    /// The file that rows go to which were left out: a line of JSON each
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    rejects: Option<PathBuf>,
    /// What becomes of a date of zeros of MySQL and MariaDB
    #[arg(long, value_name = "WORD", default_value = "reject")]
    zero_dates: ZeroDates,
    /// End well although something could not be carried over: it is listed all the same
    #[arg(long)]
    allow_loss: bool,
    /// Show the statements, each column's type and rule, and what cannot be carried; change nothing
    #[arg(long, visible_alias = "plan")]
    dry_run: bool,
}

/// What becomes of dates of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ZeroDates {
    /// Its row does not fit
    Reject,
    /// NULL, where the column may be NULL
    Null,
}

/// Runs the command.
pub fn run(context: &Context, args: &CopyArgs) -> Result<()> {
    if args.on_reject == OnReject::Skip && args.rejects.is_none() {
        return Err(Error::usage("rows that are left out need a file to go to").hint("--rejects FILE"));
    }
    let began = Instant::now();
    let mut from = context.target(Some(&args.from))?;
    let mut to = context.target(Some(&args.to))?;
    context.guard_protected(&mut from);
    context.guard_protected(&mut to);
    refuse_same(&from, &to)?;
    let jobs = args.jobs.map_or_else(usual_jobs, usize::from).max(1);
    let mut source = Source::open(context, args, &mut from, &to, backup_of(&to)?.sessions(jobs))?;
    let found = place::look(context, args, &mut to)?;
    let mut mapping = Mapping::of(source.catalog.clone(), to.engine, &source.seen);
    if let (true, Found::There(catalog)) = (args.data_only, &found) {
        mapping = mapping.onto(catalog.as_ref().clone());
    }
    mapping.losses.extend(source.beside.iter().map(|what| Loss {
        object: source.target.label(),
        what: what.clone(),
        reason: "only what is in tables is copied".to_owned(),
    }));
    let plan = plan::Plan { source: &source, mapping: &mapping, to: &to, args };
    if args.dry_run {
        return plan.show(context);
    }
    let summary = plan.summary(&found);
    context.ui.guard(&Guard {
        summary: &summary,
        profile: to.profile.as_deref(),
        protected: to.protected,
        loses: None,
        allow_loss: args.allow_loss,
    })?;
    let filling = Filling { context, args, mapping: &mapping, found: &found, jobs };
    let filled = filling.run(&mut source, &mut to).map_err(|error| explained(error, &to))?;
    let report = Report {
        from: source.target.label(),
        to: to.label(),
        how: source.how,
        seen: source.seen,
        took: began.elapsed(),
        filled,
        allow_loss: args.allow_loss,
    };
    report.tell(context, &mapping)
}

fn refuse_same(from: &Target, to: &Target) -> Result<()> {
    let place = |target: &Target| {
        (target.engine, target.hosts.clone(), target.socket.clone(), target.database.clone())
    };
    match place(from) == place(to) {
        true => Err(Error::usage("both are the same database")),
        false => Ok(()),
    }
}

fn explained(error: Error, to: &Target) -> Error {
    let error = refused_by_profile(interrupt::as_interrupted(error), to);
    match error.kind() {
        Kind::Refused | Kind::Locked | Kind::Usage => error,
        Kind::Interrupted => error.hint("the same command goes on where it was"),
        _ => error.with_kind(Kind::Partial).hint("the same command goes on where it was"),
    }
}
