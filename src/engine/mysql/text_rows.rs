//! Rows of the text protocol: every cell is a string with its length in front ("Text Resultset
//! Row" in the internals manual). The cells stay where they were read.

use super::columns::Spec;
use super::packet::garbled;
use super::rows::Format;
use crate::error::Result;

/// A length that says NULL; no packet is as long.
const NULL: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Cell {
    start: u32,
    length: u32,
}

/// Where the cells of the current row are.
#[derive(Default)]
pub struct Text {
    cells: Vec<Cell>,
}

impl Format for Text {
    #[inline]
    fn decode(&mut self, specs: &[Spec], row: &[u8]) -> Result<()> {
        self.cells.clear();
        let mut at = 0;
        for _ in specs {
            let Some(&first) = row.get(at) else { return Err(too_short()) };
            let (head, length) = match first {
                0..=0xFA => (1, usize::from(first)),
                0xFB => {
                    self.cells.push(Cell { start: 0, length: NULL });
                    at += 1;
                    continue;
                }
                _ => long(first, &row[at + 1..])?,
            };
            at += head;
            if row.len() - at.min(row.len()) < length {
                return Err(too_short());
            }
            // A packet holds at most 1 GiB.
            self.cells.push(Cell { start: at as u32, length: length as u32 });
            at += length;
        }
        Ok(())
    }

    #[inline]
    fn cell<'a>(&'a self, row: &'a [u8], index: usize) -> Option<&'a [u8]> {
        let Cell { start, length } = self.cells[index];
        (length != NULL).then(|| &row[start as usize..start as usize + length as usize])
    }
}

/// The size of a length's own bytes, and the length.
fn long(first: u8, rest: &[u8]) -> Result<(usize, usize)> {
    match (first, rest) {
        (0xFC, [a, b, ..]) => Ok((3, usize::from(*a) | usize::from(*b) << 8)),
        (0xFD, [a, b, c, ..]) => Ok((4, usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16)),
        (0xFE, rest) => match rest.first_chunk::<8>() {
            Some(bytes) => {
                usize::try_from(u64::from_le_bytes(*bytes)).map(|length| (9, length)).map_err(|_| too_short())
            }
            None => Err(too_short()),
        },
        _ => Err(too_short()),
    }
}

#[cold]
fn too_short() -> crate::error::Error {
    garbled("a row is too short")
}

#[cfg(test)]
mod tests {
    use mysql_common::constants::ColumnType;

    use super::*;

    const SPEC: Spec = Spec {
        column_type: ColumnType::MYSQL_TYPE_VAR_STRING,
        unsigned: false,
        zerofill: false,
        length: 0,
        decimals: 0,
        bytes: false,
    };

    #[test]
    fn cells_of_every_length() {
        let mut row = b"\x02ab\xFB\x00\xFC\x2C\x01".to_vec();
        row.resize(row.len() + 300, b'x');
        row.extend_from_slice(b"\xFD\x01\x00\x00y\xFE\x01\0\0\0\0\0\0\0z");
        let mut text = Text::default();
        text.decode(&[SPEC; 6], &row).unwrap();
        let cells: Vec<_> = (0..6).map(|index| text.cell(&row, index)).collect();
        assert_eq!(cells[..3], [Some(&b"ab"[..]), None, Some(&b""[..])]);
        assert_eq!(cells[3].unwrap().len(), 300);
        assert_eq!(cells[4..], [Some(&b"y"[..]), Some(&b"z"[..])]);
        for cut in 0..row.len() {
            assert!(text.decode(&[SPEC; 6], &row[..cut]).is_err(), "cut at {cut}");
        }
    }
}
