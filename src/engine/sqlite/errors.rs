//! SQLite's result codes as our error kinds, with the next step.

use rusqlite::ErrorCode;

use super::locks;
use crate::error::{Error, Kind, ServerError};

/// What the session knows when a statement fails.
pub struct Circumstances<'a> {
    pub path: &'a str,
    pub timed_out: bool,
}

/// A failed statement.
pub fn statement_failed(error: rusqlite::Error, at: &Circumstances<'_>) -> Error {
    let (failure, message, offset) = match error {
        rusqlite::Error::SqliteFailure(failure, message) => (failure, message.unwrap_or_default(), None),
        rusqlite::Error::SqlInputError { error, msg, offset, .. } => {
            (error, msg, usize::try_from(offset).ok())
        }
        other => return Error::new(Kind::Data, "SQLite cannot take this statement").because(other),
    };
    if failure.code == ErrorCode::NotADatabase {
        return not_a_database(at.path, &message);
    }
    let kind = kind(failure.code, at.timed_out);
    let server = ServerError {
        code: code_name(failure.extended_code),
        message: match message.is_empty() {
            true => rusqlite::ffi::code_to_str(failure.extended_code).to_owned(),
            false => message,
        },
        position: offset,
        ..ServerError::default()
    };
    with_next_step(Error::new(kind, headline(kind)).server(server), failure.code, at)
}

/// SQLite notices with the first statement. Looking into the file ourselves would be wrong: closing
/// it would drop the locks of another session of this process
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn not_a_database(path: &str, message: &str) -> Error {
    let server =
        ServerError { code: "SQLITE_NOTADB".into(), message: message.into(), ..ServerError::default() };
    Error::new(Kind::Connect, format!("{path} is not a SQLite database"))
        .server(server)
        .hint("its first bytes are not SQLite's: is it another kind of file, or encrypted?")
}

fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Lock => "the database is locked",
        Kind::Timeout => "the statement took longer than the statement time-out",
        Kind::Cancelled => "the statement was cancelled",
        _ => "the statement failed",
    }
}

/// A file that cannot be opened.
pub fn cannot_open(path: &str, error: rusqlite::Error) -> Error {
    Error::new(Kind::Connect, format!("cannot open {path}")).because(error)
}

fn kind(code: ErrorCode, timed_out: bool) -> Kind {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Kind::Lock,
        ErrorCode::OperationInterrupted if timed_out => Kind::Timeout,
        ErrorCode::OperationInterrupted => Kind::Cancelled,
        ErrorCode::ConstraintViolation => Kind::Constraint,
        ErrorCode::ReadOnly => Kind::ReadOnly,
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => Kind::Permission,
        ErrorCode::DatabaseCorrupt | ErrorCode::TypeMismatch | ErrorCode::TooBig => Kind::Data,
        ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Kind::Io,
        ErrorCode::Unknown => Kind::Syntax,
        _ => Kind::Sql,
    }
}

fn with_next_step(error: Error, code: ErrorCode, at: &Circumstances<'_>) -> Error {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            let holders = locks::holders(at.path);
            let who = match holders.is_empty() {
                true => "another connection of this process, or one on another machine, holds it".to_owned(),
                false => format!("held by {}", holders.join(", ")),
            };
            error.hint(who).hint("wait longer with --lock-timeout, or end the transaction that holds the lock")
        }
        ErrorCode::ReadOnly => error.hint(match std::fs::metadata(at.path) {
            Ok(metadata) if metadata.permissions().readonly() => {
                format!("{} is write-protected for everybody: chmod u+w", at.path)
            }
            _ => "the database was opened read-only (mode=ro, read_only, immutable), or its file or folder is not writable for this user".to_owned(),
        }),
        ErrorCode::DatabaseCorrupt => error
            .hint("run `pragma integrity_check` to see the extent, and restore from a backup"),
        ErrorCode::OperationInterrupted if at.timed_out => {
            error.hint("a longer limit: --timeout, or statement_timeout")
        }
        ErrorCode::DiskFull => error.hint("the disk is full: nothing of this transaction was kept"),
        _ => error,
    }
}

/// The name of an extended result code (<https://www.sqlite.org/rescode.html>), as the manual
/// spells it; the number where there is no name.
fn code_name(extended: i32) -> String {
    const NAMES: &[(i32, &str)] = &[
        (1, "SQLITE_ERROR"),
        (3, "SQLITE_PERM"),
        (4, "SQLITE_ABORT"),
        (5, "SQLITE_BUSY"),
        (6, "SQLITE_LOCKED"),
        (7, "SQLITE_NOMEM"),
        (8, "SQLITE_READONLY"),
        (9, "SQLITE_INTERRUPT"),
        (10, "SQLITE_IOERR"),
        (11, "SQLITE_CORRUPT"),
        (13, "SQLITE_FULL"),
        (14, "SQLITE_CANTOPEN"),
        (15, "SQLITE_PROTOCOL"),
        (17, "SQLITE_SCHEMA"),
        (18, "SQLITE_TOOBIG"),
        (19, "SQLITE_CONSTRAINT"),
        (20, "SQLITE_MISMATCH"),
        (21, "SQLITE_MISUSE"),
        (23, "SQLITE_AUTH"),
        (25, "SQLITE_RANGE"),
        (26, "SQLITE_NOTADB"),
        (261, "SQLITE_BUSY_RECOVERY"),
        (275, "SQLITE_CONSTRAINT_CHECK"),
        (517, "SQLITE_BUSY_SNAPSHOT"),
        (531, "SQLITE_CONSTRAINT_COMMITHOOK"),
        (773, "SQLITE_BUSY_TIMEOUT"),
        (787, "SQLITE_CONSTRAINT_FOREIGNKEY"),
        (1032, "SQLITE_READONLY_DBMOVED"),
        (1299, "SQLITE_CONSTRAINT_NOTNULL"),
        (1555, "SQLITE_CONSTRAINT_PRIMARYKEY"),
        (1811, "SQLITE_CONSTRAINT_TRIGGER"),
        (2067, "SQLITE_CONSTRAINT_UNIQUE"),
        (2579, "SQLITE_CONSTRAINT_ROWID"),
        (3091, "SQLITE_CONSTRAINT_DATATYPE"),
    ];
    let name = |code: i32| NAMES.iter().find(|(number, _)| *number == code).map(|(_, name)| *name);
    match name(extended) {
        Some(name) => name.to_owned(),
        // The low byte is the primary code.
        None => format!("{} {extended}", name(extended & 0xff).unwrap_or("SQLite code")),
    }
}
