//! Cells as text: the same words in every format.

use crate::model::rows::BlobStyle;

/// Room for the text of any number.
#[derive(Default)]
pub(super) struct NumberText {
    integer: itoa::Buffer,
    float: FloatText,
}

impl NumberText {
    pub(super) fn int(&mut self, value: i64) -> &str {
        self.integer.format(value)
    }

    pub(super) fn uint(&mut self, value: u64) -> &str {
        self.integer.format(value)
    }

    pub(super) fn float(&mut self, value: f64) -> &str {
        self.float.format(value)
    }
}

/// The longest is `-1.2345678901234567e-308`, 24 bytes; positional needs at most 24 as well.
const FLOAT_LEN: usize = 32;

struct FloatText {
    shortest: zmij::Buffer,
    text: [u8; FLOAT_LEN],
}

impl Default for FloatText {
    fn default() -> Self {
        FloatText { shortest: zmij::Buffer::new(), text: [0; FLOAT_LEN] }
    }
}

impl FloatText {
    /// The shortest text that reads back as the same number, written as SQLite writes it:
    /// always with a point, positional from 1e-4 to below 1e17, `1.0e+100` beyond.
    fn format(&mut self, value: f64) -> &str {
        if !value.is_finite() {
            return match (value.is_nan(), value > 0.0) {
                (true, _) => "NaN",
                (_, true) => "Inf",
                (_, false) => "-Inf",
            };
        }
        // SQLite knows no negative zero in text.
        let value = if value == 0.0 { 0.0 } else { value };
        let shortest = self.shortest.format_finite(value);
        let positional = !shortest.bytes().any(|byte| byte == b'e');
        if positional && (value == 0.0 || value.abs() >= 1e-4) {
            return shortest;
        }
        let mut out = Short { text: &mut self.text, len: 0 };
        out.scientific(&Decimal::parse(shortest));
        let len = out.len;
        // Only ASCII is ever pushed.
        std::str::from_utf8(&self.text[..len]).unwrap_or_default()
    }
}

/// Significant digits and the power of ten of the first one.
struct Decimal {
    negative: bool,
    digits: [u8; 20],
    count: usize,
    exponent: i32,
}

impl Decimal {
    /// Reads `-12.5e-7`, `0.00012`, `1e300`: what a shortest-digits printer writes.
    fn parse(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let negative = mantissa.starts_with('-');
        let mut decimal = Decimal {
            negative,
            digits: [b'0'; 20],
            count: 0,
            exponent: exponent.parse::<i32>().unwrap_or(0) - 1,
        };
        let mut fraction = false;
        for byte in mantissa.bytes() {
            match byte {
                b'.' => fraction = true,
                b'0' if decimal.count == 0 => decimal.exponent -= i32::from(fraction),
                b'0'..=b'9' if decimal.count < decimal.digits.len() => {
                    decimal.digits[decimal.count] = byte;
                    decimal.count += 1;
                    decimal.exponent += i32::from(!fraction);
                }
                _ => {}
            }
        }
        while decimal.count > 1 && decimal.digits[decimal.count - 1] == b'0' {
            decimal.count -= 1;
        }
        decimal
    }
}

struct Short<'a> {
    text: &'a mut [u8; FLOAT_LEN],
    len: usize,
}

impl Short<'_> {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.text.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn scientific(&mut self, number: &Decimal) {
        if number.negative {
            self.push(b'-');
        }
        let digits = &number.digits[..number.count.max(1)];
        if (0..17).contains(&number.exponent) {
            // exponent is not negative here
            let whole = number.exponent as usize + 1;
            (0..whole.max(digits.len())).for_each(|index| {
                if index == whole {
                    self.push(b'.');
                }
                self.push(digits.get(index).copied().unwrap_or(b'0'));
            });
            if digits.len() <= whole {
                self.push(b'.');
                self.push(b'0');
            }
            return;
        }
        self.push(digits[0]);
        self.push(b'.');
        digits[1..].iter().for_each(|digit| self.push(*digit));
        if digits.len() == 1 {
            self.push(b'0');
        }
        self.push(b'e');
        self.push(if number.exponent < 0 { b'-' } else { b'+' });
        let exponent = number.exponent.unsigned_abs();
        if exponent >= 100 {
            self.push(b'0' + (exponent / 100) as u8);
        }
        self.push(b'0' + (exponent / 10 % 10) as u8);
        self.push(b'0' + (exponent % 10) as u8);
    }
}

/// Two hexadecimal digits for every byte.
const fn hex_table(digits: &[u8; 16]) -> [[u8; 2]; 256] {
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    table
}

static HEX_LOWER: [[u8; 2]; 256] = hex_table(b"0123456789abcdef");
static HEX_UPPER: [[u8; 2]; 256] = hex_table(b"0123456789ABCDEF");

/// Appends the hexadecimal digits of `bytes`, without prefix and suffix.
pub(super) fn push_hex(bytes: &[u8], style: BlobStyle, out: &mut Vec<u8>) {
    let table = match style.upper_case {
        true => &HEX_UPPER,
        false => &HEX_LOWER,
    };
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.extend_from_slice(&table[usize::from(*byte)]);
    }
}

/// Appends bytes as the engine's own client writes them.
pub(super) fn push_blob(bytes: &[u8], style: BlobStyle, out: &mut Vec<u8>) {
    out.extend_from_slice(style.prefix.as_bytes());
    push_hex(bytes, style, out);
    out.extend_from_slice(style.suffix.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_sqlite_writes_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (49.47, "49.47"),
            (1e15, "1000000000000000.0"),
            (1e16, "10000000000000000.0"),
            (1e17, "1.0e+17"),
            (12_345_678_901_234_568.0, "12345678901234568.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e100, "1.0e+100"),
            (-2.5e-300, "-2.5e-300"),
            (0.0001, "0.0001"),
            (0.00001, "1.0e-05"),
            (0.000_123_4, "0.0001234"),
            (std::f64::consts::PI, "3.141592653589793"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(NumberText::default().float(value), text);
        }
    }

    #[test]
    fn every_float_reads_back() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut number = NumberText::default();
        for _ in 0..20_000 {
            let value = f64::from_bits(random.u64(..));
            if value.is_finite() {
                assert_eq!(number.float(value).parse::<f64>().ok(), Some(value));
            }
        }
    }

    #[test]
    fn blobs_are_hexadecimal_in_the_engines_style() {
        let mut out = Vec::new();
        let style = BlobStyle { prefix: "X'", suffix: "'", upper_case: true };
        push_blob(&[0, 0xab, 255], style, &mut out);
        assert_eq!(out, b"X'00ABFF'");
    }
}
