//! Colours for SQL while it is typed.

use crate::sql::{Dialect, Lexer, TokenKind};

const RESET: &str = "\x1b[0m";

/// The text with a colour for each kind of token.
pub fn highlight(text: &str, dialect: &Dialect) -> String {
    let mut colored = String::with_capacity(text.len() * 2);
    for token in Lexer::new(text, dialect) {
        let piece = &text[token.range()];
        match color(token.kind) {
            Some(color) => {
                colored.push_str(color);
                colored.push_str(piece);
                colored.push_str(RESET);
            }
            None => colored.push_str(piece),
        }
    }
    colored
}

fn color(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Keyword => Some("\x1b[1;34m"),
        TokenKind::String | TokenKind::DollarString => Some("\x1b[32m"),
        TokenKind::Number => Some("\x1b[36m"),
        TokenKind::Comment => Some("\x1b[2m"),
        TokenKind::Param => Some("\x1b[35m"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::POSTGRES;

    #[test]
    fn nothing_is_lost_and_keywords_stand_out() {
        let text = "select 'a', 1 -- why\nfrom t";
        let colored = highlight(text, &POSTGRES);
        assert!(colored.starts_with("\x1b[1;34mselect\x1b[0m "), "{colored:?}");
        let mut plain = colored.replace(RESET, "");
        for code in ["1;34", "32", "36", "2", "35"] {
            plain = plain.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(plain, text);
    }
}
