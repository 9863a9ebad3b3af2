//! Primary keys: there, narrow, and never NULL.

use super::words::{TypeWords, column, ident, of_object, own_tables, primary_key, qualified};
use super::{ALL, Found, Hit, MYSQL, SQLITE, SchemaRule};
use crate::model::catalog::{Catalog, Column, Constraint, IndexKey, Object, Table, attribute};
use crate::model::finding::{Rule, Severity};
use crate::model::target::EngineKind;

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "no-primary-key",
            title: "table without a primary key",
            severity: Severity::Medium,
            engines: ALL,
            why: "Rows cannot be named: replication, change capture and tools that compare or repair rows need a key. InnoDB makes a hidden one of its own, and logical replication in PostgreSQL refuses UPDATE and DELETE.",
            fix: "Declare the columns that name a row as primary key, or add a numbered column for it.",
            references: &[
                "PostgreSQL manual: Constraints, Primary Keys",
                "MySQL manual: Clustered and Secondary Indexes",
                "SQLite manual: Rowid Tables",
            ],
        },
        check: no_primary_key,
    },
    SchemaRule {
        rule: Rule {
            id: "nullable-primary-key",
            title: "primary key that takes NULL",
            severity: Severity::Medium,
            engines: SQLITE,
            why: "SQLite lets NULL into a primary key that is not an INTEGER PRIMARY KEY, unless the column says NOT NULL or the table is STRICT or WITHOUT ROWID; any number of rows then have no key.",
            fix: "Declare the columns NOT NULL when the table is built anew.",
            references: &["SQLite manual: CREATE TABLE, The PRIMARY KEY"],
        },
        check: nullable_primary_key,
    },
    SchemaRule {
        rule: Rule {
            id: "wide-primary-key",
            title: "wide primary key in every secondary index",
            severity: Severity::Low,
            engines: MYSQL,
            why: "InnoDB keeps rows in the order of the primary key and repeats the key in every entry of every other index, so a wide key makes all of them bigger, and random keys split pages.",
            fix: "Use a number as primary key and keep the wide columns as a unique key; store a UUID as BINARY(16).",
            references: &[
                "MySQL manual: Clustered and Secondary Indexes",
                "MariaDB manual: InnoDB Limitations",
            ],
        },
        check: wide_primary_key,
    },
];

fn no_primary_key(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        // Child tables by inheritance are held to it as well: the parent's key does not reach them.
        if primary_key(table).is_some() || table.columns.is_empty() {
            continue;
        }
        let candidate = candidate(table);
        let evidence = match &candidate {
            Some((index, _)) => format!("only the unique index {index} names its rows"),
            None => "no constraint names its rows".to_owned(),
        };
        let mut hit = Hit::new(of_object(object), evidence);
        if let Some((index, columns)) = candidate {
            hit = promoted(catalog, object, table, hit, &index, &columns).severity(Severity::Low);
        } else if catalog.engine == EngineKind::Sqlite {
            // Rows have a rowid, though nothing may refer to it.
            hit = hit.severity(Severity::Low);
        }
        found.add(hit);
    }
}

/// A unique index without NULLs: all that a primary key is but its name.
fn candidate(table: &Table) -> Option<(String, Vec<String>)> {
    table.indexes.iter().find_map(|index| {
        let columns: Option<Vec<String>> = index.keys.iter().map(|key| whole_column(key, table)).collect();
        let good = index.unique && index.usable && index.predicate.is_none();
        columns.filter(|_| good).map(|columns| (index.name.clone(), columns))
    })
}

fn whole_column(key: &IndexKey, table: &Table) -> Option<String> {
    let name = key.column.as_ref().filter(|_| key.prefix.is_none())?;
    column(table, name).filter(|column| !column.nullable).map(|_| name.clone())
}

