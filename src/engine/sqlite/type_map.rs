//! SQLite's declared types in portable words. (SQLite manual, "Datatypes In SQLite": a declared
//! type is a hint; only STRICT tables hold to it.)

use crate::engine::type_map::{
    Abilities, ComputedFrom, Enums, Function, IdentityKey, Meaning, Native, OnUpdate, Parts, TypeMap, Usage,
    literals,
};
use crate::model::catalog::{Column, ConstraintKind, Name, Table, attribute};
use crate::model::types::{Portable, labels};
use crate::sql::SQLITE;

pub struct SqliteTypes;

static ABILITIES: Abilities = Abilities {
    longest_name: usize::MAX,
    names_in_bytes: false,
    schemas: false,
    enums: Enums::Check,
    partial_indexes: true,
    expression_indexes: true,
    include: false,
    nulls_order: false,
    nulls_not_distinct: false,
    deferrable: true,
    not_enforced: false,
    unused_indexes: false,
    index_names_per_table: false,
    constraint_names_per_database: false,
    prefixes: false,
    materialized_views: false,
    comments: false,
    on_update_now: false,
    set_default: true,
    match_full: false,
    strict_foreign_keys: false,
    signed_identity: true,
    parenthesized_defaults: true,
    text_defaults: true,
    identity_key: IdentityKey::Primary,
    bool_words: false,
    weighty_options: &[],
    identity_always: false,
    identity_reuse: true,
    unknown_collations: &[],
    virtual_columns: true,
    index_methods: &["btree"],
    concat_bars: true,
    character_length: "length",
    names_by_text: true,
    loose_types: true,
    loose_references: true,
    computed_from: ComputedFrom::All,
    identity_in_expressions: true,
    checks_on_actions: true,
    long_times: true,
    names_with_emoji: true,
};

/// A random UUID (version 4) out of SQLite's own functions.
const UUID: &str = "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
                    substr(hex(randomblob(2)), 2) || '-' || \
                    substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) \
                    || '-' || hex(randomblob(6))))";

impl TypeMap for SqliteTypes {
    fn portable(&self, native: &str) -> Option<Meaning> {
        let parts = Parts::of(native);
        Meaning::exact(match (parts.word.as_str(), parts.number()) {
            // Both hold 64 bits, whatever the word says elsewhere.
            ("integer" | "int" | "bigint" | "int8" | "unsigned big int", None) => Portable::int(64),
            ("bool" | "boolean", _) | ("tinyint", Some(1)) => Portable::Bool,
            ("tinyint", _) => Portable::int(8),
            ("smallint" | "int2", _) => Portable::int(16),
            ("mediumint" | "int4", _) => Portable::int(32),
            ("integer" | "int" | "bigint", _) => Portable::int(64),
            // 8 bytes under every name.
            ("real" | "double" | "double precision" | "float", _) => Portable::Float64,
            ("decimal" | "numeric", _) => parts.decimal(),
            ("text" | "clob" | "string", _) => Portable::Text,
            ("varchar" | "nvarchar" | "character varying" | "varying character", Some(length))
                if length > 0 =>
            {
                Portable::Varchar(length)
            }
            ("varchar" | "nvarchar" | "character varying" | "varying character", _) => Portable::Text,
            ("char" | "character" | "nchar" | "native character", Some(length)) if length > 0 => {
                Portable::Char(length)
            }
            ("blob", _) => Portable::Bytes(None),
            ("date", _) => Portable::Date,
            ("time", _) => Portable::Time(parts.digits()),
            ("datetime" | "timestamp", _) => Portable::Timestamp(parts.digits()),
            ("timestamptz", _) => Portable::TimestampTz(parts.digits()),
            ("uuid", _) => Portable::Uuid,
            ("json", _) => Portable::Json,
            ("enum", _) => {
                Portable::Enum { name: Default::default(), labels: labels(parts.inside.as_deref()?)? }
            }
            ("", _) => {
                return Meaning::losing(Portable::Text, "the column has no type and holds values of any");
            }
            ("any", _) => return Meaning::losing(Portable::Text, "ANY holds values of every type"),
            _ => return None,
        })
    }

    fn native(&self, ty: &Portable, usage: Usage<'_>) -> Native {
        if usage.identity {
            return Native::exact("INTEGER");
        }
        let native = declared(ty);
        match attribute(usage.table, "strict") {
            Some(_) => Native { ty: strict(ty).to_owned(), ..native },
            None => native,
        }
    }

