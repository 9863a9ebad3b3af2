//! Plans that turn one database of MySQL or MariaDB into another.

mod names;

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::diff::diff;
use dbwright::model::plan::{ChangeOptions, Plan};

use super::schema_mysql::{fill, load_sample, on_mysql_and_mariadb};
use crate::servers::{Bed, Server, one, rows};

on_mysql_and_mariadb!(
    columns_change,
    letters_change,
    computed_columns_change,
    defaults_of_their_own,
    keys_and_checks_change,
    lists_of_view_columns_change,
    foreign_keys_are_no_hindrance,
    partitions_change,
    options_change,
    programs_change,
    definers_and_rights_stay,
    losses_are_found,
    losses_are_found_by_inner_checks,
    losses_are_found_by_letters,
    locks_are_told,
    samples_become_each_other,
);

fn catalog(session: &mut dyn Session) -> Catalog {
    session.catalog(Scope::default()).unwrap()
}

/// Runs statements that end with a line of their own.
#[track_caller]
fn load(session: &mut dyn Session, script: &str) {
    for sql in script.split(";\n").map(str::trim).filter(|sql| !sql.is_empty()) {
        session.execute(sql.trim_end_matches(';'), &[]).unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
    }
}

#[track_caller]
fn run(session: &mut dyn Session, plan: &Plan) {
    for step in &plan.steps {
        for probe in step.loses.iter().filter_map(|loss| loss.probe.as_ref()) {
            crate::servers::try_rows(session, probe, &[])
                .unwrap_or_else(|error| panic!("{probe}\n{error:?}"));
        }
        for sql in &step.sql {
            session
                .execute(sql, &[])
                .unwrap_or_else(|error| panic!("{sql}\n{error:?}\nof\n{}", script(plan)));
        }
    }
}

fn script(plan: &Plan) -> String {
    let steps =
        plan.steps.iter().map(|step| format!("-- {} {}\n{}", step.kind, step.object, step.sql.join(";\n")));
    steps.collect::<Vec<_>>().join("\n")
}

fn plan(from: &Catalog, to: &Catalog, options: ChangeOptions) -> Plan {
    engine_for(from.engine).ddl().change(from, to, &diff(from, to), options)
}

/// A catalog without what no diff tells: the order of indexes and constraints, and the texts.
fn told(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    for object in &mut catalog.objects {
        object.depends_on.clear();
        if let dbwright::model::catalog::Detail::Table(table) = &mut object.detail {
            object.definition = None;
            table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            table.constraints.sort_by_key(|each| (each.name.clone(), format!("{:?}", each.kind)));
        }
    }
    catalog
}

/// Turns `a` into `b` and back, by plans that leave nothing.
#[track_caller]
fn there_and_back(a: &mut dyn Session, b: &Catalog, options: ChangeOptions) -> Plan {
    let before = catalog(a);
    let there = plan(&before, b, options);
    assert_eq!(there.left, [], "{}", script(&there));
    run(a, &there);
    let after = catalog(a);
    assert_eq!(diff(&after, b), [], "after\n{}", script(&there));
    let back = plan(&after, &before, options);
    assert_eq!(back.left, []);
    run(a, &back);
    let again = catalog(a);
    assert_eq!(diff(&again, &before), [], "after\n{}\nand\n{}", script(&there), script(&back));
    assert_eq!(told(&again), told(&before), "after\n{}\nand\n{}", script(&there), script(&back));
    there
}

/// Loads two schemas, and turns one into the other and back, in both ways of working.
#[track_caller]
fn change(bed: &Bed, from: &str, to: &str) -> Plan {
    let other = Bed::new(bed.server, "other");
    let mut session = other.open();
    load(&mut *session, to);
    let to = catalog(&mut *session);
    let mut plans = [false, true].map(|online| {
        let own = Bed::new(bed.server, "own");
        let mut session = own.open();
        load(&mut *session, from);
        there_and_back(&mut *session, &to, ChangeOptions { online, ..ChangeOptions::default() })
    });
    std::mem::take(&mut plans[0])
}

