//! Whole files: the samples, the wrong ones, precedence and the choice of a database.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::model::target::{EngineKind, ExposeSecret, TlsMode};

/// The rules that `lint` tables of the tests may name.
const RULES: &[&str] = &["no-primary-key", "duplicate-index"];

fn repository(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(repository(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    paths
}

/// A folder with a profile file, and its surroundings.
fn folder(text: &str) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("work")).unwrap();
    fs::write(folder.path().join("work/dbwright.toml"), text).unwrap();
    let env = Env::in_folder(folder.path());
    (folder, env)
}

fn choose(argument: Option<&str>, env: &Env) -> Result<Resolved> {
    resolve_argument(&Choice { argument, ..Choice::default() }, env, &Overrides::default())
}

#[test]
fn the_samples_are_right() {
    let env = Env::in_folder(Path::new("/nowhere"));
    let samples = files("sample-configs");
    assert!(samples.len() >= 5);
    for path in samples {
        let problems = Config::problems(&path, &env, RULES).unwrap();
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        assert!(Config::read(&path, &env).unwrap().profiles().count() > 0);
    }
}

/// Each wrong file stands beside the complaints it must bring; `DBWRIGHT_BLESS=1` writes them.
#[test]
fn the_wrong_files_bring_their_complaints() {
    let mut env = Env::in_folder(Path::new("/nowhere"));
    env.cwd = repository("tests/config/invalid");
    let wrong = files("tests/config/invalid");
    assert!(wrong.len() >= 10);
    for path in wrong {
        let problems = Config::problems(&path, &env, RULES).unwrap();
        assert!(!problems.is_empty(), "{} is right", path.display());
        let told: String = problems.iter().map(complaint).collect();
        let expected = path.with_extension("expected");
        if std::env::var_os("DBWRIGHT_BLESS").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(told, wanted, "{}", path.display());
    }
}

/// A problem in few lines: place and message, the line with a caret, what to do.
fn complaint(problem: &Error) -> String {
    assert_eq!(problem.kind(), Kind::Config, "{problem}");
    assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
    let at = problem.place().unwrap_or_else(|| panic!("{problem} has no place"));
    let column = if at.column > 0 { format!(":{}", at.column) } else { String::new() };
    let margin = " ".repeat(at.line.to_string().len());
    let mut lines = vec![
        format!("{}:{}{column}: {problem}", at.source, at.line),
        format!("  {} | {}", at.line, at.excerpt),
    ];
    lines.extend(at.caret.map(|caret| format!("  {margin} | {}^", " ".repeat(caret))));
    lines.extend(problem.hints().iter().map(|hint| format!("  help: {hint}")));
    lines.join("\n") + "\n"
}

#[test]
fn a_profile_becomes_a_target() {
    let (folder, env) = folder(
        r#"
        [defaults]
        statement_timeout = "1m"
        host = "unused"
        [profile.x]
        url = "postgresql://dba@db1,db2:5433/app?sslmode=require"
        lock_timeout = "2s"
        protected = true
        password_env = "PW"
        [profile.x.tls]
        ca = "certs/ca.pem"
        [profile.x.options]
        target_session_attrs = "primary"
        keepalives = true
        [profile.x.backup]
        store = "s3://${BUCKET}"
        [profile.lite]
        engine = "sqlite"
        path = "data/app.db"
        "#,
    );
    let env = env.with("PW", "s3cret").with("BUCKET", "b").with("PGHOST", "no").with("PGPASSWORD", "no");
    let config = Config::load(&env, None).unwrap().unwrap();
    let resolved = config.resolve("x", &env, &Overrides::default()).unwrap();
    let target = &resolved.target;
    assert_eq!(target.profile.as_deref(), Some("x"));
    let hosts: Vec<String> = target.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["db1:5432", "db2:5433"]);
    assert_eq!(target.user.as_deref(), Some("dba"));
    assert_eq!(target.tls.mode, TlsMode::Require);
    assert_eq!(target.tls.ca.as_deref(), Some(&*folder.path().join("work/certs/ca.pem")));
    assert_eq!(target.statement_timeout.unwrap().as_secs(), 60);
    assert_eq!(target.lock_timeout.unwrap().as_secs(), 2);
    assert!(target.protected);
    assert_eq!(target.password.as_ref().unwrap().expose_secret(), "s3cret");
    assert_eq!(target.options["target_session_attrs"], "primary");
    assert_eq!(resolved.sections["backup"]["store"].as_str(), Some("s3://b"));
    assert!(!format!("{resolved:?}").contains("s3cret"));

    let lite = config.resolve("lite", &env, &Overrides::default()).unwrap().target;
    assert_eq!(lite.engine, EngineKind::Sqlite);
    assert_eq!(lite.database, Some(folder.path().join("work/data/app.db").display().to_string()));
}

