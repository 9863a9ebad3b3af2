//! `migrate copy`: a database moved to another engine or another server, and the proof that nothing
//! was lost.

mod build;
mod carry;
mod journal;
mod mapping;
mod numbers;
mod place;
mod report;
mod rows;

use std::collections::BTreeMap;
use std::time::Instant;

use clap::Args;

use self::build::{Schema, first};
use self::carry::OnReject;
use self::journal::Journal;
use self::mapping::Mapping;
use self::report::{Copied, Report};
use self::rows::Moving;
use crate::commands::backup::{in_parallel, open, usual_jobs};
use crate::commands::formats::printed_as;
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::backup::{Backup, Extract};
use crate::engine::copy::Seen;
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Scope;
use crate::model::progress::Unit;
use crate::model::target::Target;
use crate::ui::{Format, Guard, human};

/// Copy a database to another engine or server, and prove that nothing was lost
///
/// Schema, rows, indexes and keys, and where numbers stand, as one moment of the source shows them.
/// Each value arrives as it was or stops the copy: none is changed in silence. At the end every row is
/// read again where it went, and compared. What has no place on the other engine is listed.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate copy --from app.db --to postgres://me@host/app
  dbwright migrate copy --from shop --to new --jobs 4 --yes
  dbwright migrate copy --from mysql://me@host/shop --to shop.db --dry-run")]
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
    /// End well although something could not be carried over: it is listed all the same
    #[arg(long)]
    allow_loss: bool,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

type Sessions = Vec<Box<dyn Session>>;

/// Runs the command.
pub fn run(context: &Context, args: &CopyArgs) -> Result<()> {
    let mut from = context.target(Some(&args.from))?;
    let mut to = context.target(Some(&args.to))?;
    context.guard_protected(&mut from);
    context.guard_protected(&mut to);
    let jobs = args.jobs.map_or_else(usual_jobs, usize::from).max(1);
    let source = Source::open(context, &mut from, backup_of(&to)?.sessions(jobs))?;
    let copy = Copy { context, args, source, began: Instant::now() };
    copy.run(&mut to)
}

fn backup_of(target: &Target) -> Result<&'static dyn Backup> {
    engine_for(target.engine).backup().ok_or_else(|| {
        let title = target.engine.title();
        Error::new(Kind::Unsupported, format!("rows of {title} cannot be copied"))
    })
}

/// The database that is read, at one moment.
struct Source {
    target: Target,
    backup: &'static dyn Backup,
    sessions: Sessions,
    catalog: crate::model::catalog::Catalog,
    seen: Vec<Seen>,
    /// How the moment is held, for people.
    how: String,
}

impl Source {
    fn open(context: &Context, target: &mut Target, jobs: usize) -> Result<Source> {
        let backup = backup_of(target)?;
        interrupt::listen()?;
        let mut sessions = open(context, target, backup.sessions(jobs))?;
        let held = backup.hold(&mut sessions).map_err(interrupt::as_interrupted)?;
        let mut catalog = first(&mut sessions)?.catalog(Scope { sizes: true, ..Scope::default() })?;
        for unread in &catalog.unread {
            context.ui.warn(&format!("not read: {}: {}", unread.what, unread.why));
        }
        let seen = engine_for(target.engine).copying().look(first(&mut sessions)?, &mut catalog)?;
        Ok(Source { target: target.clone(), backup, sessions, catalog, seen, how: held.moment.how })
    }
}

struct Copy<'a> {
    context: &'a Context,
    args: &'a CopyArgs,
    source: Source,
    began: Instant,
}

