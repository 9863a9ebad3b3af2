//! A server that is stopped, or dies, while `migrate up` is at work: it is told, and once the server is
//! back the next run goes on. Each test has a server of its own, which `tests/run` starts.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dbwright::engine;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::poll;
use crate::process::Ran;
use crate::sandbox::Sandbox;
use crate::servers::{Family, Server, one, rows};

/// A server that nobody else uses.
struct Own {
    server: Server,
    sandbox: Sandbox,
    bed: Child,
    /// What `tests/run` tells of it.
    told: BTreeMap<String, String>,
    pid: Pid,
    /// Started here, after it was stopped.
    again: Option<Child>,
}

impl Own {
    fn start(server: Server, key: &'static str) -> Own {
        let sandbox = Sandbox::new();
        let file = sandbox.work().join("env");
        let run = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/run");
        let bed = Command::new(run)
            .args(["--servers-only", "--only", key, "--env-file"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It may have to be set up first.
        let deadline = Instant::now() + Duration::from_secs(200);
        while !file.exists() {
            assert!(Instant::now() < deadline, "{server:?} does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let prefix = format!("export DBWRIGHT_TEST_{key}_");
        let text = std::fs::read_to_string(file).unwrap();
        let pairs = text.lines().filter_map(|line| line.strip_prefix(&prefix)?.split_once('='));
        let told: BTreeMap<String, String> =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let pid = Pid::from_raw(told["PID"].parse().unwrap()).unwrap();
        Own { server, sandbox, bed, told, pid, again: None }
    }

    fn url(&self) -> &str {
        &self.told["URL"]
    }

    /// Stops it, runs `meanwhile`, and starts it again as it was started.
    fn restart(&mut self, how: Signal, meanwhile: impl FnOnce(&Own)) {
        let pid = self.pid.as_raw_nonzero();
        let process = format!("/proc/{pid}");
        let owner = std::fs::metadata(&process).unwrap();
        let line = std::fs::read(format!("{process}/cmdline")).unwrap();
        let words: Vec<String> = line
            .split(|byte| *byte == 0)
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8(word.to_vec()).unwrap())
            .collect();
        kill_process(self.pid, how).unwrap();
        match &mut self.again {
            Some(child) => drop(child.wait()),
            None => poll::until("the server has stopped", || !is_alive(&process)),
        }
        meanwhile(self);
        let mut command = self.sandbox.program("setpriv");
        if owner.uid() != rustix::process::geteuid().as_raw() {
            command.args([format!("--reuid={}", owner.uid()), format!("--regid={}", owner.gid())]);
            command.arg("--clear-groups");
        }
        command.args(["--pdeathsig", "KILL", "--"]).args(words).current_dir("/");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.pid = Pid::from_child(&child);
        self.again = Some(child);
        poll::until("the server is back", || engine::open(&self.sandbox.target(self.url())).is_ok());
    }

    fn migrate(&self, arguments: &[&str]) -> Command {
        self.sandbox.command([&["migrate", arguments[0], self.url()], &arguments[1..]].concat())
    }

    fn session(&self) -> Box<dyn dbwright::engine::Session> {
        engine::open(&self.sandbox.target(self.url())).unwrap()
    }

    #[track_caller]
    fn states(&self) -> Vec<String> {
        let ran = Ran::of(&mut self.migrate(&["status", "--json"]));
        let told: Value =
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |each: &Value| format!("{} {}", text(&each["id"]), text(&each["state"]));
        told["migrations"].as_array().unwrap().iter().map(of).collect()
    }
}

/// One that has ended and was not waited for yet is not.
fn is_alive(process: &str) -> bool {
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(child) = &mut self.again {
            // A postmaster that is killed outright leaves shared memory behind.
            let how = self.server.pick(Signal::KILL, Signal::QUIT, Signal::KILL);
            let _ = kill_process(Pid::from_child(child), how);
            let _ = child.wait();
        }
        let _ = kill_process(Pid::from_child(&self.bed), Signal::TERM);
        let _ = self.bed.wait();
    }
}

/// What was committed is there after a crash, unlike in the bed, where that would take time.
fn keep_what_is_committed(own: &Own) {
    let statements: &[&str] = match own.server.family() {
        Family::Postgres => {
            &["alter system set synchronous_commit = on", "select pg_reload_conf(), pg_sleep(0.2)"]
        }
        _ => &["set global innodb_flush_log_at_trx_commit = 1"],
    };
    let mut session = own.session();
    statements.iter().for_each(|sql| drop(rows(session.as_mut(), sql)));
}

fn restarts(server: Server, key: &'static str) {
    if !server.is_there() {
        return;
    }
    poll::watched(&format!("restarts of {server:?}"), || {
        let mut own = Own::start(server, key);
        std::fs::create_dir(own.sandbox.work().join("migrations")).unwrap();
        // Stopped as an administrator does it, and killed.
        let stop = server.pick(Signal::TERM, Signal::INT, Signal::TERM);
        let crash = server.pick(Signal::KILL, Signal::QUIT, Signal::KILL);
        one_restart(&mut own, 1, stop);
        one_restart(&mut own, 4, crash);
    });
}

/// Three migrations from a number on; the server goes away in the second.
fn one_restart(own: &mut Own, from: usize, how: Signal) {
    keep_what_is_committed(own);
    let wait = own.server.pick("", "select pg_sleep(n) from pause", "do sleep((select n from pause))");
    let long = format!(
        "create table l{from} (id int);\ninsert into l{from} values (1);\n{wait};\ncreate table m{from} (id int);\n"
    );
    for (at, text) in [
        (
            from,
            "drop table if exists pause;\ncreate table pause (n int);\ninsert into pause values (60);\n"
                .to_owned(),
        ),
        (from + 1, long),
        (from + 2, format!("create table a{from} (id int);\n")),
    ] {
        own.sandbox.write(&format!("migrations/{at}_t.sql"), format!("-- migrate:up\n{text}"));
    }
    let mut command = own.migrate(&["up", "--yes"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut watch = own.session();
    let find = own.server.pick(
        "",
        "select count(*) from pg_stat_activity where query like '%pg_sleep(n)%' and pid <> pg_backend_pid() and state = 'active'",
        "select count(*) from information_schema.processlist where info like 'do sleep((select%'",
    );
    poll::until("the statement runs", || one(watch.as_mut(), find) != "0");
    own.restart(how, |own| {
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}");
        // The wait of MySQL ends without an error when the server is stopped.
        assert!(told.contains(&format!("{} t failed at statement ", from + 1)), "{told}");
        assert!(
            told.contains("nothing of it was changed") || told.contains("migrate status tells"),
            "{told}"
        );
        let ran = Ran::of(&mut own.migrate(&["up", "--yes"]));
        assert_eq!(ran.code(), 3, "{ran}");
    });
    let half = if own.server.family() == Family::Mysql { "partial" } else { "pending" };
    let states =
        |states: [&str; 3]| (0..3).map(|at| format!("{} {}", from + at, states[at])).collect::<Vec<String>>();
    assert_eq!(own.states()[from - 1..], states(["applied", half, "pending"]));
    let mut watch = own.session();
    rows(watch.as_mut(), "update pause set n = 0");
    let ran = Ran::of(&mut own.migrate(&["up", "--yes"]));
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(own.states()[from - 1..], states(["applied"; 3]));
    assert_eq!(one(watch.as_mut(), &format!("select count(*) from l{from}")), "1");
    let all = format!("select count(*) from m{from}, a{from}");
    assert_eq!(one(watch.as_mut(), &all), "0");
}

#[test]
fn pg15() {
    restarts(Server::Pg15, "PG15");
}

#[test]
fn pg18() {
    restarts(Server::Pg18, "PG18");
}

#[test]
fn mariadb() {
    restarts(Server::Mariadb, "MARIADB");
}

#[test]
fn mysql() {
    restarts(Server::Mysql, "MYSQL");
}
