//! Names that programs know.

use super::statement::Deed;
use super::table::Action;
use super::{ALL, Found, Hit, Look, MigrationRule};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "rename-column",
            title: "column renamed under programs that use it",
            severity: Severity::Medium,
            engines: ALL,
            why: "Programs that are running know the old name until the last of them is replaced, and fail until then.",
            fix: "Add a column of the new name, write both, switch the readers, and drop the old one later.",
            references: &[
                "PostgreSQL manual: ALTER TABLE, RENAME",
                "MySQL manual: ALTER TABLE",
                "SQLite manual: ALTER TABLE",
            ],
        },
        opt_in: false,
        check: columns,
    },
    MigrationRule {
        rule: Rule {
            id: "rename-table",
            title: "table renamed under programs that use it",
            severity: Severity::Medium,
            engines: ALL,
            why: "Programs that are running know the old name until the last of them is replaced, and fail until then.",
            fix: "Leave a view of the old name behind, in the same transaction where the engine can, and drop it when nobody uses it.",
            references: &[
                "PostgreSQL manual: ALTER TABLE, RENAME",
                "MySQL manual: RENAME TABLE",
                "SQLite manual: ALTER TABLE",
            ],
        },
        opt_in: false,
        check: tables,
    },
];

fn columns(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let (from, to) = match action {
            Action::RenameColumn { from, to } => (from, to),
            Action::Redefine { from, column } if !from.is(&column.name) => (from, &column.name),
            _ => continue,
        };
        found.add(Hit::column(table, &from.plain, format!("{} becomes {}", from.plain, to.plain)));
    }
}

fn tables(look: &Look<'_>, found: &mut Found<'_>) {
    let pairs = match look.deed() {
        Deed::AlterTable { table, actions } if !look.is_new(table) => {
            let to = actions.iter().find_map(|action| match action {
                Action::RenameTo { to } => Some(to.clone()),
                _ => None,
            });
            to.map(|to| vec![(table.clone(), to)]).unwrap_or_default()
        }
        Deed::RenameTable { pairs } => pairs.clone(),
        _ => return,
    };
    for (from, to) in pairs.iter().filter(|(from, _)| !look.is_new(from)) {
        // Made again under its name: the rebuild of a table.
        let comes_back = look.after().iter().any(|deed| {
            match deed {
            Deed::CreateTable(new) => new.name.is(from),
            Deed::AlterTable { actions, .. } => actions.iter().any(|action| {
                matches!(action, Action::RenameTo { to } if to.last().eq_ignore_ascii_case(from.last()))
            }),
            _ => false,
        }
        }) || pairs.iter().any(|(_, to)| to.is(from));
        if !comes_back {
            let view = format!("CREATE VIEW {} AS SELECT * FROM {};", from.sql, to.sql);
            let sql = format!("{};\n{view}", look.written.sql);
            found.add(Hit::table(from, format!("{} becomes {}", from.plain, to.plain)).sql(sql));
        }
    }
}
