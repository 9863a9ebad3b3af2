//! Whole files: what is right is understood, and what is wrong brings its complaints.

use std::path::{Path, PathBuf};

use super::*;
use crate::definition::{ConstraintKind, DefaultValue, Rule};
use crate::model::catalog::Action;
use crate::model::types::Portable;

fn parse(text: &str, syntax: Syntax) -> Result<Definition, Vec<Error>> {
    read(&[Source { name: "shop".into(), text: text.into(), syntax }])
}

fn source(path: &Path) -> Source {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    Source { name, text: std::fs::read_to_string(path).unwrap(), syntax: Syntax::of(path).unwrap() }
}

/// Each wrong file stands beside the complaints it must bring; `DBWRIGHT_BLESS=1` writes them.
#[test]
fn the_wrong_files_bring_their_complaints() {
    let folder =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("tests/cases/definition/invalid");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending != "expected"));
    paths.sort();
    assert!(paths.len() >= 7);
    for path in paths {
        let mut text = String::new();
        for problem in read(&[source(&path)]).expect_err(&path.display().to_string()) {
            let at = problem.place().expect("every complaint has a place");
            text += &format!("{}:{}:{}: {}\n", at.source, at.line, at.column, problem.message());
            problem.hints().iter().for_each(|hint| text += &format!("    help: {hint}\n"));
        }
        let expected = PathBuf::from(format!("{}.expected", path.display()));
        if std::env::var_os("DBWRIGHT_BLESS").is_some() {
            std::fs::write(&expected, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(expected).unwrap_or_default(), "{}", path.display());
    }
}

const SHORT: &str = r#"
[enums]
status = ["new", "paid"]
[tables.customer.columns]
id = "int64 identity primary key"
email = "varchar(200) not null unique"
state = "status default 'new'"
[tables.order.columns]
id = "int64 identity always primary key"
customer = "int64 not null references customer on delete cascade on update set null"
total = "decimal(10,2) not null default -1.5 check (total > -2)"
made = "timestamptz(3) default now()"
[tables.order.indexes]
by_total = ["total desc", "(lower('x'))"]
"#;

const LONG: &str = r"
enums: {status: {values: [new, paid]}}
tables:
  customer:
    columns:
      id: {type: int64, identity: true}
      email: {type: varchar(200), nullable: false}
      state: {type: status, default: new}
    primary_key: [id]
    unique: [[email]]
  order:
    columns:
      id: {type: int64, identity: always}
      customer: {type: int64, nullable: false}
      total: {type: 'decimal(10,2)', nullable: false, default: -1.5}
      made: {type: timestamptz(3), default: now()}
    primary_key: id
    foreign_keys:
      - {columns: customer, references: customer(id), on_delete: cascade, on_update: set null}
    checks: [total > -2]
    indexes:
      by_total: {columns: [{column: total, order: desc}, {expression: lower('x')}]}
";

fn without_places(mut definition: Definition) -> Definition {
    definition.enums.iter_mut().for_each(|each| each.at = Place::default());
    for table in &mut definition.tables {
        table.at = Place::default();
        table.columns.iter_mut().for_each(|each| each.at = Place::default());
        table.constraints.iter_mut().for_each(|each| each.at = Place::default());
        table.constraints.sort_by_key(|each| format!("{:?}", each.kind));
        table.indexes.iter_mut().for_each(|each| each.at = Place::default());
    }
    definition
}

#[test]
fn short_and_long_say_the_same() {
    let short = parse(SHORT, Syntax::Toml).unwrap();
    let long = parse(LONG, Syntax::Yaml).unwrap();
    assert_eq!(without_places(short), without_places(long));
}

#[test]
fn what_is_written_is_understood() {
    let shop = parse(SHORT, Syntax::Toml).unwrap();
    let order = &shop.tables[1];
    assert_eq!(order.name.to_string(), "order");
    let words: Vec<&str> = order.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(words, ["id", "customer", "total", "made"]);
    assert_eq!(order.columns[0].identity.as_ref().unwrap().rule, Rule::Always);
    assert!(!order.columns[0].nullable && order.columns[3].nullable);
    assert_eq!(order.columns[2].default, Some(DefaultValue::Number("-1.5".into())));
    let foreign = order.constraints.iter().find_map(|each| match &each.kind {
        ConstraintKind::ForeignKey(reference) => Some(reference),
        _ => None,
    });
    let foreign = foreign.unwrap();
    assert_eq!(foreign.referenced, ["id"]);
    assert_eq!((foreign.on_delete, foreign.on_update), (Action::Cascade, Action::SetNull));
    let state = shop.tables[0].column("state").unwrap();
    let Some(Portable::Enum { labels, .. }) = &state.ty else { panic!("{state:?}") };
    assert_eq!(labels, &["new", "paid"]);
}

/// What one file refers to may stand in another.
#[test]
fn files_make_up_one_definition() {
    let one = Source { name: "a".into(), text: "enums: {e: [x]}\n".into(), syntax: Syntax::Yaml };
    let text = "[tables.t.columns]\ncolour = \"e\"\n";
    let other = Source { name: "b".into(), text: text.into(), syntax: Syntax::Toml };
    assert_eq!(read(&[one.clone(), other.clone()]).unwrap().tables.len(), 1);
    let twice = read(&[one, other.clone(), other]).unwrap_err();
    assert_eq!(twice[0].message(), "table or view `t` stands here a second time");
}
