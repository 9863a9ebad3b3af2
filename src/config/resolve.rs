//! From an argument or a profile's name to a [`Target`] with everything resolved.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::address::{self, Address, POSTGRES_FOLDERS};
use super::env::Env;
use super::passfiles::pgpass::{self, Wanted};
use super::problem::Problem;
use super::secret::Secret;
use super::settings::{Key, Origin, Settings};
use super::{Config, duration, passfiles, profile, sqlite_path, url};
use crate::error::{Error, Kind, Result};
use crate::model::mask::{MASK, mask};
use crate::model::target::{DEFAULT_CONNECT_TIMEOUT, DEFAULT_POOL_SIZE, EngineKind, Target, Tls, TlsMode};

/// What `connect_timeout=0` (no limit) comes to.
const NO_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Options of the command line that win over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub statement_timeout: Option<Duration>,
    pub lock_timeout: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub pool_size: Option<usize>,
    pub application_name: Option<String>,
    pub read_only: Option<bool>,
    pub database: Option<String>,
    pub user: Option<String>,
}

/// Which database the user means.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// The argument `PROFILE|URL`.
    pub argument: Option<&'a str>,
    /// `--profile`.
    pub profile: Option<&'a str>,
    /// `--url`.
    pub url: Option<&'a str>,
    /// `--config`.
    pub config: Option<&'a Path>,
}

/// Whether passwords are needed or only where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// Read files and run commands.
    Fetch,
    /// Do neither.
    Describe,
}

/// A target and what belongs to it.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub target: Target,
    /// The profile asks for a prompt: the caller must ask and set `target.password`.
    pub password_prompt: bool,
    /// Where the password comes from, in a few words; None when there is none.
    pub password_from: Option<String>,
    /// The schema of dbwright's own tables, if not the default.
    pub state_schema: Option<String>,
    /// Where databases may be made for a moment: a profile or a URL.
    pub scratch: Option<String>,
    /// The profile's tables for subcommands: `migrations`, `backup` and so on.
    pub sections: toml::Table,
    /// What the user should know: warnings for standard error.
    pub notes: Vec<String>,
    /// Every value that is set and where it came from, without secrets.
    pub values: Vec<Shown>,
}

/// A value as `profile show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub key: String,
    pub value: String,
    pub origin: String,
}

/// Finds out which database is meant and resolves it. The profile file is read only when it is
/// needed, so that a URL works beside a broken file.
pub fn resolve_argument(choice: &Choice<'_>, env: &Env, overrides: &Overrides) -> Result<Resolved> {
    if choice.profile.is_some() && choice.url.is_some() {
        return Err(Error::usage("--profile and --url contradict each other").hint("leave one of them out"));
    }
    let flag = choice.profile.map(|_| "--profile").or(choice.url.map(|_| "--url"));
    if let (Some(argument), Some(flag)) = (choice.argument, flag) {
        let argument = mask(argument);
        return Err(Error::usage(format!("both {flag} and the argument `{argument}` name a database"))
            .hint("leave one of them out"));
    }
    if choice.config.is_some() {
        // A file that was asked for must exist and be right, even when it is not needed.
        Config::load(env, choice.config)?;
    }
    if let Some(text) = choice.url {
        return resolve_url(text, Origin::Url("--url"), env, overrides);
    }
    if let Some(name) = choice.profile {
        return named(name, choice, env, overrides);
    }
    match choice.argument {
        Some(argument) => from_argument(argument, choice, env, overrides),
        None => from_surroundings(choice, env, overrides),
    }
}

fn named(name: &str, choice: &Choice<'_>, env: &Env, overrides: &Overrides) -> Result<Resolved> {
    match Config::load(env, choice.config)? {
        Some(config) => config.resolve(name, env, overrides),
        None => Err(Error::new(Kind::Config, format!("unknown profile `{name}`: there is no dbwright.toml"))
            .hint("`dbwright profile init` writes one to start from")),
    }
}

