//! Where a schema comes from.

use std::path::Path;

use super::GenerateArgs;
use super::scratch;
use crate::commands::Context;
use crate::commands::schema::read::read_catalog;
use crate::definition::{Definition, Loss, Source, Syntax, from_catalog, read as read_definition};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::target::EngineKind;
use crate::ui::human;

/// The definition, what it does not hold of its source, and the engine to write for.
pub fn read(context: &Context, args: &GenerateArgs) -> Result<(Definition, Vec<Loss>, EngineKind)> {
    let Some(from) = args.from.as_deref() else {
        let definition = of_files(context, args)?;
        let engine = args.engine.ok_or_else(|| Error::usage("--engine is missing"))?;
        return Ok((definition, Vec::new(), engine));
    };
    let catalog = catalog(context, args, from)?;
    let engine = args.engine.unwrap_or(catalog.engine);
    let (definition, losses) = from_catalog(&catalog, engine);
    Ok((definition, losses, engine))
}

fn catalog(context: &Context, args: &GenerateArgs, from: &str) -> Result<Catalog> {
    let path = Path::new(from);
    if Syntax::of(path).is_some() && path.is_file() {
        let hint = format!("dbwright schema gen {from} --engine ENGINE");
        return Err(Error::usage(format!("{from} is a definition, and no database or SQL")).hint(hint));
    }
    let is_sql = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"));
    match is_sql {
        true => scratch::read_sql(context, path, args.from_engine, args.scratch.as_deref()),
        false => read_catalog(context, Some(from), Scope::default()),
    }
}

/// Reads definition files; all that is wrong is printed.
fn of_files(context: &Context, args: &GenerateArgs) -> Result<Definition> {
    let mut sources = Vec::new();
    for path in &args.definitions {
        let name = path.display().to_string();
        let syntax = Syntax::of(path).ok_or_else(|| {
            Error::usage(format!("{name} is neither .toml, .yaml nor .json"))
                .hint("SQL files are given with --from")
        })?;
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::from(error).context(format!("cannot read {name}")))?;
        sources.push(Source { name, text, syntax });
    }
    read_definition(&sources).map_err(|problems| {
        let count = human::counted(problems.len() as u64, "problems");
        match problems.iter().try_for_each(|problem| context.ui.print_problem(problem)) {
            Ok(()) => Error::new(Kind::Config, format!("the definition has {count}")),
            Err(error) => error,
        }
    })
}
