//! PostgreSQL's types in portable words. (Manual, chapter "Data Types"; the spelling is that of
//! `format_type`.)

use crate::engine::type_map::{
    Abilities, ComputedFrom, Enums, Function, IdentityKey, Meaning, Native, OnUpdate, Parts, TypeMap, Usage,
};
use crate::model::catalog::{Name, Table};
use crate::model::types::Portable;
use crate::sql::{POSTGRES, quote_ident_if_needed};

pub struct PostgresTypes;

static ABILITIES: Abilities = Abilities {
    longest_name: 63,
    names_in_bytes: true,
    schemas: true,
    enums: Enums::Type,
    partial_indexes: true,
    expression_indexes: true,
    include: true,
    nulls_order: true,
    nulls_not_distinct: true,
    deferrable: true,
    not_enforced: false,
    unused_indexes: false,
    index_names_per_table: false,
    constraint_names_per_database: false,
    prefixes: false,
    materialized_views: true,
    comments: true,
    on_update_now: false,
    set_default: true,
    match_full: true,
    strict_foreign_keys: false,
    signed_identity: true,
    parenthesized_defaults: false,
    text_defaults: true,
    identity_key: IdentityKey::Nothing,
    bool_words: true,
    weighty_options: &[],
    identity_always: true,
    identity_reuse: false,
    unknown_collations: &[],
    virtual_columns: false,
    index_methods: &["btree", "hash", "gist", "gin", "brin", "spgist"],
    concat_bars: true,
    character_length: "char_length",
    names_by_text: false,
    loose_types: false,
    loose_references: false,
    computed_from: ComputedFrom::Ordinary,
    identity_in_expressions: true,
    checks_on_actions: true,
    long_times: false,
    names_with_emoji: true,
};

const UNCHECKED: &str = "its values become text that the engine does not check";

impl TypeMap for PostgresTypes {
    fn portable(&self, native: &str) -> Option<Meaning> {
        if let Some(item) = native.strip_suffix("[]") {
            let item = self.portable(item)?;
            return Some(Meaning { ty: Portable::Array(Box::new(item.ty)), loss: item.loss });
        }
        let parts = Parts::of(native);
        let whole = format!("{} {}", parts.word, parts.after);
        Meaning::exact(match (whole.trim(), parts.number()) {
            ("boolean", _) => Portable::Bool,
            ("smallint", _) => Portable::int(16),
            ("integer", _) => Portable::int(32),
            ("bigint", _) => Portable::int(64),
            ("numeric", _) => parts.decimal(),
            ("real", _) => Portable::Float32,
            ("double precision", _) => Portable::Float64,
            ("text", _) | ("character varying", None) => Portable::Text,
            ("character varying", Some(length)) => Portable::Varchar(length),
            ("character", length) => Portable::Char(length.unwrap_or(1)),
            ("name", _) => Portable::Varchar(63),
            ("bytea", _) => Portable::Bytes(None),
            ("date", _) => Portable::Date,
            ("time without time zone", _) => Portable::Time(parts.digits()),
            ("timestamp without time zone", _) => Portable::Timestamp(parts.digits()),
            ("timestamp with time zone", _) => Portable::TimestampTz(parts.digits()),
            ("interval", _) => Portable::Interval,
            ("uuid", _) => Portable::Uuid,
            ("json" | "jsonb", _) => Portable::Json,
            ("oid", _) => Portable::uint(32),
            ("time with time zone", _) => {
                return Meaning::losing(Portable::Time(parts.digits()), "the time zone of the time of day");
            }
            ("money", _) => {
                return Meaning::losing(Portable::Decimal(Some((19, 2))), "the currency sign of money");
            }
            ("citext", _) => {
                return Meaning::losing(Portable::Text, "capitals make a difference: compare with lower()");
            }
            ("xml" | "inet" | "cidr" | "macaddr" | "macaddr8" | "tsvector" | "tsquery", _) => {
                return Meaning::losing(Portable::Text, UNCHECKED);
            }
            ("bit" | "bit varying", length) => {
                let ty = length.map_or(Portable::Text, Portable::Varchar);
                return Meaning::losing(ty, UNCHECKED);
            }
            _ => return None,
        })
    }

