//! `backup show`: one backup, and what changed since the one before.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::args::choose;
use super::keys;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::Result;
use crate::model::catalog::Name;
use crate::model::listing::Listing;
use crate::model::snapshot::Snapshot;
use crate::store::Repository;
use crate::store::repository::State;
use crate::ui::{Format, human};

/// Show what a backup holds
///
/// Its tables with their rows and sizes, how they changed since the backup of the same database
/// before it, and the moment that it shows.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup show latest --repo /backups/prod
  dbwright backup show 20261123T19 --repo /backups/prod --json")]
pub struct ShowArgs {
    /// The backup: `latest`, its id, or how that begins
    #[arg(value_name = "BACKUP")]
    backup: String,
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: keys::Identities,
}

/// Runs the command.
pub fn run(context: &Context, args: &ShowArgs) -> Result<()> {
    let repository = keys::open(context, args.repo.as_deref(), &args.identities)?;
    let snapshot = repository.snapshot(&choose(&repository, &args.backup)?)?;
    let before = before(&repository, &snapshot)?;
    let rows_before: BTreeMap<_, u64> = before
        .iter()
        .flat_map(|before| &before.tables)
        .map(|table| (table.full_name(), table.rows))
        .collect();
    let gone: Vec<(&Name, u64)> = rows_before
        .iter()
        .filter(|(name, _)| snapshot.tables.iter().all(|table| table.full_name() != **name))
        .map(|(name, rows)| (name, *rows))
        .collect();
    if context.ui.wants_json() {
        let gone: Vec<_> = gone
            .iter()
            .map(|(name, rows)| json!({ "schema": name.schema, "name": name.name, "rows": rows }))
            .collect();
        let tables: Vec<_> = snapshot
            .tables
            .iter()
            .map(|table| {
                json!({
                    "schema": table.schema,
                    "name": table.name,
                    "rows": table.rows,
                    "rows_before": rows_before.get(&table.full_name()),
                    "bytes": table.bytes,
                    "stored": table.parts.iter().flat_map(|part| &part.chunks).map(|chunk| chunk.stored).sum::<u64>(),
                })
            })
            .collect();
        return context.ui.print_json(&json!({
            "version": 1,
            "kind": "backup_show",
            "id": snapshot.id,
            "before": before.map(|before| before.id),
            "engine": snapshot.engine,
            "server_version": snapshot.server_version,
            "database": snapshot.database,
            "started": snapshot.started,
            "finished": snapshot.finished,
            "moment": snapshot.moment,
            "type": snapshot.backup_type,
            "not_read": snapshot.not_read(),
            "base": snapshot.base,
            "totals": snapshot.totals,
            "partial": snapshot.partial,
            "masked": snapshot.masked,
            "tables": tables,
            "gone": gone,
            "proof": repository.proof(&snapshot.id)?,
        }));
    }
    about(context, &snapshot)?;
    let change = |table: &crate::model::snapshot::Table| match rows_before.get(&table.full_name()) {
        None if before.is_none() => String::new(),
        None => "new".to_owned(),
        Some(rows) if *rows == table.rows => "0".to_owned(),
        Some(rows) if *rows < table.rows => format!("+{}", human::count(table.rows - rows)),
        Some(rows) => format!("-{}", human::count(rows - table.rows)),
    };
    let rows = snapshot.tables.iter().map(|table| {
        let stored = table.parts.iter().flat_map(|part| &part.chunks).map(|chunk| chunk.stored).sum();
        let sizes = match snapshot.image {
            Some(_) => [String::new(), String::new()],
            None => [human::bytes(table.bytes), human::bytes(stored)],
        };
        let [bytes, stored] = sizes;
        vec![table.full_name().to_string(), human::count(table.rows), change(table), bytes, stored]
    });
    context.ui.print_listing(&Listing {
        headers: ["Table", "Rows", "Change", "Bytes", "Stored"].map(str::to_owned).to_vec(),
        rows: rows.chain(gone.into_iter().map(left_out)).collect(),
        ..Listing::default()
    })
}

/// A table that only the backup before had.
fn left_out((name, rows): (&Name, u64)) -> Vec<String> {
    let change = format!("gone (-{})", human::count(rows));
    vec![name.to_string(), String::new(), change, String::new(), String::new()]
}

fn about(context: &Context, snapshot: &Snapshot) -> Result<()> {
    let position: Vec<String> =
        snapshot.moment.position.iter().map(|each| format!("{} {}", each.name, each.value)).collect();
    let taken = match &snapshot.base {
        Some(base) => format!(
            "\n{}: {} were not read, as they had not changed since {base}",
            snapshot.backup_type.word(),
            human::counted(snapshot.not_read(), "tables")
        ),
        None => String::new(),
    };
    context.ui.print(&format!(
        "{} of {} ({} {})\nfrom {} to {}, at {}\nby {}\n{} in {} chunks, stored as {}, of which {} were new{taken}\n\n",
        snapshot.id,
        snapshot.database,
        snapshot.engine,
        snapshot.server_version,
        snapshot.started,
        snapshot.finished,
        position.join(", "),
        snapshot.moment.how,
        human::bytes(snapshot.totals.bytes),
        human::count(snapshot.totals.chunks),
        human::bytes(snapshot.totals.stored),
        human::bytes(snapshot.totals.new),
    ))?;
    if !snapshot.masked.is_empty() {
        let told: Vec<String> = snapshot.masked.iter().map(ToString::to_string).collect();
        context.ui.print(&format!("masked: {}\n\n", told.join(", ")))?;
    }
    let Some(partial) = &snapshot.partial else { return Ok(()) };
    let left_out = partial.left_out.iter().map(|what| format!("left out: {what}\n"));
    context.ui.print(&format!("partial: {}\n{}\n", partial.words().join(" "), left_out.collect::<String>()))
}

/// The backup of the same database before this one.
fn before(repository: &Repository, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
    let ids = repository.ids()?;
    let earlier = ids.range(..snapshot.id.clone()).rev().filter(|(_, state)| **state == State::Whole);
    for (id, _) in earlier {
        // A damaged one is verify's business.
        if let Ok(before) = repository.snapshot(id)
            && before.database == snapshot.database
            && before.engine == snapshot.engine
        {
            return Ok(Some(before));
        }
    }
    Ok(None)
}
