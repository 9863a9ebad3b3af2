//! `schema gen`: a definition makes the same schema on every engine, a database comes back from its
//! definition, and what one engine has is found on another or told as a loss.

use std::collections::BTreeSet;

use dbwright::definition::{Source, Syntax, read, to_catalog};
use dbwright::engine::engine_for;
use dbwright::model::catalog::{Catalog, ConstraintKind, Object, Scope, Table};
use dbwright::model::target::EngineKind;
use dbwright::sql::split_str;

use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server, one};

on_every_server!(
    everything_is_made,
    a_database_comes_back,
    other_engines_carry_it,
    changes_set_the_moment,
    checks_of_a_column_come_back,
    shapes_and_pairs_come_along,
    what_needs_more_than_a_definition_holds_is_told,
);

const EVERYTHING: &str = include_str!("../../cases/definition/everything.toml");

fn generate(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.sandbox.run(&[&["schema", "gen"], arguments].concat())
}

fn engine(bed: &Bed) -> EngineKind {
    bed.target().engine
}

/// Runs a script in the bed's database.
#[track_caller]
fn load(bed: &Bed, script: &str) {
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    let dialect = engine_for(engine(bed)).dialect(engine(bed));
    for statement in split_str(script, dialect) {
        let result = session.execute(&statement.text, &[]);
        result.unwrap_or_else(|error| panic!("{:?}: {error}\n{}", bed.server, statement.text));
    }
}

fn catalog(bed: &Bed) -> Catalog {
    bed.open().catalog(Scope::default()).unwrap()
}

/// Makes everything in the bed's database.
fn make_everything(bed: &Bed) {
    bed.sandbox.write("everything.toml", EVERYTHING);
    let ran = generate(bed, &["everything.toml", "--engine", engine(bed).word()]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr);
    load(bed, &ran.out());
}

fn find<'c>(catalog: &'c Catalog, name: &str) -> Option<(&'c Object, &'c Table)> {
    catalog.tables().find(|(object, _)| object.name.name == name)
}

/// Keys and references of a table, by their columns: names are the engine's business.
fn constraints(table: &Table) -> BTreeSet<String> {
    let one = |each: &dbwright::model::catalog::Constraint| match &each.kind {
        ConstraintKind::PrimaryKey => Some(format!("primary key {:?}", each.columns)),
        ConstraintKind::Unique => Some(format!("unique {:?}", each.columns)),
        ConstraintKind::ForeignKey(to) => Some(format!(
            "{:?} -> {} {:?} {:?} {:?}",
            each.columns,
            to.table.name,
            to.referenced,
            same_action(to.on_delete),
            same_action(to.on_update)
        )),
        _ => None,
    };
    let mut found: BTreeSet<String> = table.constraints.iter().filter_map(one).collect();
    // MySQL tells a unique index and a unique constraint alike.
    for index in table.indexes.iter().filter(|index| index.unique && index.predicate.is_none()) {
        let columns: Vec<&str> = index.keys.iter().filter_map(|key| key.column.as_deref()).collect();
        if !found.contains(&format!("primary key {columns:?}")) {
            found.insert(format!("unique {columns:?}"));
        }
    }
    found
}

/// Where nothing is said, some engines say RESTRICT and mean NO ACTION.
fn same_action(action: dbwright::model::catalog::Action) -> dbwright::model::catalog::Action {
    use dbwright::model::catalog::Action;
    if action == Action::Restrict { Action::NoAction } else { action }
}

/// Indexes that are no part of a constraint, by what they are over.
fn indexes(table: &Table) -> BTreeSet<String> {
    let plain = table.indexes.iter().filter(|index| index.constraint.is_none() && !index.unique);
    plain
        .map(|index| {
            let keys: Vec<String> = index
                .keys
                .iter()
                .map(|key| {
                    format!(
                        "{}{}",
                        key.column.clone().unwrap_or("()".into()),
                        if key.descending { " desc" } else { "" }
                    )
                })
                .collect();
            format!("{} {keys:?} {:?} {}", index.name, index.include, index.predicate.is_some())
        })
        .collect()
}

