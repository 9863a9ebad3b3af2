//! Making and altering objects in the order in which a new database would be built.

use super::locks::ACCESS_EXCLUSIVE;
use super::{Fate, Work, stops};
use crate::ddl::order::{self, Part};
use crate::ddl::text::{ident, literal, qualified};
use crate::ddl::{self, tables, views};
use crate::model::catalog::{Constraint, Detail, Kind, Name, Object, ObjectId, Table, Type, attribute};

impl Work<'_> {
    pub(super) fn make(&mut self) {
        for (id, part) in order::order(self.to).before {
            self.make_or_alter(id, part);
        }
    }

    /// Views that need keys.
    pub(super) fn make_after_keys(&mut self) {
        for (id, part) in order::order(self.to).after_keys {
            self.make_or_alter(id, part);
        }
    }

    fn make_or_alter(&mut self, id: ObjectId, part: Part) {
        let new = self.to.get(id);
        match self.fates.stayed(id) {
            None => self.make_object(id, new, part),
            // What is there needs no first half.
            Some(_) if part == Part::Early => {}
            Some(old) => self.alter_object(self.from.get(old), new),
        }
    }

    fn make_object(&mut self, id: ObjectId, new: &Object, part: Part) {
        if let (Detail::Type(_), Some(old)) = (&new.detail, self.fates.origin(id))
            && part != Part::Rest
        {
            self.set_type_aside(old);
        }
        if let (Kind::Collation, Some(old)) = (new.kind(), self.fates.origin(id)) {
            self.set_collation_aside(old);
        }
        let pieces = match &new.detail {
            Detail::Table(table) if self.is_rebuilt(&new.name) => {
                tables::alone(&self.lookup, new, &self.with_not_nulls(&new.name, table), part)
            }
            Detail::Table(table) => tables::alone(&self.lookup, new, table, part),
            _ => ddl::object(&self.lookup, new, part),
        };
        let mut sql: Vec<String> = pieces.into_iter().map(|piece| piece.sql).collect();
        if !sql.is_empty() {
            unchecked(new, &mut sql);
            let kind = new.kind().word();
            self.step(&format!("create {kind}"), new, sql);
        }
        if part == Part::Rest {
            return;
        }
        match &new.detail {
            Detail::Table(table) => {
                self.now.put(bare(new, table));
                self.attach_at_once(new, table);
            }
            Detail::View(view) => {
                let mut object = Object { comment: None, ..new.clone() };
                object.detail = Detail::View(crate::model::catalog::View {
                    indexes: Vec::new(),
                    triggers: Vec::new(),
                    rules: Vec::new(),
                    columns: super::tables::without_comments(&view.columns),
                    ..view.clone()
                });
                self.now.put(object);
            }
            _ => {}
        }
    }

    /// A partition of a table that is new has no keys or indexes to be found equal.
    fn attach_at_once(&mut self, new: &Object, table: &Table) {
        let Some(place) = &table.partition_of else { return };
        if self.fate(&place.parent) == Some(Fate::Stays) {
            return;
        }
        if let Some(piece) = tables::attach(new, table) {
            self.step("attach partition", new, vec![piece.sql]);
            self.joined(&new.name, table);
        }
    }

    /// A partition has its place now.
    pub(super) fn joined(&mut self, name: &Name, table: &Table) {
        let Some(place) = &table.partition_of else { return };
        self.now.join(name, &place.parent);
        if let Some(now) = self.now.table_mut(name) {
            now.partition_of = Some(place.clone());
            now.columns.iter_mut().for_each(|column| column.inherited = true);
        }
    }

    fn alter_object(&mut self, old: &Object, new: &Object) {
        match (&old.detail, &new.detail) {
            (Detail::Extension { version: before }, Detail::Extension { version: after }) => {
                self.alter_extension(old, new, (before, after));
            }
            (Detail::Type(Type::Enum { .. }), _) => {}
            (Detail::Type(before), Detail::Type(after)) => self.alter_type(new, before, after),
            (Detail::Sequence(before), Detail::Sequence(after)) => {
                self.alter_sequence(old, before, new, after);
            }
            (Detail::Routine(_), Detail::Routine(_)) if old.definition != new.definition => {
                let pieces = ddl::object(&self.lookup, new, Part::Whole).into_iter();
                let mut sql = pieces.map(|piece| piece.sql).collect();
                unchecked(new, &mut sql);
                self.step("replace routine", new, sql);
            }
            (Detail::Table(_), Detail::Table(_)) => self.alter_table(new),
            (Detail::View(_), Detail::View(after)) if after.materialized => {
                self.set_relation(new);
                self.set_columns(new);
            }
            (Detail::View(_), Detail::View(after)) => self.replace_view(old, new, after),
            _ => {}
        }
    }

    fn replace_view(&mut self, old: &Object, new: &Object, view: &crate::model::catalog::View) {
        let Detail::View(before) = &old.detail else { return };
        let options = |object: &Object| crate::ddl::storage::parameters(&object.attributes);
        if before.query != view.query || options(old) != options(new) {
            let sql = views::create(new, view, Part::Rest).into_iter().map(|piece| piece.sql).collect();
            self.step("replace view", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
        // A view keeps the defaults of its columns until they are dropped.
        let mut sql = Vec::new();
        for column in &view.columns {
            let was = before.columns.iter().find(|each| each.name == column.name);
            let change = match (was.and_then(|each| each.default.as_ref()), &column.default) {
                (old, new) if old == new.as_ref() => continue,
                (_, Some(default)) => format!("SET DEFAULT {default}"),
                (_, None) => "DROP DEFAULT".to_owned(),
            };
            sql.push(format!(
                "ALTER VIEW {} ALTER COLUMN {} {change}",
                qualified(&new.name),
                ident(&column.name)
            ));
        }
        if !sql.is_empty() {
            self.step("alter view", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
        if let Some(now) = self.now.view_mut(&new.name) {
            now.query.clone_from(&view.query);
            for column in view.columns.iter().skip(now.columns.len()) {
                now.columns.push(crate::model::catalog::Column { comment: None, ..column.clone() });
            }
        }
    }

    fn alter_extension(&mut self, old: &Object, new: &Object, (before, after): (&str, &str)) {
        let mut sql = Vec::new();
        let name = qualified(&new.name);
        if before != after {
            sql.push(format!("ALTER EXTENSION {name} UPDATE TO {}", literal(after)));
        }
        let schema = |object: &Object| attribute(&object.attributes, "schema").map(str::to_owned);
        if let (true, Some(schema)) = (schema(old) != schema(new), schema(new)) {
            sql.push(format!("ALTER EXTENSION {name} SET SCHEMA {}", ident(&schema)));
        }
        if !sql.is_empty() {
            self.step("alter extension", new, sql);
        }
    }

    /// Schemas and the like whose only news are comments and rights need nothing here; a kind that
    /// is told by its definition alone was dropped, and is made anew.
    pub(super) fn make_last(&mut self, wanted: impl Fn(Kind) -> bool) {
        let ids: Vec<ObjectId> = self
            .to
            .iter()
            .filter(|(id, object)| {
                wanted(object.kind()) && object.extension.is_none() && self.fates.stayed(*id).is_none()
            })
            .map(|(id, _)| id)
            .collect();
        for id in ids {
            let object = self.to.get(id);
            let sql: Vec<String> = ddl::others::create(object).into_iter().map(|piece| piece.sql).collect();
            if !sql.is_empty() {
                self.step(&format!("create {}", object.kind().word()), object, sql);
            }
        }
    }

    /// Rows that break a constraint stop the last step, which adds or validates it.
    pub(super) fn may_stop(&mut self, new: &Object, constraint: &Constraint, probe: Option<String>) {
        let old = self.places.get(&new.name).map(|id| self.from.get(*id));
        let name = constraint.name.as_deref().unwrap_or("the constraint");
        if let Some(step) = self.plan.steps.last_mut() {
            step.loses.extend(stops(format!("rows that break {name}"), probe, old));
        }
    }
}

/// A body may name what is made later, and what other schemas hold: it is not looked at.
fn unchecked(object: &Object, sql: &mut Vec<String>) {
    if matches!(&object.detail, Detail::Routine(routine) if routine.body.is_some()) {
        sql.insert(0, "SET check_function_bodies = false".to_owned());
        sql.push("RESET check_function_bodies".to_owned());
    }
}

/// A table as CREATE TABLE leaves it, without what is added later.
fn bare(new: &Object, table: &Table) -> Object {
    let constraints = table.constraints.iter().filter(|each| {
        ddl::constraints::inside(table, each)
            || each.kind == crate::model::catalog::ConstraintKind::NotNull && each.validated
            || each.inherited && table.partition_of.is_none()
    });
    let detail = Detail::Table(Table {
        columns: super::tables::without_comments(&table.columns),
        constraints: constraints
            .cloned()
            .map(|each| crate::model::catalog::Constraint { comment: None, ..each })
            .collect(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        policies: Vec::new(),
        rules: Vec::new(),
        partition_of: None,
        ..table.clone()
    });
    let kept = ["row security", "force row security", "replica identity"];
    let attributes =
        new.attributes.iter().filter(|each| !kept.contains(&each.name.as_str())).cloned().collect();
    Object { comment: None, attributes, detail, ..new.clone() }
}
