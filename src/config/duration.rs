//! Durations as people write them: `500ms`, `2s`, `5m`, `1h30m`, `2d`.

use std::time::Duration;

use super::problem::Problem;

/// Unit words and their milliseconds; `ms` first, since it begins like `m`.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The longest duration every engine can hold in its own settings (32-bit milliseconds).
const LONGEST: u64 = 24 * 86_400_000;

/// Reads a duration; `0` needs no unit.
pub fn parse(text: &str) -> Result<Duration, Problem> {
    let duration = parse_any(text)?;
    if duration > Duration::from_millis(LONGEST) {
        return Err(Problem::new(format!("duration `{}` is longer than 24d", text.trim())));
    }
    Ok(duration)
}

/// The same, of any length: for what no engine has to know.
pub fn parse_any(text: &str) -> Result<Duration, Problem> {
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    sum(text).map(Duration::from_millis).ok_or_else(|| bad(text))
}

fn sum(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        total = total.checked_add(number.checked_mul(*factor)?)?;
        rest = &rest[unit.len()..];
    }
    (!text.is_empty()).then_some(total)
}

fn bad(text: &str) -> Problem {
    let problem = Problem::new(format!("`{text}` is not a duration"));
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => problem.hint(format!("add a unit: `{text}ms`, `{text}s` or `{text}m`")),
        false => problem.hint("write it like `500ms`, `2s`, `5m`, `1h` or `2d`"),
    }
}

/// Writes a duration with the largest unit that holds it exactly.
pub fn show(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 {
        return "0".to_owned();
    }
    let unit = UNITS.iter().rev().find(|(_, factor)| milliseconds.is_multiple_of(u128::from(*factor)));
    // Every number of milliseconds is a multiple of `ms`.
    let (unit, factor) = unit.copied().unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / u128::from(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let cases = [
            ("500ms", 500, "500ms"),
            ("2s", 2_000, "2s"),
            ("5m", 300_000, "5m"),
            ("1h", 3_600_000, "1h"),
            ("2d", 172_800_000, "2d"),
            ("1h30m", 5_400_000, "90m"),
            ("1500ms", 1_500, "1500ms"),
            ("0", 0, "0"),
            (" 3s ", 3_000, "3s"),
        ];
        for (text, milliseconds, shown) in cases {
            let duration = parse(text).unwrap();
            assert_eq!(duration.as_millis(), milliseconds, "{text}");
            assert_eq!(show(duration), shown, "{text}");
        }
    }

    #[test]
    fn bad_durations_say_how_to_write_them() {
        for text in ["", "s", "2 s", "1.5s", "-1s", "5 minutes", "2w", "99999999999999999999s"] {
            assert!(parse(text).unwrap_err().hints[0].contains("500ms"), "{text}");
        }
        assert!(parse("30").unwrap_err().hints[0].contains("`30s`"));
        assert!(parse("25d").unwrap_err().message.contains("24d"));
    }
}
