//! What SQLite's ALTER TABLE cannot do, and what a rebuild by hand forgets.

use super::statement::Deed;
use super::table::{Action, Generated};
use super::{Found, Hit, Look, MigrationRule, SQLITE};
use crate::model::catalog;
use crate::model::finding::{Rule, Severity};

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "add-column-refused",
            title: "column that ALTER TABLE cannot add",
            severity: Severity::High,
            engines: SQLITE,
            why: "ADD COLUMN takes no PRIMARY KEY, no UNIQUE, no stored generated column, and, as soon as the table has a row, no default that is computed: CURRENT_TIMESTAMP or an expression.",
            fix: "Add it without, and make a unique index or fill the rows; or build the table anew.",
            references: &["SQLite manual: ALTER TABLE ADD COLUMN"],
        },
        opt_in: false,
        check: refused,
    },
    MigrationRule {
        rule: Rule {
            id: "drop-column-refused",
            title: "column that ALTER TABLE cannot drop",
            severity: Severity::High,
            engines: SQLITE,
            why: "DROP COLUMN fails on a column of a key, an index, a CHECK, a foreign key, a generated column, a trigger or a view.",
            fix: "Drop first what uses it, or build the table anew.",
            references: &["SQLite manual: ALTER TABLE DROP COLUMN"],
        },
        opt_in: false,
        check: kept,
    },
    MigrationRule {
        rule: Rule {
            id: "rename-takes-references-along",
            title: "old table renamed away, and its references with it",
            severity: Severity::High,
            engines: SQLITE,
            why: "Renaming a table rewrites every foreign key, view and trigger that names it. When the old one is renamed away first and a new one made under its name, all of them point to the old one.",
            fix: "Make the new table under another name, copy the rows, drop the old one, and rename the new one.",
            references: &["SQLite manual: ALTER TABLE, Making Other Kinds Of Table Schema Changes"],
        },
        opt_in: false,
        check: renamed_away,
    },
    MigrationRule {
        rule: Rule {
            id: "rebuild-forgets",
            title: "rebuilt table without its indexes or triggers",
            severity: Severity::High,
            engines: SQLITE,
            why: "Dropping the old table of a rebuild drops its indexes and triggers as well, and nothing makes them again by itself.",
            fix: "Make every index and trigger again after the rename.",
            references: &["SQLite manual: ALTER TABLE, Making Other Kinds Of Table Schema Changes"],
        },
        opt_in: false,
        check: forgets,
    },
    MigrationRule {
        rule: Rule {
            id: "pragma-without-effect",
            title: "PRAGMA that does nothing here",
            severity: Severity::Low,
            engines: SQLITE,
            why: "PRAGMA foreign_keys is ignored inside of a transaction, and a migration runs in one. dbwright switches the checks off before a migration that rebuilds a table, and looks for rows that break them before it commits.",
            fix: "Leave it out.",
            references: &["SQLite manual: PRAGMA foreign_keys"],
        },
        opt_in: false,
        check: pragma,
    },
];

fn refused(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let Action::AddColumn { column, .. } = action else { continue };
        let (t, c) = (&table.sql, &column.name.sql);
        let computed = column.default.as_ref().filter(|value| value.computed && !is_constant(&value.text));
        let (why, sql) = if column.primary_key {
            ("Cannot add a PRIMARY KEY column", None)
        } else if column.unique {
            let index = format!(
                "ALTER TABLE {t} ADD COLUMN {c} {};\nCREATE UNIQUE INDEX {}_{} ON {t} ({c});",
                column.ty,
                table.last(),
                column.name.last()
            );
            ("Cannot add a UNIQUE column", Some(index))
        } else if column.generated == Some(Generated::Stored) {
            ("cannot add a STORED column", None)
        } else if computed.is_some() {
            ("Cannot add a column with non-constant default", None)
        } else {
            continue;
        };
        let hit = Hit::column(table, &column.name.plain, format!("SQLite says: {why}"));
        found.add(match sql {
            Some(sql) => hit.sql(sql),
            None => hit,
        });
    }
}

