//! Sessions that cannot write, and protected profiles, which are opened so.

use dbwright::error::Kind;

use crate::process::Ran;
use crate::servers::{Bed, on_every_server, one};

on_every_server!(the_server_refuses_changes, a_protected_profile_needs_to_be_named);

const WRITES: &[&str] = &[
    "insert into t values (2)",
    "update t set a = 5",
    "delete from t",
    "create table u (a int)",
    "drop table t",
];

fn the_server_refuses_changes(bed: &Bed) {
    bed.open().execute("create table t (a int)", &[]).unwrap();
    bed.open().execute("insert into t values (1)", &[]).unwrap();
    let mut session = bed.open_with("read_only=true");
    assert_eq!(one(session.as_mut(), "select a from t"), "1");
    for sql in WRITES {
        let error = session.execute(sql, &[]).expect_err(sql);
        assert_eq!(error.kind(), Kind::ReadOnly, "{sql}: {error:?}");
    }
    assert!(session.facts().unwrap().read_only.is_some());
    // A pool's reset must not lift it.
    session.reset().unwrap();
    assert_eq!(session.execute("insert into t values (9)", &[]).unwrap_err().kind(), Kind::ReadOnly);
    assert_eq!(one(session.as_mut(), "select count(*) from t"), "1");
}

fn a_protected_profile_needs_to_be_named(bed: &Bed) {
    bed.connect(&["-c", "create table t (a int)"]).ok();
    // A password does not stand in the file.
    let url = bed.url().replace("s3cret%20pw%2F%40%3A%25", "${PASSWORD_IN_URL}");
    bed.sandbox.write("dbwright.toml", format!("[profile.prod]\nurl = \"{url}\"\nprotected = true\n"));
    let run = |arguments: &[&str]| {
        let start = ["connect", "prod"];
        let mut command = bed.sandbox.command(start.iter().chain(arguments));
        Ran::of(command.env("PASSWORD_IN_URL", "s3cret%20pw%2F%40%3A%25"))
    };
    let said = run(&["-c", "insert into t values (1)"]).fails(4);
    assert!(said.contains("--yes-on prod"), "{said}");
    let said = run(&["-y", "-c", "insert into t values (1)"]).fails(4);
    assert!(said.contains("--yes-on prod"), "{said}");
    run(&["--yes-on", "other", "-c", "insert into t values (1)"]).fails(4);
    run(&["-c", "select count(*) from t"]).ok();
    run(&["--yes-on", "prod", "-c", "insert into t values (1)"]).ok();
    assert_eq!(run(&["-c", "select count(*) from t", "--format", "csv", "--no-header"]).ok(), "1\n");
}
