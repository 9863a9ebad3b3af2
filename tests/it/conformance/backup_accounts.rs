//! `--globals`: the roles and accounts of the server go with a backup, and come back with what they
//! may do; those that are there are left alone. And the locale of a database comes back with it.

use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_network_server, one, rows};

on_every_network_server!(accounts_come_back, a_database_without_accounts_says_so);

/// A role and an account of this test's own: servers are shared.
struct Ours<'a> {
    bed: &'a Bed,
    role: String,
    account: String,
}

impl<'a> Ours<'a> {
    fn new(bed: &'a Bed) -> Self {
        let database = bed.target().database.unwrap();
        let name = |what: &str| {
            let last = database.len().saturating_sub(12);
            let name = format!("{what}'s {}", &database[last..]);
            bed.server.pick(name.clone(), format!("\"{name}\""), format!("`{name}`"))
        };
        let host = if bed.server.family() == Family::Mysql { "@`%`" } else { "" };
        let of_role = if bed.server == Server::Mysql { "@`%`" } else { "" };
        Ours { bed, role: name("r") + of_role, account: name("u") + host }
    }

    fn make(&self) {
        let Ours { bed, role, account } = self;
        let mut session = bed.open();
        let family = bed.server.family();
        let database = bed.target().database.unwrap();
        let statements = match family {
            Family::Mysql => vec![
                format!("create role {role}"),
                format!(
                    "create user {account} identified by 'pa''ss\\\\' require ssl with max_user_connections 7"
                ),
                format!("grant select on {database}.* to {role}"),
                format!("grant {role} to {account} with admin option"),
                format!("grant insert (id) on {database}.t to {account}"),
                format!(
                    "set default role {role} {} {account}",
                    if bed.server == Server::Mysql { "to" } else { "for" }
                ),
            ],
            _ => vec![
                format!("create role {role} nologin createdb"),
                format!(
                    "create role {account} login password 'pa''ss\\' connection limit 7 valid until '2031-02-03'"
                ),
                format!("comment on role {role} is 'it''s'"),
                format!("alter role {account} set search_path to \"A b\", public"),
                format!("alter role {account} set application_name to 'a, b'"),
                format!("grant {role} to {account} with admin option"),
                format!("grant select on t to {role}"),
            ],
        };
        for sql in statements {
            session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }

    /// All that the server tells of them.
    fn told(&self) -> Vec<Vec<Option<String>>> {
        let mut session = self.bed.open();
        let mut told = Vec::new();
        let mut ask = |sql: &str| told.extend(rows(session.as_mut(), sql));
        match self.bed.server.family() {
            Family::Mysql => {
                if self.bed.server == Server::Mysql {
                    ask("set print_identified_with_as_hex = on");
                }
                ask(&format!("show create user {}", self.account));
                ask(&format!("show grants for {}", self.account));
                ask(&format!("show grants for {}", self.role));
            }
            _ => {
                let (role, account) = (self.role.trim_matches('"'), self.account.trim_matches('"'));
                let both = format!("('{}', '{}')", role.replace('\'', "''"), account.replace('\'', "''"));
                ask(&format!(
                    "select rolname, rolcreatedb, rolcanlogin, rolconnlimit, rolpassword, rolvaliduntil, \
                     shobj_description(oid, 'pg_authid') from pg_authid where rolname in {both} order by 1"
                ));
                ask(&format!(
                    "select rolconfig::text from pg_roles where rolname in {both} order by rolname"
                ));
                ask(&format!(
                    "select m.member::regrole::text, m.roleid::regrole::text, m.admin_option from pg_auth_members m \
                     join pg_roles u on u.oid = m.member where u.rolname in {both} order by 1, 2"
                ));
            }
        }
        told
    }

    fn drop(&self) {
        let mut session = self.bed.open();
        let Ours { role, account, .. } = self;
        match self.bed.server.family() {
            Family::Mysql => {
                let _ = session.execute(&format!("drop user if exists {account}"), &[]);
                let _ = session.execute(&format!("drop role if exists {role}"), &[]);
            }
            _ => {
                let _ = session.execute(&format!("drop owned by {role}"), &[]);
                let _ = session.execute(&format!("drop role if exists {account}, {role}"), &[]);
            }
        }
    }
}

impl Drop for Ours<'_> {
    fn drop(&mut self) {
        Ours::drop(self);
    }
}

