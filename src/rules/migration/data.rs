//! Rows that a migration writes, and checks that it switches off.

use super::statement::Deed;
use super::table::Action;
use super::{ALL, Found, Hit, Look, MigrationRule, POSTGRES, SERVERS};
use crate::model::finding::{Rule, Severity};
use crate::model::target::EngineKind;

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "every-row-written",
            title: "every row changed in one statement",
            severity: Severity::Medium,
            engines: ALL,
            why: "An UPDATE or DELETE without WHERE is often a slip. Where it is meant it locks every row until it is done, fills the log, and leaves replicas behind.",
            fix: "Work in portions of some thousand rows by the primary key, each in its own transaction.",
            references: &[
                "PostgreSQL manual: UPDATE, Notes",
                "MySQL manual: Optimizing INSERT, UPDATE, DELETE",
                "SQLite manual: UPDATE",
            ],
        },
        opt_in: false,
        check: every_row,
    },
    MigrationRule {
        rule: Rule {
            id: "rows-under-lock",
            title: "rows written while a table is locked for its change",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "The lock of an ALTER TABLE lasts to the end of the transaction. Rows that are written in the same one keep everybody waiting for as long as that takes.",
            fix: "Change the table in one migration and write the rows in the next.",
            references: &["PostgreSQL manual: Explicit Locking"],
        },
        opt_in: false,
        check: under_lock,
    },
    MigrationRule {
        rule: Rule {
            id: "column-set-twice",
            title: "column that is set twice in one UPDATE",
            severity: Severity::High,
            engines: ALL,
            why: "PostgreSQL refuses it; MySQL, MariaDB and SQLite keep one of the values, and it is not said which one was meant.",
            fix: "Keep the one that is meant.",
            references: &[
                "PostgreSQL manual: UPDATE",
                "MySQL manual: UPDATE Statement",
                "SQLite manual: UPDATE",
            ],
        },
        opt_in: false,
        check: twice,
    },
    MigrationRule {
        rule: Rule {
            id: "checks-off",
            title: "checks that are switched off",
            severity: Severity::Medium,
            engines: SERVERS,
            why: "While foreign keys or triggers are off, rows that break them come in, and nothing looks at them when they are on again.",
            fix: "Leave them on; load parents before children. Where they must be off, look for orphans afterwards.",
            references: &[
                "MySQL manual: FOREIGN KEY Constraints, foreign_key_checks",
                "PostgreSQL manual: session_replication_role",
            ],
        },
        opt_in: false,
        check: checks_off,
    },
    MigrationRule {
        rule: Rule {
            id: "grant-to-public",
            title: "right given to everybody",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "PUBLIC is every role that is there and every one that will come.",
            fix: "Give it to a role that people and programs are members of.",
            references: &["PostgreSQL manual: Privileges"],
        },
        opt_in: false,
        check: grants,
    },
    MigrationRule {
        rule: Rule {
            id: "table-locked-by-hand",
            title: "LOCK TABLE",
            severity: Severity::Medium,
            engines: SERVERS,
            why: "The lock lasts to the end of the transaction, or on MySQL to UNLOCK TABLES, and everybody waits for as long.",
            fix: "Leave it to the statements to take what they need.",
            references: &["PostgreSQL manual: LOCK", "MySQL manual: LOCK TABLES"],
        },
        opt_in: false,
        check: locks,
    },
    MigrationRule {
        rule: Rule {
            id: "transaction-left-open",
            title: "transaction that is not ended",
            severity: Severity::High,
            engines: ALL,
            why: "What comes after a BEGIN without its COMMIT is undone when the session ends, or keeps its locks until then.",
            fix: "End it with COMMIT, or leave both out.",
            references: &[
                "PostgreSQL manual: BEGIN",
                "MySQL manual: START TRANSACTION",
                "SQLite manual: Transaction",
            ],
        },
        opt_in: false,
        check: left_open,
    },
    MigrationRule {
        rule: Rule {
            id: "not-in-transaction",
            title: "statement that no transaction can hold",
            severity: Severity::High,
            engines: &[EngineKind::Sqlite, EngineKind::Postgres],
            why: "CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE, ALTER SYSTEM and their like fail inside of a transaction, and a migration runs in one.",
            fix: "Put it into a migration of its own, and write -- dbwright: no-transaction at its top.",
            references: &["PostgreSQL manual: CREATE INDEX, VACUUM", "SQLite manual: VACUUM"],
        },
        opt_in: false,
        check: outside,
    },
];

