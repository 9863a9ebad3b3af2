//! Statements on a session: several results, what was done, notices, reset.

use std::sync::{Arc, Mutex};

use dbwright::model::rows::Cursor;
use dbwright::model::server::TxState;

use crate::servers::{Bed, Family, on_every_server, one, rows, try_rows};

on_every_server!(
    several_results_come_in_order,
    a_statement_tells_what_it_did,
    only_rows_that_were_named_are_counted,
    columns_are_known_without_rows,
    notices_are_heard,
    a_reset_session_is_as_good_as_new,
    scripts_run_and_results_follow_each_other,
);

/// A statement that gives two results, where the engine has such statements.
fn several_results_come_in_order(bed: &Bed) {
    let mut session = bed.open();
    let sql = match bed.server.family() {
        Family::Sqlite => return,
        Family::Postgres => "select 1 as a, 2 as b; select 'x' as c",
        Family::Mysql => {
            session
                .execute("create procedure p() begin select 1 as a, 2 as b; select 'x' as c; end", &[])
                .unwrap();
            "call p()"
        }
    };
    let mut seen = Vec::new();
    let mut look = |cursor: &mut dyn Cursor| {
        let names: Vec<String> = cursor.columns().iter().map(|column| column.name.clone()).collect();
        let mut count = 0;
        while cursor.advance()? {
            count += 1;
        }
        seen.push((names.join(","), count));
        Ok(())
    };
    session.query(sql, &[], &mut look).unwrap();
    assert_eq!(seen, [("a,b".to_owned(), 1), ("c".to_owned(), 1)]);
    assert_eq!(one(session.as_mut(), "select 7"), "7");
}

fn a_statement_tells_what_it_did(bed: &Bed) {
    let mut session = bed.open();
    let mut run = |sql: &str| session.execute(sql, &[]).unwrap();
    run("create table t (a int)");
    assert_eq!(run("insert into t values (1), (2), (3)").affected, Some(3));
    assert_eq!(run("update t set a = a + 1 where a > 1").affected, Some(2));
    assert_eq!(run("delete from t").affected, Some(3));
    assert_eq!(run("update t set a = 1").affected, Some(0));
    let out = bed.connect(&["-c", "insert into t values (1), (2)"]).ok();
    let words = bed.server.pick("INSERT 2", "INSERT 0 2", "2 rows affected");
    assert!(out.contains(words), "{out}");
    assert_eq!(bed.connect(&["--quiet", "-c", "insert into t values (3)"]).ok(), "");
    let out = bed.connect(&["-c", "create unique index once on t (a)"]).ok();
    assert!(out.contains(bed.server.pick("CREATE INDEX", "CREATE INDEX", "Query OK")), "{out}");
}

/// What a trigger changes besides is not counted.
fn only_rows_that_were_named_are_counted(bed: &Bed) {
    let copy = "insert into copies values (new.a); insert into copies values (new.a);";
    let script = bed.server.pick(
        format!("create trigger twice after insert on t begin {copy} end;"),
        format!(
            "create function twice() returns trigger language plpgsql as $$ begin {copy} return new; end $$;
             create trigger twice after insert on t for each row execute function twice();"
        ),
        format!("create trigger twice after insert on t for each row begin {copy} end;"),
    );
    let script =
        format!("create table t (a int); create table copies (a int); {script} insert into t values (1);");
    let out = bed.connect(&["-c", &script]).ok();
    let words = bed.server.pick("INSERT 1", "INSERT 0 1", "1 row affected");
    assert!(out.trim_end().ends_with(words), "{out}");
}

fn columns_are_known_without_rows(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table t (id int, note varchar(10))", &[]).unwrap();
    let mut names = Vec::new();
    let mut look = |cursor: &mut dyn Cursor| {
        names.extend(cursor.columns().iter().map(|column| column.name.clone()));
        assert!(!cursor.advance()?);
        Ok(())
    };
    session.query("select id, note as \"nOte\" from t".replace('"', "").as_str(), &[], &mut look).unwrap();
    assert_eq!(names.join(",").to_lowercase(), "id,note");
}

fn notices_are_heard(bed: &Bed) {
    let sql = match bed.server.family() {
        Family::Sqlite => return,
        Family::Postgres => "do $$ begin raise warning 'look out' using errcode = 'U0001'; end $$",
        Family::Mysql => "signal sqlstate '01234' set message_text = 'look out'",
    };
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut session = bed.open();
    let list = heard.clone();
    session.on_notice(Box::new(move |notice| list.lock().unwrap().push(notice.clone())));
    session.execute(sql, &[]).unwrap();
    let notices = heard.lock().unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].message, "look out");
    assert_eq!(notices[0].severity.to_uppercase(), "WARNING");
    drop(notices);
    let ran = bed.connect(&["-c", sql]);
    assert!(ran.stderr.contains("look out"), "{ran}");
    assert!(!ran.out().contains("look out"), "{ran}");
    assert_eq!(bed.connect(&["-q", "-c", sql]).stderr, "");
}

fn a_reset_session_is_as_good_as_new(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table t (a int)", &[]).unwrap();
    session.execute("begin", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    let (set, shown, usual) = bed.server.pick(
        ("select 1", "select 1", "1"),
        ("set search_path to pg_catalog", "show search_path", "\"$user\", public"),
        ("set @x = 5", "select @x is null", "1"),
    );
    rows(session.as_mut(), set);
    assert_ne!(session.transaction(), TxState::Idle);
    session.reset().unwrap();
    assert_eq!(session.transaction(), TxState::Idle);
    assert_eq!(one(session.as_mut(), "select count(*) from t"), "0");
    assert_eq!(one(session.as_mut(), shown), usual);
    if bed.server.family() != Family::Sqlite {
        session.execute("create temporary table tt (a int)", &[]).unwrap();
        session.reset().unwrap();
        assert!(try_rows(session.as_mut(), "select * from tt", &[]).is_err(), "a temporary table is left");
    }
}

/// A script as DBAs write them, with what makes splitting hard in each engine.
fn scripts_run_and_results_follow_each_other(bed: &Bed) {
    let routine = bed.server.pick(
        "create table log (what text);\n\
         create trigger tr after insert on t begin insert into log values ('a;b'); \
         insert into log select case when new.a > 1 then 'big' else 'small' end; end;\n",
        "create table log (what text);\n\
         create function tr() returns trigger language plpgsql as $f$ begin insert into log values ('a;b'); \
         insert into log values (case when new.a > 1 then 'big' else 'small' end); return new; end $f$;\n\
         create trigger tr after insert on t for each row execute function tr();\n",
        "create table log (what text);\ndelimiter //\n\
         create trigger tr after insert on t for each row begin insert into log values ('a;b'); \
         insert into log values (case when new.a > 1 then 'big' else 'small' end); end//\ndelimiter ;\n",
    );
    let script = format!(
        "-- a comment; with a semicolon\ncreate table t (a int /* ; */);\n{routine}\
         insert into t values (2);\nselect what from log order by what;\nselect 'it''s; so' as said;\n\
         select 3 as last"
    );
    bed.sandbox.write("script.sql", &script);
    let out = bed.connect(&["-f", "script.sql", "--format", "csv", "-q"]).ok();
    assert_eq!(out, "what\na;b\nbig\nsaid\nit's; so\nlast\n3\n");
    let again = "select what from log order by what; select 1 as one";
    let out = crate::process::Ran::fed(&mut bed.connect_command(&["--format", "csv"]), again.as_bytes()).ok();
    assert_eq!(out, "what\na;b\nbig\none\n1\n");
}
