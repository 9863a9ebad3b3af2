//! Plans of change on PostgreSQL: each kind of change there and back, what the plans say of locks,
//! rewriting and losses, what is kept, renames, and samples into one another.

mod cases;
mod kept;
mod meeting;
mod samples;
mod told;

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::ddl::DdlOptions;
use dbwright::model::diff::{Change, diff};
use dbwright::model::plan::{ChangeOptions, Plan};
use dbwright::model::target::EngineKind;

use crate::servers::rows;

/// Makes a test of each body on both versions.
macro_rules! on_postgres {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn pg15() { run(Server::Pg15, stringify!($body), super::$body); }
            #[test]
            fn pg18() { run(Server::Pg18, stringify!($body), super::$body); }
        }
    )* };
}
use on_postgres;

fn read(session: &mut dyn Session) -> Catalog {
    let scope = Scope { privileges: true, ..Scope::default() };
    session.catalog(scope).unwrap_or_else(|error| panic!("{error:?}"))
}

fn created(catalog: &Catalog) -> Vec<String> {
    let pieces = engine_for(EngineKind::Postgres).ddl().create(catalog, DdlOptions { privileges: true });
    pieces.into_iter().map(|piece| piece.sql).collect()
}

fn execute(session: &mut dyn Session, sql: &str) {
    session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}\n{error}"));
}

/// The two servers write a query over one relation in different words.
#[test]
fn views_of_another_version_are_no_difference() {
    use crate::servers::{Bed, Server};
    let servers = [Server::Pg15, Server::Pg18];
    if !servers.iter().all(|server| server.is_there()) {
        return;
    }
    let catalogs = servers.map(|server| {
        let bed = Bed::new(server, "version");
        let mut session = bed.open();
        for sql in [
            "CREATE TABLE t (id int, a int)",
            "CREATE VIEW v AS SELECT id, a FROM t x WHERE a > 1",
            "CREATE VIEW w AS SELECT v.id, (SELECT max(a) FROM t WHERE t.id = v.id) FROM v",
            "CREATE MATERIALIZED VIEW m AS SELECT id FROM t ORDER BY a",
        ] {
            execute(session.as_mut(), sql);
        }
        session.catalog(Scope::default()).unwrap()
    });
    let ddl = engine_for(EngineKind::Postgres).ddl();
    for [from, to] in [[&catalogs[0], &catalogs[1]], [&catalogs[1], &catalogs[0]]] {
        let changes = diff(from, &ddl.spelled(from, to.clone()));
        assert!(changes.is_empty(), "{changes:#?}");
        assert!(!diff(from, to).is_empty());
    }
}

/// Drops everything that a case may make.
fn clear(session: &mut dyn Session) {
    execute(
        session,
        "DO $$ DECLARE each record; BEGIN
           FOR each IN SELECT evtname FROM pg_event_trigger LOOP
             EXECUTE format('DROP EVENT TRIGGER %I', each.evtname); END LOOP;
           FOR each IN SELECT pubname FROM pg_publication LOOP
             EXECUTE format('DROP PUBLICATION %I', each.pubname); END LOOP;
           FOR each IN SELECT fdwname FROM pg_foreign_data_wrapper LOOP
             EXECUTE format('DROP FOREIGN DATA WRAPPER %I CASCADE', each.fdwname); END LOOP;
           FOR each IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
             EXECUTE format('DROP EXTENSION %I CASCADE', each.extname); END LOOP;
           FOR each IN SELECT nspname FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
             EXECUTE format('DROP SCHEMA %I CASCADE', each.nspname); END LOOP;
         END $$",
    );
    execute(session, "CREATE SCHEMA public");
}

fn load(session: &mut dyn Session, script: &str) {
    clear(session);
    execute(session, script);
}

fn plan(from: &Catalog, to: &Catalog, options: ChangeOptions) -> Plan {
    engine_for(EngineKind::Postgres).ddl().change(from, to, &diff(from, to), options)
}

/// As people read it.
fn script(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        text += &format!("-- {} {} [{}] {}\n", step.kind, step.object, step.lock, step.why);
        step.sql.iter().for_each(|sql| text += &format!("{sql};\n"));
    }
    plan.left.iter().for_each(|left| text += &format!("-- left: {}: {}\n", left.what, left.why));
    text
}

/// Runs the steps, those of a transaction together, and sees that each writes anew what it says.
fn run_plan(session: &mut dyn Session, plan: &Plan) {
    let mut open = false;
    for step in &plan.steps {
        if open != step.in_transaction {
            execute(session, if step.in_transaction { "BEGIN" } else { "COMMIT" });
            open = step.in_transaction;
        }
        let before = files(session);
        for sql in &step.sql {
            if let Err(error) = session.execute(sql, &[]) {
                panic!("{sql}\nfails: {error}\nin\n{}", script(plan));
            }
        }
        let after = files(session);
        let is_new =
            |(oid, file): &(String, String)| before.iter().any(|(old, was)| old == oid && was != file);
        let written = after.iter().any(is_new) && step.kind != "refresh view";
        assert!(!written || step.rewrites, "{:?} writes rows anew\n{}", step.sql, script(plan));
    }
    if open {
        execute(session, "COMMIT");
    }
}

/// The files of all tables.
fn files(session: &mut dyn Session) -> Vec<(String, String)> {
    let sql = "SELECT oid, pg_relation_filenode(oid) FROM pg_class WHERE relkind = 'r' AND oid >= 16384";
    let text = |cell: Option<String>| cell.unwrap_or_default();
    rows(session, sql)
        .into_iter()
        .map(|row| row.into_iter().map(text))
        .map(|mut row| (row.next().unwrap_or_default(), row.next().unwrap_or_default()))
        .collect()
}

/// What a plan did not bring about, and has not said that it would not.
fn missed(reached: &Catalog, to: &Catalog, plan: &Plan) -> Vec<Change> {
    let is_left = |change: &Change| {
        let name = match change {
            Change::Drop { from } => &reached.get(*from).name,
            Change::Create { to: id } | Change::Alter { to: id, .. } => &to.get(*id).name,
        };
        plan.left.iter().any(|left| left.what.contains(&name.name))
    };
    diff(reached, to).into_iter().filter(|change| !is_left(change)).collect()
}

/// From a database that is as `from` was read to one like `to`.
fn turn(session: &mut dyn Session, from: &Catalog, to: &Catalog, options: ChangeOptions) -> Plan {
    let plan = plan(from, to, options);
    run_plan(session, &plan);
    let missed = missed(&read(session), to, &plan);
    assert!(missed.is_empty(), "still differs: {missed:#?}\nafter\n{}", script(&plan));
    plan
}
