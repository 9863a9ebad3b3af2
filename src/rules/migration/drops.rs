//! What goes, and whom it breaks.

use super::statement::Deed;
use super::table::Action;
use super::{ALL, Found, Hit, Look, MYSQL, MigrationRule, POSTGRES, SERVERS};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "drop-column",
            title: "column dropped",
            severity: Severity::Medium,
            engines: ALL,
            why: "What is in the column is gone, and programs that are running still ask for it: many list every column of a table that they knew when they started.",
            fix: "Stop using it first, everywhere; drop it when the last old program is gone, and keep a backup.",
            references: &[
                "PostgreSQL manual: ALTER TABLE, DROP COLUMN",
                "MySQL manual: ALTER TABLE",
                "SQLite manual: ALTER TABLE",
            ],
        },
        opt_in: false,
        check: columns,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-table",
            title: "table dropped",
            severity: Severity::High,
            engines: ALL,
            why: "The rows are gone, and programs that still use the table fail.",
            fix: "Rename it first and wait; drop it when nothing has missed it, and keep a backup.",
            references: &[
                "PostgreSQL manual: DROP TABLE",
                "MySQL manual: DROP TABLE",
                "SQLite manual: DROP TABLE",
            ],
        },
        opt_in: false,
        check: tables,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-database",
            title: "database or schema dropped",
            severity: Severity::Critical,
            engines: SERVERS,
            why: "All that is in it is gone at once, whatever it is.",
            fix: "Do that by hand, with a backup at hand, and not in a migration.",
            references: &["PostgreSQL manual: DROP DATABASE, DROP SCHEMA", "MySQL manual: DROP DATABASE"],
        },
        opt_in: false,
        check: databases,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-partition",
            title: "partition dropped with its rows",
            severity: Severity::High,
            engines: MYSQL,
            why: "DROP PARTITION deletes its rows without looking at one of them.",
            fix: "Exchange the partition with an empty table first, and keep that until the rows are certainly not needed.",
            references: &["MySQL manual: Exchanging Partitions and Subpartitions with Tables"],
        },
        opt_in: false,
        check: partitions,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-not-null",
            title: "column that may be empty from now on",
            severity: Severity::Low,
            engines: POSTGRES,
            why: "Programs that read the column were written for values that are always there.",
            fix: "Make the readers ready for NULL first.",
            references: &["PostgreSQL manual: ALTER TABLE, DROP NOT NULL"],
        },
        opt_in: false,
        check: not_null,
    },
    MigrationRule {
        rule: Rule {
            id: "truncate",
            title: "all rows of a table deleted",
            severity: Severity::High,
            engines: SERVERS,
            why: "TRUNCATE takes the strongest lock and deletes every row; with CASCADE those of every table that refers to it too, and of those that refer to them.",
            fix: "Delete what is meant by name, and name every table that is to be emptied.",
            references: &["PostgreSQL manual: TRUNCATE", "MySQL manual: TRUNCATE TABLE"],
        },
        opt_in: false,
        check: truncate,
    },
];

fn columns(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        if let Action::DropColumn { column } = action {
            let evidence = format!("{}'s values are lost", column.plain);
            found.add(Hit::column(table, &column.plain, evidence));
        }
    }
}

fn tables(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::DropTable { names, .. } = look.deed() else { return };
    for name in names.iter().filter(|name| !look.is_new(name)) {
        // The rebuild of a table: its rows were moved, and the new one takes its name.
        let replaced = look.after().iter().any(|deed| {
            let becomes = |action: &Action| {
                matches!(action, Action::RenameTo { to } if to.last().eq_ignore_ascii_case(name.last()))
            };
            matches!(deed, Deed::AlterTable { actions, .. } if actions.iter().any(becomes))
        });
        let stands_in = look.before().iter().any(|deed| {
            match deed {
            Deed::AlterTable { actions, .. } => actions.iter().any(|action| {
                matches!(action, Action::RenameTo { to } if to.last().eq_ignore_ascii_case(name.last()))
            }),
            _ => false,
        }
        });
        if !replaced && !stands_in {
            let rows = look.size(name).told();
            found.add(Hit::table(name, format!("{}'s rows are lost{rows}", name.plain)));
        }
    }
}

fn databases(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::DropDatabase { what, name } = look.deed() {
        found.add(Hit::new(what, &name.plain, format!("all that is in the {what} is lost")));
    }
}

fn partitions(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        if let Action::DropPartition { name } = action {
            found.add(Hit::table(table, format!("the rows of partition {name} are lost")));
        }
    }
}

fn not_null(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        if let Action::DropNotNull { column } = action {
            found.add(Hit::column(table, &column.plain, format!("{} may be NULL", column.plain)));
        }
    }
}

fn truncate(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::Truncate { names, cascade } = look.deed() else { return };
    for name in names.iter().filter(|name| !look.is_new(name)) {
        let rows = look.size(name).told();
        let hit = match cascade {
            true => Hit::table(
                name,
                format!("its rows, and those of all tables that refer to it, are lost{rows}"),
            )
            .severity(Severity::Critical),
            false => Hit::table(name, format!("its rows are lost{rows}")),
        };
        found.add(hit);
    }
}
