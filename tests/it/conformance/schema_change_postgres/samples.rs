//! Samples and schemas with every kind of object, each into each other.

use std::path::{Path, PathBuf};

use dbwright::engine::Session;
use dbwright::model::catalog::Catalog;
use dbwright::model::plan::ChangeOptions;

use super::{created, read, turn};
use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, leave_out};

super::on_postgres! { samples_into_each_other }

fn cases(server: Server) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema");
    let mut files =
        vec!["postgres/common.sql", "samples/postgres/chinook.sql", "samples/postgres/pagila.sql"];
    files.push("postgres/every_kind.sql");
    if server == Server::Pg18 {
        files.push("postgres/since_18.sql");
    }
    files.into_iter().map(|file| root.join(file)).collect()
}

/// Every ordered pair, in one walk through one database: the plans begin where the last one ended.
fn samples_into_each_other(bed: &Bed) {
    let Some(psql) = told("PSQL") else { return leave_out("loading samples", "there is no psql") };
    let mut wanted: Vec<(String, Catalog)> = vec![("nothing".into(), read(&mut *bed.open()))];
    for file in cases(bed.server) {
        let place = Bed::new(bed.server, "sample");
        let mut command = place.sandbox.program(&psql);
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &place.server.port(),
            "-U",
            "dbwright",
            "-d",
            &place.database,
        ]);
        command.env("PGPASSWORD", told("PASSWORD").unwrap());
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(&file);
        Ran::of(&mut command).ok();
        wanted.push((file.file_name().unwrap().to_string_lossy().into_owned(), read(&mut *place.open())));
    }
    let mut session = bed.open();
    for first in 0..wanted.len() {
        for second in first + 1..wanted.len() {
            step(&mut *session, &wanted[second]);
            step(&mut *session, &wanted[first]);
        }
        if let Some(next) = wanted.get(first + 1) {
            step(&mut *session, next);
        }
    }
}

fn step(session: &mut dyn Session, (name, to): &(String, Catalog)) {
    let from = read(session);
    eprintln!("to {name}");
    let plan = turn(session, &from, to, ChangeOptions { online: false, privileges: true });
    if plan.left.is_empty() {
        assert_eq!(created(&read(session)), created(to), "{name}");
    }
}
