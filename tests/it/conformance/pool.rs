//! The pool over real sessions; what dies in it is in `lost`.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dbwright::engine::pool::Pool;
use dbwright::error::Kind;
use dbwright::model::server::TxState;

use crate::servers::{Bed, on_every_network_server, on_every_server, one};

on_every_server!(it_never_holds_more_than_its_size, who_waits_too_long_is_told, what_was_open_is_rolled_back);
on_every_network_server!(one_that_cannot_connect_gives_up);

fn it_never_holds_more_than_its_size(bed: &Bed) {
    let pool = Pool::new(bed.target(), 3, Duration::from_secs(20));
    let busy = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    pool.with(|session| {
                        assert!(busy.fetch_add(1, Ordering::SeqCst) < 3);
                        assert_eq!(one(session, "select 1"), "1");
                        busy.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
    });
    let statistics = pool.statistics();
    assert_eq!(statistics.checkouts, 160);
    assert!((1..=3).contains(&statistics.opened), "{statistics:?}");
    assert_eq!(statistics.reconnects, 0);
}

fn who_waits_too_long_is_told(bed: &Bed) {
    let pool = Pool::new(bed.target(), 1, Duration::from_millis(300));
    let (lent, given_up) = (Barrier::new(2), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            pool.with(|_| {
                lent.wait();
                given_up.wait();
                Ok(())
            })
        });
        lent.wait();
        let error = pool.with(|_| Ok(())).unwrap_err();
        given_up.wait();
        assert_eq!(error.kind(), Kind::Timeout);
        assert!(error.hints()[0].contains("pool_size"), "{error:?}");
    });
    pool.with(|_| Ok(())).unwrap();
}

fn what_was_open_is_rolled_back(bed: &Bed) {
    let pool = Pool::new(bed.target(), 1, Duration::from_secs(10));
    pool.with(|session| session.execute("create table t (a int)", &[])).unwrap();
    pool.with(|session| {
        session.execute("begin", &[])?;
        session.execute("insert into t values (1)", &[])
    })
    .unwrap();
    pool.with(|session| {
        assert_eq!(session.transaction(), TxState::Idle);
        assert_eq!(one(session, "select count(*) from t"), "0");
        // A failed transaction as well.
        session.execute("begin", &[])?;
        session.execute("select * from nonesuch", &[])
    })
    .unwrap_err();
    pool.with(|session| {
        assert_eq!(one(session, "select 5"), "5");
        Ok(())
    })
    .unwrap();
    assert_eq!(pool.statistics().opened, 1);
}

fn one_that_cannot_connect_gives_up(bed: &Bed) {
    let url = bed.url_as("dbwright:wrong", "");
    let pool = Pool::new(bed.sandbox.target(&url), 2, Duration::from_secs(20));
    assert_eq!(pool.with(|_| Ok(())).unwrap_err().kind(), Kind::Auth);
    assert_eq!(pool.statistics().retries, 0, "a wrong password is not worth a retry");
}
