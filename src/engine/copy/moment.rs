//! Dates and times as text: however they are written, equal ones become the same.

use super::Reason;

/// What a text of a date or time says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Clock {
    hours: i64,
    minutes: i64,
    seconds: i64,
    /// Millionths.
    micros: i64,
    /// Digits of the fraction that are no zeros at the end.
    digits: u8,
}

/// Reads from the front of a text.
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let number = self.0[..count].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        self.0 = &self.0[count..];
        Some(number)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.number(4, 4)?;
        let month = self.eat(b'-').then(|| self.number(2, 2))??;
        let day = self.eat(b'-').then(|| self.number(2, 2))??;
        Some((year, month, day))
    }

    fn clock(&mut self, most_hours: usize) -> Option<Clock> {
        let mut clock = Clock { hours: self.number(2, most_hours)?, ..Clock::default() };
        clock.minutes = self.eat(b':').then(|| self.number(2, 2))??;
        if self.eat(b':') {
            clock.seconds = self.number(2, 2)?;
            if self.eat(b'.') {
                self.fraction(&mut clock)?;
            }
        }
        Some(clock)
    }

    /// Digits beyond the sixth must be zeros to be none.
    fn fraction(&mut self, clock: &mut Clock) -> Option<()> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = &self.0[..count];
        self.0 = &self.0[count..];
        let last = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        clock.digits = u8::try_from(last).unwrap_or(u8::MAX);
        clock.micros =
            (0..6).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0')));
        (count > 0).then_some(())
    }

    /// `Z`, `+01`, `-05:30`, `+00:19:32`: seconds; None where nothing is said.
    fn zone(&mut self) -> Option<Option<i64>> {
        if self.eat(b'Z') || self.eat(b'z') {
            return Some(Some(0));
        }
        let sign = match self.0.first() {
            None => return Some(None),
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.0 = &self.0[1..];
        let mut seconds = self.number(2, 2)? * 3600;
        for unit in [60, 1] {
            if self.0.is_empty() {
                break;
            }
            self.eat(b':');
            seconds += self.number(2, 2)? * unit;
        }
        Some(Some(sign * seconds))
    }
}

const NO_DATE: &str = "it is no date of the years 1 to 9999";
const NO_TIME: &str = "it is no time";
const ZERO_DATE: &str = "it is a date of zeros, which is no day";

