//! Places in a text, with the line they are in, for messages.

use unicode_width::UnicodeWidthChar;

use super::mask::mask;
use crate::error::At;

/// Terminal columns of a line that are shown at most.
const WIDEST: usize = 120;
const TAB: usize = 4;

/// The place of a byte of `text`, which messages call `source`; of the end for a byte beyond it.
/// Secrets in the line are masked, and a long line is cut around the place.
pub fn place(source: &str, text: &str, offset: usize) -> At {
    let offset = text.floor_char_boundary(offset);
    let (line, column) = locate(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    // Masked before it is cut, while the words that tell what is secret are still there.
    let shown = mask(text[start..end].trim_end());
    let (excerpt, caret) = cut(&shown, mask(&text[start..offset]).len());
    At { source: source.to_owned(), line, column, excerpt, caret: Some(caret) }
}

/// The line and character, from 1, of a byte; of the end for a byte beyond it.
pub fn locate(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// The line cut to fit, without tabs and control characters, and the terminal column of `at`.
fn cut(line: &str, at: usize) -> (String, usize) {
    let (before, after) = line.split_at(line.floor_char_boundary(at));
    // Both halves are cut before they are copied: a line may be a megabyte.
    let mut left = Piece::default();
    let cut_left = !before.chars().rev().all(|ch| left.push(ch, WIDEST * 2 / 3));
    let mut right = Piece::default();
    let cut_right = !after.chars().all(|ch| right.push(ch, WIDEST - left.width.min(WIDEST)));
    let mut text = String::new();
    text.extend(cut_left.then_some('…'));
    text.extend(left.shown.iter().rev());
    text.extend(&right.shown);
    text.extend(cut_right.then_some('…'));
    (text, left.width + usize::from(cut_left))
}

/// A part of a line as it is shown.
#[derive(Default)]
struct Piece {
    shown: Vec<char>,
    width: usize,
}

impl Piece {
    /// Adds a character unless `limit` columns are taken already.
    fn push(&mut self, ch: char, limit: usize) -> bool {
        if self.width >= limit {
            return false;
        }
        match ch.width() {
            _ if ch == '\t' => {
                self.shown.extend([' '; TAB]);
                self.width += TAB;
            }
            // Zero for marks that combine with the character before them.
            Some(columns) => {
                self.shown.push(ch);
                self.width += columns;
            }
            None => {
                self.shown.push(' ');
                self.width += 1;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, offset: usize) -> (String, usize) {
        let at = place("f", text, offset);
        (at.excerpt, at.caret.unwrap())
    }

    #[test]
    fn bytes_have_a_line_and_a_character() {
        let sql = "select é,\n\tü from t";
        let at = |text| sql.find(text).unwrap();
        assert_eq!(locate(sql, 0), (1, 1));
        assert_eq!(locate(sql, at(",")), (1, 9));
        assert_eq!(locate(sql, at("ü")), (2, 2));
        assert_eq!(locate(sql, at("ü") + 1), (2, 2));
        assert_eq!(locate(sql, 1000), (2, 10));
    }

    #[test]
    fn a_place_has_line_column_and_caret() {
        let sql = "select 1,\n\t漢字, wrong\r\nfrom t";
        let at = place("f.sql", sql, sql.find("wrong").unwrap());
        assert_eq!((at.source.as_str(), at.line, at.column), ("f.sql", 2, 6));
        assert_eq!((at.excerpt.as_str(), at.caret), ("    漢字, wrong", Some(10)));
        assert_eq!(shown("select", 6), ("select".to_owned(), 6));
        assert_eq!(shown("", 5), (String::new(), 0));
        assert_eq!(place("f", sql, 9999).line, 3);
    }

    #[test]
    fn a_caret_behind_a_password_stands_right_in_the_masked_line() {
        let text = "url = \"postgres://u:secret@h/db?sslmod=x\"";
        let at = place("f", text, text.find("sslmod").unwrap());
        assert!(!at.excerpt.contains("secret"));
        let caret = at.caret.unwrap();
        assert_eq!(&at.excerpt[caret..caret + 6], "sslmod");
        assert_eq!(at.column, 33);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}X{}", "a".repeat(1000), "b".repeat(1000));
        let (excerpt, caret) = shown(&text, 1000);
        assert_eq!(excerpt.chars().nth(caret), Some('X'));
        assert!(excerpt.starts_with("…a") && excerpt.ends_with("b…"));
        assert_eq!(excerpt.chars().count(), 122);
        assert!(shown(&text, 0).0.starts_with('a'));
    }

    #[test]
    fn a_secret_stays_masked_where_its_word_is_cut_off() {
        let text = format!("alter role a password '{}' oops", "s3cret".repeat(40));
        for offset in [text.find("oops").unwrap(), text.find("t' oops").unwrap()] {
            assert!(!shown(&text, offset).0.contains("s3cret"));
        }
    }
}
