//! The session's settings that change how the server tells of its objects, and putting back what
//! the user had.

use super::super::session::MysqlSession;
use crate::error::{Kind, Result};
use crate::model::catalog::Scope;
use crate::model::target::EngineKind;
use crate::sql::{MYSQL, quote_literal};

/// Settings and the values under which definitions are read ("Server System Variables").
fn wanted(engine: EngineKind, scope: Scope) -> Vec<(&'static str, &'static str)> {
    let mut wanted = vec![
        // Names in backticks, strings with escapes, all options shown.
        ("sql_mode", "''"),
        ("sql_quote_show_create", "1"),
        // A TIMESTAMP's default is shown in the session's time zone.
        ("time_zone", "'+00:00'"),
        ("character_set_results", "'utf8mb4'"),
    ];
    if engine == EngineKind::Mysql {
        // Only what the table was made with, not what it has come to be.
        wanted.push(("show_create_table_verbosity", "0"));
        if scope.sizes {
            // Numbers of now, not of the last day.
            wanted.push(("information_schema_stats_expiry", "0"));
        }
    }
    wanted
}

/// Runs `work` under the settings of a reader.
pub fn with<T>(
    session: &mut MysqlSession,
    scope: Scope,
    work: impl FnOnce(&mut MysqlSession) -> Result<T>,
) -> Result<T> {
    let wanted = wanted(session.engine(), scope);
    let names: Vec<String> = wanted.iter().map(|(name, _)| format!("@@session.{name}")).collect();
    let rows = session.collect(&format!("SELECT {}", names.join(", ")), &[])?;
    let had = rows.into_iter().next().unwrap_or_default();
    set(session, wanted.iter().map(|(name, value)| format!("SESSION {name} = {value}")))?;
    let result = work(session);
    if result.as_ref().is_err_and(|error| error.kind() == Kind::Lost) {
        return result;
    }
    let back = wanted.iter().zip(had).map(|((name, _), value)| match value {
        // No text of the server holds a NUL.
        Some(value) => format!("SESSION {name} = {}", quote(&value)),
        None => format!("SESSION {name} = NULL"),
    });
    set(session, back)?;
    result
}

fn set(session: &mut MysqlSession, assignments: impl Iterator<Item = String>) -> Result<()> {
    let assignments: Vec<String> = assignments.collect();
    session.collect(&format!("SET {}", assignments.join(", ")), &[]).map(drop)
}

/// A value as SET takes it: numbers are bare.
fn quote(value: &str) -> String {
    match value.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => quote_literal(&MYSQL, value).unwrap_or_default(),
    }
}
