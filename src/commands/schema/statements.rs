//! Which statements of somebody's file may be run to see what schema they make.

use crate::sql::{Dialect, Lexer, TokenKind, leading_keywords};

/// Whether a statement belongs to a schema and stays within its database. Rows are not needed, and
/// what concerns the server or other databases must not be run from a file.
pub fn makes_schema(sql: &str, dialect: &Dialect, schemas: bool) -> bool {
    const NOT_OURS: &[&str] = &[
        "DATABASE",
        "USER",
        "ROLE",
        "GROUP",
        "TABLESPACE",
        "SERVER",
        "SYSTEM",
        "INSTANCE",
        "SUBSCRIPTION",
        "PUBLICATION",
        "EVENT",
        "LOGFILE",
        "RESOURCE",
    ];
    let words = leading_keywords(sql, dialect, 4);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match word(0) {
        "CREATE" | "ALTER" | "DROP" => {
            let what = if word(1) == "OR" { word(3) } else { word(1) };
            // Where there are no schemas, the word means a database.
            !NOT_OURS.contains(&what) && (schemas || what != "SCHEMA")
        }
        "SET" => !sets_more(sql, dialect),
        "COMMENT" | "PRAGMA" | "BEGIN" | "START" | "COMMIT" | "END" => true,
        // pg_dump sets the search path so.
        "SELECT" => sql.contains("set_config("),
        _ => false,
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
        text == "(" || ["AS", "BEGIN", "FOR", "SELECT"].iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    for (token, text) in tokens {
        if begins_body(text) && token.kind != TokenKind::QuotedIdent {
            return None;
        }
        match (text, before) {
            (".", Some(name)) => return Some(name.trim_matches(['`', '"']).to_owned()),
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
            ("select pg_terminate_backend(1)", true, false),
            ("copy t from '/etc/passwd'", true, false),
            ("attach 'x' as y", false, false),
            ("grant all on t to public", true, false),
        ] {
            let dialect = if schemas { &POSTGRES } else { &MYSQL };
            assert_eq!(makes_schema(sql, dialect, schemas), runs, "{sql}");
        }
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
