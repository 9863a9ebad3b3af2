//! `backup check`: whether backups are as young and as proven as they should be, in the words, the
//! exit codes and the performance data of a Nagios plugin ("Nagios Plugin Development Guidelines").

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::{Value, json};

use super::args::{config, settled_if_any, unknown};
use super::keys;
use super::list::words;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::config::parse_age;
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::Snapshot;
use crate::store::Repository;
use crate::store::repository::{self, Proof};
use crate::store::sealed::VEILED;
use crate::ui::{Format, human};

/// Check that backups are young enough and proven, as monitoring wants it
///
/// One line, `OK`, `WARNING`, `CRITICAL` or `UNKNOWN`, with performance data behind a `|`; the exit
/// code is 0, 1, 2 or 3. Critical: the newest backup of a database is older than --max-age, there is
/// none, or a manifest is damaged. Warning: it is older than --warn-age, no backup was proven within
/// --proven-within, or a backup was never finished. Manifests are read, and no chunks: that is
/// what backup verify is for.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup check --repo /backups/prod --max-age 26h
  dbwright backup check --repo /backups/prod --warn-age 25h --max-age 50h --proven-within 8d
  dbwright backup check --profile prod --json")]
pub struct CheckArgs {
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: keys::Identities,
    /// Critical when the newest backup is older: 26h [default: the profile's]
    #[arg(long, value_name = "DURATION")]
    max_age: Option<String>,
    /// Warn when the newest backup is older [default: the profile's]
    #[arg(long, value_name = "DURATION")]
    warn_age: Option<String>,
    /// Warn when no backup was restored and compared for longer: 8d [default: the profile's]
    #[arg(long, value_name = "DURATION")]
    proven_within: Option<String>,
}

/// How old a backup may be; what is not said is not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    max_age: Option<Duration>,
    warn_age: Option<Duration>,
    proven_within: Option<Duration>,
}

impl Limits {
    /// What the table `check` of a profile says.
    pub fn of(table: &toml::Table) -> Result<Self> {
        let mut limits = Limits::default();
        for (key, value) in table {
            let place = match key.as_str() {
                "max_age" => &mut limits.max_age,
                "warn_age" => &mut limits.warn_age,
                "proven_within" => &mut limits.proven_within,
                _ => return Err(unknown(key, "check", &["max_age", "warn_age", "proven_within"])),
            };
            let text = value
                .as_str()
                .ok_or_else(|| config(format!("`{key}` in the table `check` is a text such as \"26h\"")))?;
            *place =
                Some(parse_age(text).map_err(|why| config(format!("`{key}` in the table `check`: {why}")))?);
        }
        Ok(limits)
    }

    /// What the command line says goes before.
    fn or(self, args: &CheckArgs) -> Result<Self> {
        let said = |option: &str, text: &Option<String>, otherwise| match text {
            Some(text) => parse_age(text).map(Some).map_err(|why| Error::usage(format!("--{option}: {why}"))),
            None => Ok(otherwise),
        };
        Ok(Limits {
            max_age: said("max-age", &args.max_age, self.max_age)?,
            warn_age: said("warn-age", &args.warn_age, self.warn_age)?,
            proven_within: said("proven-within", &args.proven_within, self.proven_within)?,
        })
    }
}

/// In the order of how bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Ok,
    Warning,
    Critical,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Ok => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
        }
    }
}

/// Runs the command. Whatever goes wrong is an answer too: monitoring reads standard output.
pub fn run(context: &Context, args: &CheckArgs) -> Result<()> {
    let report = match look(context, args) {
        Ok(report) => report,
        Err(error) => return tell_unknown(context, &error),
    };
    let state = report.state();
    match context.ui.wants_json() {
        true => context.ui.print_json(&report.document())?,
        false => context.ui.print(&format!("{}\n", report.line()))?,
    }
    match state {
        State::Ok => Ok(()),
        State::Warning => Err(Error::new(Kind::Found, "the check warns")),
        State::Critical => Err(Error::new(Kind::Critical, "the check is critical")),
    }
}

