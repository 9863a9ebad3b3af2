//! What a script is cut into, and functions for scripts that are texts.

use std::io;

use super::dialect::Dialect;
use super::lex::TokenKind;
pub use super::splitter::Splitter;

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Without its delimiter and without the comments around it (hints before it stay).
    pub text: String,
    /// The line, from 1, where the text begins.
    pub line: u32,
    /// The character of that line, from 1.
    pub column: u32,
    /// The byte of the input where the text begins.
    pub offset: u64,
    /// A delimiter ended it, not the end of the input.
    pub terminated: bool,
}

/// What a script consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A statement to be run.
    Statement(Statement),
    /// A `COPY … FROM STDIN`, to be run with the lines that [`Splitter::copy_data`] reads.
    CopyStatement(Statement),
    /// A backslash command of a shell.
    Meta {
        /// From the backslash to the end of the command.
        text: String,
        /// Where the backslash is.
        line: u32,
        /// Where the backslash is.
        column: u32,
        /// A statement has been begun before it; see [`Splitter::take_pending`].
        buffer_pending: bool,
    },
}

/// Why a script could not be cut or read.
#[derive(Debug)]
pub struct SplitError {
    /// The line, from 1.
    pub line: u32,
    /// The character of that line, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// The error of the reader, if it was that.
    pub io: Option<io::Error>,
}

impl std::fmt::Display for SplitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for SplitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.io.as_ref().map(|e| e as _)
    }
}

/// What an input lacks to be complete, for a shell's continuation prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Nothing.
    None,
    /// A delimiter.
    Statement,
    /// A closing `'`.
    SingleQuote,
    /// A closing `"`.
    DoubleQuote,
    /// A closing `` ` ``.
    Backtick,
    /// A closing `]`.
    Bracket,
    /// The closing tag, given with its dollar signs.
    Dollar(String),
    /// The end of a comment.
    Comment,
    /// A closing parenthesis.
    Paren,
}

impl Pending {
    /// The end of a token that was cut off.
    pub(super) fn of_token(kind: TokenKind, text: &[u8]) -> Self {
        match (kind, text.first()) {
            (TokenKind::Comment, _) => Pending::Comment,
            (TokenKind::DollarString, _) => {
                let len = text.iter().skip(1).position(|b| *b == b'$').map_or(0, |n| n + 2);
                Pending::Dollar(String::from_utf8_lossy(&text[..len]).into_owned())
            }
            (_, Some(b'`')) => Pending::Backtick,
            (_, Some(b'[')) => Pending::Bracket,
            (TokenKind::QuotedIdent, _) | (_, Some(b'"')) => Pending::DoubleQuote,
            _ => Pending::SingleQuote,
        }
    }
}

/// All statements of a short text, up to the first error (a `DELIMITER` without one). Shell
/// commands are not looked for, and the data of a `COPY` is left out; scripts of others go through
/// a [`Splitter`], which reports both.
pub fn split_str(sql: &str, dialect: &Dialect) -> Vec<Statement> {
    let items = Splitter::new(sql.as_bytes(), dialect).filter_map(Result::ok);
    items
        .filter_map(|item| match item {
            Item::Statement(statement) | Item::CopyStatement(statement) => Some(statement),
            Item::Meta { .. } => None,
        })
        .collect()
}

/// What the text lacks to be complete statements.
pub fn pending(sql: &str, dialect: &Dialect) -> Pending {
    let mut splitter = Splitter::new(sql.as_bytes(), dialect);
    while splitter.next().is_some() {}
    splitter.at_end().clone()
}

/// The text is complete statements, or nothing at all.
pub fn is_complete(sql: &str, dialect: &Dialect) -> bool {
    pending(sql, dialect) == Pending::None
}
