//! Names that must be quoted, and names in two styles.

use super::words::{dialect, of_column, of_object, own_tables};
use super::{ALL, Found, Hit, SchemaRule};
use crate::model::catalog::Catalog;
use crate::model::finding::{Rule, Severity, Subject};

pub const RULES: &[SchemaRule] = &[
    SchemaRule {
        rule: Rule {
            id: "reserved-word",
            title: "name that is a reserved word",
            severity: Severity::Low,
            engines: ALL,
            why: "A statement that forgets the quotes is a syntax error, or means something else: user in PostgreSQL is the current user.",
            fix: "Choose another name, or quote it everywhere.",
            references: &[
                "PostgreSQL manual: SQL Key Words",
                "MySQL manual: Keywords and Reserved Words",
                "SQLite manual: SQLite Keywords",
            ],
        },
        check: reserved,
    },
    SchemaRule {
        rule: Rule {
            id: "name-needs-quotes",
            title: "name that must be quoted",
            severity: Severity::Low,
            engines: ALL,
            why: "Without quotes the name is not found: PostgreSQL folds it to lower case, and blanks and signs end it.",
            fix: "Use lower-case letters, digits and underscores.",
            references: &[
                "PostgreSQL manual: Lexical Structure, Identifiers and Key Words",
                "MySQL manual: Schema Object Names",
            ],
        },
        check: needs_quotes,
    },
    SchemaRule {
        rule: Rule {
            id: "mixed-naming",
            title: "name in another style than most",
            severity: Severity::Info,
            engines: ALL,
            why: "Where names are written order_id here and orderId there, nobody can write one without looking.",
            fix: "Choose one style; a view can keep the old name for a while.",
            references: &["SQL: identifiers (no engine prefers a style)"],
        },
        check: mixed_styles,
    },
];

/// Tables, views and their columns, each with its bare name.
fn each_name(catalog: &Catalog, mut look: impl FnMut(Subject, &str)) {
    for object in catalog.objects.iter().filter(|object| object.extension.is_none()) {
        let is_partition = object.as_table().is_some_and(|table| table.partition_of.is_some());
        if object.columns().is_empty() || is_partition {
            continue;
        }
        look(of_object(object), &object.name.name);
        for column in object.columns().iter().filter(|column| !column.inherited) {
            look(of_column(object, column), &column.name);
        }
    }
}

fn reserved(catalog: &Catalog, found: &mut Found<'_>) {
    let keywords = dialect(catalog.engine).keywords;
    each_name(catalog, |subject, name| {
        if keywords.is_reserved(name) {
            let engine = catalog.engine.title();
            found.add(Hit::new(subject, format!("{} is reserved in {engine}", name.to_uppercase())));
        }
    });
}

fn needs_quotes(catalog: &Catalog, found: &mut Found<'_>) {
    let folds = dialect(catalog.engine).folds_to_lower;
    each_name(catalog, |subject, name| {
        if let Some(why) = why_quoted(name, folds) {
            found.add(Hit::new(subject, why));
        }
    });
}

/// Why a name must be quoted, reserved words apart.
fn why_quoted(name: &str, folds_to_lower: bool) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    let strange = name.chars().find(|ch| !(ch.is_alphanumeric() || matches!(ch, '_' | '$')));
    if let Some(strange) = strange {
        return Some(match strange {
            ' ' => "it has a blank".to_owned(),
            _ => format!("it has the character {strange:?}"),
        });
    }
    if name.starts_with(|ch: char| ch.is_ascii_digit()) {
        return Some("it begins with a digit".to_owned());
    }
    (folds_to_lower && name.chars().any(|ch| ch.is_ascii_uppercase())).then(|| "it has upper case".to_owned())
}

/// How the words of a name are put together, where it has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `order_id`
    Snake,
    /// `orderId`, `OrderId`
    Camel,
}

impl Style {
    fn of(name: &str) -> Option<Style> {
        let is_camel = name.contains(|ch: char| ch.is_lowercase())
            && name.chars().zip(name.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
        let is_snake = name.trim_matches('_').contains('_');
        match (is_snake, is_camel) {
            (true, false) => Some(Style::Snake),
            (false, true) => Some(Style::Camel),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Style::Snake => "snake_case",
            Style::Camel => "camelCase",
        }
    }
}

fn mixed_styles(catalog: &Catalog, found: &mut Found<'_>) {
    let mut snake = 0usize;
    let mut camel = 0usize;
    each_name(catalog, |_, name| match Style::of(name) {
        Some(Style::Snake) => snake += 1,
        Some(Style::Camel) => camel += 1,
        None => {}
    });
    let (usual, rare) = match snake >= camel {
        true => (Style::Snake, Style::Camel),
        false => (Style::Camel, Style::Snake),
    };
    for (object, table) in own_tables(catalog) {
        let of_table = (Style::of(&object.name.name) == Some(rare)).then_some(object.name.name.as_str());
        let of_columns = table.columns.iter().map(|column| column.name.as_str());
        let odd: Vec<&str> =
            of_table.into_iter().chain(of_columns.filter(|name| Style::of(name) == Some(rare))).collect();
        if !odd.is_empty() {
            let (usual, rare) = (usual.word(), rare.word());
            let evidence = format!("{rare}, where most names are {usual}: {}", odd.join(", "));
            found.add(Hit::new(of_object(object), evidence));
        }
    }
}

/// The words of a name, in lower case: `unitPrice`, `unit_price` and `UNIT PRICE` have the same.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::{found, mysql, objects, postgres, sqlite, table};

    #[test]
    fn words_of_names() {
        for name in ["unitPrice", "unit_price", "UNIT PRICE", "UnitPrice", "_unit__price"] {
            assert_eq!(words(name), ["unit", "price"], "{name}");
        }
        assert!(words("").is_empty());
    }

    #[test]
    fn reserved_words_differ_by_engine() {
        let catalog = postgres([table("user", ["id integer", "rank integer", "order integer"])]);
        assert_eq!(objects("reserved-word", &catalog), ["public.user", "public.user.order"]);
        let catalog = mysql([table("user", ["id int", "rank int"])]);
        assert_eq!(found("reserved-word", &catalog)[0].evidence, "RANK is reserved in MySQL");
    }

    #[test]
    fn upper_case_matters_where_names_are_folded() {
        let make =
            || table("Orders", ["orderId integer", "two-words integer", "1st integer", "größe integer"]);
        let evidence = |catalog| -> Vec<String> {
            found("name-needs-quotes", &catalog).into_iter().map(|finding| finding.evidence).collect()
        };
        let in_postgres =
            ["it has upper case", "it has upper case", "it has the character '-'", "it begins with a digit"];
        assert_eq!(evidence(postgres([make()])), in_postgres);
        assert_eq!(evidence(sqlite([make()])), in_postgres[2..]);
    }

    #[test]
    fn the_rare_style_is_told() {
        let catalog = sqlite([
            table("order_line", ["order_id integer", "unitPrice integer", "id integer"]),
            table("shop", ["shop_name text"]),
        ]);
        let finding = found("mixed-naming", &catalog).remove(0);
        assert_eq!(finding.object, "order_line");
        assert_eq!(finding.evidence, "camelCase, where most names are snake_case: unitPrice");
        assert!(objects("mixed-naming", &sqlite([table("Shop", ["id integer", "NAME text"])])).is_empty());
    }
}
