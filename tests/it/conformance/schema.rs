//! `schema show` and `schema dump` on the command line: alike on every engine.

use dbwright::engine::engine_for;
use dbwright::model::catalog::Scope;
use dbwright::model::ddl::DdlOptions;
use dbwright::sql::{Splitter, quote_ident, split};

use crate::servers::{Bed, Family, on_every_server};

on_every_server!(
    a_dump_builds_the_same_database,
    a_dump_is_cut_into_its_statements,
    sections_build_the_same_database_one_after_the_other,
    objects_are_shown_and_described,
    what_is_not_there_is_an_error,
);

/// A name that needs its quotes.
const ODD: &str = "odd \"one\" `größe'";

/// A small shop: a key of each sort, a view, a trigger, routines, and names that bite.
fn fill(bed: &Bed) {
    let dialect = engine_for(bed.server.kind()).dialect(bed.server.kind());
    let name = |name: &str| quote_ident(dialect, name);
    let mut statements: Vec<String> = vec![
        "create table customer (id int primary key, email varchar(100) not null unique, note varchar(50) default 'it''s; x')".into(),
        "create table orders (id int primary key, customer_id int not null, amount decimal(10,2), \
         constraint orders_amount check (amount >= 0), \
         constraint orders_customer foreign key (customer_id) references customer (id) on delete cascade)".into(),
        "create index orders_by_amount on orders (amount desc, id)".into(),
        "create view big_orders as select id, amount from orders where amount > 100".into(),
        "create view all_of_them as select * from big_orders".into(),
        format!("create table {} ({} int, {} varchar(10) default ';')", name(ODD), name("select"), name("a \\ b")),
    ];
    let more: &[&str] = match bed.server.family() {
        Family::Sqlite => &[
            "create trigger tr after insert on orders begin select 1; select ';'; end",
            "create virtual table words using fts5(word)",
        ],
        Family::Postgres => &[
            "create function tr() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger tr after insert on orders for each row execute function tr()",
            "create function twice(a int) returns int language sql begin atomic select a * 2; end",
            "create schema other",
            "create table other.thing (a int generated always as identity, b int generated always as (1) stored)",
            "comment on table orders is 'what; was bought'",
        ],
        Family::Mysql => &[
            "create trigger tr after insert on orders for each row begin set @x = 1; set @y = ';'; end",
            "create function twice(a int) returns int deterministic return a * 2",
            "create procedure several() begin select 1; select ';;'; end",
            "create table counted (a int auto_increment primary key comment 'the; key')",
        ],
    };
    statements.extend(more.iter().map(ToString::to_string));
    let mut session = bed.open();
    for sql in statements {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn dump(bed: &Bed, options: &[&str]) -> String {
    let url = bed.url();
    bed.sandbox.run(&[&["schema", "dump", &url], options].concat()).ok()
}

fn load(bed: &Bed, script: &str) {
    let file = bed.sandbox.write("load.sql", script);
    bed.connect(&["-q", "-f", file.to_str().unwrap()]).ok();
}

fn a_dump_builds_the_same_database(bed: &Bed) {
    fill(bed);
    let script = dump(bed, &[]);
    assert_eq!(script, dump(bed, &[]), "it differs from one time to the next");
    let copy = Bed::new(bed.server, "copy");
    load(&copy, &script);
    assert_eq!(dump(&copy, &[]), script);
    // To a file, and with everything.
    let url = bed.url();
    bed.sandbox.run(&["schema", "dump", &url, "-o", "all.sql", "--with-privileges", "--strict"]).ok();
    assert!(bed.sandbox.read("all.sql").len() >= script.len());
}

fn a_dump_is_cut_into_its_statements(bed: &Bed) {
    fill(bed);
    let engine = engine_for(bed.server.kind());
    let catalog = bed.open().catalog(Scope::default()).unwrap();
    let pieces = engine.ddl().create(&catalog, DdlOptions::default());
    let wanted: Vec<String> = pieces.into_iter().map(|piece| piece.sql.trim_end().to_owned()).collect();
    let script = dump(bed, &[]);
    let items = Splitter::new(script.as_bytes(), engine.dialect(bed.server.kind()));
    let cut: Vec<String> = items
        .map(|item| match item.unwrap() {
            split::Item::Statement(statement) => statement.text,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(cut, wanted);
}

fn sections_build_the_same_database_one_after_the_other(bed: &Bed) {
    fill(bed);
    let copy = Bed::new(bed.server, "copy");
    let (before, after) = (dump(bed, &["--section", "before-data"]), dump(bed, &["--section", "after-data"]));
    // MySQL's indexes are made with their tables.
    let late = bed.server.pick("orders_by_amount", "orders_by_amount", "set @y =");
    assert!(before.contains("customer") && !before.contains(late), "{before}");
    assert!(after.contains(late), "{after}");
    load(&copy, &before);
    load(&copy, &after);
    assert_eq!(dump(&copy, &[]), dump(bed, &[]));
}

fn objects_are_shown_and_described(bed: &Bed) {
    fill(bed);
    let url = bed.url();
    let show = |words: &[&str]| bed.sandbox.run(&[&["schema", "show", &url], words].concat()).ok();
    let tree = show(&[]);
    for wanted in ["tables", "customer", "orders", "3 columns", "views", "big_orders", ODD] {
        assert!(tree.contains(wanted), "no {wanted}: {tree}");
    }
    let described = show(&["orders"]);
    for wanted in [
        "table orders",
        "customer_id",
        "10,2",
        "not null",
        "orders_by_amount",
        "orders_customer",
        "CASCADE",
        "tr AFTER",
    ] {
        assert!(described.contains(wanted), "no {wanted}: {described}");
    }
    let described = show(&["BIG_*", "customer"]);
    for wanted in ["view big_orders", "100", "email", "x'", "Referenced by", "orders (customer_id)"] {
        assert!(described.contains(wanted), "no {wanted}: {described}");
    }
    assert!(show(&[ODD]).contains("a \\ b"));
    let table = show(&["--format", "table"]);
    assert!(table.lines().any(|line| line.contains("orders") && line.contains("table")), "{table}");
    assert!(show(&["customer", "--format", "table"]).lines().count() == 5);
    let sql = show(&["customer", "--format", "sql"]);
    assert!(sql.contains("email") && !sql.contains("amount"), "{sql}");
    let json: serde_json::Value = serde_json::from_str(&show(&["customer", "--json"])).unwrap();
    assert_eq!(json["kind"], "schema_show");
    assert_eq!(json["catalog"]["objects"].as_array().unwrap().len(), 1);
    assert_eq!(json["catalog"]["objects"][0]["detail"]["columns"][1]["name"], "email");
}

fn what_is_not_there_is_an_error(bed: &Bed) {
    fill(bed);
    let url = bed.url();
    let error = bed.sandbox.run(&["schema", "show", &url, "custmer"]).fails(2);
    assert!(error.contains("did you mean customer?"), "{error}");
    let error = bed.sandbox.run(&["schema", "dump", &url, "-o", "no/such/file.sql"]).fails(1);
    assert!(error.contains("cannot write no/such/file.sql"), "{error}");
}
