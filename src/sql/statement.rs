//! What a statement is, by its first words, and where a place in it is.

use unicode_width::UnicodeWidthChar;

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
    for (token, text) in Lexer::new(sql, dialect).code() {
        match token.kind {
            TokenKind::CommentMarker => continue,
            TokenKind::Punct if text == "(" && words.is_empty() => continue,
            _ if words.len() >= n || !token.kind.is_word() => break,
            _ => words.push(text.to_ascii_uppercase()),
        }
    }
    words
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

/// Rows may come back: a query, an `EXPLAIN`, a `COPY … TO STDOUT` is none, a `RETURNING` is.
pub fn may_return_rows(sql: &str, dialect: &Dialect) -> bool {
    match classify(sql, dialect) {
        StatementKind::Query | StatementKind::Explain => true,
        StatementKind::Dml => Lexer::new(sql, dialect)
            .code()
            .any(|(token, text)| token.kind.is_word() && text.eq_ignore_ascii_case("returning")),
        _ => false,
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

/// The line and character, from 1, of a byte; of the end for a byte beyond it.
pub fn locate(sql: &str, byte_offset: usize) -> (u32, u32) {
    let before = &sql[..floor_boundary(sql, byte_offset)];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    (clamp(line), clamp(column))
}

/// The byte at which `n_chars` characters lie before it. (PostgreSQL's error positions count
/// characters from 1: pass one less.)
pub fn char_to_byte(sql: &str, n_chars: usize) -> usize {
    sql.char_indices().nth(n_chars).map_or(sql.len(), |(at, _)| at)
}

/// A line of SQL and where to point in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// From 1.
    pub line: u32,
    /// The character of the line, from 1.
    pub column: u32,
    /// The line, without tabs and control characters, cut with `…` if it is long.
    pub text: String,
    /// How many terminal columns of `text` lie before the place.
    pub caret: usize,
}

impl Excerpt {
    /// The line and below it the caret.
    pub fn lines(&self) -> [String; 2] {
        [self.text.clone(), format!("{}^", " ".repeat(self.caret))]
    }
}

const WIDEST: usize = 120;
const TAB: usize = 4;

/// The line around a byte, to be shown with an error.
pub fn excerpt(sql: &str, byte_offset: usize) -> Excerpt {
    let at = floor_boundary(sql, byte_offset);
    let (line, column) = locate(sql, at);
    let start = sql[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = sql[at..].find('\n').map_or(sql.len(), |n| at + n);
    // Both halves are cut before they are copied: a line may be a megabyte.
    let (mut before, mut before_width) = (Vec::new(), 0);
    let mut cut_before = false;
    for c in sql[start..at].chars().rev() {
        if before_width >= WIDEST * 2 / 3 {
            cut_before = true;
            break;
        }
        push_shown(&mut before, &mut before_width, c);
    }
    let (mut after, mut after_width) = (Vec::new(), 0);
    let mut cut_after = false;
    for c in sql[at..end].trim_end().chars() {
        if before_width + after_width >= WIDEST {
            cut_after = true;
            break;
        }
        push_shown(&mut after, &mut after_width, c);
    }
    let mut text = String::new();
    if cut_before {
        text.push('…');
    }
    text.extend(before.iter().rev());
    text.extend(&after);
    if cut_after {
        text.push('…');
    }
    Excerpt { line, column, text, caret: before_width + usize::from(cut_before) }
}

fn push_shown(shown: &mut Vec<char>, width: &mut usize, c: char) {
    match c.width() {
        _ if c == '\t' => {
            shown.extend([' '; TAB]);
            *width += TAB;
        }
        // Marks that combine with the character before them.
        Some(0) => shown.push(c),
        Some(n) => {
            shown.push(c);
            *width += n;
        }
        None => {
            shown.push(' ');
            *width += 1;
        }
    }
}

fn floor_boundary(sql: &str, at: usize) -> usize {
    sql.floor_char_boundary(at)
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
