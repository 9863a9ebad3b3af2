//! One case for each exit code; docs/exit-codes.md promises them.

use crate::sandbox::Sandbox;

/// Arguments, exit code, and words that standard error must hold.
const CASES: &[(&[&str], i32, &str)] = &[
    (&["--version"], 0, ""),
    (&["connect", "sqlite::memory:", "-c", "select 1"], 0, ""),
    // 1: the work failed
    (&["connect", "sqlite::memory:", "-c", "selct 1"], 1, "syntax error"),
    (&["connect", "sqlite::memory:", "-c", "select * from nonesuch"], 1, "no such table"),
    (&["connect", "sqlite::memory:", "-c", "\\copy t from missing.csv"], 1, "missing.csv"),
    // 2: wrong usage or configuration, or the engine cannot do it
    (&[], 2, "Usage"),
    (&["nonesuch"], 2, "unrecognized"),
    (&["connect", "--nonesuch"], 2, "--nonesuch"),
    (&["connect", "sqlite::memory:", "--format", "xml", "-c", "select 1"], 2, "xml"),
    (&["connect", "sqlite::memory:", "--timeout", "soon", "-c", "select 1"], 2, "soon"),
    (&["connect", "sqlite::memory:", "--param", "1=2", "-c", "select 1"], 2, "name"),
    (&["connect", "-c", "select 1"], 2, "no database is named"),
    (&["connect", "nonesuch", "-c", "select 1"], 2, "nonesuch"),
    (&["connect", "oracle://db/x", "-c", "select 1"], 2, "oracle"),
    (&["connect", "sqlite::memory:?mdoe=ro", "-c", "select 1"], 2, "mode"),
    (&["connect", "sqlite::memory:", "-f", "missing.sql"], 2, "missing.sql"),
    (&["connect", "--config", "missing.toml", "p", "-c", "select 1"], 2, "missing.toml"),
    (&["connect", "sqlite::memory:", "-1", "-c", "begin"], 2, "--single-transaction"),
    (&["connect", "sqlite::memory:", "-c", "\\nonesuch"], 2, "\\nonesuch"),
    // 3: no connection
    (&["connect", "sqlite:missing.db", "-c", "select 1"], 3, "missing.db"),
    (&["connect", "postgres://u@no-such-host.invalid/d", "-c", "select 1"], 3, "no-such-host.invalid"),
    (&["connect", "mysql://u@127.0.0.1:1/d", "-c", "select 1"], 3, "127.0.0.1:1"),
];

#[test]
fn each_failure_has_its_code() {
    let sandbox = Sandbox::new();
    for (arguments, code, words) in CASES {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code(), *code, "{ran}");
        assert!(ran.stderr.contains(words), "{ran}");
        if *code > 0 {
            assert!(ran.stderr.starts_with("error: ") || ran.stderr.contains("Usage:"), "{ran}");
        }
        assert!(*code == 0 || ran.stdout.is_empty(), "results are for those that succeed: {ran}");
    }
}

#[test]
fn a_refusal_for_safety_is_4() {
    let sandbox = Sandbox::new();
    sandbox.run(&["connect", "sqlite:app.db?mode=rwc", "-c", "create table t (a)"]).ok();
    sandbox.write("dbwright.toml", "[profile.prod]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    let said = sandbox.run(&["connect", "prod", "-c", "insert into t values (1)"]).fails(4);
    assert!(said.contains("--yes-on prod"), "{said}");
    sandbox.run(&["profile", "init"]).fails(4);
    sandbox.run(&["connect", "prod", "--yes-on", "prod", "-c", "insert into t values (1)"]).ok();
}

#[test]
fn a_check_of_all_profiles_fails_when_one_does() {
    let sandbox = Sandbox::new();
    let profiles = "[profile.good]\nurl = \"sqlite::memory:\"\n[profile.gone]\nurl = \"sqlite:gone.db\"\n\
                    [profile.far]\nurl = \"postgres://u@127.0.0.1:1/d\"\n";
    sandbox.write("dbwright.toml", profiles);
    let ran = sandbox.run(&["connect", "--check", "--all"]);
    let out = ran.out();
    assert_eq!(out.lines().count(), 5, "{ran}");
    assert!(out.contains("SQLite 3.") && out.contains("gone.db"), "{ran}");
    ran.fails(1);
    let ran = sandbox.run(&["connect", "--check", "--all", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out()).unwrap();
    let ok: Vec<&serde_json::Value> =
        report["checks"].as_array().unwrap().iter().map(|check| &check["ok"]).collect();
    assert_eq!(ok, [true, false, false]);
    assert_eq!(report["checks"][1]["error"]["kind"], "connect");
    ran.fails(1);
}
