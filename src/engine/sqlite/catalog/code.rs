//! A walk over the words of a definition that SQLite has accepted before.

use crate::sql::{Lexer, SQLITE, Token, TokenKind};

/// The code of a text, without comments, and a place in it.
#[derive(Clone)]
pub struct Code<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Code<'a> {
    pub fn new(sql: &'a str) -> Self {
        let tokens = Lexer::new(sql, &SQLITE).filter(|token| token.kind.is_code()).collect();
        Code { sql, tokens, at: 0 }
    }

    pub fn token(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn text(&self) -> Option<&'a str> {
        self.token().map(|token| token.text(self.sql))
    }

    pub fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn skip(&mut self) {
        self.at += 1;
    }

    /// Whether an unquoted word or a sign comes next.
    pub fn is(&self, word: &str) -> bool {
        let quoted = matches!(self.token().map(|token| token.kind), Some(TokenKind::QuotedIdent));
        !quoted && self.text().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Steps over a word, if it comes next.
    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    /// Steps over all of some words, or none of them.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        let found = words.iter().all(|word| self.eat(word));
        if !found {
            self.at = start;
        }
        found
    }

    /// A name, quoted or not; SQLite takes strings for names too.
    pub fn name(&mut self) -> Option<String> {
        let name = name_of(self.token()?, self.sql)?;
        self.at += 1;
        Some(name)
    }

    /// The text between a bracket that comes next and the one that closes it.
    pub fn parens(&mut self) -> Option<&'a str> {
        let open = self.token().filter(|_| self.is("("))?;
        let mut depth = 0_usize;
        while let Some(token) = self.token() {
            if self.is("(") {
                depth += 1;
            } else if self.is(")") {
                depth -= 1;
            }
            self.at += 1;
            if depth == 0 {
                return Some(self.sql[open.end..token.start].trim());
            }
        }
        None
    }

    /// Where the next token begins; the end of the text after the last.
    pub fn start(&self) -> usize {
        self.token().map_or(self.sql.len(), |token| token.start)
    }

    /// The text from `start` to the token before the next.
    pub fn since(&self, start: usize) -> &'a str {
        let end =
            self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |last| last.end);
        self.sql.get(start..end).unwrap_or_default()
    }

    /// All that is left, without comments at the end.
    pub fn rest(&self) -> &'a str {
        let end = self.tokens.last().map_or(0, |last| last.end);
        self.sql.get(self.start()..end).unwrap_or_default()
    }
}

/// The name that a token stands for where a name is wanted.
pub fn name_of(token: Token, sql: &str) -> Option<String> {
    let text = token.text(sql);
    match token.kind {
        TokenKind::Word | TokenKind::Keyword => Some(text.to_owned()),
        TokenKind::QuotedIdent | TokenKind::String => unquoted(text),
        _ => None,
    }
}

fn unquoted(text: &str) -> Option<String> {
    let open = text.chars().next()?;
    let close = if open == '[' { ']' } else { open };
    let inner = text.strip_prefix(open)?.strip_suffix(close)?;
    Some(match open {
        '[' => inner.to_owned(),
        quote @ ('"' | '`' | '\'') => inner.replace(&format!("{quote}{quote}"), &quote.to_string()),
        _ => return None,
    })
}

/// The parts of a list, cut at commas outside brackets.
pub fn items(list: &str) -> Vec<&str> {
    let mut code = Code::new(list);
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(token) = code.token() {
        if code.is("(") {
            if code.parens().is_none() {
                break;
            }
            continue;
        }
        if code.is(",") {
            found.push(list[start..token.start].trim());
            start = token.end;
        }
        code.skip();
    }
    found.push(list[start..].trim());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_quotes() {
        let mut code = Code::new("a \"b\"\"c\" `d` [e f] 'g''h' 1");
        let names: Vec<String> = std::iter::from_fn(|| code.name()).collect();
        assert_eq!(names, ["a", "b\"c", "d", "e f", "g'h"]);
        assert!(code.is("1"));
    }

    #[test]
    fn brackets_are_taken_whole() {
        let mut code = Code::new("(a, (b) /* ) */, ')') c");
        assert_eq!(code.parens(), Some("a, (b) /* ) */, ')'"));
        assert_eq!(code.rest(), "c");
        assert_eq!(Code::new("(a").parens(), None);
        assert_eq!(items("a, f(b, c) desc, 'x,y'"), ["a", "f(b, c) desc", "'x,y'"]);
        assert_eq!(items("f(b"), ["f(b"]);
    }
}
