//! How rows are kept: engines of MySQL, and the loose types of SQLite.

use super::words::{TypeWords, of_column, of_object, own_tables, qualified};
use super::{Found, Hit, MYSQL, SQLITE, SchemaRule};
use crate::model::catalog::{Catalog, attribute};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "no-transactions",
            title: "table in an engine without transactions",
            severity: Severity::High,
            engines: MYSQL,
            why: "Changes are not undone by ROLLBACK, a statement that fails halfway leaves half of its rows, and foreign keys are read and forgotten. After a crash MyISAM tables must be repaired and may lose rows; MEMORY tables are empty.",
            fix: "Convert the table to InnoDB.",
            references: &[
                "MySQL manual: Converting Tables from MyISAM to InnoDB",
                "MySQL manual: Alternative Storage Engines",
                "MariaDB manual: Choosing the Right Storage Engine",
            ],
        },
        check: no_transactions,
    },
    SchemaRule {
        rule: Rule {
            id: "unexpected-affinity",
            title: "type that SQLite takes for another",
            severity: Severity::Medium,
            engines: SQLITE,
            why: "SQLite reads a type by the letters in it: STRING is NUMERIC, so '007' becomes 7, and FLOATING POINT is INTEGER because POINT ends in INT.",
            fix: "Use TEXT, INTEGER, REAL, BLOB or NUMERIC when the table is built anew; in a STRICT table nothing else is allowed.",
            references: &["SQLite manual: Datatypes, Determination Of Column Affinity"],
        },
        check: unexpected_affinity,
    },
    SchemaRule {
        rule: Rule {
            id: "not-strict",
            title: "table that takes any value in any column",
            severity: Severity::Info,
            engines: SQLITE,
            why: "Without STRICT a column of type INTEGER keeps the text 'many' as it is, and no error tells.",
            fix: "Add STRICT when the table is built anew (SQLite 3.37 on), after checking the values that are there.",
            references: &["SQLite manual: STRICT Tables"],
        },
        check: not_strict,
    },
];

fn no_transactions(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, _) in own_tables(catalog) {
        let Some(engine) = attribute(&object.attributes, "engine") else { continue };
        let hit = Hit::new(of_object(object), format!("its engine is {engine}"));
        let name = qualified(catalog, &object.name);
        let to_innodb = format!("ALTER TABLE {name} ENGINE=InnoDB;");
        let back = format!("ALTER TABLE {name} ENGINE={engine};");
        match engine.to_ascii_lowercase().as_str() {
            "myisam" | "mrg_myisam" | "csv" | "archive" | "blackhole" | "isam" => {
                found.add(hit.sql(to_innodb).undo(Some(back)));
            }
            // It survives a crash, but has no transactions either.
            "aria" => found.add(hit.severity(Severity::Medium).sql(to_innodb).undo(Some(back))),
            // Often meant so: what is in memory may be lost.
            "memory" | "heap" => found.add(hit.severity(Severity::Low).sql(to_innodb).undo(Some(back))),
            _ => {}
        }
    }
}

/// What a column makes of its values, by the letters of its type. (SQLite: Determination Of
/// Column Affinity.)
pub fn affinity(ty: &str) -> &'static str {
    let upper = ty.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| upper.contains(part));
    match () {
        () if has(&["INT"]) => "INTEGER",
        () if has(&["CHAR", "CLOB", "TEXT"]) => "TEXT",
        () if upper.is_empty() || has(&["BLOB"]) => "BLOB",
        () if has(&["REAL", "FLOA", "DOUB"]) => "REAL",
        () => "NUMERIC",
    }
}

