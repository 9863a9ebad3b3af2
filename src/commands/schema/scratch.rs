//! Files that say what a schema should be, read by the engine they are written for: it loads them
//! into an empty database, in memory or on a server, which is dropped again.

use super::code::{Code, Reach, runs_code};
use super::source::{Part, Texts};
use super::statements;
use crate::commands::scratch::Scratch;
use crate::commands::{Context, interrupt};
use crate::definition::{Definition, Loss, Source, to_catalog};
use crate::engine::{Session, engine_for};
use crate::error::{At, Error, Kind, Result};
use crate::model::catalog::{Catalog, Name, Scope};
use crate::model::ddl::{DdlOptions, Piece};
use crate::model::listing::Listed;
use crate::model::place::place;
use crate::model::target::{EngineKind, Target};
use crate::sql::split_str;

/// Where files are loaded, and as what.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loading<'a> {
    /// The engine the files are written for; that of the server when it is not known.
    pub engine: Option<EngineKind>,
    /// A server where a database may be made: a profile or a URL.
    pub scratch: Option<&'a str>,
    /// The database that they are compared with.
    pub like: Option<&'a Catalog>,
}

/// What files make.
#[derive(Debug)]
pub struct Loaded {
    pub catalog: Catalog,
    /// What a definition itself says, without what the server added to it.
    pub said: Option<Catalog>,
    /// What a definition says that the engine cannot hold.
    pub losses: Vec<Loss>,
}

/// Loads files and reads the catalog that they make.
pub fn load(context: &Context, label: &str, texts: &Texts, loading: Loading<'_>) -> Result<Loaded> {
    let server = loading.scratch.map(|argument| context.target(Some(argument))).transpose()?;
    let engine = loading.engine.or(server.as_ref().map(|target| target.engine)).ok_or_else(|| {
        Error::usage(format!("{label} is written for an engine, and none is named"))
            .hint("name it: --engine sqlite|postgres|mysql|mariadb, or --scratch PROFILE|URL")
    })?;
    if engine.default_port().is_none() {
        let mut target = Target::new(engine);
        target.database = Some(":memory:".to_owned());
        return load_into(context, &mut target, label, texts);
    }
    match server {
        Some(server) if server.engine == engine || server.engine.kin() == Some(engine) => {
            let mut scratch = Scratch::make(context, server, loading.like)?;
            load_into(context, &mut scratch.target, label, texts)
        }
        Some(server) => Err(Error::usage(format!(
            "{label} must be loaded by {}, and {} of --scratch is {}",
            engine.title(),
            server.label(),
            server.engine.title()
        ))),
        None => Err(Error::new(
            Kind::Unsupported,
            format!("{label} can be compared only when {} itself has loaded it", engine.title()),
        )
        .hint("give a server where a database may be made for a moment: --scratch PROFILE|URL")
        .hint("or name it in the profile: scratch = \"PROFILE|URL\"")),
    }
}

fn load_into(context: &Context, target: &mut Target, label: &str, texts: &Texts) -> Result<Loaded> {
    let mut session = context.open(target)?;
    // What the server remarks on somebody's file is of interest when the file is really loaded.
    session.on_notice(Box::new(|notice| log::info!("{}", notice.message)));
    let engine = session.server().engine;
    let _stoppable = interrupt::guard(session.canceller());
    let (said, losses) = match texts {
        Texts::Sql(parts) => {
            let left_out = run_parts(context, session.as_mut(), engine, parts)?;
            if left_out > 0 {
                context
                    .ui
                    .status(&format!("{left_out} statements of {label} make no schema, and were not run"));
            }
            (None, Vec::new())
        }
        Texts::Definition { definition, source } => {
            let (said, losses) = make(session.as_mut(), engine, definition, source)?;
            (Some(said), losses)
        }
    };
    let mut catalog = session.catalog(Scope::default()).map_err(interrupt::as_interrupted)?;
    // The name of the scratch database means nothing to anybody.
    catalog.database = label.to_owned();
    Ok(Loaded { catalog, said, losses })
}

