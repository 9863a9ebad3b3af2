use super::*;

/// Each of them is one statement.
fn one(dialects: &[&Dialect], cases: &[&str]) {
    for dialect in dialects {
        for sql in cases {
            let script = format!("a;\n{sql};\nb; c");
            assert_eq!(texts(&script, dialect), ["a", sql, "b", "c"], "{}", dialect.name);
            assert!(is_complete(&format!("{sql};"), dialect), "{sql}");
        }
    }
}

#[test]
fn postgres_functions() {
    one(
        &[&POSTGRES],
        &[
            "create function f() returns int begin atomic select 1; select 2; end",
            "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC\n INSERT INTO t VALUES (1);\nEND",
            "create function f() returns int begin atomic \
             select case when true then 1 end; select case x when 1 then case y when 2 then 3 end end; end",
            "create function f() returns int begin atomic select 1 as end; select r.end; end",
            "create function f() begin /* atomic */ atomic; select 1; end",
            "create function f(a int default (1)) returns int return a",
            "create function f() returns int language sql as $$ begin; end $$",
            "create function begin() returns int return 1",
            "create function f() returns int language sql as 'begin atomic; '",
        ],
    );
    // Only where the statement begins so.
    let sql = "create table function (a int); begin; x; end;";
    let expected = ["create table function (a int)", "begin", "x", "end"];
    assert_eq!(texts(sql, &POSTGRES), expected);
    assert!(!is_complete("create function f() begin atomic select 1;", &POSTGRES));
}

#[test]
fn sqlite_triggers() {
    one(
        &[&SQLITE],
        &[
            "create trigger t after insert on x begin select 1; select 2; end",
            "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN\n SELECT CASE WHEN 1 THEN 2 END;\nEND",
            "create temporary trigger if not exists t after insert on x begin select 1; \
             update x set a = case a when 1 then 2 end; end",
            "explain query plan create trigger t after insert on x begin select 1; end",
            "create trigger \"end\" after insert on [begin] begin select ';end;'; end",
            "create trigger t after insert on x begin select 1; -- end;\n end",
            "create table trigger_log(a)",
            "create view begin as select 1",
        ],
    );
    assert!(!is_complete("create trigger t after insert on x begin select 1;", &SQLITE));
    assert!(!is_complete("create trigger t on x begin select 1; end", &SQLITE));
    assert_eq!(texts("create view trigger as select 1; b", &SQLITE).len(), 2);
}

#[test]
fn stored_programs() {
    let maria = [
        "create or replace procedure p() begin select 1; end",
        "create procedure if not exists p() begin select 1; end",
        "create or replace definer=r trigger t before update on x for each row \
         if new.a > 1 then set new.a = 1; end if",
        "create aggregate function f(x int) returns int begin \
         declare continue handler for not found return s; \
         loop fetch group next row; set s = s + x; end loop; end",
        "create procedure p() begin for i in 1..10 do select i; end for; end",
        "create procedure p() for i in (select 1) do select i; select 2; end for",
        "begin not atomic select 1; if 1 then select 2; end if; end",
        "if a then select 1; else select 2; end if",
        "while a do select 1; end while",
        "for i in 1..3 do select i; end for",
        "loop select 1; end loop",
    ];
    one(&[&MARIADB], &maria);
    let sql = "begin not atomic select 1; end; x";
    assert_eq!(texts(sql, &MYSQL).len(), 3);
}