fn from_argument(argument: &str, choice: &Choice<'_>, env: &Env, overrides: &Overrides) -> Result<Resolved> {
    let origin = Origin::Url("URL");
    if url::looks_like(argument) || super::conninfo::looks_like(argument) {
        return resolve_url(argument, origin, env, overrides);
    }
    // A path with a folder in it is no profile, so no profile file is looked for.
    if argument.contains('/') && sqlite_path::is_database(argument, &env.cwd) {
        return resolve_url(argument, origin, env, overrides);
    }
    let config = Config::load(env, choice.config)?;
    if let Some(config) = config.as_ref().filter(|config| config.has(argument)) {
        return config.resolve(argument, env, overrides);
    }
    if sqlite_path::is_database(argument, &env.cwd) {
        return resolve_url(argument, origin, env, overrides);
    }
    if env.cwd.join(argument).is_file() {
        return Err(Error::new(
            Kind::Config,
            format!("`{argument}` is neither a profile nor a SQLite database"),
        )
        .hint(format!("to open it all the same, write `sqlite:{argument}`")));
    }
    Err(match config {
        Some(config) => config.unknown(argument),
        None => Error::new(Kind::Config, format!("unknown profile `{argument}`: there is no dbwright.toml"))
            .hint("`dbwright profile init` writes one to start from")
            .hint("or give a URL (`postgres://USER@HOST/DATABASE`) or the path of a SQLite file"),
    })
}

fn from_surroundings(choice: &Choice<'_>, env: &Env, overrides: &Overrides) -> Result<Resolved> {
    match (env.filled("DBWRIGHT_PROFILE"), env.filled("DBWRIGHT_URL")) {
        (Some(_), Some(_)) => {
            return Err(Error::usage("DBWRIGHT_PROFILE and DBWRIGHT_URL contradict each other")
                .hint("unset one of them"));
        }
        (Some(name), None) => {
            return named(name, choice, env, overrides)
                .map_err(|error| error.hint("the environment variable DBWRIGHT_PROFILE names it"));
        }
        (None, Some(text)) => return resolve_url(text, Origin::Url("DBWRIGHT_URL"), env, overrides),
        (None, None) => {}
    }
    let config = Config::load(env, choice.config)?;
    if let Some(config) = &config
        && let Some(name) = config.implied_profile()
    {
        return config.resolve(name, env, overrides);
    }
    if let Some(text) = env.filled("DATABASE_URL") {
        return resolve_url(text, Origin::Url("DATABASE_URL"), env, overrides);
    }
    Err(match config {
        Some(config) => Error::usage(format!("{} has several profiles and no default", config.name()))
            .hint(format!("name one: {}", config.profiles().collect::<Vec<_>>().join(", ")))
            .hint("or set `default_profile` in the file"),
        None => Error::usage("no database is named")
            .hint("give a URL (`postgres://USER@HOST/DATABASE`) or the path of a SQLite file")
            .hint("or write a profile file to start from: `dbwright profile init`"),
    })
}

/// Resolves a URL, a connection string or the path of a SQLite file that was given itself.
pub fn resolve_url(text: &str, origin: Origin, env: &Env, overrides: &Overrides) -> Result<Resolved> {
    let is_path = !url::looks_like(text) && !super::conninfo::looks_like(text);
    let parsed = match is_path && sqlite_path::is_database(text, &env.cwd) {
        true => sqlite_path::plain(text, &origin),
        false => url::parse(text, &origin),
    };
    let mut settings = parsed.map_err(|problem| {
        let masked = mask(text);
        problem.into_error(Kind::Usage).context(format!("cannot use {origin} `{masked}`"))
    })?;
    // Relative paths stay as they were written: they are right in the working folder.
    profile::anchor_paths(&mut settings, env, Path::new(""));
    finish(None, settings, None, toml::Table::new(), env, overrides, Passwords::Fetch)
}

/// Completes what a profile or URL states and makes the target.
pub fn finish(
    profile: Option<&str>,
    stated: Settings,
    secret: Option<Secret>,
    sections: toml::Table,
    env: &Env,
    overrides: &Overrides,
    passwords: Passwords,
) -> Result<Resolved> {
    let mut settings = overrides.settings(stated.engine)?;
    settings.fill(stated);
    sqlite_path::agree_on_read_only(&mut settings).map_err(|problem| problem.into_error(Kind::Usage))?;
    let own_password = settings.password.take();
    passfiles::complete(&mut settings, env)?;
    let address = address::choose(&mut settings, env)?;
    defaults(&mut settings, env)?;
    if own_password.is_some() {
        settings.password = own_password;
    } else if secret.is_some() {
        settings.password = None;
    } else if settings.password.is_none() {
        settings.password = from_pgpass(&mut settings, &address, env);
    }
    let described =
        secret.as_ref().filter(|_| settings.password.is_none()).map(|secret| secret.describe(env));
    let password_from = settings.password.as_ref().map(|password| password.origin.to_string()).or(described);
    let fetched = match (&settings.password, &secret, passwords) {
        (Some(password), ..) => Some(password.secret.clone()),
        (None, Some(secret), Passwords::Fetch) => secret.fetch(env)?,
        _ => None,
    };
    let password_prompt = matches!(secret, Some(Secret::Prompt)) && fetched.is_none();
    let mut target = target(profile, &settings, address)?;
    target.password = fetched;
    Ok(Resolved {
        password_prompt,
        state_schema: settings.owned(Key::StateSchema),
        scratch: settings.owned(Key::Scratch),
        sections,
        values: values(&settings, password_from.as_deref()),
        password_from,
        notes: settings.notes,
        target,
    })
}

