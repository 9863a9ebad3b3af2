//! SQLite's values carry their own types; what is right is written out here, since the installed
//! client may be older and shorten floats.

use super::Table;

const CASES: &[(&str, &str)] = &[
    ("null", "NULL"),
    ("''", ""),
    ("'NULL'", "NULL"),
    ("0", "0"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775807", "9223372036854775807"),
    ("1.0", "1.0"),
    ("0.1", "0.1"),
    // SQLite knows no negative zero.
    ("-0.0", "0.0"),
    ("1e100", "1.0e+100"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ("5e-324", "5.0e-324"),
    ("9e999", "Inf"),
    ("-9e999", "-Inf"),
    ("123456789.123456789", "123456789.12345679"),
    ("x''", "X''"),
    ("x'00ff41'", "X'00FF41'"),
    ("'日本'", "日本"),
    ("true", "1"),
    ("date('2026-02-03')", "2026-02-03"),
    ("json('{\"a\": [1, 2]}')", "{\"a\":[1,2]}"),
    ("typeof(1.0)", "real"),
];

pub fn table() -> Table {
    let inserts =
        CASES.iter().enumerate().map(|(id, (sql, _))| format!("insert into v values ({id}, {sql})"));
    let create = "create table v (id integer primary key, a)".to_owned();
    Table { setup: std::iter::once(create).chain(inserts).collect(), columns: vec!["a".into()] }
}

pub fn expected() -> Vec<Vec<String>> {
    CASES.iter().map(|(_, text)| vec![(*text).to_owned()]).collect()
}
