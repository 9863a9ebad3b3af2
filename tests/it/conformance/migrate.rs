//! `migrate`: what is applied is applied once and noted, and whatever ends the work early leaves a
//! state that is told and that the next run goes on from.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::process::{Ran, signal};
use crate::servers::{Bed, Family, Server, bed as told, on_every_server, one, rows};

on_every_server!(
    what_is_pending_is_applied_and_taken_back,
    the_samples_go_there_and_back,
    a_failing_migration_leaves_a_known_state,
    what_was_edited_or_deleted_is_told,
    late_ones_are_refused,
    repeatable_ones_are_repeated_when_they_change,
    repeatable_ones_do_not_stand_in_the_way_of_down,
    repeatable_ones_are_proved_by_repeating_them,
    every_style_is_read,
    engines_have_their_own_parts,
    the_history_takes_back_what_has_no_file,
    a_baseline_stands_for_what_was_there,
    the_history_of_other_tools_is_taken_over,
    the_history_of_sqitch_is_taken_over_by_name,
    what_liquibase_did_in_part_is_refused,
    a_folder_for_each_migration_is_read,
    what_goes_up_is_proved_to_come_down,
    ten_runs_are_one_run,
    a_killed_run_is_gone_on_with,
    one_transaction_is_all_or_nothing,
    a_dry_run_changes_nothing,
    a_protected_profile_must_be_named,
);

pub fn migrate(bed: &Bed, command: &str, arguments: &[&str]) -> Command {
    let url = bed.url();
    let url = if bed.server == Server::Sqlite { format!("{url}?mode=rwc") } else { url };
    bed.sandbox.command([&["migrate", command, url.as_str()], arguments].concat())
}

#[track_caller]
pub fn done(bed: &Bed, command: &str, arguments: &[&str]) -> Ran {
    let ran = Ran::of(&mut migrate(bed, command, &[arguments, &["--yes"]].concat()));
    assert_eq!(ran.code(), 0, "{ran}");
    ran
}

/// `1 applied`, a line per migration.
#[track_caller]
pub fn states(bed: &Bed) -> Vec<String> {
    let ran = Ran::of(&mut migrate(bed, "status", &["--json"]));
    let document: Value =
        serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran}"));
    let migrations = document["migrations"].as_array().unwrap();
    let told = |each: &Value| {
        format!("{} {}", each["id"].as_str().unwrap_or_default(), each["state"].as_str().unwrap_or_default())
    };
    migrations.iter().map(told).collect()
}

pub fn write(bed: &Bed, name: &str, text: &str) {
    std::fs::create_dir_all(bed.sandbox.work().join("migrations")).unwrap();
    bed.sandbox.write(&format!("migrations/{name}"), text);
}

fn film(bed: &Bed) {
    write(
        bed,
        "1_film.sql",
        "-- migrate:up\ncreate table film (id int not null primary key, title varchar(100));\n\
         insert into film values (1, 'Alien');\n-- migrate:down\ndrop table film;\n",
    );
    write(
        bed,
        "2_actor.sql",
        "-- migrate:up\ncreate table actor (id int not null primary key, film int references film (id));\n\
         -- migrate:down\ndrop table actor;\n",
    );
}

fn has_table(bed: &Bed, table: &str) -> bool {
    let sql = bed.server.pick(
        format!("select count(*) from sqlite_schema where name = '{table}'"),
        format!("select count(*) from information_schema.tables where table_schema = 'public' and table_name = '{table}'"),
        format!("select count(*) from information_schema.tables where table_schema = database() and table_name = '{table}'"),
    );
    one(bed.open().as_mut(), &sql) == "1"
}

/// Whether what is made in a transaction is gone when it ends early.
fn is_taken_back(bed: &Bed) -> bool {
    bed.server.family() != Family::Mysql
}

