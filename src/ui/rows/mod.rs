//! Results of queries, printed while they stream by. Memory is bounded in every format by one
//! block, a window of rows for the aligned table, and the largest cell.

mod buffer;
mod cells;
mod csv;
mod expanded;
mod fit;
mod json;
mod json_value;
mod markdown;
mod ndjson;
mod table;
mod text;
mod tsv;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::io::Write;

pub use cells::{is_plain, push_cut, push_spaces, width_of};
pub use fit::{Wanted, fit};

use super::Format;
use crate::error::Result;
use crate::model::rows::{BlobStyle, Cursor, Done};

/// How rows are printed.
#[derive(Debug, Clone)]
pub struct RowOptions {
    /// How the engine writes raw bytes.
    pub blob: BlobStyle,
    /// The text for NULL in table, expanded, markdown, csv and tsv; None for the format's own.
    pub null: Option<String>,
    /// Print column names in table, csv, tsv and markdown.
    pub header: bool,
    /// Print the tags of statements without rows, in table, expanded and markdown.
    pub tags: bool,
    /// The output is a terminal: no control character of the data may reach it, in any format.
    pub terminal: bool,
    /// Fit the aligned table to this many columns.
    pub width: Option<usize>,
    /// Dim NULL, bold headers.
    pub color: bool,
}

impl RowOptions {
    /// For files and pipes: no colour, nothing cut.
    pub fn plain(blob: BlobStyle) -> Self {
        RowOptions { blob, null: None, header: true, tags: true, terminal: false, width: None, color: false }
    }
}

/// Prints results one after the other in one format.
pub trait RowWriter {
    /// Prints one result while its rows arrive; returns their number. On an error the rows that
    /// came before it have been printed.
    fn result(&mut self, cursor: &mut dyn Cursor, out: &mut dyn Write) -> Result<u64>;

    /// Prints what a statement without rows did, in the formats that tell it.
    fn done(&mut self, _done: &Done, _out: &mut dyn Write) -> Result<()> {
        Ok(())
    }

    /// Ends the document. Call it once, also after an error of a cursor, so that what was printed
    /// is well-formed.
    fn finish(&mut self, _out: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// The writer for a format of [`Format::ROWS`]; the command line lets no other one come this far.
pub fn writer(format: Format, options: RowOptions) -> Box<dyn RowWriter> {
    match format {
        Format::Csv => Box::new(csv::CsvWriter::new(options)),
        Format::Tsv => Box::new(tsv::TsvWriter::new(options)),
        Format::Json => Box::new(json::JsonWriter::new(options)),
        Format::Ndjson => Box::new(ndjson::NdjsonWriter::new(options)),
        Format::Markdown => Box::new(markdown::MarkdownWriter::new(options)),
        Format::Expanded => Box::new(expanded::ExpandedWriter::new(options)),
        _ => Box::new(table::TableWriter::new(options)),
    }
}

/// What the formats made for people share: a blank line between results, and tags.
struct Human {
    tags: bool,
    /// A result has been printed, so what follows is set apart.
    apart: bool,
}

impl Human {
    fn new(options: &RowOptions) -> Self {
        Human { tags: options.tags, apart: false }
    }

    /// Begins a result.
    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.apart, true) {
            out.push(b'\n');
        }
    }

    fn done(&mut self, done: &Done, out: &mut dyn Write) -> Result<()> {
        if !self.tags || done.tag.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(done.tag.len() + 2);
        if std::mem::replace(&mut self.apart, false) {
            bytes.push(b'\n');
        }
        crate::ui::clean::push_clean(done.tag.as_bytes(), crate::ui::clean::Layout::OneLine, &mut bytes);
        bytes.push(b'\n');
        out.write_all(&bytes)?;
        out.flush()?;
        Ok(())
    }
}
