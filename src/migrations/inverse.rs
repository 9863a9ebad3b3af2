//! Which statement takes back what another did, as far as their words prove it: what makes an object
//! and what drops the one of that name.

use super::statements::Statement;
use crate::sql::{Dialect, Lexer, TokenKind};

/// A step back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The statement that is run for it, as a place among those that take a migration back; None where
    /// the step has left nothing.
    pub down: Option<usize>,
    /// How many statements are done when it has been taken.
    pub left: usize,
}

/// The steps that take `up` back, the last first, by statements of `down`; an error is the place of the
/// statement for which that cannot be said for certain.
pub fn undo(up: &[Statement], down: &[Statement], dialect: &Dialect) -> Result<Vec<Undo>, usize> {
    let words = |statements: &[Statement]| -> Vec<Vec<String>> {
        statements.iter().map(|statement| words(&statement.sql, dialect)).collect()
    };
    let (up, down) = (words(up), words(down));
    let dropped: Vec<Option<Effect<'_>>> = down.iter().map(|words| Effect::undone(words)).collect();
    let mut steps: Vec<Undo> = Vec::new();
    let mut end = up.len();
    while end > 0 {
        let at = end - 1;
        if is_setting(&up[at]) {
            steps.push(Undo { down: None, left: at });
            end = at;
            continue;
        }
        let (from, place) = step(&up[..end], &dropped).ok_or(at)?;
        if steps.iter().any(|step| step.down == Some(place)) {
            return Err(at);
        }
        steps.push(Undo { down: Some(place), left: from });
        end = from;
    }
    Ok(steps)
}

/// The statement that drops what the last of `up` made, or the new table that it is about, and where
/// that was made.
fn step(up: &[Vec<String>], dropped: &[Option<Effect<'_>>]) -> Option<(usize, usize)> {
    let mut at = up.len() - 1;
    let by = |effect: &Effect<'_>| {
        let is_it =
            |dropped: &Option<Effect<'_>>| dropped.as_ref().is_some_and(|each| each.takes_back(effect));
        let mut places = dropped.iter().enumerate().filter(|(_, dropped)| is_it(dropped));
        let first = places.next().map(|(place, _)| place);
        if places.next().is_some() { None } else { first }
    };
    if let Some(place) = Effect::done(&up[at]).as_ref().and_then(by) {
        return Some((at, place));
    }
    // What was done to a new table alone goes with it.
    let table = table_of(&up[at])?;
    while at > 0 && table_of(&up[at]) == Some(table) {
        at -= 1;
        let effect = Effect::done(&up[at]).filter(|effect| effect.kind == "TABLE" && effect.name == table);
        if let Some(place) = effect.as_ref().and_then(by) {
            return Some((at, place));
        }
    }
    None
}

/// An object that is made or dropped, in the words that name it.
#[derive(Debug, PartialEq, Eq)]
struct Effect<'a> {
    kind: &'static str,
    name: &'a [String],
    /// The table of an index or a column; empty where it is not told.
    table: &'a [String],
}

