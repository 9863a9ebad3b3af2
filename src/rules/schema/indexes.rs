//! Indexes that cost writes and space and serve no query that another does not.

use super::words::{ident, of_index, own_tables, own_tables_and_partitions, primary_key, qualified};
use super::{ALL, EngineKind, Found, Hit, MYSQL, POSTGRES, SchemaRule};
use crate::model::catalog::{Catalog, Index, Name, Object, Table};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "duplicate-index",
            title: "index that is there twice",
            severity: Severity::Medium,
            engines: ALL,
            why: "Both are kept up to date by every write and take space and cache; only one of them is ever used.",
            fix: "Drop the one that no constraint needs.",
            references: &[
                "PostgreSQL manual: Examining Index Usage",
                "MySQL manual: Optimization and Indexes",
                "SQLite manual: CREATE INDEX",
            ],
        },
        check: duplicates,
    },
    SchemaRule {
        rule: Rule {
            id: "redundant-index",
            title: "index that another one begins with",
            severity: Severity::Low,
            engines: ALL,
            why: "An index on (a, b) finds rows by a as well, so one on (a) alone is seldom worth its writes. It can be, when the longer one is much wider, or when rows of one a are wanted in the order of the primary key.",
            fix: "Drop the shorter index after looking at how both are used.",
            references: &[
                "PostgreSQL manual: Multicolumn Indexes",
                "MySQL manual: Multiple-Column Indexes",
                "SQLite manual: Query Planning",
            ],
        },
        check: redundant,
    },
    SchemaRule {
        rule: Rule {
            id: "invalid-index",
            title: "index that a failed build left behind",
            severity: Severity::High,
            engines: POSTGRES,
            why: "A CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that failed leaves an invalid index: no query uses it, a unique one may not hold, and every write still pays for it.",
            fix: "Build it again, or drop it.",
            references: &["PostgreSQL manual: CREATE INDEX, Building Indexes Concurrently"],
        },
        check: unusable,
    },
    SchemaRule {
        rule: Rule {
            id: "invisible-index",
            title: "index that queries may not use",
            severity: Severity::Low,
            engines: MYSQL,
            why: "An invisible (MySQL) or ignored (MariaDB) index is kept up to date by every write and used by no query: the usual trial before it is dropped.",
            fix: "Drop it when the trial is over, or make it visible again.",
            references: &["MySQL manual: Invisible Indexes", "MariaDB manual: Ignored Indexes"],
        },
        check: unusable,
    },
];

/// Only these find rows by the first of their columns.
fn is_ordered(index: &Index) -> bool {
    matches!(index.method.as_str(), "" | "btree")
}

/// Whether `other` does all that `index` does.
fn does_the_same(other: &Index, index: &Index) -> bool {
    other.usable
        && other.keys == index.keys
        && (other.method == index.method || (is_ordered(other) && is_ordered(index)))
        && other.predicate == index.predicate
        && (other.unique || !index.unique)
        && (other.nulls_not_distinct || !index.nulls_not_distinct || !index.unique)
        && index.include.iter().all(|column| other.include.contains(column))
}

/// Of two that do the same, the one that can go: not the primary key's, rather none of a
/// constraint, and the later by name.
fn goes_first(table: &Table, index: &Index, other: &Index) -> bool {
    let rank = |index: &Index| (!is_primary(table, index), index.constraint.is_none(), index.name.to_owned());
    rank(index) > rank(other)
}

fn is_primary(table: &Table, index: &Index) -> bool {
    let columns = || index.keys.iter().map(|key| key.column.as_ref());
    primary_key(table).is_some_and(|key| match &key.name {
        Some(name) => index.constraint.as_ref() == Some(name),
        None => index.constraint.is_some() && columns().eq(key.columns.iter().map(Some)),
    })
}

/// The index beside which this one is not needed.
fn twin<'a>(table: &'a Table, index: &Index) -> Option<&'a Index> {
    table.indexes.iter().find(|other| {
        index.usable
            && !std::ptr::eq(*other, index)
            && does_the_same(other, index)
            && (!does_the_same(index, other) || goes_first(table, index, other))
    })
}

fn duplicates(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        for index in table.indexes.iter().filter(|index| index.usable) {
            match twin(table, index) {
                Some(twin) => found.add(dropped(catalog, object, table, index, &same_as(twin))),
                None if is_the_rowid(catalog, object, table, index) => {
                    let evidence = "it repeats the primary key, by which the rows are stored";
                    found.add(dropped(catalog, object, table, index, evidence));
                }
                None => {}
            }
        }
    }
}

