//! `schema gen` from one engine to another: what is written loads, and what cannot go along is
//! told. Each line here once made a script that did not load, or meant something else.

use dbwright::engine::engine_for;
use dbwright::model::catalog::{Catalog, Detail, Scope};
use dbwright::sql::split_str;

use crate::process::Ran;
use crate::servers::{Bed, Server, on_every_server};

on_every_server!(
    what_is_carried_loads,
    the_example_of_the_docs_loads,
    oddities_come_back,
    numbers_of_a_sequence_are_told,
);

const SQLITE: &str = r#"
create table p(id integer primary key check (id > 0), k int, name text, b text, d date, f boolean,
  check (name is 'x' or b is name), check (k > 0), check (not k), check (name > 5), check (k = 'x'));
create table child(id int primary key, p text references p(id), q int references p(k), r int references p(id),
  u references p(id));
create table g(a int, b int as (a + 1), c int as (b + 1) stored, t text as (a > 1), ok boolean as (a > 1));
create table d(a date default '', b int default true, c time default '-10:00:00', e decimal(5,9), f int default 'x',
  g boolean default 2, h date default '2024-02-29', i varchar(2) default 'abc', j text default ('a' || 'b'));
create table odd(a real default -1.5e-3, "🦆" int, "order" text check ("order" <> ''), t text default ('x' || 'y'));
create view v_group as select k, name, count(*) as n from p group by k;
create view v_where as select id from p where k;
create view v_not as select id from p where not k;
create view v_kinds as select id from p where k = 'x' or name > 5;
create view v_sum as select sum(name) as n from p;
create view v_abs as select abs(name) as n, lower(k) as l from p;
create view v_max as select max(k, id) as n from p;
create view v_trim as select trim(name, 'x') as n from p;
create view v_having as select k, count(*) as n from p group by k having n > 1;
create view v_order as select distinct k from p order by name;
create view v_having2 as select count(*) as n from p having count(*) > 1;
create view v_twice as select a.id, b.id from p a join p b on a.id = b.id;
create view v_in as select id from p where k in ();
create view v_sub as select id from (select id from p);
create view v_lost as select n from v_max;
create view w_plain as select id, name as "Name", lower(name), name || '-' || b as both from p where name <> '' order by name;
create view w_group as select k as kk, count(*) as n, sum(id) as s from p group by k having count(*) > 0 order by n desc;
create view w_join as select x.id, y.r from p as x left join child y on y.r = x.id where x.id in (select id from p);
create view w_over as select kk, n from w_group;
create view w_list(x, y) as select id, k + 1 from p;
create view w_case as select id, case when k > 1 then 'many' else 'few' end as much, "order" from p, odd;
"#;

const MYSQL: &str = r"
create table p(id int primary key auto_increment, k int, name varchar(20), b varchar(20), f tinyint(1), e enum('a','b'), m datetime,
  check (k > 0), check (regexp_like(name, 'x')), check (f = 1), check (e = 'a'), check (concat(name, b) <> ''), check (m > '2020-01-01'));
create table g(a int, b int as (a + 1), c int as (b + 1) stored, n varchar(9) as (a > 1));
create table d(c time default '-10:00:00', t varchar(20) default (concat('a', 'b')), x double default -1.5e-3);
create view v_flag as select id from p where f = 1;
create view v_int as select id from p where k;
create view v_kinds as select id from p where k = 'x';
create view v_sum as select sum(name) as n from p;
create view v_match as select id from p where regexp_like(name, 'x');
create view v_lost as select id from v_match;
create view w_pairs as select p.id, g.a from p, g where p.id > 1;
create view w_over as select id from w_pairs;
create view v_having as select k, count(0) as n from p group by k having n > 1;
create view w_group as select k, count(0) as n from p group by k having count(0) > 1;
create view w_text as select concat(name, '-', b) as both_ from p where e = 'a';
";

/// What is told lost, and what is there, on every other engine.
const LOST_FROM_SQLITE: &[&str] = &["v_max", "v_trim", "v_in", "v_lost", "v_group", "v_having2", "v_twice"];

fn load(bed: &Bed, script: &str) {
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    let engine = bed.server.kind();
    for statement in split_str(script, engine_for(engine).dialect(engine)) {
        let result = session.execute(&statement.text, &[]);
        result.unwrap_or_else(|error| panic!("{:?}: {error}\n{}", bed.server, statement.text));
    }
}

fn generate(bed: &Bed, server: Server, from: &[&str]) -> Ran {
    bed.sandbox.run(&[&["schema", "gen", "--engine", server.kind().word()], from].concat())
}

fn views(catalog: &Catalog) -> Vec<&str> {
    let views = catalog.objects.iter().filter(|object| matches!(object.detail, Detail::View(_)));
    views.map(|object| object.name.name.as_str()).collect()
}

