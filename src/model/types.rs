//! Types in words that every engine has a type for.

use std::fmt;

use super::catalog::Name;

/// A type that does not belong to one engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Portable {
    Bool,
    Int {
        /// 8, 16, 32 or 64.
        bits: u8,
        unsigned: bool,
    },
    /// Exact numbers: all digits, and those after the point. None is without a limit.
    Decimal(Option<(u32, u32)>),
    Float32,
    Float64,
    /// Of any length.
    Text,
    /// Characters at most.
    Varchar(u32),
    /// Characters, filled up with spaces.
    Char(u32),
    /// At most so many bytes; None is of any length.
    Bytes(Option<u32>),
    Date,
    /// A time of day; digits of a second.
    Time(Option<u8>),
    /// A date and a time as a clock on the wall shows it.
    Timestamp(Option<u8>),
    /// A moment.
    TimestampTz(Option<u8>),
    Interval,
    Uuid,
    Json,
    /// One of some words. The name is empty for a list that stands at the column.
    Enum {
        name: Name,
        labels: Vec<String>,
    },
    Array(Box<Portable>),
}

/// The words of types without a parameter.
const PLAIN: &[(&str, Portable)] = &[
    ("bool", Portable::Bool),
    ("int8", int(8, false)),
    ("int16", int(16, false)),
    ("int32", int(32, false)),
    ("int64", int(64, false)),
    ("uint8", int(8, true)),
    ("uint16", int(16, true)),
    ("uint32", int(32, true)),
    ("uint64", int(64, true)),
    ("float32", Portable::Float32),
    ("float64", Portable::Float64),
    ("text", Portable::Text),
    ("date", Portable::Date),
    ("interval", Portable::Interval),
    ("uuid", Portable::Uuid),
    ("json", Portable::Json),
];

/// The words of types that may or must have parameters, and how they look with them.
pub const WITH_PARAMETERS: &[(&str, &str)] = &[
    ("decimal", "decimal(p,s)"),
    ("varchar", "varchar(n)"),
    ("char", "char(n)"),
    ("bytes", "bytes(n)"),
    ("time", "time(digits)"),
    ("timestamp", "timestamp(digits)"),
    ("timestamptz", "timestamptz(digits)"),
    ("enum", "enum('a','b')"),
];

/// What people call types elsewhere.
const ALIASES: &[(&str, &str)] = &[
    ("boolean", "bool"),
    ("bit", "bool"),
    ("tinyint", "int8"),
    ("smallint", "int16"),
    ("mediumint", "int32"),
    ("int", "int32"),
    ("integer", "int32"),
    ("bigint", "int64"),
    ("serial", "int32 identity"),
    ("bigserial", "int64 identity"),
    ("numeric", "decimal"),
    ("number", "decimal"),
    ("money", "decimal(19,4)"),
    ("real", "float32"),
    ("float", "float64"),
    ("double", "float64"),
    ("string", "text"),
    ("clob", "text"),
    ("blob", "bytes"),
    ("bytea", "bytes"),
    ("binary", "bytes"),
    ("varbinary", "bytes"),
    ("datetime", "timestamp"),
    ("jsonb", "json"),
];

const fn int(bits: u8, unsigned: bool) -> Portable {
    Portable::Int { bits, unsigned }
}

/// Why a text is no portable type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoType {
    pub message: String,
    pub hint: Option<String>,
}

impl Portable {
    /// A whole number with a sign.
    pub const fn int(bits: u8) -> Self {
        int(bits, false)
    }

    /// A whole number from zero on.
    pub const fn uint(bits: u8) -> Self {
        int(bits, true)
    }