fn everything_is_made(bed: &Bed) {
    make_everything(bed);
    let source = Source { name: "e".into(), text: EVERYTHING.into(), syntax: Syntax::Toml };
    let (wanted, losses) = to_catalog(&read(&[source]).unwrap(), engine(bed));
    let got = catalog(bed);
    assert_eq!(got.tables().count(), wanted.tables().count());
    for (object, table) in wanted.tables() {
        let name = &object.name.name;
        let (_, there) = find(&got, name).unwrap_or_else(|| panic!("no table {name}"));
        for (column, made) in table.columns.iter().zip(&there.columns) {
            let shown = format!("{name}.{}", column.name);
            assert_eq!(made.name, column.name);
            assert_eq!(made.nullable, column.nullable, "{shown}");
            // MariaDB's JSON is text with a check.
            if column.ty != "json" || bed.server != Server::Mariadb {
                assert_eq!(made.ty.to_lowercase(), column.ty.to_lowercase(), "{shown}");
            }
            assert_eq!(made.default.is_some(), column.default.is_some(), "{shown}");
            assert_eq!(made.generated.is_some(), column.generated.is_some(), "{shown}");
            assert_eq!(made.identity.is_some(), column.identity.is_some(), "{shown}");
            assert_eq!(made.comment, column.comment, "{shown}");
        }
        assert_eq!(there.columns.len(), table.columns.len());
        assert_eq!(constraints(there), constraints(table), "{name}");
        let made = indexes(there);
        for index in indexes(table) {
            assert!(made.contains(&index), "{name}: {index} is not in {made:?}");
        }
        let checks = |table: &Table| {
            table.constraints.iter().filter(|each| matches!(each.kind, ConstraintKind::Check { .. })).count()
        };
        assert!(checks(there) >= checks(table), "{name}");
    }
    let lost: Vec<String> = losses.iter().map(|loss| format!("{}: {}", loss.object, loss.what)).collect();
    let partial = lost.iter().any(|loss| loss.contains("index order_big WHERE"));
    assert_eq!(partial, matches!(bed.server, Server::Mysql | Server::Mariadb), "{lost:?}");
}

/// The definition of a database makes the same database.
fn a_database_comes_back(bed: &Bed) {
    make_everything(bed);
    for syntax in ["toml", "yaml", "json"] {
        let file = format!("again.{syntax}");
        let ran = generate(bed, &["--from", &bed.url(), "--as", "definition", "-o", &file, "--strict"]);
        assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr);
        let ran = generate(bed, &[&file, "--engine", engine(bed).word(), "--strict"]);
        assert_eq!(ran.status.code(), Some(0), "{}\n{}", ran.stderr, bed.sandbox.read(&file));
        let copy = Bed::new(bed.server, "comes_back_copy");
        load(&copy, &ran.out());
        let dump = |bed: &Bed| bed.sandbox.run(&["schema", "dump", &bed.url()]).out();
        let normal = |text: String| match bed.server {
            // The file keeps the statements as they were written.
            Server::Sqlite => String::new(),
            _ => text,
        };
        assert_eq!(normal(dump(&copy)), normal(dump(bed)), "{syntax}");
        let facts = |bed: &Bed| {
            let catalog = catalog(bed);
            let one = |(object, table): (&Object, &Table)| {
                (object.name.name.clone(), table.columns.clone(), constraints(table), indexes(table))
            };
            catalog.tables().map(one).collect::<Vec<_>>()
        };
        assert_eq!(facts(&copy), facts(bed), "{syntax}");
    }
}

