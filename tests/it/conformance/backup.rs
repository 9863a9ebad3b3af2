//! `backup` and `restore`: what was backed up is there again, byte for byte; whatever happens to the
//! repository is noticed; and whoever ends the work early takes nothing away that was there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, leave_out, on_every_server, rows};

on_every_server!(
    what_was_backed_up_is_there_again,
    nothing_that_is_there_is_overwritten,
    what_did_not_change_is_stored_once,
    any_damage_is_noticed,
    old_backups_are_taken_away,
    each_database_keeps_its_own,
    standard_tools_restore_it_too,
    the_schema_of_a_backup_is_compared,
);

/// A database for a moment, which a restore makes.
pub struct Restored<'a> {
    bed: &'a Bed,
    pub name: String,
}

impl<'a> Restored<'a> {
    pub fn new(bed: &'a Bed) -> Self {
        let database = bed.target().database.unwrap();
        let name = match bed.server {
            Server::Sqlite => bed.sandbox.work().join("copy.db").to_str().unwrap().to_owned(),
            _ => format!("{database}_copy"),
        };
        Restored { bed, name }
    }

    /// `restore BACKUP` into it.
    pub fn restore(&self, backup: &str, more: &[&str]) -> Ran {
        let url = self.bed.url();
        let to = match self.bed.server {
            Server::Sqlite => ["--to", self.name.as_str()].to_vec(),
            _ => ["--to", url.as_str(), "--as", self.name.as_str()].to_vec(),
        };
        let arguments = [&["restore", backup, "--repo", "repo", "--yes"], to.as_slice(), more].concat();
        self.bed.sandbox.run(&arguments)
    }

    pub fn all(&self) -> Vec<String> {
        let mut target = self.bed.target();
        target.database = Some(self.name.clone());
        let mut session = dbwright::engine::open(&target).unwrap();
        content(session.as_mut())
    }
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        match self.bed.server {
            Server::Sqlite => drop(std::fs::remove_file(&self.name)),
            _ => drop(self.bed.open().execute(&format!("drop database if exists {}", self.name), &[])),
        }
    }
}

/// Every row of the tables that [`fill`] made.
pub fn content(session: &mut dyn dbwright::engine::Session) -> Vec<String> {
    ["select * from maker order by id", "select * from part order by id", "select * from made order by id"]
        .iter()
        .flat_map(|sql| rows(session, sql))
        .map(|row| format!("{row:?}"))
        .collect()
}

/// Two tables with a key between them, a view, an index, a trigger, and values that are easily spoilt.
pub fn fill(bed: &Bed) {
    let mut session = bed.open();
    let (text, bytes) = bed.server.pick(("text", "blob"), ("text", "bytea"), ("longtext", "longblob"));
    let blob = bed.server.pick("x'00ff0a27'", "'\\x00ff0a27'", "x'00ff0a27'");
    for sql in [
        "create table maker (id int not null primary key, name varchar(100) not null)".to_owned(),
        format!(
            "create table part (id int not null primary key, maker int references maker (id), note {text}, raw {bytes}, price decimal(12,4), weight double precision)"
        ),
        "create index part_by_maker on part (maker)".to_owned(),
        "create view made as select p.id, m.name from part p join maker m on m.id = p.maker".to_owned(),
        "insert into maker values (1, 'Ann''s'), (2, 'ünïcode ☃')".to_owned(),
        format!(
            "insert into part values (1, 1, 'tab\there', {blob}, 12345678.1234, 0.1), (2, 2, '', null, -1, 1e300), (3, null, null, null, null, null)"
        ),
    ] {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let odd = bed.server.pick(
        "'a' || char(10) || '\\N' || char(9) || '\\'",
        "'a' || chr(10) || '\\N' || chr(9) || '\\'",
        "concat('a', char(10), '\\\\N', char(9), '\\\\')",
    );
    session.execute(&format!("insert into part (id, note) values (4, {odd})"), &[]).unwrap();
}

/// So many rows that they are read in several parts.
pub fn fill_many(bed: &Bed, from: u32, count: u32) {
    let mut session = bed.open();
    let numbers = format!(
        "with recursive n (i) as (select {from} union all select i + 1 from n where i < {})",
        from + count - 1
    );
    let text = bed.server.pick("hex(randomblob(100))", "md5(i::text) || md5((i + 1)::text)", "sha2(i, 256)");
    if bed.server.family() == crate::servers::Family::Mysql {
        let depth = if bed.server == Server::Mariadb {
            "max_recursive_iterations"
        } else {
            "cte_max_recursion_depth"
        };
        session.execute(&format!("set session {depth} = 1000000"), &[]).unwrap();
        session
            .execute(&format!("insert into part (id, note) {numbers} select i, {text} from n"), &[])
            .unwrap();
    } else {
        session
            .execute(&format!("{numbers} insert into part (id, note) select i, {text} from n"), &[])
            .unwrap();
    }
}

pub fn backup(bed: &Bed) -> Value {
    let ran = bed.sandbox.run(&["backup", "create", &bed.url(), "--repo", "repo", "--json"]);
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran}"))
}

