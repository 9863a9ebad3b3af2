//! `backup create --mask`: nothing of what is masked gets into the repository, and what comes back still
//! fits together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::process::Ran;
use crate::servers::{Bed, Family, Server, on_every_server, one, rows};

on_every_server!(
    masked_values_fit_together,
    every_type_that_can_be_masked,
    numbers_stay_different,
    a_key_gives_the_same_again,
    what_a_rule_would_break_is_refused,
);

fn execute(bed: &Bed, statements: &[&str]) {
    let mut session = bed.open();
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn create(bed: &Bed, more: &[&str]) -> Ran {
    bed.sandbox.run(&[&["backup", "create", &bed.url(), "--repo", "repo", "--json"], more].concat())
}

/// The newest backup in an empty database, and proven.
#[track_caller]
fn restored(bed: &Bed) -> Bed {
    let copy = Bed::new(bed.server, "restored");
    let url = copy.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let url = bed.url();
    let verify = ["backup", "verify", "latest", "--restore", "--repo", "repo", "--scratch", &url];
    let ran = bed.sandbox.run(&verify);
    assert_eq!(ran.code(), 0, "{ran}");
    copy
}

fn fill(bed: &Bed) {
    execute(
        bed,
        &[
            "create table customers (id int not null primary key, email varchar(40) not null unique, name varchar(60), \
             phone varchar(30), born date, note varchar(100))",
            "create table orders (id int not null primary key, customer int not null, customer_email varchar(60), \
             constraint of_customer foreign key (customer) references customers (id), \
             constraint of_email foreign key (customer_email) references customers (email))",
            "insert into customers values (17, 'ann@secret.example', 'Ann Secret', '0123 4567', '1980-02-03', 'likes secrets'), \
             (18, 'bob@secret.example', 'Bob Secret', null, '1990-05-06', null), \
             (4711, 'cid@secret.example', null, '999', null, '')",
            "insert into orders values (1, 17, 'ann@secret.example'), (2, 17, null), (3, 4711, 'cid@secret.example')",
        ],
    );
}

const RULES: [&str; 12] = [
    "--mask",
    "customers.id=hash",
    "--mask",
    "customers.email=fake",
    "--mask",
    "customers.name=fake",
    "--mask",
    "customers.phone=fake",
    "--mask",
    "customers.born=fake",
    "--mask",
    "customers.note=constant:gone",
];

/// All that a repository holds, decompressed.
fn stored(bed: &Bed) -> String {
    let files = bed.sandbox.work().join("repo");
    let script = "find . -name '*.raw' -exec cat {} + ; cat snapshots/*.json";
    let out = std::process::Command::new("sh").args(["-c", script]).current_dir(files).output().unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn masked_values_fit_together(bed: &Bed) {
    fill(bed);
    let ran = create(bed, &[&RULES[..], &["--compression", "none"]].concat());
    if bed.server == Server::Sqlite {
        assert_eq!(ran.code(), 2, "{ran}");
        return;
    }
    assert_eq!(ran.code(), 0, "{ran}");
    let made: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let masked = made["masked"].as_array().unwrap();
    assert_eq!(masked.len(), 8, "{made}");
    let follows = masked.iter().filter(|each| !each["follows"].is_null()).count();
    assert_eq!(follows, 2, "{made}");
    for secret in ["secret", "Secret", "4711", "1980-02-03", "0123 4567"] {
        assert!(!stored(bed).contains(secret), "{secret}");
    }
    let copy = restored(bed);
    let mut session = copy.open();
    let joined = "select count(*) from orders o join customers c on c.id = o.customer";
    assert_eq!(one(session.as_mut(), joined), "3");
    let joined =
        "select count(*) from orders o join customers c on c.email = o.customer_email and c.id = o.customer";
    assert_eq!(one(session.as_mut(), joined), "2");
    assert_eq!(
        one(session.as_mut(), "select count(*) from customers where email like 'u%@example.com'"),
        "3"
    );
    assert_eq!(one(session.as_mut(), "select count(*) from customers where id between 10 and 99"), "2");
    assert_eq!(one(session.as_mut(), "select count(*) from customers where id between 1000 and 9999"), "1");
    let nulls = "select count(*) - count(name) + 10 * (count(*) - count(phone)) + 100 * (count(*) - count(born)) \
                 + 1000 * (count(*) - count(note)) from customers";
    assert_eq!(one(session.as_mut(), nulls), "1111");
    assert_eq!(one(session.as_mut(), "select count(*) from customers where note = 'gone'"), "2");
    assert_eq!(
        one(session.as_mut(), "select count(*) from customers where name like '% %' and phone <> '999'"),
        "1"
    );
}

/// A column of each type, by the name of its rule.
fn every_type_that_can_be_masked(bed: &Bed) {
    let mut columns = match bed.server.family() {
        Family::Sqlite => return,
        Family::Postgres => vec![
            ("text", "'word'"),
            ("varchar(7)", "'word'"),
            ("character(9)", "'word'"),
            ("smallint", "-12"),
            ("integer", "2147483647"),
            ("bigint", "9223372036854775807"),
            ("numeric", "12.345"),
            ("numeric(6,2)", "-9999.99"),
            ("numeric(6,2)", "0"),
            ("real", "1.1"),
            ("double precision", "1e300"),
            ("double precision", "'NaN'"),
            ("numeric", "'NaN'"),
            ("date", "'2000-02-29'"),
            ("date", "'infinity'"),
            ("timestamp", "'2000-01-01 12:13:14.15'"),
            ("timestamptz(3)", "'2000-01-01 12:13:14.15+01'"),
            ("uuid", "'00000000-0000-0000-0000-000000000000'"),
            ("bytea", "'\\x00ff'"),
            ("json", "'{\"a\": 1}'"),
            ("jsonb", "'{\"a\": 1}'"),
        ],
        Family::Mysql => vec![
            ("text", "'word'"),
            ("varchar(7)", "'word'"),
            ("char(9) character set latin1", "'word'"),
            ("varchar(20) character set utf16", "'word'"),
            ("smallint", "-12"),
            ("int unsigned", "4294967295"),
            ("bigint unsigned", "18446744073709551615"),
            ("bigint", "9223372036854775807"),
            ("decimal(12,3)", "12.345"),
            ("decimal(6,2)", "-9999.99"),
            ("double", "1e300"),
            ("date", "'2000-02-29'"),
            ("datetime(6)", "'2000-01-01 12:13:14.15'"),
            ("timestamp null", "'2000-01-01 12:13:14'"),
            ("timestamp null", "'1970-01-01 12:13:14'"),
            ("binary(4)", "x'00ff'"),
            ("varbinary(4)", "x'00ff'"),
            ("blob", "x'00ff'"),
            ("json", "'{\"a\": 1}'"),
        ],
    };
    if bed.server == Server::Mariadb {
        // Text with a check, which no rule that makes text can keep.
        columns.retain(|(ty, _)| *ty != "json");
    }
    let mut definitions = vec!["id int not null primary key".to_owned()];
    let mut rules = Vec::new();
    for (at, (ty, _)) in columns.iter().enumerate() {
        for rule in ["hash", "fake", "null"] {
            definitions.push(format!("{rule}_{at} {ty}"));
            rules.push(format!("every.{rule}_{at}={rule}"));
        }
    }
    let values = columns.iter().flat_map(|(_, value)| [*value; 3]).collect::<Vec<_>>().join(", ");
    execute(
        bed,
        &[
            &format!("create table every ({})", definitions.join(", ")),
            &format!("insert into every values (1, {values})"),
            "insert into every (id) values (2)",
        ],
    );
    let rules: Vec<&str> = rules.iter().flat_map(|rule| ["--mask", rule.as_str()]).collect();
    let ran = create(bed, &rules);
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = restored(bed);
    let before = rows(bed.open().as_mut(), "select * from every order by id");
    let after = rows(copy.open().as_mut(), "select * from every order by id");
    assert_eq!(before[1], after[1]);
    let same: Vec<usize> = (1..before[0].len())
        .filter(|at| before[0][*at].is_some() && before[0][*at] == after[0][*at])
        .map(|at| (at - 1) / 3)
        .collect();
    for at in same {
        let value = columns[at].1;
        let ends = ["2147483647", "4294967295", "9223372036854775807", "18446744073709551615"];
        let stays = [&ends[..], &["0", "'NaN'", "'infinity'", "'1970-01-01 12:13:14'"]].concat();
        assert!(stays.contains(&value), "{:?} stayed as it was", columns[at]);
    }
    for at in (3..before[0].len()).step_by(3) {
        assert_eq!(after[0][at], None);
    }
}

/// Every number becomes another one, and no two the same.
fn numbers_stay_different(bed: &Bed) {
    if bed.server == Server::Sqlite {
        return;
    }
    let text = bed.server.pick("text", "text", "varchar(100)");
    execute(
        bed,
        &[&format!(
            "create table many (id int not null primary key, code bigint unique, name {text} unique)"
        )],
    );
    let values = |from: u64| {
        let rows =
            (from..from + 3000).map(|id| format!("({id}, {}, 'n{id}')", 9_000_000_000_000_000_000 + id));
        rows.collect::<Vec<_>>().join(", ")
    };
    for from in [1, 98_000, 2_147_480_000] {
        execute(bed, &[&format!("insert into many values {}", values(from))]);
    }
    let ran =
        create(bed, &["--mask", "many.id=hash", "--mask", "many.code=fake", "--mask", "many.name=fake"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let copy = restored(bed);
    let found = rows(copy.open().as_mut(), "select id, code, name from many");
    let ids: BTreeSet<u64> = found.iter().map(|row| row[0].as_ref().unwrap().parse().unwrap()).collect();
    assert_eq!(ids.len(), 9000);
    for (digits, count) in [(1, 9), (2, 90), (3, 900), (4, 2001), (5, 2000), (6, 1000), (10, 3000)] {
        assert_eq!(ids.iter().filter(|id| id.to_string().len() == digits).count(), count, "{digits} digits");
    }
    let close = ids.iter().filter(|id| **id > 2_147_480_000).count();
    assert!(close < 100, "{close} numbers stayed where they were");
    assert!(ids.last().unwrap() <= &2_147_483_647);
}

fn a_key_gives_the_same_again(bed: &Bed) {
    fill(bed);
    if bed.server == Server::Sqlite {
        return;
    }
    bed.sandbox.write(
        "dbwright.toml",
        "[profile.here]\nurl = \"${URL}\"\n[profile.here.backup]\nrepo = \"repo\"\nmask_key_env = \"MASK_KEY\"\n\
         mask = { \"customers.email\" = \"hash\" }\n",
    );
    let with = |key: &str| {
        let mut command = bed.sandbox.command(["backup", "here", "--json"]);
        let ran = Ran::of(command.env("URL", bed.url()).env("MASK_KEY", key));
        let made: Value =
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
        made["new"].as_u64().unwrap()
    };
    assert!(with("a key of sixteen letters") > 0);
    assert_eq!(with("a key of sixteen letters"), 0);
    assert!(with("another key of many letters") > 0);
    let ran = Ran::of(bed.sandbox.command(["backup", "here"]).env("URL", bed.url()));
    assert!(ran.stderr.contains("MASK_KEY holds no key"), "{ran}");
    let manifests = std::process::Command::new("grep")
        .args(["-r", "sixteen letters", "."])
        .current_dir(bed.sandbox.work().join("repo"))
        .output()
        .unwrap();
    assert!(manifests.stdout.is_empty());
}

fn what_a_rule_would_break_is_refused(bed: &Bed) {
    fill(bed);
    if bed.server == Server::Sqlite {
        return;
    }
    execute(
        bed,
        &[
            "create table checked (id int not null primary key, note varchar(20), \
             constraint short check (char_length(note) < 8))",
            "insert into checked values (1, 'a')",
        ],
    );
    for (rule, says) in [
        ("customers.email=null", "customers.email cannot be null"),
        ("customers.email=constant:x", "no two rows may have the same"),
        ("orders.customer=hash", "which is not masked"),
        ("checked.note=hash", "would break its check"),
        (
            "customers.born=constant:32",
            if bed.server.family() == Family::Postgres { "cannot mask columns" } else { "" },
        ),
        ("customers.nmae=fake", "has no column nmae"),
    ] {
        let ran = create(bed, &["--mask", rule]);
        if !says.is_empty() {
            assert_ne!(ran.code(), 0, "{rule}: {ran}");
            assert!(ran.stderr.contains(says), "{rule}: {ran}");
        }
    }
    let ran = create(bed, &["--mask", "checked.note=fake"]);
    assert_eq!(ran.code(), 0, "{ran}");
}
