//! From one type of a column to another: how values are carried over, whether rows are written
//! anew, and which values do not pass (page of ALTER TABLE in the manual, and "Type Conversion").

use super::mention::Mentioned;
use super::{Work, probes};
use crate::ddl::text::{ident, literal, qualified};
use crate::model::catalog::{Column, Detail, Name, Object, Type};
use crate::model::plan::Loss;

/// How a column gets its new type.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// The expression after USING, where the server has no cast of its own for an assignment.
    pub using: Option<String>,
    pub rewrites: bool,
    pub loses: Option<Loss>,
}

/// A type without its modifiers, and these.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    base: String,
    modifiers: Vec<i64>,
    is_array: bool,
}

/// `timestamp(3) without time zone[]` in parts.
fn written(ty: &str) -> Written {
    let (ty, is_array) = match ty.strip_suffix("[]") {
        Some(element) => (element, true),
        None => (ty, false),
    };
    let mut parsed = Written { base: ty.to_owned(), modifiers: Vec::new(), is_array };
    if let Some((start, rest)) = ty.split_once('(')
        && let Some((inner, end)) = rest.split_once(')')
    {
        let numbers: Option<Vec<i64>> = inner.split(',').map(|each| each.trim().parse().ok()).collect();
        if let Some(numbers) = numbers {
            parsed.base = format!("{start}{end}");
            parsed.modifiers = numbers;
        }
    }
    parsed
}

const NUMBERS: &[&str] = &["smallint", "integer", "bigint", "numeric", "real", "double precision"];
const STRINGS: &[&str] = &["character varying", "text", "character"];
const TIMES: &[&str] = &[
    "date",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
    "time with time zone",
    "interval",
];
/// Pairs whose cast is there, and may be used for an assignment (`pg_cast`, castcontext).
const ASSIGNED: &[(&str, &str)] = &[
    ("json", "jsonb"),
    ("jsonb", "json"),
    ("date", "timestamp without time zone"),
    ("date", "timestamp with time zone"),
    ("timestamp without time zone", "timestamp with time zone"),
    ("timestamp with time zone", "timestamp without time zone"),
    ("timestamp without time zone", "date"),
    ("timestamp with time zone", "date"),
    ("timestamp without time zone", "time without time zone"),
    ("timestamp with time zone", "time without time zone"),
    ("timestamp with time zone", "time with time zone"),
    ("time without time zone", "interval"),
    ("time without time zone", "time with time zone"),
    ("time with time zone", "time without time zone"),
    ("interval", "time without time zone"),
    ("bit", "bit varying"),
    ("bit varying", "bit"),
    ("cidr", "inet"),
    ("inet", "cidr"),
    ("money", "numeric"),
    ("numeric", "money"),
    ("integer", "money"),
    ("bigint", "money"),
];

/// What carries the values of `old` over into `new`.
pub fn between(work: &Work<'_>, table: &Name, old: &Column, new: &Column) -> Cast {
    let column = ident(&new.name);
    let before = work.places.get(table).map(|id| work.from.get(*id));
    // Under the name that its type has in the first catalog.
    let first = before.and_then(|table| table.columns().iter().find(|each| each.name == old.name));
    let set_aside = first.is_some_and(|first| first.ty != old.ty);
    if old.ty == new.ty && !set_aside {
        return Cast::default();
    }
    let is_generated = new.generated.is_some();
    let probe = |condition: String| before.map(|table| probes::row_where(table, &condition));
    let mut cast = match set_aside {
        true => Cast {
            using: Some(by_text(&column, &new.ty)),
            rewrites: true,
            loses: labels_lost(work, before, &old.name, &new.ty),
        },
        false => of_types(work, &written(&old.ty), &written(&new.ty), &new.ty, &column, &probe),
    };
    if is_generated {
        cast.using = None;
        cast.loses = None;
    }
    cast
}

fn by_text(column: &str, ty: &str) -> String {
    format!("{column}::pg_catalog.text::{ty}")
}

