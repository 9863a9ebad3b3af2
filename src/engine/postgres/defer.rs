//! Keys and foreign keys in two steps each: what takes long, beside others of its kind, and what takes
//! a lock on the whole table, in a moment.
//!
//! A key is an index that is built first (chapter "ALTER TABLE", `ADD table_constraint_using_index`);
//! a foreign key is made without a look at the rows, which VALIDATE CONSTRAINT takes under a lock that
//! lets others go on. The catalog is the same in the end.

use crate::model::snapshot::{Statement, StatementSection};
use crate::sql::{Lexer, POSTGRES, TokenKind};

/// The statements in place of one that adds a constraint to a table that is not partitioned; the index
/// of a key goes first.
pub fn defer(statement: &Statement) -> Vec<Statement> {
    let is_constraint = statement.object == "constraint" && statement.section == StatementSection::AfterData;
    let split = is_constraint.then(|| key(statement).or_else(|| foreign_key(statement))).flatten();
    split.unwrap_or_else(|| vec![statement.clone()])
}

fn key(statement: &Statement) -> Option<Vec<Statement>> {
    let mut words = Words::of(&statement.sql);
    let (table, name) = words.begin()?;
    let is_primary = words.eat(&["PRIMARY", "KEY"]);
    (is_primary || words.eat(&["UNIQUE"])).then_some(())?;
    let nulls = if words.eat(&["NULLS", "NOT", "DISTINCT"]) { " NULLS NOT DISTINCT" } else { "" };
    let columns = words.group().filter(|columns| !columns.contains(" WITHOUT OVERLAPS"))?;
    let include = words.eat(&["INCLUDE"]).then(|| words.group()).flatten();
    let with = words.eat(&["WITH"]).then(|| words.group()).flatten();
    let end = words.rest();
    let is_known = matches!(end, "" | "DEFERRABLE" | "DEFERRABLE INITIALLY DEFERRED");
    is_known.then_some(())?;
    let mut index = format!("CREATE UNIQUE INDEX {name} ON {table} USING btree {columns}");
    if let Some(include) = include {
        index += &format!(" INCLUDE {include}");
    }
    index += nulls;
    if let Some(with) = with {
        index += &format!(" WITH {with}");
    }
    let kind = if is_primary { "PRIMARY KEY" } else { "UNIQUE" };
    let add = format!("ALTER TABLE ONLY {table} ADD CONSTRAINT {name} {kind} USING INDEX {name} {end}");
    let index =
        Statement { object: "index".to_owned(), name: unquoted(name), sql: index, ..statement.clone() };
    Some(vec![index, Statement { sql: add.trim_end().to_owned(), ..statement.clone() }])
}

fn foreign_key(statement: &Statement) -> Option<Vec<Statement>> {
    let mut words = Words::of(&statement.sql);
    let (table, name) = words.begin()?;
    words.eat(&["FOREIGN", "KEY"]).then_some(())?;
    let rest = words.rest();
    let is_looked_at = !rest.ends_with(" NOT VALID") && !rest.ends_with(" NOT ENFORCED");
    is_looked_at.then(|| {
        let add = Statement { sql: format!("{} NOT VALID", statement.sql), ..statement.clone() };
        let validate = format!("ALTER TABLE ONLY {table} VALIDATE CONSTRAINT {name}");
        vec![add, Statement { sql: validate, ..statement.clone() }]
    })
}

/// Whether the statement looks at rows for a foreign key that is there.
pub fn validates(sql: &str) -> bool {
    let mut words = Words::of(sql);
    words.eat(&["ALTER", "TABLE", "ONLY"]) && words.name().is_some() && words.eat(&["VALIDATE"])
}

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// The words of a statement, one after the other.
struct Words<'a> {
    sql: &'a str,
    tokens: Vec<(TokenKind, &'a str)>,
    at: usize,
}

impl<'a> Words<'a> {
    fn of(sql: &'a str) -> Self {
        Words {
            sql,
            tokens: Lexer::new(sql, &POSTGRES).code().map(|(token, text)| (token.kind, text)).collect(),
            at: 0,
        }
    }

    /// Where a token begins in the statement.
    fn start(&self, at: usize) -> usize {
        // Each text is a piece of the statement.
        let place = |(_, text): &(TokenKind, &str)| text.as_ptr() as usize - self.sql.as_ptr() as usize;
        self.tokens.get(at).map_or(self.sql.len(), place)
    }

