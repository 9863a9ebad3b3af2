//! Where migrations are and where they go: the folder, the database, and its history.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};

use super::folder::Folder;
use super::history::History;
use super::hooks::Hooks;
use super::run::Runner;
use super::settings::{Settings, settled};
use super::watch::Watch;
use crate::commands::Context;
use crate::config::parse_duration;
use crate::engine::Session;
use crate::error::{Error, Kind, Result};
use crate::migrations::Record;
use crate::model::target::Target;

/// How long a lock is waited for when nothing else is said: a short transaction may end, and not
/// everybody who comes after us has to wait for long.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// Looked for in this order.
const FOLDERS: [&str; 2] = ["migrations", "db/migrations"];

/// The database and the folder.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// Profile, URL or SQLite file
    #[arg(value_name = "PROFILE|URL")]
    pub target: Option<String>,
    /// The folder of migrations [default: that of the profile, or migrations, or db/migrations]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// The value of a placeholder, in files that have placeholders
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// How a run behaves beside others.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// How long another run on the same database is waited for
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = parse_duration)]
    pub wait: Duration,
    /// How often a migration is tried again that could not have a lock within --lock-timeout
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub lock_retries: u32,
}

/// A database with its history, and the folder.
pub struct Opened {
    pub target: Target,
    pub session: Box<dyn Session>,
    pub history: History,
    /// The rows of the history; none where there is no table.
    pub records: Vec<Record>,
    pub folder: Folder,
    pub settings: Settings,
}

impl Opened {
    /// Opens both; a protected profile so that nothing can be changed, where that is not meant.
    pub fn open(context: &Context, place: &PlaceArgs, changes: bool) -> Result<Opened> {
        Opened::with(context, place, changes, false)
    }

    /// Opens both for a command that runs no migration: values of placeholders may be missing.
    pub fn to_tell(context: &Context, place: &PlaceArgs) -> Result<Opened> {
        Opened::with(context, place, false, true)
    }

    fn with(context: &Context, place: &PlaceArgs, changes: bool, only_told: bool) -> Result<Opened> {
        let (mut target, mut settings) = settled(context, place.target.as_deref())?;
        settings.placeholders.set(&place.set)?;
        settings.placeholders.only_told = only_told;
        let dir = match &place.dir {
            Some(dir) => dir.clone(),
            None => settings.dir.clone().unwrap_or_else(usual_folder),
        };
        if !changes {
            context.guard_protected(&mut target);
        }
        target.lock_timeout.get_or_insert(LOCK_TIMEOUT);
        if !dir.is_dir() {
            return Err(Error::new(Kind::Config, format!("there is no folder {}", dir.display()))
                .hint("make the first migration: dbwright migrate new NAME")
                .hint("or say where they are: --dir FOLDER, or dir in the profile's table migrations"));
        }
        let (folder, Known { session, history, records }) = both(context, &dir, &mut target, &settings)?;
        if !folder.ignored.is_empty() {
            context.ui.warn(&format!(
                "{}: no migrations, and left out: {}",
                dir.display(),
                folder.ignored.join(", ")
            ));
        }
        Ok(Opened { target, session, history, records, folder, settings })
    }
}

/// The database, and what it knows of migrations.
struct Known {
    session: Box<dyn Session>,
    history: History,
    records: Vec<Record>,
}

impl Known {
    fn read(context: &Context, target: &mut Target, schema: Option<&str>) -> Result<Known> {
        let mut session = context.open(target)?;
        let history = History::of(session.as_ref(), schema);
        let records = history.read(session.as_mut())?.unwrap_or_default();
        Ok(Known { session, history, records })
    }
}

/// Reads the folder while the server answers. What is wrong with the folder is told first.
fn both(context: &Context, dir: &Path, target: &mut Target, settings: &Settings) -> Result<(Folder, Known)> {
    let wanted = target.engine;
    let (folder, known) = std::thread::scope(|scope| {
        let folder = scope.spawn(|| Folder::read(dir, wanted, &settings.placeholders));
        let known = Known::read(context, target, settings.schema.as_deref());
        (folder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), known)
    });
    let (folder, known) = (folder?, known?);
    // The server at a URL of MySQL may be a MariaDB.
    let engine = known.session.server().engine;
    match engine == wanted {
        true => Ok((folder, known)),
        false => Ok((Folder::of(dir, folder.files, engine, &settings.placeholders)?, known)),
    }
}

/// A runner over what was opened.
pub fn runner<'a>(
    context: &'a Context,
    target: &'a Target,
    folder: &'a Folder,
    session: Box<dyn Session>,
    history: History,
    run: &RunArgs,
) -> Runner<'a> {
    let (patience, retries, waiting) = (run.wait, run.lock_retries, Vec::new());
    let watch = Watch::new(&context.ui, target);
    Runner {
        context,
        target,
        session,
        history,
        folder,
        patience,
        retries,
        waiting,
        hooks: Hooks::default(),
        last: String::new(),
        watch,
        looked: None,
        together: false,
    }
}

/// The folder that is there.
pub fn usual_folder() -> PathBuf {
    let found = FOLDERS.iter().find(|folder| Path::new(folder).is_dir());
    PathBuf::from(found.unwrap_or(&FOLDERS[0]))
}
