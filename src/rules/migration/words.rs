//! A statement's words, read from left to right. Only as much is understood as rules ask for; what
//! is not understood is passed over, as the server will say what is wrong with it.

use crate::sql::{Dialect, Lexer, TokenKind};

/// A word, sign or value of a statement.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    kind: TokenKind,
}

impl Piece<'_> {
    fn is(&self, word: &str) -> bool {
        !matches!(self.kind, TokenKind::QuotedIdent | TokenKind::String | TokenKind::DollarString)
            && self.text.eq_ignore_ascii_case(word)
    }
}

/// A name as it is written, and as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// With its quotes and schema, to be written in a statement.
    pub sql: String,
    /// Without quotes: `public.orders`.
    pub plain: String,
}

impl Named {
    /// The last part.
    pub fn last(&self) -> &str {
        self.plain.rsplit('.').next().unwrap_or(&self.plain)
    }

    pub fn has_schema(&self) -> bool {
        self.plain.contains('.')
    }

    /// Whether both mean one object, where one may leave out its schema.
    pub fn is(&self, other: &Named) -> bool {
        let (one, two) = (self.plain.to_lowercase(), other.plain.to_lowercase());
        one == two
            || ((self.has_schema() != other.has_schema()) && self.last().eq_ignore_ascii_case(other.last()))
    }
}

/// What is left to read of a statement or of a part of one.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    pieces: Vec<Piece<'a>>,
    at: usize,
}

impl<'a> Words<'a> {
    pub fn new(sql: &'a str, dialect: &'a Dialect) -> Self {
        let code = Lexer::new(sql, dialect).code();
        let pieces = code
            .filter(|(token, _)| token.kind != TokenKind::CommentMarker)
            .map(|(token, text)| Piece { text, kind: token.kind })
            .collect();
        Words { pieces, at: 0 }
    }

    fn rest(&self) -> &[Piece<'a>] {
        self.pieces.get(self.at..).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Whether these words come next.
    pub fn is(&self, phrase: &str) -> bool {
        let mut rest = self.rest().iter();
        phrase.split(' ').all(|word| rest.next().is_some_and(|piece| piece.is(word)))
    }

    /// Passes over these words if they come next.
    pub fn eat(&mut self, phrase: &str) -> bool {
        let found = self.is(phrase);
        if found {
            self.at += phrase.split(' ').count();
        }
        found
    }

    /// Passes over one of these, and tells which.
    pub fn eat_any<'w>(&mut self, phrases: &[&'w str]) -> Option<&'w str> {
        phrases.iter().copied().find(|phrase| self.eat(phrase))
    }

    /// The next piece, whatever it is.
    pub fn next(&mut self) -> Option<&'a str> {
        let piece = self.rest().first().copied()?;
        self.at += 1;
        Some(piece.text)
    }

    /// A name with its schema.
    pub fn name(&mut self) -> Option<Named> {
        let mut found = Named::default();
        loop {
            let piece = *self.rest().first()?;
            let is_name =
                piece.kind.is_word() || matches!(piece.kind, TokenKind::QuotedIdent | TokenKind::String);
            if !is_name {
                return None;
            }
            self.at += 1;
            found.sql.push_str(piece.text);
            found.plain.push_str(&plain(piece));
            if !self.eat(".") {
                return Some(found);
            }
            found.sql.push('.');
            found.plain.push('.');
        }
    }

    /// What stands in the brackets that come next.
    pub fn brackets(&mut self) -> Option<Words<'a>> {
        if !self.is("(") {
            return None;
        }
        let end = self.close(self.at);
        let inside = self.pieces[self.at + 1..end].to_vec();
        self.at = (end + 1).min(self.pieces.len());
        Some(Words { pieces: inside, at: 0 })
    }

    /// The place of the bracket that closes the one at `open`; the end where none does.
    fn close(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, piece) in self.pieces.iter().enumerate().skip(open) {
            match piece.text {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.pieces.len()
    }

    /// What comes before the next comma that is in no brackets.
    pub fn item(&mut self) -> Option<Words<'a>> {
        let end = self.find(|piece| piece.is(","));
        self.part(end)
    }

    fn part(&mut self, end: Option<usize>) -> Option<Words<'a>> {
        if self.is_empty() {
            return None;
        }
        let end = end.unwrap_or(self.pieces.len());
        let part = self.pieces[self.at..end].to_vec();
        self.at = (end + 1).min(self.pieces.len());
        Some(Words { pieces: part, at: 0 })
    }

    /// Every item.
    pub fn items(mut self) -> Vec<Words<'a>> {
        std::iter::from_fn(|| self.item()).collect()
    }

    /// The place of the first piece, in no brackets, that is so.
    fn find(&self, is: impl Fn(&Piece<'_>) -> bool) -> Option<usize> {
        let mut at = self.at;
        while at < self.pieces.len() {
            if is(&self.pieces[at]) {
                return Some(at);
            }
            at = match self.pieces[at].text {
                "(" | "[" => self.close(at) + 1,
                _ => at + 1,
            };
        }
        None
    }

    /// Whether these words stand somewhere ahead, in no brackets.
    pub fn has(&self, phrase: &str) -> bool {
        let mut ahead = self.clone();
        ahead.skip_to(phrase)
    }

    /// Passes over everything up to these words, and over them.
    pub fn skip_to(&mut self, phrase: &str) -> bool {
        let first = phrase.split(' ').next().unwrap_or_default();
        let start = self.at;
        while let Some(at) = self.find(|piece| piece.is(first)) {
            self.at = at;
            if self.eat(phrase) {
                return true;
            }
            self.at = at + 1;
        }
        self.at = start;
        false
    }

    /// Whether a word stands anywhere ahead, in brackets too.
    pub fn mentions(&self, word: &str) -> bool {
        self.rest().iter().any(|piece| piece.is(word))
    }

    /// Whether a function of one of these names is called ahead.
    pub fn call<'w>(&self, names: &[&'w str]) -> Option<&'w str> {
        let rest = self.rest();
        names.iter().copied().find(|name| {
            rest.iter()
                .enumerate()
                .any(|(at, piece)| piece.is(name) && rest.get(at + 1).is_some_and(|next| next.is("(")))
        })
    }

    /// What was read since `earlier`, a copy of these words from before.
    pub fn since(&self, earlier: &Words<'a>) -> Words<'a> {
        Words { pieces: self.pieces.get(earlier.at..self.at).unwrap_or_default().to_vec(), at: 0 }
    }

    /// What is left, in one line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in self.rest() {
            let close = matches!(piece.text, ")" | "," | "]" | "." | "[" | "::" | "(");
            if !text.is_empty() && !close && !text.ends_with(['(', '.', '[', ':']) {
                text.push(' ');
            }
            text.push_str(piece.text);
        }
        text
    }
}

