//! Tables and columns that get other names in real databases.

use rusqlite::Connection;

use super::*;
use crate::ddl::change::change;
use crate::ddl::change::tests::{catalog, database, run, text};
use crate::model::catalog::Name;
use crate::model::diff::diff;
use crate::model::plan::Plan;

/// Renames, and does the rest; gives the kinds of all steps in one line.
#[track_caller]
fn reach(connection: &Connection, (table, column): (&str, Option<&str>), new: &str, to: &str) -> String {
    let from = catalog(connection);
    let to = catalog(&database(to));
    let names = Rename { table: Name::new("", table), column: column.map(Into::into), to: new.into() };
    let renamed = rename(&from, &names);
    let mut plan = Plan { steps: renamed.steps, left: Vec::new() };
    run(connection, &plan).unwrap_or_else(|error| panic!("{error}: {plan:#?}"));
    let rest = change(&renamed.catalog, &to, &diff(&renamed.catalog, &to));
    run(connection, &rest).unwrap_or_else(|error| panic!("{error}: {rest:#?}"));
    plan.steps.extend(rest.steps);
    let differs = diff(&catalog(connection), &to);
    assert!(differs.is_empty(), "{differs:#?} after {plan:#?}");
    plan.steps.into_iter().map(|step| step.kind).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_table_gets_another_name_and_keeps_its_rows() {
    let a = database(
        "create table t (id integer primary key autoincrement, p references t (id), check (t.id > 0));
         create table c (t references t on delete cascade); insert into t values (1, null); insert into c values (1);
         create index i on t (p) where t.p > 0; create view v as select * from t; create view w as select * from v;
         create view broken as select * from zilch; create view other as select * from c;
         create trigger tr after insert on c begin delete from t where 1 = 0; end",
    );
    let kinds = reach(
        &a,
        ("t", None),
        "two words",
        "create table [two words] (id integer primary key autoincrement, p references [two words] (id),
             check (\"two words\".id > 0));
         create table c (t references [two words] on delete cascade); create index i on [two words] (p)
             where \"two words\".p > 0;
         create view v as select * from [two words]; create view w as select * from v;
         create view broken as select * from zilch; create view other as select * from c;
         create trigger tr after insert on c begin delete from [two words] where 1 = 0; end",
    );
    assert_eq!(
        kinds,
        "drop view, rename table, create view, drop trigger, drop view, create view, create trigger"
    );
    assert_eq!(text(&a, "select * from w"), "1 null");
    assert_eq!(text(&a, "select * from sqlite_sequence"), "two words 1");
}

#[test]
fn a_column_gets_another_name_and_keeps_its_values() {
    let a = database(
        "create table t (a text collate nocase, b int as (length(a)), check (lower(a) <> 'a' and \"a\" is not [a] || 'x'),
             unique (a), primary key (a collate rtrim desc)) without rowid;
         create table c (t references t (a)); insert into t (a) values ('x'); insert into c values ('x');
         create index i on t (a, lower(a)) where a is not null; create view v as select * from t;
         create view w as select a as z from v; create view other as select count(*) from c;
         create trigger tr after update of a on t begin select old.a; end",
    );
    let kinds = reach(
        &a,
        ("t", Some("a")),
        "n",
        "create table t (n text collate nocase, b int as (length(n)), check (lower(n) <> 'a' and \"n\" is not \"n\" || 'x'),
             unique (n), primary key (n collate rtrim desc)) without rowid;
         create table c (t references t (n));
         create index i on t (n, lower(n)) where n is not null; create view v as select * from t;
         create view w as select n as z from v; create view other as select count(*) from c;
         create trigger tr after update of n on t begin select old.n; end",
    );
    assert_eq!(kinds, "drop view, rename column, create view, drop view, create view");
    assert_eq!(text(&a, "select z from w"), "x");
}

#[test]
fn views_and_triggers_follow_as_sqlite_rewrites_them() {
    let schema = |column: &str| {
        format!(
            "create table t (id integer primary key, {column} text); create table log (x); \
             create view v as select {column} from t; \
             create trigger g after insert on t begin insert into log values (new.{column}); end;"
        )
    };
    let a = database(&schema("a"));
    assert_eq!(reach(&a, ("t", Some("a")), "aa", &schema("aa")), "rename column");
    a.execute_batch("insert into t (aa) values ('x')").unwrap();
    assert_eq!(text(&a, "select aa, x from t, log"), "x x");
}

#[test]
fn strings_in_double_quotes_are_no_names() {
    let schema = |column: &str| {
        format!(
            "create table t ({column} text, k check (k <> \"k k\")); create index i on t (k) where k <> \"x x\";
             create table u (z, check (z <> \"z z\")); create view v as select \"s s\" as s;
             create trigger tr after insert on u begin select \"r r\"; end"
        )
    };
    let a = database(&schema("a"));
    a.execute_batch("insert into t values (1, 2); insert into u values (3)").unwrap();
    reach(&a, ("t", Some("a")), "b", &schema("b"));
    reach(&a, ("u", None), "w", &schema("b").replace("table u", "table w").replace("on u", "on w"));
    reach(&a, ("w", None), "u", &schema("b"));
    assert_eq!(text(&a, "select b, k, z from t, u"), "1 2 3");
}

#[test]
fn the_case_of_letters_changes() {
    let a = database("create table T (A); insert into T values (1); create index i on T (A)");
    assert_eq!(reach(&a, ("T", None), "t", "create table t (A); create index i on t (A)"), "rename table");
    assert_eq!(
        reach(&a, ("t", Some("A")), "a", "create table t (a); create index i on t (a)"),
        "rename column"
    );
    assert_eq!(text(&a, "select a from t"), "1");
}

#[test]
fn virtual_tables_get_other_names() {
    let a = database("create virtual table f using fts5(a); insert into f values ('one')");
    assert_eq!(reach(&a, ("f", None), "g", "create virtual table g using fts5(a)"), "rename table");
    assert_eq!(text(&a, "select a from g where g match 'one'"), "one");
}

#[test]
fn what_cannot_be_renamed_is_left() {
    let from = catalog(&database("create view v as select 1 as a; create virtual table f using fts5(a)"));
    for (table, column) in [("v", None), ("v", Some("a")), ("f", Some("a")), ("none", None)] {
        let names = Rename { table: Name::new("", table), column: column.map(Into::into), to: "new".into() };
        let renamed = rename(&from, &names);
        assert!(renamed.steps.is_empty() && renamed.catalog == from, "{table}");
    }
}

#[test]
fn names_are_replaced_where_they_are_columns() {
    let cases = [
        ("a > 0 and \"a\" <> 'a' and [a] is not `A`", "b > 0 and \"b\" <> 'a' and \"b\" is not \"b\""),
        ("a(a) + cast(a as a) collate a", "a(b) + cast(b as a) collate a"),
        ("t.a = a.x -- a", "t.b = a.x -- a"),
    ];
    for (text, wanted) in cases {
        assert_eq!(replaced(text, "a", ("b", "\"b\""), false), wanted);
    }
    assert_eq!(
        replaced("t.a > T . b and t > 1", "t", ("\"u\"", "\"u\""), true),
        "\"u\".a > \"u\" . b and t > 1"
    );
}
