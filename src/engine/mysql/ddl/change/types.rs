//! Types of columns, and which values of one have no place in another ("Data Types" in the
//! servers' manuals).

use crate::catalog::words::{Words, unquoted};
use crate::sql::{MYSQL, TokenKind};

/// A type in its parts: `decimal(10,2) unsigned`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    pub word: String,
    /// Numbers, or the labels of an enum or set.
    pub arguments: Vec<String>,
    pub unsigned: bool,
}

impl Type {
    pub fn of(text: &str) -> Type {
        let mut words = Words::new(text, &MYSQL);
        let mut ty = Type {
            word: words.text(0).to_ascii_lowercase(),
            arguments: Vec::new(),
            unsigned: text.to_ascii_lowercase().contains("unsigned"),
        };
        words.next();
        if words.eat(&["("]) {
            while let Some(token) = words.peek() {
                if matches!(token.kind, TokenKind::String | TokenKind::Number) {
                    ty.arguments.push(unquoted(words.text(0)));
                }
                words.next();
                if words.is(")") {
                    break;
                }
            }
        }
        // A zero-filled number is unsigned.
        ty.unsigned |= text.to_ascii_lowercase().contains("zerofill");
        ty
    }

    pub fn number(&self, at: usize) -> Option<u64> {
        self.arguments.get(at).and_then(|text| text.parse().ok())
    }

    pub fn is_text(&self) -> bool {
        matches!(self.word.as_str(), "enum" | "set") || self.is_letters()
    }

    fn is_letters(&self) -> bool {
        matches!(self.word.as_str(), "char" | "varchar") || self.word.ends_with("text")
    }

    fn is_bytes(&self) -> bool {
        matches!(self.word.as_str(), "binary" | "varbinary") || self.word.ends_with("blob")
    }

    /// The least and the greatest of an integer.
    fn range(&self) -> Option<(i128, i128)> {
        let bits = match self.word.as_str() {
            "tinyint" => 8,
            "smallint" => 16,
            "mediumint" => 24,
            "int" | "integer" => 32,
            "bigint" => 64,
            _ => return None,
        };
        Some(match self.unsigned {
            true => (0, (1_i128 << bits) - 1),
            false => (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1),
        })
    }

    /// How much it holds: characters of CHAR and VARCHAR, bytes of the others.
    fn capacity(&self) -> Option<u64> {
        match self.word.as_str() {
            "char" | "varchar" | "binary" | "varbinary" => Some(self.number(0).unwrap_or(1)),
            "tinytext" | "tinyblob" => Some(255),
            "text" | "blob" => Some(65_535),
            "mediumtext" | "mediumblob" => Some(16_777_215),
            "longtext" | "longblob" | "json" => Some(u64::from(u32::MAX)),
            _ => None,
        }
    }

    /// Digits before and behind the point.
    fn digits(&self) -> Option<(u64, u64)> {
        if self.word != "decimal" {
            return None;
        }
        let (all, behind) = (self.number(0).unwrap_or(10), self.number(1).unwrap_or(0));
        Some((all.saturating_sub(behind), behind))
    }

    fn fraction(&self) -> Option<u64> {
        matches!(self.word.as_str(), "time" | "datetime" | "timestamp").then(|| self.number(0).unwrap_or(0))
    }
}

/// Values of `old` that `new` cannot hold: what they are, and a condition that finds them in the
/// column `name`, which is quoted. None when it holds them all.
pub fn narrowed(old: &Type, new: &Type, name: &str) -> Option<(String, String)> {
    if old == new {
        return None;
    }
    if let (Some((least, most)), Some((low, high))) = (old.range(), new.range()) {
        return (least < low || most > high).then(|| {
            (format!("numbers outside {low} to {high}"), format!("{name} < {low} OR {name} > {high}"))
        });
    }
    if let (Some((before, behind)), Some((new_before, new_behind))) = (old.digits(), new.digits()) {
        let fits = before <= new_before && behind <= new_behind;
        return (!fits).then(|| {
            let what =
                format!("numbers with more than {new_before} digits before or {new_behind} behind the point");
            let limit = format!("1{}", "0".repeat(usize::try_from(new_before).unwrap_or(0)));
            (what, format!("ABS({name}) >= {limit} OR {name} <> ROUND({name}, {new_behind})"))
        });
    }
    if old.word == new.word && matches!(new.word.as_str(), "enum" | "set") {
        return labels(old, new, name);
    }
    if old.word == new.word
        && let (Some(before), Some(after)) = (old.fraction(), new.fraction())
    {
        let what = format!("fractions of seconds behind {after} digits");
        return (after < before)
            .then(|| (what, format!("MICROSECOND({name}) % {} <> 0", 10_u64.pow(6 - after.min(6) as u32))));
    }
    if let Some(found) = shortened(old, new, name) {
        return found;
    }
    let widens = matches!((old.word.as_str(), new.word.as_str()), ("float", "double") | ("date", "datetime"))
        || old.word == new.word && old.unsigned == new.unsigned && old.arguments.is_empty();
    (!widens).then(|| (format!("values that are no {}", new.word), format!("{name} IS NOT NULL")))
}

