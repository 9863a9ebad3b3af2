//! Floats as the servers print them: their own conversion differs from everybody else's in when
//! it turns to exponents, and shows a FLOAT with six digits only.

use std::io::Write;

/// Digits before or behind the point beyond which exponents are written.
const LONGEST: i32 = 15;
/// Digits a FLOAT is good for.
const FLOAT_DIGITS: usize = 6;
/// Holds any float in exponent form.
const SPACE: usize = 32;

/// A number as 0.DIGITS times ten to the power of `point`.
struct Decimal {
    digits: [u8; SPACE],
    count: usize,
    point: i32,
}

impl Decimal {
    /// The shortest digits that mean `number` and no other, or `most` rounded ones.
    fn new(number: f64, most: Option<usize>) -> Self {
        let number = number.abs();
        if let Some(most) = most {
            return Decimal::read(format_args!("{:.*e}", most - 1, number));
        }
        let shortest = Decimal::read(format_args!("{number:e}"));
        match may_be_tied(number) {
            true => shortest.settle_tie(number),
            false => shortest,
        }
    }

    /// Where two shortest forms are equally near, the servers take the even one.
    #[cold]
    fn settle_tie(self, number: f64) -> Self {
        let text = format!("{:.*e}", self.count - 1, number);
        match text.parse::<f64>() {
            Ok(value) if value == number => Decimal::read(format_args!("{text}")),
            _ => self,
        }
    }

    /// Reads what the standard library writes with an exponent.
    fn read(written: std::fmt::Arguments<'_>) -> Self {
        let mut text = [0; SPACE];
        let mut rest = &mut text[..];
        // What does not fit is lost, and nothing is that long: 17 digits, a point, an exponent.
        let _ = rest.write_fmt(written);
        let left = rest.len();
        let text = std::str::from_utf8(&text[..SPACE - left]).unwrap_or_default();
        let (mantissa, exponent) = text.split_once('e').unwrap_or(("0", "0"));
        let mut decimal = Decimal { digits: [0; SPACE], count: 0, point: 0 };
        for digit in mantissa.bytes().filter(u8::is_ascii_digit) {
            decimal.digits[decimal.count] = digit;
            decimal.count += 1;
        }
        while decimal.count > 1 && decimal.digits[decimal.count - 1] == b'0' {
            decimal.count -= 1;
        }
        decimal.point = exponent.parse().unwrap_or(0) + 1;
        decimal
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }

    /// How many digits stand behind the point.
    fn fraction(&self) -> usize {
        usize::try_from(self.count as i32 - self.point).unwrap_or(0)
    }
}

/// Whether a number can lie in the middle between two decimals of 16 or 17 digits: it has as many
/// decimals as bits behind the point, and one digit more than they have.
fn may_be_tied(number: f64) -> bool {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const LOWEST_EXPONENT: i64 = -1074;
    let bits = number.to_bits();
    let exponent = (bits >> MANTISSA_BITS & 0x7FF) as i64;
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1) | u64::from(exponent > 0) << MANTISSA_BITS;
    let last_bit = LOWEST_EXPONENT + (exponent - 1).max(0) + i64::from(mantissa.trailing_zeros());
    last_bit >= -18
}

/// A DOUBLE without a fixed number of decimals.
pub fn put_double(out: &mut Vec<u8>, number: f64) {
    put(out, number.is_sign_negative(), &Decimal::new(number, None));
}

/// A FLOAT without a fixed number of decimals.
pub fn put_float(out: &mut Vec<u8>, number: f32) {
    put(out, number.is_sign_negative(), &Decimal::new(f64::from(number), Some(FLOAT_DIGITS)));
}

/// A float with this many decimals.
pub fn put_fixed(out: &mut Vec<u8>, number: f64, decimals: usize) {
    let shortest = Decimal::new(number, None);
    if shortest.fraction() > decimals {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{number:.decimals$}");
        return;
    }
    // The shortest digits are shown even where the number itself has others further on.
    if number.is_sign_negative() {
        out.push(b'-');
    }
    put_plain(out, &shortest);
    if decimals > 0 {
        if shortest.fraction() == 0 {
            out.push(b'.');
        }
        out.resize(out.len() + decimals - shortest.fraction(), b'0');
    }
}

fn put(out: &mut Vec<u8>, negative: bool, decimal: &Decimal) {
    let Decimal { count, point, .. } = *decimal;
    if negative {
        out.push(b'-');
    }
    if point > -LONGEST && (point <= LONGEST || count as i32 > point) {
        return put_plain(out, decimal);
    }
    let (first, rest) = decimal.digits().split_at(1);
    out.extend_from_slice(first);
    if !rest.is_empty() {
        out.push(b'.');
        out.extend_from_slice(rest);
    }
    // Writing to a vector cannot fail.
    let _ = write!(out, "e{}", point - 1);
}

fn put_plain(out: &mut Vec<u8>, decimal: &Decimal) {
    let digits = decimal.digits();
    match usize::try_from(decimal.point) {
        Ok(whole @ 1..) if whole >= digits.len() => {
            out.extend_from_slice(digits);
            out.resize(out.len() + whole - digits.len(), b'0');
        }
        Ok(whole @ 1..) => {
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        }
        _ => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + decimal.point.unsigned_abs() as usize, b'0');
            out.extend_from_slice(digits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(put: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        put(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles() {
        for (number, shown) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e15, "1e15"),
            (1e14, "100000000000000"),
            (123456789012345.0, "123456789012345"),
            (1234567890123456.0, "1.234567890123456e15"),
            (1e20, "1e20"),
            (1e-5, "0.00001"),
            (1e-15, "0.000000000000001"),
            (1e-16, "1e-16"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (0.30000000000000004, "0.30000000000000004"),
            (27533410841164.0 + 0.5625, "27533410841164.562"),
            (9007199254740992.0, "9.007199254740992e15"),
            (5e-324, "5e-324"),
            ((-22227546919349.0 - 0.0625) * 100.0, "-2222754691934906.2"),
        ] {
            assert_eq!(text(|out| put_double(out, number)), shown);
        }
    }

    #[test]
    fn floats_have_six_digits() {
        for (number, shown) in [
            (0.1f32, "0.1"),
            (16777216.0, "16777200"),
            (3.4028235e38, "3.40282e38"),
            (f32::MIN_POSITIVE, "1.17549e-38"),
            (123456.7, "123457"),
            (-1.5, "-1.5"),
        ] {
            assert_eq!(text(|out| put_float(out, number)), shown);
        }
    }

    #[test]
    fn fixed_decimals() {
        for (number, decimals, shown) in [
            (1.5, 2, "1.50"),
            (0.0, 2, "0.00"),
            (-0.001, 2, "-0.00"),
            (1e23, 2, "100000000000000000000000.00"),
            (123.456, 2, "123.46"),
            (7.0, 0, "7"),
            (0.05, 3, "0.050"),
        ] {
            assert_eq!(text(|out| put_fixed(out, number, decimals)), shown);
        }
    }
}
