//! Indexes: what a build or a drop holds up while it lasts.

use super::statement::{Deed, NewIndex};
use super::table::{Action, Constraint, ConstraintKind};
use super::words::Named;
use super::{Found, Hit, Look, MigrationRule, POSTGRES, SQLITE};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "index-blocks-writes",
            title: "index built while nobody can write",
            severity: Severity::High,
            engines: POSTGRES,
            why: "CREATE INDEX takes a SHARE lock: until it has read the whole table, every INSERT, UPDATE and DELETE waits, and so does all that comes after them.",
            fix: "Build it CONCURRENTLY, in a migration of its own that runs without a transaction.",
            references: &["PostgreSQL manual: CREATE INDEX, Building Indexes Concurrently"],
        },
        opt_in: false,
        check: create,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-index-blocks",
            title: "index dropped under the strongest lock",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "DROP INDEX takes an ACCESS EXCLUSIVE lock on the table: it waits for every query that is running, and every query that comes waits for it.",
            fix: "Drop it CONCURRENTLY, in a migration that runs without a transaction.",
            references: &["PostgreSQL manual: DROP INDEX"],
        },
        opt_in: false,
        check: drop,
    },
    MigrationRule {
        rule: Rule {
            id: "reindex-blocks",
            title: "index built again while nobody can write",
            severity: Severity::High,
            engines: POSTGRES,
            why: "REINDEX locks out writes, and queries that would use the index, until it is done.",
            fix: "REINDEX CONCURRENTLY, in a migration that runs without a transaction.",
            references: &["PostgreSQL manual: REINDEX, Rebuilding Indexes Concurrently"],
        },
        opt_in: false,
        check: reindex,
    },
    MigrationRule {
        rule: Rule {
            id: "unique-blocks-all",
            title: "unique index built while nobody can read or write",
            severity: Severity::High,
            engines: POSTGRES,
            why: "ADD UNIQUE and ADD PRIMARY KEY build their index under an ACCESS EXCLUSIVE lock: nothing can use the table until all of it was read and sorted.",
            fix: "Build a unique index CONCURRENTLY first, then add the constraint USING INDEX, which takes an instant.",
            references: &["PostgreSQL manual: ALTER TABLE, ADD table_constraint_using_index"],
        },
        opt_in: false,
        check: unique,
    },
    MigrationRule {
        rule: Rule {
            id: "index-holds-database",
            title: "index built while nobody can write",
            severity: Severity::Info,
            engines: SQLITE,
            why: "SQLite has one writer: while an index is built, every other write to the file waits or fails with \"database is locked\".",
            fix: "Run it when a wait of that length does no harm, and give other writers a busy time-out.",
            references: &["SQLite manual: CREATE INDEX", "SQLite manual: Write-Ahead Logging, Concurrency"],
        },
        opt_in: false,
        check: holds,
    },
];

fn index<'a>(look: &Look<'a>) -> Option<&'a NewIndex> {
    match look.deed() {
        Deed::CreateIndex(index) if !look.is_new(&index.table) => Some(index),
        _ => None,
    }
}

fn object(index: &NewIndex) -> String {
    match &index.name {
        Some(name) => format!("{}.{}", index.table.plain, name.last()),
        None => index.table.plain.clone(),
    }
}

fn create(look: &Look<'_>, found: &mut Found<'_>) {
    let Some(index) = index(look).filter(|index| !index.concurrently) else { return };
    let evidence = format!("takes a SHARE lock on {}, which holds up writes", index.table.plain);
    let hit = Hit::new("index", object(index), evidence).sql(concurrently(&look.written.sql, "INDEX"));
    found.add_by_size(&index.table, hit);
}

/// A statement with CONCURRENTLY behind `word`, as a migration of its own.
fn concurrently(sql: &str, word: &str) -> String {
    let upper = sql.to_ascii_uppercase();
    let at = upper.find(word).map_or(0, |at| at + word.len());
    format!("-- dbwright: no-transaction\n{} CONCURRENTLY{};", &sql[..at], &sql[at..])
}

fn drop(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::DropIndex { name, concurrently: false, .. } = look.deed() else { return };
    let is_ours = look
        .before()
        .iter()
        .any(|deed| matches!(deed, Deed::CreateIndex(NewIndex { name: Some(made), .. }) if made.is(name)));
    if !is_ours {
        let evidence = "takes an ACCESS EXCLUSIVE lock on its table, which holds up everybody";
        let sql = concurrently(&look.written.sql, "INDEX");
        found.add(Hit::new("index", &name.plain, evidence).sql(sql));
    }
}

fn reindex(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::Reindex { name, concurrently: false } = look.deed() else { return };
    let evidence = "takes a SHARE lock on the table and an ACCESS EXCLUSIVE lock on the index";
    let words = ["TABLE", "INDEX", "SCHEMA", "DATABASE", "SYSTEM"];
    let upper = look.written.sql.to_ascii_uppercase();
    // REINDEX has INDEX in it too.
    let word = words.into_iter().find(|word| upper.contains(&format!(" {word}"))).unwrap_or("REINDEX");
    let word = if word == "REINDEX" { word.to_owned() } else { format!(" {word}") };
    let hit = Hit::new("index", name, evidence).sql(concurrently(&look.written.sql, &word));
    let table = Named { plain: name.clone(), ..Named::default() };
    found.add_by_size(&table, hit);
}

fn unique(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        match action {
            Action::AddConstraint(constraint) if !constraint.using_index => {
                let word = match constraint.kind {
                    ConstraintKind::Unique => "UNIQUE",
                    ConstraintKind::PrimaryKey => "PRIMARY KEY",
                    _ => continue,
                };
                let evidence = format!("builds an index under an ACCESS EXCLUSIVE lock on {}", table.plain);
                let hit = Hit::table(table, evidence).sql(by_index(table, constraint, word));
                found.add_by_size(table, hit);
            }
            Action::AddColumn { column, .. } if column.unique || column.primary_key => {
                let evidence = format!("builds an index under an ACCESS EXCLUSIVE lock on {}", table.plain);
                let hit = Hit::column(table, &column.name.plain, evidence)
                    .text("Add the column without it, build a unique index CONCURRENTLY, then add the constraint USING INDEX.");
                found.add_by_size(table, hit);
            }
            _ => {}
        }
    }
}

fn by_index(table: &Named, constraint: &Constraint, word: &str) -> String {
    let name = match &constraint.name {
        Some(name) => name.sql.clone(),
        None => format!("{}_{}_key", table.last(), constraint.columns.join("_")),
    };
    let columns = constraint.columns.join(", ");
    format!(
        "-- dbwright: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY {name} ON {} ({columns});\n\
         ALTER TABLE {} ADD CONSTRAINT {name} {word} USING INDEX {name};",
        table.sql, table.sql
    )
}

fn holds(look: &Look<'_>, found: &mut Found<'_>) {
    let Some(index) = index(look) else { return };
    if look.ground.catalog.is_some() && look.size(&index.table).is_small() {
        return;
    }
    let evidence = format!("the file is locked for writing while {} is read", index.table.plain);
    found.add_by_size(&index.table, Hit::new("index", object(index), evidence));
}
