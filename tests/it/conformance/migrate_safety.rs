//! What happens to teams: clocks that go backwards, files that vanish or change, servers that go away
//! in the middle, disks that fill up. Each is told, and can be gone on from.

use std::process::Stdio;

use super::migrate::{done, migrate, states, write};
use crate::poll;
use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::{Bed, Family, leave_out, on_every_network_server, on_every_server, one, rows};

on_every_server!(
    a_clock_that_goes_backwards_changes_no_order,
    an_edited_or_deleted_file_is_never_run_by_accident,
);
on_every_network_server!(a_session_that_the_server_ends_is_gone_on_from);

fn a_clock_that_goes_backwards_changes_no_order(bed: &Bed) {
    // A colleague's clock was ahead.
    write(
        bed,
        "29991231235959_a.sql",
        "-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;\n",
    );
    let ran = Ran::of(&mut bed.sandbox.command(["migrate", "new", "b", "--sql", "alter table a add b int;"]));
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("29991231235960_b.sql"), "{ran}");
    done(bed, "up", &["--steps", "1"]);
    // What was applied first is the first, whatever the time says that was noted.
    rows(bed.open().as_mut(), "update dbwright_migrations set started_at = '2999-12-31T23:59:59Z'");
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["29991231235959 applied", "29991231235960 applied"]);
    let ran = done(bed, "down", &[]);
    assert!(ran.stderr.contains("took back 29991231235960 b"), "{ran}");
    // What `new` has written has nothing yet that takes it back.
    assert!(ran.stderr.contains("29991231235960 b: nothing stands in the down section"), "{ran}");
}

fn an_edited_or_deleted_file_is_never_run_by_accident(bed: &Bed) {
    let text = "-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;\n";
    write(bed, "1_a.sql", text);
    write(bed, "2_b.sql", "-- migrate:up\ncreate table b (id int);\n");
    done(bed, "up", &[]);
    write(bed, "1_a.sql", &text.replace("id int", "id int, more int"));
    write(bed, "3_c.sql", "-- migrate:up\ncreate table c (id int);\n");
    for command in ["up", "verify"] {
        let ran = Ran::of(&mut migrate(bed, command, if command == "up" { &["--yes"] } else { &[] }));
        assert_eq!(ran.code(), 4, "{ran}");
        assert!(ran.stderr.contains("1 a"), "{ran}");
    }
    assert_eq!(Ran::of(&mut migrate(bed, "status", &["--exit-code"])).code(), 1);
    assert_eq!(states(bed), ["1 changed", "2 applied", "3 pending"]);
    write(bed, "1_a.sql", text);
    let folder = bed.sandbox.work().join("migrations");
    ["2_b.sql", "3_c.sql"].iter().for_each(|name| std::fs::remove_file(folder.join(name)).unwrap());
    assert_eq!(states(bed), ["1 applied", "2 missing"]);
    // Neither its file nor the history knows what takes it back.
    let ran = Ran::of(&mut migrate(bed, "down", &["--yes"]));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(ran.stderr.contains("nothing is known that takes 2 b back"), "{ran}");
    // A file of another migration with its number is not taken for it.
    write(bed, "2_other.sql", "-- migrate:up\ncreate table other (id int);\n");
    assert_eq!(states(bed), ["1 applied", "2 changed"]);
    assert_eq!(Ran::of(&mut migrate(bed, "up", &["--yes"])).code(), 4);
}

/// As an administrator, a restart or a fail-over does it.
fn a_session_that_the_server_ends_is_gone_on_from(bed: &Bed) {
    write(bed, "1_pause.sql", "-- migrate:up\ncreate table pause (n int);\ninsert into pause values (60);\n");
    done(bed, "up", &[]);
    let wait = bed.server.pick("", "select pg_sleep(n) from pause", "do sleep((select n from pause))");
    write(
        bed,
        "2_long.sql",
        &format!(
            "-- migrate:up\ncreate table a (id int);\ninsert into a values (1);\n{wait};\ncreate table b (id int);\n"
        ),
    );
    write(bed, "3_after.sql", "-- migrate:up\ncreate table c (id int);\n");
    let child = migrate(bed, "up", &["--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut watch = bed.open();
    let (find, end) = bed.server.pick(
        ("", ""),
        (
            "select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep(n)%' and pid <> pg_backend_pid() and state = 'active'",
            "select pg_terminate_backend(#)",
        ),
        ("select id from information_schema.processlist where db = database() and info like 'do sleep((select%'", "kill #"),
    );
    let mut found = String::new();
    poll::until("the statement runs", || {
        found = rows(watch.as_mut(), find).into_iter().flatten().flatten().next().unwrap_or_default();
        !found.is_empty()
    });
    watch.execute(&end.replace('#', &found), &[]).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("2 long failed"), "{told}");
    let half = if bed.server.family() == Family::Mysql { "2 partial" } else { "2 pending" };
    assert_eq!(states(bed), ["1 applied", half, "3 pending"]);
    rows(watch.as_mut(), "update pause set n = 0");
    done(bed, "up", &[]);
    assert_eq!(states(bed), ["1 applied", "2 applied", "3 applied"]);
    assert_eq!(one(watch.as_mut(), "select count(*) from a"), "1");
}

/// Needs a file system of its own, which only root can make.
#[test]
fn a_full_disk_leaves_a_known_state() {
    if !rustix::process::geteuid().is_root() {
        return leave_out("migrations on a full disk", "it mounts a file system, which needs root");
    }
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.work().join("migrations")).unwrap();
    let big = "insert into a select zeroblob(200000)";
    for (name, text) in [
        ("1_a.sql", "-- migrate:up\ncreate table a (n);\n".to_owned()),
        ("2_big.sql", format!("-- migrate:up\ncreate table b (n);\n{big};\n")),
        ("3_step.sql", format!("-- dbwright: no-transaction\n-- migrate:up\ncreate table c (n);\n{big};\n")),
    ] {
        sandbox.write(&format!("migrations/{name}"), text);
    }
    let up = "dbwright migrate up 'sqlite:disk/app.db?mode=rwc' --yes";
    let states =
        "dbwright migrate status disk/app.db --format json | tr -d ' \\n' | grep -o '\"state\":\"[a-z]*\"'";
    let check = "dbwright connect disk/app.db --format csv --no-header -c 'pragma integrity_check; select count(*) from a'";
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=400k none disk && head -c 200000 /dev/zero > disk/ballast
        {up}; echo code $?; {states}; {check}; rm disk/ballast
        {up} --steps 1; echo code $?; {states}; {up}; echo code $?; {states}; {check}
        mount -o remount,size=2m disk; {up}; echo code $?; {states}; {check}"
    );
    // In a mount namespace of its own, so that nothing is left behind.
    let ran = Ran::of(sandbox.program("unshare").args(["--mount", "sh", "-c", &script]));
    if ran.stderr.contains("unshare failed") || ran.stderr.contains("permission denied") {
        return leave_out("migrations on a full disk", "this system lets nobody mount");
    }
    let state = |states: [&str; 3]| states.map(|state| format!("\"state\":\"{state}\"\n")).concat();
    let expected = format!(
        "code 1\n{}ok\n0\ncode 0\n{}code 5\n{}ok\n1\ncode 0\n{}ok\n2\n",
        state(["applied", "pending", "pending"]),
        state(["applied", "applied", "pending"]),
        state(["applied", "applied", "partial"]),
        state(["applied", "applied", "applied"]),
    );
    assert_eq!(ran.out(), expected, "{ran}");
    assert!(ran.stderr.contains("2 big failed") && ran.stderr.contains("full"), "{ran}");
}
