//! Stopping a statement from outside: on the server, and the session lives on.

use dbwright::error::Kind;
use dbwright::model::server::TxState;

use crate::poll;
use crate::servers::{Bed, on_every_server, one};

on_every_server!(
    a_statement_is_stopped_on_the_server,
    a_result_is_stopped_half_way,
    cancelling_nothing_does_no_harm,
    a_cancelled_statement_leaves_its_transaction,
);

fn a_statement_is_stopped_on_the_server(bed: &Bed) {
    let marker = format!("stop_me_{}", std::process::id());
    let mut watcher = bed.open();
    let mut running = || match bed.server.running(&marker) {
        Some(sql) => one(watcher.as_mut(), &sql) == "1",
        None => true,
    };
    let mut session = bed.open();
    let canceller = session.canceller();
    let error = std::thread::scope(|scope| {
        let statement = scope.spawn(|| session.execute(&bed.server.endless(&marker), &[]).unwrap_err());
        poll::until("the statement runs", &mut running);
        // SQLite forgets an interruption that comes before the statement began.
        poll::until("the statement ends", || {
            canceller.cancel().unwrap();
            statement.is_finished()
        });
        statement.join().unwrap()
    });
    assert_eq!(error.kind(), Kind::Cancelled, "{error:?}");
    if bed.server.running(&marker).is_some() {
        poll::until("the statement is gone from the server", || !running());
    }
    assert_eq!(one(session.as_mut(), "select 1"), "1");
    assert!(session.is_alive());
}

fn a_result_is_stopped_half_way(bed: &Bed) {
    let mut session = bed.open();
    let canceller = session.canceller();
    let mut seen = 0_u32;
    let mut read = |cursor: &mut dyn dbwright::model::rows::Cursor| {
        while cursor.advance()? {
            seen += 1;
            if seen == 10 {
                canceller.cancel()?;
            }
        }
        Ok(())
    };
    let error = session.query(&bed.server.million_rows(), &[], &mut read).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled, "{error:?}");
    assert!((10..1_000_000).contains(&seen), "{seen}");
    assert_eq!(one(session.as_mut(), "select 1"), "1");
}

fn cancelling_nothing_does_no_harm(bed: &Bed) {
    let mut session = bed.open();
    session.execute("select 1", &[]).unwrap();
    let canceller = session.canceller();
    canceller.cancel().unwrap();
    // A late cancellation may hit the next statement, as with every client of these servers; the
    // session itself must survive it.
    let _ = session.execute("select 2", &[]);
    assert_eq!(one(session.as_mut(), "select 3"), "3");
}

fn a_cancelled_statement_leaves_its_transaction(bed: &Bed) {
    let mut session = bed.open_with("statement_timeout=300ms");
    session.execute("create table t (a int)", &[]).unwrap();
    session.execute("begin", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    session.execute(&bed.server.endless("in_transaction"), &[]).unwrap_err();
    let expected = bed.server.pick(TxState::Open, TxState::Failed, TxState::Open);
    assert_eq!(session.transaction(), expected);
    session.execute("rollback", &[]).unwrap();
    assert_eq!(one(session.as_mut(), "select count(*) from t"), "0");
}