fn what_is_pending_is_applied_and_taken_back(bed: &Bed) {
    film(bed);
    done(bed, "up", &["--steps", "1"]);
    assert_eq!(states(bed), ["1 applied", "2 pending"]);
    assert_eq!(Ran::of(&mut migrate(bed, "status", &["--exit-code"])).code(), 1);
    let ran = done(bed, "up", &[]);
    assert!(ran.stderr.contains("applied 2 actor") && !ran.stderr.contains("applied 1 film"), "{ran}");
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
    assert_eq!(Ran::of(&mut migrate(bed, "status", &["--exit-code"])).code(), 0);
    assert!(done(bed, "up", &[]).stderr.contains("up to date"));
    what_is_redone_is_what_was_taken_back(bed);
    done(bed, "down", &["--to", "0"]);
    assert_eq!(states(bed), ["1 pending", "2 pending"]);
    assert!(!has_table(bed, "film") && !has_table(bed, "actor"));
}

/// Also where something older is pending; and what cannot be applied again is not taken back.
fn what_is_redone_is_what_was_taken_back(bed: &Bed) {
    write(bed, "0_older.sql", "-- migrate:up\ncreate table older (id int);\n");
    let before = states(bed);
    let ran = done(bed, "redo", &["--dry-run"]);
    assert!(ran.stderr.contains("a dry run") && ran.out().matches("actor").count() == 2, "{ran}");
    assert_eq!(states(bed), before);
    let ran = done(bed, "redo", &["--json"]);
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(document["kind"], "migrate_redo");
    for part in ["taken_back", "migrations"] {
        assert_eq!((&document[part][0]["id"], document[part].as_array().unwrap().len()), (&"2".into(), 1));
    }
    assert_eq!(states(bed), before);
    let folder = bed.sandbox.work().join("migrations");
    std::fs::remove_file(folder.join("0_older.sql")).unwrap();
    let (hidden, file) = (folder.join("hidden"), folder.join("2_actor.sql"));
    std::fs::rename(&file, &hidden).unwrap();
    let ran = Ran::of(&mut migrate(bed, "redo", &["--yes"]));
    assert!(ran.code() == 4 && ran.stderr.contains("the file of 2 actor is gone"), "{ran}");
    std::fs::rename(&hidden, &file).unwrap();
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
}

fn the_samples_go_there_and_back(bed: &Bed) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-configs/migrations");
    done(bed, "up", &["--dir", folder]);
    let ran = Ran::of(&mut migrate(bed, "status", &["--dir", folder, "--exit-code"]));
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from film_actor"), "2");
    done(bed, "down", &["--dir", folder, "--to", "0"]);
    assert!(!has_table(bed, "film") && !has_table(bed, "actor"));
}

fn a_failing_migration_leaves_a_known_state(bed: &Bed) {
    film(bed);
    write(bed, "3_bad.sql", "-- migrate:up\ncreate table one (id int);\n\ncreate tabl two (id int);\n");
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
    assert!(ran.stderr.contains("3 bad failed at statement 2 of 2"), "{ran}");
    assert!(ran.stderr.contains("3_bad.sql:4"), "{ran}");
    let (code, state) = if is_taken_back(bed) { (1, "3 pending") } else { (5, "3 partial") };
    assert_eq!(ran.code(), code, "{ran}");
    assert_eq!(states(bed)[2], state);
    assert_eq!(has_table(bed, "one"), !is_taken_back(bed));
    write(bed, "3_bad.sql", "-- migrate:up\ncreate table one (id int);\n\ncreate table two (id int);\n");
    done(bed, "up", &[]);
    assert_eq!(states(bed)[2], "3 applied");
    assert!(has_table(bed, "one") && has_table(bed, "two"));
}

