//! The records of the `log` crate, on standard error.

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::UiOptions;
use super::messages::Messages;

/// The target that SQL is logged under.
const SQL: &str = "sql";

struct Logger {
    messages: Messages,
    levels: Levels,
}

/// What is logged of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Levels {
    sql: LevelFilter,
    ours: LevelFilter,
    /// Libraries.
    others: LevelFilter,
}

impl Levels {
    fn new(quiet: bool, verbose: u8) -> Self {
        use LevelFilter::{Debug, Error, Info, Off, Trace, Warn};
        let (sql, ours, others) = match (quiet, verbose) {
            (true, _) => (Error, Error, Off),
            (false, 0) => (Warn, Warn, Off),
            (false, 1) => (Debug, Info, Off),
            (false, 2) => (Debug, Debug, Warn),
            (false, _) => (Trace, Trace, Debug),
        };
        Levels { sql, ours, others }
    }

    fn of(self, target: &str) -> LevelFilter {
        match target {
            SQL => self.sql,
            _ if is_ours(target) => self.ours,
            _ => self.others,
        }
    }

    fn highest(self) -> LevelFilter {
        self.sql.max(self.ours).max(self.others)
    }
}

/// Whether a record comes from one of our crates: `dbwright`, `dbwright_core`.
fn is_ours(target: &str) -> bool {
    target.strip_prefix("dbwright").is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '_']))
}

/// Installs the logger; a second call changes nothing.
pub(super) fn install(options: &UiOptions, messages: Messages) {
    let levels = Levels::new(options.quiet, options.verbose);
    // It lives as long as the process.
    let logger = Box::leak(Box::new(Logger { messages, levels }));
    if log::set_logger(logger).is_ok() {
        log::set_max_level(levels.highest());
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.levels.of(metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let level = match record.level() {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
            Level::Trace => "trace",
        };
        let message = record.args().to_string();
        self.messages.message(level, Some(record.target()), &message);
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_quiet_and_verbose() {
        use LevelFilter::{Debug, Error, Info, Off, Warn};
        for (quiet, verbose, sql, ours, others) in [
            (false, 0, Warn, Warn, Off),
            (true, 1, Error, Error, Off),
            (false, 1, Debug, Info, Off),
            (false, 2, Debug, Debug, Warn),
        ] {
            let levels = Levels::new(quiet, verbose);
            assert_eq!(levels.of("sql"), sql);
            for target in ["dbwright", "dbwright::cli", "dbwright_core::engine::net", "dbwright_mysql"] {
                assert_eq!(levels.of(target), ours, "{target}");
            }
            assert_eq!(levels.of("dbwrights::x"), others);
            assert_eq!(levels.of("rustls::conn"), others);
        }
    }
}