fn columns_change(bed: &Bed) {
    let plan = change(
        bed,
        "create table t (id int not null primary key, a int, b varchar(20), c text, e enum('a','b'), key kb (b));
         insert into t values (1, 2, 'x', 'long', 'a');\n",
        "create table t (z int not null default 5, c text, id bigint not null primary key auto_increment, b varchar(40) not null comment 'it''s', e enum('a','b','c'), d datetime(3) default current_timestamp(3), key kb (b, z));\n",
    );
    assert_eq!(plan.steps.len(), 3, "{}", script(&plan));
    let from = "create table t (a int);\ninsert into t values (1);\n";
    change(bed, from, "create table t (a int, d date not null, e datetime(3) not null);\n");
    // A length that needs another byte.
    let from = "create table t (a varchar(40), b varchar(31), c varchar(20)) charset utf8mb4;\n";
    change(bed, from, "create table t (a varchar(64), b varchar(90), c varchar(60)) charset utf8mb4;\n");
    // Without a primary key the unique one counts beside a computed column.
    let from = "create table t (a int, g int as (a + 1) virtual, unique key k (a));\n";
    change(bed, from, "create table t (a int);\n");
    // MySQL would keep a prefix of one letter in the keys, and refuse the foreign key.
    let from = "create table t (a enum('text 0','b') not null primary key, k int, key b (k, a)) charset=latin1;\ninsert into t values ('b', 1);\n";
    let to = "create table t (a varchar(40) not null primary key, k int, r varchar(40), key b (k, a), key r (r), foreign key (r) references t (a)) charset=latin1;\n";
    change(bed, from, to);
    // A date cannot be asked what its text will be.
    let from = "create table t (a date);\ninsert into t values ('2020-02-29');\n";
    change(bed, from, "create table t (a varchar(40), constraint ck check (a <> '1'));\n");
}

/// The character set of a table is that of its columns that name none.
fn letters_change(bed: &Bed) {
    change(
        bed,
        "create table t (a varchar(20), b varchar(20) character set utf8mb4, c text, e enum('x','y'), n int, key (a)) default charset=latin1 collate=latin1_german2_ci;
         insert into t values ('ä', 'ö', 'ü', 'x', 1);\n",
        "create table t (a varchar(20), b varchar(20) character set latin1 collate latin1_german2_ci, c text, e enum('x','y'), n int, key (a)) default charset=utf8mb4 collate=utf8mb4_bin;\n",
    );
}

fn computed_columns_change(bed: &Bed) {
    change(
        bed,
        "create table t (a int, b int, gone int, g int as (a + 1) virtual, h int as (g * 2) virtual, s int as (b + gone) stored, p int, key kg (g), key ks (s), constraint ck check (g > 0), constraint cp check (p < 100));
         insert into t (a, b, gone, p) values (5, 6, 7, 8);\n",
        "create table t (g int as (a + 1) stored, a int, b int, h int as (g * 3) stored, s int as (b + 1) stored, p int as (a * 2) virtual, d int default (a + 1), key kg (g), key ks (s, a), constraint ck check (g > 0), constraint cp check (p < 100));\n",
    );
}

/// Rows that are there get values too, each its own.
fn defaults_of_their_own(bed: &Bed) {
    let from = "create table t (a int);\ninsert into t values (1), (2);\n";
    let to = "create table t (u varchar(40) not null default (uuid()), a int, r double default (rand()));\n";
    change(bed, from, to);
    let other = Bed::new(bed.server, "other");
    let mut second = other.open();
    load(&mut *second, to);
    let mut session = bed.open();
    load(&mut *session, from);
    let there = plan(&catalog(&mut *session), &catalog(&mut *second), ChangeOptions::default());
    run(&mut *session, &there);
    assert_eq!(one(&mut *session, "select count(distinct u) from t where r is not null"), "2");
}

