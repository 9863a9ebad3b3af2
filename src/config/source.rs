//! A file's text and the places in it.

use crate::error::At;
use crate::model::place::place;

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
        place(&self.name, &self.text, offset)
    }

    /// The place of a line (1-based) as a whole.
    pub fn at_line(&self, line: usize) -> At {
        let offset = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        At { column: 0, caret: None, ..self.at(offset) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_number() {
        let at = Source::new("f", "one\ntwo\nthree").at_line(2);
        assert_eq!((at.line, at.column, at.excerpt.as_str(), at.caret), (2, 0, "two", None));
    }
}
