//! What a statement of a migration does, as far as rules ask.

use super::table::{self, Action, Column, Constraint};
use super::words::{Named, Words};
use crate::sql::Dialect;

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    CreateTable(NewTable),
    AlterTable {
        table: Named,
        actions: Vec<Action>,
    },
    CreateIndex(NewIndex),
    DropIndex {
        name: Named,
        table: Option<Named>,
        concurrently: bool,
        if_exists: bool,
    },
    Reindex {
        name: String,
        concurrently: bool,
    },
    DropTable {
        names: Vec<Named>,
        if_exists: bool,
    },
    /// A database or a schema.
    DropDatabase {
        what: &'static str,
        name: Named,
    },
    /// A view, type, sequence, routine or trigger.
    DropOther {
        what: &'static str,
        name: Named,
    },
    Truncate {
        names: Vec<Named>,
        cascade: bool,
    },
    RenameTable {
        pairs: Vec<(Named, Named)>,
    },
    CreateDomain {
        name: Named,
        constrained: bool,
    },
    AlterDomain {
        name: Named,
        adds: bool,
        validates: bool,
    },
    /// ALTER TYPE … ADD VALUE.
    AddValue {
        of: Named,
        value: String,
        placed: bool,
    },
    CreateTrigger {
        table: Named,
    },
    CreateMaterialized {
        name: Named,
    },
    CreateOther,
    RefreshView {
        name: Named,
        concurrently: bool,
    },
    /// VACUUM FULL, CLUSTER, OPTIMIZE TABLE.
    Repack {
        what: &'static str,
        name: Option<Named>,
    },
    Vacuum,
    Update {
        table: Named,
        filtered: bool,
        twice: Option<String>,
    },
    Delete {
        table: Named,
        filtered: bool,
    },
    Insert {
        table: Named,
        selects: bool,
    },
    Set {
        name: String,
        value: String,
    },
    Begin,
    Commit,
    LockTables {
        names: Vec<Named>,
    },
    Grant {
        to_all: bool,
        what: String,
    },
    /// CREATE DATABASE, ALTER SYSTEM and others that no transaction can hold.
    OutsideTransaction(&'static str),
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewTable {
    pub name: Named,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// The partitioned table that it becomes a part of.
    pub partition_of: Option<Named>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewIndex {
    pub name: Option<Named>,
    pub table: Named,
    pub unique: bool,
    pub concurrently: bool,
    pub if_not_exists: bool,
    /// `fulltext` or `spatial`.
    pub special: Option<&'static str>,
    /// Whether the statement says itself how much it may lock.
    pub says_how: bool,
}

/// Reads a statement.
pub fn read(sql: &str, dialect: &Dialect) -> Deed {
    let mut words = Words::new(sql, dialect);
    read_words(&mut words).unwrap_or(Deed::Other)
}

fn read_words(words: &mut Words<'_>) -> Option<Deed> {
    const FIRST: [&str; 18] = [
        "CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "REINDEX", "REFRESH", "VACUUM", "CLUSTER",
        "OPTIMIZE", "UPDATE", "DELETE", "INSERT", "SET", "PRAGMA", "LOCK", "GRANT", "WITH",
    ];
    if words.eat_any(&["BEGIN", "START TRANSACTION"]).is_some() {
        return Some(Deed::Begin);
    }
    if words.eat_any(&["COMMIT", "END", "ROLLBACK", "ABORT"]).is_some() {
        return Some(Deed::Commit);
    }
    match words.eat_any(&FIRST)? {
        "CREATE" => create(words),
        "ALTER" => alter(words),
        "DROP" => drop(words),
        "TRUNCATE" => {
            words.eat("TABLE");
            words.eat("ONLY");
            Some(Deed::Truncate { cascade: words.has("CASCADE"), names: names(words) })
        }
        "RENAME" => rename(words),
        "REINDEX" => {
            words.brackets();
            let _ = words.eat_any(&["TABLE", "INDEX", "SCHEMA", "DATABASE", "SYSTEM"]);
            let concurrently = words.eat("CONCURRENTLY");
            Some(Deed::Reindex {
                name: words.name().map(|name| name.plain).unwrap_or_default(),
                concurrently,
            })
        }
        "REFRESH" => {
            words.eat("MATERIALIZED VIEW");
            let concurrently = words.eat("CONCURRENTLY");
            Some(Deed::RefreshView { name: words.name()?, concurrently })
        }
        "VACUUM" => {
            let options = words.brackets();
            let full = words.eat("FULL") || options.is_some_and(|options| options.mentions("FULL"));
            words.eat_any(&["FREEZE", "VERBOSE", "ANALYZE"]);
            match full {
                true => Some(Deed::Repack { what: "VACUUM FULL", name: words.name() }),
                false => Some(Deed::Vacuum),
            }
        }
        "CLUSTER" => {
            words.brackets();
            words.eat("VERBOSE");
            Some(Deed::Repack { what: "CLUSTER", name: words.name() })
        }
        "OPTIMIZE" => {
            words.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
            words.eat("TABLE");
            Some(Deed::Repack { what: "OPTIMIZE TABLE", name: words.name() })
        }
        "UPDATE" => update(words),
        "DELETE" => {
            words.skip_to("FROM");
            words.eat("ONLY");
            Some(Deed::Delete { table: words.name()?, filtered: words.has("WHERE") || words.has("LIMIT") })
        }
        "INSERT" => {
            words.skip_to("INTO");
            Some(Deed::Insert { table: words.name()?, selects: words.has("SELECT") })
        }
        "SET" | "PRAGMA" => set(words),
        "LOCK" => {
            words.eat_any(&["TABLES", "TABLE"]);
            words.eat("ONLY");
            Some(Deed::LockTables { names: names(words) })
        }
        "GRANT" => {
            let what = words.text();
            words.skip_to("TO");
            Some(Deed::Grant { to_all: words.is("PUBLIC"), what })
        }
        // What is written follows the queries that it uses.
        _ => with_rest(words),
    }
}

/// The statement behind the queries of WITH.
fn with_rest(words: &mut Words<'_>) -> Option<Deed> {
    for verb in ["UPDATE", "DELETE FROM"] {
        let mut ahead = words.clone();
        if ahead.skip_to(verb) {
            let table = ahead.name()?;
            let filtered = ahead.has("WHERE");
            return Some(match verb {
                "UPDATE" => Deed::Update { table, filtered, twice: None },
                _ => Deed::Delete { table, filtered },
            });
        }
    }
    None
}

fn names(words: &mut Words<'_>) -> Vec<Named> {
    let rest = words.clone();
    rest.items().into_iter().filter_map(|mut item| item.name()).collect()
}

fn create(words: &mut Words<'_>) -> Option<Deed> {
    words.eat("OR REPLACE");
    let mut temporary = false;
    let (mut unique, mut special) = (false, None);
    loop {
        match words.eat_any(&[
            "GLOBAL",
            "LOCAL",
            "TEMPORARY",
            "TEMP",
            "UNLOGGED",
            "UNIQUE",
            "FULLTEXT",
            "SPATIAL",
            "VIRTUAL",
            "ONLINE",
            "OFFLINE",
            "FOREIGN",
            "CONSTRAINT",
        ]) {
            Some("TEMPORARY" | "TEMP") => temporary = true,
            Some("UNIQUE") => unique = true,
            Some("FULLTEXT") => special = Some("fulltext"),
            Some("SPATIAL") => special = Some("spatial"),
            Some(_) => {}
            None => break,
        }
    }
    const WHAT: [&str; 8] = [
        "TABLE",
        "INDEX",
        "DOMAIN",
        "TRIGGER",
        "DATABASE",
        "TABLESPACE",
        "SUBSCRIPTION",
        "MATERIALIZED VIEW",
    ];
    match words.eat_any(&WHAT) {
        Some("TABLE") => create_table(words, temporary),
        Some("INDEX") => {
            let says_how = words.has("ALGORITHM") || words.has("LOCK");
            let concurrently = words.eat("CONCURRENTLY");
            let if_not_exists = words.eat("IF NOT EXISTS");
            let name = if words.is("ON") { None } else { words.name() };
            words.skip_to("ON");
            words.eat("ONLY");
            let table = words.name()?;
            let index = NewIndex { name, table, unique, concurrently, if_not_exists, special, says_how };
            Some(Deed::CreateIndex(index))
        }
        Some("DOMAIN") => {
            let name = words.name()?;
            let constrained = words.has("CHECK") || words.has("NOT NULL") || words.has("CONSTRAINT");
            Some(Deed::CreateDomain { name, constrained })
        }
        Some("TRIGGER") => {
            words.skip_to("ON");
            Some(Deed::CreateTrigger { table: words.name()? })
        }
        Some("DATABASE") => Some(Deed::OutsideTransaction("CREATE DATABASE")),
        Some("TABLESPACE") => Some(Deed::OutsideTransaction("CREATE TABLESPACE")),
        Some("MATERIALIZED VIEW") => {
            words.eat("IF NOT EXISTS");
            Some(Deed::CreateMaterialized { name: words.name()? })
        }
        Some("SUBSCRIPTION") => Some(Deed::OutsideTransaction("CREATE SUBSCRIPTION")),
        _ => Some(Deed::CreateOther),
    }
}

fn create_table(words: &mut Words<'_>, temporary: bool) -> Option<Deed> {
    let if_not_exists = words.eat("IF NOT EXISTS");
    let name = words.name()?;
    let partition_of = if words.eat("PARTITION OF") { words.name() } else { None };
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    for item in words.brackets().map(Words::items).unwrap_or_default() {
        match table::constraint(&mut item.clone()) {
            Some(constraint) => constraints.push(constraint),
            None => columns.extend(table::column(&mut item.clone())),
        }
    }
    let new = NewTable { name, temporary, if_not_exists, columns, constraints, partition_of };
    Some(Deed::CreateTable(new))
}

fn alter(words: &mut Words<'_>) -> Option<Deed> {
    words.eat_any(&["ONLINE", "IGNORE", "FOREIGN"]);
    if words.eat("TABLE") {
        words.eat("IF EXISTS");
        words.eat("ONLY");
        let table = words.name()?;
        words.eat("*");
        if words.eat("WAIT") {
            words.next();
        }
        words.eat("NOWAIT");
        let actions = table::actions(words);
        return Some(Deed::AlterTable { table, actions });
    }
    if words.eat("DOMAIN") {
        let name = words.name()?;
        let adds = words.eat("ADD");
        return Some(Deed::AlterDomain { name, adds, validates: !words.has("NOT VALID") });
    }
    if words.eat("TYPE") {
        let of = words.name()?;
        if !words.eat("ADD VALUE") {
            return Some(Deed::Other);
        }
        words.eat("IF NOT EXISTS");
        let value = words.next()?.trim_matches('\'').to_owned();
        return Some(Deed::AddValue { of, value, placed: words.is("BEFORE") || words.is("AFTER") });
    }
    if words.eat("SYSTEM") {
        return Some(Deed::OutsideTransaction("ALTER SYSTEM"));
    }
    None
}

fn drop(words: &mut Words<'_>) -> Option<Deed> {
    words.eat("TEMPORARY");
    const WHAT: [&str; 12] = [
        "TABLE",
        "INDEX",
        "DATABASE",
        "SCHEMA",
        "MATERIALIZED VIEW",
        "VIEW",
        "TYPE",
        "SEQUENCE",
        "FUNCTION",
        "PROCEDURE",
        "TRIGGER",
        "DOMAIN",
    ];
    let what = words.eat_any(&WHAT)?;
    let concurrently = words.eat("CONCURRENTLY");
    let if_exists = words.eat("IF EXISTS");
    match what {
        "TABLE" => Some(Deed::DropTable { names: names(words), if_exists }),
        "INDEX" => {
            let name = words.name()?;
            let table = if words.eat("ON") { words.name() } else { None };
            Some(Deed::DropIndex { name, table, concurrently, if_exists })
        }
        "DATABASE" => Some(Deed::DropDatabase { what: "database", name: words.name()? }),
        "SCHEMA" => Some(Deed::DropDatabase { what: "schema", name: words.name()? }),
        other => Some(Deed::DropOther { what: kind(other), name: words.name()? }),
    }
}

fn kind(word: &str) -> &'static str {
    match word {
        "MATERIALIZED VIEW" => "materialized view",
        "VIEW" => "view",
        "TYPE" => "type",
        "SEQUENCE" => "sequence",
        "FUNCTION" => "function",
        "PROCEDURE" => "procedure",
        "TRIGGER" => "trigger",
        _ => "domain",
    }
}

fn rename(words: &mut Words<'_>) -> Option<Deed> {
    words.eat_any(&["TABLES", "TABLE"])?;
    let pair = |mut item: Words<'_>| {
        let from = item.name()?;
        item.eat("TO").then(|| item.name().map(|to| (from, to)))?
    };
    let rest = words.clone();
    Some(Deed::RenameTable { pairs: rest.items().into_iter().filter_map(pair).collect() })
}

