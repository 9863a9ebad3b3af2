//! Hooks: run at their moments, outside of the migrations' transactions, and heard when they fail.

use super::migrate::{states, write};
use crate::process::Ran;
use crate::sandbox::PROGRAM;
use crate::servers::{Bed, Server, bed as told, on_every_server, one, rows, run};

on_every_server!(
    hooks_run_at_their_moments,
    a_failing_hook_stops_the_run,
    hooks_that_are_wrong_are_told_at_once,
);

const LOG: &str = "command = [\"sh\", \"-c\", \"echo $DBWRIGHT_HOOK $DBWRIGHT_HOOK_DIRECTION $DBWRIGHT_HOOK_ID $DBWRIGHT_HOOK_NAME $DBWRIGHT_HOOK_PROFILE >> log\"]";

fn live(bed: &Bed, command: &str, arguments: &[&str]) -> Ran {
    let start = ["migrate", command, "live", "--yes-on", "live"];
    let mut command = bed.sandbox.command([&start, arguments].concat());
    Ran::of(command.env("PW", told("PASSWORD").unwrap_or_default()))
}

fn profile(bed: &Bed, hooks: &str) {
    let more = format!(
        "[profile.live.migrations]\ndir = \"migrations\"\n[profile.live.migrations.hooks]\n{hooks}\n"
    );
    bed.protect(bed.server.pick("?mode=rwc", "", ""), &more);
}

fn two(bed: &Bed) {
    write(bed, "1_a.sql", "-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;\n");
    write(bed, "2_b.sql", "-- migrate:up\ncreate table b (id int);\n-- migrate:down\ndrop table b;\n");
}

fn log(bed: &Bed) -> Vec<String> {
    let text = std::fs::read_to_string(bed.sandbox.work().join("log")).unwrap_or_default();
    let _ = std::fs::remove_file(bed.sandbox.work().join("log"));
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn hooks_run_at_their_moments(bed: &Bed) {
    two(bed);
    std::fs::create_dir_all(bed.sandbox.work().join("hooks")).unwrap();
    bed.sandbox.write("hooks/each.sql", "insert into seen values (1);\n");
    profile(
        bed,
        &format!(
            "before_all = {{ sql = \"create table if not exists seen (id int)\" }}\nbefore_each = {{ {LOG} }}\n\
             after_each = {{ file = \"hooks/each.sql\" }}\nafter_all = {{ {LOG} }}\non_error = {{ {LOG} }}"
        ),
    );
    let ran = live(bed, "up", &["--dry-run"]);
    assert!(ran.out().contains("hook before_all: create table if not exists seen (id int)"), "{ran}");
    assert!(ran.out().contains("hook before_each: sh -c echo") && log(bed).is_empty(), "{ran}");
    let ran = live(bed, "up", &["--json", "--dry-run"]);
    assert!(
        ran.out().contains("\"when\": \"after_each\"") || ran.out().contains("\"when\":\"after_each\""),
        "{ran}"
    );
    let ran = live(bed, "up", &[]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(log(bed), ["before_each up 1 a live", "before_each up 2 b live", "after_all up live"]);
    assert_eq!(one(bed.open().as_mut(), "select count(*) from seen"), "2");
    assert!(live(bed, "up", &[]).stderr.contains("up to date"));
    assert!(log(bed).is_empty());
    assert_eq!(live(bed, "down", &[]).code(), 0);
    assert_eq!(log(bed), ["before_each down 2 b live", "after_all down live"]);
    write(bed, "2_b.sql", "-- migrate:up\ncreate tabl b (id int);\n");
    assert_ne!(live(bed, "up", &[]).code(), 0);
    assert_eq!(log(bed), ["before_each up 2 b live", "on_error up 2 live"]);
    assert_eq!(live(bed, "up", &["--one-transaction"]).code(), 2);
}

fn a_failing_hook_stops_the_run(bed: &Bed) {
    two(bed);
    profile(bed, "before_each = { command = [\"sh\", \"-c\", \"test $DBWRIGHT_HOOK_ID != 2\"] }");
    let ran = live(bed, "up", &[]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(
        ran.stderr.contains("the hook before_each of 2 failed\n  caused by: sh ended with exit code 1"),
        "{ran}"
    );
    assert!(ran.stderr.contains("nothing of 2 was run"), "{ran}");
    assert_eq!(states(bed), ["1 applied", "2 pending"]);
    profile(bed, "after_each = { sql = \"select nocolumn from a\" }");
    let ran = live(bed, "up", &[]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("the hook after_each of 2 failed"), "{ran}");
    assert!(ran.stderr.contains("2 is applied"), "{ran}");
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
    profile(bed, "before_all = { sql = \"begin; insert into a values (1)\" }");
    let ran = live(bed, "down", &[]);
    assert!(ran.stderr.contains("leaves a transaction open"), "{ran}");
    assert!(rows(bed.open().as_mut(), "select * from a").is_empty());
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
}

fn hooks_that_are_wrong_are_told_at_once(bed: &Bed) {
    two(bed);
    for (hooks, expected) in [
        ("before_eech = { sql = \"select 1\" }", "did you mean `before_each`?"),
        ("before_all = \"select 1\"", "the hook `before_all` is not understood"),
        ("before_all = { file = \"nowhere.sql\" }", "nowhere.sql"),
        ("before_all = { command = [\"no-such-program-here\"] }", "cannot start no-such-program-here"),
    ] {
        profile(bed, hooks);
        let ran = live(bed, "up", &[]);
        assert_ne!(ran.code(), 0, "{ran}");
        assert!(ran.stderr.contains(expected), "{expected}\n{ran}");
        assert_eq!(states(bed), ["1 pending", "2 pending"]);
    }
}

/// On SQLite another run can come in between a hook and its migration. It is noticed also when the
/// migrations before were applied without one.
#[test]
fn another_run_between_a_hook_and_its_migration_is_noticed() {
    run(Server::Sqlite, "between_hooks", |bed| {
        two(bed);
        write(bed, "3_c.sql", "-- migrate:up\ncreate table c (id int);\n");
        write(bed, "4_d.sql", "-- migrate:up\ncreate table d (id int);\n");
        let other = format!(
            "test $DBWRIGHT_HOOK_ID != 3 || '{PROGRAM}' migrate up '{}' --dir migrations --steps 1 --yes",
            bed.url()
        );
        profile(bed, &format!("before_each = {{ command = [\"sh\", \"-c\", \"{other}\"] }}"));
        let ran = live(bed, "up", &[]);
        assert_eq!(ran.code(), 0, "{ran}");
        assert!(ran.stderr.contains("3 migrations applied"), "{ran}");
        assert_eq!(states(bed), ["1 applied", "2 applied", "3 applied", "4 applied"]);
    });
}
