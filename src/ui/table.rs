//! Tables for reports and lists; results of queries have [`super::rows`].

mod long;
mod short;

use super::clean::{Layout, clean};
use super::style::Style;
use crate::model::listing::Listing;

/// A longer list would take a tenth of a second to lay out by a library that weighs all cells.
const SHORT: usize = 500;

/// A listing as text: title, table, notes. With a width wide cells are cut to fit it.
pub fn render_listing(listing: &Listing, width: Option<usize>, color: bool) -> String {
    let mut out = Vec::new();
    if !listing.title.is_empty() {
        let title = clean(&listing.title, Layout::OneLine);
        out.extend_from_slice(Style::Bold.paint(&title, color).as_bytes());
        out.push(b'\n');
    }
    if !listing.headers.is_empty() {
        match listing.rows.len() <= SHORT {
            true => {
                out.extend_from_slice(short::grid(listing, width, color).as_bytes());
                out.push(b'\n');
            }
            false => long::Grid::of(listing, width).draw(listing, color, &mut out),
        }
    }
    for note in &listing.notes {
        out.extend_from_slice(clean(note, Layout::Keep).as_bytes());
        out.push(b'\n');
    }
    String::from_utf8(out).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
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

    #[test]
    fn long_lists_look_like_short_ones() {
        let listing = listing();
        for width in [None, Some(100)] {
            let mut out = Vec::new();
            long::Grid::of(&listing, width).draw(&listing, false, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), short::grid(&listing, width, false) + "\n");
        }
    }
}