fn restore(bed: &Bed, name: &str, more: &[&str]) -> Ran {
    let url = bed.url();
    let to = ["restore", "latest", "--repo", "repo", "--to", &url, "--as", name, "--yes"];
    bed.sandbox.run(&[&to, more].concat())
}

fn accounts_come_back(bed: &Bed) {
    bed.open().execute("create table t (id int not null primary key)", &[]).unwrap();
    let ours = Ours::new(bed);
    ours.drop();
    ours.make();
    let before = ours.told();
    let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo", "--globals"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = format!("{}_copy", bed.target().database.unwrap());
    let again = |more: &[&str]| {
        let ran = restore(bed, &copy, more);
        bed.open().execute(&format!("drop database if exists {copy}"), &[]).unwrap();
        ran
    };
    // Those that are there are left as they are.
    let ran = again(&["--globals", "--no-privileges"]);
    assert!(ran.code() == 0 && ran.stderr.contains("left as they are"), "{ran}");
    assert_eq!(ours.told(), before);
    if bed.server.family() == Family::Postgres {
        bed.open().execute(&format!("drop owned by {}", ours.role), &[]).unwrap();
    }
    ours.drop();
    let ran = again(&["--globals", "--no-privileges"]);
    assert!(ran.code() == 0 && ran.stderr.contains("to be made"), "{ran}");
    assert_eq!(ours.told(), before);
    // What is wrong with one is told without the hash of its password.
    assert!(!ran.stderr.contains("IDENTIFIED") && !ran.stderr.contains("PASSWORD"), "{ran}");
}

fn a_database_without_accounts_says_so(bed: &Bed) {
    bed.open().execute("create table t (id int not null primary key)", &[]).unwrap();
    let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = format!("{}_copy", bed.target().database.unwrap());
    let ran = restore(bed, &copy, &["--globals"]);
    bed.open().execute(&format!("drop database if exists {copy}"), &[]).unwrap();
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("holds no roles or accounts"), "{ran}");
}

#[test]
fn sqlite_has_none() {
    let bed = Bed::new(Server::Sqlite, "accounts");
    bed.open().execute("create table t (id int)", &[]).unwrap();
    let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo", "--globals"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.stderr.contains("SQLite has no roles or accounts"), "{ran}");
}

/// A database that differs from what the server makes by itself is made like the one backed up.
fn the_locale_comes_back(server: Server) {
    if !server.is_there() {
        return;
    }
    let bed = Bed::new(server, "locale");
    let (old, new) = (format!("{}_old", bed.database), format!("{}_new", bed.database));
    let drop_both = || {
        for name in [&old, &new] {
            bed.open().execute(&format!("drop database if exists {name}"), &[]).unwrap();
        }
    };
    drop_both();
    let create = format!(
        "create database {old} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8' locale_provider icu icu_locale 'de-AT'"
    );
    bed.open().execute(&create, &[]).unwrap();
    let mut target = bed.target();
    target.database = Some(old.clone());
    dbwright::engine::open(&target).unwrap().execute("create table t (id int)", &[]).unwrap();
    let url = bed.url().replace(&format!("/{}", bed.database), &format!("/{old}"));
    let ran = bed.sandbox.run(&["backup", "create", &url, "--repo", "repo"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let ran = restore(&bed, &new, &[]);
    assert_eq!(ran.code(), 0, "{ran}");
    let locale = if server == Server::Pg15 { "daticulocale" } else { "datlocale" };
    let facts = |name: &str| {
        let sql = format!(
            "select concat_ws(' ', encoding, datcollate, datctype, datlocprovider, {locale}) from pg_database where datname = '{name}'"
        );
        one(bed.open().as_mut(), &sql)
    };
    assert_eq!(facts(&new), facts(&old));
    assert!(facts(&new).contains("de-AT"), "{}", facts(&new));
    drop_both();
}

#[test]
fn the_locale_comes_back_pg15() {
    the_locale_comes_back(Server::Pg15);
}

#[test]
fn the_locale_comes_back_pg18() {
    the_locale_comes_back(Server::Pg18);
}
