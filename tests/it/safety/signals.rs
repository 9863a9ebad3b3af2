//! Ctrl-C and termination: the statement stops on the server, and the exit code says why.

use std::process::{Child, Stdio};

use rustix::process::Signal;

use crate::poll;
use crate::process::{processor_ticks, shell_code, signal};
use crate::sandbox::Sandbox;
use crate::servers::{Bed, Server, on_every_server, one};

on_every_server!(interrupt_stops_the_statement, termination_stops_the_statement, an_interrupted_script_ends);

/// Starts an endless statement and waits until it runs.
fn start(bed: &Bed, marker: &str) -> Child {
    let mut command = bed.connect_command(&["-c", &bed.server.endless(marker), "-c", "select 'went on'"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_it_runs(bed, &child, marker);
    child
}

fn wait_until_it_runs(bed: &Bed, child: &Child, marker: &str) {
    match bed.server.running(marker) {
        Some(sql) => {
            let mut watcher = bed.open();
            poll::until("the statement runs", || one(watcher.as_mut(), &sql) == "1");
        }
        // Nobody to ask: the statement has used up some processor time.
        None => poll::until("the program is at work", || processor_ticks(child.id()) > 20),
    }
}

#[track_caller]
fn ended(bed: &Bed, child: Child, marker: &str) -> String {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(shell_code(output.status), 130, "{said}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("went on"));
    if let Some(sql) = bed.server.running(marker) {
        let mut watcher = bed.open();
        poll::until("the statement is gone from the server", || one(watcher.as_mut(), &sql) == "0");
    }
    said
}

fn interrupt_stops_the_statement(bed: &Bed) {
    let marker = format!("interrupt_{}", std::process::id());
    let child = start(bed, &marker);
    signal(&child, Signal::INT);
    let said = ended(bed, child, &marker);
    assert!(said.contains("cancel") || said.contains("interrupt"), "{said}");
}

fn termination_stops_the_statement(bed: &Bed) {
    let marker = format!("terminate_{}", std::process::id());
    let child = start(bed, &marker);
    signal(&child, Signal::TERM);
    ended(bed, child, &marker);
}

/// `select sleep(n)` on MySQL does not fail when it is stopped, but returns 1.
fn an_interrupted_script_ends(bed: &Bed) {
    if !matches!(bed.server, Server::Mysql | Server::Mariadb) {
        return;
    }
    let marker = format!("sleeper_{}", std::process::id());
    for more in [vec![], vec!["-c", "select 'went on'"]] {
        let sql = format!("select /* {marker} */ sleep(300)");
        let mut command = bed.connect_command(&[&["-c", sql.as_str()][..], &more].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until_it_runs(bed, &child, &marker);
        signal(&child, Signal::INT);
        ended(bed, child, &marker);
    }
}

/// Without a statement to stop, a signal ends the program as it ends any other.
#[test]
fn a_signal_at_rest_ends_the_program() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(["connect", "sqlite::memory:"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    poll::until("the program waits for its input", || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:\tS"))
    });
    signal(&child, Signal::INT);
    poll::until("the program ends", || child.try_wait().unwrap().is_some());
    assert_eq!(shell_code(child.wait().unwrap()), 130);
}
