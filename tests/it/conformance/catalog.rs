//! The catalog as data: the same parts from every engine, and what differs between two of them.

use dbwright::model::catalog::{Action, Catalog, ConstraintKind, Detail, Kind, Name, Object, Scope, Table};
use dbwright::model::server::TxState;

use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::{Bed, Family, on_every_server};

on_every_server!(
    the_parts_of_a_table_are_read,
    views_and_what_they_stand_on,
    odd_names_are_kept,
    a_transaction_stays_as_it_was,
    reading_twice_gives_the_same,
    the_number_of_queries_does_not_grow,
    drift_is_found,
);

const SHOP: &[&str] = &[
    "create table customer (id int not null primary key, email varchar(100) not null, note varchar(50) default 'x', \
     constraint customer_email unique (email))",
    "create table orders (id int not null primary key, customer_id int not null, amount decimal(10,2), \
     constraint orders_positive check (amount >= 0), \
     constraint orders_customer foreign key (customer_id) references customer (id) on delete cascade)",
    "create index orders_by_amount on orders (amount, customer_id)",
    "create view big_orders as select id, amount from orders where amount > 100",
    "create view bigger_orders as select id from big_orders where amount > 1000",
];

fn fill(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn catalog(bed: &Bed) -> Catalog {
    bed.open().catalog(Scope::default()).unwrap()
}

fn name(catalog: &Catalog, name: &str) -> Name {
    Name::new(catalog.default_schema.clone(), name)
}

fn relation<'a>(catalog: &'a Catalog, wanted: &str) -> &'a Object {
    let found = catalog.relation(&name(catalog, wanted));
    found.unwrap_or_else(|| panic!("no {wanted} among {:#?}", catalog.objects))
}

fn table<'a>(catalog: &'a Catalog, wanted: &str) -> &'a Table {
    relation(catalog, wanted).as_table().unwrap()
}

fn the_parts_of_a_table_are_read(bed: &Bed) {
    fill(bed, SHOP);
    let catalog = catalog(bed);
    assert_eq!(catalog.engine, bed.server.kind());
    assert!(catalog.unread.is_empty(), "{:?}", catalog.unread);
    let customer = table(&catalog, "customer");
    let columns: Vec<&str> = customer.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id", "email", "note"]);
    assert!(!customer.columns[1].nullable && customer.columns[2].nullable);
    assert!(customer.columns[1].ty.contains("100"), "{:?}", customer.columns[1]);
    assert!(customer.columns[2].default.as_deref().unwrap().contains("'x'"), "{:?}", customer.columns[2]);
    let unique = customer.constraints.iter().find(|each| each.kind == ConstraintKind::Unique).unwrap();
    assert_eq!(
        (unique.name.as_deref(), &unique.columns[..]),
        (Some("customer_email"), &["email".to_owned()][..])
    );

    let orders = table(&catalog, "orders");
    let primary = orders.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey).unwrap();
    assert_eq!(primary.columns, ["id"]);
    let check =
        orders.constraints.iter().find(|each| each.name.as_deref() == Some("orders_positive")).unwrap();
    let ConstraintKind::Check { expression } = &check.kind else { panic!("{check:?}") };
    assert!(expression.contains("amount") && expression.contains(">="), "{expression}");
    let key = orders.constraints.iter().find(|each| each.name.as_deref() == Some("orders_customer")).unwrap();
    let ConstraintKind::ForeignKey(reference) = &key.kind else { panic!("{key:?}") };
    assert_eq!(key.columns, ["customer_id"]);
    assert_eq!(reference.table, name(&catalog, "customer"));
    assert_eq!(reference.referenced, ["id"]);
    assert_eq!(reference.on_delete, Action::Cascade);
    assert!(check.validated && check.enforced && key.validated);
    let index = orders.indexes.iter().find(|each| each.name == "orders_by_amount").unwrap();
    let keys: Vec<_> = index.keys.iter().map(|key| key.column.as_deref().unwrap()).collect();
    assert_eq!(keys, ["amount", "customer_id"]);
    assert!(!index.unique && index.usable && index.constraint.is_none());
}

fn views_and_what_they_stand_on(bed: &Bed) {
    fill(bed, SHOP);
    let catalog = catalog(bed);
    let view = relation(&catalog, "bigger_orders");
    let stands_on: Vec<&str> = view
        .depends_on
        .iter()
        .map(|id| catalog.get(*id))
        .filter(|object| object.kind() == Kind::View)
        .map(|object| object.name.name.as_str())
        .collect();
    assert_eq!(stands_on, ["big_orders"]);
    let Detail::View(parts) = &relation(&catalog, "big_orders").detail else { panic!("{view:?}") };
    let columns: Vec<&str> = parts.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id", "amount"]);
    assert!(
        parts.query.trim_start().to_lowercase().starts_with("select") && parts.query.contains("100"),
        "{}",
        parts.query
    );
    assert_eq!(parts.broken, None);
}

