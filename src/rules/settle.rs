//! From what rules found to what stands: settings and waivers of the profile file applied.

use std::collections::BTreeSet;

use super::matches;
use crate::model::finding::{Finding, LintSettings, NotChecked, Report, RuleSetting, Waived, Waiver};

/// What stands of `findings`. `today` is a date such as `2026-11-23`, and `default_schema` the
/// schema that a waiver may leave out.
pub fn settle(
    findings: Vec<Finding>,
    not_checked: Vec<NotChecked>,
    settings: &LintSettings,
    default_schema: &str,
    today: &str,
) -> Report {
    let mut report = Report::default();
    let mut seen = BTreeSet::new();
    for mut finding in findings {
        let setting = settings.rules.iter().rev().find(|(rule, _)| *rule == finding.rule);
        match setting {
            Some((_, RuleSetting::Off)) => continue,
            Some((_, RuleSetting::Severity(severity))) => finding.severity = *severity,
            None => {}
        }
        // The same fact seen twice: two foreign keys without a name on the same columns.
        if !seen.insert(finding.id.clone()) {
            continue;
        }
        let waivers = settings.waivers.iter().filter(|waiver| fits(waiver, &finding, default_schema));
        let (holding, expired): (Vec<_>, Vec<_>) = waivers.partition(|waiver| holds(waiver, today));
        match holding.first() {
            Some(waiver) => report.waived.push(Waived { finding, waiver: (*waiver).clone() }),
            None => {
                report.expired.extend(expired.into_iter().cloned());
                report.findings.push(finding);
            }
        }
    }
    let off = |rule: &str| settings.rules.iter().rev().find(|(name, _)| name == rule);
    report.not_checked = not_checked;
    report.not_checked.retain(|not| !matches!(not.rule.and_then(off), Some((_, RuleSetting::Off))));
    report.findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    report.waived.sort_by(|a, b| a.finding.id.cmp(&b.finding.id));
    report.expired.sort_by(|a, b| a.at.cmp(&b.at));
    report.expired.dedup();
    report
}

fn fits(waiver: &Waiver, finding: &Finding, default_schema: &str) -> bool {
    let short = finding.object.strip_prefix(default_schema).and_then(|rest| rest.strip_prefix('.'));
    waiver.rule == finding.rule
        && (matches(&waiver.object, &finding.object)
            || short.is_some_and(|short| matches(&waiver.object, short)))
}

fn holds(waiver: &Waiver, today: &str) -> bool {
    waiver.until.as_deref().is_none_or(|until| today <= until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::{Fix, Severity};
    use crate::model::target::EngineKind;

    fn finding(rule: &'static str, object: &str, severity: Severity) -> Finding {
        Finding {
            id: format!("{rule}:{object}"),
            rule,
            severity,
            engine: EngineKind::Postgres,
            object: object.into(),
            object_kind: "table",
            title: "a title",
            evidence: String::new(),
            fix: Fix { sql: None, text: String::new() },
            undo: None,
            place: None,
            references: &[],
        }
    }

    fn waiver(object: &str, until: Option<&str>) -> Waiver {
        Waiver {
            rule: "a".into(),
            object: object.into(),
            reason: "because".into(),
            until: until.map(str::to_owned),
            at: format!("f:{object}"),
        }
    }

    fn ids(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.id.as_str()).collect()
    }

    #[test]
    fn the_gravest_come_first_and_none_twice() {
        let found = vec![
            finding("b", "t", Severity::Low),
            finding("a", "u", Severity::High),
            finding("a", "t", Severity::High),
            finding("b", "t", Severity::Low),
        ];
        let report = settle(found, vec![], &LintSettings::default(), "public", "2026-11-23");
        assert_eq!(ids(&report.findings), ["a:t", "a:u", "b:t"]);
        assert!(report.fails(Severity::High) && !report.fails(Severity::Critical));
    }

    #[test]
    fn rules_are_set_and_the_last_setting_counts() {
        let settings = LintSettings {
            rules: vec![
                ("a".into(), RuleSetting::Off),
                ("b".into(), RuleSetting::Off),
                ("b".into(), RuleSetting::Severity(Severity::Critical)),
            ],
            waivers: vec![],
        };
        let found = vec![finding("a", "t", Severity::High), finding("b", "t", Severity::Info)];
        let not = |rule| NotChecked { rule, object: "t".into(), why: "no right".into() };
        let report =
            settle(found, vec![not(Some("a")), not(Some("b")), not(None)], &settings, "", "2026-11-23");
        assert_eq!(ids(&report.findings), ["b:t"]);
        assert_eq!(report.findings[0].severity, Severity::Critical);
        assert_eq!(report.not_checked, [not(Some("b")), not(None)]);
    }

    #[test]
    fn a_waiver_holds_until_its_day() {
        let settings = LintSettings {
            rules: vec![],
            waivers: vec![
                waiver("old_*", Some("2026-11-23")),
                waiver("late", Some("2026-11-22")),
                waiver("public.full", None),
                waiver("nothing", Some("2020-01-01")),
            ],
        };
        let names = ["public.old_one", "public.late", "public.full", "audit.old_one"];
        let found = names.map(|name| finding("a", name, Severity::Low)).to_vec();
        let report = settle(found, vec![], &settings, "public", "2026-11-23");
        let waived: Vec<&str> = report.waived.iter().map(|each| each.finding.object.as_str()).collect();
        assert_eq!(waived, ["public.full", "public.old_one"]);
        assert_eq!(ids(&report.findings), ["a:audit.old_one", "a:public.late"]);
        let expired: Vec<&str> = report.expired.iter().map(|waiver| waiver.object.as_str()).collect();
        assert_eq!(expired, ["late"]);
    }

    #[test]
    fn a_waiver_is_for_its_rule_only() {
        let settings = LintSettings { rules: vec![], waivers: vec![waiver("*", None)] };
        let found = vec![finding("b", "t", Severity::Low)];
        assert_eq!(settle(found, vec![], &settings, "", "2026-11-23").findings.len(), 1);
    }
}
