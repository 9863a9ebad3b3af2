//! A report with one of everything, for the tests of its views.

use super::Findings;
use crate::model::finding::{FilePlace, Finding, Fix, NotChecked, Report, Rule, Severity, Waived, Waiver};
use crate::model::target::EngineKind;

pub static RULE: Rule = Rule {
    id: "some-rule",
    title: "something is wrong",
    severity: Severity::High,
    engines: &EngineKind::ALL,
    why: "It will go wrong.",
    fix: "Make it right.",
    references: &["a manual: a chapter"],
};

pub static OTHER: Rule = Rule { id: "other-rule", severity: Severity::Low, ..RULE };

/// A rule that found nothing.
pub static QUIET: Rule = Rule { id: "quiet-rule", ..RULE };

pub static RULES: &[&Rule] = &[&RULE, &OTHER, &QUIET];

pub static PLACE: std::sync::LazyLock<FilePlace> =
    std::sync::LazyLock::new(|| FilePlace { path: "dbwright.toml".into(), line: Some(3) });

fn finding(rule: &'static Rule, object: &str, evidence: &str, sql: Option<&str>) -> Finding {
    Finding {
        id: format!("{}:{object}", rule.id),
        rule: rule.id,
        severity: rule.severity,
        engine: EngineKind::ALL[1],
        object: object.into(),
        object_kind: "table",
        title: rule.title,
        evidence: evidence.into(),
        fix: Fix { sql: sql.map(str::to_owned), text: rule.fix.into() },
        undo: sql.map(|_| "UNDO;".into()),
        place: None,
        references: rule.references,
    }
}

fn waiver(until: Option<&str>) -> Waiver {
    Waiver {
        rule: "other-rule".into(),
        object: "public.*".into(),
        reason: "we know, \"really\"".into(),
        until: until.map(str::to_owned),
        at: "dbwright.toml:7".into(),
    }
}

pub fn report() -> Report {
    Report {
        findings: vec![
            finding(&RULE, "public.orders", "a <b> & 100 %\nsecond line", Some("FIX \"orders\";")),
            finding(&OTHER, "public.a:b,c", "less grave", None),
        ],
        not_checked: vec![
            NotChecked { rule: Some("some-rule"), object: "public.secret".into(), why: "no right".into() },
            NotChecked { rule: None, object: "schema audit".into(), why: "no USAGE".into() },
        ],
        waived: vec![Waived { finding: finding(&OTHER, "public.old", "waived", None), waiver: waiver(None) }],
        expired: vec![waiver(Some("2026-01-31"))],
    }
}

pub fn findings(report: &Report) -> Findings<'_> {
    Findings {
        command: "schema lint",
        target: "shop",
        report,
        rules: RULES,
        level: Severity::Medium,
        place: Some(&PLACE),
        show_waived: true,
    }
}
