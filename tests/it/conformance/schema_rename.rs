//! Tables and columns that go by another name keep their rows, there and back.

use super::schema_apply::{apply, assert_done, command, run};
use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_server, one};

on_every_server!(
    names_change_and_rows_stay,
    a_not_null_of_another_name_is_not_told_as_gone,
    what_is_kept_follows_a_table,
    what_cannot_follow_a_column_is_not_broken,
    what_is_kept_may_change_with_what_it_stands_on,
);

fn names_change_and_rows_stay(bed: &Bed) {
    run(
        bed,
        &[
            "create table film (id int, name varchar(100))",
            "create index film_name on film (name)",
            "insert into film values (1, 'Alien')",
        ],
    );
    bed.sandbox.write(
        "wanted.sql",
        "create table movie (id int, title varchar(100));\n\
         create index film_name on movie (title);\n",
    );
    let renames = ["--rename", "film.name=film.title", "--rename", "film=movie"];
    let ran = apply(bed, &[&renames[..], &["--yes"]].concat());
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.out().contains("table film: renamed to movie"), "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select title from movie"), "Alien");
    assert_done(bed);
    // The way back keeps the rows as well.
    run(bed, &["alter table movie add column year int"]);
    bed.sandbox.write(
        "wanted.sql",
        "create table movie (id int, title varchar(100), released int);\n\
         create index film_name on movie (title);\n",
    );
    run(bed, &["update movie set year = 1979"]);
    let hinted = apply(bed, &["--dry-run"]);
    assert!(hinted.stderr.contains("--rename movie.year=movie.released"), "{hinted}");
    let url = bed.url();
    let arguments = [&url, "wanted.sql", "--rename", "movie.year=movie.released", "--format", "sql"];
    let undo = Ran::of(&mut command(bed, "diff", &[&arguments[..], &["--undo"]].concat())).ok();
    let ran = apply(bed, &["--yes", "--rename", "movie.year=movie.released"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select released from movie"), "1979");
    bed.sandbox.write("undo.sql", undo);
    bed.connect(&["-f", "undo.sql"]).ok();
    assert_eq!(one(bed.open().as_mut(), "select year from movie"), "1979");
}

/// Applies wanted.toml to the bed's database.
fn apply_definition(bed: &Bed, definition: &str, arguments: &[&str]) -> Ran {
    bed.sandbox.write("wanted.toml", definition);
    let url = bed.url();
    Ran::of(&mut command(bed, "apply", &[&[url.as_str(), "wanted.toml", "--yes"], arguments].concat()))
}

const LOG: &str = "[tables.log]\ncolumns.x = \"int32\"\n";

fn triggered(bed: &Bed) {
    run(
        bed,
        bed.server.pick(
            &[
                "create table t (id int not null primary key, a int)",
                "create table log (x int)",
                "create trigger g after insert on t begin insert into log values (new.a); end",
            ][..],
            &[
                "create table t (id int not null primary key, a int)",
                "create table log (x int)",
                "create function f() returns trigger language plpgsql \
                 as 'begin insert into log values (1); return new; end'",
                "create trigger g after insert on t for each row execute function f()",
            ],
            &[
                "create table t (id int not null primary key, a int)",
                "create table log (x int)",
                "create trigger g after insert on t for each row insert into log values (new.a)",
            ],
        ),
    );
    run(bed, &["insert into t values (1, 2)"]);
}

/// PostgreSQL 18 names them after the table, and a rename leaves the names behind.
fn a_not_null_of_another_name_is_not_told_as_gone(bed: &Bed) {
    run(bed, &["create table p (id int, x int not null)"]);
    bed.sandbox.write("wanted.sql", "create table q (id int, x int not null);\n");
    let ran = apply(bed, &["--yes", "--rename", "p=q"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(!ran.out().lines().any(|line| line.starts_with("- ")), "{ran}");
    assert_eq!(
        ran.out().contains("constraint p_x_not_null not null x: gets the usual name"),
        bed.server == Server::Pg18
    );
    assert_done(bed);
}

/// Neither is the old table extra, nor its trigger gone, because the definition has neither name.
fn what_is_kept_follows_a_table(bed: &Bed) {
    triggered(bed);
    run(bed, &["create view extra as select x from log"]);
    let wanted = format!(
        "[tables.tt]\nprimary_key = [\"id\"]\ncolumns.id = \"int32 not null\"\ncolumns.a = \"int32\"\n{LOG}"
    );
    let ran = apply_definition(bed, &wanted, &["--keep-extra", "--rename", "t=tt"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(!ran.out().contains("trigger") && !ran.out().contains("create table"), "{ran}");
    run(bed, &["insert into tt values (3, 4)"]);
    assert_eq!(one(bed.open().as_mut(), "select count(*) from tt"), "2");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from extra"), "2");
    // And without --keep-extra, back again.
    run(bed, &["drop view extra"]);
    let wanted = wanted.replace("tables.tt", "tables.t");
    let ran = apply_definition(bed, &wanted, &["--rename", "tt=t"]);
    assert_eq!(ran.code(), 0, "{ran}");
    run(bed, &["insert into t values (5, 6)"]);
    assert_eq!(one(bed.open().as_mut(), "select count(*) from log"), "3");
}

/// A trigger that names the column is rewritten by the server, or nothing is done.
fn what_cannot_follow_a_column_is_not_broken(bed: &Bed) {
    triggered(bed);
    run(bed, &["create view extra as select a from t"]);
    let wanted = format!(
        "[tables.t]\nprimary_key = [\"id\"]\ncolumns.id = \"int32 not null\"\ncolumns.aa = \"int32\"\n{LOG}"
    );
    let ran = apply_definition(bed, &wanted, &["--keep-extra", "--rename", "t.a=t.aa"]);
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    if bed.server.family() == Family::Mysql {
        let said = ran.fails(4);
        assert!(said.contains("trigger g") && said.contains("view extra"), "{said}");
        assert_eq!(one(session.as_mut(), "select a from t"), "2");
        return;
    }
    assert_eq!(ran.code(), 0, "{ran}");
    run(bed, &["insert into t values (3, 4)"]);
    assert_eq!(one(session.as_mut(), "select count(*) from extra"), "2");
    assert_eq!(one(session.as_mut(), "select count(*) from log"), "2");
}

/// The columns of a view follow from those of its table, and are no difference.
fn what_is_kept_may_change_with_what_it_stands_on(bed: &Bed) {
    run(bed, &["create table t (a int)", "create view v as select a from t", "insert into t values (1)"]);
    bed.sandbox.write("wanted.sql", "create table t (a bigint);\n");
    let ran = apply(bed, &["--keep-extra", "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select a from v"), "1");
}
