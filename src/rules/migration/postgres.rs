//! What only PostgreSQL does: its locks, its types, its settings.

use super::statement::Deed;
use super::table::Action;
use super::words::Named;
use super::{ALL, Found, Hit, Look, MigrationRule, POSTGRES};
use crate::model::finding::{Rule, Severity};
use crate::model::target::EngineKind;

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "table-written-anew",
            title: "whole table written anew under the strongest lock",
            severity: Severity::High,
            engines: POSTGRES,
            why: "VACUUM FULL, CLUSTER, SET TABLESPACE, SET LOGGED and SET ACCESS METHOD copy the table while nobody can read or write it.",
            fix: "Do it when nobody works, or with pg_repack, which copies beside the work.",
            references: &["PostgreSQL manual: VACUUM, CLUSTER", "PostgreSQL manual: ALTER TABLE, Notes"],
        },
        opt_in: false,
        check: rewrites,
    },
    MigrationRule {
        rule: Rule {
            id: "refresh-blocks-readers",
            title: "materialized view that nobody can read meanwhile",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "REFRESH MATERIALIZED VIEW takes an ACCESS EXCLUSIVE lock on the view until its query is done.",
            fix: "REFRESH CONCURRENTLY, for which the view needs a unique index on plain columns.",
            references: &["PostgreSQL manual: REFRESH MATERIALIZED VIEW"],
        },
        opt_in: false,
        check: refresh,
    },
    MigrationRule {
        rule: Rule {
            id: "detach-blocks",
            title: "partition detached under the strongest lock",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "DETACH PARTITION takes an ACCESS EXCLUSIVE lock on the partitioned table, and so waits for every query on any of its partitions, and holds up those that come.",
            fix: "DETACH PARTITION … CONCURRENTLY (PostgreSQL 14), without a transaction.",
            references: &["PostgreSQL manual: ALTER TABLE, DETACH PARTITION"],
        },
        opt_in: false,
        check: detach,
    },
    MigrationRule {
        rule: Rule {
            id: "attach-scans-table",
            title: "partition attached by reading all of it",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "ATTACH PARTITION reads every row of the new partition under an ACCESS EXCLUSIVE lock on it, and of the default partition, unless a CHECK proves that they fit.",
            fix: "Add a CHECK of the partition's bounds first, NOT VALID, validate it, attach, and drop it.",
            references: &["PostgreSQL manual: ALTER TABLE, ATTACH PARTITION"],
        },
        opt_in: false,
        check: attach,
    },
    MigrationRule {
        rule: Rule {
            id: "many-tables-locked",
            title: "locks on many tables until the end",
            severity: Severity::Low,
            engines: POSTGRES,
            why: "Each lock is kept until the transaction ends. Whoever takes two of them the other way round deadlocks with the migration, and everybody else waits for all of it.",
            fix: "One table in a migration.",
            references: &["PostgreSQL manual: Explicit Locking, Deadlocks"],
        },
        opt_in: false,
        check: many,
    },
    MigrationRule {
        rule: Rule {
            id: "lock-timeout-off",
            title: "waiting for a lock without an end",
            severity: Severity::High,
            engines: POSTGRES,
            why: "An ALTER TABLE that waits for a lock holds up every query that comes after it. dbwright gives up after a few seconds and tries again; with lock_timeout = 0 it never does.",
            fix: "Leave lock_timeout alone, or set it to a few seconds: -- dbwright: lock-timeout 5s.",
            references: &["PostgreSQL manual: Client Connection Defaults, lock_timeout"],
        },
        opt_in: false,
        check: lock_timeout,
    },
    MigrationRule {
        rule: Rule {
            id: "no-statement-timeout",
            title: "statement that may run without an end",
            severity: Severity::Info,
            engines: POSTGRES,
            why: "What was quick in the test may take hours in production, with its locks held all the while. A time-out ends it, and nothing is changed.",
            fix: "Say how long it may take: -- dbwright: statement-timeout 10m, or statement_timeout in the profile.",
            references: &["PostgreSQL manual: Client Connection Defaults, statement_timeout"],
        },
        opt_in: true,
        check: statement_timeout,
    },
    MigrationRule {
        rule: Rule {
            id: "enum-value-order",
            title: "value of an enum that comes last",
            severity: Severity::Info,
            engines: POSTGRES,
            why: "Values sort in the order in which they stand. A new one is put behind all others, unless it is said where it belongs.",
            fix: "Say BEFORE or AFTER which value it comes.",
            references: &["PostgreSQL manual: ALTER TYPE, ADD VALUE"],
        },
        opt_in: false,
        check: enum_order,
    },
    MigrationRule {
        rule: Rule {
            id: "enum-value-used-at-once",
            title: "new value of an enum used in the same transaction",
            severity: Severity::High,
            engines: POSTGRES,
            why: "A value that ALTER TYPE added cannot be used before its transaction has ended: the statement fails.",
            fix: "Use it in the next migration.",
            references: &["PostgreSQL manual: ALTER TYPE, Notes"],
        },
        opt_in: false,
        check: enum_used,
    },
    MigrationRule {
        rule: Rule {
            id: "name-too-long",
            title: "name longer than the engine keeps",
            severity: Severity::Medium,
            engines: &[EngineKind::Postgres, EngineKind::Mysql, EngineKind::Mariadb],
            why: "PostgreSQL cuts a name after 63 bytes and goes on, and two long names may become one. MySQL and MariaDB refuse more than 64 characters.",
            fix: "Shorten it.",
            references: &[
                "PostgreSQL manual: Lexical Structure, Identifiers and Key Words",
                "MySQL manual: Identifier Length Limits",
            ],
        },
        opt_in: false,
        check: long_names,
    },
    MigrationRule {
        rule: Rule {
            id: "no-schema-named",
            title: "new table without a schema",
            severity: Severity::Info,
            engines: POSTGRES,
            why: "Where it is made depends on the search_path of whoever runs the migration.",
            fix: "Write the schema: public.orders.",
            references: &["PostgreSQL manual: Schemas, The Schema Search Path"],
        },
        opt_in: true,
        check: schema,
    },
    MigrationRule {
        rule: Rule {
            id: "not-repeatable",
            title: "statement that cannot be run twice",
            severity: Severity::Low,
            engines: ALL,
            why: "Outside of a transaction what was done before a failure stays. When the migration is run again, a statement that fails on what is there already stops it at once.",
            fix: "Write IF NOT EXISTS or IF EXISTS; and look for an invalid index after a CREATE INDEX CONCURRENTLY that failed.",
            references: &["PostgreSQL manual: CREATE INDEX, Building Indexes Concurrently"],
        },
        opt_in: false,
        check: repeatable,
    },
];

