//! Foreign keys as their own table declares them: indexed, once, and checked even with NULLs.

use std::collections::BTreeSet;

use super::words::{
    column, foreign_keys, ident, idents, index_name, of_constraint, own_tables_and_partitions, primary_key,
    qualified, taken_names,
};
use super::{ALL, EngineKind, Found, Hit, SchemaRule};
use crate::model::catalog::{Catalog, Index, Name, Object, Table};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "foreign-key-without-index",
            title: "foreign key without an index on its columns",
            severity: Severity::Medium,
            engines: &[EngineKind::Sqlite, EngineKind::Postgres],
            why: "Deleting a row of the other table, or changing its key, searches this whole table for rows that refer to it, once for each row, and joins along the key do the same. MySQL and MariaDB make the index themselves.",
            fix: "Create an index that begins with the columns of the foreign key.",
            references: &[
                "PostgreSQL manual: Constraints, Foreign Keys",
                "SQLite manual: Foreign Key Support, Required and Suggested Database Indexes",
            ],
        },
        check: without_index,
    },
    SchemaRule {
        rule: Rule {
            id: "duplicate-foreign-key",
            title: "foreign key that is there twice",
            severity: Severity::Low,
            engines: ALL,
            why: "Every write is checked twice for the same thing, and two different actions on delete would contradict each other.",
            fix: "Drop one of the two foreign keys.",
            references: &[
                "PostgreSQL manual: Constraints, Foreign Keys",
                "MySQL manual: FOREIGN KEY Constraints",
            ],
        },
        check: duplicates,
    },
    SchemaRule {
        rule: Rule {
            id: "nullable-foreign-key-part",
            title: "foreign key of several columns that one NULL switches off",
            severity: Severity::Low,
            engines: ALL,
            why: "Under MATCH SIMPLE a row with a NULL in one column of the key is not checked at all, whatever stands in the others.",
            fix: "Declare the columns NOT NULL, or add a check that all of them are NULL or none is (PostgreSQL: MATCH FULL).",
            references: &[
                "PostgreSQL manual: CREATE TABLE, REFERENCES",
                "SQLite manual: Foreign Key Support, Composite Foreign Key Constraints",
            ],
        },
        check: nullable_part,
    },
];

fn without_index(catalog: &Catalog, found: &mut Found<'_>) {
    let mut taken: Option<BTreeSet<&str>> = None;
    for (object, table) in own_tables_and_partitions(catalog) {
        let mut told: Vec<&[String]> = Vec::new();
        for (constraint, _) in foreign_keys(table) {
            let columns = constraint.columns.as_slice();
            if columns.is_empty() || told.contains(&columns) || is_indexed(table, columns) {
                continue;
            }
            told.push(columns);
            let taken = taken.get_or_insert_with(|| taken_names(catalog));
            let name = index_name(taken, object, columns);
            let evidence = format!("no index begins with ({})", columns.join(", "));
            let (sql, undo) = creation(catalog, object, table, &name, columns);
            found.add(Hit::new(of_constraint(object, constraint), evidence).sql(sql).undo(Some(undo)));
        }
    }
}

fn creation(
    catalog: &Catalog,
    object: &Object,
    table: &Table,
    name: &str,
    columns: &[String],
) -> (String, String) {
    // An index of a partitioned table cannot be made concurrently, and SQLite has but one way.
    let concurrently = match catalog.engine {
        EngineKind::Postgres if table.partitioning.is_none() => "CONCURRENTLY ",
        _ => "",
    };
    let on = qualified(catalog, &object.name);
    let listed = idents(catalog, columns.iter().map(String::as_str));
    let full = qualified(catalog, &Name::new(object.name.schema.as_str(), name));
    let name = ident(catalog, name);
    (
        format!("CREATE INDEX {concurrently}{name} ON {on} ({listed});"),
        format!("DROP INDEX {concurrently}{full};"),
    )
}

