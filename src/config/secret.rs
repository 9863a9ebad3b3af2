//! Passwords from a variable, a file or a command.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::env::Env;
use super::problem::Problem;
use super::settings::Origin;
use crate::error::Result;
use crate::model::target::SecretString;

/// How long a password command may take: long enough to unlock a key by hand.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest password that is read.
const LONGEST: u64 = 64 * 1024;

/// Where the profile says that its password comes from.
#[derive(Debug, Clone)]
pub enum Secret {
    /// The name of an environment variable.
    Variable(String, Origin),
    File(PathBuf, Origin),
    Command(String, Origin),
    Prompt,
}

impl Secret {
    /// The source in a few words, without the secret.
    pub fn describe(&self, env: &Env) -> String {
        match self {
            Secret::Variable(name, _) => match env.filled(name) {
                Some(_) => format!("variable {name}"),
                None => format!("variable {name} (not set)"),
            },
            Secret::File(path, _) => format!("file {}", env.show(path)),
            Secret::Command(..) => "command".to_owned(),
            Secret::Prompt => "prompt".to_owned(),
        }
    }

    /// The password; None when the caller has to ask for it.
    pub fn fetch(&self, env: &Env) -> Result<Option<SecretString>> {
        self.fetch_within(env, COMMAND_TIMEOUT)
    }

    fn fetch_within(&self, env: &Env, timeout: Duration) -> Result<Option<SecretString>> {
        let (password, origin) = match self {
            Secret::Prompt => return Ok(None),
            Secret::Variable(name, origin) => (from_variable(name, env), origin),
            Secret::File(path, origin) => (from_file(path, env), origin),
            Secret::Command(command, origin) => (from_command(command, env, timeout), origin),
        };
        password.map(|password| Some(SecretString::from(password))).map_err(|problem| origin.error(problem))
    }
}

fn from_variable(name: &str, env: &Env) -> Result<String, Problem> {
    match env.filled(name) {
        Some(password) => Ok(password.to_owned()),
        None => Err(Problem::new(format!("password_env: the environment variable `{name}` is not set"))
            .hint(format!("`export {name}=…` before, or use another source of the password"))),
    }
}

fn from_file(path: &Path, env: &Env) -> Result<String, Problem> {
    let shown = env.show(path);
    let cannot_read = |error| Problem::new(format!("password_file: cannot read {shown}: {error}"));
    let facts = std::fs::metadata(path).map_err(cannot_read)?;
    if facts.is_dir() {
        return Err(Problem::new(format!("password_file: {shown} is a folder")));
    }
    if facts.is_file() && others_can_read(&facts) {
        return Err(Problem::new(format!("password_file: others than you can read {shown}"))
            .hint(format!("chmod 600 {}", path.display())));
    }
    let file = std::fs::File::open(path).map_err(cannot_read)?;
    let line = first_line(file).map_err(cannot_read)?;
    password(line, &format!("password_file: {shown}"), "is empty")
}

/// Whether group or others may read a file.
pub fn others_can_read(facts: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o077 != 0
}

