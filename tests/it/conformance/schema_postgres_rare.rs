//! The rarer kinds of PostgreSQL's objects, with comments, owners and rights on everything that
//! can have them: pg_dump must not be able to tell the database that was read from the one that
//! was made.

use std::path::Path;

use dbwright::engine::engine_for;
use dbwright::model::catalog::{Catalog, Kind, Scope};
use dbwright::model::ddl::DdlOptions;

use crate::process::Ran;
use crate::servers::{Bed, Server, bed as told, leave_out, rows};

/// Makes a test of each body on both versions.
macro_rules! on_postgres {
    ($($body:ident),* $(,)?) => { $(
        mod $body {
            use crate::servers::{Server, run};
            #[test]
            fn pg15() { run(Server::Pg15, stringify!($body), super::$body); }
            #[test]
            fn pg18() { run(Server::Pg18, stringify!($body), super::$body); }
        }
    )* };
}

on_postgres! { rare, loose, without_rights }

/// Two databases, and roles that own what is in them. Roles belong to the whole cluster, where
/// other tests run too, and can go only after the databases.
struct Ground<'a> {
    bed: &'a Bed,
    original: String,
    copy: String,
    roles: String,
}

impl<'a> Ground<'a> {
    fn new(bed: &'a Bed) -> Self {
        let name = |what: &str| format!("{}_{what}", bed.database);
        let ground = Ground { bed, original: name("a"), copy: name("b"), roles: name("role") };
        for database in [&ground.original, &ground.copy] {
            bed.open().execute(&format!("create database {database}"), &[]).unwrap();
        }
        ground
    }

    fn url(&self, database: &str) -> String {
        self.bed.url().replace(&self.bed.database, database)
    }

    fn open(&self, database: &str) -> Box<dyn dbwright::engine::Session> {
        dbwright::engine::open(&self.bed.sandbox.target(&self.url(database))).unwrap()
    }

    /// Runs a client program on a database.
    fn client(&self, program: &str, database: &str, arguments: &[&str]) -> Ran {
        let mut command = self.bed.sandbox.program(program);
        command.args(["-h", "127.0.0.1", "-p", &self.bed.server.port(), "-U", "dbwright", "-d", database]);
        command.env("PGPASSWORD", told("PASSWORD").unwrap());
        Ran::of(command.args(arguments))
    }

    fn load(&self, psql: &str, file: &str) {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema/postgres");
        let script = std::fs::read_to_string(cases.join(file)).unwrap().replace("rare_role", &self.roles);
        let script = self.bed.sandbox.write(file, script);
        let script = script.display().to_string();
        let options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script.as_str()];
        self.client(psql, &self.original, &options).ok();
    }

    /// All that pg_dump says, but for the random words that newer ones put in.
    fn dump(&self, pg_dump: &str, database: &str) -> String {
        let text = self.client(pg_dump, database, &["-s"]).ok();
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict "));
        in_order(lines.collect())
    }

    fn clean_up(&self) {
        for database in [&self.original, &self.copy] {
            let mut session = self.open(database);
            // A database that follows another one cannot be dropped.
            let names = "select quote_ident(subname) from pg_subscription s
                join pg_database d on d.oid = s.subdbid where d.datname = current_database()";
            for name in rows(&mut *session, names).into_iter().flatten().flatten() {
                for what in [
                    format!("alter subscription {name} disable"),
                    format!("alter subscription {name} set (slot_name = none)"),
                    format!("drop subscription {name}"),
                ] {
                    session.execute(&what, &[]).unwrap();
                }
            }
            self.bed.open().execute(&format!("drop database {database} with (force)"), &[]).unwrap();
        }
        let roles =
            format!("select quote_ident(rolname) from pg_roles where starts_with(rolname, '{}')", self.roles);
        let mut session = self.bed.open();
        for role in rows(&mut *session, &roles).into_iter().flatten().flatten() {
            session.execute(&format!("drop role {role}"), &[]).unwrap();
        }
    }
}

impl Drop for Ground<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A second panic would hide the first.
            let cleaned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.clean_up()));
            if cleaned.is_err() {
                eprintln!("cannot drop all that belongs to {}", self.roles);
            }
        } else {
            self.clean_up();
        }
    }
}

fn rare(bed: &Bed) {
    let files: &[&str] = match bed.server {
        Server::Pg18 => &["rare.sql", "rare-18.sql"],
        _ => &["rare.sql"],
    };
    let Some((catalog, dump)) = comes_back(bed, files) else { return };
    every_rare_kind_is_there(&catalog);
    secrets_are_not_told(&catalog);
    for word in ["COMMENT ON CONSTRAINT", "OWNER TO", "GRANT", "REVOKE", "ALTER DEFAULT PRIVILEGES"] {
        assert!(dump.contains(word), "pg_dump tells no {word}");
    }
}

/// Hundreds of operators, classes, casts and types of C functions, which others wrote.
fn loose(bed: &Bed) {
    let Some((catalog, _)) = comes_back(bed, &["loose.sql"]) else { return };
    for (kind, least) in [(Kind::Operator, 300), (Kind::OperatorClass, 90), (Kind::Cast, 20)] {
        let count = catalog.objects.iter().filter(|object| object.kind() == kind).count();
        assert!(count >= least, "{count} of {}", kind.word());
    }
}

