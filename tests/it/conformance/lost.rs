//! Connections that break, in the middle of a result and at rest.

use std::time::Duration;

use dbwright::engine::Session;
use dbwright::engine::pool::Pool;
use dbwright::error::Kind;

use crate::poll;
use crate::servers::{Bed, Family, on_every_network_server, one};

on_every_network_server!(
    killed_while_it_runs,
    killed_in_the_middle_of_a_result,
    killed_at_rest,
    the_pool_replaces_what_died,
    the_program_says_so,
);

fn kill(bed: &Bed, session: &dyn Session) {
    let id = session.server().session_id.unwrap();
    bed.open().execute(&bed.server.kill(id), &[]).unwrap();
}

fn killed_while_it_runs(bed: &Bed) {
    let mut session = bed.open();
    let id = session.server().session_id.unwrap();
    let mut other = bed.open();
    let marker = format!("kill_me_{}", std::process::id());
    let error = std::thread::scope(|scope| {
        let statement = scope.spawn(|| session.execute(&bed.server.endless(&marker), &[]).unwrap_err());
        let running = bed.server.running(&marker).unwrap();
        poll::until("the statement runs", || one(other.as_mut(), &running) == "1");
        other.execute(&bed.server.kill(id), &[]).unwrap();
        statement.join().unwrap()
    });
    assert_eq!(error.kind(), Kind::Lost, "{error:?}");
    assert!(!session.is_alive());
    assert_eq!(session.execute("select 1", &[]).unwrap_err().kind(), Kind::Lost);
}

fn killed_in_the_middle_of_a_result(bed: &Bed) {
    let mut session = bed.open();
    let id = session.server().session_id.unwrap();
    let mut other = bed.open();
    let mut seen = 0_u32;
    let mut read = |cursor: &mut dyn dbwright::model::rows::Cursor| {
        while cursor.advance()? {
            seen += 1;
            if seen == 10 {
                other.execute(&bed.server.kill(id), &[])?;
            }
        }
        Ok(())
    };
    let error = session.query(&bed.server.million_rows(), &[], &mut read).unwrap_err();
    assert_eq!(error.kind(), Kind::Lost, "{error:?}");
    assert!((10..1_000_000).contains(&seen), "{seen}");
    assert!(!session.is_alive());
}

fn killed_at_rest(bed: &Bed) {
    let mut session = bed.open();
    assert!(session.is_alive());
    kill(bed, session.as_ref());
    poll::until("the session notices without a round trip", || !session.is_alive());
    assert_eq!(session.execute("select 1", &[]).unwrap_err().kind(), Kind::Lost);
}

fn the_pool_replaces_what_died(bed: &Bed) {
    let pool = Pool::new(bed.target(), 1, Duration::from_secs(10));
    let mut first = 0;
    pool.with(|session| {
        first = session.server().session_id.unwrap();
        Ok(())
    })
    .unwrap();
    let mut other = bed.open();
    other.execute(&bed.server.kill(first), &[]).unwrap();
    // PostgreSQL's view forgets a session before its process, and so its connection, has ended.
    poll::until("the session is gone", || match bed.server.family() {
        Family::Postgres => !std::path::Path::new(&format!("/proc/{first}")).exists(),
        _ => {
            let count = format!("select count(*) from information_schema.processlist where id = {first}");
            one(other.as_mut(), &count) == "0"
        }
    });
    let mut second = first;
    pool.with(|session| {
        second = session.server().session_id.unwrap();
        session.execute("select 1", &[])
    })
    .unwrap();
    assert_ne!(first, second);
    let statistics = pool.statistics();
    assert_eq!((statistics.opened, statistics.reconnects), (2, 1), "{statistics:?}");
}

fn the_program_says_so(bed: &Bed) {
    let marker = format!("lose_me_{}", std::process::id());
    let mut other = bed.open();
    let mut command = bed.connect_command(&["-c", &bed.server.endless(&marker)]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.unwrap();
    let running = bed.server.running(&marker).unwrap();
    poll::until("the statement runs", || one(other.as_mut(), &running) == "1");
    let ids = running.replace("count(*)", bed.server.pick("", "pid", "id"));
    let id = one(other.as_mut(), &ids);
    other.execute(&bed.server.kill(id.parse().unwrap()), &[]).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("lost") || said.contains("connection"), "{said}");
    assert!(said.contains("help: "), "no next step: {said}");
}
