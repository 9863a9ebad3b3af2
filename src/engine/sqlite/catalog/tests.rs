//! The whole reader on databases in memory.

use proptest::prelude::*;
use rusqlite::Connection;

use super::{other_text, read, table_text};
use crate::model::catalog::{
    Action, Catalog, Constraint, ConstraintKind, Detail, Name, Object, Scope, Table, View, attribute,
};

const ALL: Scope = Scope { sizes: true, privileges: true, statements: false };

fn catalog(sql: &str) -> Catalog {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    read(&connection, ":memory:", ALL).unwrap()
}

fn object<'a>(catalog: &'a Catalog, name: &str) -> &'a Object {
    let names: Vec<&str> = catalog.objects.iter().map(|object| object.name.name.as_str()).collect();
    catalog.relation(&Name::new("", name)).unwrap_or_else(|| panic!("no {name} in {names:?}"))
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    object(catalog, name).as_table().unwrap()
}

fn view<'a>(catalog: &'a Catalog, name: &str) -> &'a View {
    match &object(catalog, name).detail {
        Detail::View(view) => view,
        other => panic!("{other:?}"),
    }
}

fn named<'a>(table: &'a Table, name: &str) -> &'a Constraint {
    table.constraints.iter().find(|each| each.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn columns_have_all_that_the_text_says() {
    let catalog = catalog(
        "create table t (
            id integer primary key autoincrement,
            name text not null on conflict ignore collate nocase default ('a' || 'b'),
            price numeric(10, 2) constraint must not null default -1.5,
            twice as (price * 2) stored, low generated always as (lower(name)) virtual,
            plain)",
    );
    let columns = &table(&catalog, "t").columns;
    assert!(columns[0].identity.is_some() && !columns[0].nullable);
    assert_eq!(attribute(&columns[0].attributes, "rowid"), Some(""));
    assert_eq!(columns[1].collation.as_deref(), Some("nocase"));
    assert_eq!(columns[1].default.as_deref(), Some("'a' || 'b'"));
    assert_eq!(attribute(&columns[1].attributes, "not null on conflict"), Some("ignore"));
    assert_eq!((columns[2].ty.as_str(), columns[2].default.as_deref()), ("numeric(10, 2)", Some("-1.5")));
    assert_eq!(attribute(&columns[2].attributes, "not null constraint"), Some("must"));
    let generated = columns[3].generated.as_ref().unwrap();
    assert_eq!((generated.expression.as_str(), generated.stored), ("price * 2", true));
    let generated = columns[4].generated.as_ref().unwrap();
    assert_eq!((generated.expression.as_str(), generated.stored), ("lower(name)", false));
    assert_eq!((columns[5].ty.as_str(), columns[5].nullable), ("", true));
}

