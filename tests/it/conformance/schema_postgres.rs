//! The catalog of PostgreSQL, and the statements that make it again: pg_dump must not be able to
//! tell the database that was read from the one that was made.

use std::path::{Path, PathBuf};
use std::process::Command;

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::ddl::{DdlOptions, Piece};

use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, leave_out};

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

on_postgres! { pagila, chinook, every_kind }

fn pagila(bed: &Bed) {
    sample(bed, "pagila.sql");
}

fn chinook(bed: &Bed) {
    sample(bed, "chinook.sql");
}

fn every_kind(bed: &Bed) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/postgres");
    load(bed, &cases.join("every_kind.sql"));
    if bed.server == Server::Pg18 {
        load(bed, &cases.join("since_18.sql"));
    }
    comes_back(bed);
}

/// A database that others made, from the folder of samples beside the checkout.
fn sample(bed: &Bed, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/postgres").join(file);
    if !path.exists() {
        // Not `leave_out`: the samples are no part of the test bed.
        eprintln!("left out: {file} is not there");
        return;
    }
    load(bed, &path);
    comes_back(bed);
}

fn load(bed: &Bed, file: &PathBuf) {
    let Some(mut psql) = client(bed, told("PSQL")) else {
        return leave_out("loading a script", "there is no psql");
    };
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(file);
    Ran::of(&mut psql).ok();
}

/// A client program on the bed's database.
fn client(bed: &Bed, program: Option<String>) -> Option<Command> {
    let mut command = bed.sandbox.program(program?);
    command.args(["-h", "127.0.0.1", "-p", &bed.server.port(), "-U", "dbwright", "-d", &bed.database]);
    command.env("PGPASSWORD", told("PASSWORD")?);
    Some(command)
}

/// Reads the database, makes it again elsewhere, and compares.
fn comes_back(bed: &Bed) {
    let catalog = read(&mut *bed.open());
    assert_eq!(catalog.unread, []);
    let copy = Bed::new(bed.server, "made_again");
    make(&copy, &create(&catalog));
    same_dump(bed, &copy);
    let again = read(&mut *copy.open());
    same_catalog(&catalog, &again);
    // What is put together from the parts alone must be the same too.
    assert_eq!(create(&catalog), create(&again));
}

fn read(session: &mut dyn Session) -> Catalog {
    session.catalog(Scope::default()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn create(catalog: &Catalog) -> Vec<Piece> {
    engine_for(catalog.engine).ddl().create(catalog, DdlOptions::default())
}

fn make(bed: &Bed, pieces: &[Piece]) {
    let mut session = bed.open();
    for piece in pieces {
        session.execute(&piece.sql, &[]).unwrap_or_else(|error| panic!("{error}\n{}", piece.sql));
    }
}

fn same_catalog(one: &Catalog, other: &Catalog) {
    for (one, other) in one.objects.iter().zip(&other.objects) {
        assert_eq!(json(one), json(other), "{} {}", one.kind().word(), one.name);
    }
    assert_eq!(one.objects.len(), other.objects.len());
}

fn json(object: &dbwright::model::catalog::Object) -> String {
    serde_json::to_string_pretty(object).unwrap()
}

fn same_dump(one: &Bed, other: &Bed) {
    let Some((one, other)) = dump(one).zip(dump(other)) else {
        return leave_out("comparing what pg_dump says", "there is no pg_dump of this version");
    };
    let only = |one: &str, other: &str, sign: &str| -> String {
        let lines = one.lines().filter(|line| !other.lines().any(|other| other == *line)).take(20);
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    let differences = only(&one, &other, "-") + &only(&other, &one, "+");
    assert!(one == other, "pg_dump sees a difference:\n{}", differences);
}

/// What pg_dump says of the definitions, without the random words that newer ones put in.
fn dump(bed: &Bed) -> Option<String> {
    let mut command = client(bed, bed.server.told("DUMP"))?;
    command.args(["-s", "--no-owner", "--no-privileges"]);
    let text = Ran::of(&mut command).ok();
    let lines =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    Some(lines.collect::<Vec<_>>().join("\n"))
}
