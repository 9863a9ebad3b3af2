//! What the servers' errors mean: their number decides the kind, their text the place.
//!
//! Numbers are those of "Server Error Message Reference" in MySQL's manual and of "MariaDB Error
//! Codes" in MariaDB's.

use std::fmt::Write;

use super::packet::{Reader, garbled};
use crate::error::{Error, Kind, Result, ServerError};

/// The first byte of a packet that tells of an error.
pub const ERR: u8 = 0xFF;

/// `ER_QUERY_INTERRUPTED`.
pub const INTERRUPTED: u16 = 1317;
/// `ER_ACCESS_DENIED_ERROR`.
pub const ACCESS_DENIED: u16 = 1045;
/// `ER_NO_SUCH_THREAD`.
pub const NO_SUCH_THREAD: u16 = 1094;

/// An error packet ("ERR_Packet" in the internals manual).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub number: u16,
    pub state: String,
    pub message: String,
}

impl Refusal {
    /// Reads an error packet; before the handshake is over it has no SQLSTATE.
    pub fn read(payload: &[u8]) -> Result<Self> {
        let mut reader = Reader(payload);
        if reader.u8()? != ERR {
            return Err(garbled("an error was expected"));
        }
        let number = reader.u16()?;
        let mut text = reader.rest();
        let mut state = String::new();
        if let [b'#', rest @ ..] = text
            && let Some((code, message)) = rest.split_at_checked(5)
        {
            state = String::from_utf8_lossy(code).into_owned();
            text = message;
        }
        Ok(Refusal { number, state, message: String::from_utf8_lossy(text).into_owned() })
    }

    /// The error of a statement.
    pub fn of_statement(self, sql: Option<&str>) -> Error {
        let kind = kind(self.number, &self.state);
        let message = match kind {
            Kind::Lock => "a lock could not be had",
            Kind::Timeout => "the statement took too long",
            Kind::Cancelled => "the statement was cancelled",
            Kind::Lost => "the server ended the connection",
            Kind::Permission => "the user may not do this",
            _ => "the statement failed",
        };
        let hint = statement_hint(self.number);
        let position = sql.and_then(|sql| position(self.number, &self.message, sql));
        let error = Error::new(kind, message).server(self.into_server(position));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// The error of an attempt to connect.
    pub fn of_connecting(self, user: &str) -> Error {
        let (kind, message, hint) = match self.number {
            // 1698 is what accounts get that only the operating system's user may use.
            ACCESS_DENIED | 1698 | 1044 | 1862 | 3118 | 3159 | 3955 | 4151 => {
                (Kind::Auth, format!("the server refused user {user:?}"), connect_hint(self.number))
            }
            number if self.state == "28000" => {
                (Kind::Auth, format!("the server refused user {user:?}"), connect_hint(number))
            }
            1049 => (Kind::Connect, "the database does not exist".to_owned(), connect_hint(1049)),
            number => (Kind::Connect, "the server refused the connection".to_owned(), connect_hint(number)),
        };
        let error = Error::new(kind, message).server(self.into_server(None));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn into_server(self, position: Option<usize>) -> ServerError {
        let mut code = self.number.to_string();
        if !self.state.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(code, " ({})", self.state);
        }
        ServerError { code, message: self.message, position, ..ServerError::default() }
    }
}

/// The server's number in an error that [`Refusal`] made.
pub fn number(error: &Error) -> Option<u16> {
    error.server_error()?.code.split(' ').next()?.parse().ok()
}

fn kind(number: u16, state: &str) -> Kind {
    match number {
        1205 | 1213 | 3572 | 1614 | 1637 | 4020 => Kind::Lock,
        INTERRUPTED => Kind::Cancelled,
        // max_execution_time; MariaDB's max_statement_time.
        3024 | 1969 => Kind::Timeout,
        1053 | 1077..=1080 | 1152 | 1158..=1161 | 1184 | 1927 | 2006 | 2013 | 2055 | 3169 | 4031 => {
            Kind::Lost
        }
        1223 | 1290 | 1792 | 1836 => Kind::ReadOnly,
        1044 | 1045 | 1095 | 1142 | 1143 | 1211 | 1227 | 1370 | 1396 | 1410 | 1419 | 1449 | 1820 | 3530
        | 3619 | 3911 => Kind::Permission,
        1022 | 1048 | 1062 | 1169 | 1216 | 1217 | 1364 | 1451 | 1452 | 1557 | 1586 | 1761 | 1762 | 3819
        | 4025 => Kind::Constraint,
        1046 | 1049 | 1051 | 1052 | 1054 | 1060 | 1064 | 1065 | 1066 | 1091 | 1109 | 1128 | 1146 | 1149
        | 1193 | 1247 | 1248 | 1305 | 1327 | 1630 | 4161 => Kind::Syntax,
        1148 | 1235 | 1295 | 3948 | 4166 => Kind::Unsupported,
        _ => match state.get(..2) {
            Some("23") => Kind::Constraint,
            Some("28") => Kind::Permission,
            // 42S01 is what exists already.
            Some("42") if !matches!(state, "42000" | "42S01") => Kind::Syntax,
            Some("08") => Kind::Lost,
            Some("70") => Kind::Cancelled,
            _ => Kind::Sql,
        },
    }
}

fn statement_hint(number: u16) -> Option<&'static str> {
    Some(match number {
        1205 => {
            "another transaction holds the lock: look at performance_schema.data_lock_waits or SHOW ENGINE INNODB STATUS, or raise lock_timeout"
        }
        1213 => "the transaction was rolled back to break a deadlock: run it again",
        1153 => "raise max_allowed_packet on the server, or send less at once",
        1295 => {
            "the server cannot prepare this kind of statement: write the values into its text instead of binding them"
        }
        1148 | 3948 | 4166 => "this session sends no local files to the server: insert the rows instead",
        1046 => "name the database in the URL or profile, or write database.table",
        1820 => "the password has expired: ALTER USER USER() IDENTIFIED BY '...' sets a new one",
        1290 => "the server runs with an option that forbids this, such as read_only or secure_file_priv",
        1419 => "set log_bin_trust_function_creators, or create it as a user with SUPER",
        1792 => "the session or the transaction is read-only",
        1836 | 1223 => "the server is read-only for now",
        2006 | 2013 => "connect again",
        1927 => "an administrator ended the session",
        1053 => "the server is shutting down",
        4031 => "the session was idle for longer than wait_timeout (or interactive_timeout)",
        _ => return None,
    })
}

