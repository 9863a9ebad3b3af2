//! Messages on standard error: lines for people, or one JSON object a line. They are masked,
//! cleaned, and do not tear progress bars.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use indicatif::MultiProgress;
use serde::Serialize;

use super::clean::{Layout, clean};
use super::{LogFormat, Style, errors, human};
use crate::error::{Error, Kind};
use crate::model::mask::mask;
use crate::model::rows::Notice;

/// The bars on the screen, made when the first one is shown.
pub(super) type SharedBars = Arc<OnceLock<MultiProgress>>;

/// Standard error.
#[derive(Clone)]
pub(super) struct Messages {
    format: LogFormat,
    color: bool,
    bars: SharedBars,
}

/// A message as JSON.
#[derive(Serialize, Default)]
struct Json<'a> {
    level: &'a str,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Messages {
    pub(super) fn new(format: LogFormat, color: bool) -> Self {
        Messages { format, color, bars: SharedBars::default() }
    }

    pub(super) fn bars(&self) -> SharedBars {
        self.bars.clone()
    }

    /// Writes whole lines; when standard error is gone there is nobody left to tell.
    fn write(&self, text: &str) {
        let write = || {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        };
        match self.bars.get() {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn write_json(&self, json: &impl Serialize) {
        // Structs of strings and numbers always serialize.
        let mut text = serde_json::to_string(json).unwrap_or_default();
        text.push('\n');
        self.write(&text);
    }

    pub(super) fn error(&self, error: &Error) {
        if matches!(error.kind(), Kind::Found | Kind::Critical | Kind::Unknown | Kind::BrokenPipe) {
            return;
        }
        match self.format {
            LogFormat::Text => self.write(&errors::render(error, self.color)),
            LogFormat::Json => self.write_json(&errors::Json::new(error)),
        }
    }

    pub(super) fn warn(&self, message: &str) {
        self.message("warn", None, message);
    }

    pub(super) fn status(&self, message: &str) {
        match self.format {
            LogFormat::Text => {
                let message = mask(message);
                self.write(&format!("{}\n", clean(&message, Layout::Keep)));
            }
            LogFormat::Json => self.message("info", None, message),
        }
    }

    /// A message of a level, from a part of the program.
    pub(super) fn message(&self, level: &str, target: Option<&str>, message: &str) {
        let message = mask(message);
        match self.format {
            LogFormat::Text => self.write(&self.line(level, target, &message)),
            LogFormat::Json => self.write_json(&Json {
                level,
                time: human::timestamp(SystemTime::now()),
                target,
                message: message.into_owned(),
                ..Json::default()
            }),
        }
    }

    fn line(&self, level: &str, target: Option<&str>, message: &str) -> String {
        let (word, style) = match (target, level) {
            (Some("sql"), "debug") => ("sql", Style::Dim),
            (_, "warn") => ("warning", Style::Yellow),
            (_, "error") => ("error", Style::Red),
            (_, other) => (other, Style::Dim),
        };
        let word = style.paint(&format!("{word}:"), self.color);
        format!("{word} {}\n", clean(message, Layout::Keep))
    }

    pub(super) fn notice(&self, notice: &Notice) {
        match self.format {
            LogFormat::Text => self.write(&notice_text(notice)),
            LogFormat::Json => self.write_json(&Json {
                level: match notice.severity.eq_ignore_ascii_case("warning") {
                    true => "warn",
                    false => "info",
                },
                time: human::timestamp(SystemTime::now()),
                target: Some("server"),
                severity: Some(&notice.severity),
                code: Some(&notice.code),
                message: mask(&notice.message).into_owned(),
                detail: notice.detail.as_deref().map(masked),
                hint: notice.hint.as_deref().map(masked),
            }),
        }
    }
}

fn masked(text: &str) -> String {
    mask(text).into_owned()
}

/// As psql prints it: `NOTICE:  text`, then `DETAIL:  ` and `HINT:  `.
fn notice_text(notice: &Notice) -> String {
    let parts = [
        (notice.severity.as_str(), Some(notice.message.as_str())),
        ("DETAIL", notice.detail.as_deref()),
        ("HINT", notice.hint.as_deref()),
    ];
    let mut out = String::new();
    for (label, text) in parts {
        if let Some(text) = text {
            let text = mask(text);
            let label = clean(label, Layout::OneLine);
            out.push_str(&format!("{label}:  {}\n", clean(&text, Layout::Keep)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_looks_as_in_psql() {
        let notice = Notice {
            severity: "NOTICE".to_owned(),
            code: "00000".to_owned(),
            message: "about \x1b[31mpassword='x'".to_owned(),
            detail: None,
            hint: Some("do\nthis".to_owned()),
        };
        assert_eq!(notice_text(&notice), "NOTICE:  about \\x1B[31mpassword='***'\nHINT:  do\nthis\n");
    }

    #[test]
    fn lines_name_their_level() {
        let messages = Messages::new(LogFormat::Text, false);
        for (level, target, line) in [
            ("warn", None, "warning: x\n"),
            ("debug", Some("sql"), "sql: x\n"),
            ("info", Some("dbwright::engine"), "info: x\n"),
        ] {
            assert_eq!(messages.line(level, target, "x"), line);
        }
        let colored = Messages::new(LogFormat::Text, true);
        assert_eq!(colored.line("warn", None, "x"), "\x1b[1;33mwarning:\x1b[0m x\n");
    }
}
