//! `schema lint`: what is wrong with the objects of a database.

use std::path::Path;
use std::time::SystemTime;

use clap::Args;

use super::read::read_from;
use super::show::choose::matching;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::commands::lint::{Rules, check_names, is_wanted, print_rules, settings, severities};
use crate::config::Config;
use crate::error::{Error, Kind, Result, nearest};
use crate::model::catalog::{Catalog, Name, Scope};
use crate::model::finding::{FilePlace, Finding, Rule, Severity};
use crate::model::target::Target;
use crate::rules::{self, matches, settle};
use crate::ui::{Findings, Format, human};

const FORMATS: &[Format] =
    &[Format::Table, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown];

/// Look for what is wrong with the objects of a database
#[derive(Debug, Args)]
#[command(
    arg(printed_as(FORMATS).help("How results are printed; markdown with --rules only [default: table]")),
    after_help = "\
Examples:
  dbwright schema lint app.db
  dbwright schema lint prod 'public.order*' --level high
  dbwright schema lint prod --format sarif > lint.sarif
  dbwright schema lint prod --rule duplicate-index --rule redundant-index
  dbwright schema lint --rules                      what is looked for, and why

Rules are set and findings waived in the table [lint] of dbwright.toml. The exit
code is 1 when a finding at or above --level stands."
)]
pub struct LintArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// Only these tables, views and so on; * and ? stand for any text and any character
    #[arg(value_name = "OBJECT")]
    objects: Vec<String>,
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
    #[arg(long, conflicts_with_all = ["target", "objects", "only", "show_waived"])]
    rules: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: LintArgs) -> Result<()> {
    if args.rules {
        let list = rules::schema::rules().map(|each| &each.rule).collect();
        let rules = Rules { command: "schema lint", list, opt_in: Vec::new(), page: "lint.md" };
        return print_rules(context, &rules);
    }
    if context.ui.format() == Some(Format::Markdown) {
        return Err(Error::usage("--format markdown is for --rules only"));
    }
    check_names(&args.only, &rule_ids(), "schema lint")?;
    let (target, objects) = context.database_and_names(args.target.as_ref(), &args.objects);
    let mut target = context.target(target)?;
    // Read first: a wrong file is told before a server is asked.
    let config = Config::load(&context.env, context.globals.config.as_deref())?;
    let settings = settings(config.as_ref(), target.profile.as_deref(), &args.only)?;
    let is_wanted = |rule: &Rule| is_wanted(rule, false, &args.only, &settings);
    let catalog =
        read_from(context, &mut target, Scope { sizes: true, privileges: false, ..Scope::default() })?;
    let chosen = chosen(&catalog, &objects)?;
    let (mut findings, not_checked) = rules::schema::check(&catalog, is_wanted);
    findings.retain(|finding| is_about(finding, chosen.as_deref()));
    let now = human::timestamp(SystemTime::now());
    let today = now.split('T').next().unwrap_or_default();
    let report = settle(findings, not_checked, &settings, &catalog.default_schema, today);
    let run: Vec<&'static Rule> = rules::schema::rules()
        .map(|each| &each.rule)
        .filter(|rule| rule.engines.contains(&catalog.engine) && is_wanted(rule))
        .collect();
    context.ui.print_findings(&Findings {
        command: "schema lint",
        target: &target.label(),
        report: &report,
        rules: &run,
        level: args.level,
        place: place(context, config.as_ref(), &target).as_ref(),
        show_waived: args.show_waived,
    })?;
    match report.fails(args.level) {
        false => Ok(()),
        true => Err(Error::new(Kind::Found, format!("findings at or above {} stand", args.level.word()))),
    }
}

fn rule_ids() -> Vec<&'static str> {
    rules::schema::rules().map(|each| each.rule.id).collect()
}

/// The objects that the arguments mean; None for all. A pattern that means nothing is an error:
/// nothing found in it would say that all is well.
fn chosen<'a>(catalog: &'a Catalog, patterns: &[String]) -> Result<Option<Vec<&'a Name>>> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let means = |pattern: &str, name: &Name| {
        matches(pattern, &name.to_string()) || matches(pattern, &catalog.short(name))
    };
    let mut chosen: Vec<&Name> = Vec::new();
    for pattern in patterns {
        let names = catalog.objects.iter().map(|object| &object.name);
        let mut found: Vec<&Name> = names.filter(|name| means(pattern, name)).collect();
        if found.is_empty() {
            // In quotes, or in other letters: as `schema show` takes it.
            found.extend(matching(catalog, pattern).into_iter().map(|id| &catalog.get(id).name));
        }
        if found.is_empty() {
            let error = Error::usage(format!("there is no object `{pattern}`"));
            let names: Vec<String> =
                catalog.objects.iter().map(|object| catalog.short(&object.name)).collect();
            return Err(match nearest(pattern, names.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
        }
        chosen.extend(found);
    }
    Ok(Some(chosen))
}

/// Whether a finding is about one of the objects or a part of one.
fn is_about(finding: &Finding, chosen: Option<&[&Name]>) -> bool {
    chosen.is_none_or(|names| {
        names.iter().any(|name| {
            let rest = finding.object.strip_prefix(&name.to_string());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(']))
        })
    })
}

/// The profile's line in its file, or the SQLite file: what an annotation can be put to.
fn place(context: &Context, config: Option<&Config>, target: &Target) -> Option<FilePlace> {
    let shown = |path: &Path| {
        let below = path.strip_prefix(&context.env.cwd).unwrap_or(path);
        below.display().to_string()
    };
    if let (Some(config), Some(profile)) = (config, &target.profile) {
        return Some(FilePlace { path: shown(config.path()), line: config.line_of(profile) });
    }
    let file = target.database.as_deref().filter(|_| target.engine.default_port().is_none())?;
    Some(FilePlace { path: shown(Path::new(file)), line: None })
}
