//! Indexes that no constraint makes.

use super::locks::{ACCESS_EXCLUSIVE, SHARE, SHARE_UPDATE_EXCLUSIVE};
use super::parts::{same_core, same_index};
use super::{Work, probes, stops};
use crate::ddl::text::{ident, qualified};
use crate::ddl::{indexes, storage};
use crate::model::catalog::{Attribute, Constraint, ConstraintKind, Detail, Index, Name, Object, attribute};

/// Of a table or a materialized view.
pub fn of(object: &Object) -> &[Index] {
    match &object.detail {
        Detail::Table(table) => &table.indexes,
        Detail::View(view) => &view.indexes,
        _ => &[],
    }
}

impl Work<'_> {
    /// Constraints and indexes that only go by another name keep what they have built.
    pub(super) fn rename_parts(&mut self) {
        for name in self.now.names() {
            let Some((_, new)) = self.stays(&name) else { continue };
            let Some(now) = self.now.get(&name).cloned() else { continue };
            // Those below would be renamed too, and the names of theirs told by nobody.
            if !self.now.children(&name).is_empty() || self.now.has_parents(&name) {
                continue;
            }
            self.rename_constraints(&now, new);
            self.rename_indexes(&now, new);
        }
    }

    fn rename_constraints(&mut self, now: &Object, new: &Object) {
        let (Some(old), Some(wanted)) = (now.as_table(), new.as_table()) else { return };
        let has = |all: &[Constraint], name: &Option<String>| all.iter().any(|each| each.name == *name);
        let mut taken: Vec<&Option<String>> = Vec::new();
        for each in &old.constraints {
            if each.kind == ConstraintKind::NotNull
                || has(&wanted.constraints, &each.name)
                || each.columns.iter().any(|column| self.fates.is_dropped(&now.name, column))
            {
                continue;
            }
            let fits = |new: &&Constraint| {
                same_core(each, new)
                    && super::parts::same_constraint(each, new)
                    && !has(&old.constraints, &new.name)
                    && !self.names_a_not_null(now, new.name.as_ref())
                    && !taken.contains(&&new.name)
            };
            let Some(to) = wanted.constraints.iter().find(fits) else { continue };
            let (Some(before), Some(after)) = (&each.name, &to.name) else { continue };
            taken.push(&to.name);
            let table = qualified(&now.name);
            let sql = format!("ALTER TABLE {table} RENAME CONSTRAINT {} TO {}", ident(before), ident(after));
            self.step("rename constraint", now, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            let Some(table) = self.now.table_mut(&now.name) else { continue };
            for index in table.indexes.iter_mut().filter(|index| index.constraint == each.name) {
                index.name.clone_from(after);
                index.constraint.clone_from(&to.name);
            }
            for each in table.constraints.iter_mut().filter(|each| each.name.as_ref() == Some(before)) {
                each.name.clone_from(&to.name);
            }
        }
    }

    fn rename_indexes(&mut self, now: &Object, new: &Object) {
        let own = |index: &&Index| index.constraint.is_none();
        let has = |all: &[Index], name: &str| all.iter().any(|each| each.name == name);
        let mut taken: Vec<&str> = Vec::new();
        for each in of(now).iter().filter(own) {
            let reads = |column: &String| self.fates.is_dropped(&now.name, column);
            let dropped = each.keys.iter().filter_map(|key| key.column.as_ref()).any(reads);
            if has(of(new), &each.name) || dropped {
                continue;
            }
            let fits = |new: &&Index| {
                same_index(each, new) && !has(of(now), &new.name) && !taken.contains(&new.name.as_str())
            };
            let Some(to) = of(new).iter().filter(own).find(fits) else { continue };
            taken.push(&to.name);
            let before = Name::new(now.name.schema.as_str(), each.name.as_str());
            let sql = format!("ALTER INDEX {} RENAME TO {}", qualified(&before), ident(&to.name));
            self.step("rename index", now, vec![sql]).lock = SHARE_UPDATE_EXCLUSIVE.into();
            if let Some(object) = self.now.get_mut(&now.name) {
                let all = match &mut object.detail {
                    Detail::Table(table) => &mut table.indexes,
                    Detail::View(view) => &mut view.indexes,
                    _ => continue,
                };
                all.iter_mut()
                    .filter(|index| index.name == each.name)
                    .for_each(|index| index.name.clone_from(&to.name));
            }
        }
    }

    /// Indexes that are missing.
    pub(super) fn add_indexes(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        let missing = |index: &&Index| {
            index.constraint.is_none() && !of(&now).iter().any(|each| each.name == index.name)
        };
        for index in of(new).iter().filter(missing) {
            self.add_index(new, index);
        }
    }

    fn add_index(&mut self, object: &Object, index: &Index) {
        let is_parent = object.as_table().is_some_and(|table| table.partitioning.is_some());
        let old = self.places.get(&object.name).map(|id| self.from.get(*id));
        let has_rows =
            self.has_rows(&object.name) || old.is_some_and(|old| matches!(old.detail, Detail::View(_)));
        let online = self.options.online && has_rows && !is_parent;
        if !index.usable && !is_parent {
            self.leave(
                format!("{}: index {}", self.label(object), index.name),
                "it was left half built, and is not built anew like that",
            );
            return;
        }
        for piece in indexes::create(object, std::slice::from_ref(index)) {
            let sql = if online { concurrently(&piece.sql) } else { piece.sql };
            let probe = old.filter(|_| index.unique && has_rows).map(|old| self.unique_probe(old, index));
            let step = self.step("create index", object, vec![sql]);
            step.in_transaction = !online;
            if has_rows {
                step.lock = if online { SHARE_UPDATE_EXCLUSIVE } else { SHARE }.into();
            }
            if let Some(probe) = probe {
                step.loses.extend(stops(
                    format!("rows of the same values in {}", index.name),
                    Some(probe),
                    old,
                ));
            }
        }
        let clone = Index { comment: None, attributes: parameters(&index.attributes), ..index.clone() };
        match self.now.get_mut(&object.name).map(|object| &mut object.detail) {
            Some(Detail::Table(table)) => table.indexes.push(clone),
            Some(Detail::View(view)) => view.indexes.push(clone),
            _ => {}
        }
    }

    fn unique_probe(&self, old: &Object, index: &Index) -> String {
        let columns: Vec<String> = index.keys.iter().filter_map(|key| key.column.clone()).collect();
        let is_plain = columns.len() == index.keys.len() && index.predicate.is_none();
        match old.as_table().is_some_and(|table| probes::knows(table, &columns)) && is_plain {
            true => probes::duplicates(old, &columns, index.nulls_not_distinct),
            false => probes::any_row(old),
        }
    }

    /// Indexes of partitions become parts of those of their tables.
    pub(super) fn attach_indexes(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        for index in of(new) {
            let parent = attribute(&index.attributes, "partition of");
            let there = of(&now).iter().find(|each| each.name == index.name);
            let is_attached = there.is_some_and(|each| attribute(&each.attributes, "partition of") == parent);
            if parent.is_none() || is_attached || there.is_none() {
                continue;
            }
            for piece in indexes::attach(new, std::slice::from_ref(index)) {
                self.step("attach index", new, vec![piece.sql]).lock = SHARE_UPDATE_EXCLUSIVE.into();
            }
        }
    }

    /// Storage parameters, and what is set on an index.
    pub(super) fn set_indexes(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        for index in of(new) {
            let Some(there) = of(&now).iter().find(|each| each.name == index.name) else { continue };
            let name = qualified(&Name::new(new.name.schema.as_str(), index.name.as_str()));
            let mut sql =
                storage_changes(&format!("ALTER INDEX {name}"), &there.attributes, &index.attributes);
            let added: Vec<Attribute> =
                index.attributes.iter().filter(|each| !there.attributes.contains(each)).cloned().collect();
            let clone = Index { attributes: added, ..index.clone() };
            sql.extend(indexes::settings(new, &[clone]).into_iter().map(|piece| piece.sql));
            let has = |name: &str| index.attributes.iter().any(|each| each.name == name);
            for gone in there.attributes.iter().filter(|each| !has(&each.name)) {
                sql.extend(unset(new, &name, &gone.name));
            }
            if !sql.is_empty() {
                self.step("alter index", new, sql).lock = SHARE_UPDATE_EXCLUSIVE.into();
            }
        }
    }
}

