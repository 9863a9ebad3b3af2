//! libpq's connection strings: `host=localhost dbname='my db'`.

use super::parameter;
use super::problem::Problem;
use super::settings::{Origin, Settings};
use crate::model::target::EngineKind;

/// Whether the text begins with a word of libpq and an equals sign.
pub fn looks_like(text: &str) -> bool {
    text.split_once('=').is_some_and(|(word, _)| parameter::find(EngineKind::Postgres, word.trim()).is_some())
}

/// Reads a connection string.
pub fn parse(text: &str, origin: &Origin) -> Result<Settings, Problem> {
    let mut settings = Settings::new(EngineKind::Postgres);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let word = &rest[..rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len())];
        let after = rest[word.len()..].trim_start();
        let Some(after) = after.strip_prefix('=') else {
            return Err(Problem::new("a word in the connection string has no `=` behind it")
                .hint("write `name=value`; a value with spaces in single quotes"));
        };
        let (value, after) = value(after.trim_start())?;
        parameter::apply(&mut settings, word, &value, origin)?;
        rest = after.trim_start();
    }
    Ok(settings)
}

/// The value at the start of the text, and what follows it.
fn value(text: &str) -> Result<(String, &str), Problem> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if c.is_whitespace() && !quoted => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    match quoted {
        true => Err(Problem::new("a quoted value without its end in the connection string")),
        false => Ok((value, "")),
    }
}
