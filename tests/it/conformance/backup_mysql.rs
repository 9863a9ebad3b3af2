//! Backups of MySQL and MariaDB: what is read and loaded again is the same to the last bit.

use dbwright::engine::backup::{Backup, Extract, Stage};
use dbwright::engine::{Session, engine_for};
use dbwright::error::Kind;
use dbwright::model::catalog::{Catalog, Scope};
use dbwright::model::ddl::DdlOptions;
use dbwright::model::diff::diff;
use dbwright::model::snapshot::{Statement, StatementSection};

use super::schema_mysql::on_mysql_and_mariadb;
use crate::servers::{Bed, Server, one, rows};

on_mysql_and_mariadb!(
    every_value_comes_back,
    every_kind_of_object_comes_back,
    the_servers_own_client_loads_the_rows,
    large_tables_are_read_in_parts,
    sessions_see_one_moment,
    few_rights_are_enough,
    rows_that_are_too_large_are_told,
    all_rows_of_a_part_or_none,
    numbers_go_on,
    history_comes_back,
);

fn way(bed: &Bed) -> &'static dyn Backup {
    engine_for(bed.server.kind()).backup().unwrap()
}

#[track_caller]
fn run(session: &mut dyn Session, statements: &[&str]) {
    for sql in statements {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

/// A backup in memory.
struct Taken {
    catalog: Catalog,
    tables: Vec<(Extract, Vec<Vec<u8>>)>,
    values: Vec<String>,
}

impl Taken {
    fn table(&self, name: &str) -> &(Extract, Vec<Vec<u8>>) {
        self.tables.iter().find(|(extract, _)| extract.table.name == name).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.table(name).1.concat()).unwrap()
    }
}

fn take(bed: &Bed) -> Taken {
    let way = way(bed);
    let mut sessions = vec![bed.open()];
    way.hold(&mut sessions).unwrap();
    let session = sessions[0].as_mut();
    let catalog = session.catalog(Scope::default()).unwrap();
    let extracts = way.extracts(session, &catalog).unwrap();
    let tables = extracts.into_iter().map(|extract| {
        let parts = extract.parts.iter().map(|part| {
            let mut bytes = Vec::new();
            way.read(session, &extract, part, &mut bytes).unwrap();
            bytes
        });
        let parts = parts.collect();
        (extract, parts)
    });
    let tables = tables.collect();
    let values = way.values(session, &catalog).unwrap();
    Taken { catalog, tables, values }
}

fn restore(bed: &Bed, taken: &Taken) {
    let way = way(bed);
    let mut session = bed.open();
    let session = session.as_mut();
    way.begin_load(session).unwrap();
    let pieces = engine_for(bed.server.kind()).ddl().create(&taken.catalog, DdlOptions::default());
    let statements: Vec<Statement> =
        pieces.iter().flat_map(|piece| way.defer(&Statement::from(piece))).collect();
    let (before, after): (Vec<_>, Vec<_>) =
        statements.into_iter().partition(|each| each.section == StatementSection::BeforeData);
    let (indexes, after): (Vec<_>, Vec<_>) = after.into_iter().partition(|each| each.object == "index");
    for each in &indexes {
        assert_eq!(way.stage(&each.object, &each.sql), Stage::OnePerTable);
    }
    let execute = |session: &mut dyn Session, statements: &[Statement]| {
        for each in statements {
            session.execute(&each.sql, &[]).unwrap_or_else(|error| panic!("{}: {error:?}", each.sql));
        }
    };
    execute(session, &before);
    way.begin_load(session).unwrap();
    for (_, parts) in &taken.tables {
        for part in parts {
            load(way, session, &part[..]).unwrap_or_else(|error| {
                panic!("{error:?}: {}", String::from_utf8_lossy(&part[..part.len().min(2000)]))
            });
        }
    }
    execute(session, &indexes);
    execute(session, &after);
    for sql in &taken.values {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
    let names: Vec<_> = taken.tables.iter().map(|(extract, _)| extract.table.clone()).collect();
    for sql in way.analyze(&names) {
        session.execute(&sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

#[track_caller]
fn same(first: &Taken, second: &Taken) {
    let changes = diff(&first.catalog, &second.catalog);
    assert!(changes.is_empty(), "{changes:#?}");
    for (one, other) in first.catalog.objects.iter().zip(&second.catalog.objects) {
        assert_eq!(one.definition, other.definition);
    }
    assert_eq!(first.tables.len(), second.tables.len());
    for ((extract, parts), (_, others)) in first.tables.iter().zip(&second.tables) {
        assert_eq!(
            String::from_utf8_lossy(&parts.concat()),
            String::from_utf8_lossy(&others.concat()),
            "{}",
            extract.table
        );
    }
}

/// What is in a table bit by bit, as the server itself tells.
fn bits(session: &mut dyn Session, table: &str) -> Vec<Vec<Option<String>>> {
    let columns = rows(
        session,
        &format!(
            "select column_name, data_type from information_schema.columns \
             where table_schema = database() and table_name = '{table}' order by ordinal_position"
        ),
    );
    let hex = columns.into_iter().map(|row| {
        let [name, ty] = <[Option<String>; 2]>::try_from(row).unwrap().map(Option::unwrap);
        let name = name.replace('`', "``");
        match ty.as_str() {
            // An enum's number tells the empty member from the value that is none.
            "enum" | "set" => {
                format!("concat(hex(cast(`{name}` as binary)), '=', cast(`{name}` as unsigned))")
            }
            "float" | "double" => format!("concat(cast(`{name}` as double), '')"),
            _ => format!("hex(cast(`{name}` as binary))"),
        }
    });
    let columns = hex.collect::<Vec<_>>().join(", ");
    let found = rows(session, &format!("select {columns} from `{table}` order by 1"));
    assert!(!found.is_empty());
    found
}

/// Types with the values at their ends; in each column the values come in turn.
const TYPES: &[(&str, &[&str])] = &[
    ("tinyint", &["-128", "127", "null"]),
    ("smallint unsigned zerofill", &["0", "65535", "7"]),
    ("mediumint", &["-8388608", "8388607"]),
    ("int(8) zerofill", &["42", "4294967295"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"]),
    ("bigint unsigned", &["18446744073709551615", "0"]),
    (
        "decimal(65,30)",
        &[
            "-99999999999999999999999999999999999.999999999999999999999999999999",
            "0.000000000000000000000000000001",
        ],
    ),
    ("decimal(10,0) unsigned zerofill", &["5", "9999999999"]),
    (
        "float",
        &[
            "3.1415927410125732",
            "1.17549435e-38",
            "-3.40282347e38",
            "16777217",
            "0.1",
            "1.40129846432481707e-45",
            "'-0'",
            "1e15",
            "-123456.789e-20",
        ],
    ),
    ("float(7,3)", &["1234.567", "-9999.999", "0.001"]),
    ("float unsigned zerofill", &["1.5", "0"]),
    (
        "double",
        &[
            "1.7976931348623157e308",
            "5e-324",
            "-2.2250738585072014e-308",
            "0.1",
            "'-0'",
            "123456789012345680",
            "1e15",
            "999999999999999.9",
            "0.30000000000000004",
        ],
    ),
    ("double(20,2)", &["1234567890123456.75", "-0.01"]),
    ("year", &["1901", "2155", "0", "null"]),
    ("date", &["'0000-00-00'", "'2020-02-31'", "'9999-12-31'", "'2020-00-00'", "'0001-01-01'"]),
    ("time(6)", &["'-838:59:59.000000'", "'838:59:58.999999'", "'25:00:00.000001'", "'00:00:00'"]),
    (
        "datetime(6)",
        &[
            "'9999-12-31 23:59:59.999999'",
            "'0000-00-00 00:00:00'",
            "'2020-02-31 25:00:00'",
            "'1000-01-01 00:00:00.000001'",
        ],
    ),
    (
        "timestamp(3) null",
        &[
            "'1970-01-01 00:00:01.000'",
            "'2038-01-19 03:14:07.999'",
            "'0000-00-00 00:00:00'",
            "'2020-03-29 01:30:00'",
            "null",
        ],
    ),
    ("char(10)", &["''", "'a'", "'日本'", "null"]),
    (
        "varchar(100)",
        &["'it''s \\\\ \\n\\r\\t\\0\\Z \\\" % _'", "''", "' x '", "'(1),'", "'🦀\\');\\n('", "'NULL'"],
    ),
    ("text", &["repeat('x', 60000)", "repeat('\\'', 20000)", "''", "null"]),
    ("varchar(40) character set latin1", &["unhex('8081828D8E8F909D9EA0E9FF')", "'é'"]),
    ("varchar(40) character set ascii", &["'plain'", "''"]),
    ("varchar(40) character set utf8mb3", &["'日本'", "''"]),
    ("varchar(40) character set gbk", &["unhex('D6D0A65C')", "''", "'a'"]),
    ("varchar(40) character set cp932", &["unhex('87958195')", "unhex('835C')"]),
    ("varchar(40) character set ucs2", &["unhex('00410042D800')", "'A'", "''"]),
    ("varchar(40) character set utf16", &["unhex('D83DDE00')", "'A'"]),
    ("text character set sjis", &["unhex('835C')", "'x'"]),
    ("enum('a','b,c','','''q\\\\')", &["'a'", "'b,c'", "''", "4", "null"]),
    ("enum('x','y')", &["'y'", "0"]),
    ("enum('中','b') character set gbk", &["1", "'b'"]),
    ("set('a','b','c d','日')", &["''", "'a,c d'", "'a,b,c d,日'"]),
    ("binary(5)", &["unhex('00')", "unhex('0001020304')", "''"]),
    ("varbinary(300)", &["''", "unhex('005C27220A0D1AFF')", "null"]),
    ("blob", &["''", "unhex('DEADBEEF00')", "repeat(char(0), 300)"]),
    ("bit(1)", &["b'1'", "b'0'"]),
    ("bit(12)", &["b'100000000001'", "b'0'"]),
    ("bit(64)", &["b'1111111111111111111111111111111111111111111111111111111111111111'", "b'101'"]),
    ("json", &["'{\"a\": [1, 2.5, null, \"x\\\\\\\\n\\'日\"]}'", "'null'", "'[]'", "null", "'-0.0'"]),
    (
        "geometry",
        &[
            "st_geomfromtext('POINT(1 2)')",
            "st_geomfromtext('POINT(1.5 -2.25)', 4326)",
            "st_geomfromtext('GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1, 2 0))')",
            "null",
        ],
    ),
    ("polygon", &["st_geomfromtext('POLYGON((0 0, 0 1, 1 1, 0 0))')"]),
];

const OF_MYSQL: &[(&str, &[&str])] = &[
    ("vector(3)", &["string_to_vector('[1, -2.5, 3e-10]')", "null"]),
    ("point srid 4326", &["st_geomfromtext('POINT(10 20)', 4326)"]),
];

const OF_MARIADB: &[(&str, &[&str])] = &[
    ("uuid", &["'123e4567-e89b-12d3-a456-426614174000'", "null"]),
    ("inet6", &["'::ffff:1.2.3.4'", "'fe80::1'"]),
    ("inet4", &["'255.0.0.1'"]),
    ("text compressed", &["repeat('ab', 3000)"]),
];

fn every_value_comes_back(bed: &Bed) {
    let own = if bed.server == Server::Mysql { OF_MYSQL } else { OF_MARIADB };
    let mut session = bed.open();
    let session = session.as_mut();
    run(session, &["set sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"]);
    let mut tables = Vec::new();
    for (at, (ty, values)) in TYPES.iter().chain(own).enumerate() {
        let table = format!("t{at}");
        run(session, &[&format!("create table {table} (k int primary key, `v``x` {ty})")]);
        for (key, value) in values.iter().enumerate() {
            run(session, &[&format!("insert into {table} values ({key}, {value})")]);
        }
        tables.push(table);
    }
    let before = take(bed);
    let other = Bed::new(bed.server, "backup_back");
    restore(&other, &before);
    let mut back = other.open();
    run(back.as_mut(), &["set time_zone = '+00:00'"]);
    for (table, (ty, _)) in tables.iter().zip(TYPES.iter().chain(own)) {
        assert_eq!(bits(session, table), bits(back.as_mut(), table), "{ty}");
    }
    same(&before, &take(&other));
}

fn every_kind_of_object_comes_back(bed: &Bed) {
    super::schema_mysql::fill(bed);
    let before = take(bed);
    let other = Bed::new(bed.server, "backup_back");
    restore(&other, &before);
    same(&before, &take(&other));
}

fn the_servers_own_client_loads_the_rows(bed: &Bed) {
    let text = "'it''s \\\\ \\n\\r\\0\\Z', 'a;\\n(b'";
    run(
        bed.open().as_mut(),
        &[
            "create table t (id int primary key, `a b` varchar(50), c text, d blob)",
            &format!("insert into t values (1, {text}, 0x00FF), (2, '', null, '')"),
        ],
    );
    let taken = take(bed);
    let script = bed.sandbox.write("rows.sql", taken.text("t"));
    run(bed.open().as_mut(), &["truncate t"]);
    super::schema_mysql::load(bed, &script);
    same(&taken, &take(bed));
}

/// A table of `count` rows of about 1100 bytes each.
fn large(bed: &Bed, count: u32) {
    let mut session = bed.open();
    run(
        session.as_mut(),
        &["create table big (id int unsigned auto_increment primary key, pad varchar(2000), n int, key (n))"],
    );
    run(session.as_mut(), &["insert into big (pad, n) values (repeat('x', 1000), 1)"]);
    let mut there = 1;
    while there < count {
        let more = there.min(count - there);
        let sql = format!(
            "insert into big (pad, n) select concat(id, repeat(sha2(id, 256), 16)), id % 7 from big limit {more}"
        );
        run(session.as_mut(), &[&sql]);
        there += more;
    }
    run(session.as_mut(), &["analyze table big"]);
}

fn large_tables_are_read_in_parts(bed: &Bed) {
    large(bed, 30_000);
    let before = take(bed);
    let (extract, parts) = before.table("big");
    assert!((3..=8).contains(&parts.len()), "{} parts", parts.len());
    let ends: Vec<&str> = extract.parts.iter().map(|part| part.range.as_str()).collect();
    assert!(ends[0].starts_with("id to ") && ends.last().unwrap().starts_with("id from "), "{ends:?}");
    let count = parts.concat().split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"(")).count();
    assert_eq!(count.to_string(), one(bed.open().as_mut(), "select count(*) from big"));
    // One row changes: the other parts stay as they are, byte by byte.
    run(bed.open().as_mut(), &["update big set pad = 'changed' where id = 20000"]);
    let after = take(bed);
    let changed = parts.iter().zip(&after.table("big").1).filter(|(one, other)| one != other).count();
    assert_eq!((changed, after.table("big").1.len()), (1, parts.len()));
    let other = Bed::new(bed.server, "backup_back");
    restore(&other, &after);
    same(&after, &take(&other));
}

fn sessions_see_one_moment(bed: &Bed) {
    run(
        bed.open().as_mut(),
        &[
            "create table a (n int)",
            "create table b (n int)",
            "insert into a values (0)",
            "insert into b values (0)",
            "create table m (n int) engine=MyISAM",
        ],
    );
    let way = way(bed);
    std::thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            let mut writer = bed.open();
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                run(
                    writer.as_mut(),
                    &["start transaction", "update a set n = n + 1", "update b set n = n + 1", "commit"],
                );
            }
        });
        for _ in 0..10 {
            let mut sessions: Vec<_> = (0..4).map(|_| bed.open()).collect();
            let held = way.hold(&mut sessions).unwrap();
            assert!(
                held.moment.how.contains("1 table of an engine without transactions"),
                "{:?}",
                held.moment
            );
            assert!(!held.moment.position.is_empty(), "{:?}", held.moment);
            let mut seen: Vec<String> = Vec::new();
            for (at, session) in sessions.iter_mut().enumerate() {
                let table = if at % 2 == 0 { "a" } else { "b" };
                seen.push(one(session.as_mut(), &format!("select n from {table}")));
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{:?}", held.moment);
        }
        drop(stop);
    });
}

fn few_rights_are_enough(bed: &Bed) {
    // Where the server counts its transactions, no lock is needed, and so no right to lock.
    let user = format!("few_{}", std::process::id());
    let mut root = bed.open();
    run(
        root.as_mut(),
        &[
            &format!("create user {user} identified by 'few'"),
            &format!("grant select on `{}`.* to {user}", bed.database),
        ],
    );
    let target = bed.sandbox.target(&bed.url_as(&format!("{user}:few"), ""));
    let mut sessions =
        vec![dbwright::engine::open(&target).unwrap(), dbwright::engine::open(&target).unwrap()];
    let held = way(bed).hold(&mut sessions);
    drop(sessions);
    run(root.as_mut(), &[&format!("drop user {user}")]);
    let held = held.unwrap();
    assert!(held.schema_may_change);
    assert!(
        held.moment.how.contains("one position of the binary log; nothing was locked"),
        "{:?}",
        held.moment
    );
    assert_eq!(held.moment.locked_seconds, 0.0);
}

fn rows_that_are_too_large_are_told(bed: &Bed) {
    run(
        bed.open().as_mut(),
        &[
            "create table t (id int primary key, b longblob)",
            "insert into t values (1, repeat(char(1), 3000000))",
            "insert into t values (2, 'x')",
        ],
    );
    let taken = take(bed);
    let mut root = bed.open();
    run(root.as_mut(), &["truncate t"]);
    let most = one(root.as_mut(), "select @@global.max_allowed_packet");
    // What is loaded is told its limit by the session, which takes it from the server at its start.
    run(root.as_mut(), &["set global max_allowed_packet = 4194304"]);
    let session = std::panic::catch_unwind(|| bed.open());
    run(root.as_mut(), &[&format!("set global max_allowed_packet = {most}")]);
    let mut session = session.unwrap();
    way(bed).begin_load(session.as_mut()).unwrap();
    let (_, parts) = taken.table("t");
    let error = load(way(bed), session.as_mut(), &parts[0][..]).unwrap_err();
    assert_eq!(error.kind(), Kind::Data, "{error:?}");
    assert!(
        error.message().contains("a row of `t`") && error.message().contains("max_allowed_packet = 4194304"),
        "{error:?}"
    );
    assert_eq!(one(root.as_mut(), "select count(*) from t"), "0");
    // Many rows that together are too much are sent in several statements.
    let mut many = String::from("INSERT INTO `t` (`id`, `b`) VALUES\n");
    for id in 0..3 {
        let end = if id == 2 { ");\n" } else { "),\n" };
        many += &format!("({id},'{}'{end}", "x".repeat(2_000_000));
    }
    assert_eq!(load(way(bed), session.as_mut(), many.as_bytes()).unwrap(), 3);
    assert_eq!(one(root.as_mut(), "select sum(length(b)) from t"), "6000000");
}

/// Loads rows; tells how many the server took.
fn load(way: &dyn Backup, session: &mut dyn Session, mut input: &[u8]) -> dbwright::error::Result<u64> {
    let mut took = 0;
    way.load(session, "", &mut input, &mut |_, rows| {
        took = rows;
        Ok(())
    })?;
    Ok(took)
}

fn all_rows_of_a_part_or_none(bed: &Bed) {
    run(bed.open().as_mut(), &["create table t (id int primary key)", "insert into t values (7)"]);
    let mut session = bed.open();
    way(bed).begin_load(session.as_mut()).unwrap();
    let input = "INSERT INTO `t` (`id`) VALUES\n(1),\n(2);\nINSERT INTO `t` (`id`) VALUES\n(3),\n(7);\n";
    let error = load(way(bed), session.as_mut(), input.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), Kind::Constraint, "{error:?}");
    assert_eq!(rows(bed.open().as_mut(), "select id from t"), [[Some("7".to_owned())]]);
    load(way(bed), session.as_mut(), &b"INSERT INTO `t` (`id`) VALUES\n(8);\n"[..]).unwrap();
    assert_eq!(one(bed.open().as_mut(), "select count(*) from t"), "2");
}

