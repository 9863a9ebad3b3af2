//! `migrate new`: what it writes is read as it was meant, in every style.

use super::migrate::{done, states, write};
use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server, one};

on_every_server!(sql_that_is_given_is_run, what_differs_becomes_a_migration);

const WANTED: &str =
    "version = 1\n[tables.film.columns]\nid = \"int64 not null primary key\"\ntitle = \"varchar(100)\"\n";

fn new(bed: &Bed, arguments: &[&str]) -> Ran {
    Ran::of(&mut bed.sandbox.command([&["migrate", "new", "make it"], arguments].concat()))
}

fn sql_that_is_given_is_run(bed: &Bed) {
    let ran = new(bed, &["--sql", "create table a (id int); insert into a values (7)"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let mut command = bed.sandbox.command(["migrate", "new", "more", "--sql", "-"]);
    let input = bed.sandbox.write("more.sql", "insert into a values (8);\n");
    let ran = Ran::of(command.stdin(std::fs::File::open(input).unwrap()));
    assert_eq!(ran.code(), 0, "{ran}");
    done(bed, "up", &[]);
    assert_eq!(one(bed.open().as_mut(), "select sum(id) from a"), "15");
    assert_eq!(new(bed, &["--sql", "-- migrate:down\ndrop table a"]).code(), 2);
    assert_eq!(new(bed, &["--sql", " "]).code(), 2);
    assert_eq!(new(bed, &["--online"]).code(), 2);
    assert_eq!(states(bed).len(), 2);
}

fn what_differs_becomes_a_migration(bed: &Bed) {
    bed.sandbox.write("wanted.toml", WANTED);
    let styles: [(&str, &str); 6] = [
        ("", ""),
        ("1_a.up.sql", "select 1;"),
        ("V1__a.sql", "select 1;"),
        ("1_a.sql", "-- +goose Up\nselect 1;\n"),
        ("1_a.sql", "-- +migrate Up\nselect 1;\n"),
        ("1_a.sql", "select 1;\n"),
    ];
    let url = bed.url();
    let mut differs = vec!["--from-diff", &url, "wanted.toml"];
    if bed.server != Server::Sqlite {
        differs.extend(["--scratch", &url]);
    }
    for (name, text) in styles {
        let _ = std::fs::remove_dir_all(bed.sandbox.work().join("migrations"));
        if !name.is_empty() {
            write(bed, name, text);
        }
        let ran = new(bed, &differs);
        assert_eq!(ran.code(), 0, "{ran}");
        let plain = text == "select 1;\n";
        assert_eq!(ran.stderr.contains("cannot be taken back"), plain, "{name} {text} {ran}");
        done(bed, "up", &[]);
        let ran = new(bed, &differs);
        assert!(ran.stderr.contains("no migration was written"), "{ran}");
        if !plain {
            done(bed, "down", &[]);
            let ran = new(bed, &differs);
            assert!(!ran.stderr.contains("no migration was written"), "{ran}");
        }
        if !name.is_empty() && !plain {
            done(bed, "repair", &["--forget", "1"]);
        }
    }
}
