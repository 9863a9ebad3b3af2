//! Which statements of somebody's file may be run to see what schema they make.

use super::code::runs_code;
use crate::sql::{Dialect, Lexer, TokenKind, leading_keywords};

/// What belongs to the server, and not to one of its databases.
pub const BEYOND_DATABASE: &[&str] = &[
    "DATABASE",
    "USER",
    "ROLE",
    "GROUP",
    "TABLESPACE",
    "SYSTEM",
    "INSTANCE",
    "SUBSCRIPTION",
    "LOGFILE",
    "RESOURCE",
];

/// Whether a statement belongs to a schema and stays within its database. Rows are not needed, and
/// what concerns the server or other databases must not be run from a file.
pub fn makes_schema(sql: &str, dialect: &Dialect, schemas: bool) -> bool {
    let words = leading_keywords(sql, dialect, 4);
    match words.first().map_or("", String::as_str) {
        "CREATE" | "ALTER" | "DROP" => {
            let what = object_word(sql, dialect);
            !is_not_ours(&what, schemas)
        }
        "SET" => !sets_more(sql, dialect),
        "COMMENT" | "PRAGMA" | "BEGIN" | "START" | "COMMIT" | "END" => true,
        _ => runs_code(sql, dialect, schemas),
    }
}

/// What makes objects that nobody sees without running it, and is not run: a statement out of a string,
/// or what another server has.
pub fn makes_unseen(sql: &str, dialect: &Dialect) -> Option<&'static str> {
    match leading_keywords(sql, dialect, 2).iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["EXECUTE", ..] => Some("EXECUTE"),
        ["IMPORT", "FOREIGN"] => Some("IMPORT FOREIGN SCHEMA"),
        _ => None,
    }
}

/// Whether objects of this kind are not made from a file: what belongs to the server, and what would
/// do something at once. `keep::is_unloaded` says the same of the objects of a catalog.
fn is_not_ours(what: &str, schemas: bool) -> bool {
    const AT_WORK: [&str; 2] = ["EVENT", "PUBLICATION"];
    // Without schemas that word means a database, and a server is one for all databases.
    BEYOND_DATABASE.contains(&what)
        || AT_WORK.contains(&what)
        || !schemas && ["SCHEMA", "SERVER"].contains(&what)
}

/// The word for what a statement makes, after `OR REPLACE` and `DEFINER = account`.
fn object_word(sql: &str, dialect: &Dialect) -> String {
    const OF_DEFINERS: [&str; 6] = ["AGGREGATE", "EVENT", "FUNCTION", "PROCEDURE", "TRIGGER", "VIEW"];
    let code = Lexer::new(sql, dialect).code().filter(|(token, _)| token.kind.is_word());
    let mut words = code.map(|(_, text)| text.to_ascii_uppercase()).skip(1).peekable();
    if words.next_if(|word| word == "OR").is_some() {
        words.next();
    }
    let word = words.next().unwrap_or_default();
    match word.as_str() {
        "DEFINER" => words.find(|word| OF_DEFINERS.contains(&word.as_str())).unwrap_or_default(),
        _ => word,
    }
}

/// Whether `SET` reaches beyond the session: `SET GLOBAL x`, `SET @@global.x`, `SET ROLE x`.
fn sets_more(sql: &str, dialect: &Dialect) -> bool {
    const BEYOND: [&str; 5] = ["GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD", "ROLE"];
    Lexer::new(sql, dialect).code().any(|(_, text)| {
        let word = text.trim_start_matches('@').split('.').next().unwrap_or_default();
        BEYOND.iter().any(|beyond| word.eq_ignore_ascii_case(beyond))
    })
}

