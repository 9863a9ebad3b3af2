//! Backups of PostgreSQL: pg_dump must not be able to tell the restored database from the one that was
//! backed up, with its rows, large objects, sequences, owners and rights.

use super::schema_postgres::{cases, load, same_in_pg_dump};
use crate::servers::{Bed, Server};

/// Makes a test of each body on both versions.
macro_rules! on_postgres {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn pg15() { run(Server::Pg15, stringify!($body), super::$body); }
            #[test]
            fn pg18() { run(Server::Pg18, stringify!($body), super::$body); }
        }
    )* };
}

on_postgres! {
    every_kind_of_object, corners, large_objects_and_settings, what_is_odd_in_rows,
    tables_of_many_pages_are_read_in_parts,
}

#[track_caller]
fn comes_back(bed: &Bed) {
    let (from, jobs) = (bed.url(), ["--jobs", "3"]);
    let run = |arguments: &[&str]| {
        let ran = bed.sandbox.run(&[arguments, &["--repo", "repo"], &jobs].concat());
        assert_eq!(ran.code(), 0, "{ran}");
    };
    run(&["backup", &from]);
    let copy = Bed::new(bed.server, "restored");
    run(&["restore", "latest", "--to", &copy.url(), "--yes"]);
    same_in_pg_dump(bed, &copy, &[]);
    run(&["backup", "verify", "latest", "--restore", "--scratch", &from]);
}

fn every_kind_of_object(bed: &Bed) {
    load(bed, &cases().join("every_kind.sql"));
    if bed.server == Server::Pg18 {
        load(bed, &cases().join("since_18.sql"));
    }
    comes_back(bed);
}

fn corners(bed: &Bed) {
    load(bed, &cases().join("corners.sql"));
    comes_back(bed);
}

fn large_objects_and_settings(bed: &Bed) {
    let mut session = bed.open();
    for sql in [
        "select lo_create(7001)",
        "select lo_from_bytea(7002, decode(repeat('00ff5c0a', 3000), 'hex'))",
        "comment on large object 7002 is E'it''s \\\\ a\\nsecond line'",
        "grant select on large object 7002 to public",
        "create table t (id int generated always as identity, n numeric)",
        "insert into t (n) select i / 3.0 from generate_series(1, 100) i",
        "create materialized view filled as select count(*) from t",
        "create materialized view empty as select count(*) from t with no data",
        "create sequence never_called start 17",
    ] {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    session
        .execute(&format!("alter database {} set search_path = public, \"it's\"", bed.database), &[])
        .unwrap();
    comes_back(bed);
}

fn what_is_odd_in_rows(bed: &Bed) {
    let mut session = bed.open();
    for sql in [
        "create table \"Odd \"\"one\" (\"a b\" text, n numeric, f float4, d float8, at timestamptz, day date, span interval, \
         raw bytea, list int[], doc jsonb, bits bit varying, net inet, id uuid, range int4range)",
        "insert into \"Odd \"\"one\" values \
         (E'\\\\. \\t \\n \\r \\\\N', 'NaN', 'Infinity', '-Infinity', 'infinity', '-infinity', '-178000000 years', '\\x00ff5c', '{}', \
          '{\"a\": \"\\\\u00e9\"}', B'0101', '::1/64', '00000000-0000-0000-0000-000000000000', 'empty'), \
         ('', 1e-1000, 3.1415927410, 5e-324, '4713-01-01 BC', '5874897-12-31', '1 mon -1 day 00:00:00.000001', '', '{{1,NULL},{3,4}}', \
          'null', '', '10.0.0.1', null, '(,)'), \
         (null, null, null, null, null, null, null, null, null, null, null, null, null, null)",
        "create table nothing ()",
        "insert into nothing default values",
        "create table made (a int, b int generated always as (a * 2) stored)",
        "insert into made (a) values (1), (2)",
    ] {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    comes_back(bed);
}

fn tables_of_many_pages_are_read_in_parts(bed: &Bed) {
    let mut session = bed.open();
    for sql in [
        "create table wide (id int primary key, filler text)",
        "alter table wide alter filler set storage plain",
        "insert into wide select i, repeat(md5(i::text), 60) from generate_series(1, 9000) i",
        "delete from wide where id % 3 = 0",
        "vacuum wide",
    ] {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let ran = bed.sandbox.run(&["backup", &bed.url(), "--repo", "repo", "--json"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let manifest =
        std::fs::read_dir(bed.sandbox.work().join("repo/snapshots")).unwrap().next().unwrap().unwrap();
    let id = manifest.path().file_stem().unwrap().to_str().unwrap().to_owned();
    let manifest: serde_json::Value =
        serde_json::from_str(&bed.sandbox.read(&format!("repo/snapshots/{id}.json"))).unwrap();
    let table = &manifest["tables"][0];
    assert_eq!((table["name"].as_str(), table["rows"].as_u64()), (Some("wide"), Some(6000)));
    assert!(table["parts"].as_array().unwrap().len() > 1, "{table}");
    let copy = Bed::new(bed.server, "restored");
    let url = copy.url();
    let ran = bed.sandbox.run(&["restore", "latest", "--repo", "repo", "--to", &url, "--jobs", "3", "--yes"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let sums = "select count(*) || ' ' || sum(hashtext(w::text)) from wide w";
    assert_eq!(
        crate::servers::one(bed.open().as_mut(), sums),
        crate::servers::one(copy.open().as_mut(), sums)
    );
}
