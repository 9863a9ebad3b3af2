//! `restore` into places that are not empty, of some tables, and as of a time.

use super::backup::{backup, content, fill};
use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server, one};

on_every_server!(
    a_dropped_table_comes_back_alone,
    rows_alone_go_into_tables_that_are_there,
    what_is_there_is_dropped_only_when_told,
    a_time_chooses_a_backup,
);

fn restore(bed: &Bed, more: &[&str]) -> Ran {
    let url = bed.url();
    let ran = [&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"], more].concat();
    bed.sandbox.run(&ran)
}

fn run(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[track_caller]
fn refused(ran: &Ran, says: &str) {
    assert!(ran.code() == 4 && ran.stderr.contains(says), "{ran}");
}

fn a_dropped_table_comes_back_alone(bed: &Bed) {
    fill(bed);
    backup(bed);
    let ran = restore(bed, &["--table", "part"]);
    if bed.server == Server::Sqlite {
        assert!(ran.code() == 2 && ran.stderr.contains("is not restored in part"), "{ran}");
        return;
    }
    refused(&ran, "part is there already");
    refused(&restore(bed, &["--table", "part", "--clean", "--allow-loss"]), "made stands on");
    assert_eq!(restore(bed, &["--table", "prat"]).code(), 2);
    let before = content(bed.open().as_mut());
    run(bed, &["drop view made", "drop table part"]);
    let ran = restore(bed, &["--table", "p?rt", "--dry-run"]);
    assert!(ran.code() == 0 && ran.stderr.contains("left out: a foreign key of table"), "{ran}");
    let ran = restore(bed, &["--table", "p?rt"]);
    assert_eq!(ran.code(), 0, "{ran}");
    run(bed, &["create view made as select p.id, m.name from part p join maker m on m.id = p.maker"]);
    assert_eq!(content(bed.open().as_mut()), before);
    // Now that nothing refers to it, it can be dropped and made again.
    run(bed, &["drop view made", "delete from part where id = 1"]);
    refused(&restore(bed, &["--table", "part", "--clean"]), "1 table");
    let ran = restore(bed, &["--table", "part", "--clean", "--allow-loss"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from part"), "4");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from maker"), "2");
}

fn rows_alone_go_into_tables_that_are_there(bed: &Bed) {
    fill(bed);
    backup(bed);
    if bed.server == Server::Sqlite {
        assert_eq!(restore(bed, &["--data-only"]).code(), 2);
        return;
    }
    let before = content(bed.open().as_mut());
    run(bed, &["delete from part where id > 1"]);
    refused(&restore(bed, &["--data-only", "--table", "part"]), "the rows of 1 table");
    refused(
        &restore(bed, &["--data-only", "--table", "part", "--clean"]),
        "this would lose the rows of 1 table",
    );
    let ran = restore(bed, &["--data-only", "--table", "part", "--clean", "--allow-loss"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(content(bed.open().as_mut()), before);
    run(bed, &["delete from part", "delete from maker"]);
    assert_eq!(restore(bed, &["--data-only"]).code(), 0);
    assert_eq!(content(bed.open().as_mut()), before);
    // Rows without those that they refer to.
    run(bed, &["delete from part", "delete from maker"]);
    let ran = restore(bed, &["--data-only", "--table", "part"]);
    assert!(ran.code() == 5 && ran.stderr.contains("foreign keys lead nowhere"), "{ran}");
    run(
        bed,
        &["delete from part", "alter table part drop column note", "alter table part add column extra int"],
    );
    refused(&restore(bed, &["--data-only", "--table", "part"]), "has no column note");
}

fn what_is_there_is_dropped_only_when_told(bed: &Bed) {
    fill(bed);
    backup(bed);
    let before = content(bed.open().as_mut());
    run(bed, &["delete from part where id > 2", "create table other (id int)"]);
    let changed = content(bed.open().as_mut());
    assert_eq!(restore(bed, &[]).code(), 4);
    refused(&restore(bed, &["--clean"]), "this would lose");
    let ran = restore(bed, &["--clean", "--dry-run"]);
    let says = bed.server.pick("first replaces the file", "first drops 3 tables", "first drops 3 tables");
    assert!(ran.code() == 0 && ran.stderr.contains(says), "{ran}");
    assert_eq!(content(bed.open().as_mut()), changed);
    let ran = restore(bed, &["--clean", "--allow-loss"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(content(bed.open().as_mut()), before);
    assert!(bed.open().execute("select * from other", &[]).is_err());
}

fn a_time_chooses_a_backup(bed: &Bed) {
    fill(bed);
    let made = backup(bed);
    let ran = restore(bed, &["--at", "2000-01-01"]);
    assert!(ran.code() == 2 && ran.stderr.contains("no backup in repo is as old as 2000-01-01"), "{ran}");
    let ran = restore(bed, &["--at", "2100-01-01T10:00", "--clean", "--dry-run"]);
    assert!(ran.code() == 0 && ran.stderr.contains(made["id"].as_str().unwrap()), "{ran}");
}
