//! `schema gen`: a schema for any engine, from a definition, SQL files or a live database.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::read::read_catalog;
use super::scratch::{self, Loading};
use super::source::{FilesOf, Source, read_definitions};
use crate::commands::formats::printed_as;
use crate::commands::{Context, output_file};
use crate::definition::{Definition, Loss, Syntax, from_catalog, to_catalog, write};
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::ddl::{DdlOptions, Piece};
use crate::model::target::EngineKind;
use crate::sql::write_script;
use crate::ui::{Format, human};

/// Write a schema for any engine, from a definition, SQL files or another database
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Sql, Format::Json])), after_help = "\
Examples:
  dbwright schema gen shop.toml --engine postgres            DDL from a definition
  dbwright schema gen --from prod --engine sqlite --strict   another engine's database
  dbwright schema gen --from shop.sql --engine mysql         SQL of SQLite
  dbwright schema gen --from prod --as definition            start a definition from what is there")]
pub struct GenerateArgs {
    /// Definition files: TOML, YAML or JSON
    #[arg(value_name = "DEFINITION_FILE", required_unless_present = "from", conflicts_with = "from")]
    definitions: Vec<PathBuf>,
    /// Take the schema from a database, a file of SQL (.sql), or a folder of migrations
    #[arg(long, value_name = "PROFILE|URL|FILE.sql|FOLDER")]
    from: Option<String>,
    /// The engine to write for [default: the one it comes from]
    #[arg(long, short, value_name = "ENGINE", value_parser = engine, required_unless_present = "from")]
    engine: Option<EngineKind>,
    /// What to write
    #[arg(long = "as", value_name = "KIND", default_value = "sql")]
    kind: As,
    /// The syntax of a definition [default: by the ending of --output, else toml]
    #[arg(long, value_name = "SYNTAX")]
    syntax: Option<SyntaxWord>,
    /// A server where a database may be made for a moment, to load SQL files of its engine
    #[arg(long, value_name = "PROFILE|URL", requires = "from")]
    scratch: Option<String>,
    /// The engine whose SQL a file holds [default: that of --scratch, else sqlite]
    #[arg(long, value_name = "ENGINE", value_parser = engine, requires = "from")]
    from_engine: Option<EngineKind>,
    /// Write to a file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fail if anything cannot be carried over
    #[arg(long)]
    strict: bool,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum As {
    /// Statements
    Sql,
    /// A definition file
    Definition,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SyntaxWord {
    Toml,
    Yaml,
    Json,
}

pub fn engine(word: &str) -> std::result::Result<EngineKind, String> {
    EngineKind::from_scheme(word).ok_or_else(|| {
        let known: Vec<&str> = EngineKind::ALL.iter().map(|engine| engine.word()).collect();
        format!("known: {}", known.join(", "))
    })
}

/// Runs the command.
pub fn run(context: &Context, args: GenerateArgs) -> Result<()> {
    let (mut definition, mut losses, engine) = read(context, &args)?;
    let text = match args.kind {
        As::Definition => {
            losses.extend(definition.without_odd_references());
            write(&definition, args.syntax())
        }
        As::Sql => {
            let (pieces, lost) = statements(&definition, engine);
            losses.extend(lost);
            let mut script = Vec::new();
            write_script(&mut script, &pieces, engine_for(engine).dialect(engine))?;
            String::from_utf8_lossy(&script).into_owned()
        }
    };
    losses.sort();
    losses.dedup();
    let wanted = args.kind.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default();
    if context.ui.wants_json() {
        context.ui.print_json(&json!({
            "version": 1,
            "kind": "schema_gen",
            "engine": engine.word(),
            "as": wanted,
            "text": text,
            "losses": losses,
        }))?;
    } else {
        losses.iter().for_each(|loss| {
            context.ui.warn(&format!("{}: {}: {}", loss.object, loss.what, loss.reason));
        });
        if args.output.is_none() {
            context.ui.print(text.trim_end())?;
        }
    }
    if let Some(path) = &args.output {
        output_file::write_file(path, text.as_bytes())?;
        context.ui.status(&format!("wrote {}", path.display()));
    }
    match losses.len() as u64 {
        0 => Ok(()),
        count => found(context, count, args.strict),
    }
}

/// The definition, what it does not hold of its source, and the engine to write for.
fn read(context: &Context, args: &GenerateArgs) -> Result<(Definition, Vec<Loss>, EngineKind)> {
    let Some(from) = args.from.as_deref() else {
        let (definition, _) = read_definitions(context, &args.definitions)?;
        let engine = args.engine.ok_or_else(|| Error::usage("--engine is missing"))?;
        return Ok((definition, Vec::new(), engine));
    };
    let catalog = catalog(context, args, from)?;
    let engine = args.engine.unwrap_or(catalog.engine);
    let (definition, losses) = from_catalog(&catalog, engine);
    Ok((definition, losses, engine))
}

fn catalog(context: &Context, args: &GenerateArgs, from: &str) -> Result<Catalog> {
    let files = match Source::of(context, from) {
        Source::Database(argument) => return read_catalog(context, Some(&argument), Scope::default()),
        Source::Files(FilesOf::Definition(_)) => {
            let hint = format!("dbwright schema gen {from} --engine ENGINE");
            let message = format!("{from} is a definition, and no database or SQL");
            return Err(Error::usage(message).hint(hint));
        }
        Source::Files(files) => files,
    };
    let in_memory = EngineKind::ALL.into_iter().find(|engine| engine.default_port().is_none());
    let scratch = args.scratch.as_deref();
    let engine = args.from_engine.or(in_memory.filter(|_| scratch.is_none()));
    let loading = Loading { engine, scratch, like: None };
    scratch::load(context, from, &files.read(context)?, loading).map(|loaded| loaded.catalog)
}

fn found(context: &Context, count: u64, strict: bool) -> Result<()> {
    let message = format!("{} could not be carried over as they are", human::counted(count, "things"));
    match strict {
        true => Err(Error::new(Kind::Found, message)),
        false => {
            context.ui.status(&message);
            Ok(())
        }
    }
}

/// The statements that make a definition on an engine.
fn statements(definition: &Definition, engine: EngineKind) -> (Vec<Piece>, Vec<Loss>) {
    let (catalog, losses) = to_catalog(definition, engine);
    (engine_for(engine).ddl().create(&catalog, DdlOptions::default()), losses)
}

impl GenerateArgs {
    fn syntax(&self) -> Syntax {
        match self.syntax {
            Some(SyntaxWord::Toml) => Syntax::Toml,
            Some(SyntaxWord::Yaml) => Syntax::Yaml,
            Some(SyntaxWord::Json) => Syntax::Json,
            None => self.output.as_deref().and_then(Syntax::of).unwrap_or(Syntax::Toml),
        }
    }
}
