//! Transcripts are run and compared: those in `tests/cmd/`, and the code blocks of README and docs.
//!
//! In a block marked ```` ```console run ```` every command is run, in order, in one folder for the
//! whole file. In a plain ```` ```console ```` block only the calls of dbwright below which
//! something is printed are; what they need is made ready by comments on lines of their own:
//! `<!-- $ printf 'x' > file -->`. Standard output and standard error are shown as they come. In
//! `run` blocks `? 3` is the exit code, when it is not 0. `[..]` stands for anything within a
//! line, `...` for any lines.
//!
//! `SNAPSHOTS=overwrite cargo test transcripts` writes what came instead.

use std::path::{Path, PathBuf};

use snapbox::{Assert, Data, IntoData, Redactions};

use crate::process::Ran;
use crate::sandbox::Sandbox;

#[test]
fn commands_answer_as_written() {
    for file in markdown("tests/cmd") {
        check(&file);
    }
}

#[test]
fn the_docs_are_true() {
    let mut files = markdown("docs");
    files.push(root().join("README.md"));
    for file in files {
        check(&file);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn markdown(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    files.sort();
    files
}

#[track_caller]
fn check(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    // Nothing to run: a page that only tells, such as what a benchmark printed once.
    if !text.contains("```console") {
        return;
    }
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let mut redactions = Redactions::new();
    redactions.insert("[WORK]", sandbox.work()).unwrap();
    redactions.insert("[HOME]", sandbox.home()).unwrap();
    redactions.insert("[VERSION]", env!("CARGO_PKG_VERSION")).unwrap();
    let actual = replay(&sandbox, &text);
    let expected = Data::read_from(file, Some(snapbox::data::DataFormat::Text));
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false).redact_with(redactions);
    assert.eq(actual.into_data(), expected);
}

/// The files that examples use.
fn prepare(sandbox: &Sandbox) {
    let data = sandbox.work().join("tests/data");
    std::fs::create_dir_all(&data).unwrap();
    for entry in std::fs::read_dir(root().join("tests/data")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
    }
}

/// The text with what its commands print now.
fn replay(sandbox: &Sandbox, text: &str) -> String {
    let mut actual = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        actual += line;
        actual += "\n";
        if let Some(command) = line.strip_prefix("<!-- $ ").and_then(|rest| rest.strip_suffix(" -->")) {
            let said = run(sandbox, command, true);
            assert!(said.is_empty(), "{command}: {said}");
        }
        let all = match line.trim() {
            "```console" => false,
            "```console run" => true,
            _ => continue,
        };
        while let Some(line) = lines.next_if(|line| line.trim() != "```") {
            let mut shown = line.to_owned();
            let Some(first) = line.strip_prefix("$ ") else {
                actual += line;
                actual += "\n";
                continue;
            };
            let mut command = first.to_owned();
            while is_open(&command)
                && let Some(more) = lines.next_if(|line| line.trim() != "```")
            {
                for text in [&mut command, &mut shown] {
                    text.push('\n');
                    text.push_str(more);
                }
            }
            let mut written = String::new();
            while let Some(line) = lines.next_if(|line| line.trim() != "```" && !line.starts_with("$ ")) {
                written += line;
                written += "\n";
            }
            let runs = all || (!written.trim().is_empty() && is_ours(&command));
            actual += &shown;
            actual += "\n";
            actual += &if runs { run(sandbox, &command, all) } else { written };
        }
    }
    actual
}

/// Whether a command goes on in the next line: a quote is open, or the line ends in a backslash.
fn is_open(command: &str) -> bool {
    let mut quote = None;
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '#') => {
                let _ = letters.by_ref().find(|letter| *letter == '\n');
            }
            (None, '\'' | '"') => quote = Some(letter),
            (None | Some('"'), '\\') if letters.next().is_none() => return true,
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

fn is_ours(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    program.rsplit('/').next() == Some("dbwright")
}

/// What the command prints, and its exit code when it fails.
fn run(sandbox: &Sandbox, command: &str, with_code: bool) -> String {
    let command = command.replace("target/release/dbwright", "dbwright");
    let ran = Ran::of(sandbox.program("bash").args(["-c", &format!("exec 2>&1\n{command}")]));
    let mut out = ran.out();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    if with_code && ran.code() != 0 {
        out += &format!("? {}\n", ran.code());
    }
    out
}

#[test]
fn commands_may_span_lines() {
    assert!(is_open("a 'b"));
    assert!(is_open("a \\"));
    assert!(!is_open("a 'b' \"it's\""));
    assert!(!is_open("a # it's a comment"));
    assert!(is_open("a '\n  b\n"));
}
