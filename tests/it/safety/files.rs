//! SQLite's files: missing, foreign, broken, locked, write-protected, on a full disk.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::poll;
use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::leave_out;

/// A database with a table of a thousand rows.
fn database() -> Sandbox {
    let sandbox = Sandbox::new();
    let sql = "create table t (a, b); create index i on t (b); insert into t \
               with recursive s(n) as (select 1 union all select n + 1 from s where n < 1000) select n, 'row ' || n from s";
    sandbox.run(&["connect", "sqlite:app.db?mode=rwc", "-c", sql]).ok();
    sandbox
}

#[test]
fn a_missing_file_is_not_made() {
    let sandbox = Sandbox::new();
    let said = sandbox.run(&["connect", "typo.db", "-c", "select 1"]).fails(3);
    assert!(said.contains("typo.db") && said.contains("mode=rwc"), "{said}");
    assert!(!sandbox.work().join("typo.db").exists());
    let said =
        sandbox.run(&["connect", "sqlite:no/such/folder/x.db?mode=rwc", "-c", "create table t (a)"]).fails(3);
    assert!(said.contains("no/such/folder"), "{said}");
}

#[test]
fn what_is_not_a_database_is_told() {
    let sandbox = Sandbox::new();
    sandbox
        .write("notes.db", "these are only some notes, and more than a hundred bytes of them\n".repeat(40));
    let said = sandbox.run(&["connect", "notes.db", "-c", "select * from sqlite_schema"]).fails(3);
    assert!(said.contains("not a SQLite database"), "{said}");
    let said = sandbox.run(&["connect", "sqlite:.", "-c", "select 1"]).fails(3);
    assert!(said.contains("folder"), "{said}");
}

#[test]
fn a_corrupt_file_is_told() {
    let sandbox = database();
    let path = sandbox.work().join("app.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let said =
        sandbox.run(&["connect", "app.db", "-c", "select count(a), max(b) from t not indexed"]).fails(1);
    assert!(said.contains("malformed") || said.contains("corrupt"), "{said}");
    assert!(said.contains("integrity_check"), "no next step: {said}");
    // Cut off in the middle.
    std::fs::write(&path, &std::fs::read(&path).unwrap()[..5000]).unwrap();
    sandbox.run(&["connect", "app.db", "-c", "select count(a), max(b) from t not indexed"]).fails(1);
}

#[test]
fn a_write_protected_file_is_read_but_not_written() {
    let sandbox = database();
    let path = sandbox.work().join("app.db");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    sandbox.run(&["connect", "app.db", "-c", "select count(*) from t"]).ok();
    let said = sandbox.run(&["connect", "sqlite:app.db?mode=ro", "-c", "delete from t"]).fails(1);
    assert!(said.contains("read-only") || said.contains("readonly"), "{said}");
    if rustix::process::geteuid().is_root() {
        // Permissions do not hold root back.
        return;
    }
    let said = sandbox.run(&["connect", "app.db", "-c", "delete from t"]).fails(1);
    assert!(said.contains("help: "), "{said}");
}

/// Another process holds the lock: it is waited for, then named.
#[test]
fn who_holds_the_lock_is_named() {
    let sandbox = database();
    let mut holder = sandbox.command(["connect", "app.db"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut script = holder.stdin.take().unwrap();
    std::io::Write::write_all(&mut script, b"begin exclusive;\nselect 1;\n").unwrap();
    let locked = || {
        let read = Command::new("cat").arg("/proc/locks").output().unwrap();
        String::from_utf8_lossy(&read.stdout).contains(&format!(" {} ", holder.id()))
    };
    poll::until("the lock is taken", locked);
    let began = std::time::Instant::now();
    let ran = sandbox.run(&["connect", "app.db", "--lock-timeout", "300ms", "-c", "delete from t"]);
    let waited = began.elapsed();
    let said = ran.fails(1);
    assert!(waited.as_millis() >= 300, "{waited:?}");
    assert!(
        said.contains("locked") && said.contains(&format!("process {} (dbwright)", holder.id())),
        "{said}"
    );
    assert!(said.contains("--lock-timeout"), "{said}");
    // Who is patient gets it.
    let patient =
        sandbox.command(["connect", "app.db", "-q", "--lock-timeout", "20s", "-c", "delete from t"]).spawn();
    std::io::Write::write_all(&mut script, b"commit;\n").unwrap();
    drop(script);
    assert!(patient.unwrap().wait().unwrap().success());
    assert!(holder.wait().unwrap().success());
}

/// Needs a file system of its own, which only root can make.
#[test]
fn a_full_disk_loses_nothing() {
    if !rustix::process::geteuid().is_root() {
        return leave_out("SQLite on a full disk", "it mounts a file system, which needs root");
    }
    let sandbox = Sandbox::new();
    let script = "mount -t tmpfs -o size=256k none . && cd \"$PWD\" && \
        dbwright connect 'sqlite:app.db?mode=rwc' -q -c 'create table t (a); insert into t values (1)' && \
        dbwright connect app.db -c 'insert into t select zeroblob(1000000)'; echo code $?; \
        dbwright connect app.db --format csv -c 'select count(*) as n from t; pragma integrity_check'";
    // In a mount namespace of its own, so that nothing is left behind.
    let ran = Ran::of(sandbox.program("unshare").args(["--mount", "sh", "-c", script]));
    if ran.stderr.contains("unshare failed") || ran.stderr.contains("permission denied") {
        return leave_out("SQLite on a full disk", "this system lets nobody mount");
    }
    assert_eq!(ran.out(), "code 1\nn\n1\nintegrity_check\nok\n", "{ran}");
    assert!(ran.stderr.contains("full") && ran.stderr.contains("help: "), "{ran}");
}

#[test]
fn two_programs_write_in_turns() {
    let sandbox = database();
    let insert = "insert into t values (0, 'x')";
    let children: Vec<_> = (0..6)
        .map(|_| sandbox.command(["connect", "app.db", "-q", "-c", insert, "-c", insert]).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let count =
        sandbox.run(&["connect", "app.db", "--format", "csv", "--no-header", "-c", "select count(*) from t"]);
    assert_eq!(count.ok(), "1012\n");
}
