//! Character sets and collations of MySQL and MariaDB.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{TypeWords, column, foreign_keys, of_column, of_object, own_tables, qualified};
use super::{Found, Hit, MYSQL, SchemaRule};
use crate::model::catalog::{Attribute, Catalog, Column, Name, Object, attribute};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "utf8mb3",
            title: "text in utf8mb3",
            severity: Severity::Medium,
            engines: MYSQL,
            why: "utf8mb3, long called utf8, holds at most three bytes a letter: an emoji or a rare Chinese letter is refused, or cut off without strict mode. It is deprecated.",
            fix: "Convert to utf8mb4; look at the lengths of indexed columns first, as a letter then counts four bytes.",
            references: &["MySQL manual: The utf8mb3 Character Set", "MariaDB manual: Unicode"],
        },
        check: utf8mb3,
    },
    SchemaRule {
        rule: Rule {
            id: "narrow-charset",
            title: "text in a character set of one region",
            severity: Severity::Low,
            engines: MYSQL,
            why: "Text outside the character set is refused, or becomes question marks without strict mode, and joining it with text in utf8mb4 converts and so passes by the index.",
            fix: "Convert to utf8mb4, after looking whether the bytes really are what the character set says.",
            references: &["MySQL manual: Column Character Set Conversion"],
        },
        check: narrow_charset,
    },
    SchemaRule {
        rule: Rule {
            id: "mixed-collations",
            title: "table with another collation than most",
            severity: Severity::Low,
            engines: MYSQL,
            why: "Comparing text of two collations fails with an error (illegal mix of collations) or passes by the index, and sorts in another order.",
            fix: "Give all tables the same default collation; convert those that differ.",
            references: &["MySQL manual: Collation Coercibility in Expressions"],
        },
        check: mixed_collations,
    },
];

/// The character set of a text column: its own, else the table's, else the database's.
fn charset<'a>(catalog: &'a Catalog, object: &'a Object, column: &'a Column) -> Option<&'a str> {
    own_charset(column)
        .or_else(|| default_charset(&object.attributes))
        .or_else(|| default_charset(&catalog.attributes))
}

fn default_charset(attributes: &[Attribute]) -> Option<&str> {
    attribute(attributes, "charset").or_else(|| attribute(attributes, "collate").map(of_collation))
}

/// A collation begins with the name of its character set.
fn of_collation(collation: &str) -> &str {
    collation.split('_').next().unwrap_or(collation)
}

/// The most bytes that a letter of the column takes; four where it is not known.
pub fn bytes_a_letter(catalog: &Catalog, object: &Object, column: &Column) -> u32 {
    match charset(catalog, object, column) {
        Some("utf8" | "utf8mb3" | "eucjpms" | "ujis") => 3,
        Some("ucs2" | "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr") => 2,
        Some("utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030") | None => 4,
        Some(_) => 1,
    }
}

fn is_utf8mb3(charset: &str) -> bool {
    matches!(charset, "utf8" | "utf8mb3")
}

/// Of one region only. `ascii` and `binary` are chosen on purpose, for codes and hashes.
fn is_narrow(charset: &str) -> bool {
    !charset.starts_with("utf") && !matches!(charset, "ascii" | "binary" | "ucs2" | "gb18030")
}

fn utf8mb3(catalog: &Catalog, found: &mut Found<'_>) {
    each_charset(catalog, found, is_utf8mb3);
}

fn narrow_charset(catalog: &Catalog, found: &mut Found<'_>) {
    each_charset(catalog, found, is_narrow);
}

/// Tables whose default is wrong and reaches a column, and columns that are wrong by themselves.
fn each_charset(catalog: &Catalog, found: &mut Found<'_>, wrong: fn(&str) -> bool) {
    let linked = linked_by_text(catalog);
    for (object, table) in own_tables(catalog) {
        let default = default_charset(&object.attributes).or_else(|| default_charset(&catalog.attributes));
        let reached = table.columns.iter().any(|column| is_text(column) && own_charset(column).is_none());
        if let Some(charset) = default.filter(|charset| reached && wrong(charset)) {
            let hit = Hit::new(of_object(object), format!("its character set is {charset}"));
            found.add(converted(catalog, object, &linked, hit, wide(object)));
            continue;
        }
        for column in &table.columns {
            if let Some(charset) = own_charset(column).filter(|charset| wrong(charset)) {
                found.add(Hit::new(of_column(object, column), format!("its character set is {charset}")));
            }
        }
    }
}

fn own_charset(column: &Column) -> Option<&str> {
    column.charset.as_deref().or_else(|| column.collation.as_deref().map(of_collation))
}

fn is_text(column: &Column) -> bool {
    let base = TypeWords::of(&column.ty).base;
    base.contains("char") || base.contains("text") || matches!(base.as_str(), "enum" | "set")
}

/// Tables at either end of a foreign key on text: one cannot be converted without the other.
fn linked_by_text(catalog: &Catalog) -> BTreeSet<&Name> {
    let mut linked = BTreeSet::new();
    for (object, table) in own_tables(catalog) {
        for (constraint, reference) in foreign_keys(table) {
            if constraint.columns.iter().filter_map(|name| column(table, name)).any(is_text) {
                linked.extend([&object.name, &reference.table]);
            }
        }
    }
    linked
}