/// Names that a careless reader would break.
const ODD: &[&str] =
    &["Upper", "with space", "quote\"d", "it's", "select", "größe", "🐘", "a.b", "back`tick"];

fn odd_names_are_kept(bed: &Bed) {
    let quote = |name: &str| match bed.server.family() {
        Family::Mysql => format!("`{}`", name.replace('`', "``")),
        Family::Sqlite | Family::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
    };
    // MySQL's own names for tables stay within the basic plane.
    let possible = |name: &&&str| bed.server.family() != Family::Mysql || !name.contains('🐘');
    let names: Vec<&str> = ODD.iter().filter(possible).copied().collect();
    let statements: Vec<String> = names
        .iter()
        .map(|name| {
            let name = quote(name);
            format!("create table {name} ({name} int not null, constraint {} unique ({name}))", quote("k"))
        })
        .enumerate()
        // A constraint's index shares the name space of tables in PostgreSQL.
        .map(|(at, sql)| sql.replace(&quote("k"), &quote(&format!("k {at}"))))
        .collect();
    fill(bed, &statements.iter().map(String::as_str).collect::<Vec<_>>());
    let catalog = catalog(bed);
    for wanted in names {
        let table = table(&catalog, wanted);
        assert_eq!(table.columns[0].name, wanted);
        assert_eq!(
            table.constraints.iter().find(|each| each.kind == ConstraintKind::Unique).unwrap().columns,
            [wanted]
        );
    }
}

fn a_transaction_stays_as_it_was(bed: &Bed) {
    fill(bed, SHOP);
    let mut session = bed.open();
    session.execute("begin", &[]).unwrap();
    session.execute("insert into customer values (1, 'a', 'b')", &[]).unwrap();
    let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }).unwrap();
    table(&catalog, "customer");
    assert_eq!(session.transaction(), TxState::Open);
    session.execute("rollback", &[]).unwrap();
    assert_eq!(crate::servers::one(&mut *session, "select count(*) from customer"), "0");
}

fn reading_twice_gives_the_same(bed: &Bed) {
    fill(bed, SHOP);
    assert_eq!(catalog(bed), catalog(bed));
}

/// How many statements a program call sends, as it tells them under `-v`.
fn statements_sent(bed: &Bed) -> usize {
    let ran = Ran::of(&mut Sandbox::new().command([
        "schema",
        "show",
        &bed.url(),
        "--json",
        "-v",
        "--log-format",
        "json",
    ]));
    assert_eq!(ran.code(), 0, "{ran}");
    ran.stderr.lines().filter(|line| line.contains("\"sql\"") || line.contains("sql:")).count()
}

fn the_number_of_queries_does_not_grow(bed: &Bed) {
    if bed.server.family() == Family::Mysql {
        // Its definitions are asked for one by one, as they can be had in no other way.
        return;
    }
    fill(bed, SHOP);
    let few = statements_sent(bed);
    let many: Vec<String> =
        (0..40).map(|at| format!("create table more_{at} (id int primary key, a int, unique (a))")).collect();
    fill(bed, &many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(few > 0);
    assert_eq!(statements_sent(bed), few);
}

fn drift_is_found(bed: &Bed) {
    fill(bed, SHOP);
    let other = Bed::new(bed.server, "drift_is_found_other");
    fill(&other, SHOP);
    let sandbox = Sandbox::new();
    let diff = || sandbox.run(&["schema", "diff", &bed.url(), &other.url(), "--exit-code"]);
    let same = diff();
    assert_eq!((same.code(), same.out().as_str()), (0, ""), "{same}");

    fill(
        &other,
        &[
            "alter table customer add column born date",
            "create table item (id int not null primary key)",
            "drop view bigger_orders",
            match bed.server.family() {
                Family::Mysql => "drop index orders_by_amount on orders",
                Family::Sqlite | Family::Postgres => "drop index orders_by_amount",
            },
        ],
    );
    let differs = diff();
    assert_eq!(differs.code(), 1, "{differs}");
    let said = differs.out().to_lowercase();
    for wanted in [
        "+ table item",
        "- view bigger_orders",
        "~ table customer",
        "+     column born date",
        "-     index orders_by_amount",
    ] {
        assert!(said.contains(wanted), "no {wanted:?}: {differs}");
    }
    let difference = said.split("\n\n").next().unwrap_or_default();
    assert_eq!(difference.lines().count(), 6, "nothing else differs: {differs}");
}
