//! Code in somebody's file that runs while the file is loaded: `DO` blocks and calls of routines. What
//! it makes no statement of the file shows, so it must be run; and it may reach beyond the database
//! it runs in, which nothing that a file is only compared by may do.

use std::collections::BTreeMap;

use super::statements::BEYOND_DATABASE;
use crate::sql::{Dialect, Lexer, TokenKind, leading_keywords};

/// How code reaches beyond its database.
#[derive(Debug, PartialEq, Eq)]
pub struct Reach {
    /// The words that do it.
    pub by: String,
    /// Whether it makes objects, too.
    pub makes: bool,
}

/// The routines that a file has made so far, by their names, and what they say.
#[derive(Debug, Default)]
pub struct Code {
    routines: BTreeMap<String, Vec<String>>,
}

/// Whether a statement runs code: a block or a routine.
pub fn runs_code(sql: &str, dialect: &Dialect, schemas: bool) -> bool {
    let words = leading_keywords(sql, dialect, 1);
    match words.first().map_or("", String::as_str) {
        "CALL" => true,
        "DO" | "SELECT" | "WITH" => schemas,
        _ => false,
    }
}

impl Code {
    /// Takes note of a routine that a statement makes.
    pub fn note(&mut self, sql: &str, dialect: &Dialect) {
        let words = words(sql, dialect);
        let is_routine = |word: &String| ["FUNCTION", "PROCEDURE"].contains(&word.as_str());
        let Some(at) = words.iter().take(12).position(is_routine).filter(|_| words[0] == "CREATE") else {
            return;
        };
        let mut rest = &words[at + 1..];
        if let [first, not, exists, after @ ..] = rest
            && [first, not, exists] == ["IF", "NOT", "EXISTS"]
        {
            rest = after;
        }
        while let [_, dot, after @ ..] = rest
            && dot == "."
        {
            rest = after;
        }
        if let [name, body @ ..] = rest {
            self.routines.entry(name.clone()).or_default().extend_from_slice(body);
        }
    }

    /// How a statement that runs code reaches beyond its database, by itself or by the routines that
    /// it calls. `others` are the databases that it could name.
    pub fn reach(&self, sql: &str, dialect: &Dialect, others: &[String]) -> Option<Reach> {
        let said = words(sql, dialect);
        let mut texts = vec![&said];
        let mut called: Vec<&String> = Vec::new();
        let mut at = 0;
        while at < texts.len() {
            for word in texts[at] {
                if let Some((name, body)) = self.routines.get_key_value(word)
                    && !called.contains(&name)
                {
                    called.push(name);
                    texts.push(body);
                }
            }
            at += 1;
        }
        let by = texts.iter().find_map(|text| reaches(text).or_else(|| names(text, others)))?;
        Some(Reach { by, makes: texts.iter().any(|text| makes(text)) })
    }
}

/// The words of code in capitals, and the points between them; those in its strings too, which it
/// may run.
fn words(sql: &str, dialect: &Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for token in Lexer::new(sql, dialect) {
        let text = token.text(sql);
        match token.kind {
            TokenKind::Comment | TokenKind::Whitespace => {}
            TokenKind::DollarString => {
                let tag = text[1..].find('$').map_or(0, |end| end + 2);
                let inner = text.get(tag..text.len().saturating_sub(tag)).unwrap_or_default();
                found.extend(words(inner, dialect));
            }
            _ => plain_words(text, &mut found),
        }
    }
    found
}

fn plain_words(text: &str, found: &mut Vec<String>) {
    let is_part = |ch: char| ch.is_alphanumeric() || ch == '_' || ch == '$';
    for piece in text.split_inclusive(|ch: char| !is_part(ch)) {
        let word = piece.trim_end_matches(|ch: char| !is_part(ch));
        if !word.is_empty() {
            found.push(word.to_uppercase());
        }
        if piece.ends_with('.') {
            found.push(".".to_owned());
        }
    }
}

/// The words by which code does something to the server, to its files, or to other servers.
fn reaches(words: &[String]) -> Option<String> {
    const ALONE: [&str; 20] = [
        "COPY",
        "DUMPFILE",
        "FLUSH",
        "GLOBAL",
        "INSTALL",
        "KILL",
        "LO_EXPORT",
        "LO_IMPORT",
        "LOAD_FILE",
        "OUTFILE",
        "PERSIST",
        "PERSIST_ONLY",
        "PG_CANCEL_BACKEND",
        "PG_PROMOTE",
        "PG_RELOAD_CONF",
        "PG_STAT_FILE",
        "PG_SWITCH_WAL",
        "PG_TERMINATE_BACKEND",
        "SHUTDOWN",
        "UNINSTALL",
    ];
    const BEGINNINGS: [&str; 10] = [
        "DBLINK",
        "PG_BACKUP_",
        "PG_CREATE_",
        "PG_DROP_REPLICATION",
        "PG_FILE_",
        "PG_LOGICAL_",
        "PG_LS_",
        "PG_READ_",
        "PG_REPLICATION_",
        "PG_ROTATE_",
    ];
    const PAIRS: [[&str; 2]; 6] = [
        ["CHANGE", "MASTER"],
        ["CHANGE", "REPLICATION"],
        ["IMPORT", "FOREIGN"],
        ["START", "REPLICA"],
        ["STOP", "REPLICA"],
        ["CREATE", "EVENT"],
    ];
    let alone = words.iter().find(|word| {
        ALONE.contains(&word.as_str()) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
    });
    let pair = || {
        let pair = words
            .windows(2)
            .find(|pair| PAIRS.iter().any(|known| known == pair) || changes(&pair[0]) && is_beyond(&pair[1]));
        pair.map(|pair| pair.join(" "))
    };
    alone.cloned().or_else(pair).or_else(|| membership(words))
}

