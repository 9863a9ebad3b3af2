//! `\copy`: a table to a file and back is the same table.

use crate::servers::{Bed, on_every_server, rows};

on_every_server!(csv_and_tsv_come_back_as_they_went, a_query_is_copied_out, wrong_files_are_told);

fn fill(bed: &Bed) {
    let mut session = bed.open();
    let (blob, bytes) =
        bed.server.pick(("blob", "x'00ff0a22'"), ("bytea", "'\\x00ff0a22'"), ("blob", "0x00ff0a22"));
    let backslash = bed.server.pick("\\", "\\", "\\\\");
    session
        .execute(&format!("create table t (id int, s varchar(200), b {blob}, f decimal(20,5))"), &[])
        .unwrap();
    session
        .execute(&format!("create table back (id int, s varchar(200), b {blob}, f decimal(20,5))"), &[])
        .unwrap();
    for (id, values) in [
        "null, null, null".to_owned(),
        "'', null, 0".to_owned(),
        format!("'a,b;\"c\" ''d'' {backslash}N {backslash}', {bytes}, 1.5"),
        format!("'two\nlines\r\nthree\t', {bytes}, -12345678901234.56789"),
        "'日本 🦀', null, null".to_owned(),
        "'NULL', null, null".to_owned(),
        format!("'{backslash}.', null, null"),
        "' spaces ', null, null".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        session.execute(&format!("insert into t values ({id}, {values})"), &[]).unwrap();
    }
}

fn csv_and_tsv_come_back_as_they_went(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let read = "select id, s, b, f from t order by id";
    let original = rows(session.as_mut(), read);
    assert_eq!(original.len(), 8);
    for options in ["csv", "csv header", "tsv", "tsv header"] {
        let script =
            format!("\\copy t to 'my file.txt' {options}\n\\copy back from 'my file.txt' {options}\n");
        bed.sandbox.write("s.sql", script);
        let ran = bed.connect(&["-f", "s.sql"]);
        assert_eq!(ran.out(), "", "{ran}");
        assert!(ran.stderr.contains("8 rows"), "{ran}");
        ran.ok();
        let back = rows(session.as_mut(), &read.replace(" t ", " back "));
        assert_eq!(back, original, "{options}: {}", bed.sandbox.read("my file.txt"));
        session.execute("delete from back", &[]).unwrap();
    }
}

fn a_query_is_copied_out(bed: &Bed) {
    fill(bed);
    bed.connect(&["-c", "\\copy (select id, s from t where id < 2 order by id) to out.csv csv header"]).ok();
    assert_eq!(bed.sandbox.read("out.csv"), "id,s\n0,\n1,\"\"\n");
    let out = bed.connect(&["-c", "\\copy t (id) to - csv"]);
    assert_eq!(out.ok().lines().count(), 8);
    let mut command = bed.connect_command(&["-q", "-c", "\\copy back (id, s) from - csv"]);
    crate::process::Ran::fed(&mut command, b"7,x\n8,\n").ok();
    let mut session = bed.open();
    let back = rows(session.as_mut(), "select id, s, f from back order by id");
    assert_eq!(back, [[Some("7".into()), Some("x".to_owned()), None], [Some("8".into()), None, None]]);
}

fn wrong_files_are_told(bed: &Bed) {
    fill(bed);
    let said = bed.connect(&["-c", "\\copy back from missing.csv"]).fails(1);
    assert!(said.contains("missing.csv"), "{said}");
    bed.sandbox.write("bad.csv", "1,a\n2,b,c,d,e,f\n");
    let said = bed.connect(&["-c", "\\copy back (id, s) from bad.csv"]).fails(1);
    assert!(said.contains('2'), "the line is told: {said}");
    assert!(rows(bed.open().as_mut(), "select * from back").is_empty(), "half a file was copied");
    let said = bed.connect(&["-c", "\\copy back to no/such/folder.csv"]).fails(1);
    assert!(said.contains("cannot write no/such/folder.csv"), "{said}");
    let said = bed.connect(&["-c", "\\copy nonesuch to x.csv"]).fails(1);
    assert!(said.contains("nonesuch"), "{said}");
}
