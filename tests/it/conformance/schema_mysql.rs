//! The catalog of MySQL and MariaDB, and scripts made of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dbwright::model::catalog::{
    Action, Catalog, ConstraintKind, Detail, Object, RoutineKind, Scope, Table, attribute,
};
use dbwright::model::server::TxState;

use crate::servers::{Bed, Server, bed};

macro_rules! on_mysql_and_mariadb {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn mariadb() { run(Server::Mariadb, stringify!($body), super::$body); }
            #[test]
            fn mysql() { run(Server::Mysql, stringify!($body), super::$body); }
        }
    )* };
}

on_mysql_and_mariadb!(every_kind_is_read);

/// The server's own client, or another program beside it.
fn program(server: Server, mysql: &str, mariadb: &str) -> PathBuf {
    let client =
        PathBuf::from(bed(if server == Server::Mysql { "MYSQL_CLIENT" } else { "MARIADB_CLIENT" }).unwrap());
    client.with_file_name(if server == Server::Mysql { mysql } else { mariadb })
}

/// A program of the server's that is told where it is and who we are.
fn command(bed: &Bed, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--no-defaults", "--host=127.0.0.1", "--user=dbwright", "--default-character-set=utf8mb4"])
        .arg(format!("--port={}", bed.server.port()))
        .env("MYSQL_PWD", crate::servers::bed("PASSWORD").unwrap());
    command
}

/// Runs a script by the server's own client, which knows what a change of sql_mode does to the
/// text behind it.
fn load(bed: &Bed, script: &Path) {
    let client = program(bed.server, "mysql", "mariadb");
    let input = std::fs::File::open(script).unwrap();
    let ran = command(bed, &client).arg(&bed.database).stdin(Stdio::from(input)).output().unwrap();
    assert!(ran.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&ran.stderr));
}

/// Loads every kind of object that the server has.
fn fill(bed: &Bed) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/mysql");
    load(bed, &cases.join("common.sql"));
    load(bed, &cases.join(if bed.server == Server::Mysql { "mysql.sql" } else { "mariadb.sql" }));
}

#[track_caller]
fn object<'a>(catalog: &'a Catalog, name: &str) -> &'a Object {
    let found = catalog.objects.iter().find(|object| object.name.name == name);
    found.unwrap_or_else(|| panic!("no object {name}"))
}

#[track_caller]
fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    object(catalog, name).as_table().unwrap()
}

