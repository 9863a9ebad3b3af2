//! `backup create` of a part of a database: what was chosen comes back, and can be told from a backup
//! of all.

use serde_json::Value;

use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server, one, run};

on_every_server!(
    some_tables_come_back,
    some_rows_come_back,
    rows_or_schema_alone,
    what_is_wrong_is_told_first,
);

fn execute(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Orders of customers, a log beside them, and a view of both.
fn fill(bed: &Bed) {
    execute(
        bed,
        &[
            "create table customers (id int not null primary key, name varchar(40) not null)",
            "create table orders (id int not null primary key, customer int not null, amount int, \
             constraint of_customer foreign key (customer) references customers (id))",
            "create index by_amount on orders (amount)",
            "create table audit_log (id int not null primary key, said varchar(40))",
            "create view seen as select o.id, l.said from orders o join audit_log l on l.id = o.id",
            "insert into customers values (1, 'Ann'), (2, 'Bob')",
            "insert into orders values (1, 1, 10), (2, 1, 20), (3, 2, 30)",
            "insert into audit_log values (1, 'one'), (2, 'two')",
        ],
    );
}

fn create(bed: &Bed, more: &[&str]) -> Ran {
    bed.sandbox.run(&[&["backup", "create", &bed.url(), "--repo", "repo", "--json"], more].concat())
}

#[track_caller]
fn created(bed: &Bed, more: &[&str]) -> Value {
    let ran = create(bed, more);
    assert_eq!(ran.code(), 0, "{ran}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// The newest backup in an empty database, and proven.
#[track_caller]
fn restored(bed: &Bed) -> Bed {
    let copy = Bed::new(bed.server, "restored");
    let url = copy.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let url = bed.url();
    let verify = ["backup", "verify", "latest", "--restore", "--repo", "repo", "--scratch", &url];
    let ran = bed.sandbox.run(&verify);
    assert_eq!(ran.code(), 0, "{ran}");
    copy
}

/// The tables and views of a database.
fn relations(bed: &Bed) -> String {
    let names = "select table_name from information_schema.tables where table_schema = ";
    let schema = bed.server.pick("''", "'public'", "database()");
    let mut session = bed.open();
    let found = crate::servers::rows(session.as_mut(), &format!("{names}{schema} order by 1"));
    found.into_iter().flatten().flatten().collect::<Vec<_>>().join(" ")
}

fn of_a_file(bed: &Bed) -> bool {
    bed.server == Server::Sqlite
}

fn some_tables_come_back(bed: &Bed) {
    fill(bed);
    if of_a_file(bed) {
        let ran = create(bed, &["--table", "orders"]);
        assert_eq!(ran.code(), 2, "{ran}");
        assert!(ran.stderr.contains("image of the file"), "{ran}");
        return;
    }
    let made = created(bed, &["--table", "ord*"]);
    assert_eq!(made["rows"], 3, "{made}");
    let left_out = made["partial"]["left_out"][0].as_str().unwrap();
    assert!(left_out.starts_with("foreign key of_customer of "), "{made}");
    let copy = restored(bed);
    assert_eq!(relations(&copy), "orders");
    assert_eq!(one(copy.open().as_mut(), "select sum(amount) from orders"), "60");
    execute(&copy, &["insert into orders values (4, 77, 1)"]);

    created(bed, &["--exclude-table", "audit_log"]);
    let copy = restored(bed);
    assert_eq!(relations(&copy), "customers orders");
    assert!(copy.open().execute("insert into orders values (4, 77, 1)", &[]).is_err());

    let list = bed.sandbox.run(&["backup", "list", "--repo", "repo"]).ok();
    assert!(list.contains("(partial)"), "{list}");
    let show = bed.sandbox.run(&["backup", "show", "latest", "--repo", "repo"]).ok();
    assert!(show.contains("partial: --exclude-table audit_log"), "{show}");
    assert!(show.contains("left out: view "), "{show}");
}

fn some_rows_come_back(bed: &Bed) {
    fill(bed);
    if of_a_file(bed) {
        return;
    }
    bed.sandbox.write(
        "dbwright.toml",
        "[profile.here]\nurl = \"${URL}\"\n[profile.here.backup]\nrepo = \"repo\"\nexclude_data = [\"audit_*\"]\n\
         where = { orders = \"amount >= 20 -- and so on\" }\n",
    );
    let mut command = bed.sandbox.command(["backup", "here", "--json"]);
    let ran = Ran::of(command.env("URL", bed.url()));
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = restored(bed);
    let count = |table: &str| one(copy.open().as_mut(), &format!("select count(*) from {table}"));
    assert_eq!(
        (count("customers"), count("orders"), count("audit_log")),
        ("2".into(), "2".into(), "0".into())
    );
    assert_eq!(relations(&copy), "audit_log customers orders seen");

    // Rows without the one that they refer to: the backup is made, and a restore tells.
    created(bed, &["--where", "customers=id > 1"]);
    let copy = Bed::new(bed.server, "broken");
    let url = copy.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"]);
    if bed.server.family() == crate::servers::Family::Postgres {
        assert_eq!(ran.code(), 5, "{ran}");
        assert!(ran.stderr.contains("of_customer"), "{ran}");
    }
}

fn rows_or_schema_alone(bed: &Bed) {
    fill(bed);
    if of_a_file(bed) {
        return;
    }
    let made = created(bed, &["--schema-only"]);
    assert_eq!(made["rows"], 0, "{made}");
    let copy = restored(bed);
    assert_eq!(relations(&copy), "audit_log customers orders seen");
    let made = created(bed, &["--data-only", "--table", "customers"]);
    assert_eq!((&made["rows"], &made["tables"]), (&2.into(), &1.into()));
    let url = copy.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("holds rows and no tables"), "{ran}");
}

fn what_is_wrong_is_told_first(bed: &Bed) {
    fill(bed);
    if of_a_file(bed) {
        return;
    }
    let ran = create(bed, &["--table", "ordres"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("no table is named ordres") && ran.stderr.contains("orders"), "{ran}");
    let ran = create(bed, &["--where", "orders=amount >> >"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("orders where amount >> >"), "{ran}");
    let ran = create(bed, &["--where", "ordres=true"]);
    assert_eq!(ran.code(), 2, "{ran}");
    let list = bed.sandbox.run(&["backup", "list", "--repo", "repo", "--json"]).ok();
    assert!(list.contains("\"backups\": []") || list.contains("\"backups\":[]"), "{list}");
}

/// What hangs on tables of PostgreSQL in more ways than names tell.
fn everything_that_a_table_needs(bed: &Bed) {
    execute(
        bed,
        &[
            "create schema shop",
            "create schema other",
            "create type shop.state as enum ('new', 'done')",
            "create function shop.short(text) returns text language sql immutable as 'select left($1, 3)'",
            "create function shop.touch() returns trigger language plpgsql as 'begin return new; end'",
            "create function shop.unused() returns int language sql as 'select 1'",
            "create table shop.orders (id serial primary key, state shop.state, note text, at date not null default current_date)",
            "create index on shop.orders (shop.short(note))",
            "create trigger touch before update on shop.orders for each row execute function shop.touch()",
            "create statistics shop.both on state, note from shop.orders",
            "create table shop.parts (id bigint generated always as identity, day date) partition by range (day)",
            "create table shop.parts_1 partition of shop.parts for values from ('2026-01-01') to ('2027-01-01')",
            "create table other.log (id int)",
            "create publication these for table other.log",
            "insert into shop.orders (state, note) select 'new', 'note ' || i from generate_series(1, 10) i",
            "insert into shop.parts (day) values ('2026-05-05')",
        ],
    );
    let made = created(bed, &["--table", "shop.*"]);
    assert_eq!(made["rows"], 11, "{made}");
    let copy = restored(bed);
    let routines = "select string_agg(proname, ' ' order by proname) from pg_proc \
        where pronamespace = 'shop'::regnamespace";
    assert_eq!(one(copy.open().as_mut(), routines), "short touch");
    assert_eq!(one(copy.open().as_mut(), "select count(*) from pg_statistic_ext"), "1");
    assert_eq!(one(copy.open().as_mut(), "select nextval('shop.orders_id_seq')"), "11");
    assert_eq!(one(copy.open().as_mut(), "select count(*) from shop.parts"), "1");

    let made = created(bed, &["--exclude-schema", "other"]);
    assert_eq!(made["partial"]["left_out"][0], "publication these: it needs schema other", "{made}");
    let copy = restored(bed);
    assert_eq!(one(copy.open().as_mut(), "select count(*) from pg_publication"), "0");
    created(bed, &["--schema", "other"]);
    let copy = restored(bed);
    assert_eq!(one(copy.open().as_mut(), "select string_agg(relname, ' ') from pg_stat_user_tables"), "log");
}

mod everything_that_a_table_needs {
    use super::{Server, run};

    #[test]
    fn pg15() {
        run(Server::Pg15, "everything_that_a_table_needs", super::everything_that_a_table_needs);
    }

    #[test]
    fn pg18() {
        run(Server::Pg18, "everything_that_a_table_needs", super::everything_that_a_table_needs);
    }
}
