//! Plain aligned columns.

use std::io::Write;

use unicode_width::UnicodeWidthStr;

use crate::error::Result;
use crate::model::listing::Listing;

/// Writes a listing: headers, a rule, rows, notes.
pub fn write(out: &mut dyn Write, listing: &Listing) -> Result<()> {
    let all = || std::iter::once(&listing.headers).chain(&listing.rows);
    let width = |column: usize| all().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..listing.headers.len()).map(width).collect();
    line(out, &listing.headers, &widths)?;
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    line(out, &rule, &widths)?;
    for row in &listing.rows {
        line(out, row, &widths)?;
    }
    for note in &listing.notes {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, cells: &[String], widths: &[usize]) -> Result<()> {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width - cell.width() + 2));
    }
    Ok(writeln!(out, "{}", line.trim_end())?)
}
