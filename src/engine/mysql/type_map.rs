//! The types of MySQL and MariaDB in portable words. (MySQL manual, chapter "Data Types"; the
//! spelling is that of `information_schema.columns.column_type`.)

use crate::engine::type_map::{
    Abilities, ComputedFrom, Enums, Function, IdentityKey, Meaning, Native, Parts, TypeMap, Usage, literals,
};
use crate::model::types::{Portable, labels};
use crate::sql::MYSQL;

/// One of the two.
pub struct MysqlTypes {
    pub mariadb: bool,
}

static ABILITIES: Abilities = Abilities {
    longest_name: 64,
    names_in_bytes: false,
    schemas: false,
    enums: Enums::Column,
    partial_indexes: false,
    expression_indexes: true,
    include: false,
    nulls_order: false,
    nulls_not_distinct: false,
    deferrable: false,
    not_enforced: true,
    unused_indexes: true,
    index_names_per_table: true,
    constraint_names_per_database: true,
    prefixes: true,
    materialized_views: false,
    comments: true,
    on_update_now: true,
    set_default: false,
    match_full: false,
    strict_foreign_keys: true,
    signed_identity: false,
    parenthesized_defaults: true,
    text_defaults: false,
    identity_key: IdentityKey::First,
    bool_words: false,
    weighty_options: &[(
        "collate",
        "texts are compared by another collation: capitals and accents may make a difference",
    )],
    identity_always: false,
    identity_reuse: false,
    unknown_collations: &["_uca1400_", "_nopad_"],
    virtual_columns: true,
    index_methods: &["btree", "hash", "fulltext", "spatial"],
    concat_bars: false,
    character_length: "char_length",
    names_by_text: false,
    loose_types: false,
    loose_references: false,
    computed_from: ComputedFrom::Earlier,
    identity_in_expressions: false,
    checks_on_actions: false,
    long_times: true,
    names_with_emoji: false,
};

static MARIADB_ABILITIES: Abilities = Abilities {
    expression_indexes: false,
    not_enforced: false,
    text_defaults: true,
    unknown_collations: &["_0900_"],
    loose_references: true,
    checks_on_actions: true,
    ..ABILITIES
};

const OVER_A_DAY: &str = "times below 0 and above 24 hours do not fit; give such a column `native` intervals";

impl TypeMap for MysqlTypes {
    fn portable(&self, native: &str) -> Option<Meaning> {
        let parts = Parts::of(native);
        let (word, unsigned_word) = match parts.word.strip_suffix(" unsigned") {
            Some(word) => (word, true),
            None => (parts.word.as_str(), false),
        };
        let unsigned = unsigned_word || parts.after.contains("unsigned");
        let int = |bits| if unsigned { Portable::uint(bits) } else { Portable::int(bits) };
        // Six digits are all that the other engines have anyway.
        let digits = Some(parts.digits().unwrap_or(0)).filter(|digits| *digits < 6);
        Meaning::exact(match (word, parts.number()) {
            ("tinyint", Some(1)) if !unsigned => Portable::Bool,
            ("bit", None | Some(1)) => Portable::Bool,
            ("tinyint", _) => int(8),
            ("smallint", _) => int(16),
            ("mediumint" | "int" | "integer", _) => int(32),
            ("bigint", _) => int(64),
            ("year", _) => Portable::int(16),
            ("decimal" | "numeric", _) => parts.decimal(),
            ("float", None) => Portable::Float32,
            ("double", None) => Portable::Float64,
            ("float" | "double", _) => {
                return Meaning::losing(Portable::Float64, "the digits after the point are not kept to");
            }
            ("char", length) => Portable::Char(length.unwrap_or(1).max(1)),
            ("varchar", Some(length)) => Portable::Varchar(length.max(1)),
            ("tinytext" | "text" | "mediumtext" | "longtext", _) => Portable::Text,
            ("binary" | "varbinary", Some(length)) => Portable::Bytes(Some(length.max(1))),
            ("tinyblob" | "blob" | "mediumblob" | "longblob", _) => Portable::Bytes(None),
            ("date", _) => Portable::Date,
            ("datetime", _) => Portable::Timestamp(digits),
            ("timestamp", _) => Portable::TimestampTz(digits),
            ("json", _) => Portable::Json,
            ("uuid", _) => Portable::Uuid,
            ("enum", _) => {
                let labels = labels(parts.inside.as_deref()?)?;
                Portable::Enum { name: Default::default(), labels }
            }
            ("time", _) => return Meaning::losing(Portable::Time(digits), OVER_A_DAY),
            ("set", _) => {
                return Meaning::losing(Portable::Text, "a set becomes a text of words with commas");
            }
            ("bit", Some(bits)) => {
                return Meaning::losing(Portable::Bytes(Some(bits.div_ceil(8))), "bits become bytes");
            }
            ("inet4" | "inet6", _) => {
                return Meaning::losing(Portable::Varchar(45), "addresses become text that is not checked");
            }
            _ => return None,
        })
    }

    fn knows(&self, native: &str) -> bool {
        const SHAPES: [&str; 8] = [
            "geometry",
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection",
        ];
        SHAPES.contains(&native.to_ascii_lowercase().as_str()) || self.portable(native).is_some()
    }

