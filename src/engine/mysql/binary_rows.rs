//! Rows of the binary protocol, which prepared statements answer in ("Binary Protocol Resultset
//! Row"). Every cell is shown exactly as the text protocol would send it.

use mysql_common::constants::ColumnType as Type;

use super::columns::Spec;
use super::floats::{put_double, put_fixed, put_float};
use super::packet::{Reader, garbled};
use super::rows::Format;
use crate::error::Result;

/// The bitmap of NULLs begins with two bits that mean nothing.
const BITMAP_OFFSET: usize = 2;

#[derive(Clone, Copy)]
enum Cell {
    Null,
    /// In the row itself.
    Row(usize, usize),
    /// Written by us.
    Written(usize, usize),
}

/// The cells of the current row, and the text of those that have to be written.
#[derive(Default)]
pub struct Binary {
    cells: Vec<Cell>,
    written: Vec<u8>,
}

impl Format for Binary {
    fn decode(&mut self, specs: &[Spec], row: &[u8]) -> Result<()> {
        self.cells.clear();
        self.written.clear();
        let mut reader = Reader(row);
        reader.u8()?;
        let nulls = reader.bytes((specs.len() + BITMAP_OFFSET).div_ceil(8))?;
        for (index, spec) in specs.iter().enumerate() {
            let bit = index + BITMAP_OFFSET;
            let is_null = nulls[bit / 8] & 1 << (bit % 8) != 0;
            self.cells.push(match is_null || spec.column_type == Type::MYSQL_TYPE_NULL {
                true => Cell::Null,
                false => read_cell(spec, &mut reader, row, &mut self.written)?,
            });
        }
        Ok(())
    }

    fn cell<'a>(&'a self, row: &'a [u8], index: usize) -> Option<&'a [u8]> {
        match self.cells[index] {
            Cell::Null => None,
            Cell::Row(start, length) => Some(&row[start..start + length]),
            Cell::Written(start, length) => Some(&self.written[start..start + length]),
        }
    }
}

fn read_cell(spec: &Spec, reader: &mut Reader<'_>, row: &[u8], out: &mut Vec<u8>) -> Result<Cell> {
    let start = out.len();
    match spec.column_type {
        Type::MYSQL_TYPE_TINY => {
            let byte = reader.u8()?;
            put_integer(out, spec, i64::from(byte as i8), u64::from(byte));
        }
        Type::MYSQL_TYPE_SHORT => {
            let short = reader.u16()?;
            put_integer(out, spec, i64::from(short as i16), u64::from(short));
        }
        Type::MYSQL_TYPE_YEAR => put_number(out, u32::from(reader.u16()?), 4),
        Type::MYSQL_TYPE_LONG | Type::MYSQL_TYPE_INT24 => {
            let long = reader.u32()?;
            put_integer(out, spec, i64::from(long as i32), u64::from(long));
        }
        Type::MYSQL_TYPE_LONGLONG => {
            let longlong = reader.u64()?;
            put_integer(out, spec, longlong as i64, longlong);
        }
        Type::MYSQL_TYPE_FLOAT => {
            let number = f32::from_bits(reader.u32()?);
            match spec.fixed() {
                Some(decimals) => put_fixed(out, f64::from(number), decimals),
                None => put_float(out, number),
            }
        }
        Type::MYSQL_TYPE_DOUBLE => {
            let number = f64::from_bits(reader.u64()?);
            match spec.fixed() {
                Some(decimals) => put_fixed(out, number, decimals),
                None => put_double(out, number),
            }
        }
        Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => {
            put_date(out, &Moment::read(reader)?);
        }
        Type::MYSQL_TYPE_DATETIME
        | Type::MYSQL_TYPE_DATETIME2
        | Type::MYSQL_TYPE_TIMESTAMP
        | Type::MYSQL_TYPE_TIMESTAMP2 => {
            let moment = Moment::read(reader)?;
            put_date(out, &moment);
            out.push(b' ');
            put_clock(out, moment.hour, moment.minute, moment.second);
            put_fraction(out, spec, moment.micros);
        }
        Type::MYSQL_TYPE_TIME | Type::MYSQL_TYPE_TIME2 => put_time(out, spec, reader)?,
        _ => {
            let bytes = reader.lenenc_bytes()?;
            let at = row.len() - reader.0.len() - bytes.len();
            return Ok(Cell::Row(at, bytes.len()));
        }
    }
    if spec.zerofill {
        // As wide as the column shows; YEAR is that already.
        let missing = (spec.length as usize).saturating_sub(out.len() - start);
        out.splice(start..start, std::iter::repeat_n(b'0', missing));
    }
    Ok(Cell::Written(start, out.len() - start))
}

fn put_integer(out: &mut Vec<u8>, spec: &Spec, signed: i64, unsigned: u64) {
    if !spec.unsigned && signed < 0 {
        out.push(b'-');
        put_digits(out, signed.unsigned_abs(), 1);
    } else {
        put_digits(out, unsigned, 1);
    }
}

fn put_number(out: &mut Vec<u8>, number: u32, width: usize) {
    put_digits(out, number.into(), width);
}