fn keys_and_checks_change(bed: &Bed) {
    let mysql = bed.server == Server::Mysql;
    let (unseen, functional) = if mysql { ("invisible", "key f ((a + b)),") } else { ("ignored", "") };
    let (srid, loose) =
        if mysql { ("not null srid 4326", "not enforced") } else { ("ref_system_id=4326 not null", "") };
    let changed = if mysql { "key f ((a * b) desc)," } else { "" };
    let (from, to) = (
        format!(
            "create table t (id int not null, a int, b int, v varchar(100), x text, p point {srid}, primary key (id), key old_name (a, b desc), key v (v(10)), {functional} fulltext key words (x), spatial key place (p), key seen (b), unique key u (a, v), constraint one check (a > 0), constraint two check (b > 0));
             create table other (a int, constraint three check (a > 1));\n"
        ),
        format!(
            "create table t (id int not null auto_increment, a int, b int, v varchar(100), x text, p point {srid}, primary key (id, a), key new_name (a, b desc), key v (v(20)), {changed} fulltext key words (x, v), key seen (b) {unseen}, unique key u (v), key commented (a) comment 'it''s', constraint one check (a > 5), constraint three check (b > 1) {loose});
             create table other (a int, constraint two check (a > 1));\n"
        ),
    );
    let plan = change(bed, &from, &to);
    assert!(script(&plan).contains("RENAME INDEX `old_name` TO `new_name`"), "{}", script(&plan));
    if mysql {
        let from = "create table t (x text, fulltext key f (x));\n";
        change(bed, from, "create table t (x text, fulltext key f (x) with parser ngram);\n");
    }
}

/// MySQL keeps the list apart from the query.
fn lists_of_view_columns_change(bed: &Bed) {
    let view = |names: &str| {
        format!("create table t (a int, b int);\ncreate view w ({names}) as select a, b from t;\n")
    };
    change(bed, &view("x, y"), &view("x, z"));
}

fn foreign_keys_are_no_hindrance(bed: &Bed) {
    let plan = change(
        bed,
        "create table parent (id int primary key, code varchar(10) not null, unique key by_code (code));
         create table child (id int primary key, parent_id int, code varchar(10), me int, constraint f1 foreign key (parent_id) references parent (id) on delete cascade, constraint f2 foreign key (code) references parent (code), constraint f3 foreign key (me) references child (id));
         create table gone_a (id int primary key, b int);
         create table gone_b (id int primary key, a int, constraint b_a foreign key (a) references gone_a (id));
         alter table gone_a add constraint a_b foreign key (b) references gone_b (id);
         insert into parent values (1, 'x');
         insert into child values (1, 1, 'x', 1);\n",
        "create table parent (id bigint primary key, code varchar(20) not null, unique key by_code (code));
         create table child (id int primary key, parent_id bigint, code varchar(20), me int, n int, constraint f1 foreign key (parent_id) references parent (id) on delete set null, constraint f2 foreign key (code) references parent (code), constraint f3 foreign key (me) references child (id), key f3_too (me, n));
         create table new_a (id int primary key, b int, constraint na foreign key (id) references child (id));
         create table new_b (id int primary key, a int, constraint nb_a foreign key (a) references new_a (id));
         alter table new_a add constraint na_b foreign key (b) references new_b (id);\n",
    );
    let why: Vec<&str> =
        plan.steps.iter().map(|step| step.why.as_str()).filter(|why| !why.is_empty()).collect();
    assert!(why.contains(&"column child.code changes"), "{why:?}\n{}", script(&plan));
}

fn partitions_change(bed: &Bed) {
    let table =
        |partitions: &str| format!("create table t (id int not null, at date, key (id)) {partitions};\n");
    let rows = "insert into t values (1, '2020-01-01'), (15, '2021-01-01');\n";
    let range = |bounds: &[&str]| {
        let each = bounds.iter().map(|bound| format!("partition p{bound} values less than ({bound})"));
        format!("partition by range (id) ({})", each.collect::<Vec<_>>().join(", "))
    };
    let cases = [
        (String::new(), range(&["10", "20"]), "PARTITION BY"),
        (range(&["10", "20"]), range(&["10", "20", "30"]), "ADD PARTITION"),
        (range(&["10", "20", "30"]), range(&["10", "20"]), "DROP PARTITION"),
        (range(&["10", "20"]), range(&["5", "10", "20"]), "REORGANIZE PARTITION"),
        (range(&["5", "10", "20"]), range(&["7", "20"]), "REORGANIZE PARTITION"),
        (
            "partition by hash (id) partitions 2".into(),
            "partition by hash (id) partitions 3".into(),
            "PARTITION BY",
        ),
        (
            "partition by list (id) (partition a values in (1, 15))".into(),
            "partition by key (id)".into(),
            "PARTITION BY",
        ),
        (range(&["10", "20"]), String::new(), "REMOVE PARTITIONING"),
    ];
    for (from, to, how) in cases {
        let plan = change(bed, &(table(&from) + rows), &table(&to));
        assert!(script(&plan).contains(how), "{}", script(&plan));
    }
}

