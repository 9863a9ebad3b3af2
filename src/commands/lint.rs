//! What every command that runs rules has in common: which rules run, and what is said of them.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::Context;
use crate::config::Config;
use crate::error::{Error, Result, nearest};
use crate::model::finding::{LintSettings, Rule, RuleSetting, Severity};
use crate::model::listing::Listing;
use crate::model::target::EngineKind;
use crate::rules;
use crate::ui::Format;

/// The values of `--level`.
pub fn severities() -> impl TypedValueParser<Value = Severity> {
    let words = PossibleValuesParser::new(Severity::ALL.map(Severity::word));
    words.try_map(|word| Severity::parse(&word).ok_or("not a severity"))
}

/// Refuses a rule that is none of `known`.
pub fn check_names(names: &[String], known: &[&str], command: &str) -> Result<()> {
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let error = Error::usage(format!("there is no rule `{name}`"));
            Err(match nearest(name, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("`dbwright {command} --rules` lists them")),
            })
        }
    }
}

/// What the profile file says. A rule that was asked for by name is not off.
pub fn settings(config: Option<&Config>, profile: Option<&str>, only: &[String]) -> Result<LintSettings> {
    let Some(config) = config else { return Ok(LintSettings::default()) };
    let mut settings = config.lint(profile, &rules::ids())?;
    settings.rules.retain(|(rule, setting)| *setting != RuleSetting::Off || !only.contains(rule));
    Ok(settings)
}

/// Whether a rule runs; one that is `opt_in` only when it is named, here or in the profile file.
pub fn is_wanted(rule: &Rule, opt_in: bool, only: &[String], settings: &LintSettings) -> bool {
    let last = settings.rules.iter().rev().find(|(name, _)| name == rule.id);
    match last {
        Some((_, RuleSetting::Off)) => false,
        _ if !only.is_empty() => only.iter().any(|name| name == rule.id),
        Some((_, RuleSetting::Severity(_))) => true,
        None => !opt_in,
    }
}

/// Rules to be listed, and where they are told of.
pub struct Rules<'a> {
    /// `schema lint`
    pub command: &'a str,
    pub list: Vec<&'static Rule>,
    /// Those that run only when they are asked for.
    pub opt_in: Vec<&'static str>,
    /// The page that tells how they are set.
    pub page: &'a str,
}

/// `--rules`: what is looked for, and why.
pub fn print_rules(context: &Context, rules: &Rules<'_>) -> Result<()> {
    match context.ui.format() {
        Some(Format::Json) => {
            context.ui.print_json(&json!({ "version": 1, "kind": "lint_rules", "rules": rules.list }))
        }
        Some(Format::Markdown) => context.ui.print(&page(rules)),
        None | Some(Format::Table) => context.ui.print_listing(&listing(rules)),
        Some(other) => Err(Error::usage(format!("--rules is not printed as {}", other.word()))
            .hint("formats: table, json, markdown")),
    }
}

fn listing(rules: &Rules<'_>) -> Listing {
    let row = |rule: &&Rule| {
        let severity = severity(rules, rule);
        [rule.id, &severity, &engines(rule), rule.title, rule.why].map(str::to_owned).to_vec()
    };
    Listing {
        headers: ["Rule", "Severity", "Engines", "What", "Why"].map(str::to_owned).to_vec(),
        rows: rules.list.iter().map(row).collect(),
        ..Listing::default()
    }
}

fn severity(rules: &Rules<'_>, rule: &Rule) -> String {
    let word = rule.severity.word();
    if rules.opt_in.contains(&rule.id) { format!("{word}, when asked for") } else { word.to_owned() }
}

fn engines(rule: &Rule) -> String {
    match rule.engines.len() == EngineKind::ALL.len() {
        true => "all".to_owned(),
        false => rule.engines.iter().map(|engine| engine.title()).collect::<Vec<_>>().join(", "),
    }
}

/// The page of docs/ that lists them.
fn page(rules: &Rules<'_>) -> String {
    let (command, about) = (rules.command, rules.page);
    let mut page = format!(
        "# The rules of `{command}`\n\nThis page is what `dbwright {command} --rules --format markdown` \
         prints. How rules are set and findings waived is told in [{about}]({about}).\n\n\
         | Rule | Severity | Engines | What |\n| --- | --- | --- | --- |\n",
    );
    for rule in &rules.list {
        let (id, severity) = (rule.id, severity(rules, rule));
        page.push_str(&format!("| [`{id}`](#{id}) | {severity} | {} | {} |\n", engines(rule), rule.title));
    }
    for rule in &rules.list {
        let sources = rule.references.join("; ");
        page.push_str(&format!(
            "\n## {}\n\n{}: {}. ({})\n\n{}\n\n**What to do.** {}\n\nSee {sources}.\n",
            rule.id,
            capital(&severity(rules, rule)),
            rule.title,
            engines(rule),
            rule.why,
            rule.fix
        ));
    }
    page
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
