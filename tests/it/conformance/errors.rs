//! What servers refuse: the class of the error, and the place a person is shown.

use dbwright::error::Kind;

use crate::servers::{Bed, Family, on_every_network_server, on_every_server, one};

on_every_server!(
    errors_have_classes,
    a_failed_statement_is_shown_with_its_place,
    messages_are_json_when_asked
);
on_every_network_server!(what_the_user_may_not_do, a_deadlock_is_a_matter_of_locks);

fn errors_have_classes(bed: &Bed) {
    let mut session = bed.open();
    let mut run = |sql: &str| session.execute(sql, &[]);
    run("create table p (id int primary key, a int not null)").unwrap();
    run("insert into p values (1, 1)").unwrap();
    let cases: &[(&str, Kind)] = &[
        ("selct 1", Kind::Syntax),
        ("select * from nonesuch", Kind::Syntax),
        ("select nonesuch from p", Kind::Syntax),
        ("insert into p values (1, 2)", Kind::Constraint),
        ("insert into p (id) values (2)", Kind::Constraint),
    ];
    for (sql, kind) in cases {
        let error = run(sql).unwrap_err();
        assert_eq!(error.kind(), *kind, "{sql}: {error:?}");
        let server = error.server_error().unwrap_or_else(|| panic!("{sql}: {error:?}"));
        assert!(!server.code.is_empty() && !server.message.is_empty(), "{sql}: {error:?}");
    }
    assert_eq!(one(session.as_mut(), "select count(*) from p"), "1");
}

fn a_failed_statement_is_shown_with_its_place(bed: &Bed) {
    bed.sandbox.write(
        "broken.sql",
        "select 1;\n\n-- next\nselect 2,\n       nonesuch\nfrom (select 1 as a) as t;\n",
    );
    let said = bed.connect(&["-q", "-f", "broken.sql"]).fails(1);
    assert!(said.contains("nonesuch"), "{said}");
    assert!(said.contains("at: broken.sql:5:8"), "{said}");
}

fn messages_are_json_when_asked(bed: &Bed) {
    let said = bed.connect(&["--log-format", "json", "-c", "select 1 +* 2"]).fails(1);
    let message: serde_json::Value =
        serde_json::from_str(said.trim()).unwrap_or_else(|e| panic!("{e}: {said}"));
    assert_eq!(message["level"], "error");
    assert_eq!(message["kind"], "syntax");
    assert_eq!(message["at"]["source"], "-c");
    assert!(!message["server"]["code"].as_str().unwrap().is_empty());
}

fn what_the_user_may_not_do(bed: &Bed) {
    let table = format!("denied_{}", std::process::id());
    let url = bed.url_as("reader:reader", "").replace(&bed.database, "app");
    let mut session = dbwright::engine::open(&bed.sandbox.target(&url)).unwrap();
    let error = session.execute(&format!("create table {table} (a int)"), &[]).unwrap_err();
    assert_eq!(error.kind(), Kind::Permission, "{error:?}");
    bed.sandbox.run(&["connect", &url, "-c", &format!("create table {table} (a int)")]).fails(1);
}

fn a_deadlock_is_a_matter_of_locks(bed: &Bed) {
    let engine = if bed.server.family() == Family::Mysql { " engine=innodb" } else { "" };
    let mut first = bed.open();
    let mut second = bed.open();
    first.execute(&format!("create table t (id int primary key, a int){engine}"), &[]).unwrap();
    first.execute("insert into t values (1, 0), (2, 0)", &[]).unwrap();
    first.execute("begin", &[]).unwrap();
    second.execute("begin", &[]).unwrap();
    first.execute("update t set a = 1 where id = 1", &[]).unwrap();
    second.execute("update t set a = 1 where id = 2", &[]).unwrap();
    let outcomes = std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            first.execute("update t set a = 2 where id = 2", &[]).and_then(|_| first.execute("commit", &[]))
        });
        let other = second
            .execute("update t set a = 2 where id = 1", &[])
            .and_then(|_| second.execute("commit", &[]));
        [one.join().unwrap(), other]
    });
    let kinds: Vec<Kind> =
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(|e| e.kind()).collect();
    assert_eq!(kinds, [Kind::Lock], "{outcomes:?}");
}
