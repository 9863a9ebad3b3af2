//! Some tables of a backup, with what belongs to them: `--table`.
//!
//! A backup holds statements and not a catalog, so what a table needs is told by the names that its
//! statements say. Nothing of it is a guess that could spoil rows: a type too many does no harm, and
//! what would need a table that is not restored is left out and told.

use std::collections::BTreeSet;

use crate::error::{Error, Result, nearest};
use crate::model::catalog::{Catalog, Name};
use crate::model::snapshot::{Statement, StatementSection};
use crate::rules;
use crate::sql::{Dialect, Lexer, TokenKind};

/// What is restored of a backup.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    pub tables: BTreeSet<Name>,
    /// Types, sequences, functions and the like that the tables need: kind and name.
    pub needed: BTreeSet<(String, Name)>,
    /// What belongs to the tables and is left out, for people.
    pub left_out: Vec<String>,
    statements: BTreeSet<String>,
    /// Names that the statements say.
    named: BTreeSet<Name>,
}

impl Chosen {
    /// Whether the statement is run; what is `there` already stays as it is.
    pub fn keeps(&self, statement: &Statement, there: &BTreeSet<(String, Name)>) -> bool {
        self.statements.contains(&statement.sql)
            && !there.contains(&(statement.object.clone(), name_of(statement)))
    }

    /// Whether a statement of the last step, which sets a number, concerns what is restored. What
    /// fills a view, or sets up the database, names nothing that is.
    pub fn keeps_value(&self, sql: &str, dialect: &Dialect, there: &BTreeSet<(String, Name)>) -> bool {
        let sequence = |name: &Name| ("sequence".to_owned(), name.clone());
        let names = names(sql, dialect);
        let concerns = |name: &Name| match name.schema.as_str() {
            "" => self.tables.contains(name) || self.needed.contains(&sequence(name)),
            "pg_catalog" => false,
            _ => self.named.contains(name),
        };
        !sql.starts_with("REFRESH")
            && names.iter().any(concerns)
            && !names.iter().any(|name| there.contains(&sequence(name)))
    }

    /// `with 2 types, 1 sequence`; empty when the tables need nothing.
    pub fn needed_words(&self) -> String {
        let mut kinds: Vec<(&str, u64)> = Vec::new();
        for (kind, _) in &self.needed {
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        let words: Vec<String> = kinds
            .into_iter()
            .map(|(kind, count)| match count {
                1 => format!("1 {kind}"),
                _ => format!("{count} {kind}s"),
            })
            .collect();
        words.join(", ")
    }
}

/// The objects of a kind that are there already.
pub fn there(catalog: &Catalog) -> BTreeSet<(String, Name)> {
    let objects = catalog.objects.iter();
    objects.map(|object| (object.kind().word().to_owned(), object.name.clone())).collect()
}

/// The tables that match, with what belongs to them; an error for a pattern that names none.
pub fn choose(statements: &[Statement], patterns: &[String], dialect: &Dialect) -> Result<Chosen> {
    let mut choosing = Choosing::new(statements, dialect);
    for pattern in patterns {
        choosing.match_tables(pattern)?;
    }
    choosing.add_partitions();
    choosing.take_what_is_of_them()?;
    choosing.take_what_they_need();
    Ok(choosing.chosen)
}

struct Choosing<'a> {
    statements: &'a [Statement],
    named: Vec<BTreeSet<Name>>,
    dialect: &'a Dialect,
    /// Tables and views: what a statement must not name when it is not restored.
    relations: BTreeSet<Name>,
    /// Indexes that are made, also those of keys.
    indexes: BTreeSet<Name>,
    constraints_left_out: BTreeSet<(Name, String)>,
    chosen: Chosen,
}

impl<'a> Choosing<'a> {
    fn new(statements: &'a [Statement], dialect: &'a Dialect) -> Self {
        let of_relations = statements.iter().filter(|each| is_before(each));
        let relations = of_relations.filter(|each| matches!(each.object.as_str(), "table" | "view"));
        Choosing {
            statements,
            named: statements.iter().map(|each| names(&each.sql, dialect)).collect(),
            dialect,
            relations: relations.map(name_of).collect(),
            indexes: BTreeSet::new(),
            constraints_left_out: BTreeSet::new(),
            chosen: Chosen::default(),
        }
    }

