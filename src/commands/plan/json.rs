//! A plan as JSON.

use serde_json::{Value, json};

use super::Reviewed;

/// The plan with its totals.
pub fn document(reviewed: &Reviewed) -> Value {
    let plan = &reviewed.plan;
    let steps: Vec<Value> = (0..plan.steps.len()).map(|index| step(reviewed, index)).collect();
    json!({
        "steps": steps,
        "left": plan.left,
        "totals": {
            "steps": reviewed.count(),
            "rewrites": plan.steps.iter().filter(|step| step.rewrites).count(),
            "loses_data": reviewed.losing().count(),
            "left": plan.left.len(),
        },
    })
}

fn step(reviewed: &Reviewed, index: usize) -> Value {
    let step = &reviewed.plan.steps[index];
    let mut value = json!({
        "kind": step.kind,
        "object": step.object,
        "sql": step.sql,
        "why": step.why,
        "lock": step.lock,
        "rewrites": step.rewrites,
        "in_transaction": step.in_transaction,
        "loses_data": reviewed.loss(index).is_some(),
        // What is gone for good no statement brings back.
        "reversible": reviewed.loss(index).is_none(),
    });
    match reviewed.number(index) {
        Some(number) => value["n"] = json!(number),
        None => value["session"] = json!(true),
    }
    if let Some(loss) = &step.loses {
        value["loses"] = json!({ "what": loss.what, "found": reviewed.found.get(index).copied().flatten() });
    }
    value
}
