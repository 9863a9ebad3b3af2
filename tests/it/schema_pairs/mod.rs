//! Any schema can be turned into any other: random pairs, on real servers.
//!
//! `schema` is a schema in words that every engine can render, `strategy` makes random ones and
//! changes them, `render` is what an engine must tell (its file is named after it), and `run` makes
//! a plan, runs it, and compares. The pairs are the same ones in every run; `DBWRIGHT_PAIRS=500` draws
//! so many others.

mod mysql;
mod postgres;
mod render;
mod run;
mod schema;
mod sqlite;
mod strategy;

use std::cell::{Cell, RefCell};

use dbwright::model::plan::ChangeOptions;
use proptest::strategy::Strategy;
use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestRng, TestRunner,
};

use self::render::Render;
use self::run::{Databases, Failure, Outcome};
use self::strategy::Pair;
use crate::servers::{Bed, Server};

/// How many pairs, and what draws them: a test that fails by chance tells nobody what broke it.
fn runner(server: Server) -> TestRunner {
    let asked = std::env::var("DBWRIGHT_PAIRS").ok().and_then(|value| value.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(server.pick(60, 20, 20)),
        max_shrink_iters: 2000,
        // A minute, in milliseconds.
        max_shrink_time: 60_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default())),
    }
}

/// Runs random pairs; the smallest that fails is shown.
fn every_pair(render: &dyn Render, check: impl Fn(&mut Databases<'_>, &Pair) -> Result<Outcome, Failure>) {
    every(render, &strategy::pair(), check);
}

fn every<S: Strategy>(
    render: &dyn Render,
    strategy: &S,
    check: impl Fn(&mut Databases<'_>, &S::Value) -> Result<Outcome, Failure>,
) {
    let server = render.server();
    if !server.is_there() {
        return;
    }
    let beds = [Bed::new(server, "pairs_a"), Bed::new(server, "pairs_b")];
    let databases = RefCell::new(Databases { render, a: beds[0].open(), b: beds[1].open() });
    let refused = Cell::new(0_u32);
    let mut runner = runner(server);
    let result = runner.run(strategy, |pair| match check(&mut databases.borrow_mut(), &pair) {
        Ok(outcome) => {
            refused.set(refused.get() + u32::from(outcome == Outcome::Refused));
            Ok(())
        }
        Err(failure) => Err(TestCaseError::fail(failure)),
    });
    eprintln!("{server:?}: {} pairs, of which rows refused {}", runner.config().cases, refused.get());
    if let Err(error) = result {
        panic!("{server:?}: {error}");
    }
}

/// Each random schema can be loaded, and is the same twice: or the tests below would prove little.
fn every_schema_loads(render: &dyn Render) {
    every_pair(render, |databases, pair| databases.load_twice(pair));
}

/// From the first schema to the second and back.
fn every_schema_changes(render: &dyn Render, options: ChangeOptions) {
    every_pair(render, |databases, pair| databases.check(pair, options));
}

fn every_name_changes(render: &dyn Render) {
    every(render, &strategy::renaming(), |databases, renaming| databases.rename(renaming));
}

#[test]
fn sqlite_names_change() {
    every_name_changes(&sqlite::Sqlite);
}

#[test]
fn sqlite_schemas_load() {
    every_schema_loads(&sqlite::Sqlite);
}

#[test]
fn sqlite_schemas_change() {
    every_schema_changes(&sqlite::Sqlite, ChangeOptions::default());
}

/// Makes the tests of an engine's rendering for a server.
macro_rules! changes_on {
    ($server:ident, $render:expr) => {
        mod $server {
            use super::*;

            #[test]
            fn schemas_load() {
                every_schema_loads(&$render);
            }

            #[test]
            fn schemas_change() {
                every_schema_changes(&$render, ChangeOptions::default());
            }

            #[test]
            fn schemas_change_online() {
                every_schema_changes(&$render, ChangeOptions { online: true, privileges: false });
            }
        }
    };
}

changes_on!(pg15, postgres::Postgres(Server::Pg15));
changes_on!(pg18, postgres::Postgres(Server::Pg18));

#[test]
fn mysql_schemas_load() {
    every_schema_loads(&mysql::Mysql(Server::Mysql));
}

#[test]
fn mariadb_schemas_load() {
    every_schema_loads(&mysql::Mysql(Server::Mariadb));
}

#[test]
fn mysql_schemas_change() {
    every_schema_changes(&mysql::Mysql(Server::Mysql), ChangeOptions::default());
}

#[test]
fn mariadb_schemas_change() {
    every_schema_changes(&mysql::Mysql(Server::Mariadb), ChangeOptions::default());
}

#[test]
fn mysql_schemas_change_online() {
    let online = ChangeOptions { online: true, ..ChangeOptions::default() };
    every_schema_changes(&mysql::Mysql(Server::Mysql), online);
}

#[test]
fn mariadb_schemas_change_online() {
    let online = ChangeOptions { online: true, ..ChangeOptions::default() };
    every_schema_changes(&mysql::Mysql(Server::Mariadb), online);
}
