//! Small tables for reports and lists; results of queries have [`super::rows`].

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Row, Table, TableStyle,
};

use super::clean::{Layout, clean};
use super::style::Style;
use crate::model::listing::Listing;

/// Lines between columns and below the header, as in the tables of query results.
const LIGHT: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('-').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// A listing as text: title, table, notes. With a width wide cells are cut to fit it.
pub fn render_listing(listing: &Listing, width: Option<usize>, color: bool) -> String {
    let mut out = String::new();
    if !listing.title.is_empty() {
        let title = clean(&listing.title, Layout::OneLine);
        out.push_str(&Style::Bold.paint(&title, color));
        out.push('\n');
    }
    if !listing.headers.is_empty() {
        out.push_str(&grid(listing, width, color));
        out.push('\n');
    }
    for note in &listing.notes {
        out.push_str(&clean(note, Layout::Keep));
        out.push('\n');
    }
    out
}

fn grid(listing: &Listing, width: Option<usize>, color: bool) -> String {
    let mut table = Table::new();
    table.load_style(LIGHT);
    table.force_no_tty();
    table.set_truncation_indicator("…");
    match width.and_then(|width| u16::try_from(width).ok()) {
        Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(row(&listing.headers, width));
    for cells in &listing.rows {
        table.add_row(row(cells, width));
    }
    for index in 0..listing.headers.len() {
        if is_numeric(listing, index)
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.trim_fmt();
    match (color, text.split_once('\n')) {
        (true, Some((header, rest))) => format!("{}\n{rest}", Style::Bold.paint(header, true)),
        _ => text,
    }
}

/// A row; where the table is fitted, each line of a cell takes one line of the screen at most.
fn row(cells: &[String], width: Option<usize>) -> Row {
    let cells: Vec<String> =
        cells.iter().map(|cell| clean(cell, Layout::Keep).replace('\t', "    ")).collect();
    let lines = cells.iter().map(|cell| cell.lines().count()).max();
    let mut row = Row::from(cells.into_iter().map(Cell::new).collect::<Vec<_>>());
    if width.is_some() {
        row.max_height(lines.unwrap_or(1).max(1));
    }
    row
}

/// Whether all cells of a column are amounts, and there is one.
fn is_numeric(listing: &Listing, index: usize) -> bool {
    let mut cells = listing
        .rows
        .iter()
        .filter_map(|row| row.get(index))
        .filter(|cell| !matches!(cell.as_str(), "" | "-" | "NULL"))
        .peekable();
    cells.peek().is_some() && cells.all(|cell| is_amount(cell))
}

/// `12`, `1,234`, `-0.5`, `12.3 ms`, `4.0 MiB`, `99 %`, `2 min 05 s`; not a date or a version.
fn is_amount(text: &str) -> bool {
    const UNITS: [&str; 16] =
        ["", "%", "B", "KiB", "MiB", "GiB", "TiB", "PiB", "ms", "µs", "s", "min", "h", "d", "/s", "rows/s"];
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    text.split_whitespace().enumerate().all(|(index, word)| {
        let digits =
            word.find(|ch: char| !(ch.is_ascii_digit() || matches!(ch, '.' | ','))).unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let one_point = number.matches('.').count() <= 1;
        (index > 0 || number.starts_with(|ch: char| ch.is_ascii_digit()))
            && one_point
            && UNITS.contains(&unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        Listing {
            title: "Tables".to_owned(),
            headers: row(["name", "rows", "comment"]),
            rows: vec![
                row(["customer", "1,234,567", "who buys from us, and where they live"]),
                row(["日本", "7", "evil \x1b[31m"]),
            ],
            notes: vec!["2 tables".to_owned()],
        }
    }

    #[test]
    fn a_listing_has_title_table_and_notes() {
        insta::assert_snapshot!(render_listing(&listing(), None, false), @r"
        Tables
         name     |      rows | comment
        ----------+-----------+---------------------------------------
         customer | 1,234,567 | who buys from us, and where they live
         日本     |         7 | evil \x1B[31m
        2 tables
        ");
    }

    #[test]
    fn a_listing_is_cut_to_the_width() {
        insta::assert_snapshot!(render_listing(&listing(), Some(40), false), @r"
        Tables
         name     |      rows | comment
        ----------+-----------+-----------------
         customer | 1,234,567 | who buys from…
         日本     |         7 | evil \x1B[31m
        2 tables
        ");
    }

    #[test]
    fn amounts_are_aligned_right_and_dates_are_not() {
        for text in ["0", "-12", "1,234", "12.3 ms", "4.0 MiB", "99 %", "2 min 05 s", "50%"] {
            assert!(is_amount(text), "{text}");
        }
        for text in ["2024-01-02", "10.11.14", "a1", "1a", "::1", "12:30"] {
            assert!(!is_amount(text), "{text}");
        }
    }

    #[test]
    fn an_empty_listing_is_only_its_notes() {
        let listing = Listing { notes: vec!["nothing here".to_owned()], ..Listing::default() };
        assert_eq!(render_listing(&listing, Some(80), true), "nothing here\n");
    }
}
