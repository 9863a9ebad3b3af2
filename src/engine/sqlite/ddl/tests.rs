//! Databases built from their own catalogs.

use rusqlite::Connection;

use super::*;
use crate::catalog::read;
use crate::model::catalog::{Detail, Scope};
use crate::sql::{split_str, write_script};

/// Every kind of object and clause that SQLite keeps, and names that bite.
const EVERYTHING: &str = r#"
pragma page_size = 8192; pragma encoding = 'UTF-16le'; pragma auto_vacuum = 2;
pragma user_version = 7; pragma application_id = -99;
create table parent (id integer primary key autoincrement, "Full Name" text not null on conflict ignore
    collate nocase constraint full_key unique on conflict replace, code text constraint code_key unique,
    x int constraint x_pos check (x > 0) default (1+2), y int as (x * 2) stored,
    z text generated always as ('a;' || code) virtual) strict;
create table [child "quoted" 😀] (pid int not null constraint to_parent references Parent(ID) on delete cascade
    on update set null deferrable initially deferred, k text, primary key (pid, k desc) on conflict fail,
    check (k <> 'a,b)'), constraint pair unique (k collate nocase, pid) foreign key (k) references parent)
    without rowid;
create table nopk (a, b "weird type"(10, 2), c double precision default -1.5, d default 'x''y;',
    e default current_timestamp, f default "dq", g default null, h default x'00ff', i default yes);
