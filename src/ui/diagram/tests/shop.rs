//! Catalogs in few words, for tests of diagrams and of documentation.

use crate::model::catalog::{
    Action, Catalog, Column, Constraint, ConstraintKind, Detail, Name, Object, Reference, Table,
};
use crate::model::target::EngineKind;

/// A catalog of tables, each in a line: `name: column type, ...`, where a column goes on with `?`
/// if it may be null, `pk`, `uk`, and `-> table` for a foreign key to that table's first column.
pub fn catalog(lines: &[&str]) -> Catalog {
    let mut catalog = Catalog::empty(EngineKind::Sqlite);
    catalog.objects = lines.iter().map(|line| table(line)).collect();
    catalog.sort();
    catalog
}

fn table(line: &str) -> Object {
    let (name, columns) = line.split_once(':').unwrap();
    let mut table = Table::default();
    let mut primary = Vec::new();
    for column in columns.split(',').map(str::trim).filter(|column| !column.is_empty()) {
        let (words, parent) = match column.split_once("->") {
            Some((words, parent)) => (words, Some(parent.trim())),
            None => (column, None),
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let own = vec![words[0].to_owned()];
        table.columns.push(Column {
            name: words[0].into(),
            ty: words.get(1).copied().unwrap_or_default().into(),
            nullable: words.contains(&"?"),
            ..Column::default()
        });
        if words.contains(&"pk") {
            primary.extend(own.clone());
        }
        if words.contains(&"uk") {
            table.constraints.push(Constraint::new(None, ConstraintKind::Unique, own.clone()));
        }
        if let Some(parent) = parent {
            let reference = Reference {
                table: Name::new("", parent),
                referenced: Vec::new(),
                on_update: Action::NoAction,
                on_delete: Action::Cascade,
                full: false,
            };
            table.constraints.push(Constraint::new(None, ConstraintKind::ForeignKey(reference), own));
        }
    }
    if !primary.is_empty() {
        table.constraints.insert(0, Constraint::new(None, ConstraintKind::PrimaryKey, primary));
    }
    Object::new(Name::new("", name), Detail::Table(table))
}

/// A shop with everything that a diagram tells apart.
pub fn shop() -> Catalog {
    catalog(&[
        "customer: id integer pk, email text uk, referrer integer ? -> customer",
        "order: id integer pk, customer_id integer -> customer, note text ?",
        "line: order_id integer pk -> order, number integer pk, product integer ? -> product",
        "product: id integer pk, name text",
        "passport: customer_id integer pk -> customer",
        "setting: name text, value",
    ])
}
