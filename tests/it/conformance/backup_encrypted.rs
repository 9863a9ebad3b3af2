//! Encrypted repositories: nothing can be read without the identity, everything is as safe as
//! without, and age itself reads it.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use dbwright::model::target::ExposeSecret;
use dbwright::store::age::{self, Identity};
use serde_json::Value;

use super::backup::{Restored, content, files, fill, fill_many, recipe};
use crate::process::Ran;
use crate::servers::{Bed, Server, leave_out, on_every_server};

on_every_server!(nothing_is_told_without_the_identity, any_damage_of_it_is_noticed);

/// Writes an identity to a file; gives its recipient.
fn key(bed: &Bed, name: &str) -> String {
    let identity = Identity::new().unwrap();
    let path =
        bed.sandbox.write(name, format!("# made for a test\n{}\n", identity.to_text().expose_secret()));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    identity.recipient().to_string()
}

#[track_caller]
fn backup(bed: &Bed, recipient: &str) -> Value {
    let ran = bed.sandbox.run(&["backup", &bed.url(), "--repo", "repo", "--encrypt-to", recipient, "--json"]);
    assert_eq!(ran.code(), 0, "{ran}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn run(bed: &Bed, command: &[&str], more: &[&str]) -> Ran {
    bed.sandbox.run(&[command, &["--repo", "repo"], more].concat())
}

fn nothing_is_told_without_the_identity(bed: &Bed) {
    fill(bed);
    fill_many(bed, 10, 2_000);
    let recipient = key(bed, "key");
    key(bed, "other");
    assert!(backup(bed, &recipient)["new"].as_u64().unwrap() > 10_000);
    assert_eq!(backup(bed, &recipient)["new"], 0);
    let names = bed.target().database.unwrap();
    for file in files(&bed.sandbox.work().join("repo")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for secret in ["maker", "note", names.as_str(), "AGE-SECRET"] {
            assert!(!text.contains(secret), "{} tells {secret}", file.display());
        }
    }
    for (command, code) in [
        (["backup", "list"].as_slice(), 0),
        (&["backup", "verify"], 0),
        (&["backup", "show", "latest"], 3),
        (&["backup", "verify", "--restore"], 3),
    ] {
        let ran = run(bed, command, &[]);
        assert_eq!(ran.code(), code, "{ran}");
        assert!(code == 0 || ran.stderr.contains("--identity FILE"), "{ran}");
    }
    let list = run(bed, &["backup", "list"], &[]);
    assert!(list.out().contains("encrypted"), "{list}");
    let copy = Restored::new(bed);
    for more in [[].as_slice(), &["--identity", "other"]] {
        let ran = copy.restore("latest", more);
        assert_eq!(ran.code(), 3, "{ran}");
        assert!(ran.stderr.contains("--identity FILE"), "{ran}");
    }
    let ran = run(bed, &["backup", "prune", "--keep-last", "1", "--yes"], &[]);
    assert_eq!(ran.code(), 0, "{ran}");
    for command in [["backup", "verify"], ["backup", "list"]] {
        let ran = run(bed, &command, &["--identity", "key"]);
        assert_eq!(ran.code(), 0, "{ran}");
        assert!(!ran.out().contains("encrypted"), "{ran}");
        let ran = run(bed, &command, &["--identity", "other"]);
        assert_eq!(ran.code(), 3, "{ran}");
    }
    let ran = copy.restore("latest", &["--identity", "key"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert_eq!(copy.all(), content(bed.open().as_mut()));
    let url = bed.url();
    let scratch: &[&str] = if bed.server == Server::Sqlite { &[] } else { &["--scratch", &url] };
    let ran = run(bed, &[&["backup", "verify", "--restore", "--identity", "key"], scratch].concat(), &[]);
    assert_eq!(ran.code(), 0, "{ran}");
}

fn any_damage_of_it_is_noticed(bed: &Bed) {
    fill(bed);
    let recipient = key(bed, "key");
    backup(bed, &recipient);
    let repo = bed.sandbox.work().join("repo");
    let copy = Restored::new(bed);
    let stored = files(&repo);
    for file in stored.iter().filter(|file| !file.ends_with("lock") && !file.ends_with("repository.json")) {
        let whole = std::fs::read(file).unwrap();
        for damage in ["flip", "cut", "delete"] {
            let at = fastrand::usize(..whole.len());
            let mut spoilt = whole.clone();
            match damage {
                "flip" => spoilt[at] ^= 1 << fastrand::u32(..8),
                _ => spoilt.truncate(at),
            }
            match damage {
                "delete" => std::fs::remove_file(file).unwrap(),
                _ => std::fs::write(file, &spoilt).unwrap(),
            }
            for more in [[].as_slice(), &["--identity", "key"]] {
                let ran = run(bed, &["backup", "verify"], more);
                assert_eq!(ran.code(), 1, "{damage} {} at {at}: {ran}", file.display());
            }
            let ran = copy.restore("latest", &["--identity", "key"]);
            assert_ne!(ran.code(), 0, "{damage} {} at {at}: {ran}", file.display());
            drop(Restored::new(bed));
            std::fs::write(file, &whole).unwrap();
        }
    }
    assert_eq!(run(bed, &["backup", "verify"], &[]).code(), 0);
}

fn on_sqlite(name: &str, body: fn(&Bed)) {
    crate::servers::run(Server::Sqlite, name, body);
}

#[test]
fn a_repository_stays_what_it_is() {
    on_sqlite("a_repository_stays_what_it_is", |bed| {
        fill(bed);
        let recipient = key(bed, "key");
        let url = bed.url();
        backup(bed, &recipient);
        let ran = bed.sandbox.run(&["backup", &url, "--repo", "repo"]);
        assert_eq!(ran.code(), 4, "{ran}");
        assert!(ran.stderr.contains("is encrypted, and for whom is not said"), "{ran}");
        assert_eq!(bed.sandbox.run(&["backup", &url, "--repo", "plain"]).code(), 0);
        let ran = bed.sandbox.run(&["backup", &url, "--repo", "plain", "--encrypt-to", &recipient]);
        assert_eq!(ran.code(), 4, "{ran}");
        assert!(ran.stderr.contains("is not encrypted, and stays so"), "{ran}");
    });
}

#[test]
fn who_joins_later_can_read_what_is_made_later() {
    on_sqlite("who_joins_later_can_read_what_is_made_later", |bed| {
        fill(bed);
        let (first, second) = (key(bed, "key"), key(bed, "second"));
        let old = backup(bed, &first);
        bed.sandbox.write("team", format!("# all of us\n{first}\n\n{second}\n"));
        let url = bed.url();
        let both = ["backup", &url, "--repo", "repo", "--encrypt-to-file", "team"];
        assert_eq!(bed.sandbox.run(&both).code(), 0);
        for name in ["key", "second"] {
            let copy = Restored::new(bed);
            let ran = copy.restore("latest", &["--identity", name]);
            assert_eq!(ran.code(), 0, "{ran}");
            assert_eq!(copy.all(), content(bed.open().as_mut()));
        }
        let copy = Restored::new(bed);
        assert_eq!(copy.restore(old["id"].as_str().unwrap(), &["--identity", "second"]).code(), 3);
    });
}

#[test]
fn a_profile_holds_the_keys() {
    on_sqlite("a_profile_holds_the_keys", |bed| {
        fill(bed);
        let recipient = key(bed, "key");
        bed.sandbox.write(
            "dbwright.toml",
            format!(
                "default_profile = 'shop'\n[profile.shop]\nurl = '{}'\n[profile.shop.backup]\nrepo = 'repo'\nencrypt_to = ['{recipient}']\nidentity_file = 'key'\n",
                bed.url()
            ),
        );
        for command in [
            ["backup", "shop"].as_slice(),
            &["backup", "show", "latest"],
            &["schema", "diff", "repo", "shop", "--exit-code"],
        ] {
            let ran = bed.sandbox.run(command);
            assert_eq!(ran.code(), 0, "{ran}");
        }
        assert!(bed.sandbox.read("repo/repository.json").contains("age"));
    });
}

#[test]
fn wrong_keys_are_told_and_not_repeated() {
    on_sqlite("wrong_keys_are_told_and_not_repeated", |bed| {
        fill(bed);
        let recipient = key(bed, "key");
        let secret = bed.sandbox.read("key").lines().last().unwrap().to_owned();
        bed.sandbox.write("wrong", format!("# x\nage1wrong\n{secret}\n"));
        bed.sandbox.write("open", &secret);
        backup(bed, &recipient);
        let url = bed.url();
        for (arguments, says) in [
            (["backup", &url, "--repo", "new", "--encrypt-to", &secret], "a secret key is no recipient"),
            (["backup", &url, "--repo", "new", "--encrypt-to", "ssh-ed25519 AAAA"], "is no recipient of age"),
            (["backup", &url, "--repo", "new", "--encrypt-to-file", "wrong"], "wrong:2"),
            (["backup", "list", "--repo", "repo", "--identity", "open"], "others than you can read open"),
            (["backup", "list", "--repo", "repo", "--identity", "none"], "cannot read none"),
        ] {
            let ran = bed.sandbox.run(&arguments);
            assert_eq!(ran.code(), 2, "{ran}");
            assert!(ran.stderr.contains(says) && !ran.stderr.contains(&secret[20..]), "{ran}");
        }
        assert!(!bed.sandbox.work().join("new").exists());
    });
}

#[test]
fn age_itself_reads_it() {
    on_sqlite("age_itself_reads_it", |bed| {
        for tool in ["age", "age-keygen", "zstd", "jq"] {
            if Command::new(tool).arg("--version").output().is_err() {
                return leave_out("encrypted backups read by age", &format!("{tool} is not installed"));
            }
        }
        fill(bed);
        fill_many(bed, 10, 5_000);
        let shell = |script: &str, id: &str| {
            let mut shell = bed.sandbox.program("bash");
            shell.args(["-ec", &format!("set -o pipefail\n{script}")]).env("ID", id);
            let ran = Ran::of(shell.env("KEY", bed.sandbox.work().join("key")));
            assert_eq!(ran.code(), 0, "{ran}");
            ran
        };
        shell("age-keygen -o key 2>/dev/null", "");
        let recipient = shell("age-keygen -y key", "").out().trim().to_owned();
        let made = backup(bed, &recipient);
        let id = made["id"].as_str().unwrap();
        shell(&format!("cd repo\n{}", recipe("check encrypted")), id);
        shell(&format!("cd repo\n{}\ncd plain\n{}", recipe("decrypt"), recipe("sqlite")), id);
        let copy = Restored::new(bed);
        std::fs::rename(bed.sandbox.work().join("repo/plain/restored.db"), &copy.name).unwrap();
        assert_eq!(copy.all(), content(bed.open().as_mut()));
        // And the other way round.
        for size in [0, 1, 65_536, 200_000] {
            shell(&format!("head -c {size} /dev/zero | age -r {recipient} > sealed"), "");
            let identity = Identity::parse(bed.sandbox.read("key").lines().last().unwrap()).unwrap();
            let sealed = std::fs::read(bed.sandbox.work().join("sealed")).unwrap();
            assert_eq!(age::decrypt(&[identity], &sealed).unwrap(), vec![0; size]);
        }
    });
}