fn what_was_backed_up_is_there_again(bed: &Bed) {
    fill(bed);
    fill_many(bed, 10, 20_000);
    let before = content(bed.open().as_mut());
    let made = backup(bed);
    assert_eq!(made["rows"], 2 + 4 + 20_000, "{made}");
    let copy = Restored::new(bed);
    let ran = copy.restore("latest", &[]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(copy.all(), before);
    let url = bed.url();
    let ran = bed.sandbox.run(&["backup", "verify", "--restore", "--repo", "repo", "--scratch", &url]);
    assert_eq!(ran.code(), 0, "{ran}");
    let list = bed.sandbox.run(&["backup", "list", "--repo", "repo", "--json"]).ok();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["backups"][0]["id"], made["id"]);
    assert_eq!(list["backups"][0]["proof"]["rows"], made["rows"], "{list}");
}

fn nothing_that_is_there_is_overwritten(bed: &Bed) {
    fill(bed);
    backup(bed);
    let before = content(bed.open().as_mut());
    let url = bed.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"]);
    assert_eq!(ran.code(), 4, "{ran}");
    assert_eq!(content(bed.open().as_mut()), before);
    let copy = Restored::new(bed);
    let ran = copy.restore("latest", &["--dry-run"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("would restore"), "{ran}");
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "elsewhere", "--to", &url, "--yes"]);
    assert_eq!(ran.code(), 2, "{ran}");
    let ran = copy.restore("19990101", &[]);
    assert_eq!(ran.code(), 2, "{ran}");
}

