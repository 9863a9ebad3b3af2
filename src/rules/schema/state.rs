//! Objects that are there but not at work: broken views, switched-off triggers and constraints.

use super::words::{ident, of_constraint, of_object, of_part, own_tables_and_partitions, qualified};
use super::{ALL, EngineKind, Found, Hit, POSTGRES, SchemaRule};
use crate::model::catalog::{Catalog, Detail, Trigger, attribute};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "broken-view",
            title: "view that cannot be read",
            severity: Severity::High,
            engines: ALL,
            why: "It names something that is gone or was changed; whoever reads it gets an error, and in SQLite so does every ALTER TABLE.",
            fix: "Write the view anew, or drop it.",
            references: &["SQLite manual: CREATE VIEW", "MySQL manual: View Syntax"],
        },
        check: broken_views,
    },
    SchemaRule {
        rule: Rule {
            id: "not-valid-constraint",
            title: "constraint that old rows were not checked for",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "A constraint added NOT VALID holds for new rows only: older ones may break it, the planner does not rely on it, and a restore from a dump may stop at it.",
            fix: "Validate it, which reads the table but locks out no reader and no writer.",
            references: &["PostgreSQL manual: ALTER TABLE, VALIDATE CONSTRAINT"],
        },
        check: not_valid,
    },
    SchemaRule {
        rule: Rule {
            id: "not-enforced-constraint",
            title: "constraint that nobody enforces",
            severity: Severity::Medium,
            engines: &[EngineKind::Postgres, EngineKind::Mysql],
            why: "A constraint declared NOT ENFORCED is a remark: rows that break it are taken.",
            fix: "Enforce it, after repairing the rows that break it, or drop it.",
            references: &["MySQL manual: CHECK Constraints", "PostgreSQL manual: CREATE TABLE, NOT ENFORCED"],
        },
        check: not_enforced,
    },
    SchemaRule {
        rule: Rule {
            id: "disabled-trigger",
            title: "trigger that is switched off",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "What the trigger keeps right (history, sums, checks) is no longer kept right; most often it was switched off for a load and forgotten.",
            fix: "Switch it on again after repairing what it missed, or drop it.",
            references: &["PostgreSQL manual: ALTER TABLE, DISABLE TRIGGER"],
        },
        check: disabled_triggers,
    },
];

fn broken_views(catalog: &Catalog, found: &mut Found<'_>) {
    for object in catalog.objects.iter().filter(|object| object.extension.is_none()) {
        let broken = match &object.detail {
            Detail::View(view) => view.broken.as_deref(),
            // A virtual table whose module is not there.
            Detail::Table(_) => attribute(&object.attributes, "broken"),
            _ => None,
        };
        if let Some(why) = broken {
            found.add(Hit::new(of_object(object), why));
        }
    }
}

fn not_valid(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables_and_partitions(catalog) {
        let unchecked =
            table.constraints.iter().filter(|each| !each.validated && each.enforced && !each.inherited);
        for constraint in unchecked {
            let hit = Hit::new(of_constraint(object, constraint), "it is NOT VALID");
            found.add(match &constraint.name {
                Some(name) => hit.sql(format!(
                    "ALTER TABLE {} VALIDATE CONSTRAINT {};",
                    qualified(catalog, &object.name),
                    ident(catalog, name)
                )),
                None => hit,
            });
        }
    }
}

fn not_enforced(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables_and_partitions(catalog) {
        for constraint in table.constraints.iter().filter(|each| !each.enforced && !each.inherited) {
            found.add(Hit::new(of_constraint(object, constraint), "it is NOT ENFORCED"));
        }
    }
}

fn disabled_triggers(catalog: &Catalog, found: &mut Found<'_>) {
    for object in catalog.objects.iter().filter(|object| object.extension.is_none()) {
        let triggers: &[Trigger] = match &object.detail {
            Detail::Table(table) => &table.triggers,
            Detail::View(view) => &view.triggers,
            _ => &[],
        };
        for trigger in triggers.iter().filter(|trigger| trigger.state == "disabled") {
            let (table, name) = (qualified(catalog, &object.name), ident(catalog, &trigger.name));
            found.add(
                Hit::new(of_part(object, "trigger", &trigger.name), "it is disabled")
                    .sql(format!("ALTER TABLE {table} ENABLE TRIGGER {name};"))
                    .undo(Some(format!("ALTER TABLE {table} DISABLE TRIGGER {name};"))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Name, Object, View};
    use crate::schema::sample::{With, found, mysql, objects, postgres, sqlite, table};

    #[test]
    fn a_broken_view_says_why() {
        let view = View { broken: Some("no such table: gone".into()), ..View::default() };
        let catalog = sqlite([
            Object::new(Name::new("", "bad"), Detail::View(view)),
            Object::new(Name::new("", "good"), Detail::View(View::default())),
            table("virtual", ["x"]).attribute("broken", "no such module: x"),
        ]);
        let findings = found("broken-view", &catalog);
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].object_kind, findings[0].object.as_str()), ("table", "virtual"));
        assert_eq!(findings[1].evidence, "no such table: gone");
    }

    #[test]
    fn constraints_that_do_not_hold() {
        let make = |validated, enforced| {
            table("t", ["a integer"]).foreign_key("f", ["a"], "u", ["a"]).change(|table| {
                table.constraints[0].validated = validated;
                table.constraints[0].enforced = enforced;
            })
        };
        let finding = found("not-valid-constraint", &postgres([make(false, true)])).remove(0);
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some("ALTER TABLE \"public\".\"t\" VALIDATE CONSTRAINT \"f\";")
        );
        assert!(objects("not-valid-constraint", &postgres([make(false, false)])).is_empty());
        assert_eq!(objects("not-enforced-constraint", &postgres([make(false, false)])), ["public.t.f"]);
        assert_eq!(objects("not-enforced-constraint", &mysql([make(true, false)])), ["t.f"]);
        assert!(objects("not-enforced-constraint", &mysql([make(true, true)])).is_empty());
    }

    #[test]
    fn a_trigger_that_sleeps() {
        let trigger = |name: &str, state: &str| Trigger {
            name: name.into(),
            state: state.into(),
            ..Trigger::default()
        };
        let catalog = postgres([table("t", ["a integer"]).change(|table| {
            table.triggers =
                vec![trigger("on", "enabled"), trigger("off", "disabled"), trigger("r", "replica")];
        })]);
        let finding = found("disabled-trigger", &catalog).remove(0);
        assert_eq!(finding.id, "disabled-trigger:public.t.off");
        assert_eq!(finding.fix.sql.as_deref(), Some("ALTER TABLE \"public\".\"t\" ENABLE TRIGGER \"off\";"));
        assert_eq!(found("disabled-trigger", &catalog).len(), 1);
    }
}
