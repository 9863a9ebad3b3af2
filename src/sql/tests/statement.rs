use super::*;

#[test]
fn leading_words() {
    let words = |sql| leading_keywords(sql, &MYSQL, 2).join(" ");
    assert_eq!(words("select 1"), "SELECT");
    assert_eq!(words("-- a\n /* b */ ((select distinct 1"), "SELECT DISTINCT");
    assert_eq!(words("/*!40101 set names */ utf8"), "SET NAMES");
    assert_eq!(words("drop `table`"), "DROP");
    assert_eq!(words("`drop`"), "");
    assert_eq!(words(""), "");
}

#[test]
fn kinds() {
    use StatementKind::{Copy, Ddl, Dml, Explain, Other, Query, TxBegin, TxEnd, Use};
    let copy = |from_stdin, to_stdout| Copy { from_stdin, to_stdout };
    let cases = [
        ("select 1", Query),
        ("(select 1)", Query),
        ("with a as (delete from t returning *) select 1", Query),
        ("with a(insert_x) as (select 1) insert into t select 1", Dml),
        ("with recursive a as (select 1), b as (values (1)) update t set a = 1", Dml),
        ("show tables", Query),
        ("pragma x", Query),
        ("values (1)", Query),
        ("call p()", Query),
        ("analyze table t", Query),
        ("analyze t", Other),
        ("insert into t values (1)", Dml),
        ("replace into t values (1)", Dml),
        ("create table t (a int)", Ddl),
        ("truncate t", Ddl),
        ("grant select on t to u", Ddl),
        ("begin", TxBegin),
        ("BEGIN IMMEDIATE", TxBegin),
        ("start transaction", TxBegin),
        ("start slave", Other),
        ("begin not atomic a; end", Other),
        ("commit and chain", TxEnd),
        ("rollback", TxEnd),
        ("rollback to savepoint a", Other),
        ("rollback work to a", Other),
        ("end", TxEnd),
        ("abort", TxEnd),
        ("prepare transaction 'a'", TxEnd),
        ("prepare a as select 1", Other),
        ("commit prepared 'a'", Other),
        ("use db", Use),
        ("explain analyze delete from t", Explain),
        ("copy t from stdin", copy(true, false)),
        ("copy t (\"to\", stdin) from stdin", copy(true, false)),
        ("copy (select 1 from stdin) to stdout", copy(false, true)),
        ("copy t to 'file'", copy(false, false)),
        ("copy t from program 'x'", copy(false, false)),
        ("copy \"stdin\" from 'stdin'", copy(false, false)),
        ("set a = 1", Other),
        ("vacuum", Other),
        ("", Other),
    ];
    for (sql, expected) in cases {
        assert_eq!(classify(sql, &POSTGRES), expected, "{sql}");
    }
    assert_eq!(classify("/*!50001 create view v as select 1 */", &MYSQL), Ddl);
}

#[test]
fn rows() {
    assert!(may_return_rows("insert into t values (1) Returning *", &POSTGRES));
    assert!(!may_return_rows("insert into t values ('returning')", &POSTGRES));
    assert!(may_return_rows("explain select 1", &SQLITE));
    assert!(!may_return_rows("create table t (a int)", &SQLITE));
}

#[test]
fn places() {
    let sql = "select é,\n\tü from t";
    let at = |text| sql.find(text).unwrap();
    assert_eq!(locate(sql, 0), (1, 1));
    assert_eq!(locate(sql, at(",")), (1, 9));
    assert_eq!(locate(sql, at("ü")), (2, 2));
    assert_eq!(locate(sql, at("ü") + 1), (2, 2));
    assert_eq!(locate(sql, 1000), (2, 10));
    assert_eq!(char_to_byte(sql, 8), at(","));
    assert_eq!(char_to_byte(sql, 1000), sql.len());
}

#[test]
fn excerpts() {
    let sql = "select 1,\n\t漢字, wrong\r\nfrom t";
    let found = excerpt(sql, sql.find("wrong").unwrap());
    assert_eq!((found.line, found.column), (2, 6));
    assert_eq!(found.lines(), ["    漢字, wrong", "          ^"]);
    let end = excerpt("select", 6);
    assert_eq!((end.text.as_str(), end.caret), ("select", 6));
    assert_eq!(excerpt("", 5).lines(), ["", "^"]);
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let sql = format!("{}X{}", "a".repeat(1000), "b".repeat(1000));
    let found = excerpt(&sql, 1000);
    assert_eq!(found.text.chars().nth(found.caret), Some('X'));
    assert!(found.text.starts_with("…a") && found.text.ends_with("b…"));
    assert_eq!(found.text.chars().count(), 122);
    assert!(excerpt(&sql, 0).text.starts_with('a'));
}
