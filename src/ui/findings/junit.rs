//! Findings as JUnit XML: a test case for each finding, and one for each rule that found nothing.

use super::Findings;
use crate::model::finding::Finding;

/// The document, in the form that CI servers agree on: `testsuites`, `testsuite`, `testcase` with
/// `failure` or `skipped`.
pub fn document(findings: &Findings<'_>) -> String {
    let mut cases = String::new();
    let mut failures = 0;
    let mut skipped = 0;
    for rule in findings.rules {
        let mine: Vec<&Finding> =
            findings.report.findings.iter().filter(|finding| finding.rule == rule.id).collect();
        for finding in &mine {
            failures += usize::from(findings.fails(finding.severity));
            cases.push_str(&case(findings, finding));
        }
        let was_checked = findings.report.not_checked.iter().all(|not| not.rule != Some(rule.id));
        if mine.is_empty() && was_checked {
            cases.push_str(&format!("    <testcase{}/>\n", named(findings, rule.id, rule.title)));
        }
    }
    for not in &findings.report.not_checked {
        skipped += 1;
        let named = named(findings, not.rule.unwrap_or("every-rule"), &not.object);
        let why = attribute("message", &format!("not checked: {}", not.why));
        cases.push_str(&format!("    <testcase{named}><skipped{why}/></testcase>\n"));
    }
    for waived in findings.report.waived.iter().filter(|_| findings.show_waived) {
        skipped += 1;
        let named = named(findings, waived.finding.rule, &waived.finding.object);
        let why = attribute("message", &format!("waived: {}", waived.waiver.reason));
        cases.push_str(&format!("    <testcase{named}><skipped{why}/></testcase>\n"));
    }
    let tests = cases.matches("    <testcase ").count();
    let counts = format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    let suite = attribute("name", &format!("{} {}", findings.command, findings.target));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dbwright\"{counts}>\n  \
         <testsuite{suite}{counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Below the level that fails the run a finding is told, but the case passes.
fn case(findings: &Findings<'_>, finding: &Finding) -> String {
    let named = named(findings, finding.rule, &finding.object);
    let fix = finding.fix.sql.as_ref().unwrap_or(&finding.fix.text);
    let text = escaped(&format!("{}\nFix: {fix}\n", finding.evidence));
    match findings.fails(finding.severity) {
        true => {
            let kind = attribute("type", finding.severity.word());
            let message = attribute("message", &format!("{}: {}", finding.title, finding.evidence));
            format!("    <testcase{named}><failure{message}{kind}>{text}</failure></testcase>\n")
        }
        false => {
            let told = escaped(&format!("{}: {}: ", finding.severity.word(), finding.title));
            format!("    <testcase{named}><system-out>{told}{text}</system-out></testcase>\n")
        }
    }
}

fn named(findings: &Findings<'_>, rule: &str, name: &str) -> String {
    let class = format!("{}.{rule}", findings.command.replace(' ', "."));
    format!("{}{}", attribute("classname", &class), attribute("name", name))
}

fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", escaped(value))
}

/// Text for XML 1.0, which has no place for most control characters, not even escaped (2.2).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Severity;
    use crate::ui::findings::sample;

    #[test]
    fn a_case_for_each_finding_and_each_rule_without() {
        let report = sample::report();
        insta::assert_snapshot!(document(&sample::findings(&report)), @r##"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="dbwright" tests="6" failures="1" errors="0" skipped="3">
          <testsuite name="schema lint shop" tests="6" failures="1" errors="0" skipped="3">
            <testcase classname="schema.lint.some-rule" name="public.orders"><failure message="something is wrong: a &lt;b&gt; &amp; 100 %&#10;second line" type="high">a &lt;b&gt; &amp; 100 %&#10;second line&#10;Fix: FIX &quot;orders&quot;;&#10;</failure></testcase>
            <testcase classname="schema.lint.other-rule" name="public.a:b,c"><system-out>low: something is wrong: less grave&#10;Fix: Make it right.&#10;</system-out></testcase>
            <testcase classname="schema.lint.quiet-rule" name="something is wrong"/>
            <testcase classname="schema.lint.some-rule" name="public.secret"><skipped message="not checked: no right"/></testcase>
            <testcase classname="schema.lint.every-rule" name="schema audit"><skipped message="not checked: no USAGE"/></testcase>
            <testcase classname="schema.lint.other-rule" name="public.old"><skipped message="waived: we know, &quot;really&quot;"/></testcase>
          </testsuite>
        </testsuites>
        "##);
    }

    #[test]
    fn the_level_decides_what_fails() {
        let report = sample::report();
        let low = Findings { level: Severity::Low, show_waived: false, ..sample::findings(&report) };
        let text = document(&low);
        assert!(text.contains("tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"2\""), "{text}");
    }

    #[test]
    fn nothing_of_a_name_becomes_markup() {
        assert_eq!(escaped("<a b=\"c\">&\u{1}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}&#10;");
    }
}
