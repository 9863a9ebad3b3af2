use super::*;
use TokenKind::*;

/// The tokens that are not whitespace; keywords count as words.
fn tokens<'a>(sql: &'a str, dialect: &Dialect) -> Vec<(TokenKind, &'a str)> {
    Lexer::new(sql, dialect)
        .filter(|t| t.kind != Whitespace)
        .map(|t| match t.kind {
            Keyword => (Word, t.text(sql)),
            kind => (kind, t.text(sql)),
        })
        .collect()
}

/// One token of this kind that takes in all of the text.
fn whole(dialects: &[&Dialect], kind: TokenKind, cases: &[&str]) {
    for dialect in dialects {
        for sql in cases {
            assert_eq!(tokens(sql, dialect), [(kind, *sql)], "{}", dialect.name);
        }
    }
}

#[test]
fn strings() {
    whole(&ALL, String, &["''", "'a'", "'it''s'", "''''", "'é\n;--/*'", "x'1F'"]);
    whole(&[&POSTGRES, &MYSQL], String, &["N'a'", "b'01'", "X'1F'"]);
    whole(&[&POSTGRES], String, &["E'it\\'s'", "e'\\\\'", "U&'d\\0061t'", "u&'a'", r"'\'"]);
    whole(&[&SQLITE], String, &[r"'\'", r"'a\\\'"]);
    whole(&[&MYSQL, &MARIADB], String, &[r"'it\'s'", r"'\\'", "\"a\"\"b\"", "\"\\\"\""]);
    whole(&[&MYSQL, &MARIADB], String, &["_utf8'a'", "_utf8mb4'it\\'s'", "_binary''"]);
    assert_eq!(tokens("name'a'", &POSTGRES), [(Word, "name"), (String, "'a'")]);
    assert_eq!(tokens("e'a'", &SQLITE), [(Word, "e"), (String, "'a'")]);
    assert_eq!(tokens("_utf8 'a'", &MYSQL), [(Word, "_utf8"), (String, "'a'")]);
}

