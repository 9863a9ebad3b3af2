//! Definitions as a run of tokens: `SHOW CREATE` texts are written by the server, so their words
//! stand where its manual says they do.

use crate::sql::{Dialect, Lexer, Token, TokenKind};

/// The code of a text, read from left to right. The marks of executable comments are left out:
/// what they hold is part of the definition.
pub struct Words<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Words<'a> {
    pub fn new(sql: &'a str, dialect: &Dialect) -> Self {
        let tokens = Lexer::new(sql, dialect)
            .filter(|token| token.kind.is_code() && token.kind != TokenKind::CommentMarker)
            .collect();
        Words { sql, tokens, at: 0 }
    }

    pub fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    /// The text of the token that is `ahead` of the next; empty behind the end.
    pub fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text(self.sql))
    }

    pub fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Where the next token begins.
    pub fn start(&self) -> usize {
        self.peek().map_or(self.sql.len(), |token| token.start)
    }

    /// Where the last token that was read ends.
    pub fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.end)
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.sql.get(start..end).unwrap_or("")
    }

    pub fn is(&self, text: &str) -> bool {
        self.is_at(0, text)
    }

    pub fn is_at(&self, ahead: usize, text: &str) -> bool {
        self.text(ahead).eq_ignore_ascii_case(text)
    }

    /// Steps over these words if they are the next.
    pub fn eat(&mut self, texts: &[&str]) -> bool {
        let found = texts.iter().enumerate().all(|(ahead, text)| self.is_at(ahead, text));
        if found {
            self.at += texts.len();
        }
        found
    }

    /// A name, quoted or not.
    pub fn name(&mut self) -> Option<String> {
        let token = self.peek()?;
        if token.kind != TokenKind::QuotedIdent && !token.kind.is_word() {
            return None;
        }
        self.at += 1;
        Some(unquoted(token.text(self.sql)))
    }

    /// A string, as what it stands for.
    pub fn string(&mut self) -> Option<String> {
        let token = self.peek().filter(|token| token.kind == TokenKind::String)?;
        self.at += 1;
        Some(unquoted(token.text(self.sql)))
    }

    /// What is between the parenthesis that is next and the one that closes it.
    pub fn group(&mut self) -> Option<&'a str> {
        let open = self.peek().filter(|_| self.is("("))?;
        self.at += 1;
        let mut depth = 1;
        while let Some(token) = self.next() {
            match token.text(self.sql) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(self.slice(open.end, token.start));
            }
        }
        None
    }

    /// Names in parentheses, with commas between.
    pub fn names(&mut self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if !self.eat(&["("]) {
            return None;
        }
        loop {
            names.push(self.name()?);
            if self.eat(&[")"]) {
                return Some(names);
            }
            if !self.eat(&[","]) {
                return None;
            }
        }
    }
}

/// An expression in one of the forms in which MySQL writes it. After some other change of a table
/// the server writes `-4` for what was `-(4)`, and gives a string the character set of the column
/// that it is compared with, which for plain ASCII makes no difference.
pub fn settled(expression: &str) -> String {
    if !expression.contains("-(") && !expression.contains("_") {
        return expression.to_owned();
    }
    let mut words = Words::new(expression, &crate::sql::MYSQL);
    let (mut written, mut at) = (String::with_capacity(expression.len()), 0);
    while let Some(token) = words.next() {
        let is_number = |token: Option<&Token>| token.is_some_and(|each| each.kind == TokenKind::Number);
        let text = words.slice(token.start, token.end);
        if text == "-" && words.is("(") && is_number(words.tokens.get(words.at + 1)) && words.is_at(2, ")") {
            written.push_str(words.slice(at, token.end));
            written.push_str(words.text(1));
            words.group();
            at = words.end();
        } else if let (TokenKind::String, Some(string)) = (token.kind, in_plain_letters(text)) {
            written.push_str(words.slice(at, token.start));
            written.push_str("_utf8mb4");
            written.push_str(string);
            at = token.end;
        }
    }
    written.push_str(words.slice(at, expression.len()));
    written
}

/// The string behind a character set whose ASCII is everybody's: `'a'` of `_latin1'a'`.
fn in_plain_letters(text: &str) -> Option<&str> {
    let (charset, string) = text.split_at(text.find('\'')?);
    let plain = matches!(charset, "_latin1" | "_ascii" | "_utf8" | "_utf8mb3");
    (plain && string.is_ascii()).then_some(string)
}

/// A quoted name or string without its quotes, its escapes resolved ("String Literals" in MySQL's
/// manual); anything else as it is.
pub fn unquoted(text: &str) -> String {
    let Some(quote @ ('`' | '"' | '\'')) = text.chars().next() else { return text.to_owned() };
    let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or("");
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quote == '\'' => match letters.next() {
                Some('n') => plain.push('\n'),
                Some('r') => plain.push('\r'),
                Some('t') => plain.push('\t'),
                Some('0') => plain.push('\0'),
                Some('Z') => plain.push('\u{1A}'),
                Some('b') => plain.push('\u{8}'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            letter if letter == quote => {
                letters.next();
                plain.push(quote);
            }
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::MYSQL;

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(unquoted("`a``b\\n`"), "a`b\\n");
        assert_eq!(unquoted(r"'it''s \\ \n \' \0'"), "it's \\ \n ' \0");
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(unquoted("'"), "");
    }

    #[test]
    fn numbers_below_zero() {
        assert_eq!(
            settled("((`a` > -(4)) or (`b` = '-(4)') or (`c` < -(`a`)))"),
            "((`a` > -4) or (`b` = '-(4)') or (`c` < -(`a`)))"
        );
        assert_eq!(settled("-(1.5)"), "-1.5");
        assert_eq!(settled("-("), "-(");
        let letters = "(`_a` <> _latin1'it\\'s') or (`b` = _latin1'ä')";
        assert_eq!(settled(letters), "(`_a` <> _utf8mb4'it\\'s') or (`b` = _latin1'ä')");
    }

    #[test]
    fn reading() {
        let mut words = Words::new("KEY /*!50100 `a``b` */ (x, (y)) 'z' -- end", &MYSQL);
        assert!(words.eat(&["key"]) && !words.eat(&["key"]));
        assert_eq!(words.name().as_deref(), Some("a`b"));
        assert_eq!(words.group(), Some("x, (y)"));
        assert_eq!(words.string().as_deref(), Some("z"));
        assert!(words.peek().is_none() && words.name().is_none() && words.group().is_none());
        assert_eq!(Words::new("(`a`,b)", &MYSQL).names().unwrap(), ["a", "b"]);
        assert_eq!(Words::new("(`a`", &MYSQL).names(), None);
        assert_eq!(Words::new("(a", &MYSQL).group(), None);
    }
}
