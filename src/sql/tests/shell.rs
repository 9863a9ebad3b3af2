use std::io::{BufRead, Read};

use super::*;

/// Items in short: statements as they are, shell commands after `!` (`!!` with a statement
/// pending).
fn items(sql: &str, dialect: &Dialect) -> Vec<String> {
    Splitter::new(sql.as_bytes(), dialect)
        .backslash_commands(true)
        .map(|item| match item.unwrap() {
            Item::Statement(s) => s.text,
            Item::CopyStatement(s) => format!("copy: {}", s.text),
            Item::Meta { text, buffer_pending: true, .. } => format!("!!{text}"),
            Item::Meta { text, .. } => format!("!{text}"),
        })
        .collect()
}

#[test]
fn backslash_commands() {
    let cases: &[(&str, &[&str])] = &[
        ("\\d t;\nselect 1;", &["!\\d t;", "select 1"]),
        ("select 1 \\d t\n+ 2;", &["!!\\d t", "select 1 \n+ 2"]),
        ("select '\\d', \"\\d\", $$\\d$$ /* \\d */ -- \\d\n;", &["select '\\d', \"\\d\", $$\\d$$ /* \\d */"]),
        ("\\echo 'a\\b' \\\\ select 1;", &["!\\echo 'a\\b'", "select 1"]),
        ("\\set a 1 \\echo :a\n\\q", &["!\\set a 1", "!\\echo :a", "!\\q"]),
        ("\\! ls \\ x\nselect 1;", &["!\\! ls \\ x", "select 1"]),
        ("\\copy t from 'a\\b'\r\nx;", &["!\\copy t from 'a\\b'", "x"]),
        ("select 1\\; select 2; x", &["select 1; select 2", "x"]),
        ("select a\\:b;", &["select a:b"]),
        ("-- only\n\\q", &["!\\q"]),
    ];
    for (sql, expected) in cases {
        let mut found = items(sql, &POSTGRES);
        // A comment before a command at the end of a statement is cut; one within stays.
        found.iter_mut().for_each(|f| *f = f.trim_end().to_owned());
        let expected: Vec<_> = expected.iter().map(|e| e.replace(" /* \\d */", "")).collect();
        assert_eq!(found, expected, "{sql}");
    }
    assert_eq!(texts("select 1 \\d; x", &POSTGRES).len(), 2);
}