    fn native(&self, ty: &Portable, usage: Usage<'_>) -> Native {
        let digits = |word: &str, digits: &Option<u8>| match digits.unwrap_or(6) {
            0 => Native::exact(word),
            digits => Native::exact(format!("{word}({digits})")),
        };
        match ty {
            Portable::Bool => Native::exact("tinyint(1)"),
            Portable::Int { bits, unsigned } => Native::exact(self.int(*bits, *unsigned)),
            Portable::Decimal(_) if usage.identity => Native::exact(self.int(64, true)),
            Portable::Decimal(Some((precision, scale))) if *precision <= 65 && *scale <= 30 => {
                Native::exact(format!("decimal({precision},{scale})"))
            }
            Portable::Decimal(_) => {
                Native::losing("decimal(65,30)", "at most 35 digits before the point and 30 after it")
            }
            Portable::Float32 => Native::exact("float"),
            Portable::Float64 => Native::exact("double"),
            Portable::Text if usage.key => {
                Native::losing("varchar(255)", "a text in a key has a length: at most 255 characters")
            }
            Portable::Text => Native::exact("longtext"),
            Portable::Varchar(length) if *length <= 16_383 => Native::exact(format!("varchar({length})")),
            Portable::Varchar(_) => Native::losing("longtext", "so long a text has no limit"),
            Portable::Char(length) if *length <= 255 => Native::exact(format!("char({length})")),
            Portable::Char(length) if *length <= 16_383 => {
                Native::losing(format!("varchar({length})"), "so long a text is not filled up with spaces")
            }
            Portable::Char(_) => Native::losing("longtext", "so long a text has no limit"),
            Portable::Bytes(None) if usage.key => {
                Native::losing("varbinary(255)", "bytes in a key have a length: at most 255")
            }
            Portable::Bytes(Some(length)) if *length <= 16_383 => {
                Native::exact(format!("varbinary({length})"))
            }
            Portable::Bytes(None) => Native::exact("longblob"),
            Portable::Bytes(Some(_)) => Native::losing("longblob", "so many bytes have no limit"),
            Portable::Date => Native::exact("date"),
            Portable::Time(precision) => digits("time", precision),
            Portable::Timestamp(precision) => digits("datetime", precision),
            Portable::TimestampTz(precision) => {
                let native = digits("timestamp", precision);
                Native { loss: Some("moments before 1970 and after January 2038 do not fit"), ..native }
            }
            Portable::Interval => {
                Native::losing("varchar(64)", "there is no type for intervals; they are text")
            }
            Portable::Uuid if self.mariadb => Native::exact("uuid"),
            Portable::Uuid => Native::exact("char(36)"),
            Portable::Json => Native::exact("json"),
            Portable::Enum { labels, .. } => Native::exact(format!("enum({})", literals(labels, &MYSQL))),
            Portable::Array(_) => Native::losing("json", "there are no arrays; they are JSON"),
        }
    }

    fn function(&self, text: &str) -> Option<Function> {
        let text = text.trim_start_matches('(').to_ascii_lowercase();
        let bare = text.split('(').next().unwrap_or_default().trim_matches([' ', ')']);
        let inside = text[bare.len().min(text.len())..].trim_matches(['(', ')', ' ']);
        let plain = inside.chars().all(|letter| letter.is_ascii_digit());
        match bare {
            "current_timestamp" | "now" | "localtimestamp" | "localtime" | "curdate" | "current_date"
            | "curtime" | "current_time" | "sysdate"
                if plain =>
            {
                Some(Function::Now)
            }
            "uuid" => Some(Function::Uuid),
            _ => None,
        }
    }

    fn default(&self, function: Function, ty: &Portable) -> Option<String> {
        let moment = |precision: &Option<u8>| match precision.unwrap_or(6) {
            0 => "CURRENT_TIMESTAMP".to_owned(),
            digits => format!("CURRENT_TIMESTAMP({digits})"),
        };
        Some(match (function, ty) {
            (Function::Uuid, _) if self.mariadb => "uuid()".to_owned(),
            (Function::Uuid, _) => "(uuid())".to_owned(),
            (Function::Now, Portable::Timestamp(digits) | Portable::TimestampTz(digits)) => moment(digits),
            (Function::Now, Portable::Date) if self.mariadb => "curdate()".to_owned(),
            (Function::Now, Portable::Time(_)) if self.mariadb => "curtime()".to_owned(),
            (Function::Now, Portable::Date) => "(curdate())".to_owned(),
            (Function::Now, Portable::Time(_)) => "(curtime())".to_owned(),
            (Function::Now, _) => "(CURRENT_TIMESTAMP)".to_owned(),
        })
    }

    fn abilities(&self) -> &'static Abilities {
        if self.mariadb { &MARIADB_ABILITIES } else { &ABILITIES }
    }
}

impl MysqlTypes {
    /// MariaDB still tells the width that a number is shown with.
    fn int(&self, bits: u8, unsigned: bool) -> String {
        let (word, signed_width, width) = match bits {
            8 => ("tinyint", 4, 3),
            16 => ("smallint", 6, 5),
            32 => ("int", 11, 10),
            _ => ("bigint", 20, 20),
        };
        match (self.mariadb, unsigned) {
            (true, false) => format!("{word}({signed_width})"),
            (true, true) => format!("{word}({width}) unsigned"),
            (false, false) => word.to_owned(),
            (false, true) => format!("{word} unsigned"),
        }
    }
}
