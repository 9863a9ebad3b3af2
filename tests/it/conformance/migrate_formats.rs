//! A team's day with the folder it has: each format on each engine, from the first dry run to taking
//! over what its own tool has noted.

use serde_json::Value;

use super::migrate::{done, migrate, states, write};
use crate::process::Ran;
use crate::servers::{Bed, on_every_server, one, rows};

on_every_server!(dbmate, golang_migrate, flyway, goose, sqlx_both_ways, sqlx_one_way, diesel);

const CREATE: &str =
    "CREATE TABLE users (\n  id bigint NOT NULL PRIMARY KEY,\n  email varchar(255) NOT NULL\n)";
const DROP: &str = "DROP TABLE users";
const ADD: &str = "ALTER TABLE users ADD COLUMN name varchar(100)";
const TAKE: &str = "ALTER TABLE users DROP COLUMN name";

/// A folder as a tool's users write it.
struct Format {
    files: Vec<(&'static str, String)>,
    /// As `status` tells the two migrations.
    ids: [&'static str; 2],
    /// What the tool itself would have noted.
    history: Vec<String>,
    reversible: bool,
    /// What `new add_zip` writes; # is a number.
    new: &'static [&'static str],
}

fn dbmate(bed: &Bed) {
    let of = |up: &str, down: &str| format!("-- migrate:up\n{up};\n\n-- migrate:down\n{down};\n");
    walk(
        bed,
        &Format {
            files: vec![
                ("20240101000001_create_users.sql", of(CREATE, DROP)),
                ("20240102000002_add_name.sql", of(ADD, TAKE)),
            ],
            ids: ["20240101000001", "20240102000002"],
            history: vec![
                "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)".into(),
                "INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240102000002')".into(),
            ],
            reversible: true,
            new: &["##############_add_zip.sql"],
        },
    );
}

fn golang_migrate(bed: &Bed) {
    walk(
        bed,
        &Format {
            files: vec![
                ("000001_create_users.up.sql", format!("BEGIN;\n{CREATE};\nCOMMIT;\n")),
                ("000001_create_users.down.sql", format!("{DROP};\n")),
                ("000002_add_name.up.sql", format!("{ADD};\n")),
                ("000002_add_name.down.sql", format!("{TAKE};\n")),
            ],
            ids: ["1", "2"],
            history: vec![
                "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
                    .into(),
                "INSERT INTO schema_migrations VALUES (2, false)".into(),
            ],
            reversible: true,
            new: &["000003_add_zip.up.sql", "000003_add_zip.down.sql"],
        },
    );
}

fn flyway(bed: &Bed) {
    let row = |rank: u8, version: &str, name: &str, ty: &str| {
        format!(
            "INSERT INTO flyway_schema_history VALUES ({rank}, {version}, '{name}', '{ty}', 'x', 7, 'ann', '2026-01-01 00:00:00', 5, true)"
        )
    };
    walk(
        bed,
        &Format {
            files: vec![
                ("V1__Create_users_table.sql", format!("{CREATE};\n")),
                ("U1__Create_users_table.sql", format!("DROP VIEW IF EXISTS named;\n{DROP};\n")),
                ("V1.1__Add_name.sql", format!("{ADD};\n")),
                ("U1.1__Add_name.sql", format!("DROP VIEW IF EXISTS named;\n{TAKE};\n")),
                (
                    "R__named_users.sql",
                    "DROP VIEW IF EXISTS named;\nCREATE VIEW named AS SELECT id FROM users WHERE email <> '';\n".into(),
                ),
            ],
            ids: ["1", "1.1"],
            history: vec![
                "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp, execution_time int, success boolean)".into(),
                row(1, "'1'", "Create users table", "SQL"),
                row(2, "'1.1'", "Add name", "SQL"),
                row(3, "'1.1'", "Add name", "UNDO_SQL"),
                row(4, "'1.1'", "Add name", "SQL"),
                row(5, "NULL", "named users", "SQL"),
            ],
            reversible: true,
            new: &["V2__add_zip.sql"],
        },
    );
}

fn goose(bed: &Bed) {
    let of = |up: &str, down: &str| {
        format!(
            "-- +goose Up\n-- +goose StatementBegin\n{up};\n-- +goose StatementEnd\n\n-- +goose Down\n-- +goose StatementBegin\n{down};\n-- +goose StatementEnd\n"
        )
    };
    walk(
        bed,
        &Format {
            files: vec![
                ("00001_create_users.sql", of(CREATE, DROP)),
                ("00002_add_name.sql", format!("-- +goose NO TRANSACTION\n{}", of(ADD, TAKE))),
            ],
            ids: ["1", "2"],
            history: vec![
                "CREATE TABLE goose_db_version (id int PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp)".into(),
                "INSERT INTO goose_db_version VALUES (1, 0, true, '2026-01-01 00:00:00'), (2, 1, true, '2026-01-01 00:00:00'), (3, 2, true, '2026-01-01 00:00:00')".into(),
            ],
            reversible: true,
            new: &["00003_add_zip.sql"],
        },
    );
}

/// As sqlx itself makes it.
fn history_of_sqlx() -> Vec<String> {
    let mut history = vec!["CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description varchar(100) NOT NULL, installed_on timestamp NOT NULL, success boolean NOT NULL, checksum varchar(10) NOT NULL, execution_time bigint NOT NULL)".to_owned()];
    for (version, name) in [("20240101000001", "create users"), ("20240102000002", "add name")] {
        history.push(format!(
            "INSERT INTO _sqlx_migrations VALUES ({version}, '{name}', '2026-01-01 00:00:00', true, 'x', 1)"
        ));
    }
    history
}

fn sqlx_both_ways(bed: &Bed) {
    walk(
        bed,
        &Format {
            files: vec![
                (
                    "20240101000001_create_users.up.sql",
                    format!("-- Add up migration script here\n{CREATE};\n"),
                ),
                (
                    "20240101000001_create_users.down.sql",
                    format!("-- Add down migration script here\n{DROP};\n"),
                ),
                ("20240102000002_add_name.up.sql", format!("-- no-transaction\n{ADD};\n")),
                ("20240102000002_add_name.down.sql", format!("{TAKE};\n")),
            ],
            ids: ["20240101000001", "20240102000002"],
            history: history_of_sqlx(),
            reversible: true,
            new: &["##############_add_zip.up.sql", "##############_add_zip.down.sql"],
        },
    );
}

fn sqlx_one_way(bed: &Bed) {
    walk(
        bed,
        &Format {
            files: vec![
                ("20240101000001_create_users.sql", format!("-- Add migration script here\n{CREATE};\n")),
                ("20240102000002_add_name.sql", format!("-- Add migration script here\n{ADD};\n")),
            ],
            ids: ["20240101000001", "20240102000002"],
            history: history_of_sqlx(),
            reversible: false,
            new: &["##############_add_zip.sql"],
        },
    );
}

fn diesel(bed: &Bed) {
    walk(
        bed,
        &Format {
            files: vec![
                ("2024-01-01-000001_create_users/up.sql", format!("-- Your SQL goes here\n{CREATE}\n")),
                (
                    "2024-01-01-000001_create_users/down.sql",
                    format!("-- This file should undo anything in `up.sql`\n{DROP}\n"),
                ),
                ("2024-01-02-000002_add_name/up.sql", format!("{ADD};\n")),
                ("2024-01-02-000002_add_name/down.sql", format!("{TAKE};\n")),
            ],
            ids: ["20240101000001", "20240102000002"],
            history: vec![
                "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL)".into(),
                "INSERT INTO __diesel_schema_migrations VALUES ('20240101000001', '2026-01-01 00:00:00'), ('20240102000002', '2026-01-01 00:00:00')".into(),
            ],
            reversible: true,
            new: &["####-##-##-######_add_zip/up.sql", "####-##-##-######_add_zip/down.sql"],
        },
    );
}

#[track_caller]
fn code(bed: &Bed, command: &str, arguments: &[&str], code: i32) -> Ran {
    let ran = Ran::of(&mut migrate(bed, command, arguments));
    assert_eq!(ran.code(), code, "{ran}");
    ran
}

/// Whether the table is there, and has the column of the second migration.
#[track_caller]
fn has_name(bed: &Bed, expected: bool) {
    let outcome = crate::servers::try_rows(bed.open().as_mut(), "select name from users", &[]);
    assert_eq!(outcome.is_ok(), expected);
}

fn walk(bed: &Bed, format: &Format) {
    let [first, second] = format.ids.map(|id| format!("{id} applied"));
    for (name, text) in &format.files {
        if let Some((folder, _)) = name.split_once('/') {
            std::fs::create_dir_all(bed.sandbox.work().join("migrations").join(folder)).unwrap();
        }
        write(bed, name, text);
    }
    goes_up(bed, format);
    if format.reversible {
        goes_down(bed, format);
    }
    is_taken_over(bed, format);
    let found = states(bed);
    assert!(found.contains(&first) && found.contains(&second), "{found:?}");
    code(bed, "status", &["--exit-code"], 0);
    has_a_new_one(bed, format);
}

fn goes_up(bed: &Bed, format: &Format) {
    code(bed, "lint", &[], 0);
    let ran = code(bed, "up", &["--dry-run"], 0);
    assert!(ran.out().contains(format.ids[1]), "{ran}");
    code(bed, "up", &[], 4);
    has_name(bed, false);
    let ran = code(bed, "up", &["--yes", "--json"], 0);
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let ids: Vec<&str> =
        told["migrations"].as_array().unwrap().iter().filter_map(|each| each["id"].as_str()).collect();
    assert!(told["applied"] == true && ids.starts_with(&format.ids), "{ran}");
    has_name(bed, true);
    code(bed, "status", &["--exit-code"], 0);
    code(bed, "verify", &[], 0);
    assert!(code(bed, "up", &["--yes"], 0).stderr.contains("up to date"));
    code(bed, "repair", &[], 2);
    assert!(code(bed, "repair", &["--accept", "--yes"], 0).stderr.contains("nothing to repair"));
}

fn goes_down(bed: &Bed, format: &Format) {
    code(bed, "verify", &["--all"], 0);
    let ran = code(bed, "down", &["--dry-run"], 0);
    assert!(ran.out().contains(format.ids[1]), "{ran}");
    code(bed, "down", &[], 4);
    has_name(bed, true);
    done(bed, "down", &[]);
    has_name(bed, false);
    code(bed, "status", &["--exit-code"], 1);
    done(bed, "up", &[]);
    done(bed, "redo", &[]);
    has_name(bed, true);
    done(bed, "down", &["--to", "0"]);
    assert!(states(bed).iter().all(|state| !state.ends_with(" applied")), "{:?}", states(bed));
    done(bed, "up", &[]);
    code(bed, "status", &["--exit-code"], 0);
    code(bed, "verify", &["--all"], 0);
}

fn is_taken_over(bed: &Bed, format: &Format) {
    let mut session = bed.open();
    rows(session.as_mut(), "drop table dbwright_migrations");
    format.history.iter().for_each(|sql| drop(rows(session.as_mut(), sql)));
    let ran = code(bed, "adopt", &["--dry-run"], 0);
    assert!(ran.out().contains(format.ids[1]), "{ran}");
    code(bed, "adopt", &[], 4);
    assert_eq!(states(bed).iter().filter(|state| state.ends_with(" applied")).count(), 0);
    done(bed, "adopt", &[]);
    code(bed, "adopt", &["--yes"], 4);
    assert!(code(bed, "up", &["--yes"], 0).stderr.contains("up to date"));
    code(bed, "verify", &[], 0);
}

fn has_a_new_one(bed: &Bed, format: &Format) {
    let sql = "alter table users add column zip varchar(10)";
    let ran = Ran::of(&mut bed.sandbox.command(["migrate", "new", "add zip", "--sql", sql]));
    assert_eq!(ran.code(), 0, "{ran}");
    let digits =
        |text: &str| text.chars().map(|ch| if ch.is_ascii_digit() { '#' } else { ch }).collect::<String>();
    let written: Vec<String> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("wrote migrations/"))
        .map(|name| if format.new[0].starts_with('#') { digits(name) } else { name.to_owned() })
        .collect();
    assert_eq!(written, format.new, "{ran}");
    done(bed, "up", &[]);
    one(bed.open().as_mut(), "select zip from users");
    code(bed, "status", &["--exit-code"], 0);
}
