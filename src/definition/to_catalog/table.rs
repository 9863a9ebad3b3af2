//! Tables and their constraints.

use super::Maker;
use super::column::shortened;
use crate::definition::expression::Kind;
use crate::definition::fitting::may_refer;
use crate::definition::{Constraint, ConstraintKind, Table};
use crate::model::catalog::{self, Action, Detail, Name, Object, Reference};
use crate::model::types::Portable;

impl Maker<'_> {
    /// The table, and the types and functions that were made for its columns.
    pub(super) fn table(&mut self, table: &Table) -> (Object, Vec<Object>) {
        let name = self.names.relation(&table.name);
        let mut made = catalog::Table::default();
        let mut types = Vec::new();
        let mut checks = Vec::new();
        let mut set_on_update = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let column = self.column(table, column);
            made.columns.push(column.column);
            set_on_update.extend(column.set_to.map(|now| (at, now)));
            checks.extend(column.checks);
            types.extend(column.object);
        }
        for constraint in &table.constraints {
            if let Some(mut new) = self.constraint(table, &name, constraint) {
                made.indexes.extend(self.index_of(&name, constraint, &mut new));
                made.constraints.push(new);
            }
        }
        made.constraints.extend(checks);
        for index in &table.indexes {
            let index = self.index(table, &name, index, &made.columns);
            made.indexes.extend(index);
        }
        for (at, now) in set_on_update {
            types.extend(self.set_on_update(&name, &mut made, at, &now));
        }
        self.comments(table, &mut made);
        let mut object = Object::new(name, Detail::Table(made));
        object.comment = table.comment.clone().filter(|_| self.abilities.comments);
        object.attributes = self.options(table);
        (object, types)
    }

    /// A trigger in place of ON UPDATE CURRENT_TIMESTAMP; returns the function that it needs.
    fn set_on_update(
        &mut self,
        name: &Name,
        made: &mut catalog::Table,
        at: usize,
        now: &str,
    ) -> Option<Object> {
        let column = made.columns[at].name.clone();
        let free = self.names.unique(name, &format!("{}_{column}_now", name.name));
        let free = Name::new(&name.schema, free);
        let Some(on_update) = self.map.set_on_update(&free, (name, made), at, now) else {
            let reason = "no other column could change";
            self.lose(&format!("column {name}.{column}"), "ON UPDATE CURRENT_TIMESTAMP", reason);
            return None;
        };
        made.triggers.push(on_update.trigger);
        on_update.function
    }

    /// The engine's own options; what those of others mean is told.
    fn options(&mut self, table: &Table) -> Vec<catalog::Attribute> {
        let own = table.options.get(&self.engine);
        let kin = self.engine.kin().and_then(|kin| table.options.get(&kin));
        if let Some(own) = own {
            return own.clone();
        }
        if let Some(kin) = kin {
            let mut options = kin.clone();
            if let Some(name) = catalog::attribute(kin, "collate").filter(|name| !self.has_collation(name)) {
                let reason = "the engine has no such collation: comparisons and sorting may differ";
                self.lose(&format!("table {}", table.name), format!("collation {name}"), reason);
                options.retain(|option| option.name != "collate");
            }
            return options;
        }
        for (other, options) in &table.options {
            let weighty = crate::engine::engine_for(*other).type_map(*other).abilities().weighty_options;
            for (name, reason) in weighty {
                if let Some(value) = catalog::attribute(options, name) {
                    self.lose(&format!("table {}", table.name), format!("{name} {value}"), *reason);
                }
            }
        }
        Vec::new()
    }

    /// Whether a collation of its kin is one of its own.
    pub(super) fn has_collation(&self, name: &str) -> bool {
        !self.abilities.unknown_collations.iter().any(|part| name.contains(part))
    }

    fn comments(&mut self, table: &Table, made: &mut catalog::Table) {
        let has = table.comment.is_some() || table.columns.iter().any(|column| column.comment.is_some());
        if has && !self.abilities.comments {
            self.lose(&format!("table {}", table.name), "comments", "the engine keeps none");
            made.columns.iter_mut().for_each(|column| column.comment = None);
        }
    }

    fn constraint(
        &mut self,
        table: &Table,
        name: &Name,
        constraint: &Constraint,
    ) -> Option<catalog::Constraint> {
        let shown = format!("table {}", table.name);
        let called =
            constraint.name.clone().unwrap_or_else(|| format!("({})", constraint.columns.join(", ")));
        let kind = match &constraint.kind {
            ConstraintKind::PrimaryKey => catalog::ConstraintKind::PrimaryKey,
            ConstraintKind::Unique { nulls_not_distinct } => {
                if *nulls_not_distinct && !self.abilities.nulls_not_distinct {
                    let reason = "the engine takes every NULL for another one";
                    self.lose(&shown, format!("unique {called} NULLS NOT DISTINCT"), reason);
                }
                catalog::ConstraintKind::Unique
            }
            ConstraintKind::Check(sql) => {
                let text = self.sql(sql, |kind, _| *kind == Kind::Bool).map_err(str::to_owned);
                let own = sql.own.contains_key(&self.engine);
                let barred = |text: &String| self.barred_check(table, text).filter(|_| !own);
                match text.and_then(|text| barred(&text).map_or(Ok(text), Err)) {
                    Ok(expression) => catalog::ConstraintKind::Check { expression },
                    Err(reason) => {
                        self.lose(&shown, format!("check {}", shortened(sql)), reason);
                        return None;
                    }
                }
            }
            ConstraintKind::ForeignKey(reference) => {
                let reference = self.reference(table, constraint, reference, &called)?;
                catalog::ConstraintKind::ForeignKey(reference)
            }
        };
        let columns = constraint.columns.iter().map(|name| self.names.short(name)).collect();
        let mut made = catalog::Constraint::new(self.constraint_name(name, constraint), kind, columns);
        made.deferrable = constraint.deferrable && self.abilities.deferrable;
        made.initially_deferred = constraint.initially_deferred && self.abilities.deferrable;
        if constraint.deferrable && !self.abilities.deferrable {
            self.lose(&shown, format!("constraint {called} DEFERRABLE"), "the engine checks it at once");
        }
        made.validated = constraint.validated;
        made.enforced = constraint.enforced || !self.abilities.not_enforced;
        if !constraint.enforced && made.enforced {
            self.lose(&shown, format!("constraint {called} NOT ENFORCED"), "the engine checks it");
        }
        made.comment = constraint.comment.clone().filter(|_| self.abilities.comments);
        made.attributes = constraint.options.get(&self.engine).cloned().unwrap_or_default();
        if matches!(constraint.kind, ConstraintKind::Check(_)) {
            self.in_column(table, &mut made);
        }
        Some(made)
    }

    /// A check that stands in the line of its column, which its options name; in its own line where
    /// there is no such column.
    fn in_column(&self, table: &Table, check: &mut catalog::Constraint) {
        let column = catalog::attribute(&check.attributes, "column").and_then(|name| table.column(name));
        match column {
            Some(column) => check.columns = vec![self.names.short(&column.name)],
            None => check.attributes.retain(|each| each.name != "level"),
        }
        check.attributes.retain(|each| each.name != "column");
    }

    /// The index of a unique constraint that takes two NULLs for the same: the index says so.
    fn index_of(
        &mut self,
        table: &Name,
        constraint: &Constraint,
        made: &mut catalog::Constraint,
    ) -> Option<catalog::Index> {
        let same = matches!(constraint.kind, ConstraintKind::Unique { nulls_not_distinct: true });
        if !same || !self.abilities.nulls_not_distinct {
            return None;
        }
        let usual = format!("{}_{}_key", table.name, made.columns.join("_"));
        let name = match &made.name {
            Some(name) => name.clone(),
            None => self.names.unique(table, &usual),
        };
        made.name = Some(name.clone());
        let key = |column: &String| catalog::IndexKey { column: Some(column.clone()), ..Default::default() };
        Some(catalog::Index {
            name: name.clone(),
            keys: made.columns.iter().map(key).collect(),
            unique: true,
            nulls_not_distinct: true,
            constraint: Some(name),
            usable: true,
            ..catalog::Index::default()
        })
    }

    /// The name, where the engine keeps one and it is not taken.
    fn constraint_name(&mut self, table: &Name, constraint: &Constraint) -> Option<String> {
        let name = constraint.name.as_deref()?;
        let key = matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. });
        let per_database = match key {
            true => !self.abilities.index_names_per_table,
            false => self.abilities.constraint_names_per_database,
        };
        match per_database {
            true => Some(self.names.unique(table, name)),
            false => Some(self.names.short(name)),
        }
    }

    fn reference(
        &mut self,
        table: &Table,
        constraint: &Constraint,
        reference: &Reference,
        called: &str,
    ) -> Option<Reference> {
        let shown = format!("table {}", table.name);
        let Some(parent) = self.definition.tables.iter().find(|each| each.name == reference.table) else {
            let what = format!("foreign key {called}");
            self.lose(&shown, what, format!("there is no table {}", reference.table));
            return None;
        };
        let mut made = reference.clone();
        made.table = self.names.relation(&reference.table);
        if made.referenced.is_empty() {
            made.referenced = parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
        }
        if let Some(reason) = self.mismatch(table, constraint, (parent, &made.referenced)) {
            self.lose(&shown, format!("foreign key {called}"), reason);
            return None;
        }
        made.referenced = made.referenced.iter().map(|name| self.names.short(name)).collect();
        for (event, action) in [("DELETE", &mut made.on_delete), ("UPDATE", &mut made.on_update)] {
            if *action == Action::SetDefault && !self.abilities.set_default {
                *action = Action::NoAction;
                let what = format!("foreign key {called} ON {event} SET DEFAULT");
                self.losses.push(crate::definition::Loss {
                    object: shown.clone(),
                    what,
                    reason: "the engine refuses it; nothing is done".into(),
                });
            }
        }
        if made.full && !self.abilities.match_full {
            made.full = false;
            let reason = "the engine lets a partly NULL key pass";
            self.lose(&shown, format!("foreign key {called} MATCH FULL"), reason);
        }
        Some(made)
    }

    /// Why the engine refuses a foreign key to these columns.
    fn mismatch(&self, table: &Table, constraint: &Constraint, to: (&Table, &[String])) -> Option<String> {
        let (parent, referenced) = to;
        if self.abilities.loose_types {
            return None;
        }
        if !self.is_key(parent, referenced) || referenced.len() != constraint.columns.len() {
            return Some(format!("({}) is no key of table {}", referenced.join(", "), parent.name));
        }
        for (here, there) in constraint.columns.iter().zip(referenced) {
            let types = (self.carried_type(table, here), self.carried_type(parent, there));
            if let (Some(one), Some(other)) = types
                && !may_refer(&one, &other, self.abilities.strict_foreign_keys)
            {
                return Some(format!("the engine wants one type at both ends, not {one} and {other}"));
            }
        }
        None
    }

    /// Whether a foreign key may refer to the columns.
    fn is_key(&self, table: &Table, columns: &[String]) -> bool {
        let leads = |index: &crate::definition::Index| {
            let keys = index.keys.iter().map(|key| key.column.as_ref().filter(|_| key.prefix.is_none()));
            keys.take(columns.len()).eq(columns.iter().map(Some))
        };
        table.has_key(columns) || self.abilities.loose_references && table.indexes.iter().any(leads)
    }

    /// The type that a column has here, as far as it has a portable one.
    fn carried_type(&self, table: &Table, column: &str) -> Option<Portable> {
        let column = table.column(column)?;
        let own = column.native.get(self.engine).is_some();
        column.ty.clone().or_else(|| (!own).then_some(Portable::Text))
    }
}
