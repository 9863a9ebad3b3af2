//! SQL files, read by the engine they are written for: it loads them into an empty database.

use std::path::Path;

use crate::commands::{Context, interrupt};
use crate::engine::{Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::place::place;
use crate::model::target::{EngineKind, Target};
use crate::sql::{Dialect, leading_keywords, quote_ident, split_str};

/// Loads a file and reads the catalog that it makes.
pub fn read_sql(
    context: &Context,
    path: &Path,
    engine: Option<EngineKind>,
    scratch: Option<&str>,
) -> Result<Catalog> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::from(error).context(format!("cannot read {name}")))?;
    let server = scratch.map(|argument| context.target(Some(argument))).transpose()?;
    let in_memory = EngineKind::ALL.into_iter().find(|engine| engine.default_port().is_none());
    let engine = engine.or(server.as_ref().map(|target| target.engine)).or(in_memory);
    match (engine, server) {
        (Some(engine), _) if engine.default_port().is_none() => {
            let mut target = Target::new(engine);
            target.database = Some(":memory:".to_owned());
            load(context, &mut target, &name, &text)
        }
        (Some(engine), Some(server)) if engine == server.engine => on_server(context, server, &name, &text),
        (engine, _) => {
            let title = engine.map_or("its engine", EngineKind::title);
            let message = format!("{name} must be loaded by {title} itself");
            let hint = "give a server where a database may be made for a moment: --scratch PROFILE|URL";
            Err(Error::new(Kind::Unsupported, message).hint(hint))
        }
    }
}

/// Makes a database, loads the file, and drops the database again, whatever happens.
fn on_server(context: &Context, mut server: Target, name: &str, text: &str) -> Result<Catalog> {
    context.guard_protected(&mut server);
    let dialect = engine_for(server.engine).dialect(server.engine);
    let database = format!("dbwright_scratch_{:016x}", fastrand::u64(..));
    let quoted = quote_ident(dialect, &database);
    let mut session = context.open(&mut server)?;
    session.execute(&format!("CREATE DATABASE {quoted}"), &[])?;
    let mut target = server.clone();
    target.database = Some(database.clone());
    let catalog = load(context, &mut target, name, text);
    let dropped = session.execute(&format!("DROP DATABASE {quoted}"), &[]);
    if let Err(error) = &dropped {
        context.ui.warn(&format!("database {database} on {} is left: {error}", server.label()));
    }
    catalog
}

fn load(context: &Context, target: &mut Target, name: &str, text: &str) -> Result<Catalog> {
    let dialect = engine_for(target.engine).dialect(target.engine);
    let schemas = engine_for(target.engine).type_map(target.engine).abilities().schemas;
    let mut session = context.open(target)?;
    let _stoppable = interrupt::guard(session.canceller());
    let mut left_out = 0;
    for statement in split_str(text, dialect) {
        if !makes_schema(&statement.text, dialect, schemas) {
            left_out += 1;
            continue;
        }
        let offset = usize::try_from(statement.offset).unwrap_or(usize::MAX);
        run(session.as_mut(), &statement.text).map_err(|error| {
            let inside = error.server_error().and_then(|server| server.position).unwrap_or(0);
            let error = interrupt::as_interrupted(error);
            let hint = "the file is loaded by the engine of --from-engine or --scratch";
            error.at(place(name, text, offset.saturating_add(inside))).hint(hint)
        })?;
    }
    if left_out > 0 {
        context.ui.status(&format!("{left_out} statements of {name} make no schema, and were not run"));
    }
    session.catalog(Scope::default()).map_err(interrupt::as_interrupted)
}

fn run(session: &mut dyn Session, sql: &str) -> Result<()> {
    session.execute(sql, &[]).map(drop)
}

/// Whether a statement belongs to a schema and stays within its database. Rows are not needed, and
/// what concerns the server or other databases must not be run from a file.
fn makes_schema(sql: &str, dialect: &Dialect, schemas: bool) -> bool {
    const NOT_OURS: &[&str] = &[
        "DATABASE",
        "USER",
        "ROLE",
        "GROUP",
        "TABLESPACE",
        "SERVER",
        "SYSTEM",
        "INSTANCE",
        "SUBSCRIPTION",
        "PUBLICATION",
        "EVENT",
        "LOGFILE",
        "RESOURCE",
    ];
    let words = leading_keywords(sql, dialect, 4);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match word(0) {
        "CREATE" | "ALTER" | "DROP" => {
            let what = if word(1) == "OR" { word(3) } else { word(1) };
            // Where there are no schemas, the word means a database.
            !NOT_OURS.contains(&what) && (schemas || what != "SCHEMA")
        }
        "SET" => !matches!(word(1), "GLOBAL" | "PERSIST" | "PERSIST_ONLY" | "PASSWORD" | "ROLE"),
        "COMMENT" | "PRAGMA" | "BEGIN" | "START" | "COMMIT" | "END" => true,
        // pg_dump sets the search path so.
        "SELECT" => sql.contains("set_config("),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    #[test]
    fn only_what_makes_a_schema_is_run() {
        for (sql, schemas, runs) in [
            ("create table t (a int)", true, true),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", true, true),
            ("drop database shop", true, false),
            ("create schema shop", true, true),
            ("create schema shop", false, false),
            ("use shop", false, false),
            ("insert into t values (1)", true, false),
            ("set global x = 1", false, false),
            ("alter system set x = 1", true, false),
            ("select pg_catalog.set_config('search_path', '', false)", true, true),
            ("select pg_terminate_backend(1)", true, false),
            ("copy t from '/etc/passwd'", true, false),
            ("attach 'x' as y", false, false),
            ("grant all on t to public", true, false),
        ] {
            let dialect = if schemas { &POSTGRES } else { &MYSQL };
            assert_eq!(makes_schema(sql, dialect, schemas), runs, "{sql}");
        }
    }
}
