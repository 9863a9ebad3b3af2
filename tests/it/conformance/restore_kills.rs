//! `restore` is killed at random moments, and the same command goes on: in the end all is there once,
//! as it was, and nothing of the work is left.
//!
//! The moments are spread over the time that a restore takes. `DBWRIGHT_KILLS=200` asks for so many.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::backup::{Restored, backup, fill, fill_many};
use crate::poll;
use crate::process::{Ran, signal};
use crate::servers::{Bed, Family, Server, on_every_network_server, one};

on_every_network_server!(
    one_restore_at_a_time,
    a_restore_that_has_not_ended_is_told,
    some_tables_and_rows_alone_go_on,
);

const TABLES: usize = 12;

/// Objects of many kinds; what is done twice would fail, or be seen.
fn fill_kinds(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, bed.server.pick(0, 100_000, 20_000));
    let mut session = bed.open();
    let mut run = |sql: &str| {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    };
    for at in 0..TABLES {
        run(&format!(
            "create table t{at} (id int not null primary key, a int, b varchar(20), constraint f{at} foreign key (a) references maker (id))"
        ));
        run(&format!("create index t{at}_b on t{at} (b)"));
        run(&format!("insert into t{at} values (1, 1, 'x'), (2, 2, 'y'), (3, null, null)"));
    }
    let own: &[&str] = match bed.server.family() {
        Family::Postgres => &[
            "create sequence numbers",
            "select setval('numbers', 77)",
            "create table seen (id int)",
            "create function note() returns trigger language plpgsql as $$ begin insert into seen values (new.id); return new; end $$",
            "create trigger note after insert on part for each row execute function note()",
            "create materialized view sums as select count(*) as n from part",
            "create unlogged table quick (id int primary key, a text)",
            "insert into quick select i, 'x' from generate_series(1, 5000) i",
            "create table cut (id int primary key, a text) partition by range (id)",
            "create table cut1 partition of cut for values from (0) to (100)",
            "create table cut2 partition of cut for values from (100) to (1000)",
            "create index cut_a on cut (a)",
            "insert into cut select i, 'x' from generate_series(1, 500) i",
            "select lo_from_bytea((100000 + i)::oid, repeat('x', 5000)::bytea) from generate_series(1, 200) i",
        ],
        _ => &[
            "create table seen (id int)",
            "create trigger note after insert on part for each row insert into seen values (new.id)",
            "create procedure p() select 1",
            "create function fn() returns int deterministic return 7",
            "create event e on schedule every 1 day disable do select 1",
            "create view v2 as select fn() as seven",
            "create table plain (id int not null primary key, a varchar(300), key (a(20))) engine=MyISAM",
            "insert into plain select id, note from part",
            "create table auto (id int not null auto_increment primary key, a int, b int, unique key (a, b), key (b)) engine=InnoDB",
            "insert into auto (a, b) select id, id from part where id < 4000",
        ],
    };
    own.iter().for_each(|sql| run(sql));
}

fn arguments<'a>(bed: &Bed, copy: &'a Restored<'_>, jobs: &'a str) -> Vec<String> {
    let url = bed.url();
    let all =
        ["restore", "latest", "--repo", "repo", "--yes", "--to", &url, "--as", &copy.name, "--jobs", jobs];
    all.iter().map(|each| (*each).to_owned()).collect()
}