    /// Every word a type can begin with.
    pub fn words() -> impl Iterator<Item = &'static str> {
        PLAIN.iter().map(|(word, _)| *word).chain(WITH_PARAMETERS.iter().map(|(word, _)| *word))
    }

    /// Reads a type: `varchar(20)`, `decimal(10,2)`, `enum('a','b')`, `int32[]`. A single word that
    /// is none of the types is taken as the name of an enum if `enums` knows it.
    ///
    /// # Errors
    /// What is wrong with it, and the nearest right word.
    pub fn parse(text: &str, enums: &[Name]) -> Result<Self, NoType> {
        let text = text.trim();
        if let Some(item) = text.strip_suffix("[]") {
            return Ok(Portable::Array(Box::new(Portable::parse(item, enums)?)));
        }
        if let Some(name) = enums.iter().find(|name| name.to_string() == text) {
            return Ok(Portable::Enum { name: name.clone(), labels: Vec::new() });
        }
        let (word, parameters) = match text.split_once('(') {
            Some((word, rest)) => match rest.trim_end().strip_suffix(')') {
                Some(inside) => (word.trim(), Some(inside)),
                None => return Err(no_type(format!("`{text}` lacks its closing parenthesis"), None)),
            },
            None => (text, None),
        };
        let lower = word.to_ascii_lowercase();
        if let Some((_, plain)) = PLAIN.iter().find(|(known, _)| *known == lower) {
            return match parameters {
                None => Ok(plain.clone()),
                Some(_) => Err(no_type(format!("`{lower}` takes no parameters"), None)),
            };
        }
        match WITH_PARAMETERS.iter().find(|(known, _)| *known == lower) {
            Some((_, usage)) => parameterized(&lower, usage, parameters),
            None => Err(unknown(word, &lower, enums)),
        }
    }

    /// A number, whole or not.
    pub fn is_number(&self) -> bool {
        use Portable::*;
        matches!(self, Int { .. } | Decimal(_) | Float32 | Float64)
    }

    /// Characters.
    pub fn is_text(&self) -> bool {
        matches!(self, Portable::Text | Portable::Varchar(_) | Portable::Char(_))
    }
}

fn no_type(message: String, hint: Option<String>) -> NoType {
    NoType { message, hint }
}

fn unknown(word: &str, lower: &str, enums: &[Name]) -> NoType {
    let message = format!("unknown type `{word}`");
    if let Some((_, right)) = ALIASES.iter().find(|(alias, _)| *alias == lower) {
        return no_type(message, Some(format!("write `{right}`")));
    }
    let names: Vec<String> = enums.iter().map(Name::to_string).collect();
    let mut known: Vec<&str> = Portable::words().collect();
    known.extend(names.iter().map(String::as_str));
    let hint = match crate::error::nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "an engine's own type is given with `native`".to_owned(),
    };
    no_type(message, Some(hint))
}

fn parameterized(word: &str, usage: &str, parameters: Option<&str>) -> Result<Portable, NoType> {
    let wrong = || no_type(format!("`{word}` is written `{usage}`"), None);
    if word == "enum" {
        let labels = labels(parameters.ok_or_else(wrong)?).ok_or_else(wrong)?;
        return Ok(Portable::Enum { name: Name::default(), labels });
    }
    let numbers: Vec<u32> = match parameters {
        None => Vec::new(),
        Some(text) => {
            text.split(',').map(|each| each.trim().parse()).collect::<Result<_, _>>().map_err(|_| wrong())?
        }
    };
    let digits = || match *numbers.as_slice() {
        [] => Ok(None),
        [digits @ 0..=6] => u8::try_from(digits).map(Some).map_err(|_| wrong()),
        _ => Err(no_type(format!("a second has 0 to 6 digits: `{usage}`"), None)),
    };
    let length = || match *numbers.as_slice() {
        [0] => Err(no_type(format!("`{word}` holds at least 1"), None)),
        [length] => Ok(length),
        _ => Err(wrong()),
    };
    match word {
        "decimal" => match *numbers.as_slice() {
            [] => Ok(Portable::Decimal(None)),
            [precision] if precision > 0 => Ok(Portable::Decimal(Some((precision, 0)))),
            [precision, scale] if precision > 0 && scale <= precision => {
                Ok(Portable::Decimal(Some((precision, scale))))
            }
            [_, _] => Err(no_type("more digits after the point than there are in all".into(), None)),
            _ => Err(wrong()),
        },
        "varchar" => length().map(Portable::Varchar),
        "char" => length().map(Portable::Char),
        "bytes" if numbers.is_empty() => Ok(Portable::Bytes(None)),
        "bytes" => length().map(|length| Portable::Bytes(Some(length))),
        "time" => digits().map(Portable::Time),
        "timestamp" => digits().map(Portable::Timestamp),
        _ => digits().map(Portable::TimestampTz),
    }
}