fn options_change(bed: &Bed) {
    change(
        bed,
        "create table t (a int, b varchar(10)) comment 'it''s \\\\ \"old\"';
         create table u (a int) row_format=compressed key_block_size=8 stats_persistent=1 stats_auto_recalc=0 stats_sample_pages=30;
         create table v (a int, key (a)) engine=MyISAM pack_keys=1 checksum=1 delay_key_write=1 max_rows=1000 min_rows=10 avg_row_length=50;\n",
        "create table t (a int, b varchar(10)) engine=MyISAM max_rows=5;
         create table u (a int) comment '';
         create table v (a int, key (a));\n",
    );
    if bed.server == Server::Mariadb {
        change(
            bed,
            "create table t (a int, b int) with system versioning;
             create table u (a int, b int);
             create table w (a int, b int);
             create table p (id int, s date, e date, period for valid (s, e));
             create sequence numbers start with 5 increment by 2;
             create sequence gone;\n",
            "create table t (b int, c int not null default 3) with system versioning;
             create table u (a int, b int without system versioning) with system versioning;
             create sequence fresh;
             create table w (a int, b int default nextval(`fresh`));
             create table p (id int, s date, e date, period for other (s, e), unique (id, other without overlaps));
             create sequence numbers start with 5 increment by 7 maxvalue 1000 cache 3 cycle;\n",
        );
    }
}

fn programs_change(bed: &Bed) {
    let from = "create table t (a int, b int, c int);
        create table log (what varchar(100));
        create view zero as select a, b from t;
        create view one as select a from zero;
        create algorithm=merge sql security invoker view kept as select * from t;
        create function f(x int) returns int deterministic return x + 1;
        create function g(x int) returns int no sql deterministic comment 'old' return x;
        create procedure p(in x int) begin select x; end;
        create procedure gone() select 1;
        create trigger first before insert on t for each row set new.a = 1;
        create trigger second before insert on t for each row set new.a = new.a + 1;
        create trigger third before insert on t for each row set new.a = new.a * 2;
        create trigger moves after delete on t for each row insert into log values ('t');
        create event e on schedule every 1 hour starts '2035-01-01 00:00:00' comment 'old' do set @a = 1;
        create event gone_e on schedule every 1 hour starts '2035-01-01 00:00:00' do set @a = 1;\n";
    let to = "create table t (a bigint, b int, d int);
        create table log (what varchar(100));
        create function f(x int) returns int deterministic return x + 2;
        create view base as select a, d from t;
        create view zero as select a, d, f(1) as f from base;
        create algorithm=temptable sql security definer view one as select d from zero;
        create algorithm=merge sql security invoker view kept as select a, b, d from t;
        create function g(x int) returns int reads sql data deterministic comment 'it''s new' sql security invoker return x;
        create procedure p(in x int, out y int) begin set y = x; end;
        set session sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
        create procedure fresh() select '\\' as \"q\";
        create trigger moves after delete on log for each row set @x = '\\';
        set session sql_mode = default;
        create trigger first before insert on t for each row set new.a = 1;
        create trigger second before insert on t for each row set new.a = new.a + 7;
        create trigger third before insert on t for each row set new.a = new.a * 2;
        create trigger fourth before update on t for each row set new.a = 9;
        set time_zone = '+05:30';
        create event e on schedule every 2 hour starts '2035-01-01 00:00:00' disable do set @a = 2;
        set time_zone = default;\n";
    let plan = change(bed, from, to);
    let remade = plan.steps.iter().find(|step| step.object == "trigger third of table t").unwrap();
    assert_eq!(remade.why, "a trigger that runs before it is made again");
    assert!(!plan.steps.iter().any(|step| step.object == "trigger first of table t"));
    assert!(script(&plan).contains("ALTER FUNCTION `g`"), "{}", script(&plan));
    if bed.server == Server::Mariadb {
        let package = |number: u8| {
            format!(
                "set sql_mode = oracle;
                 create package tools as function twice(a int) return int; end;
                 create package body tools as function twice(a int) return int as begin return a * {number}; end; end;
                 set sql_mode = default;\n"
            )
        };
        change(bed, &package(2), &package(3));
        change(bed, "", &package(3));
    }
}