fn what_was_edited_or_deleted_is_told(bed: &Bed) {
    film(bed);
    done(bed, "up", &[]);
    write(
        bed,
        "1_film.sql",
        "-- a comment\r\n-- migrate:up\r\ncreate table film (id int not null primary key, title varchar(100)) ;\r\ninsert into film values (1, 'Alien');\r\n",
    );
    assert_eq!(states(bed)[0], "1 applied");
    write(bed, "1_film.sql", "-- migrate:up\ncreate table film (id int);\n");
    assert_eq!(states(bed)[0], "1 changed");
    write(bed, "3_more.sql", "-- migrate:up\ncreate table more (id int);\n");
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(ran.stderr.contains("edited after it was applied: 1 film"), "{ran}");
    done(bed, "repair", &["--accept"]);
    std::fs::remove_file(bed.sandbox.work().join("migrations/2_actor.sql")).unwrap();
    assert_eq!(states(bed), ["1 applied", "2 missing", "3 pending"]);
    let ran = done(bed, "up", &[]);
    assert!(ran.stderr.contains("the file is gone: 2 actor"), "{ran}");
    done(bed, "repair", &["--forget", "2"]);
    assert_eq!(states(bed), ["1 applied", "3 applied"]);
}

fn late_ones_are_refused(bed: &Bed) {
    film(bed);
    std::fs::remove_file(bed.sandbox.work().join("migrations/1_film.sql")).unwrap();
    write(bed, "2_actor.sql", "-- migrate:up\ncreate table actor (id int);\n");
    done(bed, "up", &[]);
    write(bed, "1_film.sql", "-- migrate:up\ncreate table film (id int);\n");
    assert_eq!(states(bed), ["1 out_of_order", "2 applied"]);
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(!has_table(bed, "film"));
    done(bed, "up", &["--out-of-order", "allow"]);
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
}

fn repeatable_ones_are_repeated_when_they_change(bed: &Bed) {
    write(bed, "V1__film.sql", "create table film (id int);");
    let view =
        |column: &str| format!("drop view if exists v;\ncreate view v as select id as {column} from film;");
    write(bed, "R__views.sql", &view("a"));
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["1 applied", "R views applied"]);
    write(bed, "R__views.sql", &view("b"));
    assert_eq!(states(bed), ["1 applied", "R views due"]);
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["1 applied", "R views applied"]);
    rows(bed.open().as_mut(), "select b from v");
}

/// They stay when others are taken back, and are due again, as they may stand on those.
fn repeatable_ones_do_not_stand_in_the_way_of_down(bed: &Bed) {
    write(bed, "V1__film.sql", "create table film (id int);");
    write(bed, "V2__more.sql", "alter table film add column more int;");
    write(bed, "U2__more.sql", "drop view if exists v;\nalter table film drop column more;");
    write(bed, "R__views.sql", "drop view if exists v;\ncreate view v as select id from film;");
    done(bed, "up", &[]);
    let ran = done(bed, "down", &[]);
    assert!(ran.stderr.contains("took back 2 more"), "{ran}");
    assert_eq!(states(bed), ["1 applied", "2 pending", "R views due"]);
    done(bed, "up", &[]);
    done(bed, "redo", &[]);
    assert_eq!(states(bed), ["1 applied", "2 applied", "R views applied"]);
    rows(bed.open().as_mut(), "select id from v");
    // The first has nothing that takes it back.
    assert_eq!(Ran::of(&mut migrate(bed, "down", &["--steps", "2", "--yes"])).code(), 4);
}

fn repeatable_ones_are_proved_by_repeating_them(bed: &Bed) {
    write(bed, "V1__film.sql", "create table film (id int);");
    write(bed, "U1__film.sql", "drop table film;");
    let view =
        |column: &str| format!("drop view if exists v;\ncreate view v as select id as {column} from film;");
    write(bed, "R__views.sql", &view("a"));
    let verify = |arguments: &[&str]| Ran::of(&mut migrate(bed, "verify", arguments));
    let ran = verify(&[]);
    assert!(ran.code() == 0 && ran.stderr.contains("1 repeatable one repeated"), "{ran}");
    done(bed, "up", &[]);
    assert_eq!(verify(&["--all"]).code(), 0);
    // The database has what it was before.
    write(bed, "R__views.sql", &view("b"));
    let ran = verify(&[]);
    assert!(ran.code() == 0 && ran.stderr.contains("R views is to be repeated"), "{ran}");
    write(bed, "R__views.sql", "create view w as select id from film;");
    let ran = verify(&[]);
    assert!(ran.code() == 1 && ran.stderr.contains("R views fails"), "{ran}");
}

