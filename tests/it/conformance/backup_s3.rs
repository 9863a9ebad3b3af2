//! Repositories of backups in S3: a real server, and a proxy that makes it look unwell.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::backup::{Restored, content, fill, fill_many};
use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, on_every_server, one};

on_every_server!(a_bucket_holds_what_a_folder_holds);

fn on_sqlite(name: &str, body: fn(&Bed)) {
    crate::servers::run(Server::Sqlite, name, body);
}

/// The server, or one before it, and a repository of the test's own.
struct Bucket<'a> {
    bed: &'a Bed,
    repo: String,
    endpoint: String,
}

impl<'a> Bucket<'a> {
    /// None where there is no such server.
    fn new(bed: &'a Bed) -> Option<Self> {
        let Some(port) = told("S3_PORT") else {
            crate::servers::leave_out("backups in S3", "its server is not there");
            return None;
        };
        let repo = format!("s3://app/{:016x}", fastrand::u64(..));
        Some(Bucket { bed, repo, endpoint: format!("http://127.0.0.1:{port}") })
    }

    /// The repository comes last.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bed.sandbox.command(arguments);
        command
            .args(["--repo", &self.repo])
            .env("AWS_ENDPOINT_URL_S3", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "dbwright")
            .env("AWS_SECRET_ACCESS_KEY", told("PASSWORD").unwrap());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code(), 0, "{ran}");
        ran
    }

    #[track_caller]
    fn backup(&self) -> Value {
        let ran = self.done(&["backup", &self.bed.url(), "--json"]);
        serde_json::from_slice(&ran.stdout).unwrap()
    }

    #[track_caller]
    fn restores(&self) {
        let copy = Restored::new(self.bed);
        let url = self.bed.url();
        let to = match self.bed.server {
            Server::Sqlite => ["--to", copy.name.as_str()].to_vec(),
            _ => ["--to", url.as_str(), "--as", copy.name.as_str()].to_vec(),
        };
        self.done(&[&["restore", "latest", "--yes"], to.as_slice()].concat());
        assert_eq!(copy.all(), content(self.bed.open().as_mut()));
    }
}

fn a_bucket_holds_what_a_folder_holds(bed: &Bed) {
    let Some(bucket) = Bucket::new(bed) else { return };
    fill(bed);
    fill_many(bed, 10, 2_000);
    let first = bucket.backup();
    assert!(first["new"].as_u64().unwrap() > 10_000, "{first}");
    assert_eq!(first["repository"], bucket.repo.as_str());
    assert_eq!(bucket.backup()["new"], 0);
    bucket.done(&["backup", "verify"]);
    bucket.restores();
    let list = bucket.done(&["backup", "list", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list["backups"].as_array().unwrap().len(), 2);
    bucket.done(&["backup", "show", "latest"]);
    bed.open().execute("delete from part where id > 3", &[]).unwrap();
    bucket.backup();
    let pruned = bucket.done(&["backup", "prune", "--keep-last", "1", "--yes"]);
    assert!(!pruned.stderr.contains("and 0 chunks"), "{pruned}");
    bucket.done(&["backup", "verify"]);
    bucket.restores();
    let url = bed.url();
    let scratch: &[&str] = if bed.server == Server::Sqlite { &[] } else { &["--scratch", &url] };
    // The address is the left side here, and not a --repo.
    let mut diff = bucket.command(&[]);
    let envs: Vec<_> =
        diff.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
    diff = bed.sandbox.command([&["schema", "diff", &bucket.repo, &url, "--exit-code"], scratch].concat());
    diff.envs(envs.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))));
    let ran = Ran::of(&mut diff);
    assert_eq!(ran.code(), 0, "{ran}");
}

/// Fails each request twice before it lets it through: by an error, by an end in the middle of the
/// answer, or by an end before it. Slow besides.
fn unwell(server: &str, trouble: bool, slow: Duration) -> String {
    let server = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (server, seen) = (server.clone(), seen.clone());
            // Whoever ends the connection early is the other side's test.
            std::thread::spawn(move || drop(pass_on(client.unwrap(), &server, trouble, slow, &seen)));
        }
    });
    address
}

