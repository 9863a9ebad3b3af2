//! NULL where it undoes what was meant.

use super::words::{column, of_index, own_tables};
use super::{ALL, Found, Hit, MYSQL, SchemaRule};
use crate::model::catalog::{Catalog, Index, Table};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "nullable-unique",
            title: "unique key that NULL passes by",
            severity: Severity::Low,
            engines: ALL,
            why: "Two NULLs are not the same, so any number of rows may have NULL in a column of the key, and with several columns the others may then repeat.",
            fix: "Declare the columns NOT NULL; or, where one row without a value is meant, use NULLS NOT DISTINCT (PostgreSQL 15 on).",
            references: &[
                "PostgreSQL manual: Constraints, Unique Constraints",
                "MySQL manual: CREATE INDEX, Unique Indexes",
                "SQLite manual: CREATE TABLE, UNIQUE constraints",
            ],
        },
        check: nullable_unique,
    },
    SchemaRule {
        rule: Rule {
            id: "zero-date-default",
            title: "default of a date that is none",
            severity: Severity::Medium,
            engines: MYSQL,
            why: "The date 0000-00-00 is no date: clients fail on it or turn it into NULL, and with NO_ZERO_DATE in sql_mode the table can no longer be made from its own definition.",
            fix: "Use NULL for a date that is not known, and change the rows that hold the zero date.",
            references: &["MySQL manual: Server SQL Modes, NO_ZERO_DATE"],
        },
        check: zero_dates,
    },
];

fn nullable_unique(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        for index in table.indexes.iter().filter(|index| index.unique && !index.nulls_not_distinct) {
            let nullable = nullable_keys(table, index);
            // A primary key that takes NULL is another rule's.
            let is_key = super::words::primary_key(table).is_some_and(|key| {
                index.keys.iter().map(|key| key.column.as_ref()).eq(key.columns.iter().map(Some))
            });
            if nullable.is_empty() || is_key || excludes_null(index) {
                continue;
            }
            let evidence = match index.keys.len() {
                1 => format!("{} may be NULL in any number of rows", nullable[0]),
                _ => format!("with NULL in {} the rest may repeat", nullable.join(" or ")),
            };
            found.add(Hit::new(of_index(object, index), evidence));
        }
    }
}

fn nullable_keys<'a>(table: &'a Table, index: &'a Index) -> Vec<&'a str> {
    let names = index.keys.iter().filter_map(|key| key.column.as_deref());
    names.filter(|name| column(table, name).is_some_and(|column| column.nullable)).collect()
}

/// A partial index may be there for just this.
fn excludes_null(index: &Index) -> bool {
    index.predicate.as_deref().is_some_and(|text| text.to_lowercase().contains("is not null"))
}

fn zero_dates(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        for column in &table.columns {
            if let Some(default) = column.default.as_deref().filter(|text| text.contains("0000-00-00")) {
                let evidence = format!("its default is {default}");
                found.add(Hit::new(super::words::of_column(object, column), evidence));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::{With, found, index, mysql, objects, postgres, table};

    #[test]
    fn null_passes_by_a_unique_key() {
        let evidence = |columns: [&str; 2], index: Index| {
            let catalog = postgres([table("t", columns).index(Index { unique: true, ..index })]);
            found("nullable-unique", &catalog).pop().map(|finding| finding.evidence)
        };
        let on_a = || index("u", ["a"]);
        assert_eq!(
            evidence(["a text", "b text"], on_a()).as_deref(),
            Some("a may be NULL in any number of rows")
        );
        assert_eq!(
            evidence(["a text not null", "b text"], index("u", ["a", "b"])).as_deref(),
            Some("with NULL in b the rest may repeat")
        );
        assert_eq!(evidence(["a text not null", "b text"], on_a()), None);
        assert_eq!(evidence(["a text", "b text"], Index { nulls_not_distinct: true, ..on_a() }), None);
        let partial = Index { predicate: Some("(a IS NOT NULL)".into()), ..on_a() };
        assert_eq!(evidence(["a text", "b text"], partial), None);
        let key = table("t", ["a text"]).primary_key(["a"]);
        assert!(objects("nullable-unique", &postgres([key])).is_empty());
        let plain = table("t", ["a text"]).index(on_a());
        assert!(objects("nullable-unique", &postgres([plain])).is_empty());
    }

    #[test]
    fn zero_is_no_date() {
        let make = |default: &str| {
            mysql([
                table("t", ["at datetime"]).change(|table| table.columns[0].default = Some(default.into()))
            ])
        };
        assert_eq!(objects("zero-date-default", &make("'0000-00-00 00:00:00'")), ["t.at"]);
        assert!(objects("zero-date-default", &make("CURRENT_TIMESTAMP")).is_empty());
    }
}