impl Copy<'_> {
    fn run(mut self, to: &mut Target) -> Result<()> {
        let mapping = Mapping::of(self.source.catalog.clone(), to.engine);
        place::make_ready(self.context, to)?;
        let summary = self.summary(&mapping, to);
        if self.args.dry_run {
            self.context.ui.status(&format!("would {summary}"));
            return report::dry_run(self.context, &mapping, &self.source.seen);
        }
        self.context.ui.guard(&Guard {
            summary: &summary,
            profile: to.profile.as_deref(),
            protected: to.protected,
            loses: None,
            allow_loss: self.args.allow_loss,
        })?;
        let copied = self.fill(&mapping, to).map_err(|error| {
            let error = refused_by_profile(interrupt::as_interrupted(error), to);
            match error.kind() {
                Kind::Interrupted | Kind::Refused => error,
                _ => error.with_kind(Kind::Partial),
            }
            .hint(format!("{} is filled in part: empty it, and copy again", to.label()))
        })?;
        let report = Report {
            from: self.source.target.label(),
            to: to.label(),
            how: self.source.how,
            seen: self.source.seen,
            took: self.began.elapsed(),
            copied,
            allow_loss: self.args.allow_loss,
        };
        report.tell(self.context, &mapping)
    }

    fn summary(&self, mapping: &Mapping, to: &Target) -> String {
        let rows = mapping.rows().map(|rows| format!(", about {}", human::counted(rows, "rows")));
        let tables = human::counted(mapping.tables.len() as u64, "tables");
        let mut lines = vec![format!(
            "copy {} ({}, {tables}{}) into {} ({})",
            self.source.target.label(),
            self.source.target.engine.title(),
            rows.unwrap_or_default(),
            to.label(),
            to.engine.title()
        )];
        lines.extend(
            self.source.seen.iter().map(|seen| format!("  {}.{}: {}", seen.table, seen.column, seen.what)),
        );
        lines.extend(
            mapping
                .losses
                .iter()
                .map(|loss| format!("  not carried: {}: {}: {}", loss.object, loss.what, loss.reason)),
        );
        lines.join("\n")
    }

    /// Schema, rows, and all that comes behind them.
    fn fill(&mut self, mapping: &Mapping, to: &mut Target) -> Result<Vec<Copied>> {
        let engine = engine_for(to.engine);
        let (backup, copying) = (backup_of(to)?, engine.copying());
        let mut sessions = open(self.context, to, self.source.sessions.len())?;
        let _stoppable: Vec<_> = (self.source.sessions.iter().chain(&sessions))
            .map(|session| interrupt::guard(session.canceller()))
            .collect();
        for session in &mut sessions {
            // What the server remarks on statements of ours tells a person nothing; values that it
            // would change are errors, or found at the end.
            session.on_notice(Box::new(|notice| log::info!("{}: {}", notice.severity, notice.message)));
            copying.begin(session.as_mut(), mapping.own)?;
        }
        let schema = Schema::of(&mapping.to, backup);
        let journal = Journal::of(to.engine, &first(&mut sessions)?.catalog(Scope::default())?);
        build::one(first(&mut sessions)?, &journal.create())?;
        for statement in &schema.before {
            build::one(first(&mut sessions)?, &statement.sql)?;
        }
        let extracts = self.extracts(mapping)?;
        let moving = Moving {
            context: self.context,
            mapping,
            journal: &journal,
            on_reject: OnReject::Stop,
            rejects: None,
        };
        let notes = moving.run(&extracts, &mut self.source.sessions, &mut sessions)?;
        build::after(self.context, backup, &mut sessions, &schema.after)?;
        self.numbers(mapping, first(&mut sessions)?)?;
        self.analyze(backup, mapping, &mut sessions)?;
        let sums = rows::read_back(self.context, mapping, &mut sessions)?;
        let broken = place::broken_references(first(&mut sessions)?)?;
        build::one(first(&mut sessions)?, &journal.drop())?;
        match broken.first() {
            None => Ok(report::copied(mapping, &notes, sums)),
            Some(row) => Err(Error::new(
                Kind::Data,
                format!(
                    "{}: the first is {row}",
                    human::counted(broken.len() as u64, "references lead nowhere")
                ),
            )),
        }
    }

    fn extracts(&mut self, mapping: &Mapping) -> Result<Vec<Extract>> {
        let (catalog, choice) = mapping.source(&BTreeMap::new());
        engine_for(mapping.from.engine).copying().extracts(
            first(&mut self.source.sessions)?,
            &catalog,
            &choice,
        )
    }

    /// Where the numbers stand that the engine gives.
    fn numbers(&mut self, mapping: &Mapping, to: &mut dyn Session) -> Result<()> {
        let from = first(&mut self.source.sessions)?;
        let statements = match mapping.own {
            true => self.source.backup.values(from, &mapping.from)?,
            false => Vec::new(),
        };
        statements.iter().try_for_each(|sql| build::one(to, sql))?;
        match mapping.own && !statements.is_empty() {
            true => Ok(()),
            false => numbers::carry(mapping, from, to),
        }
    }

    fn analyze(&self, backup: &'static dyn Backup, mapping: &Mapping, sessions: &mut Sessions) -> Result<()> {
        let tables: Vec<_> = mapping.tables.iter().map(|pair| pair.to.clone()).collect();
        let analyze = backup.analyze(&tables);
        let task =
            self.context.ui.progress().task("analysing", Some(analyze.len() as u64), Unit::Count("tables"));
        in_parallel(analyze, sessions.iter_mut().collect(), |session, sql| {
            task.advance(1);
            session.execute(&sql, &[]).map(drop)
        })
        .map(drop)
    }
}