/// Whoever may not see connections and options is told which objects that hides.
fn without_rights(bed: &Bed) {
    let Some(psql) = told("PSQL") else {
        return leave_out("a catalog without rights", "there is no psql");
    };
    let ground = Ground::new(bed);
    ground.load(&psql, "rare.sql");
    let url = bed.url_as("reader:reader", "").replace(&bed.database, &ground.original);
    let mut session = dbwright::engine::open(&bed.sandbox.target(&url)).unwrap();
    let catalog = session.catalog(Scope { privileges: true, ..Scope::default() }).unwrap();
    let unread: Vec<&str> = catalog.unread.iter().map(|unread| unread.what.as_str()).collect();
    let mapping =
        |role: &str, server: &str| format!("the options of the user mapping of {role} on server {server}");
    let expected = [
        mapping("public", "rare_server"),
        mapping(&format!("{} Odd \"Name\"", ground.roles), "Rare Server"),
        mapping(&format!("{}_reader", ground.roles), "rare_server"),
        "subscription Other Follower".to_owned(),
        "subscription follower".to_owned(),
    ];
    assert_eq!(unread, expected);
}

/// Makes a database by the files, reads it, makes it again elsewhere, and compares; gives the
/// catalog and what pg_dump says of it.
fn comes_back(bed: &Bed, files: &[&str]) -> Option<(Catalog, String)> {
    let (Some(psql), Some(pg_dump)) = (told("PSQL"), bed.server.told("DUMP")) else {
        leave_out("the rarer objects of PostgreSQL", "there is no psql or pg_dump");
        return None;
    };
    let ground = Ground::new(bed);
    for file in files {
        ground.load(&psql, file);
    }
    let catalog = read(&ground, &ground.original);
    assert_eq!(catalog.unread, []);
    make(&ground, &catalog);
    let dump = ground.dump(&pg_dump, &ground.original);
    same(&dump, &ground.dump(&pg_dump, &ground.copy));
    let again = read(&ground, &ground.copy);
    same(&json(&catalog), &json(&again).replace(&ground.copy, &ground.original));
    Some((catalog, dump))
}

/// pg_dump sorts the members of an operator family by their number only, so it may tell those of one
/// number in any order.
fn in_order(mut lines: Vec<&str>) -> String {
    let is_member = |line: &str| line.starts_with("    OPERATOR ") || line.starts_with("    FUNCTION ");
    for run in lines.chunk_by_mut(|one, other| is_member(one) && is_member(other)) {
        run.sort_by_key(|line| line.trim_end_matches([' ', ',', ';']));
    }
    lines
        .iter()
        .map(|line| if is_member(line) { line.trim_end_matches([' ', ',', ';']) } else { *line })
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(ground: &Ground<'_>, database: &str) -> Catalog {
    let scope = Scope { privileges: true, ..Scope::default() };
    ground.open(database).catalog(scope).unwrap_or_else(|error| panic!("{error:?}"))
}

fn make(ground: &Ground<'_>, catalog: &Catalog) {
    let mut session = ground.open(&ground.copy);
    for piece in engine_for(catalog.engine).ddl().create(catalog, DdlOptions { privileges: true }) {
        session.execute(&piece.sql, &[]).unwrap_or_else(|error| panic!("{error:?}\n{}", piece.sql));
    }
}

fn every_rare_kind_is_there(catalog: &Catalog) {
    for kind in [
        Kind::Language,
        Kind::AccessMethod,
        Kind::ForeignDataWrapper,
        Kind::ForeignServer,
        Kind::UserMapping,
        Kind::Collation,
        Kind::Conversion,
        Kind::Operator,
        Kind::OperatorFamily,
        Kind::OperatorClass,
        Kind::Cast,
        Kind::Transform,
        Kind::TextSearchParser,
        Kind::TextSearchTemplate,
        Kind::TextSearchDictionary,
        Kind::TextSearchConfiguration,
        Kind::EventTrigger,
        Kind::Statistics,
        Kind::Publication,
        Kind::Subscription,
        Kind::DefaultPrivileges,
    ] {
        let mut of_kind = catalog.objects.iter().filter(|object| object.kind() == kind);
        assert!(of_kind.any(|object| object.extension.is_none()), "no {}", kind.word());
    }
}

/// Whoever looks at the catalog must not see them; only a dump has them.
fn secrets_are_not_told(catalog: &Catalog) {
    let shown = json(catalog);
    let pieces = engine_for(catalog.engine).ddl().create(catalog, DdlOptions::default());
    for secret in ["wrapper secret", "server secret", "mapping ''secret''", "mapping token", "it is secret"] {
        assert!(!shown.contains(&secret.replace("''", "'")), "{secret} is told");
        assert!(!shown.contains(secret), "{secret} is told");
        assert!(pieces.iter().any(|piece| piece.sql.contains(secret)), "{secret} is lost");
    }
}

fn json(catalog: &Catalog) -> String {
    serde_json::to_string_pretty(catalog).unwrap()
}

/// Shows the first lines that differ.
#[track_caller]
fn same(one: &str, other: &str) {
    if one == other {
        return;
    }
    let differences: Vec<String> = one
        .lines()
        .zip(other.lines())
        .filter(|(one, other)| one != other)
        .take(20)
        .map(|(one, other)| format!("- {one}\n+ {other}"))
        .collect();
    panic!(
        "{} and {} lines, which differ:\n{}",
        one.lines().count(),
        other.lines().count(),
        differences.join("\n")
    );
}