fn of_types(
    work: &Work<'_>,
    old: &Written,
    new: &Written,
    ty: &str,
    column: &str,
    probe: &dyn Fn(String) -> Option<String>,
) -> Cast {
    let values =
        |what: &str, condition: String| Some(Loss::lost(format!("{what} in {column}"), probe(condition)));
    let rewritten = |loses| Cast { using: None, rewrites: true, loses };
    if old.is_array != new.is_array {
        // A single value becomes an array of one, and is read as its element is.
        let (using, read_as) = match new.is_array {
            true => (format!("ARRAY[{column}::pg_catalog.text]::{ty}"), ty.strip_suffix("[]").unwrap_or(ty)),
            false => (by_text(column, ty), ty),
        };
        return Cast { using: Some(using), rewrites: true, loses: unreadable(work, column, read_as, probe) };
    }
    if old.base == new.base {
        return same_base(old, new, column, &values);
    }
    let is = |all: &[&str], each: &Written| all.contains(&each.base.as_str()) && !each.is_array;
    if is(STRINGS, old) && is(STRINGS, new) {
        let grows = new.modifiers.is_empty() && new.base != "character";
        let loses = too_long(new, column, &values);
        return Cast { using: None, rewrites: !(grows && old.base != "character"), loses };
    }
    if let Some(domain) = domain_of(work, ty)
        && written(&domain.base) == *old
    {
        let constrained = !domain.nullable || !domain.constraints.is_empty();
        let loses =
            constrained.then(|| values("values that the domain does not take", "true".into())).flatten();
        return Cast { using: None, rewrites: constrained, loses };
    }
    if is(STRINGS, new) {
        return rewritten(too_long(new, column, &values));
    }
    if is(NUMBERS, old) && is(NUMBERS, new) {
        return rewritten(number_lost(old, new, column, &values));
    }
    if !old.is_array && ASSIGNED.contains(&(old.base.as_str(), new.base.as_str())) {
        let narrows = is(TIMES, old) && (new.base.starts_with("time ") || new.base == "date");
        let loses =
            narrows.then(|| values("the part that the new type has not", format!("{column} IS NOT NULL")));
        return rewritten(loses.flatten());
    }
    let using = match (old.base.as_str(), new.base.as_str()) {
        ("integer", "boolean") | ("boolean", "integer") => format!("{column}::{ty}"),
        ("smallint" | "bigint" | "numeric", "boolean") => format!("({column} <> 0)"),
        ("boolean", number) if NUMBERS.contains(&number) => format!("{column}::integer::{ty}"),
        ("text" | "character varying" | "character", _) if !old.is_array => format!("{column}::{ty}"),
        _ => by_text(column, ty),
    };
    Cast { using: Some(using), rewrites: true, loses: unreadable(work, column, ty, probe) }
}

/// Values that the new type cannot read; servers before 16 cannot tell before they try.
fn unreadable(
    work: &Work<'_>,
    column: &str,
    ty: &str,
    probe: &dyn Fn(String) -> Option<String>,
) -> Option<Loss> {
    let is_new = {
        let mentioned = Mentioned::of(ty);
        work.to.iter().any(|(id, object)| {
            matches!(object.detail, Detail::Type(_))
                && work.fates.stayed(id).is_none()
                && mentioned.names(&object.name)
        })
    };
    let condition = match work.version >= 160_000 && !is_new {
        true => format!("NOT pg_catalog.pg_input_is_valid({column}::pg_catalog.text, {})", literal(ty)),
        false => format!("{column} IS NOT NULL"),
    };
    Some(Loss::lost(format!("values of {column} that are no {ty}"), probe(condition)))
}

type Values<'a> = dyn Fn(&str, String) -> Option<Loss> + 'a;

