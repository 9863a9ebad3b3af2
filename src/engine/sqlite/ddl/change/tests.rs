//! Databases that are changed by plans.

use rusqlite::Connection;

use crate::catalog::read;
use crate::model::catalog::{Catalog, Scope};
use crate::model::diff::diff;
use crate::model::plan::Plan;

pub fn database(sql: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection
}

pub fn catalog(connection: &Connection) -> Catalog {
    read(connection, "", Scope::default()).unwrap()
}

fn plan(from: &Connection, to: &str) -> Plan {
    let (from, to) = (catalog(from), catalog(&database(to)));
    super::change(&from, &to, &diff(&from, &to))
}

/// Runs a plan as a person would who reads it: a transaction where steps want one.
pub fn run(connection: &Connection, plan: &Plan) -> rusqlite::Result<()> {
    let mut open = false;
    for step in &plan.steps {
        if open != step.in_transaction {
            connection.execute_batch(if open { "commit" } else { "begin" })?;
            open = step.in_transaction;
        }
        for sql in &step.sql {
            if let Err(error) = connection.execute_batch(sql) {
                if open {
                    connection.execute_batch("rollback")?;
                }
                connection.execute_batch("pragma foreign_keys = on; pragma legacy_alter_table = off")?;
                return Err(error);
            }
        }
    }
    if open { connection.execute_batch("commit") } else { Ok(()) }
}

/// Changes a database, with its rows, and sees that nothing differs after. Gives the kinds of the
/// steps in one line.
#[track_caller]
fn reach(connection: &Connection, to: &str) -> String {
    let plan = plan(connection, to);
    assert_eq!(plan.left, []);
    probes(connection, &plan);
    run(connection, &plan).unwrap_or_else(|error| panic!("{error}: {plan:#?}"));
    let differs = diff(&catalog(connection), &catalog(&database(to)));
    assert!(differs.is_empty(), "{differs:#?} after {plan:#?}");
    assert_eq!(text(connection, "pragma integrity_check"), "ok");
    assert_eq!(text(connection, "pragma foreign_keys"), "1");
    let kinds: Vec<String> = plan.steps.into_iter().map(|step| step.kind).collect();
    kinds.join(", ")
}

/// What the plan warns of, whose queries give a row.
fn probes(connection: &Connection, plan: &Plan) -> Vec<String> {
    let losses = plan.steps.iter().flat_map(|step| &step.loses);
    let hits = losses.filter(|loss| {
        let probe = loss.probe.as_deref().unwrap_or("select 1");
        connection.prepare(probe).unwrap_or_else(|error| panic!("{probe}: {error}")).exists([]).unwrap()
    });
    hits.map(|loss| loss.what.clone()).collect()
}

/// The rows of a query in one line: `1 a, 2 b`.
#[track_caller]
pub fn text(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|at| {
            Ok(match row.get_ref(at)? {
                rusqlite::types::ValueRef::Null => "null".to_owned(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Real(number) => format!("{number:?}"),
                rusqlite::types::ValueRef::Text(text) => format!("{}", String::from_utf8_lossy(text)),
                rusqlite::types::ValueRef::Blob(_) => "blob".to_owned(),
            })
        });
        Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
    });
    rows.unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap().join(", ")
}

const ASIDE: &str = "set foreign keys aside";
const BACK: &str = "enforce foreign keys";

#[test]
fn columns_come_and_go_without_a_rebuild() {
    let a = database(
        "create table t (a, b default 1, c); insert into t values (1, 2, 3); create table u (id integer primary key)",
    );
    let b = "create table u (id integer primary key);
        create table t (a, c, d int not null default 5 check (d > 0), e int references u (id) on delete cascade,
            f as (a + 1), g text constraint named check (g <> ''))";
    assert_eq!(reach(&a, b), "drop column, add column, add column, add column, add column");
    assert_eq!(text(&a, "select * from t"), "1 3 5 null 2 null");
    // And back: what is named elsewhere needs a rebuild.
    let kinds = reach(&a, "create table u (id integer primary key); create table t (a, b default 1, c)");
    assert_eq!(kinds, format!("{ASIDE}, rebuild table, {BACK}"));
    assert_eq!(text(&a, "select * from t"), "1 1 3");
}

