//! What the commands of backups have in common: where the repository is, which backup is meant, and
//! what a profile says of them in its table `[profile.NAME.backup]`.

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::check::Limits;
use super::hooks::Hooks;
use super::pace;
use super::s3;
use super::wanted::{self, Wanted};
use crate::error::{Error, Kind, Result, nearest};
use crate::model::snapshot::{BackupType, Compression};
use crate::model::target::Target;
use crate::store::Repository;
use crate::store::repository::State;
use crate::store::s3::SCHEME;

/// The keys of the table.
const KEYS: [&str; 12] = [
    "repo",
    "compression",
    "jobs",
    "globals",
    "keep",
    "check",
    "backup_type",
    "s3",
    "encrypt_to",
    "identity_file",
    "max_rate",
    "hooks",
];

/// Which backups are kept; 0 for none of that kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Keep {
    /// Keep the newest N backups
    #[arg(long = "keep-last", value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub last: usize,
    /// Keep the newest backup of each of N days
    #[arg(long = "keep-daily", value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub daily: usize,
    /// Keep the newest backup of each of N weeks
    #[arg(long = "keep-weekly", value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub weekly: usize,
    /// Keep the newest backup of each of N months
    #[arg(long = "keep-monthly", value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub monthly: usize,
    /// Keep the newest backup of each of N years
    #[arg(long = "keep-yearly", value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub yearly: usize,
}

impl Keep {
    pub fn is_empty(&self) -> bool {
        *self == Keep::default()
    }

    fn take(&mut self, table: &toml::Table) -> Result<()> {
        for (key, value) in table {
            let place = match key.as_str() {
                "last" => &mut self.last,
                "daily" => &mut self.daily,
                "weekly" => &mut self.weekly,
                "monthly" => &mut self.monthly,
                "yearly" => &mut self.yearly,
                _ => return Err(unknown(key, "keep", &["last", "daily", "weekly", "monthly", "yearly"])),
            };
            *place = count(key, value)?;
        }
        Ok(())
    }
}

/// What a profile says of its backups.
#[derive(Debug, Default)]
pub struct Settings {
    pub repo: Option<String>,
    pub compression: Option<Compression>,
    pub jobs: Option<usize>,
    pub globals: bool,
    pub keep: Keep,
    pub s3: s3::Options,
    /// Recipients of age.
    pub encrypt_to: Vec<String>,
    pub identity_file: Option<PathBuf>,
    pub wanted: Wanted,
    /// Bytes of rows a second.
    pub max_rate: Option<u64>,
    pub hooks: Hooks,
    pub check: Limits,
    pub backup_type: Option<BackupType>,
}

/// The database, and what its profile says of backups.
pub fn settled(context: &Context, target: Option<&str>) -> Result<(Target, Settings)> {
    let (target, sections, _) = context.target_with_sections(target)?;
    let mut settings = Settings::of(&sections)?;
    if let Some(path) = &mut settings.identity_file
        && let Some(folder) = context.config_path()?.parent()
    {
        *path = folder.join(&*path);
    }
    // A folder in the profile file stands beside that file.
    if let Some(repo) = &mut settings.repo
        && !repo.starts_with(SCHEME)
        && let Some(folder) = context.config_path()?.parent()
    {
        *repo = folder.join(&*repo).to_string_lossy().into_owned();
    }
    Ok((target, settings))
}