fn connect_hint(number: u16) -> Option<&'static str> {
    Some(match number {
        1040 => {
            "every connection of the server is taken (max_connections): end idle sessions, raise the limit, or use the administrative port"
        }
        1203 | 1226 => "the account has as many connections as it may have: close some, or raise its limit",
        1129 => {
            "the server blocked this host after too many failed attempts: a user with the right runs FLUSH HOSTS (or truncates performance_schema.host_cache)"
        }
        1130 => "no account of the server allows this client's address: CREATE USER ...@'<this host>'",
        1049 => "check the spelling, or connect without a database and run CREATE DATABASE",
        1044 => "the user exists but has no right on this database",
        ACCESS_DENIED => "check user and password; an account also names the hosts it may come from",
        1698 => {
            "the account takes no password: it wants the operating system's user of that name, over the server's Unix socket"
        }
        1862 => "the password has expired: log in with a client that can change it",
        3118 | 4151 => "the account is locked: ALTER USER ... ACCOUNT UNLOCK",
        3159 => {
            "the server takes only encrypted connections (require_secure_transport): use tls mode `require` or stronger"
        }
        1251 => "the account uses an authentication method that this client or connection cannot use",
        1053 | 1077..=1080 => "the server is shutting down or starting",
        3032 => "the server is in offline mode: only administrators may connect",
        _ => return None,
    })
}

/// Where in `sql` the error is, as far as the message tells.
fn position(number: u16, message: &str, sql: &str) -> Option<usize> {
    if let Some((_, after)) = message.split_once("near '")
        && let Some((near, line)) = after.rsplit_once("' at line ")
    {
        let line = line.trim_end_matches('.').parse::<usize>().ok()?;
        return near_position(near, line, sql);
    }
    let name = match number {
        // Unknown column, table, variable, routine, alias: their name is the first in quotes.
        1049 | 1051 | 1052 | 1054 | 1091 | 1109 | 1146 | 1193 | 1327 => message.split('\'').nth(1)?,
        1305 | 1630 => message.split(' ').nth(1)?,
        _ => return None,
    };
    // The table is named with its database, the column perhaps with its table.
    only_word(name, sql).or_else(|| only_word(name.rsplit('.').next()?, sql))
}

/// The server quotes up to 80 characters from the place on, and counts lines from 1.
fn near_position(near: &str, line: usize, sql: &str) -> Option<usize> {
    /// Longer quotations are cut, and need not end where the statement ends.
    const CUT: usize = 80;
    let trimmed = sql.trim_end_matches([';', ' ', '\n', '\r', '\t', '\0']);
    let near = near.trim_end_matches([';', ' ', '\n', '\r', '\t', '\u{FFFD}']);
    if near.is_empty() {
        return Some(trimmed.len());
    }
    if near.chars().count() < CUT - 4 && trimmed.ends_with(near) {
        return Some(trimmed.len() - near.len());
    }
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', sql.as_bytes()).nth(line - 2)? + 1,
    };
    sql.get(start..)?.find(near).map(|found| start + found)
}