fn rewrites(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Repack { what, name } = look.deed() {
        let hit = |object: &str| Hit::new("table", object, format!("{what} holds up reads and writes"));
        match name {
            Some(name) => found.add_by_size(name, hit(&name.plain)),
            None => found.add(hit("every table")),
        }
    }
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        if let Action::Rewrite(what) = action {
            let evidence = format!("{what} copies {} under an ACCESS EXCLUSIVE lock", table.plain);
            found.add_by_size(table, Hit::table(table, evidence));
        }
    }
}

fn refresh(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::RefreshView { name, concurrently: false } = look.deed()
        // Nobody reads one yet that the migration itself has made.
        && !look.before().iter().any(|deed| matches!(deed, Deed::CreateMaterialized { name: made } if made.is(name)))
    {
        let sql = format!("REFRESH MATERIALIZED VIEW CONCURRENTLY {};", name.sql);
        let evidence = "takes an ACCESS EXCLUSIVE lock on the view";
        found.add(Hit::new("view", &name.plain, evidence).sql(sql));
    }
}

fn detach(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        if let Action::Detach { partition, concurrently: false } = action {
            let sql = format!(
                "-- dbwright: no-transaction\nALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;",
                table.sql, partition.sql
            );
            let evidence = format!("takes an ACCESS EXCLUSIVE lock on {}", table.plain);
            found.add(Hit::table(partition, evidence).sql(sql));
        }
    }
}

fn attach(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let Action::Attach { partition } = action else { continue };
        let checked = look.table(partition).is_some_and(|(_, known)| {
            known
                .constraints
                .iter()
                .any(|each| matches!(each.kind, crate::model::catalog::ConstraintKind::Check { .. }))
        });
        if !look.is_new(partition) && !checked {
            let evidence = format!("reads all of {} to see that it fits {}", partition.plain, table.plain);
            found.add_by_size(partition, Hit::table(partition, evidence));
        }
    }
}

/// Tables that a statement takes an ACCESS EXCLUSIVE lock on.
fn locked(deed: &Deed) -> Vec<&Named> {
    match deed {
        Deed::AlterTable { table, .. } => vec![table],
        Deed::DropTable { names, .. } | Deed::Truncate { names, .. } => names.iter().collect(),
        _ => Vec::new(),
    }
}

