//! Transactions: the state a session knows, rollback, DDL.

use dbwright::engine::engine_for;
use dbwright::model::server::TxState;

use crate::servers::{Bed, Family, on_every_server, one};

on_every_server!(
    the_state_is_known,
    what_is_rolled_back_is_gone,
    ddl_is_transactional_or_not_as_told,
    a_single_transaction_is_all_or_nothing,
    on_error_continue_goes_on,
);

fn the_state_is_known(bed: &Bed) {
    let mut session = bed.open();
    assert_eq!(session.transaction(), TxState::Idle);
    session.execute("begin", &[]).unwrap();
    assert_eq!(session.transaction(), TxState::Open);
    session.execute("select * from nonesuch", &[]).unwrap_err();
    let after_error = bed.server.pick(TxState::Open, TxState::Failed, TxState::Open);
    assert_eq!(session.transaction(), after_error);
    session.execute("rollback", &[]).unwrap();
    assert_eq!(session.transaction(), TxState::Idle);
    session.execute("begin", &[]).unwrap();
    session.execute("commit", &[]).unwrap();
    assert_eq!(session.transaction(), TxState::Idle);
}

fn what_is_rolled_back_is_gone(bed: &Bed) {
    let mut session = bed.open();
    let mut other = bed.open();
    session.execute("create table t (a int)", &[]).unwrap();
    session.execute("begin", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    assert_eq!(one(other.as_mut(), "select count(*) from t"), "0");
    session.execute("rollback", &[]).unwrap();
    assert_eq!(one(session.as_mut(), "select count(*) from t"), "0");
    session.execute("begin", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    session.execute("commit", &[]).unwrap();
    assert_eq!(one(other.as_mut(), "select count(*) from t"), "1");
}

fn ddl_is_transactional_or_not_as_told(bed: &Bed) {
    let mut session = bed.open();
    session.execute("begin", &[]).unwrap();
    session.execute("create table t (a int)", &[]).unwrap();
    session.execute("rollback", &[]).unwrap();
    let is_there = session.execute("select * from t", &[]).is_ok();
    assert_eq!(is_there, !engine_for(bed.server.kind()).transactional_ddl());
}

fn a_single_transaction_is_all_or_nothing(bed: &Bed) {
    bed.connect(&["-c", "create table t (a int)"]).ok();
    let count = || bed.connect(&["--format", "csv", "--no-header", "-c", "select count(*) from t"]).ok();
    let said = bed
        .connect(&["-1", "-c", "insert into t values (1)", "-c", "insert into nonesuch values (1)"])
        .fails(1);
    assert!(said.contains("rolled back"), "{said}");
    assert_eq!(count(), "0\n");
    bed.connect(&["-1", "-c", "insert into t values (1)", "-c", "insert into t values (2)"]).ok();
    assert_eq!(count(), "2\n");
    // What would end the transaction is refused before it runs.
    let said = bed.connect(&["-1", "-c", "insert into t values (3); commit"]).fails(2);
    assert!(said.contains("--single-transaction"), "{said}");
    assert_eq!(count(), "2\n");
    let ddl = bed.connect(&["-1", "-c", "insert into t values (4); create table u (a int)"]);
    if bed.server.family() == Family::Mysql {
        let said = ddl.fails(2);
        assert!(said.contains("commits before and after"), "{said}");
        assert_eq!(count(), "2\n");
    } else {
        ddl.ok();
        assert_eq!(count(), "3\n");
    }
}

fn on_error_continue_goes_on(bed: &Bed) {
    let script = "create table t (a int);\ninsert into t values (1);\ninsert into nonesuch values (1);\n\
                  insert into t values (2);\nselect count(*) as n from t;\n";
    bed.sandbox.write("s.sql", script);
    let ran = bed.connect(&["-f", "s.sql", "-q", "--format", "csv", "--on-error", "continue"]);
    assert_eq!(ran.out(), "n\n2\n");
    let said = ran.fails(1);
    assert!(said.contains("nonesuch") && said.contains("s.sql:3"), "{said}");
    let stopped = bed.connect(&["-q", "-c", "select * from nonesuch; insert into t values (3)"]);
    stopped.fails(1);
    let count = bed.connect(&["--format", "csv", "--no-header", "-c", "select count(*) from t"]).ok();
    assert_eq!(count, "2\n", "the default is to stop");
}
