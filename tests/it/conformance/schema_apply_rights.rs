//! What `schema apply` has to drop and make again has its owner and its rights as before, although
//! no file tells of them.

use super::schema_apply::{apply, assert_done, command, run};
use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_network_server, one};

on_every_network_server!(rights_stay, the_way_back_gives_rights_again);

/// A name for an account that no other test has.
fn account(bed: &Bed) -> String {
    let name: String = bed.database.chars().rev().take(24).collect();
    format!("u{}", name.replace(|each: char| !each.is_ascii_alphanumeric(), "_"))
}

/// What is to change cannot be changed in place by the server, and somebody may use it.
fn prepare(bed: &Bed, account: &str) {
    match bed.server.family() {
        Family::Postgres => run(
            bed,
            &[
                &format!("create role {account}"),
                &format!("create role {account}_owner"),
                "create table film (id int, title varchar(10))",
                "create view titles as select title from film",
                &format!("grant select on titles to {account}"),
                &format!("grant update (title) on titles to {account}"),
                &format!("alter view titles owner to {account}_owner"),
            ],
        ),
        _ => run(
            bed,
            &[
                &format!("create user {account}@localhost"),
                "create function answer() returns int deterministic return 41",
                &format!("grant execute on function answer to {account}@localhost"),
            ],
        ),
    }
    let wanted = bed.server.pick(
        "",
        "create table film (id int, title text); create view titles as select title from film;",
        "create function answer() returns int deterministic return 42;",
    );
    bed.sandbox.write("wanted.sql", wanted);
}

fn rights(bed: &Bed, account: &str) -> String {
    let sql = bed.server.pick(
        String::new(),
        "select relowner::regrole::text || ' ' || relacl::text || ' ' || (select attacl::text from pg_attribute
           where attrelid = c.oid and attname = 'title') from pg_class c where relname = 'titles'"
            .to_owned(),
        format!(
            "select lower(proc_priv) from mysql.procs_priv
              where db = database() and routine_name = 'answer' and user = '{account}'"
        ),
    );
    one(bed.open().as_mut(), &sql)
}

fn forget(bed: &Bed, account: &str) {
    match bed.server.family() {
        Family::Postgres => {
            let roles = format!("{account}, {account}_owner");
            run(bed, &[&format!("drop owned by {roles}"), &format!("drop role {roles}")]);
        }
        _ => run(bed, &[&format!("drop user {account}@localhost")]),
    }
}

fn rights_stay(bed: &Bed) {
    let account = account(bed);
    prepare(bed, &account);
    let before = rights(bed, &account);
    assert!(!before.is_empty());
    let done = apply(bed, &["--yes"]);
    assert_eq!(done.code(), 0, "{done}");
    assert_done(bed);
    assert_eq!(rights(bed, &account), before, "{done}");
    forget(bed, &account);
}

fn the_way_back_gives_rights_again(bed: &Bed) {
    let account = account(bed);
    prepare(bed, &account);
    let url = bed.url();
    let undo = |wanted: &str| {
        bed.sandbox.write("wanted.sql", wanted);
        let arguments = [url.as_str(), "wanted.sql", "--format", "sql", "--undo", "--allow-loss"];
        Ran::of(&mut command(bed, "diff", &arguments)).ok()
    };
    // Of what the plan drops, and of what it makes anew.
    let changed = bed.server.pick(
        "",
        "create table film (id int, title text); create view titles as select title from film;",
        "create function answer() returns int deterministic return 42;",
    );
    for wanted in ["create table other (id int);", changed] {
        let script = undo(wanted);
        // MariaDB replaces a function and its rights stay.
        let replaces = bed.server == Server::Mariadb && wanted == changed;
        assert_eq!(script.contains("GRANT "), !replaces, "{script}");
        assert_eq!(script.contains("OWNER TO"), bed.server.family() == Family::Postgres, "{script}");
    }
    forget(bed, &account);
}
