//! Files in `completions/` and manual pages are what the program prints.

use std::path::Path;

use snapbox::{Assert, Data, IntoData};

use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::leave_out;

const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "dbwright.bash"),
    ("zsh", "_dbwright"),
    ("fish", "dbwright.fish"),
    ("powershell", "_dbwright.ps1"),
    ("elvish", "dbwright.elv"),
];

/// After a change of the options: `SNAPSHOTS=overwrite cargo test completions`.
#[test]
fn completions_are_up_to_date() {
    let sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, file) in COMPLETIONS {
        let printed = sandbox.run(&["completions", shell]).ok();
        let kept = Data::read_from(&folder.join(file), Some(snapbox::data::DataFormat::Text)).raw();
        Assert::new().action_env("SNAPSHOTS").eq(printed.into_data().raw(), kept);
    }
}

/// After a change of the rules: `SNAPSHOTS=overwrite cargo test lint_rules`.
#[test]
fn the_pages_of_lint_rules_are_up_to_date() {
    for (command, page) in [("schema", "docs/lint-rules.md"), ("migrate", "docs/migrate-rules.md")] {
        let printed = Sandbox::new().run(&[command, "lint", "--rules", "--format", "markdown"]).ok();
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let kept = Data::read_from(&page, Some(snapbox::data::DataFormat::Text)).raw();
        Assert::new().action_env("SNAPSHOTS").eq(printed.into_data().raw(), kept);
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let script = r#"source "$1/dbwright.bash"
        complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dbwright dbwright "${COMP_WORDS[COMP_CWORD]}"; }
        complete_words dbwright con; echo "${COMPREPLY[*]}"
        complete_words dbwright connect --single; echo "${COMPREPLY[*]}"
        complete_words dbwright profile s; echo "${COMPREPLY[*]}""#;
    let ran = Ran::of(sandbox.program("bash").args(["-c", script, "bash"]).arg(folder));
    assert_eq!(ran.ok(), "connect\n--single-transaction\nshow\n");
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(&["man"]).ok();
    assert!(page.contains(".TH dbwright 1"), "{page}");
    sandbox.run(&["man", "--dir", "pages"]).ok();
    let mut pages: Vec<String> = std::fs::read_dir(sandbox.work().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    for page in ["dbwright.1", "dbwright-connect.1", "dbwright-connect-pool.1", "dbwright-profile-init.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    let said = sandbox.run(&["man", "--dir", "/proc/nowhere"]).fails(1);
    assert!(said.contains("/proc/nowhere"), "{said}");
    let mandoc =
        Ran::of(sandbox.program("sh").args(["-c", "command -v groff >/dev/null && echo yes || true"]));
    if mandoc.out() != "yes\n" {
        return leave_out_quietly();
    }
    let ran = Ran::of(sandbox.program("sh").args(["-c", "groff -man -Tutf8 -ww pages/*.1 >/dev/null"]));
    assert_eq!(ran.stderr, "");
}

/// Formatting needs groff, which the test bed does not install: it is a bonus.
fn leave_out_quietly() {
    if std::env::var_os("CI").is_none() && !crate::servers::bed_is_full() {
        leave_out("formatting of manual pages", "groff is not installed");
    }
}