/// Every NOT NULL, key, foreign key and index is on the other engine, or told as a loss.
fn other_engines_carry_it(bed: &Bed) {
    make_everything(bed);
    let here = catalog(bed);
    for server in Server::ALL.into_iter().filter(|server| *server != bed.server && server.is_there()) {
        let other = Bed::new(server, "carried");
        let ran = generate(bed, &["--from", &bed.url(), "--engine", engine(&other).word(), "--json"]);
        assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr);
        let told: serde_json::Value = serde_json::from_str(&ran.out()).unwrap();
        let losses = told["losses"].to_string();
        load(&other, told["text"].as_str().unwrap());
        let there = catalog(&other);
        for (object, table) in here.tables() {
            let name = &object.name.name;
            let (_, carried) = find(&there, name).unwrap_or_else(|| panic!("{server:?}: no table {name}"));
            for column in &table.columns {
                let carried = carried.columns.iter().find(|each| each.name == column.name).unwrap();
                assert_eq!(carried.nullable, column.nullable, "{server:?}: {name}.{}", column.name);
            }
            for constraint in constraints(table) {
                let there = constraints(carried);
                assert!(there.contains(&constraint), "{server:?}: {name}: {constraint} is not in {there:?}");
            }
            let made: BTreeSet<&str> = carried.indexes.iter().map(|index| index.name.as_str()).collect();
            for index in table.indexes.iter().filter(|index| index.constraint.is_none()) {
                let found = made.contains(index.name.as_str()) || losses.contains(&index.name);
                assert!(found, "{server:?}: {name}: {} is neither in {made:?} nor {losses}", index.name);
            }
        }
    }
}

/// ON UPDATE CURRENT_TIMESTAMP, by the engine's own words or by a trigger.
fn changes_set_the_moment(bed: &Bed) {
    let definition = r#"
        [tables."odd one".columns]
        id = "int32 primary key"
        note = "text"
        "doc" = "json"
        "last change" = { type = "timestamp default now()", on_update_now = true }
    "#;
    bed.sandbox.write("touched.toml", definition);
    let ran = generate(bed, &["touched.toml", "--engine", engine(bed).word(), "--strict"]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr);
    load(bed, &ran.out());
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    let q = if bed.server.pick(false, false, true) { '`' } else { '"' };
    let (table, column) = (format!("{q}odd one{q}"), format!("{q}last change{q}"));
    let mut after = |change: &str| {
        session.execute(&format!("update {table} set {change}"), &[]).unwrap();
        let count = format!("select count(*) from {table} where {column} < '2020-01-01'");
        one(session.as_mut(), &count)
    };
    load(bed, &format!("insert into {table} (id, note, {column}) values (1, 'a', '2001-02-03 04:05:06')"));
    assert_eq!(after("note = 'a'"), "1", "nothing changed");
    assert_eq!(after("note = 'b'"), "0", "a change sets it");
    assert_eq!(
        after(&format!("note = 'c', {column} = '2002-02-03 04:05:06'")),
        "1",
        "a value that is given stays"
    );
    assert_eq!(after("doc = '[1]'"), "0", "from NULL");
}

/// MariaDB keeps a check in the line of its column, under no name.
fn checks_of_a_column_come_back(bed: &Bed) {
    load(
        bed,
        "create table t (id integer primary key, a int check (a > 0), `b c` int check (`b c` > 1));"
            .replace('`', if bed.server.pick(true, true, false) { "\"" } else { "`" })
            .as_str(),
    );
    let url = bed.url();
    generate(bed, &["--from", &url, "--as", "definition", "-o", "t.toml", "--strict"]).ok();
    let scratch = if bed.server == Server::Sqlite { vec![] } else { vec!["--scratch", url.as_str()] };
    let ran = bed.sandbox.run(&[&["schema", "diff", &url, "t.toml", "--exit-code"], &scratch[..]].concat());
    assert_eq!(ran.code(), 0, "{ran}\n{}", bed.sandbox.read("t.toml"));
    for server in Server::ALL.into_iter().filter(|server| server.is_there()) {
        let made = generate(bed, &["--from", &url, "--engine", server.kind().word()]).ok();
        assert_eq!(made.matches("CHECK").count(), 2, "{server:?}\n{made}");
    }
}