type Seen = Mutex<BTreeMap<Vec<u8>, usize>>;

fn pass_on(
    mut client: TcpStream,
    server: &str,
    trouble: bool,
    slow: Duration,
    seen: &Seen,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 {
            return Ok(());
        }
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body)?;
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default().to_vec();
    let kind = line.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    let count = {
        let mut seen = seen.lock().unwrap();
        let count = seen.entry(line).or_insert(0);
        *count += 1;
        *count
    };
    std::thread::sleep(slow);
    let trouble = (trouble && count < 3).then_some((kind + count) % 4);
    match trouble {
        Some(0) => {
            return client.write_all(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        Some(1) => return Ok(()),
        // Spoilt on its way, which the server notices by the sum that was signed.
        Some(2) => body.iter_mut().take(1).for_each(|byte| *byte ^= 1),
        _ => {}
    }
    let mut server = TcpStream::connect(server)?;
    request.truncate(request.len() - 2);
    server.write_all(&request)?;
    server.write_all(b"connection: close\r\n\r\n")?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let half = if trouble == Some(3) { answer.len() - answer.len().min(40) / 2 } else { answer.len() };
    client.write_all(&answer[..half])
}

#[test]
fn a_server_that_is_unwell_is_tried_again() {
    on_sqlite("a_server_that_is_unwell_is_tried_again", |bed| {
        let Some(mut bucket) = Bucket::new(bed) else { return };
        fill(bed);
        fill_many(bed, 10, 20_000);
        bucket.endpoint = unwell(&bucket.endpoint, true, Duration::from_millis(5));
        bucket.backup();
        bucket.done(&["backup", "verify"]);
        bucket.restores();
        bucket.done(&["backup", "prune", "--keep-last", "1", "--yes"]);
    });
}

#[test]
fn nobody_prunes_while_a_backup_is_made() {
    on_sqlite("nobody_prunes_while_a_backup_is_made", |bed| {
        let Some(mut bucket) = Bucket::new(bed) else { return };
        fill(bed);
        bucket.backup();
        fill_many(bed, 10, 1_000);
        let server = bucket.endpoint.clone();
        bucket.endpoint = unwell(&server, false, Duration::from_millis(400));
        let mut making = bucket.command(&["backup", &bed.url()]);
        let mut making = making.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        bucket.endpoint = server;
        let prune = || bucket.run(&["backup", "prune", "--keep-last", "1", "--yes"]);
        let until = Instant::now() + Duration::from_secs(20);
        let mut ran = prune();
        while ran.code() != 6 && Instant::now() < until {
            ran = prune();
        }
        assert_eq!(ran.code(), 6, "{ran}");
        assert!(ran.stderr.contains("is in use by osuser on "), "{ran}");
        // Others may read and write meanwhile.
        bucket.done(&["backup", "verify"]);
        making.kill().unwrap();
        making.wait().unwrap();
        // Nobody knows yet that it ended.
        let ran = prune();
        assert_eq!(ran.code(), 6, "{ran}");
        assert!(ran.stderr.contains("ends 15 minutes after its last sign of life"), "{ran}");
        bucket.restores_what_was_there();
    });
}

impl Bucket<'_> {
    fn restores_what_was_there(&self) {
        self.done(&["backup", "verify"]);
        self.backup();
        self.restores();
    }
}

#[test]
fn who_may_only_read_can_restore() {
    on_sqlite("who_may_only_read_can_restore", |bed| {
        let Some(bucket) = Bucket::new(bed) else { return };
        fill(bed);
        bucket.backup();
        let read = |arguments: &[&str]| {
            let mut command = bucket.command(arguments);
            Ran::of(command.env("AWS_ACCESS_KEY_ID", "reader").env("AWS_SECRET_ACCESS_KEY", "reader"))
        };
        assert_eq!(read(&["backup", "verify"]).code(), 0);
        let ran = read(&["restore", "latest", "--to", "copy.db", "--yes"]);
        assert_eq!(ran.code(), 0, "{ran}");
        for arguments in
            [["backup", "prune", "--keep-last", "1", "--yes"].as_slice(), &["backup", &bed.url()]]
        {
            let ran = read(arguments);
            assert_eq!(ran.code(), 3, "{ran}");
            assert!(ran.stderr.contains("AccessDenied") && ran.stderr.contains("s3:PutObject"), "{ran}");
        }
    });
}

