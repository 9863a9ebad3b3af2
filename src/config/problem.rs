//! What is wrong with a value, before it is known where the value stands.

use crate::error::{Error, Kind, nearest};

/// A complaint about a value; the caller adds the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    pub hints: Vec<String>,
    /// The part of a longer value (a URL) that is wrong, to put the caret there.
    pub token: Option<String>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Problem { message: message.into(), hints: Vec::new(), token: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Suggests the name nearest to `name`, or else lists them all.
    pub fn suggest<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(name, known.iter().copied()) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self.hint(format!("known: {}", known.join(", "))),
        }
    }

    pub fn into_error(self, kind: Kind) -> Error {
        self.hints.into_iter().fold(Error::new(kind, self.message), Error::hint)
    }
}
