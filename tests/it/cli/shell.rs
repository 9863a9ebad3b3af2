//! The shell, on a terminal of its own.

use rustix::process::Signal;

use crate::poll;
use crate::sandbox::Sandbox;
use crate::servers::{Bed, on_every_server, one};
use crate::terminal::{CTRL_C, CTRL_D, TAB, Terminal};

on_every_server!(a_statement_is_stopped_and_the_session_stays, the_state_of_the_transaction_is_in_the_prompt);

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Terminal {
    let mut terminal = Terminal::start(sandbox, 100, &[&["connect"], arguments].concat(), &[]);
    terminal.wait_for("> ");
    terminal
}

fn a_statement_is_stopped_and_the_session_stays(bed: &Bed) {
    let marker = format!("shell_{}", std::process::id());
    let mut terminal = start(&bed.sandbox, &[&bed.url()]);
    terminal.ask("create temporary table kept (a int);", "> ");
    terminal.send(&(bed.server.endless(&marker) + ";\r"));
    match bed.server.running(&marker) {
        Some(sql) => {
            let mut watcher = bed.open();
            poll::until("the statement runs", || one(watcher.as_mut(), &sql) == "1");
            terminal.send(CTRL_C);
        }
        // What was typed is shown before it runs; then it takes for ever.
        None => {
            terminal.wait_for("count(*) from s;\n");
            let before = terminal.processor_ticks();
            poll::until("the statement runs", || terminal.processor_ticks() > before + 10);
            terminal.send(CTRL_C);
        }
    }
    terminal.wait_for("error: ");
    terminal.wait_for("> ");
    terminal.ask("select count(*) as still_here from kept;", "(1 row)");
    terminal.enter("\\q");
    assert_eq!(terminal.end().0, 0);
}

fn the_state_of_the_transaction_is_in_the_prompt(bed: &Bed) {
    let title = bed.server.kind().title();
    let mut terminal = start(&bed.sandbox, &[&bed.url()]);
    terminal.ask("begin;", &format!("({title})*> "));
    terminal.ask("select * from nonesuch;", &format!("({title}){}> ", bed.server.pick("*", "!", "*")));
    terminal.ask("rollback;", &format!("({title})> "));
    terminal.send(CTRL_D);
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_session_with_the_chinook_database() {
    let sandbox = Sandbox::new();
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/chinook.sqlite");
    std::fs::copy(data, sandbox.work().join("chinook.sqlite")).unwrap();
    let mut terminal = start(&sandbox, &["chinook.sqlite"]);
    terminal.ask("\\dt", "Track");
    terminal.wait_for("> ");
    let described = terminal.ask("\\d Album", "Referenced by");
    assert!(described.contains("ArtistId"), "{described}");
    terminal.wait_for("> ");
    // A statement over several lines.
    terminal.enter("select count(*) as tracks");
    terminal.ask("from Track;", "3503");
    terminal.wait_for("> ");
    terminal.ask("\\x", "> ");
    let expanded = terminal.ask("select AlbumId, Title from Album limit 1;", "For Those");
    assert!(expanded.contains("AlbumId"), "{expanded}");
    terminal.wait_for("> ");
    terminal.ask("\\nonesuch", "error: ");
    terminal.wait_for("> ");
    terminal.ask("\\timing", "> ");
    terminal.ask("select 1;", "Time: ");
    terminal.wait_for("> ");
    terminal.enter("\\q");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    let history = std::fs::read_to_string(sandbox.home().join(".local/state/dbwright/history/_url")).unwrap();
    assert!(history.contains("\\d Album") && history.contains("from Track;"), "{history}");
}

#[test]
fn formats_print_nothing_of_themselves() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, &["sqlite::memory:"]);
    terminal.ask("\\format json", "> ");
    terminal.ask("\\echo between", "between");
    terminal.wait_for("> ");
    terminal.ask("select 6 * 7 as answer;", "42");
    terminal.wait_for("> ");
    terminal.ask("\\format table", "> ");
    terminal.enter("exit");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(shown.matches("\"version\"").count(), 1, "{shown}");
}

#[test]
fn words_of_other_shells_are_understood() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, &["sqlite::memory:"]);
    terminal.ask("help", "\\conninfo");
    terminal.ask(".tables", "help: ");
    terminal.wait_for("> ");
    terminal.enter("quit;");
    assert_eq!(terminal.end().0, 0);
}

/// Typed line by line, as in the servers' own shells.
#[test]
fn what_ends_a_statement_is_kept_from_line_to_line() {
    use crate::servers::{Server, run};
    for server in [Server::Mariadb, Server::Mysql] {
        run(server, "what_ends_a_statement_is_kept", |bed| {
            let mut terminal = start(&bed.sandbox, &[&bed.url()]);
            terminal.ask("delimiter //", "> ");
            terminal.enter("select 'fir' || 'st', 6 * 7;");
            terminal.ask("select 'sec', 8 * 8 //", "64");
            assert!(terminal.shown().contains("42"), "{}", terminal.shown());
            terminal.wait_for("> ");
            terminal.ask("delimiter ;", "> ");
            terminal.ask("select 9 * 9;", "81");
            terminal.wait_for("> ");
            terminal.enter("\\q");
            assert_eq!(terminal.end().0, 0);
        });
    }
    run(Server::Pg18, "rows_are_typed_after_copy", |bed| {
        let mut terminal = start(&bed.sandbox, &[&bed.url()]);
        terminal.ask("create table t (a int, b text);", "> ");
        terminal.enter("copy t from stdin (format csv);");
        terminal.enter("7,x;y");
        terminal.ask("\\.", "COPY 1");
        terminal.ask("select a * 6, b from t;", "42 | x;y");
        terminal.wait_for("> ");
        terminal.enter("\\q");
        assert_eq!(terminal.end().0, 0);
    });
}

