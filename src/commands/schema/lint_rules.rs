//! `schema lint --rules`: what is looked for, and why.

use serde_json::json;

use crate::commands::Context;
use crate::error::{Error, Result};
use crate::model::finding::Rule;
use crate::model::listing::Listing;
use crate::rules::schema;
use crate::ui::Format;

pub fn run(context: &Context) -> Result<()> {
    let rules: Vec<&Rule> = schema::rules().map(|each| &each.rule).collect();
    match context.ui.format() {
        Some(Format::Json) => {
            context.ui.print_json(&json!({ "version": 1, "kind": "lint_rules", "rules": rules }))
        }
        Some(Format::Markdown) => context.ui.print(&page(&rules)),
        None | Some(Format::Table) => context.ui.print_listing(&listing(&rules)),
        Some(other) => Err(Error::usage(format!("--rules is not printed as {}", other.word()))
            .hint("formats: table, json, markdown")),
    }
}

fn listing(rules: &[&Rule]) -> Listing {
    let row = |rule: &&Rule| {
        [rule.id, rule.severity.word(), &engines(rule), rule.title, rule.why].map(str::to_owned).to_vec()
    };
    Listing {
        headers: ["Rule", "Severity", "Engines", "What", "Why"].map(str::to_owned).to_vec(),
        rows: rules.iter().map(row).collect(),
        ..Listing::default()
    }
}

fn engines(rule: &Rule) -> String {
    match rule.engines.len() == crate::model::target::EngineKind::ALL.len() {
        true => "all".to_owned(),
        false => rule.engines.iter().map(|engine| engine.title()).collect::<Vec<_>>().join(", "),
    }
}

/// The page docs/lint-rules.md.
fn page(rules: &[&Rule]) -> String {
    let mut page = String::from(
        "# The rules of `schema lint`\n\nThis page is what `dbwright schema lint --rules --format markdown` \
         prints. How rules are set and findings waived is told in [lint.md](lint.md).\n\n\
         | Rule | Severity | Engines | What |\n| --- | --- | --- | --- |\n",
    );
    for rule in rules {
        let (id, severity) = (rule.id, rule.severity.word());
        page.push_str(&format!("| [`{id}`](#{id}) | {severity} | {} | {} |\n", engines(rule), rule.title));
    }
    for rule in rules {
        let sources = rule.references.join("; ");
        page.push_str(&format!(
            "\n## {}\n\n{}: {}. ({})\n\n{}\n\n**What to do.** {}\n\nSee {sources}.\n",
            rule.id,
            capital(rule.severity.word()),
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
