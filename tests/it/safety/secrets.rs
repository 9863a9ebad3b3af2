//! Passwords are seen nowhere: not in messages, not in logs, not in the list of processes.

use crate::process::Ran;
use crate::servers::{Bed, Family, on_every_network_server};

on_every_network_server!(
    no_message_shows_the_password,
    no_process_shows_the_password,
    sql_with_passwords_is_masked
);

/// The password as it is and as URLs write it: no part of it may be seen.
const PARTS: [&str; 2] = ["s3cret", "pw%2F"];

#[track_caller]
fn clean(text: &str) {
    for part in PARTS {
        assert!(!text.contains(part), "{text}");
    }
}

fn no_message_shows_the_password(bed: &Bed) {
    let wrong_port = bed.url().replace(&format!(":{}/", bed.server.port()), ":1/");
    let odd_parameter = bed.url_with("nonesuch=1");
    for url in [bed.url(), wrong_port, odd_parameter, bed.url() + "?sslmode=verify-full", bed.url() + "x"] {
        for verbose in [&[][..], &["-vvv"], &["-v", "--log-format", "json"]] {
            let arguments =
                [&["connect", url.as_str(), "-c", "select 1", "-c", "slect 2"][..], verbose].concat();
            let ran = bed.sandbox.run(&arguments);
            clean(&ran.stderr);
            clean(&ran.out());
        }
        let ran = bed.sandbox.run(&["connect", &url, "--check", "--json"]);
        clean(&ran.stderr);
        clean(&ran.out());
    }
    let ran = bed.connect(&["-c", "\\conninfo", "-c", "\\c nonesuch", "-vv"]);
    clean(&ran.stderr);
    clean(&ran.out());
}

/// A password from the profile reaches the server without an argument or a variable of a child.
fn no_process_shows_the_password(bed: &Bed) {
    let url = bed.url().replace(":s3cret%20pw%2F%40%3A%25@", "@");
    let file = bed.sandbox.write("password", "s3cret pw/@:%\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let profile = format!("[profile.p]\nurl = \"{url}\"\npassword_file = \"password\"\n");
    bed.sandbox.write("dbwright.toml", profile);
    let show = bed.sandbox.run(&["profile", "show", "p"]).ok();
    clean(&show);
    assert!(show.contains("password"), "{show}");
    let script =
        "cat /proc/self/cmdline /proc/self/environ /proc/$PPID/cmdline /proc/$PPID/environ | tr '\\0' '\\n'";
    let out = Ran::of(&mut bed.sandbox.command(["connect", "p", "-c", &format!("\\! {script}")])).ok();
    assert!(out.contains("HOME="), "{out}");
    clean(&out);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let said = bed.sandbox.run(&["connect", "p", "-c", "select 1"]).fails(2);
    assert!(said.contains("chmod 600"), "{said}");
}

fn sql_with_passwords_is_masked(bed: &Bed) {
    let sql = match bed.server.family() {
        Family::Postgres => "alter role nonesuch password 'hunter2'",
        _ => "alter user nonesuch@localhost identified by 'hunter2'",
    };
    let ran = bed.connect(&["-vv", "-c", sql]);
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
    ran.fails(1);
}