    fn native(&self, ty: &Portable, usage: Usage<'_>) -> Native {
        let digits = |word: &str, digits: &Option<u8>, zone: &str| match digits {
            Some(digits) => Native::exact(format!("{word}({digits}) {zone} time zone")),
            None => Native::exact(format!("{word} {zone} time zone")),
        };
        match ty {
            Portable::Bool => Native::exact("boolean"),
            Portable::Int { bits: 64, unsigned: true } if usage.identity => {
                Native::losing("bigint", "numbers above 9223372036854775807 do not fit")
            }
            Portable::Int { bits, unsigned: true } => unsigned(*bits, usage.identity),
            Portable::Int { bits: 8 | 16, .. } => Native::exact("smallint"),
            Portable::Int { bits: 32, .. } => Native::exact("integer"),
            Portable::Int { .. } => Native::exact("bigint"),
            Portable::Decimal(_) if usage.identity => {
                Native::losing("bigint", "numbers above 9223372036854775807 do not fit")
            }
            Portable::Decimal(None) => Native::exact("numeric"),
            Portable::Decimal(Some((precision, scale))) => {
                Native::exact(format!("numeric({precision},{scale})"))
            }
            Portable::Float32 => Native::exact("real"),
            Portable::Float64 => Native::exact("double precision"),
            Portable::Text => Native::exact("text"),
            Portable::Varchar(length) if *length <= 10_485_760 => {
                Native::exact(format!("character varying({length})"))
            }
            Portable::Varchar(_) => Native::exact("text"),
            Portable::Char(length) => Native::exact(format!("character({length})")),
            Portable::Bytes(None) => Native::exact("bytea"),
            Portable::Bytes(Some(length)) => {
                Native::checked("bytea", format!("octet_length({{}}) <= {length}"))
            }
            Portable::Date => Native::exact("date"),
            Portable::Time(precision) => digits("time", precision, "without"),
            Portable::Timestamp(precision) => digits("timestamp", precision, "without"),
            Portable::TimestampTz(precision) => digits("timestamp", precision, "with"),
            Portable::Interval => Native::exact("interval"),
            Portable::Uuid => Native::exact("uuid"),
            Portable::Json => Native::exact("jsonb"),
            Portable::Enum { name, .. } if name.schema.is_empty() => {
                Native::exact(quote_ident_if_needed(&POSTGRES, &name.name))
            }
            Portable::Enum { name, .. } => {
                let quoted = |part: &str| quote_ident_if_needed(&POSTGRES, part);
                Native::exact(format!("{}.{}", quoted(&name.schema), quoted(&name.name)))
            }
            Portable::Array(item) => {
                let item = self.native(item, Usage::default());
                Native { ty: format!("{}[]", item.ty), check: None, ..item }
            }
        }
    }

    fn function(&self, text: &str) -> Option<Function> {
        let text = text.to_ascii_lowercase();
        let bare = text.split('(').next().unwrap_or_default().trim();
        match bare {
            "now"
            | "current_timestamp"
            | "localtimestamp"
            | "current_date"
            | "current_time"
            | "localtime"
            | "transaction_timestamp"
            | "statement_timestamp"
            | "clock_timestamp" => {
                let inside = text[bare.len()..].trim_matches(['(', ')', ' ']);
                inside.chars().all(|letter| letter.is_ascii_digit()).then_some(Function::Now)
            }
            "gen_random_uuid" | "uuid_generate_v4" | "uuidv4" => Some(Function::Uuid),
            "" => {
                let text = text.replace(['(', ')', ' '], "");
                matches!(text.as_str(), "'now'::text::date" | "'now'::text::timestampwithouttimezone")
                    .then_some(Function::Now)
            }
            _ => None,
        }
    }

    fn default(&self, function: Function, ty: &Portable) -> Option<String> {
        Some(match (function, ty) {
            (Function::Uuid, Portable::Uuid) => "gen_random_uuid()".to_owned(),
            (Function::Uuid, _) => "(gen_random_uuid())::text".to_owned(),
            (Function::Now, Portable::Date) => "CURRENT_DATE".to_owned(),
            (Function::Now, Portable::Time(_)) => "LOCALTIME".to_owned(),
            (Function::Now, _) => "CURRENT_TIMESTAMP".to_owned(),
        })
    }

    fn set_on_update(
        &self,
        name: &Name,
        table: (&Name, &Table),
        column: usize,
        now: &str,
    ) -> Option<OnUpdate> {
        super::on_update::set_on_update(name, table, column, now)
    }

    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }
}

/// There are no unsigned numbers: the next wider type holds them, and a check keeps them positive.
fn unsigned(bits: u8, identity: bool) -> Native {
    let ty = match bits {
        8 => "smallint",
        16 => "integer",
        32 => "bigint",
        _ => "numeric(20,0)",
    };
    match (identity, bits) {
        (true, _) => Native::exact(ty),
        (false, 64) => Native::checked(ty, "{} BETWEEN 0 AND 18446744073709551615"),
        (false, _) => Native::checked(ty, "{} >= 0"),
    }
}