fn same_as(twin: &Index) -> String {
    match twin.constraint.as_ref().filter(|constraint| **constraint != twin.name) {
        Some(constraint) => format!("it does nothing that the index of {constraint} does not do"),
        None => format!("it does nothing that {} does not do", twin.name),
    }
}

/// An index on `INTEGER PRIMARY KEY`, which in SQLite has no index because the rows are its order.
fn is_the_rowid(catalog: &Catalog, object: &Object, table: &Table, index: &Index) -> bool {
    let Some(key) = primary_key(table).filter(|_| catalog.engine == EngineKind::Sqlite) else { return false };
    let [index_key] = index.keys.as_slice() else { return false };
    key.columns.len() == 1
        && index.constraint.is_none()
        && index.predicate.is_none()
        && index_key.column.as_ref() == key.columns.first()
        && crate::model::catalog::attribute(&object.attributes, "without rowid").is_none()
        && super::words::column(table, &key.columns[0])
            .is_some_and(|column| column.ty.eq_ignore_ascii_case("integer"))
}

fn redundant(catalog: &Catalog, found: &mut Found<'_>) {
    for (object, table) in own_tables(catalog) {
        for index in &table.indexes {
            let droppable = index.usable && !index.unique && index.constraint.is_none() && is_ordered(index);
            // A duplicate is told already.
            let droppable = droppable && twin(table, index).is_none();
            let longer = table.indexes.iter().find(|other| droppable && begins_with(other, index));
            if let Some(longer) = longer {
                found.add(dropped(catalog, object, table, index, &format!("{} begins with it", longer.name)));
            }
        }
    }
}

/// Whether `longer` finds every row that `index` finds, and by more columns.
fn begins_with(longer: &Index, index: &Index) -> bool {
    let length = index.keys.len();
    let holds = |column: &String| {
        longer.include.contains(column)
            || longer.keys[length..].iter().any(|key| key.column.as_ref() == Some(column))
    };
    longer.usable
        && is_ordered(longer)
        && longer.keys.len() > length
        && longer.keys[..length] == index.keys
        && longer.predicate == index.predicate
        && index.include.iter().all(holds)
}

fn unusable(catalog: &Catalog, found: &mut Found<'_>) {
    // A partition's index fails by itself.
    for (object, table) in own_tables_and_partitions(catalog) {
        for index in table.indexes.iter().filter(|index| !index.usable) {
            let hit = Hit::new(of_index(object, index), "no query uses it");
            found.add(match catalog.engine {
                EngineKind::Postgres if table.partitioning.is_some() => {
                    hit.text("Attach to it an index of every partition: it is valid when none is missing.")
                }
                EngineKind::Postgres => {
                    hit.sql(format!("REINDEX INDEX CONCURRENTLY {};", in_schema(catalog, object, index)))
                }
                _ => hit.undo(creation(catalog, object, index)).sql(drop_sql(catalog, object, table, index)),
            });
        }
    }
}

/// A finding that ends with the index dropped, where that is one statement.
fn dropped(catalog: &Catalog, object: &Object, table: &Table, index: &Index, evidence: &str) -> Hit {
    let hit = Hit::new(of_index(object, index), evidence);
    // In MySQL and MariaDB the index is the constraint.
    let is_own = matches!(catalog.engine, EngineKind::Mysql | EngineKind::Mariadb);
    match index.constraint.as_ref().filter(|_| !is_own) {
        Some(constraint) => {
            hit.text(format!("Drop the constraint {constraint}, unless a foreign key relies on it."))
        }
        None => hit.undo(creation(catalog, object, index)).sql(drop_sql(catalog, object, table, index)),
    }
}

/// An index lives in the schema of its table.
fn in_schema(catalog: &Catalog, object: &Object, index: &Index) -> String {
    qualified(catalog, &Name::new(object.name.schema.as_str(), index.name.as_str()))
}

fn drop_sql(catalog: &Catalog, object: &Object, table: &Table, index: &Index) -> String {
    match catalog.engine {
        // An index of a partitioned table cannot be dropped concurrently.
        EngineKind::Postgres if table.partitioning.is_some() => {
            format!("DROP INDEX {};", in_schema(catalog, object, index))
        }
        EngineKind::Postgres => format!("DROP INDEX CONCURRENTLY {};", in_schema(catalog, object, index)),
        EngineKind::Sqlite => format!("DROP INDEX {};", ident(catalog, &index.name)),
        EngineKind::Mysql | EngineKind::Mariadb => {
            let (table, index) = (qualified(catalog, &object.name), ident(catalog, &index.name));
            format!("ALTER TABLE {table} DROP INDEX {index};")
        }
    }
}