/// What has a name of its own, and what can be added to a table without a word for it.
const KINDS: [&str; 7] = ["TABLE", "VIEW", "SEQUENCE", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"];
const NO_COLUMNS: [&str; 13] = [
    "CONSTRAINT",
    "INDEX",
    "KEY",
    "UNIQUE",
    "PRIMARY",
    "FOREIGN",
    "FULLTEXT",
    "SPATIAL",
    "CHECK",
    "PARTITION",
    "PERIOD",
    "SYSTEM",
    "IF",
];

impl<'a> Effect<'a> {
    /// What a statement makes. One that may find its object there already is not certain to have
    /// made it.
    fn done(words: &'a [String]) -> Option<Effect<'a>> {
        let rest = after(words, "CREATE");
        if let Some(rest) = rest {
            if let Some(rest) = after(after(rest, "UNIQUE").unwrap_or(rest), "INDEX") {
                let (name, rest) = name(rest)?;
                let (table, _) = self::name(after(rest, "ON")?)?;
                return Some(Effect { kind: "INDEX", name, table });
            }
            let (kind, rest) = kind(rest)?;
            return Some(Effect { kind, name: name(rest)?.0, table: &[] });
        }
        let (table, rest) = name(after(after(words, "ALTER")?, "TABLE")?)?;
        let rest = after(rest, "ADD")?;
        let rest = after(rest, "COLUMN").unwrap_or(rest);
        let odd = NO_COLUMNS.iter().any(|word| after(rest, word).is_some()) || several(rest);
        let (name, _) = name(rest)?;
        (!odd && name.len() == 1).then_some(Effect { kind: "COLUMN", name, table })
    }

    /// What a statement drops, and nothing else.
    fn undone(words: &'a [String]) -> Option<Effect<'a>> {
        let if_there = |rest| after(rest, "IF").and_then(|rest| after(rest, "EXISTS")).unwrap_or(rest);
        if let Some(rest) = after(words, "DROP") {
            if let Some(rest) = after(rest, "INDEX") {
                let (name, rest) = name(if_there(rest))?;
                let (table, rest) = after(rest, "ON").map_or(Some((&[][..], rest)), self::name)?;
                return rest.is_empty().then_some(Effect { kind: "INDEX", name, table });
            }
            let (kind, rest) = kind(rest)?;
            let (name, rest) = name(if_there(rest))?;
            return rest.is_empty().then_some(Effect { kind, name, table: &[] });
        }
        let (table, rest) = name(after(after(words, "ALTER")?, "TABLE")?)?;
        let rest = after(rest, "DROP")?;
        let rest = after(rest, "COLUMN").unwrap_or(rest);
        (rest.len() == 1).then_some(Effect { kind: "COLUMN", name: rest, table })
    }

    /// Whether this drops what `made` made. An index whose table is not told is in the schema of that
    /// table, so neither may be told with a schema.
    fn takes_back(&self, made: &Effect<'_>) -> bool {
        let same_table = self.table == made.table
            || (self.table.is_empty() && self.name.len() == 1 && made.table.len() == 1);
        self.kind == made.kind && self.name == made.name && same_table
    }
}

/// The one table that a statement is about, where it is about no other.
fn table_of(words: &[String]) -> Option<&[String]> {
    if let Some(rest) = after(words, "INSERT") {
        return name(after(rest, "INTO")?).map(|(table, _)| table);
    }
    if let Some(rest) = after(words, "CREATE") {
        if let Some(rest) = after(rest, "TABLE") {
            return name(rest).map(|(table, _)| table);
        }
        let rest = after(after(rest, "UNIQUE").unwrap_or(rest), "INDEX")?;
        return name(after(name(rest)?.1, "ON")?).map(|(table, _)| table);
    }
    let (table, rest) = name(after(after(words, "ALTER")?, "TABLE")?)?;
    let moves =
        rest.iter().any(|word| ["RENAME", "EXCHANGE"].iter().any(|odd| odd.eq_ignore_ascii_case(word)));
    (!moves).then_some(table)
}

/// A setting of the session is gone with it.
fn is_setting(words: &[String]) -> bool {
    let is = |word: &str| {
        ["GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD"].iter().any(|odd| odd.eq_ignore_ascii_case(word))
    };
    // `PREPARE TRANSACTION` outlives the session.
    let prepares = after(words, "PREPARE").is_some_and(|rest| after(rest, "TRANSACTION").is_none());
    let releases = after(words, "DEALLOCATE").is_some();
    prepares
        || releases
        || after(words, "SET").is_some_and(|rest| !rest.iter().any(|word| is(word) || word.starts_with("@@")))
}

fn words(sql: &str, dialect: &Dialect) -> Vec<String> {
    let code = Lexer::new(sql, dialect).code();
    code.filter(|(token, _)| token.kind != TokenKind::CommentMarker)
        .map(|(_, text)| text.to_owned())
        .collect()
}

fn after<'a>(words: &'a [String], word: &str) -> Option<&'a [String]> {
    let (first, rest) = words.split_first()?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

fn kind(words: &[String]) -> Option<(&'static str, &[String])> {
    KINDS.into_iter().find_map(|kind| Some((kind, after(words, kind)?)))
}

/// A name with what it is qualified by, and what stands behind it.
fn name(words: &[String]) -> Option<(&[String], &[String])> {
    const NO_NAMES: [&str; 5] = ["IF", "ONLY", "CONCURRENTLY", "ON", "("];
    let first = words.first()?;
    if NO_NAMES.iter().any(|odd| odd.eq_ignore_ascii_case(first)) {
        return None;
    }
    let mut end = 1;
    while words.get(end).is_some_and(|word| word == ".") && words.len() > end + 1 {
        end += 2;
    }
    Some(words.split_at(end))
}

/// Whether there is a comma outside of brackets.
fn several(words: &[String]) -> bool {
    let mut depth = 0_i32;
    words.iter().any(|word| {
        depth += i32::from(word == "(") - i32::from(word == ")");
        word == "," && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split;
    use crate::sql::MYSQL;

    fn told(up: &str, down: &str) -> Result<Vec<(Option<usize>, usize)>, usize> {
        let split = |text: &str| split(text, 0..text.len(), &MYSQL).unwrap();
        let steps = undo(&split(up), &split(down), &MYSQL)?;
        Ok(steps.into_iter().map(|step| (step.down, step.left)).collect())
    }

    #[test]
    fn what_made_an_object_is_taken_back_by_what_drops_it() {
        let down = "drop index i on t; alter table t drop column c; drop table if exists `b`; drop view v";
        assert_eq!(told("create table `b` (a int)", down), Ok(vec![(Some(2), 0)]));
        assert_eq!(
            told(
                "set names utf8; alter table t add c decimal(1, 2); create unique index i on t (c); create view v as select 1",
                down
            ),
            Ok(vec![(Some(3), 3), (Some(0), 2), (Some(1), 1), (None, 0)])
        );
    }

    #[test]
    fn what_was_done_to_a_new_table_goes_with_it() {
        let up = "create table a (id int); create table b (id int); insert into b values (1); create index i on b (id)";
        assert_eq!(told(up, "drop table b; drop table a"), Ok(vec![(Some(0), 1), (Some(1), 0)]));
        assert_eq!(told(&format!("{up}; insert into a values (1)"), "drop table b; drop table a"), Err(4));
    }

    #[test]
    fn what_is_not_certain_is_told() {
        for (up, down) in [
            ("create table if not exists a (id int)", "drop table a"),
            ("create or replace view a as select 1", "drop view a"),
            ("create table a (id int)", "drop table a, b"),
            ("create table a (id int)", "drop table a cascade"),
            ("create table a (id int)", "drop table s.a"),
            ("create table a (id int)", "drop table A"),
            ("create table a (id int)", "drop table a; drop table a"),
            ("alter table a add b int, drop c", "alter table a drop b"),
            ("alter table a add index b (c)", "alter table a drop b"),
            ("alter table a modify b int", "alter table a modify b text"),
            ("insert into a values (1)", "delete from a"),
            ("set global x = 1", ""),
            ("drop table a", "create table a (id int)"),
        ] {
            assert_eq!(told(up, down), Err(0), "{up}");
        }
    }
}
