//! `backup create --stdout`: what the engine's own client loads is the database again; a stream that
//! ends early is not taken for one. And what a profile wants done around its backups.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::Ran;
use crate::servers::{Bed, Family, Server, bed as told, on_every_server, rows};

on_every_server!(
    the_servers_own_client_loads_a_stream,
    a_stream_that_broke_off_is_no_backup,
    commands_run_around_a_backup,
    rows_are_read_no_faster_than_asked,
);

fn fill(bed: &Bed) {
    let mut session = bed.open();
    let bytes = bed.server.pick("blob", "bytea", "longblob");
    for sql in [
        "create table maker (id int not null primary key, name varchar(100) not null)",
        &format!(
            "create table part (id int not null primary key, maker int references maker (id), note varchar(200), raw {bytes})"
        ),
        "create index part_by_maker on part (maker)",
        "create view made as select p.id, m.name from part p join maker m on m.id = p.maker",
        "insert into maker values (1, 'Ann''s'), (2, 'ünïcode ☃')",
        "insert into part values (1, 1, 'tab\there', null), (2, 2, '', null), (3, null, null, null), (4, 1, '\\N', null)",
    ] {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    for from in (10..2010).step_by(500) {
        let values: Vec<String> =
            (from..from + 500).map(|id| format!("({id}, 1, '{}', null)", "x".repeat(100))).collect();
        session.execute(&format!("insert into part values {}", values.join(", ")), &[]).unwrap();
    }
}

fn content(bed: &Bed) -> Vec<Vec<Option<String>>> {
    let mut session = bed.open();
    ["select * from maker order by id", "select * from part order by id", "select * from made order by id"]
        .iter()
        .flat_map(|sql| rows(session.as_mut(), sql))
        .collect()
}

/// A pipe from dbwright to the client of a database.
fn pipe(bed: &Bed, copy: &Bed, script: &str) -> Ran {
    let target = copy.target();
    let port = target.hosts.first().map(|host| host.port.to_string()).unwrap_or_default();
    let (user, name) = (target.user.clone().unwrap_or_default(), target.database.clone().unwrap());
    let password = told("PASSWORD").unwrap_or_default();
    let mysql = match bed.server {
        Server::Mysql => told("MYSQL_CLIENT"),
        _ => told("MARIADB_CLIENT"),
    };
    let mysql = format!("{} -h127.0.0.1 -P{port} -u{user} {name}", mysql.unwrap_or_default());
    let psql = format!("{} -q -1 -v ON_ERROR_STOP=1 -o /dev/null", told("PSQL").unwrap_or_default());
    let client = bed.server.pick(String::new(), psql, mysql);
    let mut shell: Command = bed.sandbox.program("bash");
    shell
        .args(["-c", &format!("set -o pipefail\n{script}")])
        .current_dir(bed.sandbox.work())
        .envs([
            ("URL", bed.url().as_str()),
            ("DBWRIGHT", env!("CARGO_BIN_EXE_dbwright")),
            ("CLIENT", &client),
        ])
        .envs([("PGHOST", "127.0.0.1"), ("PGPORT", &port), ("PGUSER", &user), ("PGPASSWORD", &password)])
        .envs([("PGDATABASE", name.as_str()), ("MYSQL_PWD", &password)]);
    Ran::of(&mut shell)
}

fn the_servers_own_client_loads_a_stream(bed: &Bed) {
    fill(bed);
    if bed.server == Server::Sqlite {
        let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--stdout"]);
        assert_eq!(ran.code(), 2, "{ran}");
        assert!(ran.stderr.contains("image of the file"), "{ran}");
        return;
    }
    let copy = Bed::new(bed.server, "streamed");
    let ran = pipe(bed, &copy, "\"$DBWRIGHT\" backup create \"$URL\" --stdout | $CLIENT");
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(content(&copy), content(bed));
    let ran = bed.sandbox.run(&["schema", "diff", &bed.url(), &copy.url(), "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");

    let part = Bed::new(bed.server, "part");
    let options = "--table maker --mask maker.name=hash --max-rate 10MB";
    let ran = pipe(bed, &part, &format!("\"$DBWRIGHT\" backup create \"$URL\" --stdout {options} | $CLIENT"));
    assert_eq!(ran.code(), 0, "{ran}");
    let found = rows(part.open().as_mut(), "select name from maker");
    assert!(found.len() == 2 && found.iter().all(|row| row[0].as_ref().unwrap().len() == 32), "{found:?}");
}

fn a_stream_that_broke_off_is_no_backup(bed: &Bed) {
    if bed.server == Server::Sqlite {
        return;
    }
    fill(bed);
    let copy = Bed::new(bed.server, "broken");
    // So slow that it is under way when it is interrupted, and begun by then on a busy machine.
    let script =
        "{ timeout -s INT 6 \"$DBWRIGHT\" backup create \"$URL\" --stdout --max-rate 1KiB; } | $CLIENT";
    let ran = pipe(bed, &copy, script);
    assert_ne!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("FAILED HERE") || ran.stderr.contains("ERROR"), "{ran}");
    if bed.server.family() == Family::Postgres {
        let tables = "select count(*) from pg_class where relname in ('maker', 'part')";
        assert_eq!(rows(copy.open().as_mut(), tables)[0][0].as_deref(), Some("0"));
    }
}

fn commands_run_around_a_backup(bed: &Bed) {
    fill(bed);
    let profile = |before: &str, after: &str| {
        bed.sandbox.write(
            "dbwright.toml",
            format!(
                "[profile.here]\nurl = \"${{URL}}\"\n[profile.here.backup]\nrepo = \"repo\"\n[profile.here.backup.hooks]\n\
                 before = [{before:?}, \"echo $DBWRIGHT_HOOK $DBWRIGHT_HOOK_PROFILE >> told\"]\n\
                 after = [\"echo $DBWRIGHT_HOOK $DBWRIGHT_HOOK_STATUS $DBWRIGHT_HOOK_ID >> told\", {after:?}]\n\
                 failure = [\"echo $DBWRIGHT_HOOK $DBWRIGHT_HOOK_STATUS $DBWRIGHT_HOOK_ID. >> told\"]\n"
            ),
        );
    };
    let run = |more: &[&str]| {
        let mut command = bed.sandbox.command([&["backup", "here"], more].concat());
        Ran::of(command.env("URL", bed.url()))
    };
    profile("true", "true");
    let ran = run(&[]);
    assert_eq!(ran.code(), 0, "{ran}");
    let id = ran.out().trim().to_owned();
    assert_eq!(bed.sandbox.read("told"), format!("before here\nafter done {id}\n"));
    profile("true", "echo from the hook; exit 3");
    let ran = run(&[]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("the hook after failed") && ran.stderr.contains("is whole"), "{ran}");
    assert!(!ran.out().contains("from the hook"), "{ran}");
    profile("exit 4", "true");
    bed.sandbox.write("told", "");
    let ran = run(&[]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert_eq!(bed.sandbox.read("told"), "");
    profile("true", "true");
    bed.sandbox.write("file", "in the way");
    let ran = run(&["--repo", "file"]);
    assert_ne!(ran.code(), 0, "{ran}");
    assert_eq!(bed.sandbox.read("told"), "before here\nfailure failed .\n");
}

fn rows_are_read_no_faster_than_asked(bed: &Bed) {
    fill(bed);
    let run = |rate: &str| {
        let began = Instant::now();
        let arguments = ["backup", "create", &bed.url(), "--repo", rate, "--max-rate", rate];
        let ran = bed.sandbox.run(&arguments);
        (ran, began.elapsed())
    };
    // A table of some 220 kB.
    let (ran, took) = run("100kB");
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(took > Duration::from_millis(1900), "{took:?}");
    let (ran, _) = run("nothing");
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("is no rate"), "{ran}");
}
