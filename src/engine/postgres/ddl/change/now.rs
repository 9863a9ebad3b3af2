//! The relations of a database at a point of a plan.

use std::collections::{BTreeMap, HashSet};

use crate::ddl::text::qualified;
use crate::model::catalog::{
    Catalog, Constraint, ConstraintKind, Detail, Index, Name, Object, Table, View, attribute,
};

#[derive(Default)]
pub struct Now {
    relations: BTreeMap<Name, Object>,
    /// Partitions and inheriting tables, by their parent.
    children: BTreeMap<Name, Vec<Name>>,
}

impl Now {
    pub fn of(catalog: &Catalog) -> Self {
        let mut now = Now::default();
        for object in &catalog.objects {
            if matches!(object.detail, Detail::Table(_) | Detail::View(_)) && object.extension.is_none() {
                now.put(object.clone());
            }
        }
        now
    }

    /// Puts a relation in.
    pub fn put(&mut self, object: Object) {
        if let Some(table) = object.as_table() {
            for parent in parents(table) {
                let children = self.children.entry(parent).or_default();
                if !children.contains(&object.name) {
                    children.push(object.name.clone());
                }
            }
        }
        self.relations.insert(object.name.clone(), object);
    }

    pub fn remove(&mut self, name: &Name) {
        self.relations.remove(name);
        self.children.values_mut().for_each(|children| children.retain(|child| child != name));
        self.children.remove(name);
    }

    pub fn get(&self, name: &Name) -> Option<&Object> {
        self.relations.get(name)
    }

    pub fn get_mut(&mut self, name: &Name) -> Option<&mut Object> {
        self.relations.get_mut(name)
    }

    pub fn table(&self, name: &Name) -> Option<&Table> {
        self.relations.get(name)?.as_table()
    }

    pub fn table_mut(&mut self, name: &Name) -> Option<&mut Table> {
        match &mut self.relations.get_mut(name)?.detail {
            Detail::Table(table) => Some(table),
            _ => None,
        }
    }

    pub fn view_mut(&mut self, name: &Name) -> Option<&mut View> {
        match &mut self.relations.get_mut(name)?.detail {
            Detail::View(view) => Some(view),
            _ => None,
        }
    }

    /// Every relation, parents before their children.
    pub fn names(&self) -> Vec<Name> {
        let mut names: Vec<Name> =
            self.relations.keys().filter(|name| !self.has_parents(name)).cloned().collect();
        let mut seen: HashSet<Name> = names.iter().cloned().collect();
        let mut at = 0;
        while let Some(next) = names.get(at).cloned() {
            names.extend(self.children(&next).into_iter().filter(|child| seen.insert(child.clone())));
            at += 1;
        }
        names
    }

    pub fn children(&self, name: &Name) -> Vec<Name> {
        self.children.get(name).cloned().unwrap_or_default()
    }

    /// All below a table, parents first.
    pub fn descendants(&self, name: &Name) -> Vec<Name> {
        let mut found = self.children(name);
        let mut at = 0;
        while let Some(next) = found.get(at).cloned() {
            for child in self.children(&next) {
                if !found.contains(&child) {
                    found.push(child);
                }
            }
            at += 1;
        }
        found
    }

    /// Whether a table has its columns from others.
    pub fn has_parents(&self, name: &Name) -> bool {
        self.table(name).is_some_and(|table| !parents(table).is_empty())
    }

    /// Makes a table a child of another.
    pub fn join(&mut self, child: &Name, parent: &Name) {
        let children = self.children.entry(parent.clone()).or_default();
        if !children.contains(child) {
            children.push(child.clone());
        }
    }

