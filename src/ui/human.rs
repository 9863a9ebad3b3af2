//! Durations, sizes and counts for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `84 µs`, `1.84 ms`, `12.3 ms`, `1.24 s`, `2 min 05 s`, `1 h 02 min`, `3 d 04 h`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let millis = time.as_secs_f64() * 1000.0;
    match seconds {
        0 if millis < 0.9995 => format!("{:.0} µs", millis * 1000.0),
        0 if millis < 9.995 => format!("{millis:.2} ms"),
        0 if millis < 99.95 => format!("{millis:.1} ms"),
        0 if millis < 999.5 => format!("{millis:.0} ms"),
        0..10 => format!("{:.2} s", time.as_secs_f64()),
        10..60 => format!("{:.1} s", (time.as_secs_f64() * 10.0).floor() / 10.0),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {:02} h", seconds / 86400, seconds / 3600 % 24),
    }
}

/// `512 B`, `1.5 KiB`, `20.0 MiB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    let mut amount = size as f64 / 1024.0;
    let mut unit = 0;
    // The last unit holds every u64; 1023.95 would round up to 1024.0.
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `2,000 rows`: `noun` is the plural and loses its `s` for one.
pub fn counted(number: u64, noun: &str) -> String {
    let noun = match number {
        1 => noun.strip_suffix('s').unwrap_or(noun),
        _ => noun,
    };
    format!("{} {noun}", count(number))
}

/// How many a second, rounded to a whole number.
pub fn per_second(number: u64, time: Duration) -> u64 {
    let seconds = time.as_secs_f64();
    match seconds > 0.0 {
        true => (number as f64 / seconds).round() as u64,
        false => number,
    }
}

/// ISO 8601 in UTC with milliseconds: `2026-02-03T04:05:06.789Z`.
pub fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (year, month, day) = civil_from_days(seconds / 86400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        since.subsec_millis()
    )
}

/// The time that [`timestamp`] wrote.
pub fn parse_timestamp(text: &str) -> Option<SystemTime> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second, millis) = (number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?);
    if text.get(23..) != Some("Z") || year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_millis(seconds * 1000 + millis))
}

/// The other way round.
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    // The year begins in March, so that the day that not all have is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).saturating_sub(719_468)
}

/// The Gregorian date of a day counted from 1970-01-01 (Howard Hinnant's algorithm).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = match month_from_march {
        0..10 => month_from_march + 3,
        _ => month_from_march - 9,
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (micros, text) in [
            (0, "0 µs"),
            (840, "840 µs"),
            (1_840, "1.84 ms"),
            (12_340, "12.3 ms"),
            (123_400, "123 ms"),
            (999_499, "999 ms"),
            (999_600, "1.00 s"),
            (1_240_000, "1.24 s"),
            (59_990_000, "59.9 s"),
            (125_000_000, "2 min 05 s"),
            (3_720_000_000, "1 h 02 min"),
            (273_600_000_000, "3 d 04 h"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), text, "{micros}");
        }
    }

    #[test]
    fn times_come_back() {
        for millis in [0, 951_782_399_999, 951_868_800_000, 1_795_000_000_123, 4_107_542_400_000] {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            assert_eq!(parse_timestamp(&timestamp(time)), Some(time), "{}", timestamp(time));
        }
        for wrong in ["", "yesterday", "2026-13-01T00:00:00.000Z", "2026-01-01T00:00:00.000+01:00"] {
            assert_eq!(parse_timestamp(wrong), None);
        }
    }

    #[test]
    fn sizes() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (20 << 20, "20.0 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn counts() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "rows"), "1 row");
        assert_eq!(counted(2000, "rows"), "2,000 rows");
        assert_eq!(per_second(10, Duration::from_secs(4)), 3);
        assert_eq!(per_second(10, Duration::ZERO), 10);
    }

    #[test]
    fn timestamps() {
        let at = |seconds: u64| UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 7);
        assert_eq!(timestamp(at(0)), "1970-01-01T00:00:00.007Z");
        assert_eq!(timestamp(at(951_782_400)), "2000-02-29T00:00:00.007Z");
        assert_eq!(timestamp(at(1_798_761_599)), "2026-12-31T23:59:59.007Z");
    }
}
