//! `schema apply`: a database becomes what a file says, nothing is lost unasked, and whatever ends
//! the work early leaves a state that is told and that the next run goes on from.

use std::process::{Child, Stdio};

use rustix::process::Signal;

use crate::poll;
use crate::process::{Ran, shell_code, signal};
use crate::servers::{Bed, Family, Server, bed as told, on_every_network_server, on_every_server, one, rows};
use crate::terminal::Terminal;

on_every_server!(
    a_database_becomes_what_the_file_says,
    nothing_is_lost_unasked,
    rows_that_stand_in_the_way_are_told,
    what_is_kept_follows_what_it_stands_on,
    a_protected_profile_must_be_named,
    a_lock_is_not_waited_for_for_long,
    a_step_that_fails_is_told,
    what_changed_meanwhile_is_not_run_over,
    the_difference_becomes_a_migration,
    each_clause_is_looked_for,
);
on_every_network_server!(two_runs_do_not_meet, a_run_that_is_ended_can_be_gone_on_with);

const FILM: &str = "create table film (id int not null primary key, title varchar(100))";

pub fn run(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    for sql in statements {
        rows(session.as_mut(), sql);
    }
}

/// `schema COMMAND`, with the bed's server to load files on.
pub fn command(bed: &Bed, command: &str, arguments: &[&str]) -> std::process::Command {
    let url = bed.url();
    let scratch = if bed.server == Server::Sqlite { vec![] } else { vec!["--scratch", url.as_str()] };
    bed.sandbox.command([&["schema", command], arguments, &scratch].concat())
}

/// Applies wanted.sql to the bed's database.
pub fn apply(bed: &Bed, arguments: &[&str]) -> Ran {
    let url = bed.url();
    Ran::of(&mut command(bed, "apply", &[&[url.as_str(), "wanted.sql"], arguments].concat()))
}

/// Nothing differs from wanted.sql any more.
#[track_caller]
pub fn assert_done(bed: &Bed) {
    let url = bed.url();
    let ran = Ran::of(&mut command(bed, "diff", &[&url, "wanted.sql", "--exit-code"]));
    assert_eq!(ran.code(), 0, "{ran}");
}

