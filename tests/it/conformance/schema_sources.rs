//! What files say is compared with what a server says, after the server itself has loaded them into
//! a database that is gone afterwards.

use rustix::process::Signal;

use crate::poll;
use crate::process::{Ran, shell_code, signal};
use crate::servers::{Bed, Server, on_every_network_server, on_every_server, one, rows};

on_every_server!(
    files_are_compared_with_a_database,
    a_folder_of_migrations_is_a_source,
    what_is_wrong_in_a_file_is_pointed_at,
    tables_of_other_tools_are_left_alone,
    what_no_definition_can_say_is_left_alone,
    names_of_view_columns_are_carried,
);
on_every_network_server!(
    nothing_is_made_unasked,
    an_interrupted_load_leaves_nothing,
    what_files_are_loaded_without_is_left_alone,
    what_code_makes_is_in_the_file,
    code_that_reaches_beyond_is_not_run,
);

const DEFINITION: &str = "\
[tables.film]
primary_key = [\"id\"]
columns.id = \"int32 not null\"
columns.title = \"varchar(100) not null\"
indexes.film_title = [\"title\"]
";

/// Runs `schema diff` with the bed's server as the scratch.
fn diff(bed: &Bed, arguments: &[&str]) -> Ran {
    let url = bed.url();
    let scratch = if bed.server == Server::Sqlite { vec![] } else { vec!["--scratch", url.as_str()] };
    bed.sandbox.run(&[&["schema", "diff"], arguments, &scratch].concat())
}

fn run(bed: &Bed, sql: &str) {
    let mut session = bed.open_with(bed.server.pick("mode=rwc", "", ""));
    rows(session.as_mut(), sql);
}

fn files_are_compared_with_a_database(bed: &Bed) {
    bed.sandbox.write("shop.toml", DEFINITION);
    let generated =
        bed.sandbox.run(&["schema", "gen", "shop.toml", "--engine", bed.server.kind().word()]).ok();
    bed.sandbox.write("shop.sql", &generated);
    bed.connect(&["-f", "shop.sql"]).ok();
    for file in ["shop.toml", "shop.sql"] {
        for pair in [[bed.url().as_str(), file], [file, bed.url().as_str()]] {
            let ran = diff(bed, &[&pair[..], &["--exit-code"]].concat());
            assert_eq!(ran.code(), 0, "{ran}");
        }
    }
    let engine = ["--engine", bed.server.kind().word()];
    assert_eq!(diff(bed, &[&["shop.toml", "shop.sql", "--exit-code"][..], &engine].concat()).code(), 0);
    run(bed, "alter table film add column year int");
    let ran = diff(bed, &[&bed.url(), "shop.toml", "--exit-code"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.out().contains("column year"), "{ran}");
}

fn a_folder_of_migrations_is_a_source(bed: &Bed) {
    std::fs::create_dir(bed.sandbox.work().join("db")).unwrap();
    bed.sandbox.write(
        "db/2_title.sql",
        "-- migrate:up\nalter table film add column title varchar(100);\n\
         insert into film (id) values (1);\n-- migrate:down\nalter table film drop column title;\n",
    );
    bed.sandbox.write(
        "db/1_film.sql",
        "-- migrate:up\ncreate table film (id int not null primary key);\n-- migrate:down\ndrop table film;\n",
    );
    run(bed, "create table film (id int not null primary key, title varchar(100))");
    let ran = diff(bed, &["db", &bed.url(), "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("1 statements of db make no schema"), "{ran}");
}

fn what_is_wrong_in_a_file_is_pointed_at(bed: &Bed) {
    bed.sandbox.write(
        "wrong.sql",
        "create table a (id int);\n\ncreate table b (\n    id int,\n    oops oops oops(\n);\n",
    );
    let ran = diff(bed, &[&bed.url(), "wrong.sql"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("wrong.sql:"), "{ran}");
    bed.sandbox.write("wrong.toml", "[tables.film]\ncolumns.id = \"int32 nul\"\n");
    let ran = diff(bed, &[&bed.url(), "wrong.toml"]);
    assert_eq!(ran.code(), 2, "{ran}");
    assert!(ran.out().contains("wrong.toml:2:"), "{ran}");
    // Right as a definition; only the server can know that it cannot be.
    bed.sandbox.write(
        "refused.toml",
        "[tables.film]\ncolumns.id = \"int32\"\n\n[views.rich]\nquery = \"select nothing, from film\"\n",
    );
    let ran = diff(bed, &[&bed.url(), "refused.toml"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.stderr.contains("refused.toml:4:"), "{ran}");
}

fn tables_of_other_tools_are_left_alone(bed: &Bed) {
    run(bed, "create table film (id int not null primary key)");
    run(bed, "create table schema_migrations (version varchar(128) not null primary key)");
    run(bed, "create table goose_db_version (id int not null primary key)");
    bed.sandbox.write("film.sql", "create table film (id int not null primary key);");
    let ran = diff(bed, &[&bed.url(), "film.sql", "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("goose_db_version, schema_migrations"), "{ran}");
}

fn what_no_definition_can_say_is_left_alone(bed: &Bed) {
    bed.sandbox.write("shop.toml", DEFINITION);
    let generated =
        bed.sandbox.run(&["schema", "gen", "shop.toml", "--engine", bed.server.kind().word()]).ok();
    bed.sandbox.write("shop.sql", &generated);
    bed.connect(&["-f", "shop.sql"]).ok();
    let statements = bed.server.pick(
        &["create trigger tr after insert on film begin select 1; end"][..],
        &[
            "create function f() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger tr before insert on film for each row execute function f()",
        ],
        &[
            "create function f() returns int deterministic return 1",
            "create trigger tr before insert on film for each row set new.title = 'x'",
        ],
    );
    statements.iter().for_each(|sql| run(bed, sql));
    let ran = diff(bed, &[&bed.url(), "shop.toml", "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("no definition tells of them: trigger (1)"), "{ran}");
    // SQL can say it, and does not.
    let ran = diff(bed, &[&bed.url(), "shop.sql", "--exit-code"]);
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.out().contains("trigger tr"), "{ran}");
}

fn names_of_view_columns_are_carried(bed: &Bed) {
    run(bed, "create table t (a int, b int)");
    run(bed, "create view w (x, y) as select a, b from t");
    let url = bed.url();
    let own = bed.server.kind().word();
    let definition = bed.sandbox.run(&["schema", "gen", "--from", &url, "--as", "definition"]).ok();
    bed.sandbox.write("shop.toml", definition);
    let ran = diff(bed, &[&url, "shop.toml", "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let script = bed.sandbox.run(&["schema", "gen", "--from", &url, "--engine", own, "--strict"]).ok();
    let plain = script.replace(['"', '`'], "").to_lowercase();
    assert!(plain.contains("w (x, y) as") || plain.contains(" as x"), "{script}");
    bed.sandbox.write("names.toml", "[tables.t]\ncolumns = { a = \"int32\", b = \"int32\" }\n[views]\nw = { columns = [\"x\", \"z\"], query = \"select a, b from t\" }\n");
    let ran = diff(bed, &[&url, "names.toml", "--exit-code"]);
    assert!(ran.code() == 1 && ran.out().contains('z'), "{ran}");
}

/// Without being told where, no database is made; a file of another engine is told by its own name.
fn nothing_is_made_unasked(bed: &Bed) {
    bed.sandbox.write("film.sql", "create table film (id int not null primary key);");
    let url = bed.url();
    let ran = bed.sandbox.run(&["schema", "diff", &url, "film.sql"]);
    let said = ran.fails(2);
    assert!(said.contains("--scratch PROFILE|URL"), "{said}");
    let ran = bed.sandbox.run(&["schema", "diff", &url, "film.sql", "--scratch", "sqlite::memory:"]);
    assert!(ran.fails(2).contains("must be loaded by"));
    // The profile may say so for good.
    let coded =
        url.split_once("://").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1.to_owned();
    let bare = url.replacen(&format!(":{coded}@"), "@", 1);
    bed.sandbox.write(
        "dbwright.toml",
        format!("[profile.live]\nurl = {bare:?}\npassword_env = \"PW\"\nscratch = \"live\"\n"),
    );
    let mut command = bed.sandbox.command(["schema", "diff", "live", "film.sql", "--exit-code"]);
    let ran = Ran::of(command.env("PW", crate::servers::bed("PASSWORD").unwrap()));
    assert_eq!(ran.code(), 1, "{ran}");
    assert!(ran.out().contains("+ table film"), "{ran}");
}

fn an_interrupted_load_leaves_nothing(bed: &Bed) {
    let slow = bed.server.pick(
        "",
        "create table slow as select 1 as a from pg_sleep(300)",
        "create table slow as select sleep(300)",
    );
    bed.sandbox.write("slow.sql", format!("create table a (id int);\n{slow};\n"));
    let url = bed.url();
    let mut command = bed.sandbox.command(["schema", "diff", &url, "slow.sql", "--scratch", &url]);
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut watcher = bed.open();
    let database = bed.server.pick(
        "",
        "select datname from pg_stat_activity where datname like 'dbwright\\_scratch\\_%' and \
         query like 'create table slow%' and wait_event = 'PgSleep'",
        "select db from information_schema.processlist where db like 'dbwright\\_scratch\\_%' and \
         info like 'create table slow%'",
    );
    let mut name = String::new();
    poll::until("the file is being loaded", || {
        name = one(watcher.as_mut(), database);
        !name.is_empty()
    });
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(shell_code(output.status), 130, "{said}");
    let is_left = bed.server.pick(
        String::new(),
        format!("select count(*) from pg_database where datname = '{name}'"),
        format!("select count(*) from information_schema.schemata where schema_name = '{name}'"),
    );
    assert_eq!(one(watcher.as_mut(), &is_left), "0", "{said}");
}

/// A file cannot say what must not be made from it: it is not missing.
fn what_files_are_loaded_without_is_left_alone(bed: &Bed) {
    let file = bed.server.pick(
        "",
        "create table film (id int not null primary key, data text);
         create function f() returns event_trigger language plpgsql as 'begin end';
         create foreign data wrapper w;
         create server s foreign data wrapper w;
         create foreign table far (id int) server s;
         create publication p for table film;
         create event trigger tr on ddl_command_end execute function f();",
        "create table film (id int not null primary key, data text);
         create event e on schedule every 1 day do set @a = 1;",
    );
    bed.sandbox.write("film.sql", file);
    bed.connect(&["-f", "film.sql"]).ok();
    let told = bed.server.pick("", "event trigger (1), publication (1)", "event (1)");
    for pair in [[bed.url().as_str(), "film.sql"], ["film.sql", bed.url().as_str()]] {
        let ran = diff(bed, &[&pair[..], &["--exit-code"]].concat());
        assert_eq!(ran.code(), 0, "{ran}");
        assert!(ran.stderr.contains(&format!("files are loaded without them: {told}")), "{ran}");
    }
    // It follows what it stands on.
    let (last, _) = file.split_once("\n").unwrap();
    let functions =
        bed.server.pick("", "create function f() returns event_trigger language plpgsql as 'begin end';", "");
    bed.sandbox.write("film.sql", format!("{}{functions}", last.replace("data text", "data varchar(9)")));
    let url = bed.url();
    let apply = ["schema", "apply", &url, "film.sql", "--scratch", &url, "--yes", "--allow-loss"];
    bed.sandbox.run(&apply).ok();
    assert_eq!(diff(bed, &[&url, "film.sql", "--exit-code"]).code(), 0);
    let other = Bed::new(bed.server, "without");
    other.sandbox.run(&["schema", "diff", &url, &other.url(), "--exit-code"]).fails(1);
}

/// Blocks and routines make objects that no statement of the file shows.
fn what_code_makes_is_in_the_file(bed: &Bed) {
    let file = bed.server.pick(
        "",
        "do $$ begin create type mood as enum ('a'); exception when duplicate_object then null; end $$;
         create function make_it() returns void language sql as 'create table made (m mood)';
         select make_it();
         create procedure more() language sql as 'create table more (id int)';
         call more();
         select id as number into copied from more;",
        "delimiter //
         create procedure make_it() begin
           if not exists (select 1 from information_schema.tables t
                          where t.table_schema = database() and t.table_name = 'made') then
             create table made (id int);
           end if;
         end //
         delimiter ;
         call make_it();",
    );
    bed.sandbox.write("made.sql", file);
    bed.connect(&["-f", "made.sql"]).ok();
    let ran = diff(bed, &[&bed.url(), "made.sql", "--exit-code"]);
    assert_eq!(ran.code(), 0, "{ran}");
    let wrong = bed.server.pick(
        "",
        "create table a (id int);\ndo $$ begin perform 1/0; end $$;\n",
        "create table a (id int);\ncall nothing();\n",
    );
    bed.sandbox.write("wrong.sql", wrong);
    let said = diff(bed, &[&bed.url(), "wrong.sql"]).fails(1);
    assert!(said.contains("wrong.sql:2"), "{said}");
}

fn code_that_reaches_beyond_is_not_run(bed: &Bed) {
    let role = format!("r_{}", bed.database.to_lowercase());
    let (beyond, both) = bed.server.pick(
        (String::new(), String::new()),
        (
            format!("create table film (id int);\ndo $$ begin create role {role}; end $$;\n"),
            format!("do $$ begin create role {role}; create table film (id int); end $$;\n"),
        ),
        (
            format!("create table film (id int);\ncreate procedure p() create database {role};\ncall p();\n"),
            format!("create procedure p() create table {}.t (id int);\ncall p();\n", bed.database),
        ),
    );
    bed.sandbox.write("film.sql", beyond);
    let ran = diff(bed, &[&bed.url(), "film.sql"]);
    assert_eq!(ran.code(), 0, "{ran}");
    assert!(ran.stderr.contains("not run, as it reaches beyond its database: CREATE"), "{ran}");
    bed.sandbox.write("both.sql", both);
    let said = diff(bed, &[&bed.url(), "both.sql"]).fails(2);
    assert!(said.contains("also reaches beyond its database"), "{said}");
    let made = bed.server.pick(
        String::new(),
        format!("select count(*) from pg_roles where rolname = '{role}'"),
        format!("select count(*) from information_schema.schemata where schema_name = '{role}'"),
    );
    assert_eq!(one(bed.open().as_mut(), &made), "0");
}
