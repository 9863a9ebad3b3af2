//! How the rows of a table are cut into parts: ranges of an integer key that are the same in the
//! next backup, so that what did not change is not kept twice.
//!
//! The numbers are halved, and halved again, at places that are multiples of powers of two, until
//! a range holds about as many rows as a part should. Sparse and uneven keys get wide ranges where
//! little is, and a table that grows gets new ranges behind those it has.

use crate::error::Result;

/// What a part should amount to.
const BYTES_PER_PART: u64 = 8 << 20;
/// Supposed of a row of a table that the server knows nothing of yet.
const UNKNOWN_ROW: u64 = 128;
/// Below this the averages are those of pages that are nearly empty.
const TOO_FEW_BYTES: u64 = 1 << 20;

/// Rows whose key is at or above `from` and below `to`; None for no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Option<i128>,
    pub to: Option<i128>,
    /// About as many.
    pub rows: u64,
}

/// A table's size, as the server estimates it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    pub rows: u64,
    pub bytes: u64,
}

impl Size {
    pub fn row(self) -> u64 {
        match self.bytes < TOO_FEW_BYTES || self.rows == 0 {
            true => UNKNOWN_ROW,
            false => (self.bytes / self.rows).max(1),
        }
    }
}

/// Cuts the keys from `min` to `max`. `estimate` tells about how many rows are at or above one key
/// and below another; no two share a key that `is_whole`.
pub fn cut(
    (min, max): (i128, i128),
    is_whole: bool,
    size: Size,
    estimate: &mut dyn FnMut(i128, i128) -> Result<u64>,
) -> Result<Vec<Range>> {
    let wanted = (BYTES_PER_PART / size.row()).max(1);
    // Between two thirds of what is wanted and four.
    let limit = wanted + wanted / 3;
    let shift = (0..i128::BITS).find(|shift| (max >> shift) - (min >> shift) <= 1).unwrap_or(0);
    let mut ranges: Vec<(i128, i128, u64)> = Vec::new();
    // The leftmost range is on top.
    let mut left: Vec<(i128, u32)> = vec![(max >> shift, shift), (min >> shift, shift)];
    left.dedup();
    while let Some((number, shift)) = left.pop() {
        let from = (number << shift).max(min);
        let to = ((number + 1) << shift).min(max + 1);
        if from >= to {
            continue;
        }
        let most = if is_whole { u64::try_from(to - from).unwrap_or(u64::MAX) } else { u64::MAX };
        let mut rows = estimate(from, to)?;
        if from == min && to > max {
            // Of a range InnoDB never says that it is more than half of the table.
            rows = rows.max(size.rows);
        }
        let rows = rows.min(most);
        if rows > limit && shift > 0 {
            left.push((2 * number + 1, shift - 1));
            left.push((2 * number, shift - 1));
            continue;
        }
        match ranges.last_mut() {
            Some(last) if last.2 + rows <= limit / 2 => (last.1, last.2) = (to, last.2 + rows),
            _ => ranges.push((from, to, rows)),
        }
    }
    Ok(open_ended(&ranges))
}

/// The first has no lower end and the last no upper one, so no row is in none of them.
fn open_ended(ranges: &[(i128, i128, u64)]) -> Vec<Range> {
    let last = ranges.len().saturating_sub(1);
    let numbered = ranges.iter().enumerate();
    numbered
        .map(|(at, &(from, _, rows))| Range {
            from: (at > 0).then_some(from),
            to: (at < last).then(|| ranges[at + 1].0),
            rows,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ranges for these keys, with the number of rows in each; a row has 128 KiB, so that 64
    /// are wanted and 85 the most.
    fn ranges(keys: &[i128]) -> Vec<(Option<i128>, Option<i128>, u64)> {
        let size = Size { rows: 1000, bytes: 1000 * (128 << 10) };
        let mut asked = 0;
        let mut count = |from: i128, to: i128| {
            asked += 1;
            Ok(keys.iter().filter(|key| (from..to).contains(*key)).count() as u64)
        };
        let (min, max) = (*keys.iter().min().unwrap(), *keys.iter().max().unwrap());
        let is_whole = keys.windows(2).all(|pair| pair[0] != pair[1]);
        let ranges = cut((min, max), is_whole, size, &mut count).unwrap();
        assert!(asked < 4 * ranges.len() + 140, "asked {asked} times for {} ranges", ranges.len());
        assert_eq!(ranges.iter().map(|range| range.rows).sum::<u64>(), keys.len() as u64);
        for pair in ranges.windows(2) {
            assert_eq!(pair[0].to, pair[1].from);
            assert!(pair[0].to.is_some());
        }
        ranges.into_iter().map(|range| (range.from, range.to, range.rows)).collect()
    }

    #[test]
    fn dense_keys() {
        assert_eq!(ranges(&[7]), [(None, None, 1)]);
        let keys: Vec<i128> = (1..=200).collect();
        let expected = [(None, Some(64), 63), (Some(64), Some(128), 64), (Some(128), None, 73)];
        assert_eq!(ranges(&keys), expected);
    }

    #[test]
    fn what_is_there_stays_where_it_is_when_more_comes() {
        let before = ranges(&(1..=1000).collect::<Vec<i128>>());
        let after = ranges(&(1..=5000).collect::<Vec<i128>>());
        let same = before.len() - 2;
        assert_eq!(before[..same], after[..same]);
        assert!(after.iter().all(|range| range.2 <= 85));
    }

    #[test]
    fn sparse_and_uneven_keys() {
        let sparse: Vec<i128> = (0..1000).map(|key| key * 1_000_003).collect();
        let found = ranges(&sparse);
        assert!((12..=32).contains(&found.len()), "{found:?}");
        let mut uneven: Vec<i128> = (1..=300).collect();
        uneven.extend([i128::from(u64::MAX), i128::from(i64::MAX)]);
        let found = ranges(&uneven);
        assert!((4..=8).contains(&found.len()), "{found:?}");
    }

    #[test]
    fn keys_below_zero() {
        let keys: Vec<i128> = (-300..300).collect();
        let found = ranges(&keys);
        assert!(found.contains(&(Some(-64), Some(0), 64)), "{found:?}");
        let ends = [i128::from(i64::MIN), -1, 0, i128::from(i64::MAX)];
        assert_eq!(ranges(&ends), [(None, None, 4)]);
    }

    #[test]
    fn many_rows_of_one_key() {
        let mut keys = vec![5; 500];
        keys.extend([4, 6]);
        let found = ranges(&keys);
        assert!(found.iter().any(|range| range.2 == 500 || range.2 == 501), "{found:?}");
    }

    #[test]
    fn a_row_of_unknown_size() {
        assert_eq!(Size::default().row(), UNKNOWN_ROW);
        assert_eq!(Size { rows: 1, bytes: 16384 }.row(), UNKNOWN_ROW);
        assert_eq!(Size { rows: 1000, bytes: 10 << 20 }.row(), 10485);
    }
}
