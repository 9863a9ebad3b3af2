//! `schema dump`: the statements that build a database.

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde_json::{Value, json};

use super::read::{read_catalog, warn_of_unread};
use crate::commands::formats::printed_as;
use crate::commands::{Context, output_file};
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Scope;
use crate::model::ddl::{DdlOptions, Piece, Section};
use crate::sql::write_script;
use crate::ui::Format;

/// Write the statements that build the same database, without its rows
///
/// The script loads into an empty database in one go, with the engine's own client or with
/// `dbwright connect -f`. It is the same for the same database, so it can be kept under version
/// control.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Sql, Format::Json])), after_help = "\
Examples:
  dbwright schema dump prod > schema.sql
  dbwright schema dump prod --with-privileges -o schema.sql
  dbwright schema dump prod --section before-data | dbwright connect copy.db -f -
  dbwright schema dump prod --strict -o schema.sql && git commit schema.sql")]
pub struct DumpArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// Write to FILE, which is replaced only when all is done [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Owners and grants too
    #[arg(long)]
    with_privileges: bool,
    /// Only this part (may be given again)
    #[arg(long = "section", value_name = "SECTION", value_enum)]
    sections: Vec<Part>,
    /// Write nothing and end with 1 when something could not be read
    #[arg(long)]
    strict: bool,
}

/// A part of the script, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What must be there before rows are loaded: schemas, types, functions, tables, views
    BeforeData,
    /// What is faster made when the rows are there: keys, indexes, foreign keys, triggers, grants
    AfterData,
}

impl Part {
    fn section(self) -> Section {
        match self {
            Part::BeforeData => Section::BeforeData,
            Part::AfterData => Section::AfterData,
        }
    }
}

/// Runs the command.
pub fn run(context: &Context, args: DumpArgs) -> Result<()> {
    let scope = Scope { privileges: args.with_privileges, statements: true, ..Scope::default() };
    // The process ends soon: to give back a large catalog piece by piece would cost a tenth of it.
    let catalog = ManuallyDrop::new(read_catalog(context, args.target.as_deref(), scope)?);
    warn_of_unread(context, &catalog);
    if args.strict && !catalog.unread.is_empty() {
        let count = catalog.unread.len();
        return Err(Error::new(Kind::Found, format!("{count} of the database could not be read"))
            .hint("give the user the rights that are named above, or leave --strict away"));
    }
    let engine = engine_for(catalog.engine);
    let options = DdlOptions { privileges: args.with_privileges };
    let mut pieces = ManuallyDrop::new(engine.ddl().create(&catalog, options));
    if !args.sections.is_empty() {
        pieces.retain(|piece| args.sections.iter().any(|part| part.section() == piece.section));
    }
    let mut text = Vec::new();
    match context.ui.wants_json() {
        true => text = format!("{:#}\n", document(&pieces)).into_bytes(),
        false => write_script(&mut text, &pieces, engine.dialect(catalog.engine))?,
    }
    match &args.output {
        Some(path) => output_file::write_file(path, &text),
        None => {
            let mut out = context.ui.output()?;
            std::io::Write::write_all(&mut out, &text)?;
            out.finish()
        }
    }
}

fn document(pieces: &[Piece]) -> Value {
    let statements: Vec<Value> = pieces
        .iter()
        .map(|piece| {
            let section = match piece.section {
                Section::BeforeData => "before_data",
                Section::AfterData => "after_data",
            };
            json!({
                "object": piece.kind,
                "schema": piece.name.schema,
                "name": piece.name.name,
                "section": section,
                "sql": piece.sql,
            })
        })
        .collect();
    json!({ "version": 1, "kind": "schema_dump", "statements": statements })
}
