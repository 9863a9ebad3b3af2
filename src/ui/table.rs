//! Small tables for reports and lists; results of queries have [`super::rows`].

use std::borrow::Cow;

use super::clean::{Layout, clean};
use super::rows::{Wanted, fit, is_plain, push_cut, push_spaces, width_of};
use super::style::Style;
use crate::model::listing::Listing;

/// A listing as text: title, table, notes. With a width wide cells are cut to fit it.
pub fn render_listing(listing: &Listing, width: Option<usize>, color: bool) -> String {
    let mut out = Vec::new();
    if !listing.title.is_empty() {
        let title = clean(&listing.title, Layout::OneLine);
        out.extend_from_slice(Style::Bold.paint(&title, color).as_bytes());
        out.push(b'\n');
    }
    if !listing.headers.is_empty() {
        Grid::of(listing, width).draw(listing, color, &mut out);
    }
    for note in &listing.notes {
        out.extend_from_slice(clean(note, Layout::Keep).as_bytes());
        out.push(b'\n');
    }
    String::from_utf8(out).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
}

/// The columns of a table. Its cells are cleaned twice, to be measured and to be drawn: nearly all
/// are clean, and then nothing of a long list is copied.
struct Grid {
    widths: Vec<usize>,
    /// Of amounts, which stand at the right.
    right: Vec<bool>,
}

impl Grid {
    fn of(listing: &Listing, width: Option<usize>) -> Grid {
        let columns = listing.rows.iter().map(Vec::len).max().unwrap_or(0).max(listing.headers.len());
        let right: Vec<bool> = (0..columns).map(|index| is_numeric(listing, index)).collect();
        let mut wanted: Vec<Wanted> =
            right.iter().map(|number| Wanted { header: 0, cells: 0, number: *number }).collect();
        for (column, header) in wanted.iter_mut().zip(&listing.headers) {
            column.header = widest(header);
        }
        for row in &listing.rows {
            for (column, cell) in wanted.iter_mut().zip(row) {
                column.cells = column.cells.max(widest(cell));
            }
        }
        let widths = match width {
            None => wanted.iter().map(|column| column.full()).collect(),
            // Where there is no room for all, the terminal breaks the lines.
            Some(width) => {
                fit(&wanted, width).unwrap_or_else(|| wanted.iter().map(|column| column.least()).collect())
            }
        };
        Grid { widths, right }
    }

    fn draw(&self, listing: &Listing, color: bool, out: &mut Vec<u8>) {
        let mut header = Vec::new();
        self.row(&listing.headers, &mut header);
        let header = String::from_utf8_lossy(&header);
        out.extend_from_slice(Style::Bold.paint(header.trim_end_matches('\n'), color).as_bytes());
        out.push(b'\n');
        for (index, width) in self.widths.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"+" });
            out.resize(out.len() + width + 2, b'-');
        }
        out.push(b'\n');
        for row in &listing.rows {
            self.row(row, out);
        }
    }

    /// A row takes as many lines as the highest of its cells.
    fn row(&self, row: &[String], out: &mut Vec<u8>) {
        let cells: Vec<Cow<'_, str>> = row.iter().map(|cell| shown(cell)).collect();
        if !cells.iter().any(|cell| cell.contains('\n')) {
            return self.line(|index| cells.get(index).map_or("", |cell| cell), out);
        }
        let mut parts: Vec<_> = cells.iter().map(|cell| cell.lines()).collect();
        let height = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or(1);
        for _ in 0..height {
            let line: Vec<&str> = parts.iter_mut().map(|part| part.next().unwrap_or("")).collect();
            self.line(|index| line.get(index).copied().unwrap_or(""), out);
        }
    }

    /// One line of each cell; nothing stands behind the last.
    fn line<'a>(&self, cell: impl Fn(usize) -> &'a str, out: &mut Vec<u8>) {
        let start = out.len();
        for (index, (&place, &right)) in self.widths.iter().zip(&self.right).enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b" | " });
            let text = cell(index).as_bytes();
            let width = width_of(text);
            let pad = place.saturating_sub(width);
            match right {
                _ if width > place => {
                    let used = push_cut(text, place, out);
                    push_spaces(place.saturating_sub(used), out);
                }
                true => {
                    push_spaces(pad, out);
                    out.extend_from_slice(text);
                }
                false => {
                    out.extend_from_slice(text);
                    push_spaces(pad, out);
                }
            }
        }
        let end = out[start..].trim_ascii_end().len();
        out.truncate(start + end);
        out.push(b'\n');
    }
}

/// A cell as it is drawn.
fn shown(cell: &str) -> Cow<'_, str> {
    match clean(cell, Layout::Keep) {
        Cow::Borrowed(cell) if is_plain(cell.as_bytes()) => Cow::Borrowed(cell),
        cell if cell.contains('\t') => Cow::Owned(cell.replace('\t', "    ")),
        cell => cell,
    }
}

/// The columns that the widest of its lines takes.
fn widest(cell: &str) -> usize {
    let cell = shown(cell);
    match cell.contains('\n') {
        true => cell.lines().map(|line| width_of(line.as_bytes())).max().unwrap_or(0),
        false => width_of(cell.as_bytes()),
    }
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
         customer | 1,234,567 | who buys from …
         日本     |         7 | evil \x1B[31m
        2 tables
        ");
    }

    #[test]
    fn a_row_is_as_high_as_its_highest_cell() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let listing = Listing {
            headers: row(&["what", "fix", "rows"]),
            rows: vec![row(&["a\tb", "first line\nsecond", "7"]), row(&["c"]), row(&["", "", "12"])],
            ..Listing::default()
        };
        insta::assert_snapshot!(render_listing(&listing, None, false), @r"
         what   | fix        | rows
        --------+------------+------
         a    b | first line |    7
                | second     |
         c      |            |
                |            |   12
        ");
        // What cannot be made to fit is not made unreadable.
        insta::assert_snapshot!(render_listing(&listing, Some(8), false), @r"
         what   | fix    | rows
        --------+--------+------
         a    b | first… |    7
                | second |
         c      |        |
                |        |   12
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