#[test]
fn letter_commands() {
    let cases: &[(&str, &[&str])] = &[
        ("\\u db\nselect 1;", &["!\\u db", "select 1"]),
        ("\\G;\nselect 1;", &["!\\G", "select 1"]),
        ("\\gx x\nselect '\\G';", &["!\\gx x", "select '\\G'"]),
        ("/*!50000 a \\G */;", &["/*!50000 a \\G */"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(&items(sql, &MYSQL), expected, "{sql}");
    }
}

#[test]
fn a_command_may_end_forget_or_look_at_the_statement() {
    let sql = "select 1\\G select 2 /* c */ \\g\nselect 3 \\r\n select 4;";
    let mut splitter = Splitter::new(sql.as_bytes(), &MYSQL).backslash_commands(true);
    let mut sent = Vec::new();
    while let Some(item) = splitter.next() {
        match item.unwrap() {
            Item::Meta { text, buffer_pending, .. } => {
                assert!(buffer_pending);
                if text == "\\r" {
                    assert_eq!(splitter.pending_text(), "select 3");
                    splitter.discard_pending();
                } else if let Some(Ok(Item::Statement(s))) = splitter.take_pending() {
                    assert!(s.terminated);
                    sent.push((s.text, s.line, s.column));
                }
            }
            Item::Statement(s) => sent.push((s.text, s.line, s.column)),
            Item::CopyStatement(_) => unreachable!(),
        }
    }
    let expected = [("select 1", 1, 1), ("select 2", 1, 12), ("select 4", 3, 2)];
    assert_eq!(sent, expected.map(|(s, l, c)| (s.to_owned(), l, c)));
    assert!(splitter.take_pending().is_none());
}

#[test]
fn copy_data_is_read_from_the_same_input() {
    let sql = "copy t (a, \"from\") from stdin with (format text);\n1\t'\n2\t;\\.\n\\.x\n\\.\nselect 1;";
    for capacity in [1, 2, 3, 5, 8, 1000] {
        let input = std::io::BufReader::with_capacity(capacity, sql.as_bytes());
        let mut splitter = Splitter::new(input, &POSTGRES);
        let Some(Ok(Item::CopyStatement(statement))) = splitter.next() else {
            panic!("not a COPY");
        };
        assert_eq!(statement.text, "copy t (a, \"from\") from stdin with (format text)");
        let mut data = String::new();
        splitter.copy_data().read_to_string(&mut data).unwrap();
        assert_eq!(data, "1\t'\n2\t;\\.\n\\.x\n");
        assert_eq!(splitter.copy_data().read(&mut [0; 9]).unwrap(), 0);
        let Some(Ok(Item::Statement(statement))) = splitter.next() else {
            panic!("no statement");
        };
        assert_eq!((statement.text.as_str(), statement.line), ("select 1", 6));
        assert_eq!(statement.offset as usize, sql.find("select 1").unwrap());
        assert_eq!(splitter.copy_data().read(&mut [0; 9]).unwrap(), 0);
    }
}

#[test]
fn copy_data_that_is_not_read_is_skipped() {
    let cases: &[(&str, &[&str])] = &[
        ("COPY t FROM STDIN;\n\\.\nx;", &["copy: COPY t FROM STDIN", "x"]),
        ("COPY t FROM STDIN;\r\n1\r\n\\.\r\nx;", &["copy: COPY t FROM STDIN", "x"]),
        ("COPY t FROM STDIN;\n1;2;\n", &["copy: COPY t FROM STDIN"]),
        ("COPY t FROM STDIN;\n1\n\\.", &["copy: COPY t FROM STDIN"]),
        ("COPY t FROM STDIN", &["copy: COPY t FROM STDIN"]),
        ("COPY (select 1 from stdin) TO STDOUT; x", &["COPY (select 1 from stdin) TO STDOUT", "x"]),
        ("COPY t FROM 'file'; x", &["COPY t FROM 'file'", "x"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(&items(sql, &POSTGRES), expected, "{sql}");
    }
    assert_eq!(items("copy t from stdin;\n1;", &SQLITE), ["copy t from stdin", "1"]);
    let mut splitter = Splitter::new(&b"copy t from stdin; x;\n1\n"[..], &POSTGRES);
    assert!(splitter.next().unwrap().is_ok());
    assert!(splitter.next().unwrap().is_err());
}

#[test]
fn copy_data_by_lines() {
    let data: String = (0..5000).map(|n| format!("{n}\tx\\N\n")).collect();
    let sql = format!("copy t from stdin;\n{data}\\.\nx;");
    let mut splitter = Splitter::new(sql.as_bytes(), &POSTGRES);
    splitter.next().unwrap().unwrap();
    let lines: Vec<_> = splitter.copy_data().lines().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 5000);
    assert_eq!(lines[4999], "4999\tx\\N");
    assert_eq!(splitter.count(), 1);
}

#[test]
fn what_is_pending() {
    use Pending::{Backtick, Bracket, Comment, DoubleQuote, Paren, SingleQuote};
    let cases: &[(&str, &Dialect, Pending)] = &[
        ("", &SQLITE, Pending::None),
        ("select 1;", &SQLITE, Pending::None),
        ("select 1; -- a", &SQLITE, Pending::None),
        ("-- a", &SQLITE, Pending::None),
        ("select 1", &SQLITE, Pending::Statement),
        ("select 1; select", &SQLITE, Pending::Statement),
        ("select 'a;", &SQLITE, SingleQuote),
        ("select \"a;", &SQLITE, DoubleQuote),
        ("select \"a;", &MYSQL, DoubleQuote),
        ("select `a;", &MYSQL, Backtick),
        ("select [a;", &SQLITE, Bracket),
        ("select U&\"a", &POSTGRES, DoubleQuote),
        ("select E'\\'", &POSTGRES, SingleQuote),
        ("select $a$ $$;", &POSTGRES, Pending::Dollar("$a$".into())),
        ("do $$", &POSTGRES, Pending::Dollar("$$".into())),
        ("select (1;", &POSTGRES, Paren),
        ("select (1;", &SQLITE, Pending::None),
        ("select 1; /* a", &POSTGRES, Comment),
        ("/*! select 1;", &MYSQL, Comment),
        ("create procedure p() begin select 1;", &MYSQL, Pending::Statement),
        ("delimiter //\nselect 1;", &MYSQL, Pending::Statement),
        ("delimiter //\nselect 1;//", &MYSQL, Pending::None),
        ("copy t from stdin;", &POSTGRES, Pending::None),
    ];
    for (sql, dialect, expected) in cases {
        assert_eq!(&pending(sql, dialect), expected, "{sql}");
        assert_eq!(is_complete(sql, dialect), *expected == Pending::None, "{sql}");
    }
}