fn converted(catalog: &Catalog, object: &Object, linked: &BTreeSet<&Name>, hit: Hit, to: &str) -> Hit {
    if linked.contains(&object.name) {
        return hit.text(
            "Convert it together with the tables that it is linked to by foreign keys on text: drop those keys first and create them again afterwards.",
        );
    }
    let own: Vec<&str> = object
        .columns()
        .iter()
        .filter(|column| is_text(column) && (column.collation.is_some() || column.charset.is_some()))
        .map(|column| column.name.as_str())
        .collect();
    if !own.is_empty() {
        let columns = own.join(", ");
        return hit.text(format!(
            "CONVERT TO CHARACTER SET would take away the collations that columns have of their own ({columns}): change the table's default, and each column by MODIFY with its character set and collation."
        ));
    }
    hit.sql(format!("ALTER TABLE {} CONVERT TO CHARACTER SET {to};", qualified(catalog, &object.name)))
}

/// The character set to convert to; by bytes, where text is compared so now.
fn wide(object: &Object) -> &'static str {
    match attribute(&object.attributes, "collate") {
        Some(collation) if collation.ends_with("_bin") => "utf8mb4 COLLATE utf8mb4_bin",
        _ => "utf8mb4",
    }
}

fn mixed_collations(catalog: &Catalog, found: &mut Found<'_>) {
    let collated: Vec<(&Object, &str)> = own_tables(catalog)
        .filter(|(_, table)| table.columns.iter().any(is_text))
        .filter_map(|(object, _)| Some((object, attribute(&object.attributes, "collate")?)))
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, collation) in &collated {
        *counts.entry(collation).or_default() += 1;
    }
    // Of two that are as frequent the first by name: the same in every run.
    let Some((most, count)) = counts.iter().rev().max_by_key(|(_, count)| **count) else { return };
    let linked = linked_by_text(catalog);
    let tables = if *count == 1 { "table has" } else { "tables have" };
    let to = format!("{} COLLATE {most}", of_collation(most));
    for (object, collation) in collated.iter().filter(|(_, collation)| collation != most) {
        let hit = Hit::new(of_object(object), format!("it has {collation}; {count} {tables} {most}"));
        found.add(converted(catalog, object, &linked, hit, &to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Table;
    use crate::schema::sample::{With, attribute, found, mysql, objects, table};

    #[test]
    fn a_table_is_told_once_and_a_column_by_itself() {
        let own = |charset: &str| {
            let charset = charset.to_owned();
            table("own", ["a varchar(9)"]).change(|table| table.columns[0].charset = Some(charset))
        };
        let catalog = mysql([
            table("good", ["a text"]).attribute("collate", "utf8mb4_0900_ai_ci"),
            table("old", ["a text"]).attribute("collate", "utf8mb3_general_ci"),
            own("utf8"),
        ]);
        let kept = |collation| {
            let own = |table: &mut Table| table.columns[0].collation = Some("utf8mb3_bin".into());
            mysql([table("kept", ["a text", "b text"]).attribute("collate", collation).change(own)])
        };
        assert_eq!(found("utf8mb3", &kept("utf8mb3_general_ci"))[0].fix.sql, None);
        let bytes = mysql([table("bytes", ["a text"]).attribute("collate", "utf8mb3_bin")]);
        assert_eq!(
            found("utf8mb3", &bytes)[0].fix.sql.as_deref(),
            Some("ALTER TABLE `bytes` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;")
        );
        let findings = found("utf8mb3", &catalog);
        assert_eq!(findings[0].object, "old");
        assert_eq!(
            findings[0].fix.sql.as_deref(),
            Some("ALTER TABLE `old` CONVERT TO CHARACTER SET utf8mb4;")
        );
        assert_eq!((findings[1].object.as_str(), findings.len()), ("own.a", 2));
        assert_eq!(objects("narrow-charset", &mysql([own("latin1")])), ["own.a"]);
        assert!(objects("narrow-charset", &mysql([own("ascii")])).is_empty());
    }

    #[test]
    fn tables_that_hang_together_are_not_converted_alone() {
        let old = |object: Object| object.attribute("charset", "utf8mb3");
        let catalog = mysql([
            old(table("child", ["p varchar(9)"]).foreign_key("f", ["p"], "parent", ["id"])),
            old(table("parent", ["id varchar(9)"])),
            old(table("alone", ["a text"])),
            old(table("numbers", ["a int"])),
        ]);
        let told: Vec<(String, bool)> = found("utf8mb3", &catalog)
            .into_iter()
            .map(|finding| (finding.object, finding.fix.sql.is_some()))
            .collect();
        assert_eq!(told, [("alone".into(), true), ("child".into(), false), ("parent".into(), false)]);
    }

    #[test]
    fn the_database_decides_for_a_table_that_does_not_say() {
        let mut catalog = mysql([table("t", ["a text"])]);
        catalog.attributes = vec![attribute("charset", "latin1")];
        assert_eq!(objects("narrow-charset", &catalog), ["t"]);
        assert_eq!(
            bytes_a_letter(&catalog, &catalog.objects[0], catalog.objects[0].columns().first().unwrap()),
            1
        );
    }

    #[test]
    fn the_minority_of_collations_is_told() {
        let make = |name, collation| table(name, ["a text"]).attribute("collate", collation);
        let catalog = mysql([
            make("a", "utf8mb4_bin"),
            make("b", "utf8mb4_0900_ai_ci"),
            make("c", "utf8mb4_0900_ai_ci"),
        ]);
        let findings = found("mixed-collations", &catalog);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].evidence, "it has utf8mb4_bin; 2 tables have utf8mb4_0900_ai_ci");
        assert!(objects("mixed-collations", &mysql([make("a", "utf8mb4_bin")])).is_empty());
    }
}
