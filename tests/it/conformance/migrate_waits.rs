//! Whoever waits is told for whom.

use super::migrate::{done, migrate, write};
use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_network_server, run};
use dbwright::engine::{Claim, Session};

on_every_network_server!(
    a_statement_tells_who_holds_its_lock,
    a_statement_tells_who_holds_its_row,
    a_run_tells_which_other_run_it_waits_for,
);

fn table(bed: &Bed) {
    write(bed, "1_a.sql", "-- migrate:up\ncreate table a (id int, word varchar(20));\n");
    done(bed, "up", &[]);
    write(bed, "2_b.sql", "-- migrate:up\nalter table a add column b int;\n");
}

/// As it is told: `pid 7: dbwright`.
fn told(bed: &Bed, session: &dyn Session) -> String {
    let kind = bed.server.pick("", "pid", "connection");
    format!("{kind} {}: dbwright", session.server().session_id.unwrap())
}

fn a_statement_tells_who_holds_its_lock(bed: &Bed) {
    table(bed);
    let mut blocker = bed.open();
    blocker.execute("begin", &[]).unwrap();
    blocker.execute("insert into a values (1, 'verysecret')", &[]).unwrap();
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--lock-timeout", "3s", "--lock-retries", "0"]));
    assert_eq!(ran.code(), 1, "{ran}");
    let perhaps = if bed.server == Server::Mariadb { "perhaps " } else { "" };
    let expected = format!("2 b waits for a lock of {perhaps}{}", told(bed, blocker.as_ref()));
    assert!(ran.stderr.contains(&expected), "{expected}\n{ran}");
    assert!(ran.stderr.contains("idle in transaction for "), "{ran}");
    if bed.server != Server::Mariadb {
        assert!(ran.stderr.contains("\"insert into a values (?, ?)\""), "{ran}");
    }
    assert!(!ran.stderr.contains("verysecret"), "{ran}");
    blocker.execute("commit", &[]).unwrap();
}

/// Every server knows for sure who holds a row.
fn a_statement_tells_who_holds_its_row(bed: &Bed) {
    table(bed);
    let mut blocker = bed.open();
    blocker.execute("insert into a values (1, 'x')", &[]).unwrap();
    write(bed, "2_b.sql", "-- migrate:up\nupdate a set word = 'y' where id = 1;\n");
    blocker.execute("begin", &[]).unwrap();
    blocker.execute("update a set word = 'verysecret' where id = 1", &[]).unwrap();
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--lock-timeout", "3s", "--lock-retries", "0"]));
    assert_eq!(ran.code(), 1, "{ran}");
    let expected = format!("2 b waits for a lock of {}", told(bed, blocker.as_ref()));
    assert!(ran.stderr.contains(&expected), "{expected}\n{ran}");
    assert!(!ran.stderr.contains("verysecret"), "{ran}");
    blocker.execute("commit", &[]).unwrap();
}

fn a_run_tells_which_other_run_it_waits_for(bed: &Bed) {
    table(bed);
    let mut other = bed.open();
    assert_eq!(other.try_claim("dbwright migrate").unwrap(), Claim::Taken);
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--wait", "1s"]));
    assert_eq!(ran.code(), 6, "{ran}");
    let expected = format!("waiting for it: {}", told(bed, other.as_ref()));
    assert!(ran.stderr.contains(&expected), "{expected}\n{ran}");
    assert_eq!(ran.stderr.matches("waiting for it").count(), 1, "{ran}");
}

/// A user who sees nobody else's sessions waits all the same.
#[test]
fn who_may_not_look_waits_all_the_same() {
    for (server, name) in [(Server::Mysql, "few_my"), (Server::Mariadb, "few_ma")] {
        run(server, name, |bed| {
            table(bed);
            let user = format!("w{}", std::process::id());
            let mut root = bed.open();
            root.execute(&format!("create user '{user}'@'%' identified by 'few'"), &[]).unwrap();
            root.execute(&format!("grant all on {}.* to '{user}'@'%'", bed.database), &[]).unwrap();
            let mut blocker = bed.open();
            blocker.execute("begin", &[]).unwrap();
            blocker.execute("insert into a values (1, 'x')", &[]).unwrap();
            let url = bed.url_as(&format!("{user}:few"), "");
            let arguments = ["migrate", "up", &url, "--yes", "--lock-timeout", "1s", "--lock-retries", "0"];
            let ran = Ran::of(&mut bed.sandbox.command(arguments));
            root.execute(&format!("drop user '{user}'@'%'"), &[]).unwrap();
            assert_eq!(ran.code(), 1, "{ran}");
            assert!(ran.stderr.contains("nothing of it was changed"), "{ran}");
            assert!(!ran.stderr.contains("waits for a lock of"), "{ran}");
        });
    }
}

#[test]
fn the_process_that_has_a_file_is_named() {
    run(Server::Sqlite, "waits_file", |bed| {
        table(bed);
        let mut blocker = bed.open();
        blocker.execute("begin immediate", &[]).unwrap();
        let arguments = ["--yes", "--lock-timeout", "200ms", "--lock-retries", "1"];
        let ran = Ran::of(&mut migrate(bed, "up", &arguments));
        assert_eq!(ran.code(), 1, "{ran}");
        let expected = format!("could not have a lock of process {} ", std::process::id());
        assert!(ran.stderr.contains(&expected), "{ran}");
    });
}
