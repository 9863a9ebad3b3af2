//! Foreign keys and what they refer to: there, unique, and of the same type.

use super::words::{
    Tables, TypeWords, column, foreign_keys, of_constraint, own_tables_and_partitions, primary_key,
};
use super::{ALL, EngineKind, Found, Hit, SchemaRule};
use crate::model::catalog::{Catalog, Column, ConstraintKind, Name, Reference, Table};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "foreign-key-to-nothing",
            title: "foreign key to something that is not there",
            severity: Severity::High,
            engines: &[EngineKind::Sqlite, EngineKind::Mysql, EngineKind::Mariadb],
            why: "With foreign keys enforced every insert into the table fails; without, nothing is checked. It happens when tables are made, renamed or dropped with foreign keys switched off.",
            fix: "Create what is missing, or drop the foreign key.",
            references: &[
                "SQLite manual: Foreign Key Support, Required and Suggested Database Indexes",
                "MySQL manual: FOREIGN KEY Constraints, Foreign Key Checks",
            ],
        },
        check: to_nothing,
    },
    SchemaRule {
        rule: Rule {
            id: "foreign-key-type",
            title: "foreign key of another type than the key it refers to",
            severity: Severity::Medium,
            engines: ALL,
            why: "Values that one side holds may not fit the other, and comparing two types can pass by the index.",
            fix: "Give both columns the same type, the wider of the two.",
            references: &[
                "PostgreSQL manual: Constraints, Foreign Keys",
                "SQLite manual: Datatypes, Type Affinity",
            ],
        },
        check: types_differ,
    },
];

fn to_nothing(catalog: &Catalog, found: &mut Found<'_>) {
    let tables = Tables::of(catalog);
    for (object, table) in own_tables_and_partitions(catalog) {
        for (constraint, reference) in foreign_keys(table) {
            // Another database of the server is not in this catalog.
            if !reference.table.schema.is_empty() {
                continue;
            }
            let missing = match tables.get(&reference.table) {
                None => Some(format!("there is no table {}", reference.table)),
                Some((_, other)) => {
                    missing_part(catalog, &reference.table, reference, other, constraint.columns.len())
                }
            };
            if let Some(evidence) = missing {
                found.add(Hit::new(of_constraint(object, constraint), evidence));
            }
        }
    }
}

fn missing_part(
    catalog: &Catalog,
    name: &Name,
    to: &Reference,
    other: &Table,
    count: usize,
) -> Option<String> {
    let referenced = referenced(to, other);
    if referenced.is_empty() {
        return Some(format!("{name} has no primary key to refer to"));
    }
    if referenced.len() != count {
        return Some(format!("the primary key of {name} has {} columns, not {count}", referenced.len()));
    }
    if let Some(gone) = referenced.iter().find(|wanted| column(other, wanted).is_none()) {
        return Some(format!("{name} has no column {gone}"));
    }
    // InnoDB takes any index; SQLite refuses every change of rows without a unique one.
    let unique = catalog.engine != EngineKind::Sqlite || is_unique(other, &referenced);
    (!unique).then(|| format!("({}) of {name} is not unique", referenced.join(", ")))
}

/// The columns at the other end; the primary key where none are named.
fn referenced(to: &Reference, other: &Table) -> Vec<String> {
    match to.referenced.is_empty() {
        true => primary_key(other).map(|key| key.columns.clone()).unwrap_or_default(),
        false => to.referenced.clone(),
    }
}