impl Settings {
    fn of(sections: &toml::Table) -> Result<Self> {
        let mut settings = Settings::default();
        let table = sections.get("backup").and_then(toml::Value::as_table);
        for (key, value) in table.into_iter().flatten() {
            match (key.as_str(), value) {
                ("repo", toml::Value::String(place)) => settings.repo = Some(place.clone()),
                ("compression", toml::Value::String(word)) => settings.compression = Some(compression(word)?),
                ("backup_type", toml::Value::String(word)) => {
                    settings.backup_type = Some(backup_type(word)?);
                }
                ("jobs", value) => settings.jobs = Some(count(key, value)?),
                ("globals", toml::Value::Boolean(globals)) => settings.globals = *globals,
                ("globals", _) => {
                    return Err(config("`globals` in the table `backup` is true or false".to_owned()));
                }
                ("keep", toml::Value::Table(table)) => settings.keep.take(table)?,
                ("check", toml::Value::Table(table)) => settings.check = Limits::of(table)?,
                ("s3", toml::Value::Table(table)) => settings.s3 = s3::Options::of(table)?,
                ("identity_file", toml::Value::String(path)) => settings.identity_file = Some(path.into()),
                ("encrypt_to", toml::Value::Array(keys)) => {
                    let keys = keys.iter().map(|key| key.as_str().map(str::to_owned)).collect::<Option<_>>();
                    settings.encrypt_to = keys.ok_or_else(not_keys)?;
                }
                ("encrypt_to", _) => return Err(not_keys()),
                ("s3", _) => {
                    return Err(config("`s3` is a table such as { region = \"eu-west-1\" }".to_owned()));
                }
                ("max_rate", toml::Value::String(text)) => {
                    settings.max_rate = Some(pace::rate(text).map_err(config)?);
                }
                ("hooks", toml::Value::Table(table)) => settings.hooks = Hooks::read(table)?,
                ("hooks", _) => {
                    return Err(config("`hooks` is a table such as { before = [\"COMMAND\"] }".to_owned()));
                }
                ("repo" | "compression" | "backup_type" | "identity_file" | "max_rate", _) => {
                    return Err(config(format!("`{key}` in the table `backup` is a text")));
                }
                ("keep", _) => {
                    return Err(config("`keep` is a table such as { daily = 7, monthly = 12 }".to_owned()));
                }
                ("check", _) => {
                    return Err(config("`check` is a table such as { max_age = \"26h\" }".to_owned()));
                }
                (key, value) if settings.wanted.take(key, value)? => {}
                _ => return Err(unknown(key, "backup", &[&KEYS[..], &wanted::KEYS].concat())),
            }
        }
        Ok(settings)
    }
}

pub fn config(message: String) -> Error {
    Error::new(Kind::Config, message)
}

pub fn unknown(key: &str, table: &str, keys: &[&str]) -> Error {
    let error = config(format!("unknown key `{key}` in the table `{table}`"));
    match nearest(key, keys.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("the keys are {}", keys.join(", "))),
    }
}

fn not_keys() -> Error {
    config("`encrypt_to` in the table `backup` is a list such as [\"age1...\"]".to_owned())
}

fn count(key: &str, value: &toml::Value) -> Result<usize> {
    let number = value.as_integer().and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| config(format!("`{key}` in the table `backup` is a number from 0")))
}

/// The compression of a word.
pub fn compression(word: &str) -> Result<Compression> {
    Compression::ALL
        .into_iter()
        .find(|each| each.word() == word)
        .ok_or_else(|| Error::usage(format!("{word:?} is no compression")).hint("it is zstd, gzip or none"))
}

/// The type of a word.
pub fn backup_type(word: &str) -> Result<BackupType> {
    BackupType::ALL.into_iter().find(|each| each.word() == word).ok_or_else(|| {
        Error::usage(format!("{word:?} is no type of backups"))
            .hint("it is full, incremental or differential")
    })
}

/// Where the repository is: as the command line says, or else the profile.
pub fn repository_place(context: &Context, given: Option<&str>) -> Result<String> {
    match given {
        Some(folder) if !folder.starts_with(SCHEME) => Ok(folder.to_owned()),
        _ => place_of(given, &settled_if_any(context)?),
    }
}

/// The same, with what the profile says known already.
pub fn place_of(given: Option<&str>, settings: &Settings) -> Result<String> {
    let place = given.or(settings.repo.as_deref()).ok_or_else(no_place)?;
    Ok(settings.s3.complete(place))
}

/// What the profile says; nothing when there is none. One that is wrong is told.
pub fn settled_if_any(context: &Context) -> Result<Settings> {
    match settled(context, None) {
        Ok((_, settings)) => Ok(settings),
        Err(error) if error.kind() == Kind::Config => Err(error),
        Err(_) => Ok(Settings::default()),
    }
}

fn no_place() -> Error {
    Error::usage("where the backups are is not said")
        .hint("give --repo DIR or --repo s3://BUCKET/PREFIX, or say repo = \"DIR\" in the table [profile.NAME.backup] of dbwright.toml")
}