#[test]
fn what_alter_table_cannot_add_is_rebuilt() {
    for column in [
        "d not null",
        "d default current_timestamp",
        "d default (1 + 1)",
        "d unique",
        "d as (a) stored",
        "d int default 1 references t (a)",
        "d, check (a > 0)",
    ] {
        let a = database("create table t (a primary key)");
        let kinds = reach(&a, &format!("create table t (a primary key, {column})"));
        assert_eq!(kinds.matches("rebuild table").count(), 1, "{column}: {kinds}");
    }
    let a = database("create table t (a, c)");
    assert_eq!(reach(&a, "create table t (a, b, c)"), format!("{ASIDE}, rebuild table, {BACK}"));
}

#[test]
fn a_rebuild_keeps_rows_rowids_and_numbers() {
    let a = database(
        "create table t (id integer primary key autoincrement, a text);
         insert into t values (1, 'x'), (9, 'y'); delete from t where id = 9;
         create table plain (a); insert into plain (rowid, a) values (7, 'p'), (8, 'q');
         create table shadowed (rowid, a); insert into shadowed (_rowid_, rowid, a) values (5, 'r', 's')",
    );
    reach(
        &a,
        "create table t (id integer primary key autoincrement, a text not null);
         create table plain (a text not null); create table shadowed (rowid not null, a);",
    );
    a.execute_batch("insert into t (a) values ('z')").unwrap();
    assert_eq!(text(&a, "select * from t"), "1 x, 10 z");
    assert_eq!(text(&a, "select rowid, a from plain"), "7 p, 8 q");
    assert_eq!(text(&a, "select _rowid_, * from shadowed"), "5 r s");
    assert_eq!(text(&a, "select * from sqlite_sequence"), "t 10");
    // The rowid becomes a column, and goes again.
    reach(
        &a,
        "create table t (id integer primary key, a text not null);
         create table plain (id integer primary key, a text not null); create table shadowed (rowid not null, a);",
    );
    assert_eq!(text(&a, "select * from plain"), "7 p, 8 q");
}

#[test]
fn rows_that_refer_to_a_rebuilt_table_stay() {
    let a = database(
        "create table p (id integer primary key, self references p (id) on delete cascade);
         create table c (pid references p on delete cascade on update cascade, n);
         insert into p values (1, null), (2, 1); insert into c values (1, 'a'), (2, 'b');
         create view v as select p.id, n from p join c on p.id = c.pid;
         create view w as select id from v;
         create trigger tr after insert on c begin update p set self = null where id = new.pid; end;",
    );
    let kinds = reach(
        &a,
        "create table p (id integer primary key, self references p (id) on delete cascade, check (id > 0));
         create table c (pid references p on delete cascade on update cascade, n);
         create view v as select p.id, n from p join c on p.id = c.pid;
         create view w as select id from v;
         create trigger tr after insert on c begin update p set self = null where id = new.pid; end;",
    );
    assert_eq!(
        kinds,
        format!("{ASIDE}, note broken foreign keys, rebuild table, check foreign keys, {BACK}")
    );
    assert_eq!(text(&a, "select * from w"), "1, 2");
    assert_eq!(text(&a, "select * from p"), "1 null, 2 1");
    a.execute_batch("insert into c values (2, 'c'); delete from p where id = 2").unwrap();
    assert_eq!(text(&a, "select * from c"), "1 a");
}