#[test]
fn settings_change_the_lexer() {
    let plain = Dialect { backslash_escapes: false, ..MYSQL };
    whole(&[&plain], String, &[r"'\'"]);
    let ansi = Dialect { double_quoted_strings: false, ..MYSQL };
    whole(&[&ansi], QuotedIdent, &[r#""a\""#]);
    let old = Dialect { backslash_escapes: true, ..POSTGRES };
    whole(&[&old], String, &[r"'it\'s'"]);
}

#[test]
fn escape_strings_go_on_on_the_next_line() {
    let sql = "E'a\\'' \n 'b\\'' 'c\\'";
    let strings = [(String, "E'a\\''"), (String, "'b\\''"), (String, "'c\\'")];
    assert_eq!(tokens(sql, &POSTGRES), strings);
    let sql = "E'a' -- comment\n 'b\\''";
    assert_eq!(tokens(sql, &POSTGRES)[2], (String, "'b\\''"));
    let sql = "E'a', \n 'b\\'";
    assert_eq!(tokens(sql, &POSTGRES)[2], (String, "'b\\'"));
}

#[test]
fn quoted_identifiers() {
    whole(&[&SQLITE, &POSTGRES], QuotedIdent, &["\"a\"\"b\"", "\"\"", "\"a\\\""]);
    whole(&[&SQLITE, &MYSQL, &MARIADB], QuotedIdent, &["`a``b`", "`a;b`", "`\\`"]);
    whole(&[&POSTGRES], QuotedIdent, &["U&\"d\\0061t\"", "u&\"\""]);
    whole(&[&SQLITE], QuotedIdent, &["[a b]", "[it's]"]);
    assert_eq!(tokens("[a]]", &SQLITE), [(QuotedIdent, "[a]"), (Punct, "]")]);
    assert_eq!(tokens("a[1]", &POSTGRES).len(), 4);
}

#[test]
fn dollar_quotes() {
    let quotes = ["$$a$$", "$$$$", "$a$ $b$ $$ $a$", "$_é1$'$_é1$", "$a$ $ $a $a$", "$a$$b$a$"];
    whole(&[&POSTGRES], DollarString, &quotes);
    whole(&[&POSTGRES, &SQLITE], Param, &["$1", "$12"]);
    whole(&[&SQLITE], Param, &["$name", ":name", "@name", "?", "?12"]);
    whole(&[&POSTGRES, &MYSQL], Word, &["a$b$", "a$$", "é$1$"]);
    whole(&[&MYSQL], Word, &["$a", "$$", "$a$b$a$"]);
    assert_eq!(tokens("$1$2", &POSTGRES), [(Param, "$1"), (Param, "$2")]);
    assert_eq!(tokens("$a b$", &POSTGRES).len(), 3);
    assert_eq!(tokens("$a-b$", &POSTGRES).len(), 4);
}

#[test]
fn comments() {
    whole(&ALL, Comment, &["-- a", "--", "-- a'b", "/**/", "/* ; */", "/***/", "/*+ hint */"]);
    whole(&[&SQLITE, &POSTGRES], Comment, &["--a"]);
    whole(&[&POSTGRES], Comment, &["/* /* */ */", "/*/**/*/", "/* /* */ /* */ */"]);
    whole(&[&MYSQL, &MARIADB], Comment, &["# a", "#", "--\ta", "--\u{1}"]);
    assert_eq!(tokens("--a", &MYSQL).len(), 3);
    assert_eq!(tokens("5--1", &MYSQL).len(), 4);
    assert_eq!(tokens("/* /* */ */", &SQLITE).len(), 3);
    assert_eq!(tokens("-- a\nb", &MYSQL), [(Comment, "-- a"), (Word, "b")]);
    assert_eq!(tokens("-- a\rb", &POSTGRES), [(Comment, "-- a"), (Word, "b")]);
    assert_eq!(tokens("-- a\r\nb", &POSTGRES), [(Comment, "-- a"), (Word, "b")]);
    assert_eq!(tokens("-- a\rb", &MYSQL), [(Comment, "-- a\rb")]);
    assert_eq!(tokens("a #> b", &POSTGRES).len(), 3);
}

#[test]
fn executable_comments() {
    let sql = "/*!40101 SET a='*/' */";
    let expected = [
        (CommentMarker, "/*!40101"),
        (Word, "SET"),
        (Word, "a"),
        (Operator, "="),
        (String, "'*/'"),
        (CommentMarker, "*/"),
    ];
    assert_eq!(tokens(sql, &MYSQL), expected);
    assert_eq!(tokens("/*!50003CREATE*/", &MYSQL)[1], (Word, "CREATE"));
    assert_eq!(tokens("/*! a /* b */ c */", &MYSQL)[2], (Comment, "/* b */"));
    assert_eq!(tokens("/*M!100100 a */", &MARIADB).len(), 3);
    whole(&[&MYSQL], Comment, &["/*M!100100 a */"]);
    whole(&[&POSTGRES, &SQLITE], Comment, &["/*!40101 a */"]);
    whole(&[&MYSQL, &MARIADB], Comment, &["/*!999999\\- enable the sandbox mode */"]);
    assert_eq!(tokens("*/", &MYSQL), [(Operator, "*"), (Operator, "/")]);
}

#[test]
fn numbers() {
    let plain = ["0", "12", "1.5", ".5", "1.", "1e5", "1e+5", "1.5E-10", "0x1F", "0b01"];
    whole(&ALL, Number, &plain);
    whole(&[&POSTGRES], Number, &["1_000", "0o17"]);
    assert_eq!(tokens("1-1", &POSTGRES).len(), 3);
    assert_eq!(tokens("0xe+1", &POSTGRES).len(), 3);
    assert_eq!(tokens("1::int", &POSTGRES)[1], (Operator, "::"));
}

#[test]
fn operators() {
    let all = ["->", "->>", "@>", "?", "?|", "?&", "#>>", "<->", "@@", "!~*", "||", "@-@", "&&"];
    whole(&[&POSTGRES], Operator, &all);
    whole(&[&POSTGRES, &MYSQL, &SQLITE], Operator, &["<=", "<>", "!=", "||", ">>", "::", ":="]);
    whole(&[&MYSQL], Operator, &["<=>", "->>", "@"]);
    assert_eq!(tokens("a+--b", &POSTGRES).len(), 3);
    assert_eq!(tokens("a@/*b*/c", &POSTGRES).len(), 4);
    assert_eq!(tokens("=?", &MYSQL), [(Operator, "="), (Param, "?")]);
    assert_eq!(tokens("a=?", &SQLITE)[2], (Param, "?"));
    let long = "+".repeat(200);
    assert!(Lexer::new(&long, &POSTGRES).all(|t| t.kind == Operator));
}

#[test]
fn params_and_variables() {
    whole(&ALL, Param, &[":a", ":größe", ":_1"]);
    whole(&[&MYSQL], Variable, &["@a", "@@global.x", "@a.b", "@@x"]);
    assert_eq!(tokens("@'a b'", &MYSQL), [(Operator, "@"), (String, "'a b'")]);
    assert_eq!(tokens("a::b", &POSTGRES)[1], (Operator, "::"));
    assert_eq!(tokens("a[1:n]", &POSTGRES)[3..5], [(Punct, ":"), (Word, "n")]);
    assert_eq!(tokens("x:LOOP", &MYSQL), [(Word, "x"), (Punct, ":"), (Word, "LOOP")]);
    assert_eq!(tokens("json(1)->':a'", &POSTGRES).last(), Some(&(String, "':a'")));
}

#[test]
fn unterminated() {
    let cases = ["'a", "'a''", "/* a", "'é"];
    for dialect in ALL {
        for sql in cases {
            let token = Lexer::new(sql, dialect).next().unwrap();
            assert_eq!((token.end, token.terminated), (sql.len(), false));
        }
        for sql in ["a", "1", "-- a", " "] {
            assert!(Lexer::new(sql, dialect).next().unwrap().terminated);
        }
    }
    for sql in ["$a$ $a", "E'\\'", "\"a", "/* /* */", "U&'", "$$"] {
        assert!(!Lexer::new(sql, &POSTGRES).next().unwrap().terminated, "{sql}");
    }
    for sql in [r"'\", r"'a\'", "`a", "\"a"] {
        assert!(!Lexer::new(sql, &MYSQL).next().unwrap().terminated, "{sql}");
    }
    assert!(!Lexer::new("[a", &SQLITE).next().unwrap().terminated);
}

#[test]
fn keywords_are_told_from_words() {
    let kinds = |sql| Lexer::new(sql, &POSTGRES).map(|t| t.kind).collect::<Vec<_>>();
    assert_eq!(kinds("Select x"), [Keyword, Whitespace, Word]);
}
