//! How MySQL and MariaDB change a table: in an instant, in place, or by a copy (MySQL manual: Online
//! DDL Operations; MariaDB Knowledge Base: InnoDB Online DDL Overview).

use super::statement::Deed;
use super::table::{Action, Column, ConstraintKind, Generated};
use super::words::Named;
use super::{Found, Hit, Look, MYSQL, MigrationRule};
use crate::model::catalog;
use crate::model::finding::{Rule, Severity};

const ONLINE: &[&str] =
    &["MySQL manual: Online DDL Operations", "MariaDB Knowledge Base: InnoDB Online DDL Overview"];

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "table-copied",
            title: "table copied while nobody can write",
            severity: Severity::High,
            engines: MYSQL,
            why: "Some changes copy the table row by row: nobody can write to it until that is done, and every replica does it again, later, while it falls behind.",
            fix: "Copy it beside the work with gh-ost or pt-online-schema-change, or add a new column and move over in portions.",
            references: ONLINE,
        },
        opt_in: false,
        check: copies,
    },
    MigrationRule {
        rule: Rule {
            id: "table-rebuilt",
            title: "table built anew in place",
            severity: Severity::Medium,
            engines: MYSQL,
            why: "The table is written anew while it can be read and written, which needs as much disk space again and as long as a copy; replicas do it one after the other with all other work and fall behind.",
            fix: "Say ALGORITHM=INPLACE, LOCK=NONE, so that the server refuses rather than blocks, and watch the replicas.",
            references: ONLINE,
        },
        opt_in: false,
        check: rebuilds,
    },
    MigrationRule {
        rule: Rule {
            id: "writes-blocked",
            title: "index or number that nobody can write beside",
            severity: Severity::High,
            engines: MYSQL,
            why: "A FULLTEXT or SPATIAL index, and a new AUTO_INCREMENT column, are made under a shared lock: writes wait until that is done.",
            fix: "Do it when nobody writes, or copy the table beside the work with gh-ost or pt-online-schema-change.",
            references: ONLINE,
        },
        opt_in: false,
        check: blocked,
    },
    MigrationRule {
        rule: Rule {
            id: "foreign-key-copies-table",
            title: "foreign key that copies the table",
            severity: Severity::High,
            engines: MYSQL,
            why: "With foreign_key_checks on, ADD FOREIGN KEY copies the table and looks at every row, while nobody can write. With them off it is done in place, and rows that break it stay.",
            fix: "Look for orphans first; then add it with foreign_key_checks = 0 for this statement alone.",
            references: ONLINE,
        },
        opt_in: false,
        check: foreign_keys,
    },
    MigrationRule {
        rule: Rule {
            id: "optimize-blocks",
            title: "OPTIMIZE TABLE",
            severity: Severity::Medium,
            engines: MYSQL,
            why: "It writes the whole table anew, and waits for every transaction on it at its beginning and its end.",
            fix: "Do it by hand when nobody works, if it is worth anything at all.",
            references: &["MySQL manual: OPTIMIZE TABLE Statement"],
        },
        opt_in: false,
        check: optimize,
    },
    MigrationRule {
        rule: Rule {
            id: "algorithm-not-said",
            title: "change that may turn out to be a copy",
            severity: Severity::Info,
            engines: MYSQL,
            why: "Without ALGORITHM and LOCK the server takes the best way it can, which is a copy without writers when there is no better one.",
            fix: "Say ALGORITHM=INSTANT, or ALGORITHM=INPLACE, LOCK=NONE, so that the server refuses what would block.",
            references: ONLINE,
        },
        opt_in: true,
        check: algorithm,
    },
    MigrationRule {
        rule: Rule {
            id: "many-changes-at-once",
            title: "several changes that commit one by one",
            severity: Severity::Info,
            engines: MYSQL,
            why: "A statement that changes a table commits by itself. When the second of two fails, the first stays; dbwright knows where to go on, but programs see the state between.",
            fix: "One change in a migration.",
            references: &["MySQL manual: Statements That Cause an Implicit Commit"],
        },
        opt_in: true,
        check: many,
    },
];

