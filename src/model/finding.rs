//! What a check found wrong, in one form for every command that checks.

use serde::Serialize;

use super::target::EngineKind;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Style, or worth knowing.
    Info,
    /// It may cost something one day.
    Low,
    /// It costs something, or will go wrong when the data grows.
    Medium,
    /// Data can be wrong or lost, or something does not work.
    High,
    /// It will soon stop the application.
    Critical,
}

impl Severity {
    /// From the least to the most.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

/// What a rule is about, as data: for lists, documents and the reports of other tools.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rule {
    /// In lower case, with digits and hyphens: `duplicate-index`.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// How much it matters, where the finding itself does not say otherwise.
    pub severity: Severity,
    /// The engines where it can happen; the rule does not run on others.
    #[serde(serialize_with = "as_words")]
    pub engines: &'static [EngineKind],
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// Chapters of the manuals that say so.
    pub references: &'static [&'static str],
}

/// What a finding or a waiver is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `table`, `column`, `index`, `constraint`.
    pub kind: &'static str,
    /// With its schema and table, unquoted: `public.orders.customer_id`.
    pub name: String,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `RULE:OBJECT`, the same in every run as long as the finding stands.
    pub id: String,
    pub rule: &'static str,
    pub severity: Severity,
    #[serde(serialize_with = "as_word")]
    pub engine: EngineKind,
    /// [`Subject::name`]
    pub object: String,
    /// [`Subject::kind`]
    pub object_kind: &'static str,
    /// What is wrong, in a few words: the rule's.
    pub title: &'static str,
    /// What was seen.
    pub evidence: String,
    pub fix: Fix,
    /// The statement that brings back what the fix took away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
    /// Where it is written; None for what is in a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<FilePlace>,
    pub references: &'static [&'static str],
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Statements, each with its semicolon, where no decision is left to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    pub text: String,
}

/// Something that could not be checked, and so neither passed nor failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// None when it concerns every rule.
    pub rule: Option<&'static str>,
    pub object: String,
    pub why: String,
}

/// What the profile file says about the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintSettings {
    /// Rules that are off or matter more or less than usual.
    pub rules: Vec<(String, RuleSetting)>,
    pub waivers: Vec<Waiver>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSetting {
    Off,
    Severity(Severity),
}

/// Somebody's decision to live with a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    pub rule: String,
    /// A pattern with `*` and `?` for [`Subject::name`].
    pub object: String,
    pub reason: String,
    /// The last day on which it holds, as `2027-01-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where it is written: `dbwright.toml:12`.
    pub at: String,
}

/// A finding and the decision to live with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waived {
    #[serde(flatten)]
    pub finding: Finding,
    pub waiver: Waiver,
}

/// The outcome of a run of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Those that stand, the gravest first.
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
    pub waived: Vec<Waived>,
    /// Waivers whose day is over, though there is still something for them to waive.
    pub expired: Vec<Waiver>,
}

impl Report {
    /// Whether a finding at or above `level` stands.
    pub fn fails(&self, level: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= level)
    }
}

/// Where findings are shown by tools that want a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilePlace {
    pub path: String,
    /// From 1; None for the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

fn as_word<S: serde::Serializer>(engine: &EngineKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(engine.word())
}

fn as_words<S: serde::Serializer>(engines: &&[EngineKind], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(engines.iter().map(|engine| engine.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_ordered_and_have_words() {
        assert!(Severity::Critical > Severity::High && Severity::Low > Severity::Info);
        for severity in Severity::ALL {
            assert_eq!(Severity::parse(severity.word()), Some(severity));
        }
        assert_eq!(Severity::parse("Medium"), None);
    }
}