fn promoted(
    catalog: &Catalog,
    object: &Object,
    table: &Table,
    hit: Hit,
    index: &str,
    columns: &[String],
) -> Hit {
    let name = qualified(catalog, &object.name);
    let listed = super::words::idents(catalog, columns.iter().map(String::as_str));
    let of_constraint = table.indexes.iter().any(|each| each.name == index && each.constraint.is_some());
    match catalog.engine {
        EngineKind::Postgres if !of_constraint && table.partitioning.is_none() => {
            let index = ident(catalog, index);
            hit.sql(format!("ALTER TABLE {name} ADD PRIMARY KEY USING INDEX {index};"))
        }
        EngineKind::Sqlite => hit,
        _ => hit.sql(format!("ALTER TABLE {name} ADD PRIMARY KEY ({listed});")),
    }
}

fn nullable_primary_key(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        let Some(key) = primary_key(table) else { continue };
        let strict = |word| attribute(&object.attributes, word).is_some();
        if strict("strict") || strict("without rowid") || is_rowid(table, key) {
            continue;
        }
        let nullable: Vec<&str> = key_columns(table, key)
            .filter(|column| column.nullable)
            .map(|column| column.name.as_str())
            .collect();
        if !nullable.is_empty() {
            let what = nullable.join(", ");
            found.add(Hit::new(of_object(object), format!("{what} of the primary key may be NULL")));
        }
    }
}

/// `INTEGER PRIMARY KEY` is the row's own number.
fn is_rowid(table: &Table, key: &Constraint) -> bool {
    let mut columns = key_columns(table, key);
    matches!((columns.next(), columns.next()), (Some(only), None) if only.ty.eq_ignore_ascii_case("integer"))
}

fn key_columns<'a>(table: &'a Table, key: &'a Constraint) -> impl Iterator<Item = &'a Column> {
    key.columns.iter().filter_map(|name| column(table, name))
}

/// More than a UUID as text in one byte a letter would be too much; two BIGINTs are not.
const WIDE: u32 = 32;

fn wide_primary_key(catalog: &Catalog, found: &mut Found<'_>) {
    let innodb = |object: &Object| {
        attribute(&object.attributes, "engine").is_none_or(|engine| engine.eq_ignore_ascii_case("innodb"))
    };
    for (object, table) in own_tables(catalog).filter(|(object, _)| innodb(object)) {
        let Some(key) = primary_key(table) else { continue };
        let widths: Option<Vec<u32>> =
            key_columns(table, key).map(|column| width(catalog, object, column)).collect();
        let Some(bytes) = widths.map(|widths| widths.iter().sum::<u32>()) else { continue };
        let others = table.indexes.iter().filter(|index| !is_of(index, key)).count();
        if bytes > WIDE && others > 0 {
            let columns = key.columns.join(", ");
            let carried = match others {
                1 => "1 other index".to_owned(),
                _ => format!("{others} other indexes"),
            };
            let evidence = format!("({columns}) takes up to {bytes} bytes, again in {carried}");
            found.add(Hit::new(of_object(object), evidence));
        }
    }
}

fn is_of(index: &crate::model::catalog::Index, key: &Constraint) -> bool {
    index.name == "PRIMARY" || (index.constraint.is_some() && index.constraint == key.name)
}