#[test]
fn constraints_come_in_order_with_names_and_clauses() {
    let catalog = catalog(
        "create table Parent (Id integer primary key, code text unique);
         create table child (
            a int constraint a_fk references parent (ID) on delete cascade on update set null
                deferrable initially deferred,
            b text constraint b_key unique on conflict replace check (b <> 'x,)') not deferrable,
            c text,
            constraint child_key primary key (B, c desc),
            foreign key (b, c) references parent match full
            constraint last check (a > 0))
         without rowid",
    );
    let child = table(&catalog, "child");
    let kinds: Vec<&str> = child
        .constraints
        .iter()
        .map(|each| match &each.kind {
            ConstraintKind::PrimaryKey => "key",
            ConstraintKind::Unique => "unique",
            ConstraintKind::ForeignKey(_) => "foreign",
            ConstraintKind::Check { .. } => "check",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["foreign", "unique", "check", "key", "foreign", "check"]);
    let foreign = named(child, "a_fk");
    assert!(foreign.deferrable && foreign.initially_deferred);
    let ConstraintKind::ForeignKey(reference) = &foreign.kind else { panic!("{foreign:?}") };
    // In the case of the declaration.
    assert_eq!((reference.table.name.as_str(), reference.referenced.join(",")), ("Parent", "Id".to_owned()));
    assert_eq!((reference.on_delete, reference.on_update), (Action::Cascade, Action::SetNull));
    assert_eq!(attribute(&named(child, "b_key").attributes, "on conflict"), Some("replace"));
    let key = named(child, "child_key");
    assert_eq!(key.columns, ["b", "c"]);
    assert_eq!(attribute(&key.attributes, "descending"), Some("c"));
    assert_eq!(named(child, "last").kind, ConstraintKind::Check { expression: "a > 0".to_owned() });
    let ConstraintKind::ForeignKey(reference) = &child.constraints[4].kind else { panic!() };
    assert!(reference.full && reference.referenced.is_empty());
    assert_eq!(
        child
            .indexes
            .iter()
            .find(|index| index.constraint.as_deref() == Some("child_key"))
            .unwrap()
            .keys
            .len(),
        2
    );
    assert!(child.indexes.iter().any(|index| index.constraint.as_deref() == Some("b_key")));
    assert_eq!(attribute(&object(&catalog, "child").attributes, "without rowid"), Some(""));
}

#[test]
fn without_a_text_that_is_understood_the_pragmas_tell() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "create table p (id integer primary key);
             create table t (a int, b text unique, c int references p on delete set null, primary key (a))",
        )
        .unwrap();
    let mut parts = table_text::read("create table t (a int, b text unique what, c int check (c > 0))");
    assert!(!parts.complete);
    assert_eq!(parts.columns.len(), 2);
    parts = table_text::read("a new kind of statement");
    assert_eq!(parts, table_text::TableText::default());
    let told = super::table::Parts {
        text: table_text::TableText::default(),
        columns: &super::rows::columns_of(&connection, "t").unwrap(),
        indexes: &super::rows::indexes(&connection).unwrap()["t"],
        foreign_keys: &super::rows::foreign_keys(&connection).unwrap()["t"],
        index_texts: &std::collections::HashMap::new(),
        without_rowid: false,
    };
    let kinds: Vec<String> =
        told.table().constraints.iter().map(|each| format!("{:?}", each.columns)).collect();
    assert_eq!(kinds, ["[\"a\"]", "[\"b\"]", "[\"c\"]"]);
}

#[test]
fn indexes_have_expressions_directions_and_predicates() {
    let catalog = catalog(
        "create table t (a text collate nocase, b, c unique);
         create unique index \"odd one\" on t (a desc, b collate rtrim, lower(a) || ')' asc) where a is not null -- a comment
         ;
         create index rest on t (a collate binary, c)",
    );
    let indexes = &table(&catalog, "t").indexes;
    let names: Vec<&str> = indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(names, ["sqlite_autoindex_t_1", "odd one", "rest"]);
    assert_eq!(indexes[0].constraint.as_deref(), Some("sqlite_autoindex_t_1"));
    let odd = &indexes[1];
    assert!(odd.unique && odd.usable && odd.constraint.is_none());
    assert_eq!(odd.predicate.as_deref(), Some("a is not null"));
    assert!(odd.keys[0].descending && odd.keys[0].collation.is_none());
    assert_eq!(odd.keys[1].collation.as_deref(), Some("rtrim"));
    assert_eq!(odd.keys[2].expression.as_deref(), Some("lower(a) || ')'"));
    assert_eq!(indexes[2].keys[0].collation.as_deref(), Some("binary"));
}

#[test]
fn triggers_hang_on_their_tables_and_views() {
    let catalog = catalog(
        "create table t (a, b);
         create view v as select a from T;
         create trigger one after update of a, \"b\" on T for each row when new.a > 1
            begin select 1; delete from t; end;
         create trigger two instead of insert on v begin insert into t values (new.a, 1); end;
         create trigger three delete on t begin select 1; end",
    );
    let triggers = &table(&catalog, "t").triggers;
    assert_eq!(
        (triggers[0].timing.as_str(), triggers[0].events.join(";")),
        ("AFTER", "UPDATE OF a, b".into())
    );
    assert_eq!(attribute(&triggers[0].attributes, "when"), Some("new.a > 1"));
    assert!(triggers[0].action.starts_with("begin select 1;") && triggers[0].action.ends_with("end"));
    assert_eq!((triggers[1].timing.as_str(), triggers[1].events.join(";")), ("BEFORE", "DELETE".into()));
    let view = view(&catalog, "v");
    assert_eq!(view.triggers[0].timing, "INSTEAD OF");
    assert_eq!(view.query, "select a from T");
}