/// What is done to a command before it runs.
type Change<'a> = &'a dyn Fn(&mut Command) -> &mut Command;

#[test]
fn what_is_wrong_is_told_without_the_secret() {
    on_sqlite("what_is_wrong_is_told_without_the_secret", |bed| {
        let Some(bucket) = Bucket::new(bed) else { return };
        let list = |change: &dyn Fn(&mut Command) -> &mut Command| {
            let mut command = bucket.command(&["backup", "list", "-vvv"]);
            change(&mut command);
            Ran::of(&mut command)
        };
        let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let endpoint = format!("http://{nowhere}");
        let cases: [(Change, i32, &str); 4] = [
            (&|command| command, 2, "is no repository of backups"),
            (
                &|command| command.env("AWS_SECRET_ACCESS_KEY", "s3cret but wrong"),
                3,
                "does not know these credentials",
            ),
            (&|command| command.env_remove("AWS_ACCESS_KEY_ID"), 3, "there are no credentials for S3"),
            (&|command| command.env("AWS_ENDPOINT_URL_S3", &endpoint), 3, "cannot reach s3://app/"),
        ];
        for (change, code, says) in cases {
            let ran = list(change);
            assert_eq!(ran.code(), code, "{ran}");
            assert!(ran.stderr.contains(says) && !ran.stderr.contains("s3cret"), "{ran}");
        }
        let ran = Ran::of(bucket.command(&["backup", "list"]).args(["--repo", "s3://none/x"]));
        assert_eq!(ran.code(), 2, "{ran}");
    });
}

#[test]
fn more_files_than_a_listing_has() {
    crate::servers::run(Server::Pg18, "more_files_than_a_listing_has", |bed| {
        let Some(bucket) = Bucket::new(bed) else { return };
        let sql = "do $$ begin for i in 1..1050 loop execute format('create table t%s as select %s as i', i, i); end loop; end $$";
        bed.open().execute(sql, &[]).unwrap();
        let made = bucket.backup();
        assert!(made["tables"].as_u64().unwrap() >= 1050, "{made}");
        // All of them are looked for in a listing before anything is begun.
        let url = bed.url();
        let name = format!("{}_copy", one(bed.open().as_mut(), "select current_database()"));
        bucket.done(&["restore", "latest", "--to", &url, "--as", &name, "--dry-run"]);
    });
}

#[test]
fn a_profile_says_where_the_bucket_is() {
    on_sqlite("a_profile_says_where_the_bucket_is", |bed| {
        let Some(bucket) = Bucket::new(bed) else { return };
        fill(bed);
        let (repo, endpoint) = (&bucket.repo, &bucket.endpoint);
        bed.sandbox.write(
            "dbwright.toml",
            format!(
                "[profile.shop]\nurl = '{}'\n[profile.shop.backup]\nrepo = '{repo}'\n[profile.shop.backup.s3]\nendpoint = '{endpoint}'\nregion = 'eu-west-1'\npath_style = true\n",
                bed.url()
            ),
        );
        bed.sandbox.write(
            "keys",
            format!(
                "[default]\naws_access_key_id = dbwright\naws_secret_access_key = {}\n",
                told("PASSWORD").unwrap()
            ),
        );
        for arguments in [["backup", "shop"].as_slice(), &["backup", "list", "--profile", "shop"]] {
            let ran = Ran::of(bed.sandbox.command(arguments).env("AWS_SHARED_CREDENTIALS_FILE", "keys"));
            assert_eq!(ran.code(), 0, "{ran}");
        }
    });
}
