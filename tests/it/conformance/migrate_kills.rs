//! `migrate up` is killed at random moments: what the next run finds is told, and it goes on to the
//! very schema, rows and history that a run without a hitch leads to.
//!
//! The moments are spread over the time that such a run takes. `DBWRIGHT_KILLS=200` asks for so many.

use std::process::Stdio;
use std::time::{Duration, Instant};

use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::diff::diff;
use rustix::process::Signal;

use super::migrate::{done, migrate, states, write};
use crate::poll;
use crate::process::{Ran, signal};
use crate::servers::{Bed, Family, Server, one, rows};

const COUNT: usize = 4;

/// A second run of any of these would fail, or be seen in the rows.
fn files(bed: &Bed) {
    write(
        bed,
        "0_log.sql",
        "-- migrate:up\ncreate table ran (id int);\ncreate table total (n int);\ninsert into total values (0);\n",
    );
    for at in 1..=COUNT {
        // One is run statement by statement on all engines.
        let alone = if at == 2 { " transaction:false" } else { "" };
        let trigger = bed.server.pick(
            format!("create trigger tr{at} after insert on t{at} begin select 1; end"),
            format!("create trigger tr{at} before update on t{at} for each row execute function suppress_redundant_updates_trigger()"),
            format!("create trigger tr{at} before insert on t{at} for each row set new.b = 1"),
        );
        let text = format!(
            "-- migrate:up{alone}\ncreate table t{at} (id int not null primary key, a int);\n\
             insert into ran values ({at});\nalter table t{at} add column b int;\n\
             update total set n = n + 1;\ncreate index t{at}_a on t{at} (a);\n\
             create view v{at} as select id, b from t{at};\n{trigger};\n\
             insert into t{at} values ({at}, 1, 2);\nalter table t{at} rename to r{at};\n\
             drop view v{at};\n\
             insert into ran values ({at});\n"
        );
        write(bed, &format!("{at}_t.sql"), &text);
    }
}

/// An empty database again.
fn clear(bed: &Bed) {
    if bed.server == Server::Sqlite {
        for ending in ["", "-journal", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", bed.database));
        }
        return;
    }
    let mut session = bed.open();
    let database = &bed.database;
    match bed.server.family() {
        Family::Mysql => {
            rows(session.as_mut(), &format!("drop database {database}"));
            rows(session.as_mut(), &format!("create database {database}"));
        }
        _ => drop(rows(session.as_mut(), "drop schema public cascade; create schema public")),
    }
}

