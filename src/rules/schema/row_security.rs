//! Row security of PostgreSQL: switched on and with policies, or neither.

use super::words::{of_object, own_tables, qualified};
use super::{Found, Hit, POSTGRES, SchemaRule};
use crate::model::catalog::{Catalog, attribute};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "policy-without-row-security",
            title: "policies that nobody applies",
            severity: Severity::High,
            engines: POSTGRES,
            why: "Policies work only where row security is enabled on the table: until then everybody with SELECT sees every row.",
            fix: "Enable row security on the table, after trying the policies; or drop them.",
            references: &["PostgreSQL manual: Row Security Policies"],
        },
        check: without_security,
    },
    SchemaRule {
        rule: Rule {
            id: "row-security-without-policy",
            title: "row security that hides every row",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "With row security and no policy nobody but the owner and those who bypass it sees a row or adds one, and no error tells.",
            fix: "Create policies for those who should see rows; where nobody should, waive this.",
            references: &["PostgreSQL manual: Row Security Policies"],
        },
        check: without_policy,
    },
];

fn without_security(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        let enabled = attribute(&object.attributes, "row security").is_some();
        if enabled || table.policies.is_empty() {
            continue;
        }
        let names: Vec<&str> = table.policies.iter().map(|policy| policy.name.as_str()).collect();
        let name = qualified(catalog, &object.name);
        found.add(
            Hit::new(of_object(object), format!("row security is off; policies: {}", names.join(", ")))
                .sql(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"))
                .undo(Some(format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;"))),
        );
    }
}

fn without_policy(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        if attribute(&object.attributes, "row security").is_some() && table.policies.is_empty() {
            found.add(Hit::new(of_object(object), "row security is on and there is no policy"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::catalog::Policy;
    use crate::schema::sample::{With, found, objects, postgres, table};

    #[test]
    fn policies_and_security_go_together() {
        let policy = || Policy { name: "own rows".into(), ..Policy::default() };
        let catalog = postgres([
            table("both", ["a integer"])
                .attribute("row security", "")
                .change(|table| table.policies.push(policy())),
            table("neither", ["a integer"]),
            table("policy", ["a integer"]).change(|table| table.policies.push(policy())),
            table("security", ["a integer"]).attribute("row security", ""),
        ]);
        let finding = found("policy-without-row-security", &catalog).remove(0);
        assert_eq!(finding.object, "public.policy");
        assert_eq!(finding.evidence, "row security is off; policies: own rows");
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some("ALTER TABLE \"public\".\"policy\" ENABLE ROW LEVEL SECURITY;")
        );
        assert_eq!(found("policy-without-row-security", &catalog).len(), 1);
        assert_eq!(objects("row-security-without-policy", &catalog), ["public.security"]);
    }
}