fn every_kind_is_read(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let catalog = session.catalog(Scope { sizes: true, privileges: true }).unwrap();
    assert_eq!(session.transaction(), TxState::Idle);
    assert_eq!(catalog.unread, []);
    assert_eq!(catalog.database, bed.database);
    let is_mysql = bed.server == Server::Mysql;

    let types = object(&catalog, "types");
    assert_eq!(types.comment.as_deref(), Some("all types; \"quoted\" it's"));
    assert!(!types.definition.as_ref().unwrap().contains("AUTO_INCREMENT="), "{types:?}");
    let column = |name: &str| {
        types.columns().iter().find(|column| column.name == name).unwrap_or_else(|| panic!("{name}"))
    };
    assert!(column("id").identity.is_some() && !column("id").nullable);
    assert_eq!(column("medium").default.as_deref(), Some("-5"));
    assert_eq!(column("bits").default.as_deref(), Some("b'101'"));
    assert_eq!(column("var").default.as_deref(), Some(r#"'it''s a \\ "test"'"#));
    assert_eq!(column("en").ty, "enum('z','b,c','it''s','ß')");
    assert_eq!(column("fixed").collation.as_deref(), Some("latin1_german1_ci"));
    assert_eq!(column("dt").on_update.as_deref().unwrap().to_uppercase(), "CURRENT_TIMESTAMP(6)");
    assert_eq!(column("ts").default.as_deref(), Some("'2021-03-04 05:06:07'"));
    assert_eq!(column("ts2").comment.as_deref(), Some("changed; `when` it's \\ \"so\""));
    assert_eq!((column("txt").default.as_ref(), column("txt").collation.as_ref()), (None, None));
    assert_eq!(column("small").ty, "smallint(5) unsigned zerofill");

    let computed = table(&catalog, "computed");
    let generated = computed.columns[3].generated.as_ref().unwrap();
    assert!(generated.stored && generated.expression.contains("; x"), "{generated:?}");
    assert!(attribute(&computed.columns[7].attributes, "invisible").is_some());
    assert_eq!(computed.columns[4].default.as_deref(), Some("(`a` * 2)"));
    assert_eq!(computed.columns[5].default.as_deref(), Some("uuid()"));

    let child = table(&catalog, "child");
    let key = child.constraints.iter().find(|each| each.name.as_deref() == Some("child_parent")).unwrap();
    let ConstraintKind::ForeignKey(reference) = &key.kind else { panic!("{key:?}") };
    assert_eq!((reference.on_delete, reference.on_update), (Action::Cascade, Action::SetNull));
    assert_eq!(
        (key.columns.as_slice(), reference.table.name.as_str()),
        (&["x".into(), "y".into()][..], "parent")
    );
    let checks = child.constraints.iter().filter(|each| matches!(each.kind, ConstraintKind::Check { .. }));
    assert_eq!(checks.count(), 2);

    let indexed = table(&catalog, "indexed");
    let index = |name: &str| indexed.indexes.iter().find(|index| index.name == name).unwrap();
    assert_eq!(index("prefix").keys[1].prefix, Some(20));
    assert!(index("descending").keys[0].descending);
    assert_eq!((index("words").method.as_str(), index("place").method.as_str()), ("fulltext", "spatial"));
    assert_eq!(index("commented").comment.as_deref(), Some("it's \"an\" index"));

    let odd = table(&catalog, "odd `name; select");
    let names: Vec<&str> = odd.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["select", "a b", "\"q\"", "Größe", "x`y", "MiXed", "@v", "日本"]);

    let partitioning = table(&catalog, "by_two").partitioning.as_ref().unwrap();
    assert_eq!(partitioning.by, "RANGE (year(`at`)) SUBPARTITION BY HASH (`id`) SUBPARTITIONS 2");
    assert_eq!(partitioning.partitions.len(), 2);
    assert!(partitioning.partitions[1].value.starts_with("VALUES LESS THAN MAXVALUE"), "{partitioning:?}");

    let triggers: Vec<&str> =
        table(&catalog, "parent").triggers.iter().map(|trigger| trigger.name.as_str()).collect();
    let inserting: Vec<&&str> =
        triggers.iter().filter(|name| name.starts_with("parent_") || **name == "aaa_last").collect();
    assert!(inserting.len() == 6, "{triggers:?}");
    let place = |name: &str| triggers.iter().position(|found| *found == name).unwrap();
    assert!(place("parent_first") < place("parent_second"));
    assert!(place("parent_second") < place("parent_third") && place("parent_third") < place("aaa_last"));

    views_and_programs(&catalog);
    assert!(table(&catalog, "types").bytes.is_some_and(|bytes| bytes > 0));
    match is_mysql {
        true => only_mysql(&catalog),
        false => only_mariadb(&catalog),
    }
}

fn views_and_programs(catalog: &Catalog) {
    let top = object(catalog, "a_top");
    let Detail::View(view) = &top.detail else { panic!("{top:?}") };
    assert_eq!(
        view.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["first", "second col"]
    );
    assert!(
        view.query.starts_with("select `z_base`.`id`") && !view.query.contains("CHECK OPTION"),
        "{view:?}"
    );
    assert_eq!(attribute(&top.attributes, "check option"), Some("CASCADED"));
    assert_eq!(attribute(&top.attributes, "security"), Some("INVOKER"));
    let needs = |name: &str| -> Vec<&str> {
        object(catalog, name).depends_on.iter().map(|&id| catalog.get(id).name.name.as_str()).collect()
    };
    assert_eq!(needs("a_top"), ["z_base"]);
    assert_eq!(needs("b_joined"), ["parent", "a_top"]);
    assert_eq!(needs("a_calls"), ["types", "used_by_view"]);
    let Detail::View(odd) = &object(catalog, "view `of`; odd").detail else { panic!() };
    assert!(odd.query.contains("'😀'"), "{}", odd.query);

    let Detail::Routine(add) = &object(catalog, "add_one").detail else { panic!() };
    assert_eq!(add.arguments, "a INT, `b c` VARCHAR(20) CHARACTER SET latin1");
    assert!(add.body.as_ref().unwrap().contains("RETURN a + 1"));
    assert_eq!(object(catalog, "add_one").comment.as_deref(), Some("adds; it's"));
    let ansi = object(catalog, "ansi proc");
    let Detail::Routine(routine) = &ansi.detail else { panic!() };
    assert_eq!((routine.kind, routine.arguments.as_str()), (RoutineKind::Procedure, "IN \"a b\" INT"));
    assert_eq!(routine.body.as_deref(), Some("BEGIN SELECT 'x' || \"a b\" || '\\'; END"));
    assert!(attribute(&ansi.attributes, "sql_mode").unwrap().contains("ANSI_QUOTES"));
    assert_eq!(ansi.owner.as_deref(), Some("dbwright@%"));
    let latin = attribute(&object(catalog, "from_latin").attributes, "character_set_client");
    assert_eq!(latin, Some("latin1"));
    assert_eq!(attribute(&object(catalog, "elsewhere").attributes, "time_zone"), Some("+05:30"));
}

fn only_mysql(catalog: &Catalog) {
    let only = table(catalog, "only_mysql");
    let index = |name: &str| only.indexes.iter().find(|index| index.name == name).unwrap();
    assert_eq!(index("functional").keys[0].expression.as_deref(), Some("lower(`a`)"));
    assert!(index("functional").keys[1].descending && index("functional").keys[2].column.is_some());
    assert!(index("multi").keys[0].expression.as_ref().unwrap().contains("array"));
    assert!(!index("unseen").usable && index("unseen").unique);
    assert_eq!(attribute(&index("ng").attributes, "parser"), Some("ngram"));
    assert_eq!(attribute(&only.columns[3].attributes, "srid"), Some("4326"));
    let loose: Vec<_> = only.constraints.iter().filter(|each| !each.enforced).collect();
    assert_eq!(loose.len(), 1);
    assert_eq!(loose[0].name.as_deref(), Some("not_enforced"));
    assert_eq!(table(catalog, "vectors").columns[1].ty, "vector(3)");
}

fn only_mariadb(catalog: &Catalog) {
    let Detail::Sequence(numbers) = &object(catalog, "numbers").detail else { panic!() };
    assert_eq!((numbers.start, numbers.min, numbers.max), (100, 50, 100_000));
    assert_eq!((numbers.increment, numbers.cache, numbers.cycle), (10, 5, true));
    let numbered = object(catalog, "numbered");
    assert_eq!(numbered.columns()[0].default.as_deref(), Some("nextval(`numbers`)"));
    assert_eq!(catalog.get(numbered.depends_on[0]).name.name, "numbers");
    assert!(attribute(&object(catalog, "versioned").attributes, "system versioning").is_some());
    let tools = object(catalog, "tools");
    assert!(attribute(&tools.attributes, "body").unwrap().contains("PACKAGE BODY"));
    let Detail::Routine(summed) = &object(catalog, "summed").detail else { panic!() };
    assert_eq!(summed.kind, RoutineKind::Aggregate);
    assert!(!table(catalog, "paged").indexes[0].usable);
    assert_eq!(attribute(&object(catalog, "periods").attributes, "period"), Some("valid (`s`, `e`)"),);
}
