//! Whether a literal may stand as the default of a column of a type.

use super::expression::{is_date, is_time};
use super::{DefaultValue, Table};
use crate::engine::type_map::Abilities;
use crate::model::catalog::Reference;
use crate::model::types::Portable;

/// Why an engine that minds its types refuses the default.
pub fn refused(abilities: &Abilities, value: &DefaultValue, ty: Option<&Portable>) -> Option<String> {
    let ty = ty.filter(|_| !abilities.loose_types)?;
    let said = match value {
        DefaultValue::Text(text) | DefaultValue::Number(text) => text.as_str(),
        DefaultValue::Bool(_) if ty.is_number() || ty.is_text() || *ty == Portable::Bool => return None,
        DefaultValue::Bool(flag) => return Some(format!("{flag} is no {ty}")),
        _ => return None,
    };
    let quoted = matches!(value, DefaultValue::Text(_));
    let fits = match ty {
        Portable::Bool => matches!(said, "0" | "1"),
        Portable::Int { bits, unsigned } => is_whole(said, u32::from(*bits), *unsigned),
        Portable::Decimal(Some((precision, scale))) => is_within(said, precision.saturating_sub(*scale)),
        _ if ty.is_number() => said.parse::<f64>().is_ok_and(f64::is_finite),
        Portable::Varchar(length) | Portable::Char(length) => said.chars().count() <= *length as usize,
        Portable::Date => quoted && is_date(said),
        Portable::Time(_) => {
            let said = said.strip_prefix('-').filter(|_| abilities.long_times).unwrap_or(said);
            quoted && (is_time(said) || abilities.long_times && is_long_time(said))
        }
        Portable::Timestamp(_) | Portable::TimestampTz(_) => quoted && is_moment(said),
        Portable::Uuid => is_uuid(said),
        Portable::Json => serde_json::from_str::<serde_json::Value>(said).is_ok(),
        Portable::Enum { labels, .. } => labels.iter().any(|label| label == said),
        Portable::Interval => !said.trim().is_empty(),
        _ => true,
    };
    (!fits).then(|| format!("'{said}' is no {ty}"))
}

/// A number without a fraction, of so many bits.
fn is_whole(text: &str, bits: u32, unsigned: bool) -> bool {
    let Ok(number) = text.parse::<i128>() else {
        // `1.0` and `1e3` are rounded by every engine.
        return text.parse::<f64>().is_ok_and(|number| number.abs() < 2f64.powi(bits as i32 - 1));
    };
    match unsigned {
        true => (0..1i128 << bits).contains(&number),
        false => (-(1i128 << (bits - 1))..1i128 << (bits - 1)).contains(&number),
    }
}

/// A number with so many digits before the point at most.
fn is_within(text: &str, digits: u32) -> bool {
    let limit = 10f64.powi(digits.min(300) as i32);
    text.parse::<f64>().is_ok_and(|number| number.abs() < limit)
}

fn is_moment(text: &str) -> bool {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    // A time zone is the engine's business.
    let time = time.split(['+', 'Z']).next().unwrap_or(time);
    is_date(date) && is_time(time)
}

/// `-120:30:00`, of an engine whose times are spans.
fn is_long_time(text: &str) -> bool {
    let mut parts = text.splitn(2, ':');
    let hours = parts.next().unwrap_or_default();
    let hours = (1..=3).contains(&hours.len()) && hours.bytes().all(|byte| byte.is_ascii_digit());
    hours && parts.next().is_some_and(|rest| is_time(&format!("00:{rest}")))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Why a definition may not have a foreign key, `ty` telling the types at this end of it.
pub fn odd_reference(
    tables: &[Table],
    columns: &[String],
    to: &Reference,
    ty: impl Fn(&str) -> Option<Portable>,
) -> Option<String> {
    let Some(parent) = tables.iter().find(|table| table.name == to.table) else {
        return Some(format!("there is no table {}", to.table));
    };
    let key = parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
    let referenced = if to.referenced.is_empty() { &key } else { &to.referenced };
    if referenced.len() != columns.len() || !parent.has_key(referenced) {
        return Some(format!("({}) is no key of table {}", referenced.join(", "), parent.name));
    }
    columns.iter().zip(referenced).find_map(|(here, there)| {
        let (one, other) = (ty(here)?, parent.column(there)?.ty.clone()?);
        let reason =
            format!("both ends of a foreign key have one type in a definition, not {one} and {other}");
        (!alike(&one, &other)).then_some(reason)
    })
}

/// Whether values of one type can be compared with the other on every engine.
pub fn alike(one: &Portable, other: &Portable) -> bool {
    use Portable::{Bytes, Decimal, Time, Timestamp, TimestampTz};
    match (one, other) {
        _ if one.is_text() && other.is_text() => true,
        (Decimal(_), Decimal(_)) | (Bytes(_), Bytes(_)) | (Time(_), Time(_)) => true,
        (Timestamp(_), Timestamp(_)) | (TimestampTz(_), TimestampTz(_)) => true,
        _ => one == other,
    }
}

/// Whether values of one type may refer to those of another: to the bit where an engine is `strict`.
pub fn may_refer(one: &Portable, other: &Portable, strict: bool) -> bool {
    use Portable::{Decimal, Float32, Float64, Int};
    match (one, other) {
        _ if strict => one == other || one.is_text() && other.is_text(),
        (Int { .. }, Int { .. } | Decimal(_) | Float32 | Float64) => true,
        (Float32 | Float64, Float32 | Float64) => true,
        _ => alike(one, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::engine_for;
    use crate::model::target::EngineKind::{self, Mysql, Postgres, Sqlite};

    #[test]
    fn a_default_fits_its_type() {
        dbwright_engines::install();
        let text = |text: &str| DefaultValue::Text(text.to_owned());
        let number = |text: &str| DefaultValue::Number(text.to_owned());
        let decimal = Portable::Decimal(Some((5, 2)));
        for (engine, value, ty, fits) in [
            (Postgres, text(""), Portable::Date, false),
            (Sqlite, text(""), Portable::Date, true),
            (Postgres, text("2024-02-29"), Portable::Date, true),
            (Postgres, text("-10:00:00"), Portable::Time(None), false),
            (Mysql, text("-10:00:00"), Portable::Time(None), true),
            (Mysql, text("120:00:00"), Portable::Time(None), true),
            (Postgres, text("2020-01-01 00:00:00+02"), Portable::TimestampTz(None), true),
            (Postgres, text("new"), Portable::int(64), false),
            (Postgres, number("300"), Portable::int(8), false),
            (Mysql, number("1000"), decimal.clone(), false),
            (Mysql, number("-999.99"), decimal, true),
            (Mysql, text("abc"), Portable::Varchar(2), false),
            (Postgres, text("[1"), Portable::Json, false),
            (Postgres, DefaultValue::Bool(true), Portable::int(32), true),
            (Postgres, DefaultValue::Bool(true), Portable::Date, false),
            (Postgres, number("2"), Portable::Bool, false),
        ] {
            let abilities = engine_for(engine as EngineKind).type_map(engine).abilities();
            assert_eq!(refused(abilities, &value, Some(&ty)).is_none(), fits, "{engine:?} {value:?} {ty}");
        }
    }
}