#[test]
fn rows_that_would_refer_to_nothing_are_refused() {
    let a = database(
        "create table p (id integer primary key); create table c (pid int, note text);
         insert into p values (1); insert into c values (1, 'good'), (2, 'bad'), (null, 'none')",
    );
    let to = "create table p (id integer primary key); create table c (pid int references p (id), note text)";
    let change = plan(&a, to);
    assert_eq!(probes(&a, &change), ["rows that refer to nothing in p"]);
    let error = run(&a, &change).unwrap_err().to_string();
    assert_eq!(error, "CHECK constraint failed: a row refers to one that is not there");
    assert_eq!(text(&a, "select count(*) from c"), "3");
    a.execute_batch("delete from c where pid = 2").unwrap();
    assert_eq!(probes(&a, &change), [""; 0]);
    reach(&a, to);
    // The parent goes, and the key does not.
    let change = plan(&a, "create table c (pid int references p (id), note text)");
    assert_eq!(probes(&a, &change), ["the table and its rows"]);
    run(&a, &change).unwrap_err();
    assert_eq!(text(&a, "select count(*) from p"), "1");
}

#[test]
fn keys_that_were_broken_before_are_no_obstacle() {
    let a = database(
        "pragma foreign_keys = off;
         create table p (id integer primary key); create table c (pid references p, n);
         insert into c values (5, 'lost'); create table m (x references p (nokey));
         create table nowhere (x references gone); insert into nowhere values (1);
         pragma foreign_keys = on",
    );
    reach(
        &a,
        "create table p (id integer primary key, check (id > 0)); create table c (pid references p, n not null);
         create table m (x references p (nokey), check (x)); create table nowhere (x not null references gone)",
    );
    assert_eq!(text(&a, "select * from c"), "5 lost");
}

#[test]
fn keys_that_could_not_be_checked_before_are_told_of() {
    let a = database(
        "create table p (k int, x); create table c (p int references p (k));
         pragma foreign_keys = off; insert into p values (1, 1); insert into c values (2); pragma foreign_keys = on",
    );
    let to = "create table p (k int primary key, x); create table c (p int references p (k))";
    let change = plan(&a, to);
    assert_eq!(probes(&a, &change), ["rows that refer to nothing"]);
    run(&a, &change).unwrap_err();
    a.execute_batch("pragma foreign_keys = off; update c set p = 1; pragma foreign_keys = on").unwrap();
    assert_eq!(probes(&a, &change), [""; 0]);
    reach(&a, to);
}

#[test]
fn tables_of_modules_that_are_not_there_are_left() {
    let gone = "pragma writable_schema = on;
        insert into sqlite_schema values ('table', 'odd', 'odd', 0, 'create virtual table odd using missing(a)');
        pragma writable_schema = reset; create table t (a);";
    let (with, without) = (database(gone), database("create table t (a, b)"));
    for (from, to) in [(&with, &without), (&without, &with)] {
        let (old, new) = (catalog(from), catalog(to));
        let plan = super::change(&old, &new, &diff(&old, &new));
        let left: Vec<String> = plan.left.iter().map(|left| format!("{}: {}", left.what, left.why)).collect();
        assert_eq!(left, ["table odd: no such module: missing"]);
        run(from, &plan).unwrap();
        assert_eq!(diff(&catalog(from), &new).len(), 1);
    }
}

#[test]
fn tables_come_and_go_whatever_refers_to_them() {
    let rows = "insert into a values (1, null); insert into b values (1, 1); update a set b = 1;
        insert into other values (1);";
    let cycle = "create table a (id integer primary key, b references b (id));
        create table b (id integer primary key, a not null references a (id) on delete restrict);";
    let a = database(&format!("{cycle} create table other (a references a on delete cascade); {rows}"));
    let kinds = reach(&a, "create table other (a int)");
    assert_eq!(kinds, format!("{ASIDE}, drop table, drop table, rebuild table, {BACK}"));
    assert_eq!(text(&a, "select * from other"), "1");
    assert_eq!(reach(&a, &format!("{cycle} create table other (a int)")), "create table, create table");
    // A table that nothing refers to goes by itself.
    assert_eq!(reach(&a, cycle), "drop table");
}