fn every_style_is_read(bed: &Bed) {
    let styles: [&[(&str, &str)]; 5] = [
        &[
            ("0001_a.up.sql", "BEGIN;\ncreate table a (id int);\nCOMMIT;\n"),
            ("0001_a.down.sql", "drop table a;"),
        ],
        &[("V1.1__a.sql", "create table a (id int);"), ("U1.1__a.sql", "drop table a;")],
        &[(
            "1_a.sql",
            "-- +goose Up\n-- +goose StatementBegin\ncreate table a (id int);\n-- +goose StatementEnd\n-- +goose Down\ndrop table a;\n",
        )],
        &[("1_a.sql", "-- +migrate Up\ncreate table a (id int);\n-- +migrate Down\ndrop table a;\n")],
        &[(
            "20260101000000_a.sql",
            "-- migrate:up transaction:false\ncreate table a (id int);\n-- migrate:down transaction:false\ndrop table a;",
        )],
    ];
    for files in styles {
        let _ = std::fs::remove_dir_all(bed.sandbox.work().join("migrations"));
        files.iter().for_each(|(name, text)| write(bed, name, text));
        done(bed, "up", &[]);
        assert!(has_table(bed, "a"), "{files:?}");
        done(bed, "down", &[]);
        assert!(!has_table(bed, "a"), "{files:?}");
    }
}

fn engines_have_their_own_parts(bed: &Bed) {
    write(
        bed,
        "1_v.sql",
        "-- migrate:up\n-- dbwright: engine sqlite\ncreate view v as select 'sqlite' as e;\n\
         -- dbwright: engine postgres\ncreate view v as select 'postgres' as e;\n\
         -- dbwright: engine mysql mariadb\ncreate view v as select 'mysql' as e;\n-- migrate:down\ndrop view v;\n",
    );
    write(bed, "3_b.sql", "-- migrate:up\ninsert into a values (1);\n");
    write(bed, "2_c.sql", "-- depends: 4\n-- migrate:up\ninsert into a values (2);\n");
    write(bed, "4_a.sql", "-- depends: 1\n-- migrate:up\ncreate table a (id int);\n");
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--steps", "1"]));
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(one(bed.open().as_mut(), "select e from v"), bed.server.pick("sqlite", "postgres", "mysql"));
    write(bed, "1_v.sql", "-- depends: 2\n-- migrate:up\nselect 1;\n");
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes"]));
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("depend on each other in a circle"), "{ran}");
}

fn the_history_takes_back_what_has_no_file(bed: &Bed) {
    film(bed);
    done(bed, "up", &[]);
    std::fs::remove_file(bed.sandbox.work().join("migrations/2_actor.sql")).unwrap();
    done(bed, "down", &[]);
    assert!(!has_table(bed, "actor"));
    assert_eq!(states(bed), ["1 applied"]);
}

fn a_baseline_stands_for_what_was_there(bed: &Bed) {
    film(bed);
    let create = "create table film (id int not null primary key, title varchar(100))";
    rows(bed.open_with(bed.server.pick("mode=rwc", "", "")).as_mut(), create);
    done(bed, "baseline", &["--at", "1"]);
    assert_eq!(states(bed), ["1 baseline", "2 pending"]);
    done(bed, "up", &[]);
    assert!(has_table(bed, "actor"));
    let ran = Ran::of(&mut migrate(bed, "baseline", &["--at", "2", "--yes"]));
    assert_eq!(ran.code(), 4, "{ran}");
}

