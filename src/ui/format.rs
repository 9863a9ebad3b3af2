//! The words of `--format`: one vocabulary, of which each command prints a part.

use clap::ValueEnum;

/// The ways to print results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for people
    Table,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// Tab-separated values in PostgreSQL's COPY text conventions
    Tsv,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// A Markdown table
    Markdown,
    /// One line a column, for wide rows
    Expanded,
    /// Indented lines, for people
    Tree,
    /// SQL statements
    Sql,
    /// SARIF 2.1, for code scanners
    Sarif,
    /// JUnit XML, for CI servers
    Junit,
    /// Annotations of GitHub's workflows
    Github,
    /// A Mermaid diagram
    Mermaid,
    /// A graph for Graphviz
    Dot,
    /// A drawing
    Svg,
    /// A page for browsers
    Html,
}

impl Format {
    /// The formats that rows of any query can be printed in.
    pub const ROWS: &'static [Format] = &[
        Format::Table,
        Format::Csv,
        Format::Tsv,
        Format::Json,
        Format::Ndjson,
        Format::Markdown,
        Format::Expanded,
    ];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Markdown => "markdown",
            Format::Expanded => "expanded",
            Format::Tree => "tree",
            Format::Sql => "sql",
            Format::Sarif => "sarif",
            Format::Junit => "junit",
            Format::Github => "github",
            Format::Mermaid => "mermaid",
            Format::Dot => "dot",
            Format::Svg => "svg",
            Format::Html => "html",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::value_variants().iter().copied().find(|format| format.word() == word)
    }

    /// The words of some formats, as a list.
    pub fn words(formats: &[Format]) -> Vec<&'static str> {
        formats.iter().map(|format| format.word()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_command_line() {
        for format in Format::value_variants() {
            let value = format.to_possible_value().unwrap();
            assert_eq!(value.get_name(), format.word());
            assert_eq!(Format::parse(format.word()), Some(*format));
        }
        assert_eq!(Format::parse("xml"), None);
    }
}
