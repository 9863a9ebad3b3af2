//! Findings as commands of GitHub's workflows, which become annotations.

use super::Findings;
use crate::model::finding::{FilePlace, Finding, Severity};

/// A line for each finding: `::warning file=…,line=…,title=…::…`.
pub fn lines(findings: &Findings<'_>) -> String {
    let found = findings.report.findings.iter().map(|finding| line(findings, finding));
    let not_checked = findings.report.not_checked.iter().map(|not| {
        let rule = not.rule.unwrap_or("every rule");
        let text = format!("{} was not checked: {}", not.object, not.why);
        command(findings.place, "notice", &format!("{rule} not checked"), &text)
    });
    found.chain(not_checked).collect()
}

fn line(findings: &Findings<'_>, finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    };
    let title = format!("{} ({})", finding.title, finding.severity.word());
    let fix = finding.fix.sql.as_ref().unwrap_or(&finding.fix.text);
    let text = format!("{}: {} [{}]\nFix: {fix}", finding.object, finding.evidence, finding.rule);
    command(finding.place.as_ref().or(findings.place), word, &title, &text)
}

fn command(place: Option<&FilePlace>, word: &str, title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&place.path)));
        properties.extend(place.line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{word} {}::{}\n", properties.join(","), data(text))
}

/// The message of a command takes one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::findings::sample;

    #[test]
    fn one_line_each_with_signs_escaped() {
        let report = sample::report();
        insta::assert_snapshot!(lines(&sample::findings(&report)), @r##"
        ::error file=dbwright.toml,line=3,title=something is wrong (high)::public.orders: a <b> & 100 %25%0Asecond line [some-rule]%0AFix: FIX "orders";
        ::notice file=dbwright.toml,line=3,title=something is wrong (low)::public.a:b,c: less grave [other-rule]%0AFix: Make it right.
        ::notice file=dbwright.toml,line=3,title=some-rule not checked::public.secret was not checked: no right
        ::notice file=dbwright.toml,line=3,title=every rule not checked::schema audit was not checked: no USAGE
        "##);
        let nowhere = lines(&Findings { place: None, ..sample::findings(&report) });
        assert!(nowhere.starts_with("::error title=something is wrong (high)::public.orders"), "{nowhere}");
    }

    #[test]
    fn properties_end_where_they_should() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
