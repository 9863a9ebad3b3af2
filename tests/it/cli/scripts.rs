//! Scripts: where results and messages go, standard input, files that include files.

use crate::process::Ran;
use crate::sandbox::Sandbox;

const MEMORY: &str = "sqlite::memory:";

#[test]
fn results_and_messages_go_different_ways() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&[
        "connect",
        MEMORY,
        "-v",
        "-c",
        "create table t (a)",
        "-c",
        "select 42 as a",
        "--format",
        "csv",
    ]);
    assert!(ran.out().ends_with("a\n42\n"), "{ran}");
    assert!(ran.stderr.contains("select") && !ran.stderr.contains("\n42\n"), "{ran}");
    let ran =
        sandbox.run(&["connect", MEMORY, "-q", "-c", "create table t (a)", "-c", "select 42 as a", "--json"]);
    assert_eq!(ran.stderr, "");
    let document: serde_json::Value = serde_json::from_str(&ran.ok()).unwrap();
    assert_eq!(document["version"], 1);
}

#[test]
fn inputs_run_in_order() {
    let sandbox = Sandbox::new();
    sandbox.write("one.sql", "select 'one' as v;\n\\i two.sql\n");
    sandbox.write("two.sql", "select 'two' as v;\n");
    let out = ["--format", "tsv", "--no-header"];
    let arguments =
        [&["connect", MEMORY, "-c", "select 'zero'", "-f", "one.sql", "-c", "select 'three'"], &out[..]]
            .concat();
    assert_eq!(sandbox.run(&arguments).ok(), "zero\none\ntwo\nthree\n");
    let arguments = [&["connect", MEMORY, "-f", "-"], &out[..]].concat();
    assert_eq!(Ran::fed(&mut sandbox.command(arguments), b"select 1; select 2").ok(), "1\n2\n");
    let arguments = [&["connect", MEMORY], &out[..]].concat();
    assert_eq!(Ran::fed(&mut sandbox.command(&arguments), b"select 1;\n\\q\nselect 2;\n").ok(), "1\n");
    assert_eq!(Ran::fed(&mut sandbox.command(&arguments), b"").ok(), "");
    assert_eq!(
        Ran::fed(&mut sandbox.command(&arguments), b"\xef\xbb\xbfselect 1;\r\nselect 2;\r\n").ok(),
        "1\n2\n"
    );
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sandbox = Sandbox::new();
    let arguments = ["connect", MEMORY, "-c", "select null; selct"];
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let ran = Ran::of(sandbox.command([&arguments[..], more].concat()).envs(variables.iter().copied()));
        ran.stderr.contains('\u{1b}')
    };
    assert!(!run(&[("TERM", "xterm")], &[]));
    assert!(run(&[("TERM", "xterm"), ("CLICOLOR_FORCE", "1")], &[]));
    assert!(!run(&[("TERM", "xterm"), ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!run(&[("TERM", "xterm"), ("CLICOLOR_FORCE", "1")], &["--no-color"]));
}

#[test]
fn results_go_to_files_and_programs() {
    let sandbox = Sandbox::new();
    let script = "\\format csv\n\\o out.csv\nselect 1 as a;\n\\o | tr a-z A-Z > upper.csv\nselect 'x' as b;\n\\o\nselect 3 as c;\n";
    sandbox.write("s.sql", script);
    assert_eq!(sandbox.run(&["connect", MEMORY, "-f", "s.sql"]).ok(), "c\n3\n");
    assert_eq!(sandbox.read("out.csv"), "a\n1\n");
    assert_eq!(sandbox.read("upper.csv"), "B\nX\n");
}

#[test]
fn a_long_script_streams() {
    let sandbox = Sandbox::new();
    let mut script = String::from("create table t (a int, b text);\nbegin;\n");
    for number in 0..20_000 {
        script += &format!("insert into t values ({number}, 'it''s; number {number}');\n");
    }
    script += "commit;\nselect count(*), sum(a) from t;\n";
    let arguments = ["connect", MEMORY, "-q", "--format", "csv", "--no-header"];
    assert_eq!(Ran::fed(&mut sandbox.command(arguments), script.as_bytes()).ok(), "20000,199990000\n");
}

#[test]
fn an_unfinished_statement_is_told() {
    let sandbox = Sandbox::new();
    let said = sandbox.run(&["connect", MEMORY, "-c", "select 1;\nselect 'oops"]).fails(1);
    assert!(said.contains("-c:2"), "{said}");
}
