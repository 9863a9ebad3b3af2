//! Constraints that every row is read for.

use super::statement::Deed;
use super::table::{Action, Constraint, ConstraintKind};
use super::words::Named;
use super::{Found, Hit, Look, MigrationRule, POSTGRES};
use crate::model::finding::{Rule, Severity};

const ALTER_TABLE: &[&str] = &["PostgreSQL manual: ALTER TABLE, Notes"];

pub const RULES: &[MigrationRule] = &[
    MigrationRule {
        rule: Rule {
            id: "check-scans-table",
            title: "CHECK that reads every row under a lock",
            severity: Severity::High,
            engines: POSTGRES,
            why: "ADD CHECK reads the whole table under an ACCESS EXCLUSIVE lock. As NOT VALID it holds for new rows at once, and VALIDATE CONSTRAINT reads the old ones while everybody goes on reading and writing.",
            fix: "Add it NOT VALID, and validate it in a later migration.",
            references: ALTER_TABLE,
        },
        opt_in: false,
        check: checks,
    },
    MigrationRule {
        rule: Rule {
            id: "foreign-key-scans-table",
            title: "foreign key that reads every row under locks",
            severity: Severity::High,
            engines: POSTGRES,
            why: "ADD FOREIGN KEY takes a SHARE ROW EXCLUSIVE lock on both tables and reads all rows of the child: nobody can write to either until it is done.",
            fix: "Add it NOT VALID, and validate it in a later migration.",
            references: ALTER_TABLE,
        },
        opt_in: false,
        check: foreign_keys,
    },
    MigrationRule {
        rule: Rule {
            id: "exclusion-blocks-all",
            title: "EXCLUDE that builds its index under the strongest lock",
            severity: Severity::High,
            engines: POSTGRES,
            why: "An exclusion constraint reads the table and builds its index under an ACCESS EXCLUSIVE lock, and there is no way to do that concurrently.",
            fix: "Do it when nobody works, or make a new table with the constraint and move the rows in portions.",
            references: ALTER_TABLE,
        },
        opt_in: false,
        check: exclusions,
    },
    MigrationRule {
        rule: Rule {
            id: "not-null-scans-table",
            title: "SET NOT NULL that reads every row under a lock",
            severity: Severity::High,
            engines: POSTGRES,
            why: "SET NOT NULL reads the whole table under an ACCESS EXCLUSIVE lock, unless a valid CHECK (column IS NOT NULL) proves that there is no need to.",
            fix: "Prove it first by a CHECK that is validated without a lock.",
            references: &["PostgreSQL manual: ALTER TABLE, SET NOT NULL"],
        },
        opt_in: false,
        check: not_null,
    },
    MigrationRule {
        rule: Rule {
            id: "validate-under-lock",
            title: "constraint validated in the transaction that added it",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "The lock that ADD CONSTRAINT took lasts until the transaction ends, so VALIDATE CONSTRAINT in the same one reads the table while others wait: nothing is won by NOT VALID.",
            fix: "Validate it in a migration of its own.",
            references: ALTER_TABLE,
        },
        opt_in: false,
        check: validate,
    },
    MigrationRule {
        rule: Rule {
            id: "domain-constraint",
            title: "constraint of a domain",
            severity: Severity::Low,
            engines: POSTGRES,
            why: "A constraint of a domain can only be changed by looking through every column of every table that has the domain, under locks on all of them.",
            fix: "Put the CHECK on the tables, or add it to the domain NOT VALID and validate it later.",
            references: &["PostgreSQL manual: ALTER DOMAIN"],
        },
        opt_in: false,
        check: domains,
    },
];

fn added<'a>(look: &Look<'a>) -> impl Iterator<Item = (&'a Named, &'a Constraint)> {
    let (table, actions) = look.alters().map_or((None, &[][..]), |(table, actions)| (Some(table), actions));
    actions.iter().filter_map(move |action| match action {
        Action::AddConstraint(constraint) => table.map(|table| (table, constraint)),
        _ => None,
    })
}

/// Added NOT VALID and validated.
fn in_two_steps(table: &Named, constraint: &Constraint) -> String {
    let usual = match constraint.kind {
        ConstraintKind::ForeignKey(_) => format!("{}_{}_fkey", table.last(), constraint.columns.join("_")),
        _ => format!("{}_check", table.last()),
    };
    let name = constraint.name.as_ref().map_or(usual, |name| name.sql.clone());
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {} NOT VALID;\n-- in the next migration:\n\
         ALTER TABLE {table} VALIDATE CONSTRAINT {name};",
        constraint.text,
        table = table.sql,
    )
}

