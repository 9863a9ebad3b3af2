//! Large results: bounded memory, the first rows before the last, stopping early.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::process::{drain_measured, shell_code};
use crate::servers::{Bed, on_every_server, one};

/// A bound for the debug build too, whose code alone takes some of it.
const MOST_MEMORY: u64 = 32 * 1024 * 1024;

on_every_server!(
    a_million_rows_need_little_memory,
    every_format_is_bounded,
    who_reads_no_further_is_done,
    an_error_of_the_reader_ends_the_statement,
);

/// Prints the rows in `format` and looks at the memory meanwhile.
#[track_caller]
fn print(bed: &Bed, format: &str, sql: &str) -> u64 {
    let mut command = bed.connect_command(&["--format", format, "-c", sql]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let (total, peak) = drain_measured(&mut child);
    assert_eq!(shell_code(child.wait().unwrap()), 0);
    assert!(peak > 0 && peak < MOST_MEMORY, "{format}: {peak} bytes of memory for {total} bytes");
    total
}

fn a_million_rows_need_little_memory(bed: &Bed) {
    let total = print(bed, "csv", &bed.server.million_rows());
    assert!(total > 20_000_000, "{total}");
}

fn every_format_is_bounded(bed: &Bed) {
    let sql = format!("select * from ({}) as q limit 150000", bed.server.million_rows());
    for format in ["table", "tsv", "json", "ndjson", "markdown", "expanded"] {
        assert!(print(bed, format, &sql) > 3_000_000, "{format}");
    }
}

fn who_reads_no_further_is_done(bed: &Bed) {
    let mut session = bed.open();
    let began = Instant::now();
    for _ in 0..3 {
        let mut first = Vec::new();
        let mut read = |cursor: &mut dyn dbwright::model::rows::Cursor| {
            for _ in 0..5 {
                assert!(cursor.advance()?);
                first.push(format!("{:?}", cursor.cell(1)));
            }
            Ok(())
        };
        session.query(&bed.server.million_rows(), &[], &mut read).unwrap();
        assert_eq!(first.len(), 5);
    }
    assert_eq!(one(session.as_mut(), "select 1"), "1");
    // Reading three million rows to the end would take longer, also on a slow machine.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn an_error_of_the_reader_ends_the_statement(bed: &Bed) {
    use dbwright::error::{Error, Kind};
    let mut session = bed.open();
    let mut read = |cursor: &mut dyn dbwright::model::rows::Cursor| {
        cursor.advance()?;
        Err(Error::new(Kind::Io, "the disk is full"))
    };
    let error = session.query(&bed.server.million_rows(), &[], &mut read).unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Io, "the disk is full"));
    assert_eq!(one(session.as_mut(), "select 1"), "1");
}