    fn function(&self, text: &str) -> Option<Function> {
        let text = text.to_ascii_lowercase().replace(' ', "");
        let text = text.trim_start_matches('(').trim_end_matches(')');
        match text {
            "current_timestamp" | "current_date" | "current_time" => Some(Function::Now),
            "datetime('now'" | "datetime(" | "date('now'" | "date(" | "time('now'" | "time(" => {
                Some(Function::Now)
            }
            "datetime" | "date" | "time" => Some(Function::Now),
            _ if text == UUID.replace(' ', "").to_ascii_lowercase().trim_matches(['(', ')']) => {
                Some(Function::Uuid)
            }
            _ => None,
        }
    }

    fn default(&self, function: Function, ty: &Portable) -> Option<String> {
        Some(match (function, ty) {
            (Function::Uuid, _) => UUID.to_owned(),
            (Function::Now, Portable::Date) => "CURRENT_DATE".to_owned(),
            (Function::Now, Portable::Time(_)) => "CURRENT_TIME".to_owned(),
            (Function::Now, _) => "CURRENT_TIMESTAMP".to_owned(),
        })
    }

    /// "ROWID and the INTEGER PRIMARY KEY": such a column is the row's number, unless it says DESC in
    /// its own line.
    fn numbers_itself(&self, table: &Table, column: &Column) -> bool {
        let alone = table.constraints.iter().any(|each| {
            each.kind == ConstraintKind::PrimaryKey
                && each.columns == std::slice::from_ref(&column.name)
                && attribute(&each.attributes, "descending") != Some("")
        });
        alone && column.ty.eq_ignore_ascii_case("integer")
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

fn declared(ty: &Portable) -> Native {
    let digits = |word: &str, digits: &Option<u8>| match digits {
        Some(digits) => Native::exact(format!("{word}({digits})")),
        None => Native::exact(word),
    };
    match ty {
        Portable::Bool => Native::exact("BOOLEAN"),
        Portable::Int { bits: 64, unsigned: true } => Native {
            loss: Some("numbers above 9223372036854775807 do not fit"),
            ..Native::checked("INTEGER", "{} >= 0")
        },
        Portable::Int { bits, unsigned: true } => {
            let most = (1_u64 << (*bits).min(32)) - 1;
            Native::checked("INTEGER", format!("{{}} BETWEEN 0 AND {most}"))
        }
        Portable::Int { bits: 8, .. } => Native::exact("TINYINT"),
        Portable::Int { bits: 16, .. } => Native::exact("SMALLINT"),
        Portable::Int { bits: 32, .. } => Native::exact("INT"),
        Portable::Int { .. } => Native::exact("INTEGER"),
        Portable::Decimal(Some((precision, scale))) if *precision <= 15 => {
            Native::exact(format!("DECIMAL({precision},{scale})"))
        }
        Portable::Decimal(Some((precision, scale))) => Native::losing(
            format!("DECIMAL({precision},{scale})"),
            "numbers of more than 15 digits become floating point",
        ),
        Portable::Decimal(None) => {
            Native::losing("NUMERIC", "numbers of more than 15 digits become floating point")
        }
        Portable::Float32 => Native::exact("FLOAT"),
        Portable::Float64 => Native::exact("REAL"),
        Portable::Text => Native::exact("TEXT"),
        Portable::Varchar(length) => Native::exact(format!("VARCHAR({length})")),
        Portable::Char(length) => Native::exact(format!("CHAR({length})")),
        Portable::Bytes(None) => Native::exact("BLOB"),
        Portable::Bytes(Some(length)) => Native::checked("BLOB", format!("length({{}}) <= {length}")),
        Portable::Date => Native::exact("DATE"),
        Portable::Time(precision) => digits("TIME", precision),
        Portable::Timestamp(precision) => digits("TIMESTAMP", precision),
        Portable::TimestampTz(precision) => digits("TIMESTAMPTZ", precision),
        Portable::Interval => Native::losing("TEXT", "there is no type for intervals; they are text"),
        // UUID and JSON as declared types would turn some texts into numbers.
        Portable::Uuid => Native::exact("CHAR(36)"),
        Portable::Json => Native::checked("TEXT", "json_valid({})"),
        Portable::Enum { labels, .. } => {
            Native::checked("TEXT", format!("{{}} IN ({})", literals(labels, &SQLITE)))
        }
        Portable::Array(_) => Native::losing("TEXT", "there are no arrays; they are text"),
    }
}

/// The types that a STRICT table may have.
fn strict(ty: &Portable) -> &'static str {
    match ty {
        Portable::Bool | Portable::Int { .. } => "INTEGER",
        Portable::Float32 | Portable::Float64 | Portable::Decimal(_) => "REAL",
        Portable::Bytes(_) => "BLOB",
        _ => "TEXT",
    }
}
