//! Tables and columns that go by another name keep their rows, there and back.

use super::schema_apply::{apply, assert_done, command, run};
use crate::process::Ran;
use crate::servers::{Bed, on_every_server, one};

on_every_server!(names_change_and_rows_stay);

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