fn start(bed: &Bed, arguments: &[String]) -> Child {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = bed.sandbox.command(&arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn run(bed: &Bed, arguments: &[String]) -> Ran {
    bed.sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Drops the copy, also when sessions of a run that was killed are still there.
fn clear(bed: &Bed, copy: &Restored<'_>) {
    let force = if bed.server.family() == Family::Postgres { " with (force)" } else { "" };
    bed.open().execute(&format!("drop database if exists {}{force}", copy.name), &[]).unwrap();
}

/// What a backup of the database tells of its schema and its rows.
fn told(bed: &Bed, url: &str, repo: &str) -> Value {
    let ran = bed.sandbox.run(&["backup", "create", url, "--repo", repo, "--json"]);
    let made: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran}"));
    let id = made["id"].as_str().unwrap();
    let file = bed.sandbox.work().join(repo).join(format!("snapshots/{id}.json"));
    let manifest: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let tables: Vec<Value> = manifest["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| json!([table["schema"], table["name"], table["rows"], table["digest"]]))
        .collect();
    json!({"statements": manifest["statements_with_privileges"], "values": manifest["values"], "tables": tables})
}

fn copy_url(bed: &Bed, copy: &Restored<'_>) -> String {
    let (url, database) = (bed.url(), bed.target().database.unwrap());
    url.replacen(&format!("/{database}"), &format!("/{}", copy.name), 1)
}

fn killed_after(bed: &Bed, arguments: &[String], time: Duration) -> bool {
    let mut child = start(bed, arguments);
    std::thread::sleep(time);
    signal(&child, Signal::KILL);
    !child.wait().unwrap().success()
}

/// Each round is watched by itself: all of them may take long.
fn kills(server: Server) {
    if !server.is_there() {
        return;
    }
    let bed = &Bed::new(server, "restore_kills");
    let asked = std::env::var("DBWRIGHT_KILLS").ok().and_then(|value| value.parse().ok());
    let rounds: u32 = asked.unwrap_or(10);
    fill_kinds(bed);
    backup(bed);
    let wanted = told(bed, &bed.url(), "copies");
    let copy = Restored::new(bed);
    let url = copy_url(bed, &copy);
    let began = Instant::now();
    let ran = run(bed, &arguments(bed, &copy, "2"));
    let whole = began.elapsed();
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(told(bed, &url, "copies"), wanted);
    let (mut killed, mut gone_on) = (0, 0);
    for round in 0..rounds {
        let share = (f64::from(round) + fastrand::f64()) / f64::from(rounds);
        poll::watched(&format!("{:?} killed after {share} of {whole:?}", bed.server), || {
            clear(bed, &copy);
            let jobs = ["1", "2", "3"][fastrand::usize(..3)];
            killed += u32::from(killed_after(bed, &arguments(bed, &copy, jobs), whole.mul_f64(share)));
            // Who goes on may be killed as well.
            if round % 3 == 0 {
                killed +=
                    u32::from(killed_after(bed, &arguments(bed, &copy, "2"), whole.mul_f64(fastrand::f64())));
            }
            let ran = run(bed, &arguments(bed, &copy, "2"));
            gone_on += u32::from(ran.stderr.contains("goes on with the restore begun at"));
            // It may have been killed when all was done.
            let was_done = ran.code() == 4 && ran.stderr.contains("is not empty");
            assert!(ran.code() == 0 || was_done, "{ran}");
            assert_eq!(told(bed, &url, "copies"), wanted);
        });
    }
    eprintln!(
        "{:?}: {rounds} runs of {whole:?}, {killed} times killed, {gone_on} times gone on with",
        bed.server
    );
    assert!(killed > 0 && (gone_on > 0 || rounds < 20));
    clear(bed, &copy);
}

#[test]
fn killed_on_pg15() {
    kills(Server::Pg15);
}

#[test]
fn killed_on_pg18() {
    kills(Server::Pg18);
}

#[test]
fn killed_on_mariadb() {
    kills(Server::Mariadb);
}

#[test]
fn killed_on_mysql() {
    kills(Server::Mysql);
}

/// Makes a restore wait in the middle: something of the backup cannot be done yet.
fn lock(bed: &Bed, copy: &Restored<'_>) -> Box<dyn dbwright::engine::Session> {
    let mut target = bed.target();
    target.database = Some(copy.name.clone());
    let mut session = dbwright::engine::open(&target).unwrap();
    let (begin, lock) = match bed.server.family() {
        Family::Postgres => ("begin", "lock table part in access exclusive mode"),
        _ => ("select 1", "lock tables part write"),
    };
    session.execute(begin, &[]).unwrap();
    session.execute(lock, &[]).unwrap();
    session
}

fn tables_are_there(bed: &Bed, copy: &Restored<'_>) -> bool {
    let mut target = bed.target();
    target.database = Some(copy.name.clone());
    let Ok(mut session) = dbwright::engine::open(&target) else { return false };
    session.execute("select 1 from part limit 1", &[]).is_ok()
}

fn one_restore_at_a_time(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, 100_000);
    backup(bed);
    let copy = Restored::new(bed);
    let mut child = start(bed, &arguments(bed, &copy, "2"));
    poll::until("the restore has made its tables", || tables_are_there(bed, &copy));
    let held = lock(bed, &copy);
    let ran = run(bed, &[arguments(bed, &copy, "2"), vec!["--lock-timeout".into(), "500ms".into()]].concat());
    let was_over = child.try_wait().unwrap().is_some();
    assert!(was_over || ran.code() == 6 && ran.stderr.contains("another restore into"), "{ran}");
    drop(held);
    assert!(child.wait().unwrap().success());
    assert_eq!(copy.all(), super::backup::content(bed.open().as_mut()));
}

/// Runs until some of its parts are loaded, and is killed.
fn begin(bed: &Bed, copy: &Restored<'_>, arguments: &[String]) {
    for _ in 0..50 {
        clear(bed, copy);
        bed.open().execute(&format!("create database {}", copy.name), &[]).unwrap();
        let mut child = start(bed, arguments);
        poll::until("the restore has made its tables", || {
            tables_are_there(bed, copy) || child.try_wait().unwrap().is_some()
        });
        signal(&child, Signal::KILL);
        if !child.wait().unwrap().success() {
            return;
        }
    }
    panic!("it was always done before it was killed");
}

fn a_restore_that_has_not_ended_is_told(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, 100_000);
    let first = backup(bed);
    let copy = Restored::new(bed);
    begin(bed, &copy, &arguments(bed, &copy, "2"));
    bed.open().execute("update maker set name = 'other' where id = 1", &[]).unwrap();
    backup(bed);
    // The newest is another one now.
    let ran = run(bed, &arguments(bed, &copy, "2"));
    let id = first["id"].as_str().unwrap();
    assert!(ran.code() == 4 && ran.stderr.contains(&format!("holds a restore of backup {id}")), "{ran}");
    assert!(ran.stderr.contains("--clean"), "{ran}");
    let url = copy_url(bed, &copy);
    let of = |backup: &'static str, more: &[&str]| {
        let ran = [&["restore", backup, "--repo", "repo", "--yes", "--to", url.as_str()], more].concat();
        bed.sandbox.run(&ran)
    };
    let ran = of("latest", &["--no-privileges", "--dry-run"]);
    assert!(ran.code() == 4 && ran.stderr.contains("has not ended"), "{ran}");
    let ran = of("latest", &["--clean", "--allow-loss"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(copy.all(), super::backup::content(bed.open().as_mut()));
}

fn some_tables_and_rows_alone_go_on(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, 100_000);
    backup(bed);
    let copy = Restored::new(bed);
    let url = copy_url(bed, &copy);
    let some = |more: &[&str]| -> Vec<String> {
        let all = [&["restore", "latest", "--repo", "repo", "--yes", "--to", url.as_str()], more].concat();
        all.iter().map(|each| (*each).to_owned()).collect()
    };
    let count = || {
        let mut target = bed.target();
        target.database = Some(copy.name.clone());
        one(dbwright::engine::open(&target).unwrap().as_mut(), "select count(*) from part")
    };
    let tables = some(&["--table", "part"]);
    begin(bed, &copy, &tables);
    let ran = run(bed, &tables);
    assert!(ran.code() == 0 && ran.stderr.contains("goes on with"), "{ran}");
    assert_eq!(count(), "100004");
    // What is there is emptied once, and not by the run that goes on.
    let rows = some(&["--table", "part", "--data-only", "--clean", "--allow-loss"]);
    for _ in 0..5 {
        killed_after(bed, &rows, Duration::from_millis(fastrand::u64(50..1500)));
        let ran = run(bed, &rows);
        assert_eq!(ran.code(), 0, "{ran}");
        assert_eq!(count(), "100004");
    }
}

#[test]
fn a_file_of_sqlite_is_there_or_not() {
    crate::servers::run(Server::Sqlite, "restore_kills", |bed| {
        fill(bed);
        fill_many(bed, 1000, 100_000);
        backup(bed);
        let copy = Restored::new(bed);
        let arguments: Vec<String> =
            ["restore", "latest", "--repo", "repo", "--yes", "--to", &copy.name].map(str::to_owned).to_vec();
        for _ in 0..10 {
            killed_after(bed, &arguments, Duration::from_millis(fastrand::u64(10..200)));
            if !std::path::Path::new(&copy.name).exists() {
                let ran = run(bed, &arguments);
                assert_eq!(ran.code(), 0, "{ran}");
            }
            assert_eq!(copy.all(), super::backup::content(bed.open().as_mut()));
            assert!(!std::path::Path::new(&format!("{}.restoring", copy.name)).exists());
            std::fs::remove_file(&copy.name).unwrap();
        }
    });
}
