//! Statements that take too long, and locks that are not given.

use std::time::{Duration, Instant};

use dbwright::error::Kind;

use crate::servers::{Bed, Family, on_every_server, one};

on_every_server!(a_statement_is_ended_in_time, a_lock_is_not_waited_for_longer);

fn a_statement_is_ended_in_time(bed: &Bed) {
    let mut session = bed.open_with("statement_timeout=300ms");
    let began = Instant::now();
    let error = session.execute(&bed.server.endless("too_long"), &[]).unwrap_err();
    let took = began.elapsed();
    assert_eq!(error.kind(), Kind::Timeout, "{error:?}");
    assert!((Duration::from_millis(250)..Duration::from_secs(10)).contains(&took), "{took:?}");
    assert_eq!(one(session.as_mut(), "select 1"), "1");
    let ran = bed.connect(&["--timeout", "300ms", "-c", &bed.server.endless("too_long_cli")]);
    let said = ran.fails(1);
    assert!(["time-out", "time limit", "too long"].iter().any(|words| said.contains(words)), "{said}");
}

fn a_lock_is_not_waited_for_longer(bed: &Bed) {
    let mut holder = bed.open();
    let engine = bed.server.pick("", "", " engine=innodb");
    holder.execute(&format!("create table t (id int primary key, a int){engine}"), &[]).unwrap();
    holder.execute("insert into t values (1, 1)", &[]).unwrap();
    holder.execute("begin", &[]).unwrap();
    holder.execute("update t set a = 2 where id = 1", &[]).unwrap();
    // InnoDB counts in whole seconds.
    let mut session = bed.open_with("lock_timeout=1s");
    let began = Instant::now();
    let error = session.execute("update t set a = 3 where id = 1", &[]).unwrap_err();
    let took = began.elapsed();
    assert_eq!(error.kind(), Kind::Lock, "{error:?}");
    assert!((Duration::from_millis(800)..Duration::from_secs(10)).contains(&took), "{took:?}");
    if bed.server.family() != Family::Sqlite {
        assert!(!error.hints().is_empty(), "no next step: {error:?}");
    }
    bed.connect(&["--lock-timeout", "1s", "-c", "update t set a = 4 where id = 1"]).fails(1);
    holder.execute("rollback", &[]).unwrap();
    session.execute("update t set a = 3 where id = 1", &[]).unwrap();
    assert_eq!(one(session.as_mut(), "select a from t"), "3");
}
