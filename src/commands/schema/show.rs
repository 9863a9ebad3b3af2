//! `schema show`: what a database holds.

use clap::Args;
use serde_json::json;

use super::read::read_catalog;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::Result;
use crate::model::catalog::Scope;
use crate::ui::Format;

/// Show the objects of a database
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Json])), after_help = "\
Examples:
  dbwright schema show app.db --json | jq '.catalog.objects[].name'")]
pub struct ShowArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: ShowArgs) -> Result<()> {
    let catalog = read_catalog(context, args.target.as_deref(), Scope { sizes: true, privileges: true })?;
    context.ui.print_json(&json!({ "version": 1, "kind": "schema_show", "catalog": catalog }))
}