    fn eat(&mut self, words: &[&str]) -> bool {
        let is = |(at, word): (usize, &&str)| {
            self.tokens.get(self.at + at).is_some_and(|(_, text)| text.eq_ignore_ascii_case(word))
        };
        let all = words.iter().enumerate().all(is);
        self.at += if all { words.len() } else { 0 };
        all
    }

    /// `ALTER TABLE ONLY table ADD CONSTRAINT name`
    fn begin(&mut self) -> Option<(&'a str, &'a str)> {
        self.eat(&["ALTER", "TABLE", "ONLY"]).then_some(())?;
        let table = self.name()?;
        self.eat(&["ADD", "CONSTRAINT"]).then_some(())?;
        Some((table, self.name()?))
    }

    /// A name, with its schema if it has one.
    fn name(&mut self) -> Option<&'a str> {
        let start = self.start(self.at);
        let mut end = None;
        while let Some((kind, text)) = self.tokens.get(self.at)
            && (*kind == TokenKind::QuotedIdent || kind.is_word())
        {
            end = Some(self.start(self.at) + text.len());
            self.at += 1;
            if !self.eat(&["."]) {
                break;
            }
        }
        self.sql.get(start..end?)
    }

    /// What stands in parentheses, with them.
    fn group(&mut self) -> Option<&'a str> {
        let start = self.start(self.at);
        let mut depth = 0;
        while let Some((_, text)) = self.tokens.get(self.at) {
            let end = self.start(self.at) + text.len();
            match *text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return self.sql.get(start..end).filter(|text| text.starts_with('('));
            }
        }
        None
    }

    fn rest(&self) -> &'a str {
        self.sql.get(self.start(self.at)..).unwrap_or_default().trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(sql: &str) -> Vec<String> {
        let statement = Statement {
            object: "constraint".into(),
            schema: "s".into(),
            name: "t".into(),
            section: StatementSection::AfterData,
            sql: sql.into(),
        };
        let split = defer(&statement).into_iter();
        split.map(|each| format!("{} {}: {}", each.object, each.name, each.sql)).collect()
    }

    #[test]
    fn a_key_is_an_index_first() {
        assert_eq!(
            split("ALTER TABLE ONLY s.t ADD CONSTRAINT t_pkey PRIMARY KEY (id)"),
            [
                "index t_pkey: CREATE UNIQUE INDEX t_pkey ON s.t USING btree (id)",
                "constraint t: ALTER TABLE ONLY s.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey"
            ]
        );
        assert_eq!(
            split(
                "ALTER TABLE ONLY \"S\".\"t (x)\" ADD CONSTRAINT \"a \"\"b\" UNIQUE NULLS NOT DISTINCT (\"c)\", d) \
                 INCLUDE (e) WITH (fillfactor='70') DEFERRABLE INITIALLY DEFERRED"
            ),
            [
                "index a \"b: CREATE UNIQUE INDEX \"a \"\"b\" ON \"S\".\"t (x)\" USING btree (\"c)\", d) \
                 INCLUDE (e) NULLS NOT DISTINCT WITH (fillfactor='70')",
                "constraint t: ALTER TABLE ONLY \"S\".\"t (x)\" ADD CONSTRAINT \"a \"\"b\" UNIQUE \
                 USING INDEX \"a \"\"b\" DEFERRABLE INITIALLY DEFERRED"
            ]
        );
    }

    #[test]
    fn a_foreign_key_is_looked_at_later() {
        let add =
            "ALTER TABLE ONLY s.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u(id) ON DELETE CASCADE";
        let validate = "ALTER TABLE ONLY s.t VALIDATE CONSTRAINT f";
        assert_eq!(
            split(add),
            [format!("constraint t: {add} NOT VALID"), format!("constraint t: {validate}")]
        );
        assert!(validates(validate) && !validates(add));
    }

    #[test]
    fn what_stays_as_it_is() {
        for sql in [
            "ALTER TABLE ONLY s.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u(id) NOT VALID",
            "ALTER TABLE ONLY s.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u(id) NOT ENFORCED",
            "ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES s.u(id)",
            "ALTER TABLE ONLY s.t ADD CONSTRAINT k PRIMARY KEY (id, at WITHOUT OVERLAPS)",
            "ALTER TABLE ONLY s.t ADD CONSTRAINT k PRIMARY KEY (id) USING INDEX TABLESPACE fast",
            "ALTER TABLE ONLY s.t ADD CONSTRAINT x EXCLUDE USING gist (a WITH &&)",
            "ALTER TABLE s.t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        ] {
            assert_eq!(split(sql), [format!("constraint t: {sql}")]);
        }
    }
}
