//! Where the profile file is found, and what wins; what is wrong with it stands in `tests/cmd`.

use crate::process::Ran;
use crate::sandbox::Sandbox;

/// The database that `arguments` lead to.
#[track_caller]
fn leads_to(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let arguments = [&["connect"], arguments, &["-c", "\\conninfo"]].concat();
    let out = Ran::of(sandbox.command(arguments).envs(variables.iter().copied())).ok();
    let line =
        out.lines().find(|line| line.trim_start().starts_with("database")).unwrap_or_else(|| panic!("{out}"));
    line.rsplit(['/', ' ']).next().unwrap().to_owned()
}

#[test]
fn the_first_that_names_a_database_wins() {
    let sandbox = Sandbox::new();
    for name in ["a.db", "b.db", "c.db"] {
        sandbox.run(&["connect", &format!("sqlite:{name}?mode=rwc"), "-c", "create table t (a)"]).ok();
    }
    let from_url = [("DATABASE_URL", "sqlite:a.db")];
    assert_eq!(leads_to(&sandbox, &[], &from_url), "a.db");
    assert_eq!(leads_to(&sandbox, &["b.db"], &from_url), "b.db");
    assert_eq!(leads_to(&sandbox, &["--url", "sqlite:b.db"], &from_url), "b.db");
    sandbox.write("dbwright.toml", "default_profile = \"c\"\n[profile.b]\npath = \"b.db\"\nengine = \"sqlite\"\n[profile.c]\nurl = \"sqlite:c.db\"\n");
    assert_eq!(leads_to(&sandbox, &[], &from_url), "c.db");
    assert_eq!(leads_to(&sandbox, &["b"], &[]), "b.db");
    assert_eq!(leads_to(&sandbox, &["--profile", "b"], &[]), "b.db");
    assert_eq!(leads_to(&sandbox, &[], &[("DBWRIGHT_PROFILE", "b")]), "b.db");
    let other = sandbox.write("other.toml", "[profile.x]\nurl = \"sqlite:a.db\"\n");
    assert_eq!(leads_to(&sandbox, &["--config", "other.toml"], &[]), "a.db");
    assert_eq!(leads_to(&sandbox, &[], &[("DBWRIGHT_CONFIG", other.to_str().unwrap())]), "a.db");
}

#[test]
fn a_file_above_or_at_home_is_found() {
    let sandbox = Sandbox::new();
    sandbox.run(&["connect", "sqlite:a.db?mode=rwc", "-c", "create table t (a)"]).ok();
    sandbox.write("dbwright.toml", "[profile.a]\nurl = \"sqlite:a.db\"\n");
    std::fs::create_dir_all(sandbox.work().join("deep/down")).unwrap();
    let mut command = sandbox.command(["connect", "a", "-c", "select 1"]);
    Ran::of(command.current_dir(sandbox.work().join("deep/down"))).ok();
    let elsewhere = Sandbox::new();
    let folder = elsewhere.home().join(".config/dbwright");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("dbwright.toml"), "[profile.mem]\nurl = \"sqlite::memory:\"\n").unwrap();
    elsewhere.run(&["connect", "mem", "-c", "select 1"]).ok();
}

#[test]
fn a_new_file_is_right_and_so_are_the_samples() {
    let sandbox = Sandbox::new();
    sandbox.run(&["profile", "init"]).ok();
    sandbox.run(&["profile", "check"]).ok();
    sandbox.run(&["profile", "init"]).fails(4);
    sandbox.run(&["profile", "init", "--force"]).ok();
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-configs");
    for entry in std::fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let ran = sandbox.run(&["profile", "check", "--config", path.to_str().unwrap()]);
            // Variables that a sample needs are not set here; everything else must be right.
            let only_variables =
                ran.stderr.lines().filter(|line| line.starts_with("error")).all(|l| l.contains("${"));
            assert!(ran.code() == 0 || only_variables, "{ran}\n{text}");
        }
    }
}
