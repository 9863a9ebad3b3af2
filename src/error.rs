//! The one error of dbwright: what happened, where, why, and what to do next.

use std::fmt;

/// `Result` with dbwright's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of an error. It decides the exit code and whether a retry makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong arguments.
    Usage,
    /// A wrong or missing configuration.
    Config,
    /// The engine or this version of it cannot do it.
    Unsupported,
    /// The server could not be reached, or refused before authentication.
    Connect,
    /// The server was reached and refused the user.
    Auth,
    /// The server asks for a password and none was given.
    PasswordNeeded,
    /// The connection broke after it had been established.
    Lost,
    /// A lock could not be had in time, or a deadlock was broken up; a retry may succeed.
    Lock,
    /// A time-out ended the work.
    Timeout,
    /// The statement was cancelled on request.
    Cancelled,
    /// The statement cannot be parsed by the server, or names what does not exist.
    Syntax,
    /// The user may not do this.
    Permission,
    /// The session, the server or the file takes no changes.
    ReadOnly,
    /// A constraint was violated.
    Constraint,
    /// Any other refusal by the server.
    Sql,
    /// Data that cannot be read or written as asked.
    Data,
    /// A file or stream could not be read or written.
    Io,
    /// The reader of our standard output has gone away.
    BrokenPipe,
    /// Refused for safety: needs confirmation, protected, would lose data.
    Refused,
    /// Changed partly and stopped.
    Partial,
    /// Another run holds the lock.
    Locked,
    /// Checks found something at or above the asked level; already reported.
    Found,
    /// A check that answers as plugins of Nagios do found its worst; already reported.
    Critical,
    /// Such a check could not tell; already reported.
    Unknown,
    /// Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The exit code of the process: the one table (see docs/exit-codes.md).
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::BrokenPipe => 0,
            Kind::Lost
            | Kind::Lock
            | Kind::Timeout
            | Kind::Cancelled
            | Kind::Syntax
            | Kind::Permission
            | Kind::ReadOnly
            | Kind::Constraint
            | Kind::Sql
            | Kind::Data
            | Kind::Io
            | Kind::Found => 1,
            Kind::Usage | Kind::Config | Kind::Unsupported | Kind::Critical => 2,
            Kind::Connect | Kind::Auth | Kind::PasswordNeeded | Kind::Unknown => 3,
            Kind::Refused => 4,
            Kind::Partial => 5,
            Kind::Locked => 6,
            Kind::Interrupted => 130,
        }
    }

    /// The stable word for this kind in JSON errors.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Config => "config",
            Kind::Unsupported => "unsupported",
            Kind::Connect => "connect",
            Kind::Auth | Kind::PasswordNeeded => "auth",
            Kind::Lost => "lost",
            Kind::Lock => "lock",
            Kind::Timeout => "timeout",
            Kind::Cancelled => "cancelled",
            Kind::Syntax => "syntax",
            Kind::Permission => "permission",
            Kind::ReadOnly => "read_only",
            Kind::Constraint => "constraint",
            Kind::Sql => "sql",
            Kind::Data => "data",
            Kind::Io => "io",
            Kind::BrokenPipe => "broken_pipe",
            Kind::Refused => "refused",
            Kind::Partial => "partial",
            Kind::Locked => "locked",
            Kind::Found => "found",
            Kind::Critical => "critical",
            Kind::Unknown => "unknown",
            Kind::Interrupted => "interrupted",
        }
    }

    /// Whether the same work may succeed when it is simply tried again on a fresh connection.
    pub fn is_transient(self) -> bool {
        matches!(self, Kind::Connect | Kind::Lost | Kind::Lock)
    }
}

/// What a server said when it refused a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError {
    /// SQLSTATE, MySQL error number with SQLSTATE, or SQLite's extended result code name.
    pub code: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// PostgreSQL's CONTEXT: the stack of functions or the COPY line.
    pub context: Option<String>,
    /// Byte offset in the statement as it was given to the session.
    pub position: Option<usize>,
}

/// A place in a file, an argument or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// File name, `-c`, or `standard input`.
    pub source: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters; 0 when only the line is known.
    pub column: usize,
    /// The text of the line, cut to fit; empty when not known.
    pub excerpt: String,
    /// 0-based display column of the caret below the excerpt.
    pub caret: Option<usize>,
}

/// An error with all that a person needs to go on.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    server: Option<ServerError>,
    source: Option<anyhow::Error>,
    hints: Vec<String>,
    at: Option<At>,
}

impl Error {
    /// A new error; `message` says what happened, in lower case, without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            server: None,
            source: None,
            hints: Vec::new(),
            at: None,
        }))
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// Adds the next step a user can take.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds the cause.
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds what the server said.
    pub fn server(mut self, server: ServerError) -> Self {
        self.0.server = Some(server);
        self
    }

    /// Adds the place.
    pub fn at(mut self, at: At) -> Self {
        self.0.at = Some(at);
        self
    }

    /// Puts a wider statement of what happened in front; the old message becomes the first cause.
    pub fn context(mut self, message: impl Into<String>) -> Self {
        let old = std::mem::replace(&mut self.0.message, message.into());
        let cause = match self.0.source.take() {
            Some(source) => source.context(old),
            None => anyhow::Error::msg(old),
        };
        self.0.source = Some(cause);
        self
    }

    /// The same error as another kind.
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with the position in the statement counted in another text.
    pub fn map_position(mut self, map: impl FnOnce(usize) -> usize) -> Self {
        if let Some(server) = &mut self.0.server {
            server.position = server.position.map(map);
        }
        self
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn server_error(&self) -> Option<&ServerError> {
        self.0.server.as_ref()
    }

    pub fn place(&self) -> Option<&At> {
        self.0.at.as_ref()
    }

    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> Vec<String> {
        self.0.source.iter().flat_map(|source| source.chain()).map(ToString::to_string).collect()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(server) = &self.0.server {
            write!(f, ": {} ({})", server.message, server.code)?;
        }
        for cause in self.causes() {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// For reading and writing files and standard streams; a closed pipe keeps its own kind.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::BrokenPipe => Kind::BrokenPipe,
            _ => Kind::Io,
        };
        Error::new(kind, error.to_string())
    }
}

/// The candidate nearest to `name`, for "did you mean".
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_keeps_the_old_message_as_first_cause() {
        let error = Error::new(Kind::Io, "disk full").because(anyhow::anyhow!("os error 28"));
        let error = error.context("cannot write out.csv");
        assert_eq!(error.message(), "cannot write out.csv");
        assert_eq!(error.causes(), ["disk full", "os error 28"]);
    }

    #[test]
    fn nearest_suggests_only_what_is_near() {
        assert_eq!(nearest("prdo", ["prod", "dev"]), Some("prod"));
        assert_eq!(nearest("zzz", ["prod", "dev"]), None);
    }
}
