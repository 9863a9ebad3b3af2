//! How a session is set up, and what can be told of a statement by its first words.

use std::time::Duration;

use mysql_common::constants::StatusFlags;

use crate::error::{Error, Kind};
use crate::model::target::{EngineKind, Target};
use crate::sql::{dialect, leading_keywords};

/// The one statement that sets a session up.
pub struct Setup {
    assignments: Vec<String>,
    /// A `SET` with all of them, and with the character set, which a reset forgets.
    after_reset: String,
}

impl Setup {
    pub fn new(target: &Target, engine: EngineKind, status: StatusFlags) -> Self {
        let is_mariadb = engine == EngineKind::Mariadb;
        let mut assignments = Vec::new();
        if let Some(limit) = target.statement_timeout {
            assignments.push(match is_mariadb {
                true => format!("SESSION max_statement_time = {}", limit.as_secs_f64().max(0.001)),
                false => format!("SESSION max_execution_time = {}", limit.as_millis().max(1)),
            });
        }
        if let Some(limit) = target.lock_timeout {
            let seconds = whole_seconds(limit);
            assignments.push(format!("SESSION innodb_lock_wait_timeout = {seconds}"));
            assignments.push(format!("SESSION lock_wait_timeout = {seconds}"));
        }
        if target.read_only {
            // MariaDB has the newer name since 11.1 only.
            assignments.push(match is_mariadb {
                true => "SESSION tx_read_only = 1".into(),
                false => "SESSION transaction_read_only = 1".into(),
            });
        }
        let backslashes = !status.contains(StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES);
        for name in ["sql_mode", "time_zone"] {
            if let Some(value) = target.options.get(name) {
                assignments.push(format!("SESSION {name} = {}", literal(value, backslashes)));
            }
        }
        if let Some(charset) = target.options.get("charset")
            && !matches!(charset.as_str(), "utf8mb4" | "utf8" | "utf8mb3" | "auto")
        {
            log::warn!(
                "text travels as utf8mb4, which the server converts from and to anything, not as {charset}"
            );
        }
        let after_reset = std::iter::once("NAMES utf8mb4")
            .chain(assignments.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(", ");
        Setup { assignments, after_reset: format!("SET {after_reset}") }
    }

    /// What a fresh session needs; the login has set the character set.
    pub fn at_start(&self) -> Option<String> {
        (!self.assignments.is_empty()).then(|| format!("SET {}", self.assignments.join(", ")))
    }

    pub fn after_reset(&self) -> &str {
        &self.after_reset
    }
}

/// The servers wait for locks in whole seconds, at least one.
fn whole_seconds(limit: Duration) -> u64 {
    (limit.as_secs() + u64::from(limit.subsec_nanos() > 0)).max(1)
}

fn literal(text: &str, backslashes: bool) -> String {
    let text = text.replace('\'', "''");
    match backslashes {
        true => format!("'{}'", text.replace('\\', "\\\\")),
        false => format!("'{text}'"),
    }
}

/// The server did not take the settings of a session.
pub fn refused(error: Error) -> Error {
    match error.kind() {
        Kind::Lost => error,
        _ => error.with_kind(Kind::Config).context("cannot set the session up as asked"),
    }
}

/// The error of a statement that was ended when its time was up.
pub fn out_of_time(cause: Option<&Error>) -> Error {
    let error = Error::new(Kind::Timeout, "the statement took too long")
        .hint("a longer limit: --timeout, or statement_timeout");
    match cause.and_then(Error::server_error) {
        Some(server) => error.server(server.clone()),
        None => error,
    }
}

/// `1 row`, `2 rows`.
pub fn counted(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// The first word of a statement, in capitals; comments and parentheses are stepped over.
fn first_word(sql: &str) -> String {
    // MariaDB reads whatever MySQL reads.
    leading_keywords(sql, &dialect::MARIADB, 1).pop().unwrap_or_default()
}

/// Whether ending a statement in the middle undoes nothing.
pub fn only_reads(sql: &str) -> bool {
    matches!(
        first_word(sql).as_str(),
        "SELECT" | "WITH" | "TABLE" | "VALUES" | "SHOW" | "DO" | "DESC" | "DESCRIBE" | "EXPLAIN" | "CHECKSUM"
    )
}

/// Whether the warnings of a statement are worth a look: those of the statements that tell about
/// others are what they show already.
pub fn may_warn(sql: &str) -> bool {
    !matches!(first_word(sql).as_str(), "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_sets_all() {
        let mut target = Target::new(EngineKind::Mysql);
        let setup = Setup::new(&target, EngineKind::Mysql, StatusFlags::empty());
        assert_eq!(setup.at_start(), None);
        assert_eq!(setup.after_reset(), "SET NAMES utf8mb4");
        target.statement_timeout = Some(Duration::from_millis(1500));
        target.lock_timeout = Some(Duration::from_millis(200));
        target.read_only = true;
        target.options.insert("time_zone".into(), r"+00:00'\".into());
        let setup = Setup::new(&target, EngineKind::Mysql, StatusFlags::empty());
        assert_eq!(
            setup.at_start().unwrap(),
            "SET SESSION max_execution_time = 1500, SESSION innodb_lock_wait_timeout = 1, \
             SESSION lock_wait_timeout = 1, SESSION transaction_read_only = 1, \
             SESSION time_zone = '+00:00''\\\\'"
        );
        let setup = Setup::new(&target, EngineKind::Mariadb, StatusFlags::empty());
        let sql = setup.at_start().unwrap();
        assert!(sql.contains("max_statement_time = 1.5,") && sql.contains("tx_read_only"), "{sql}");
    }

    #[test]
    fn first_words() {
        assert_eq!(first_word(" -- a\n/* b */ # c\n ((select 1))"), "SELECT");
        assert_eq!(first_word("/* open"), "");
        assert!(!only_reads("/*!40000 INSERT */ INTO t VALUES (1) RETURNING a"));
        assert!(only_reads("(SELECT 1)") && !only_reads("INSERT INTO t VALUES (1) RETURNING a"));
        assert!(!may_warn("show warnings") && may_warn("drop table if exists t"));
    }
}
