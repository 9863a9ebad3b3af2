//! The catalog of MySQL and MariaDB, and scripts made of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dbwright::engine::engine_for;
use dbwright::model::catalog::{
    Action, Catalog, ConstraintKind, Detail, Object, RoutineKind, Scope, Table, attribute,
};
use dbwright::model::ddl::DdlOptions;
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

pub(super) use on_mysql_and_mariadb;

on_mysql_and_mariadb!(
    every_kind_is_read,
    a_script_builds_the_same_database,
    parts_alone_build_the_same_database,
    sample_databases_are_built_again,
    definers_are_left_out,
    rights_are_read_and_granted,
    few_rights,
    broken_views,
    open_transactions_stay_open,
    no_database,
    settings_stay,
    objects_that_go_away,
);

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
pub fn load(bed: &Bed, script: &Path) {
    let client = program(bed.server, "mysql", "mariadb");
    let input = std::fs::File::open(script).unwrap();
    let ran = command(bed, &client).arg(&bed.database).stdin(Stdio::from(input)).output().unwrap();
    assert!(ran.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&ran.stderr));
}

/// Loads every kind of object that the server has.
pub fn fill(bed: &Bed) {
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

/// What the server's own dump says of a database.
fn dump(bed: &Bed) -> String {
    let mut command = command(bed, &program(bed.server, "mysqldump", "mariadb-dump"));
    command.args([
        "--no-data",
        "--routines",
        "--events",
        "--triggers",
        "--skip-comments",
        "--skip-dump-date",
    ]);
    if bed.server == Server::Mysql {
        command.args(["--set-gtid-purged=OFF", "--no-tablespaces"]);
    }
    let ran = command.arg(&bed.database).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.contains("CREATE TABLE"));
    // MariaDB writes the database before a sequence, and both the next number of a counter.
    let text = text.replace(&format!("`{}`.", bed.database), "");
    text.lines().map(without_counter).collect::<Vec<_>>().join("\n")
}

