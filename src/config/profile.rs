//! What a profile of the file states: variables replaced, values checked, paths anchored, the URL
//! and the other keys brought together, and `[defaults]` laid below.

use std::net::Ipv6Addr;
use std::path::Path;

use super::env::Env;
use super::file::{Block, Entry, File};
use super::file_keys::{PasswordKey, What};
use super::parameter::{self, Effect, Form};
use super::problem::Problem;
use super::secret::Secret;
use super::settings::{Key, Origin, Settings};
use super::{interpolate, sqlite_path, url, value};
use crate::error::{Error, nearest};
use crate::model::target::EngineKind;

/// What one profile states.
pub struct Stated {
    pub settings: Settings,
    /// Where the file says that the password comes from.
    pub secret: Option<Secret>,
    /// The tables of the subcommands, variables replaced.
    pub sections: toml::Table,
}

/// Reads a profile; all that is wrong with it is reported.
pub fn state(file: &File, block: &Block, env: &Env) -> Result<Stated, Vec<Error>> {
    let mut stage = Stage { file, env, problems: Vec::new() };
    let stated = stage.state(block);
    match stated {
        Some(stated) if stage.problems.is_empty() => Ok(stated),
        _ => Err(stage.problems),
    }
}

struct Stage<'a> {
    file: &'a File,
    env: &'a Env,
    problems: Vec<Error>,
}

