//! Findings as one JSON document (docs/json.md).

use serde_json::{Value, json};

use super::Findings;

pub fn document(findings: &Findings<'_>) -> Value {
    let report = findings.report;
    let mut document = json!({
        "version": 1,
        "kind": findings.command.replace(' ', "_"),
        "target": findings.target,
        "level": findings.level,
        "ok": !report.fails(findings.level),
        "findings": report.findings,
        "not_checked": report.not_checked,
        "waived": report.waived.len(),
        "expired_waivers": report.expired,
    });
    if findings.show_waived {
        document["waived_findings"] = json!(report.waived);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::findings::sample;

    #[test]
    fn the_document_has_its_fields() {
        let report = sample::report();
        let findings = sample::findings(&report);
        let document = document(&findings);
        assert_eq!(document["version"], 1);
        assert_eq!(document["kind"], "schema_lint");
        assert_eq!(document["ok"], false);
        assert_eq!(document["waived"], 1);
        let first = &document["findings"][0];
        assert_eq!(first["id"], "some-rule:public.orders");
        assert_eq!(first["severity"], "high");
        assert_eq!(first["engine"], "postgres");
        assert_eq!(first["fix"]["sql"], "FIX \"orders\";");
        assert_eq!(first["undo"], "UNDO;");
        assert_eq!(document["findings"][1]["fix"], json!({ "text": "Make it right." }));
        assert_eq!(document["not_checked"][1]["rule"], Value::Null);
        assert_eq!(document["waived_findings"][0]["rule"], "other-rule");
        assert_eq!(document["waived_findings"][0]["waiver"]["at"], "dbwright.toml:7");
        let hidden = super::document(&Findings { show_waived: false, ..findings });
        assert_eq!(hidden.get("waived_findings"), None);
    }
}
