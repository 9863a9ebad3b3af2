//! `backup list`: what a repository holds.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::args::repository_place;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::Result;
use crate::model::listing::Listing;
use crate::store::Repository;
use crate::store::repository::State;
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
    /// The folder of the repository [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &ListArgs) -> Result<()> {
    let repository = Repository::open(&repository_place(context, args.repo.as_deref())?)?;
    let (mut rows, mut documents) = (Vec::new(), Vec::new());
    for (id, state) in repository.ids()? {
        if state != State::Whole {
            context.ui.warn(&format!("backup {id} is {}", words(state)));
            documents.push(json!({ "id": id, "state": words(state) }));
            continue;
        }
        let snapshot = match repository.snapshot(&id) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                context.ui.warn(&format!("backup {id}: {error}"));
                documents.push(json!({ "id": id, "state": "damaged" }));
                continue;
            }
        };
        let proof = repository.proof(&id)?;
        let totals = &snapshot.totals;
        rows.push(vec![
            snapshot.id.clone(),
            snapshot.profile.clone().unwrap_or_else(|| snapshot.database.clone()),
            format!("{} {}", snapshot.engine, snapshot.server_version),
            snapshot.backup_type.word().to_owned(),
            human::count(snapshot.not_read()),
            human::count(totals.rows),
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
            "type": snapshot.backup_type,
            "tables": snapshot.tables.len(),
            "not_read": snapshot.not_read(),
            "rows": totals.rows,
            "bytes": totals.bytes,
            "stored": totals.stored,
            "new": totals.new,
            "proof": proof,
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

/// What is wrong with a backup that is not whole.
pub fn words(state: State) -> &'static str {
    match state {
        State::Whole => "whole",
        State::Unfinished => "unfinished, or its sum was taken away",
        State::Gone => "gone: its manifest was taken away",
    }
}