#[test]
fn values_are_never_changed_in_silence() {
    let a = database(
        "create table t (id integer primary key, a text, b text, c, d real, k text);
         insert into t values (1, '007', null, 'c', 1.5, 'x'), (2, '8', 'b', x'00', 2.0, 'X')",
    );
    let cases = [
        ("a int, b text, c, d real, k text", "values of a that are refused or changed as INT"),
        ("a text, b text not null, c, d real, k text", "rows without a value in b"),
        ("a text, b text not null default 'z', c, d real, k text", "rows without a value in b"),
        ("a text, b text, c, d real, k text, check (a <> '8')", "rows that break the check (a <> '8')"),
        ("a text, b text, c, d real, k text, e not null", "rows, which have no value for e"),
        ("a text, b text, c, d real, k text unique collate nocase", "rows that are the same in k"),
        ("a text, b text, c, d real", "the values of k"),
        ("a text, b text, c, d real, k text as (a)", "the values of k"),
    ];
    for (columns, wanted) in cases {
        let plan = plan(&a, &format!("create table t (id integer primary key, {columns})"));
        assert_eq!(probes(&a, &plan), [wanted], "{columns}");
    }
    for columns in
        ["a blob, b text, c, d int, k text unique", "a text, b text, c, d text, k text check (k > '')"]
    {
        let plan = plan(&a, &format!("create table t (id integer primary key, {columns})"));
        assert_eq!(probes(&a, &plan), [""; 0], "{columns}");
    }
    let strict =
        plan(&a, "create table t (id integer primary key, a text, b text, c text, d int, k text) strict");
    assert!(!probes(&a, &strict).is_empty());
    let index = plan(
        &a,
        "create table t (id integer primary key, a text, b text, c, d real, k text);
        create unique index i on t (lower(k)) where k is not null; create unique index j on t (d)",
    );
    assert_eq!(probes(&a, &index), ["rows that are the same in i"]);
}

#[test]
fn a_null_never_becomes_a_number() {
    let a = database("create table t (a int, b); insert into t values (null, 1)");
    let change = plan(&a, "create table t (a integer primary key, b)");
    assert!(!probes(&a, &change).is_empty());
    run(&a, &change).unwrap_err();
    a.execute_batch("update t set a = 4").unwrap();
    run(&a, &change).unwrap();
    assert_eq!(text(&a, "select * from t"), "4 1");
}

#[test]
fn kinds_of_tables_change() {
    let a = database(
        "create table t (k text primary key, v int, g as (v * 2) stored); insert into t values ('a', 1), ('b', 2)",
    );
    for to in [
        "create table t (k text primary key, v int, g as (v * 2) stored) without rowid",
        "create table t (k text primary key, v int, g int as (v * 2) virtual) strict, without rowid",
        "create table t (v int, k text, g as (v * 2), h as (g + 1) stored, primary key (v, k desc)) without rowid",
        "create table t (k text collate nocase, v integer primary key, g int)",
        "create table t (k text primary key, v int, g as (v * 2) stored)",
    ] {
        reach(&a, to);
        assert_eq!(text(&a, "select k, v, g from t order by k"), "a 1 2, b 2 4", "{to}");
    }
}

#[test]
fn a_table_that_names_itself_is_rebuilt_too() {
    let a = database(
        "create table t (id integer primary key autoincrement, a, check (t.a > 0));
         insert into t values (1, 5), (8, 6); delete from t where id = 8",
    );
    reach(
        &a,
        "create table t (id integer primary key autoincrement, a not null, check (t.a > 0 and \"t\".a < 9))",
    );
    assert_eq!(text(&a, "select * from t"), "1 5");
    assert_eq!(text(&a, "select * from sqlite_sequence"), "t 8");
    a.execute_batch("insert into t (a) values (20)").unwrap_err();
}