fn plain(piece: Piece<'_>) -> String {
    let text = piece.text;
    match piece.kind {
        TokenKind::QuotedIdent | TokenKind::String if text.len() >= 2 => {
            let quote = &text[..1];
            let inside = text.get(1..text.len() - 1).unwrap_or(text);
            inside.replace(&quote.repeat(2), quote)
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    #[test]
    fn phrases_names_and_brackets() {
        let mut words = Words::new("alter table if exists \"S\".t (a, (b, c)) /* x */ , d", &POSTGRES);
        assert!(words.eat("ALTER TABLE") && words.eat("IF EXISTS") && !words.eat("ONLY"));
        let name = words.name().unwrap();
        assert_eq!((name.sql.as_str(), name.plain.as_str()), ("\"S\".t", "S.t"));
        let inside: Vec<String> = words.brackets().unwrap().items().iter().map(Words::text).collect();
        assert_eq!(inside, ["a", "(b, c)"]);
        assert!(words.eat(",") && words.next() == Some("d") && words.is_empty());
    }

    #[test]
    fn phrases_are_found_outside_of_brackets() {
        let mut words = Words::new("x (a not null) y NOT z not null 'not null'", &POSTGRES);
        assert!(words.has("not null") && words.mentions("A"));
        assert!(words.skip_to("not null"));
        assert!(!words.has("not null"));
        assert_eq!(Words::new("`a b` ( unclosed", &MYSQL).name().unwrap().plain, "a b");
        let mut open = Words::new("( a", &MYSQL);
        assert_eq!(open.brackets().unwrap().text(), "a");
    }

    #[test]
    fn names_are_one_when_a_schema_is_left_out() {
        let of = |sql: &str| Words::new(sql, &POSTGRES).name().unwrap();
        assert!(of("public.T").is(&of("t")) && !of("a.t").is(&of("b.t")));
        assert_eq!(of("a.\"B c\"").last(), "B c");
    }
}