fn the_history_of_other_tools_is_taken_over(bed: &Bed) {
    let histories: [(&str, &[&str]); 9] = [
        (
            "schema_migrations",
            &[
                "create table schema_migrations (version varchar(100) primary key)",
                "insert into schema_migrations values ('1')",
            ],
        ),
        (
            "schema_migrations",
            &[
                "create table schema_migrations (version bigint not null primary key, dirty boolean not null)",
                "insert into schema_migrations values (1, false)",
            ],
        ),
        (
            "flyway_schema_history",
            &[
                "create table flyway_schema_history (installed_rank int primary key, version varchar(50), description varchar(200), type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp, execution_time int, success boolean)",
                "insert into flyway_schema_history values (1, '1', 'film', 'SQL', 'V1__film.sql', 7, 'ann', '2026-01-01 00:00:00', 5, true)",
                // Taken back again, and struck out because its file is gone.
                "insert into flyway_schema_history values (2, '2', 'actor', 'SQL', 'V2__actor.sql', 7, 'ann', '2026-01-01 00:00:00', 5, true)",
                "insert into flyway_schema_history values (3, '2', 'actor', 'UNDO_SQL', 'U2__actor.sql', 7, 'ann', '2026-01-01 00:00:00', 5, true)",
                "insert into flyway_schema_history values (4, '9', 'gone', 'SQL', 'V9__gone.sql', 7, 'ann', '2026-01-01 00:00:00', 5, true)",
                "insert into flyway_schema_history values (5, '9', 'gone', 'DELETE', 'V9__gone.sql', 7, 'ann', '2026-01-01 00:00:00', 0, true)",
            ],
        ),
        (
            "goose_db_version",
            &[
                "create table goose_db_version (id int primary key, version_id bigint, is_applied boolean, tstamp timestamp)",
                "insert into goose_db_version values (1, 0, true, '2026-01-01 00:00:00'), (2, 1, true, '2026-01-01 00:00:00'), (3, 2, true, '2026-01-01 00:00:00'), (4, 2, false, '2026-01-01 00:00:00')",
            ],
        ),
        (
            "_sqlx_migrations",
            &[
                "create table _sqlx_migrations (version bigint primary key, description varchar(100), installed_on timestamp, success boolean, checksum varchar(10), execution_time bigint)",
                "insert into _sqlx_migrations values (1, 'film', '2026-01-01 00:00:00', true, 'x', 1)",
            ],
        ),
        (
            "refinery_schema_history",
            &[
                "create table refinery_schema_history (version int primary key, name varchar(255), applied_on varchar(255), checksum varchar(255))",
                "insert into refinery_schema_history values (1, 'film', '2026-01-01T00:00:00Z', '7')",
            ],
        ),
        (
            "gorp_migrations",
            &[
                "create table gorp_migrations (id varchar(255) primary key, applied_at timestamp)",
                "insert into gorp_migrations values ('1_film.sql', '2026-01-01 00:00:00')",
            ],
        ),
        (
            "__diesel_schema_migrations",
            &[
                "create table __diesel_schema_migrations (version varchar(50) primary key, run_on timestamp)",
                "insert into __diesel_schema_migrations values ('1', '2026-01-01 00:00:00')",
            ],
        ),
        (
            "DATABASECHANGELOG",
            &[
                "create table DATABASECHANGELOG (ID varchar(255), AUTHOR varchar(255), FILENAME varchar(255), DATEEXECUTED timestamp, ORDEREXECUTED int)",
                "insert into DATABASECHANGELOG values ('1', 'ann', 'db/changelog/1_film.sql', '2026-01-01 00:00:00', 1), ('2', 'ann', 'db/changelog/1_film.sql', '2026-01-01 00:00:00', 2)",
            ],
        ),
    ];
    film(bed);
    for (table, statements) in histories {
        let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
        statements.iter().for_each(|sql| drop(rows(session.as_mut(), sql)));
        let ran = Ran::of(&mut migrate(bed, "adopt", &["--dry-run"]));
        assert_eq!(ran.code(), 0, "{ran}");
        assert!(ran.out().contains("film"), "{ran}");
        done(bed, "adopt", &[]);
        assert_eq!(states(bed), ["1 applied", "2 pending"], "{statements:?}");
        assert_eq!(Ran::of(&mut migrate(bed, "adopt", &["--yes"])).code(), 4);
        // PostgreSQL folds the name.
        let folded = table.to_lowercase();
        let table = if bed.server.family() == Family::Postgres { folded.as_str() } else { table };
        assert!(has_table(bed, table));
        rows(session.as_mut(), &format!("drop table {table}"));
        rows(session.as_mut(), "drop table dbwright_migrations");
    }
    assert_eq!(Ran::of(&mut migrate(bed, "adopt", &["--yes"])).code(), 2);
}