fn without_counter(line: &str) -> String {
    match line.split_once(" AUTO_INCREMENT=") {
        Some((before, after)) if line.starts_with(") ENGINE=") => {
            format!("{before}{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit()))
        }
        _ => line.to_owned(),
    }
}

/// Runs what a catalog is made of in a database of its own.
fn build(server: Server, catalog: &Catalog, options: DdlOptions) -> Bed {
    let made = Bed::new(server, "made");
    let mut session = made.open();
    for piece in engine_for(server.kind()).ddl().create(catalog, options) {
        session.execute(&piece.sql, &[]).unwrap_or_else(|error| panic!("{}\n{error:?}", piece.sql));
    }
    made
}

#[track_caller]
fn assert_same(one: &str, other: &str) {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    for (at, line) in one.iter().enumerate() {
        let start = at.saturating_sub(12);
        let seen = &other[start.min(other.len())..(at + 3).min(other.len())];
        assert_eq!(Some(line), other.get(at), "in\n{}\nbut\n{}", one[start..=at].join("\n"), seen.join("\n"));
    }
    assert_eq!(one.len(), other.len());
}

fn a_script_builds_the_same_database(bed: &Bed) {
    fill(bed);
    let catalog = bed.open().catalog(Scope::default()).unwrap();
    let made = build(bed.server, &catalog, DdlOptions { privileges: true });
    assert_same(&dump(bed), &dump(&made));
    // And the same is read from it.
    let mut again = made.open().catalog(Scope::default()).unwrap();
    again.database.clone_from(&catalog.database);
    assert_eq!(catalog, again);
}

/// The parts of tables, views, routines, triggers and sequences say as much as their definitions.
fn parts_alone_build_the_same_database(bed: &Bed) {
    fill(bed);
    let mut catalog =
        bed.open().catalog(Scope { privileges: true, sizes: false, ..Scope::default() }).unwrap();
    for object in &mut catalog.objects {
        match &mut object.detail {
            // MariaDB keeps the very words of a trigger, and so the quotes that its author chose.
            Detail::Table(table) if bed.server == Server::Mysql => {
                table.triggers.iter_mut().for_each(|trigger| trigger.definition = None);
            }
            Detail::Table(_) => {}
            Detail::View(_) | Detail::Routine(_) | Detail::Sequence(_) => {}
            _ => continue,
        }
        object.definition = None;
    }
    let made = build(bed.server, &catalog, DdlOptions { privileges: true });
    assert_same(&dump(bed), &dump(&made));
}

/// Loads the schema of a database that others made.
pub fn load_sample(bed: &Bed, sample: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/samples/mysql");
    let script = std::fs::read_to_string(folder.join(sample)).unwrap();
    // Each makes and chooses a database of its own.
    let elsewhere = ["CREATE DATABASE", "CREATE SCHEMA", "DROP DATABASE", "DROP SCHEMA", "USE "];
    let kept = script.lines().filter(|line| !elsewhere.iter().any(|start| line.starts_with(start)));
    // And one names it before its tables.
    let script = kept.collect::<Vec<_>>().join("\n").replace("sakila.", "");
    load(bed, &bed.sandbox.write(sample, script));
}

fn sample_databases_are_built_again(bed: &Bed) {
    for sample in ["chinook.sql", "sakila.sql"] {
        let source = Bed::new(bed.server, "sample");
        load_sample(&source, sample);
        let catalog = source.open().catalog(Scope::default()).unwrap();
        assert_eq!(catalog.unread, []);
        let made = build(bed.server, &catalog, DdlOptions { privileges: true });
        assert_same(&dump(&source), &dump(&made));
    }
}

fn definers_are_left_out(bed: &Bed) {
    fill(bed);
    let catalog = bed.open().catalog(Scope::default()).unwrap();
    let pieces = engine_for(bed.server.kind()).ddl().create(&catalog, DdlOptions::default());
    assert!(pieces.iter().all(|piece| !piece.sql.contains("DEFINER=")), "{pieces:?}");
    // A user who may do everything in one database, and nothing else, can load it.
    let made = Bed::new(bed.server, "loaded");
    let user = format!("u{}_{}", std::process::id(), made.database.len());
    let mut root = made.open();
    root.execute(&format!("create user {user} identified by 'loader'"), &[]).unwrap();
    root.execute(&format!("grant all on `{}`.* to {user}", made.database), &[]).unwrap();
    let target = made.sandbox.target(&made.url_as(&format!("{user}:loader"), ""));
    let loaded = dbwright::engine::open(&target).and_then(|mut session| {
        pieces.iter().try_for_each(|piece| {
            // The server lets only administrators make what its binary log cannot repeat.
            let is_program = ["routine", "table", "package"].contains(&piece.kind)
                && !piece.sql.starts_with("CREATE TABLE");
            match session.execute(&piece.sql, &[]) {
                Err(error) if is_program && error.kind() == dbwright::error::Kind::Permission => Ok(()),
                // And so what needs them cannot be made either.
                Err(error) if piece.kind == "view" && error.to_string().contains("does not exist") => Ok(()),
                other => other.map(drop),
            }
        })
    });
    root.execute(&format!("drop user {user}"), &[]).unwrap();
    loaded.unwrap();
}

fn rights_are_read_and_granted(bed: &Bed) {
    let mut session = bed.open();
    let user = format!("g{}_{}", std::process::id(), bed.database.len());
    for sql in [
        "create table t (a int, b int)".to_owned(),
        "create procedure p() select 1".to_owned(),
        format!("create user {user}"),
        format!("grant select, insert on t to {user} with grant option"),
        format!("grant update (b) on t to {user}"),
        format!("grant execute on procedure p to {user}"),
    ] {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
    let catalog = session.catalog(Scope { privileges: true, sizes: false, ..Scope::default() }).unwrap();
    let made = build(bed.server, &catalog, DdlOptions { privileges: true });
    let again = made.open().catalog(Scope { privileges: true, sizes: false, ..Scope::default() });
    let without = session.catalog(Scope::default()).unwrap();
    session.execute(&format!("drop user {user}"), &[]).unwrap();
    let rights = |object: &Object| -> Vec<(String, bool)> {
        let of_columns = object.columns().iter().flat_map(|column| &column.grants);
        let grants = object.grants.iter().chain(of_columns);
        grants.map(|grant| (format!("{} {}", grant.privilege, grant.grantee), grant.grantable)).collect()
    };
    let account = format!("{user}@%");
    let expected = [("SELECT", true), ("INSERT", true), ("UPDATE", false)]
        .map(|(right, may)| (format!("{right} {account}"), may));
    assert_eq!(rights(object(&catalog, "t")), expected);
    assert_eq!(rights(object(&catalog, "p")), [(format!("EXECUTE {account}"), false)]);
    let again = again.unwrap();
    assert_eq!(rights(object(&again, "t")), expected);
    assert_eq!(rights(object(&again, "p")), rights(object(&catalog, "p")));
    assert_eq!(rights(object(&without, "t")), []);
}

fn few_rights(bed: &Bed) {
    let mut session = bed.open();
    let user = format!("f{}_{}", std::process::id(), bed.database.len());
    for sql in [
        "create table seen (a int)".to_owned(),
        "create table hidden (a int)".to_owned(),
        "create table written (a int)".to_owned(),
        "create view v as select a from seen".to_owned(),
        "create function f(a int, b char(3)) returns int deterministic return 1".to_owned(),
        "create trigger tr before insert on seen for each row set @a = 1".to_owned(),
        format!("create user {user} identified by 'few'"),
        format!("grant select on seen to {user}"),
        format!("grant select on v to {user}"),
        format!("grant insert on written to {user}"),
        format!("grant execute on function f to {user}"),
    ] {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
    let target = bed.sandbox.target(&bed.url_as(&format!("{user}:few"), ""));
    let read = dbwright::engine::open(&target)
        .and_then(|mut session| session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }));
    session.execute(&format!("drop user {user}"), &[]).unwrap();
    let catalog = read.unwrap();
    assert_eq!(table(&catalog, "seen").columns.len(), 1);
    assert!(!catalog.objects.iter().any(|object| object.name.name == "hidden"));
    let unread: Vec<&str> = catalog.unread.iter().map(|unread| unread.what.as_str()).collect();
    assert!(unread.contains(&"view v") && unread.contains(&"body of function f"), "{unread:?}");
    assert!(unread.contains(&"rights of other accounts"), "{unread:?}");
    for hidden in ["triggers", "events", "routines"] {
        assert!(unread.contains(&hidden), "{unread:?}");
    }
    let Detail::Routine(routine) = &object(&catalog, "f").detail else { panic!() };
    assert_eq!(routine.body, None);
    assert_eq!(routine.arguments.replace("int(11)", "int"), "a int, b char(3)");
    // What cannot be made is left out of the script.
    let pieces = engine_for(bed.server.kind()).ddl().create(&catalog, DdlOptions::default());
    assert!(!pieces.iter().any(|piece| piece.name.name == "f"));
}

fn broken_views(bed: &Bed) {
    let mut session = bed.open();
    for sql in [
        "create table t (a int, b int)",
        "create view whole as select a from t",
        "create view broken as select b from t",
        "create view above as select b from broken",
        "alter table t drop column b",
    ] {
        session.execute(sql, &[]).unwrap();
    }
    let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }).unwrap();
    let broken = |name: &str| match &object(&catalog, name).detail {
        Detail::View(view) => view.broken.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(broken("whole"), None);
    assert!(broken("broken").unwrap().contains("references invalid"), "{:?}", broken("broken"));
    assert!(broken("above").is_some());
    assert!(object(&catalog, "broken").definition.is_some());
    let made = build(bed.server, &catalog, DdlOptions::default());
    let names = made.open().catalog(Scope::default()).unwrap();
    assert_eq!(names.objects.len(), 2);
}