#[test]
fn flags_win_over_profiles_and_profiles_over_the_environment() {
    let (_folder, env) =
        folder("[profile.x]\nurl = \"postgres://h/d?application_name=url\"\nlock_timeout = \"2s\"\n");
    let env = env.with("PGAPPNAME", "env").with("PGUSER", "env").with("PGCONNECT_TIMEOUT", "0");
    let overrides =
        Overrides { lock_timeout: Some(std::time::Duration::from_millis(1500)), ..Overrides::default() };
    let config = Config::load(&env, None).unwrap().unwrap();
    let target = config.resolve("x", &env, &overrides).unwrap().target;
    assert_eq!(target.lock_timeout.unwrap().as_millis(), 1500);
    assert_eq!(target.application_name.as_deref(), Some("url"));
    assert_eq!(target.user.as_deref(), Some("env"));
    assert_eq!(target.connect_timeout.as_secs(), 86_400);
    let target =
        config.resolve("x", &Env::in_folder(Path::new("/nowhere")), &Overrides::default()).unwrap().target;
    assert_eq!((target.user.as_deref(), target.database.as_deref()), (Some("osuser"), Some("d")));
}

#[test]
fn a_profile_is_not_harmed_by_the_variables_of_others() {
    let (_folder, env) = folder("[profile.a]\nurl = \"${NONE}\"\n[profile.b]\nurl = \"sqlite:b.db\"\n");
    let config = Config::load(&env, None).unwrap().unwrap();
    assert!(config.resolve("b", &env, &Overrides::default()).is_ok());
    let error = config.resolve("a", &env, &Overrides::default()).unwrap_err();
    assert!(error.message().contains("`NONE` is not set"));
    assert_eq!((error.place().unwrap().line, error.place().unwrap().column), (2, 10));
}

