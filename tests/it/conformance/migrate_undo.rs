//! `migrate repair --undo`: the part of a migration that took effect is taken back, or nothing is.

use std::process::Stdio;

use rustix::process::Signal;

use super::migrate::{done, migrate, states, write};
use crate::poll;
use crate::process::{Ran, signal};
use crate::servers::{Bed, on_every_network_server, on_every_server, one, rows};

on_every_server!(
    half_a_migration_is_taken_back,
    what_is_not_certain_is_left_alone,
    a_step_that_fails_is_told_and_stays,
);
on_every_network_server!(a_killed_step_back_is_gone_on_with);

const HALF: &str = "-- dbwright: no-transaction\n-- migrate:up\ncreate table one (id int);\ninsert into one values (1);\n\
    create index one_id on one (id);\ncreate view v as select id from one;\ncreate tabl two (id int);\n\
    -- migrate:down\ndrop table two;\ndrop view v;\ndrop table one;\n";

fn half(bed: &Bed, text: &str) {
    write(bed, "1_half.sql", text);
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
    assert_eq!(ran.code(), 5, "{ran}");
    assert_eq!(states(bed), ["1 partial"]);
}

fn undo(bed: &Bed) -> Ran {
    Ran::of(&mut migrate(bed, "repair", &["--undo", "1", "--yes"]))
}

fn is_there(bed: &Bed, name: &str) -> bool {
    let sql = bed.server.pick(
        format!("select count(*) from sqlite_schema where name = '{name}'"),
        format!("select count(*) from information_schema.tables where table_name = '{name}'"),
        format!("select count(*) from information_schema.tables where table_schema = database() and table_name = '{name}'"),
    );
    one(bed.open().as_mut(), &sql) != "0"
}

fn half_a_migration_is_taken_back(bed: &Bed) {
    half(bed, HALF);
    let ran = Ran::of(&mut migrate(bed, "repair", &["--undo", "1"]));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(is_there(bed, "v"));
    let ran = undo(bed);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(
        ran.out().contains("insert into one values (1)") && ran.out().contains("goes with its table"),
        "{ran}"
    );
    assert_eq!(states(bed), ["1 pending"]);
    assert!(!is_there(bed, "v") && !is_there(bed, "one"));
    write(bed, "1_half.sql", &HALF.replace("tabl two", "table two"));
    done(bed, "up", &[]);
    assert_eq!(undo(bed).code(), 4);
}

fn what_is_not_certain_is_left_alone(bed: &Bed) {
    write(bed, "1_half.sql", "-- migrate:up\ncreate table film (id int);\n");
    done(bed, "up", &[]);
    let text = "-- dbwright: no-transaction\n-- migrate:up\ncreate table one (id int);\n\
        insert into film values (1);\ncreate tabl two (id int);\n-- migrate:down\ndrop table one;\n";
    write(bed, "2_more.sql", text);
    assert_eq!(Ran::of(&mut migrate(bed, "up", &["--yes"])).code(), 5);
    let ran = Ran::of(&mut migrate(bed, "repair", &["--undo", "2", "--yes"]));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(ran.stderr.contains("what takes statement 2 of 2 more back is not certain"), "{ran}");
    assert!(ran.stderr.contains("2_more.sql:4:1"), "{ran}");
    assert!(is_there(bed, "one"));
    assert_eq!(states(bed), ["1 applied", "2 partial"]);
}

fn a_step_that_fails_is_told_and_stays(bed: &Bed) {
    half(bed, HALF);
    rows(bed.open().as_mut(), "drop view v");
    let ran = undo(bed);
    assert_eq!(ran.code(), 5, "{ran}");
    assert!(ran.stderr.contains("statement 4 of 1 half could not be taken back"), "{ran}");
    assert!(ran.stderr.contains("4 of its statements are still in effect"), "{ran}");
    assert!(is_there(bed, "one"));
    rows(bed.open().as_mut(), "create view v as select id from one");
    assert_eq!(undo(bed).code(), 0);
    assert_eq!(states(bed), ["1 pending"]);
}

fn a_killed_step_back_is_gone_on_with(bed: &Bed) {
    half(bed, HALF);
    let mut blocker = bed.open();
    blocker.execute("begin", &[]).unwrap();
    blocker.execute("insert into one values (2)", &[]).unwrap();
    let mut child = migrate(bed, "repair", &["--undo", "1", "--yes", "--lock-timeout", "1m"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let waits = bed.server.pick(
        "",
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        "select count(*) from information_schema.processlist where db = database() and state like 'Waiting for % lock'",
    );
    let mut watch = bed.open();
    poll::until("the table is being dropped", || one(watch.as_mut(), waits) != "0");
    assert!(!is_there(bed, "v"));
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    assert_eq!(states(bed), ["1 partial"]);
    blocker.execute("commit", &[]).unwrap();
    poll::until("nobody waits", || one(watch.as_mut(), waits) == "0");
    let ran = undo(bed);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(states(bed), ["1 pending"]);
    assert!(!is_there(bed, "v") && !is_there(bed, "one"));
}