fn numbers_go_on(bed: &Bed) {
    let mut session = bed.open();
    run(
        session.as_mut(),
        &[
            "create table plain (id int auto_increment primary key)",
            "insert into plain values (null), (null)",
            "create table ahead (id int auto_increment primary key) auto_increment = 100",
            "create table gone (id int auto_increment primary key)",
            "insert into gone values (1), (2), (3)",
            "delete from gone where id > 1",
        ],
    );
    if bed.server == Server::Mariadb {
        run(
            session.as_mut(),
            &[
                "create sequence s start with 5 increment by 3 maxvalue 20 cycle cache 2",
                "create sequence past maxvalue 3 nocache",
                "do nextval(past)",
                "do nextval(past)",
                "do nextval(past)",
            ],
        );
        run(session.as_mut(), &["do nextval(s)"; 7]);
    }
    let taken = take(bed);
    let counters: Vec<&String> = taken.values.iter().filter(|sql| sql.starts_with("ALTER")).collect();
    assert_eq!(
        counters,
        ["ALTER TABLE `ahead` AUTO_INCREMENT = 100", "ALTER TABLE `gone` AUTO_INCREMENT = 4"]
    );
    let other = Bed::new(bed.server, "backup_back");
    restore(&other, &taken);
    let mut back = other.open();
    for (table, next) in [("plain", "3"), ("ahead", "100"), ("gone", "4")] {
        run(back.as_mut(), &[&format!("insert into {table} values (null)")]);
        assert_eq!(one(back.as_mut(), &format!("select max(id) from {table}")), next, "{table}");
    }
    if bed.server == Server::Mariadb {
        let state = |session: &mut dyn Session, name: &str| rows(session, &format!("select * from {name}"));
        for name in ["s", "past"] {
            assert_eq!(state(session.as_mut(), name), state(back.as_mut(), name));
        }
        assert!(back.execute("select nextval(past)", &[]).is_err(), "the sequence had run out");
    }
}