/// sqitch keeps its history in a schema of its own.
fn the_history_of_sqitch_is_taken_over_by_name(bed: &Bed) {
    if bed.server.family() != Family::Postgres {
        return;
    }
    film(bed);
    let mut session = bed.open();
    for sql in [
        "create schema sqitch",
        "create table sqitch.changes (change_id text primary key, change text, committed_at timestamptz)",
        "insert into sqitch.changes values ('x', 'film', '2026-01-01 00:00:00+00')",
    ] {
        rows(session.as_mut(), sql);
    }
    done(bed, "adopt", &[]);
    assert_eq!(states(bed), ["1 applied", "2 pending"]);
    rows(session.as_mut(), "drop table dbwright_migrations");
    rows(session.as_mut(), "insert into sqitch.changes values ('y', 'unknown', '2026-01-02 00:00:00+00')");
    let ran = Ran::of(&mut migrate(bed, "adopt", &["--yes"]));
    assert!(ran.code() == 1 && ran.stderr.contains("without a number: unknown"), "{ran}");
}

fn what_liquibase_did_in_part_is_refused(bed: &Bed) {
    write(
        bed,
        "1_film.sql",
        "--liquibase formatted sql\n--changeset ann:1\ncreate table film (id int);\n--changeset ann:2\ncreate table actor (id int);\n",
    );
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    rows(
        session.as_mut(),
        "create table DATABASECHANGELOG (FILENAME varchar(255), DATEEXECUTED timestamp, ORDEREXECUTED int)",
    );
    rows(session.as_mut(), "insert into DATABASECHANGELOG values ('1_film.sql', '2026-01-01 00:00:00', 1)");
    let ran = Ran::of(&mut migrate(bed, "adopt", &["--yes"]));
    assert!(ran.code() == 4 && ran.stderr.contains("1 of its 2 changesets"), "{ran}");
}

fn a_folder_for_each_migration_is_read(bed: &Bed) {
    for (name, up, down) in [
        ("2026-01-01-000000_film", "create table film (id int);", "drop table film;"),
        ("2026-01-02-000000_actor", "create table actor (id int);", "drop table actor;"),
    ] {
        std::fs::create_dir_all(bed.sandbox.work().join("migrations").join(name)).unwrap();
        write(bed, &format!("{name}/up.sql"), up);
        write(bed, &format!("{name}/down.sql"), down);
    }
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["20260101000000 applied", "20260102000000 applied"]);
    done(bed, "down", &["--steps", "1"]);
    assert!(has_table(bed, "film") && !has_table(bed, "actor"));
}

