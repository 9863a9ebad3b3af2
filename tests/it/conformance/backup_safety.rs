//! What happens to backups when a process is killed, a server is busy, a disk is full, or a connection
//! breaks: what was there stays whole, and nothing half-done is called done.
//!
//! `DBWRIGHT_KILLS=200` asks for so many kills, `DBWRIGHT_BACKUPS=50` for so many backups under a writer.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::backup::{Restored, backup, content, fill, fill_many};
use crate::poll;
use crate::process::{Ran, signal};
use crate::sandbox::Sandbox;
use crate::servers::{Bed, Family, Server, leave_out, on_every_network_server, on_every_server, one, rows};

on_every_server!(what_is_killed_spoils_no_backup, each_backup_is_one_moment);

mod network {
    use super::*;
    on_every_network_server!(a_lost_connection_is_told);
}

fn asked(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

fn start(bed: &Bed, arguments: &[&str]) -> Child {
    let mut command: Command = bed.sandbox.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The ids of the backups that are whole.
fn whole(bed: &Bed) -> Vec<String> {
    let list = bed.sandbox.run(&["backup", "list", "--repo", "repo", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap_or_else(|error| panic!("{error}\n{list}"));
    let backups = list["backups"].as_array().unwrap().iter();
    backups.filter(|each| each["state"] == "whole").map(|each| each["id"].as_str().unwrap().into()).collect()
}

#[track_caller]
fn are_whole(bed: &Bed) {
    for id in whole(bed) {
        let ran = bed.sandbox.run(&["backup", "verify", &id, "--repo", "repo"]);
        assert_eq!(ran.code(), 0, "{ran}");
    }
}

/// Creates and prunes are killed by turns; each is given so long as it may take at most.
fn what_is_killed_spoils_no_backup(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, 20_000);
    let began = Instant::now();
    backup(bed);
    let most = began.elapsed();
    let url = bed.url();
    let (create, prune) = (
        ["backup", "create", &url, "--repo", "repo"],
        ["backup", "prune", "--repo", "repo", "--keep-last", "2", "--yes"],
    );
    let rounds = asked("DBWRIGHT_KILLS", 12);
    let mut killed = 0;
    for round in 0..rounds {
        let change = format!("update part set note = 'round {round}' where id % 7 = {}", round % 7);
        bed.open().execute(&change, &[]).unwrap();
        // A prune has nothing to do unless there are backups: they are made now and then.
        if round % 4 == 3 {
            backup(bed);
        }
        let is_prune = round % 2 == 1;
        let most = if is_prune { most / 4 } else { most };
        let mut child = if is_prune { start(bed, &prune) } else { start(bed, &create) };
        std::thread::sleep(most.mul_f64(fastrand::f64()));
        signal(&child, Signal::KILL);
        killed += u32::from(!child.wait().unwrap().success());
        assert!(!whole(bed).is_empty());
        are_whole(bed);
    }
    eprintln!("{:?}: {killed} of {rounds} were killed before they had ended", bed.server);
    assert!(killed > 0);
    let made = backup(bed);
    let ran = bed.sandbox.run(&["backup", "prune", "--repo", "repo", "--keep-last", "1", "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    // Nothing unfinished is left: the whole repository is as it should be.
    let ran = bed.sandbox.run(&["backup", "verify", "--repo", "repo"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = Restored::new(bed);
    let ran = copy.restore(made["id"].as_str().unwrap(), &[]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(copy.all(), content(bed.open().as_mut()));
}

/// Whoever moves money from one account to another writes it in the journal in the same transaction:
/// the sum stays, and each journal entry is seen in the accounts.
const SUM: &str = "select sum(balance) from account";
const BOOKED: &str =
    "select (select sum(balance * id) from account) - (select sum(amount * (target - source)) from journal)";

fn fill_accounts(bed: &Bed) {
    let mut session = bed.open();
    let text = bed.server.pick("text", "text", "longtext");
    for sql in [
        format!("create table account (id int not null primary key, balance int not null, filler {text})"),
        "create table journal (id int not null primary key, source int not null, target int not null, amount int not null)".to_owned(),
    ] {
        session.execute(&sql, &[]).unwrap();
    }
    for id in 1..=200 {
        let filler = "x".repeat(2000);
        session.execute(&format!("insert into account values ({id}, 1000, '{filler}')"), &[]).unwrap();
    }
}

/// Moves money until it is told to stop.
fn write(bed: &Bed, writer: u32, stop: &AtomicBool, moved: &AtomicU32) {
    let mut session = bed.open();
    let mut number = writer * 10_000_000;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let (one, other) = (fastrand::u32(1..=200), fastrand::u32(1..=200));
        let (source, target) = (one.min(other), one.max(other));
        let amount = fastrand::u32(1..50);
        let transaction = [
            bed.server.pick("begin immediate", "begin", "start transaction").to_owned(),
            format!("update account set balance = balance - {amount} where id = {source}"),
            format!("update account set balance = balance + {amount} where id = {target}"),
            format!("insert into journal values ({number}, {source}, {target}, {amount})"),
            "commit".to_owned(),
        ];
        for sql in &transaction {
            if let Err(error) = session.execute(sql, &[]) {
                // A writer may have to wait for another, and be chosen to give way.
                assert_eq!(error.kind(), dbwright::error::Kind::Locked, "{sql}: {error}");
                let _ = session.execute("rollback", &[]);
                break;
            }
        }
        moved.fetch_add(1, Ordering::Relaxed);
        if bed.server == Server::Sqlite {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn each_backup_is_one_moment(bed: &Bed) {
    fill_accounts(bed);
    if bed.server == Server::Sqlite {
        rows(bed.open().as_mut(), "pragma journal_mode = wal");
    }
    let booked = one(bed.open().as_mut(), "select sum(balance * id) from account");
    let (stop, moved) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (stop, moved) = (&stop, &moved);
            scope.spawn(move || write(bed, writer, stop, moved));
        }
        let stops = Stops(&stop);
        let mut seen = Vec::new();
        for _ in 0..asked("DBWRIGHT_BACKUPS", 3) {
            let before = moved.load(Ordering::Relaxed);
            poll::until("the writers write", || moved.load(Ordering::Relaxed) > before + 20);
            let made = backup(bed);
            let copy = Restored::new(bed);
            let ran = copy.restore(made["id"].as_str().unwrap(), &[]);
            assert_eq!(ran.code(), 0, "{ran}");
            let mut target = bed.target();
            target.database = Some(copy.name.clone());
            let mut session = dbwright::engine::open(&target).unwrap();
            assert_eq!(one(session.as_mut(), SUM), "200000");
            assert_eq!(one(session.as_mut(), BOOKED), booked, "a journal entry and its accounts differ");
            seen.push(one(session.as_mut(), "select count(*) from journal").parse::<u32>().unwrap());
        }
        drop(stops);
        assert!(seen.is_sorted() && seen.first() < seen.last(), "{seen:?}");
    });
}

/// Lets the writers end even when an assertion fails.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The sessions that others have on a database.
fn sessions(bed: &Bed, database: &str) -> String {
    match bed.server.family() {
        Family::Mysql => format!(
            "select id from information_schema.processlist where db = '{database}' and id <> connection_id()"
        ),
        _ => format!(
            "select pid from pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid()"
        ),
    }
}

/// Runs a command and ends one of its sessions on the server; its code and what it said.
fn cut_off(bed: &Bed, database: &str, arguments: &[&str]) -> Ran {
    let mut watch = bed.open();
    let before = rows(watch.as_mut(), &sessions(bed, database));
    std::thread::scope(|scope| {
        let ran = scope.spawn(|| bed.sandbox.run(arguments));
        let mut found = None;
        poll::until("the command has a session", || {
            let now = rows(watch.as_mut(), &sessions(bed, database));
            found =
                now.into_iter().find(|row| !before.contains(row)).and_then(|row| row.into_iter().next()?);
            found.is_some() || ran.is_finished()
        });
        std::thread::sleep(Duration::from_millis(fastrand::u64(20..150)));
        if let Some(id) = found {
            // It may have ended by itself.
            let _ = watch.execute(&bed.server.kill(id.parse().unwrap()), &[]);
        }
        ran.join().unwrap()
    })
}

fn a_lost_connection_is_told(bed: &Bed) {
    fill(bed);
    fill_many(bed, 1000, 100_000);
    let made = backup(bed);
    let (url, database) = (bed.url(), bed.target().database.unwrap());
    let mut lost = 0;
    for _ in 0..4 {
        let ran = cut_off(bed, &database, &["backup", "create", &url, "--repo", "repo"]);
        // The session that was ended may have had nothing more to do.
        if ran.code() != 0 {
            lost += 1;
            assert!(ran.stderr.contains("connection"), "{ran}");
            assert!(ran.stdout.is_empty(), "{ran}");
        }
        are_whole(bed);
    }
    let copy = Restored::new(bed);
    let id = made["id"].as_str().unwrap();
    for _ in 0..4 {
        let to = ["restore", id, "--repo", "repo", "--yes", "--to", &url, "--as", &copy.name];
        let ran = cut_off(bed, &copy.name, &to);
        if ran.code() != 0 {
            lost += 1;
            assert!(ran.stderr.contains("connection") || ran.stderr.contains("lost"), "{ran}");
            assert!(ran.stderr.contains(&copy.name), "{ran}");
        }
        drop(Restored::new(bed));
    }
    assert!(lost > 0);
    assert_eq!(copy.restore(id, &[]).code(), 0);
    assert_eq!(copy.all(), content(bed.open().as_mut()));
}

/// Needs a file system of its own, which only root can make.
#[test]
fn a_full_disk_is_told_and_spoils_nothing() {
    if !rustix::process::geteuid().is_root() {
        return leave_out("backups on a full disk", "it mounts a file system, which needs root");
    }
    let sandbox = Sandbox::new();
    let fill = "create table a (n); insert into a select zeroblob(100000);";
    let more = "insert into a select randomblob(500000)";
    let list = "dbwright backup list --repo disk/repo --json | grep -o '\"state\": *\"[a-z]*\"' | tr -d ' '";
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=400k none disk
        dbwright connect 'sqlite:app.db?mode=rwc' -c '{fill}' > /dev/null
        dbwright backup app.db --repo disk/repo > /dev/null; echo code $?
        dbwright connect app.db -c '{more}' > /dev/null
        dbwright backup app.db --repo disk/repo; echo code $?; {list}
        dbwright backup verify latest --repo disk/repo > /dev/null; echo code $?
        mount -o remount,size=4m disk
        dbwright backup app.db --repo disk/repo > /dev/null; echo code $?; {list}
        dbwright backup verify --repo disk/repo > /dev/null; echo code $?
        mount -o remount,size=900k disk
        dbwright restore latest --repo disk/repo --to disk/copy.db --yes; echo code $?; ls disk"
    );
    // In a mount namespace of its own, so that nothing is left behind.
    let ran = Ran::of(sandbox.program("unshare").args(["--mount", "sh", "-c", &script]));
    if ran.stderr.contains("unshare failed") || ran.stderr.contains("permission denied") {
        return leave_out("backups on a full disk", "this system lets nobody mount");
    }
    let state = "\"state\":\"whole\"\n";
    let expected = format!("code 0\ncode 1\n{state}code 0\ncode 0\n{state}{state}code 0\ncode 1\nrepo\n");
    assert_eq!(ran.out(), expected, "{ran}");
    assert_eq!(ran.stderr.matches("No space left").count(), 2, "{ran}");
}