/// The statement that makes the index again: the engine's own, or one put together where the
/// index has nothing but columns.
fn creation(catalog: &Catalog, object: &Object, index: &Index) -> Option<String> {
    if let Some(definition) = index.definition.as_deref().filter(|text| starts_with_create(text)) {
        return Some(format!("{definition};"));
    }
    let plain = |index: &Index| {
        index.include.is_empty()
            && index.predicate.is_none()
            && index.attributes.is_empty()
            && index.usable
            && is_ordered(index)
    };
    let keys: Option<Vec<String>> = index.keys.iter().map(|key| plain_key(catalog, key)).collect();
    let keys = keys.filter(|_| plain(index) && catalog.engine != EngineKind::Postgres)?.join(", ");
    let unique = if index.unique { "UNIQUE " } else { "" };
    let (name, table) = (ident(catalog, &index.name), qualified(catalog, &object.name));
    Some(format!("CREATE {unique}INDEX {name} ON {table} ({keys});"))
}

fn starts_with_create(text: &str) -> bool {
    text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("create "))
}

fn plain_key(catalog: &Catalog, key: &crate::model::catalog::IndexKey) -> Option<String> {
    let name = key.column.as_ref().filter(|_| key.collation.is_none() && key.nulls_first.is_none())?;
    let prefix = key.prefix.map(|length| format!("({length})")).unwrap_or_default();
    let order = if key.descending { " DESC" } else { "" };
    Some(format!("{}{prefix}{order}", ident(catalog, name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::IndexKey;
    use crate::schema::sample::{With, found, index, mariadb, mysql, objects, postgres, sqlite, table};

    /// The indexes of a table on `a, b, c` that a rule finds fault with.
    fn faults<const N: usize>(rule: &str, indexes: [Index; N]) -> Vec<String> {
        let mut object =
            table("t", ["id integer not null", "a integer", "b integer", "c integer"]).primary_key(["id"]);
        for index in indexes {
            object = object.index(index);
        }
        objects(rule, &postgres([object]))
    }

    fn unique(index: Index) -> Index {
        Index { unique: true, ..index }
    }

    #[test]
    fn of_twins_one_is_told() {
        assert_eq!(faults("duplicate-index", [index("x", ["a"]), index("y", ["a"])]), ["public.t.y"]);
        assert_eq!(faults("duplicate-index", [unique(index("y", ["a"])), index("x", ["a"])]), ["public.t.x"]);
        assert_eq!(faults("duplicate-index", [index("key", ["id"])]), ["public.t.key"]);
        let three = [index("x", ["a"]), index("y", ["a"]), index("z", ["a"])];
        assert_eq!(faults("duplicate-index", three), ["public.t.y", "public.t.z"]);
    }

    #[test]
    fn what_differs_is_no_twin() {
        let others: [Index; 9] = [
            index("y", ["b"]),
            index("y", ["b", "a"]),
            Index { method: "gin".into(), ..index("y", ["a"]) },
            Index { predicate: Some("b > 0".into()), ..index("y", ["a"]) },
            Index { include: vec!["b".into()], ..index("w", ["a"]) },
            Index { usable: false, ..index("y", ["a"]) },
            with_key(|key| key.opclass = Some("text_pattern_ops".into())),
            with_key(|key| key.descending = true),
            with_key(|key| key.collation = Some("C".into())),
        ];
        for other in others {
            // The one with INCLUDE does all that the plain one does.
            let expected: &[&str] = if other.include.is_empty() { &[] } else { &["public.t.x"] };
            assert_eq!(faults("duplicate-index", [index("x", ["a"]), other.clone()]), expected, "{other:?}");
        }
    }

    fn with_key(change: impl FnOnce(&mut IndexKey)) -> Index {
        let mut index = index("y", ["a"]);
        change(&mut index.keys[0]);
        index
    }

    #[test]
    fn the_beginning_of_another_is_redundant() {
        let long = || index("long", ["a", "b"]);
        assert_eq!(faults("redundant-index", [index("x", ["a"]), long()]), ["public.t.x"]);
        assert_eq!(faults("redundant-index", [index("x", ["a"]), unique(long())]), ["public.t.x"]);
        let including = |column: &str| Index { include: vec![column.into()], ..index("x", ["a"]) };
        assert_eq!(faults("redundant-index", [including("b"), long()]), ["public.t.x"]);
        for kept in [
            index("x", ["b"]),
            index("x", ["b", "a"]),
            unique(index("x", ["a"])),
            including("c"),
            Index { predicate: Some("a > 0".into()), ..index("x", ["a"]) },
            Index { method: "hash".into(), ..index("x", ["a"]) },
            Index { constraint: Some("x".into()), ..index("x", ["a"]) },
            with_key(|key| key.prefix = Some(10)),
            with_key(|key| key.opclass = Some("text_pattern_ops".into())),
        ] {
            assert!(faults("redundant-index", [kept.clone(), long()]).is_empty(), "{kept:?}");
        }
        for longer in [
            Index { usable: false, ..long() },
            Index { predicate: Some("b > 0".into()), ..long() },
            Index { method: "gin".into(), ..long() },
        ] {
            assert!(faults("redundant-index", [index("x", ["a"]), longer.clone()]).is_empty(), "{longer:?}");
        }
    }

    #[test]
    fn expressions_are_compared_as_they_are_written() {
        let lower = |name: &str, more: &[&str]| {
            let key = IndexKey { expression: Some("lower(a)".into()), ..IndexKey::default() };
            let more =
                more.iter().map(|column| IndexKey { column: Some((*column).into()), ..IndexKey::default() });
            Index { keys: std::iter::once(key).chain(more).collect(), ..index(name, [""]) }
        };
        assert_eq!(faults("duplicate-index", [lower("x", &[]), lower("y", &[])]), ["public.t.y"]);
        assert_eq!(faults("redundant-index", [lower("x", &[]), lower("y", &["b"])]), ["public.t.x"]);
    }

    #[test]
    fn dropping_can_be_undone() {
        let make = || table("t", ["a int", "b int"]).index(index("x", ["a"])).index(index("y", ["a"]));
        let fix = |catalog| {
            let finding = found("duplicate-index", &catalog).remove(0);
            (finding.fix.sql.unwrap(), finding.undo)
        };
        assert_eq!(
            fix(mysql([make()])),
            ("ALTER TABLE `t` DROP INDEX `y`;".into(), Some("CREATE INDEX `y` ON `t` (`a`);".into()))
        );
        assert_eq!(
            fix(sqlite([make()])),
            ("DROP INDEX \"y\";".into(), Some("CREATE INDEX \"y\" ON \"t\" (\"a\");".into()))
        );
        let own = "CREATE INDEX y ON public.t USING btree (a)";
        let make = make().change(|table| table.indexes[1].definition = Some(own.into()));
        assert_eq!(
            fix(postgres([make])),
            ("DROP INDEX CONCURRENTLY \"public\".\"y\";".into(), Some(format!("{own};")))
        );
    }

    #[test]
    fn a_twin_of_a_constraint_goes_by_its_constraint() {
        let catalog = postgres([table("t", ["id integer"]).primary_key(["id"]).unique("u", ["id"])]);
        let finding = found("duplicate-index", &catalog).remove(0);
        assert_eq!((finding.object.as_str(), finding.fix.sql), ("public.t.u", None));
        assert_eq!(finding.fix.text, "Drop the constraint u, unless a foreign key relies on it.");
    }

    #[test]
    fn an_index_on_the_rowid_is_one_too_many() {
        let make = |ty: &str| {
            let column = format!("id {ty} not null");
            table("t", [column.as_str()])
                .primary_key(["id"])
                .change(|table| table.indexes.clear())
                .index(index("x", ["id"]))
        };
        assert_eq!(objects("duplicate-index", &sqlite([make("INTEGER")])), ["t.x"]);
        assert!(objects("duplicate-index", &sqlite([make("INT")])).is_empty());
        let without = make("INTEGER").attribute("without rowid", "");
        assert!(objects("duplicate-index", &sqlite([without])).is_empty());
    }

    #[test]
    fn an_index_that_is_not_used_is_told_by_its_engine() {
        let make = || table("t", ["a int"]).index(Index { usable: false, ..index("x", ["a"]) });
        let finding = found("invalid-index", &postgres([make()])).remove(0);
        assert_eq!(finding.fix.sql.as_deref(), Some("REINDEX INDEX CONCURRENTLY \"public\".\"x\";"));
        let finding = found("invisible-index", &mariadb([make()])).remove(0);
        assert_eq!(finding.fix.sql.as_deref(), Some("ALTER TABLE `t` DROP INDEX `x`;"));
        assert!(found("invalid-index", &mysql([make()])).is_empty());
        let parent = make().change(|table| table.partitioning = Some(Default::default()));
        assert_eq!(found("invalid-index", &postgres([parent])).remove(0).fix.sql, None);
    }
}