/// Runs what makes a schema; how many statements were left out.
fn run_parts(
    context: &Context,
    session: &mut dyn Session,
    engine: EngineKind,
    parts: &[Part],
) -> Result<usize> {
    let dialect = engine_for(engine).dialect(engine);
    let schemas = engine_for(engine).type_map(engine).abilities().schemas;
    let mut code = Code::default();
    let mut left_out = 0;
    for part in parts {
        for statement in split_str(&part.text[part.range.clone()], dialect) {
            let offset = usize::try_from(statement.offset).unwrap_or(usize::MAX);
            let offset = offset.saturating_add(part.range.start);
            if !statements::makes_schema(&statement.text, dialect, schemas) {
                if let Some(what) = statements::makes_unseen(&statement.text, dialect) {
                    let at = place(&part.name, &part.text, offset);
                    let told = format!("{what} is not run: what it makes is not seen");
                    context.ui.warn(&format!("{}:{}: {told}", at.source, at.line));
                }
                left_out += 1;
                continue;
            }
            if runs_code(&statement.text, dialect, schemas) {
                let others = if schemas { Vec::new() } else { databases(session)? };
                if let Some(reach) = code.reach(&statement.text, dialect, &others) {
                    not_run(context, &reach, place(&part.name, &part.text, offset))?;
                    left_out += 1;
                    continue;
                }
            }
            code.note(&statement.text, dialect);
            if !schemas && let Some(database) = statements::other_database(&statement.text, dialect) {
                return Err(Error::new(
                    Kind::Unsupported,
                    format!("the statement names an object of database {database:?}"),
                )
                .at(place(&part.name, &part.text, offset))
                .hint("names without a database are those of the one that is compared"));
            }
            run(session, &statement.text).map_err(|error| {
                let inside = error.server_error().and_then(|server| server.position).unwrap_or(0);
                error
                    .at(place(&part.name, &part.text, offset.saturating_add(inside)))
                    .hint(format!("the file is loaded by {}", engine.title()))
            })?;
        }
    }
    Ok(left_out)
}

/// The databases that code could name: all but the one that it runs in, which nobody knows.
fn databases(session: &mut dyn Session) -> Result<Vec<String>> {
    let listed = session.explore().list(Listed::Databases, None)?;
    let names = listed.rows.into_iter().filter_map(|row| row.into_iter().next());
    Ok(names.filter(|name| !name.eq_ignore_ascii_case("information_schema")).collect())
}

/// Code that reaches beyond its database is told. It is an error where it makes objects as well:
/// nobody could say which are missing.
fn not_run(context: &Context, reach: &Reach, at: At) -> Result<()> {
    if reach.makes {
        let message = format!("the code makes objects, and also reaches beyond its database: {}", reach.by);
        return Err(Error::new(Kind::Unsupported, message)
            .at(at)
            .hint("it is not run to see what they are; part it in two"));
    }
    let by = &reach.by;
    context.ui.warn(&format!("{}:{}: not run, as it reaches beyond its database: {by}", at.source, at.line));
    Ok(())
}

/// Runs a statement, and goes no further once a signal has come: some statements only end early
/// when they are cancelled.
fn run(session: &mut dyn Session, sql: &str) -> Result<()> {
    session.execute(sql, &[]).map_err(interrupt::as_interrupted)?;
    match interrupt::arrived() {
        true => Err(Error::new(Kind::Interrupted, "interrupted")),
        false => Ok(()),
    }
}

/// Makes what a definition defines; what that is, and what the engine cannot hold of it.
fn make(
    session: &mut dyn Session,
    engine: EngineKind,
    definition: &Definition,
    source: &Source,
) -> Result<(Catalog, Vec<Loss>)> {
    let (catalog, losses) = to_catalog(definition, engine);
    for piece in engine_for(engine).ddl().create(&catalog, DdlOptions::default()) {
        run(session, &piece.sql).map_err(|error| {
            let error = match byte_of(definition, &piece) {
                Some(byte) => error.at(place(&source.name, &source.text, byte)),
                None => error,
            };
            let object = catalog.short(&piece.name);
            error.context(format!("{} cannot make {} {object}", engine.title(), piece.kind))
        })?;
    }
    Ok((catalog, losses))
}

/// Where the definition tells of what a statement makes.
fn byte_of(definition: &Definition, piece: &Piece) -> Option<usize> {
    let same = |name: &Name| name.name == piece.name.name;
    let tables = definition.tables.iter().filter(|table| same(&table.name)).map(|table| table.at);
    let views = definition.views.iter().filter(|view| same(&view.name)).map(|view| view.at);
    let enums = definition.enums.iter().filter(|each| same(&each.name)).map(|each| each.at);
    let schemas = definition.schemas.iter().filter(|each| each.name == piece.name.name).map(|each| each.at);
    // An index or a foreign key stands in its table.
    let inside = |index: &crate::definition::Index| index.name.as_deref() == Some(piece.name.name.as_str());
    let indexes = definition.tables.iter().flat_map(|table| &table.indexes);
    let indexes = indexes.filter(|index| inside(index)).map(|index| index.at);
    tables.chain(views).chain(enums).chain(indexes).chain(schemas).next().map(|place| place.byte)
}
