//! Values that break programs: empty text beside NULL, text that is not UTF-8, very large ones.

use std::process::Stdio;

use dbwright::model::rows::Value;

use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_server, rows};

on_every_server!(
    an_empty_text_is_not_null,
    every_character_survives,
    text_that_is_not_utf8_is_not_changed,
    a_value_of_100_mb,
    control_characters_do_not_reach_a_table,
);

fn an_empty_text_is_not_null(bed: &Bed) {
    let sql = "select null as n, '' as e";
    let out = |format: &str| bed.connect(&["-c", sql, "--format", format]).ok();
    assert_eq!(out("csv"), "n,e\n,\"\"\n");
    assert_eq!(out("tsv"), "n\te\n\\N\t\n");
    assert_eq!(out("ndjson"), "{\"n\":null,\"e\":\"\"}\n");
    assert!(out("table").contains("NULL"));
    assert_eq!(bed.connect(&["-c", sql, "--format", "csv", "--null", "(none)"]).ok(), "n,e\n(none),\"\"\n");
    assert_eq!(rows(bed.open().as_mut(), sql), [[None, Some(String::new())]]);
}

fn every_character_survives(bed: &Bed) {
    let text = "a,b;\"c\" d\\e\tf\u{1F980}\u{10FFFF}é\u{301}日本";
    let literal = match bed.server.family() {
        Family::Mysql => text.replace('\\', "\\\\"),
        _ => text.to_owned(),
    };
    bed.sandbox.write("s.sql", format!("select '{literal}' as s"));
    let out = bed.connect(&["-f", "s.sql", "--format", "ndjson"]).ok();
    let row: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(row["s"], text);
}

/// The bytes `a`, 0xFF, 0xE9, `z`, stored as text.
fn text_that_is_not_utf8_is_not_changed(bed: &Bed) {
    let raw = b"a\xff\xe9z";
    match bed.server.family() {
        Family::Sqlite => not_utf8(bed, "select cast(x'61ffe97a' as text) as s", raw),
        Family::Postgres => sql_ascii(bed, raw),
        Family::Mysql => {
            // The server converts: latin1 text arrives as UTF-8 ...
            bed.connect(&["-c", "create table t (s varchar(9) character set latin1)"]).ok();
            bed.connect(&["-c", "insert into t values (0x61ffe97a)"]).ok();
            let out = bed.connect(&["-c", "select s from t", "--format", "tsv", "--no-header"]);
            assert_eq!(out.stdout, "aÿéz\n".as_bytes());
            // ... and bytes stay bytes.
            let out =
                bed.connect(&["-c", "select cast(s as binary) from t", "--format", "tsv", "--no-header"]);
            assert_eq!(out.ok().to_uppercase(), "0X61FFE97A\n");
        }
    }
}

/// A database without an encoding takes any bytes for text.
fn sql_ascii(bed: &Bed, raw: &[u8]) {
    let name = format!("{}_ascii", bed.database);
    let create = format!("create database {name} encoding 'SQL_ASCII' template template0 locale 'C'");
    bed.connect(&["-c", &create]).ok();
    let url = bed.url().replace(&bed.database, &name);
    let sql = "select convert_from('\\x61ffe97a', 'SQL_ASCII') as s";
    let strict = bed.sandbox.run(&["connect", &url, "-c", sql]);
    let url = format!("{url}?client_encoding=SQL_ASCII");
    let ran = bed.sandbox.run(&["connect", &url, "-c", sql, "--format", "tsv", "--no-header"]);
    let json = bed.sandbox.run(&["connect", &url, "-c", sql, "--format", "ndjson"]);
    let table = bed.sandbox.run(&["connect", &url, "-c", sql]);
    bed.connect(&["-c", &format!("drop database {name} with (force)")]).ok();
    // The server itself refuses to call it UTF-8; the next step is told.
    let said = strict.fails(1);
    assert!(said.contains("client_encoding=SQL_ASCII"), "{said}");
    let expected = [raw, b"\n"].concat();
    assert_eq!(ran.stdout, expected, "{ran}");
    assert_eq!(json.ok(), "{\"s\":\"a\u{fffd}\u{fffd}z\"}\n");
    assert!(table.ok().contains("a\\xFF\\xE9z"));
}

fn not_utf8(bed: &Bed, sql: &str, raw: &[u8]) {
    let print = |format: &str| bed.connect(&["-c", sql, "--format", format, "--no-header"]);
    let expected = [raw, b"\n"].concat();
    assert_eq!(print("tsv").stdout, expected);
    assert_eq!(print("csv").stdout, expected);
    assert_eq!(print("ndjson").ok(), "{\"s\":\"a\u{fffd}\u{fffd}z\"}\n");
    assert!(print("table").ok().contains("a\\xFF\\xE9z"));
}

fn a_value_of_100_mb(bed: &Bed) {
    const SIZE: usize = 100_000_000;
    let sql = match bed.server {
        Server::Sqlite => format!("select replace(hex(zeroblob({})), '0', 'x') as s", SIZE / 2),
        Server::Mysql | Server::Mariadb => format!("select repeat('x', {SIZE}) as s"),
        Server::Pg15 | Server::Pg18 => format!("select repeat('x', {SIZE}) as s"),
    };
    let mut session = bed.open();
    let mut length = 0;
    let mut read = |cursor: &mut dyn dbwright::model::rows::Cursor| {
        while cursor.advance()? {
            let Value::Text(text) = cursor.cell(0) else { panic!("not a text") };
            assert!(text.iter().all(|byte| *byte == b'x'));
            length = text.len();
        }
        Ok(())
    };
    session.query(&sql, &[], &mut read).unwrap();
    assert_eq!(length, SIZE);
    let mut command = bed.connect_command(&["-c", &sql, "--format", "csv", "--no-header"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let printed = std::io::copy(&mut child.stdout.take().unwrap(), &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(printed, SIZE as u64 + 1);
}

fn control_characters_do_not_reach_a_table(bed: &Bed) {
    let sql = bed.server.pick(
        "select 'a' || char(27) || '[31mred' as s",
        "select 'a' || chr(27) || '[31mred' as s",
        "select concat('a', char(27 using utf8mb4), '[31mred') as s",
    );
    for format in ["table", "expanded", "markdown"] {
        let out = Ran::of(&mut bed.connect_command(&["-c", sql, "--format", format])).ok();
        assert!(!out.contains('\u{1b}') && out.contains("\\x1B"), "{format}: {out}");
    }
}
