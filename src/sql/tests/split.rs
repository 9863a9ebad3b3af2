use std::io::{BufReader, Read};

use super::*;

#[test]
fn every_dialect() {
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        (" \n ", &[]),
        (";;; ;", &[]),
        ("-- nothing", &[]),
        ("/* nothing */", &[]),
        ("select 1", &["select 1"]),
        ("select 1;", &["select 1"]),
        ("select 1;select 2", &["select 1", "select 2"]),
        ("select ';'; select 2;", &["select ';'", "select 2"]),
        ("select 'it''s;';x", &["select 'it''s;'", "x"]),
        ("-- a;\nselect 1; -- b;\n", &["select 1"]),
        ("/* a; */ select /* ; */ 1 ;", &["select /* ; */ 1"]),
        ("/*+ hint; */ select 1;", &["/*+ hint; */ select 1"]),
        ("/*+ hint */;", &[]),
        ("select 1 -- a\n, 2;", &["select 1 -- a\n, 2"]),
        ("select 1 -- a\n;", &["select 1"]),
        ("select 1 /* a */ -- b", &["select 1"]),
        ("\u{FEFF}select 1;", &["select 1"]),
        ("select 1;\r\nselect\r\n2;\r\n", &["select 1", "select\r\n2"]),
        ("select 'é;ü'; größe", &["select 'é;ü'", "größe"]),
        ("begin; commit; end;", &["begin", "commit", "end"]),
        ("select 'a", &["select 'a"]),
        ("select 1; /* a; select 2;", &["select 1", "/* a; select 2;"]),
        ("create table t (a int); x", &["create table t (a int)", "x"]),
        // The text of a definition is kept by engines.
        ("Create view v as select 1 -- a;\n; x", &["Create view v as select 1 -- a;", "x"]),
        ("create view v as select 1 /* a */ -- b", &["create view v as select 1"]),
        ("drop trigger a; drop function b;", &["drop trigger a", "drop function b"]),
    ];
    for dialect in ALL {
        for (sql, expected) in cases {
            assert_eq!(&texts(sql, dialect), expected, "{}: {sql}", dialect.name);
        }
    }
}