fn what_goes_up_is_proved_to_come_down(bed: &Bed) {
    film(bed);
    let verify = |arguments: &[&str]| Ran::of(&mut migrate(bed, "verify", arguments));
    let ran = verify(&[]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("2 migrations went up, down and up"), "{ran}");
    done(bed, "up", &["--steps", "1"]);
    assert_eq!(verify(&["--all"]).code(), 0);
    write(
        bed,
        "3_more.sql",
        "-- migrate:up\ncreate table more (id int);\nalter table film add column b int;\n-- migrate:down\ndrop table more;\n",
    );
    let ran = verify(&[]);
    assert_eq!(ran.code(), 1, "{ran}");
    let told = format!("{}{}", ran.out(), ran.stderr);
    assert!(told.contains("down does not take it back"), "{ran}");
    write(bed, "3_more.sql", "-- migrate:up\ncreate table more (id int);\n");
    assert!(verify(&[]).out().contains("nothing takes it back"));
    std::fs::remove_file(bed.sandbox.work().join("migrations/3_more.sql")).unwrap();
    rows(bed.open().as_mut(), "alter table film add column later int");
    let ran = verify(&["--json"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(
        ran.out().contains("another schema than its migrations make") && ran.out().contains("table film"),
        "{ran}"
    );
    assert!(!has_table(bed, "actor"));
}

fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Each adds a row, so that what ran twice would be seen.
fn many(bed: &Bed, count: usize) {
    write(
        bed,
        "0000_log.sql",
        "-- migrate:up\ncreate table ran (id int);\n-- migrate:down\ndrop table ran;\n",
    );
    for at in 1..=count {
        let text = format!(
            "-- migrate:up\ncreate table t{at} (id int not null primary key, a int);\n\
             insert into ran values ({at});\ncreate index t{at}_a on t{at} (a);\n"
        );
        write(bed, &format!("{at:04}_t.sql"), &text);
    }
}

#[track_caller]
fn each_ran_once(bed: &Bed, count: usize) {
    let told = rows(bed.open().as_mut(), "select count(*), count(distinct id) from ran");
    assert_eq!(told, [[Some(count.to_string()), Some(count.to_string())]]);
    assert!(states(bed).iter().all(|state| state.ends_with(" applied")), "{:?}", states(bed));
}

fn ten_runs_are_one_run(bed: &Bed) {
    const COUNT: usize = 20;
    many(bed, COUNT);
    let mut children: Vec<Child> =
        (0..10).map(|_| spawn(&mut migrate(bed, "up", &["--yes", "--lock-timeout", "30s"]))).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    each_ran_once(bed, COUNT);
}

fn a_killed_run_is_gone_on_with(bed: &Bed) {
    const COUNT: usize = 30;
    many(bed, COUNT);
    let mut kills = 0;
    // The later the run is killed, the further it comes.
    for wait in (0..40).map(|step| Duration::from_millis(20 + step * 7)) {
        let mut child = spawn(&mut migrate(bed, "up", &["--yes"]));
        std::thread::sleep(wait);
        signal(&child, Signal::KILL);
        if !child.wait().unwrap().success() {
            kills += 1;
        }
        if states(bed).iter().all(|state| state.ends_with(" applied")) {
            break;
        }
    }
    done(bed, "up", &[]);
    assert!(kills > 0);
    each_ran_once(bed, COUNT);
}

fn one_transaction_is_all_or_nothing(bed: &Bed) {
    film(bed);
    write(bed, "3_bad.sql", "-- migrate:up\ncreate tabl two (id int);\n");
    let ran = Ran::of(&mut migrate(bed, "up", &["--yes", "--one-transaction"]));
    if !is_taken_back(bed) {
        assert_eq!(ran.code(), 2, "{ran}");
        return;
    }
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(!has_table(bed, "film"));
    std::fs::remove_file(bed.sandbox.work().join("migrations/3_bad.sql")).unwrap();
    done(bed, "up", &["--one-transaction"]);
    assert_eq!(states(bed), ["1 applied", "2 applied"]);
}

fn a_dry_run_changes_nothing(bed: &Bed) {
    film(bed);
    let ran = Ran::of(&mut migrate(bed, "up", &["--dry-run"]));
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.out().contains("film") && ran.stderr.contains("nothing was changed"), "{ran}");
    assert!(!has_table(bed, "dbwright_migrations") && !has_table(bed, "film"));
    let ran = Ran::of(&mut migrate(bed, "up", &[]));
    assert_eq!(ran.code(), 4, "{ran}");
}

fn a_protected_profile_must_be_named(bed: &Bed) {
    film(bed);
    let mode = bed.server.pick("?mode=rwc", "", "");
    bed.protect(mode, "[profile.live.migrations]\ndir = \"migrations\"\n");
    let up = |arguments: &[&str]| {
        let mut command = bed.sandbox.command([&["migrate", "up", "live"], arguments].concat());
        Ran::of(command.env("PW", told("PASSWORD").unwrap_or_default()))
    };
    let ran = up(&["--yes"]);
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(!has_table(bed, "film"));
    let ran = up(&["--yes-on", "live"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(has_table(bed, "film"));
}
