//! Errors in three parts: what happened, why, and what to do next.

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::clean::{Layout, clean, clean_in_place};
use super::human;
use super::style::Style;
use crate::error::{At, Error, ServerError};
use crate::model::mask::mask;

/// The error as lines for a person.
pub(super) fn render(error: &Error, color: bool) -> String {
    let mut text = Text { out: String::new(), color };
    text.label(Style::Red, "error:");
    text.lines(error.message(), "  ");
    if let Some(server) = error.server_error() {
        text.server(server);
    }
    if let Some(at) = error.place() {
        text.place(at);
    }
    for cause in error.causes() {
        text.out.push_str("  ");
        text.label(Style::Dim, "caused by:");
        text.lines(&cause, "    ");
    }
    for hint in error.hints() {
        text.label(Style::Green, "help:");
        text.lines(hint, "      ");
    }
    text.out
}

struct Text {
    out: String,
    color: bool,
}

impl Text {
    fn label(&mut self, style: Style, label: &str) {
        self.out.push_str(&style.paint(label, self.color));
        self.out.push(' ');
    }

    /// Masked and cleaned text; its further lines are indented.
    fn lines(&mut self, text: &str, indent: &str) {
        let text = mask(text.trim_end());
        for (index, line) in clean(&text, Layout::Keep).lines().enumerate() {
            if index > 0 {
                self.out.push('\n');
                self.out.push_str(indent);
            }
            self.out.push_str(line);
        }
        self.out.push('\n');
    }

    fn server(&mut self, server: &ServerError) {
        self.out.push_str("  ");
        self.label(Style::Dim, "server:");
        match server.code.is_empty() {
            true => self.lines(&server.message, "    "),
            false => self.lines(&format!("{} ({})", server.message, server.code), "    "),
        }
        for (label, part) in
            [("detail:", &server.detail), ("hint:", &server.hint), ("context:", &server.context)]
        {
            if let Some(part) = part {
                self.out.push_str("  ");
                self.label(Style::Dim, label);
                self.lines(part, "    ");
            }
        }
    }

    /// `at script.sql:3:15`, then the line and a caret below it.
    fn place(&mut self, at: &At) {
        self.out.push_str("  ");
        self.label(Style::Dim, "at:");
        self.lines(&place_text(at), "    ");
        if at.excerpt.is_empty() {
            return;
        }
        let masked = mask(&at.excerpt);
        let excerpt = clean_in_place(&masked);
        let margin = " ".repeat(at.line.to_string().len());
        let bar = Style::Dim.paint("|", self.color);
        self.out.push_str(&format!("  {} {bar} {excerpt}\n", at.line));
        // A masked line has other columns: a caret below it would point to the wrong place.
        let fits = |caret: &usize| masked == at.excerpt && *caret <= excerpt.width();
        if let Some(caret) = at.caret.filter(fits) {
            let caret = format!("{}{}", " ".repeat(caret), Style::Red.paint("^", self.color));
            self.out.push_str(&format!("  {margin} {bar} {caret}\n"));
        }
    }
}

fn place_text(at: &At) -> String {
    match at.column {
        0 => format!("{}:{}", at.source, at.line),
        column => format!("{}:{}:{column}", at.source, at.line),
    }
}

/// The error as one object of a document.
pub fn error_json(error: &Error) -> serde_json::Value {
    // Structs of strings and numbers always serialize.
    serde_json::to_value(Body::new(error)).unwrap_or_default()
}

/// The error as a message.
#[derive(Serialize)]
pub(super) struct Json {
    level: &'static str,
    time: String,
    #[serde(flatten)]
    body: Body,
}

impl Json {
    pub(super) fn new(error: &Error) -> Self {
        let time = human::timestamp(std::time::SystemTime::now());
        Json { level: "error", time, body: Body::new(error) }
    }
}

#[derive(Serialize)]
struct Body {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<JsonServer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<JsonAt>,
    causes: Vec<String>,
    help: Vec<String>,
}

