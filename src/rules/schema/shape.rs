//! Tables of an odd shape.

use super::words::{of_object, own_tables, own_tables_and_partitions};
use super::{ALL, Found, Hit, POSTGRES, SchemaRule};
use crate::model::catalog::{Catalog, attribute};
use crate::model::finding::{Rule, Severity};

/// More than one screen shows and one mind holds.
const MANY: usize = 100;

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "column-count",
            title: "table of one column, or of more than a hundred",
            severity: Severity::Info,
            engines: ALL,
            why: "A table of one column is often a list that a check or an enum would say better; one of more than a hundred is often several tables in one, and every update writes the whole row.",
            fix: "See whether the table is one thing.",
            references: &[
                "PostgreSQL manual: PostgreSQL Limits",
                "MySQL manual: Limits on Table Column Count",
            ],
        },
        check: column_count,
    },
    SchemaRule {
        rule: Rule {
            id: "unlogged-table",
            title: "table that a crash empties",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "An unlogged table is empty after a crash, and is never on a standby nor in a restored base backup.",
            fix: "Make it LOGGED, which rewrites it; where its rows can be made again, waive this.",
            references: &["PostgreSQL manual: CREATE TABLE, UNLOGGED"],
        },
        check: unlogged,
    },
];

fn column_count(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        let evidence = match table.columns.len() {
            1 => "it has 1 column".to_owned(),
            count if count > MANY => format!("it has {count} columns"),
            _ => continue,
        };
        found.add(Hit::new(of_object(object), evidence));
    }
}

fn unlogged(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, _) in own_tables_and_partitions(catalog) {
        if attribute(&object.attributes, "unlogged").is_some() {
            let name = super::words::qualified(catalog, &object.name);
            found.add(
                Hit::new(of_object(object), "it is UNLOGGED")
                    .sql(format!("ALTER TABLE {name} SET LOGGED;"))
                    .undo(Some(format!("ALTER TABLE {name} SET UNLOGGED;"))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::sample::{With, column, found, objects, postgres, sqlite, table};

    #[test]
    fn one_column_or_very_many() {
        let wide = |name, count: usize| {
            table(name, []).change(|table| {
                table.columns = (0..count).map(|number| column(&format!("c{number} text"))).collect();
            })
        };
        let catalog = sqlite([wide("one", 1), wide("two", 2), wide("hundred", 100), wide("more", 101)]);
        assert_eq!(objects("column-count", &catalog), ["more", "one"]);
    }

    #[test]
    fn unlogged_tables() {
        let catalog =
            postgres([table("a", ["x integer"]).attribute("unlogged", ""), table("b", ["x integer"])]);
        let finding = found("unlogged-table", &catalog).remove(0);
        assert_eq!(finding.fix.sql.as_deref(), Some("ALTER TABLE \"public\".\"a\" SET LOGGED;"));
        assert_eq!(found("unlogged-table", &catalog).len(), 1);
    }
}
