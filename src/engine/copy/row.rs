//! A row on its way: every cell in the form of its shape.

use std::ops::Range;

use super::{Reason, Shape, json, moment, number};
use crate::model::rows::{Cursor, Value};

/// How the cells of a column are read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub shape: Shape,
    /// See [`Reads::hex`](super::Reads).
    pub hex: bool,
    /// A date of zeros is none at all.
    pub zero_is_null: bool,
}

/// A cell whose bytes are in the row's own memory.
#[derive(Debug, Clone)]
enum Cell {
    Null,
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
    /// A document, and its one form, by which it is compared.
    Json(Range<usize>, Range<usize>),
}

/// The cells of a row.
#[derive(Debug, Default)]
pub struct Row {
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    /// Dates of zeros that became NULL, in all rows so far.
    pub zeros: u64,
}

/// Memory that a row may keep for the next.
const KEPT: usize = 1 << 20;

impl Row {
    fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
    }

    pub fn value(&self, index: usize) -> Value<'_> {
        match &self.cells[index] {
            Cell::Null => Value::Null,
            Cell::Int(number) => Value::Int(*number),
            Cell::UInt(number) => Value::UInt(*number),
            Cell::Float(number) => Value::Float(*number),
            Cell::Text(at) | Cell::Json(at, _) => Value::Text(&self.bytes[at.clone()]),
            Cell::Blob(at) => Value::Blob(&self.bytes[at.clone()]),
        }
    }

    /// Writes what the row is compared by: short, as sums of short texts are quick.
    pub fn sum(&self, out: &mut Vec<u8>) {
        let mut put = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            match u8::try_from(bytes.len()) {
                Ok(length) if length < u8::MAX => out.push(length),
                _ => {
                    out.push(u8::MAX);
                    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
                }
            }
            out.extend_from_slice(bytes);
        };
        for cell in &self.cells {
            match cell {
                Cell::Null => put(b'N', &[]),
                Cell::Int(number) => put(b'I', &number.to_le_bytes()),
                // No integer with a sign is as large.
                Cell::UInt(number) => put(b'U', &number.to_le_bytes()),
                // Both zeros are one number.
                Cell::Float(number) => put(b'F', &(number + 0.0).to_le_bytes()),
                Cell::Text(at) | Cell::Json(_, at) => put(b'T', &self.bytes[at.clone()]),
                Cell::Blob(at) => put(b'B', &self.bytes[at.clone()]),
            }
        }
    }

    /// Takes the cells of a row; an error has the place of the one that has no such form.
    pub fn take(&mut self, readers: &[Reader], rows: &dyn Cursor) -> Result<(), (usize, Reason)> {
        self.clear();
        for (index, reader) in readers.iter().enumerate() {
            self.push(reader, rows.cell(index)).map_err(|reason| (index, reason))?;
        }
        Ok(())
    }

    /// Takes the next cell as an engine gave it, and puts it into the form of its shape.
    fn push(&mut self, reader: &Reader, value: Value<'_>) -> Result<(), Reason> {
        let cell = match (&reader.shape, value) {
            (_, Value::Null) => Cell::Null,
            (Shape::Own, value) => self.own(value),
            (Shape::Bool, value) => boolean(value)?,
            (Shape::Int(least, most), value) => integer(value, *least, *most)?,
            (Shape::Float64, value) => Cell::Float(float(value)?),
            (Shape::Float32, value) => {
                let number = float(value)?;
                let short = f64::from(number as f32);
                if short != number && !number.is_nan() && !is_nearest(value, number as f32) {
                    return Err("it has more digits than a number of 4 bytes".into());
                }
                Cell::Float(short)
            }
            (Shape::Decimal(digits), value) => self.decimal(value, *digits)?,
            (Shape::Bytes(longest), value) => self.blob(value, reader.hex, *longest)?,
            (shape, Value::Int(number)) => self.text(shape, number.to_string().as_bytes())?,
            (shape, Value::UInt(number)) => self.text(shape, number.to_string().as_bytes())?,
            (shape, Value::Float(number)) => self.text(shape, float_text(number).as_bytes())?,
            (Shape::Date | Shape::Timestamp(_) | Shape::Moment(_), Value::Text(bytes))
                if reader.zero_is_null && bytes.starts_with(b"0000-00-00") =>
            {
                self.zeros += 1;
                Cell::Null
            }
            (shape, Value::Text(bytes)) => self.text(shape, bytes)?,
            (_, Value::Blob(_)) => return Err("it is bytes, and the column holds none".into()),
        };
        self.cells.push(cell);
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn own(&mut self, value: Value<'_>) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Int(number) => Cell::Int(number),
            Value::UInt(number) => i64::try_from(number).map_or(Cell::UInt(number), Cell::Int),
            Value::Float(number) => Cell::Float(number),
            Value::Text(bytes) => Cell::Text(self.keep(bytes)),
            Value::Blob(bytes) => Cell::Blob(self.keep(bytes)),
        }
    }

    fn decimal(&mut self, value: Value<'_>, digits: Option<(u32, u32)>) -> Result<Cell, Reason> {
        let written;
        let text = match value {
            Value::Int(number) => {
                written = number.to_string();
                written.as_bytes()
            }
            Value::UInt(number) => {
                written = number.to_string();
                written.as_bytes()
            }
            Value::Float(number) => {
                written = number.to_string();
                written.as_bytes()
            }
            Value::Text(bytes) => bytes,
            Value::Null | Value::Blob(_) => b"",
        };
        let parts = number::parts(text).ok_or("it is no number with digits")?;
        if let Some((precision, scale)) = digits {
            parts.fits(precision, scale)?;
        }
        let start = self.bytes.len();
        parts.write(&mut self.bytes)?;
        Ok(Cell::Text(start..self.bytes.len()))
    }

    fn blob(&mut self, value: Value<'_>, hex: bool, longest: Option<u32>) -> Result<Cell, Reason> {
        let start = self.bytes.len();
        match value {
            Value::Text(text) if hex => {
                let digits = text.strip_prefix(b"\\x").ok_or("its bytes are not written as expected")?;
                self.bytes.reserve(digits.len() / 2);
                for pair in digits.chunks(2) {
                    let (Some(high), Some(low)) = (digit(pair[0]), pair.get(1).and_then(|low| digit(*low)))
                    else {
                        return Err("its bytes are not written as expected".into());
                    };
                    self.bytes.push(high << 4 | low);
                }
            }
            Value::Text(bytes) | Value::Blob(bytes) => self.bytes.extend_from_slice(bytes),
            _ => return Err("it is a number, and the column holds bytes".into()),
        }
        let length = self.bytes.len() - start;
        match longest {
            Some(longest) if length > longest as usize => {
                Err(format!("it has {length} bytes, and the column holds {longest}").into())
            }
            _ => Ok(Cell::Blob(start..self.bytes.len())),
        }
    }

    fn text(&mut self, shape: &Shape, bytes: &[u8]) -> Result<Cell, Reason> {
        let start = self.bytes.len();
        match shape {
            Shape::Date => moment::date(bytes, &mut self.bytes)?,
            Shape::Time(digits, long) => moment::time(bytes, *digits, *long, &mut self.bytes)?,
            Shape::Timestamp(digits) => moment::timestamp(bytes, *digits, false, &mut self.bytes)?,
            Shape::Moment(digits) => moment::timestamp(bytes, *digits, true, &mut self.bytes)?,
            Shape::Uuid => uuid(bytes, &mut self.bytes)?,
            Shape::Json => {
                let text = self.keep(bytes);
                let start = self.bytes.len();
                json::canonical(bytes, &mut self.bytes)?;
                return Ok(Cell::Json(text, start..self.bytes.len()));
            }
            Shape::Word(words) => {
                if !words.iter().any(|word| word.as_bytes() == bytes) {
                    return Err("it is none of the words that the column may hold".into());
                }
                self.bytes.extend_from_slice(bytes);
            }
            Shape::Char(longest) => {
                let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                self.characters(&bytes[..end], Some(*longest))?;
            }
            Shape::Text(longest) => self.characters(bytes, *longest)?,
            _ => self.characters(bytes, None)?,
        }
        Ok(Cell::Text(start..self.bytes.len()))
    }

    fn characters(&mut self, bytes: &[u8], longest: Option<u32>) -> Result<(), Reason> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no text in UTF-8")?;
        if let Some(longest) = longest.filter(|longest| bytes.len() > *longest as usize) {
            let length = text.chars().count();
            if length > longest as usize {
                return Err(format!("it has {length} characters, and the column holds {longest}").into());
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

fn boolean(value: Value<'_>) -> Result<Cell, Reason> {
    let truth = match value {
        Value::Int(number @ (0 | 1)) => number == 1,
        Value::UInt(number @ (0 | 1)) => number == 1,
        Value::Text(b"t" | b"1" | b"true" | b"TRUE") | Value::Blob([1]) => true,
        Value::Text(b"f" | b"0" | b"false" | b"FALSE") | Value::Blob([0]) => false,
        _ => return Err("it is neither true nor false".into()),
    };
    Ok(Cell::Int(i64::from(truth)))
}

fn integer(value: Value<'_>, least: i128, most: i128) -> Result<Cell, Reason> {
    let number = match value {
        Value::Int(number) => i128::from(number),
        Value::UInt(number) => i128::from(number),
        Value::Text(text) => number::integer(text).ok_or("it is no integer of 64 bits")?,
        Value::Float(_) => return Err("it is a number with a point, and the column holds integers".into()),
        Value::Blob(_) | Value::Null => return Err("it is bytes, and the column holds integers".into()),
    };
    if number < least || number > most {
        return Err(format!("it is not in the range of the column, {least} to {most}").into());
    }
    Ok(match i64::try_from(number) {
        Ok(number) => Cell::Int(number),
        Err(_) => Cell::UInt(u64::try_from(number).map_err(|_| "it is no integer of 64 bits")?),
    })
}

fn float(value: Value<'_>) -> Result<f64, Reason> {
    match value {
        Value::Float(number) => Ok(number),
        // An integer of more digits is not the same as a floating point.
        Value::Int(number) if (number as f64) as i128 == i128::from(number) => Ok(number as f64),
        Value::UInt(number) if (number as f64) as i128 == i128::from(number) => Ok(number as f64),
        Value::Int(_) | Value::UInt(_) => Err("it has more digits than a floating point keeps".into()),
        Value::Text(text) => {
            let text = std::str::from_utf8(text).ok();
            let number = text.and_then(|text| text.parse().ok());
            number.ok_or_else(|| "it is no number".into())
        }
        Value::Blob(_) | Value::Null => Err("it is bytes, and the column holds numbers".into()),
    }
}

/// Whether a number of 4 bytes is what a text with few digits means.
fn is_nearest(value: Value<'_>, short: f32) -> bool {
    match value {
        Value::Text(text) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse::<f32>().ok()) == Some(short)
                && text.iter().filter(|byte| byte.is_ascii_digit()).count() <= 9
        }
        _ => false,
    }
}