fn many(look: &Look<'_>, found: &mut Found<'_>) {
    let is_last = look.after().iter().all(|deed| locked(deed).is_empty());
    if !look.script.transaction || !is_last || locked(look.deed()).is_empty() {
        return;
    }
    let mut tables: Vec<&str> = Vec::new();
    for name in look.deeds.iter().flat_map(locked) {
        if !look.is_new(name) && !tables.contains(&name.plain.as_str()) {
            tables.push(&name.plain);
        }
    }
    if tables.len() > 1 {
        found.add(Hit::new(
            "migration",
            &look.script.id,
            format!("ACCESS EXCLUSIVE locks on {}", tables.join(", ")),
        ));
    }
}

fn lock_timeout(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Set { name, value } = look.deed()
        && name == "lock_timeout"
        && value.trim_end_matches(['m', 's', ' ']) == "0"
    {
        found.add(Hit::new("setting", "lock_timeout", "a lock is waited for without an end"));
    }
}

fn statement_timeout(look: &Look<'_>, found: &mut Found<'_>) {
    let is_set = look.ground.statement_timeout
        || look
            .deeds
            .iter()
            .any(|deed| matches!(deed, Deed::Set { name, .. } if name == "statement_timeout"));
    if look.at == 0 && !is_set {
        found.add(Hit::new("migration", &look.script.id, "no statement_timeout is set"));
    }
}

fn enum_order(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::AddValue { of, value, placed: false } = look.deed() {
        found.add(Hit::new("type", &of.plain, format!("'{value}' comes last")));
    }
}

fn enum_used(look: &Look<'_>, found: &mut Found<'_>) {
    if !look.script.transaction {
        return;
    }
    let quoted = look.before().iter().find_map(|deed| match deed {
        Deed::AddValue { of, value, .. } => {
            look.written.sql.contains(&format!("'{value}'")).then_some((of, value))
        }
        _ => None,
    });
    if let (Some((of, value)), false) = (quoted, matches!(look.deed(), Deed::AddValue { .. })) {
        found.add(Hit::new("type", &of.plain, format!("'{value}' was added by this migration")));
    }
}

fn long_names(look: &Look<'_>, found: &mut Found<'_>) {
    let postgres = look.ground.engine == EngineKind::Postgres;
    let mut names: Vec<&Named> = Vec::new();
    match look.deed() {
        Deed::CreateTable(new) => {
            names.push(&new.name);
            names.extend(new.columns.iter().map(|column| &column.name));
            names.extend(new.constraints.iter().filter_map(|each| each.name.as_ref()));
        }
        Deed::CreateIndex(index) => names.extend(&index.name),
        Deed::AlterTable { actions, .. } => {
            for action in actions {
                match action {
                    Action::AddColumn { column, .. } => names.push(&column.name),
                    Action::AddConstraint(constraint) => names.extend(&constraint.name),
                    Action::RenameTo { to } | Action::RenameColumn { to, .. } => names.push(to),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    for name in names {
        let last = name.last();
        let (length, most, unit) = match postgres {
            true => (last.len(), 63, "bytes"),
            false => (last.chars().count(), 64, "characters"),
        };
        if length > most {
            found.add(Hit::new("name", &name.plain, format!("{length} {unit}, and {most} are kept")));
        }
    }
}

fn schema(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::CreateTable(new) = look.deed()
        && !new.name.has_schema()
        && !new.temporary
    {
        found.add(Hit::table(&new.name, "the schema is that of the search_path"));
    }
}

fn repeatable(look: &Look<'_>, found: &mut Found<'_>) {
    // What MySQL and MariaDB have done is kept in a ledger, and not done twice.
    let has_ledger = matches!(look.ground.engine, EngineKind::Mysql | EngineKind::Mariadb);
    if look.script.transaction || has_ledger || look.script.statements.len() < 2 {
        return;
    }
    let (object, what) = match look.deed() {
        Deed::CreateTable(new) if !new.if_not_exists => (new.name.plain.clone(), "CREATE TABLE"),
        Deed::CreateIndex(index) if !index.if_not_exists => (
            index.name.as_ref().map_or_else(|| index.table.plain.clone(), |name| name.plain.clone()),
            "CREATE INDEX",
        ),
        Deed::DropTable { names, if_exists: false } => {
            (names.first().map(|name| name.plain.clone()).unwrap_or_default(), "DROP TABLE")
        }
        Deed::DropIndex { name, if_exists: false, .. } => (name.plain.clone(), "DROP INDEX"),
        Deed::AlterTable { table, actions } => {
            let adds =
                actions.iter().any(|action| matches!(action, Action::AddColumn { if_not_exists: false, .. }));
            match adds {
                true => (table.plain.clone(), "ADD COLUMN"),
                false => return,
            }
        }
        _ => return,
    };
    let word = if what.starts_with("DROP") { "IF EXISTS" } else { "IF NOT EXISTS" };
    found.add(Hit::new("migration", object, format!("{what} without {word}")));
}
