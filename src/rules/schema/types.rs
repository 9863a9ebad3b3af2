//! Types that hold something else than people think.

use super::words::{TypeWords, ident, of_column, own_tables, qualified};
use super::{ALL, Found, Hit, POSTGRES, SchemaRule};
use crate::model::catalog::{Catalog, Column, Object};
use crate::model::finding::{Rule, Severity};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "timestamp-without-zone",
            title: "timestamp without time zone",
            severity: Severity::Low,
            engines: POSTGRES,
            why: "It is what a clock on some wall shows, not a moment: the same value means different moments to clients in different zones, and an hour is there twice when summer time ends.",
            fix: "Use timestamptz, and say with AT TIME ZONE which zone the values are of; where the wall clock is meant, waive this.",
            references: &["PostgreSQL manual: Date/Time Types, Time Stamps"],
        },
        check: timestamps,
    },
    SchemaRule {
        rule: Rule {
            id: "char-type",
            title: "text padded with blanks",
            severity: Severity::Low,
            engines: POSTGRES,
            why: "character(n) is padded with blanks that count in some comparisons and not in others, and is no faster than text.",
            fix: "Use text, or varchar(n) where the length has a limit.",
            references: &["PostgreSQL manual: Character Types"],
        },
        check: padded,
    },
    SchemaRule {
        rule: Rule {
            id: "money-type",
            title: "column of type money",
            severity: Severity::Medium,
            engines: POSTGRES,
            why: "The currency and the decimals of money are those of the setting lc_monetary, not of the value: after a change of it, or a restore elsewhere, the same rows mean other amounts.",
            fix: "Use numeric, with the currency in a column of its own.",
            references: &["PostgreSQL manual: Monetary Types"],
        },
        check: money,
    },
    SchemaRule {
        rule: Rule {
            id: "float-for-money",
            title: "amount of money as a binary fraction",
            severity: Severity::Medium,
            engines: ALL,
            why: "Binary fractions cannot hold 0.10: sums are off by cents, and comparing for equality fails.",
            fix: "Use numeric or decimal with the decimals of the currency, or whole cents. SQLite has neither: keep whole cents there.",
            references: &[
                "PostgreSQL manual: Numeric Types, Floating-Point Types",
                "MySQL manual: Problems with Floating-Point Values",
                "SQLite manual: Floating Point Numbers",
            ],
        },
        check: float_money,
    },
];

fn each_column(catalog: &Catalog, mut look: impl FnMut(&Object, &Column, TypeWords)) {
    for (object, table) in own_tables(catalog) {
        for column in table.columns.iter().filter(|column| !column.inherited) {
            look(object, column, TypeWords::of(&column.ty));
        }
    }
}

fn is_one_of(words: &TypeWords, names: &[&str]) -> bool {
    let base = words.base.trim_end_matches("[]");
    names.contains(&base)
}

fn timestamps(catalog: &Catalog, found: &mut Found<'_>) {
    each_column(catalog, |object, column, words| {
        if is_one_of(&words, &["timestamp without time zone", "timestamp"]) {
            found.add(Hit::new(of_column(object, column), format!("its type is {}", column.ty)));
        }
    });
}

fn padded(catalog: &Catalog, found: &mut Found<'_>) {
    each_column(catalog, |object, column, words| {
        if is_one_of(&words, &["character", "char", "bpchar"]) {
            let hit = Hit::new(of_column(object, column), format!("its type is {}", column.ty));
            found.add(match column.generated.is_none() && !column.ty.ends_with("[]") {
                true => hit.sql(retyped(catalog, object, column, "text")),
                false => hit,
            });
        }
    });
}

fn retyped(catalog: &Catalog, object: &Object, column: &Column, ty: &str) -> String {
    let (table, column) = (qualified(catalog, &object.name), ident(catalog, &column.name));
    format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {ty};")
}

fn money(catalog: &Catalog, found: &mut Found<'_>) {
    each_column(catalog, |object, column, words| {
        if is_one_of(&words, &["money"]) {
            found.add(Hit::new(of_column(object, column), "its type is money"));
        }
    });
}

/// What a name says of money, in lower case, as a word of its own.
const MONEY: [&str; 20] = [
    "price", "prices", "amount", "amounts", "cost", "costs", "fee", "fees", "salary", "salaries", "balance",
    "revenue", "subtotal", "payment", "wage", "discount", "refund", "deposit", "tax", "vat",
];

/// Words that with one of [`MONEY`] name something else: a rate, a count.
const NO_MONEY: [&str; 10] =
    ["rate", "ratio", "percent", "percentage", "factor", "pct", "count", "score", "weight", "share"];

fn float_money(catalog: &Catalog, found: &mut Found<'_>) {
    let floats = ["real", "double precision", "double", "float", "float4", "float8"];
    each_column(catalog, |object, column, words| {
        if is_one_of(&words, &floats) && names_money(&column.name) {
            found.add(Hit::new(of_column(object, column), format!("its type is {}", column.ty)));
        }
    });
}

fn names_money(name: &str) -> bool {
    let words = super::names::words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // `total` alone is an amount; `total_weight` is not.
    let total = words == ["total"] || words == ["grand", "total"] || words == ["net", "total"];
    (has(&MONEY) || total) && !has(&NO_MONEY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::{found, mysql, objects, postgres, sqlite, table};

    #[test]
    fn types_of_postgres() {
        let catalog = || {
            postgres([table(
                "t",
                [
                    "a timestamp(3) without time zone",
                    "b timestamp with time zone",
                    "c character(2)",
                    "d character varying(2)",
                    "e money",
                    "f timestamp without time zone[]",
                    "g text",
                ],
            )])
        };
        assert_eq!(objects("timestamp-without-zone", &catalog()), ["public.t.a", "public.t.f"]);
        assert_eq!(objects("money-type", &catalog()), ["public.t.e"]);
        let finding = found("char-type", &catalog()).remove(0);
        assert_eq!(
            finding.fix.sql.as_deref(),
            Some("ALTER TABLE \"public\".\"t\" ALTER COLUMN \"c\" TYPE text;")
        );
        assert!(objects("timestamp-without-zone", &mysql([table("t", ["a timestamp"])])).is_empty());
    }

    #[test]
    fn names_that_speak_of_money() {
        for name in ["price", "unit_price", "totalAmount", "TOTAL", "Net Total", "order_fee", "vat"] {
            assert!(names_money(name), "{name}");
        }
        for name in ["priceless", "total_weight", "tax_rate", "cost_factor", "latitude", "coffee", ""] {
            assert!(!names_money(name), "{name}");
        }
    }

    #[test]
    fn money_is_no_fraction_of_two() {
        let columns = ["price double precision", "tax_rate real", "amount numeric(10,2)", "x real"];
        assert_eq!(objects("float-for-money", &postgres([table("t", columns)])), ["public.t.price"]);
        assert_eq!(objects("float-for-money", &mysql([table("t", ["price float(10,2)"])])), ["t.price"]);
        assert_eq!(objects("float-for-money", &sqlite([table("t", ["price REAL"])])), ["t.price"]);
    }
}
