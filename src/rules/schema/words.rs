//! Names for people and for statements, and types taken apart: what the rules share.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, Name, Object, Reference, Table,
};
use crate::model::finding::Subject;
use crate::model::target::EngineKind;
use crate::sql::{self, Dialect};

/// The tables that somebody made and can change: not those of an extension, not a partition (its
/// parent speaks for it), not one whose rows are elsewhere.
pub fn own_tables(catalog: &Catalog) -> impl Iterator<Item = (&Object, &Table)> {
    catalog.tables().filter(|(object, table)| {
        object.extension.is_none() && table.partition_of.is_none() && table.foreign.is_none()
    })
}

/// The tables of [`own_tables`] and partitions, which can have keys and indexes that their parent
/// does not have.
pub fn own_tables_and_partitions(catalog: &Catalog) -> impl Iterator<Item = (&Object, &Table)> {
    catalog.tables().filter(|(object, table)| object.extension.is_none() && table.foreign.is_none())
}

/// Every table by its name, where each of many foreign keys looks one up.
pub struct Tables<'a>(BTreeMap<Name, (&'a Object, &'a Table)>);

impl<'a> Tables<'a> {
    pub fn of(catalog: &'a Catalog) -> Self {
        let both = |(object, table): (&'a Object, &'a Table)| {
            // Where case does not matter (SQLite) a reference may be written in another.
            [(folded(&object.name), (object, table)), (object.name.clone(), (object, table))]
        };
        Tables(catalog.tables().flat_map(both).collect())
    }

    pub fn get(&self, name: &Name) -> Option<(&'a Object, &'a Table)> {
        self.0.get(name).or_else(|| self.0.get(&folded(name))).copied()
    }
}

fn folded(name: &Name) -> Name {
    Name::new(name.schema.to_ascii_lowercase(), name.name.to_ascii_lowercase())
}

/// The column that a constraint or index names, perhaps in another case.
pub fn column<'a>(table: &'a Table, name: &str) -> Option<&'a Column> {
    let exact = table.columns.iter().find(|column| column.name == name);
    exact.or_else(|| table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
}

pub fn primary_key(table: &Table) -> Option<&Constraint> {
    table.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
}

/// A table's foreign keys with their other ends, without those that its parent speaks for.
pub fn foreign_keys(table: &Table) -> impl Iterator<Item = (&Constraint, &Reference)> {
    let own = table.constraints.iter().filter(|constraint| !constraint.inherited);
    own.filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(reference) => Some((constraint, reference)),
        _ => None,
    })
}

pub fn of_object(object: &Object) -> Subject {
    Subject { kind: object.kind().word(), name: object.name.to_string() }
}

pub fn of_column(object: &Object, column: &Column) -> Subject {
    Subject { kind: "column", name: format!("{}.{}", object.name, column.name) }
}

pub fn of_index(object: &Object, index: &Index) -> Subject {
    Subject { kind: "index", name: format!("{}.{}", object.name, index.name) }
}

/// A constraint by its name, or by its columns where it has none.
pub fn of_constraint(object: &Object, constraint: &Constraint) -> Subject {
    let name = match &constraint.name {
        Some(name) => format!("{}.{name}", object.name),
        None => format!("{}({})", object.name, constraint.columns.join(", ")),
    };
    Subject { kind: "constraint", name }
}

pub fn of_part(object: &Object, kind: &'static str, name: &str) -> Subject {
    Subject { kind, name: format!("{}.{name}", object.name) }
}

pub fn dialect(engine: EngineKind) -> &'static Dialect {
    match engine {
        EngineKind::Sqlite => &sql::SQLITE,
        EngineKind::Postgres => &sql::POSTGRES,
        EngineKind::Mysql => &sql::MYSQL,
        EngineKind::Mariadb => &sql::MARIADB,
    }
}

/// A name for a statement.
pub fn ident(catalog: &Catalog, name: &str) -> String {
    sql::quote_ident(dialect(catalog.engine), name)
}

/// A name for a statement, with its schema where it has one.
pub fn qualified(catalog: &Catalog, name: &Name) -> String {
    match name.schema.is_empty() {
        true => ident(catalog, &name.name),
        false => sql::quote_qualified(dialect(catalog.engine), &[&name.schema, &name.name]),
    }
}

/// Names for a statement, with commas between.
pub fn idents<'a>(catalog: &Catalog, names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| ident(catalog, name)).collect::<Vec<_>>().join(", ")
}

/// A type taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeWords {
    /// In lower case, without what stands in parentheses and without `unsigned` and `zerofill`.
    pub base: String,
    /// Numbers in parentheses; empty for none and for labels.
    pub numbers: Vec<u32>,
    pub unsigned: bool,
}