/// Whether an index, or the order of the rows, finds rows by these columns.
fn is_indexed(table: &Table, columns: &[String]) -> bool {
    let begins = |names: &[Option<&str>]| {
        names.len() >= columns.len()
            && columns.iter().all(|column| {
                names[..columns.len()].iter().flatten().any(|name| name.eq_ignore_ascii_case(column))
            })
    };
    let by_key = primary_key(table)
        .is_some_and(|key| begins(&key.columns.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>()));
    let finds = |index: &Index| {
        let names: Vec<Option<&str>> = index.keys.iter().map(|key| key.column.as_deref()).collect();
        let ordered = matches!(index.method.as_str(), "" | "btree");
        let hashed = index.method == "hash" && columns.len() == 1;
        index.usable && (ordered || hashed) && covers_all(index, columns) && begins(&names)
    };
    by_key || table.indexes.iter().any(finds)
}

/// A partial index serves only when it leaves out nothing but the NULLs of the column, which refer
/// to nothing.
fn covers_all(index: &Index, columns: &[String]) -> bool {
    let Some(predicate) = &index.predicate else { return true };
    let bare: String = predicate
        .chars()
        .filter(|ch| !ch.is_whitespace() && !matches!(ch, '(' | ')' | '"' | '`'))
        .collect::<String>()
        .to_lowercase();
    matches!(columns, [only] if bare == format!("{}isnotnull", only.to_lowercase()))
}

fn duplicates(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables_and_partitions(catalog) {
        let keys: Vec<_> = foreign_keys(table).collect();
        for (at, (constraint, reference)) in keys.iter().enumerate() {
            let earlier = keys[..at].iter().find(|(other, to)| {
                other.columns == constraint.columns
                    && to.table == reference.table
                    && to.referenced == reference.referenced
            });
            let Some((earlier, _)) = earlier else { continue };
            let other = earlier.name.as_deref().unwrap_or("another without a name");
            let hit = Hit::new(of_constraint(object, constraint), format!("it is the same as {other}"));
            found.add(match &constraint.name {
                Some(name) if catalog.engine != EngineKind::Sqlite => hit.sql(format!(
                    "ALTER TABLE {} DROP {} {};",
                    qualified(catalog, &object.name),
                    if catalog.engine == EngineKind::Postgres { "CONSTRAINT" } else { "FOREIGN KEY" },
                    ident(catalog, name)
                )),
                _ => hit,
            });
        }
    }
}