#[test]
fn what_does_not_work_is_left_alone() {
    let broken = "create view gone as select * from zilch; create view gone2 as select nocolumn from t;
        create table u (a); create trigger bad after insert on u begin insert into zilch values (1); end;
        create view strings as select \"a string\" as s";
    let a = database(&format!("create table t (a, b, c); insert into t values (1, 2, 3); {broken}"));
    reach(&a, &format!("create table t (a, b); {broken}"));
    reach(&a, &format!("create table t (a not null, b); {broken}"));
    reach(&a, &format!("create table t (a not null, b, d); {broken}"));
    assert_eq!(text(&a, "select * from t"), "1 2 null");
}

#[test]
fn a_string_in_double_quotes_stays_as_it_is_written() {
    let view = "create view v as select \"not a column\" as s from t;";
    let a = database(&format!("create table t (a, b); {view}"));
    let kinds = reach(&a, &format!("create table t (a); {view}"));
    assert_eq!(kinds, format!("{ASIDE}, rebuild table, {BACK}"));
}

#[test]
fn views_and_triggers_follow_what_they_stand_on() {
    let a = database(
        "create table t (a, b); create view v as select * from t; create view w as select a from v;
         create trigger instead instead of insert on v begin insert into t values (new.a, 1); end;
         create trigger log after delete on t begin select old.b; end; create index i on t (b);",
    );
    let kinds = reach(
        &a,
        "create table t (a); create view v as select * from t; create view w (x) as select a from v;
         create trigger instead instead of insert on v begin insert into t values (new.a); end;
         create trigger log after delete on t begin select old.a; end; create index i on t (a desc);",
    );
    assert_eq!(
        kinds,
        "drop trigger, drop trigger, drop view, drop index, drop column, create index, create view, \
         create trigger, create trigger"
    );
    a.execute_batch("insert into v values (3)").unwrap();
    assert_eq!(text(&a, "select x from w"), "3");
}

#[test]
fn a_view_on_a_view_that_is_made_again_is_no_obstacle() {
    let rest = "create view w as select a from v; create table u (a);
        create trigger tr after insert on u begin delete from v; end;";
    let a = database(&format!("create table t (a, b); create view v as select a, b from t; {rest}"));
    reach(&a, &format!("create table t (a); create view v as select a from t; {rest}"));
}

#[test]
fn names_change_their_owners() {
    let a = database(
        "create table x (a); insert into x values (1); create view y as select 1 as a; create table t (a);
         create table u (a); create index i on t (a); create trigger tr after insert on t begin select 1; end",
    );
    reach(
        &a,
        "create view x as select 1 as a; create table y (a); create table t (a not null);
         create table u (a not null); create index i on u (a);
         create trigger tr after insert on u begin select 1; end",
    );
}

#[test]
fn a_name_in_other_letters_is_the_same() {
    let a = database("create table T (Id integer primary key, Name); insert into T values (1, 'n')");
    reach(&a, "create table t (id integer primary key, name)");
    assert_eq!(text(&a, "select id, name from t"), "1 n");
    reach(&a, "create table t (id integer primary key, NAME text)");
    assert_eq!(text(&a, "select * from t"), "1 n");
}