/// Shapes and their indexes between MySQL and MariaDB, and a view of all pairs to every engine.
fn shapes_and_pairs_come_along(bed: &Bed) {
    let Some(kin) = engine(bed).kin() else { return };
    load(
        bed,
        "create table p (id int primary key, at geometry not null, to_ point not null, spatial key (at));
         create table c (n int);
         create view pairs as select p.id, c.n from p, c where p.id > 1;",
    );
    for server in Server::ALL.into_iter().filter(|server| server.is_there()) {
        let other = Bed::new(server, "shapes");
        let ran = generate(bed, &["--from", &bed.url(), "--engine", server.kind().word()]);
        assert_eq!(ran.code(), 0, "{ran}");
        load(&other, &ran.out());
        let there = catalog(&other);
        assert!(there.objects.iter().any(|object| object.name.name == "pairs"), "{ran}");
        if server.kind() == kin {
            let (_, table) = find(&there, "p").unwrap();
            assert_eq!((table.columns[1].ty.as_str(), table.indexes.len()), ("geometry", 2), "{ran}");
            assert!(!ran.stderr.contains("no such type"), "{ran}");
        }
    }
}

/// Defaults, checks, indexes and views that name sequences, functions and types of somebody's are
/// left out and told, so that what is left can be loaded.
fn what_needs_more_than_a_definition_holds_is_told(bed: &Bed) {
    if bed.server.pick(true, false, true) {
        return;
    }
    load(bed, "create function f(int) returns int immutable language sql as 'select $1';
         create domain posint as int default 7 check (value > 0); create domain below as posint;
         create type comp as (a int); create sequence one; create sequence two;
         create table t (id int default nextval('one'), a int default f(3), b posint, b2 below, c comp, cs comp[],
           e int check (f(e) > 0), g int default nextval('two'), h bigint default nextval('two'), i text check (lower(i) <> ''),
           j int generated always as (f(e)) stored, k posint[]);
         create index tf on t (f(e)); create index ti on t (i);
         create view v1 as select f(e) as x from t; create view v2 as select x from v1;
         create view v3 as select lower(i) as l, b from t; create view v4 as select (c).a from t;");
    let url = bed.url();
    let ran = generate(bed, &["--from", &url, "--as", "definition", "-o", "t.toml"]);
    assert_eq!(ran.code(), 0, "{ran}");
    for told in [
        "column t.a: default",
        "column t.c: type",
        "column t.cs: type",
        "column t.k: type",
        "table t: check",
        "column t.g: default",
        "column t.h: default",
        "column t.j: generated",
        "index tf",
        "view v1",
        "view v2",
        "view v4",
    ] {
        assert!(ran.stderr.contains(told), "{told}\n{ran}");
    }
    let made = generate(bed, &["t.toml", "--engine", "postgres"]);
    let copy = Bed::new(bed.server, "needs");
    load(&copy, &made.out());
    let there = catalog(&copy);
    let (_, table) = find(&there, "t").unwrap();
    let types: Vec<&str> = table.columns.iter().map(|column| column.ty.as_str()).collect();
    let expected = "integer integer integer integer text text integer integer bigint text integer text";
    assert_eq!(types.join(" "), expected);
    assert!(table.columns[0].identity.is_some());
    assert_eq!(table.columns[2].default.as_deref(), Some("7"));
    let checks = table.constraints.iter().filter(|each| matches!(each.kind, ConstraintKind::Check { .. }));
    assert_eq!((checks.count(), table.indexes.len()), (3, 1));
    let views = there.objects.iter().filter(|object| object.kind().word() == "view");
    assert_eq!(views.map(|object| object.name.name.as_str()).collect::<Vec<_>>(), ["v3"]);
    let ran = bed.sandbox.run(&["schema", "diff", &copy.url(), "t.toml", "--scratch", &url, "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
}
