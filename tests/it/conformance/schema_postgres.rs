//! The catalog of PostgreSQL, and the statements that make it again: pg_dump must not be able to
//! tell the database that was read from the one that was made.

use std::path::{Path, PathBuf};
use std::process::Command;

use dbwright::engine::{Session, engine_for};
use dbwright::model::catalog::{Catalog, Detail, Name, Scope, attribute};
use dbwright::model::ddl::{DdlOptions, Piece};
use dbwright::model::server::TxState;

use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, leave_out, one, rows};

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

on_postgres! {
    pagila, chinook, every_kind, corners,
    is_put_together_without_the_servers_words,
    an_open_transaction_stays_as_it_was,
    a_user_without_rights_sees_the_same,
    owners_and_sizes_are_read_on_request,
}

fn pagila(bed: &Bed) {
    sample(bed, "pagila.sql");
}

fn chinook(bed: &Bed) {
    sample(bed, "chinook.sql");
}

fn every_kind(bed: &Bed) {
    load(bed, &cases().join("every_kind.sql"));
    if bed.server == Server::Pg18 {
        load(bed, &cases().join("since_18.sql"));
    }
    comes_back(bed);
}

fn corners(bed: &Bed) {
    load(bed, &cases().join("corners.sql"));
    comes_back(bed);
}

/// A catalog that no server gave has no definitions: what can be put together must come out alike.
fn is_put_together_without_the_servers_words(bed: &Bed) {
    load(bed, &cases().join("common.sql"));
    let mut catalog = read(&mut *bed.open());
    for object in &mut catalog.objects {
        match &mut object.detail {
            Detail::Table(table) => {
                table.constraints.iter_mut().for_each(|each| each.definition = None);
                table.indexes.iter_mut().for_each(|each| each.definition = None);
                table.triggers.iter_mut().for_each(|each| each.definition = None);
            }
            Detail::Routine(_) => object.definition = None,
            _ => {}
        }
    }
    let copy = Bed::new(bed.server, "put_together");
    make(&copy, &create(&catalog));
    same_dump(bed, &copy);
}

fn an_open_transaction_stays_as_it_was(bed: &Bed) {
    let mut session = bed.open();
    let settings = "select current_setting('search_path'), current_setting('DateStyle'), \
                    current_setting('TimeZone'), current_setting('extra_float_digits')";
    session.execute("set TimeZone = 'Asia/Tokyo'", &[]).unwrap();
    session.execute("set search_path = 'it''s', public", &[]).unwrap();
    let before = rows(&mut *session, settings);
    session.execute("begin", &[]).unwrap();
    session.execute("create table public.fresh (id integer)", &[]).unwrap();
    let catalog = read(&mut *session);
    assert!(catalog.relation(&Name::new("public", "fresh")).is_some());
    assert_eq!(session.transaction(), TxState::Open);
    assert_eq!(rows(&mut *session, settings), before);
    session.execute("commit", &[]).unwrap();
    assert_eq!(rows(&mut *session, settings), before);
    assert_eq!(one(&mut *session, "select count(*) from public.fresh"), "0");
    // And without one none is left behind.
    read(&mut *session);
    assert_eq!(session.transaction(), TxState::Idle);
    assert_eq!(rows(&mut *session, settings), before);
    session.execute("begin", &[]).unwrap();
    session.execute("select 1 / 0", &[]).unwrap_err();
    session.catalog(Scope::default()).unwrap_err();
    assert_eq!(session.transaction(), TxState::Failed);
}

fn a_user_without_rights_sees_the_same(bed: &Bed) {
    load(bed, &cases().join("common.sql"));
    let mut session = bed.open();
    let role = format!("nobody_{}", bed.database);
    session.execute(&format!("create role {role}"), &[]).unwrap();
    let all = read(&mut *session);
    session.execute(&format!("set role {role}"), &[]).unwrap();
    session.execute("select * from plain.person", &[]).unwrap_err();
    let seen = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() });
    session.execute("reset role", &[]).unwrap();
    session.execute(&format!("drop role {role}"), &[]).unwrap();
    let seen = seen.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(seen.objects.len(), all.objects.len());
    assert_eq!(create(&seen), create(&all));
}