/// `'a', 'it''s'`; None when it is no such list.
pub fn labels(text: &str) -> Option<Vec<String>> {
    let mut labels = Vec::new();
    let mut rest = text.trim();
    loop {
        let mut label = String::new();
        let mut letters = rest.strip_prefix('\'')?.chars();
        loop {
            match letters.next()? {
                '\'' => match letters.as_str().strip_prefix('\'') {
                    Some(after) => {
                        label.push('\'');
                        letters = after.chars();
                    }
                    None => break,
                },
                letter => label.push(letter),
            }
        }
        labels.push(label);
        rest = letters.as_str().trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => return rest.is_empty().then_some(labels),
        }
    }
}

/// As it is written in a definition.
impl fmt::Display for Portable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |f: &mut fmt::Formatter<'_>, word: &str, digits: &Option<u8>| match digits {
            Some(digits) => write!(f, "{word}({digits})"),
            None => f.write_str(word),
        };
        match self {
            Portable::Bool => f.write_str("bool"),
            Portable::Int { bits, unsigned } => write!(f, "{}int{bits}", if *unsigned { "u" } else { "" }),
            Portable::Decimal(None) => f.write_str("decimal"),
            Portable::Decimal(Some((precision, scale))) => write!(f, "decimal({precision},{scale})"),
            Portable::Float32 => f.write_str("float32"),
            Portable::Float64 => f.write_str("float64"),
            Portable::Text => f.write_str("text"),
            Portable::Varchar(length) => write!(f, "varchar({length})"),
            Portable::Char(length) => write!(f, "char({length})"),
            Portable::Bytes(None) => f.write_str("bytes"),
            Portable::Bytes(Some(length)) => write!(f, "bytes({length})"),
            Portable::Date => f.write_str("date"),
            Portable::Time(precision) => digits(f, "time", precision),
            Portable::Timestamp(precision) => digits(f, "timestamp", precision),
            Portable::TimestampTz(precision) => digits(f, "timestamptz", precision),
            Portable::Interval => f.write_str("interval"),
            Portable::Uuid => f.write_str("uuid"),
            Portable::Json => f.write_str("json"),
            Portable::Enum { name, labels } if name.name.is_empty() => {
                let labels: Vec<String> =
                    labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
                write!(f, "enum({})", labels.join(","))
            }
            Portable::Enum { name, .. } => write!(f, "{name}"),
            Portable::Array(item) => write!(f, "{item}[]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "bool",
            "int8",
            "uint64",
            "decimal",
            "decimal(10,2)",
            "varchar(20)",
            "char(2)",
            "bytes",
            "bytes(16)",
            "time(3)",
            "timestamp",
            "timestamptz(6)",
            "uuid",
            "json",
            "int32[]",
            "enum('a','it''s, b')",
            "text[][]",
        ] {
            assert_eq!(Portable::parse(text, &[]).unwrap().to_string(), text);
        }
        let mood = Name::new("", "mood");
        assert_eq!(Portable::parse("mood[]", &[mood]).unwrap().to_string(), "mood[]");
    }

    #[test]
    fn what_is_wrong_is_told_with_the_right_word() {
        let hint = |text: &str| Portable::parse(text, &[Name::new("", "status")]).unwrap_err().hint;
        assert_eq!(hint("bigint").as_deref(), Some("write `int64`"));
        assert_eq!(hint("txet").as_deref(), Some("did you mean `text`?"));
        assert_eq!(hint("statu").as_deref(), Some("did you mean `status`?"));
        for text in ["varchar", "varchar(0)", "decimal(2,3)", "time(7)", "enum(a)", "int32(4)", "char(", ""] {
            assert!(Portable::parse(text, &[]).is_err(), "{text}");
        }
    }
}