#[derive(Serialize)]
struct JsonServer {
    code: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    context: Option<String>,
}

#[derive(Serialize)]
struct JsonAt {
    source: String,
    line: usize,
    /// Null when only the line is known.
    column: Option<usize>,
    excerpt: String,
}

impl Body {
    fn new(error: &Error) -> Self {
        let masked = |text: &String| mask(text).into_owned();
        Body {
            kind: error.kind().word(),
            message: mask(error.message()).into_owned(),
            server: error.server_error().map(|server| JsonServer {
                code: server.code.clone(),
                message: masked(&server.message),
                detail: server.detail.as_ref().map(masked),
                hint: server.hint.as_ref().map(masked),
                context: server.context.as_ref().map(masked),
            }),
            at: error.place().map(|at| JsonAt {
                source: masked(&at.source),
                line: at.line,
                column: (at.column > 0).then_some(at.column),
                excerpt: masked(&at.excerpt),
            }),
            causes: error.causes().iter().map(masked).collect(),
            help: error.hints().iter().map(masked).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn full() -> Error {
        Error::new(Kind::Syntax, "the statement failed")
            .server(ServerError {
                code: "42P01".to_owned(),
                message: "relation \"nope\" does not exist".to_owned(),
                detail: Some("two\nlines".to_owned()),
                hint: Some("look at \x1b[2Jit".to_owned()),
                context: None,
                position: Some(14),
            })
            .at(At {
                source: "script.sql".to_owned(),
                line: 12,
                column: 15,
                excerpt: "select * from\tnope".to_owned(),
                caret: Some(14),
            })
            .because(anyhow::anyhow!("cannot reach postgres://ann:s3cret@db/app"))
            .hint("dbwright connect prod -c '\\dt'")
    }

    #[test]
    fn an_error_has_three_parts() {
        insta::assert_snapshot!(render(&full(), false), @r#"
        error: the statement failed
          server: relation "nope" does not exist (42P01)
          detail: two
            lines
          hint: look at \x1B[2Jit
          at: script.sql:12:15
          12 | select * from nope
             |               ^
          caused by: cannot reach postgres://ann:***@db/app
        help: dbwright connect prod -c '\dt'
        "#);
    }

    #[test]
    fn a_short_error_is_one_line() {
        let error = Error::usage("no such profile \"prdo\"");
        assert_eq!(render(&error, false), "error: no such profile \"prdo\"\n");
        assert_eq!(render(&error, true), "\x1b[1;31merror:\x1b[0m no such profile \"prdo\"\n");
    }

    #[test]
    fn a_masked_line_has_no_caret() {
        let error = Error::new(Kind::Sql, "failed").at(At {
            source: "-c".to_owned(),
            line: 1,
            column: 0,
            excerpt: "alter role a password 'abc' nope".to_owned(),
            caret: Some(28),
        });
        insta::assert_snapshot!(render(&error, false), @"
        error: failed
          at: -c:1
          1 | alter role a password '***' nope
        ");
    }

    #[test]
    fn the_same_as_one_object() {
        let mut json = Json::new(&full());
        json.time = "2026-01-01T00:00:00.000Z".to_owned();
        insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
        {
          "level": "error",
          "time": "2026-01-01T00:00:00.000Z",
          "kind": "syntax",
          "message": "the statement failed",
          "server": {
            "code": "42P01",
            "message": "relation \"nope\" does not exist",
            "detail": "two\nlines",
            "hint": "look at \u001b[2Jit",
            "context": null
          },
          "at": {
            "source": "script.sql",
            "line": 12,
            "column": 15,
            "excerpt": "select * from\tnope"
          },
          "causes": [
            "cannot reach postgres://ann:***@db/app"
          ],
          "help": [
            "dbwright connect prod -c '\\dt'"
          ]
        }
        "#);
    }
}
