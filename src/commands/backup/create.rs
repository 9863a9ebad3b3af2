//! `backup create`: one more backup.

use clap::Args;
use serde_json::json;

use super::args::{backup_type, compression, place_of, settled, usual_jobs};
use super::hooks::{Hooks, Told};
use super::keys::Recipients;
use super::masking;
use super::pace::{self, Pace};
use super::read::Reading;
use super::stream;
use super::take::Taking;
use super::wanted::Wanted;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::engine::backup::Backup;
use crate::engine::{self, Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::progress::Unit;
use crate::model::snapshot::Snapshot;
use crate::model::target::Target;
use crate::store::Repository;
use crate::ui::{Format, summary};

/// Back up a database
///
/// All of it at one moment, while others go on writing: what builds the schema, every row, and where
/// sequences stand. Nothing but dbwright is needed for it, and no program of the server's. The id of
/// the backup is printed when it is whole; until then nothing of it counts.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup create app.db --repo backups
  dbwright backup create prod --repo /backups/prod --jobs 4
  dbwright backup create prod --table orders --table 'audit.*' --where 'orders=id > 1000'
  dbwright backup create prod --mask customers.email=fake --max-rate 20MB
  dbwright backup create prod --stdout | psql -1 -v ON_ERROR_STOP=1 -d copy
  dbwright backup create prod --json")]
pub struct CreateArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// The folder of the repository, or s3://BUCKET/PREFIX; made when it is not there [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    /// Read with N sessions at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// zstd, gzip or none [default: zstd]
    #[arg(long, value_name = "WORD")]
    compression: Option<String>,
    /// The roles or accounts of the server too, with the hashes of their passwords
    #[arg(long)]
    globals: bool,
    #[command(flatten)]
    encryption: Recipients,
    /// full reads all; incremental not what provably did not change since the newest backup, nor
    /// differential since the newest full one [default: full]
    #[arg(long = "type", value_name = "TYPE")]
    backup_type: Option<String>,
    /// Read all, whatever the type
    #[arg(long)]
    paranoid: bool,
    /// Go on without what this user may not read
    #[arg(long)]
    incomplete: bool,
    /// Read no more than so many bytes of rows a second: 20MB, 64KiB
    #[arg(long, value_name = "BYTES", value_parser = pace::rate)]
    max_rate: Option<u64>,
    /// Write SQL for the server's own client to standard output instead of a repository
    #[arg(long, conflicts_with_all = ["repo", "compression", "jobs", "globals", "encrypt_to", "encrypt_to_file"])]
    stdout: bool,
    #[command(flatten)]
    wanted: Wanted,
}

/// Runs the command.
pub fn run(context: &Context, args: &CreateArgs) -> Result<()> {
    let (mut target, mut settings) = settled(context, args.target.as_deref())?;
    context.guard_protected(&mut target);
    let backup = engine_for(target.engine).backup().ok_or_else(|| {
        Error::new(Kind::Unsupported, format!("backups of {} cannot be made", target.engine.title()))
    })?;
    let compression = match &args.compression {
        Some(word) => compression(word)?,
        None => settings.compression.unwrap_or_default(),
    };
    let backup_type = match &args.backup_type {
        Some(word) => backup_type(word)?,
        None => settings.backup_type.unwrap_or_default(),
    };
    let jobs = args.jobs.map(usize::from).or(settings.jobs).unwrap_or_else(usual_jobs).max(1);
    let wanted = args.wanted.over(std::mem::take(&mut settings.wanted))?;
    refuse_parts_of_a_file(backup, &wanted, &target)?;
    let variable = |name: &str| context.env.variable(name).map(str::to_owned);
    let mask_key = masking::key(wanted.mask_key_env.as_deref(), variable)?;
    let taking = Taking { context, backup, wanted, mask_key, incomplete: args.incomplete };
    let pace = args.max_rate.or(settings.max_rate).map(Pace::new);
    let profile = target.profile.clone().unwrap_or_default();
    if args.stdout {
        refuse_a_file_as_statements(backup, &target)?;
        let told = Told { profile: &profile, ..Told::default() };
        return hooked(context, &settings.hooks, told, || {
            let sessions = open(context, &mut target, 1)?;
            stream::run(&taking, sessions, pace.as_ref())?;
            Ok(String::new())
        });
    }
    let place = place_of(args.repo.as_deref(), &settings)?;
    let recipients = args.encryption.read(&settings)?;
    let globals = args.globals || settings.globals;
    let told = Told { profile: &profile, repository: &place, ..Told::default() };
    hooked(context, &settings.hooks, told, || {
        // The database first: a repository that nothing was put into would be left.
        let sessions = open(context, &mut target, backup.sessions(jobs))?;
        let repository = Repository::open_or_make(&place, recipients)?;
        let _using = repository.in_use()?;
        let reading = Reading {
            context,
            repository: &repository,
            backup,
            compression,
            jobs,
            globals,
            taking,
            pace,
            backup_type,
            paranoid: args.paranoid,
        };
        let snapshot = reading.run(target.profile.clone(), sessions)?;
        tell(context, &repository, &snapshot)?;
        Ok(snapshot.id)
    })
}

