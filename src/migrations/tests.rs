use super::*;

fn files(files: &[(&str, &str)]) -> Vec<File> {
    files.iter().map(|(name, text)| File { name: (*name).into(), text: (*text).into() }).collect()
}

/// Each migration as `version name: up / down`.
fn told(list: &[(&str, &str)]) -> Result<(Style, Vec<String>)> {
    let files = files(list);
    let read = read("db", &files)?;
    let text = |scripts: &[Script]| {
        let texts = scripts.iter().map(|script| files[script.file].text[script.range.clone()].trim());
        texts.collect::<Vec<_>>().join(" + ")
    };
    let one = |each: &Migration| {
        let version = each.version.as_ref().map(ToString::to_string).unwrap_or("-".into());
        format!("{version} {}: {} / {}", each.name, text(&each.up), text(&each.down))
    };
    Ok((read.style, read.list.iter().map(one).collect()))
}

#[test]
fn files_of_each_tool_are_put_in_order() {
    let dbmate = told(&[
        ("20260102_b.sql", "-- migrate:up\nb\n-- migrate:down\nnot b"),
        ("20260101_a.sql", "-- migrate:up\na\n-- migrate:down\n"),
    ]);
    let expected = ["20260101 a: a / ", "20260102 b: b / not b"].map(str::to_owned).to_vec();
    assert_eq!(dbmate.unwrap(), (Style::Dbmate, expected));

    let up_down = told(&[
        ("10_z.up.sql", "z"),
        ("2_a.down.sql", "not a"),
        ("2_a.up.sql", "a"),
        ("README.md", "read me"),
    ]);
    let expected = ["2 a: a / not a", "10 z: z / "].map(str::to_owned).to_vec();
    assert_eq!(up_down.unwrap(), (Style::UpDown, expected));

    let flyway = told(&[
        ("R__views.sql", "views"),
        ("V1.10__d.sql", "d"),
        ("V1.2__c.sql", "c"),
        ("R__a.sql", "ra"),
        ("U1.2__c.sql", "not c"),
    ]);
    let expected = ["1.2 c: c / not c", "1.10 d: d / ", "- a: ra / ", "- views: views / "];
    assert_eq!(flyway.unwrap(), (Style::Flyway, expected.map(str::to_owned).to_vec()));

    let plain = told(&[("002.sql", "b"), ("001_a.sql", "a"), ("10.sql", "c")]);
    let expected = ["1 a: a / ", "2 : b / ", "10 : c / "].map(str::to_owned).to_vec();
    assert_eq!(plain.unwrap(), (Style::Plain, expected));
}

#[test]
fn a_baseline_stands_for_all_before_it() {
    let told = told(&[
        ("V1__a.sql", "a"),
        ("B2__base.sql", "base"),
        ("B1__old.sql", "old"),
        ("V2__b.sql", "b"),
        ("V3__c.sql", "c"),
        ("U1__a.sql", "not a"),
    ]);
    assert_eq!(told.unwrap().1, ["2 base: base / ", "3 c: c / "]);
}

#[test]
fn what_is_wrong_is_said() {
    let wrong = |list| told(list).unwrap_err();
    assert_eq!(wrong(&[("a.sql", "")]).message(), "there is no migration in db");
    assert_eq!(
        wrong(&[("1_a.sql", "x"), ("V2__b.sql", "x")]).message(),
        "db mixes migrations of two kinds: 1_a.sql is one of numbered files, V2__b.sql one of Flyway"
    );
    assert_eq!(
        wrong(&[("1_a.sql", "-- migrate:up\n"), ("2_b.sql", "x")]).message(),
        "db mixes migrations of two kinds: 1_a.sql is one of dbmate, 2_b.sql one of numbered files"
    );
    assert_eq!(
        wrong(&[("1_a.sql", "x"), ("01_b.sql", "x")]).message(),
        "db: 1_a.sql and 01_b.sql have the same version"
    );
    assert_eq!(
        wrong(&[("1_a.up.sql", "x"), ("2_b.down.sql", "x")]).message(),
        "db/2_b.down.sql takes back a migration that is not there"
    );
    let early = wrong(&[("1_a.sql", "-- x\n  create;\n-- migrate:up\n")]);
    let at = early.place().unwrap();
    assert_eq!((at.source.as_str(), at.line), ("db/1_a.sql", 2));
    assert!(wrong(&[("99999999999999999999_a.sql", "x")]).message().ends_with("beyond all bounds"));
}

#[test]
fn other_sql_files_are_told() {
    let read = read("db", &files(&[("1_a.sql", "x"), ("schema.sql", ""), ("notes.txt", "")])).unwrap();
    assert_eq!(read.ignored, ["schema.sql"]);
}
