//! Which database is meant and how to reach it: `dbwright.toml`, URLs, the environment and the
//! files of the engines' own clients, brought together as a [`Target`](crate::model::target::Target).

mod address;
mod conninfo;
mod duration;
mod env;
mod file;
mod file_keys;
mod interpolate;
mod lint;
mod locate;
mod parameter;
mod parameters;
mod passfiles;
mod problem;
mod profile;
mod resolve;
mod secret;
mod settings;
mod source;
mod sqlite_path;
mod url;
mod value;

use crate as config;
use dbwright_core::{error, model};

use std::path::{Path, PathBuf};

pub use env::Env;
use locate::locate;
pub use locate::{FILE_NAME, must_locate};
pub use resolve::{Choice, Overrides, Passwords, Resolved, Shown, resolve_argument, resolve_url};
pub use secret::others_can_read;
pub use settings::Origin;

/// Reads a duration such as `500ms`, `2s`, `5m`, `1h`, `2d` from the command line.
pub fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    duration::parse(text).map_err(told)
}

/// Reads how old something may be: a duration of any length, such as `90d`.
pub fn parse_age(text: &str) -> Result<std::time::Duration, String> {
    duration::parse_any(text).map_err(told)
}

fn told(problem: problem::Problem) -> String {
    match problem.hints.first() {
        Some(hint) => format!("{}; {hint}", problem.message),
        None => problem.message,
    }
}

use crate::error::{Error, Kind, Result};
use crate::model::finding::LintSettings;
use crate::model::mask::mask;
use file::{Block, File};
use source::Source;

/// A profile file that was read and is right in its keys and types.
#[derive(Debug, Clone)]
pub struct Config {
    path: PathBuf,
    file: File,
}

impl Config {
    /// Finds and reads the profile file; None when there is none.
    pub fn load(env: &Env, explicit: Option<&Path>) -> Result<Option<Config>> {
        locate(env, explicit)?.map(|path| Config::read(&path, env)).transpose()
    }

    /// Reads a file. The first thing that is wrong with it is the error.
    pub fn read(path: &Path, env: &Env) -> Result<Config> {
        let (config, problems) = Config::parse(path, env)?;
        let more = problems.len().saturating_sub(1);
        match problems.into_iter().next() {
            None => Ok(config),
            Some(first) if more == 0 => Err(first),
            Some(first) => Err(first.hint(format!("`dbwright profile check` shows this and {more} more"))),
        }
    }

    /// Everything that is wrong with a file, in the order of its lines; `rules` are those that
    /// its `lint` tables may name.
    pub fn problems(path: &Path, env: &Env, rules: &[&str]) -> Result<Vec<Error>> {
        let (config, mut problems) = Config::parse(path, env)?;
        let lints = std::iter::once(&config.file.lint);
        for lint in lints.chain(config.file.profiles.iter().map(|block| &block.lint)) {
            problems.extend(lint.settings(&config.file.source, rules).err().unwrap_or_default());
        }
        for block in &config.file.profiles {
            match profile::state(&config.file, block, env) {
                Err(more) => problems.extend(more),
                Ok(_) => {
                    let checked = config.finish(block, env, &Overrides::default(), Passwords::Describe);
                    problems.extend(checked.err());
                }
            }
        }
        let place = |error: &Error| error.place().map(|at| (at.line, at.column));
        problems.sort_by_key(place);
        // What `[defaults]` has wrong was found again in every profile.
        problems.dedup_by(|a, b| place(a) == place(b) && a.message() == b.message());
        Ok(problems)
    }

    fn parse(path: &Path, env: &Env) -> Result<(Config, Vec<Error>)> {
        let shown = env.show(path);
        let cannot_read =
            |error: std::io::Error| Error::new(Kind::Config, format!("cannot read {shown}")).because(error);
        let bytes = std::fs::read(path).map_err(cannot_read)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
            Error::new(Kind::Config, "the file is not valid UTF-8").at(Source::new(&*shown, text).at(good))
        })?;
        // Editors on Windows begin files so.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let (file, problems) = file::parse(Source::new(&*shown, text), folder);
        Ok((Config { path: path.to_owned(), file }, problems))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file as it is called in messages.
    pub fn name(&self) -> &str {
        &self.file.source.name
    }

    /// The names of the profiles in the order of the file.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.file.profiles.iter().map(|block| block.name.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.block(name).is_some()
    }

    /// The profile that is used when none is named: the default, or the only one.
    pub fn implied_profile(&self) -> Option<&str> {
        match (&self.file.default_profile, self.file.profiles.as_slice()) {
            (Some(name), _) => Some(name),
            (None, [only]) => Some(&only.name),
            _ => None,
        }
    }

    /// What `[lint]` says, and after it, so that it counts, what a profile's own table says.
    /// `rules` are those that they may name.
    pub fn lint(&self, profile: Option<&str>, rules: &[&str]) -> Result<LintSettings> {
        let own = profile.and_then(|name| self.block(name)).map(|block| &block.lint);
        let mut all = LintSettings::default();
        for block in std::iter::once(&self.file.lint).chain(own) {
            let settings = block.settings(&self.file.source, rules).map_err(|errors| {
                let first = errors.into_iter().next();
                // `settings` fails only with an error in hand.
                first.unwrap_or_else(|| Error::new(Kind::Config, "the table `lint` is wrong"))
            })?;
            all.rules.extend(settings.rules);
            all.waivers.extend(settings.waivers);
        }
        Ok(all)
    }

    /// The line in which a profile begins.
    pub fn line_of(&self, profile: &str) -> Option<usize> {
        self.block(profile).map(|block| self.file.source.at(block.at).line)
    }

    fn block(&self, name: &str) -> Option<&Block> {
        self.file.profiles.iter().find(|block| block.name == name)
    }

    /// The error for a name that no profile has.
    pub fn unknown(&self, name: &str) -> Error {
        let error = Error::new(Kind::Config, format!("unknown profile `{}`", mask(name)));
        match file::suggest_profile(name, self.profiles()) {
            Some(hint) => error.hint(format!("{hint} (of {})", self.name())),
            None => error.hint(format!("{} has no profile yet", self.name())),
        }
    }

    /// Resolves a profile, password included.
    pub fn resolve(&self, name: &str, env: &Env, overrides: &Overrides) -> Result<Resolved> {
        self.resolve_with(name, env, overrides, Passwords::Fetch)
    }

    /// Resolves a profile without reading password files or running password commands.
    pub fn describe(&self, name: &str, env: &Env) -> Result<Resolved> {
        self.resolve_with(name, env, &Overrides::default(), Passwords::Describe)
    }

    fn resolve_with(
        &self,
        name: &str,
        env: &Env,
        overrides: &Overrides,
        passwords: Passwords,
    ) -> Result<Resolved> {
        let block = self.block(name).ok_or_else(|| self.unknown(name))?;
        self.finish(block, env, overrides, passwords)
    }

    fn finish(
        &self,
        block: &Block,
        env: &Env,
        overrides: &Overrides,
        passwords: Passwords,
    ) -> Result<Resolved> {
        let stated = profile::state(&self.file, block, env).map_err(|problems| {
            let first = problems.into_iter().next();
            // `state` fails only with a problem in hand.
            first.unwrap_or_else(|| Error::new(Kind::Config, format!("cannot use profile `{}`", block.name)))
        })?;
        let name = Some(block.name.as_str());
        resolve::finish(name, stated.settings, stated.secret, stated.sections, env, overrides, passwords)
    }
}

#[cfg(test)]
mod tests;