    fn tables(&self) -> BTreeSet<Name> {
        let made = |each: &&Statement| each.object == "table" && is_before(each);
        self.statements.iter().filter(made).map(name_of).collect()
    }

    /// A name as it is written goes before a pattern; with a schema or without.
    fn match_tables(&mut self, pattern: &str) -> Result<()> {
        let tables = self.tables();
        let find = |fits: &dyn Fn(&str) -> bool| -> Vec<Name> {
            tables.iter().filter(|name| fits(&name.name) || fits(&name.to_string())).cloned().collect()
        };
        let mut found = find(&|name| name == pattern);
        if found.is_empty() {
            found = find(&|name| rules::matches(pattern, name));
        }
        if found.is_empty() {
            let error = Error::usage(format!("the backup has no table {pattern}"));
            let known: Vec<String> =
                tables.iter().flat_map(|name| [name.to_string(), name.name.clone()]).collect();
            return Err(match nearest(pattern, known.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error.hint("dbwright backup show lists its tables"),
            });
        }
        self.chosen.tables.extend(found);
        Ok(())
    }

    /// The rows of a partitioned table are in its partitions.
    fn add_partitions(&mut self) {
        loop {
            let attached = self.statements.iter().zip(&self.named).filter(|(each, named)| {
                each.object == "table"
                    && each.sql.contains(" ATTACH PARTITION ")
                    && named.iter().any(|name| *name != name_of(each) && self.chosen.tables.contains(name))
            });
            let more: Vec<Name> = attached.map(|(each, _)| name_of(each)).collect();
            let before = self.chosen.tables.len();
            self.chosen.tables.extend(more);
            if self.chosen.tables.len() == before {
                return;
            }
        }
    }

    fn take_what_is_of_them(&mut self) -> Result<()> {
        for at in 0..self.statements.len() {
            let statement = &self.statements[at];
            let is_of_them = match statement.object.as_str() {
                "setting" => true,
                "table" | "constraint" | "trigger" | "policy" | "rule" => self.is_chosen(&name_of(statement)),
                "index" => self.is_index_of_them(at),
                "statistics" => self.named[at].iter().any(|name| self.chosen.tables.contains(name)),
                _ => false,
            };
            if !is_of_them {
                continue;
            }
            if self.is_of_left_out(at) {
                continue;
            }
            match self.stands_on(at) {
                Some(other) if is_before(statement) && statement.sql.starts_with("CREATE") => {
                    let name = name_of(statement);
                    return Err(Error::usage(format!("table {name} cannot be made without {other}"))
                        .hint(format!("restore both: --table {name} --table {other}")));
                }
                Some(other) => self.leave_out(statement, &other),
                None => self.take(at),
            }
        }
        Ok(())
    }

    fn is_chosen(&self, name: &Name) -> bool {
        self.chosen.tables.contains(name)
    }

    /// CREATE INDEX names its table; what comes later names indexes.
    fn is_index_of_them(&self, at: usize) -> bool {
        let statement = &self.statements[at];
        let named = &self.named[at];
        match statement.sql.starts_with("CREATE") {
            true => named.iter().any(|name| self.is_chosen(name)),
            false if self.is_chosen(&name_of(statement)) => true,
            false => {
                let mut qualified = named.iter().filter(|name| !name.schema.is_empty()).peekable();
                qualified.peek().is_some() && qualified.all(|name| self.indexes.contains(name))
            }
        }
    }

    /// A table or view that the statement needs and that is not restored.
    fn stands_on(&self, at: usize) -> Option<Name> {
        let statement = &self.statements[at];
        let is_away = |name: &&Name| self.relations.contains(*name) && !self.is_chosen(name);
        if !name_of(statement).schema.is_empty() {
            return self.named[at].iter().find(is_away).cloned();
        }
        // Without schemas a word may be anything, but behind REFERENCES.
        let referenced =
            referenced(&statement.sql, self.dialect).filter(|_| statement.object == "constraint");
        referenced.filter(|name| is_away(&name))
    }