impl Stage<'_> {
    fn state(&mut self, block: &Block) -> Option<Stated> {
        let sections = self.sections(block);
        let Some(mut settings) = self.start(block) else {
            // The engine is not known, but variables that are not set can be told all the same.
            let others = |entry: &&Entry| !matches!(entry.what, What::Url | What::Engine);
            block.entries.iter().filter(others).for_each(|entry| drop(self.expand(entry)));
            return None;
        };
        for entry in &block.entries {
            self.part(&mut settings, entry);
        }
        if let Err(problem) = sqlite_path::agree_on_read_only(&mut settings) {
            self.complain(block.at, problem);
        }
        let secret = self.secret(block, settings.engine);
        let lower = self.defaults(settings.engine);
        settings.fill(lower);
        if settings.engine == EngineKind::Sqlite && !settings.has(Key::Database) && !block.lacks_address {
            let problem = Problem::new(format!("profile `{}` names no SQLite file", block.name));
            self.complain(block.at, problem.hint("add `path = \"FILE\"`"));
        }
        Some(Stated { settings, secret, sections })
    }

    fn complain(&mut self, at: usize, problem: Problem) {
        self.problems.push(Origin::File(self.file.source.at(at)).error(problem));
    }

    /// Puts the caret at the wrong part of the value when it can be found.
    fn complain_about(&mut self, entry: &Entry, problem: Problem) {
        let written = &self.file.source.text[entry.value.clone()];
        let token = problem.token.as_deref().filter(|token| !token.is_empty());
        let inside = token.and_then(|token| written.rfind(token)).unwrap_or(0);
        self.complain(entry.value.start + inside, problem);
    }

    fn origin(&self, entry: &Entry) -> Origin {
        Origin::File(self.file.source.at(entry.key_at))
    }

    fn expand(&mut self, entry: &Entry) -> Option<String> {
        match interpolate::expand(&entry.text, |name| self.env.variable(name).map(str::to_owned)) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.complain_about(entry, problem);
                None
            }
        }
    }

    /// The settings of the URL, or empty ones for the engine.
    fn start(&mut self, block: &Block) -> Option<Settings> {
        let named = match block.entry(What::Engine) {
            Some(entry) => Some((entry, self.engine(entry)?)),
            None => None,
        };
        if let Some(entry) = block.entry(What::Url) {
            let text = self.expand(entry)?;
            let mut settings = match url::parse(&text, &self.origin(entry)) {
                Ok(settings) => settings,
                Err(problem) => {
                    self.complain_about(entry, problem);
                    return None;
                }
            };
            if let Some((entry, engine)) = named
                && engine != settings.engine
            {
                let of_url = settings.engine.word();
                let problem =
                    Problem::new(format!("engine `{}` contradicts the URL's `{of_url}`", engine.word()));
                self.complain_about(entry, problem.hint("leave `engine` out"));
            }
            anchor_paths(&mut settings, self.env, &self.file.folder);
            return Some(settings);
        }
        let inherited = match (named, self.file.defaults.entry(What::Engine)) {
            (Some((_, engine)), _) => Some(engine),
            (None, Some(entry)) => Some(self.engine(entry)?),
            (None, None) => None,
        };
        if inherited.is_none() && !block.lacks_address {
            let problem = Problem::new(format!("profile `{}` has neither `url` nor `engine`", block.name));
            self.complain(
                block.at,
                problem.hint("add `url = \"…\"`, or `engine` with `host`, `database` and so on"),
            );
        }
        inherited.map(Settings::new)
    }

    fn engine(&mut self, entry: &Entry) -> Option<EngineKind> {
        let word = self.expand(entry)?;
        let engine = EngineKind::from_scheme(&word);
        if engine.is_none() {
            let words = EngineKind::ALL.map(EngineKind::word);
            let problem = Problem::new(format!("`{word}` is not an engine"));
            let problem = match nearest(&word, words) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            };
            self.complain_about(entry, problem.hint(format!("engines: {}", words.join(", "))));
        }
        engine
    }

    /// One key beside the URL.
    fn part(&mut self, settings: &mut Settings, entry: &Entry) {
        let outcome = match entry.what {
            What::Url | What::Engine | What::Password(_) => return,
            What::Set(key) => {
                let Some(text) = self.expand(entry) else { return };
                self.set(settings, key, &text, entry)
            }
            What::Option => {
                let Some(text) = self.expand(entry) else { return };
                self.option(settings, &text, entry)
            }
        };
        if let Err(problem) = outcome {
            self.complain_about(entry, problem);
        }
    }

    fn set(&self, settings: &mut Settings, key: Key, text: &str, entry: &Entry) -> Result<(), Problem> {
        let engine = settings.engine;
        if !key.applies_to(engine) {
            return Err(Problem::new(format!("`{}` has no meaning for {}", entry.word, engine.title())));
        }
        if engine == EngineKind::Sqlite && key == Key::Database && url::looks_like(text) {
            return Err(
                Problem::new(format!("`{}` is a path, not a URL", entry.word)).hint("write it as `url`")
            );
        }
        let origin = self.origin(entry);
        if key == Key::Host {
            let (names, ports) = split_hosts(text)?;
            check_agrees(settings, Key::Host, &names)?;
            settings.set(Key::Host, &names, &origin)?;
            return match ports {
                Some(ports) => {
                    check_agrees(settings, Key::Port, &ports)?;
                    settings.set(Key::Port, &ports, &origin)
                }
                None => Ok(()),
            };
        }
        let is_file = key.is_path() || (engine == EngineKind::Sqlite && key == Key::Database);
        let text = match is_file {
            true => anchored(text, self.env, &self.file.folder),
            false => text.to_owned(),
        };
        let value = value::check(key, &text)?;
        check_agrees(settings, key, &value)?;
        settings.set(key, &value, &origin)
    }

    fn option(&self, settings: &mut Settings, text: &str, entry: &Entry) -> Result<(), Problem> {
        let origin = self.origin(entry);
        let mut alone = Settings::new(settings.engine);
        parameter::apply(&mut alone, &entry.word, text, &origin)?;
        anchor_paths(&mut alone, self.env, &self.file.folder);
        for (name, setting) in &alone.options {
            let earlier = settings.options.get(name).filter(|earlier| earlier.value != setting.value);
            if let Some(earlier) = earlier {
                return Err(contradiction(name, &setting.value, &earlier.value, &earlier.origin));
            }
        }
        for (key, setting) in alone.iter() {
            check_agrees(settings, key, &setting.value)?;
            settings.set(key, &setting.value, &origin)?;
        }
        settings.options.extend(alone.options);
        settings.notes.extend(alone.notes);
        Ok(())
    }

    /// `[defaults]`, as far as it concerns the engine.
    fn defaults(&mut self, engine: EngineKind) -> Settings {
        let block = &self.file.defaults;
        let of_other_engine = block
            .entry(What::Engine)
            .and_then(|entry| EngineKind::from_scheme(&entry.text))
            .is_some_and(|default| default != engine);
        let mut settings = Settings::new(engine);
        for entry in &block.entries {
            let concerns = match entry.what {
                What::Set(key) if of_other_engine => {
                    key.is_general()
                        || (matches!(key, Key::ApplicationName | Key::ConnectTimeout)
                            && key.applies_to(engine))
                }
                What::Set(key) => key.applies_to(engine),
                What::Option => parameter::find(engine, &entry.word).is_some(),
                _ => false,
            };
            if concerns {
                self.part(&mut settings, entry);
            }
        }
        settings
    }

    fn secret(&mut self, block: &Block, engine: EngineKind) -> Option<Secret> {
        let of_block = |block: &Block| {
            block.entries.iter().find(|entry| matches!(entry.what, What::Password(_))).cloned()
        };
        let own = of_block(block);
        if let (Some(entry), None) = (&own, engine.default_port()) {
            let problem = Problem::new(format!("`{}` has no meaning for {}", entry.word, engine.title()));
            self.complain(entry.key_at, problem);
            return None;
        }
        let entry =
            own.or_else(|| of_block(&self.file.defaults)).filter(|_| engine.default_port().is_some())?;
        let What::Password(kind) = entry.what else { return None };
        // The shell replaces the variables of a command.
        let text = match kind {
            PasswordKey::Command => entry.text.clone(),
            _ => self.expand(&entry)?,
        };
        let origin = self.origin(&entry);
        match kind {
            PasswordKey::Variable => Some(Secret::Variable(text, origin)),
            PasswordKey::File => {
                Some(Secret::File(anchored(&text, self.env, &self.file.folder).into(), origin))
            }
            PasswordKey::Command => Some(Secret::Command(text, origin)),
            PasswordKey::Prompt => match value::boolean(&text) {
                Ok(ask) => ask.then_some(Secret::Prompt),
                Err(problem) => {
                    self.complain_about(&entry, problem);
                    None
                }
            },
        }
    }

    fn sections(&mut self, block: &Block) -> toml::Table {
        let mut sections = toml::Table::new();
        for section in &block.sections {
            let mut value = toml::Value::Table(section.table.clone());
            if let Err(problem) = expand_value(&mut value, self.env) {
                let token = problem.token.clone().unwrap_or_default();
                let inside = self.file.source.text[section.at..].find(&token).unwrap_or(0);
                self.complain(section.at + inside, problem);
            }
            sections.insert(section.name.clone(), value);
        }
        sections
    }
}

