//! `profile show`: what a profile comes to, and where each value comes from.

use std::io::Write;

use serde_json::{Value, json};

use super::{table, write_json};
use crate::config::{Config, Env};
use crate::error::Result;
use crate::model::listing::Listing;

pub fn run(config: &Config, name: &str, env: &Env, json: bool, out: &mut dyn Write) -> Result<()> {
    let resolved = config.describe(name, env)?;
    if json {
        let values: Vec<Value> = resolved
            .values
            .iter()
            .map(|shown| json!({ "key": shown.key, "value": shown.value, "origin": shown.origin }))
            .collect();
        let document = json!({
            "version": 1,
            "name": name,
            "file": config.path().display().to_string(),
            "values": values,
            "sections": resolved.sections.keys().collect::<Vec<_>>(),
            "notes": resolved.notes,
        });
        return write_json(out, &document);
    }
    let mut listing =
        Listing { headers: ["key", "value", "from"].map(str::to_owned).to_vec(), ..Listing::default() };
    for shown in &resolved.values {
        listing.rows.push(vec![shown.key.clone(), shown.value.clone(), shown.origin.clone()]);
    }
    for section in resolved.sections.keys() {
        listing.notes.push(format!("and the table `{section}`"));
    }
    listing.notes.extend(resolved.notes.iter().map(|note| format!("note: {note}")));
    table::write(out, &listing)
}
