//! What follows the parenthesis of a CREATE TABLE: the options of the table.

use super::{Flavour, literal};
use crate::model::catalog::{Attribute, attribute};

/// How an option's value is written.
#[derive(Clone, Copy)]
enum Written {
    Bare,
    Quoted,
    InParentheses,
}

use Written::{Bare, InParentheses, Quoted};

/// The options that servers know, in the order of their own texts ("Table Options" in the
/// manuals). An attribute that is none of them says something else.
const OPTIONS: &[(&str, &str, Written)] = &[
    ("engine", "ENGINE", Bare),
    ("charset", "DEFAULT CHARSET", Bare),
    ("collate", "COLLATE", Bare),
    ("tablespace", "TABLESPACE", Bare),
    ("min_rows", "MIN_ROWS", Bare),
    ("max_rows", "MAX_ROWS", Bare),
    ("avg_row_length", "AVG_ROW_LENGTH", Bare),
    ("pack_keys", "PACK_KEYS", Bare),
    ("stats_persistent", "STATS_PERSISTENT", Bare),
    ("stats_auto_recalc", "STATS_AUTO_RECALC", Bare),
    ("stats_sample_pages", "STATS_SAMPLE_PAGES", Bare),
    ("checksum", "CHECKSUM", Bare),
    ("page_checksum", "PAGE_CHECKSUM", Bare),
    ("delay_key_write", "DELAY_KEY_WRITE", Bare),
    ("row_format", "ROW_FORMAT", Bare),
    ("transactional", "TRANSACTIONAL", Bare),
    ("key_block_size", "KEY_BLOCK_SIZE", Bare),
    ("compression", "COMPRESSION", Quoted),
    ("encryption", "ENCRYPTION", Quoted),
    ("encrypted", "ENCRYPTED", Bare),
    ("encryption_key_id", "ENCRYPTION_KEY_ID", Bare),
    ("page_compressed", "PAGE_COMPRESSED", Bare),
    ("page_compression_level", "PAGE_COMPRESSION_LEVEL", Bare),
    ("insert_method", "INSERT_METHOD", Bare),
    ("union", "UNION", InParentheses),
    ("data directory", "DATA DIRECTORY", Quoted),
    ("index directory", "INDEX DIRECTORY", Quoted),
    ("connection", "CONNECTION", Quoted),
    ("autoextend_size", "AUTOEXTEND_SIZE", Bare),
    ("secondary_engine", "SECONDARY_ENGINE", Bare),
    ("engine_attribute", "ENGINE_ATTRIBUTE", Quoted),
    ("secondary_engine_attribute", "SECONDARY_ENGINE_ATTRIBUTE", Quoted),
];

/// The options of a table, with a space before each.
pub fn write(attributes: &[Attribute], comment: Option<&str>, flavour: Flavour) -> String {
    let mut sql = String::new();
    for (name, _) in known() {
        let Some(value) = attribute(attributes, name) else { continue };
        if let Some(option) = one(name, value) {
            sql.push(' ');
            sql.push_str(&option);
        }
    }
    if let Some(comment) = comment {
        sql.push_str(&format!(" COMMENT={}", literal(comment)));
    }
    if flavour == Flavour::Mariadb && attribute(attributes, "system versioning").is_some() {
        sql.push_str(" WITH SYSTEM VERSIONING");
    }
    sql
}

/// The names of the options, and the words for them.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    OPTIONS.iter().map(|(name, word, _)| (*name, *word))
}

/// One option with its value; None for what is no option.
pub fn one(name: &str, value: &str) -> Option<String> {
    let (_, word, written) = OPTIONS.iter().find(|(known, ..)| *known == name)?;
    let value = match written {
        Bare if is_bare(value) => value.to_owned(),
        Bare | Quoted => literal(value),
        InParentheses => format!("({value})"),
    };
    Some(format!("{word}={value}"))
}

/// What makes an option as if it had never been given ("ALTER TABLE Statement"); None where
/// nothing does.
pub fn reset(name: &str) -> Option<&'static str> {
    Some(match name {
        "min_rows" => "MIN_ROWS=0",
        "max_rows" => "MAX_ROWS=0",
        "avg_row_length" => "AVG_ROW_LENGTH=0",
        "pack_keys" => "PACK_KEYS=DEFAULT",
        "stats_persistent" => "STATS_PERSISTENT=DEFAULT",
        "stats_auto_recalc" => "STATS_AUTO_RECALC=DEFAULT",
        "stats_sample_pages" => "STATS_SAMPLE_PAGES=DEFAULT",
        "checksum" => "CHECKSUM=0",
        "page_checksum" => "PAGE_CHECKSUM=DEFAULT",
        "delay_key_write" => "DELAY_KEY_WRITE=0",
        "row_format" => "ROW_FORMAT=DEFAULT",
        "transactional" => "TRANSACTIONAL=DEFAULT",
        "key_block_size" => "KEY_BLOCK_SIZE=0",
        "compression" => "COMPRESSION=''",
        "encryption" => "ENCRYPTION='N'",
        "encrypted" => "ENCRYPTED=DEFAULT",
        "encryption_key_id" => "ENCRYPTION_KEY_ID=DEFAULT",
        "page_compressed" => "PAGE_COMPRESSED=DEFAULT",
        "page_compression_level" => "PAGE_COMPRESSION_LEVEL=DEFAULT",
        "insert_method" => "INSERT_METHOD=NO",
        "union" => "UNION=()",
        "autoextend_size" => "AUTOEXTEND_SIZE=0",
        "tablespace" => "TABLESPACE=innodb_file_per_table",
        "secondary_engine" => "SECONDARY_ENGINE=NULL",
        "engine_attribute" => "ENGINE_ATTRIBUTE=''",
        "secondary_engine_attribute" => "SECONDARY_ENGINE_ATTRIBUTE=''",
        _ => return None,
    })
}

fn is_bare(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