#[test]
fn virtual_tables_are_made_again() {
    let a = database(
        "create table doc (id integer primary key, body, title); insert into doc values (1, 'hello world', 't');
         create virtual table fts using fts5(body, content='doc', content_rowid='id');
         create virtual table own using fts5(a, b); insert into own (rowid, a, b) values (7, 'walking by itself', 'x');
         create virtual table tree using rtree(id, x0, x1); insert into tree values (3, 1.0, 2.0);
         create virtual table box using rtree(id, x0, x1); create virtual table none using fts5(a, content='');
         insert into none values ('word')",
    );
    let to = "create table doc (id integer primary key, body, title);
         create virtual table fts using fts5(body, title, content = \"doc\", content_rowid='id');
         create virtual table own using fts5(a, c, tokenize = porter); create table box (id);
         create virtual table tree using rtree(id, x0, x1, y0, y1);
         create virtual table none using fts5(a, b, content='')";
    let change = plan(&a, to);
    assert_eq!(probes(&a, &change), ["the table and its rows", "the values of b"]);
    reach(&a, to);
    assert_eq!(text(&a, "select rowid from fts where fts match 'world'"), "1");
    assert_eq!(text(&a, "select rowid, a from own where own match 'walk'"), "7 walking by itself");
    assert_eq!(text(&a, "select * from tree"), "3 1.0 2.0 0.0 0.0");
}

#[test]
fn a_full_text_index_of_a_view_is_filled() {
    let a = database("create table doc (a); insert into doc values ('one two')");
    let to = "create table doc (a); create view v as select rowid as id, a from doc;
         create virtual table f using fts5(a, content=v, content_rowid=id);";
    let kinds = reach(&a, to);
    assert_eq!(kinds, "create virtual table, create view, fill full-text index");
    assert_eq!(text(&a, "select rowid, a from f where f match 'two'"), "1 one two");
    // There is nothing to fill one with that asks for a column that is not there.
    let change = plan(&a, &format!("{to} create virtual table odd using fts4(content=v, nothing)"));
    assert_eq!(change.steps.len(), 1);
    run(&a, &change).unwrap();
    // Nor one of rows without a rowid.
    let a = database("create table doc (a primary key) without rowid; insert into doc values ('one')");
    let change = plan(
        &a,
        "create table doc (a primary key) without rowid; create virtual table f using fts5(a, content=doc)",
    );
    assert_eq!(change.steps.len(), 1);
    run(&a, &change).unwrap();
}

#[test]
fn an_index_of_what_has_changed_holds_no_rows() {
    let a = database(
        "create table doc (a); insert into doc values ('one'); create virtual table f using fts5(a, content=doc);
         create virtual table g using fts5(a, content=doc); alter table doc rename column a to b",
    );
    let to = "create table doc (b); create virtual table g using fts5(b, content=doc)";
    assert_eq!(probes(&a, &plan(&a, to)), [""; 0]);
    reach(&a, to);
    assert_eq!(text(&a, "select rowid from g where g match 'one'"), "1");
}

#[test]
fn the_text_of_a_rebuilt_table_is_kept() {
    let a = database("create table t (a)");
    let to = "create table t ( -- what a is
        a text not null /* always */ )";
    reach(&a, to);
    assert!(text(&a, "select sql from sqlite_schema").contains("-- what a is\n"));
}

#[test]
fn new_names_are_free() {
    let a = database(
        "create table t (a); create table dbwright_new_t (a); create view DBWRIGHT_NEW_T_ as select 1",
    );
    reach(
        &a,
        "create table t (a not null); create table dbwright_new_t (a); create view DBWRIGHT_NEW_T_ as select 1",
    );
}

#[test]
fn a_plan_says_what_it_locks_and_rewrites() {
    let a = database("create table t (a, b); create table u (a); insert into t values (1, null)");
    let plan = plan(&a, "create table t (a); create table u (a text, b)");
    let told: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            format!("{} {}: {} {} {}", step.kind, step.object, step.lock, step.rewrites, step.in_transaction)
        })
        .collect();
    let lock = "the whole file: writes wait, and reads while it is committed";
    assert_eq!(
        told,
        [
            format!("{ASIDE} this connection:  false false"),
            format!("rebuild table table u: {lock} true true"),
            format!("drop column column t.b: {lock} true true"),
            format!("{BACK} this connection:  false false"),
        ]
    );
    // The values that are dropped are all null.
    assert_eq!(probes(&a, &plan), [""; 0]);
}
