//! `backup list`: what a repository holds.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::keys;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Kind, Result};
use crate::model::listing::Listing;
use crate::model::snapshot::Snapshot;
use crate::store::repository::State;
use crate::store::sealed::VEILED;
use crate::ui::{Format, human};

/// List the backups of a repository
///
/// Oldest first: what each is of, how much it holds, how much it added to the repository, and when
/// it was last proven by a restore (backup verify --restore).
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup list --repo /backups/prod
  dbwright backup list --profile prod --json")]
pub struct ListArgs {
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: keys::Identities,
}

/// Runs the command.
pub fn run(context: &Context, args: &ListArgs) -> Result<()> {
    let repository = keys::open(context, args.repo.as_deref(), &args.identities)?;
    let (mut rows, mut documents) = (Vec::new(), Vec::new());
    for (id, state) in repository.ids()? {
        if state != State::Whole {
            context.ui.warn(&format!("backup {id} is {}", words(state)));
            documents.push(json!({ "id": id, "state": words(state) }));
            continue;
        }
        let snapshot = match repository.outline(&id) {
            Ok(snapshot) => snapshot,
            Err(error) if error.kind() == Kind::Auth => return Err(error),
            Err(error) => {
                context.ui.warn(&format!("backup {id}: {error}"));
                documents.push(json!({ "id": id, "state": "damaged" }));
                continue;
            }
        };
        let proof = repository.proof(&id)?;
        let totals = &snapshot.totals;
        let is_veiled = snapshot.kind == VEILED;
        let secret = || VEILED.to_owned();
        rows.push(vec![
            snapshot.id.clone(),
            if is_veiled { secret() } else { of(&snapshot) },
            if is_veiled { secret() } else { format!("{} {}", snapshot.engine, snapshot.server_version) },
            snapshot.backup_type.word().to_owned(),
            human::count(snapshot.not_read()),
            if is_veiled { String::new() } else { human::count(totals.rows) },
            human::bytes(totals.bytes),
            human::bytes(totals.stored),
            human::bytes(totals.new),
            human::duration(Duration::from_secs_f64(snapshot.seconds)),
            proof.as_ref().map_or("never".to_owned(), |proof| proof.at.chars().take(16).collect()),
        ]);
        documents.push(json!({
            "id": snapshot.id,
            "state": "whole",
            "profile": snapshot.profile,
            "engine": snapshot.engine,
            "server_version": snapshot.server_version,
            "database": snapshot.database,
            "started": snapshot.started,
            "seconds": snapshot.seconds,
            "encrypted": is_veiled,
            "type": snapshot.backup_type,
            "tables": snapshot.tables.len(),
            "not_read": snapshot.not_read(),
            "rows": totals.rows,
            "bytes": totals.bytes,
            "stored": totals.stored,
            "new": totals.new,
            "proof": proof,
            "partial": snapshot.partial,
        }));
    }
    if context.ui.wants_json() {
        return context.ui.print_json(&json!({
            "version": 1, "kind": "backup_list", "repository": repository.place(), "backups": documents,
        }));
    }
    let headers =
        ["Backup", "Of", "Engine", "Type", "Not read", "Rows", "Bytes", "Stored", "New", "Took", "Proven"];
    context.ui.print_listing(&Listing {
        headers: headers.map(str::to_owned).to_vec(),
        rows,
        ..Listing::default()
    })
}

/// The profile or the database, and whether it is all of it.
fn of(snapshot: &Snapshot) -> String {
    let name = snapshot.profile.as_ref().unwrap_or(&snapshot.database);
    match (&snapshot.partial, snapshot.masked.is_empty()) {
        (None, true) => name.clone(),
        (None, false) => format!("{name} (masked)"),
        (Some(_), true) => format!("{name} (partial)"),
        (Some(_), false) => format!("{name} (partial, masked)"),
    }
}

/// What is wrong with a backup that is not whole.
pub fn words(state: State) -> &'static str {
    match state {
        State::Whole => "whole",
        State::Unfinished => "unfinished, or its sum was taken away",
        State::Gone => "gone: its manifest was taken away",
    }
}
