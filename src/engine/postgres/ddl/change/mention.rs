//! What a text of SQL names, as the server writes it out: with an empty search path, so that every
//! name outside of `pg_catalog` is qualified.

use std::collections::HashSet;

use crate::model::catalog::Name;
use crate::sql::{Lexer, POSTGRES, TokenKind};

/// The names in a text.
#[derive(Debug, Default)]
pub struct Mentioned {
    qualified: HashSet<Name>,
    words: HashSet<String>,
    /// Relations whose columns go by other names in the text: `FROM shop.t x(a, b)`.
    aliased: HashSet<Name>,
}

impl Mentioned {
    pub fn of(text: &str) -> Self {
        let mut found = Mentioned::default();
        found.read(text, 0);
        found
    }

    /// Of several texts at once.
    pub fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Mentioned::default();
        texts.into_iter().for_each(|text| found.read(text, 0));
        found
    }

    pub fn names(&self, name: &Name) -> bool {
        self.qualified.contains(name)
    }

    pub fn names_any(&self, names: &HashSet<Name>) -> bool {
        self.qualified.iter().any(|name| names.contains(name))
    }

    /// The same, but for one of them.
    pub fn names_another(&self, names: &HashSet<Name>, than: &Name) -> bool {
        self.qualified.iter().any(|name| name != than && names.contains(name))
    }

    pub fn word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether the text may stand on a column of a relation that it names.
    pub fn column(&self, relation: &Name, column: &str) -> bool {
        self.names(relation) && (self.word(column) || self.aliased.contains(relation))
    }

    /// Names stand in strings too: `nextval('shop.numbers'::regclass)`.
    fn read(&mut self, text: &str, depth: u8) {
        let tokens: Vec<(TokenKind, &str)> =
            Lexer::new(text, &POSTGRES).code().map(|(token, text)| (token.kind, text)).collect();
        for (at, &(kind, text)) in tokens.iter().enumerate() {
            if kind == TokenKind::String && depth == 0 {
                self.read(&inside(text), 1);
            }
            let Some(word) = name(kind, text) else { continue };
            if depth == 0 {
                self.words.insert(word.clone());
            }
            let rest = &tokens[at + 1..];
            if let [(_, "."), (TokenKind::Operator, operator), ..] = rest {
                self.qualified.insert(Name::new(word, *operator));
            } else if let [(_, "."), (kind, text), rest @ ..] = rest
                && let Some(second) = name(*kind, text)
            {
                let name = Name::new(word, second);
                if is_alias_list(rest) {
                    self.aliased.insert(name.clone());
                }
                self.qualified.insert(name);
            }
        }
    }
}

/// What follows the name of a relation: `x(`, or `(` alone.
fn is_alias_list(rest: &[(TokenKind, &str)]) -> bool {
    match rest {
        [(_, "("), ..] => true,
        [(TokenKind::QuotedIdent, _), (_, "("), ..] => true,
        [(kind, word), (_, "("), ..] => kind.is_word() && !POSTGRES.keywords.is_reserved(word),
        _ => false,
    }
}

/// What a string says: `'a''b'`, and `E'a\\b'` as the server writes one that has a backslash.
fn inside(literal: &str) -> String {
    let (escapes, quoted) = match literal.strip_prefix(['E', 'e']) {
        Some(quoted) => (true, quoted),
        None => (false, literal),
    };
    let inner = quoted.strip_prefix('\'').unwrap_or(quoted);
    let inner = inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'");
    if escapes { inner.replace("\\\\", "\\") } else { inner }
}

/// The name that a token is, without its quotes.
pub fn name(kind: TokenKind, text: &str) -> Option<String> {
    match kind {
        TokenKind::QuotedIdent => {
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            Some(inner.replace("\"\"", "\""))
        }
        kind if kind.is_word() => Some(text.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_words_quotes_and_strings() {
        let text =
            r#"SELECT t."Odd ""a""", lower(shop.f(x)) FROM shop."T" t WHERE nextval('shop.s'::regclass) > 0"#;
        let found = Mentioned::of(text);
        let operator = Mentioned::of("CHECK ((b OPERATOR(shop.===) 'x'::text))");
        assert!(operator.names(&Name::new("shop", "===")));
        for name in ["T", "f", "s"] {
            assert!(found.names(&Name::new("shop", name)), "{name}");
        }
        assert!(found.column(&Name::new("shop", "T"), "Odd \"a\""));
        assert!(!found.column(&Name::new("shop", "T"), "other"));
        assert!(!found.names(&Name::new("shop", "t")));
    }

    #[test]
    fn names_in_strings_may_hold_quotes() {
        let found = Mentioned::of(r#"nextval('public."o''clock"'::regclass)"#);
        assert!(found.names(&Name::new("public", "o'clock")));
        let found = Mentioned::of(r#"nextval(E'public."a\\b''c"'::regclass)"#);
        assert!(found.names(&Name::new("public", r"a\b'c")));
    }

    #[test]
    fn columns_may_hide_behind_other_names() {
        let found = Mentioned::of("SELECT x.p FROM shop.t x(p, q) WHERE (x.p > 0)");
        assert!(found.column(&Name::new("shop", "t"), "a"));
        let found = Mentioned::of("SELECT t.p FROM shop.t WHERE (t.p > 0)");
        assert!(!found.column(&Name::new("shop", "t"), "a"));
    }
}