fn same_base(old: &Written, new: &Written, column: &str, values: &Values<'_>) -> Cast {
    let (from, to) = (old.modifiers.first().copied(), new.modifiers.first().copied());
    // No modifier is no limit.
    let grows = to.is_none() || from.is_some_and(|from| to.is_some_and(|to| to >= from));
    if old.is_array {
        return Cast { using: None, rewrites: true, loses: None };
    }
    match new.base.as_str() {
        "character varying" | "bit varying" => {
            let loses = if grows { None } else { too_long(new, column, values) };
            Cast { using: None, rewrites: !grows, loses }
        }
        "numeric" => {
            let scale = |each: &Written| each.modifiers.get(1).copied().unwrap_or(0);
            let same_scale = to.is_none() || from.is_some() && scale(old) == scale(new);
            let keeps = grows && same_scale;
            let loses = if keeps { None } else { number_lost(old, new, column, values) };
            Cast { using: None, rewrites: !keeps, loses }
        }
        base if TIMES.contains(&base) => {
            // Six digits are all there are.
            let most = |precision: Option<i64>| precision.unwrap_or(6);
            let keeps = most(to) >= most(from);
            let ty = cast_type(new);
            let loses = (!keeps).then(|| values("digits of seconds", format!("{column} <> {column}::{ty}")));
            Cast { using: None, rewrites: !keeps, loses: loses.flatten() }
        }
        _ => Cast { using: None, rewrites: true, loses: too_long(new, column, values) },
    }
}

/// The type with its modifiers, where the server puts them.
fn cast_type(ty: &Written) -> String {
    let Some(precision) = ty.modifiers.first() else { return ty.base.clone() };
    match ty.base.split_once(' ') {
        Some((word, rest)) => format!("{word}({precision}) {rest}"),
        None => format!("{}({precision})", ty.base),
    }
}

/// A string that is too long is refused, not cut: there is no cast in between that would.
fn too_long(new: &Written, column: &str, values: &Values<'_>) -> Option<Loss> {
    let length = *new.modifiers.first()?;
    let measured = if new.base.starts_with("bit") { "pg_catalog.length" } else { "pg_catalog.char_length" };
    let text = if new.base.starts_with("bit") { "" } else { "::pg_catalog.text" };
    let what = format!("values longer than {length}");
    values(&what, format!("{measured}({column}{text}) > {length}"))
}

fn number_lost(old: &Written, new: &Written, column: &str, values: &Values<'_>) -> Option<Loss> {
    let digits = |ty: &str| match ty {
        "smallint" => 5,
        "integer" => 10,
        "bigint" => 19,
        _ => 1000,
    };
    let limits = |low: i64, high: i64| format!("({column} < {low} OR {column} > {high})");
    let fraction = format!("{column} <> pg_catalog.round({column}::pg_catalog.numeric)");
    let has_fraction = !matches!(old.base.as_str(), "smallint" | "integer" | "bigint");
    let whole = |low: i64, high: i64| match has_fraction {
        true => format!("{} OR {fraction}", limits(low, high)),
        false => limits(low, high),
    };
    match new.base.as_str() {
        kind @ ("smallint" | "integer" | "bigint") => {
            let (low, high) = match kind {
                "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
                "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
                _ => (i64::MIN, i64::MAX),
            };
            let fits = !has_fraction && digits(&old.base) <= digits(kind);
            if fits { None } else { values("values outside of the new type", whole(low, high)) }
        }
        "numeric" => {
            let precision = *new.modifiers.first()?;
            let scale = new.modifiers.get(1).copied().unwrap_or(0);
            // `10 ^ n`, where a double would not do.
            let most = format!("pg_catalog.power(10::pg_catalog.numeric, {})", precision - scale);
            let number = format!("{column}::pg_catalog.numeric");
            let condition = format!(
                "pg_catalog.abs(pg_catalog.round({number}, {scale})) >= {most} \
                 OR {number} <> pg_catalog.round({number}, {scale})"
            );
            values("digits that the new type has not", condition)
        }
        "real" if old.base != "smallint" => {
            values("digits that the new type has not", format!("{column} <> {column}::pg_catalog.float4"))
        }
        "double precision" if matches!(old.base.as_str(), "bigint" | "numeric") => values(
            "digits that the new type has not",
            format!("{column}::pg_catalog.numeric <> {column}::pg_catalog.float8::pg_catalog.numeric"),
        ),
        _ => None,
    }
}

