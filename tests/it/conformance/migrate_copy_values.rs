//! `migrate copy`, value by value: the extremes of every type of each engine arrive as they were on
//! every other one, or are in the file of rejects with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::migrate_copy::{ENGINES, copy};
use crate::servers::{Bed, Server, on_every_server, rows};

on_every_server!(every_value_arrives_or_is_told);

/// A type, and values of it as the engine's SQL writes them.
type Column = (&'static str, &'static [&'static str]);

const SQLITE: &[Column] = &[
    ("INTEGER", &["0", "-9223372036854775808", "9223372036854775807"]),
    ("SMALLINT", &["70000", "-1"]),
    ("BOOLEAN", &["0", "1"]),
    ("BOOLEAN", &["0", "2"]),
    ("REAL", &["0.1", "1e300", "-1e-300", "5e-324", "9e999", "0.30000000000000004"]),
    ("NUMERIC(10,2)", &["0.1", "12345678.99", "-1"]),
    ("DECIMAL(10,2)", &["0.125", "1"]),
    ("NUMERIC", &["1.5", "'many'"]),
    (
        "TEXT",
        &[
            "''",
            "'it''s \\ '",
            "'日本 🦀'",
            "'a' || char(10, 9, 13) || '\\N'",
            "'a' || char(0)",
            "cast(x'61ff' as text)",
        ],
    ),
    ("VARCHAR(3)", &["'abc'", "'abcdef'"]),
    ("CHAR(3)", &["'äöü'", "''"]),
    ("BLOB", &["x''", "x'00ff5c0a'"]),
    ("BLOB", &["'text'"]),
    ("INTEGER", &["1", "'two'"]),
    ("DATETIME", &["'2026-11-24 13:01:59'", "'0001-01-01 00:00:00.000001'"]),
    ("DATETIME", &["1700000000", "0"]),
    ("DATE", &["'2026-11-24'", "'9999-12-31'"]),
    ("DATE", &["'yesterday'", "'2026-11-24'"]),
    ("TIME", &["'13:01:59'", "'00:00:00.5'"]),
    ("JSON", &["'{\"a\":[1,2.50,null]}'", "'\"é\"'"]),
    ("", &["1", "'a'", "0.5"]),
    ("", &["x'00ff'", "x'01'"]),
    ("ANY", &["1", "2"]),
];

const POSTGRES: &[Column] = &[
    ("smallint", &["-32768", "32767"]),
    ("integer", &["-2147483648", "2147483647"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"]),
    ("numeric(10,2)", &["-99999999.99", "0.10", "'NaN'"]),
    ("numeric", &["123456789012345678901234567890.12345", "1e-20", "0.1"]),
    ("real", &["0.1", "3.4028235e38", "1.4e-45", "'NaN'", "'-Infinity'"]),
    ("double precision", &["0.1", "1.7976931348623157e308", "5e-324", "'NaN'", "'Infinity'", "-0.0"]),
    ("boolean", &["true", "false"]),
    ("text", &["''", "e'a\\n\\t\\r\\\\N'", "'日本 🦀'", "repeat('x', 100000)"]),
    ("varchar(5)", &["'äöüäö'", "'a '"]),
    ("character(5)", &["'a'", "'abcde'"]),
    ("bytea", &["''", "'\\x00ff5c0a'"]),
    ("date", &["'2026-11-24'", "'infinity'", "'0044-03-15 BC'", "'9999-12-31'", "'10000-01-01'"]),
    ("time", &["'00:00'", "'24:00:00'", "'23:59:59.999999'"]),
    ("timestamp", &["'2026-11-24 13:01:59.123456'", "'infinity'", "'0001-01-01'", "'294276-12-31'"]),
    ("timestamptz", &["'1970-01-01 00:00:01+00'", "'2038-01-19 03:14:08+00'", "'2026-11-24 00:00:00+05:30'"]),
    ("interval", &["'1 year 2 mons -3 days'", "'-838:59:59'"]),
    ("uuid", &["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"]),
    ("jsonb", &["'{\"b\": 1, \"a\": [1.0, 10000000000]}'", "'\"\\u00e9\"'", "'null'"]),
    ("inet", &["'192.168.0.1/24'", "'::1'"]),
    ("int4range", &["'[1,5)'"]),
    ("bit(8)", &["B'10100101'"]),
    ("money", &["'-1234.56'"]),
    ("oid", &["4294967295"]),
    ("xml", &["'<a/>'"]),
];

const MYSQL: &[Column] = &[
    ("tinyint", &["-128", "127"]),
    ("tinyint(1)", &["0", "1"]),
    ("tinyint(1)", &["0", "5"]),
    ("tinyint unsigned", &["0", "255"]),
    ("mediumint", &["-8388608", "8388607"]),
    ("int unsigned", &["0", "4294967295"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"]),
    ("bigint unsigned", &["0", "18446744073709551615"]),
    ("decimal(65,30)", &["12345678901234567890123456789012345.123456789012345678901234567890", "-0.5"]),
    ("decimal(10,2)", &["-99999999.99", "0.10"]),
    ("float", &["0.1", "3.40282e38", "-1.17549e-38"]),
    ("double", &["0.1", "1.7976931348623157e308", "-2.2250738585072014e-308"]),
    ("bit(1)", &["b'0'", "b'1'"]),
    ("bit(12)", &["b'101010101010'"]),
    ("year", &["1901", "2155"]),
    ("char(5)", &["'äöüäö'", "''"]),
    ("varchar(5)", &["'a '", "'日本🦀'"]),
    ("text", &["'a\\n\\t\\\\N\\''", "concat('a', char(0))"]),
    ("varbinary(4)", &["x'00ff5c0a'", "''"]),
    ("blob", &["x'00ff5c0a'"]),
    ("date", &["'2026-11-24'", "'0000-00-00'", "'2026-00-10'", "'9999-12-31'"]),
    ("datetime(6)", &["'2026-11-24 13:01:59.123456'", "'0000-00-00 00:00:00'", "'1000-01-01'"]),
    ("timestamp", &["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"]),
    ("time(6)", &["'13:01:59.5'", "'00:00:00'"]),
    ("time", &["'838:59:59'", "'-838:59:59'", "'10:00:00'"]),
    ("enum('a','b c')", &["'a'", "'b c'"]),
    ("set('a','b')", &["''", "'a,b'"]),
    ("json", &["'{\"b\": [1.5, null], \"a\": \"é\"}'", "'null'"]),
];

fn columns(server: Server) -> &'static [Column] {
    server.pick(SQLITE, POSTGRES, MYSQL)
}

/// A table for each column, a row for each value.
fn fill(bed: &Bed) {
    let mut session = bed.open();
    let mut run = |sql: String| {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{:?}: {sql}: {error}", bed.server))
    };
    let zone = bed.server.pick("select 1", "set time zone 'UTC'", "set time_zone = '+00:00', sql_mode = ''");
    run(zone.to_owned());
    for (at, (ty, values)) in columns(bed.server).iter().enumerate() {
        let null = bed.server.pick("", "", "null default null");
        run(format!("create table v{at} (id integer not null primary key, v {ty} {null})"));
        for (id, value) in values.iter().enumerate() {
            run(format!("insert into v{at} values ({id}, {value})"));
        }
        run(format!("insert into v{at} values (100, null)"));
    }
}

/// All values by table and key, as the engine writes them.
fn values(bed: &Bed) -> BTreeMap<(usize, String), Option<String>> {
    let mut session = bed.open();
    let zone = bed.server.pick("select 1", "set time zone 'UTC'", "set time_zone = '+00:00'");
    session.execute(zone, &[]).unwrap();
    let mut found = BTreeMap::new();
    for at in 0..columns(bed.server).len() {
        for mut row in rows(session.as_mut(), &format!("select id, v from v{at}")) {
            let value = row.pop().unwrap();
            found.insert((at, row.pop().unwrap().unwrap()), value);
        }
    }
    found
}

/// Copies with rows left out; which were, with the reason.
fn carried(bed: &Bed, from: &str, to: &str, file: &str) -> BTreeMap<(usize, String), String> {
    let (ran, told) = copy(bed, from, to, &["--allow-loss", "--on-reject", "skip", "--rejects", file]);
    assert_eq!(ran.status.code(), Some(0), "{from} to {to}: {ran}");
    let mut rejected = BTreeMap::new();
    for line in bed.sandbox.read(file).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let table = line["table"].as_str().unwrap().rsplit('v').next().unwrap().parse().unwrap();
        let reason = line["reason"].as_str().unwrap();
        assert!(line["column"] == "v" && !reason.is_empty(), "{line}");
        rejected.insert((table, line["key"]["id"].to_string().replace('"', "")), reason.to_owned());
    }
    for table in told["tables"].as_array().unwrap() {
        let number = |what: &str| table[what].as_u64().unwrap();
        let at: usize = table["table"].as_str().unwrap()[1..].parse().unwrap();
        let left_out = rejected.keys().filter(|key| key.0 == at).count() as u64;
        assert_eq!(number("read"), number("written") + number("rejected"), "{table}");
        assert_eq!(number("rejected"), left_out, "{table}");
        assert!(table["verified"] == true, "{from} to {to}: {:?}: {table}", columns(bed.server)[at].0);
    }
    rejected
}

/// What the reject file must name of a source, by type, value, and where it went.
fn must_be_told(from: Server, to: Server) -> Vec<(&'static str, &'static str, &'static str)> {
    use crate::servers::Family;
    match (from.family(), to.family()) {
        (Family::Sqlite, Family::Postgres) => {
            vec![("TEXT", "'a' || char(0)", "NUL"), ("TEXT", "cast(x'61ff' as text)", "UTF-8")]
        }
        (Family::Sqlite, Family::Mysql) => vec![("REAL", "9e999", "finite")],
        (Family::Postgres, Family::Mysql) => vec![
            ("real", "'NaN'", "finite"),
            ("date", "'infinity'", "no date"),
            ("timestamptz", "'2038-01-19 03:14:08+00'", "2038"),
            ("numeric(10,2)", "'NaN'", "no number"),
        ],
        (Family::Postgres, Family::Sqlite) => vec![
            ("numeric", "123456789012345678901234567890.12345", "more digits"),
            ("double precision", "'NaN'", "NaN"),
        ],
        (Family::Mysql, Family::Postgres) => vec![
            ("date", "'0000-00-00'", "zeros"),
            ("date", "'2026-00-10'", "zeros"),
            ("text", "concat('a', char(0))", "NUL"),
        ],
        (Family::Mysql, Family::Sqlite) => {
            vec![("bigint unsigned", "18446744073709551615", "range"), ("date", "'0000-00-00'", "zeros")]
        }
        _ => Vec::new(),
    }
}

fn every_value_arrives_or_is_told(bed: &Bed) {
    fill(bed);
    let before = values(bed);
    for (number, other) in ENGINES.into_iter().filter(|other| other.is_there()).enumerate() {
        let (there, back) = (Bed::new(other, "values_there"), Bed::new(bed.server, "values_back"));
        let told = carried(bed, &bed.url(), &there.url(), &format!("there{number}.ndjson"));
        for (ty, value, reason) in must_be_told(bed.server, other) {
            let found = columns(bed.server).iter().enumerate().filter(|(_, column)| column.0 == ty);
            let found = found.filter_map(|(at, column)| {
                Some((at, column.1.iter().position(|each| *each == value)?.to_string()))
            });
            let said: Vec<&String> = found.filter_map(|key| told.get(&key)).collect();
            assert!(said.iter().any(|said| said.contains(reason)), "{ty} {value} to {other:?}: {said:?}");
        }
        let again = carried(bed, &there.url(), &back.url(), &format!("back{number}.ndjson"));
        let lost: BTreeSet<_> = told.keys().chain(again.keys()).cloned().collect();
        let after = values(&back);
        for (key, value) in before.iter().filter(|(key, _)| !lost.contains(key)) {
            let ty = columns(bed.server)[key.0].0;
            let got =
                after.get(key).unwrap_or_else(|| panic!("{ty}: row {key:?} is gone by way of {other:?}"));
            assert!(is_same(got, value), "{ty} by way of {other:?}: {got:?}, and it was {value:?}");
        }
        assert_eq!(after.len() + lost.len(), before.len());
    }
}

/// Whether two texts are one value: by way of another type a number may be written with other digits,
/// and a document with other spaces.
fn is_same(one: &Option<String>, other: &Option<String>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one == other };
    let number = |text: &str| text.replace(['$', ','], "").parse::<f64>().ok().filter(|_| text.len() < 25);
    let exact = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').to_owned(),
        false => text.to_owned(),
    };
    let document =
        |text: &str| serde_json::from_str::<Value>(text).ok().filter(|_| text.contains(['{', '[']));
    one == other
        || exact(one) == exact(other)
        || document(one).is_some() && document(one) == document(other)
        || number(one)
            .zip(number(other))
            .is_some_and(|(one, other)| one == other || one as f32 == other as f32)
}
