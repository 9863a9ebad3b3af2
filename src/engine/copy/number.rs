//! Numbers as text: exact ones without a zero too many, so that equal ones are written alike.

use super::Reason;

/// An integer out of digits; None where it is none of 64 bits, with or without a sign.
pub fn integer(text: &[u8]) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut number: u64 = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    let number = i128::from(number);
    Some(if negative { -number } else { number })
}

/// The parts of a number that is written with a point and an exponent: `-12.50e3`.
pub struct Parts {
    pub negative: bool,
    /// The digits without the zeros at both ends; empty for zero.
    pub digits: Vec<u8>,
    /// Where the point is: the number is 0.DIGITS times ten to this.
    pub point: i64,
}

/// Takes a number apart; None when it is none.
pub fn parts(text: &[u8]) -> Option<Parts> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let split = rest.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = match split {
        Some(at) => (&rest[..at], i64::try_from(integer(&rest[at + 1..])?).ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &mantissa[..0]),
    };
    let is_digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    if whole.is_empty() && fraction.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let all = [whole, fraction].concat();
    let zeros = all.iter().take_while(|digit| **digit == b'0').count();
    let end = all.iter().rposition(|digit| *digit != b'0').map_or(zeros, |last| last + 1);
    let digits = all[zeros.min(end)..end].to_vec();
    let point = if digits.is_empty() { 0 } else { whole.len() as i64 - zeros as i64 + exponent };
    Some(Parts { negative: negative && !digits.is_empty(), digits, point })
}

/// More digits than any engine keeps.
const MOST_DIGITS: i64 = 200_000;

impl Parts {
    /// Writes the number without an exponent and without a zero too many.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Reason> {
        if self.point.abs() > MOST_DIGITS {
            return Err("the number has too many digits".into());
        }
        if self.negative {
            out.push(b'-');
        }
        let count = self.digits.len() as i64;
        if self.point <= 0 {
            out.push(b'0');
            if count > 0 {
                out.push(b'.');
                out.extend(std::iter::repeat_n(b'0', (-self.point) as usize));
                out.extend_from_slice(&self.digits);
            }
            return Ok(());
        }
        let whole = self.point.min(count) as usize;
        out.extend_from_slice(&self.digits[..whole]);
        out.extend(std::iter::repeat_n(b'0', (self.point - whole as i64) as usize));
        if whole < self.digits.len() {
            out.push(b'.');
            out.extend_from_slice(&self.digits[whole..]);
        }
        Ok(())
    }

    /// Whether it fits into so many digits, of which some stand after the point.
    pub fn fits(&self, precision: u32, scale: u32) -> Result<(), Reason> {
        let after = self.digits.len() as i64 - self.point;
        if !self.digits.is_empty() && after > i64::from(scale) {
            return Err(format!("it has more than {scale} digits after the point").into());
        }
        if self.point > i64::from(precision) - i64::from(scale) {
            return Err(format!("it has more than {} digits before the point", precision - scale).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        parts(text.as_bytes()).unwrap().write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        for (text, expected) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("-12.50e3", "-12500"),
            ("1e-3", "0.001"),
            (".5", "0.5"),
            ("100", "100"),
            ("100.0e-1", "10"),
            ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
        for text in ["", ".", "NaN", "1e", "1.2.3", "--1", "0x10"] {
            assert!(parts(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn digits_are_counted() {
        let fits = |text: &str| parts(text.as_bytes()).unwrap().fits(5, 2).is_ok();
        assert!(fits("999.99") && fits("0") && fits("-0.01") && fits("1.50000"));
        assert!(!fits("1000") && !fits("0.001"));
    }

    #[test]
    fn integers_of_64_bits() {
        assert_eq!(integer(b"-9223372036854775808"), Some(i128::from(i64::MIN)));
        assert_eq!(integer(b"18446744073709551615"), Some(i128::from(u64::MAX)));
        assert_eq!(integer(b"18446744073709551616"), None);
        assert_eq!(integer(b"0005"), Some(5));
        assert_eq!(integer(b"5a"), None);
        assert_eq!(integer(b"-"), None);
    }
}