/// What is made again works for whom it worked before, and whoever might use it still may.
fn definers_and_rights_stay(bed: &Bed) {
    let mut session = bed.open();
    let user = format!("h{}_{}", std::process::id(), bed.database.len());
    let account = format!("'{user}'@'%'");
    load(&mut *session, &format!("create user {account} identified by 'x'"));
    let of = |number: u8| {
        format!(
            "create table t (a int);
             create definer={account} view v as select {number} as n;
             create definer={account} function f() returns int deterministic return {number};
             create definer={account} trigger g before insert on t for each row set new.a = {number};
             create definer={account} event e on schedule every 1 hour starts '2035-01-01 00:00:00' do set @a = {number};\n"
        )
    };
    let wanted = of(2).replace(&format!("definer={account} "), "");
    load(&mut *session, &of(1));
    load(&mut *session, &format!("grant execute on function `{}`.f to {account}", bed.database));
    load(&mut *session, &format!("grant select on `{}`.v to {account}", bed.database));
    let other = Bed::new(bed.server, "other");
    let mut second = other.open();
    load(&mut *second, &wanted);
    load(&mut *second, &format!("grant execute on function `{}`.f to {account}", other.database));
    let rights = Scope { privileges: true, ..Scope::default() };
    let (before, wanted) = (session.catalog(rights).unwrap(), second.catalog(rights).unwrap());
    // Without rights: the definers stay, and that is said.
    let without = |catalog: &Catalog| {
        let mut catalog = catalog.clone();
        for object in &mut catalog.objects {
            (object.owner, object.grants) = (None, Vec::new());
        }
        catalog
    };
    let there = plan(&without(&before), &without(&wanted), ChangeOptions::default());
    let refused = there.steps.iter().find(|step| step.object == "function f").unwrap();
    let probe = refused.loses.first().map(|loss| loss.probe.clone().unwrap());
    match bed.server {
        Server::Mysql => assert_eq!(rows(&mut *session, &probe.unwrap()).len(), 1),
        _ => assert_eq!(probe, None),
    }
    run(&mut *session, &there);
    let now = session.catalog(rights).unwrap();
    let owner = |catalog: &Catalog, name: &str| {
        let found = catalog.objects.iter().find(|object| object.name.name == name);
        found.unwrap().owner.clone().unwrap()
    };
    for name in ["v", "f", "e"] {
        assert_eq!(owner(&now, name), format!("{user}@%"), "{name}");
    }
    assert_eq!(
        one(
            &mut *session,
            "select n from information_schema.views, (select 2 as n) x where table_schema = database()"
        ),
        "2"
    );
    let definer = "select definer from information_schema.triggers where trigger_schema = database()";
    assert_eq!(one(&mut *session, definer), format!("{user}@%"));
    // With rights: everything is as wanted, and the right on the function comes back.
    let options = ChangeOptions { privileges: true, ..ChangeOptions::default() };
    let there = plan(&now, &wanted, options);
    run(&mut *session, &there);
    let after = session.catalog(rights).unwrap();
    assert_eq!(diff(&after, &wanted), [], "{}", script(&there));
    let function = after.objects.iter().find(|object| object.name.name == "f").unwrap();
    assert!(function.grants.iter().any(|grant| grant.grantee == format!("{user}@%")), "{function:?}");
    load(&mut *session, &format!("drop user {account}"));
}