    /// The second step of a constraint whose first is left out.
    fn is_of_left_out(&self, at: usize) -> bool {
        self.constraint(&self.statements[at]).is_some_and(|name| self.constraints_left_out.contains(&name))
    }

    /// The table of a constraint, and its name.
    fn constraint(&self, statement: &Statement) -> Option<(Name, String)> {
        let name = behind("CONSTRAINT", &statement.sql, self.dialect);
        name.filter(|_| statement.object == "constraint").map(|name| (name_of(statement), name))
    }

    fn leave_out(&mut self, statement: &Statement, other: &Name) {
        self.constraints_left_out.extend(self.constraint(statement));
        let what = match statement.object.as_str() {
            "constraint" => "a foreign key",
            "table" => "being a partition",
            other => other,
        };
        let what = format!("{what} of table {}: it needs {other}, which is not restored", name_of(statement));
        self.chosen.left_out.push(what);
    }

    fn take(&mut self, at: usize) {
        let statement = &self.statements[at];
        match statement.object.as_str() {
            "index" if statement.sql.starts_with("CREATE") => drop(self.indexes.insert(name_of(statement))),
            "constraint" => {
                let name = behind("CONSTRAINT", &statement.sql, self.dialect).unwrap_or_default();
                self.indexes.insert(Name::new(statement.schema.clone(), name));
            }
            _ => {}
        }
        self.chosen.named.extend(self.named[at].iter().cloned());
        self.chosen.statements.insert(statement.sql.clone());
    }

    /// All that is named, and what that names in turn. An index may use an extension without naming
    /// it, so those all come along.
    fn take_what_they_need(&mut self) {
        let mut taken = vec![false; self.statements.len()];
        loop {
            let mut is_done = true;
            for (at, is_taken) in taken.iter_mut().enumerate() {
                let statement = &self.statements[at];
                if *is_taken || !can_be_needed(&statement.object) || !self.is_needed(at) {
                    continue;
                }
                *is_taken = true;
                is_done = false;
                let is_away = |name: &Name| self.relations.contains(name) && !self.is_chosen(name);
                // A sequence outlives the column that it belonged to.
                if statement.object == "sequence" && self.named[at].iter().any(is_away) {
                    continue;
                }
                self.chosen.needed.insert((statement.object.clone(), name_of(statement)));
                self.take(at);
            }
            if is_done {
                return;
            }
        }
    }

    fn is_needed(&self, at: usize) -> bool {
        let statement = &self.statements[at];
        let name = name_of(statement);
        let is_schema_of_one =
            statement.object == "schema" && self.chosen.named.iter().any(|named| named.schema == name.name);
        statement.object == "extension"
            || is_schema_of_one
            || self.chosen.named.contains(&name)
            || statement.object == "sequence" && self.named[at].iter().any(|name| self.is_chosen(name))
    }
}

fn can_be_needed(object: &str) -> bool {
    !matches!(
        object,
        "setting"
            | "database"
            | "table"
            | "view"
            | "constraint"
            | "trigger"
            | "policy"
            | "rule"
            | "index"
            | "statistics"
            | "publication"
            | "subscription"
            | "event trigger"
            | "event"
    )
}

fn is_before(statement: &Statement) -> bool {
    statement.section == StatementSection::BeforeData
}

fn name_of(statement: &Statement) -> Name {
    Name::new(statement.schema.clone(), statement.name.clone())
}

/// The name behind REFERENCES where there are no schemas.
fn referenced(sql: &str, dialect: &Dialect) -> Option<Name> {
    behind("REFERENCES", sql, dialect).map(|name| Name::new("", name))
}

fn behind(word: &str, sql: &str, dialect: &Dialect) -> Option<String> {
    let mut tokens = Lexer::new(sql, dialect).code();
    tokens.find(|(token, text)| token.kind.is_word() && text.eq_ignore_ascii_case(word))?;
    tokens.next().and_then(|(token, text)| name(token.kind, text))
}

