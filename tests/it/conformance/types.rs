//! Every type comes out as a user of the engine's own client reads it: the client is asked.

use std::process::Command;

use crate::process::Ran;
use crate::servers::{Bed, Family, Server, bed as told, leave_out, on_every_server};

mod mysql;
mod postgres;
mod sqlite;

on_every_server!(
    types_read_as_in_the_engines_own_client,
    both_protocols_say_the_same,
    json_keeps_every_digit
);

/// What makes the table `v`, and the names of its columns.
struct Table {
    setup: Vec<String>,
    columns: Vec<String>,
}

fn table(bed: &Bed) -> Table {
    match bed.server.family() {
        Family::Sqlite => sqlite::table(),
        Family::Postgres => postgres::table(bed.server),
        Family::Mysql => mysql::table(bed.server),
    }
}

/// Makes the table; gives the query for all of its columns.
fn make(bed: &Bed) -> (Table, String) {
    let table = table(bed);
    let mut session = bed.open();
    for sql in &table.setup {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let query = format!("select {} from v order by id", table.columns.join(", "));
    (table, query)
}

/// The rows as dbwright prints them, without the escapes of its TSV.
fn ours(bed: &Bed, query: &str, more: &[&str]) -> Vec<Vec<String>> {
    let start = ["-c", query, "--format", "tsv", "--no-header", "--null", "NULL"];
    fields(&bed.connect(&[start.as_slice(), more].concat()).ok())
}

/// Both clients are made to write fields with tabs between them and backslashes escaped.
fn fields(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split('\t').map(|field| field.replace("\\\\", "\\")).collect()).collect()
}

/// The same as the engine's own client prints them; None where it is not there.
fn theirs(bed: &Bed, query: &str) -> Option<Vec<Vec<String>>> {
    let mut command = match bed.server {
        Server::Sqlite => return Some(sqlite::expected()),
        Server::Pg15 | Server::Pg18 => psql(bed, query)?,
        Server::Mysql => mysql(bed, query, "MYSQL_CLIENT")?,
        Server::Mariadb => mysql(bed, query, "MARIADB_CLIENT")?,
    };
    Some(fields(&Ran::of(&mut command).ok()))
}

fn psql(bed: &Bed, query: &str) -> Option<Command> {
    let mut command = bed.sandbox.program(told("PSQL")?);
    // psql's COPY has the escapes of our TSV.
    let copy = format!("copy ({query}) to stdout with (null 'NULL')");
    command.args(["-X", "-h", "127.0.0.1", "-p", &bed.server.port(), "-U", "dbwright", "-d", &bed.database]);
    command.args(["-c", &copy]).env("PGPASSWORD", told("PASSWORD")?);
    Some(command)
}

fn mysql(bed: &Bed, query: &str, client: &str) -> Option<Command> {
    let mut command = bed.sandbox.program(told(client)?);
    command.args(["--no-defaults", "--batch", "--skip-column-names", "--binary-as-hex"]);
    command.args(["--default-character-set=utf8mb4", "-h", "127.0.0.1", "-P", &bed.server.port()]);
    command.args(["-u", "dbwright", "-D", &bed.database, "-e", query]).env("MYSQL_PWD", told("PASSWORD")?);
    Some(command)
}

#[track_caller]
fn same(columns: &[String], ours: &[Vec<String>], theirs: &[Vec<String>], who: &str) {
    assert_eq!(ours.len(), theirs.len(), "rows");
    let mut differences = String::new();
    for (number, (our_row, their_row)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(
            (our_row.len(), their_row.len()),
            (columns.len(), columns.len()),
            "{our_row:?} {their_row:?}"
        );
        for ((column, ours), theirs) in columns.iter().zip(our_row).zip(their_row) {
            if ours != theirs {
                differences += &format!("row {number}, {column}: {ours:?}, but {who}: {theirs:?}\n");
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

fn types_read_as_in_the_engines_own_client(bed: &Bed) {
    let (table, query) = make(bed);
    let Some(theirs) = theirs(bed, &query) else {
        return leave_out(&format!("types on {:?}", bed.server), "its client is not installed");
    };
    let mut ours = ours(bed, &query, &[]);
    if bed.server == Server::Mariadb {
        // The client of MariaDB shows NULL in a binary column as `0x`.
        for (ours, theirs) in ours.iter_mut().flatten().zip(theirs.iter().flatten()) {
            if ours == "NULL" && theirs == "0x" {
                theirs.clone_into(ours);
            }
        }
    }
    same(&table.columns, &ours, &theirs, "its own client");
}

/// A statement without parameters and one with them go other ways.
fn both_protocols_say_the_same(bed: &Bed) {
    let (table, query) = make(bed);
    let prepared = query.replace(" order by", " where :one = 1 order by");
    let one = ["--param", "one:int=1"];
    same(&table.columns, &ours(bed, &prepared, &one), &ours(bed, &query, &[]), "without parameters");
}

fn json_keeps_every_digit(bed: &Bed) {
    let sql = bed.server.pick(
        "select 9223372036854775807 as n, 0.1 as f, 'x' as s",
        "select 12345678901234567890123456789.123456789 as n, 0.1::float8 as f, 'x' as s",
        "select cast(12345678901234567890123456789.123456789 as decimal(50,9)) as n, 0.1e0 as f, 'x' as s",
    );
    let number = bed.server.pick(
        "9223372036854775807",
        "12345678901234567890123456789.123456789",
        "12345678901234567890123456789.123456789",
    );
    let out = bed.connect(&["-c", sql, "--format", "ndjson"]).ok();
    assert_eq!(out, format!("{{\"n\":{number},\"f\":0.1,\"s\":\"x\"}}\n"));
}