fn history_comes_back(bed: &Bed) {
    if bed.server == Server::Mysql {
        return;
    }
    let mut session = bed.open();
    run(
        session.as_mut(),
        &[
            "create table hidden (id int primary key, a int, key (a)) with system versioning",
            "insert into hidden values (1, 1), (2, 2)",
            "update hidden set a = 5 where id = 1",
            "delete from hidden where id = 2",
            "create table told (id int primary key, a int, began timestamp(6) generated always as row start invisible, \
             ended timestamp(6) generated always as row end invisible, period for system_time (began, ended)) with system versioning",
            "insert into told (id, a) values (1, 1)",
            "update told set a = 5",
            "create table parted (id int, a int) with system versioning partition by system_time (partition p0 history, partition pn current)",
            "insert into parted values (1, 1)",
            "update parted set a = 2",
            "create table exact (id int primary key, a int, began bigint unsigned generated always as row start, \
             ended bigint unsigned generated always as row end, period for system_time (began, ended)) with system versioning",
            "insert into exact (id, a) values (1, 1)",
        ],
    );
    let taken = take(bed);
    assert_eq!(taken.text("hidden").matches("\n(").count(), 3);
    assert_eq!(taken.text("told").matches("\n(").count(), 2);
    assert_eq!(taken.text("parted").matches("\n(").count(), 2);
    let other = Bed::new(bed.server, "backup_back");
    restore(&other, &taken);
    let mut back = other.open();
    for (table, start, end) in
        [("hidden", "row_start", "row_end"), ("told", "began", "ended"), ("parted", "row_start", "row_end")]
    {
        let sql = format!("select id, a, {start}, {end} from {table} for system_time all order by 1, 4");
        assert_eq!(rows(session.as_mut(), &sql), rows(back.as_mut(), &sql), "{table}");
    }
    same(&taken, &take(&other));
}
