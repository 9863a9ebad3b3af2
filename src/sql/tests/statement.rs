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
fn characters_are_counted() {
    let sql = "select é, ü";
    assert_eq!(char_to_byte(sql, 8), sql.find(',').unwrap());
    assert_eq!(char_to_byte(sql, 1000), sql.len());
}
