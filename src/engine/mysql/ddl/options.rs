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
    for (name, word, written) in OPTIONS {
        let Some(value) = attribute(attributes, name) else { continue };
        let value = match written {
            Bare if is_bare(value) => value.to_owned(),
            Bare | Quoted => literal(value),
            InParentheses => format!("({value})"),
        };
        sql.push_str(&format!(" {word}={value}"));
    }
    if let Some(comment) = comment {
        sql.push_str(&format!(" COMMENT={}", literal(comment)));
    }
    if flavour == Flavour::Mariadb && attribute(attributes, "system versioning").is_some() {
        sql.push_str(" WITH SYSTEM VERSIONING");
    }
    sql
}

fn is_bare(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
