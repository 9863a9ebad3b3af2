//! The catalog: the same lists on every engine.

use dbwright::model::listing::{Listed, Listing};

use crate::servers::{Bed, Family, Server, on_every_server};

on_every_server!(
    everything_is_listed,
    a_table_is_described,
    patterns_choose,
    names_for_completion,
    the_program_shows_them,
);

/// A small shop with one of each.
fn fill(bed: &Bed) {
    let mut session = bed.open();
    let mut statements: Vec<&str> = vec![
        "create table customer (id int primary key, email varchar(100) not null unique, note varchar(50) default 'x')",
        "create table orders (id int primary key, customer_id int not null, amount decimal(10,2) check (amount >= 0), \
         constraint orders_customer foreign key (customer_id) references customer (id) on delete cascade)",
        "create index orders_by_amount on orders (amount, id)",
        "create view big_orders as select id, amount from orders where amount > 100",
    ];
    match bed.server.family() {
        Family::Sqlite => {
            statements.push("create trigger tr after insert on orders begin select 1; end");
        }
        Family::Postgres => statements.extend([
            "create function twice(a int) returns int language sql as 'select a * 2'",
            "create function tr() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger tr after insert on orders for each row execute function tr()",
            "comment on table orders is 'what was bought'",
            "create sequence numbers",
            "create table parts (id int, day date) partition by range (day)",
            "create table parts_1 partition of parts for values from ('2026-01-01') to ('2027-01-01')",
            "create schema other",
            "create table other.thing (a int generated always as identity, b int generated always as (1) stored)",
        ]),
        Family::Mysql => statements.extend([
            "create function twice(a int) returns int deterministic return a * 2",
            "create trigger tr after insert on orders for each row set @x = 1",
            "create table odd_one (a int auto_increment primary key comment 'the key', \
             c int, b int generated always as (c + 1)) comment 'odd'",
        ]),
    }
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Everything that a listing says, in lower case.
fn words(listing: &Listing) -> String {
    let cells =
        listing.rows.iter().flatten().chain(&listing.notes).chain([&listing.title]).chain(&listing.headers);
    cells.map(|cell| cell.to_lowercase()).collect::<Vec<_>>().join("\n")
}

fn everything_is_listed(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let explore = session.explore();
    let network = bed.server.family() != Family::Sqlite;
    let has = |what: Listed, text: String, wanted: &str, there: bool| {
        assert_eq!(
            text.contains(wanted),
            there,
            "{what:?} should {}have {wanted}: {text}",
            if there { "" } else { "not " }
        );
    };
    let database = if network { bed.database.as_str() } else { "main" };
    let cases = [
        (Listed::Relations, "orders", true),
        (Listed::Relations, "big_orders", true),
        (Listed::Tables, "customer", true),
        (Listed::Tables, "big_orders", false),
        (Listed::Views, "big_orders", true),
        (Listed::Views, "customer", false),
        (Listed::Indexes, "orders_by_amount", true),
        (Listed::Functions, "twice", network),
        (Listed::Users, "dbwright", network),
        (Listed::Databases, database, true),
    ];
    for (what, wanted, there) in cases {
        match explore.list(what, None) {
            Ok(listing) => {
                for row in &listing.rows {
                    assert_eq!(row.len(), listing.headers.len(), "{what:?}: {listing:?}");
                }
                has(what, words(&listing), wanted, there);
            }
            // What an engine does not have it says in a sentence.
            Err(error) => assert!(!there && !error.message().is_empty(), "{what:?}: {error:?}"),
        }
    }
}

fn a_table_is_described(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let described = session.explore().describe("orders").unwrap();
    let said = described.iter().map(words).collect::<Vec<_>>().join("\n");
    for wanted in
        ["customer_id", "amount", "10,2", "orders_by_amount", "customer", "cascade", "not null", "tr", ">= 0"]
    {
        assert!(said.contains(wanted), "no {wanted}: {said}");
    }
    let described = session.explore().describe("customer").unwrap();
    let said = described.iter().map(words).collect::<Vec<_>>().join("\n");
    for wanted in ["email", "note", "x", "orders"] {
        assert!(said.contains(wanted), "no {wanted}: {said}");
    }
    let described = session.explore().describe("big_orders").unwrap();
    let said = described.iter().map(words).collect::<Vec<_>>().join("\n");
    assert!(said.contains("amount") && said.contains("100"), "no definition of the view: {said}");
    assert!(session.explore().describe("nonesuch").unwrap().is_empty());
    if bed.server == Server::Pg18 {
        session
            .execute(
                "create table stays (room int4range, during daterange, \
                 constraint one_at_a_time unique (room, during without overlaps))",
                &[],
            )
            .unwrap();
        let said = words(&session.explore().describe("stays").unwrap()[0]);
        assert!(said.contains("one_at_a_time unique (room, during without overlaps)"), "{said}");
    }
    if bed.server.family() == Family::Sqlite {
        let functions = session.explore().list(Listed::Functions, Some("coalesce")).unwrap();
        assert_eq!(functions.rows[0][2], "2 or more");
    }
    if bed.server.family() == Family::Postgres {
        let said = words(&session.explore().describe("parts").unwrap()[0]);
        assert!(said.contains("parts_1") && said.contains("range"), "{said}");
        let said = words(&session.explore().describe("other.thing").unwrap()[0]);
        assert!(said.contains("generated"), "{said}");
    }
}

fn patterns_choose(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let mut names =
        |what: Listed, pattern: &str| words(&session.explore().list(what, Some(pattern)).unwrap());
    let some = names(Listed::Tables, "ord*");
    assert!(some.contains("orders") && !some.contains("customer\n"), "{some}");
    assert!(names(Listed::Tables, "ORDERS").contains("orders"));
    assert!(!names(Listed::Tables, "orde").contains("orders"));
    assert!(names(Listed::Tables, "order?").contains("orders"));
    assert!(!names(Listed::Tables, "no_such_*").contains("orders"));
    // A name is data, whatever it holds.
    for odd in ["'; drop table orders; --", "a\"b", "%", "\\", "a.b.c.d", "*.*", "[", "(", ""] {
        let _ = session.explore().list(Listed::Tables, Some(odd));
        let _ = session.explore().describe(odd);
    }
    assert!(words(&session.explore().list(Listed::Tables, None).unwrap()).contains("orders"));
}

fn names_for_completion(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let names = session.explore().names().unwrap();
    let orders = names.relations.iter().find(|(name, _)| name.ends_with("orders") && !name.contains("big"));
    let (_, columns) = orders.unwrap_or_else(|| panic!("{names:?}"));
    assert_eq!(columns.join(","), "id,customer_id,amount");
    assert!(names.relations.iter().any(|(name, _)| name.ends_with("big_orders")), "{names:?}");
}

fn the_program_shows_them(bed: &Bed) {
    fill(bed);
    for command in ["\\d", "\\dt", "\\dv", "\\di", "\\l", "\\d orders", "\\conninfo", "\\?"] {
        let ran = bed.connect(&["-c", command]);
        assert!(ran.out().lines().count() >= 2, "{ran}");
        ran.ok();
    }
    // Other formats are for programs: nothing but the rows.
    let out = bed.connect(&["-c", "\\dt", "--format", "csv"]).ok();
    assert!(out.starts_with("Schema,Name,Type,") && out.contains(",orders,table"), "{out}");
    let out = bed.connect(&["-c", "\\d orders", "-c", "select 7 as seven", "--json"]).ok();
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["results"][0]["rows"][1]["Column"], "customer_id", "{out}");
    assert_eq!(document["results"][1]["rows"][0]["seven"], 7, "{out}");
    let ran = bed.connect(&["-c", "\\d nonesuch"]);
    assert!(ran.fails(1).contains("nonesuch"));
}
