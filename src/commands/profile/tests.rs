use std::fs;

use super::*;

/// A folder with a profile file, and its surroundings.
fn folder(text: &str) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("work")).unwrap();
    fs::write(folder.path().join("work/dbwright.toml"), text).unwrap();
    let env = Env::in_folder(folder.path());
    (folder, env)
}

fn output(action: Action, env: &Env, json: bool) -> (String, Result<()>) {
    let mut out = Vec::new();
    let outcome = run(&ProfileArgs { action }, env, None, json, &mut out);
    (String::from_utf8(out).unwrap(), outcome)
}

const FILE: &str = r#"default_profile = "dev"
[defaults]
statement_timeout = "1m"
[profile.dev]
url = "sqlite:app.db"
[profile.prod]
url = "postgresql://dba@db1:5433/app?sslmode=verify-full"
protected = true
password_env = "PROD_PASSWORD"
[profile.prod.backup]
folder = "/backup"
[profile.shop]
engine = "mariadb"
host = "127.0.0.1"
user = "${SHOP_USER}"
"#;

#[test]
fn list_shows_every_profile_even_with_a_variable_that_is_not_set() {
    let (_folder, env) = folder(FILE);
    let (text, outcome) = output(Action::List, &env, false);
    outcome.unwrap();
    assert_eq!(
        text.trim_end(),
        r#"profile  engine    address   database  user  protected  password from
───────  ────────  ────────  ────────  ────  ─────────  ────────────────────────────────
dev      sqlite              app.db
prod     postgres  db1:5433  app       dba   yes        variable PROD_PASSWORD (not set)
shop     ?
shop: dbwright.toml:15: the environment variable `SHOP_USER` is not set
default: dev"#
    );
    let (json, _) = output(Action::List, &env.with("SHOP_USER", "sho"), true);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["profiles"][1]["address"], "db1:5433");
    assert_eq!(json["profiles"][1]["protected"], true);
    assert_eq!(json["profiles"][2]["user"], "sho");
}

#[test]
fn show_tells_where_values_come_from() {
    let (_folder, env) = folder(FILE);
    let env = env.with("PGAPPNAME", "nightly").with("PROD_PASSWORD", "hunter2");
    let (text, outcome) = output(Action::Show { name: "prod".to_owned() }, &env, false);
    outcome.unwrap();
    assert_eq!(
        text.trim_end(),
        r#"key                value        from
─────────────────  ───────────  ──────────────────────
engine             postgres
host               db1          dbwright.toml:7
port               5433         dbwright.toml:7
user               dba          dbwright.toml:7
database           app          dbwright.toml:7
tls.mode           verify-full  dbwright.toml:7
application_name   nightly      PGAPPNAME
connect_timeout    10s          default
statement_timeout  1m           dbwright.toml:3
pool_size          8            default
protected          true         dbwright.toml:8
password           ***          variable PROD_PASSWORD
and the table `backup`"#
    );
    let (_, outcome) = output(Action::Show { name: "prd".to_owned() }, &env, false);
    assert!(outcome.unwrap_err().hints()[0].contains("`prod`"));
}

#[test]
fn check_reports_all_problems() {
    let (_folder, env) =
        folder("[profile.a]\nurl = \"sqlite:x.db\"\npasword_env = \"X\"\npool_size = \"8\"\n");
    let (text, outcome) = output(Action::Check, &env, false);
    assert_eq!(outcome.unwrap_err().kind().exit_code(), 2);
    assert_eq!(
        text.trim_end(),
        r#"dbwright.toml:3:1: unknown key `pasword_env` in a profile
  3 | pasword_env = "X"
    | ^
  help: did you mean `password_env`?
dbwright.toml:4:13: `pool_size` must be a whole number, not string
  4 | pool_size = "8"
    |             ^
  help: write `pool_size = 8` without quotes"#
    );
    let (json, _) = output(Action::Check, &env, true);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["ok"], false);
    assert_eq!(json["problems"][0]["line"], 3);
}

#[test]
fn init_writes_a_file_that_is_right_and_never_overwrites_by_chance() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("work")).unwrap();
    let env = Env::in_folder(folder.path());
    let init = |force| Action::Init { file: PathBuf::from("dbwright.toml"), force };
    let (_, outcome) = output(Action::List, &env, false);
    assert!(outcome.unwrap_err().hints()[0].contains("profile init"));
    output(init(false), &env, false).1.unwrap();
    let (text, outcome) = output(Action::Check, &env, false);
    assert!(outcome.is_ok(), "{text}");
    assert_eq!(text, "dbwright.toml is right: 1 profile\n");

    let path = folder.path().join("work/dbwright.toml");
    fs::write(&path, "# mine").unwrap();
    let error = output(init(false), &env, false).1.unwrap_err();
    assert_eq!(error.kind().exit_code(), 4);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
    output(init(true), &env, false).1.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), init::TEMPLATE);
}

/// What the template shows in comments must be right as well.
#[test]
fn the_template_is_right_without_its_comment_signs() {
    let live: String = init::TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let (_folder, env) = folder(&live);
    let (text, outcome) = output(Action::Check, &env, false);
    assert!(outcome.is_ok(), "{text}\n{live}");
    assert_eq!(text, "dbwright.toml is right: 4 profiles\n");
}

/// Each wrong file stands beside the complaint it must bring; `DBWRIGHT_BLESS=1` writes them.
#[test]
fn the_wrong_files_bring_their_complaints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/invalid");
    let mut wrong: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    wrong.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    wrong.sort();
    let mut env = Env::in_folder(Path::new("/nowhere"));
    env.cwd = folder;
    assert!(wrong.len() >= 10);
    for path in wrong {
        let problems = Config::problems(&path, &env).unwrap();
        assert!(!problems.is_empty(), "{} is right", path.display());
        let mut told = Vec::new();
        for problem in &problems {
            assert_eq!(problem.kind(), Kind::Config, "{problem}");
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
            check::write_problem(&mut told, problem).unwrap();
        }
        let told = String::from_utf8(told).unwrap();
        let expected = path.with_extension("expected");
        if std::env::var_os("DBWRIGHT_BLESS").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(told, wanted, "{}", path.display());
    }
}
