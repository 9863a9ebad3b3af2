//! Backups that do not read what did not change: whatever changed is read, in whatever way it did, and
//! each backup is a whole one.

use std::io::Write;
use std::time::{Duration, Instant};

use dbwright::engine::backup::Held;
use dbwright::engine::{Session, engine_for};
use serde_json::Value;

use crate::servers::{Bed, Family, Server, on_every_network_server, on_every_server, run};

on_every_server!(whatever_changed_is_read, what_did_not_change_is_not_read);
on_every_network_server!(every_change_is_witnessed, what_is_under_way_is_witnessed);

fn execute(session: &mut dyn Session, statements: &[&str]) {
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn fill(bed: &Bed) {
    execute(
        bed.open().as_mut(),
        &[
            "create table a (id int not null primary key, word varchar(20))",
            "create table b (id int not null primary key)",
            "insert into a values (1, 'one'), (2, 'two'), (3, 'three')",
            "insert into b values (1)",
        ],
    );
}

/// Each statement changes rows, or what they are made of.
fn changes(bed: &Bed) -> Vec<&'static str> {
    let truncate = bed.server.pick("delete from b", "truncate table b", "truncate table b");
    vec![
        "insert into a values (4, 'four')",
        "update a set word = 'eins' where id = 1",
        "delete from a where id = 2",
        truncate,
        "alter table a add column more int",
        "create table c (id int not null primary key)",
        "insert into c values (7)",
        "drop table b",
    ]
}

fn create(bed: &Bed, more: &[&str]) -> Value {
    let url = bed.url();
    let ran = bed.sandbox.run(&[&["backup", "create", &url, "--repo", "repo", "--json"], more].concat());
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran}"))
}

const INCREMENTAL: [&str; 2] = ["--type", "incremental"];

/// A file is witnessed when it is old enough.
fn age(bed: &Bed) {
    if bed.server == Server::Sqlite {
        std::thread::sleep(Duration::from_millis(2_100));
    }
}

fn whatever_changed_is_read(bed: &Bed) {
    fill(bed);
    age(bed);
    create(bed, &[]);
    for sql in changes(bed) {
        execute(bed.open().as_mut(), &[sql]);
        let quick = create(bed, &INCREMENTAL);
        assert_eq!(quick["not_read"], 0, "{sql}: {quick}");
        age(bed);
        let all = create(bed, &[]);
        let [quick, all] = [&quick, &all].map(|made| made["id"].as_str().unwrap().to_owned());
        let ran = bed.sandbox.run(&["backup", "diff", &quick, &all, "--repo", "repo", "--exit-code"]);
        assert_eq!(ran.code(), 0, "{sql}: {ran}");
    }
}

fn what_did_not_change_is_not_read(bed: &Bed) {
    fill(bed);
    age(bed);
    let full = create(bed, &[]);
    let rounds = if bed.server == Server::Sqlite { 1 } else { 30 };
    let found = (0..rounds).map(|_| create(bed, &INCREMENTAL)).find(|made| made["not_read"] != 0);
    let Some(made) = found else {
        assert_ne!(bed.server, Server::Sqlite);
        // Other tests may write on the server all the time, and the proof is of all of it.
        let _ = writeln!(std::io::stderr(), "left out: a backup of what did not change: others write");
        return;
    };
    assert_eq!((&made["not_read"], &made["rows"]), (&2.into(), &4.into()), "{made}");
    assert_eq!(made["new"], 0, "{made}");
    assert_eq!(create(bed, &["--type", "incremental", "--paranoid"])["not_read"], 0);
    let url = bed.url();
    let [first, id] = [&full, &made].map(|made| made["id"].as_str().unwrap().to_owned());
    for arguments in [
        ["backup", "diff", &first, &id, "--repo", "repo", "--exit-code"].as_slice(),
        &["backup", "verify", &id, "--repo", "repo", "--restore", "--scratch", &url],
    ] {
        let ran = bed.sandbox.run(arguments);
        assert_eq!(ran.code(), 0, "{ran}");
    }
}

/// A moment, and the end of it.
fn hold(bed: &Bed) -> Held {
    let way = engine_for(bed.server.kind()).backup().unwrap();
    way.hold(&mut [bed.open()]).unwrap()
}

/// A moment that could be witnessed; others of the server may be at work for a while.
fn witnessed(bed: &Bed) -> Held {
    let began = Instant::now();
    loop {
        let held = hold(bed);
        if held.witness.is_some() {
            return held;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "no moment could be witnessed");
    }
}

