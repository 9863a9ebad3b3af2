//! How wide each column of an aligned table may be.

/// What a column would take if there were room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub header: usize,
    /// The widest cell seen.
    pub cells: usize,
    /// Numbers say something wrong when they are cut.
    pub number: bool,
}

/// The least that is left of a text column, and of a number's header.
const LEAST: usize = 6;

impl Wanted {
    /// As wide as it wants to be.
    pub fn full(self) -> usize {
        self.header.max(self.cells)
    }

    /// The least that still says something.
    pub fn least(self) -> usize {
        match self.number {
            true => self.cells.max(self.header.min(LEAST)),
            false => self.full().min(LEAST),
        }
    }
}

/// What stands between two columns: ` | `.
const BETWEEN: usize = 3;

/// The width of a line, with its first space and the place of a `+` at its end.
pub(super) fn line_width(widths: &[usize]) -> usize {
    2 + widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1)
}

/// The widths of the columns in a line of `width`: the widest give first, numbers not at all.
/// None when even so they do not fit.
pub fn fit(wanted: &[Wanted], width: usize) -> Option<Vec<usize>> {
    let at_level = |level: usize| -> Vec<usize> {
        let bounded = |column: &Wanted| column.full().min(level).max(column.least());
        wanted.iter().map(bounded).collect()
    };
    let highest = wanted.iter().map(|column| column.full()).max().unwrap_or(0);
    let fits = |level: usize| line_width(&at_level(level)) <= width;
    if fits(highest) {
        return Some(at_level(highest));
    }
    if !fits(0) {
        return None;
    }
    // fits(low) holds, fits(high) does not.
    let (mut low, mut high) = (0, highest);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match fits(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    let mut widths = at_level(low);
    let mut spare = width.saturating_sub(line_width(&widths));
    for (column, wanted) in widths.iter_mut().zip(wanted) {
        if spare > 0 && *column < wanted.full() && *column >= low {
            *column += 1;
            spare -= 1;
        }
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(width: usize) -> Wanted {
        Wanted { header: 2, cells: width, number: false }
    }

    fn number(header: usize, cells: usize) -> Wanted {
        Wanted { header, cells, number: true }
    }

    #[test]
    fn the_widest_columns_give_first() {
        for (wanted, width, expected) in [
            (vec![text(10), text(20)], 80, Some(vec![10, 20])),
            (vec![text(10), text(20)], 35, Some(vec![10, 20])),
            (vec![text(10), text(20)], 34, Some(vec![10, 19])),
            (vec![text(30), text(30)], 42, Some(vec![19, 18])),
            (vec![text(3), text(100), text(100)], 51, Some(vec![3, 20, 20])),
            (vec![number(4, 12), text(100)], 40, Some(vec![12, 23])),
            (vec![number(30, 2), text(10)], 25, Some(vec![10, 10])),
            (vec![text(50); 8], 60, None),
            (vec![number(1, 30), number(1, 30)], 50, None),
            (vec![], 50, Some(vec![])),
            (vec![text(9)], 0, None),
        ] {
            let widths = fit(&wanted, width);
            assert_eq!(widths, expected, "{wanted:?} in {width}");
            assert!(widths.is_none_or(|widths| line_width(&widths) <= width));
        }
    }
}