fn nullable_part(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables_and_partitions(catalog) {
        for (constraint, reference) in foreign_keys(table) {
            if constraint.columns.len() < 2 || reference.full {
                continue;
            }
            let nullable: Vec<&str> = constraint
                .columns
                .iter()
                .filter(|name| column(table, name).is_some_and(|column| column.nullable))
                .map(String::as_str)
                .collect();
            if !nullable.is_empty() {
                let evidence = format!("NULL in {} lets anything into the rest", nullable.join(" or "));
                found.add(Hit::new(of_constraint(object, constraint), evidence));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::ConstraintKind;
    use crate::schema::sample::{With, found, index, mysql, objects, postgres, sqlite, table};

    fn orders() -> Object {
        table("orders", ["id integer not null", "customer_id integer", "shop_id integer"])
            .primary_key(["id"])
            .foreign_key("orders_customer_fk", ["customer_id"], "customer", ["id"])
    }

    #[test]
    fn a_foreign_key_wants_an_index() {
        let finding = found("foreign-key-without-index", &postgres([orders()])).remove(0);
        assert_eq!(finding.id, "foreign-key-without-index:public.orders.orders_customer_fk");
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some(
                "CREATE INDEX CONCURRENTLY \"orders_customer_id_idx\" ON \"public\".\"orders\" (\"customer_id\");"
            )
        );
        assert_eq!(
            finding.undo.as_deref(),
            Some("DROP INDEX CONCURRENTLY \"public\".\"orders_customer_id_idx\";")
        );
        let unnamed = orders().change(|table| table.constraints[1].name = None);
        let finding = found("foreign-key-without-index", &sqlite([unnamed])).remove(0);
        assert_eq!(finding.object, "orders(customer_id)");
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some("CREATE INDEX \"orders_customer_id_idx\" ON \"orders\" (\"customer_id\");")
        );
        assert!(found("foreign-key-without-index", &mysql([orders()])).is_empty());
    }

    #[test]
    fn a_partition_is_told_of_its_own_keys_only() {
        let partition = |inherited| {
            postgres([orders().change(|table| {
                table.partition_of = Some(Default::default());
                table.constraints[1].inherited = inherited;
            })])
        };
        let told = |inherited| objects("foreign-key-without-index", &partition(inherited)).len();
        assert_eq!((told(false), told(true)), (1, 0));
    }

    #[test]
    fn many_indexes_will_do_and_some_will_not() {
        let told = |index: Index| {
            !objects("foreign-key-without-index", &postgres([orders().index(index)])).is_empty()
        };
        let on = |columns| index("x", columns);
        assert!(!told(on(["customer_id"])));
        assert!(!told(Index { method: "hash".into(), ..on(["customer_id"]) }));
        let partial = |text: &str| Index { predicate: Some(text.into()), ..on(["customer_id"]) };
        assert!(!told(partial("(customer_id IS NOT NULL)")));
        assert!(told(partial("(shop_id IS NOT NULL)")));
        assert!(told(Index { usable: false, ..on(["customer_id"]) }));
        assert!(told(Index { method: "gin".into(), ..on(["customer_id"]) }));
        assert!(!told(index("x", ["customer_id", "shop_id"])));
        assert!(told(index("x", ["shop_id", "customer_id"])));
        let two = orders().foreign_key("two", ["shop_id", "customer_id"], "both", ["a", "b"]);
        let both = two.index(index("x", ["customer_id", "shop_id"]));
        assert!(objects("foreign-key-without-index", &postgres([both])).is_empty());
        let own = table("child", ["id integer not null"]).primary_key(["id"]);
        let own = own.foreign_key("f", ["id"], "parent", ["id"]).change(|table| table.indexes.clear());
        assert!(objects("foreign-key-without-index", &sqlite([own])).is_empty());
    }

    #[test]
    fn twins_are_told_once() {
        let twice = || orders().foreign_key("again", ["customer_id"], "customer", ["id"]);
        let finding = found("duplicate-foreign-key", &postgres([twice()])).remove(0);
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some("ALTER TABLE \"public\".\"orders\" DROP CONSTRAINT \"again\";")
        );
        let finding = found("duplicate-foreign-key", &mysql([twice()])).remove(0);
        assert_eq!(finding.fix.sql.as_deref(), Some("ALTER TABLE `orders` DROP FOREIGN KEY `again`;"));
        let other = orders().foreign_key("other", ["customer_id"], "person", ["id"]);
        assert!(objects("duplicate-foreign-key", &postgres([other])).is_empty());
    }

    #[test]
    fn one_null_switches_a_key_off() {
        let make = |a: &str, full| {
            table("t", [a, "b integer not null"]).foreign_key("f", ["a", "b"], "u", ["a", "b"]).change(
                |table| {
                    if let ConstraintKind::ForeignKey(reference) = &mut table.constraints[0].kind {
                        reference.full = full;
                    }
                },
            )
        };
        let finding = found("nullable-foreign-key-part", &postgres([make("a integer", false)])).remove(0);
        assert_eq!(finding.evidence, "NULL in a lets anything into the rest");
        assert!(objects("nullable-foreign-key-part", &postgres([make("a integer", true)])).is_empty());
        assert!(
            objects("nullable-foreign-key-part", &postgres([make("a integer not null", false)])).is_empty()
        );
        assert!(objects("nullable-foreign-key-part", &postgres([orders()])).is_empty());
    }
}