impl TypeWords {
    pub fn of(ty: &str) -> Self {
        let (outside, inside) = match (ty.find('('), ty.rfind(')')) {
            (Some(open), Some(close)) if open < close => {
                (format!("{} {}", &ty[..open], &ty[close + 1..]), &ty[open + 1..close])
            }
            _ => (ty.to_owned(), ""),
        };
        let lower = outside.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let plain = words.iter().filter(|word| !matches!(**word, "unsigned" | "zerofill" | "signed"));
        let numbers: Option<Vec<u32>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
        TypeWords {
            base: plain.copied().collect::<Vec<_>>().join(" "),
            numbers: numbers.unwrap_or_default(),
            unsigned: words.iter().any(|word| matches!(*word, "unsigned" | "zerofill")),
        }
    }

    /// The greatest number that a column of this type holds, where it is a whole number.
    /// (PostgreSQL: Numeric Types; MySQL: Integer Types.)
    pub fn greatest(&self) -> Option<i128> {
        let bits = match self.base.as_str() {
            "tinyint" => 8,
            "smallint" | "int2" => 16,
            "mediumint" => 24,
            "integer" | "int" | "int4" => 32,
            "bigint" | "int8" => 64,
            _ => return None,
        };
        Some((1i128 << (bits - i32::from(!self.unsigned))) - 1)
    }
}

/// The names that a new index cannot have.
pub fn taken_names(catalog: &Catalog) -> BTreeSet<&str> {
    let indexes =
        catalog.tables().flat_map(|(_, table)| table.indexes.iter().map(|index| index.name.as_str()));
    catalog.objects.iter().map(|object| object.name.name.as_str()).chain(indexes).collect()
}

/// The name of an index to be made: `orders_customer_id_idx`.
pub fn index_name(taken: &BTreeSet<&str>, table: &Object, columns: &[String]) -> String {
    // The shortest limit of the engines is PostgreSQL's 63 bytes; this leaves room for a number.
    const LONGEST: usize = 50;
    let mut base = format!("{}_{}", table.name.name, columns.join("_"));
    base.truncate(base.floor_char_boundary(LONGEST));
    let mut name = format!("{base}_idx");
    let mut number = 2u64;
    while taken.contains(name.as_str()) {
        name = format!("{base}_idx{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::{postgres, table};

    #[test]
    fn types_are_taken_apart() {
        let words = |ty| {
            let words = TypeWords::of(ty);
            (words.base, words.numbers, words.unsigned)
        };
        let is = |base: &str, numbers: &[u32], unsigned| (base.to_owned(), numbers.to_vec(), unsigned);
        assert_eq!(words("character varying(20)"), is("character varying", &[20], false));
        assert_eq!(words("timestamp(6) without time zone"), is("timestamp without time zone", &[6], false));
        assert_eq!(words("INT(10) UNSIGNED"), is("int", &[10], true));
        assert_eq!(words("decimal(10, 2)"), is("decimal", &[10, 2], false));
        assert_eq!(words("enum('a)','(b')"), is("enum", &[], false));
        assert_eq!(words(""), is("", &[], false));
        assert_eq!(words(")("), is(")(", &[], false));
    }

    #[test]
    fn whole_numbers_have_a_greatest() {
        for (ty, greatest) in [
            ("smallint", 32_767),
            ("integer", 2_147_483_647),
            ("int unsigned", 4_294_967_295),
            ("mediumint(8) unsigned", 16_777_215),
            ("bigint", 9_223_372_036_854_775_807),
            ("tinyint", 127),
        ] {
            assert_eq!(TypeWords::of(ty).greatest(), Some(greatest), "{ty}");
        }
        assert_eq!(TypeWords::of("numeric(10)").greatest(), None);
    }

    #[test]
    fn a_new_index_has_a_name_of_its_own() {
        let catalog = postgres([table("orders", ["customer_id integer"])]);
        let name = |taken: &[&str], columns: &[String]| {
            index_name(&taken.iter().copied().collect(), &catalog.objects[0], columns)
        };
        let columns = ["customer_id".to_owned()];
        assert_eq!(name(&[], &columns), "orders_customer_id_idx");
        let taken = ["orders_customer_id_idx", "orders_customer_id_idx2"];
        assert_eq!(name(&taken, &columns), "orders_customer_id_idx3");
        assert!(name(&[], &["é".repeat(80)]).len() <= 63);
        assert!(taken_names(&catalog).contains("orders"));
    }

    #[test]
    fn tables_are_found_in_another_case() {
        let catalog = postgres([table("Orders", ["Id integer"])]);
        let tables = Tables::of(&catalog);
        let (_, found) = tables.get(&Name::new("public", "ORDERS")).unwrap();
        assert_eq!(column(found, "id").unwrap().name, "Id");
        assert!(tables.get(&Name::new("public", "order")).is_none());
    }
}
