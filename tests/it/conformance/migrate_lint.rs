//! `migrate lint`: what it says is what the servers do, and what stands in a file or the profile is
//! heeded.

use dbwright::engine::Session;
use serde_json::Value;

use super::migrate::{done, migrate, write};
use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_server, one, rows, try_rows};

on_every_server!(
    pending_migrations_are_looked_at,
    comments_allow_what_they_name,
    the_rules_say_what_the_server_does,
);

fn lint(bed: &Bed, arguments: &[&str]) -> Ran {
    Ran::of(&mut migrate(bed, "lint", arguments))
}

/// `rule place severity` of each finding.
#[track_caller]
fn found(bed: &Bed, arguments: &[&str]) -> Vec<String> {
    let ran = lint(bed, &[arguments, &["--json"]].concat());
    let document: Value =
        serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran}"));
    let told = |each: &Value| {
        let word = |key: &str| each[key].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {}:{} {}",
            word("rule"),
            each["place"]["path"].as_str().unwrap_or_default(),
            each["place"]["line"],
            word("severity")
        )
    };
    document["findings"].as_array().unwrap().iter().map(told).collect()
}

fn pending_migrations_are_looked_at(bed: &Bed) {
    write(
        bed,
        "1_film.sql",
        "create table film (id bigint not null primary key, note varchar(20));\ninsert into film (id) values (1);\n",
    );
    done(bed, "up", &[]);
    write(
        bed,
        "2_more.sql",
        "create table more (id bigint not null primary key);\nalter table more add code int not null;\n",
    );
    assert_eq!(found(bed, &[]), Vec::<String>::new(), "a new table is nobody's");
    write(
        bed,
        "3_code.sql",
        "-- what comes\nalter table film add code int not null;\nalter table film drop column note;\n",
    );
    let all = found(bed, &[]);
    let required = bed.server.pick("high", "high", "medium");
    assert!(all.contains(&format!("required-column migrations/3_code.sql:2 {required}")), "{all:?}");
    assert!(all.contains(&"drop-column migrations/3_code.sql:3 medium".to_owned()), "{all:?}");
    let ran = lint(bed, &[]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.out().contains("migrations/3_code.sql:3"), "{ran}");
    assert_eq!(lint(bed, &["--level", "critical"]).code(), 0);
    assert_eq!(found(bed, &["--rule", "drop-column"]).len(), 1);
    assert_eq!(found(bed, &["--from", "3", "--all"]).len(), all.len());
    let wrong = lint(bed, &["--rule", "drop-colum"]);
    assert!(wrong.code() == 2 && wrong.stderr.contains("drop-column"), "{wrong}");
    let files = Ran::of(&mut bed.sandbox.command([
        "migrate",
        "lint",
        "--engine",
        "postgres",
        "--server-version",
        "15",
        "--format",
        "github",
    ]));
    assert!(
        files.code() == 1 && files.out().contains("::warning file=migrations/3_code.sql,line=3"),
        "{files}"
    );
}

fn comments_allow_what_they_name(bed: &Bed) {
    write(bed, "1_film.sql", "create table film (id bigint not null primary key, a int, b int, c int);\n");
    done(bed, "up", &[]);
    write(
        bed,
        "2_less.sql",
        "-- dbwright: allow drop-column nobody reads a\nalter table film drop column a;\n\
         alter table film drop column b;\n-- squawk-ignore ban-drop-column\nalter table film drop column c;\n\
         -- dbwright: allow drop-table there is none\n",
    );
    assert_eq!(found(bed, &[]), ["drop-column migrations/2_less.sql:3 medium"]);
    let ran = lint(bed, &["--show-waived"]);
    assert!(ran.out().contains("nobody reads a") && ran.out().contains("migrations/2_less.sql:1"), "{ran}");
    assert!(ran.stderr.contains("migrations/2_less.sql:6: nothing is here to allow: drop-table"), "{ran}");
    write(
        bed,
        "2_less.sql",
        "-- dbwright: allow-in-file drop-column all of it was moved\nalter table film drop column a;\nalter table film drop column b;\n",
    );
    assert_eq!(lint(bed, &[]).code(), 0);
    done(bed, "up", &["--dry-run"]);
    write(
        bed,
        "2_less.sql",
        "-- dbwright: allow drop-colum nobody reads it\nalter table film drop column a;\n",
    );
    let wrong = lint(bed, &[]);
    assert!(wrong.code() == 2 && wrong.stderr.contains("migrations/2_less.sql:1"), "{wrong}");
    assert!(wrong.stderr.contains("did you mean `drop-column`"), "{wrong}");
}

