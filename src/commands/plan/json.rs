//! A plan as JSON.

use serde_json::{Value, json};

use super::Reviewed;
use crate::model::plan::{Harm, Loss};

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
            "stopped": reviewed.stopping().count(),
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
    let losses = step.loses.iter().zip(&reviewed.found[index]);
    let lost: Vec<(&Loss, Option<usize>)> =
        losses.filter(|(loss, _)| loss.harm == Harm::Lost).map(|(loss, found)| (loss, *found)).collect();
    if !lost.is_empty() {
        let what: Vec<&str> = lost.iter().map(|(loss, _)| loss.what.as_str()).collect();
        let any = lost.iter().any(|(_, found)| found.is_some_and(|rows| rows > 0));
        let known = any || lost.iter().all(|(_, found)| found.is_some());
        value["loses"] = json!({ "what": what.join("; "), "found": known.then_some(any) });
    }
    let stopped: Vec<Value> = reviewed
        .stopped(index)
        .iter()
        .map(|each| json!({ "what": each.loss.what, "rows": each.rows, "query": each.query() }))
        .collect();
    if !stopped.is_empty() {
        value["stopped_by"] = json!(stopped);
    }
    if let Some(what) = reviewed.may_stop(index) {
        value["may_be_stopped_by"] = json!(what);
    }
    value
}
