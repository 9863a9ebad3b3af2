//! What an expression gives, as far as engines must agree on it before one may have the words of
//! another.

use crate::model::types::Portable;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    Text,
    /// A string as it is written: text, or what it is compared with, if it looks like that.
    Literal(String),
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Uuid,
    /// Words of a list; equal lists are not one type on every engine.
    Enum(Vec<String>),
    /// Something that may be handed on and found NULL, and no more.
    Other,
}

impl Kind {
    /// What a column of a type gives; None is a type that only one engine has.
    pub fn of(ty: Option<&Portable>) -> Kind {
        match ty {
            Some(Portable::Bool) => Kind::Bool,
            Some(ty) if ty.is_number() => Kind::Number,
            Some(ty) if ty.is_text() => Kind::Text,
            Some(Portable::Date) => Kind::Date,
            Some(Portable::Time(_)) => Kind::Time,
            Some(Portable::Timestamp(_)) => Kind::Timestamp,
            Some(Portable::TimestampTz(_)) => Kind::TimestampTz,
            Some(Portable::Uuid) => Kind::Uuid,
            Some(Portable::Enum { labels, .. }) => Kind::Enum(labels.clone()),
            _ => Kind::Other,
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Kind::Text | Kind::Literal(_))
    }

    /// The one kind of two values that stand side by side: compared, or one for the other.
    /// `loose` is where true is 1 on both sides.
    pub fn with(self, other: Kind, loose: bool) -> Option<Kind> {
        match (self, other) {
            (Kind::Other, _) | (_, Kind::Other) => None,
            (Kind::Null, other) | (other, Kind::Null) => Some(other),
            (Kind::Bool, Kind::Number) | (Kind::Number, Kind::Bool) if loose => Some(Kind::Number),
            (Kind::Enum(_), Kind::Enum(_)) => None,
            (one, other) if one.is_text() && other.is_text() => Some(Kind::Text),
            (Kind::Literal(text), kind) | (kind, Kind::Literal(text)) => kind.reads(&text).then_some(kind),
            (one, other) => (one == other).then_some(one),
        }
    }

    /// Whether a string says a value of the kind, on every engine the same one.
    fn reads(&self, text: &str) -> bool {
        match self {
            Kind::Date => is_date(text),
            Kind::Timestamp => {
                let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
                is_date(date) && is_time(time)
            }
            Kind::Time => is_time(text),
            Kind::Enum(labels) => labels.iter().any(|label| label == text),
            _ => false,
        }
    }

    /// Whether engines agree which of two such values is the less.
    pub fn has_order(&self) -> bool {
        !matches!(self, Kind::Bool | Kind::Uuid | Kind::Enum(_) | Kind::Other)
    }

    /// Whether a column of a type takes such values.
    pub fn fits(&self, column: &Kind, loose: bool) -> bool {
        match (self, column) {
            (Kind::Null, _) => true,
            (Kind::Other, _) | (_, Kind::Other) => false,
            // Every engine writes a number as text by itself, but not in the same digits.
            (one, Kind::Text) => one.is_text(),
            _ => self.clone().with(column.clone(), loose).is_some(),
        }
    }
}

/// `2026-01-31`.
pub fn is_date(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('-').collect();
    let [year, month, day] = numbers.as_slice() else { return false };
    let within = |text: &str, length: usize, most: u32| {
        text.len() == length && digits(text).is_some_and(|number| (1..=most).contains(&number))
    };
    within(year, 4, 9999) && within(month, 2, 12) && within(day, 2, days(digits(month), digits(year)))
}

/// The days of a month.
fn days(month: Option<u32>, year: Option<u32>) -> u32 {
    let year = year.unwrap_or(0);
    match month {
        Some(2) if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        _ => 31,
    }
}

/// `23:59`, `23:59:59.5`.
pub fn is_time(text: &str) -> bool {
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let numbers: Vec<&str> = text.split(':').collect();
    let below = |text: &str, most: u32| text.len() == 2 && digits(text).is_some_and(|number| number < most);
    let fraction = (1..=6).contains(&fraction.len()) && digits(fraction).is_some();
    match numbers.as_slice() {
        [hour, minute] => below(hour, 24) && below(minute, 60) && fraction,
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 60) && fraction,
        _ => false,
    }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_known_by_their_look() {
        for (text, expected) in
            [("2024-02-29", true), ("2023-02-29", false), ("2024-13-01", false), ("now", false), ("", false)]
        {
            assert_eq!(is_date(text), expected, "{text}");
        }
        for (text, expected) in
            [("23:59", true), ("23:59:59.5", true), ("-10:00:00", false), ("24:00", false)]
        {
            assert_eq!(is_time(text), expected, "{text}");
        }
    }
}
