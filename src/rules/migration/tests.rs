//! Each rule on a statement that it is about, and on one that is as it should be.

use std::collections::BTreeSet;

use super::*;
use crate::model::catalog::{Column, Detail, Index, IndexKey, Name};
use crate::sql::{MYSQL as MYSQL_DIALECT, POSTGRES as POSTGRES_DIALECT, SQLITE as SQLITE_DIALECT, split_str};

fn ground<'a>(engine: EngineKind, catalog: Option<&'a Catalog>) -> Ground<'a> {
    let dialect = match engine {
        EngineKind::Sqlite => &SQLITE_DIALECT,
        EngineKind::Postgres => &POSTGRES_DIALECT,
        EngineKind::Mysql | EngineKind::Mariadb => &MYSQL_DIALECT,
    };
    Ground { engine, dialect, version: None, catalog, statement_timeout: false }
}

fn script(sql: &str, ground: &Ground<'_>) -> Script {
    let statements = split_str(sql, ground.dialect)
        .into_iter()
        .map(|statement| Written {
            sql: statement.text,
            place: FilePlace { path: "1.sql".into(), line: Some(1) },
        })
        .collect();
    Script { id: "1".into(), statements, transaction: !sql.starts_with("-- plain") }
}

fn found(engine: EngineKind, sql: &str, catalog: Option<&Catalog>) -> Vec<Finding> {
    let ground = ground(engine, catalog);
    check(&[script(sql, &ground)], &ground, |each| !each.opt_in)
}

fn ids(engine: EngineKind, sql: &str) -> Vec<&'static str> {
    found(engine, sql, None).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn rules_are_named_once_and_told_in_full() {
    let mut seen = BTreeSet::new();
    for MigrationRule { rule, .. } in rules() {
        assert!(seen.insert(rule.id), "{} is there twice", rule.id);
        assert!(rule.id.chars().all(|ch| ch.is_ascii_lowercase() || ch == '-'), "{}", rule.id);
        assert!(!rule.engines.is_empty() && !rule.references.is_empty(), "{}", rule.id);
        assert!(
            rule.why.ends_with('.') && rule.fix.ends_with('.') && !rule.title.ends_with('.'),
            "{}",
            rule.id
        );
    }
    assert!(seen.len() >= 50, "{}", seen.len());
}

#[test]
fn postgresql() {
    for (sql, rule) in [
        ("create index i on t (a)", "index-blocks-writes"),
        ("drop index i", "drop-index-blocks"),
        ("reindex table t", "reindex-blocks"),
        ("alter table t add constraint u unique (a)", "unique-blocks-all"),
        ("alter table t add column a int unique", "unique-blocks-all"),
        ("create index concurrently i on t (a)", "not-in-transaction"),
        ("vacuum t", "not-in-transaction"),
        ("alter table t add constraint c check (a > 0)", "check-scans-table"),
        ("alter table t add foreign key (a) references s (b)", "foreign-key-scans-table"),
        ("alter table t add exclude using gist (r with &&)", "exclusion-blocks-all"),
        ("alter table t alter a set not null", "not-null-scans-table"),
        (
            "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c",
            "validate-under-lock",
        ),
        ("create domain d as int check (value > 0)", "domain-constraint"),
        ("alter domain d add constraint c check (value > 0)", "domain-constraint"),
        ("alter table t add column a int not null", "required-column"),
        ("alter table t add column a uuid default gen_random_uuid()", "column-rewrites-table"),
        ("alter table t add column a int generated always as (b + 1) stored", "column-rewrites-table"),
        ("alter table t alter column a type bigint", "type-rewrites-table"),
        ("create table t (id int primary key)", "small-key-added"),
        ("create table t (id bigserial)", "serial-added"),
        ("create table t (a char(3))", "padded-text"),
        ("create table t (a timestamp)", "time-without-zone"),
        ("alter table t rename column a to b", "rename-column"),
        ("alter table t rename to u", "rename-table"),
        ("alter table t drop column a", "drop-column"),
        ("drop table t", "drop-table"),
        ("drop schema s", "drop-database"),
        ("alter table t alter a drop not null", "drop-not-null"),
        ("truncate t cascade", "truncate"),
        ("update t set a = 1", "every-row-written"),
        ("delete from t", "every-row-written"),
        ("alter table t add column a int; update t set a = 1 where b", "rows-under-lock"),
        ("update t set a = 1, a = 2 where b", "column-set-twice"),
        ("alter table t disable trigger all", "checks-off"),
        ("set session_replication_role = replica", "checks-off"),
        ("grant select on t to public", "grant-to-public"),
        ("lock table t", "table-locked-by-hand"),
        ("-- plain\nbegin; select 1", "transaction-left-open"),
        ("vacuum full t", "table-written-anew"),
        ("alter table t set unlogged", "table-written-anew"),
        ("refresh materialized view v", "refresh-blocks-readers"),
        ("alter table t detach partition p", "detach-blocks"),
        ("alter table t attach partition p for values in (1)", "attach-scans-table"),
        ("alter table t add a int; alter table u add a int", "many-tables-locked"),
        ("set lock_timeout = 0", "lock-timeout-off"),
        ("alter type e add value 'x'", "enum-value-order"),
        ("alter type e add value 'x' after 'y'; update t set a = 'x' where b", "enum-value-used-at-once"),
        ("-- plain\ncreate table t (a text); select 1", "not-repeatable"),
    ] {
        assert!(
            ids(EngineKind::Postgres, sql).contains(&rule),
            "{sql}: {:?}",
            ids(EngineKind::Postgres, sql)
        );
    }
    for sql in [
        "-- plain\ncreate index concurrently if not exists i on t (a)",
        "create table t (id bigint generated always as identity primary key, a text, b timestamptz default now()); create index i on t (a); alter table t add constraint c check (a <> '')",
        "alter table t add constraint c check (a > 0) not valid",
        "alter table t validate constraint c",
        "alter table t add constraint u unique using index i",
        "alter table t add column a bigint not null default 0",
        "alter table t add column a timestamptz default now()",
        "update t set a = 1, b = 2 where c",
        "-- plain\nbegin; select 1; commit",
        "insert into t values (1)",
        "create view v as select 1",
        "create materialized view v as select 1 as a with no data; create index i on v (a); refresh materialized view v",
    ] {
        assert_eq!(ids(EngineKind::Postgres, sql), Vec::<&str>::new(), "{sql}");
    }
}