/// The most bytes that a value takes in a key. (MySQL: Data Type Storage Requirements.)
fn width(catalog: &Catalog, object: &Object, column: &Column) -> Option<u32> {
    let ty = TypeWords::of(&column.ty);
    let first = ty.numbers.first().copied();
    let letters = || first.unwrap_or(1).checked_mul(super::charsets::bytes_a_letter(catalog, object, column));
    Some(match ty.base.as_str() {
        "tinyint" | "year" | "boolean" => 1,
        "smallint" => 2,
        "mediumint" | "date" => 3,
        "int" | "integer" | "float" | "inet4" => 4,
        "bigint" | "double" | "datetime" | "timestamp" | "time" => 8,
        "uuid" | "inet6" => 16,
        "enum" => 2,
        "set" => 8,
        "bit" => first.unwrap_or(1).div_ceil(8),
        "decimal" | "numeric" => first.unwrap_or(10).div_ceil(2) + 1,
        "char" => letters()?,
        "varchar" => letters()?.checked_add(2)?,
        "binary" => first.unwrap_or(1),
        "varbinary" => first?.checked_add(2)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Index;
    use crate::schema::sample::{With, found, index, mariadb, mysql, objects, postgres, sqlite, table};

    #[test]
    fn a_table_needs_a_key() {
        let catalog = postgres([
            table("good", ["id integer not null"]).primary_key(["id"]),
            table("bad", ["id integer"]),
            table("partition", ["id integer"]).change(|table| table.partition_of = Some(Default::default())),
            table("elsewhere", ["id integer"]).change(|table| table.foreign = Some("server".into())),
        ]);
        let findings = found("no-primary-key", &catalog);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].id, "no-primary-key:public.bad");
        assert_eq!(findings[0].severity, Severity::Medium);
        assert_eq!(findings[0].fix.sql, None);
    }

    #[test]
    fn a_unique_index_can_become_the_key() {
        let unique = || Index { unique: true, ..index("u", ["a"]) };
        let make = || table("t", ["a integer not null"]).index(unique());
        let sql = |catalog| found("no-primary-key", &catalog).remove(0).fix.sql.unwrap_or_default();
        assert_eq!(
            sql(postgres([make()])),
            "ALTER TABLE \"public\".\"t\" ADD PRIMARY KEY USING INDEX \"u\";"
        );
        assert_eq!(sql(mysql([make()])), "ALTER TABLE `t` ADD PRIMARY KEY (`a`);");
        assert_eq!(sql(sqlite([make()])), "");
        let nullable = table("t", ["a integer"]).index(unique());
        let partial =
            table("t", ["a integer not null"]).index(Index { predicate: Some("a > 0".into()), ..unique() });
        for other in [nullable, partial] {
            assert_eq!(sql(postgres([other])), "");
        }
    }

    #[test]
    fn null_in_a_key_of_sqlite() {
        let catalog = sqlite([
            table("a", ["id INTEGER"]).primary_key(["id"]),
            table("b", ["id INT"]).primary_key(["id"]),
            table("c", ["x TEXT not null", "y TEXT"]).primary_key(["x", "y"]),
            table("d", ["id TEXT"]).primary_key(["id"]).attribute("strict", ""),
            table("e", ["id TEXT"]).primary_key(["id"]).attribute("without rowid", ""),
            table("f", ["id TEXT not null"]).primary_key(["id"]),
        ]);
        let findings = found("nullable-primary-key", &catalog);
        let seen: Vec<&str> = findings.iter().map(|finding| finding.object.as_str()).collect();
        assert_eq!(seen, ["b", "c"]);
        assert_eq!(findings[1].evidence, "y of the primary key may be NULL");
    }

    #[test]
    fn wide_keys_matter_where_they_are_repeated() {
        let keyed = |name, ty: &str| {
            let column = format!("id {ty} not null");
            table(name, [column.as_str(), "n int"]).primary_key(["id"])
        };
        let catalog = mysql([
            keyed("a", "char(36)").index(index("n", ["n"])).attribute("charset", "utf8mb4"),
            keyed("b", "char(36)"),
            keyed("c", "binary(16)").index(index("n", ["n"])),
            keyed("d", "bigint unsigned").index(index("n", ["n"])),
            keyed("e", "char(36)").index(index("n", ["n"])).attribute("engine", "MyISAM"),
            keyed("f", "varchar(20)").index(index("n", ["n"])).attribute("charset", "ascii"),
        ]);
        let findings = found("wide-primary-key", &catalog);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].evidence, "(id) takes up to 144 bytes, again in 1 other index");
        let uuid = mariadb([keyed("a", "uuid").index(index("n", ["n"]))]);
        assert!(objects("wide-primary-key", &uuid).is_empty());
    }
}
