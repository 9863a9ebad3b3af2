//! Findings as a log of SARIF 2.1.0, the OASIS standard that code scanners are read by.

use serde_json::{Value, json};

use super::Findings;
use crate::model::finding::{Finding, Rule, Severity};

/// The name under which a finding's id stands in `partialFingerprints`: with a version, as the
/// standard asks (3.27.17).
const FINGERPRINT: &str = "dbwrightFindingId/v1";

pub fn document(findings: &Findings<'_>) -> Value {
    let mut results: Vec<Value> =
        findings.report.findings.iter().map(|finding| result(findings, finding)).collect();
    if findings.show_waived {
        results.extend(findings.report.waived.iter().map(|waived| {
            let mut result = result(findings, &waived.finding);
            let why = &waived.waiver.reason;
            result["suppressions"] = json!([{ "kind": "external", "justification": why }]);
            result
        }));
    }
    let notes: Vec<Value> = findings
        .report
        .not_checked
        .iter()
        .map(|not| {
            let mut note = json!({
                "level": "warning",
                "message": { "text": format!("not checked: {}: {}", not.object, not.why) },
            });
            if let Some(rule) = not.rule {
                note["associatedRule"] = json!({ "id": rule });
            }
            note
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dbwright",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": findings.rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": format!("{}/{}/", findings.command, findings.target) },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{}\n\n{}", rule.fix, rule.references.join("\n")) },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

/// SARIF has three levels.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn result(findings: &Findings<'_>, finding: &Finding) -> Value {
    let name = finding.object.rsplit('.').next().unwrap_or(&finding.object);
    let mut location = json!({
        "logicalLocations": [{
            "name": name,
            "fullyQualifiedName": finding.object,
            "kind": finding.object_kind,
        }],
    });
    if let Some(place) = finding.place.as_ref().or(findings.place) {
        let uri: String = place.path.split('/').map(encoded).collect::<Vec<_>>().join("/");
        let mut physical = json!({ "artifactLocation": { "uri": uri } });
        if let Some(line) = place.line {
            physical["region"] = json!({ "startLine": line });
        }
        location["physicalLocation"] = physical;
    }
    let fix = finding.fix.sql.as_ref().unwrap_or(&finding.fix.text);
    let text = format!("{}: {}: {}\nFix: {fix}", finding.object, finding.title, finding.evidence);
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { FINGERPRINT: finding.id },
        "properties": { "severity": finding.severity, "engine": finding.engine.word() },
    });
    if let Some(index) = findings.rules.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// A part of a path as part of a URI.
fn encoded(part: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(part, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::findings::sample;

    #[test]
    fn required_fields_are_there() {
        let report = sample::report();
        let log = document(&sample::findings(&report));
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "dbwright");
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "some-rule");
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(result["level"], "error");
        assert!(result["message"]["text"].as_str().unwrap().contains("100 %"));
        let location = &result["locations"][0];
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "public.orders");
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "dbwright.toml");
        assert_eq!(location["physicalLocation"]["region"]["startLine"], 3);
        assert_eq!(result["partialFingerprints"][FINGERPRINT], "some-rule:public.orders");
        assert_eq!(run["results"][2]["suppressions"][0]["kind"], "external");
        let notes = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(notes[0]["associatedRule"]["id"], "some-rule");
        assert_eq!(notes[1].get("associatedRule"), None);
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(encoded("my file é%.db"), "my%20file%20%C3%A9%25.db");
    }
}