/// Nothing is lost by them, and no consent makes the plan work.
fn rows_that_stand_in_the_way_are_told(bed: &Bed) {
    let p = "create table p (id int not null primary key)";
    run(
        bed,
        &[
            p,
            "create table t (id int not null primary key, n int, u int, f int)",
            "insert into t values (1, null, 1, 9), (2, null, 1, null), (3, 1, 2, null)",
        ],
    );
    for (columns, told) in [
        ("n int not null, u int, f int", "(2 rows)"),
        ("n int, u int, f int, constraint uu unique (u)", "(1 value)"),
        ("n int, u int, f int, constraint cc check (id < 3)", "(1 row)"),
        ("n int, u int, f int, constraint ff foreign key (f) references p (id)", "(1 row)"),
    ] {
        let wanted = format!("{p};\ncreate table t (id int not null primary key, {columns});\n");
        bed.sandbox.write("wanted.sql", wanted);
        for online in [&[][..], &["--online"]] {
            let ran = apply(bed, &[&["--yes", "--allow-loss"], online].concat());
            let said = ran.fails(4);
            assert!(said.contains("rows stand in the way") && said.contains(told), "{said}");
            assert!(said.contains("see them: SELECT ") && !said.contains("LOSES DATA"), "{said}");
        }
    }
    // Those that pass need no consent.
    run(bed, &["update t set n = id, u = id, f = null"]);
    let ran = apply(bed, &["--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    // A column that comes has one value in all rows.
    let wanted = format!(
        "{p};\ncreate table t (id int not null primary key, n int, u int, f int, m int, k int default 2, \
         constraint ff foreign key (f) references p (id), constraint cc check (k > id), constraint cm check (m > 0));\n"
    );
    bed.sandbox.write("wanted.sql", &wanted);
    let ran = apply(bed, &["--yes"]);
    let said = ran.to_string();
    assert!(ran.code() == 4 && said.contains("rows stand in the way") && said.contains("(2 rows)"), "{ran}");
    assert!(!said.contains("fails where there are"), "{ran}");
    bed.sandbox.write("wanted.sql", wanted.replace("k > id", "k >= id - 1"));
    let ran = apply(bed, &["--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
}

fn has_column(bed: &Bed, table: &str, column: &str) -> bool {
    let sql = bed.server.pick(
        format!("select count(*) from pragma_table_info('{table}') where name = '{column}'"),
        format!(
            "select count(*) from information_schema.columns \
             where table_schema = 'public' and table_name = '{table}' and column_name = '{column}'"
        ),
        format!(
            "select count(*) from information_schema.columns \
             where table_schema = database() and table_name = '{table}' and column_name = '{column}'"
        ),
    );
    one(bed.open().as_mut(), &sql) == "1"
}

/// Whether what is made in a transaction is gone when it ends early.
fn is_taken_back(bed: &Bed) -> bool {
    bed.server.family() != Family::Mysql
}

fn a_database_becomes_what_the_file_says(bed: &Bed) {
    run(bed, &[FILM, "insert into film values (1, 'Alien')", "create index film_title on film (title)"]);
    bed.sandbox.write(
        "wanted.sql",
        "create table film (id int not null primary key, title varchar(100), year int);\n\
         create index film_year on film (year);\n\
         create table actor (id int not null primary key, film int references film (id));\n\
         create view old as select id, title from film where year < 2000;\n",
    );
    let dry = apply(bed, &["--dry-run"]);
    assert_eq!(dry.code(), 0, "{dry}");
    assert!(dry.out().contains("year") && dry.stderr.contains("nothing was changed"), "{dry}");
    let refused = apply(bed, &[]);
    assert_eq!(refused.code(), 4, "{refused}");
    assert!(refused.stderr.contains("--yes"), "{refused}");
    assert!(!has_column(bed, "film", "year"));
    let done = apply(bed, &["--yes"]);
    assert_eq!(done.code(), 0, "{done}");
    assert!(done.stderr.contains("is now what wanted.sql says"), "{done}");
    assert_done(bed);
    assert_eq!(one(bed.open().as_mut(), "select title from film where id = 1"), "Alien");
    let again = apply(bed, &["--yes"]);
    assert_eq!((again.code(), again.out().as_str()), (0, ""), "{again}");
    assert!(again.stderr.contains("no difference"), "{again}");
    let json = apply(bed, &["--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["kind"], "schema_apply");
    assert_eq!((json["applied"].as_bool(), json["plan"]["totals"]["steps"].as_u64()), (Some(false), Some(0)));
}

fn nothing_is_lost_unasked(bed: &Bed) {
    run(bed, &[FILM, "create table extra (id int not null primary key)", "insert into extra values (1)"]);
    bed.sandbox.write("wanted.sql", "create table film (id int not null primary key, title varchar(100));");
    let refused = apply(bed, &["--yes"]);
    assert_eq!(refused.code(), 4, "{refused}");
    assert!(refused.stderr.contains("--allow-loss") && refused.out().contains("LOSES DATA"), "{refused}");
    let kept = apply(bed, &["--yes", "--keep-extra"]);
    assert_eq!(kept.code(), 0, "{kept}");
    assert_eq!(one(bed.open().as_mut(), "select count(*) from extra"), "1");
    // The same as DDL to be run elsewhere.
    let url = bed.url();
    let script = Ran::of(&mut command(bed, "diff", &[&url, "wanted.sql", "--format", "sql"]));
    assert_eq!((script.code(), script.out().as_str()), (4, ""), "{script}");
    assert!(script.stderr.contains("- table extra"), "{script}");
    // When there is nothing to lose, nothing has to be allowed.
    run(bed, &["delete from extra"]);
    let looked = apply(bed, &["--yes"]);
    assert_eq!(looked.code(), 0, "{looked}");
    assert!(looked.out().contains("loses nothing: looked"), "{looked}");
    assert_done(bed);
    // And what is allowed is done.
    run(bed, &["create table extra (id int not null primary key)", "insert into extra values (1)"]);
    assert_eq!(apply(bed, &["--yes", "--allow-loss"]).code(), 0);
    assert_done(bed);
}

fn what_is_kept_follows_what_it_stands_on(bed: &Bed) {
    run(bed, &[FILM, "create view titles as select title from film"]);
    bed.sandbox.write("wanted.sql", FILM.replace("varchar(100)", "varchar(300)"));
    apply(bed, &["--yes", "--keep-extra"]).ok();
    assert_eq!(one(bed.open().as_mut(), "select count(*) from titles"), "0");
    // Nothing is left to do.
    let again = apply(bed, &["--yes", "--keep-extra"]);
    assert_eq!(again.code(), 0, "{again}");
    assert!(!again.out().contains("Plan"), "{again}");
}

fn a_protected_profile_must_be_named(bed: &Bed) {
    run(bed, &[FILM]);
    bed.sandbox.write(
        "wanted.sql",
        "create table film (id int not null primary key, title varchar(100), year int);",
    );
    bed.protect("", "");
    let apply = |arguments: &[&str]| {
        let mut command = command(bed, "apply", &[&["live", "wanted.sql"], arguments].concat());
        Ran::of(command.env("PW", told("PASSWORD").unwrap_or_default()))
    };
    for arguments in [&["--yes"][..], &["--yes-on", "other"], &[]] {
        let ran = apply(arguments);
        assert_eq!(ran.code(), 4, "{ran}");
    }
    assert!(!has_column(bed, "film", "year"));
    let ran = apply(&["--yes-on", "live"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(has_column(bed, "film", "year"));
}

/// Keeps others from changing the table, until the session ends.
fn hold(bed: &Bed, table: &str) -> Box<dyn dbwright::engine::Session> {
    let mut holder = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    holder.execute(bed.server.pick("begin immediate", "begin", "begin"), &[]).unwrap();
    rows(holder.as_mut(), &format!("select * from {table}"));
    holder
}

fn a_lock_is_not_waited_for_for_long(bed: &Bed) {
    run(bed, &[FILM]);
    bed.sandbox.write(
        "wanted.sql",
        "create table film (id int not null primary key, title varchar(100), year int);",
    );
    let holder = hold(bed, "film");
    // MySQL counts in whole seconds.
    let ran = apply(bed, &["--yes", "--lock-timeout", "1s"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("nothing was changed"), "{ran}");
    drop(holder);
    let ran = apply(bed, &["--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
}

fn a_step_that_fails_is_told(bed: &Bed) {
    run(
        bed,
        &[
            FILM,
            "insert into film values (1, 'a'), (2, 'a')",
            "create table actor (id int not null primary key)",
        ],
    );
    bed.sandbox.write(
        "wanted.sql",
        "create table actor (id int not null primary key, name varchar(10));\n\
         create table film (id int not null primary key, title varchar(100), year int default 1);\n\
         create unique index film_year on film (year);\n",
    );
    // What all rows have in a column that is not there yet cannot be looked for.
    let failed = apply(bed, &["--yes", "--allow-loss"]);
    assert!(failed.out().contains("fails where there are rows"), "{failed}");
    assert!(failed.stderr.contains(", failed\n"), "{failed}");
    assert_eq!(has_column(bed, "actor", "name"), !is_taken_back(bed));
    match is_taken_back(bed) {
        true => {
            assert_eq!(failed.code(), 1, "{failed}");
            assert!(failed.stderr.contains("nothing was changed"), "{failed}");
        }
        false => {
            assert_eq!(failed.code(), 5, "{failed}");
            assert!(failed.stderr.contains("not taken back: step 1"), "{failed}");
        }
    }
    // With its cause mended, the same command goes on.
    run(bed, &["delete from film where id = 2"]);
    let ran = apply(bed, &["--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_done(bed);
}

fn what_changed_meanwhile_is_not_run_over(bed: &Bed) {
    run(bed, &[FILM]);
    bed.sandbox.write(
        "wanted.sql",
        "create table film (id int not null primary key, title varchar(100), year int);",
    );
    let url = bed.url();
    let mut arguments = vec!["schema", "apply", url.as_str(), "wanted.sql"];
    if bed.server != Server::Sqlite {
        arguments.extend(["--scratch", url.as_str()]);
    }
    let mut terminal = Terminal::start(&bed.sandbox, 100, &arguments, &[]);
    terminal.wait_for("Go on? [y/N]");
    run(bed, &["alter table film add column other int"]);
    terminal.send("y\n");
    let said = terminal.wait_for("run the command again");
    assert!(said.contains("has changed since the plan was made"), "{said}");
    assert!(!has_column(bed, "film", "year"));
    let mut terminal = Terminal::start(&bed.sandbox, 100, &[&arguments[..], &["--allow-loss"]].concat(), &[]);
    // Asked whether it is the one under a new name, a person says no.
    terminal.wait_for("Was column film.other renamed to year? [y/N]");
    terminal.send("\n");
    terminal.wait_for("Go on? [y/N]");
    terminal.send("y\n");
    terminal.wait_for("is now what wanted.sql says");
    assert_done(bed);
}

fn the_difference_becomes_a_migration(bed: &Bed) {
    std::fs::create_dir(bed.sandbox.work().join("migrations")).unwrap();
    bed.sandbox.write(
        "migrations/1_film.sql",
        format!("-- migrate:up\n{FILM};\n-- migrate:down\ndrop table film;\n"),
    );
    bed.sandbox.write(
        "wanted.sql",
        "create table film (id int not null primary key, title varchar(100), year int);\n\
         create index film_year on film (year);\n",
    );
    let engine = bed.server.kind().word();
    let arguments = ["migrations", "wanted.sql", "--engine", engine];
    let ran = Ran::of(&mut command(bed, "diff", &[&arguments[..], &["--as-migration", "add year"]].concat()));
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("_add_year.sql"), "{ran}");
    // The folder says now what the file says.
    let ran = Ran::of(&mut command(bed, "diff", &[&arguments[..], &["--exit-code"]].concat()));
    assert_eq!(ran.code(), 0, "{ran}");
    // And the script for another place does the same there.
    run(bed, &[FILM]);
    let url = bed.url();
    let script = Ran::of(&mut command(bed, "diff", &[&url, "wanted.sql", "--format", "sql"])).ok();
    bed.sandbox.write("change.sql", script);
    bed.connect(&["-f", "change.sql"]).ok();
    assert_done(bed);
}

/// Starts a run whose second step has to wait for `holder`, and waits until it does.
fn start_and_block(bed: &Bed, arguments: &[&str]) -> (Child, Box<dyn dbwright::engine::Session>) {
    run(
        bed,
        &["create table a (id int not null primary key)", "create table b (id int not null primary key)"],
    );
    bed.sandbox.write(
        "wanted.sql",
        "create table a (id int not null primary key, x int);\n\
         create table b (id int not null primary key, x int);\n",
    );
    let holder = hold(bed, "b");
    let url = bed.url();
    let arguments = [&[url.as_str(), "wanted.sql", "--yes", "--lock-timeout", "60s"], arguments].concat();
    let mut command = command(bed, "apply", &arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let waits = bed.server.pick(
        String::new(),
        format!(
            "select count(*) from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'",
            bed.database
        ),
        format!(
            "select count(*) from information_schema.processlist where db = '{}' \
             and state like 'Waiting for table metadata lock%'",
            bed.database
        ),
    );
    let mut watcher = bed.open();
    poll::until("the second step waits", || one(watcher.as_mut(), &waits) == "1");
    (child, holder)
}

fn two_runs_do_not_meet(bed: &Bed) {
    let (child, holder) = start_and_block(bed, &[]);
    let second = apply(bed, &["--yes", "--lock-timeout", "1s"]);
    assert_eq!(second.code(), 6, "{second}");
    assert!(second.stderr.contains("another run of dbwright"), "{second}");
    drop(holder);
    let output = child.wait_with_output().unwrap();
    assert_eq!(shell_code(output.status), 0, "{}", String::from_utf8_lossy(&output.stderr));
    assert_done(bed);
}

fn a_run_that_is_ended_can_be_gone_on_with(bed: &Bed) {
    let (child, holder) = start_and_block(bed, &[]);
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(has_column(bed, "a", "x"), !is_taken_back(bed));
    match is_taken_back(bed) {
        true => assert!(said.contains("nothing was changed"), "{said}"),
        false => assert!(said.contains("not taken back: step 1"), "{said}"),
    }
    assert_eq!(shell_code(output.status), if is_taken_back(bed) { 130 } else { 5 }, "{said}");
    drop(holder);
    run(bed, &["drop table a", "drop table b"]);
    // Killed, it can say nothing any more, and leaves the same.
    let (mut child, holder) = start_and_block(bed, &[]);
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    drop(holder);
    poll::until("the server has noticed", || apply(bed, &["--yes"]).code() == 0);
    assert_done(bed);
}

/// Of a step that may lose several things, those alone are told that rows have; and a check over a
/// column that comes is passed by its NULLs.
fn each_clause_is_looked_for(bed: &Bed) {
    run(bed, &["create table t (id int not null primary key, a varchar(20), b varchar(20))"]);
    run(
        bed,
        &["insert into t values (1, 'short', null)", "insert into t values (2, 'as long as it gets', 'x')"],
    );
    let wanted = bed.server.pick(
        "create table t (id int not null primary key, a varchar(20) not null, b varchar(20) not null)",
        "create table t (id int not null primary key, a varchar(5), b varchar(5))",
        "create table t (id int not null primary key, a varchar(5), b varchar(5))",
    );
    bed.sandbox.write("wanted.sql", wanted);
    let told = Ran::of(&mut command(bed, "diff", &[&bed.url(), "wanted.sql"])).out();
    let is_loss = |line: &&str| line.contains("LOSES DATA") || line.contains("ROWS STAND IN THE WAY");
    let loses: Vec<&str> = told.lines().filter(is_loss).collect();
    assert_eq!(loses.len(), 1, "{told}");
    assert!(!loses[0].contains(';'), "{told}");
    if bed.server.family() == Family::Postgres {
        return;
    }
    let wanted =
        "create table t (id int not null primary key, a varchar(20), b varchar(20), c int check (c > 0))";
    bed.sandbox.write("wanted.sql", wanted);
    let ran = apply(bed, &["--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(!ran.stderr.contains("NO_ZERO_DATE"), "settings of ours are nobody's business: {ran}");
    assert_done(bed);
}
