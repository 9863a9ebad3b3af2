//! Masks in PostgreSQL's words. The key is a setting of the session, and in no statement.

use super::ddl::idents;
use crate::engine::Session;
use crate::engine::masking::{MaskKey, Shape, Words};
use crate::error::{Error, Result};
use crate::model::rows::Param;
use crate::model::target::ExposeSecret;
use crate::sql::{POSTGRES, quote_literal};

/// Makes the key known to a session.
pub fn set_key(session: &mut dyn Session, key: &MaskKey) -> Result<()> {
    let values = [key.text.expose_secret().to_owned(), key.factor.to_string(), key.summand.to_string()];
    let sql = "SELECT pg_catalog.set_config('dbwright.mask_key', $1, false), \
        pg_catalog.set_config('dbwright.mask_factor', $2, false), \
        pg_catalog.set_config('dbwright.mask_summand', $3, false)";
    session.execute(sql, &values.map(Param::Text)).map(drop)
}

/// See [`Words`].
pub struct PgWords;

impl Words for PgWords {
    fn shape(&self, ty: &str) -> Shape {
        let (word, arguments) = ty.split_once('(').unwrap_or((ty, ""));
        let argument = || arguments.split([',', ')']).next().and_then(|text| text.trim().parse().ok());
        if ty.ends_with("[]") {
            return Shape::Other;
        }
        match word.trim() {
            "text" | "citext" => Shape::Text { max: None },
            "character varying" => Shape::Text { max: argument() },
            "character" | "bpchar" => Shape::Text { max: argument() },
            "smallint" => Shape::Integer { max: 32_767 },
            "integer" => Shape::Integer { max: 2_147_483_647 },
            "bigint" => Shape::Integer { max: 9_223_372_036_854_775_807 },
            "numeric" => Shape::Decimal,
            "real" | "double precision" => Shape::Real,
            "date" => Shape::Day,
            "timestamp without time zone" | "timestamp with time zone" => Shape::Moment,
            // With a precision the words go on behind it.
            "timestamp" => Shape::Moment,
            "uuid" => Shape::Uuid,
            "bytea" => Shape::Bytes { max: None },
            "json" | "jsonb" => Shape::Json,
            _ => Shape::Other,
        }
    }

    fn column(&self, name: &str) -> String {
        idents(&[name.to_owned()])
    }

    fn literal(&self, text: &str) -> Result<String> {
        quote_literal(&POSTGRES, text).map_err(|error| Error::usage(error.to_string()))
    }

    fn text(&self, value: &str, shape: Shape) -> String {
        match shape {
            Shape::Bytes { .. } => format!("encode({value}, 'hex')"),
            _ => format!("({value})::text"),
        }
    }

    fn hash(&self, what: &str, text: &str) -> String {
        format!(
            "encode(sha256(convert_to(current_setting('dbwright.mask_key') || '{what}' || {text}, 'UTF8')), 'hex')"
        )
    }

    fn number(&self, digits: &str) -> String {
        format!("('x' || LEFT({digits}, 15))::bit(60)::bigint")
    }

    fn join(&self, parts: &[&str]) -> String {
        format!("({})", parts.join(" || "))
    }

    fn pick(&self, number: &str, from: &[&str]) -> String {
        let from: Vec<String> = from.iter().map(|each| format!("'{each}'")).collect();
        format!("(ARRAY[{}])[1 + MOD({number}, {})::integer]", from.join(", "), from.len())
    }

    fn divided(&self, value: &str, by: u32) -> String {
        format!("({value} / {by})")
    }

    fn quotient(&self, value: &str, by: &str) -> String {
        format!("div({value}, {by})")
    }

    fn whole(&self, value: &str) -> String {
        format!("({value})::numeric")
    }

    fn factor(&self) -> String {
        "current_setting('dbwright.mask_factor')::numeric".to_owned()
    }

    fn summand(&self) -> String {
        "current_setting('dbwright.mask_summand')::numeric".to_owned()
    }

    fn days_before(&self, value: &str, days: &str, shape: Shape, _ty: &str) -> String {
        let before = match shape {
            Shape::Day => format!("{value} - {days}::integer"),
            _ => format!("{value} - make_interval(days => {days}::integer)"),
        };
        // Others stand for something, as infinity does.
        format!("CASE WHEN {value} > '1000-01-01' AND {value} < '9000-01-01' THEN {before} ELSE {value} END")
    }

    fn of_digits(&self, digits: &str, shape: Shape) -> String {
        match shape {
            Shape::Uuid => format!("LEFT({digits}, 32)"),
            Shape::Json => format!("('\"' || LEFT({digits}, 32) || '\"')"),
            _ => format!("decode({digits}, 'hex')"),
        }
    }

    fn part_of(&self, value: &str, number: &str, shape: Shape) -> String {
        match shape {
            Shape::Real => format!("({value}::double precision * ({number} / 10000.0::double precision))"),
            // NaN and infinity have no scale.
            _ => format!("COALESCE(round({value} * {number} / 10000, scale({value})), {value})"),
        }
    }

    fn finish(&self, value: &str, ty: &str) -> String {
        format!("({value})::{ty}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (ty, shape) in [
            ("character varying(20)", Shape::Text { max: Some(20) }),
            ("character varying", Shape::Text { max: None }),
            ("integer", Shape::Integer { max: 2_147_483_647 }),
            ("numeric(10,2)", Shape::Decimal),
            ("timestamp(3) with time zone", Shape::Moment),
            ("text[]", Shape::Other),
            ("public.state", Shape::Other),
        ] {
            assert_eq!(PgWords.shape(ty), shape, "{ty}");
        }
    }
}
