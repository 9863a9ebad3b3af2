//! `backup diff`, `check` and `schedule`: what is said of backups without asking a server.

use serde_json::Value;

use crate::servers::{Bed, Server, on_every_server};

on_every_server!(what_differs_is_told, backups_are_checked_as_nagios_does);

fn make(bed: &Bed) -> String {
    let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo"]);
    assert_eq!(ran.code(), 0, "{ran}");
    ran.out().trim().to_owned()
}

fn execute(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn what_differs_is_told(bed: &Bed) {
    execute(
        bed,
        &[
            "create table stays (id int not null primary key)",
            "create table grows (id int not null primary key)",
            "create table turns (id int not null primary key, word varchar(10))",
            "create table goes (id int not null primary key)",
            "insert into turns values (1, 'a')",
            "insert into grows values (1)",
        ],
    );
    let first = make(bed);
    let again = make(bed);
    let diff = |to: &str, more: &[&str]| {
        bed.sandbox.run(&[&["backup", "diff", &first, to, "--repo", "repo"], more].concat())
    };
    let ran = diff(&again, &["--exit-code"]);
    assert_eq!((ran.code(), ran.out().as_str()), (0, ""), "{ran}");
    execute(
        bed,
        &[
            "insert into grows values (2), (3)",
            "update turns set word = 'b'",
            "drop table goes",
            "create table comes (id int not null primary key)",
        ],
    );
    make(bed);
    let ran = diff("latest", &["--exit-code"]);
    assert_eq!(ran.code(), 1, "{ran}");
    for line in ["+ table ", "- table "] {
        assert!(ran.out().contains(line), "{ran}");
    }
    let ran = diff("latest", &["--json"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let table = |name: &str| {
        found["tables"].as_array().unwrap().iter().find(|table| table["name"] == name).unwrap().clone()
    };
    // In a file the rows of one table cannot be told from those of another.
    let is_file = bed.server == Server::Sqlite;
    assert_eq!(table("stays")["state"], if is_file { "unknown" } else { "same" });
    assert_eq!(table("turns")["state"], if is_file { "unknown" } else { "changed" });
    assert_eq!((&table("comes")["state"], &table("goes")["state"]), (&"new".into(), &"gone".into()));
    let grows = table("grows");
    assert_eq!((&grows["from"]["rows"], &grows["to"]["rows"]), (&1.into(), &3.into()), "{grows}");
    let shown = bed.sandbox.run(&["backup", "show", "latest", "--repo", "repo", "--json"]).ok();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["gone"][0]["name"], "goes", "{shown}");
    let ran = diff("2001", &[]);
    assert_eq!(ran.code(), 2, "{ran}");
}

fn backups_are_checked_as_nagios_does(bed: &Bed) {
    execute(bed, &["create table t (id int not null primary key)"]);
    let check = |more: &[&str]| bed.sandbox.run(&[&["backup", "check", "--repo", "repo"], more].concat());
    let answer = |more: &[&str], code: i32, begins: &str| {
        let ran = check(more);
        assert_eq!(ran.code(), code, "{ran}");
        assert!(ran.out().starts_with(begins) && ran.out().lines().count() == 1, "{ran}");
        ran.out()
    };
    answer(&["--max-age", "26h"], 3, "UNKNOWN - repo is no repository");
    let id = make(bed);
    answer(&[], 3, "UNKNOWN - how old");
    answer(&["--max-age", "soon"], 3, "UNKNOWN - --max-age: `soon`");
    let line = answer(&["--max-age", "26h", "--warn-age", "25h"], 0, "OK - ");
    assert!(line.contains(" age'=") && line.contains("s;90000;93600;0"), "{line}");
    answer(&["--max-age", "26h", "--proven-within", "8d"], 1, "WARNING - ");
    std::thread::sleep(std::time::Duration::from_millis(20));
    answer(&["--max-age", "1ms"], 2, "CRITICAL - ");
    answer(&["--warn-age", "1ms", "--max-age", "90d"], 1, "WARNING - ");
    answer(&["--max-age", "26h", "--profile", "other"], 3, "UNKNOWN - unknown profile");
    bed.sandbox.write("dbwright.toml", "[profile.other]\nurl = 'sqlite:other.db'\n");
    answer(&["--max-age", "26h", "--profile", "other"], 2, "CRITICAL - there is no backup of other");
    let ran = check(&["--max-age", "1ms", "--json"]);
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((ran.code(), &document["state"]), (2, &"critical".into()), "{ran}");
    assert_eq!(document["databases"][0]["newest"], id.as_str());
    let url = bed.url();
    let ran = bed.sandbox.run(&["backup", "verify", &id, "--restore", "--repo", "repo", "--scratch", &url]);
    assert_eq!(ran.code(), 0, "{ran}");
    answer(&["--max-age", "26h", "--proven-within", "8d"], 0, "OK - ");
    let sum = bed.sandbox.work().join(format!("repo/snapshots/{id}.sha256"));
    let whole = std::fs::read(&sum).unwrap();
    make(bed);
    std::fs::remove_file(&sum).unwrap();
    answer(&["--max-age", "26h"], 1, "WARNING - backup ");
    std::fs::write(&sum, &whole[1..]).unwrap();
    answer(&["--max-age", "26h"], 2, "CRITICAL - backup ");
}

const PROFILES: &str = "\
[profile.shop]
url = 'postgres://u@db/shop'
password_command = 'echo secret'

[profile.shop.backup]
repo = 'backups'
keep = { daily = 7 }
check = { max_age = '26h' }

[profile.bare]
url = 'postgres://u@db/shop'
";

#[test]
fn a_schedule_is_what_systemd_and_cron_read() {
    let sandbox = crate::sandbox::Sandbox::new();
    let file = sandbox.write("dbwright.toml", PROFILES);
    let schedule = |more: &[&str]| sandbox.run(&[&["backup", "schedule"], more].concat());
    let cron = schedule(&["shop", "--at", "02:30", "--as", "cron"]).ok();
    assert_eq!(cron.lines().count(), 1);
    assert!(cron.starts_with("30 2 * * * /") && cron.contains(file.to_str().unwrap()), "{cron}");
    assert!(cron.contains("backup create shop") && cron.contains("backup prune --yes"), "{cron}");
    let units = schedule(&["shop", "--at", "02:30", "--every", "week", "--as", "systemd"]).ok();
    assert!(units.contains("OnCalendar=Sun *-*-* 02:30:00"), "{units}");
    assert!(!cron.contains("secret") && !units.contains("secret"), "{units}");
    for (arguments, says) in [
        (["other", "--at", "02:30", "--as", "cron"], "no profile"),
        (["postgres://u:secret@db/shop", "--at", "02:30", "--as", "cron"], "no profile"),
        (["bare", "--at", "02:30", "--as", "cron"], "does not say where"),
        (["shop", "--at", "2.30", "--as", "cron"], "02:30"),
    ] {
        let ran = schedule(&arguments);
        assert_eq!(ran.code(), 2, "{ran}");
        assert!(ran.stderr.contains(says) && !ran.stderr.contains("secret"), "{ran}");
    }
    systemd_reads(&sandbox, &units);
}

fn systemd_reads(sandbox: &crate::sandbox::Sandbox, units: &str) {
    let mut files = Vec::new();
    for unit in units.split("# /etc/systemd/system/").skip(1) {
        let (name, text) = unit.split_once('\n').unwrap();
        files.push(sandbox.write(name, text));
    }
    assert_eq!(files.len(), 2);
    match std::process::Command::new("systemd-analyze").arg("verify").args(&files).output() {
        Ok(ran) => {
            let said = String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success() && !said.contains("dbwright-backup"), "{said}");
        }
        Err(_) => {
            crate::servers::leave_out("what systemd says of a schedule", "systemd-analyze is not installed")
        }
    }
}