/// The database that a statement names before an object, where an engine has databases instead of
/// schemas: such a statement would change another database than the one it is run in.
pub fn other_database(sql: &str, dialect: &Dialect) -> Option<String> {
    let mut before: Option<&str> = None;
    let tokens = Lexer::new(sql, dialect).code().filter(|(token, _)| token.kind != TokenKind::CommentMarker);
    let is_name = |kind: TokenKind| kind.is_word() || kind == TokenKind::QuotedIdent;
    // What the object is made of begins with one of these; names in it may have their table before
    // them.
    let begins_body = |text: &str| {
        const WORDS: [&str; 5] = ["AS", "BEGIN", "FOR", "SELECT", "WHEN"];
        text == "(" || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    for (token, text) in tokens {
        if begins_body(text) && token.kind != TokenKind::QuotedIdent {
            return None;
        }
        match (text, before) {
            (".", Some(name)) => {
                let name = name.trim_matches(['`', '"', '[', ']']);
                let own = |own: &str| name.eq_ignore_ascii_case(own);
                if !dialect.own_database.is_some_and(own) {
                    return Some(name.to_owned());
                }
                before = None;
            }
            _ => before = is_name(token.kind).then_some(text),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    #[test]
    fn only_what_makes_a_schema_is_run() {
        for (sql, schemas, runs) in [
            ("create table t (a int)", true, true),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", true, true),
            ("drop database shop", true, false),
            ("create schema shop", true, true),
            ("create schema shop", false, false),
            ("use shop", false, false),
            ("insert into t values (1)", true, false),
            ("set global x = 1", false, false),
            ("set @@global.x = 1", false, false),
            ("set x = 1, global y = 2", false, false),
            ("set names utf8mb4", false, true),
            ("set search_path = a, b", true, true),
            ("set role admin", true, false),
            ("alter system set x = 1", true, false),
            ("select pg_catalog.set_config('search_path', '', false)", true, true),
            ("select make_it()", true, true),
            ("select 1", false, false),
            ("do $$ begin create type t as enum (); end $$", true, true),
            ("do sleep(1)", false, false),
            ("call make_it()", false, true),
            ("create server s foreign data wrapper w", true, true),
            ("create server s foreign data wrapper w options (user 'x')", false, false),
            ("create user mapping for public server s", true, false),
            ("create publication p", true, false),
            ("create event e on schedule every 1 day do set @a = 1", false, false),
            ("create definer=`root`@`%` event e on schedule every 1 day do set @a = 1", false, false),
            ("create or replace definer=current_user event e on schedule every 1 day do x", false, false),
            ("create definer=`root`@`%` sql security invoker view v as select 1", false, true),
            ("copy t from '/etc/passwd'", true, false),
            ("attach 'x' as y", false, false),
            ("grant all on t to public", true, false),
        ] {
            let dialect = if schemas { &POSTGRES } else { &MYSQL };
            assert_eq!(makes_schema(sql, dialect, schemas), runs, "{sql}");
        }
    }

    #[test]
    fn the_own_database_of_sqlite_has_a_name() {
        use crate::sql::SQLITE;
        for (sql, database) in [
            ("create table main.t (a int)", None),
            ("create index \"Main\".i on t (a)", None),
            ("create trigger main.g after insert on t begin select 1; end", None),
            ("create table other.t (a int)", Some("other")),
            ("create table [temp].t (a int)", Some("temp")),
        ] {
            assert_eq!(other_database(sql, &SQLITE).as_deref(), database, "{sql}");
        }
        assert_eq!(
            makes_unseen("import foreign schema s from server x into y", &POSTGRES),
            Some("IMPORT FOREIGN SCHEMA")
        );
        assert_eq!(makes_unseen("execute p using @a", &MYSQL), Some("EXECUTE"));
        assert_eq!(makes_unseen("prepare p from 'select 1'", &MYSQL), None);
    }

    #[test]
    fn objects_of_other_databases_are_seen() {
        for (sql, database) in [
            ("create table t (a int, check (t.a > 0))", None),
            ("create table shop.t (a int)", Some("shop")),
            ("drop table if exists a, `sh.op` . `t`", Some("sh.op")),
            ("create view v as select t.a from t", None),
            ("create view shop.v as select 1", Some("shop")),
            ("create index i on shop.t (a)", Some("shop")),
            ("create trigger r before insert on t for each row set new.a = 1", None),
            ("create trigger r before insert on shop.t for each row set new.a = 1", Some("shop")),
            ("create trigger r after update on t when new.a <> old.a begin select 1; end", None),
            ("create trigger r after update of a on shop.t when new.a > 1 begin end", Some("shop")),
            ("alter table t rename to shop.t", Some("shop")),
            ("alter table t add constraint f foreign key (a) references p (a)", None),
            ("create definer=`root`@`localhost` procedure p() begin end", None),
            ("create definer=`root`@`localhost` procedure shop.p() begin end", Some("shop")),
            ("/*!50001 create view shop.v as select 1 */", Some("shop")),
            ("create table t like shop.t", Some("shop")),
        ] {
            assert_eq!(other_database(sql, &MYSQL).as_deref(), database, "{sql}");
        }
    }
}