fn owners_and_sizes_are_read_on_request(bed: &Bed) {
    load(bed, &cases().join("common.sql"));
    let mut session = bed.open();
    session
        .execute("grant select (name), update on plain.person to public with grant option", &[])
        .unwrap_err();
    session.execute("grant select (name), update on plain.person to public", &[]).unwrap();
    session.execute("revoke all on plain.empty from dbwright", &[]).unwrap();
    session
        .execute(
            "insert into plain.person (name, mail) select 'x' || g, g from generate_series(1, 1000) g",
            &[],
        )
        .unwrap();
    session.execute("analyze plain.person", &[]).unwrap();
    let name = Name::new("plain", "person");
    let bare = session.catalog(Scope::default()).unwrap();
    let bare = bare.relation(&name).unwrap();
    assert_eq!((&bare.owner, bare.grants.len()), (&None, 0));
    assert_eq!(bare.as_table().map(|table| (table.rows, table.bytes)), Some((None, None)));
    let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }).unwrap();
    let person = catalog.relation(&name).unwrap();
    assert_eq!(person.owner.as_deref(), Some("dbwright"));
    let grant = person.grants.iter().find(|each| each.grantee == "PUBLIC").unwrap();
    assert_eq!(
        (grant.privilege.as_str(), grant.grantor.as_str(), grant.grantable),
        ("UPDATE", "dbwright", false)
    );
    let table = person.as_table().unwrap();
    let column = table.columns.iter().find(|each| each.name == "name").unwrap();
    assert_eq!(column.grants.len(), 1);
    assert_eq!(table.rows, Some(1000));
    assert!(table.bytes > Some(8192), "{:?}", table.bytes);
    assert!(table.indexes.iter().all(|index| index.bytes.is_some()));
    let empty = catalog.relation(&Name::new("plain", "empty")).unwrap();
    assert_eq!(attribute(&empty.attributes, "no rights"), Some(""));
}

pub fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/postgres")
}

/// The schema of a database that others made.
fn sample(bed: &Bed, file: &str) {
    load(bed, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/samples/postgres").join(file));
    comes_back(bed);
}

pub fn load(bed: &Bed, file: &PathBuf) {
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
    assert_eq!(create(&catalog), create(&again));
}

fn read(session: &mut dyn Session) -> Catalog {
    let scope = Scope { privileges: true, ..Scope::default() };
    session.catalog(scope).unwrap_or_else(|error| panic!("{error:?}"))
}

fn create(catalog: &Catalog) -> Vec<Piece> {
    engine_for(catalog.engine).ddl().create(catalog, DdlOptions { privileges: true })
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
    same_in_pg_dump(one, other, &["-s"]);
}

/// Whether pg_dump with these options cannot tell the databases apart.
pub fn same_in_pg_dump(one: &Bed, other: &Bed, options: &[&str]) {
    let Some((one, other)) = dump(one, options).zip(dump(other, options)) else {
        return leave_out("comparing what pg_dump says", "there is no pg_dump of this version");
    };
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| text.lines().skip(same).take(30).collect::<Vec<_>>().join("\n");
    let differences = format!("{}\n--- but of the other ---\n{}", part(&one), part(&other));
    assert!(one == other, "pg_dump sees a difference:\n{}", differences);
}

/// What pg_dump says of definitions, owners and rights, without the random words that newer ones put in.
fn dump(bed: &Bed, options: &[&str]) -> Option<String> {
    let mut command = client(bed, bed.server.told("DUMP"))?;
    command.args(options);
    let text = Ran::of(&mut command).ok();
    let lines =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    Some(lines.collect::<Vec<_>>().join("\n"))
}
