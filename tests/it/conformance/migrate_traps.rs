//! What migrations run into on one engine alone.

use std::process::Stdio;

use rustix::process::Signal;

use super::migrate::{done, migrate, states, write};
use crate::poll;
use crate::process::{Ran, signal};
use crate::servers::{Bed, Server, on_every_network_server, one, run};

on_every_network_server!(a_lock_that_is_held_is_tried_again, a_lost_connection_is_told);

#[test]
fn a_rebuilt_table_keeps_the_rows_that_refer_to_it() {
    run(Server::Sqlite, "rebuild_keeps_rows", |bed| {
        write(
            bed,
            "1_a.sql",
            "-- migrate:up\ncreate table a (id integer primary key, n text);\n\
             create table b (id integer primary key, a_id integer references a (id) on delete cascade);\n\
             insert into a values (1, 'x');\ninsert into b values (1, 1);\n",
        );
        write(
            bed,
            "2_rebuild.sql",
            "-- migrate:up\nPRAGMA foreign_keys = OFF;\ncreate table a2 (id integer primary key, n text not null);\n\
             insert into a2 select * from a;\ndrop table a;\nalter table a2 rename to a;\nPRAGMA foreign_keys = ON;\n",
        );
        done(bed, "up", &[]);
        assert_eq!(one(bed.open().as_mut(), "select count(*) from b"), "1");
        write(
            bed,
            "3_bad.sql",
            "-- migrate:up\ncreate table a3 (id integer primary key);\ndrop table a;\nalter table a3 rename to a;\n",
        );
        let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
        assert_eq!(ran.code(), 1, "{ran}");
        assert!(ran.stderr.contains("leaves 1 row that refer to rows which are not there: b 1 a 0"), "{ran}");
        assert_eq!(one(bed.open().as_mut(), "select count(*) from a"), "1");
        assert_eq!(states(bed)[2], "3 pending");
        // Without a change of tables the engine itself watches.
        write(bed, "3_bad.sql", "-- migrate:up\ninsert into b values (2, 7);\n");
        assert_eq!(Ran::of(&mut migrate(bed, "up", &["--yes"])).code(), 1);
    });
}

const CONCURRENTLY: &str = "-- migrate:up transaction:false\ncreate index concurrently big_n on big (n);\n";

fn big(bed: &Bed) {
    write(
        bed,
        "1_big.sql",
        "-- migrate:up\ncreate table big (id int, n text);\ninsert into big select i, i from generate_series(1, 50000) i;\n",
    );
}

/// Whoever waited for the lock in a statement would be waited for by the index, for ever.
fn two_runs_and_an_index_do_not_wait_for_each_other(bed: &Bed) {
    big(bed);
    write(bed, "2_index.sql", CONCURRENTLY);
    let start =
        || migrate(bed, "up", &["--yes"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut runs = [start(), start(), start()];
    for run in &mut runs {
        assert!(run.wait().unwrap().success());
    }
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
    assert_eq!(
        one(
            bed.open().as_mut(),
            "select count(*) from pg_index where indexrelid = 'big_n'::regclass and indisvalid"
        ),
        "1"
    );
}

/// The server goes on with a statement whose client is gone, and the next run waits for that.
fn an_index_whose_run_was_killed_is_not_built_twice(bed: &Bed) {
    big(bed);
    done(bed, "up", &[]);
    write(bed, "2_index.sql", CONCURRENTLY);
    let mut blocker = bed.open();
    blocker.execute("begin", &[]).unwrap();
    blocker.execute("insert into big values (0, '')", &[]).unwrap();
    let mut child = migrate(bed, "up", &["--yes", "--lock-timeout", "1m"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let mut watch = bed.open();
    poll::until("the index is being built", || one(watch.as_mut(), waits) != "0");
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    assert_eq!(states(bed)[1], "2 partial");
    blocker.execute("commit", &[]).unwrap();
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
    assert_eq!(one(watch.as_mut(), "select count(*) from pg_index where indrelid = 'big'::regclass"), "1");
}

#[test]
fn two_runs_and_an_index_do_not_wait() {
    for (server, name) in [(Server::Pg15, "index15"), (Server::Pg18, "index18")] {
        run(server, name, two_runs_and_an_index_do_not_wait_for_each_other);
    }
}

#[test]
fn a_killed_index_is_not_built_twice() {
    for (server, name) in [(Server::Pg15, "killed15"), (Server::Pg18, "killed18")] {
        run(server, name, an_index_whose_run_was_killed_is_not_built_twice);
    }
}

fn a_lock_that_is_held_is_tried_again(bed: &Bed) {
    write(bed, "1_a.sql", "-- migrate:up\ncreate table a (id int);\n");
    done(bed, "up", &[]);
    write(bed, "2_b.sql", "-- migrate:up\nalter table a add column b int;\n");
    let mut blocker = bed.open();
    blocker.execute("begin", &[]).unwrap();
    blocker.execute("insert into a values (1)", &[]).unwrap();
    let arguments = ["--yes", "--lock-timeout", "1s", "--lock-retries", "1"];
    let ran = Ran::of(&mut migrate(bed, "up", &arguments));
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("could not have a lock: trying again in"), "{ran}");
    assert!(ran.stderr.contains("nothing of it was changed"), "{ran}");
    assert_eq!(states(bed)[1], "2 pending");
    blocker.execute("commit", &[]).unwrap();
    done(bed, "up", &[]);
}

fn a_lost_connection_is_told(bed: &Bed) {
    let slow = bed.server.pick("", "select pg_sleep(60)", "do sleep(60)");
    write(
        bed,
        "1_a.sql",
        &format!("-- migrate:up\ncreate table a (id int);\n{slow};\ncreate table b (id int);\n"),
    );
    let mut child =
        migrate(bed, "up", &["--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut watch = bed.open();
    let (find, end) = bed.server.pick(
        ("", ""),
        ("select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and state = 'active'", "select pg_terminate_backend(#)"),
        ("select id from information_schema.processlist where db = database() and info like 'do sleep(60)%'", "kill #"),
    );
    let mut found = String::new();
    poll::until("the statement runs", || {
        found = crate::servers::rows(watch.as_mut(), find)
            .into_iter()
            .flatten()
            .flatten()
            .next()
            .unwrap_or_default();
        !found.is_empty()
    });
    let end = end.replace('#', &found);
    watch.execute(&end, &[]).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let state = if bed.server.family() == crate::servers::Family::Mysql { "1 partial" } else { "1 pending" };
    assert_eq!(states(bed), [state]);
}