/// Every name in a statement, alone and with the one before its point; those in strings too, as in
/// `nextval('shop.numbers'::regclass)` and in the bodies of functions.
pub fn names(sql: &str, dialect: &Dialect) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    read(sql, dialect, 0, &mut found);
    found
}

fn read(sql: &str, dialect: &Dialect, depth: u8, found: &mut BTreeSet<Name>) {
    let tokens: Vec<(TokenKind, &str)> =
        Lexer::new(sql, dialect).without_keywords().code().map(|(token, text)| (token.kind, text)).collect();
    for (at, &(kind, text)) in tokens.iter().enumerate() {
        match kind {
            TokenKind::String if depth < 2 => {
                let inner = text.trim_start_matches(['E', 'e', 'N', 'n']).trim_matches('\'');
                read(&inner.replace("''", "'"), dialect, depth + 1, found);
            }
            TokenKind::DollarString if depth < 2 => {
                let tag = text.get(1..).and_then(|rest| rest.find('$')).map_or(0, |end| end + 2);
                let inner = text.get(tag..text.len().saturating_sub(tag)).unwrap_or_default();
                read(inner, dialect, depth + 1, found);
            }
            _ => {}
        }
        let Some(first) = name(kind, text) else { continue };
        if let [(_, "."), (kind, text), ..] = &tokens[at + 1..] {
            let second = match kind {
                TokenKind::Operator => Some((*text).to_owned()),
                kind => name(*kind, text),
            };
            found.extend(second.map(|second| Name::new(first.clone(), second)));
        }
        found.insert(Name::new("", first));
    }
}

