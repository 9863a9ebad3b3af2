use super::*;
use crate::definition::expression::Kind::{Bool, Number, Other, Text, Timestamp};
use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};

fn relation(name: &str, columns: &[(&str, Kind)]) -> Relation {
    let known = |(name, kind): &(&str, Kind)| Known { name: (*name).to_owned(), kind: kind.clone() };
    Relation { name: name.to_owned(), columns: columns.iter().map(known).collect(), is_whole: true }
}

fn table() -> Relation {
    let state = Kind::Enum(vec!["new".into(), "old".into()]);
    relation(
        "t",
        &[
            ("price", Number),
            ("status", Text),
            ("Name", Text),
            ("order", Number),
            ("flag", Bool),
            ("made", Timestamp),
            ("state", state),
            ("doc", Other),
        ],
    )
}

fn translate(from: EngineKind, to: EngineKind, text: &str) -> Option<String> {
    dbwright_engines::install();
    let here = table();
    Translation::new(from, to).of_table(&here).expression(text).map(|(text, _)| text)
}

fn query(from: EngineKind, to: EngineKind, text: &str) -> Option<String> {
    dbwright_engines::install();
    let pair = |name: &str| relation(name, &[("x", Number), ("y", Text)]);
    let known = [table(), pair("a"), pair("b"), pair("c")];
    Translation::new(from, to).over(&known).query(text, false).map(|(text, _)| text)
}