/// Labels that are no more.
fn labels(old: &Type, new: &Type, name: &str) -> Option<(String, String)> {
    let gone: Vec<&String> = old.arguments.iter().filter(|label| !new.arguments.contains(label)).collect();
    if gone.is_empty() {
        return None;
    }
    let quoted: Vec<String> = gone.iter().map(|label| super::literal(label)).collect();
    let condition = match new.word.as_str() {
        "enum" => format!("{name} IN ({})", quoted.join(", ")),
        _ => quoted
            .iter()
            .map(|label| format!("FIND_IN_SET({label}, {name})"))
            .collect::<Vec<_>>()
            .join(" OR "),
    };
    Some((format!("rows with {}", quoted.join(", ")), condition))
}

/// Text and bytes that are too long; None when it is no matter of lengths.
fn shortened(old: &Type, new: &Type, name: &str) -> Option<Option<(String, String)>> {
    let limit = new.capacity()?;
    let counts_letters = matches!(new.word.as_str(), "char" | "varchar");
    let was_counted = matches!(old.word.as_str(), "char" | "varchar");
    let grows = match (old.capacity(), counts_letters == was_counted) {
        (Some(before), true) => before <= limit,
        // A character takes up to four bytes.
        (Some(before), false) if was_counted => before.saturating_mul(4) <= limit,
        _ => false,
    };
    // Bytes need not be text, but anything else is.
    let fits = new.is_letters() && !old.is_bytes() || new.is_bytes() && (old.is_bytes() || old.is_letters());
    if new.word == "json" || !fits {
        return None;
    }
    if grows {
        return Some(None);
    }
    let (length, unit) =
        if counts_letters { ("CHAR_LENGTH", "characters") } else { ("OCTET_LENGTH", "bytes") };
    Some(Some((format!("values longer than {limit} {unit}"), format!("{length}({name}) > {limit}"))))
}

/// Whether an enum or set only has more labels at its end, and as many bytes for them
/// ("The ENUM Type", "The SET Type").
pub fn labels_are_added(old: &Type, new: &Type) -> bool {
    let bytes = |ty: &Type| match (ty.word.as_str(), ty.arguments.len()) {
        ("enum", count) => usize::from(count > 255) + 1,
        (_, count) => count.div_ceil(8).next_power_of_two(),
    };
    old.word == new.word
        && matches!(new.word.as_str(), "enum" | "set")
        && new.arguments.starts_with(&old.arguments)
        && bytes(old) == bytes(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_a_place() {
        for (old, new, found) in [
            ("int", "bigint", None),
            ("int", "int unsigned", Some("c < 0 OR c > 4294967295")),
            ("tinyint unsigned", "smallint", None),
            ("varchar(20)", "varchar(30)", None),
            ("varchar(20)", "varchar(10)", Some("CHAR_LENGTH(c) > 10")),
            ("varchar(20)", "text", None),
            ("longtext", "text", Some("OCTET_LENGTH(c) > 65535")),
            ("int", "varchar(3)", Some("CHAR_LENGTH(c) > 3")),
            ("enum('a','b''c')", "enum('a','d')", Some(r"c IN ('b''c')")),
            ("set('x','y')", "set('x')", Some("FIND_IN_SET('y', c)")),
            ("decimal(10,2)", "decimal(12,2)", None),
            ("decimal(10,2)", "decimal(9,2)", Some("ABS(c) >= 10000000 OR c <> ROUND(c, 2)")),
            ("datetime(6)", "datetime(3)", Some("MICROSECOND(c) % 1000 <> 0")),
            ("datetime(3)", "datetime(6)", None),
            ("text", "json", Some("c IS NOT NULL")),
            ("blob", "text", Some("c IS NOT NULL")),
            ("varchar(10)", "blob", None),
            ("float", "double", None),
            ("varchar(5)", "int", Some("c IS NOT NULL")),
        ] {
            let condition = narrowed(&Type::of(old), &Type::of(new), "c").map(|found| found.1);
            assert_eq!(condition.as_deref(), found, "{old} -> {new}");
        }
    }

    #[test]
    fn labels_at_the_end() {
        let added = |old, new| labels_are_added(&Type::of(old), &Type::of(new));
        assert!(added("enum('a')", "enum('a','b')"));
        assert!(!added("enum('a','b')", "enum('b','a','c')"));
        assert!(!added("set('1','2','3','4','5','6','7','8')", "set('1','2','3','4','5','6','7','8','9')"));
    }
}