/// As few digits as tell it apart from all others.
pub fn float_text(number: f64) -> String {
    match number.abs() {
        0.0 | 1e-5..1e15 => format!("{number:?}"),
        _ => format!("{number:e}"),
    }
}

fn uuid(text: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
    let digits: Vec<u8> =
        text.iter().filter(|byte| !matches!(byte, b'-' | b'{' | b'}')).map(u8::to_ascii_lowercase).collect();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err("it is no UUID".into());
    }
    for (at, digit) in digits.iter().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        out.push(*digit);
    }
    Ok(())
}

fn digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shape: Shape, value: Value<'_>) -> Result<String, String> {
        let mut row = Row::default();
        let hex = matches!(shape, Shape::Bytes(_));
        row.push(&Reader { shape, hex, zero_is_null: false }, value).map_err(|reason| reason.into_owned())?;
        Ok(match row.value(0) {
            Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn values_of_all_engines_become_one() {
        let text = |text: &'static str| Value::Text(text.as_bytes());
        for (shape, values, expected) in [
            (Shape::Bool, vec![text("t"), text("1"), Value::Int(1), Value::Blob(&[1])], "Int(1)"),
            (Shape::Int(0, 300), vec![text("0255"), Value::Int(255)], "Int(255)"),
            (Shape::Decimal(Some((4, 2))), vec![text("1.50"), Value::Float(1.5)], "1.5"),
            (Shape::Float64, vec![text("1e300"), Value::Float(1e300)], "Float(1e300)"),
            (Shape::Char(3), vec![text("ab "), text("ab")], "ab"),
            (
                Shape::Uuid,
                vec![text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")],
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ),
            (Shape::Bytes(None), vec![text("\\x00ff"), Value::Blob(&[0, 255])], "Blob([0, 255])"),
        ] {
            for value in values {
                assert_eq!(of(shape.clone(), value).as_deref(), Ok(expected), "{shape:?} {value:?}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_has_a_reason() {
        for (shape, value) in [
            (Shape::Bool, Value::Int(2)),
            (Shape::Int(-128, 127), Value::Int(128)),
            (Shape::Int(0, i128::from(u64::MAX)), Value::Text(b"-1")),
            (Shape::Int(-128, 127), Value::Text(b"abc")),
            (Shape::Decimal(Some((3, 2))), Value::Text(b"10")),
            (Shape::Decimal(None), Value::Text(b"NaN")),
            (Shape::Float64, Value::Int(i64::MAX)),
            (Shape::Float32, Value::Float(0.1)),
            (Shape::Text(Some(2)), Value::Text("äöü".as_bytes())),
            (Shape::Text(None), Value::Text(b"a\xff")),
            (Shape::Bytes(Some(1)), Value::Blob(b"ab")),
            (Shape::Word(vec!["a".into()]), Value::Text(b"b")),
            (Shape::Json, Value::Text(b"{")),
            (Shape::Text(None), Value::Blob(b"a")),
        ] {
            assert!(of(shape.clone(), value).is_err(), "{shape:?} {value:?}");
        }
    }

    #[test]
    fn a_short_float_is_what_its_digits_say() {
        assert_eq!(of(Shape::Float32, Value::Text(b"0.1")).as_deref(), Ok("Float(0.10000000149011612)"));
        assert_eq!(
            of(Shape::Float32, Value::Float(f64::from(0.1_f32))).as_deref(),
            Ok("Float(0.10000000149011612)")
        );
        assert_eq!(of(Shape::Text(None), Value::Float(0.5)).as_deref(), Ok("0.5"));
    }
}