impl Overrides {
    fn settings(&self, engine: EngineKind) -> Result<Settings> {
        let durations = [
            (Key::StatementTimeout, "--timeout", self.statement_timeout),
            (Key::LockTimeout, "--lock-timeout", self.lock_timeout),
            (Key::ConnectTimeout, "--connect-timeout", self.connect_timeout),
        ]
        .map(|(key, flag, value)| (key, flag, value.map(duration::show)));
        let others = [
            (Key::PoolSize, "--clients", self.pool_size.map(|size| size.to_string())),
            (Key::ApplicationName, "dbwright", self.application_name.clone()),
            (Key::ReadOnly, "--read-only", self.read_only.map(|value| value.to_string())),
            (Key::Database, "database", self.database.clone()),
            (Key::User, "user", self.user.clone()),
        ];
        let mut settings = Settings::new(engine);
        for (key, flag, value) in durations.into_iter().chain(others) {
            let Some(value) = value.filter(|_| key.applies_to(engine)) else { continue };
            let origin = Origin::Flag(flag);
            settings.set(key, &value, &origin).map_err(|problem| origin.error(problem))?;
        }
        Ok(settings)
    }
}

/// The defaults of the engine's own client, and dbwright's.
fn defaults(settings: &mut Settings, env: &Env) -> Result<()> {
    settings.default(Key::PoolSize, DEFAULT_POOL_SIZE.to_string());
    if settings.engine == EngineKind::Sqlite {
        return Ok(());
    }
    settings.default(Key::ConnectTimeout, duration::show(DEFAULT_CONNECT_TIMEOUT));
    settings.default(Key::ApplicationName, "dbwright");
    if let Some(user) = env.user() {
        settings.default(Key::User, user);
    }
    if settings.engine == EngineKind::Postgres {
        if let Some(user) = settings.owned(Key::User) {
            settings.default(Key::Database, user);
        }
        postgres_tls_files(settings, env);
    }
    tls_mode(settings)?;
    match (settings.has(Key::TlsCertFile), settings.has(Key::TlsKeyFile)) {
        (true, false) => {
            let problem = Problem::new("a client certificate needs its key")
                .hint("add `tls.key` (`sslkey`, `ssl-key`)");
            Err(settings.error(Key::TlsCertFile, problem))
        }
        (false, true) => {
            let problem = Problem::new("a client key needs its certificate")
                .hint("add `tls.cert` (`sslcert`, `ssl-cert`)");
            Err(settings.error(Key::TlsKeyFile, problem))
        }
        _ => Ok(()),
    }
}

/// libpq looks for certificates in `~/.postgresql`.
fn postgres_tls_files(settings: &mut Settings, env: &Env) {
    let file =
        |name: &str| env.in_home(".postgresql").map(|folder| folder.join(name)).filter(|path| path.is_file());
    let checks = matches!(settings.text(Key::TlsMode), Some("require" | "verify-ca" | "verify-full"));
    if checks && let Some(ca) = file("root.crt") {
        settings.default(Key::TlsCaFile, ca.display().to_string());
    }
    if !settings.has(Key::TlsCertFile)
        && !settings.has(Key::TlsKeyFile)
        && let (Some(cert), Some(key)) = (file("postgresql.crt"), file("postgresql.key"))
    {
        settings.default(Key::TlsCertFile, cert.display().to_string());
        settings.default(Key::TlsKeyFile, key.display().to_string());
    }
}

/// With the operating system's authorities only a full check is worth anything, as in libpq.
fn tls_mode(settings: &mut Settings) -> Result<()> {
    if settings.text(Key::TlsCaFile) != Some("system") {
        settings.default(Key::TlsMode, TlsMode::default().word());
        return Ok(());
    }
    settings.default(Key::TlsMode, TlsMode::VerifyFull.word());
    match settings.text(Key::TlsMode) {
        Some("verify-full") => Ok(()),
        weaker => {
            let weaker = weaker.unwrap_or_default();
            let problem =
                Problem::new(format!("TLS mode `{weaker}` is too weak for the authorities of the system"))
                    .hint("use verify-full");
            Err(settings.error(Key::TlsMode, problem))
        }
    }
}

