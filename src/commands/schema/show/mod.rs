//! `schema show`: what a database holds, as a tree, or objects described one by one.

pub mod choose;
mod describe;
mod facts;
mod overview;
mod relation;

use clap::Args;
use serde_json::json;

use super::read::{read_catalog, warn_of_unread};
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::engine::engine_for;
use crate::error::Result;
use crate::model::catalog::{Catalog, Scope};
use crate::model::ddl::{DdlOptions, Piece};
use crate::sql::write_script;
use crate::ui::Format;

/// Show the objects of a database, or describe some of them
#[derive(Debug, Args)]
#[command(
    arg(printed_as(&[Format::Tree, Format::Table, Format::Json, Format::Sql])),
    after_help = "\
Examples:
  dbwright schema show app.db
  dbwright schema show prod orders 'sales.*'
  dbwright schema show prod --format table
  dbwright schema show prod orders --format sql
  dbwright schema show prod --json | jq -r '.catalog.objects[].name'"
)]
pub struct ShowArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// Describe these: NAME or SCHEMA.NAME, with * and ? for any letters [default: list all]
    #[arg(value_name = "OBJECT")]
    objects: Vec<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: ShowArgs) -> Result<()> {
    let (target, objects) = context.database_and_names(args.target.as_ref(), &args.objects);
    let scope = Scope { sizes: true, privileges: true, ..Scope::default() };
    let mut catalog = read_catalog(context, target, scope)?;
    warn_of_unread(context, &catalog);
    for object in &mut catalog.objects {
        // For dumps only.
        object.secret_definition = None;
    }
    let chosen = choose::choose(&catalog, &objects)?;
    let ui = &context.ui;
    match ui.format().unwrap_or(Format::Tree) {
        Format::Json => {
            catalog.keep(|object| chosen.contains(object));
            ui.print_json(&json!({ "version": 1, "kind": "schema_show", "catalog": catalog }))
        }
        Format::Sql => print_sql(context, catalog, &chosen),
        Format::Table if chosen.is_all() => ui.print_listing(&overview::table(&catalog, &chosen)),
        Format::Table => ui.print_listing(&relation::columns_table(&catalog, &chosen)),
        _ if chosen.is_all() => ui.print_tree(&overview::tree(&catalog)),
        _ => {
            let described = chosen.ids().map(|id| ui.render_listing(&describe::describe(&catalog, id)));
            ui.print(&described.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn print_sql(context: &Context, mut catalog: Catalog, chosen: &choose::Chosen) -> Result<()> {
    let engine = engine_for(catalog.engine);
    catalog.keep(|object| chosen.contains(object));
    let mut pieces: Vec<Piece> = engine.ddl().create(&catalog, DdlOptions { privileges: true });
    if !chosen.is_all() {
        // Settings are for whole scripts.
        pieces.retain(|piece| !piece.name.name.is_empty());
    }
    let mut text = Vec::new();
    write_script(&mut text, &pieces, engine.dialect(catalog.engine))?;
    context.ui.print(&String::from_utf8_lossy(&text))
}
