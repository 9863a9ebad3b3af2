//! What the server says when it refuses, and which class of error that is.

use super::conn::Reader;
use crate::error::{Error, Kind, ServerError};
use crate::model::rows::Notice;
use crate::sql::char_to_byte;

/// The fields of an ErrorResponse or NoticeResponse (chapter 55.8).
#[derive(Debug, Default)]
pub struct Response {
    severity: String,
    /// The same word, never translated.
    severity_plain: String,
    pub code: String,
    pub message: String,
    detail: Option<String>,
    hint: Option<String>,
    /// In characters, from 1.
    position: Option<usize>,
    internal_query: Option<String>,
    context: Option<String>,
}

impl Response {
    pub fn parse(body: &[u8]) -> Self {
        let mut response = Response::default();
        let mut reader = Reader::new(body);
        while let Some(field) = reader.u8().filter(|field| *field != 0) {
            let Some(value) = reader.text() else { break };
            match field {
                b'S' => response.severity = value,
                b'V' => response.severity_plain = value,
                b'C' => response.code = value,
                b'M' => response.message = value,
                b'D' => response.detail = Some(value),
                b'H' => response.hint = Some(value),
                b'P' => response.position = value.parse().ok(),
                b'q' => response.internal_query = Some(value),
                b'W' => response.context = Some(value),
                _ => {}
            }
        }
        response
    }

    /// Whether the server ends the session with it.
    pub fn is_fatal(&self) -> bool {
        let severity = match self.severity_plain.is_empty() {
            true => &self.severity,
            false => &self.severity_plain,
        };
        matches!(severity.as_str(), "FATAL" | "PANIC")
    }

    pub fn into_notice(self) -> Notice {
        Notice {
            severity: self.severity,
            code: self.code,
            message: self.message,
            detail: self.detail,
            hint: self.hint,
        }
    }

    fn into_server_error(self, sql: Option<&str>) -> ServerError {
        let position = self.position.zip(sql).and_then(|(position, sql)| byte_offset(sql, position));
        let context = match (self.internal_query, self.context) {
            (Some(query), Some(context)) => Some(format!("query: {query}\n{context}")),
            (Some(query), None) => Some(format!("query: {query}")),
            (None, context) => context,
        };
        ServerError {
            code: self.code,
            message: self.message,
            detail: self.detail,
            hint: self.hint,
            context,
            position,
        }
    }
}

/// Where the character number `position`, counted from 1, begins.
fn byte_offset(sql: &str, position: usize) -> Option<usize> {
    Some(char_to_byte(sql, position.checked_sub(1)?))
}

/// The error of a statement, or of the session when the server ends it.
pub fn from_response(response: Response, sql: Option<&str>) -> Error {
    let (kind, message) = match response.is_fatal() {
        true => (Kind::Lost, "the server ended the session"),
        false => classify(&response.code, &response.message),
    };
    let hint = hint(&response.code, kind);
    let error = Error::new(kind, message).server(response.into_server_error(sql));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The error of a connection that the server refused.
pub fn from_refusal(response: Response, place: &str) -> Error {
    let kind = match response.code.as_str() {
        // insufficient_privilege: no CONNECT on the database.
        "42501" => Kind::Auth,
        code if code.starts_with("28") => Kind::Auth,
        _ => Kind::Connect,
    };
    Error::new(kind, format!("{place} refused the connection")).server(response.into_server_error(None))
}

/// Appendix A of the manual, "PostgreSQL Error Codes".
fn classify(code: &str, message: &str) -> (Kind, &'static str) {
    const FAILED: &str = "the statement failed";
    match code {
        "40001" => (Kind::Lock, "the transaction got in the way of another"),
        "40P01" => (Kind::Lock, "the statement was ended to break up a deadlock"),
        "55P03" => (Kind::Lock, "a lock could not be had in time"),
        // query_canceled: the same code for a time-out and a request, told apart by words only.
        "57014" if message.contains("timeout") => (Kind::Timeout, "the statement ran into its time limit"),
        "57014" => (Kind::Cancelled, "the statement was cancelled"),
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" => {
            (Kind::Lost, "the server ended the session")
        }
        "25006" => (Kind::ReadOnly, FAILED),
        "42501" => (Kind::Permission, FAILED),
        // Duplicates: the statement is well-formed.
        "42P03" | "42P04" | "42P05" | "42P06" | "42P07" | "42701" | "42710" | "42712" | "42723" => {
            (Kind::Sql, FAILED)
        }
        "3D000" | "3F000" => (Kind::Syntax, FAILED),
        _ => match code.get(..2) {
            Some("08") => (Kind::Lost, "the connection failed"),
            Some("23") => (Kind::Constraint, FAILED),
            Some("28") => (Kind::Permission, FAILED),
            Some("42") => (Kind::Syntax, FAILED),
            _ => (Kind::Sql, FAILED),
        },
    }
}

