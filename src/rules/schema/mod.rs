//! What can be wrong with the objects of a catalog: a rule is its data and a pure function.

mod charsets;
mod foreign_keys;
mod indexes;
mod keys;
mod names;
mod nulls;
mod numbering;
mod references;
mod row_security;
mod shape;
mod state;
mod storage;
mod types;
mod words;

#[cfg(test)]
mod sample;

use crate::model::catalog::Catalog;
use crate::model::finding::{Finding, Fix, NotChecked, Rule, Severity, Subject};
use crate::model::target::EngineKind;

/// A rule and the function that looks for what it forbids.
pub struct SchemaRule {
    pub rule: Rule,
    check: fn(&Catalog, &mut Found<'_>),
}

/// Every rule, family by family.
pub fn rules() -> impl Iterator<Item = &'static SchemaRule> {
    const FAMILIES: [&[SchemaRule]; 13] = [
        keys::RULES,
        numbering::RULES,
        foreign_keys::RULES,
        references::RULES,
        indexes::RULES,
        nulls::RULES,
        types::RULES,
        charsets::RULES,
        storage::RULES,
        state::RULES,
        row_security::RULES,
        names::RULES,
        shape::RULES,
    ];
    FAMILIES.into_iter().flatten()
}

const ALL: &[EngineKind] = &EngineKind::ALL;
const SQLITE: &[EngineKind] = &[EngineKind::Sqlite];
const POSTGRES: &[EngineKind] = &[EngineKind::Postgres];
const MYSQL: &[EngineKind] = &[EngineKind::Mysql, EngineKind::Mariadb];

/// Runs the rules that `wanted` lets through on a catalog.
pub fn check(catalog: &Catalog, wanted: impl Fn(&Rule) -> bool) -> (Vec<Finding>, Vec<NotChecked>) {
    let mut findings = Vec::new();
    let mut not_checked: Vec<NotChecked> = catalog
        .unread
        .iter()
        .map(|unread| NotChecked { rule: None, object: unread.what.clone(), why: unread.why.clone() })
        .collect();
    for each in rules().filter(|each| each.rule.engines.contains(&catalog.engine) && wanted(&each.rule)) {
        let mut found = Found {
            engine: catalog.engine,
            rule: &each.rule,
            findings: &mut findings,
            not_checked: &mut not_checked,
        };
        (each.check)(catalog, &mut found);
    }
    (findings, not_checked)
}

/// Where a rule puts what it finds.
struct Found<'a> {
    engine: EngineKind,
    rule: &'static Rule,
    findings: &'a mut Vec<Finding>,
    not_checked: &'a mut Vec<NotChecked>,
}

impl Found<'_> {
    fn add(&mut self, hit: Hit) {
        let rule = self.rule;
        self.findings.push(Finding {
            id: format!("{}:{}", rule.id, hit.subject.name),
            rule: rule.id,
            severity: hit.severity.unwrap_or(rule.severity),
            engine: self.engine,
            object: hit.subject.name,
            object_kind: hit.subject.kind,
            title: rule.title,
            evidence: hit.evidence,
            fix: Fix { sql: hit.sql, text: hit.text.unwrap_or_else(|| rule.fix.to_owned()) },
            undo: hit.undo,
            place: None,
            references: rule.references,
        });
    }

    fn not_checked(&mut self, subject: Subject, why: &str) {
        self.not_checked.push(NotChecked {
            rule: Some(self.rule.id),
            object: subject.name,
            why: why.to_owned(),
        });
    }
}

/// What a rule says of one object; the rest of a finding is the rule's.
struct Hit {
    subject: Subject,
    evidence: String,
    severity: Option<Severity>,
    sql: Option<String>,
    text: Option<String>,
    undo: Option<String>,
}

impl Hit {
    fn new(subject: Subject, evidence: impl Into<String>) -> Self {
        Hit { subject, evidence: evidence.into(), severity: None, sql: None, text: None, undo: None }
    }

    /// Where the case at hand matters more or less than the rule's usual one.
    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn sql(mut self, sql: impl Into<String>) -> Self {
        self.sql = Some(sql.into());
        self
    }

    /// Instead of the rule's own advice.
    fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    fn undo(mut self, undo: Option<String>) -> Self {
        self.undo = undo;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn rules_are_named_once_and_told_in_full() {
        let mut seen = BTreeSet::new();
        for SchemaRule { rule, .. } in rules() {
            assert!(seen.insert(rule.id), "{} is there twice", rule.id);
            assert!(rule.id.chars().all(|ch| matches!(ch, 'a'..='z' | '0'..='9' | '-')), "{}", rule.id);
            assert!(!rule.engines.is_empty(), "{}", rule.id);
            assert!(!rule.references.is_empty(), "{}", rule.id);
            for text in [rule.why, rule.fix] {
                assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", rule.id);
            }
            assert!(!rule.title.ends_with('.'), "{}", rule.id);
        }
        assert!(seen.len() >= 30);
    }

    #[test]
    fn what_was_not_read_is_not_checked() {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.unread =
            vec![crate::model::catalog::Unread { what: "schema audit".into(), why: "no USAGE".into() }];
        let (findings, not_checked) = check(&catalog, |_| true);
        assert!(findings.is_empty());
        assert_eq!((not_checked[0].rule, not_checked[0].object.as_str()), (None, "schema audit"));
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        for engine in EngineKind::ALL {
            let (findings, not_checked) = check(&Catalog::empty(engine), |_| true);
            assert!(findings.is_empty() && not_checked.is_empty());
        }
    }
}