#[test]
fn mysql_and_mariadb() {
    for engine in [EngineKind::Mysql, EngineKind::Mariadb] {
        for (sql, rule) in [
            ("alter table t modify a bigint", "table-copied"),
            ("alter table t convert to character set utf8mb4", "table-copied"),
            ("alter table t drop primary key", "table-copied"),
            ("alter table t add column b int generated always as (a) stored", "table-copied"),
            ("alter table t add primary key (a)", "table-rebuilt"),
            ("alter table t engine = innodb", "table-rebuilt"),
            ("alter table t add fulltext (a)", "writes-blocked"),
            ("create spatial index i on t (a)", "writes-blocked"),
            ("alter table t add id bigint auto_increment primary key", "writes-blocked"),
            ("alter table t add constraint f foreign key (a) references s (b)", "foreign-key-copies-table"),
            ("optimize table t", "optimize-blocks"),
            ("alter table t add a int not null", "required-column"),
            ("rename table t to u", "rename-table"),
            ("alter table t drop partition p1", "drop-partition"),
            ("set foreign_key_checks = 0", "checks-off"),
            ("create table t (id int auto_increment primary key)", "small-key-added"),
            ("lock tables t write", "table-locked-by-hand"),
        ] {
            assert!(ids(engine, sql).contains(&rule), "{sql}: {:?}", ids(engine, sql));
        }
        for sql in [
            "alter table t add index i (a)",
            "alter table t add column a int",
            "alter table t drop primary key, add primary key (b), algorithm=inplace",
            "create table t (id bigint auto_increment primary key); alter table t modify a bigint",
        ] {
            let bad: Vec<_> = ids(engine, sql).into_iter().filter(|id| *id != "table-rebuilt").collect();
            assert_eq!(bad, Vec::<&str>::new(), "{sql}");
        }
    }
}

#[test]
fn sqlite() {
    for (sql, rule) in [
        ("alter table t add column a int unique", "add-column-refused"),
        ("alter table t add column a text default current_timestamp", "add-column-refused"),
        ("alter table t add column a text not null", "required-column"),
        (
            "alter table t rename to old; create table t (a); insert into t select a from old; drop table old",
            "rename-takes-references-along",
        ),
        ("pragma foreign_keys = off", "pragma-without-effect"),
        ("vacuum", "not-in-transaction"),
        ("create index i on t (a)", "index-holds-database"),
    ] {
        assert!(ids(EngineKind::Sqlite, sql).contains(&rule), "{sql}: {:?}", ids(EngineKind::Sqlite, sql));
    }
    for sql in [
        "create table t_new (a int); insert into t_new select a from t; drop table t; alter table t_new rename to t",
        "alter table t add column a text default 'x'",
        "alter table t add column a int default (1)",
    ] {
        assert_eq!(ids(EngineKind::Sqlite, sql), Vec::<&str>::new(), "{sql}");
    }
}

