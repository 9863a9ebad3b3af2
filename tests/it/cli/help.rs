//! Every command explains itself, and the transcript in `tests/cmd/help.md` shows all of it.

use crate::sandbox::Sandbox;

/// The words that lead to each command: `[]`, `[connect]`, `[connect, pool]` ...
fn commands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, path: &[String], into: &mut Vec<Vec<String>>) {
        into.push(path.to_owned());
        for below in command.get_subcommands() {
            let path = [path, &[below.get_name().to_owned()]].concat();
            collect(below, &path, into);
        }
    }
    let mut all = Vec::new();
    collect(&dbwright::cli::definition(), &[], &mut all);
    all
}

#[test]
fn the_transcript_shows_every_command() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/help.md");
    let shown = std::fs::read_to_string(path).unwrap();
    for command in commands() {
        let line = format!("$ dbwright {}", [command.as_slice(), &["--help".to_owned()]].concat().join(" "));
        assert!(shown.lines().any(|shown| shown == line), "tests/cmd/help.md lacks: {line}");
    }
}

#[test]
fn every_command_gives_examples_and_explains_each_option() {
    let sandbox = Sandbox::new();
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = sandbox.run(&words).ok();
        assert!(help.contains("Usage: dbwright"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{words:?} has long lines: {help}");
        let short: Vec<&str> = command.iter().map(String::as_str).chain(["-h"]).collect();
        sandbox.run(&short).ok();
    }
    let mut definition = dbwright::cli::definition();
    definition.build();
    explained(&definition);
}

fn explained(command: &clap::Command) {
    for argument in command.get_arguments() {
        assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
    }
    for below in command.get_subcommands() {
        assert!(below.get_about().is_some(), "{} has no description", below.get_name());
        explained(below);
    }
}
