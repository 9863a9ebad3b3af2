//! `profile show`: what a profile comes to, and where each value comes from.

use serde_json::{Value, json};

use crate::commands::Context;
use crate::config::{Config, Resolved};
use crate::error::Result;
use crate::model::listing::Listing;

pub fn run(context: &Context, name: &str) -> Result<()> {
    let config = context.config()?;
    let resolved = config.describe(name, &context.env)?;
    match context.ui.wants_json() {
        true => context.ui.print_json(&document(&config, name, &resolved)),
        false => context.ui.print_listing(&listing(&resolved)),
    }
}

pub fn document(config: &Config, name: &str, resolved: &Resolved) -> Value {
    let values: Vec<Value> = resolved
        .values
        .iter()
        .map(|shown| json!({ "key": shown.key, "value": shown.value, "origin": shown.origin }))
        .collect();
    json!({
        "version": 1,
        "kind": "profile_show",
        "name": name,
        "file": config.path().display().to_string(),
        "values": values,
        "sections": resolved.sections.keys().collect::<Vec<_>>(),
        "notes": resolved.notes,
    })
}

pub fn listing(resolved: &Resolved) -> Listing {
    let rows = resolved
        .values
        .iter()
        .map(|shown| vec![shown.key.clone(), shown.value.clone(), shown.origin.clone()]);
    let sections = resolved.sections.keys().map(|section| format!("and the table `{section}`"));
    let notes = resolved.notes.iter().map(|note| format!("note: {note}"));
    Listing {
        headers: ["Key", "Value", "From"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        notes: sections.chain(notes).collect(),
        ..Listing::default()
    }
}