fn update(words: &mut Words<'_>) -> Option<Deed> {
    words.eat_any(&["LOW_PRIORITY", "IGNORE", "ONLY", "OR REPLACE", "OR IGNORE", "OR ABORT"]);
    let table = words.name()?;
    let filtered = words.has("WHERE") || words.has("LIMIT");
    let mut twice = None;
    if words.skip_to("SET") {
        let mut seen: Vec<String> = Vec::new();
        for mut item in words.clone().items() {
            let Some(column) = item.name().filter(|_| item.is("=")) else { break };
            let name = column.last().to_lowercase();
            if seen.contains(&name) {
                twice = Some(column.last().to_owned());
            }
            // The last one is followed by the rest of the statement.
            let is_last = item.has("WHERE") || item.has("FROM") || item.has("RETURNING");
            seen.push(name);
            if is_last {
                break;
            }
        }
    }
    Some(Deed::Update { table, filtered, twice })
}

fn set(words: &mut Words<'_>) -> Option<Deed> {
    words.eat_any(&["LOCAL", "SESSION", "GLOBAL", "PERSIST"]);
    let name = words.name().map(|name| name.plain).or_else(|| words.next().map(str::to_owned))?;
    let name = name.trim_start_matches('@').trim_start_matches("session.").to_lowercase();
    let value = match words.brackets() {
        Some(value) => value.text(),
        None => {
            words.eat_any(&["=", "TO", ":="]);
            words.text()
        }
    };
    Some(Deed::Set { name, value: value.trim_matches('\'').to_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES, SQLITE};

    #[test]
    fn statements_are_told_apart() {
        let told = |sql: &str| format!("{:?}", read(sql, &POSTGRES));
        for (sql, what) in [
            ("create unique index concurrently if not exists i on only s.t (a)", "concurrently: true"),
            ("drop index concurrently if exists i", "DropIndex"),
            ("reindex (verbose) table concurrently t", "Reindex { name: \"t\", concurrently: true }"),
            ("truncate table a, b cascade", "cascade: true"),
            ("vacuum (full, analyze) t", "Repack"),
            ("vacuum analyze t", "Vacuum"),
            ("refresh materialized view v", "concurrently: false"),
            ("alter type mood add value 'x' before 'y'", "placed: true"),
            ("alter type mood add value if not exists 'x'", "placed: false"),
            ("create domain d as int check (value > 0)", "constrained: true"),
            ("alter domain d add constraint c check (value > 0) not valid", "validates: false"),
            ("update t set a = 1, b = 2, a = 3 where x", "twice: Some(\"a\")"),
            ("update t set a = 1, b = (select a from x where y)", "filtered: false, twice: None"),
            ("with x as (select 1) delete from t", "Delete"),
            ("set local lock_timeout = '5s'", "Set { name: \"lock_timeout\", value: \"5s\" }"),
            ("grant select on t to public", "to_all: true"),
            ("create or replace view v as select 1", "CreateOther"),
            ("drop table if exists a, b", "if_exists: true"),
            ("select 1", "Other"),
            ("", "Other"),
            ("create", "CreateOther"),
            ("alter table", "Other"),
        ] {
            assert!(told(sql).contains(what), "{sql}: {}", told(sql));
        }
        let rename = read("rename table a to b, c to d", &MYSQL);
        assert!(matches!(rename, Deed::RenameTable { pairs } if pairs.len() == 2));
        let pragma = read("pragma foreign_keys = off", &SQLITE);
        assert_eq!(pragma, Deed::Set { name: "foreign_keys".into(), value: "off".into() });
        let set = read("SET @@session.foreign_key_checks = 0", &MYSQL);
        assert!(matches!(&set, Deed::Set { name, .. } if name == "foreign_key_checks"), "{set:?}");
    }
}