/// `GRANT role TO role`, which names no object: rights on objects stay within the database.
fn membership(words: &[String]) -> Option<String> {
    let grants = words.iter().enumerate().filter(|(_, word)| *word == "GRANT" || *word == "REVOKE");
    let mut ends = grants.map(|(at, word)| {
        let end = words[at..].iter().find(|word| ["ON", "TO", "FROM"].contains(&word.as_str()));
        (word, end.is_some_and(|end| end != "ON"))
    });
    ends.find(|(_, is_membership)| *is_membership).map(|(word, _)| word.clone())
}

fn changes(word: &str) -> bool {
    ["CREATE", "ALTER", "DROP"].contains(&word)
}

fn is_beyond(word: &str) -> bool {
    BEYOND_DATABASE.contains(&word)
}

/// Whether code makes or changes objects of its database.
fn makes(words: &[String]) -> bool {
    let is_object = |word: &str| !is_beyond(word) && !["DEFAULT", "EVENT", "OWNED", "."].contains(&word);
    words.windows(2).any(|pair| changes(&pair[0]) && is_object(&pair[1]))
}

/// A database that code names before an object.
fn names(words: &[String], others: &[String]) -> Option<String> {
    let qualifiers = words.windows(2).filter(|pair| pair[1] == ".").map(|pair| &pair[0]);
    let mut named = qualifiers.filter_map(|word| others.iter().find(|other| other.to_uppercase() == **word));
    named.next().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    fn by(code: &Code, sql: &str) -> Option<(String, bool)> {
        code.reach(sql, &POSTGRES, &[]).map(|reach| (reach.by, reach.makes))
    }

    #[test]
    fn code_that_stays_within_its_database_is_run() {
        for sql in [
            "do $$ begin create type mood as enum ('a'); exception when duplicate_object then null; end $$",
            "do $x$ begin execute 'alter table t add a int'; grant select on t to public; end $x$",
            "select setval('s', 5)",
            "select a into t from (values (1)) v (a)",
            "do $$ begin /* no create role */ perform 1; end $$",
        ] {
            assert_eq!(by(&Code::default(), sql), None, "{sql}");
        }
    }

    #[test]
    fn code_that_reaches_beyond_is_not() {
        for (sql, words, makes) in [
            ("do $$ begin create role app; end $$", "CREATE ROLE", false),
            ("do $$ begin create table t (); execute 'drop  database x'; end $$", "DROP DATABASE", true),
            ("do 'begin grant admin to app; end'", "GRANT", false),
            ("select pg_terminate_backend(1)", "PG_TERMINATE_BACKEND", false),
            ("select dblink_exec('x', 'y')", "DBLINK_EXEC", false),
            ("do $$ begin copy t to program 'x'; end $$", "COPY", false),
        ] {
            assert_eq!(by(&Code::default(), sql), Some((words.to_owned(), makes)), "{sql}");
        }
    }

    #[test]
    fn what_a_call_does_is_what_its_routines_say() {
        let mut code = Code::default();
        for sql in [
            "create function app.low() returns void language plpgsql as $$ begin create user x; end $$",
            "create or replace procedure \"High\"() language sql as $$ select app.low() $$",
            "create function fine() returns void language sql as $$ create table t () $$",
        ] {
            code.note(sql, &POSTGRES);
        }
        assert_eq!(by(&code, "call \"High\"()"), Some(("CREATE USER".to_owned(), false)));
        assert_eq!(by(&code, "select fine()"), None);
    }

    #[test]
    fn a_procedure_may_name_no_other_database() {
        let mut code = Code::default();
        let others = ["information".to_owned(), "shop".to_owned()];
        for sql in [
            "create definer=`a`@`b` procedure one() begin drop table `shop`.t; end",
            "create procedure two() begin if exists (select 1 from information_schema.columns c where c.a) \
             then alter table t add a int; end if; end",
        ] {
            code.note(sql, &MYSQL);
        }
        assert_eq!(code.reach("call one()", &MYSQL, &others).map(|reach| reach.by).as_deref(), Some("shop"));
        assert_eq!(code.reach("call two", &MYSQL, &others), None);
    }
}