/// What findings claim, seen on the server itself.
fn the_rules_say_what_the_server_does(bed: &Bed) {
    match bed.server.family() {
        Family::Postgres => postgres(bed),
        Family::Mysql => mysql(bed),
        Family::Sqlite => sqlite(bed),
    }
}

fn rules(bed: &Bed, sql: &str) -> Vec<String> {
    write(bed, "9_now.sql", &format!("{sql};\n"));
    found(bed, &[]).iter().map(|each| each.split(' ').next().unwrap_or_default().to_owned()).collect()
}

/// The lock that a statement takes, and whether it writes the table anew.
fn effect(session: &mut dyn Session, sql: &str) -> (String, bool) {
    const FILE: &str = "select pg_relation_filenode('t')";
    let before = one(session, FILE);
    rows(session, "begin");
    rows(session, sql);
    let lock = one(
        session,
        "select coalesce((select mode from pg_locks, \
         unnest(array['ShareLock', 'ShareRowExclusiveLock', 'AccessExclusiveLock']) with ordinality as l (name, nth) \
         where relation = 't'::regclass and pid = pg_backend_pid() and mode = name order by nth desc limit 1), 'none')",
    );
    let after = one(session, FILE);
    rows(session, "rollback");
    (lock, before != after)
}

fn postgres(bed: &Bed) {
    let mut session = bed.open();
    let session = session.as_mut();
    rows(session, "create table p (id int primary key)");
    rows(session, "create table t (id int not null, a varchar(20), n numeric(10,2), x int)");
    rows(session, "insert into t select 1, 'x', 1, 1");
    rows(session, "create index t_x on t (x)");
    const ANEW: &[&str] = &["column-rewrites-table", "type-rewrites-table", "table-written-anew"];
    for (sql, rule, lock) in [
        ("create index i on t (a)", "index-blocks-writes", "ShareLock"),
        ("drop index t_x", "drop-index-blocks", "AccessExclusiveLock"),
        ("reindex table t", "reindex-blocks", "ShareLock"),
        ("alter table t add unique (a)", "unique-blocks-all", "AccessExclusiveLock"),
        ("alter table t add check (id > 0)", "check-scans-table", "AccessExclusiveLock"),
        ("alter table t add foreign key (x) references p (id) not valid", "", "ShareRowExclusiveLock"),
        ("alter table t alter x set not null", "not-null-scans-table", "AccessExclusiveLock"),
        (
            "alter table t add u uuid default gen_random_uuid()",
            "column-rewrites-table",
            "AccessExclusiveLock",
        ),
        (
            "alter table t add g int generated always as (id + 1) stored",
            "column-rewrites-table",
            "AccessExclusiveLock",
        ),
        ("alter table t add k bigserial", "column-rewrites-table", "AccessExclusiveLock"),
        ("alter table t add d timestamptz default now()", "", "AccessExclusiveLock"),
        ("alter table t alter id type bigint", "type-rewrites-table", "AccessExclusiveLock"),
        ("alter table t alter a type varchar(30)", "", "AccessExclusiveLock"),
        ("alter table t alter a type text", "", "AccessExclusiveLock"),
        ("alter table t alter n type numeric(12,2)", "", "AccessExclusiveLock"),
        ("alter table t alter n type numeric(12,3)", "type-rewrites-table", "AccessExclusiveLock"),
        ("alter table t set unlogged", "table-written-anew", "AccessExclusiveLock"),
    ] {
        let (taken, anew) = effect(session, sql);
        assert_eq!(taken, lock, "{sql}");
        let rules = rules(bed, sql);
        assert!(rule.is_empty() || rules.iter().any(|each| each == rule), "{sql}: {rules:?}");
        let says_anew = rules.iter().any(|each| ANEW.contains(&each.as_str()));
        assert_eq!(says_anew, anew, "{sql}: {rules:?}");
    }
    let required = try_rows(session, "alter table t add r int not null", &[]);
    assert!(
        required.is_err()
            && rules(bed, "alter table t add r int not null").contains(&"required-column".to_owned())
    );
}