/// Makes the backup, of which it is given the id, between the commands that the profile wants run.
fn hooked(
    context: &Context,
    hooks: &Hooks,
    told: Told<'_>,
    make: impl FnOnce() -> Result<String>,
) -> Result<()> {
    hooks.before(told)?;
    match make() {
        Ok(id) => hooks.after(Told { id: &id, ..told }),
        Err(error) => {
            if let Err(failed) = hooks.failure(told) {
                context.ui.warn(&failed.to_string());
            }
            Err(error)
        }
    }
}

fn refuse_a_file_as_statements(backup: &dyn Backup, target: &Target) -> Result<()> {
    if backup.reads_tables() {
        return Ok(());
    }
    let title = target.engine.title();
    Err(Error::new(
        Kind::Unsupported,
        format!("a backup of {title} is an image of the file, and no statements"),
    )
    .hint("make one with --repo; its chunks, one after the other, are the file: docs/backup-format.md")
    .hint("sqlite3 FILE .dump writes statements"))
}

fn refuse_parts_of_a_file(backup: &dyn Backup, wanted: &Wanted, target: &Target) -> Result<()> {
    if backup.reads_tables() || wanted.is_all() {
        return Ok(());
    }
    let title = target.engine.title();
    Err(Error::new(
        Kind::Unsupported,
        format!("a backup of {title} is an image of the file: it cannot leave anything out"),
    )
    .hint("leave the filters away; to pass on a part, delete from a restored copy what it must not hold"))
}

/// Sessions that are alike.
pub fn open(context: &Context, target: &mut Target, count: usize) -> Result<Vec<Box<dyn Session>>> {
    let mut sessions = vec![context.open(target)?];
    while sessions.len() < count {
        sessions.push(engine::open(target)?);
    }
    Ok(sessions)
}

fn tell(context: &Context, repository: &Repository, snapshot: &Snapshot) -> Result<()> {
    let totals = &snapshot.totals;
    let took = std::time::Duration::from_secs_f64(snapshot.seconds);
    let amounts = [(totals.bytes, Unit::Bytes), (totals.rows, Unit::Count("rows"))];
    context.ui.status(&summary("backed up", &amounts, took));
    context.ui.status(&format!(
        "stored {}, of which {} are new, in {}",
        crate::ui::human::bytes(totals.stored),
        crate::ui::human::bytes(totals.new),
        repository.place()
    ));
    if let Some(base) = &snapshot.base {
        context.ui.status(&format!(
            "{}: {} of {} did not change since {base}, and were not read",
            snapshot.backup_type.word(),
            snapshot.not_read(),
            crate::ui::human::counted(snapshot.tables.len() as u64, "tables")
        ));
    }
    context.ui.status(&format!("one moment by {}", snapshot.moment.how));
    if let Some(partial) = &snapshot.partial {
        context.ui.status(&format!("partial: {}", partial.words().join(" ")));
        partial.left_out.iter().for_each(|what| context.ui.warn(&format!("left out: {what}")));
    }
    if !snapshot.masked.is_empty() {
        let told: Vec<String> = snapshot.masked.iter().map(ToString::to_string).collect();
        context.ui.status(&format!("masked: {}", told.join(", ")));
    }
    match context.ui.wants_json() {
        false => context.ui.print(&format!("{}\n", snapshot.id)),
        true => context.ui.print_json(&json!({
            "version": 1,
            "kind": "backup_create",
            "id": snapshot.id,
            "repository": repository.place(),
            "engine": snapshot.engine,
            "database": snapshot.database,
            "started": snapshot.started,
            "seconds": snapshot.seconds,
            "type": snapshot.backup_type,
            "tables": snapshot.tables.len(),
            "not_read": snapshot.not_read(),
            "rows": totals.rows,
            "bytes": totals.bytes,
            "stored": totals.stored,
            "new": totals.new,
            "moment": snapshot.moment,
            "partial": snapshot.partial,
            "masked": snapshot.masked,
        })),
    }
}