/// Each probe finds the rows that it is there for, and only those.
fn losses_are_found(bed: &Bed) {
    let from = "create table t (id int primary key, e enum('a','b','c'), s set('x','y'), v varchar(20), n int, d decimal(8,3), at datetime(6), l varchar(10), nn int, gone int, u int, ck int, fk int);
        create table p (id int primary key);
        create table dropped (a int);\n";
    let to = "create table p (id int primary key);
        create table t (id int primary key, e enum('a','c'), s set('x'), v varchar(5), n tinyint unsigned, d decimal(5,1), at datetime(3), l varchar(10) character set latin1, nn int not null, u int, ck int, fk int, unique key (u), constraint c check (ck > 5), constraint f foreign key (fk) references p (id));\n";
    let mut session = bed.open();
    load(&mut *session, from);
    load(&mut *session, "insert into p values (1);\ninsert into t (id, nn) values (1, 1)");
    load(
        &mut *session,
        "insert into t (id, e, s, v, n, d, at, l, nn, u, ck, fk) values (2, 'a', 'x', '12345', 255, 1.5, '2020-01-01 00:00:00.123', 'ä', 0, 1, 6, 1)",
    );
    let other = Bed::new(bed.server, "other");
    let mut second = other.open();
    load(&mut *second, to);
    let there = plan(&catalog(&mut *session), &catalog(&mut *second), ChangeOptions::default());
    let found = |session: &mut dyn Session| -> usize {
        let losses = there.steps.iter().flat_map(|step| &step.loses);
        losses.map(|loss| rows(session, loss.probe.as_ref().unwrap()).len()).sum()
    };
    assert_eq!(found(&mut *session), 0, "{}", script(&there));
    for bad in [
        "e = 'b'",
        "s = 'x,y'",
        "v = '123456'",
        "n = 256",
        "n = -1",
        "d = 1.25",
        "d = 12345",
        "at = '2020-01-01 00:00:00.1234'",
        "l = '日'",
        "nn = null",
        "gone = 0",
        "u = 2",
        "ck = 5",
        "fk = 2",
    ] {
        let column = bad.split(' ').next().unwrap();
        // Two rows are alike, or one is bad.
        load(
            &mut *session,
            &format!("insert into t (id, nn, u) values (3, 1, 2);\nupdate t set {bad} where id = 2"),
        );
        assert_eq!(found(&mut *session), 1, "{bad}\n{}", script(&there));
        let before = if column == "u" {
            "1"
        } else if column == "nn" {
            "0"
        } else {
            "null"
        };
        load(
            &mut *session,
            &format!("update t set {column} = {before} where id = 2;\ndelete from t where id = 3"),
        );
    }
    load(&mut *session, "insert into dropped values (null)");
    assert_eq!(found(&mut *session), 1);
    load(&mut *session, "delete from dropped");
    run(&mut *session, &there);
    assert_eq!(diff(&catalog(&mut *session), &catalog(&mut *second)), []);
    assert_eq!(one(&mut *session, "select count(*) from t"), "2");
}

/// A check in the line of a column is looked for, too; a column that is new has its default.
fn losses_are_found_by_inner_checks(bed: &Bed) {
    let mut session = bed.open();
    load(
        &mut *session,
        "create table t (id int primary key, a int);\ninsert into t values (1, -1), (2, null)",
    );
    for (wanted, found) in [
        ("a int check (a > 0)", 1),
        ("a int check (a > -2)", 0),
        ("a int, b int check (b > 5)", 0),
        ("a int, b int default 6 check (b > 5)", 0),
        ("a int, b int default 5, check (b > a + 5)", 0),
        ("a int, b int default 5 check (b > 5)", 1),
    ] {
        let other = Bed::new(bed.server, "other");
        let mut second = other.open();
        load(&mut *second, &format!("create table t (id int primary key, {wanted})"));
        let there = plan(&catalog(&mut *session), &catalog(&mut *second), ChangeOptions::default());
        let probes = there.steps.iter().flat_map(|step| &step.loses).filter_map(|loss| loss.probe.as_ref());
        let count: usize = probes.map(|probe| rows(&mut *session, probe).len()).sum();
        assert_eq!(count, found, "{wanted}\n{}", script(&there));
    }
}