/// Those that are given with CREATE INDEX.
fn parameters(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|each| storage::is_parameter(&each.name)).cloned().collect()
}

fn unset(object: &Object, index: &str, attribute: &str) -> Option<String> {
    let table = qualified(&object.name);
    let kind = if object.as_table().is_some() { "TABLE" } else { "MATERIALIZED VIEW" };
    match attribute {
        "clustered" => Some(format!("ALTER {kind} {table} SET WITHOUT CLUSTER")),
        "tablespace" => Some(format!("ALTER INDEX {index} SET TABLESPACE pg_default")),
        other => {
            let number = other.strip_prefix("statistics ")?;
            Some(format!("ALTER INDEX {index} ALTER COLUMN {number} SET STATISTICS -1"))
        }
    }
}

/// `SET (...)` and `RESET (...)` of storage parameters.
pub fn storage_changes(alter: &str, old: &[Attribute], new: &[Attribute]) -> Vec<String> {
    let of = |all: &[Attribute], other: &[Attribute]| -> Vec<Attribute> {
        all.iter()
            .filter(|each| storage::is_parameter(&each.name) && !other.contains(each))
            .cloned()
            .collect()
    };
    let set = of(new, old);
    let reset: Vec<String> = of(old, new)
        .iter()
        .filter(|each| !new.iter().any(|new| new.name == each.name))
        .map(|each| each.name.split('.').map(ident).collect::<Vec<_>>().join("."))
        .collect();
    let mut sql = Vec::new();
    if let Some(parameters) = storage::parameters(&set) {
        sql.push(format!("{alter} SET ({parameters})"));
    }
    if !reset.is_empty() {
        sql.push(format!("{alter} RESET ({})", reset.join(", ")));
    }
    sql
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY`.
fn concurrently(sql: &str) -> String {
    sql.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1)
}