fn mysql(bed: &Bed) {
    let mut session = bed.open();
    let session = session.as_mut();
    rows(session, "create table p (id int primary key)");
    rows(
        session,
        "create table t (id int not null primary key, a varchar(20), x int, e enum('a','b'), note text) engine=innodb",
    );
    rows(session, "insert into t (id, a, x) values (1, 'x', null)");
    // Whether the server does it in place, with others writing.
    let can = |session: &mut dyn Session, sql: &str, how: &str| {
        rows(session, "drop table if exists u");
        rows(session, "create table u like t");
        rows(session, "insert into u select * from t");
        let sql = sql.replacen("table t ", "table u ", 1);
        try_rows(session, &format!("{sql}, {how}"), &[]).is_ok()
    };
    for (sql, in_place) in [
        ("alter table t modify x bigint", false),
        ("alter table t modify a varchar(40)", true),
        ("alter table t modify a varchar(300)", bed.server == Server::Mariadb),
        ("alter table t modify a varchar(10)", false),
        ("alter table t modify e enum('a','b','c')", true),
        ("alter table t modify e enum('b','a')", false),
        ("alter table t drop primary key", false),
        ("alter table t drop primary key, add primary key (id)", true),
        ("alter table t add column g int generated always as (x + 1) stored", false),
        ("alter table t add column v int generated always as (x + 1) virtual", true),
        ("alter table t add column c int", true),
        ("alter table t drop column x", true),
        ("alter table t convert to character set utf16", false),
        ("alter table t add index i (a)", true),
    ] {
        let rules = rules(bed, sql);
        let says_copy = rules.iter().any(|each| each == "table-copied");
        assert_eq!(can(session, sql, "algorithm=inplace"), in_place, "{sql}");
        assert_eq!(!says_copy, in_place, "{sql}: {rules:?}");
    }
    for (sql, beside) in [
        ("alter table t add fulltext f (note)", false),
        ("alter table t add index i (a)", true),
        ("alter table t add column c int first", true),
    ] {
        let rules = rules(bed, sql);
        let says_blocked = rules.iter().any(|each| each == "writes-blocked");
        assert_eq!(can(session, sql, "lock=none"), beside, "{sql}");
        assert_eq!(!says_blocked, beside, "{sql}: {rules:?}");
    }
    rows(session, "set foreign_key_checks = 1");
    let key = "alter table t add constraint f foreign key (x) references p (id)";
    assert!(!can(session, key, "algorithm=inplace"));
    assert!(rules(bed, key).contains(&"foreign-key-copies-table".to_owned()));
}

fn sqlite(bed: &Bed) {
    let mut session = bed.open();
    let session = session.as_mut();
    rows(session, "create table t (id integer primary key, a text, b int, u int unique)");
    rows(session, "create index t_b on t (b)");
    rows(session, "insert into t values (1, 'x', 1, 1)");
    const REFUSED: &[&str] = &["add-column-refused", "drop-column-refused", "required-column"];
    for sql in [
        "alter table t add column c int unique",
        "alter table t add column c integer primary key",
        "alter table t add column c text default current_timestamp",
        "alter table t add column c int default (1 + 1)",
        "alter table t add column c int default (random())",
        "alter table t add column c int default (1)",
        "alter table t add column c int default -1",
        "alter table t add column c int not null",
        "alter table t add column c int not null default 1",
        "alter table t add column c int generated always as (b + 1) stored",
        "alter table t add column c int generated always as (b + 1) virtual",
        "alter table t drop column a",
        "alter table t drop column b",
        "alter table t drop column u",
    ] {
        rows(session, "begin");
        let refused = try_rows(session, sql, &[]).is_err();
        rows(session, "rollback");
        let rules = rules(bed, sql);
        let says_refused = rules.iter().any(|each| REFUSED.contains(&each.as_str()));
        assert_eq!(says_refused, refused, "{sql}: {rules:?}");
    }
}