fn tell_unknown(context: &Context, error: &Error) -> Result<()> {
    let why = error.to_string();
    match context.ui.wants_json() {
        true => context.ui.print_json(
            &json!({ "version": 1, "kind": "backup_check", "state": "unknown", "problems": [why] }),
        )?,
        false => context.ui.print(&format!("UNKNOWN - {}\n", one_line(&why)))?,
    }
    error.hints().iter().for_each(|hint| context.ui.status(hint));
    Err(Error::new(Kind::Unknown, why))
}

fn look(context: &Context, args: &CheckArgs) -> Result<Report> {
    let settings = settled_if_any(context)?;
    let limits = settings.check.or(args)?;
    if limits == Limits::default() {
        return Err(Error::usage("how old a backup may be is not said").hint(
            "give --max-age 26h, or max_age = \"26h\" in the table [profile.NAME.backup.check] of dbwright.toml",
        ));
    }
    let repository = keys::open(context, args.repo.as_deref(), &args.identities)?;
    Report::of(&repository, limits, context.globals.profile.as_deref(), SystemTime::now())
}

/// The backups of one database.
struct Database {
    /// What people call it: its profile, or else its name.
    title: String,
    newest: Snapshot,
    age: Duration,
    /// Since when the newest proof stands; None when no backup was ever proven.
    proven: Option<(Proof, Duration)>,
    problems: Vec<(State, String)>,
}

/// All that was found.
struct Report {
    place: String,
    limits: Limits,
    databases: Vec<Database>,
    /// What is wrong with the repository as a whole.
    problems: Vec<(State, String)>,
}

impl Report {
    fn of(repository: &Repository, limits: Limits, profile: Option<&str>, now: SystemTime) -> Result<Self> {
        let mut databases: BTreeMap<(String, String), Database> = BTreeMap::new();
        let mut problems = Vec::new();
        for (id, state) in repository.ids()? {
            let snapshot = match state {
                repository::State::Whole => repository.outline(&id),
                // What a killed run leaves; a manifest that is gone was somebody's doing.
                repository::State::Unfinished => {
                    problems.push((State::Warning, format!("backup {id} is {}", words(state))));
                    continue;
                }
                repository::State::Gone => {
                    problems.push((State::Critical, format!("backup {id} is {}", words(state))));
                    continue;
                }
            };
            match snapshot {
                // Whose an encrypted backup is, nobody knows without an identity.
                Ok(snapshot)
                    if snapshot.kind == VEILED
                        || profile.is_none_or(|name| snapshot.profile.as_deref() == Some(name)) =>
                {
                    add(&mut databases, snapshot, repository.proof(&id)?, now)?;
                }
                Ok(_) => {}
                Err(error) => problems.push((State::Critical, format!("backup {id}: {error}"))),
            }
        }
        if databases.is_empty() {
            let of = profile.map_or(String::new(), |name| format!(" of {name}"));
            problems.push((State::Critical, format!("there is no backup{of}")));
        }
        let mut databases: Vec<Database> = databases.into_values().collect();
        databases.iter_mut().for_each(|database| database.judge(limits));
        Ok(Report { place: repository.place(), limits, databases, problems })
    }

    fn problems(&self) -> impl Iterator<Item = &(State, String)> {
        self.problems.iter().chain(self.databases.iter().flat_map(|database| &database.problems))
    }

    fn state(&self) -> State {
        self.problems().map(|(state, _)| *state).max().unwrap_or(State::Ok)
    }

    /// The worst first, as monitoring may cut the line.
    fn line(&self) -> String {
        let mut problems: Vec<&(State, String)> = self.problems().collect();
        problems.sort_by_key(|(state, _)| std::cmp::Reverse(*state));
        let mut texts: Vec<String> = problems.into_iter().map(|(_, text)| one_line(text)).collect();
        let fine = self.databases.iter().filter(|database| database.problems.is_empty());
        texts.extend(fine.map(|database| one_line(&database.words())));
        let data: Vec<String> = self.databases.iter().map(|database| database.data(self.limits)).collect();
        let line = format!("{} - {}", self.state().word(), texts.join("; "));
        if data.is_empty() { line } else { format!("{line}|{}", data.join(" ")) }
    }

