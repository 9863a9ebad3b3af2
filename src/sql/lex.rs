//! Tokens: what each piece of a text is, and where.

use std::ops::Range;

use super::dialect::Dialect;
use super::scan::Scanner;

/// What a piece of SQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word that the dialect lists as a keyword. (It may still be used as a name.)
    Keyword,
    /// Any other unquoted word.
    Word,
    /// `"…"`, `` `…` `` or `[…]`, as the dialect has it.
    QuotedIdent,
    /// With its quotes and prefix.
    String,
    /// `$tag$…$tag$`.
    DollarString,
    /// Also malformed ones.
    Number,
    /// A line or block comment; optimizer hints are comments too.
    Comment,
    /// Opens (`/*!40101`) or closes (`*/`) an executable comment, whose content is code.
    CommentMarker,
    /// `+`, `::`, `@>`, …
    Operator,
    /// Comma, semicolon, point, brackets, lone colon.
    Punct,
    /// `:name`, `$1`, `?`, `?1`, `@name`, `$name`, as the dialect has it.
    Param,
    /// `@name`, `@@global.name`.
    Variable,
    /// Spaces, tabs and line ends.
    Whitespace,
    /// A character that begins nothing (a backslash, a NUL).
    Other,
}

impl TokenKind {
    /// Neither whitespace nor comment.
    pub fn is_code(self) -> bool {
        !matches!(self, TokenKind::Whitespace | TokenKind::Comment)
    }

    /// A word, keyword or not.
    pub fn is_word(self) -> bool {
        matches!(self, TokenKind::Word | TokenKind::Keyword)
    }
}

/// A piece of the text it was cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// False for a quote or block comment that the text's end cut off.
    pub terminated: bool,
}

impl Token {
    /// Its bytes in the text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its text, out of the text it was cut from.
    pub fn text<'a>(&self, sql: &'a str) -> &'a str {
        sql.get(self.range()).unwrap_or("")
    }
}

/// Cuts a text into tokens that cover all of it.
pub struct Lexer<'a> {
    sql: &'a str,
    at: usize,
    scanner: Scanner,
    dialect: &'a Dialect,
    keywords: bool,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of `sql`.
    pub fn new(sql: &'a str, dialect: &'a Dialect) -> Self {
        Lexer { sql, at: 0, scanner: Scanner::new(dialect), dialect, keywords: true }
    }

    /// Leaves keywords among the words, for those who do not ask: to look each word up takes as long
    /// as all the rest.
    pub fn without_keywords(self) -> Self {
        Lexer { keywords: false, ..self }
    }

    /// Only the tokens that are neither whitespace nor comments, with their texts.
    pub fn code(self) -> impl Iterator<Item = (Token, &'a str)> {
        let sql = self.sql;
        self.filter(|token| token.kind.is_code()).map(move |token| (token, token.text(sql)))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        if start >= self.sql.len() {
            return None;
        }
        let found = self.scanner.scan(self.sql.as_bytes(), start, true)?;
        self.at = found.end;
        let mut token = Token { kind: found.kind, start, end: found.end, terminated: found.terminated };
        if token.kind == TokenKind::Word
            && self.keywords
            && self.dialect.keywords.contains(token.text(self.sql))
        {
            token.kind = TokenKind::Keyword;
        }
        Some(token)
    }
}
