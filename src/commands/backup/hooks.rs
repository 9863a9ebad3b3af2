//! Commands that a profile wants run around its backups: `[profile.NAME.backup.hooks]`.

use std::process::{Command, Stdio};

use super::wanted::texts;
use crate::error::{Error, Kind, Result, nearest};

/// Commands for the shell, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    before: Vec<String>,
    after: Vec<String>,
    failure: Vec<String>,
}

/// What hooks are told in their environment, as DBWRIGHT_HOOK_....
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    pub profile: &'a str,
    pub repository: &'a str,
    /// Of the backup; empty until it is whole.
    pub id: &'a str,
}

impl Hooks {
    pub fn read(table: &toml::Table) -> Result<Hooks> {
        let mut hooks = Hooks::default();
        for (word, value) in table {
            let place = match word.as_str() {
                "before" => &mut hooks.before,
                "after" => &mut hooks.after,
                "failure" => &mut hooks.failure,
                _ => {
                    let error = Error::new(Kind::Config, format!("there is no hook `{word}` of backups"));
                    return Err(match nearest(word, ["before", "after", "failure"]) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error.hint("the hooks are before, after and failure"),
                    });
                }
            };
            *place = texts(word, value)?;
        }
        Ok(hooks)
    }

    /// Before anything is read; one that fails is a reason not to begin.
    pub fn before(&self, told: Told<'_>) -> Result<()> {
        run_all("before", "begun", &self.before, told).map_err(|error| error.hint("no backup was made"))
    }

    /// When the backup is whole.
    pub fn after(&self, told: Told<'_>) -> Result<()> {
        let id = told.id;
        run_all("after", "done", &self.after, told)
            .map_err(|error| error.hint(format!("backup {id} is whole")))
    }

    /// When none was made.
    pub fn failure(&self, told: Told<'_>) -> Result<()> {
        run_all("failure", "failed", &self.failure, told)
    }
}

fn run_all(hook: &str, status: &str, commands: &[String], told: Told<'_>) -> Result<()> {
    commands.iter().try_for_each(|command| {
        run(hook, status, command, told).map_err(|error| error.context(format!("the hook {hook} failed")))
    })
}

/// What it prints goes to standard error: standard output is for the results.
fn run(hook: &str, status: &str, command: &str, told: Told<'_>) -> Result<()> {
    let ended = Command::new("sh")
        .args(["-c", command])
        .env("DBWRIGHT_HOOK", hook)
        .env("DBWRIGHT_HOOK_STATUS", status)
        .env("DBWRIGHT_HOOK_ID", told.id)
        .env("DBWRIGHT_HOOK_PROFILE", told.profile)
        .env("DBWRIGHT_HOOK_REPOSITORY", told.repository)
        .stdin(Stdio::null())
        .stdout(Stdio::from(std::io::stderr()))
        .status()
        .map_err(|error| Error::from(error).context("cannot start sh"))?;
    match (ended.success(), ended.code()) {
        (true, _) => Ok(()),
        (false, Some(code)) => Err(Error::new(Kind::Io, format!("its command ended with exit code {code}"))),
        (false, None) => Err(Error::new(Kind::Io, "its command was ended by a signal")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_are_read_and_wrong_ones_told() {
        let hooks = |text: &str| Hooks::read(&toml::from_str(text).unwrap());
        assert_eq!(hooks("before = ['a', 'b']\nafter = 'c'").unwrap().before, ["a", "b"]);
        assert_eq!(hooks("befor = 'a'").unwrap_err().hints(), ["did you mean `before`?"]);
        assert!(hooks("after = 1").is_err());
    }

    #[test]
    fn one_that_fails_ends_the_others() {
        let hooks = Hooks { before: vec!["exit 7".to_owned(), "exit 8".to_owned()], ..Hooks::default() };
        let error = hooks.before(Told::default()).unwrap_err();
        assert_eq!(error.to_string(), "the hook before failed: its command ended with exit code 7");
        hooks.after(Told::default()).unwrap();
    }
}