fn what_did_not_change_is_stored_once(bed: &Bed) {
    fill(bed);
    fill_many(bed, 10, 20_000);
    let first = backup(bed);
    let again = backup(bed);
    assert!(first["new"].as_u64().unwrap() > 100_000, "{first}");
    assert_eq!(again["new"], 0, "{again}");
    assert_eq!(again["stored"], first["stored"]);
    bed.open().execute("update maker set name = 'other' where id = 1", &[]).unwrap();
    let changed = backup(bed);
    assert!(changed["new"].as_u64().unwrap() > 0, "{changed}");
    if bed.server != Server::Sqlite {
        assert!(changed["new"].as_u64().unwrap() < 5_000, "{changed}");
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn any_damage_is_noticed(bed: &Bed) {
    fill(bed);
    backup(bed);
    let repo = bed.sandbox.work().join("repo");
    let verify = || bed.sandbox.run(&["backup", "verify", "--repo", "repo"]);
    assert_eq!(verify().code(), 0);
    let copy = Restored::new(bed);
    for file in
        files(&repo).into_iter().filter(|file| !file.ends_with("lock") && !file.ends_with("repository.json"))
    {
        let whole = std::fs::read(&file).unwrap();
        for damage in ["flip", "cut", "delete"] {
            let at = fastrand::usize(..whole.len());
            let mut spoilt = whole.clone();
            match damage {
                "flip" => spoilt[at] ^= 1 << fastrand::u32(..8),
                _ => spoilt.truncate(at),
            }
            match damage {
                "delete" => std::fs::remove_file(&file).unwrap(),
                _ => std::fs::write(&file, &spoilt).unwrap(),
            }
            let ran = verify();
            assert_eq!(ran.code(), 1, "{damage} {} at {at}: {ran}", file.display());
            let ran = copy.restore("latest", &[]);
            assert_ne!(ran.code(), 0, "{damage} {} at {at}: {ran}", file.display());
            drop(Restored::new(bed));
            std::fs::write(&file, &whole).unwrap();
        }
    }
    assert_eq!(verify().code(), 0);
}

fn old_backups_are_taken_away(bed: &Bed) {
    fill(bed);
    for round in 0..3 {
        fill_many(bed, 1000 + round * 10_000, 5_000);
        backup(bed);
    }
    let repo = bed.sandbox.work().join("repo");
    let chunks = || files(&repo.join("chunks")).len();
    let before = chunks();
    let prune = |more: &[&str]| {
        let ran =
            bed.sandbox.run(&[&["backup", "prune", "--repo", "repo", "--keep-last", "1"], more].concat());
        assert!(ran.code() == 0, "{ran}");
        ran
    };
    assert_eq!(bed.sandbox.run(&["backup", "prune", "--repo", "repo"]).code(), 2);
    assert_eq!(bed.sandbox.run(&["backup", "prune", "--repo", "repo", "--keep-last", "1"]).code(), 4);
    prune(&["--dry-run"]);
    assert_eq!((chunks(), files(&repo.join("snapshots")).len()), (before, 6));
    prune(&["--yes"]);
    assert!(chunks() < before);
    assert_eq!(files(&repo.join("snapshots")).len(), 2);
    assert_eq!(bed.sandbox.run(&["backup", "verify", "--repo", "repo"]).code(), 0);
    let copy = Restored::new(bed);
    assert_eq!(copy.restore("latest", &[]).code(), 0);
    assert_eq!(copy.all(), content(bed.open().as_mut()));
}

/// Backups of another database, or of a part, neither push one out nor are `latest`.
fn each_database_keeps_its_own(bed: &Bed) {
    fill(bed);
    let whole = backup(bed);
    let other = |arguments: &[&str]| {
        let ran = bed.sandbox.run(&[&["backup", "create", "--repo", "repo"], arguments].concat());
        assert_eq!(ran.code(), 0, "{ran}");
        ran.out().trim().to_owned()
    };
    let make = ["connect", "sqlite:other.db?mode=rwc", "-c", "create table other (id int)"];
    assert_eq!(bed.sandbox.run(&make).code(), 0);
    let mut stay = vec![whole["id"].as_str().unwrap().to_owned()];
    other(&["other.db"]);
    stay.push(other(&["other.db"]));
    let url = bed.url();
    if bed.server != Server::Sqlite {
        other(&[&url, "--table", "maker"]);
        stay.push(other(&[&url, "--table", "maker"]));
        let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", "copy.db", "--dry-run"]);
        assert!(ran.code() == 0 && ran.stderr.contains(&stay[1]), "{ran}");
    }
    let ran = bed.sandbox.run(&["backup", "prune", "--repo", "repo", "--keep-last", "1", "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let list = bed.sandbox.run(&["backup", "list", "--repo", "repo", "--json"]).ok();
    let list: Value = serde_json::from_str(&list).unwrap();
    let left: Vec<&str> =
        list["backups"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap()).collect();
    assert_eq!(left, stay);
}

/// A recipe of docs/backup-format.md.
pub fn recipe(name: &str) -> String {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backup-format.md")).unwrap();
    let (_, after) = page.split_once(&format!("# recipe: {name}\n")).unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

fn standard_tools_restore_it_too(bed: &Bed) {
    for tool in ["jq", "zstd", "sha256sum"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return leave_out("the recipe of a restore", &format!("{tool} is not installed"));
        }
    }
    fill(bed);
    fill_many(bed, 10, 5_000);
    let made = backup(bed);
    let copy = Restored::new(bed);
    let target = bed.target();
    let port = target.hosts.first().map(|host| host.port.to_string()).unwrap_or_default();
    let user = target.user.clone().unwrap_or_default();
    let password = told("PASSWORD").unwrap_or_default();
    let client = match bed.server {
        Server::Mysql => told("MYSQL_CLIENT"),
        Server::Mariadb => told("MARIADB_CLIENT"),
        _ => None,
    };
    let client = client.unwrap_or_default();
    if bed.server != Server::Sqlite {
        bed.open().execute(&format!("create database {}", copy.name), &[]).unwrap();
    }
    for name in ["check", bed.server.pick("sqlite", "postgres", "mysql")] {
        let mut shell = bed.sandbox.program("bash");
        shell
            .args(["-ec", &format!("set -o pipefail\n{}", recipe(name))])
            .current_dir(bed.sandbox.work().join("repo"))
            .env("ID", made["id"].as_str().unwrap())
            .envs([("PGHOST", "127.0.0.1"), ("PGPORT", &port), ("PGUSER", &user), ("PGPASSWORD", &password)])
            .envs([("PGDATABASE", copy.name.as_str()), ("MYSQL_PWD", &password)])
            .env(
                "MYSQL",
                format!(
                    "{client} --default-character-set=utf8mb4 -h127.0.0.1 -P{port} -u{user} {}",
                    copy.name
                ),
            );
        let ran = Ran::of(&mut shell);
        assert_eq!(ran.code(), 0, "{name}: {ran}");
    }
    if bed.server == Server::Sqlite {
        std::fs::rename(bed.sandbox.work().join("repo/restored.db"), &copy.name).unwrap();
    }
    assert_eq!(copy.all(), content(bed.open().as_mut()));
}

fn the_schema_of_a_backup_is_compared(bed: &Bed) {
    fill(bed);
    let made = backup(bed);
    let manifest = format!("repo/snapshots/{}.json", made["id"].as_str().unwrap());
    let url = bed.url();
    // A server loads the statements into a database made for a moment.
    let scratch: &[&str] = if bed.server == Server::Sqlite { &[] } else { &["--scratch", &url] };
    let diff =
        |side: &str| bed.sandbox.run(&[&["schema", "diff", side, &url, "--exit-code"], scratch].concat());
    for side in ["repo", manifest.as_str()] {
        let ran = diff(side);
        assert_eq!(ran.code(), 0, "{ran}");
    }
    bed.open().execute("alter table part add column colour varchar(20)", &[]).unwrap();
    let ran = diff("repo");
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.out().contains("colour"), "{ran}");
}
