//! The few colours dbwright uses.

/// A way to paint text, where painting is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

/// Ends every style.
pub(crate) const RESET: &str = "\x1b[0m";

impl Style {
    /// The sequence that begins the style.
    pub(crate) fn start(self) -> &'static str {
        match self {
            Style::Bold => "\x1b[1m",
            Style::Dim => "\x1b[2m",
            Style::Red => "\x1b[1;31m",
            Style::Yellow => "\x1b[1;33m",
            Style::Green => "\x1b[1;32m",
            Style::Cyan => "\x1b[1;36m",
        }
    }

    /// `text` in this style, or as it is when `color` is off.
    pub fn paint(self, text: &str, color: bool) -> String {
        match color {
            true => format!("{}{text}{RESET}", self.start()),
            false => text.to_owned(),
        }
    }
}
