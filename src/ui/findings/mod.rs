//! What checks found, for people and for the tools that gather such reports.

mod github;
mod json;
mod junit;
mod sarif;
mod table;

#[cfg(test)]
mod sample;

use super::{Format, Ui};
use crate::error::Result;
use crate::model::finding::{FilePlace, Report, Rule, Severity};

/// A report, and what a reader needs to make sense of it.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What was run: `schema lint`. Its words with `_` between are the kind of the JSON document.
    pub command: &'a str,
    /// What was looked at, as people call it.
    pub target: &'a str,
    pub report: &'a Report,
    /// The rules that were run.
    pub rules: &'a [&'static Rule],
    /// From here on findings fail the run.
    pub level: Severity,
    /// The file that stands for the target in tools that want one.
    pub place: Option<&'a FilePlace>,
    pub show_waived: bool,
}

impl Findings<'_> {
    /// The formats that findings are printed in.
    pub const FORMATS: &'static [Format] =
        &[Format::Table, Format::Json, Format::Sarif, Format::Junit, Format::Github];

    fn fails(&self, severity: Severity) -> bool {
        severity >= self.level
    }
}

impl Ui {
    /// Prints findings on standard output in the format that was asked for.
    pub fn print_findings(&self, findings: &Findings<'_>) -> Result<()> {
        match self.format() {
            Some(Format::Json) => self.print_json(&json::document(findings)),
            Some(Format::Sarif) => self.print_json(&sarif::document(findings)),
            Some(Format::Junit) => self.print(&junit::document(findings)),
            // Nothing found is nothing printed.
            Some(Format::Github) => match github::lines(findings) {
                lines if lines.is_empty() => Ok(()),
                lines => self.print(&lines),
            },
            _ => self.print(&table::render(findings, self.fit_width(), self.terminal.color_stdout)),
        }
    }
}
