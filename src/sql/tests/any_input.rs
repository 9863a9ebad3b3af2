use std::io::BufReader;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

use super::*;
use crate::model::place::{locate, place};

/// Texts in which what matters to some dialect is frequent.
fn script() -> impl Strategy<Value = String> {
    let pieces = [
        " ",
        "\n",
        "\r\n",
        ";",
        ";",
        "'",
        "''",
        "\"",
        "`",
        "[",
        "]",
        "(",
        ")",
        "\\",
        "\\'",
        "--",
        "-- ",
        "#",
        "/*",
        "*/",
        "/*!",
        "/*!50003 ",
        "/*+",
        "$",
        "$$",
        "$a$",
        "$1",
        "a$b",
        "E'",
        "U&'",
        "_utf8'",
        "x'1F'",
        ":",
        "::",
        ":a",
        "?",
        "?|",
        "@",
        "@a",
        "1",
        "1.5e+",
        ".",
        ",",
        "=",
        "//",
        "\n\\.\n",
        "\\g\n",
        "é",
        "\0",
        "a",
        "create ",
        "or replace ",
        "function ",
        "procedure ",
        "trigger ",
        "event ",
        "for each row ",
        "do ",
        "begin ",
        "atomic ",
        "not ",
        "end ",
        "end;",
        "case ",
        "when ",
        "then ",
        "if ",
        "loop ",
        "while ",
        "repeat ",
        "until ",
        "declare ",
        "handler for ",
        "copy t from stdin;\n",
        "\ndelimiter ",
        "\ndelimiter //\n",
        "\ndelimiter a\n",
        "\u{FEFF}",
        "explain ",
        "temp ",
    ];
    vec(select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

/// All items, their copied data among them, as text.
fn items(sql: &str, dialect: &Dialect, capacity: usize) -> Vec<String> {
    let input = BufReader::with_capacity(capacity, sql.as_bytes());
    let mut splitter = Splitter::new(input, dialect).backslash_commands(true);
    let mut items = Vec::new();
    while let Some(item) = splitter.next() {
        items.push(format!("{item:?}"));
        if matches!(item, Ok(Item::CopyStatement(_))) {
            let mut data = Vec::new();
            let read = std::io::Read::read_to_end(&mut splitter.copy_data(), &mut data);
            items.push(format!("{data:?} {read:?}"));
        }
    }
    items.push(format!("{:?}", splitter.at_end()));
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn tokens_cover_the_text(sql in script()) {
        for dialect in ALL {
            let mut end = 0;
            for token in Lexer::new(&sql, dialect) {
                prop_assert_eq!(token.start, end);
                prop_assert!(token.end > token.start);
                prop_assert!(sql.get(token.range()).is_some());
                end = token.end;
            }
            prop_assert_eq!(end, sql.len());
        }
    }

    #[test]
    fn the_size_of_pieces_does_not_matter(sql in script(), capacity in 1usize..9) {
        for dialect in ALL {
            prop_assert_eq!(items(&sql, dialect, 1 << 16), items(&sql, dialect, capacity));
        }
    }

    #[test]
    fn nothing_is_lost(sql in script()) {
        for dialect in ALL {
            if dialect.delimiter_command && sql.contains("delimiter") || sql.contains("copy") {
                continue;
            }
            let text = sql.strip_prefix('\u{FEFF}').unwrap_or(&sql);
            let mut end = sql.len() - text.len();
            let mut between = String::new();
            for statement in split_str(&sql, dialect) {
                let start = statement.offset as usize;
                prop_assert!(sql[start..].starts_with(&statement.text));
                let place = locate(text, start - (sql.len() - text.len()));
                prop_assert_eq!((statement.line as usize, statement.column as usize), place);
                between.push_str(&sql[end..start]);
                between.push('\n');
                end = start + statement.text.len();
            }
            between.push_str(&sql[end..]);
            // What no statement has is comments, whitespace and delimiters.
            let lenient = Dialect {
                dashes_need_space: false,
                ..*dialect
            };
            for (_, text) in Lexer::new(&between, &lenient).code() {
                prop_assert_eq!(text, ";");
            }
        }
    }

    #[test]
    fn anything_is_survived(sql in ".{0,80}", bytes in vec(any::<u8>(), 0..80), at in 0usize..100) {
        for dialect in ALL {
            Splitter::new(&bytes[..], dialect).backslash_commands(true).for_each(drop);
            for text in [&sql, &*String::from_utf8_lossy(&bytes)] {
                items(text, dialect, 3);
                classify(text, dialect);
                place("", text, at);
                char_to_byte(text, at);
                bind_names(text, dialect, &["a"]).original_offset(at);
            }
        }
    }
}

/// SQLite has its own opinion on when a statement is complete.
#[test]
fn complete_as_sqlite_sees_it() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let words = [
        " ", ";", ";", "create ", "trigger ", "temp ", "end", "end;", "begin ", "explain ", "'a'", "'",
        "[a]", "\"", "--a\n", "/*;*/", "x", "case ", "\n",
    ];
    let scripts = vec(select(words.to_vec()), 1..12).prop_map(|words| words.concat() + " x;");
    for _ in 0..2000 {
        let sql = scripts.new_tree(&mut runner).unwrap().current();
        let text = std::ffi::CString::new(sql.as_str()).unwrap();
        let theirs = unsafe { rusqlite::ffi::sqlite3_complete(text.as_ptr()) } != 0;
        assert_eq!(is_complete(&sql, &SQLITE), theirs, "{sql:?}");
    }
}
