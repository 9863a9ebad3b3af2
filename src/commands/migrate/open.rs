//! Where migrations are and where they go: the folder, the database, and its history.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};

use super::folder::Folder;
use super::history::History;
use super::run::Runner;
use super::watch::Watch;
use crate::commands::Context;
use crate::config::parse_duration;
use crate::engine::Session;
use crate::error::{Error, Kind, Result, nearest};
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

/// What to do with migrations that are older than the last that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OutOfOrder {
    /// Refuse
    Strict,
    /// Apply them, and warn
    Warn,
    /// Apply them
    Allow,
}

/// What a profile says of its migrations.
#[derive(Debug, Default)]
pub struct Settings {
    pub dir: Option<PathBuf>,
    pub out_of_order: Option<OutOfOrder>,
    /// Where dbwright's own tables are.
    pub schema: Option<String>,
}

/// A database with its history, and the folder.
pub struct Opened {
    pub target: Target,
    pub session: Box<dyn Session>,
    pub history: History,
    pub folder: Folder,
    pub settings: Settings,
}

impl Opened {
    /// Opens both; a protected profile so that nothing can be changed, where that is not meant.
    pub fn open(context: &Context, place: &PlaceArgs, changes: bool) -> Result<Opened> {
        let (mut target, settings) = settled(context, place)?;
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
        let folder = Folder::read(&dir, target.engine)?;
        let session = context.open(&mut target)?;
        // The server at a URL of MySQL may be a MariaDB.
        let engine = session.server().engine;
        let folder = if engine == target.engine { folder } else { Folder::read(&dir, engine)? };
        if !folder.ignored.is_empty() {
            context.ui.warn(&format!(
                "{}: no migrations, and left out: {}",
                dir.display(),
                folder.ignored.join(", ")
            ));
        }
        let history = History::of(session.as_ref(), settings.schema.as_deref());
        Ok(Opened { target, session, history, folder, settings })
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
    let (retries, waiting) = (run.lock_retries, Vec::new());
    let watch = Watch::new(&context.ui, target);
    Runner { context, target, session, history, folder, retries, waiting, watch, together: false }
}

/// The folder that is there.
pub fn usual_folder() -> PathBuf {
    let found = FOLDERS.iter().find(|folder| Path::new(folder).is_dir());
    PathBuf::from(found.unwrap_or(&FOLDERS[0]))
}

fn settled(context: &Context, place: &PlaceArgs) -> Result<(Target, Settings)> {
    let (target, sections, schema) = context.target_with_sections(place.target.as_deref())?;
    let mut settings = Settings { schema, ..Settings::default() };
    let Some(section) = sections.get("migrations").and_then(toml::Value::as_table) else {
        return Ok((target, settings));
    };
    for (key, value) in section {
        let text = value.as_str();
        match (key.as_str(), text) {
            ("dir", Some(dir)) => settings.dir = Some(anchored(context, dir)?),
            ("out_of_order", Some(word)) => settings.out_of_order = Some(policy(word)?),
            ("dir" | "out_of_order", None) => {
                return Err(Error::new(Kind::Config, format!("`{key}` in the table `migrations` is a text")));
            }
            _ => {
                let error =
                    Error::new(Kind::Config, format!("unknown key `{key}` in the table `migrations`"));
                return Err(match nearest(key, ["dir", "out_of_order"]) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("the keys are `dir` and `out_of_order`"),
                });
            }
        }
    }
    Ok((target, settings))
}

fn policy(word: &str) -> Result<OutOfOrder> {
    <OutOfOrder as clap::ValueEnum>::from_str(word, false).map_err(|_| {
        Error::new(Kind::Config, format!("`out_of_order` is `{word}`"))
            .hint("it is `strict`, `warn` or `allow`")
    })
}

/// A folder in the profile file stands beside that file.
fn anchored(context: &Context, dir: &str) -> Result<PathBuf> {
    let config = context.config_path()?;
    Ok(config.parent().map_or_else(|| PathBuf::from(dir), |parent| parent.join(dir)))
}