fn open_transactions_stay_open(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table t (a int primary key)", &[]).unwrap();
    session.execute("create view v as select * from t", &[]).unwrap();
    session.execute("begin", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }).unwrap();
    assert_eq!(catalog.objects.len(), 2);
    assert_eq!(session.transaction(), TxState::Open);
    session.execute("rollback", &[]).unwrap();
    assert_eq!(crate::servers::one(&mut *session, "select count(*) from t"), "0");
    // One that begins by itself does not begin here.
    session.execute("set autocommit = 0", &[]).unwrap();
    session.catalog(Scope::default()).unwrap();
    bed.open().execute("alter table t add b int", &[]).unwrap();
}

fn no_database(bed: &Bed) {
    let url = bed.url().replace(&bed.database, "");
    let mut session = dbwright::engine::open(&bed.sandbox.target(&url)).unwrap();
    let error = session.catalog(Scope::default()).unwrap_err();
    assert_eq!(error.kind(), dbwright::error::Kind::Usage);
    assert!(format!("{error:?}").contains("no database is selected"), "{error:?}");
    session.execute(&format!("use {}", bed.database), &[]).unwrap();
    assert_eq!(session.catalog(Scope::default()).unwrap().database, bed.database);
}

fn settings_stay(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table t (`a b` timestamp default '2020-01-01 00:00:00')", &[]).unwrap();
    session
        .execute("set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', time_zone = '+05:00', sql_quote_show_create = 0", &[])
        .unwrap();
    let ask = "select concat_ws('|', @@sql_mode, @@time_zone, @@sql_quote_show_create)";
    let before = crate::servers::one(&mut *session, ask);
    let catalog = session.catalog(Scope { sizes: true, privileges: false, ..Scope::default() }).unwrap();
    assert_eq!(crate::servers::one(&mut *session, ask), before);
    let default = catalog.objects[0].columns()[0].default.as_deref();
    assert_eq!(default, Some("'2020-01-01 00:00:00'"));
    // A script puts the settings of its session back too.
    session.execute("drop table t", &[]).unwrap();
    for piece in engine_for(bed.server.kind()).ddl().create(&catalog, DdlOptions::default()) {
        session.execute(&piece.sql, &[]).unwrap_or_else(|error| panic!("{}\n{error:?}", piece.sql));
    }
    assert_eq!(crate::servers::one(&mut *session, ask), before);
}

/// Tables that come and go while we read are there or are not; nothing else happens.
fn objects_that_go_away(bed: &Bed) {
    let mut session = bed.open();
    session.execute("create table stays (a int)", &[]).unwrap();
    let done = &std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        let changes = threads.spawn(move || {
            let mut session = bed.open();
            let mut round = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                round += 1;
                for sql in [
                    "create table goes (a int)",
                    "create trigger tr before insert on goes for each row set @a = 1",
                    "create view gone as select a from goes",
                    "create procedure p() select 1",
                    "drop procedure p",
                    "drop view gone",
                    "drop table goes",
                ] {
                    session.execute(sql, &[]).unwrap();
                }
            }
            round
        });
        for _ in 0..60 {
            let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() });
            let catalog =
                catalog.inspect_err(|_| done.store(true, std::sync::atomic::Ordering::Relaxed)).unwrap();
            assert_eq!(table(&catalog, "stays").columns.len(), 1);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(changes.join().unwrap() > 1);
    });
}

fn every_kind_is_read(bed: &Bed) {
    fill(bed);
    let mut session = bed.open();
    let catalog = session.catalog(Scope { sizes: true, privileges: true, ..Scope::default() }).unwrap();
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