fn is_unique(table: &Table, columns: &[String]) -> bool {
    let same = |names: Vec<&str>| {
        names.len() == columns.len()
            && columns.iter().all(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let by_constraint = table.constraints.iter().any(|constraint| {
        matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
            && same(constraint.columns.iter().map(String::as_str).collect())
    });
    let by_index = table.indexes.iter().any(|index| {
        index.unique
            && index.predicate.is_none()
            && index.keys.iter().all(|key| key.column.is_some())
            && same(index.keys.iter().filter_map(|key| key.column.as_deref()).collect())
    });
    by_constraint || by_index
}

fn types_differ(catalog: &Catalog, found: &mut Found<'_>) {
    let tables = Tables::of(catalog);
    for (object, table) in own_tables_and_partitions(catalog) {
        for (constraint, reference) in foreign_keys(table) {
            let Some((_, other)) = tables.get(&reference.table) else { continue };
            let theirs = referenced(reference, other);
            let pairs = constraint
                .columns
                .iter()
                .zip(&theirs)
                .filter_map(|(mine, theirs)| Some((column(table, mine)?, column(other, theirs)?)));
            let mut differ =
                pairs.filter(|(mine, theirs)| type_word(catalog, mine) != type_word(catalog, theirs));
            if let Some((mine, theirs)) = differ.next() {
                let evidence = format!(
                    "{} is {}, {}.{} is {}",
                    mine.name,
                    shown(mine),
                    catalog.short(&reference.table),
                    theirs.name,
                    shown(theirs)
                );
                found.add(Hit::new(of_constraint(object, constraint), evidence));
            }
        }
    }
}

fn shown(column: &Column) -> &str {
    if column.ty.is_empty() { "of no type" } else { &column.ty }
}

/// What must be the same on both sides: the type without its length, or what SQLite makes of it.
fn type_word(catalog: &Catalog, column: &Column) -> String {
    if catalog.engine == EngineKind::Sqlite {
        return super::storage::affinity(&column.ty).to_owned();
    }
    let words = TypeWords::of(&column.ty);
    match words.unsigned {
        true => format!("{} unsigned", words.base),
        false => words.base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Object;
    use crate::schema::sample::{With, found, mysql, objects, postgres, sqlite, table};

    fn child(columns: [&str; 1], to: &str) -> Object {
        table("child", columns).foreign_key("f", ["p"], "parent", [to])
    }

    fn evidence(rule: &str, catalog: &Catalog) -> Vec<String> {
        found(rule, catalog).into_iter().map(|finding| finding.evidence).collect()
    }

    #[test]
    fn what_is_referred_to_must_be_there() {
        let parent = || table("parent", ["id INTEGER", "n INTEGER"]).primary_key(["id"]);
        let rule = "foreign-key-to-nothing";
        let child = |to| child(["p INTEGER"], to);
        assert_eq!(evidence(rule, &sqlite([child("id")])), ["there is no table parent"]);
        assert_eq!(evidence(rule, &sqlite([child("x"), parent()])), ["parent has no column x"]);
        assert_eq!(evidence(rule, &sqlite([child("n"), parent()])), ["(n) of parent is not unique"]);
        assert!(evidence(rule, &sqlite([child("id"), parent()])).is_empty());
        assert!(evidence(rule, &sqlite([child("ID"), parent()])).is_empty());
        assert!(evidence(rule, &sqlite([child("n"), parent().unique("u", ["n"])])).is_empty());
        assert!(evidence(rule, &mysql([child("n"), parent()])).is_empty());
        let implicit = || {
            child("id").change(|table| {
                if let ConstraintKind::ForeignKey(to) = &mut table.constraints[0].kind {
                    to.referenced.clear();
                }
            })
        };
        assert!(evidence(rule, &sqlite([implicit(), parent()])).is_empty());
        let keyless = table("parent", ["id INTEGER"]);
        assert_eq!(evidence(rule, &sqlite([implicit(), keyless])), ["parent has no primary key to refer to"]);
        let wide = table("parent", ["a INTEGER", "b INTEGER"]).primary_key(["a", "b"]);
        assert_eq!(
            evidence(rule, &sqlite([implicit(), wide])),
            ["the primary key of parent has 2 columns, not 1"]
        );
    }

    #[test]
    fn both_ends_have_one_type() {
        let told = |make: fn([Object; 2]) -> Catalog, mine: &str, theirs: &str| {
            let (mine, theirs) = (format!("p {mine}"), format!("id {theirs}"));
            let parent = table("parent", [theirs.as_str()]).primary_key(["id"]);
            !objects("foreign-key-type", &make([child([&mine], "id"), parent])).is_empty()
        };
        assert!(told(postgres, "integer", "bigint"));
        assert!(!told(postgres, "character varying(10)", "character varying(20)"));
        assert!(told(postgres, "text", "character varying(20)"));
        assert!(told(mysql, "int", "int unsigned"));
        assert!(!told(mysql, "int(11)", "int"));
        assert!(told(sqlite, "TEXT", "INTEGER"));
        assert!(!told(sqlite, "INT", "INTEGER"));
        assert!(!told(sqlite, "VARCHAR(20)", "TEXT"));
    }

    #[test]
    fn the_evidence_names_both() {
        let parent = table("parent", ["id bigint not null"]).primary_key(["id"]);
        let catalog = postgres([child(["p integer"], "id"), parent]);
        assert_eq!(evidence("foreign-key-type", &catalog), ["p is integer, parent.id is bigint"]);
    }
}