#[test]
fn a_password_in_a_url_is_allowed_only_as_a_variable() {
    let (_folder, env) = folder("[profile.a]\nurl = \"postgres://u:${PW}@h/d\"\n");
    let env = env.with("PW", "p%40w");
    let target = choose(Some("a"), &env).unwrap().target;
    assert_eq!(target.password.unwrap().expose_secret(), "p@w");
    for text in
        ["postgres://u:hunter2@h/d", "postgres://u:${PW:-hunter2}@h/d", "mysql://h/d?password=hunter2"]
    {
        let (_folder, env) = folder(&format!("[profile.a]\nurl = \"{text}\"\n"));
        let error = Config::load(&env, None).unwrap_err();
        assert!(error.hints()[0].contains("password_env"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn arguments_choose_profiles_urls_and_files() {
    let (folder, env) =
        folder("[profile.prod]\nurl = \"postgres://h/d\"\n[profile.dev]\nurl = \"sqlite:dev.db\"\n");
    let label = |argument: &str| match choose(Some(argument), &env) {
        Ok(resolved) => resolved.target.label(),
        Err(error) => format!("{error} | {}", error.hints().join(" | ")),
    };
    fs::write(folder.path().join("work/notes.txt"), "hello").unwrap();
    let cases = [
        ("prod", "prod"),
        ("postgres://x/y", "postgres://x:5432/y"),
        ("host=x dbname=y", "postgres://x:5432/y"),
        ("sqlite:a.db", "a.db"),
        ("a.sqlite3", "a.sqlite3"),
        (":memory:", ":memory:"),
        ("proud", "unknown profile `proud` | did you mean `prod`? profiles: prod, dev (of dbwright.toml)"),
        (
            "notes.txt",
            "neither a profile nor a SQLite database | to open it all the same, write `sqlite:notes.txt`",
        ),
        ("oracle://x", "cannot use URL `oracle://x`: unknown URL scheme `oracle`"),
        (
            "mysql://u:hunter2@h/d?chraset=x",
            "`mysql://u:***@h/d?chraset=x`: MySQL has no parameter `chraset`",
        ),
    ];
    for (argument, expected) in cases {
        let found = label(argument);
        assert!(found.contains(expected), "{argument}: {found}");
    }
}

#[test]
fn without_an_argument_the_surroundings_choose() {
    let two = "[profile.a]\nurl = \"sqlite:a.db\"\n[profile.b]\nurl = \"sqlite:b.db\"\n";
    let (_folder, env) = folder(two);
    assert!(choose(None, &env).unwrap_err().message().contains("several profiles"));
    let with_url = env.clone().with("DATABASE_URL", "sqlite:u.db");
    assert_eq!(choose(None, &with_url).unwrap().target.label(), "u.db");
    let with_profile = with_url.clone().with("DBWRIGHT_PROFILE", "b");
    assert_eq!(choose(None, &with_profile).unwrap().target.label(), "b");
    assert!(choose(None, &with_profile.clone().with("DBWRIGHT_URL", "sqlite:x.db")).is_err());
    let flag = Choice { profile: Some("a"), ..Choice::default() };
    assert_eq!(resolve_argument(&flag, &with_profile, &Overrides::default()).unwrap().target.label(), "a");
    let both = Choice { argument: Some("b"), ..flag };
    assert_eq!(resolve_argument(&both, &env, &Overrides::default()).unwrap_err().kind(), Kind::Usage);

    let (_folder, env) = folder(&format!("default_profile = \"b\"\n{two}"));
    assert_eq!(choose(None, &env).unwrap().target.label(), "b");
    let (_folder, env) = folder("[profile.only]\nurl = \"sqlite:o.db\"\n");
    assert_eq!(choose(None, &env.with("DATABASE_URL", "sqlite:u.db")).unwrap().target.label(), "only");

    let empty = tempfile::tempdir().unwrap();
    let env = Env::in_folder(empty.path());
    let error = choose(None, &env).unwrap_err();
    assert!(error.hints().iter().any(|hint| hint.contains("profile init")));
    assert!(choose(Some("prod"), &env).unwrap_err().message().contains("there is no dbwright.toml"));
}

#[test]
fn a_url_works_beside_a_broken_file() {
    let (_folder, env) = folder("profile = 3");
    assert!(choose(Some("sqlite:a.db"), &env).is_ok());
    assert!(choose(Some("a"), &env).is_err());
}

#[test]
fn passwords_come_from_the_clients_files_when_nothing_is_stated() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, env) = folder(
        "[profile.p]\nurl = \"postgres://u@h/d\"\n[profile.q]\nurl = \"postgres://u@h/d\"\npassword_prompt = true\n",
    );
    fs::create_dir_all(folder.path().join("home")).unwrap();
    let pgpass = folder.path().join("home/.pgpass");
    fs::write(&pgpass, "h:5432:d:u:from-file").unwrap();
    fs::set_permissions(&pgpass, fs::Permissions::from_mode(0o600)).unwrap();
    let resolved = choose(Some("p"), &env).unwrap();
    assert_eq!(resolved.password_from.as_deref(), Some("~/.pgpass:1"));
    let resolved = choose(Some("p"), &env.clone().with("PGPASSWORD", "x")).unwrap();
    assert_eq!(resolved.password_from.as_deref(), Some("PGPASSWORD"));
    let resolved = choose(Some("q"), &env).unwrap();
    assert!(resolved.password_prompt && resolved.target.password.is_none());
    assert_eq!(resolved.password_from.as_deref(), Some("prompt"));
}

#[test]
fn the_systems_authorities_need_a_full_check() {
    let env = Env::in_folder(Path::new("/nowhere"));
    let target = choose(Some("postgres://h/d?sslrootcert=system"), &env).unwrap().target;
    assert_eq!((target.tls.mode, target.tls.ca), (TlsMode::VerifyFull, None));
    assert!(choose(Some("postgres://h/d?sslrootcert=system&sslmode=require"), &env).is_err());
    assert!(choose(Some("postgres://h/d?sslcert=/c.pem"), &env).is_err());
}