create table desc_pk (id integer primary key desc);
create table "select" ("from" text, "where" text primary key, "a.b" int unique, "new
line" int) without rowid, strict;
create table copied as select 1 as a, 'x' as b;
alter table nopk add column later text default 'l' check (later <> '');
alter table nopk rename column g to "G g";
create view first as select * from later;
create unique index part on nopk (a collate nocase desc, lower(b) asc, c + 1) where a is not null and b > ';';
create index "in dex" on parent ("Full Name", code desc) -- a comment
;
create index a2 on nopk (a); create index a1 on nopk (a);
create view second (a, "b b") as select p.id, c.k from parent p join [child "quoted" 😀] c on c.pid = p.id -- why; not
;
create view broken as select * from gone;
create virtual table fts using fts5(title, body, tokenize = 'porter');
create virtual table "other text" using fts5(title, content = '');
create virtual table geo using rtree(id, minx, maxx, miny, maxy);
create trigger ins instead of insert on second for each row when new.a > 1 begin
    insert into parent (id) values (new.a); /* ; end; */ end;
create trigger upd after update of a, b on nopk begin update parent set x = case when 1 then 2 else 3 end; end;
create trigger "del 'ete" delete on nopk begin select 'end;'; end;
create table later (a);
"#;

fn database(statements: &[String]) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for sql in statements {
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    connection
}

fn original(sql: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

fn catalog(connection: &Connection) -> Catalog {
    read(connection, "x", Scope::default()).unwrap()
}

fn statements(catalog: &Catalog) -> Vec<String> {
    SqliteDdl.create(catalog, DdlOptions::default()).into_iter().map(|piece| piece.sql).collect()
}

/// `sqlite_schema` as one text; data (`sqlite_sequence`, statistics) is no part of it.
fn schema(connection: &Connection) -> Vec<String> {
    let sql = "select type || '|' || name || '|' || tbl_name || '|' || coalesce(sql, '') from sqlite_schema
                where name not like 'sqlite\\_s%' escape '\\' order by type, name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// Indexes and triggers of each table in the order in which they were made.
fn order(connection: &Connection) -> Vec<String> {
    let sql = "select tbl_name || ' ' || type || ' ' || name from sqlite_schema
                where type in ('index', 'trigger') and tbl_name not like 'fts%' order by tbl_name, type, rowid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn a_copy_has_the_same_schema() {
    let original = original(EVERYTHING);
    let catalog_of_it = catalog(&original);
    let copy = database(&statements(&catalog_of_it));
    assert_eq!(schema(&copy), schema(&original));
    assert_eq!(order(&copy), order(&original));
    assert_eq!(catalog(&copy), catalog_of_it);
}

#[test]
fn texts_alone_make_the_same_statements() {
    let database = original(EVERYTHING);
    let texts = Scope { statements: true, ..Scope::default() };
    let texts = super::super::catalog::read(&database, ":memory:", texts).unwrap();
    assert_eq!(statements(&texts), statements(&catalog(&database)));
}

#[test]
fn the_script_is_cut_into_its_pieces_again() {
    // The splitter leaves white space at the end away, even after a comment.
    let wanted: Vec<String> =
        statements(&catalog(&original(EVERYTHING))).iter().map(|sql| sql.trim_end().to_owned()).collect();
    let pieces = SqliteDdl.create(&catalog(&original(EVERYTHING)), DdlOptions::default());
    let mut script = Vec::new();
    write_script(&mut script, &pieces, &SQLITE).unwrap();
    let script = String::from_utf8(script).unwrap();
    let cut: Vec<String> = split_str(&script, &SQLITE).into_iter().map(|statement| statement.text).collect();
    assert_eq!(cut, wanted);
    // And as SQLite itself reads a script.
    let copy = Connection::open_in_memory().unwrap();
    copy.execute_batch(&script).unwrap();
    assert_eq!(schema(&copy), schema(&original(EVERYTHING)));
}

/// Takes the definitions away, so that everything must be put together from its parts.
fn in_parts(catalog: &Catalog) -> Catalog {
    let mut parts = catalog.clone();
    for object in &mut parts.objects {
        object.definition = None;
        let (triggers, indexes) = match &mut object.detail {
            Detail::Table(table) => (&mut table.triggers, &mut table.indexes),
            Detail::View(view) => (&mut view.triggers, &mut view.indexes),
            _ => continue,
        };
        triggers.iter_mut().for_each(|each| each.definition = None);
        indexes.iter_mut().for_each(|each| each.definition = None);
    }
    parts
}

/// What does not depend on how a statement was written: constraints are written with their table.
fn comparable(catalog: &Catalog) -> Catalog {
    let mut catalog = in_parts(catalog);
    // The names that a view gives its columns are in its text alone.
    catalog
        .objects
        .retain(|object| !object.depends_on.is_empty() || matches!(object.detail, Detail::Table(_)));
    catalog.objects.retain(|object| object.name.name != "second");
    for object in &mut catalog.objects {
        object.depends_on.clear();
        let Detail::Table(table) = &mut object.detail else { continue };
        for constraint in &mut table.constraints {
            for attribute in &mut constraint.attributes {
                if attribute.name == "descending" {
                    attribute.value = constraint.columns.last().cloned().unwrap_or_default();
                }
            }
        }
        let rank = |each: &Constraint| format!("{:?} {:?} {:?}", each.kind, each.columns, each.name);
        table.constraints.sort_by_key(rank);
        // Numbered in the order of the constraints.
        for index in table.indexes.iter_mut().filter(|index| index.name.starts_with("sqlite_autoindex")) {
            let unnamed = index.constraint.as_deref() == Some(index.name.as_str());
            index.name = String::new();
            if unnamed {
                index.constraint = Some(String::new());
            }
        }
        table.indexes.sort_by_key(|index| format!("{} {:?}", index.name, index.keys));
    }
    catalog
}

#[test]
fn what_is_put_together_from_parts_is_the_same() {
    let wanted = catalog(&original(EVERYTHING));
    let made = catalog(&database(&statements(&in_parts(&wanted))));
    let (made, wanted) = (comparable(&made), comparable(&wanted));
    assert_eq!(made.objects.len(), wanted.objects.len());
    for (made, wanted) in made.objects.iter().zip(&wanted.objects) {
        assert_eq!(made, wanted);
    }
}

#[test]
fn what_is_put_together_reads_well() {
    let catalog = catalog(&original(
        "create table t (id integer primary key autoincrement, name text not null collate nocase default 'x',
            up as (upper(name)) stored, p int references u on delete cascade, check (name <> ''));
         create table u (a text, b int, constraint k primary key (a, b desc)) without rowid, strict;
         create index i on t (lower(name), p desc) where p > 1;
         create view v as select name from t;
         create trigger r after update of name on t when new.p > 1 begin select 1; end",
    ));
    let mut script = Vec::new();
    let pieces = SqliteDdl.create(&in_parts(&catalog), DdlOptions::default());
    write_script(&mut script, &pieces, &SQLITE).unwrap();
    insta::assert_snapshot!(String::from_utf8(script).unwrap(), @r#"
    -- table t
    CREATE TABLE "t" (
      "id" INTEGER PRIMARY KEY AUTOINCREMENT,
      "name" TEXT COLLATE "nocase" NOT NULL DEFAULT 'x',
      "up" GENERATED ALWAYS AS (upper(name)) STORED,
      "p" INT,
      FOREIGN KEY ("p") REFERENCES "u" ON DELETE CASCADE,
      CHECK (name <> '')
    );

    -- table u
    CREATE TABLE "u" (
      "a" TEXT NOT NULL,
      "b" INT NOT NULL,
      CONSTRAINT "k" PRIMARY KEY ("a", "b" DESC)
    ) STRICT, WITHOUT ROWID;

    -- view v
    CREATE VIEW "v" AS select name from t;

    -- index i
    CREATE INDEX "i" ON "t" (lower(name), "p" DESC) WHERE p > 1;

    -- trigger r
    CREATE TRIGGER "r" AFTER UPDATE OF name ON "t" FOR EACH ROW WHEN new.p > 1
    begin select 1; end;
    "#);
}

#[test]
fn defaults_are_literals_or_in_brackets() {
    for literal in ["1", "-1.5", "'a'", "x'00'", "NULL", "CURRENT_TIMESTAMP", "\"dq\"", "yes"] {
        assert_eq!(default_sql(literal), literal);
    }
    for expression in ["1 + 2", "random()", "-x", "'a' || 'b'", "(1)", ""] {
        assert_eq!(default_sql(expression), format!("({expression})"));
    }
}