/// Where `word` stands in `sql`, if it is there once only.
fn only_word(word: &str, sql: &str) -> Option<usize> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
    let bytes = sql.as_bytes();
    let mut found = sql.match_indices(word).map(|(at, _)| at).filter(|at| {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + word.len()).copied();
        !word.is_empty() && !before.is_some_and(is_part) && !after.is_some_and(is_part)
    });
    let first = found.next()?;
    match found.next() {
        None => Some(first),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(number: u16, state: &str, message: &str) -> Refusal {
        Refusal { number, state: state.into(), message: message.into() }
    }

    #[test]
    fn error_packets_with_and_without_a_state() {
        assert_eq!(Refusal::read(b"\xFF\x28\x04#42000You have").unwrap(), refusal(1064, "42000", "You have"));
        assert_eq!(Refusal::read(b"\xFF\x10\x04Too many").unwrap(), refusal(1040, "", "Too many"));
        assert_eq!(Refusal::read(b"\xFF\x10\x04#ab").unwrap().message, "#ab");
        assert!(Refusal::read(b"\xFF\x10").is_err());
        assert!(Refusal::read(b"\x00\x10\x00").is_err());
    }

    #[test]
    fn the_code_is_shown_with_its_state() {
        let error = refusal(1064, "42000", "You have an error").of_statement(None);
        assert_eq!(error.server_error().unwrap().code, "1064 (42000)");
        assert_eq!(error.kind(), Kind::Syntax);
        assert_eq!(number(&error), Some(1064));
    }

    #[test]
    fn kinds_of_statements() {
        for (number, state, kind) in [
            (1205, "HY000", Kind::Lock),
            (1213, "40001", Kind::Lock),
            (1317, "70100", Kind::Cancelled),
            (3024, "HY000", Kind::Timeout),
            (1969, "70100", Kind::Timeout),
            (1053, "08S01", Kind::Lost),
            (1927, "70100", Kind::Lost),
            (1142, "42000", Kind::Permission),
            (1227, "42000", Kind::Permission),
            (1062, "23000", Kind::Constraint),
            (3819, "HY000", Kind::Constraint),
            (4025, "23000", Kind::Constraint),
            (1146, "42S02", Kind::Syntax),
            (1050, "42S01", Kind::Sql),
            (1054, "42S22", Kind::Syntax),
            (1235, "42000", Kind::Unsupported),
            (3140, "22032", Kind::Sql),
            (1406, "22001", Kind::Sql),
        ] {
            assert_eq!(refusal(number, state, "").of_statement(None).kind(), kind, "of {number}");
        }
    }

    #[test]
    fn kinds_of_connecting() {
        for (number, state, kind) in [
            (1045, "28000", Kind::Auth),
            (1044, "42000", Kind::Auth),
            (1049, "42000", Kind::Connect),
            (1040, "", Kind::Connect),
            (1129, "", Kind::Connect),
            (1130, "", Kind::Connect),
        ] {
            let error = refusal(number, state, "").of_connecting("me");
            assert_eq!(error.kind(), kind, "of {number}");
            assert!(!error.hints().is_empty(), "of {number}");
        }
    }

    fn at(message: &str, number: u16, sql: &str) -> Option<usize> {
        position(number, message, sql)
    }

    #[test]
    fn the_place_of_a_syntax_error() {
        let near = |text: &str, line| {
            format!(
                "You have an error in your SQL syntax; check the manual that corresponds to your MySQL \
                 server version for the right syntax to use near '{text}' at line {line}"
            )
        };
        assert_eq!(at(&near("slect 1", 1), 1064, "slect 1"), Some(0));
        assert_eq!(at(&near("x", 1), 1064, "select 1 x x"), Some(11));
        assert_eq!(at(&near("", 1), 1064, "select 1 from"), Some(13));
        assert_eq!(at(&near("it's' here", 2), 1064, "select\n 'it's' here"), Some(9));
        assert_eq!(at(&near("b", 3), 1064, "a b\nb\nb b\nc"), Some(6));
        let long = format!("select 'é' {}", "bad ".repeat(40));
        let quoted = "bad ".repeat(20);
        assert_eq!(at(&near(&quoted, 1), 1064, &long), Some(12));
        assert_eq!(at(&near("not there", 9), 1064, "select 1"), None);
    }

    #[test]
    fn the_place_of_an_unknown_name() {
        let unknown = "Unknown column 'b' in 'field list'";
        assert_eq!(at(unknown, 1054, "select a, b from t"), Some(10));
        assert_eq!(at(unknown, 1054, "select b, b from t"), None);
        assert_eq!(at(unknown, 1054, "select ab from t"), None);
        assert_eq!(at("FUNCTION app.f does not exist", 1305, "select 1, f(2)"), Some(10));
        assert_eq!(at("Table 'app.no' doesn't exist", 1146, "select * from no"), Some(14));
    }
}
