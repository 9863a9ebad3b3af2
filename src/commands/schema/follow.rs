//! A partition or child that is kept has the columns of its parent, as the parent is to be.

use crate::model::catalog::{Catalog, Column, ConstraintKind, Detail, Name, Table};

/// Carries what becomes of parents on to the tables that were kept of the other side.
pub fn follow_parents(from: &Catalog, to: &mut Catalog, kept: &[Name]) {
    let mut waiting: Vec<&Name> = kept.iter().filter(|name| !parents(to, name).is_empty()).collect();
    while !waiting.is_empty() {
        // Those whose parents have followed theirs. Nothing is its own parent, but a catalog that says
        // so must not hold us up.
        let (ready, rest): (Vec<&Name>, Vec<&Name>) = waiting
            .iter()
            .copied()
            .partition(|name| parents(to, name).iter().all(|each| !waiting.contains(&each)));
        if ready.is_empty() {
            return;
        }
        for name in ready {
            for parent in parents(to, name) {
                let (Some(old), Some(new)) = (table(from, &parent), table(to, &parent).cloned()) else {
                    continue;
                };
                if let Some(child) = table_mut(to, name) {
                    columns(child, old, &new);
                    constraints(child, old, &new);
                }
            }
        }
        waiting = rest;
    }
}

fn table<'a>(catalog: &'a Catalog, name: &Name) -> Option<&'a Table> {
    catalog.tables().find(|(object, _)| object.name == *name).map(|(_, table)| table)
}

fn table_mut<'a>(catalog: &'a mut Catalog, name: &Name) -> Option<&'a mut Table> {
    catalog.objects.iter_mut().find_map(|object| match &mut object.detail {
        Detail::Table(table) if object.name == *name => Some(table),
        _ => None,
    })
}

fn parents(catalog: &Catalog, name: &Name) -> Vec<Name> {
    let Some(table) = table(catalog, name) else { return Vec::new() };
    table
        .partition_of
        .iter()
        .map(|place| place.parent.clone())
        .chain(table.inherits.iter().cloned())
        .collect()
}

fn columns(child: &mut Table, old: &Table, new: &Table) {
    let find = |table: &Table, name: &str| table.columns.iter().find(|each| each.name == name).cloned();
    let is_partition = child.partition_of.is_some();
    child.columns.retain(|column| {
        let goes = find(old, &column.name).is_some() && find(new, &column.name).is_none();
        !(goes && (is_partition || column.inherited))
    });
    for column in &mut child.columns {
        if let (Some(old), Some(new)) = (find(old, &column.name), find(new, &column.name)) {
            changed(column, &old, &new);
        }
    }
    for column in &new.columns {
        if !child.columns.iter().any(|each| each.name == column.name) {
            child.columns.push(Column { inherited: true, comment: None, ..column.clone() });
        }
    }
}

/// What changes in a column of the parent changes in the child's.
fn changed(column: &mut Column, old: &Column, new: &Column) {
    if old.ty != new.ty {
        column.ty.clone_from(&new.ty);
    }
    if old.collation != new.collation {
        column.collation.clone_from(&new.collation);
    }
    if old.nullable != new.nullable {
        column.nullable = new.nullable;
    }
    if old.default != new.default && old.default == column.default {
        column.default.clone_from(&new.default);
    }
    if old.generated != new.generated {
        column.generated.clone_from(&new.generated);
    }
}

/// What the parent gives up, the child gives up; what it gets, the server gives the child.
fn constraints(child: &mut Table, old: &Table, new: &Table) {
    let gone =
        old.constraints.iter().filter(|each| !new.constraints.iter().any(|other| other.name == each.name));
    for gone in gone {
        child.constraints.retain(|each| {
            let same = match (&each.kind, &gone.kind) {
                (ConstraintKind::Check { .. }, ConstraintKind::Check { .. }) => each.name == gone.name,
                _ => each.kind == gone.kind && each.columns == gone.columns,
            };
            !(each.inherited && same)
        });
    }
    let names: Vec<String> = child.constraints.iter().filter_map(|each| each.name.clone()).collect();
    child.indexes.retain(|index| index.constraint.as_ref().is_none_or(|name| names.contains(name)));
}
