//! `migrate copy`: a part of a database, a plan, a value that stops it, and a run that is killed at
//! whatever moment: the next one goes on, and what is there in the end is the same.
//!
//! `DBWRIGHT_KILLS=100` asks for so many kills.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::migrate_copy::{CHINOOK, copy};
use crate::process::signal;
use crate::servers::{Bed, Server, on_every_server, one};

on_every_server!(
    a_part_of_a_database_is_copied,
    a_plan_changes_nothing,
    rows_go_into_tables_that_are_there,
    a_value_that_does_not_fit_stops_it,
    a_run_that_goes_on_tells_all_that_was_left_out,
    a_killed_copy_goes_on,
    a_changed_source_is_copied_anew,
);

fn tables(told: &Value) -> Vec<String> {
    let all = told["tables"].as_array().unwrap().iter();
    all.map(|table| table["table"].as_str().unwrap().to_owned()).collect()
}

/// A SQLite database made by these statements.
fn source(bed: &Bed, name: &str, statements: &[&str]) -> String {
    let url = format!("sqlite:{}?mode=rwc", bed.sandbox.work().join(name).display());
    let mut session = dbwright::engine::open(&bed.sandbox.target(&url)).unwrap();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    url
}

fn a_part_of_a_database_is_copied(bed: &Bed) {
    let (ran, told) =
        copy(bed, CHINOOK, &bed.url(), &["--table", "Artist", "--table", "Album", "--jobs", "1"]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    assert_eq!(tables(&told), ["Album", "Artist"]);
    let other = Bed::new(bed.server, "without");
    let (ran, told) =
        copy(bed, CHINOOK, &other.url(), &["--exclude-table", "Playlist*", "--exclude-table", "Track"]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    assert!(!tables(&told).iter().any(|table| table.starts_with("Playlist") || table == "Track"), "{told}");
    assert!(ran.stderr.contains("left out: foreign key"), "{ran}");
    let (ran, _) = copy(bed, CHINOOK, &other.url(), &["--table", "Artits"]);
    assert!(ran.status.code() == Some(2) && ran.stderr.contains("did you mean Artist?"), "{ran}");
    let (ran, _) = copy(bed, CHINOOK, &other.url(), &[]);
    assert!(ran.status.code() == Some(4) && ran.stderr.contains("is not empty"), "{ran}");
}

fn a_plan_changes_nothing(bed: &Bed) {
    let (ran, told) = copy(bed, CHINOOK, &bed.url(), &["--plan"]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    let columns = told["columns"].as_array().unwrap();
    let found =
        columns.iter().find(|each| each["table"] == "Track" && each["column"] == "UnitPrice").unwrap();
    let rule = if bed.server == Server::Sqlite { "as-is" } else { "decimal" };
    assert_eq!(found["rule"], rule, "{found}");
    assert!(told["statements"].to_string().contains("CREATE TABLE"), "{told}");
    assert_eq!(bed.open().catalog(Default::default()).unwrap().tables().count(), 0);
    let ran = bed.sandbox.run(&["migrate", "copy", "--from", CHINOOK, "--to", &bed.url(), "--dry-run"]);
    assert!(ran.out().contains("UnitPrice") && ran.stderr.contains("nothing was changed"), "{ran}");
}

fn rows_go_into_tables_that_are_there(bed: &Bed) {
    let (ran, _) = copy(bed, CHINOOK, &bed.url(), &["--schema-only"]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    let (ran, told) = copy(bed, CHINOOK, &bed.url(), &["--data-only"]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    let verified = told["tables"].as_array().unwrap().iter().filter(|table| table["verified"] == true);
    assert_eq!(verified.count(), 11, "{told}");
    // The next number is behind those that came.
    if bed.server != Server::Sqlite {
        let quoted = bed.server.pick("", "\"Artist\" (\"Name\")", "`Artist` (`Name`)");
        bed.open().execute(&format!("insert into {quoted} values ('new')"), &[]).unwrap();
        let delete =
            bed.server.pick("", "\"Artist\" where \"ArtistId\" = 276", "`Artist` where `ArtistId` = 276");
        let gone = bed.open().execute(&format!("delete from {delete}"), &[]).unwrap();
        assert_eq!(gone.affected, Some(1));
    }
    let (ran, _) = copy(bed, CHINOOK, &bed.url(), &["--data-only"]);
    assert!(ran.status.code() == Some(4) && ran.stderr.contains("there are rows in Album"), "{ran}");
    assert_eq!(bed.open().catalog(Default::default()).unwrap().tables().count(), 11);
}

fn a_value_that_does_not_fit_stops_it(bed: &Bed) {
    // SQLite takes its own values as they are.
    if bed.server == Server::Sqlite {
        return;
    }
    let made = [
        "create table t (id integer primary key, a text)",
        "insert into t values (1, 'x'), (7, cast(x'61ff' as text))",
    ];
    let from = source(bed, "broken.db", &made);
    let (ran, _) = copy(bed, &from, &bed.url(), &[]);
    assert_eq!(ran.status.code(), Some(5), "{ran}");
    for part in
        ["table", "t, id = 7: a = {\"hex\":\"61ff\"} does not fit", "UTF-8", "--on-reject skip", "goes on"]
    {
        assert!(ran.stderr.contains(part), "{part}: {ran}");
    }
    let (ran, _) = copy(bed, &from, &bed.url(), &["--on-reject", "skip"]);
    assert!(ran.status.code() == Some(2) && ran.stderr.contains("--rejects FILE"), "{ran}");
    let (ran, told) = copy(bed, &from, &bed.url(), &["--on-reject", "skip", "--rejects", "left.ndjson"]);
    assert_eq!(ran.status.code(), Some(1), "{ran}");
    let table = &told["tables"][0];
    assert_eq!((&table["read"], &table["written"], &table["rejected"]), (&2.into(), &1.into(), &1.into()));
    assert_eq!(table["verified"], true);
    let line: Value = serde_json::from_str(&bed.sandbox.read("left.ndjson")).unwrap();
    assert_eq!(line["key"]["id"], 7);
    assert_eq!(one(bed.open().as_mut(), "select count(*) from t"), "1");
}

/// Tables whose rows are read in several parts, as their numbers are far apart.
fn many(bed: &Bed) -> String {
    let fill = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 4000) insert into";
    source(
        bed,
        "many.db",
        &[
            "create table a (id integer primary key, b text not null, c real)",
            "create table d (id integer primary key, a integer references a (id))",
            "create index d_a on d (a)",
            "create view both as select a.id, d.id as d from a join d on d.a = a.id",
            &format!("{fill} a select i * 500, hex(randomblob(20)), i / 7.0 from n"),
            &format!("{fill} d select i * 100, i * 500 from n"),
        ],
    )
}

fn digests(told: &Value) -> Vec<(Value, Value, Value)> {
    let all = told["tables"].as_array().unwrap_or_else(|| panic!("{told}")).iter();
    all.map(|table| (table["table"].clone(), table["written"].clone(), table["digest"].clone())).collect()
}

/// The rows of an earlier run are not moved again, and those it left out are told all the same.
fn a_run_that_goes_on_tells_all_that_was_left_out(bed: &Bed) {
    if bed.server == Server::Sqlite {
        return;
    }
    let made = [
        "pragma foreign_keys = off",
        "create table t (id integer primary key, a text)",
        "insert into t values (1, 'x'), (7, cast(x'61ff' as text))",
        "create table p (id integer primary key)",
        "create table c (id integer primary key, p integer references p (id))",
        "insert into c values (1, 99)",
    ];
    let from = source(bed, "orphan.db", &made);
    let skip = ["--on-reject", "skip", "--rejects", "left.ndjson"];
    let (ran, _) = copy(bed, &from, &bed.url(), &skip);
    assert!(![Some(0), Some(1)].contains(&ran.status.code()) && ran.stderr.contains("goes on"), "{ran}");
    bed.sandbox.write("mine.txt", "mine");
    let (ran, _) = copy(bed, &from, &bed.url(), &["--on-reject", "skip", "--rejects", "mine.txt"]);
    assert_eq!((ran.status.code(), bed.sandbox.read("mine.txt").as_str()), (Some(4), "mine"), "{ran}");
    source(bed, "orphan.db", &["delete from c"]);
    let (ran, told) = copy(bed, &from, &bed.url(), &skip);
    assert_eq!(ran.status.code(), Some(1), "{ran}");
    let tables = told["tables"].as_array().unwrap();
    assert!(tables.iter().all(|table| table["verified"] == true), "{told}");
    let line: Value = serde_json::from_str(&bed.sandbox.read("left.ndjson")).unwrap();
    assert_eq!((&line["column"], &line["key"]["id"]), (&"a".into(), &7.into()));
}

fn a_killed_copy_goes_on(bed: &Bed) {
    let from = many(bed);
    let began = Instant::now();
    let (ran, told) = copy(bed, &from, &bed.url(), &[]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    let (wanted, took) = (digests(&told), began.elapsed());
    let asked = std::env::var("DBWRIGHT_KILLS").ok().and_then(|value| value.parse().ok());
    let rounds: u32 = asked.unwrap_or(6);
    let mut killed = 0;
    for round in 0..rounds {
        let to = Bed::new(bed.server, "killed");
        let url = to.url();
        let mut child = bed
            .sandbox
            .command(["migrate", "copy", "--from", &from, "--to", &url, "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(took * (2 * round + 1) / (2 * rounds));
        signal(&child, Signal::KILL);
        let ended = child.wait().unwrap().success();
        killed += u32::from(!ended);
        if ended {
            continue;
        }
        let (ran, told) = until_free(bed, &from, &url);
        // It had done all, and was killed before it could say so.
        let was_done = ran.status.code() == Some(4) && ran.stderr.contains("is not empty");
        if !was_done {
            assert_eq!(ran.status.code(), Some(0), "round {round}: {ran}");
            assert_eq!(digests(&told), wanted, "round {round}");
        }
        let mut session = to.open();
        let catalog = session.catalog(Default::default()).unwrap();
        assert_eq!(catalog.tables().count(), 2, "round {round}");
        let indexes = catalog.tables().flat_map(|(_, table)| &table.indexes);
        assert!(indexes.into_iter().any(|index| index.name == "d_a"), "round {round}");
        assert_eq!(
            one(
                session.as_mut(),
                "select count(*) from \"both\"".replace('"', bed.server.pick("\"", "\"", "`")).as_str()
            ),
            "4000"
        );
    }
    assert!(killed > 0, "none of {rounds} was killed before it ended");
}

/// The server may take a moment to see that the killed one is gone.
fn until_free(bed: &Bed, from: &str, to: &str) -> (crate::process::Ran, Value) {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let (ran, told) = copy(bed, from, to, &[]);
        if ran.status.code() != Some(6) || Instant::now() > patience {
            return (ran, told);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What was copied of a table before it changed is not left beside what it holds now.
fn a_changed_source_is_copied_anew(bed: &Bed) {
    if bed.server == Server::Sqlite {
        return;
    }
    let from = source(
        bed,
        "changing.db",
        &[
            "create table a (id integer primary key, b text)",
            "insert into a values (1, 'one'), (2000000, cast(x'ff' as text))",
            "create table c (id integer primary key, b text)",
            "insert into c values (1, 'one')",
        ],
    );
    let (ran, _) = copy(bed, &from, &bed.url(), &["--jobs", "1"]);
    assert_eq!(ran.status.code(), Some(5), "{ran}");
    source(
        bed,
        "changing.db",
        &["update a set b = 'two'", "insert into a values (2, 'new')", "update c set b = 'x'"],
    );
    let (ran, told) = copy(bed, &from, &bed.url(), &[]);
    assert_eq!(ran.status.code(), Some(0), "{ran}");
    assert!(told["tables"].as_array().unwrap().iter().all(|table| table["verified"] == true), "{told}");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from a where b = 'two'"), "2");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from a"), "3");
    assert_eq!(one(bed.open().as_mut(), "select b from c"), "x");
}