fn check_date(date: (i64, i64, i64)) -> Result<(), Reason> {
    let (year, month, day) = date;
    if month == 0 || day == 0 {
        return Err(ZERO_DATE.into());
    }
    if year == 0 || month > 12 || day > days_of(year, month) {
        return Err(NO_DATE.into());
    }
    Ok(())
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn check_clock(clock: &Clock, digits: u8) -> Result<(), Reason> {
    if clock.minutes > 59 || clock.seconds > 59 {
        return Err(NO_TIME.into());
    }
    if clock.digits > digits {
        return Err(format!("it has more than {digits} digits of a second").into());
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, number: i64, width: usize) {
    let mut digits = [b'0'; 20];
    let (mut at, mut left) = (20, number);
    while left > 0 || 20 - at < width {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}

fn put_date(out: &mut Vec<u8>, (year, month, day): (i64, i64, i64)) {
    put(out, year, 4);
    out.push(b'-');
    put(out, month, 2);
    out.push(b'-');
    put(out, day, 2);
}

fn put_clock(out: &mut Vec<u8>, clock: &Clock) {
    put(out, clock.hours, 2);
    out.push(b':');
    put(out, clock.minutes, 2);
    out.push(b':');
    put(out, clock.seconds, 2);
    if clock.digits > 0 {
        out.push(b'.');
        let digits = clock.digits.min(6);
        put(out, clock.micros / 10_i64.pow(u32::from(6 - digits)), usize::from(digits));
    }
}

/// `2026-11-24`.
pub fn date(text: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
    let mut rest = Text(text);
    let date = rest.date().ok_or(NO_DATE)?;
    check_date(date)?;
    // A time of day that says midnight says nothing.
    if !rest.0.is_empty() {
        let midnight = (rest.eat(b' ') || rest.eat(b'T')).then(|| rest.clock(2)).flatten();
        if !rest.0.is_empty() || midnight != Some(Clock::default()) {
            return Err(NO_DATE.into());
        }
    }
    put_date(out, date);
    Ok(())
}

/// `13:01:59.25`.
pub fn time(text: &[u8], digits: u8, long: bool, out: &mut Vec<u8>) -> Result<(), Reason> {
    let mut rest = Text(text);
    let negative = rest.eat(b'-');
    let clock = rest.clock(if long { 3 } else { 4 }).ok_or(NO_TIME)?;
    if !rest.0.is_empty() {
        return Err(NO_TIME.into());
    }
    check_clock(&clock, digits)?;
    let day = Clock { hours: 24, ..Clock::default() };
    if !long && (negative || clock.hours >= 24 && clock != day) {
        return Err("it is no time of a day, but below 0 or above 24 hours".into());
    }
    if negative && clock != Clock::default() {
        out.push(b'-');
    }
    put_clock(out, &clock);
    Ok(())
}

/// `2026-11-24 13:01:59.25`; with `utc` the moment in UTC, else as the clock on the wall shows it. A
/// date alone is its midnight.
pub fn timestamp(text: &[u8], digits: u8, utc: bool, out: &mut Vec<u8>) -> Result<(), Reason> {
    const NONE: &str = "it is no date and time of the years 1 to 9999";
    let mut rest = Text(text);
    let date = rest.date().ok_or(NONE)?;
    check_date(date)?;
    let mut clock = Clock::default();
    if !rest.0.is_empty() {
        clock = (rest.eat(b' ') || rest.eat(b'T')).then(|| rest.clock(2)).flatten().ok_or(NONE)?;
    }
    let zone = rest.zone().ok_or(NONE)?;
    if !rest.0.is_empty() || clock.hours > 23 {
        return Err(NONE.into());
    }
    check_clock(&clock, digits)?;
    let date = match zone {
        None | Some(0) => date,
        Some(_) if !utc => return Err("it says a time zone, and the column has none".into()),
        Some(seconds) => shift(date, &mut clock, -seconds).ok_or(NONE)?,
    };
    put_date(out, date);
    out.push(b' ');
    put_clock(out, &clock);
    Ok(())
}

/// Another number of seconds later.
fn shift(date: (i64, i64, i64), clock: &mut Clock, by: i64) -> Option<(i64, i64, i64)> {
    let seconds = clock.hours * 3600 + clock.minutes * 60 + clock.seconds + by;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    (clock.hours, clock.minutes, clock.seconds) = (second / 3600, second / 60 % 60, second % 60);
    let (mut year, mut month, mut day) = date;
    for _ in 0..days.abs() {
        day += days.signum();
        if day == 0 {
            month -= 1;
            if month == 0 {
                (year, month) = (year - 1, 12);
            }
            day = days_of(year, month);
        } else if day > days_of(year, month) {
            (month, day) = (month + 1, 1);
            if month == 13 {
                (year, month) = (year + 1, 1);
            }
        }
    }
    (1..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(f: impl Fn(&mut Vec<u8>) -> Result<(), Reason>) -> Result<String, String> {
        let mut out = Vec::new();
        f(&mut out).map_err(|reason| reason.into_owned())?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn at(text: &str) -> Result<String, String> {
        of(|out| timestamp(text.as_bytes(), 6, true, out))
    }

    #[test]
    fn moments_are_those_of_utc() {
        for (text, expected) in [
            ("2026-11-24 13:01:59.250000+00", "2026-11-24 13:01:59.25"),
            ("2026-11-24T13:01:59Z", "2026-11-24 13:01:59"),
            ("2026-11-24 13:01", "2026-11-24 13:01:00"),
            ("2026-11-24", "2026-11-24 00:00:00"),
            ("2026-03-01 00:30:00+01", "2026-02-28 23:30:00"),
            ("2025-12-31 23:30:00-05:30", "2026-01-01 05:00:00"),
            ("0001-01-01 00:00:00.000001", "0001-01-01 00:00:00.000001"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(expected), "{text}");
        }
        for text in
            ["infinity", "0044-03-15 00:00:00 BC", "12026-01-01", "2026-02-30", "2026-01-01 24:00", ""]
        {
            assert!(at(text).is_err(), "{text}");
        }
        assert_eq!(at("0000-00-00 00:00:00").unwrap_err(), ZERO_DATE);
        assert!(at("2026-01-01 00:00:00.1234567").unwrap_err().contains("6 digits"));
        let wall = |text: &str| of(|out| timestamp(text.as_bytes(), 0, false, out));
        assert!(wall("2026-01-01 00:00:00+02").is_err() && wall("2026-01-01 00:00:00.5").is_err());
        assert_eq!(wall("2026-01-01 00:00:00.000Z").as_deref(), Ok("2026-01-01 00:00:00"));
    }

    #[test]
    fn times_and_dates() {
        let day = |text: &str| of(|out| time(text.as_bytes(), 6, false, out));
        let long = |text: &str| of(|out| time(text.as_bytes(), 6, true, out));
        assert_eq!(day("24:00:00").as_deref(), Ok("24:00:00"));
        assert!(day("24:00:01").is_err() && day("-01:00:00").is_err() && day("838:59:59").is_err());
        assert_eq!(long("-838:59:59.5").as_deref(), Ok("-838:59:59.5"));
        assert_eq!(long("-00:00:00").as_deref(), Ok("00:00:00"));
        let date = |text: &str| of(|out| date(text.as_bytes(), out));
        assert_eq!(date("2024-02-29").as_deref(), Ok("2024-02-29"));
        assert_eq!(date("2024-02-29 00:00:00").as_deref(), Ok("2024-02-29"));
        assert!(date("2023-02-29").is_err() && date("2024-02-29 01:00:00").is_err());
    }
}