fn first_line(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(from.take(LONGEST)).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// Takes the end of the line off. The bytes never appear in a message.
fn password(line: Vec<u8>, source: &str, empty: &str) -> Result<String, Problem> {
    let text = String::from_utf8(line).map_err(|_| Problem::new(format!("{source} is not valid UTF-8")))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    match text.strip_suffix('\r').unwrap_or(text) {
        "" => Err(Problem::new(format!("{source} {empty}"))),
        password => Ok(password.to_owned()),
    }
}

fn from_command(command: &str, env: &Env, timeout: Duration) -> Result<String, Problem> {
    let failed = |what: String| Problem::new(format!("password_command {what}"));
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(&env.cwd)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    let output = child.stdout.take().ok_or_else(|| failed("has no output".to_owned()))?;
    let (sender, receiver) = mpsc::channel();
    // Not joined: a process that the command left behind may keep the pipe open for ever.
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        let outcome = output.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        // Nobody listens any more after a time-out.
        let _ = sender.send(outcome.map(|_| line));
        // Read to the end, so that the command does not fail for a closed pipe.
        let _ = std::io::copy(&mut output, &mut std::io::sink());
    });
    let deadline = Instant::now() + timeout;
    let status = wait(&mut child, deadline).map_err(|error| failed(format!("was lost: {error}")))?;
    let Some(status) = status else {
        return Err(failed(format!("took longer than {} s", timeout.as_secs_f32().ceil()))
            .hint("run it by hand: it may wait for an answer"));
    };
    if !status.success() {
        return Err(failed(format!("failed with {}", exit(status))));
    }
    // The pipe is at its end or holds a line already; a moment is enough.
    match receiver.recv_timeout(Duration::from_secs(1)) {
        Ok(Ok(line)) => password(line, "password_command", "printed nothing"),
        Ok(Err(error)) => Err(failed(format!("cannot be read: {error}"))),
        Err(_) => Err(failed("printed nothing".to_owned())),
    }
}

fn exit(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

/// Waits for the end of the command; None when it was ended for taking too long.
fn wait(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::model::target::ExposeSecret;

    fn env() -> (tempfile::TempDir, Env) {
        let folder = tempfile::tempdir().unwrap();
        let mut env = Env::in_folder(folder.path());
        env.cwd = folder.path().to_owned();
        (folder, env)
    }

    fn fetch(secret: &Secret, env: &Env) -> Result<String> {
        secret
            .fetch_within(env, Duration::from_millis(500))
            .map(|password| password.map(|password| password.expose_secret().to_owned()).unwrap_or_default())
    }

    #[test]
    fn variables() {
        let (_folder, env) = env();
        let env = env.with("PW", "s3cret").with("EMPTY", "");
        let secret = |name: &str| Secret::Variable(name.to_owned(), Origin::Default);
        assert_eq!(fetch(&secret("PW"), &env).unwrap(), "s3cret");
        assert!(fetch(&secret("NONE"), &env).unwrap_err().message().contains("`NONE` is not set"));
        assert!(fetch(&secret("EMPTY"), &env).is_err());
        assert_eq!(secret("EMPTY").describe(&env), "variable EMPTY (not set)");
    }

    #[test]
    fn files_must_be_private() {
        let (folder, env) = env();
        let path = folder.path().join("pw");
        let secret = Secret::File(path.clone(), Origin::Default);
        assert!(fetch(&secret, &env).unwrap_err().message().contains("cannot read pw"));
        fs::write(&path, "s3cret \r\nsecond\n").unwrap();
        for (mode, allowed) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match (fetch(&secret, &env), allowed) {
                (Ok(password), true) => assert_eq!(password, "s3cret "),
                (Err(error), false) => assert!(error.hints()[0].starts_with("chmod 600 /")),
                (outcome, _) => panic!("{mode:o}: {outcome:?}"),
            }
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "\n").unwrap();
        assert!(fetch(&secret, &env).unwrap_err().message().contains("is empty"));
        assert!(fetch(&Secret::File(folder.path().to_owned(), Origin::Default), &env).is_err());
    }

    #[test]
    fn commands() {
        let (_folder, env) = env();
        let run = |command: &str| fetch(&Secret::Command(command.to_owned(), Origin::Default), &env);
        assert_eq!(run("printf 'a b\\nmore\\n'").unwrap(), "a b");
        assert_eq!(run("echo x; yes | head -c 300000").unwrap(), "x");
        assert_eq!(run("sleep 2 & echo x").unwrap(), "x");
        for (command, message) in [
            ("echo hunter2; exit 7", "failed with exit code 7"),
            ("true", "printed nothing"),
            ("sleep 5", "took longer than"),
            ("kill -9 $$", "signal"),
            ("printf '\\377\\n'", "not valid UTF-8"),
        ] {
            let error = run(command).unwrap_err();
            assert!(error.message().contains(message), "{command}: {error}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
