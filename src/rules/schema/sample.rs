//! Small catalogs for the rules' tests.

use crate::model::catalog::{
    Attribute, Catalog, Column, Constraint, ConstraintKind, Detail, Index, IndexKey, Name, Object, Reference,
    Table,
};
use crate::model::finding::Finding;
use crate::model::target::EngineKind;

/// `id integer not null`.
pub fn column(text: &str) -> Column {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let ty = rest.strip_suffix(" not null");
    Column { name: name.into(), ty: ty.unwrap_or(rest).into(), nullable: ty.is_none(), ..Column::default() }
}

pub fn table<const N: usize>(name: &str, columns: [&str; N]) -> Object {
    let columns = columns.into_iter().map(column).collect();
    Object::new(Name::new("", name), Detail::Table(Table { columns, ..Table::default() }))
}

pub fn index<const N: usize>(name: &str, columns: [&str; N]) -> Index {
    let key = |column: &str| IndexKey { column: Some(column.into()), ..IndexKey::default() };
    Index {
        name: name.into(),
        keys: columns.into_iter().map(key).collect(),
        method: "btree".into(),
        usable: true,
        ..Index::default()
    }
}

pub fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.into(), value: value.into() }
}

/// A table's parts, to be changed.
pub fn parts(object: &mut Object) -> &mut Table {
    match &mut object.detail {
        Detail::Table(table) => table,
        other => panic!("{other:?} is no table"),
    }
}

/// Ways to build a table in one expression.
pub trait With {
    fn primary_key<const N: usize>(self, columns: [&str; N]) -> Self;
    fn unique<const N: usize>(self, name: &str, columns: [&str; N]) -> Self;
    fn foreign_key<const N: usize>(self, name: &str, columns: [&str; N], table: &str, to: [&str; N]) -> Self;
    fn index(self, index: Index) -> Self;
    fn attribute(self, name: &str, value: &str) -> Self;
    fn change(self, change: impl FnOnce(&mut Table)) -> Self;
}

fn constraint<const N: usize>(name: &str, kind: ConstraintKind, columns: [&str; N]) -> Constraint {
    Constraint::new(Some(name.into()), kind, columns.map(str::to_owned).to_vec())
}

impl With for Object {
    fn primary_key<const N: usize>(mut self, columns: [&str; N]) -> Self {
        let name = format!("{}_pkey", self.name.name);
        parts(&mut self).constraints.push(constraint(&name, ConstraintKind::PrimaryKey, columns));
        let index = Index { unique: true, constraint: Some(name.clone()), ..index(&name, columns) };
        self.index(index)
    }

    fn unique<const N: usize>(mut self, name: &str, columns: [&str; N]) -> Self {
        parts(&mut self).constraints.push(constraint(name, ConstraintKind::Unique, columns));
        self.index(Index { unique: true, constraint: Some(name.into()), ..index(name, columns) })
    }

    fn foreign_key<const N: usize>(
        mut self,
        name: &str,
        columns: [&str; N],
        table: &str,
        to: [&str; N],
    ) -> Self {
        let reference = Reference {
            table: Name::new("", table),
            referenced: to.map(str::to_owned).to_vec(),
            on_update: Default::default(),
            on_delete: Default::default(),
            full: false,
        };
        let made = constraint(name, ConstraintKind::ForeignKey(reference), columns);
        parts(&mut self).constraints.push(made);
        self
    }

    fn index(self, index: Index) -> Self {
        self.change(|table| table.indexes.push(index))
    }

    fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(attribute(name, value));
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Table)) -> Self {
        change(parts(&mut self));
        self
    }
}

/// A catalog of PostgreSQL, everything in `public`.
pub fn postgres<const N: usize>(objects: [Object; N]) -> Catalog {
    let mut catalog = catalog(EngineKind::Postgres, objects);
    catalog.default_schema = "public".into();
    for object in &mut catalog.objects {
        object.name.schema = "public".into();
        if let Detail::Table(table) = &mut object.detail {
            for constraint in &mut table.constraints {
                if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind {
                    reference.table.schema = "public".into();
                }
            }
        }
    }
    catalog
}

pub fn sqlite<const N: usize>(objects: [Object; N]) -> Catalog {
    catalog(EngineKind::Sqlite, objects)
}

pub fn mysql<const N: usize>(objects: [Object; N]) -> Catalog {
    catalog(EngineKind::Mysql, objects)
}

pub fn mariadb<const N: usize>(objects: [Object; N]) -> Catalog {
    catalog(EngineKind::Mariadb, objects)
}

fn catalog<const N: usize>(engine: EngineKind, objects: [Object; N]) -> Catalog {
    let mut catalog = Catalog { objects: objects.into(), ..Catalog::empty(engine) };
    catalog.sort();
    catalog
}

/// What one rule finds.
pub fn found(rule: &str, catalog: &Catalog) -> Vec<Finding> {
    assert!(super::rules().any(|each| each.rule.id == rule), "there is no rule {rule}");
    super::check(catalog, |each| each.id == rule).0
}

/// The objects that one rule finds fault with.
pub fn objects(rule: &str, catalog: &Catalog) -> Vec<String> {
    found(rule, catalog).into_iter().map(|finding| finding.object).collect()
}
