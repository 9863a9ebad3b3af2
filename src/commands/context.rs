//! What every command is given: the terminal, the environment, and the way to a session.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Globals, interrupt};
use crate::config::{Choice, Config, Env, Overrides, Resolved, must_locate, resolve_argument};
use crate::engine::{self, Session};
use crate::error::{Error, Kind, Result};
use crate::model::target::Target;
use crate::ui::Ui;

/// The surroundings of a command.
pub struct Context {
    pub ui: Arc<Ui>,
    pub env: Env,
    pub globals: Globals,
}

impl Context {
    /// The database meant by a command's argument, or by the global options and the environment.
    pub fn target(&self, argument: Option<&str>) -> Result<Target> {
        self.target_with_scratch(argument).map(|(target, _)| target)
    }

    /// The same, with the tables of its profile for subcommands, and the schema of dbwright's own
    /// tables when it is not the usual one.
    pub fn target_with_sections(
        &self,
        argument: Option<&str>,
    ) -> Result<(Target, toml::Table, Option<String>)> {
        let mut resolved = self.resolved(argument)?;
        let (sections, schema) = (std::mem::take(&mut resolved.sections), resolved.state_schema.take());
        Ok((self.settled(resolved)?, sections, schema))
    }

    fn resolved(&self, argument: Option<&str>) -> Result<Resolved> {
        let choice = Choice {
            argument,
            profile: self.globals.profile.as_deref(),
            url: self.globals.url.as_deref(),
            config: self.globals.config.as_deref(),
        };
        resolve_argument(&choice, &self.env, &self.overrides())
    }

    /// The same, and where its profile allows databases to be made for a moment.
    pub fn target_with_scratch(&self, argument: Option<&str>) -> Result<(Target, Option<String>)> {
        let mut resolved = self.resolved(argument)?;
        let scratch = resolved.scratch.take();
        Ok((self.settled(resolved)?, scratch))
    }

    /// The database of a command, and the names that follow it: where an option names the database
    /// all words are names.
    pub fn database_and_names<'a>(
        &self,
        first: Option<&'a String>,
        rest: &'a [String],
    ) -> (Option<&'a str>, Vec<String>) {
        let named = self.globals.profile.is_some() || self.globals.url.is_some();
        match first {
            Some(first) if named => (None, std::iter::once(first).chain(rest).cloned().collect()),
            first => (first.map(String::as_str), rest.to_vec()),
        }
    }

    fn overrides(&self) -> Overrides {
        Overrides {
            statement_timeout: self.globals.timeout,
            lock_timeout: self.globals.lock_timeout,
            ..Overrides::default()
        }
    }

    /// Passes on what the user should know, and asks for a password that the profile wants asked.
    fn settled(&self, resolved: Resolved) -> Result<Target> {
        resolved.notes.iter().for_each(|note| self.ui.warn(note));
        let mut target = resolved.target;
        if resolved.password_prompt && target.password.is_none() {
            self.ask_password(&mut target)?;
        }
        Ok(target)
    }

    fn ask_password(&self, target: &mut Target) -> Result<()> {
        let user = target.user.as_deref().unwrap_or_default();
        target.password = Some(self.ui.password(&format!("password of {user} for {}: ", target.label()))?);
        Ok(())
    }

    /// Every profile of the file, resolved as far as it can be without asking.
    pub fn all_targets(&self) -> Result<Vec<(String, Result<Target>)>> {
        let config = self.config()?;
        let overrides = self.overrides();
        let resolve =
            |name: &str| config.resolve(name, &self.env, &overrides).map(|resolved| resolved.target);
        Ok(config.profiles().map(|name| (name.to_owned(), resolve(name))).collect())
    }

    /// The names of the profiles, for completion; none when the file is missing or wrong.
    pub fn profile_names(&self) -> Vec<String> {
        let config = self.config().ok();
        config.iter().flat_map(Config::profiles).map(str::to_owned).collect()
    }

    /// The profile file; an error when there is none.
    pub fn config(&self) -> Result<Config> {
        Config::read(&self.config_path()?, &self.env)
    }

    /// Where the profile file is, right or wrong; an error when there is none.
    pub fn config_path(&self) -> Result<PathBuf> {
        must_locate(&self.env, self.globals.config.as_deref())
    }

    /// Opens a session, asking for the password when the server wants one and a person is there.
    pub fn open(&self, target: &mut Target) -> Result<Box<dyn Session>> {
        let opened = match engine::open(target) {
            Err(error) if error.kind() == Kind::PasswordNeeded && self.ui.is_interactive() => {
                self.ask_password(target)?;
                engine::open(target)
            }
            opened => opened,
        };
        let mut session = opened.map_err(|error| with_next_step(target, error))?;
        session.on_wait(Box::new(|| {
            if let Err(error) = interrupt::listen() {
                log::warn!("{error}");
            }
        }));
        let ui = self.ui.clone();
        session.on_notice(Box::new(move |notice| ui.notice(notice)));
        Ok(session)
    }

    /// A protected profile is opened so that the server refuses changes, unless `--yes-on` names it.
    pub fn guard_protected(&self, target: &mut Target) {
        let named = self.globals.yes_on.as_deref();
        if target.protected && (named.is_none() || named != target.profile.as_deref()) {
            target.read_only = true;
        }
    }
}

/// Adds what only the profile explains: why the session cannot write.
pub fn refused_by_profile(error: Error, target: &Target) -> Error {
    match &target.profile {
        Some(profile) if error.kind() == Kind::ReadOnly && target.read_only && target.protected => error
            .with_kind(Kind::Refused)
            .hint(format!("profile {profile:?} is protected; to change it: --yes-on {profile}")),
        _ => error,
    }
}

/// A refusal always comes with something to do about it.
fn with_next_step(target: &Target, error: Error) -> Error {
    if !error.hints().is_empty() {
        return error;
    }
    let reasons = engine::engine_for(target.engine).explain_refusal(target, &error);
    reasons.into_iter().fold(error, Error::hint)
}