/// `(0)` and `('x')` are plain values in brackets.
fn is_constant(text: &str) -> bool {
    let inside = text.trim_matches(['(', ')', ' ']);
    inside.parse::<f64>().is_ok() || (inside.starts_with('\'') && inside.ends_with('\''))
}

fn kept(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    let Some((_, known)) = look.table(table) else { return };
    for action in actions {
        let Action::DropColumn { column } = action else { continue };
        let name = column.last();
        let dropped = |index: &catalog::Index| {
            look.before().iter().any(|deed| {
                matches!(deed, Deed::DropIndex { name, .. } if name.last().eq_ignore_ascii_case(&index.name))
            })
        };
        let is_it = |other: &String| other.eq_ignore_ascii_case(name);
        let by_constraint = known
            .constraints
            .iter()
            .find(|each| each.columns.iter().any(is_it))
            .map(|_| "a constraint".to_owned());
        let by_index = known
            .indexes
            .iter()
            .filter(|index| !dropped(index))
            .find(|index| index.keys.iter().any(|key| key.column.as_ref().is_some_and(is_it)));
        let user = by_constraint.or_else(|| by_index.map(|index| format!("the index {}", index.name)));
        if let Some(user) = user {
            let hit = Hit::column(table, &column.plain, format!("{user} has the column {name}"));
            found.add(match by_index {
                Some(index) => hit.sql(format!("DROP INDEX {};\n{};", index.name, look.written.sql)),
                None => hit,
            });
        }
    }
}

fn renamed_away(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    let away = actions.iter().any(|action| matches!(action, Action::RenameTo { .. }));
    let made_again =
        look.after().iter().any(|deed| matches!(deed, Deed::CreateTable(new) if new.name.is(table)));
    let legacy = look.before().iter().any(|deed| {
        matches!(deed, Deed::Set { name, value } if name == "legacy_alter_table" && value != "0" && value != "off")
    });
    if away && made_again && !legacy {
        let evidence = format!("foreign keys, views and triggers go on naming the old {}", table.plain);
        found.add(Hit::table(table, evidence));
    }
}

fn forgets(look: &Look<'_>, found: &mut Found<'_>) {
    let Deed::DropTable { names, .. } = look.deed() else { return };
    for table in names {
        let comes_back = look.after().iter().any(|deed| {
            match deed {
            Deed::AlterTable { actions, .. } => actions.iter().any(|action| {
                matches!(action, Action::RenameTo { to } if to.last().eq_ignore_ascii_case(table.last()))
            }),
            _ => false,
        }
        });
        let Some((_, known)) = look.table(table).filter(|_| comes_back) else { continue };
        let indexes = known.indexes.iter().filter(|index| {
            !index.name.starts_with("sqlite_autoindex") && index.constraint.is_none()
                && !look.after().iter().any(|deed| {
                    matches!(deed, Deed::CreateIndex(made) if made.name.as_ref().is_some_and(|name| name.last().eq_ignore_ascii_case(&index.name)))
                })
        });
        let again = look.after().iter().filter(|deed| matches!(deed, Deed::CreateTrigger { .. })).count();
        let mut lost: Vec<String> = indexes.map(|index| format!("index {}", index.name)).collect();
        if again < known.triggers.len() {
            lost.extend(known.triggers.iter().map(|trigger| format!("trigger {}", trigger.name)));
        }
        if !lost.is_empty() {
            found.add(Hit::table(table, format!("not made again: {}", lost.join(", "))));
        }
    }
}

fn pragma(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Set { name, value } = look.deed()
        && name == "foreign_keys"
        && look.script.transaction
    {
        found.add(Hit::new("setting", name, format!("PRAGMA foreign_keys = {value} in a transaction")));
    }
}