fn catalog(engine: EngineKind, bytes: u64) -> Catalog {
    let mut catalog = Catalog::empty(engine);
    catalog.default_schema = if engine == EngineKind::Postgres { "public".into() } else { String::new() };
    let column = |name: &str, ty: &str| Column {
        name: name.into(),
        ty: ty.into(),
        nullable: true,
        ..Column::default()
    };
    let index = Index {
        name: "by_b".into(),
        keys: vec![IndexKey { column: Some("b".into()), ..IndexKey::default() }],
        ..Index::default()
    };
    let table = Table {
        columns: vec![column("a", "varchar(20)"), column("b", "int")],
        indexes: vec![index],
        rows: Some(bytes / 100),
        bytes: Some(bytes),
        ..Table::default()
    };
    catalog.objects.push(Object::new(Name::new(catalog.default_schema.clone(), "t"), Detail::Table(table)));
    catalog
}

#[test]
fn sizes_are_told_and_small_tables_do_little_harm() {
    let large = catalog(EngineKind::Postgres, 44 << 30);
    let hit = &found(EngineKind::Postgres, "create index i on public.t (a)", Some(&large))[0];
    assert_eq!(hit.severity, Severity::High);
    assert!(hit.evidence.ends_with("(44 GiB, about 472,446,402 rows: about 8 min)"), "{}", hit.evidence);
    assert_eq!(
        hit.fix.sql.as_deref(),
        Some("-- dbwright: no-transaction\ncreate index CONCURRENTLY i on public.t (a);")
    );
    let small = catalog(EngineKind::Postgres, 8192);
    assert_eq!(
        found(EngineKind::Postgres, "create index i on t (a)", Some(&small))[0].severity,
        Severity::Info
    );
}

#[test]
fn what_the_database_holds_decides() {
    let postgres = catalog(EngineKind::Postgres, 1 << 30);
    assert!(found(EngineKind::Postgres, "alter table t alter a type text", Some(&postgres)).is_empty());
    assert!(!found(EngineKind::Postgres, "alter table t alter b type bigint", Some(&postgres)).is_empty());
    let mysql = catalog(EngineKind::Mysql, 1 << 30);
    let rules = |sql: &str| -> Vec<&str> {
        found(EngineKind::Mysql, sql, Some(&mysql)).into_iter().map(|each| each.rule).collect()
    };
    assert!(!rules("alter table t modify a varchar(40)").contains(&"table-copied"));
    assert!(rules("alter table t modify a varchar(40) not null").contains(&"table-rebuilt"));
    let sqlite = catalog(EngineKind::Sqlite, 1 << 30);
    let rules = |sql: &str| -> Vec<&str> {
        found(EngineKind::Sqlite, sql, Some(&sqlite)).into_iter().map(|each| each.rule).collect()
    };
    assert!(rules("alter table t drop column b").contains(&"drop-column-refused"));
    assert!(!rules("drop index by_b; alter table t drop column b").contains(&"drop-column-refused"));
    let rebuild =
        "create table n (a, b); insert into n select a, b from t; drop table t; alter table n rename to t";
    assert!(rules(rebuild).contains(&"rebuild-forgets"));
    assert!(!rules(&format!("{rebuild}; create index by_b on t (b)")).contains(&"rebuild-forgets"));
}

#[test]
fn older_servers_do_less() {
    let mut old = ground(EngineKind::Postgres, None);
    old.version = Some(100_023);
    let script = script("alter table t add column a int default 0", &old);
    let rules: Vec<&str> = check(std::slice::from_ref(&script), &old, |each| !each.opt_in)
        .iter()
        .map(|each| each.rule)
        .collect();
    assert_eq!(rules, ["column-rewrites-table"]);
    old.version = None;
    assert!(check(&[script], &old, |each| !each.opt_in).is_empty());
}

#[test]
fn broken_text_is_no_fault_of_ours() {
    for sql in [
        "alter table",
        "alter table t add",
        "create index",
        "update",
        "alter table t add constraint",
        "(((",
        "create table t (",
        "with x as (",
        "drop table",
        "set",
        "alter table t alter",
    ] {
        for engine in EngineKind::ALL {
            let _ = found(engine, sql, None);
        }
    }
}
