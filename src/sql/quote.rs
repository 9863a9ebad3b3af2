//! Writing names and strings into SQL.

use super::dialect::{Dialect, Sigil};

/// A string with a NUL character cannot be written as a literal of this dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NulByte;

impl std::fmt::Display for NulByte {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string with a NUL character cannot be written in SQL")
    }
}

impl std::error::Error for NulByte {}

/// The name in quotes. (No server takes a NUL in a name; it is left for the server to refuse.)
pub fn quote_ident(dialect: &Dialect, name: &str) -> String {
    let quote = dialect.ident_quote;
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push(quote);
    push_doubled(&mut quoted, name, quote);
    quoted.push(quote);
    quoted
}

/// The name, in quotes only if it would mean something else without. For eyes: SQL that is to
/// be run quotes always, as another version may reserve another word.
pub fn quote_ident_if_needed(dialect: &Dialect, name: &str) -> String {
    if needs_quotes(dialect, name) { quote_ident(dialect, name) } else { name.to_owned() }
}

fn needs_quotes(dialect: &Dialect, name: &str) -> bool {
    let plain = |b: u8| match b {
        b'a'..=b'z' | b'0'..=b'9' | b'_' => true,
        b'A'..=b'Z' => !dialect.folds_to_lower,
        b'$' => dialect.dollar == Sigil::Ident,
        _ => false,
    };
    !name.bytes().all(plain)
        || name.bytes().next().is_none_or(|b| b.is_ascii_digit() || b == b'$')
        || dialect.keywords.is_reserved(name)
}

/// The parts, each in quotes, with points between them.
pub fn quote_qualified(dialect: &Dialect, parts: &[&str]) -> String {
    let quoted: Vec<String> = parts.iter().map(|part| quote_ident(dialect, part)).collect();
    quoted.join(".")
}

/// The text as a string literal, for DDL and for display; values are bound, not quoted.
///
/// It reads the same under either setting of `standard_conforming_strings`, but for MySQL the
/// dialect must say whether `NO_BACKSLASH_ESCAPES` is on.
pub fn quote_literal(dialect: &Dialect, text: &str) -> Result<String, NulByte> {
    let backslash = text.contains('\\');
    let escapes = dialect.backslash_escapes || (dialect.escape_strings && backslash);
    let mut quoted = String::with_capacity(text.len() + 3);
    if escapes && dialect.escape_strings {
        quoted.push('E');
    }
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("''"),
            '\\' if escapes => quoted.push_str("\\\\"),
            '\0' if dialect.backslash_escapes && !dialect.escape_strings => quoted.push_str("\\0"),
            '\0' => return Err(NulByte),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    Ok(quoted)
}

fn push_doubled(out: &mut String, text: &str, quote: char) {
    for c in text.chars() {
        if c == quote {
            out.push(c);
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Lexer, MARIADB, MYSQL, POSTGRES, SQLITE, TokenKind};
    use proptest::prelude::*;

    #[test]
    fn names() {
        assert_eq!(quote_ident(&POSTGRES, "a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_ident(&MYSQL, "a`b"), "`a``b`");
        assert_eq!(quote_ident(&SQLITE, ""), "\"\"");
        assert_eq!(quote_qualified(&MARIADB, &["d", "t.x"]), "`d`.`t.x`");
    }

    #[test]
    fn only_if_needed() {
        let cases = [
            (&POSTGRES, "users", "users"),
            (&POSTGRES, "Users", "\"Users\""),
            (&POSTGRES, "user", "\"user\""),
            (&POSTGRES, "a$b", "\"a$b\""),
            (&POSTGRES, "größe", "\"größe\""),
            (&SQLITE, "Users", "Users"),
            (&SQLITE, "order", "\"order\""),
            (&SQLITE, "", "\"\""),
            (&MYSQL, "Users", "Users"),
            (&MYSQL, "a$b", "a$b"),
            (&MYSQL, "1a", "`1a`"),
            (&MYSQL, "RANK", "`RANK`"),
            (&MARIADB, "a b", "`a b`"),
        ];
        for (dialect, name, expected) in cases {
            assert_eq!(quote_ident_if_needed(dialect, name), expected);
        }
    }

    #[test]
    fn literals() {
        let quote = |dialect, text| quote_literal(dialect, text);
        assert_eq!(quote(&POSTGRES, "it's"), Ok("'it''s'".into()));
        assert_eq!(quote(&POSTGRES, "a\\'b"), Ok("E'a\\\\''b'".into()));
        assert_eq!(quote(&MYSQL, "a\\'\0"), Ok("'a\\\\''\\0'".into()));
        assert_eq!(quote(&SQLITE, "a\\"), Ok("'a\\'".into()));
        assert_eq!(quote(&SQLITE, "\0"), Err(NulByte));
        assert_eq!(quote(&POSTGRES, "\0\\"), Err(NulByte));
        let strict = Dialect { backslash_escapes: false, ..MYSQL };
        assert_eq!(quote(&strict, "a\\"), Ok("'a\\'".into()));
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_one_token(text in r#"[\x00'"`\\$\]\[a-z\n;é-]{0,12}"#) {
            for dialect in [&SQLITE, &POSTGRES, &MYSQL, &MARIADB] {
                let name = quote_ident(dialect, &text);
                let tokens: Vec<_> = Lexer::new(&name, dialect).collect();
                prop_assert_eq!(tokens.len(), 1);
                prop_assert!(tokens[0].terminated && tokens[0].kind == TokenKind::QuotedIdent);
                if let Ok(literal) = quote_literal(dialect, &text) {
                    let tokens: Vec<_> = Lexer::new(&literal, dialect).collect();
                    prop_assert_eq!(tokens.len(), 1);
                    prop_assert!(tokens[0].terminated && tokens[0].kind == TokenKind::String);
                }
            }
        }
    }
}