fn start(bed: &Bed) -> std::process::Child {
    migrate(bed, "up", &["--yes"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn catalog(bed: &Bed) -> Catalog {
    bed.open().catalog(Scope::default()).unwrap()
}

/// Runs it, and kills it after a time; whether it was killed before it had ended.
fn killed_after(bed: &Bed, time: Duration) -> bool {
    let mut child = start(bed);
    std::thread::sleep(time);
    signal(&child, Signal::KILL);
    !child.wait().unwrap().success()
}

/// What a killed run may leave: some are applied, one perhaps in part, and the others not at all.
#[track_caller]
fn is_known(bed: &Bed) {
    let states = states(bed);
    assert_eq!(states.len(), COUNT + 1);
    let rest = states.iter().skip_while(|state| state.ends_with(" applied"));
    let rest = rest.skip_while(|state| state.ends_with(" partial"));
    assert!(rest.clone().all(|state| state.ends_with(" pending")), "{states:?}");
    assert!(states.iter().filter(|state| state.ends_with(" partial")).count() <= 1, "{states:?}");
}

#[track_caller]
fn is_complete(bed: &Bed, wanted: &Catalog) {
    assert!(states(bed).iter().all(|state| state.ends_with(" applied")), "{:?}", states(bed));
    let differs = diff(&catalog(bed), wanted);
    assert!(differs.is_empty(), "{differs:#?}");
    let mut session = bed.open();
    let session = session.as_mut();
    let twice = (2 * COUNT).to_string();
    assert_eq!(one(session, "select count(*) from ran"), twice);
    assert_eq!(one(session, "select count(distinct id) from ran"), COUNT.to_string());
    assert_eq!(one(session, "select n from total"), COUNT.to_string());
    for at in 1..=COUNT {
        assert_eq!(one(session, &format!("select count(*) from r{at}")), "1");
    }
    let history = "select count(*), count(distinct place), min(place), max(place), sum(case when done = statements and doubt is null then 1 else 0 end) from dbwright_migrations";
    let all = (COUNT + 1).to_string();
    let expected = [&all, &all, "1", &all, &all].map(|each| Some(each.to_owned()));
    assert_eq!(rows(session, history), [expected]);
}

fn kills(server: Server) {
    if !server.is_there() {
        return;
    }
    let asked = std::env::var("DBWRIGHT_KILLS").ok().and_then(|value| value.parse().ok());
    let rounds: u32 = asked.unwrap_or(5);
    let bed = Bed::new(server, "kills");
    files(&bed);
    clear(&bed);
    let started = Instant::now();
    done(&bed, "up", &[]);
    let whole = started.elapsed();
    let wanted = catalog(&bed);
    is_complete(&bed, &wanted);
    let mut killed = 0;
    for round in 0..rounds {
        let share = (f64::from(round) + fastrand::f64()) / f64::from(rounds);
        poll::watched(&format!("{server:?} killed after {share} of {whole:?}"), || {
            clear(&bed);
            killed += u32::from(killed_after(&bed, whole.mul_f64(share)));
            is_known(&bed);
            // The run that goes on may be killed as well.
            if round % 3 == 0 {
                killed += u32::from(killed_after(&bed, whole.mul_f64(fastrand::f64())));
                is_known(&bed);
            }
            done(&bed, "up", &[]);
            is_complete(&bed, &wanted);
            let again = Ran::of(&mut migrate(&bed, "up", &["--yes"]));
            assert!(again.code() == 0 && again.stderr.contains("up to date"), "{again}");
        });
    }
    eprintln!("{server:?}: {rounds} runs of {whole:?}, {killed} times killed, in {:?}", started.elapsed());
    assert!(killed > 0);
}

/// A program may do anything, and what was prepared is gone with the session: both are run on, or again,
/// as it is right.
fn programs_are_gone_on_with(bed: &Bed) {
    write(
        bed,
        "1_program.sql",
        "-- migrate:up\ncreate table ran (id int);\n\
         create procedure p() insert into ran select 7 from (select sleep(1)) x;\n",
    );
    write(
        bed,
        "2_call.sql",
        "-- migrate:up\nset @n = 5;\ncreate table first (id int);\nselect count(*) + 2 into @c from first;\n\
         prepare s from 'create table made as select sleep(1) as n';\nexecute s;\ndeallocate prepare s;\n\
         call p();\ninsert into ran values (@n + @c);\nprepare s from 'insert into ran select sleep(1)';\nexecute s;\n",
    );
    let mut watch = bed.open();
    let runs = "select count(*) from information_schema.processlist where db = database() and info like '%sleep(1)%' and id <> connection_id()";
    done(bed, "up", &["--steps", "1"]);
    // In each of the three.
    for _ in 0..3 {
        let mut child = start(bed);
        poll::until("a program runs", || one(watch.as_mut(), runs) != "0");
        signal(&child, Signal::KILL);
        child.wait().unwrap();
        poll::until("it has ended", || one(watch.as_mut(), runs) == "0");
        assert!(matches!(states(bed)[1].as_str(), "2 partial" | "2 applied"), "{:?}", states(bed));
    }
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
    let ran = rows(watch.as_mut(), "select id from ran order by id").concat();
    assert_eq!(ran, ["0", "7", "7"].map(|id| Some(id.to_owned())));
    assert_eq!(one(watch.as_mut(), "select count(*) from made"), "1");
}

#[test]
fn programs_on_mysql() {
    crate::servers::run(Server::Mysql, "programs", programs_are_gone_on_with);
}

#[test]
fn programs_on_mariadb() {
    crate::servers::run(Server::Mariadb, "programs", programs_are_gone_on_with);
}

#[test]
fn sqlite() {
    kills(Server::Sqlite);
}

#[test]
fn pg15() {
    kills(Server::Pg15);
}

#[test]
fn pg18() {
    kills(Server::Pg18);
}

#[test]
fn mariadb() {
    kills(Server::Mariadb);
}

#[test]
fn mysql() {
    kills(Server::Mysql);
}
