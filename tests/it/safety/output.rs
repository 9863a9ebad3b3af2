//! An output that takes no more: a closed pipe ends quietly, a full disk is an error.

use std::fs::File;
use std::process::Stdio;

use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::{Bed, on_every_server};

on_every_server!(a_closed_pipe_ends_quietly);

fn a_closed_pipe_ends_quietly(bed: &Bed) {
    for format in ["table", "csv", "json"] {
        let script =
            "dbwright connect \"$1\" --format \"$3\" -c \"$2\" | head -1; echo \"code ${PIPESTATUS[0]}\"";
        let mut command = bed.sandbox.program("bash");
        command.args(["-c", script, "bash", &bed.url(), &bed.server.million_rows(), format]);
        let ran = Ran::of(&mut command);
        assert_eq!(ran.stderr, "", "{ran}");
        assert_eq!(ran.out().lines().count(), 2, "{ran}");
        assert!(ran.out().ends_with("code 0\n"), "{ran}");
    }
}

#[test]
fn help_into_a_closed_pipe_is_quiet() {
    let sandbox = Sandbox::new();
    for arguments in ["--help", "man", "completions bash", "connect --help"] {
        let script = format!("dbwright {arguments} | true; echo \"code ${{PIPESTATUS[0]}}\"");
        let ran = Ran::of(sandbox.program("bash").args(["-c", &script]));
        assert_eq!(ran.stderr, "", "{ran}");
        assert_eq!(ran.out(), "code 0\n", "{ran}");
    }
}

/// `/dev/full` says so to whoever writes to it.
#[test]
fn a_full_disk_is_an_error() {
    let sandbox = Sandbox::new();
    let rows =
        "with recursive s(n) as (select 1 union all select n + 1 from s where n < 100000) select n from s";
    for sql in ["select 1", rows] {
        for format in ["table", "csv", "json"] {
            let mut command = sandbox.command(["connect", "sqlite::memory:", "--format", format, "-c", sql]);
            let full = File::options().write(true).open("/dev/full").unwrap();
            let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{format}: {said}");
            assert!(said.starts_with("error: ") && said.contains("No space left"), "{format}: {said}");
        }
    }
    let said = sandbox.run(&["connect", "sqlite::memory:", "-c", "\\o /dev/full", "-c", rows]).fails(1);
    assert!(said.contains("No space left"), "{said}");
    let said =
        sandbox.run(&["connect", "sqlite::memory:", "-c", "\\copy (select 1) to /dev/full csv"]).fails(1);
    assert!(said.contains("No space left") && said.contains("/dev/full"), "{said}");
}
