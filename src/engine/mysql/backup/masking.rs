//! Masks in the words of MySQL and MariaDB. The key is a variable of the session, and in no statement
//! that reads.

use crate::ddl::quoted;
use crate::engine::Session;
use crate::engine::masking::{MaskKey, Shape, Words};
use crate::error::{Error, Result};
use crate::model::rows::Param;
use crate::model::target::ExposeSecret;
use crate::sql::{MYSQL, quote_literal};

/// Makes the key known to a session.
pub fn set_key(session: &mut dyn Session, key: &MaskKey) -> Result<()> {
    let values = [key.text.expose_secret().to_owned(), key.factor.to_string(), key.summand.to_string()];
    let sql = "SET @dbwright_mask_key = ?, @dbwright_mask_factor = ?, @dbwright_mask_summand = ?";
    session.execute(sql, &values.map(Param::Text)).map(drop)
}

/// See [`Words`].
pub struct MysqlWords;

impl Words for MysqlWords {
    fn shape(&self, ty: &str) -> Shape {
        let ty = ty.to_ascii_lowercase();
        let word = ty.split(['(', ' ']).next().unwrap_or("");
        let argument = ty.split(['(', ',', ')']).nth(1).and_then(|text| text.trim().parse().ok());
        let integer = |signed: u64, unsigned: u64| match ty.contains("unsigned") {
            true => Shape::Integer { max: unsigned },
            false => Shape::Integer { max: signed },
        };
        match word {
            // Digits that are not there, and a truth value.
            _ if ty.contains("zerofill") || ty.starts_with("tinyint(1)") => Shape::Other,
            "char" | "varchar" => Shape::Text { max: argument },
            "tinytext" => Shape::Text { max: Some(255) },
            "text" | "mediumtext" | "longtext" => Shape::Text { max: None },
            "tinyint" => integer(127, 255),
            "smallint" => integer(32_767, 65_535),
            "mediumint" => integer(8_388_607, 16_777_215),
            "int" | "integer" => integer(2_147_483_647, 4_294_967_295),
            "bigint" => integer(9_223_372_036_854_775_807, 18_446_744_073_709_551_614),
            "decimal" | "numeric" => Shape::Decimal,
            "double" | "real" => Shape::Real,
            "date" => Shape::Day,
            "datetime" | "timestamp" => Shape::Moment,
            "uuid" => Shape::Uuid,
            "binary" if argument.is_none_or(|size: u64| size > 32) => Shape::Other,
            "binary" | "varbinary" => Shape::Bytes { max: argument },
            "tinyblob" | "blob" | "mediumblob" | "longblob" => Shape::Bytes { max: None },
            "json" => Shape::Json,
            _ => Shape::Other,
        }
    }

    fn column(&self, name: &str) -> String {
        quoted(name)
    }

    fn literal(&self, text: &str) -> Result<String> {
        quote_literal(&MYSQL, text).map_err(|error| Error::usage(error.to_string()))
    }

    fn text(&self, value: &str, shape: Shape) -> String {
        match shape {
            Shape::Bytes { .. } => format!("HEX({value})"),
            Shape::Text { .. } => format!("CONVERT({value} USING utf8mb4)"),
            _ => format!("CAST({value} AS CHAR)"),
        }
    }

    fn hash(&self, what: &str, text: &str) -> String {
        format!("SHA2(CONCAT(@dbwright_mask_key, '{what}', {text}), 256)")
    }

    fn number(&self, digits: &str) -> String {
        format!("CAST(CONV(LEFT({digits}, 15), 16, 10) AS UNSIGNED)")
    }

    fn join(&self, parts: &[&str]) -> String {
        format!("CONCAT({})", parts.join(", "))
    }

    fn pick(&self, number: &str, from: &[&str]) -> String {
        let from: Vec<String> = from.iter().map(|each| format!("'{each}'")).collect();
        format!("ELT(1 + MOD({number}, {}), {})", from.len(), from.join(", "))
    }

    fn divided(&self, value: &str, by: u32) -> String {
        format!("({value} DIV {by})")
    }

    fn quotient(&self, value: &str, by: &str) -> String {
        format!("({value} DIV {by})")
    }

    fn whole(&self, value: &str) -> String {
        format!("CAST({value} AS DECIMAL(30, 0))")
    }

    fn factor(&self) -> String {
        self.whole("@dbwright_mask_factor")
    }

    fn summand(&self) -> String {
        self.whole("@dbwright_mask_summand")
    }

    fn days_before(&self, value: &str, days: &str, _shape: Shape, ty: &str) -> String {
        // A TIMESTAMP begins in 1970; and there are days that no month has.
        let from = if ty.to_ascii_lowercase().starts_with("timestamp") { "1971-01-01" } else { "1000-07-01" };
        format!(
            "CASE WHEN {value} > '{from}' AND {value} < '9000-01-01' \
             THEN COALESCE(DATE_SUB({value}, INTERVAL {days} DAY), {value}) ELSE {value} END"
        )
    }

    fn of_digits(&self, digits: &str, shape: Shape) -> String {
        match shape {
            Shape::Uuid => {
                let part = |from: u32, count: u32| format!("SUBSTR({digits}, {from}, {count})");
                let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
                format!("CONCAT_WS('-', {})", parts.join(", "))
            }
            Shape::Json => format!("CONCAT('\"', LEFT({digits}, 32), '\"')"),
            Shape::Bytes { max: Some(max) } => format!("LEFT(UNHEX({digits}), {})", max.min(32)),
            _ => format!("UNHEX({digits})"),
        }
    }

    fn part_of(&self, value: &str, number: &str, shape: Shape) -> String {
        match shape {
            Shape::Real => format!("({value} * ({number} / 10000e0))"),
            _ => format!("({value} * {number} / 10000)"),
        }
    }

    /// Decimals as many as the column has, or the server would round them when they are loaded.
    fn finish(&self, value: &str, ty: &str) -> String {
        let ty = ty.to_ascii_lowercase();
        let decimal = ty.starts_with("decimal") || ty.starts_with("numeric");
        match ty.split_once(')') {
            Some((ty, _)) if decimal => format!("CAST({value} AS {ty}))"),
            _ => value.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (ty, shape) in [
            ("varchar(20)", Shape::Text { max: Some(20) }),
            ("int(11) unsigned", Shape::Integer { max: 4_294_967_295 }),
            ("int", Shape::Integer { max: 2_147_483_647 }),
            ("tinyint(1)", Shape::Other),
            ("int(5) unsigned zerofill", Shape::Other),
            ("enum('a','b')", Shape::Other),
            ("binary(16)", Shape::Bytes { max: Some(16) }),
        ] {
            assert_eq!(MysqlWords.shape(ty), shape, "{ty}");
        }
        assert_eq!(MysqlWords.finish("a", "decimal(10,2) unsigned"), "CAST(a AS decimal(10,2))");
    }
}