fn copies(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let why = match action {
            Action::Redefine { column, .. } => match redefined(look, table, action) {
                Redefined::Copied(why) => format!("{} is {why}", column.name.plain),
                _ => continue,
            },
            Action::Rewrite("CONVERT TO CHARACTER SET") => "every text is converted".to_owned(),
            Action::Rewrite("PARTITION BY") => "rows are spread over partitions".to_owned(),
            Action::Rewrite("ORDER BY") => "rows are put in another order".to_owned(),
            Action::DropPrimaryKey if !adds_key(actions) => {
                "the primary key goes and no other comes".to_owned()
            }
            Action::AddColumn { column, .. } if column.generated == Some(Generated::Stored) => {
                format!("{} is computed for every row and stored", column.name.plain)
            }
            _ => continue,
        };
        let evidence = format!("copies {}, and writes wait: {why}", table.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn adds_key(actions: &[Action]) -> bool {
    actions.iter().any(|action| match action {
        Action::AddConstraint(each) => each.kind == ConstraintKind::PrimaryKey,
        Action::AddColumn { column, .. } => column.primary_key,
        _ => false,
    })
}

/// What MODIFY or CHANGE comes to.
enum Redefined {
    Copied(String),
    /// NULL or NOT NULL, or another place.
    Rebuilt,
    Instant,
}

fn redefined(look: &Look<'_>, table: &Named, action: &Action) -> Redefined {
    let Action::Redefine { from, column } = action else { return Redefined::Instant };
    let old = look
        .table(table)
        .and_then(|(_, known)| known.columns.iter().find(|each| each.name.eq_ignore_ascii_case(from.last())));
    match old {
        None => Redefined::Copied(format!("{} from now on, and copied unless it is that already", column.ty)),
        Some(old) if !same_type(&old.ty, &column.ty, look.is_mariadb()) => {
            Redefined::Copied(format!("{}, and becomes {}", old.ty, column.ty))
        }
        Some(old) => of_same_type(old, column),
    }
}

fn of_same_type(old: &catalog::Column, new: &Column) -> Redefined {
    let not_null = new.not_null || new.primary_key;
    match old.nullable == not_null || new.placed {
        true => Redefined::Rebuilt,
        false => Redefined::Instant,
    }
}

/// Whether a change of type is one of the catalog alone: a longer varchar whose length still takes
/// as many bytes (MariaDB does not mind), or more values at the end of an enum.
fn same_type(old: &str, new: &str, mariadb: bool) -> bool {
    let plain = |ty: &str| {
        let ty = ty.to_lowercase().replace(", ", ",").replace("integer", "int").replace(" (", "(");
        let (head, rest) = ty.split_once('(').unwrap_or((ty.as_str(), ""));
        match head {
            // The width of a number is a hint for clients.
            "int" | "bigint" | "smallint" | "mediumint" | "tinyint" if !rest.is_empty() => {
                let after = rest.split_once(')').map_or("", |(_, after)| after);
                format!("{head}{after}")
            }
            _ => ty,
        }
    };
    let (old, new) = (plain(old), plain(new));
    let length = |ty: &str| -> Option<u64> { ty.strip_prefix("varchar(")?.strip_suffix(')')?.parse().ok() };
    if let (Some(old), Some(new)) = (length(&old), length(&new)) {
        // Four bytes a letter: from 64 letters on the length takes two bytes.
        return new >= old && (mariadb || (old > 63) == (new > 63));
    }
    let values =
        |ty: &str| ty.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
    if let (Some(old), Some(new)) = (values(&old), values(&new)) {
        return new == old || new.starts_with(&format!("{old},"));
    }
    old == new
}

fn rebuilds(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let why = match action {
            Action::AddConstraint(each) if each.kind == ConstraintKind::PrimaryKey => {
                "a primary key orders the rows".to_owned()
            }
            Action::Rewrite("ENGINE") => "the engine is set".to_owned(),
            Action::Rewrite("FORCE") => "FORCE".to_owned(),
            Action::Rewrite("ROW_FORMAT") => "the row format changes".to_owned(),
            Action::Redefine { column, .. } => match redefined(look, table, action) {
                Redefined::Rebuilt => format!("{} changes its NULL or its place", column.name.plain),
                _ => continue,
            },
            Action::DropColumn { column } if !look.is_mariadb() && look.is_older(80_029) => {
                format!("{} goes", column.plain)
            }
            Action::AddColumn { column, .. }
                if column.placed && !look.is_mariadb() && look.is_older(80_029) =>
            {
                format!("{} does not come last", column.name.plain)
            }
            _ => continue,
        };
        let evidence = format!("writes {} anew: {why}", table.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn blocked(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::CreateIndex(index) = look.deed()
        && let (Some(special), false) = (index.special, look.is_new(&index.table))
    {
        let evidence = format!("a {special} index on {} holds up writes", index.table.plain);
        found.add_by_size(&index.table, Hit::table(&index.table, evidence));
    }
    let Some((table, actions)) = look.alters() else { return };
    for action in actions {
        let what = match action {
            Action::AddIndex { special: Some(special), .. } => format!("a {special} index"),
            Action::AddColumn { column, .. } if column.numbered => {
                format!("numbering the rows in {}", column.name.plain)
            }
            _ => continue,
        };
        let evidence = format!("{what} holds up writes to {}", table.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn foreign_keys(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    let off = look.before().iter().rev().find_map(|deed| match deed {
        Deed::Set { name, value } if name == "foreign_key_checks" => Some(value == "0" || value == "off"),
        _ => None,
    });
    if off == Some(true) {
        return;
    }
    for action in actions {
        let Action::AddConstraint(constraint) = action else { continue };
        let ConstraintKind::ForeignKey(parent) = &constraint.kind else { continue };
        let columns = constraint.columns.join(", ");
        let (t, p) = (&table.sql, &parent.sql);
        let sql = format!(
            "-- none may come back:\nSELECT c.* FROM {t} c WHERE ({columns}) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {p} p WHERE …);\n\
             SET foreign_key_checks = 0;\n{};\nSET foreign_key_checks = 1;",
            look.written.sql
        );
        let evidence = format!("copies {} and looks for each row in {}", table.plain, parent.plain);
        found.add_by_size(table, Hit::table(table, evidence).sql(sql));
    }
}

fn optimize(look: &Look<'_>, found: &mut Found<'_>) {
    if let Deed::Repack { what, name: Some(name) } = look.deed() {
        let evidence = format!("{what} writes {} anew", name.plain);
        found.add_by_size(name, Hit::table(name, evidence));
    }
}

fn algorithm(look: &Look<'_>, found: &mut Found<'_>) {
    let table = match look.deed() {
        Deed::AlterTable { table, actions } => {
            let said = actions.iter().any(|action| matches!(action, Action::Algorithm { .. }));
            (!said).then_some(table)
        }
        Deed::CreateIndex(index) => (!index.says_how).then_some(&index.table),
        _ => None,
    };
    if let Some(table) = table.filter(|table| !look.is_new(table)) {
        let sql = match look.deed() {
            Deed::AlterTable { .. } => format!("{}, ALGORITHM=INPLACE, LOCK=NONE;", look.written.sql),
            _ => format!("{} ALGORITHM=INPLACE LOCK=NONE;", look.written.sql),
        };
        found.add(Hit::table(table, "neither ALGORITHM nor LOCK is said").sql(sql));
    }
}

fn many(look: &Look<'_>, found: &mut Found<'_>) {
    let commits = |deed: &Deed| {
        !matches!(
            deed,
            Deed::Other | Deed::Update { .. } | Deed::Delete { .. } | Deed::Insert { .. } | Deed::Set { .. }
        )
    };
    let all = look.deeds.iter().filter(|deed| commits(deed)).count();
    if look.at == 0 && all > 1 {
        found.add(Hit::new(
            "migration",
            &look.script.id,
            format!("{all} statements that commit by themselves"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::same_type;

    #[test]
    fn types_that_need_no_copy() {
        for (old, new) in [
            ("int", "int(11)"),
            ("varchar(20)", "varchar(63)"),
            ("varchar(100)", "varchar(200)"),
            ("enum('a','b')", "enum('a', 'b', 'c')"),
            ("bigint unsigned", "bigint(20) unsigned"),
        ] {
            assert!(same_type(old, new, false), "{old} {new}");
        }
        for (old, new) in [
            ("int", "bigint"),
            ("varchar(60)", "varchar(70)"),
            ("varchar(100)", "varchar(80)"),
            ("enum('a','b')", "enum('b','a')"),
            ("int unsigned", "int"),
        ] {
            assert!(!same_type(old, new, false), "{old} {new}");
        }
        assert!(same_type("varchar(60)", "varchar(300)", true));
    }
}
