//! `migrate copy`: what is in one database is in the other, value by value, whichever engine either
//! of them is of; and what does not go along is told.

use serde_json::Value;

use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server, rows};

on_every_server!(a_shop_goes_to_every_engine_and_back);

pub const CHINOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/chinook.sqlite");

/// The engines that rows go to and come from.
pub const ENGINES: [Server; 4] = [Server::Sqlite, Server::Pg18, Server::Mariadb, Server::Mysql];

/// `migrate copy`, and what it tells.
pub fn copy(bed: &Bed, from: &str, to: &str, more: &[&str]) -> (Ran, Value) {
    let arguments = [&["migrate", "copy", "--from", from, "--to", to, "--yes", "--json"], more].concat();
    let ran = bed.sandbox.run(&arguments);
    let told = serde_json::from_slice(&ran.stdout).unwrap_or(Value::Null);
    (ran, told)
}

/// Copies, and nothing but collations may be lost.
#[track_caller]
fn copied(bed: &Bed, from: &str, to: &str) {
    let (ran, told) = copy(bed, from, to, &["--allow-loss"]);
    assert_eq!(ran.status.code(), Some(0), "{from} to {to}: {ran}");
    let tables = told["tables"].as_array().unwrap();
    let count = |what: &str| tables.iter().map(|table| table[what].as_u64().unwrap()).sum::<u64>();
    assert_eq!((tables.len(), count("read"), count("written"), count("rejected")), (11, 15_607, 15_607, 0));
    assert!(tables.iter().all(|table| table["verified"] == true), "{told}");
    for loss in told["losses"].as_array().unwrap() {
        assert!(loss["what"].as_str().unwrap().contains("colla"), "{loss}");
    }
}

/// Keys, columns that may not be NULL, and indexes of the shop.
fn schema(bed: &Bed) -> (usize, Vec<String>, usize) {
    use dbwright::model::catalog::{ConstraintKind, Scope};
    let catalog = bed.open().catalog(Scope::default()).unwrap();
    let is_foreign = |kind: &ConstraintKind| matches!(kind, ConstraintKind::ForeignKey(_));
    let keys = catalog.tables().flat_map(|(_, table)| &table.constraints);
    let mut not_null: Vec<String> = catalog
        .tables()
        .flat_map(|(object, table)| table.columns.iter().map(move |column| (object, column)))
        .filter(|(_, column)| !column.nullable)
        .map(|(object, column)| format!("{}.{}", object.name.name, column.name))
        .collect();
    not_null.sort();
    let indexes = catalog.tables().flat_map(|(_, table)| &table.indexes);
    let indexes = indexes.filter(|index| index.name.starts_with("IFK_")).count();
    (keys.filter(|each| is_foreign(&each.kind)).count(), not_null, indexes)
}

fn content(path: &str) -> Vec<String> {
    let tables = [
        "Album",
        "Artist",
        "Customer",
        "Employee",
        "Genre",
        "Invoice",
        "InvoiceLine",
        "MediaType",
        "Playlist",
        "PlaylistTrack",
        "Track",
    ];
    let sandbox = crate::sandbox::Sandbox::new();
    let mut session = dbwright::engine::open(&sandbox.target(&format!("sqlite:{path}"))).unwrap();
    let all = tables.iter().flat_map(|table| {
        rows(session.as_mut(), &format!("select * from \"{table}\" order by 1, 2"))
            .into_iter()
            .map(move |row| format!("{table}: {row:?}"))
    });
    all.collect()
}

fn a_shop_goes_to_every_engine_and_back(bed: &Bed) {
    copied(bed, CHINOOK, &bed.url());
    let not_null = schema(bed).1;
    assert_eq!(not_null.len(), 30, "{not_null:?}");
    let before = content(CHINOOK);
    for other in ENGINES.into_iter().filter(|other| other.is_there()) {
        let there = Bed::new(other, "copy_there");
        copied(bed, &bed.url(), &there.url());
        assert_eq!(schema(&there), (11, not_null.clone(), 11), "{:?} to {other:?}", bed.server);
        let back = Bed::new(Server::Sqlite, "copy_back");
        copied(bed, &there.url(), &back.url());
        let after = content(&back.target().database.unwrap());
        let differ: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one != other).take(3).collect();
        assert!(
            differ.is_empty() && before.len() == after.len(),
            "{:?} to {other:?}: {differ:?}",
            bed.server
        );
    }
}
