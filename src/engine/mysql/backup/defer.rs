//! CREATE TABLE without the keys that are made faster when the rows are there.
//!
//! InnoDB builds a key from all rows by sorting them, many times faster than row by row, and all keys
//! of a statement in one pass over the table ("Sorted Index Builds" in MySQL's manual).

use crate::catalog::words::Words;
use crate::model::snapshot::{Statement, StatementSection};
use crate::sql::MARIADB;

/// The statement, and where it makes a table what adds its keys and foreign keys later. The keys
/// stay in their order.
pub fn defer(statement: &Statement) -> Vec<Statement> {
    if statement.object == "table"
        && statement.section == StatementSection::BeforeData
        && let Some(split) = split(&statement.sql)
    {
        let later = |object: &str, sql: String| Statement {
            object: object.to_owned(),
            section: StatementSection::AfterData,
            sql,
            ..statement.clone()
        };
        let first = Statement { sql: split.create, ..statement.clone() };
        let keys = split.keys.into_iter().map(|sql| later("index", sql));
        let foreign = split.foreign.into_iter().map(|sql| later("constraint", sql));
        return std::iter::once(first).chain(keys).chain(foreign).collect();
    }
    vec![statement.clone()]
}

#[derive(Debug, PartialEq, Eq)]
struct Split {
    create: String,
    /// Each is built in one pass.
    keys: Vec<String>,
    foreign: Vec<String>,
}

/// What stands between two commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A column, the primary key, a check, a period.
    Stays,
    Unique,
    Key,
    /// Of its kind the server builds one at a time.
    OneAtATime,
    Foreign,
}

/// A column, key or constraint of a table.
pub struct Item<'a> {
    pub what: What,
    pub text: &'a str,
}

/// None where nothing can be put off, or the text is none that we know.
fn split(sql: &str) -> Option<Split> {
    // MariaDB's rules read what MySQL writes.
    let mut words = Words::new(sql, &MARIADB);
    words.eat(&["CREATE", "TABLE"]).then_some(())?;
    let name_start = words.start();
    words.name()?;
    let table = words.slice(name_start, words.end());
    words.eat(&["("]).then_some(())?;
    let open = words.end();
    let items = items(&mut words)?;
    let close = words.end() - 1;
    is_innodb(&mut words).then_some(())?;

    let first_free = first_free(&items);
    let is_kept = |(at, item): (usize, &Item<'_>)| match item.what {
        What::Stays => true,
        What::Foreign => false,
        _ => at < first_free,
    };
    let kept: Vec<&str> = items
        .iter()
        .enumerate()
        .filter(|each| is_kept(*each))
        .map(|(_, item)| item.text.trim_end())
        .collect();
    let added = |wanted: &dyn Fn(What) -> bool| -> Vec<String> {
        let later = items.iter().enumerate().filter(|each| !is_kept(*each) && wanted(each.1.what));
        later.map(|(_, item)| format!("ADD {}", item.text.trim())).collect()
    };
    let mut keys = alter(table, &added(&|what| matches!(what, What::Unique | What::Key)));
    keys.extend(
        added(&|what| what == What::OneAtATime)
            .iter()
            .flat_map(|each| alter(table, std::slice::from_ref(each))),
    );
    // Each alone, so that one can be left out; with the checks off it is a matter of the catalog.
    let foreign: Vec<String> = added(&|what| what == What::Foreign)
        .iter()
        .flat_map(|each| alter(table, std::slice::from_ref(each)))
        .collect();
    if keys.is_empty() && foreign.is_empty() {
        return None;
    }
    let behind_last = items.last().map_or("", |item| &item.text[item.text.trim_end().len()..]);
    let create = format!("{}{}{behind_last}{}", &sql[..open], kept.join(","), &sql[close..]);
    Some(Split { create, keys, foreign })
}

fn alter(table: &str, added: &[String]) -> Vec<String> {
    match added.is_empty() {
        true => Vec::new(),
        false => vec![format!("ALTER TABLE {table} {}", added.join(", "))],
    }
}

/// Everything up to the parenthesis that closes.
pub fn items<'a>(words: &mut Words<'a>) -> Option<Vec<Item<'a>>> {
    let mut items = Vec::new();
    loop {
        let start = words.end();
        let what = what(words);
        while !words.is(",") && !words.is(")") {
            match words.is("(") {
                true => drop(words.group()?),
                false => drop(words.next()?),
            }
        }
        items.push(Item { what, text: words.slice(start, words.start()) });
        if words.next().is_some() && words.slice(words.end() - 1, words.end()) == ")" {
            return Some(items);
        }
    }
}