    /// Ends it: what the child had from its parent becomes its own.
    pub fn part(&mut self, child: &Name, parent: &Name) {
        if let Some(children) = self.children.get_mut(parent) {
            children.retain(|each| each != child);
        }
        let remaining: Vec<Table> = self
            .table(child)
            .map(parents)
            .unwrap_or_default()
            .iter()
            .filter(|name| *name != parent)
            .filter_map(|name| self.table(name).cloned())
            .collect();
        let Some(table) = self.table_mut(child) else { return };
        table.inherits.retain(|each| each != parent);
        if table.partition_of.as_ref().is_some_and(|of| of.parent == *parent) {
            table.partition_of = None;
        }
        for column in table.columns.iter_mut().filter(|column| column.inherited) {
            column.inherited =
                remaining.iter().any(|parent| parent.columns.iter().any(|each| each.name == column.name));
        }
        for constraint in table.constraints.iter_mut().filter(|constraint| constraint.inherited) {
            constraint.inherited = remaining
                .iter()
                .any(|parent| parent.constraints.iter().any(|each| each.name == constraint.name));
        }
        for index in &mut table.indexes {
            index.attributes.retain(|each| each.name != "partition of");
        }
        table.triggers.retain(|trigger| attribute(&trigger.attributes, "inherited").is_none());
    }

    /// A column goes, with all that stands on it alone or with others.
    pub fn drop_column(&mut self, name: &Name, column: &str) {
        if let Some(table) = self.table_mut(name) {
            table.columns.retain(|each| each.name != column);
            let names = |columns: &[String]| columns.iter().any(|each| each == column);
            table.constraints.retain(|each| !names(&each.columns));
            let reads = |index: &Index| {
                names(&index.include) || index.keys.iter().any(|key| key.column.as_deref() == Some(column))
            };
            table.indexes.retain(|each| !reads(each));
        }
    }

    /// A constraint goes, with its index, and with those of partitions that hang on it.
    pub fn drop_constraint(&mut self, name: &Name, constraint: &str) {
        let Some(table) = self.table_mut(name) else { return };
        let is_it = |each: &Constraint| each.name.as_deref() == Some(constraint);
        let Some(at) = table.constraints.iter().position(is_it) else { return };
        let dropped = table.constraints.remove(at);
        let index =
            table.indexes.iter().find(|index| index.constraint.as_deref() == Some(constraint)).cloned();
        table.indexes.retain(|index| index.constraint.as_deref() != Some(constraint));
        match index {
            Some(index) => self.drop_index_below(name, &index.name),
            None => {
                for child in self.children(name) {
                    let inherited = self.table(&child).and_then(|table| {
                        table.constraints.iter().find(|each| each.inherited && same_below(each, &dropped))
                    });
                    if let Some(each) = inherited.and_then(|each| each.name.clone()) {
                        self.drop_constraint(&child, &each);
                    }
                }
            }
        }
    }

    /// An index that no constraint made goes.
    pub fn drop_index(&mut self, name: &Name, index: &str) {
        match self.relations.get_mut(name).map(|object| &mut object.detail) {
            Some(Detail::Table(table)) => table.indexes.retain(|each| each.name != index),
            Some(Detail::View(view)) => view.indexes.retain(|each| each.name != index),
            _ => return,
        }
        self.drop_index_below(name, index);
    }

    fn drop_index_below(&mut self, name: &Name, index: &str) {
        let parent = qualified(&Name::new(name.schema.as_str(), index));
        for child in self.children(name) {
            let Some(table) = self.table_mut(&child) else { continue };
            let part = |each: &Index| attribute(&each.attributes, "partition of") == Some(parent.as_str());
            let Some(at) = table.indexes.iter().position(part) else { continue };
            let gone = table.indexes.remove(at);
            if gone.constraint.is_some() {
                table.constraints.retain(|each| each.name != gone.constraint);
            }
            self.drop_index_below(&child, &gone.name);
        }
    }
}

pub fn parents(table: &Table) -> Vec<Name> {
    let of = table.partition_of.iter().map(|of| of.parent.clone());
    of.chain(table.inherits.iter().cloned()).collect()
}

/// Checks go by their names; foreign keys of partitions may have others than that of the parent.
fn same_below(child: &Constraint, parent: &Constraint) -> bool {
    match (&child.kind, &parent.kind) {
        (ConstraintKind::ForeignKey(child_end), ConstraintKind::ForeignKey(parent_end)) => {
            child_end == parent_end && child.columns == parent.columns
        }
        (ConstraintKind::NotNull, ConstraintKind::NotNull) => child.columns == parent.columns,
        (ConstraintKind::Check { .. }, ConstraintKind::Check { .. }) => child.name == parent.name,
        _ => false,
    }
}