fn object(table: &Named, constraint: &Constraint) -> Hit {
    match &constraint.name {
        Some(name) => Hit::new("constraint", format!("{}.{}", table.plain, name.last()), ""),
        None => Hit::table(table, ""),
    }
}

fn checks(look: &Look<'_>, found: &mut Found<'_>) {
    for (table, constraint) in added(look).filter(|(_, each)| each.kind == ConstraintKind::Check) {
        if !constraint.not_valid {
            let evidence = format!("reads all of {} under an ACCESS EXCLUSIVE lock", table.plain);
            let hit = Hit { evidence, ..object(table, constraint) }.sql(in_two_steps(table, constraint));
            found.add_by_size(table, hit);
        }
    }
}

fn foreign_keys(look: &Look<'_>, found: &mut Found<'_>) {
    for (table, constraint) in added(look) {
        let ConstraintKind::ForeignKey(parent) = &constraint.kind else { continue };
        if !constraint.not_valid {
            let evidence = format!(
                "reads all of {} under SHARE ROW EXCLUSIVE locks on it and on {}",
                table.plain, parent.plain
            );
            let hit = Hit { evidence, ..object(table, constraint) }.sql(in_two_steps(table, constraint));
            found.add_by_size(table, hit);
        }
    }
}

fn exclusions(look: &Look<'_>, found: &mut Found<'_>) {
    for (table, constraint) in added(look).filter(|(_, each)| each.kind == ConstraintKind::Exclude) {
        let evidence = format!("builds an index under an ACCESS EXCLUSIVE lock on {}", table.plain);
        found.add_by_size(table, Hit { evidence, ..object(table, constraint) });
    }
}

fn not_null(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    let columns = actions.iter().filter_map(|action| match action {
        Action::SetNotNull { column } => Some(column.sql.clone()),
        Action::AddConstraint(each) if each.kind == ConstraintKind::NotNull && !each.not_valid => {
            each.columns.first().cloned()
        }
        _ => None,
    });
    for column in columns {
        let evidence = format!("reads all of {} under an ACCESS EXCLUSIVE lock", table.plain);
        let name = format!("{}_{}_not_null", table.last(), column.trim_matches('"'));
        let add = match look.is_older(180_000) {
            false => format!("NOT NULL {column} NOT VALID"),
            true => format!("CHECK ({column} IS NOT NULL) NOT VALID"),
        };
        let end = match look.is_older(180_000) {
            false => String::new(),
            true => format!(
                "\nALTER TABLE {t} ALTER COLUMN {column} SET NOT NULL;\nALTER TABLE {t} DROP CONSTRAINT {name};",
                t = table.sql
            ),
        };
        let sql = format!(
            "ALTER TABLE {t} ADD CONSTRAINT {name} {add};\n-- in the next migration:\n\
             ALTER TABLE {t} VALIDATE CONSTRAINT {name};{end}",
            t = table.sql
        );
        found.add_by_size(table, Hit::column(table, column.trim_matches('"'), evidence).sql(sql));
    }
}

fn validate(look: &Look<'_>, found: &mut Found<'_>) {
    let Some((table, actions)) = look.alters() else { return };
    if !look.script.transaction || !actions.contains(&Action::ValidateConstraint) {
        return;
    }
    let added_here = look.before().iter().any(|deed| match deed {
        Deed::AlterTable { table: other, actions } => {
            other.is(table) && actions.iter().any(|action| matches!(action, Action::AddConstraint(_)))
        }
        _ => false,
    });
    if added_here {
        let evidence = format!("{} is still locked by the ADD CONSTRAINT above", table.plain);
        found.add_by_size(table, Hit::table(table, evidence));
    }
}

fn domains(look: &Look<'_>, found: &mut Found<'_>) {
    match look.deed() {
        Deed::CreateDomain { name, constrained: true } => {
            found.add(Hit::new("domain", &name.plain, "the domain is made with a constraint"));
        }
        Deed::AlterDomain { name, adds: true, validates: true } => {
            let evidence = "every column that has the domain is read under a lock on its table";
            found.add(Hit::new("domain", &name.plain, evidence).severity(Severity::High));
        }
        _ => {}
    }
}