    fn document(&self) -> Value {
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs());
        let texts = |problems: &[(State, String)]| -> Vec<String> {
            problems.iter().map(|(_, text)| text.clone()).collect()
        };
        let databases = self.databases.iter().map(|database| {
            json!({
                "profile": database.newest.profile,
                "engine": database.newest.engine,
                "database": database.newest.database,
                "newest": database.newest.id,
                "age_seconds": database.age.as_secs(),
                "proof": database.proven.as_ref().map(|(proof, _)| proof),
                "proof_age_seconds": database.proven.as_ref().map(|(_, age)| age.as_secs()),
                "problems": texts(&database.problems),
            })
        });
        json!({
            "version": 1,
            "kind": "backup_check",
            "state": self.state().word().to_lowercase(),
            "repository": self.place,
            "max_age": seconds(self.limits.max_age),
            "warn_age": seconds(self.limits.warn_age),
            "proven_within": seconds(self.limits.proven_within),
            "databases": databases.collect::<Vec<_>>(),
            "problems": texts(&self.problems),
        })
    }
}

/// Takes a backup in; they come oldest first.
fn add(
    databases: &mut BTreeMap<(String, String), Database>,
    newest: Snapshot,
    proof: Option<Proof>,
    now: SystemTime,
) -> Result<()> {
    let title = newest.profile.clone().unwrap_or_else(|| newest.database.clone());
    // What is in it is as old as its beginning.
    let age = since(&newest.started, now)?;
    let proven = match proof {
        Some(proof) => since(&proof.at, now).map(|age| Some((proof, age)))?,
        None => None,
    };
    let key = (title.clone(), newest.engine.clone());
    let earlier = databases.remove(&key).and_then(|database| database.proven);
    let proven = proven.into_iter().chain(earlier).min_by_key(|(_, age)| *age);
    databases.insert(key, Database { title, newest, age, proven, problems: Vec::new() });
    Ok(())
}

fn since(time: &str, now: SystemTime) -> Result<Duration> {
    let time = human::parse_timestamp(time)
        .ok_or_else(|| Error::new(Kind::Data, format!("{time:?} in a manifest is no time")))?;
    // A clock that was set back.
    Ok(now.duration_since(time).unwrap_or_default())
}

impl Database {
    fn judge(&mut self, limits: Limits) {
        let (title, age) = (&self.title, human::duration(self.age));
        let mut problems = Vec::new();
        let over = |limit: Option<Duration>| limit.filter(|limit| self.age > *limit);
        let judged = over(limits.max_age).map(|limit| (State::Critical, limit));
        if let Some((state, limit)) = judged.or(over(limits.warn_age).map(|limit| (State::Warning, limit))) {
            let limit = human::duration(limit);
            problems.push((state, format!("{title}: the newest backup is {age} old, of {limit} allowed")));
        }
        if let Some(limit) = limits.proven_within {
            let allowed = human::duration(limit);
            match &self.proven {
                None => problems.push((State::Warning, format!("{title}: no backup was ever proven"))),
                Some((_, age)) if *age > limit => problems.push((
                    State::Warning,
                    format!("{title}: proven {} ago, of {allowed} allowed", human::duration(*age)),
                )),
                Some(_) => {}
            }
        }
        self.problems = problems;
    }

    fn words(&self) -> String {
        let proven = match &self.proven {
            Some((_, age)) => format!("proven {} ago", human::duration(*age)),
            None => "never proven".to_owned(),
        };
        format!("{}: the newest backup is {} old, {proven}", self.title, human::duration(self.age))
    }

    /// `'label'=value;warn;crit;min` for each number.
    fn data(&self, limits: Limits) -> String {
        let limit =
            |limit: Option<Duration>| limit.map_or(String::new(), |limit| limit.as_secs().to_string());
        let label = |what: &str| {
            let title = one_line(&self.title).replace(['=', '\''], "_");
            format!("'{title} {what}'")
        };
        let mut data = vec![format!(
            "{}={}s;{};{};0",
            label("age"),
            self.age.as_secs(),
            limit(limits.warn_age),
            limit(limits.max_age)
        )];
        if let Some((_, age)) = &self.proven {
            data.push(format!("{}={}s;{};;0", label("proven"), age.as_secs(), limit(limits.proven_within)));
        }
        data.push(format!("{}={}B;;;0", label("size"), self.newest.totals.stored));
        data.join(" ")
    }
}

/// What would end the line, or begin the performance data, is taken out.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "/")
}