fn what(words: &Words<'_>) -> What {
    match words.text(0).to_ascii_uppercase().as_str() {
        "UNIQUE" => What::Unique,
        "KEY" | "INDEX" | "SPATIAL" => What::Key,
        "FULLTEXT" | "VECTOR" => What::OneAtATime,
        "CONSTRAINT" if words.is_at(2, "FOREIGN") => What::Foreign,
        "FOREIGN" => What::Foreign,
        _ => What::Stays,
    }
}

/// The first option of a table is its engine.
fn is_innodb(words: &mut Words<'_>) -> bool {
    while words.peek().is_some() {
        if words.eat(&["ENGINE"]) {
            words.eat(&["="]);
            return words.is("InnoDB");
        }
        words.next();
    }
    false
}

/// The place of the first key that may be put off. The numbers of AUTO_INCREMENT need a key from the
/// start; and without a primary key InnoDB keeps the rows in the order of a unique one.
fn first_free(items: &[Item<'_>]) -> usize {
    let primary = items.iter().find(|item| item.text.trim_start().starts_with("PRIMARY"));
    let after = |place: Option<usize>| place.map_or(0, |at| at + 1);
    let mut free = 0;
    if primary.is_none() {
        free = after(items.iter().rposition(|item| item.what == What::Unique));
    }
    if let Some(numbered) = items.iter().find_map(numbered)
        && primary.is_none_or(|item| first_column(item).as_ref() != Some(&numbered))
    {
        let key = items.iter().position(|item| {
            matches!(item.what, What::Unique | What::Key) && first_column(item).as_ref() == Some(&numbered)
        });
        free = free.max(after(key));
    }
    free
}

/// The name of a column with AUTO_INCREMENT.
fn numbered(item: &Item<'_>) -> Option<String> {
    let mut words = Words::new(item.text, &MARIADB);
    if !words.text(0).starts_with(['`', '"']) {
        return None;
    }
    let name = words.name()?;
    while words.peek().is_some() {
        if words.is("(") {
            words.group();
        } else if words.is("AUTO_INCREMENT") {
            return Some(name);
        } else {
            words.next();
        }
    }
    None
}

fn first_column(item: &Item<'_>) -> Option<String> {
    let mut words = Words::new(item.text, &MARIADB);
    while !words.is("(") {
        words.next()?;
    }
    words.eat(&["("]);
    words.name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sql: &str) -> (String, Vec<String>) {
        let statement = Statement {
            object: "table".into(),
            schema: String::new(),
            name: "t".into(),
            section: StatementSection::BeforeData,
            sql: sql.into(),
        };
        let mut statements = defer(&statement).into_iter();
        let create = statements.next().unwrap();
        assert_eq!((create.object.as_str(), create.section), ("table", StatementSection::BeforeData));
        let later = statements.map(|each| {
            assert_eq!((each.name.as_str(), each.section), ("t", StatementSection::AfterData));
            assert!(matches!(each.object.as_str(), "index" | "constraint"));
            format!("{}: {}", each.object, each.sql)
        });
        (create.sql, later.collect())
    }

    fn is_whole(sql: &str) {
        assert_eq!(parts(sql), (sql.to_owned(), Vec::new()));
    }

    #[test]
    fn every_kind_of_key_of_mysql() {
        let (create, later) = parts(
            "CREATE TABLE `t (x)` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, (b) KEY `k` (it''s \\'',\n  \
             `na``me` varchar(40) DEFAULT 'KEY (',\n  `p` point NOT NULL /*!80003 SRID 4326 */,\n  `j` json DEFAULT NULL,\n  \
             `e` enum('a,b',')') DEFAULT NULL,\n  \
             PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`na``me`(10) DESC),\n  \
             KEY `k` (`e`,`na``me`) USING BTREE COMMENT 'one) , two' /*!80000 INVISIBLE */,\n  \
             KEY `f` ((lower(`na``me`))),\n  KEY `mv` ((cast(json_extract(`j`,_utf8mb4'$[*]') as unsigned array))),\n  \
             SPATIAL KEY `sp` (`p`),\n  FULLTEXT KEY `ft` (`na``me`) /*!50100 WITH PARSER `ngram` */ ,\n  FULLTEXT KEY `ft2` (`na``me`),\n  \
             CONSTRAINT `fk, 1` FOREIGN KEY (`e`) REFERENCES `other` (`x`) ON DELETE CASCADE,\n  \
             CONSTRAINT `fk2` FOREIGN KEY (`id`) REFERENCES `other` (`y`),\n  \
             CONSTRAINT `c` CHECK ((`id` > 0)) /*!80016 NOT ENFORCED */\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='KEY (a)'\n\
             /*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */",
        );
        assert_eq!(
            create,
            "CREATE TABLE `t (x)` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, (b) KEY `k` (it''s \\'',\n  \
             `na``me` varchar(40) DEFAULT 'KEY (',\n  `p` point NOT NULL /*!80003 SRID 4326 */,\n  `j` json DEFAULT NULL,\n  \
             `e` enum('a,b',')') DEFAULT NULL,\n  \
             PRIMARY KEY (`id`),\n  \
             CONSTRAINT `c` CHECK ((`id` > 0)) /*!80016 NOT ENFORCED */\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='KEY (a)'\n\
             /*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */"
        );
        assert_eq!(
            later,
            [
                "index: ALTER TABLE `t (x)` ADD UNIQUE KEY `u` (`na``me`(10) DESC), \
                 ADD KEY `k` (`e`,`na``me`) USING BTREE COMMENT 'one) , two' /*!80000 INVISIBLE */, \
                 ADD KEY `f` ((lower(`na``me`))), \
                 ADD KEY `mv` ((cast(json_extract(`j`,_utf8mb4'$[*]') as unsigned array))), \
                 ADD SPATIAL KEY `sp` (`p`)",
                "index: ALTER TABLE `t (x)` ADD FULLTEXT KEY `ft` (`na``me`) /*!50100 WITH PARSER `ngram` */",
                "index: ALTER TABLE `t (x)` ADD FULLTEXT KEY `ft2` (`na``me`)",
                "constraint: ALTER TABLE `t (x)` ADD CONSTRAINT `fk, 1` FOREIGN KEY (`e`) REFERENCES `other` (`x`) \
                 ON DELETE CASCADE",
                "constraint: ALTER TABLE `t (x)` ADD CONSTRAINT `fk2` FOREIGN KEY (`id`) REFERENCES `other` (`y`)",
            ]
        );
    }

    #[test]
    fn mariadb() {
        let (create, later) = parts(
            "CREATE TABLE `t` (\n  `a` int(11) NOT NULL CHECK (`a` > 0),\n  `b` date NOT NULL,\n  `c` date NOT NULL,\n  \
             PERIOD FOR `p` (`b`, `c`),\n  PRIMARY KEY (`a`),\n  UNIQUE KEY `o` (`a`,`p` WITHOUT OVERLAPS),\n  \
             KEY `i` (`b`) IGNORED,\n  CONSTRAINT `x` CHECK (`b` < `c`)\n) ENGINE=InnoDB WITH SYSTEM VERSIONING",
        );
        assert!(
            create.contains("PERIOD FOR `p` (`b`, `c`),\n  PRIMARY KEY (`a`),\n  CONSTRAINT `x`"),
            "{create}"
        );
        assert!(create.ends_with("\n) ENGINE=InnoDB WITH SYSTEM VERSIONING"), "{create}");
        assert_eq!(
            later,
            [
                "index: ALTER TABLE `t` ADD UNIQUE KEY `o` (`a`,`p` WITHOUT OVERLAPS), ADD KEY `i` (`b`) IGNORED"
            ]
        );
    }

    #[test]
    fn keys_that_are_needed_from_the_start() {
        is_whole("CREATE TABLE `t` (\n  `a` int NOT NULL,\n  UNIQUE KEY `u` (`a`)\n) ENGINE=InnoDB");
        let (create, later) = parts(
            "CREATE TABLE `t` (\n  `a` int NOT NULL,\n  `n` int NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`a`,`n`),\n  \
             KEY `x` (`a`),\n  KEY `n` (`n`),\n  KEY `y` (`a`)\n) ENGINE=InnoDB",
        );
        assert!(create.contains("KEY `x` (`a`),\n  KEY `n` (`n`)\n)"), "{create}");
        assert_eq!(later, ["index: ALTER TABLE `t` ADD KEY `y` (`a`)"]);
        let (create, later) = parts(
            "CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  UNIQUE KEY `u` (`a`),\n  KEY `k` (`a`)\n) ENGINE=InnoDB",
        );
        assert!(create.contains("UNIQUE KEY `u` (`a`)\n)"), "{create}");
        assert_eq!(later, ["index: ALTER TABLE `t` ADD KEY `k` (`a`)"]);
    }

    #[test]
    fn what_stays_as_it_is() {
        is_whole("CREATE TABLE `t` (\n  `a` int,\n  KEY `k` (`a`)\n) ENGINE=MyISAM");
        is_whole("CREATE TABLE `t` (\n  `a` int,\n  PRIMARY KEY (`a`)\n) ENGINE=InnoDB");
        is_whole("CREATE TABLE `t` AS SELECT 1");
        is_whole("CREATE TABLE `t` (\n  `a` int,\n  KEY `k` (`a`");
        let view = Statement {
            object: "view".into(),
            schema: String::new(),
            name: "v".into(),
            section: StatementSection::BeforeData,
            sql: "CREATE VIEW v AS SELECT 1".into(),
        };
        assert_eq!(defer(&view), [view]);
    }
}
