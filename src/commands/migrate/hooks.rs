//! What a team wants done around migrations: SQL or a command, outside of their transactions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::run::Runner;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result, nearest};
use crate::migrations::{Statement, split};
use crate::model::mask::mask;
use crate::model::place::place;
use crate::model::server::TxState;

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    BeforeAll,
    AfterAll,
    BeforeEach,
    AfterEach,
    OnError,
}

const MOMENTS: [(&str, Moment); 5] = [
    ("before_all", Moment::BeforeAll),
    ("after_all", Moment::AfterAll),
    ("before_each", Moment::BeforeEach),
    ("after_each", Moment::AfterEach),
    ("on_error", Moment::OnError),
];

impl Moment {
    fn word(self) -> &'static str {
        MOMENTS.iter().find(|(_, moment)| *moment == self).map_or("", |(word, _)| word)
    }
}

/// What a hook does.
#[derive(Debug, Clone)]
enum Act {
    /// A text, and the file that it is from.
    Sql(String, Option<PathBuf>),
    /// A program and its arguments; no shell.
    Command(Vec<String>),
}

/// The hooks of a profile.
#[derive(Debug, Clone, Default)]
pub struct Hooks(Vec<(Moment, Act)>);

/// What a hook is told about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// `up` or `down`.
    pub direction: &'static str,
    /// The migration, where the hook is about one.
    pub id: &'a str,
    pub name: &'a str,
}

impl<'a> Subject<'a> {
    pub fn all(direction: &'static str) -> Subject<'a> {
        Subject { direction, id: "", name: "" }
    }
}

impl Hooks {
    /// Reads the table `hooks`; files stand beside the profile file.
    pub fn read(table: &toml::Table, anchored: impl Fn(&str) -> Result<PathBuf>) -> Result<Hooks> {
        let mut hooks = Hooks::default();
        for (word, value) in table {
            let Some((_, moment)) = MOMENTS.iter().find(|(known, _)| known == word) else {
                let error = config(format!("there is no hook `{word}`"));
                let words = MOMENTS.map(|(word, _)| word);
                return Err(match nearest(word, words) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("the hooks are {}", words.join(", "))),
                });
            };
            hooks.0.push((*moment, act(word, value, &anchored)?));
        }
        Ok(hooks)
    }

    fn of(&self, moment: Moment) -> Option<&Act> {
        self.0.iter().find(|(known, _)| *known == moment).map(|(_, act)| act)
    }

    /// Whether something is to be done between two migrations.
    pub fn between(&self) -> bool {
        self.of(Moment::BeforeEach).is_some() || self.of(Moment::AfterEach).is_some()
    }

    /// `before_all: notify start`, a line each.
    pub fn notes(&self) -> Vec<String> {
        self.shown().map(|(word, what)| format!("hook {word}: {what}")).collect()
    }

    pub fn document(&self) -> Vec<Value> {
        self.shown().map(|(word, what)| json!({ "when": word, "what": what })).collect()
    }

    fn shown(&self) -> impl Iterator<Item = (&'static str, String)> {
        MOMENTS.iter().filter_map(|(word, moment)| {
            let what = match self.of(*moment)? {
                Act::Sql(_, Some(file)) => file.display().to_string(),
                Act::Sql(text, None) => text.split_whitespace().collect::<Vec<_>>().join(" "),
                Act::Command(words) => words.join(" "),
            };
            Some((*word, mask(&what).into_owned()))
        })
    }
}

fn config(message: String) -> Error {
    Error::new(Kind::Config, message)
}

