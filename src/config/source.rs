//! A file's text and the places in it.

use unicode_width::UnicodeWidthStr;

use crate::error::At;
use crate::model::mask::mask;

/// Characters of a line that an excerpt shows at most.
const EXCERPT: usize = 100;

/// A text file and the name it is called by in messages.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source { name: name.into(), text: text.into() }
    }

    /// The place of a byte offset, with the line as excerpt; passwords in it are masked.
    pub fn at(&self, offset: usize) -> At {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let start = self.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |newline| offset + newline);
        let before = &self.text[start..offset];
        let (excerpt, caret) = excerpt(&self.text[start..end], before);
        At {
            source: self.name.clone(),
            line: self.text[..start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            excerpt,
            caret: Some(caret),
        }
    }

    /// The place of a line (1-based) as a whole.
    pub fn at_line(&self, line: usize) -> At {
        let offset = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        At { column: 0, caret: None, ..self.at(offset) }
    }
}

/// The masked line cut to fit, and the display column of what follows `before`.
fn excerpt(line: &str, before: &str) -> (String, usize) {
    let line = mask(line.trim_end_matches('\r')).replace('\t', " ");
    let before = mask(before).replace('\t', " ");
    let skip = match before.chars().count() {
        column if column > EXCERPT * 3 / 4 => column - EXCERPT / 2,
        _ => 0,
    };
    let shown: String = line.chars().skip(skip).take(EXCERPT).collect();
    let kept: String = before.chars().skip(skip).collect();
    let more = if line.chars().count() > skip + EXCERPT { "…" } else { "" };
    match skip {
        0 => (format!("{shown}{more}"), kept.width()),
        _ => (format!("…{shown}{more}"), kept.width() + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_line_column_and_caret() {
        let source = Source::new("f.toml", "a = 1\n\tüb = 2\r\nc = 3");
        let at = source.at(source.text.find("= 2").unwrap());
        assert_eq!((at.line, at.column, at.caret), (2, 5, Some(4)));
        assert_eq!(at.excerpt, " üb = 2");
        assert_eq!(source.at(9999).line, 3);
        assert_eq!(Source::new("f", "").at(0).line, 1);
    }

    #[test]
    fn a_caret_behind_a_password_stands_right_in_the_masked_line() {
        let text = "url = \"postgres://u:secret@h/db?sslmod=x\"";
        let at = Source::new("f", text).at(text.find("sslmod").unwrap());
        assert!(!at.excerpt.contains("secret"));
        let caret = at.caret.unwrap();
        assert_eq!(&at.excerpt[caret..caret + 6], "sslmod");
        assert_eq!(at.column, 33);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("k = \"{}\" # here {}", "x".repeat(500), "y".repeat(300));
        let offset = text.find("here").unwrap();
        let at = Source::new("f", text).at(offset);
        let shown: Vec<char> = at.excerpt.chars().collect();
        assert!(shown.len() <= EXCERPT + 2);
        let caret = at.caret.unwrap();
        assert_eq!(shown[caret..caret + 4].iter().collect::<String>(), "here");
    }

    #[test]
    fn a_line_is_found_by_number() {
        let at = Source::new("f", "one\ntwo\nthree").at_line(2);
        assert_eq!((at.line, at.column, at.excerpt.as_str(), at.caret), (2, 0, "two", None));
    }
}