fn is_unchanged(bed: &Bed, then: &Held, now: &Held) -> bool {
    let way = engine_for(bed.server.kind()).backup().unwrap();
    match (&then.witness, &now.witness) {
        (Some(then), Some(now)) => way.is_unchanged(then, now),
        _ => false,
    }
}

fn every_change_is_witnessed(bed: &Bed) {
    fill(bed);
    let mut before = witnessed(bed);
    for sql in changes(bed) {
        execute(bed.open().as_mut(), &[sql]);
        let now = witnessed(bed);
        assert!(!is_unchanged(bed, &before, &now), "{sql}: {before:?} {now:?}");
        before = now;
    }
    // What no transaction tells of is not vouched for.
    let odd = bed.server.pick(
        "",
        "create unlogged table odd (id int)",
        "create table odd (id int not null primary key) engine = MyISAM",
    );
    execute(bed.open().as_mut(), &[odd]);
    let way = engine_for(bed.server.kind()).backup().unwrap();
    let names: Vec<String> =
        way.witnessed(bed.open().as_mut()).unwrap().into_iter().map(|name| name.name).collect();
    assert!(names.contains(&"a".to_owned()) && !names.contains(&"odd".to_owned()), "{names:?}");
}

fn what_is_under_way_is_witnessed(bed: &Bed) {
    fill(bed);
    // Begun before the moment, and done after it.
    let mut other = bed.open();
    execute(other.as_mut(), &["begin", "insert into a values (10, 'ten')"]);
    let before = hold(bed);
    execute(other.as_mut(), &["commit"]);
    let after = witnessed(bed);
    assert!(!is_unchanged(bed, &before, &after), "{before:?} {after:?}");
    // Prepared, so that no session has it any more.
    if bed.server.family() == Family::Mysql {
        execute(
            other.as_mut(),
            &["xa start 'dbw'", "insert into a values (11, 'x')", "xa end 'dbw'", "xa prepare 'dbw'"],
        );
        let before = hold(bed);
        execute(other.as_mut(), &["xa commit 'dbw'"]);
        assert!(!is_unchanged(bed, &before, &witnessed(bed)), "{before:?}");
    }
}

#[test]
fn a_write_ahead_log_is_looked_at() {
    run(Server::Sqlite, "a_write_ahead_log_is_looked_at", |bed| {
        let mut writer = bed.open();
        execute(writer.as_mut(), &["pragma journal_mode = wal", "pragma wal_autocheckpoint = 0"]);
        fill(bed);
        execute(writer.as_mut(), &["update a set word = 'x'"]);
        age(bed);
        create(bed, &[]);
        assert_eq!(create(bed, &INCREMENTAL)["not_read"], 2);
        // Within the pages that are there: the counter of the file stays.
        execute(writer.as_mut(), &["update a set word = 'y'"]);
        age(bed);
        assert_eq!(create(bed, &INCREMENTAL)["not_read"], 0);
        assert_eq!(create(bed, &INCREMENTAL)["not_read"], 2);
        // What was changed a moment ago may change again.
        execute(writer.as_mut(), &["update a set word = 'z'", "pragma wal_checkpoint(truncate)"]);
        for _ in 0..2 {
            assert_eq!(create(bed, &INCREMENTAL)["not_read"], 0);
        }
    });
}

#[test]
fn a_differential_one_looks_at_the_newest_full_one() {
    run(Server::Sqlite, "a_differential_one_looks_at_the_newest_full_one", |bed| {
        fill(bed);
        age(bed);
        let full = create(bed, &[]);
        create(bed, &INCREMENTAL);
        let made = create(bed, &["--type", "differential"]);
        let id = made["id"].as_str().unwrap();
        let shown = bed.sandbox.run(&["backup", "show", id, "--repo", "repo", "--json"]).ok();
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!((&shown["base"], &shown["not_read"]), (&full["id"], &2.into()), "{shown}");
        // A chunk that is gone is stored again.
        for chunk in walk(&bed.sandbox.work().join("repo/chunks")) {
            std::fs::remove_file(chunk).unwrap();
        }
        assert_eq!(create(bed, &INCREMENTAL)["not_read"], 0);
        let ran = bed.sandbox.run(&["backup", "verify", "latest", "--repo", "repo"]);
        assert_eq!(ran.code(), 0, "{ran}");
        let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo", "--type", "half"]);
        assert_eq!(ran.code(), 2, "{ran}");
    });
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
