//! What a statement is, by its first words.

use super::dialect::Dialect;
use super::lex::{Lexer, TokenKind};

/// What a statement does, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// `SELECT` and whatever else is there to return rows. May still write (functions, `WITH`).
    Query,
    /// Changes rows.
    Dml,
    /// Changes objects or privileges.
    Ddl,
    /// Begins a transaction.
    TxBegin,
    /// Ends one, either way.
    TxEnd,
    /// Changes the current database.
    Use,
    /// `COPY`; neither flag is set when a file or program is at the other end.
    Copy {
        /// Its data follows.
        from_stdin: bool,
        /// It sends data.
        to_stdout: bool,
    },
    /// `EXPLAIN`. With `ANALYZE` it runs what it explains.
    Explain,
    /// Anything else.
    Other,
}

/// The unquoted words at the beginning, in capitals, at most `n`; comments and opening
/// parentheses before them are passed over.
pub fn leading_keywords(sql: &str, dialect: &Dialect, n: usize) -> Vec<String> {
    let mut words = Vec::new();
    for (token, text) in Lexer::new(sql, dialect).without_keywords().code() {
        match token.kind {
            TokenKind::CommentMarker => continue,
            TokenKind::Punct if text == "(" && words.is_empty() => continue,
            _ if words.len() >= n || !token.kind.is_word() => break,
            _ => words.push(text.to_ascii_uppercase()),
        }
    }
    words
}

/// The statement with `?` for every value written in it, for logs: a literal may be a password.
pub fn without_values(sql: &str, dialect: &Dialect) -> String {
    let mut shown = String::with_capacity(sql.len());
    for token in Lexer::new(sql, dialect) {
        match token.kind {
            TokenKind::String | TokenKind::DollarString | TokenKind::Number => shown.push('?'),
            TokenKind::Comment => {}
            _ => shown.push_str(token.text(sql)),
        }
    }
    shown
}

/// What the statement does, from its words alone.
pub fn classify(sql: &str, dialect: &Dialect) -> StatementKind {
    use StatementKind::{Ddl, Dml, Explain, Other, Query, TxBegin, TxEnd, Use};
    let words = leading_keywords(sql, dialect, 4);
    let word = |n: usize| words.get(n).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("WITH", _) => after_with(sql, dialect),
        ("COPY", _) => copy_direction(sql, dialect),
        ("BEGIN", "NOT") => Other,
        ("BEGIN", _) | ("START", "TRANSACTION") => TxBegin,
        ("COMMIT" | "ROLLBACK", "PREPARED") => Other,
        ("ROLLBACK", _) if words.iter().any(|w| w == "TO") => Other,
        ("COMMIT" | "ROLLBACK" | "END" | "ABORT", _) | ("PREPARE", "TRANSACTION") => TxEnd,
        ("EXPLAIN", _) => Explain,
        ("USE", _) => Use,
        ("ANALYZE" | "CHECK" | "CHECKSUM" | "OPTIMIZE" | "REPAIR", "TABLE" | "TABLES")
        | ("DESC" | "DESCRIBE" | "SHOW" | "SELECT" | "VALUES" | "TABLE" | "PRAGMA" | "CALL", _)
        | ("EXECUTE" | "FETCH" | "HELP" | "XA", _) => Query,
        ("INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "MERGE" | "LOAD" | "HANDLER", _) => Dml,
        ("CREATE" | "ALTER" | "DROP" | "TRUNCATE" | "RENAME" | "COMMENT" | "GRANT", _)
        | ("REVOKE" | "REINDEX" | "REFRESH" | "CLUSTER" | "IMPORT" | "SECURITY", _)
        | ("REASSIGN" | "INSTALL" | "UNINSTALL", _) => Ddl,
        _ => Other,
    }
}

/// The words that are not within parentheses.
fn outer_words<'a>(sql: &'a str, dialect: &'a Dialect) -> impl Iterator<Item = &'a str> {
    let mut depth = 0usize;
    Lexer::new(sql, dialect).code().filter_map(move |(token, text)| {
        match text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && token.kind.is_word()).then_some(text)
    })
}

/// `WITH` is what its main statement is.
fn after_with(sql: &str, dialect: &Dialect) -> StatementKind {
    let main = outer_words(sql, dialect).find_map(|word| {
        let is = |known: &[&str]| known.iter().any(|k| word.eq_ignore_ascii_case(k));
        if is(&["insert", "update", "delete", "merge", "replace"]) {
            Some(StatementKind::Dml)
        } else if is(&["select", "values", "table"]) {
            Some(StatementKind::Query)
        } else {
            None
        }
    });
    // `WITH x AS (…) (SELECT …)`
    main.unwrap_or(StatementKind::Query)
}

fn copy_direction(sql: &str, dialect: &Dialect) -> StatementKind {
    let mut words = outer_words(sql, dialect)
        .skip_while(|w| !w.eq_ignore_ascii_case("from") && !w.eq_ignore_ascii_case("to"));
    let from = words.next().is_some_and(|w| w.eq_ignore_ascii_case("from"));
    let other_end = words.next().unwrap_or("");
    // The grammar takes either word for either direction.
    let standard = other_end.eq_ignore_ascii_case("stdin") || other_end.eq_ignore_ascii_case("stdout");
    StatementKind::Copy { from_stdin: standard && from, to_stdout: standard && !from }
}

/// The byte at which `n_chars` characters lie before it. (PostgreSQL's error positions count
/// characters from 1: pass one less.)
pub fn char_to_byte(sql: &str, n_chars: usize) -> usize {
    sql.char_indices().nth(n_chars).map_or(sql.len(), |(at, _)| at)
}