/// The affinity that the word means to people, for words that SQLite takes otherwise.
fn meant(ty: &str) -> Option<&'static str> {
    let base = TypeWords::of(ty).base;
    Some(match base.as_str() {
        "string" | "str" | "uuid" | "guid" | "json" | "xml" | "url" | "email" | "name" | "enum" | "set"
        | "inet" | "cidr" | "memo" | "long string" => "TEXT",
        "binary" | "varbinary" | "bytea" | "bytes" | "image" | "raw" => "BLOB",
        "interval" => "TEXT",
        "floating point" | "point" | "multipoint" => "REAL",
        "charint" => "TEXT",
        _ => return None,
    })
}

fn unexpected_affinity(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        if attribute(&object.attributes, "strict").is_some() {
            continue;
        }
        for column in &table.columns {
            let is = affinity(&column.ty);
            if let Some(meant) = meant(&column.ty).filter(|meant| *meant != is) {
                let evidence = format!("{} is taken for {is}, not {meant}", column.ty);
                found.add(Hit::new(of_column(object, column), evidence));
            }
        }
    }
}

fn not_strict(catalog: &Catalog, found: &mut Found<'_>) {
    let loose = |attributes| attribute(attributes, "strict").is_none();
    for (object, _) in own_tables(catalog).filter(|(object, _)| loose(&object.attributes)) {
        found.add(Hit::new(of_object(object), "it is not STRICT"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::{With, found, mariadb, mysql, objects, sqlite, table};

    #[test]
    fn engines_without_transactions() {
        let make = |engine: &str| table("t", ["id int"]).attribute("engine", engine);
        let finding = found("no-transactions", &mysql([make("MyISAM")])).remove(0);
        assert_eq!(finding.severity, Severity::High);
        assert_eq!(finding.fix.sql.as_deref(), Some("ALTER TABLE `t` ENGINE=InnoDB;"));
        assert_eq!(finding.undo.as_deref(), Some("ALTER TABLE `t` ENGINE=MyISAM;"));
        assert_eq!(found("no-transactions", &mariadb([make("Aria")])).remove(0).severity, Severity::Medium);
        assert!(objects("no-transactions", &mysql([make("InnoDB")])).is_empty());
        assert!(objects("no-transactions", &mysql([table("t", ["id int"])])).is_empty());
    }

    #[test]
    fn affinities_by_the_manual() {
        for (ty, expected) in [
            ("INT", "INTEGER"),
            ("UNSIGNED BIG INT", "INTEGER"),
            ("VARCHAR(255)", "TEXT"),
            ("CLOB", "TEXT"),
            ("", "BLOB"),
            ("blob", "BLOB"),
            ("DOUBLE PRECISION", "REAL"),
            ("FLOAT", "REAL"),
            ("DECIMAL(10,5)", "NUMERIC"),
            ("BOOLEAN", "NUMERIC"),
            ("STRING", "NUMERIC"),
            ("FLOATING POINT", "INTEGER"),
            ("CHARINT", "INTEGER"),
        ] {
            assert_eq!(affinity(ty), expected, "{ty}");
        }
    }

    #[test]
    fn a_type_that_is_taken_for_another() {
        let columns =
            ["a STRING", "b FLOATING POINT", "c DATETIME", "d TEXT", "e varbinary(16)", "f DECIMAL(9,2)"];
        let findings = found("unexpected-affinity", &sqlite([table("t", columns)]));
        let evidence: Vec<&str> = findings.iter().map(|finding| finding.evidence.as_str()).collect();
        assert_eq!(
            evidence,
            [
                "STRING is taken for NUMERIC, not TEXT",
                "FLOATING POINT is taken for INTEGER, not REAL",
                "varbinary(16) is taken for NUMERIC, not BLOB",
            ]
        );
    }

    #[test]
    fn strict_tables_are_left_alone() {
        let catalog = sqlite([
            table("a", ["id INTEGER"]),
            table("b", ["id INTEGER"]).attribute("strict", ""),
            table("c", ["x"]).change(|table| table.foreign = Some("fts5".into())),
        ]);
        assert_eq!(objects("not-strict", &catalog), ["a"]);
    }
}
