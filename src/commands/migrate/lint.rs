//! `migrate lint`: what a migration will do to production, told before it is run.

use std::time::SystemTime;

use clap::Args;

use super::folder::Folder;
use super::open::{Opened, PlaceArgs, usual_folder};
use super::placeholders::Placeholders;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::commands::lint::{Rules, check_names, is_wanted, print_rules, settings, severities};
use crate::commands::schema::engine;
use crate::config::Config;
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Allowed, Id, State, allowed, join};
use crate::model::catalog::{Catalog, Scope};
use crate::model::finding::{FilePlace, Finding, Report, Rule, Severity, Waived, Waiver};
use crate::model::place::{locate, place};
use crate::model::target::EngineKind;
use crate::rules::migration::{self, Ground, Script, Written};
use crate::rules::settle;
use crate::ui::{Findings, Format, human};

const FORMATS: &[Format] =
    &[Format::Table, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown];

/// Look for what pending migrations would lock, write anew, lose or break
///
/// With a database, the migrations that are pending there are looked at, and what is said of a table
/// counts its size. Without one, with --engine, all of the folder.
#[derive(Debug, Args)]
#[command(
    arg(printed_as(FORMATS).help("How results are printed; markdown with --rules only [default: table]")),
    after_help = "\
Examples:
  dbwright migrate lint prod
  dbwright migrate lint --engine postgres --dir db/migrations
  dbwright migrate lint --engine mysql --server-version 8.0 --from 20260101000000
  dbwright migrate lint prod --format sarif > lint.sarif
  dbwright migrate lint --rules                     what is looked for, and why

Rules are set and findings waived in the table [lint] of dbwright.toml, or by a comment:
  -- dbwright: allow drop-column nobody has read it since May
The exit code is 1 when a finding at or above --level stands."
)]
pub struct LintArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Look at the files alone, for this engine: sqlite, postgres, mysql, mariadb
    #[arg(long, value_name = "ENGINE", value_parser = engine, conflicts_with = "target")]
    engine: Option<EngineKind>,
    /// The version that the files are for [default: the newest]
    #[arg(long, value_name = "VERSION", requires = "engine")]
    server_version: Option<String>,
    /// Look at the migrations that are applied as well
    #[arg(long)]
    all: bool,
    /// Look at this migration and those after it only
    #[arg(long, value_name = "ID")]
    from: Option<String>,
    /// Run only this rule; can be given again
    #[arg(long = "rule", value_name = "RULE")]
    only: Vec<String>,
    /// Fail from this severity on
    #[arg(long, value_name = "LEVEL", default_value = "medium", value_parser = severities())]
    level: Severity,
    /// Show waived findings and their reasons
    #[arg(long)]
    show_waived: bool,
    /// List the rules instead
    #[arg(long, conflicts_with_all = ["target", "engine", "all", "from", "only", "show_waived"])]
    rules: bool,
}

/// What is looked at, and what it is looked at for.
struct Subject {
    folder: Folder,
    label: String,
    profile: Option<String>,
    engine: EngineKind,
    version: Option<u32>,
    catalog: Option<Catalog>,
    /// Of [`Folder::migrations`].
    chosen: Vec<usize>,
    statement_timeout: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &LintArgs) -> Result<()> {
    if args.rules {
        return list_rules(context);
    }
    if context.ui.format() == Some(Format::Markdown) {
        return Err(Error::usage("--format markdown is for --rules only"));
    }
    check_names(&args.only, &ids(), "migrate lint")?;
    let config = Config::load(&context.env, context.globals.config.as_deref())?;
    let subject = match args.engine {
        Some(engine) => of_files(args, engine)?,
        None => of_database(context, args)?,
    };
    let settings = settings(config.as_ref(), subject.profile.as_deref(), &args.only)?;
    let wanted = |rule: &Rule, opt_in| is_wanted(rule, opt_in, &args.only, &settings);
    let scripts: Vec<Script> = subject.chosen.iter().map(|at| script(&subject.folder, *at)).collect();
    let ground = Ground {
        engine: subject.engine,
        dialect: engine_for(subject.engine).dialect(subject.engine),
        version: subject.version,
        catalog: subject.catalog.as_ref(),
        statement_timeout: subject.statement_timeout,
    };
    let findings = migration::check(&scripts, &ground, |each| wanted(&each.rule, each.opt_in));
    let (findings, waived) = waive(context, &subject, findings)?;
    let now = human::timestamp(SystemTime::now());
    let today = now.split('T').next().unwrap_or_default();
    let default_schema = subject.catalog.as_ref().map_or("public", |catalog| &catalog.default_schema);
    let mut report = settle(findings, Vec::new(), &settings, default_schema, today);
    report.waived.extend(waived);
    let rules: Vec<&'static Rule> = migration::rules()
        .filter(|each| each.rule.engines.contains(&subject.engine) && wanted(&each.rule, each.opt_in))
        .map(|each| &each.rule)
        .collect();
    print(context, args, &subject, &report, &rules)
}

