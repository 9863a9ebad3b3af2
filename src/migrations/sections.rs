//! The sections of a migration's file, by the comments that begin them.

use std::ops::Range;

use super::{Script, Style};

/// A comment that begins a section or says how it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Up,
    Down,
    /// Everything in the file runs outside of a transaction.
    NoTransaction,
}

/// A line with a marker.
struct Line<'a> {
    marker: Marker,
    /// What stands after the marker.
    options: &'a str,
    /// Where the line begins, and where the next does.
    at: Range<usize>,
}

/// What is wrong with a file, and the byte where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub message: &'static str,
    pub at: usize,
}

/// What a file does and what takes it back.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sections {
    pub up: Vec<Script>,
    pub down: Vec<Script>,
}

/// The style whose markers a text has first, if it has any.
pub fn style(text: &str) -> Option<Style> {
    lines(text).find_map(|(line, _)| {
        let comment = comment(line)?;
        MARKERS.iter().find(|(_, begin, ..)| comment.starts_with(begin)).map(|(style, ..)| *style)
    })
}

/// How each tool's markers begin, and the words for up and down.
const MARKERS: [(Style, &str, &str, &str); 3] = [
    (Style::Dbmate, "migrate:", "up", "down"),
    (Style::Goose, "+goose", "Up", "Down"),
    (Style::SqlMigrate, "+migrate", "Up", "Down"),
];

/// Cuts a file of a style with markers; a file of any other is one section.
pub fn sections(file: usize, text: &str, style: Style) -> Result<Sections, Wrong> {
    let Some(&(_, begin, up, down)) = MARKERS.iter().find(|each| each.0 == style) else {
        let script = Script { file, range: 0..text.len(), transaction: !says_no_transaction(text) };
        return Ok(Sections { up: vec![script], down: Vec::new() });
    };
    let marker = |line: &str| -> Option<(Marker, usize)> {
        let after = comment(line)?.strip_prefix(begin)?.trim_start();
        for (word, marker) in [(up, Marker::Up), (down, Marker::Down)] {
            if let Some(options) = after.strip_prefix(word)
                && (options.is_empty() || options.starts_with(char::is_whitespace))
            {
                return Some((marker, line.trim_end().len() - options.trim_end().len()));
            }
        }
        after.trim_end().eq_ignore_ascii_case("no transaction").then_some((Marker::NoTransaction, line.len()))
    };
    let marked = lines(text).filter_map(|(line, at)| {
        let (marker, options) = marker(line)?;
        Some(Line { marker, options: &line[options..], at })
    });
    let found: Vec<Line<'_>> = marked.collect();
    let outside = found.iter().any(|line| line.marker == Marker::NoTransaction);
    let borders: Vec<&Line<'_>> = found.iter().filter(|line| line.marker != Marker::NoTransaction).collect();
    let Some(first) = borders.first() else {
        return Err(Wrong { message: "the file has no section that says what is done", at: 0 });
    };
    if let Some(at) = first_statement(&text[..first.at.start]) {
        return Err(Wrong { message: "a statement stands before the first section", at });
    }
    let mut sections = Sections::default();
    for (index, line) in borders.iter().enumerate() {
        let end = borders.get(index + 1).map_or(text.len(), |next| next.at.start);
        let transaction = !outside && !forbids_transaction(line.options);
        let script = Script { file, range: line.at.end..end, transaction };
        match line.marker {
            Marker::Down => sections.down.push(script),
            _ => sections.up.push(script),
        }
    }
    Ok(sections)
}

/// dbmate's `transaction:false`, sql-migrate's `notransaction`.
fn forbids_transaction(options: &str) -> bool {
    options.split_whitespace().any(|option| matches!(option, "transaction:false" | "notransaction"))
}

/// sqlx's and Atlas's ways to say it in a file without sections.
fn says_no_transaction(text: &str) -> bool {
    let comments = lines(text).map_while(|(line, _)| comment(line)).map(str::trim);
    comments.into_iter().any(|comment| matches!(comment, "no-transaction" | "atlas:txmode none"))
}

/// The lines and where each begins and the next one does.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let begin = at;
        at += line.len();
        (line.trim_end_matches(['\n', '\r']), begin..at)
    })
}

/// What a line says that is a comment from its beginning.
pub(super) fn comment(line: &str) -> Option<&str> {
    line.trim_start_matches('\u{feff}').strip_prefix("--").map(str::trim_start)
}

/// The byte of the first line that is neither empty nor a comment.
fn first_statement(text: &str) -> Option<usize> {
    let blank = |line: &str| line.trim_matches(['\u{feff}', ' ', '\t', '\r']).is_empty();
    lines(text).find(|(line, _)| !blank(line) && comment(line.trim_start()).is_none()).map(|(_, at)| at.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<(&'static str, String, bool)>, Wrong> {
        let style = style(text).unwrap_or(Style::Plain);
        let found = sections(0, text, style)?;
        let one = |word: &'static str| {
            move |script: &Script| (word, text[script.range.clone()].trim().to_owned(), script.transaction)
        };
        Ok(found.up.iter().map(one("up")).chain(found.down.iter().map(one("down"))).collect())
    }

    #[test]
    fn every_tool_marks_its_sections() {
        let both = |transaction| {
            vec![("up", "create".to_owned(), transaction), ("down", "drop".to_owned(), transaction)]
        };
        assert_eq!(told("-- migrate:up\ncreate\n-- migrate:down\ndrop\n").unwrap(), both(true));
        assert_eq!(
            told("\u{feff}--migrate:up transaction:false\r\ncreate\r\n-- migrate:down transaction:false\r\ndrop")
                .unwrap(),
            both(false)
        );
        assert_eq!(
            told("-- +goose NO TRANSACTION\n-- +goose Up\ncreate\n-- +goose Down\ndrop").unwrap(),
            both(false)
        );
        assert_eq!(told("-- why\n\n-- +migrate Up\ncreate\n-- +migrate Down\ndrop").unwrap(), both(true));
        assert_eq!(
            told("-- +goose Up\n-- +goose StatementBegin\nx;\n-- +goose StatementEnd\n").unwrap(),
            [("up", "-- +goose StatementBegin\nx;\n-- +goose StatementEnd".to_owned(), true)]
        );
        assert!(told("create;\n-- no-transaction").unwrap()[0].2);
        assert!(!told("-- no-transaction\ncreate;").unwrap()[0].2);
    }

    #[test]
    fn a_word_that_only_begins_like_a_marker_is_none() {
        assert_eq!(
            told("-- migrate:upwards\nx").unwrap_err().message,
            "the file has no section that says what is done"
        );
        assert_eq!(style("select '-- migrate:up'"), None);
    }

    #[test]
    fn several_pairs_keep_their_order() {
        let text = "-- migrate:up\na\n-- migrate:down\nb\n-- migrate:up\nc\n-- migrate:down\nd";
        let words: Vec<(&str, String)> =
            told(text).unwrap().into_iter().map(|each| (each.0, each.1)).collect();
        let expected = [("up", "a"), ("up", "c"), ("down", "b"), ("down", "d")];
        assert_eq!(words, expected.map(|(word, text)| (word, text.to_owned())));
    }

    #[test]
    fn nothing_stands_before_the_first_section() {
        let wrong = told("-- a\ncreate table t;\n-- migrate:up\n").unwrap_err();
        assert_eq!((wrong.message, wrong.at), ("a statement stands before the first section", 5));
    }
}
