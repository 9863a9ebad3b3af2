//! Every format over the same results.

use std::io::{self, Write};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use unicode_width::UnicodeWidthStr;

use super::fake::Fake;
use super::{Format, RowOptions, writer};
use crate::error::{Error, Kind};
use crate::model::rows::{BlobStyle, ColumnKind, Done, Value};

use ColumnKind::{Bool, Json, Number, Other};
use Value::{Blob, Float, Int, Null, Text};

const BLOB: BlobStyle = BlobStyle { prefix: "\\x", suffix: "", upper_case: false };

fn plain() -> RowOptions {
    RowOptions::plain(BLOB)
}

fn on_terminal(width: usize) -> RowOptions {
    RowOptions { terminal: true, width: Some(width), color: false, ..plain() }
}

fn print_with(format: Format, options: RowOptions, mut results: Vec<Fake>) -> String {
    let mut out = Vec::new();
    let mut writer = writer(format, options);
    for result in &mut results {
        writer.result(result, &mut out).unwrap();
    }
    writer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn print(format: Format, result: Fake) -> String {
    print_with(format, plain(), vec![result])
}

/// What makes trouble: NULL beside an empty string, separators, line ends, control characters,
/// bytes that are not UTF-8, wide characters, equal names.
fn trouble() -> Fake {
    Fake::new(
        &[("id", Number), ("t", Other), ("t", Other)],
        [
            vec![Int(1), Null, Text(b"")],
            vec![Int(20), Text(b"a,\"b\"|c"), Text(b"x\ny")],
            vec![Text(b"3.50"), Text("日本".as_bytes()), Text(b"\x1b[31m\xff")],
            vec![Null, Text(b"tab\there\\"), Blob(&[0, 255])],
        ],
    )
    .typed(&["int4", "text", "text"])
}

fn empty() -> Fake {
    Fake::new(&[("id", Number), ("name", Other)], [])
}

fn no_columns() -> Fake {
    Fake::new(&[], [vec![], vec![]])
}

#[test]
fn table_of_trouble() {
    insta::assert_snapshot!(print(Format::Table, trouble()), @r#"
       id | t             | t
    ------+---------------+-------------
        1 | NULL          | 
       20 | a,"b"|c       | x           +
          |               | y
     3.50 | 日本          | \x1B[31m\xFF
     NULL | tab     here\ | \x00ff
    (4 rows)
    "#);
}

#[test]
fn csv_of_trouble() {
    let mut out = Vec::new();
    writer(Format::Csv, plain()).result(&mut trouble(), &mut out).unwrap();
    let expected: &[u8] = b"id,t,t\n1,,\"\"\n20,\"a,\"\"b\"\"|c\",\"x\ny\"\n3.50,\xe6\x97\xa5\xe6\x9c\xac,\x1b[31m\xff\n,tab\there\\,\\x00ff\n";
    assert_eq!(out, expected);
}

#[test]
fn tsv_of_trouble() {
    let mut out = Vec::new();
    writer(Format::Tsv, plain()).result(&mut trouble(), &mut out).unwrap();
    let expected: &[u8] = b"id\tt\tt\n1\t\\N\t\n20\ta,\"b\"|c\tx\\ny\n3.50\t\xe6\x97\xa5\xe6\x9c\xac\t\x1b[31m\xff\n\\N\ttab\\there\\\\\t\\\\x00ff\n";
    assert_eq!(out, expected);
}

#[test]
fn json_of_trouble() {
    let json = print(Format::Json, trouble());
    insta::assert_snapshot!(json, @r#"
    {"version":1,"kind":"result","results":[
    {"columns":[{"name":"id","type":"int4"},{"name":"t","type":"text"},{"name":"t_2","type":"text"}],"rows":[
    {"id":1,"t":null,"t_2":""},
    {"id":20,"t":"a,\"b\"|c","t_2":"x\ny"},
    {"id":3.50,"t":"日本","t_2":"\u001b[31m�"},
    {"id":null,"t":"tab\there\\","t_2":"\\x00ff"}
    ],"row_count":4,"complete":true}
    ]}
    "#);
    serde_json::from_str::<serde_json::Value>(&json).unwrap();
}

#[test]
fn ndjson_of_trouble() {
    insta::assert_snapshot!(print(Format::Ndjson, trouble()), @r#"
    {"id":1,"t":null,"t_2":""}
    {"id":20,"t":"a,\"b\"|c","t_2":"x\ny"}
    {"id":3.50,"t":"日本","t_2":"\u001b[31m�"}
    {"id":null,"t":"tab\there\\","t_2":"\\x00ff"}
    "#);
}

#[test]
fn markdown_of_trouble() {
    insta::assert_snapshot!(print(Format::Markdown, trouble()), @r#"
    | id | t | t |
    | ---: | --- | --- |
    | 1 | NULL |  |
    | 20 | a,"b"\|c | x<br>y |
    | 3.50 | 日本 | \\x1B\[31m\\xFF |
    | NULL | tab here\\ | \\x00ff |
    "#);
}

#[test]
fn expanded_of_trouble() {
    insta::assert_snapshot!(print(Format::Expanded, trouble()), @r#"
    -[ RECORD 1 ]-----------------
    id | 1
    t  | NULL
    t  | 
    -[ RECORD 2 ]-----------------
    id | 20
    t  | a,"b"|c
    t  | x
       | y
    -[ RECORD 3 ]-----------------
    id | 3.50
    t  | 日本
    t  | \x1B[31m\xFF
    -[ RECORD 4 ]-----------------
    id | NULL
    t  | tab     here\
    t  | \x00ff
    "#);
}

#[test]
fn no_rows_and_no_columns() {
    for (format, no_rows, no_columns_text) in [
        (Format::Table, " id | name\n----+-----\n(0 rows)\n", "--\n(2 rows)\n"),
        (Format::Csv, "id,name\n", ""),
        (Format::Tsv, "id\tname\n", ""),
        (Format::Ndjson, "", "{}\n{}\n"),
        (Format::Markdown, "| id | name |\n| ---: | --- |\n", ""),
        (Format::Expanded, "(0 rows)\n", "-[ RECORD 1 ]-----------------\n-[ RECORD 2 ]-----------------\n"),
    ] {
        assert_eq!(print(format, empty()), no_rows, "{format:?}");
        assert_eq!(print(format, no_columns()), no_columns_text, "{format:?}");
    }
    insta::assert_snapshot!(print(Format::Json, empty()), @r#"
    {"version":1,"kind":"result","results":[
    {"columns":[{"name":"id","type":null},{"name":"name","type":null}],"rows":[],"row_count":0,"complete":true}
    ]}
    "#);
}

#[test]
fn several_results_and_tags() {
    let run = |format: Format, options: RowOptions| {
        let mut out = Vec::new();
        let mut writer = writer(format, options);
        let done = |tag: &str, affected| Done { tag: tag.to_owned(), affected };
        let one = || Fake::new(&[("a", Number)], [vec![Int(1)]]);
        writer.done(&done("CREATE TABLE", None), &mut out).unwrap();
        writer.done(&done("INSERT 0 3", Some(3)), &mut out).unwrap();
        writer.result(&mut one(), &mut out).unwrap();
        writer.result(&mut one(), &mut out).unwrap();
        writer.done(&done("COMMIT", None), &mut out).unwrap();
        writer.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    insta::assert_snapshot!(run(Format::Table, plain()), @"
    CREATE TABLE
    INSERT 0 3
     a
    --
     1
    (1 row)

     a
    --
     1
    (1 row)

    COMMIT
    ");
    assert_eq!(run(Format::Csv, plain()), "a\n1\na\n1\n");
    let quiet = RowOptions { tags: false, header: false, ..plain() };
    assert_eq!(run(Format::Table, quiet), " 1\n\n 1\n");
    insta::assert_snapshot!(run(Format::Json, plain()), @r#"
    {"version":1,"kind":"result","results":[
    {"tag":"CREATE TABLE","affected":null},
    {"tag":"INSERT 0 3","affected":3},
    {"columns":[{"name":"a","type":null}],"rows":[
    {"a":1}
    ],"row_count":1,"complete":true},
    {"columns":[{"name":"a","type":null}],"rows":[
    {"a":1}
    ],"row_count":1,"complete":true},
    {"tag":"COMMIT","affected":null}
    ]}
    "#);
    assert_eq!(
        print_with(Format::Json, plain(), vec![]),
        "{\"version\":1,\"kind\":\"result\",\"results\":[]}\n"
    );
}

#[test]
fn on_a_terminal_the_table_fits() {
    let rows = || {
        Fake::new(
            &[("a_long_name", Number), ("text", Other), ("more", Bool)],
            [
                vec![Int(1_234_567), Text(b"The quick brown fox jumps over the lazy dog"), Text(b"t")],
                vec![Int(1), Text("日本語日本語日本語日本語".as_bytes()), Null],
            ],
        )
    };
    insta::assert_snapshot!(print_with(Format::Table, on_terminal(41), vec![rows()]), @"
     a_long_name | text               | more
    -------------+--------------------+-----
         1234567 | The quick brown f… | t
               1 | 日本語日本語日本…  | NULL
    (2 rows)
    ");
    // Nothing may cut a number.
    insta::assert_snapshot!(print_with(Format::Table, on_terminal(25), vec![rows()]), @"
     a_long… | text   | more
    ---------+--------+-----
     1234567 | The q… | t
           1 | 日本…  | NULL
    (2 rows)
    ");
    insta::assert_snapshot!(print_with(Format::Table, on_terminal(20), vec![rows()]), @"
    -[ RECORD 1 ]------------------
    a_long_name | 1234567
    text        | The quick brown fox jumps over the lazy dog
    more        | t
    -[ RECORD 2 ]------------------
    a_long_name | 1
    text        | 日本語日本語日本語日本語
    more        | NULL
    (2 rows)
    ");
}

#[test]
fn rows_after_the_window_keep_the_columns() {
    let rows = (0..1002).map(|n| match n {
        1000 => vec![Text(b"abc"), Int(1234)],
        1001 => vec![Text(b"a longer text"), Int(2)],
        _ => vec![Text(b"x"), Int(5)],
    });
    let result = || Fake::new(&[("t", Other), ("n", Other)], rows.clone());
    let tail = |text: String| {
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len() - 4..].join("\n")
    };
    insta::assert_snapshot!(tail(print(Format::Table, result())), @"
     x | 5
     abc | 1234
     a longer text | 2
    (1002 rows)
    ");
    let fitted = print_with(Format::Table, on_terminal(10), vec![result()]);
    insta::assert_snapshot!(tail(fitted), @"
     x | 5
     abc | 1234
     a l… | 2
    (1002 rows)
    ");
}

#[test]
fn columns_of_dynamic_cells_are_numbers_when_all_cells_are() {
    let result = Fake::new(
        &[("n", Other), ("mixed", Other), ("null", Other)],
        [vec![Int(1), Int(1), Null], vec![Float(10.5), Text(b"abc"), Null], vec![Null, Null, Null]],
    );
    insta::assert_snapshot!(print(Format::Table, result), @"
        n | mixed | null
    ------+-------+-----
        1 | 1     | NULL
     10.5 | abc   | NULL
     NULL | NULL  | NULL
    (3 rows)
    ");
}

#[test]
fn colours_wrap_headers_and_null() {
    let options = RowOptions { color: true, ..on_terminal(80) };
    let result = Fake::new(&[("a", Other), ("b", Other)], [vec![Null, Text(b"x")]]);
    assert_eq!(
        print_with(Format::Table, options, vec![result]),
        " \x1b[1ma\x1b[0m    | \x1b[1mb\x1b[0m\n------+--\n \x1b[2mNULL\x1b[0m | x\n(1 row)\n"
    );
}

#[test]
fn nothing_a_terminal_acts_on_gets_through_in_any_format() {
    let evil = || {
        Fake::new(
            &[("\x1b]0;owned\x07", Other), ("j", Json)],
            [vec![
                Text("\x1b[2J \u{9b}31m \u{202e}x\r\x08\x7f".as_bytes()),
                Text("{\"a\":\"\u{9b}\x7f\"}".as_bytes()),
            ]],
        )
    };
    for &format in Format::ROWS {
        let text = print_with(format, on_terminal(80), vec![evil()]);
        let bad = |ch: char| ch.is_control() && !matches!(ch, '\n' | '\t');
        assert!(!text.contains(bad), "{format:?}: {text:?}");
    }
}

#[test]
fn null_can_be_given_a_text() {
    let options = || RowOptions { null: Some("-".to_owned()), ..plain() };
    for (format, text) in [
        (Format::Table, " a\n--\n -\n(1 row)\n"),
        (Format::Csv, "a\n-\n"),
        (Format::Tsv, "a\n-\n"),
        (Format::Markdown, "| a |\n| --- |\n| - |\n"),
        (Format::Ndjson, "{\"a\":null}\n"),
    ] {
        let result = Fake::new(&[("a", Other)], [vec![Null]]);
        assert_eq!(print_with(format, options(), vec![result]), text, "{format:?}");
    }
}

#[test]
fn a_huge_cell_goes_through_every_format() {
    let text: &'static str = Box::leak("0123456789abcde\n".repeat(64 * 1024).into_boxed_str());
    for &format in Format::ROWS {
        let result =
            Fake::new(&[("t", Other), ("b", Other)], [vec![Text(text.as_bytes()), Blob(text.as_bytes())]]);
        let printed = print(format, result);
        assert!(printed.len() > 3 * text.len(), "{format:?}");
        if format == Format::Ndjson {
            let row: serde_json::Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(row["t"], text);
        }
        if format == Format::Csv {
            assert!(printed.starts_with("t,b\n\"0123"));
            assert!(printed.contains("abcde\n\",\\x3031"));
        }
    }
}

#[test]
fn rows_before_an_error_are_printed() {
    for &format in Format::ROWS {
        let mut out = Vec::new();
        let mut writer = writer(format, plain());
        let mut result = Fake::new(&[("a", Number)], [vec![Int(7)]]).failing(Error::new(Kind::Lost, "gone"));
        let error = writer.result(&mut result, &mut out).unwrap_err();
        assert_eq!(error.kind(), Kind::Lost);
        writer.finish(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains('7'), "{format:?}: {text}");
        assert!(!text.contains("(1 row)"), "{format:?}: {text}");
        if format == Format::Json {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["results"][0]["complete"], false);
            assert_eq!(json["results"][0]["row_count"], 1);
        }
    }
}

/// Takes a few bytes and then behaves like a pipe whose reader has gone.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_ends_the_work_at_once() {
    for &format in Format::ROWS {
        let rows = (0..100_000).map(|n| vec![Int(n), Text(b"some text")]);
        let mut result = Fake::new(&[("a", Number), ("b", Other)], rows);
        let error = writer(format, plain()).result(&mut result, &mut Closed(100)).unwrap_err();
        assert_eq!(error.kind(), Kind::BrokenPipe, "{format:?}");
        assert!(result.seen() < 20_000, "{format:?} read {}", result.seen());
    }
}

/// A result with one text cell a row; the bytes live as long as the process.
fn texts(kind: ColumnKind, cells: &[Vec<u8>]) -> Fake {
    let rows = cells.iter().map(|cell| vec![Text(Box::leak(cell.clone().into_boxed_slice()))]);
    Fake::new(&[("t", kind)], rows)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        any::<Vec<u8>>(),
        "\\PC{0,20}".prop_map(String::into_bytes),
        "[\"\\\\,\t\n\r{}\\[\\]: 0-9a-ez\u{80}-\u{a0}\u{1b}-]{0,12}".prop_map(String::into_bytes),
    ];
    pieces.boxed()
}

proptest! {
    #[test]
    fn json_is_always_well_formed(cells in vec(bytes(), 0..5), kind in select(vec![Other, Number, Bool, Json])) {
        let printed = print(Format::Ndjson, texts(kind, &cells));
        prop_assert_eq!(printed.lines().count(), cells.len());
        for (line, cell) in printed.lines().zip(&cells) {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            if kind == Other {
                prop_assert_eq!(row["t"].as_str().unwrap(), String::from_utf8_lossy(cell));
            }
        }
        let document = print(Format::Json, texts(kind, &cells));
        serde_json::from_str::<serde::de::IgnoredAny>(&document).unwrap();
    }

    #[test]
    fn tsv_reads_back(cell in bytes()) {
        let mut out = Vec::new();
        writer(Format::Tsv, plain()).result(&mut texts(Other, std::slice::from_ref(&cell)), &mut out).unwrap();
        let line = out.strip_prefix(b"t\n").unwrap().strip_suffix(b"\n").unwrap();
        prop_assert!(!line.contains(&b'\n') && !line.contains(&b'\t'));
        let mut read = Vec::new();
        let mut escaped = line.iter();
        while let Some(byte) = escaped.next() {
            read.push(match byte {
                b'\\' => match escaped.next().unwrap() {
                    b't' => b'\t', b'n' => b'\n', b'r' => b'\r',
                    b'b' => 8, b'v' => 11, b'f' => 12,
                    other => *other,
                },
                other => *other,
            });
        }
        prop_assert_eq!(read, cell);
    }

    #[test]
    fn lines_of_a_fitted_table_fit(cells in vec(bytes(), 0..5), width in 8usize..60) {
        let printed = print_with(Format::Table, on_terminal(width), vec![texts(Other, &cells)]);
        for line in printed.lines().filter(|line| !line.ends_with("rows)")) {
            prop_assert!(line.width() <= width, "{line:?}");
        }
    }
}
