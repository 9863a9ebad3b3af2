//! The pool, on real sessions.

use std::time::Duration;

use dbwright_core::engine::pool::Pool;
use dbwright_core::error::Kind;
use dbwright_core::model::target::{EngineKind, Target};

fn pool(size: usize, patience_ms: u64) -> Pool {
    crate::install();
    let target = Target { database: Some(":memory:".into()), ..Target::new(EngineKind::Sqlite) };
    Pool::new(target, size, Duration::from_millis(patience_ms))
}

#[test]
fn a_session_is_opened_once_and_lent_again() {
    let pool = pool(2, 1_000);
    for _ in 0..5 {
        pool.with(|session| session.execute("create table if not exists t (a)", &[])).unwrap();
    }
    let statistics = pool.statistics();
    assert_eq!((statistics.opened, statistics.checkouts, statistics.waits), (1, 5, 0));
}

#[test]
fn an_open_transaction_does_not_reach_the_next_borrower() {
    let pool = pool(1, 1_000);
    pool.with(|session| session.execute("create table t (a)", &[])).unwrap();
    pool.with(|session| {
        session.execute("begin", &[])?;
        session.execute("insert into t values (1)", &[])
    })
    .unwrap();
    let mut rows = 0;
    pool.with(|session| {
        session.query("select * from t", &[], &mut |cursor| {
            while cursor.advance()? {
                rows += 1;
            }
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn who_waits_too_long_is_told_and_who_waits_a_little_is_served() {
    let pool = pool(1, 60);
    std::thread::scope(|scope| {
        let (held, ready) = std::sync::mpsc::channel();
        let lent = &pool;
        scope.spawn(move || {
            lent.with(|_| {
                held.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(200));
                Ok(())
            })
        });
        ready.recv().unwrap();
        assert_eq!(pool.with(|_| Ok(())).unwrap_err().kind(), Kind::Timeout);
    });
    pool.with(|_| Ok(())).unwrap();
    assert_eq!(pool.statistics().timeouts, 1);
}