fn hint(code: &str, kind: Kind) -> Option<&'static str> {
    match code {
        "40001" | "40P01" => Some("run the whole transaction again"),
        "55P03" => Some("see who holds the lock with pg_blocking_pids(), or wait longer with --lock-timeout"),
        "57014" if kind == Kind::Timeout => Some("a longer limit: --timeout, or statement_timeout"),
        // In a SQL_ASCII database any bytes can be stored.
        "22021" | "22P05" => {
            Some("to see text in another encoding byte by byte, connect with client_encoding=SQL_ASCII")
        }
        "25P02" => Some("ROLLBACK ends the failed transaction"),
        "25006" => Some("connect without read_only, or to the primary"),
        _ if kind == Kind::Lost => Some("an open transaction was rolled back: connect again"),
        _ => None,
    }
}

/// Whether the error is the answer to a request to cancel.
pub fn is_cancelled(error: &Error) -> bool {
    error.server_error().is_some_and(|server| server.code == "57014")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(fields: &[(u8, &str)]) -> Response {
        let mut body = Vec::new();
        for (field, value) in fields {
            body.push(*field);
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        body.push(0);
        Response::parse(&body)
    }

    #[test]
    fn the_position_counts_characters_and_becomes_bytes() {
        let sql = "select 'äöü', nope";
        let position = sql.chars().take_while(|c| *c != 'n').count() + 1;
        let fields =
            [(b'S', "FEHLER"), (b'V', "ERROR"), (b'C', "42703"), (b'M', "x"), (b'P', &position.to_string())];
        let error = from_response(response(&fields), Some(sql));
        assert_eq!(error.kind(), Kind::Syntax);
        assert_eq!(error.server_error().unwrap().position, Some(sql.find("nope").unwrap()));
        // At the end of the input.
        assert_eq!(byte_offset("ä", 2), Some(2));
        assert_eq!(byte_offset("ä", 0), None);
    }

    #[test]
    fn codes_have_their_kinds() {
        let kind = |code, message| {
            from_response(response(&[(b'V', "ERROR"), (b'C', code), (b'M', message)]), None).kind()
        };
        assert_eq!(kind("57014", "canceling statement due to statement timeout"), Kind::Timeout);
        assert_eq!(kind("57014", "canceling statement due to user request"), Kind::Cancelled);
        assert_eq!(kind("40P01", ""), Kind::Lock);
        assert_eq!(kind("23505", ""), Kind::Constraint);
        assert_eq!(kind("42501", ""), Kind::Permission);
        assert_eq!(kind("42P07", ""), Kind::Sql);
        assert_eq!(kind("42P01", ""), Kind::Syntax);
        assert_eq!(kind("22012", ""), Kind::Sql);
        assert_eq!(kind("0A000", ""), Kind::Sql);
    }

    #[test]
    fn what_ends_the_session_is_a_lost_connection() {
        let fields = [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', "57P01"), (b'M', "terminating")];
        assert_eq!(from_response(response(&fields), None).kind(), Kind::Lost);
    }

    #[test]
    fn refusals_at_connect_never_look_like_failed_statements() {
        let kind = |code| from_refusal(response(&[(b'V', "FATAL"), (b'C', code)]), "x").kind();
        assert_eq!(kind("28P01"), Kind::Auth);
        assert_eq!(kind("42501"), Kind::Auth);
        assert_eq!(kind("3D000"), Kind::Connect);
        assert_eq!(kind("53300"), Kind::Connect);
    }
}