/// The name that a token is, without its quotes.
fn name(kind: TokenKind, text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|_| kind == TokenKind::QuotedIdent);
    match quote {
        Some(quote) => {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
        }
        None => kind.is_word().then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MARIADB, POSTGRES};

    fn statement(object: &str, name: &str, sql: &str) -> Statement {
        let (schema, name) = name.split_once('.').unwrap_or(("", name));
        let is_after = sql.starts_with("ALTER TABLE ONLY shop.a ADD")
            || matches!(object, "index" | "constraint" | "trigger");
        Statement {
            object: object.into(),
            schema: schema.into(),
            name: name.into(),
            section: match is_after {
                true => StatementSection::AfterData,
                false => StatementSection::BeforeData,
            },
            sql: sql.into(),
        }
    }

    fn shop() -> Vec<Statement> {
        vec![
            statement("schema", "shop", "CREATE SCHEMA shop"),
            statement("schema", "other", "CREATE SCHEMA other"),
            statement("type", "shop.mood", "CREATE TYPE shop.mood AS ENUM ('a')"),
            statement("type", "shop.alone", "CREATE TYPE shop.alone AS ENUM ('a')"),
            statement("routine", "shop.f", "CREATE FUNCTION shop.f() AS $$ SELECT shop.g() $$"),
            statement("routine", "shop.g", "CREATE FUNCTION shop.g() AS $$ SELECT 1 FROM shop.b $$"),
            statement("sequence", "shop.n", "CREATE SEQUENCE shop.n"),
            statement(
                "table",
                "shop.a",
                "CREATE TABLE shop.a (id int DEFAULT nextval('shop.n'::regclass), m shop.mood)",
            ),
            statement("table", "shop.b", "CREATE TABLE shop.b (id int)"),
            statement("table", "shop.p", "CREATE TABLE shop.p (id int) PARTITION BY LIST (id)"),
            statement("table", "shop.p1", "CREATE TABLE shop.p1 (id int)"),
            statement("table", "shop.p1", "ALTER TABLE ONLY shop.p ATTACH PARTITION shop.p1 DEFAULT"),
            statement("table", "shop.child", "CREATE TABLE shop.child () INHERITS (shop.b)"),
            statement(
                "constraint",
                "shop.a",
                "ALTER TABLE ONLY shop.a ADD CONSTRAINT a_pkey PRIMARY KEY (id)",
            ),
            statement(
                "constraint",
                "shop.a",
                "ALTER TABLE ONLY shop.a ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES shop.b(id)",
            ),
            statement("index", "shop.a_m", "CREATE INDEX a_m ON shop.a USING btree (m)"),
            statement("index", "shop.b_m", "CREATE INDEX b_m ON shop.b USING btree (id)"),
            statement(
                "trigger",
                "shop.a",
                "CREATE TRIGGER t AFTER INSERT ON shop.a EXECUTE FUNCTION shop.f()",
            ),
        ]
    }

    fn kept(patterns: &[&str]) -> (Vec<String>, Chosen) {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let statements = shop();
        let chosen = choose(&statements, &patterns, &POSTGRES).unwrap();
        let none = BTreeSet::new();
        let kept = statements.iter().filter(|each| chosen.keeps(each, &none));
        (kept.map(|each| format!("{} {}", each.object, each.name)).collect(), chosen)
    }

    #[test]
    fn a_table_comes_with_what_belongs_to_it() {
        let (kept, chosen) = kept(&["shop.a"]);
        assert_eq!(
            kept,
            [
                "schema shop",
                "type mood",
                "routine f",
                "routine g",
                "sequence n",
                "table a",
                "constraint a",
                "index a_m",
                "trigger a"
            ]
        );
        assert_eq!(
            chosen.left_out,
            ["a foreign key of table shop.a: it needs shop.b, which is not restored"]
        );
        assert_eq!(chosen.needed_words(), "2 routines, 1 schema, 1 sequence, 1 type");
        let none = BTreeSet::new();
        assert!(chosen.keeps_value("SELECT pg_catalog.setval('shop.n', 7, true)", &POSTGRES, &none));
        assert!(!chosen.keeps_value("SELECT pg_catalog.setval('shop.m', 7, true)", &POSTGRES, &none));
        let there = BTreeSet::from([("sequence".to_owned(), Name::new("shop", "n"))]);
        assert!(!chosen.keeps_value("SELECT pg_catalog.setval('shop.n', 7, true)", &POSTGRES, &there));
    }

    #[test]
    fn partitions_come_with_their_table_and_go_alone_without_it() {
        let (all, _) = kept(&["p"]);
        assert_eq!(all, ["schema shop", "table p", "table p1", "table p1"]);
        let (alone, chosen) = kept(&["p1"]);
        assert_eq!(alone, ["schema shop", "table p1"]);
        assert!(chosen.left_out[0].starts_with("being a partition of table shop.p1"));
    }

    #[test]
    fn globs_and_wrong_names() {
        assert_eq!(kept(&["shop.p*"]).1.tables.len(), 2);
        assert_eq!(kept(&["a", "b"]).1.left_out, Vec::<String>::new());
        let error = choose(&shop(), &["shop.chidl".to_owned()], &POSTGRES).unwrap_err();
        assert_eq!(error.hints(), ["did you mean shop.child?"]);
        let error = choose(&shop(), &["child".to_owned()], &POSTGRES).unwrap_err();
        assert_eq!(error.message(), "table shop.child cannot be made without shop.b");
    }

    #[test]
    fn without_schemas_a_key_tells_its_table() {
        let statements = [
            statement("table", "a", "CREATE TABLE `a` (`b` int)"),
            statement("table", "b", "CREATE TABLE `b` (`id` int)"),
            statement(
                "constraint",
                "a",
                "ALTER TABLE `a` ADD CONSTRAINT `x` FOREIGN KEY (`b`) REFERENCES `b` (`id`)",
            ),
        ];
        let chosen = choose(&statements, &["a".to_owned()], &MARIADB).unwrap();
        assert_eq!(chosen.left_out, ["a foreign key of table a: it needs b, which is not restored"]);
        let none = BTreeSet::new();
        assert!(chosen.keeps_value("ALTER TABLE `a` AUTO_INCREMENT = 7", &MARIADB, &none));
    }
}