/// Everything of a database is on every other engine, or told.
fn what_is_carried_loads(bed: &Bed) {
    let (script, lost) = match bed.server {
        Server::Sqlite => (SQLITE, LOST_FROM_SQLITE),
        Server::Mysql => (MYSQL, &["v_match", "v_lost"][..]),
        _ => return,
    };
    load(bed, script);
    let here = bed.open().catalog(Scope::default()).unwrap();
    for server in Server::ALL.into_iter().filter(|server| *server != bed.server && server.is_there()) {
        let other = Bed::new(server, "carried_all");
        let ran = generate(bed, server, &["--from", &bed.url()]);
        assert_eq!(ran.code(), 0, "{ran}");
        load(&other, &ran.out());
        let there = other.open().catalog(Scope::default()).unwrap();
        let carried = views(&there);
        for view in views(&here) {
            let told = ran.stderr.contains(&format!("view {view}: all of it"));
            assert!(carried.contains(&view) != told, "{server:?}: {view}\n{ran}");
            assert!(told || !lost.contains(&view), "{server:?}: {view} is not lost\n{ran}");
            assert!(!told || !view.starts_with("w_"), "{server:?}: {view} is lost\n{ran}");
        }
        let strict = generate(bed, server, &["--from", &bed.url(), "--strict"]);
        assert_eq!(strict.code(), 1, "{strict}");
    }
}

/// The first example of docs/definition.md, with its one wrong name put right.
fn the_example_of_the_docs_loads(bed: &Bed) {
    let docs = include_str!("../../../docs/definition.md");
    let example = docs.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let right = example.replace("\"made_on\"", "\"state\"");
    assert_ne!(right, example);
    let more = "[tables.customer.columns.shown]\ntype = \"text\"\ngenerated = \"email || '-x'\"\n";
    bed.sandbox.write("shop.toml", format!("{right}\n{more}"));
    load(bed, &generate(bed, bed.server, &["shop.toml"]).ok());
    load(bed, "insert into customer (id, email, name) values (1, 'a', 'b')");
    let mut session = bed.open();
    assert_eq!(crate::servers::one(session.as_mut(), "select shown from customer"), "a-x");
    assert_eq!(crate::servers::one(session.as_mut(), "select count(*) from big_order"), "0");
    bed.sandbox.write(
        "bars.toml",
        "version = 1\n[tables.t.columns]\na = \"int32\"\n[views]\nv = \"select a || 1 as b from t\"\n",
    );
    let ran = generate(bed, bed.server, &["bars.toml", "--strict"]);
    let joins = bed.server.pick(true, true, false);
    assert_eq!(ran.code(), if joins { 0 } else { 1 }, "{ran}");
    assert_eq!(ran.stderr.contains("OR there"), !joins, "{ran}");
}

/// What SQLite takes and others do not comes back from a definition; what a definition cannot hold
/// is told.
fn oddities_come_back(bed: &Bed) {
    if bed.server != Server::Sqlite {
        return;
    }
    load(
        bed,
        "create table p (id integer primary key, d decimal(2,5), r real default -1.5e-3);
         create table down (id integer primary key desc, w int, u int, unique (u desc), constraint k unique (w desc));
         create table loose (id int primary key, x);
         create table two (a int, b text not null, primary key (b, a));",
    );
    bed.sandbox
        .run(&["schema", "gen", "--from", &bed.url(), "--as", "definition", "-o", "o.toml", "--strict"])
        .ok();
    let ran = bed.sandbox.run(&["schema", "diff", &bed.url(), "o.toml", "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}\n{}", bed.sandbox.read("o.toml"));
    for server in Server::ALL.into_iter().filter(|server| server.is_there()) {
        let other = Bed::new(server, "oddities");
        let ran = generate(bed, server, &["o.toml"]);
        load(&other, &ran.out());
        let ran = generate(bed, server, &["--from", &bed.url()]);
        let no_type = "column loose.x: no type: the column has no type and holds values of any";
        assert_eq!(ran.stderr.contains(no_type), server != bed.server, "{ran}");
    }
    load(bed, "create table c (p text references p(id))");
    let ran = bed.sandbox.run(&["schema", "gen", "--from", &bed.url(), "--as", "definition", "-o", "o.toml"]);
    assert!(ran.stderr.contains("table c: foreign key (p): both ends"), "{ran}");
    generate(bed, Server::Sqlite, &["o.toml"]).ok();
}

/// A default that needs a sequence, which no definition holds.
fn numbers_of_a_sequence_are_told(bed: &Bed) {
    if bed.server != Server::Mariadb {
        return;
    }
    load(
        bed,
        "create sequence s; create table t (id int primary key default nextval(s), n varchar(9) default 's')",
    );
    for server in Server::ALL.into_iter().filter(|server| server.is_there()) {
        let other = Bed::new(server, "sequence");
        let ran = generate(bed, server, &["--from", &bed.url()]);
        assert!(ran.stderr.contains("column t.id: default nextval"), "{ran}");
        assert!(!ran.stderr.contains("column t.n"), "{ran}");
        load(&other, &ran.out());
    }
}
