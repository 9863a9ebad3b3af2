//! `${name}` in migrations: replaced where a file asks for it, and never by accident.

use super::migrate::{done, migrate, states, write};
use crate::process::Ran;
use crate::servers::{Bed, bed as told, on_every_server, one};

on_every_server!(
    values_are_put_into_statements,
    a_file_that_does_not_ask_keeps_its_text,
    what_has_no_value_is_an_error_before_anything_runs,
    a_place_behind_a_value_is_that_of_the_file,
    a_value_cannot_tear_a_statement_apart,
    the_values_of_a_profile_are_used,
);

const ASKS: &str = "-- dbwright: placeholders\n-- migrate:up\n\
    create table ${prefix}film (id int, note varchar(50));\n\
    insert into ${prefix}film values (${ first }, 'a $${b} c');\n-- migrate:down\ndrop table ${prefix}film;\n";

fn values_are_put_into_statements(bed: &Bed) {
    write(bed, "1_film.sql", ASKS);
    let set = ["--set", "prefix=my_", "--set", "first=7"];
    done(bed, "up", &set);
    assert_eq!(one(bed.open().as_mut(), "select note from my_film where id = 7"), "a ${b} c");
    // The sum is that of the file, whatever the values are, and who only asks needs none.
    assert_eq!(states(bed), ["1 applied"]);
    std::fs::write(bed.sandbox.work().join("migrations/2_b.sql"), "-- migrate:up\nselect 1;\n").unwrap();
    std::fs::remove_file(bed.sandbox.work().join("migrations/1_film.sql")).unwrap();
    // What takes it back is kept with its values.
    done(bed, "down", &[]);
    assert_eq!(states(bed), ["2 pending"]);
}

fn a_file_that_does_not_ask_keeps_its_text(bed: &Bed) {
    write(
        bed,
        "1_a.sql",
        "-- migrate:up\ncreate table a (n varchar(50));\ninsert into a values ('$${x} ${y}');\n",
    );
    done(bed, "up", &["--set", "y=1"]);
    assert_eq!(one(bed.open().as_mut(), "select n from a"), "$${x} ${y}");
}

fn what_has_no_value_is_an_error_before_anything_runs(bed: &Bed) {
    write(bed, "1_a.sql", "-- migrate:up\ncreate table a (id int);\n");
    write(bed, "2_film.sql", ASKS);
    let up = |arguments: &[&str]| Ran::of(&mut migrate(bed, "up", &[arguments, &["--yes"]].concat()));
    let ran = up(&["--set", "prefx=a"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("the placeholder `prefix` has no value"), "{ran}");
    assert!(ran.stderr.contains("migrations/2_film.sql:3:14"), "{ran}");
    assert!(ran.stderr.contains("did you mean `prefx`?"), "{ran}");
    assert_eq!(up(&["--set", "prefix"]).code(), 2);
    assert_eq!(states(bed), ["1 pending", "2 pending"]);
    write(bed, "2_film.sql", "-- dbwright: placeholders\n-- migrate:up\nselect '${a';\n");
    assert!(up(&[]).stderr.contains("`${` without its `}`"));
    assert_eq!(states(bed), ["1 pending", "2 pending"]);
}

fn a_place_behind_a_value_is_that_of_the_file(bed: &Bed) {
    write(bed, "1_a.sql", "-- dbwright: placeholders\n-- migrate:up\nselect '${a}', nocolumn;\n");
    let long = format!("a={}", "x".repeat(60));
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--set", &long]));
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("1_a.sql:3:16"), "{ran}");
}

fn a_value_cannot_tear_a_statement_apart(bed: &Bed) {
    write(
        bed,
        "1_a.sql",
        "-- dbwright: placeholders\n-- migrate:up\ncreate table a (n varchar(50));\ninsert into a values ('${v}');\n",
    );
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--set", "v='); drop table a; select ('"]));
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("1_a.sql:4:1") && ran.stderr.contains("no longer one statement"), "{ran}");
    done(bed, "up", &["--set", "v=a; b"]);
    assert_eq!(one(bed.open().as_mut(), "select n from a"), "a; b");
}

fn the_values_of_a_profile_are_used(bed: &Bed) {
    write(bed, "1_film.sql", &ASKS.replace("-- dbwright: placeholders\n", ""));
    bed.protect(
        bed.server.pick("?mode=rwc", "", ""),
        "[profile.live.migrations]\ndir = \"migrations\"\nplaceholders_everywhere = true\n\
         [profile.live.migrations.placeholders]\nprefix = \"p_\"\nfirst = 3\n",
    );
    let arguments = ["migrate", "up", "live", "--yes-on", "live", "--set", "first=4"];
    let mut command = bed.sandbox.command(arguments);
    let ran = Ran::of(command.env("PW", told("PASSWORD").unwrap_or_default()));
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from p_film where id = 4"), "1");
}