fn print(
    context: &Context,
    args: &LintArgs,
    subject: &Subject,
    report: &Report,
    rules: &[&'static Rule],
) -> Result<()> {
    let count = human::counted(subject.chosen.len() as u64, "migrations");
    context.ui.print_findings(&Findings {
        command: "migrate lint",
        target: &format!("{count} for {}", subject.label),
        report,
        rules,
        level: args.level,
        place: None,
        show_waived: args.show_waived,
    })?;
    match report.fails(args.level) {
        false => Ok(()),
        true => Err(Error::new(Kind::Found, format!("findings at or above {} stand", args.level.word()))),
    }
}

fn ids() -> Vec<&'static str> {
    migration::rules().map(|each| each.rule.id).collect()
}

fn list_rules(context: &Context) -> Result<()> {
    let list = migration::rules().map(|each| &each.rule).collect();
    let opt_in = migration::rules().filter(|each| each.opt_in).map(|each| each.rule.id).collect();
    print_rules(context, &Rules { command: "migrate lint", list, opt_in, page: "migrate.md" })
}

fn of_files(args: &LintArgs, engine: EngineKind) -> Result<Subject> {
    let dir = args.place.dir.clone().unwrap_or_else(usual_folder);
    if !dir.is_dir() {
        return Err(Error::new(Kind::Config, format!("there is no folder {}", dir.display()))
            .hint("say where the migrations are: --dir FOLDER"));
    }
    let mut placeholders = Placeholders { only_told: true, ..Placeholders::default() };
    placeholders.set(&args.place.set)?;
    let folder = Folder::read(&dir, engine, &placeholders)?;
    let version = args.server_version.as_deref().map(|text| version(text, engine)).transpose()?;
    let chosen = from(&folder, args.from.as_deref(), (0..folder.migrations.len()).collect())?;
    Ok(Subject {
        folder,
        label: engine.title().to_owned(),
        profile: None,
        engine,
        version,
        catalog: None,
        chosen,
        statement_timeout: false,
    })
}

fn of_database(context: &Context, args: &LintArgs) -> Result<Subject> {
    let opened =
        Opened::to_tell(context, &args.place).map_err(|error| match (&args.place.target, error.kind()) {
            (None, Kind::Usage) => error.hint("or look at the files alone: --engine ENGINE"),
            _ => error,
        })?;
    let Opened { mut session, records, folder, target, .. } = opened;
    let entries = join(&folder.wanted(), &records);
    let pending = |id: &Id| {
        let open = [State::Pending, State::OutOfOrder, State::Due, State::Partial];
        entries.iter().any(|entry| entry.id == *id && open.contains(&entry.state))
    };
    let places = folder.migrations.iter().enumerate();
    let chosen = places.filter(|(_, each)| args.all || pending(&each.wanted.id)).map(|(at, _)| at).collect();
    let chosen = from(&folder, args.from.as_deref(), chosen)?;
    let scope = Scope { sizes: true, privileges: false, ..Scope::default() };
    let catalog = session.catalog(scope)?;
    Ok(Subject {
        label: target.label(),
        profile: target.profile.clone(),
        engine: session.server().engine,
        version: Some(session.server().version_num),
        catalog: Some(catalog),
        chosen,
        statement_timeout: target.statement_timeout.is_some(),
        folder,
    })
}

/// Those from a version on.
fn from(folder: &Folder, id: Option<&str>, chosen: Vec<usize>) -> Result<Vec<usize>> {
    let Some(id) = id else { return Ok(chosen) };
    let wanted = super::up::find(folder, id)?;
    let first = folder.migrations.iter().position(|migration| migration.wanted.id == wanted).unwrap_or(0);
    Ok(chosen.into_iter().filter(|at| *at >= first).collect())
}

/// `15` or `8.0.29` as the engine itself counts.
fn version(text: &str, engine: EngineKind) -> Result<u32> {
    let wrong = || Error::usage(format!("`{text}` is no version")).hint("write it like 15, 10.11 or 8.0.29");
    let parts: Vec<u32> =
        text.split('.').map(str::parse).collect::<std::result::Result<_, _>>().map_err(|_| wrong())?;
    let part = |at: usize| parts.get(at).copied().unwrap_or(0).min(999);
    if parts.is_empty() || parts.len() > 3 {
        return Err(wrong());
    }
    Ok(engine_for(engine).version_number([part(0), part(1), part(2)]))
}