fn domain_of<'a>(work: &'a Work<'_>, ty: &str) -> Option<&'a crate::model::catalog::Domain> {
    work.to.objects.iter().find_map(|object| match &object.detail {
        Detail::Type(Type::Domain(domain)) if qualified(&object.name) == ty => Some(domain),
        _ => None,
    })
}

/// Labels of an enum that the new type of the same name has not.
fn labels_lost(work: &Work<'_>, table: Option<&Object>, column: &str, ty: &str) -> Option<Loss> {
    let element = ty.trim_end_matches("[]");
    let labels = |catalog: &crate::model::catalog::Catalog| {
        catalog.objects.iter().find_map(|object| match &object.detail {
            Detail::Type(Type::Enum { labels }) if qualified(&object.name) == element => Some(labels.clone()),
            _ => None,
        })
    };
    let name = ident(column);
    let any = || table.map(|table| probes::any_value(table, column));
    let Some(before) = labels(work.from) else {
        return Some(Loss::lost(format!("values of {name} that are no {ty}"), any()));
    };
    let after = labels(work.to)?;
    let lost: Vec<String> =
        before.iter().filter(|label| !after.contains(label)).map(|label| literal(label)).collect();
    if lost.is_empty() {
        return None;
    }
    let list = lost.join(", ");
    let condition = match ty.ends_with("[]") {
        true => format!("{name}::pg_catalog.text[] && ARRAY[{list}]"),
        false => format!("{name}::pg_catalog.text IN ({list})"),
    };
    let probe = table.map(|table| probes::row_where(table, &condition));
    Some(Loss::lost(format!("{list} in {name}, which the type has no more"), probe))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str) -> Cast {
        let values = |what: &str, condition: String| Some(Loss::lost(what, Some(condition)));
        same_base(&written(old), &written(new), "c", &values)
    }

    #[test]
    fn types_are_told_from_their_modifiers() {
        let parts = |ty: &str| {
            let written = written(ty);
            (written.base, written.modifiers, written.is_array)
        };
        assert_eq!(parts("numeric(10,2)"), ("numeric".into(), vec![10, 2], false));
        assert_eq!(parts("timestamp(3) with time zone"), ("timestamp with time zone".into(), vec![3], false));
        assert_eq!(parts("character varying(5)[]"), ("character varying".into(), vec![5], true));
        assert_eq!(parts("shop.mood"), ("shop.mood".into(), vec![], false));
    }

    #[test]
    fn what_only_grows_is_not_written_anew() {
        for (old, new) in [
            ("character varying(5)", "character varying(6)"),
            ("character varying(5)", "character varying"),
            ("numeric(8,2)", "numeric(10,2)"),
            ("numeric(8,2)", "numeric"),
            ("timestamp(0) without time zone", "timestamp(3) without time zone"),
            ("timestamp(0) with time zone", "timestamp with time zone"),
            ("bit varying(4)", "bit varying(8)"),
        ] {
            assert_eq!(of(old, new), Cast::default(), "{old} -> {new}");
        }
    }

    #[test]
    fn what_shrinks_is_written_anew_and_may_be_refused() {
        for (old, new) in [
            ("character varying(6)", "character varying(5)"),
            ("character varying", "character varying(5)"),
            ("numeric(8,2)", "numeric(8,3)"),
            ("numeric", "numeric(10,2)"),
            ("timestamp without time zone", "timestamp(3) without time zone"),
            ("character(5)", "character(3)"),
        ] {
            let cast = of(old, new);
            assert!(cast.rewrites && cast.loses.is_some(), "{old} -> {new}: {cast:?}");
        }
    }
}
