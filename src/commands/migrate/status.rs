//! `migrate status`: where a database stands.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::open::{Opened, PlaceArgs};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Entry, Record, State, join};
use crate::model::listing::Listing;
use crate::ui::{Format, human};

/// Tell which migrations are applied, pending, edited, missing or done in part
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright migrate status prod
  dbwright migrate status prod --exit-code --quiet || echo not up to date
  dbwright migrate status prod --json | jq -r '.migrations[] | select(.state != \"applied\") | .id'")]
pub struct StatusArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Exit with 1 when anything is not as it should be, also when something is pending
    #[arg(long)]
    exit_code: bool,
    /// Only what is not applied as it should be
    #[arg(long)]
    open: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &StatusArgs) -> Result<()> {
    let Opened { session: _session, records, folder, .. } = Opened::to_tell(context, &args.place)?;
    let mut entries = join(&folder.wanted(), &records);
    let summary = summary(&entries);
    let is_open = |entry: &Entry| !is_settled(entry.state);
    let open = entries.iter().filter(|entry| is_open(entry)).count();
    if args.open {
        entries.retain(is_open);
    }
    match context.ui.wants_json() {
        true => {
            let migrations: Vec<_> = entries.iter().map(|entry| object(entry, &records)).collect();
            let document =
                json!({ "version": 1, "kind": "migrate_status", "open": open, "migrations": migrations });
            context.ui.print_json(&document)?;
        }
        false => {
            let headers = ["Migration", "Name", "State", "Applied", "Took", "By"].map(str::to_owned).to_vec();
            let rows = entries.iter().map(|entry| row(entry, &records)).collect();
            context.ui.print_listing(&Listing {
                headers,
                rows,
                notes: vec![summary],
                ..Listing::default()
            })?;
        }
    }
    // The process ends here. To give thousands of small texts back one by one would take as long as
    // to print them.
    std::mem::forget((folder, records, entries));
    match args.exit_code && open > 0 {
        true => Err(Error::new(Kind::Found, "the database is not up to date")),
        false => Ok(()),
    }
}

fn is_settled(state: State) -> bool {
    matches!(state, State::Applied | State::Baseline | State::BelowBaseline)
}

fn words(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::OutOfOrder => "pending, out of order",
        State::Changed => "edited since",
        State::Missing => "file is gone",
        State::Partial => "in part",
        State::Due => "due",
        State::BelowBaseline => "before the baseline",
        State::Baseline => "baseline",
    }
}

/// `3 applied, 2 pending`
fn summary(entries: &[Entry]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        let word = words(entry.state);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    if counts.is_empty() { "there are no migrations".to_owned() } else { counts.join(", ") }
}

fn told(entry: &Entry, record: Option<&Record>) -> String {
    match record {
        Some(record) if entry.state == State::Partial => {
            let (done, all) = (record.done, record.statements);
            let doubt =
                if record.doubt.is_some() { format!(", and perhaps {}", done + 1) } else { String::new() };
            match record.undo {
                false => format!("in part: {done} of {all} statements{doubt}"),
                true => format!("taken back in part: {done} of {all} statements{doubt}"),
            }
        }
        _ => words(entry.state).to_owned(),
    }
}

fn row(entry: &Entry, records: &[Record]) -> Vec<String> {
    let record = entry.record.map(|at| &records[at]);
    let of = |text: fn(&Record) -> String| record.map(text).unwrap_or_default();
    vec![
        entry.id.to_string(),
        entry.name.clone(),
        told(entry, record),
        of(|record| record.started_at.clone()),
        of(|record| human::duration(Duration::from_millis(record.duration_ms))),
        of(|record| format!("{}@{}", record.by_user, record.by_host)),
    ]
}

fn object(entry: &Entry, records: &[Record]) -> serde_json::Value {
    let mut object = json!({ "id": entry.id.to_string(), "name": entry.name, "state": entry.state });
    if let Some(record) = entry.record.map(|at| &records[at]) {
        object["applied_at"] = json!(record.started_at);
        object["took"] = json!(Duration::from_millis(record.duration_ms).as_secs_f64());
        object["by_user"] = json!(record.by_user);
        object["by_host"] = json!(record.by_host);
        object["tool_version"] = json!(record.tool_version);
        object["checksum"] = json!(record.checksum);
        object["statements"] = json!(record.statements);
        object["statements_done"] = json!(record.done);
    }
    object
}