#[test]
fn postgres() {
    let cases: &[(&str, &[&str])] = &[
        ("do $$ a; b; $$; x", &["do $$ a; b; $$", "x"]),
        ("do $a$ $$;$$ $a$; x", &["do $a$ $$;$$ $a$", "x"]),
        ("select a$b$ ; x$b$", &["select a$b$", "x$b$"]),
        ("select $1;$1", &["select $1", "$1"]),
        ("select 'a\\'; x", &["select 'a\\'", "x"]),
        ("select E'a\\';'; x", &["select E'a\\';'", "x"]),
        ("select a, E'a\\';'; x", &["select a, E'a\\';'", "x"]),
        ("select 1e'\\'; x", &["select 1e'\\'", "x"]),
        ("select E'a'\n'\\';'; x", &["select E'a'\n'\\';'", "x"]),
        ("select /* /* ; */ ; */ 1; x", &["select /* /* ; */ ; */ 1", "x"]),
        ("select a ?| b, a -- ;\n; x", &["select a ?| b, a", "x"]),
        ("select a +-- ;\n1; x", &["select a +-- ;\n1", "x"]),
        ("select a @/* ; */1; x", &["select a @/* ; */1", "x"]),
        ("select \"a;\"\"b;\" ; x", &["select \"a;\"\"b;\"", "x"]),
        ("select U&'\\;' ; x", &["select U&'\\;'", "x"]),
        ("create rule r as on insert to t do (a; b); x", &["create rule r as on insert to t do (a; b)", "x"]),
        ("select ( 1; 2", &["select ( 1; 2"]),
        ("select ) 1; 2", &["select ) 1", "2"]),
        ("select a[1:2], x::int; y", &["select a[1:2], x::int", "y"]),
        ("select `;`", &["select `", "`"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(&texts(sql, &POSTGRES), expected, "{sql}");
    }
}

#[test]
fn mysql() {
    let cases: &[(&str, &[&str])] = &[
        ("select 'a\\';'; x", &["select 'a\\';'", "x"]),
        ("select \"a;\\\";\" ; x", &["select \"a;\\\";\"", "x"]),
        ("select `a;``b;`; x", &["select `a;``b;`", "x"]),
        ("select 1 # ;\n; x", &["select 1", "x"]),
        ("-----\n--x;\nselect 1; --y\nx --1", &["select 1", "x --1"]),
        ("select 1--1; x", &["select 1--1", "x"]),
        ("select 1-- ;\n; x", &["select 1", "x"]),
        ("select (; x", &["select (", "x"]),
        ("/*!40101 SET a=1 */;\n/*!40101 b; c */; x", &["/*!40101 SET a=1 */", "/*!40101 b; c */", "x"]),
        ("select 1 /*! , ';*/' */; x", &["select 1 /*! , ';*/' */", "x"]),
        ("/*!999999\\- sandbox */\n-- dump\nset a=1;", &["set a=1"]),
        ("select $$;$$", &["select $$", "$$"]),
        ("insert into t values ('a\\\\'),('b;');x", &["insert into t values ('a\\\\'),('b;')", "x"]),
    ];
    for dialect in [&MYSQL, &MARIADB] {
        for (sql, expected) in cases {
            assert_eq!(&texts(sql, dialect), expected, "{sql}");
        }
    }
}

#[test]
fn sqlite() {
    let cases: &[(&str, &[&str])] = &[
        ("select [a;b]; x", &["select [a;b]", "x"]),
        ("select `a;b`; x", &["select `a;b`", "x"]),
        ("select \"a;b\"; x", &["select \"a;b\"", "x"]),
        ("select '\\'; x", &["select '\\'", "x"]),
        ("select 1 --x;\n; x", &["select 1", "x"]),
        ("select (; x", &["select (", "x"]),
        ("select /* /* */ 1; x", &["select /* /* */ 1", "x"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(&texts(sql, &SQLITE), expected, "{sql}");
    }
}

#[test]
fn delimiter_command() {
    let cases: &[(&str, &[&str])] = &[
        ("delimiter //\na; b//\nDELIMITER ;\nc; d", &["a; b", "c", "d"]),
        ("DELIMITER $$\nbegin end$$\nx$$y $$", &["begin end", "x", "y"]),
        ("  DELIMITER ';;'  \r\na; b;;c", &["a; b", "c"]),
        ("DELIMITER |\nselect '|', `|` -- |\n| x", &["select '|', `|`", "x"]),
        ("DELIMITER go\nselect 1 go select 2", &["select 1", "select 2"]),
        ("DELIMITER //\n// // a", &["a"]),
        ("DELIMITER //;\na; b//; c", &["a; b", "c"]),
        ("a DELIMITER //\n; b", &["a DELIMITER //", "b"]),
        ("DELIMITER //\na\nDELIMITER ;\nb// c", &["a\nDELIMITER ;\nb", "c"]),
        (
            "/*!50003 x */ ;\nDELIMITER ;;\n/*!50003 a; b */;;\nDELIMITER ;\nc;d",
            &["/*!50003 x */", "/*!50003 a; b */", "c", "d"],
        ),
        (
            "DELIMITER //\nCREATE PROCEDURE p() BEGIN x; END//\ny;//",
            &["CREATE PROCEDURE p() BEGIN x; END", "y;"],
        ),
    ];
    for dialect in [&MYSQL, &MARIADB] {
        for (sql, expected) in cases {
            assert_eq!(&texts(sql, dialect), expected, "{sql}");
        }
    }
    assert_eq!(texts("DELIMITER //\na;b", &POSTGRES), ["DELIMITER //\na", "b"]);
    let error = Splitter::new(&b"x;\n DELIMITER\n"[..], &MYSQL).last().unwrap().unwrap_err();
    assert_eq!((error.line, error.column), (2, 2));
}

#[test]
fn places() {
    let sql = "\u{FEFF}-- é\n/* a\n b */ select 'ü', 1;  é;\n\n\tx\ny";
    let found: Vec<_> =
        split_str(sql, &POSTGRES).into_iter().map(|s| (s.line, s.column, s.offset, s.terminated)).collect();
    let offset = |text| sql.find(text).unwrap() as u64;
    let expected =
        [(3, 7, offset("select"), true), (3, 23, offset("é;"), true), (5, 2, offset("x\ny"), false)];
    assert_eq!(found, expected);
}

#[test]
fn invalid_utf8_is_an_error_with_a_place() {
    let mut items = Splitter::new(&b"a;\n b\n'\xC3\xA9\xFF'; c"[..], &SQLITE);
    assert!(items.next().unwrap().is_ok());
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.line, error.column), (3, 3));
    assert!(items.next().is_none());
}

#[test]
fn a_failing_reader_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let input = BufReader::new((&b"a;\nb"[..]).chain(Failing));
    let mut items = Splitter::new(input, &SQLITE);
    assert!(items.next().unwrap().is_ok());
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.line, 2);
    assert!(error.io.is_some());
    assert!(items.next().is_none());
}

#[test]
fn a_statement_is_yielded_before_more_input_is_asked_for() {
    struct Once(bool);
    impl Read for Once {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            assert!(!std::mem::replace(&mut self.0, true), "read too far");
            buf[..10].copy_from_slice(b"select 1;\n");
            Ok(10)
        }
    }
    for dialect in ALL {
        let mut items = Splitter::new(BufReader::new(Once(false)), dialect);
        let Some(Ok(Item::Statement(statement))) = items.next() else {
            panic!("no statement");
        };
        assert_eq!(statement.text, "select 1");
    }
}