/// A number with at least `width` digits; the formatting of the standard library takes several
/// times as long.
fn put_digits(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 {
        at -= 1;
        // The remainder is below ten.
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    at = at.min(digits.len() - width.min(digits.len()));
    out.extend_from_slice(&digits[at..]);
}

/// A date with its time; all zeros where the server leaves them out.
#[derive(Default)]
struct Moment {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

impl Moment {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut moment = Moment::default();
        let length = reader.u8()?;
        if !matches!(length, 0 | 4 | 7 | 11) {
            return Err(garbled("a date has an unknown form"));
        }
        if length >= 4 {
            moment.year = reader.u16()?;
            moment.month = reader.u8()?;
            moment.day = reader.u8()?;
        }
        if length >= 7 {
            moment.hour = reader.u8()?;
            moment.minute = reader.u8()?;
            moment.second = reader.u8()?;
        }
        if length == 11 {
            moment.micros = reader.u32()?;
        }
        Ok(moment)
    }
}

fn put_date(out: &mut Vec<u8>, moment: &Moment) {
    put_number(out, moment.year.into(), 4);
    out.push(b'-');
    put_number(out, moment.month.into(), 2);
    out.push(b'-');
    put_number(out, moment.day.into(), 2);
}

fn put_clock(out: &mut Vec<u8>, hour: impl Into<u32>, minute: u8, second: u8) {
    put_number(out, hour.into(), 2);
    out.push(b':');
    put_number(out, minute.into(), 2);
    out.push(b':');
    put_number(out, second.into(), 2);
}

fn put_fraction(out: &mut Vec<u8>, spec: &Spec, micros: u32) {
    let digits = match spec.decimals {
        digits @ 0..=6 => usize::from(digits),
        _ if micros == 0 => 0,
        _ => 6,
    };
    if digits > 0 {
        out.push(b'.');
        let end = out.len() + digits;
        put_number(out, micros, 6);
        out.truncate(end);
    }
}

/// A TIME counts days on the wire and hours when shown.
fn put_time(out: &mut Vec<u8>, spec: &Spec, reader: &mut Reader<'_>) -> Result<()> {
    let length = reader.u8()?;
    let (mut negative, mut hours, mut minute, mut second, mut micros) = (false, 0, 0, 0, 0);
    if !matches!(length, 0 | 8 | 12) {
        return Err(garbled("a time has an unknown form"));
    }
    if length >= 8 {
        negative = reader.u8()? != 0;
        let days = reader.u32()?;
        hours = days.saturating_mul(24).saturating_add(u32::from(reader.u8()?));
        minute = reader.u8()?;
        second = reader.u8()?;
    }
    if length == 12 {
        micros = reader.u32()?;
    }
    if negative {
        out.push(b'-');
    }
    put_clock(out, hours, minute, second);
    put_fraction(out, spec, micros);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(column_type: Type) -> Spec {
        Spec { column_type, unsigned: false, zerofill: false, length: 0, decimals: 0, bytes: false }
    }

    fn shown(spec: Spec, bytes: &[u8]) -> String {
        let row = [&[0, 0], bytes].concat();
        let mut binary = Binary::default();
        binary.decode(&[spec], &row).unwrap();
        for cut in 0..row.len() {
            assert!(binary.decode(&[spec], &row[..cut]).is_err(), "cut at {cut}");
        }
        binary.decode(&[spec], &row).unwrap();
        String::from_utf8(binary.cell(&row, 0).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn integers() {
        assert_eq!(shown(spec(Type::MYSQL_TYPE_TINY), &[0xFF]), "-1");
        assert_eq!(shown(Spec { unsigned: true, ..spec(Type::MYSQL_TYPE_TINY) }, &[0xFF]), "255");
        assert_eq!(shown(spec(Type::MYSQL_TYPE_LONGLONG), &[0xFF; 8]), "-1");
        let zerofill = Spec { zerofill: true, unsigned: true, length: 5, ..spec(Type::MYSQL_TYPE_LONG) };
        assert_eq!(shown(zerofill, &[42, 0, 0, 0]), "00042");
        assert_eq!(shown(spec(Type::MYSQL_TYPE_YEAR), &[0, 0]), "0000");
        assert_eq!(shown(spec(Type::MYSQL_TYPE_YEAR), &[0xE9, 7]), "2025");
    }

    #[test]
    fn dates_and_times() {
        let with = |column_type, decimals| Spec { decimals, ..spec(column_type) };
        assert_eq!(shown(spec(Type::MYSQL_TYPE_DATE), &[0]), "0000-00-00");
        assert_eq!(shown(spec(Type::MYSQL_TYPE_DATE), &[4, 0xE8, 7, 2, 29]), "2024-02-29");
        assert_eq!(shown(with(Type::MYSQL_TYPE_DATETIME, 3), &[0]), "0000-00-00 00:00:00.000");
        assert_eq!(
            shown(with(Type::MYSQL_TYPE_DATETIME, 6), &[11, 0xE8, 7, 2, 29, 1, 2, 3, 0x40, 0xE2, 1, 0]),
            "2024-02-29 01:02:03.123456"
        );
        assert_eq!(
            shown(with(Type::MYSQL_TYPE_TIME, 2), &[12, 1, 34, 0, 0, 0, 22, 59, 59, 0x40, 0xE2, 1, 0]),
            "-838:59:59.12"
        );
        assert_eq!(shown(spec(Type::MYSQL_TYPE_TIME), &[0]), "00:00:00");
    }

    #[test]
    fn nulls_and_strings() {
        let row = [0, 0b1000, 2, b'h', b'i'];
        let mut binary = Binary::default();
        binary.decode(&[spec(Type::MYSQL_TYPE_STRING); 2], &row).unwrap();
        assert_eq!(binary.cell(&row, 0), Some(&b"hi"[..]));
        assert_eq!(binary.cell(&row, 1), None);
    }
}