#[test]
fn what_means_the_same_goes_along() {
    for (from, to, text, expected) in [
        (Postgres, Mysql, "(price > (0)::numeric)", "(`price` > (0))"),
        (
            Postgres,
            Sqlite,
            "((status)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[]))",
            "((\"status\") IN ('a', 'it''s'))",
        ),
        (Postgres, Mysql, "(length(\"Name\") > 3)", "(char_length(`Name`) > 3)"),
        (Postgres, Mysql, "(price > '-1'::integer)", "(`price` > (-1))"),
        (Mysql, Postgres, "(`order` between 1 and 5)", "(\"order\" between 1 and 5)"),
        (Mariadb, Sqlite, "`status` in (_utf8mb4'a\\'b','c')", "\"status\" in ('a''b','c')"),
        (Sqlite, Postgres, "[Name] IS NOT NULL AND name <> ''", "\"Name\" IS NOT NULL AND \"Name\" <> ''"),
        (Sqlite, Postgres, "status || Name", "\"status\" || \"Name\""),
        (Sqlite, Mysql, "status || '-' || Name", "CONCAT(`status`, '-', `Name`)"),
        (Mysql, Postgres, "concat(`status`,'-')", "(\"status\" ||'-')"),
        (
            Sqlite,
            Postgres,
            "made > '2020-01-01' AND state = 'new'",
            "\"made\" > '2020-01-01' AND \"state\" = 'new'",
        ),
        (Mysql, Sqlite, "`flag` = true", "\"flag\" = true"),
        (Postgres, Mysql, "(NOT flag)", "(NOT `flag`)"),
        (Sqlite, Postgres, "doc IS NULL", "\"doc\" IS NULL"),
    ] {
        assert_eq!(translate(from, to, text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn joins_without_a_condition_are_of_all_pairs() {
    for (text, expected) in [
        (
            "select 1 AS `n` from (`a` join `b`) where 1 = 1",
            Some("select 1 AS \"n\" from (\"a\" cross join \"b\") where 1 = 1"),
        ),
        (
            "select 1 AS `n` from ((`a` join `b`) join `c` on((1 = 1)))",
            Some("select 1 AS \"n\" from ((\"a\" cross join \"b\") join \"c\" on((1 = 1)))"),
        ),
        (
            "select 1 AS n from a join b on 1 = 1 join c",
            Some("select 1 AS \"n\" from \"a\" join \"b\" on 1 = 1 cross join \"c\""),
        ),
        ("select 1 as n from a join b join c on 1 = 1 on 2 = 2", None),
        (
            "select 1 as n from a left join b on 1 = 1",
            Some("select 1 as \"n\" from \"a\" left join \"b\" on 1 = 1"),
        ),
    ] {
        assert_eq!(query(Mysql, Postgres, text).as_deref(), expected, "{text}");
    }
}

#[test]
fn queries_go_along_with_their_names() {
    for (from, text, expected) in [
        (
            Sqlite,
            "SELECT p.x n, count(*) AS Total FROM a AS p GROUP BY p.x HAVING count(*) > 1 ORDER BY total",
            "SELECT \"p\".\"x\" AS \"n\", count(*) AS \"Total\" FROM \"a\" AS \"p\" GROUP BY \"p\".\"x\" \
             HAVING count(*) > 1 ORDER BY \"Total\"",
        ),
        (Sqlite, "SELECT X, lower(y) FROM a", "SELECT \"x\", lower(\"y\") AS \"lower(y)\" FROM \"a\""),
        (
            Sqlite,
            "select * from a where x in (select x from b)",
            "select * from \"a\" where \"x\" in (select \"x\" from \"b\")",
        ),
        (
            Sqlite,
            "select x from a union select x from b order by 1",
            "select \"x\" from \"a\" union select \"x\" from \"b\" order by 1",
        ),
        (
            Sqlite,
            "select q.x from (select x from a) q",
            "select \"q\".\"x\" from (select \"x\" from \"a\") AS \"q\"",
        ),
        (
            Mysql,
            "select `a`.`x` AS `x`,sum(`a`.`x`) AS `s` from `a` group by 1",
            "select \"a\".\"x\" AS \"x\",sum(\"a\".\"x\") AS \"s\" from \"a\" group by 1",
        ),
    ] {
        assert_eq!(query(from, Postgres, text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_not_certain_stays() {
    for (from, to, text) in [
        (Sqlite, Postgres, "status LIKE 'a%'"),
        (Mysql, Postgres, "length(`Name`) > 3"),
        (Mysql, Postgres, "`price` / 2 > 1"),
        (Postgres, Mysql, "(status)::integer > 3"),
        (Postgres, Mysql, "(status ~ '^a'::text)"),
        (Postgres, Sqlite, "other > 3"),
        (Postgres, Sqlite, "price = ANY (other)"),
        (Sqlite, Postgres, "strftime('%Y', Name) > '2000'"),
        (Mysql, Sqlite, "`Name` = 'a\\%b'"),
        (Mysql, Postgres, "json_valid(`Name`)"),
        (Sqlite, Postgres, "status IS 'x'"),
        (Sqlite, Postgres, "status IS Name"),
        (Sqlite, Postgres, "price = 'x'"),
        (Sqlite, Postgres, "status > 5"),
        (Sqlite, Postgres, "NOT price"),
        (Sqlite, Postgres, "price AND status = ''"),
        (Sqlite, Postgres, "abs(status) > 1"),
        (Sqlite, Postgres, "lower(price) > ''"),
        (Sqlite, Postgres, "trim(status, 'x') = ''"),
        (Sqlite, Postgres, "max(price, 1) > 1"),
        (Sqlite, Postgres, "price IN ()"),
        (Sqlite, Postgres, "made > 'yesterday'"),
        (Sqlite, Postgres, "state = 'gone'"),
        (Sqlite, Postgres, "flag = 1"),
        (Sqlite, Postgres, "price = 1 = 1"),
        (Sqlite, Postgres, "doc = 'x'"),
    ] {
        assert_eq!(translate(from, to, text), None, "{text}");
    }
    for text in [
        "select x, y from a group by x",
        "select x, count(*) as n from a",
        "select sum(y) as n from a",
        "select x from a where x",
        "select distinct x from a order by y",
        "select x as n from a having x > 1",
        "select sum(x) as n from a group by y having n > 1",
        "select x, x from a",
        "select * from a, b",
        "select x from (select x from a)",
        "select y from a union select x from b",
        "select x from a limit 1",
        "select x from gone",
        "select a.x as n from a, b join c on a.x = c.x",
        "select distinct doc from t",
    ] {
        assert_eq!(query(Sqlite, Postgres, text), None, "{text}");
    }
}

#[test]
fn text_for_all_is_quoted_by_the_engine() {
    let way = Translation::neutral(Mysql);
    assert_eq!(way.requoted("\"order\" like 'a\\b' -- \"").as_deref(), Ok("`order` like 'a\\\\b' -- \""));
    assert!(way.requoted("a || b").unwrap_err().contains("CONCAT"));
    assert_eq!(Translation::neutral(Sqlite).requoted("a || \"b\"").as_deref(), Ok("a || \"b\""));
}
