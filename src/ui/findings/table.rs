//! Findings for people: a table for each severity, the gravest first, and what it comes to.

use super::Findings;
use crate::model::finding::{FilePlace, Finding, Severity, Waiver};
use crate::model::listing::Listing;
use crate::ui::clean::{Layout, clean};
use crate::ui::human::counted;
use crate::ui::{Style, render_listing};

pub fn render(findings: &Findings<'_>, width: Option<usize>, color: bool) -> String {
    let mut out = String::new();
    for severity in Severity::ALL.into_iter().rev() {
        let these: Vec<&Finding> =
            findings.report.findings.iter().filter(|finding| finding.severity == severity).collect();
        if these.is_empty() {
            continue;
        }
        let title = format!("{}: {}", severity.word(), counted(these.len() as u64, "findings"));
        out.push_str(&style(severity).paint(&title, color));
        out.push('\n');
        out.push_str(&render_listing(&group(&these), width, color));
        out.push('\n');
    }
    if findings.show_waived && !findings.report.waived.is_empty() {
        out.push_str(&Style::Dim.paint("waived", color));
        out.push('\n');
        out.push_str(&render_listing(&waived(findings), width, color));
        out.push('\n');
    }
    if !findings.report.not_checked.is_empty() {
        out.push_str(&Style::Yellow.paint("not checked", color));
        out.push('\n');
        out.push_str(&render_listing(&not_checked(findings), width, color));
        out.push('\n');
    }
    for waiver in &findings.report.expired {
        out.push_str(&clean(&expired(waiver), Layout::OneLine));
        out.push('\n');
    }
    out.push_str(&clean(&summary(findings), Layout::OneLine));
    out.push('\n');
    out
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => Style::Red,
        Severity::Medium => Style::Yellow,
        Severity::Low => Style::Cyan,
        Severity::Info => Style::Dim,
    }
}

fn headers<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// The fix is the statement where there is one: it can be copied and says more than its reason.
fn group(findings: &[&Finding]) -> Listing {
    let has_places = findings.iter().any(|finding| finding.place.is_some());
    let row = |finding: &&Finding| {
        let fix = finding.fix.sql.as_ref().unwrap_or(&finding.fix.text);
        let mut row =
            vec![finding.rule.to_owned(), finding.object.clone(), finding.evidence.clone(), fix.clone()];
        if has_places {
            row.insert(1, finding.place.as_ref().map(written).unwrap_or_default());
        }
        row
    };
    let mut headers = headers(["Rule", "Object", "Evidence", "Fix"]);
    if has_places {
        headers.insert(1, "Place".to_owned());
    }
    Listing { headers, rows: findings.iter().map(row).collect(), ..Listing::default() }
}

fn written(place: &FilePlace) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    }
}

fn waived(findings: &Findings<'_>) -> Listing {
    let rows = findings.report.waived.iter().map(|each| {
        let waiver = &each.waiver;
        let until = waiver.until.clone().unwrap_or_default();
        vec![
            each.finding.rule.to_owned(),
            each.finding.object.clone(),
            waiver.reason.clone(),
            until,
            waiver.at.clone(),
        ]
    });
    Listing {
        headers: headers(["Rule", "Object", "Reason", "Until", "Waived in"]),
        rows: rows.collect(),
        ..Listing::default()
    }
}

fn not_checked(findings: &Findings<'_>) -> Listing {
    let rows = findings.report.not_checked.iter().map(|each| {
        vec![each.rule.unwrap_or("every rule").to_owned(), each.object.clone(), each.why.clone()]
    });
    Listing { headers: headers(["Rule", "Object", "Why"]), rows: rows.collect(), ..Listing::default() }
}

fn expired(waiver: &Waiver) -> String {
    let until = waiver.until.as_deref().unwrap_or_default();
    format!("{}: the waiver of {} for {} ended on {until}", waiver.at, waiver.rule, waiver.object)
}

/// `3 findings, 1 at or above medium; 2 waived; 1 not checked`.
fn summary(findings: &Findings<'_>) -> String {
    let report = findings.report;
    let count = |number: usize| counted(number as u64, "findings");
    let failing = report.findings.iter().filter(|finding| findings.fails(finding.severity)).count();
    let mut parts = match report.findings.len() {
        0 => vec![format!("nothing found in {}", findings.target)],
        all => vec![format!("{}, {failing} at or above {}", count(all), findings.level.word())],
    };
    if !report.waived.is_empty() {
        parts.push(format!("{} waived", report.waived.len()));
    }
    if !report.not_checked.is_empty() {
        parts.push(format!("{} not checked", report.not_checked.len()));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::findings::sample;

    #[test]
    fn the_gravest_come_first() {
        let report = sample::report();
        let findings = sample::findings(&report);
        insta::assert_snapshot!(render(&findings, None, false), @r##"
        high: 1 finding
         Rule      | Object        | Evidence      | Fix
        -----------+---------------+---------------+---------------
         some-rule | public.orders | a <b> & 100 % | FIX "orders";
                   |               | second line   |

        low: 1 finding
         Rule       | Object       | Evidence   | Fix
        ------------+--------------+------------+----------------
         other-rule | public.a:b,c | less grave | Make it right.

        waived
         Rule       | Object     | Reason            | Until | Waived in
        ------------+------------+-------------------+-------+-----------------
         other-rule | public.old | we know, "really" |       | dbwright.toml:7

        not checked
         Rule       | Object        | Why
        ------------+---------------+----------
         some-rule  | public.secret | no right
         every rule | schema audit  | no USAGE

        dbwright.toml:7: the waiver of other-rule for public.* ended on 2026-01-31
        2 findings, 1 at or above medium; 1 waived; 2 not checked
        "##);
    }

    #[test]
    fn a_narrow_terminal_cuts_cells() {
        let report = sample::report();
        let text = render(&sample::findings(&report), Some(60), false);
        assert!(text.lines().all(|line| line.chars().count() <= 60 || line.contains("waiver of")), "{text}");
        assert!(text.contains('…'));
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        let report = sample::report();
        assert!(!render(&sample::findings(&report), None, false).contains('\x1b'));
        assert!(render(&sample::findings(&report), None, true).contains("\x1b[1;31mhigh: 1 finding"));
    }

    #[test]
    fn nothing_found_is_said() {
        let report = Default::default();
        assert_eq!(render(&sample::findings(&report), None, false), "nothing found in shop\n");
    }
}