fn every_row(look: &Look<'_>, found: &mut Found<'_>) {
    let (table, word) = match look.deed() {
        Deed::Update { table, filtered: false, .. } => (table, "UPDATE"),
        Deed::Delete { table, filtered: false } => (table, "DELETE"),
        _ => return,
    };
    if !look.is_new(table) {
        let evidence = format!("{word} of all rows of {}", table.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn under_lock(look: &Look<'_>, found: &mut Found<'_>) {
    let table = match look.deed() {
        Deed::Update { table, .. } | Deed::Delete { table, .. } | Deed::Insert { table, selects: true } => {
            table
        }
        _ => return,
    };
    let locked = look.before().iter().find_map(|deed| match deed {
        Deed::AlterTable { table, actions } if !look.is_new(table) && !actions.is_empty() => Some(table),
        _ => None,
    });
    if let Some(locked) = locked.filter(|_| look.script.transaction && !look.is_new(table)) {
        let evidence = format!("{} stays locked by the ALTER TABLE above until this is done", locked.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn twice(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Update { table, twice: Some(column), .. } = look.deed() {
        found.add(Hit::column(table, column, format!("{column} is set twice")));
    }
}

fn checks_off(look: &Look<'_>, found: &mut Found<'_>) {
    match look.deed() {
        Deed::Set { name, value } => {
            let off = matches!(value.as_str(), "0" | "off" | "false");
            let is = match name.as_str() {
                "foreign_key_checks" | "unique_checks" | "check_constraint_checks" => off,
                "session_replication_role" => value == "replica",
                _ => false,
            };
            if is {
                found.add(Hit::new("setting", name, format!("{name} = {value}")));
            }
        }
        Deed::AlterTable { table, actions } if actions.contains(&Action::DisableTriggers) => {
            found.add(Hit::table(table, "DISABLE TRIGGER"));
        }
        _ => {}
    }
}

fn grants(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Grant { to_all: true, what } = look.deed() {
        found.add(Hit::new("grant", "PUBLIC", format!("GRANT {what}")));
    }
}

fn locks(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::LockTables { names } = look.deed() else { return };
    for name in names {
        found.add(Hit::table(name, look.written.sql.clone()));
    }
}

fn left_open(look: &Look<'_>, found: &mut Found<'_>) {
    if *look.deed() == Deed::Begin && !look.after().contains(&Deed::Commit) {
        found.add(Hit::new("migration", &look.script.id, "no COMMIT follows"));
    }
}

fn outside(look: &Look<'_>, found: &mut Found<'_>) {
    let postgres = look.ground.engine == EngineKind::Postgres;
    let what = match look.deed() {
        Deed::CreateIndex(index) if index.concurrently => "CREATE INDEX CONCURRENTLY",
        Deed::DropIndex { concurrently: true, .. } => "DROP INDEX CONCURRENTLY",
        Deed::Reindex { concurrently: true, .. } => "REINDEX CONCURRENTLY",
        Deed::Vacuum => "VACUUM",
        Deed::Repack { what, .. } if *what == "VACUUM FULL" => "VACUUM FULL",
        Deed::OutsideTransaction(what) if postgres => what,
        Deed::DropDatabase { what: "database", .. } if postgres => "DROP DATABASE",
        Deed::AlterTable { actions, .. }
            if actions.iter().any(|action| matches!(action, Action::Detach { concurrently: true, .. })) =>
        {
            "DETACH PARTITION CONCURRENTLY"
        }
        Deed::Set { name, .. } if !postgres && name == "journal_mode" => "PRAGMA journal_mode",
        _ => return,
    };
    if look.script.transaction {
        let sql = format!("-- dbwright: no-transaction\n{};", look.written.sql);
        found.add(Hit::new("migration", &look.script.id, format!("{what} in a transaction")).sql(sql));
    }
}