/// A unique key may find values alike that it told apart.
fn losses_are_found_by_letters(bed: &Bed) {
    let mut session = bed.open();
    let table = |collate: &str| {
        format!(
            "create table t (id int primary key, a varchar(20) {collate}, n int, unique key ua (a, n), unique key up (a(2))) default charset=utf8mb4 collate=utf8mb4_general_ci"
        )
    };
    load(&mut *session, &table("collate utf8mb4_bin"));
    for (values, found) in [
        ("(1, 'x', 1), (2, 'yX', 1), (3, null, 1), (4, null, 1)", 0),
        ("(5, 'X', 2)", 1),
        ("(6, 'Yx', 1)", 2),
    ] {
        load(&mut *session, &format!("insert into t values {values}"));
        for collate in ["", "collate utf8mb4_unicode_ci", "character set latin1"] {
            let other = Bed::new(bed.server, "other");
            let mut second = other.open();
            load(&mut *second, &table(collate));
            let there = plan(&catalog(&mut *session), &catalog(&mut *second), ChangeOptions::default());
            let losses =
                there.steps.iter().flat_map(|step| &step.loses).filter(|loss| loss.what.contains("alike"));
            let probes: Vec<&String> = losses.filter_map(|loss| loss.probe.as_ref()).collect();
            assert_eq!(probes.len(), 2, "{collate}\n{}", script(&there));
            let count: usize = probes.iter().map(|probe| rows(&mut *session, probe).len()).sum();
            assert_eq!(count, found, "{collate} {values}\n{}", script(&there));
            if found == 0 {
                continue;
            }
            let mut all = there.steps.iter().flat_map(|step| &step.sql);
            let sql = all.find(|sql| sql.starts_with("ALTER TABLE")).unwrap();
            assert!(session.execute(sql, &[]).is_err(), "{sql}");
        }
    }
}

/// What a plan says of locks is what the server does: it takes the statement with the clause that
/// refuses more, and without it does no less.
fn locks_are_told(bed: &Bed) {
    let table = "create table t (id int not null primary key, a int, b int not null default 5, v varchar(20), w varchar(10), e enum('a','b'), u varchar(10) character set utf8mb3, x text, key ka (a))";
    let (mysql, moment) =
        (bed.server == Server::Mysql, "metadata lock for a moment, behind open transactions on the table");
    let (goes_on, wait) = ("LOCK=NONE: reads and writes go on", "LOCK=SHARED: writes wait");
    // What is different on the two servers.
    let metadata = if mysql { goes_on } else { moment };
    for (old, new, lock, rewrites) in [
        ("key ka (a)", "z int, key ka (a)", moment, false),
        ("x text, ", "", moment, false),
        ("b int not null default 5", "b int not null default 6", moment, false),
        ("'b')", "'b','c')", moment, false),
        ("a int,", "a int comment 'x',", moment, false),
        ("v varchar(20)", "v varchar(30)", metadata, false),
        ("w varchar(10)", "w varchar(5)", wait, true),
        ("b int not", "b bigint not", wait, true),
        ("a int,", "a int not null,", goes_on, true),
        ("'a','b'", "'b','a'", wait, true),
        ("character set utf8mb3", "character set utf8mb4", metadata, false),
        ("key ka (a)", "key ka (a), key kb (b)", goes_on, false),
        (", key ka (a)", "", goes_on, false),
        ("key ka (a)", "key other (a)", metadata, false),
        ("key ka (a)", "key ka (a), fulltext key f (x)", wait, true),
        ("key ka (a)", "z int, key ka (a), key kz (z)", goes_on, true),
        ("key ka (a)", "key ka (a), constraint c check (b > 0)", wait, true),
        ("primary key,", "unique key,", wait, true),
    ] {
        let plan = change(bed, &format!("{table};\n"), &format!("{};\n", table.replacen(old, new, 1)));
        let steps: Vec<_> = plan.steps.iter().filter(|step| step.kind != "set").collect();
        let told = steps.first().map_or(("", false), |step| (step.lock.as_str(), step.rewrites));
        assert_eq!(told, (lock, rewrites), "{old} -> {new}\n{}", script(&plan));
    }
}

fn samples_become_each_other(bed: &Bed) {
    let catalogs = ["chinook.sql", "sakila.sql", ""].map(|sample| {
        let source = Bed::new(bed.server, "sample");
        match sample {
            "" => fill(&source),
            sample => load_sample(&source, sample),
        }
        catalog(&mut *source.open())
    });
    let empty = Bed::new(bed.server, "empty");
    let mut session = empty.open();
    let mut at = catalog(&mut *session);
    for next in
        [&catalogs[0], &catalogs[1], &catalogs[2], &catalogs[1], &catalogs[0], &catalogs[2], &at.clone()]
    {
        let there = plan(&at, next, ChangeOptions::default());
        run(&mut *session, &there);
        at = catalog(&mut *session);
        assert_eq!(diff(&at, next), []);
    }
}