fn from_pgpass(settings: &mut Settings, address: &Address, env: &Env) -> Option<super::settings::Password> {
    if settings.engine != EngineKind::Postgres {
        return None;
    }
    let database = settings.owned(Key::Database).unwrap_or_default();
    let user = settings.owned(Key::User).unwrap_or_default();
    let places: Vec<(String, String)> = match address {
        Address::Tcp(hosts) => hosts.iter().map(|host| (host.name.clone(), host.port.to_string())).collect(),
        Address::Socket(path) => vec![socket_place(path, env)],
        Address::None => Vec::new(),
    };
    let wanted: Vec<Wanted<'_>> =
        places.iter().map(|(host, port)| Wanted { host, port, database: &database, user: &user }).collect();
    pgpass::look_up(settings, &wanted, env)
}

/// What the password file calls a socket: `localhost` in the usual folders, else the folder.
fn socket_place(path: &Path, env: &Env) -> (String, String) {
    let folder = path.parent().unwrap_or(Path::new(""));
    let usual = POSTGRES_FOLDERS.iter().any(|usual| env.system(usual) == folder);
    let host = if usual { "localhost".to_owned() } else { folder.display().to_string() };
    let port = path.extension().map(|port| port.to_string_lossy().into_owned()).unwrap_or_default();
    (host, port)
}

fn target(profile: Option<&str>, settings: &Settings, address: Address) -> Result<Target> {
    let mut target = Target::new(settings.engine);
    target.profile = profile.map(str::to_owned);
    match address {
        Address::Tcp(hosts) => target.hosts = hosts,
        Address::Socket(path) => target.socket = Some(path),
        Address::None => {}
    }
    target.user = settings.owned(Key::User);
    target.database = settings.owned(Key::Database);
    if target.database.is_none() && settings.engine == EngineKind::Sqlite {
        let name = profile.unwrap_or("URL");
        return Err(
            Error::new(Kind::Config, format!("`{name}` names no SQLite file")).hint("add `path = \"FILE\"`")
        );
    }
    target.tls = Tls {
        mode: settings.text(Key::TlsMode).and_then(TlsMode::parse).unwrap_or_default(),
        ca: settings.path(Key::TlsCaFile).filter(|path| path != Path::new("system")),
        cert: settings.path(Key::TlsCertFile),
        key: settings.path(Key::TlsKeyFile),
    };
    target.application_name = settings.owned(Key::ApplicationName);
    target.connect_timeout = match settings.has(Key::ConnectTimeout) {
        true => settings.timeout(Key::ConnectTimeout).unwrap_or(NO_LIMIT),
        false => DEFAULT_CONNECT_TIMEOUT,
    };
    target.statement_timeout = settings.timeout(Key::StatementTimeout);
    target.lock_timeout = settings.timeout(Key::LockTimeout);
    target.pool_size =
        settings.text(Key::PoolSize).and_then(|size| size.parse().ok()).unwrap_or(DEFAULT_POOL_SIZE);
    target.protected = settings.is_true(Key::Protected);
    target.read_only = settings.is_true(Key::ReadOnly);
    target.options = options(settings);
    Ok(target)
}

fn options(settings: &Settings) -> BTreeMap<String, String> {
    settings.options.iter().map(|(name, setting)| ((*name).to_owned(), setting.value.clone())).collect()
}

fn values(settings: &Settings, password_from: Option<&str>) -> Vec<Shown> {
    let shown = |key: String, setting: &super::settings::Setting| Shown {
        key,
        value: super::settings::shown(&setting.value),
        origin: setting.origin.to_string(),
    };
    let engine =
        Shown { key: "engine".to_owned(), value: settings.engine.word().to_owned(), origin: String::new() };
    let password = password_from.map(|from| Shown {
        key: "password".to_owned(),
        value: MASK.to_owned(),
        origin: from.to_owned(),
    });
    let keys = settings.iter().map(|(key, setting)| shown(key.word().to_owned(), setting));
    let options = settings.options.iter().map(|(name, setting)| shown(format!("options.{name}"), setting));
    std::iter::once(engine).chain(keys).chain(password).chain(options).collect()
}
