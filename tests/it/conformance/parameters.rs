//! Values bound to statements, over the session and over `--param`.

use dbwright::model::rows::Param;

use crate::servers::{Bed, Family, on_every_server, rows, try_rows};

on_every_server!(
    values_come_back_as_they_went,
    names_are_bound_by_the_program,
    a_value_has_the_type_it_was_given,
    what_only_looks_like_a_parameter_is_left_alone,
    a_value_is_never_sql,
    the_log_shows_no_values,
);

const TEXTS: &[&str] =
    &["", "plain", "it's \"quoted\" \\ `so`", "日本語 🦀 é", "two\nlines\tand a tab", "%_$1 ? :x"];

/// A table of each kind of value, and the insert with its placeholders.
fn table(bed: &Bed) -> (&'static str, &'static str) {
    bed.server.pick(
        ("create table t (i bigint, f real, s text, b blob)", "insert into t values (?, ?, ?, ?)"),
        (
            "create table t (i bigint, f double precision, s text, b bytea)",
            "insert into t values ($1, $2, $3, $4)",
        ),
        ("create table t (i bigint, f double, s text, b blob)", "insert into t values (?, ?, ?, ?)"),
    )
}

fn values_come_back_as_they_went(bed: &Bed) {
    let mut session = bed.open();
    let (create, insert) = table(bed);
    session.execute(create, &[]).unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in TEXTS {
        let params = [
            Param::Int(i64::MIN),
            Param::Float(0.1),
            Param::Text((*text).to_owned()),
            Param::Blob(bytes.clone()),
        ];
        let done = session.execute(insert, &params).unwrap();
        assert_eq!(done.affected, Some(1));
        let row = rows(session.as_mut(), "select i, f, s, b from t").remove(0);
        let b = row[3].as_deref().unwrap().trim_start_matches("\\x");
        assert_eq!(row[0].as_deref(), Some("-9223372036854775808"));
        assert_eq!(row[1].as_deref(), Some("0.1"));
        assert_eq!(row[2].as_deref(), Some(*text));
        assert_eq!(b, hex);
        session.execute("delete from t", &[]).unwrap();
    }
    session.execute(insert, &[Param::Null, Param::Null, Param::Null, Param::Null]).unwrap();
    assert_eq!(rows(session.as_mut(), "select * from t"), [[None, None, None, None]]);
}

fn names_are_bound_by_the_program(bed: &Bed) {
    let (create, _) = table(bed);
    bed.connect(&["-c", create]).ok();
    let insert = "insert into t values (:i, :f, :s, :b)";
    let text = "s=it's\n; drop table t; --";
    let typed = ["--param", "i:int=42", "--param", "f:float=2.5", "--param", text, "--param", "b:blob=00FF"];
    bed.connect(&[["-c", insert].as_slice(), &typed].concat()).ok();
    let nulls = ["--param", "i:null=", "--param", "f:null=", "--param", "s=", "--param", "b:null="];
    bed.connect(&[["-c", insert].as_slice(), &nulls].concat()).ok();
    let query = "select i, f, s, b from t where i = :i or s = :empty order by i desc";
    let arguments =
        ["-c", query, "--param", "i:int=42", "--param", "empty=", "--format", "csv", "--no-header"];
    let out = bed.connect(&arguments).ok();
    let blob = bed.server.pick("X'00FF'", "\\x00ff", "0x00FF");
    let (first, second) = (format!("42,2.5,\"it's\n; drop table t; --\",{blob}\n"), ",,\"\",\n");
    // Where NULL is sorted first differs.
    assert!(out == format!("{first}{second}") || out == format!("{second}{first}"), "{out}");
}

/// Where the place alone would make a whole number of it.
fn a_value_has_the_type_it_was_given(bed: &Bed) {
    let sql = "select 2 * :f, :i / 2 * 2, :big - 1";
    let typed = ["f:float=1.5", "i:int=6", "big:int=9007199254740993"];
    let mut arguments = vec!["-c", sql, "--format", "csv", "--no-header"];
    typed.iter().for_each(|param| arguments.extend(["--param", param]));
    let out = bed.connect(&arguments).ok();
    let cells: Vec<&str> = out.trim_end().split(',').collect();
    assert_eq!(cells[0].parse::<f64>().unwrap(), 3.0, "{out}");
    assert_eq!(cells[1].parse::<f64>().unwrap(), 6.0, "{out}");
    assert_eq!(cells[2], "9007199254740992");
}

fn what_only_looks_like_a_parameter_is_left_alone(bed: &Bed) {
    let cast = bed.server.pick("cast(:a as text)", ":a::text", "cast(:a as char)");
    let sql = format!("select ':a' as q, {cast} as v /* :a */ -- :a\n, '12:30' as t");
    let ran = bed.connect(&["-c", &sql, "--param", "a=x", "--format", "csv", "--no-header"]);
    assert_eq!(ran.ok(), ":a,x,12:30\n");
    let ran = bed.connect(&["-c", "select 1", "--param", "unused=1"]);
    assert!(ran.stderr.contains("unused"), "{ran}");
    ran.ok();
}

fn a_value_is_never_sql(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table t (a varchar(100))", &[]).unwrap();
    let evil = "x'); drop table t; --";
    let insert =
        bed.server.pick("insert into t values (?)", "insert into t values ($1)", "insert into t values (?)");
    session.execute(insert, &[Param::Text(evil.into())]).unwrap();
    assert_eq!(rows(session.as_mut(), "select a from t"), [[Some(evil.to_owned())]]);
    // Too few or too many are errors of the statement, and the session lives on.
    let two = bed.server.pick("select ?, ?", "select $1::int, $2::int", "select ?, ?");
    if bed.server.family() != Family::Sqlite {
        assert!(try_rows(session.as_mut(), two, &[Param::Int(1)]).is_err());
    }
    assert!(try_rows(session.as_mut(), two, &[Param::Int(1), Param::Int(2), Param::Int(3)]).is_err());
    assert_eq!(try_rows(session.as_mut(), two, &[Param::Int(1), Param::Int(2)]).unwrap().len(), 1);
}

fn the_log_shows_no_values(bed: &Bed) {
    let (create, _) = table(bed);
    bed.connect(&["-c", create]).ok();
    let secret = "s=hunter2-in-a-parameter";
    let arguments = ["-c", "select i from t where s = :s", "--param", secret];
    for verbose in ["-v", "-vv", "-vvv"] {
        let ran = bed.connect(&[arguments.as_slice(), &[verbose]].concat());
        assert!(ran.stderr.contains("select i from t"), "{ran}");
        assert!(!ran.stderr.contains("hunter2"), "{ran}");
        assert!(!ran.stderr.contains("s3cret"), "{ran}");
        ran.ok();
    }
}