fn script(folder: &Folder, at: usize) -> Script {
    let migration = &folder.migrations[at];
    let statements = migration.up.statements.iter().zip(&migration.up.files).map(|(statement, file)| {
        let text = &folder.files[*file].text;
        let place = FilePlace { path: folder.shown(*file), line: Some(locate(text, statement.at).0) };
        Written { sql: statement.sql.clone(), place }
    });
    Script {
        id: migration.wanted.id.to_string(),
        statements: statements.collect(),
        transaction: migration.up.transaction,
    }
}

/// Takes out what comments in the files allow.
fn waive(
    context: &Context,
    subject: &Subject,
    findings: Vec<Finding>,
) -> Result<(Vec<Finding>, Vec<Waived>)> {
    let folder = &subject.folder;
    let mut comments = Vec::new();
    for file in subject.chosen.iter().flat_map(|at| &folder.migrations[*at].up.files) {
        let path = folder.shown(*file);
        if comments.iter().any(|(known, ..): &(String, usize, Vec<Comment>)| *known == path) {
            continue;
        }
        comments.push((path, *file, of_file(folder, *file)?));
    }
    let mut waived = Vec::new();
    let mut standing = Vec::new();
    for finding in findings {
        let written = finding.place.as_ref().and_then(|place| {
            let (path, _, of_file) = comments.iter_mut().find(|(path, ..)| *path == place.path)?;
            let comment = of_file.iter_mut().find(|comment| comment.allows(&finding, place.line))?;
            comment.used = true;
            Some(comment.waiver(&finding, path))
        });
        match written {
            Some(waiver) => waived.push(Waived { finding, waiver }),
            None => standing.push(finding),
        }
    }
    for (path, _, of_file) in &comments {
        for comment in of_file.iter().filter(|comment| !comment.used) {
            let rules = comment.allowed.rules.join(", ");
            context.ui.warn(&format!("{path}:{}: nothing is here to allow: {rules}", comment.line));
        }
    }
    Ok((standing, waived))
}

/// A comment that allows something, and where it holds.
struct Comment {
    allowed: Allowed,
    line: usize,
    /// The first lines of the statements that it is about.
    lines: Option<usize>,
    used: bool,
}

fn of_file(folder: &Folder, file: usize) -> Result<Vec<Comment>> {
    let text = &folder.files[file].text;
    let source = folder.shown(file);
    let wrong = |message: &str, at: usize| Error::new(Kind::Config, message).at(place(&source, text, at));
    let starts: Vec<usize> = folder
        .migrations
        .iter()
        .flat_map(|each| each.up.statements.iter().zip(&each.up.files))
        .filter(|(_, of)| **of == file)
        .map(|(statement, _)| statement.at)
        .collect();
    let comments = allowed(text).map_err(|found| wrong(found.message, found.at))?;
    let known = crate::rules::ids();
    let mut found = Vec::new();
    for mut allowed in comments {
        if allowed.of_squawk {
            allowed.rules = allowed.rules.iter().flat_map(|name| migration::of_squawk(name)).collect();
        } else if let Err(error) = check_names(&allowed.rules, &known, "migrate lint") {
            return Err(error.at(place(&source, text, allowed.at)));
        }
        // The statement that it stands in, or else the next one.
        let inside = starts.iter().filter(|start| **start < allowed.at).max();
        let next = starts.iter().filter(|start| **start >= allowed.at).min();
        let is_inside = inside.is_some_and(|start| !text[*start..allowed.at].trim_end().ends_with(';'));
        let about = if is_inside { inside } else { next };
        let line = locate(text, allowed.at).0;
        found.push(Comment { lines: about.map(|start| locate(text, *start).0), allowed, line, used: false });
    }
    Ok(found)
}

impl Comment {
    fn allows(&self, finding: &Finding, line: Option<usize>) -> bool {
        let names = self.allowed.rules.iter().any(|rule| rule == finding.rule);
        // squawk's file comment without a rule is about all of them.
        let all = self.allowed.of_squawk && self.allowed.in_file && self.allowed.rules.is_empty();
        (names || all) && (self.allowed.in_file || (line.is_some() && line == self.lines))
    }

    fn waiver(&self, finding: &Finding, path: &str) -> Waiver {
        Waiver {
            rule: finding.rule.to_owned(),
            object: finding.object.clone(),
            reason: self.allowed.reason.clone(),
            until: None,
            at: format!("{path}:{}", self.line),
        }
    }
}