fn expand_value(value: &mut toml::Value, env: &Env) -> Result<(), Problem> {
    match value {
        toml::Value::String(text) => {
            *text = interpolate::expand(text, |name| env.variable(name).map(str::to_owned))?;
            Ok(())
        }
        toml::Value::Array(values) => values.iter_mut().try_for_each(|value| expand_value(value, env)),
        toml::Value::Table(table) => table.iter_mut().try_for_each(|(_, value)| expand_value(value, env)),
        _ => Ok(()),
    }
}

/// `h1:5433,h2` as the list of names and, when one is given, the list of ports.
fn split_hosts(text: &str) -> Result<(String, Option<String>), Problem> {
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in text.split(',').map(str::trim) {
        let (name, port) = match host.starts_with('/') || host.parse::<Ipv6Addr>().is_ok() {
            true => (host, ""),
            false => url::split_port(host)?,
        };
        names.push(name);
        ports.push(port);
    }
    let has_ports = ports.iter().any(|port| !port.is_empty());
    Ok((names.join(","), has_ports.then(|| ports.join(","))))
}

/// Refuses a second, different value for the same thing.
fn check_agrees(settings: &Settings, key: Key, value: &str) -> Result<(), Problem> {
    if let Some(earlier) = settings.get(key) {
        return match earlier.value == value {
            true => Ok(()),
            false => Err(contradiction(key.word(), value, &earlier.value, &earlier.origin)),
        };
    }
    let mysql = settings.engine != EngineKind::Postgres;
    let means_socket = mysql && (settings.text(Key::Host) == Some("localhost") || value == "localhost");
    let rival = match key {
        Key::Socket if !means_socket => settings.get(Key::Host),
        Key::Host if !means_socket => settings.get(Key::Socket),
        _ => None,
    };
    match rival {
        Some(rival) => Err(contradiction(key.word(), value, &rival.value, &rival.origin)),
        None => Ok(()),
    }
}

fn contradiction(word: &str, value: &str, earlier: &str, origin: &Origin) -> Problem {
    let shown = super::settings::shown(value);
    let earlier = super::settings::shown(earlier);
    Problem::new(format!("{word} `{shown}` contradicts `{earlier}` of {origin}"))
        .hint("leave one of them out")
}

/// Makes the paths in the settings start at `folder` or at the home folder.
pub fn anchor_paths(settings: &mut Settings, env: &Env, folder: &Path) {
    let paths: Vec<Key> = settings.iter().map(|(key, _)| key).filter(|key| key.is_path()).collect();
    let database = settings.engine == EngineKind::Sqlite && !sqlite_path::is_in_memory(settings);
    for key in paths.into_iter().chain(database.then_some(Key::Database)) {
        if let Some(setting) = settings.get_mut(key) {
            setting.value = anchored(&setting.value, env, folder);
        }
    }
    let engine = settings.engine;
    for (name, setting) in &mut settings.options {
        let effect = parameter::find(engine, name).map(|parameter| parameter.effect);
        if let Some(Effect::Option(Form::Path)) = effect {
            setting.value = anchored(&setting.value, env, folder);
        }
    }
}

fn anchored(path: &str, env: &Env, folder: &Path) -> String {
    // `system` stands for the operating system's authorities, and names in memory are no paths.
    if path == "system" || path == sqlite_path::MEMORY {
        return path.to_owned();
    }
    folder.join(env.expand_home(path)).display().to_string()
}
