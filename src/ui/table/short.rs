//! Grids that a person reads as a whole, drawn by comfy-table, which holds all cells.

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Row, Table, TableStyle,
};

use super::is_numeric;
use crate::clean::{Layout, clean};
use crate::model::listing::Listing;
use crate::style::Style;

/// Lines between columns and below the header, as in the tables of query results.
const LIGHT: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('-').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// The grid as text, without the last line's end.
pub fn grid(listing: &Listing, width: Option<usize>, color: bool) -> String {
    let mut table = Table::new();
    table.load_style(LIGHT);
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