/// What is typed while a statement runs is the next statement.
#[test]
fn typing_ahead_is_not_lost() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, &["sqlite::memory:"]);
    terminal.send("select 'fir' || 'st';\rselect 'sec' || 'ond';\rselect 'th' || 'ird';\r");
    terminal.wait_for("\n first");
    terminal.wait_for("\n second");
    terminal.wait_for("\n third");
    terminal.enter("\\q");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn names_are_completed() {
    let sandbox = Sandbox::new();
    let sql = "create table customer_orders (customer_id int, amount_paid int); insert into customer_orders values (7, 55)";
    sandbox.run(&["connect", "sqlite:a.db?mode=rwc", "-c", sql]).ok();
    let mut terminal = start(&sandbox, &["a.db"]);
    // The select list comes before its table.
    terminal.send(&format!("select amo{TAB}"));
    terminal.wait_for("amount_paid");
    terminal.send(CTRL_C);
    terminal.wait_for("> ");
    terminal.send(&format!("select amount_paid from customer_o{TAB}"));
    terminal.wait_for("customer_orders");
    terminal.ask(";", "55");
    terminal.wait_for("> ");
    terminal.send(CTRL_D);
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn ctrl_c_at_the_prompt_drops_the_line_only() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, &["sqlite::memory:"]);
    terminal.send("select 'half a line");
    terminal.wait_for("half a line");
    terminal.send(CTRL_C);
    terminal.wait_for("> ");
    terminal.ask("select 6 * 7 as answer;", "42");
    terminal.wait_for("> ");
    terminal.send(CTRL_D);
    assert_eq!(terminal.end().0, 0);
}

/// Ctrl-C is for the statement; what asks a program to end, ends the shell, and the terminal is as
/// it was.
#[test]
fn termination_at_the_prompt_ends_the_shell() {
    for signal in [Signal::TERM, Signal::HUP] {
        let sandbox = Sandbox::new();
        let mut terminal = start(&sandbox, &["sqlite::memory:"]);
        terminal.send("select");
        terminal.wait_for("select");
        terminal.signal(Signal::INT);
        terminal.wait_for("> ");
        terminal.ask("select 6 * 7;", "42");
        terminal.wait_for("> ");
        terminal.signal(signal);
        terminal.wait_for_echo();
        assert_eq!(terminal.end().0, 128 + signal.as_raw());
    }
}

#[test]
fn termination_ends_the_shell_with_its_statement() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, &["sqlite::memory:"]);
    terminal
        .send("with recursive s(i) as (select 1 union all select i + 1 from s) select count(*) from s;\r");
    terminal.wait_for("count(*) from s;\n");
    let before = terminal.processor_ticks();
    poll::until("the statement runs", || terminal.processor_ticks() > before + 10);
    terminal.signal(Signal::TERM);
    terminal.end();
}

#[test]
fn a_protected_profile_is_red_and_reads_only() {
    let sandbox = Sandbox::new();
    sandbox.run(&["connect", "sqlite:a.db?mode=rwc", "-c", "create table t (a)"]).ok();
    sandbox.write("dbwright.toml", "[profile.prod]\nurl = \"sqlite:a.db\"\nprotected = true\n");
    let mut terminal = Terminal::start(&sandbox, 100, &["connect", "prod"], &[]);
    terminal.wait_for("prod is protected");
    terminal.wait_for("prod (SQLite)> ");
    assert!(terminal.raw().contains("\u{1b}[1;31mprod"), "the prompt is not red");
    terminal.ask("insert into t values (1);", "--yes-on prod");
    terminal.wait_for("> ");
    terminal.send(CTRL_D);
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn tables_fit_the_terminal() {
    let sandbox = Sandbox::new();
    let sql = "select 1 as n, printf('%.*c', 300, 'x') as wide, 'end' as e";
    let terminal = Terminal::start(&sandbox, 60, &["connect", "sqlite::memory:", "-c", sql], &[]);
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains('…') && shown.contains("end"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
    let terminal = Terminal::start(&sandbox, 60, &["connect", "sqlite::memory:", "--wide", "-c", sql], &[]);
    let (_, shown) = terminal.end();
    assert!(shown.contains(&"x".repeat(300)), "{shown}");
}

/// A password is asked for without showing it; a wrong one is told.
#[test]
fn a_password_is_asked_for() {
    for server in [crate::servers::Server::Pg18, crate::servers::Server::Mysql] {
        crate::servers::run(server, "a_password_is_asked_for", |bed| {
            let url = bed.url_as("dbwright", "");
            let mut terminal =
                Terminal::start(&bed.sandbox, 100, &["connect", &url, "-c", "select 'let ' || 'in'"], &[]);
            let asked = terminal.wait_for(": ");
            assert!(asked.contains("password"), "{asked}");
            terminal.wait_for_no_echo();
            terminal.send("s3cret pw/@:%\r");
            terminal.wait_for("(1 row)");
            let (code, shown) = terminal.end();
            assert_eq!(code, 0, "{shown}");
            assert!(!shown.contains("s3cret"), "{shown}");
        });
    }
}