#[test]
fn views_depend_on_what_they_read_and_broken_ones_say_why() {
    let catalog = catalog(
        "create view a as select * from z;
         create view broken as select * from gone;
         create view z (one) as select x from t join json_each('[]');
         create table t (x int)",
    );
    let depends = |name: &str| -> Vec<String> {
        object(&catalog, name).depends_on.iter().map(|id| catalog.get(*id).name.to_string()).collect()
    };
    assert_eq!(depends("a"), ["z"]);
    assert_eq!(depends("z"), ["t"]);
    assert_eq!(view(&catalog, "broken").broken.as_deref(), Some("no such table: main.gone"));
    // The others are whole all the same.
    assert_eq!(view(&catalog, "a").columns[0].name, "one");
    assert_eq!(view(&catalog, "a").broken, None);
}

#[test]
fn virtual_tables_own_their_shadows() {
    let catalog = catalog(
        "create virtual table \"My Text\" using fts5(title, body, tokenize = 'porter');
         create virtual table geo using rtree(id, x0, x1);
         create virtual table geo_b using rtree(id, x0, x1)",
    );
    assert_eq!(catalog.objects.len(), 3);
    let text = table(&catalog, "My Text");
    assert_eq!(text.foreign.as_deref(), Some("fts5"));
    let hidden: Vec<&str> = text
        .columns
        .iter()
        .filter(|column| attribute(&column.attributes, "hidden").is_some())
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(hidden, ["My Text", "rank"]);
    let attributes = &object(&catalog, "My Text").attributes;
    assert_eq!(attribute(attributes, "arguments"), Some("title, body, tokenize = 'porter'"));
    let shadows =
        |name: &str| attribute(&object(&catalog, name).attributes, "shadow tables").unwrap().to_owned();
    assert_eq!(shadows("geo"), "geo_node, geo_parent, geo_rowid");
    assert_eq!(shadows("geo_b"), "geo_b_node, geo_b_parent, geo_b_rowid");
}

#[test]
fn the_database_has_attributes_sizes_and_row_counts() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "pragma page_size = 8192; pragma user_version = 7; pragma application_id = -3;
             create table t (a primary key); insert into t values (1), (2), (3); analyze",
        )
        .unwrap();
    let catalog = read(&connection, "x", ALL).unwrap();
    let facts = |name: &str| attribute(&catalog.attributes, name).unwrap().to_owned();
    assert_eq!([facts("page_size"), facts("user_version"), facts("application_id")], ["8192", "7", "-3"]);
    assert_eq!(facts("encoding"), "UTF-8");
    let t = table(&catalog, "t");
    assert_eq!((t.rows, t.bytes, t.indexes[0].bytes), (Some(3), Some(2 * 8192), Some(8192)));
    let catalog = read(&connection, "x", Scope::default()).unwrap();
    assert_eq!((table(&catalog, "t").rows, table(&catalog, "t").bytes), (None, None));
}

#[test]
fn an_open_transaction_stays_open_and_temporary_objects_are_out() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("create table a (x); begin; create table b (x); create temp table c (x)")
        .unwrap();
    let catalog = read(&connection, "", ALL).unwrap();
    assert_eq!(catalog.objects.len(), 2);
    assert!(!connection.is_autocommit());
    connection.execute_batch("rollback").unwrap();
    assert_eq!(read(&connection, "", ALL).unwrap().objects.len(), 1);
    assert!(connection.is_autocommit());
}

proptest! {
    #[test]
    fn any_text_is_read_to_some_end(words in prop::collection::vec(prop::sample::select(vec![
        "create", "table", "t", "(", ")", ",", "a", "\"b\"", "'c'", "[d]", "primary", "key", "unique",
        "check", "foreign", "references", "constraint", "default", "not", "null", "collate", "as",
        "generated always as", "on", "conflict", "delete", "update", "of", "cascade", "deferrable",
        "initially", "deferred", "index", "where", "trigger", "view", "virtual", "using", "when", "begin",
        "end", "select", "1", "-", ";", "/*", "'", "\"", "without rowid", "strict", "autoincrement", "desc",
    ]), 0..40)) {
        let text = words.join(" ");
        for sql in [text.clone(), format!("create table t ({text})"), format!("create trigger x {text}")] {
            table_text::read(&sql);
            other_text::index(&sql);
            other_text::trigger("x", &sql);
            other_text::view_query(&sql);
            other_text::module(&sql);
        }
    }
}
