use std::fs;
use std::path::Path;

use super::*;
use crate::config::{Config, Env};
use crate::error::Error;
use crate::model::listing::Listing;

/// A folder with a profile file, and its surroundings.
fn folder(text: &str) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("work")).unwrap();
    fs::write(folder.path().join("work/dbwright.toml"), text).unwrap();
    let env = Env::in_folder(folder.path());
    (folder, env)
}

fn load(env: &Env) -> Config {
    Config::load(env, None).unwrap().unwrap()
}

fn problems(env: &Env) -> Vec<Error> {
    Config::problems(&env.cwd.join("dbwright.toml"), env, &[]).unwrap()
}

fn rendered(listing: &Listing) -> String {
    crate::ui::render_listing(listing, None, false)
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
    insta::assert_snapshot!(rendered(&list::listing(&load(&env), &env)), @"
     Profile | Engine   | Address  | Database | User | Protected | Password from
    ---------+----------+----------+----------+------+-----------+----------------------------------
     dev     | sqlite   |          | app.db   |      |           |
     prod    | postgres | db1:5433 | app      | dba  | yes       | variable PROD_PASSWORD (not set)
     shop    | ?        |          |          |      |           |
    shop: dbwright.toml:15: the environment variable `SHOP_USER` is not set
    default: dev
    ");
    let env = env.with("SHOP_USER", "sho");
    let json = list::document(&load(&env), &env);
    assert_eq!((&json["version"], &json["kind"]), (&1.into(), &"profile_list".into()));
    assert_eq!(json["profiles"][1]["address"], "db1:5433");
    assert_eq!(json["profiles"][1]["protected"], true);
    assert_eq!(json["profiles"][2]["user"], "sho");
}

#[test]
fn list_tells_what_is_wrong_with_a_profile() {
    let (_folder, env) = folder(FILE);
    let json = list::document(&load(&env), &env);
    let problem = &json["profiles"][2]["problem"];
    assert_eq!(problem["kind"], "config");
    assert_eq!(problem["at"]["line"], 15);
    assert_eq!(json["profiles"][0].get("problem"), None);
}

#[test]
fn show_tells_where_values_come_from() {
    let (_folder, env) = folder(FILE);
    let env = env.with("PGAPPNAME", "nightly").with("PROD_PASSWORD", "hunter2");
    let config = load(&env);
    let resolved = config.describe("prod", &env).unwrap();
    insta::assert_snapshot!(rendered(&show::listing(&resolved)), @"
     Key               | Value       | From
    -------------------+-------------+------------------------
     engine            | postgres    |
     host              | db1         | dbwright.toml:7
     port              | 5433        | dbwright.toml:7
     user              | dba         | dbwright.toml:7
     database          | app         | dbwright.toml:7
     tls.mode          | verify-full | dbwright.toml:7
     application_name  | nightly     | PGAPPNAME
     connect_timeout   | 10s         | default
     statement_timeout | 1m          | dbwright.toml:3
     pool_size         | 8           | default
     protected         | true        | dbwright.toml:8
     password          | ***         | variable PROD_PASSWORD
    and the table `backup`
    ");
    let json = show::document(&config, "prod", &resolved);
    assert_eq!((&json["kind"], &json["name"]), (&"profile_show".into(), &"prod".into()));
    assert_eq!(json["sections"][0], "backup");
    assert!(!json.to_string().contains("hunter2"));
    assert!(config.describe("prd", &env).unwrap_err().hints()[0].contains("`prod`"));
}

#[test]
fn check_reports_all_problems() {
    let (_folder, env) =
        folder("[profile.a]\nurl = \"sqlite:x.db\"\npasword_env = \"X\"\npool_size = \"8\"\n");
    let json = check::document(Path::new("dbwright.toml"), &problems(&env));
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "file": "dbwright.toml",
      "kind": "profile_check",
      "ok": false,
      "problems": [
        {
          "at": {
            "column": 1,
            "excerpt": "pasword_env = \"X\"",
            "line": 3,
            "source": "dbwright.toml"
          },
          "causes": [],
          "help": [
            "did you mean `password_env`?"
          ],
          "kind": "config",
          "message": "unknown key `pasword_env` in a profile"
        },
        {
          "at": {
            "column": 13,
            "excerpt": "pool_size = \"8\"",
            "line": 4,
            "source": "dbwright.toml"
          },
          "causes": [],
          "help": [
            "write `pool_size = 8` without quotes"
          ],
          "kind": "config",
          "message": "`pool_size` must be a whole number, not string"
        }
      ],
      "version": 1
    }
    "#);
}

#[test]
fn init_writes_a_file_that_is_right_and_never_overwrites_by_chance() {
    let (_folder, env) = folder("# mine");
    let path = env.cwd.join("dbwright.toml");
    let error = init::write(Path::new("dbwright.toml"), false, &env).unwrap_err();
    assert_eq!(error.kind().exit_code(), 4);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");

    assert_eq!(init::write(Path::new("dbwright.toml"), true, &env).unwrap(), path);
    assert_eq!(fs::read_to_string(&path).unwrap(), init::TEMPLATE);
    assert!(problems(&env).is_empty());
    fs::remove_file(&path).unwrap();
    init::write(Path::new("dbwright.toml"), false, &env).unwrap();
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
    assert!(problems(&env).is_empty(), "{:?}\n{live}", problems(&env));
    assert_eq!(load(&env).profiles().count(), 4);
}