#[test]
fn stored_program_headers() {
    one(
        &[&MYSQL, &MARIADB],
        &[
            "create procedure p() select 1",
            "create procedure p() begin end",
            "create procedure p() begin select 1; end",
            "CREATE DEFINER=`root`@`localhost` PROCEDURE `p`(IN a INT) BEGIN SELECT 1; END",
            "create definer = 'u'@'%' procedure d.p() sql security invoker comment 'x;' begin a; b; end",
            "create definer=root@localhost event e on schedule every 1 day do begin a; b; end",
            "create definer=current_user() function f() returns int return 1",
            "create definer=current_user procedure begin() begin a; end",
            "create /*!50017 definer=`r`@`l`*/ /*!50003 trigger t before insert on x for each row begin a; b; end */",
            "/*!50003 create*/ /*!50020 definer=`r`@`l`*/ /*!50003 function f() returns int begin return 1; end */",
            "create trigger t before insert on x for each row follows begin begin a; b; end",
            "create trigger t after delete on x for each row insert into y values (if(1, 2, 3))",
            "create trigger t before insert on x for each row set new.begin = if(1, 2, 3)",
            "create event if not exists e on schedule at now() on completion preserve do update t set a = 1",
            "alter event e do begin a; b; end",
            "alter procedure p comment 'x'",
            "create function f(begin int, `end` int) returns set('begin') deterministic return if(1, 2, 3)",
            "create function f() returns char character set utf8 begin return 1; end",
            "create function f returns string soname 'x.so'",
            "create procedure p() if a then b; else c; end if",
            "create procedure p() if (a) then b; elseif c then d; end if",
            "create procedure p() l: loop leave l; end loop l",
            "create procedure p() l:while a do b; end while",
            "create procedure p() repeat a; until b end repeat",
            "create procedure p() case a when 1 then b; else c; end case",
            "create procedure p() select case a when 1 then 2 end",
            "create table procedure_x (a int)",
            "create definer=r@l view v as select 1",
            "create or replace view v as select if(1, 2, 3)",
        ],
    );
}

#[test]
fn stored_program_bodies() {
    let bodies = [
        "begin begin a; end; b; end",
        "l: begin a; end l",
        "begin l:loop a; leave l; end loop l; b; end",
        "begin if a then b; end if; c; end",
        "begin if a then if b then c; end if; else if d then e; end if; end if; end",
        "begin if exists (select 1) then a; elseif c then d; else e; end if; end",
        "begin while a < 1 do set b = 1; end while; c; end",
        "begin repeat set a = a + 1; until a > 5 end repeat; b; end",
        "begin repeat repeat a; until b end repeat; until c end repeat; d; end",
        "begin case a when 1 then b; when 2 then begin end; else c; end case; d; end",
        "begin case when a then case b when 1 then c; end case; end case; end",
        "begin select case when a then 1 else 2 end, case b when 1 then 2 end; c; end",
        "begin case case a when 1 then 2 end when 2 then b; end case; end",
        "begin if case a when 1 then 2 end then b; end if; end",
        "begin set a = if(1, 2, 3); set b = repeat('x', 3); c; end",
        "begin select if(a, 1, 2), repeat('x', 3), insert('a', 1, 2, 'b'); end",
        "begin declare exit handler for sqlexception begin rollback; end; a; end",
        "begin declare continue handler for not found set done = if(1, 2, 3); a; end",
        "begin declare exit handler for sqlstate '42000', 1051 if a then b; end if; c; end",
        "begin declare c cursor for select 1; open c; fetch c into x; close c; end",
        "begin select a from t for update; b; end",
        "begin select end from t where t.end < begin; update t set end = 1; b; end",
        "begin drop table if exists t; create table if not exists t (a int); end",
        "begin start transaction; a; commit; end",
        "begin -- end;\n a; /* end; */ b; # end;\n end",
        "begin l: while a do if b then leave l; end if; iterate l; end while l; end",
        "begin declare `end` int; set `end` = 1; select \"end;\"; end",
        "begin if not a then b; end if; do sleep(1); end",
    ];
    for body in bodies {
        for head in [
            "create procedure p(a int, out b int)",
            "create function f() returns int deterministic",
            "create trigger t before insert on x for each row",
            "create event e on schedule every 1 hour do",
        ] {
            one(&[&MYSQL, &MARIADB], &[&format!("{head} {body}")]);
        }
    }
}

#[test]
fn the_rest_of_the_script_survives_ordinary_statements() {
    for dialect in [&MYSQL, &MARIADB] {
        for sql in ["begin", "start transaction", "drop procedure p", "end", "show create trigger t"] {
            assert_eq!(texts(&format!("{sql}; x; y"), dialect).len(), 3, "{sql}");
        }
    }
}