fn act(word: &str, value: &toml::Value, anchored: impl Fn(&str) -> Result<PathBuf>) -> Result<Act> {
    let wrong = || {
        config(format!("the hook `{word}` is not understood")).hint(
            "it is { sql = \"TEXT\" }, { file = \"PATH\" } or { command = [\"PROGRAM\", \"ARGUMENT\"] }",
        )
    };
    let table = value.as_table().filter(|table| table.len() == 1).ok_or_else(wrong)?;
    let (key, value) = table.iter().next().ok_or_else(wrong)?;
    match (key.as_str(), value) {
        ("sql", toml::Value::String(text)) => Ok(Act::Sql(text.clone(), None)),
        ("file", toml::Value::String(path)) => {
            let path = anchored(path)?;
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Error::from(error).context(format!("cannot read {}, the hook {word}", path.display()))
            })?;
            Ok(Act::Sql(text, Some(path)))
        }
        ("command", toml::Value::Array(words)) if !words.is_empty() => {
            let words: Option<Vec<String>> =
                words.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            words.map(Act::Command).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

impl Runner<'_> {
    /// Runs a migration between its hooks.
    pub fn between_hooks(
        &mut self,
        subject: Subject<'_>,
        body: impl FnOnce(&mut Self) -> Result<Duration>,
    ) -> Result<Duration> {
        self.hook(Moment::BeforeEach, subject)
            .map_err(|error| error.hint(format!("nothing of {} was run", subject.id)))?;
        let took = body(self)?;
        let hook = self.hook(Moment::AfterEach, subject);
        let word = if subject.direction == "up" { "applied" } else { "taken back" };
        hook.map(|()| took).map_err(|error| error.hint(format!("{} is {word}", subject.id)))
    }

    /// Runs the hook after a failure; one that fails itself changes nothing about that.
    pub fn after_failure<T>(&mut self, direction: &'static str, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() && self.hooks.of(Moment::OnError).is_some() {
            let id = self.last.clone();
            let subject = Subject { direction, id: &id, name: "" };
            if let Err(error) = self.hook(Moment::OnError, subject) {
                self.context.ui.warn(&error.to_string());
            }
        }
        outcome
    }

    /// Runs the hook of a moment, if there is one.
    pub fn hook(&mut self, moment: Moment, subject: Subject<'_>) -> Result<()> {
        if !subject.id.is_empty() {
            subject.id.clone_into(&mut self.last);
        }
        let Some(act) = self.hooks.of(moment).cloned() else { return Ok(()) };
        let of = if subject.id.is_empty() { String::new() } else { format!(" of {}", subject.id) };
        let title = format!("the hook {}{of}", moment.word());
        // Whoever looks at the history from a hook sees what is done.
        self.flush()?;
        let outcome = match act {
            Act::Command(words) => self.command(moment, subject, &words),
            Act::Sql(text, file) => self.sql(&text, file.as_deref()),
        };
        outcome.map_err(|error| error.context(format!("{title} failed")))
    }

    /// What it prints goes to standard error: standard output is for the results.
    fn command(&self, moment: Moment, subject: Subject<'_>, words: &[String]) -> Result<()> {
        let [program, arguments @ ..] = words else { return Ok(()) };
        let status = Command::new(program)
            .args(arguments)
            .env("DBWRIGHT_HOOK", moment.word())
            .env("DBWRIGHT_HOOK_DIRECTION", subject.direction)
            .env("DBWRIGHT_HOOK_ID", subject.id)
            .env("DBWRIGHT_HOOK_NAME", subject.name)
            .env("DBWRIGHT_HOOK_PROFILE", self.target.profile.as_deref().unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::from(std::io::stderr()))
            .status()
            .map_err(|error| Error::from(error).context(format!("cannot start {program}")))?;
        match (status.success(), status.code()) {
            (true, _) => Ok(()),
            (false, Some(code)) => {
                Err(Error::new(Kind::Io, format!("{program} ended with exit code {code}")))
            }
            (false, None) => Err(Error::new(Kind::Io, format!("{program} was ended by a signal"))),
        }
    }

    fn sql(&mut self, text: &str, file: Option<&Path>) -> Result<()> {
        let source = file.map_or_else(|| "the hook".to_owned(), |file| file.display().to_string());
        let dialect = engine_for(self.session.server().engine).dialect(self.session.server().engine);
        let statements = split(text, 0..text.len(), dialect)
            .map_err(|wrong| config(wrong.message.to_owned()).at(place(&source, text, wrong.at)))?;
        for Statement { sql, at, .. } in &statements {
            self.session.execute(sql, &[]).map_err(|error| {
                let inside = error.server_error().and_then(|server| server.position).unwrap_or(0);
                self.take_back();
                error.at(place(&source, text, at + inside))
            })?;
        }
        if self.session.transaction() != TxState::Idle {
            self.take_back();
            return Err(config(format!("{source} leaves a transaction open"))
                .hint("it was taken back; end it with COMMIT"));
        }
        Ok(())
    }
}