/// The backup that a person means: `latest`, an id, or how one begins.
pub fn choose(repository: &Repository, said: &str) -> Result<String> {
    let ids = repository.ids()?;
    let whole: Vec<&String> =
        ids.iter().filter(|(_, state)| **state == State::Whole).map(|(id, _)| id).collect();
    if said == "latest" {
        return newest(repository, whole.iter().rev().map(|id| id.as_str())).ok_or_else(|| {
            Error::usage(format!("{} holds no backup", repository.place()))
                .hint("dbwright backup create makes one")
        });
    }
    let meant: Vec<&&String> = whole.iter().filter(|id| id.starts_with(said)).collect();
    match meant.as_slice() {
        [one] => Ok((**one).clone()),
        [] if ids.contains_key(said) => Err(Error::new(Kind::Data, format!("backup {said} is not whole"))
            .hint("dbwright backup verify tells what is missing")),
        [] => Err(Error::usage(format!("there is no backup {said:?} in {}", repository.place()))
            .hint("dbwright backup list shows them; `latest` is the newest")),
        many => Err(Error::usage(format!("{said:?} could be any of {} backups", many.len()))
            .hint(format!("such as {} or {}", many[0], many[1]))),
    }
}

/// Of ids, newest first, that of the newest backup which holds all of its database; one of a part is
/// meant only where there is no other.
pub fn newest<'a>(repository: &Repository, ids: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    // One that cannot be read is told when it is used.
    let is_all = |id: &&str| !repository.outline(id).is_ok_and(|snapshot| snapshot.is_part());
    ids.clone().find(is_all).or_else(|| ids.clone().next()).map(str::to_owned)
}

/// How many workers there are when nobody says: one for each processor.
pub fn usual_jobs() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings> {
        Settings::of(&toml::from_str(text).unwrap())
    }

    #[test]
    fn a_profile_says_where_and_how_long() {
        let said =
            settings("[backup]\nrepo = 'b'\njobs = 3\ncompression = 'gzip'\nkeep = { daily = 7 }").unwrap();
        assert_eq!((said.repo.as_deref(), said.jobs, said.keep.daily), (Some("b"), Some(3), 7));
        assert_eq!(said.compression, Some(Compression::Gzip));
        assert!(settings("").unwrap().keep.is_empty());
    }

    #[test]
    fn wrong_keys_and_values_are_told() {
        for (text, says) in [
            ("[backup]\nrepos = 'b'", "unknown key `repos` in the table `backup`"),
            ("[backup]\nrepo = 1", "`repo` in the table `backup` is a text"),
            ("[backup]\nglobals = 'yes'", "`globals` in the table `backup` is true or false"),
            ("[backup]\njobs = -1", "`jobs` in the table `backup` is a number from 0"),
            ("[backup]\nbackup_type = 'half'", "\"half\" is no type of backups"),
            ("[backup]\ncheck = '26h'", "`check` is a table such as { max_age = \"26h\" }"),
            ("[backup.check]\nmax_ago = '26h'", "unknown key `max_ago` in the table `check`"),
            ("[backup.check]\nmax_age = 26", "`max_age` in the table `check` is a text such as \"26h\""),
            ("[backup]\ncompression = 'lzma'", "\"lzma\" is no compression"),
            ("[backup]\nkeep = { dayly = 7 }", "unknown key `dayly` in the table `keep`"),
            ("[backup]\ns3 = 'here'", "`s3` is a table such as { region = \"eu-west-1\" }"),
            (
                "[backup]\nencrypt_to = 'age1'",
                "`encrypt_to` in the table `backup` is a list such as [\"age1...\"]",
            ),
            ("[backup]\nhooks = 7", "`hooks` is a table such as { before = [\"COMMAND\"] }"),
            (
                "[backup]\nmax_rate = '20 apples'",
                "\"20 apples\" is no rate: write it like 20MB or 64KiB, for each second",
            ),
            ("[backup]\nkeep = 7", "`keep` is a table such as { daily = 7, monthly = 12 }"),
        ] {
            assert_eq!(settings(text).unwrap_err().message(), says);
        }
    }
}
