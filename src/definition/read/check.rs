//! Contradictions: what is wrong though every part of it is well written.

use std::collections::HashMap;

use super::super::fitting::alike;
use super::super::{Constraint, ConstraintKind, Definition, Place, Table};
use super::{Reader, suggestion};
use crate::model::catalog::{Name, Reference};
use crate::model::types::Portable;

impl Reader<'_> {
    /// Looks for contradictions, and completes what was left to be understood: the labels of enums,
    /// the columns of a foreign key that names a table only.
    pub(super) fn check(&mut self, definition: &mut Definition) {
        self.names_are_different(definition);
        self.enums_are_right(definition);
        for table in &definition.tables {
            self.schema_exists(definition, &table.name, table.at);
            self.columns_are_right(table);
            self.constraints_are_right(definition, table);
            self.indexes_are_right(table);
        }
        definition.views.iter().for_each(|view| self.schema_exists(definition, &view.name, view.at));
        definition.enums.iter().for_each(|each| self.schema_exists(definition, &each.name, each.at));
        complete(definition);
    }

    fn schema_exists(&mut self, definition: &Definition, name: &Name, at: Place) {
        let known = || definition.schemas.iter().map(|schema| schema.name.as_str());
        if !name.schema.is_empty() && !known().any(|schema| schema == name.schema) {
            let hint = suggestion(&name.schema, known())
                .unwrap_or_else(|| format!("list it: schemas = [\"{}\"]", name.schema));
            self.complain_at(at, format!("there is no schema `{}`", name.schema), Some(hint));
        }
    }

    fn unique<'n>(&mut self, what: &str, names: impl Iterator<Item = (String, Place)> + 'n) {
        let mut seen: HashMap<String, String> = HashMap::new();
        for (name, at) in names {
            match seen.get(&name.to_lowercase()) {
                Some(first) if *first == name => {
                    self.complain_at(at, format!("{what} `{name}` stands here a second time"), None);
                }
                Some(first) => {
                    let message = format!("{what} `{name}` differs from `{first}` by capitals only");
                    let hint = "most engines take them for the same name".to_owned();
                    self.complain_at(at, message, Some(hint));
                }
                None => {
                    seen.insert(name.to_lowercase(), name);
                }
            }
        }
    }

    fn names_are_different(&mut self, definition: &Definition) {
        let schemas = definition.schemas.iter().map(|each| (each.name.clone(), each.at));
        self.unique("schema", schemas);
        let tables = definition.tables.iter().map(|each| (each.name.to_string(), each.at));
        let views = definition.views.iter().map(|each| (each.name.to_string(), each.at));
        self.unique("table or view", tables.chain(views));
        let enums = definition.enums.iter().map(|each| (each.name.to_string(), each.at));
        self.unique("enum", enums);
    }

    fn enums_are_right(&mut self, definition: &Definition) {
        for each in &definition.enums {
            if each.labels.is_empty() {
                self.complain_at(each.at, format!("enum `{}` has no values", each.name), None);
            }
            for (number, label) in each.labels.iter().enumerate() {
                if each.labels[..number].contains(label) {
                    let message = format!("enum `{}` has `{label}` a second time", each.name);
                    self.complain_at(each.at, message, None);
                }
            }
        }
    }

    fn columns_are_right(&mut self, table: &Table) {
        self.unique("column", table.columns.iter().map(|column| (column.name.clone(), column.at)));
        for column in &table.columns {
            let name = &column.name;
            if column.generated.is_some() && column.default.is_some() {
                let message = format!("column `{name}` is generated and has a default");
                self.complain_at(column.at, message, Some("leave one of them out".into()));
            }
            if column.identity.is_some() && column.default.is_some() {
                let message = format!("column `{name}` is an identity and has a default");
                self.complain_at(column.at, message, Some("leave one of them out".into()));
            }
            if column.identity.is_some() && column.generated.is_some() {
                self.complain_at(column.at, format!("column `{name}` is an identity and generated"), None);
            }
            let whole = matches!(column.ty, None | Some(Portable::Int { .. } | Portable::Decimal(_)));
            if column.identity.is_some() && !whole {
                let message = format!("identity column `{name}` must have a type of whole numbers");
                self.complain_at(column.at, message, None);
            }
            let moment = matches!(column.ty, None | Some(Portable::Timestamp(_) | Portable::TimestampTz(_)));
            if column.on_update_now && !moment {
                let message = format!("`on_update_now` of column `{name}` needs a timestamp");
                self.complain_at(column.at, message, None);
            }
        }
    }

    fn columns_exist(&mut self, table: &Table, columns: &[String], at: Place) {
        for (number, name) in columns.iter().enumerate() {
            if table.column(name).is_none() {
                let known = table.columns.iter().map(|column| column.name.as_str());
                let message = format!("table `{}` has no column `{name}`", table.name);
                self.complain_at(at, message, suggestion(name, known));
            } else if columns[..number].contains(name) {
                self.complain_at(at, format!("column `{name}` stands here a second time"), None);
            }
        }
    }

    fn constraints_are_right(&mut self, definition: &Definition, table: &Table) {
        let named = table.constraints.iter().filter_map(|each| Some((each.name.clone()?, each.at)));
        self.unique("constraint", named);
        let keys = table.constraints.iter().filter(|each| each.kind == ConstraintKind::PrimaryKey);
        for second in keys.skip(1) {
            let hint = "a key of several columns is `primary_key = [\"a\", \"b\"]`".to_owned();
            let message = format!("table `{}` has two primary keys", table.name);
            self.complain_at(second.at, message, Some(hint));
        }
        for constraint in &table.constraints {
            self.columns_exist(table, &constraint.columns, constraint.at);
            if let ConstraintKind::ForeignKey(reference) = &constraint.kind {
                self.foreign_key_is_right(definition, table, constraint, reference);
            }
        }
    }

    fn foreign_key_is_right(
        &mut self,
        definition: &Definition,
        table: &Table,
        constraint: &Constraint,
        reference: &Reference,
    ) {
        let at = constraint.at;
        let Some(parent) = definition.tables.iter().find(|each| each.name == reference.table) else {
            let names: Vec<String> = definition.tables.iter().map(|each| each.name.to_string()).collect();
            let hint = suggestion(&reference.table.to_string(), names.iter().map(String::as_str));
            return self.complain_at(at, format!("there is no table `{}`", reference.table), hint);
        };
        let key = parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
        let referenced = if reference.referenced.is_empty() { &key } else { &reference.referenced };
        if referenced.is_empty() {
            let message = format!("table `{}` has no primary key to refer to", parent.name);
            return self.complain_at(at, message, None);
        }
        self.columns_exist(parent, referenced, at);
        if referenced.len() != constraint.columns.len() {
            let (here, there) = (constraint.columns.len(), referenced.len());
            let message = format!("{here} columns refer to {there} of table `{}`", parent.name);
            return self.complain_at(at, message, None);
        }
        if !parent.has_key(referenced) && referenced.iter().all(|name| parent.column(name).is_some()) {
            let message = format!("({}) is no key of table `{}`", referenced.join(", "), parent.name);
            let hint = "a foreign key refers to a primary key, a `unique` or a unique index".to_owned();
            self.complain_at(at, message, Some(hint));
        }
        for (here, there) in constraint.columns.iter().zip(referenced) {
            let types = (
                table.column(here).and_then(|column| column.ty.as_ref()),
                parent.column(there).and_then(|column| column.ty.as_ref()),
            );
            if let (Some(one), Some(other)) = types
                && !alike(one, other)
            {
                let message =
                    format!("`{}.{here}` is {one}, but `{}.{there}` is {other}", table.name, parent.name);
                self.complain_at(at, message, Some("both ends of a foreign key have one type".into()));
            }
        }
    }

    fn indexes_are_right(&mut self, table: &Table) {
        let named = table.indexes.iter().filter_map(|each| Some((each.name.clone()?, each.at)));
        let keys = table
            .constraints
            .iter()
            .filter(|each| matches!(each.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. }));
        let keys = keys.filter_map(|each| Some((each.name.clone()?, each.at)));
        self.unique("index", keys.chain(named));
        for index in &table.indexes {
            let columns: Vec<String> = index.keys.iter().filter_map(|key| key.column.clone()).collect();
            self.columns_exist(table, &columns, index.at);
            self.columns_exist(table, &index.include, index.at);
        }
    }
}

/// Fills in what the files leave to be understood.
fn complete(definition: &mut Definition) {
    let labels: HashMap<Name, Vec<String>> =
        definition.enums.iter().map(|each| (each.name.clone(), each.labels.clone())).collect();
    let keys: HashMap<Name, Vec<String>> = definition
        .tables
        .iter()
        .filter_map(|table| Some((table.name.clone(), table.primary_key()?.columns.clone())))
        .collect();
    for table in &mut definition.tables {
        for column in &mut table.columns {
            column.ty.iter_mut().for_each(|ty| with_labels(ty, &labels));
        }
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(reference) = &mut constraint.kind
                && reference.referenced.is_empty()
            {
                reference.referenced = keys.get(&reference.table).cloned().unwrap_or_default();
            }
        }
    }
}

fn with_labels(ty: &mut Portable, known: &HashMap<Name, Vec<String>>) {
    match ty {
        Portable::Array(item) => with_labels(item, known),
        Portable::Enum { name, labels } if labels.is_empty() => {
            *labels = known.get(name).cloned().unwrap_or_default();
        }
        _ => {}
    }
}
