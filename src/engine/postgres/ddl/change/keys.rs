//! Constraints that come when all tables are there: keys, foreign keys, and those that old rows
//! need not meet.

use super::locks::{ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE};
use super::{Work, probes, stops};
use crate::ddl::text::{ident, idents, qualified};
use crate::ddl::{constraints, storage};
use crate::model::catalog::{Constraint, ConstraintKind, Name, Object, Reference, Table, attribute};
use crate::model::plan::Loss;

impl Work<'_> {
    fn misses(&self, name: &Name, constraint: &Constraint) -> bool {
        self.now
            .table(name)
            .is_some_and(|now| !now.constraints.iter().any(|each| each.name == constraint.name))
    }

    /// Primary keys, UNIQUE, exclusions: on each table of its own, and attached later.
    pub(super) fn add_keys(&mut self, new: &Object) {
        let Some(table) = new.as_table() else { return };
        for each in &table.constraints {
            let is_key = matches!(
                each.kind,
                ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion
            );
            if is_key && self.misses(&new.name, each) {
                self.add_key(new, table, each);
            }
        }
    }

    fn add_key(&mut self, new: &Object, table: &Table, key: &Constraint) {
        let index =
            table.indexes.iter().find(|index| index.constraint.is_some() && index.constraint == key.name);
        let has_rows = self.has_rows(&new.name);
        let can_wait = table.partitioning.is_none()
            && key.kind != ConstraintKind::Exclusion
            && !key.definition.as_deref().unwrap_or_default().contains(" WITHOUT OVERLAPS");
        let online = self.options.online && has_rows && can_wait;
        if let (true, Some(index), Some(name)) = (online, index, &key.name) {
            self.add_key_online(new, index, key, name);
        } else {
            let Some(sql) = constraints::add(table, &new.name, "ONLY ", key) else { return };
            let step = self.step("add constraint", new, vec![sql]);
            step.lock = if has_rows { ACCESS_EXCLUSIVE.into() } else { String::new() };
        }
        let loses = self.key_loss(new, key, index.is_some_and(|index| index.nulls_not_distinct));
        if let Some(step) = self.plan.steps.last_mut().filter(|_| has_rows) {
            step.loses.extend(loses);
        }
        let Some(now) = self.now.table_mut(&new.name) else { return };
        now.constraints.push(Constraint { comment: None, ..key.clone() });
        if let Some(index) = index {
            let is_exclusion = key.kind == ConstraintKind::Exclusion;
            let given = |name: &str| !is_exclusion && storage::is_parameter(name);
            let attributes = index.attributes.iter().filter(|each| given(&each.name)).cloned().collect();
            now.indexes.push(crate::model::catalog::Index { comment: None, attributes, ..index.clone() });
        }
    }

    /// The index is built while others write; then it becomes the constraint.
    fn add_key_online(
        &mut self,
        new: &Object,
        index: &crate::model::catalog::Index,
        key: &Constraint,
        name: &str,
    ) {
        let table = qualified(&new.name);
        let include = match index.include.is_empty() {
            true => String::new(),
            false => format!(" INCLUDE ({})", idents(&index.include)),
        };
        let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        let sql = format!(
            "CREATE UNIQUE INDEX CONCURRENTLY {} ON {table} ({}){include}{nulls}{}",
            ident(name),
            idents(&key.columns),
            storage::with(&index.attributes).replace('\n', " ")
        );
        let step = self.step("create index", new, vec![sql]);
        step.lock = SHARE_UPDATE_EXCLUSIVE.into();
        step.in_transaction = false;
        let word = if key.kind == ConstraintKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
        let deferred = match (key.deferrable, key.initially_deferred) {
            (true, true) => " DEFERRABLE INITIALLY DEFERRED",
            (true, false) => " DEFERRABLE",
            _ => "",
        };
        let name = ident(name);
        let sql =
            format!("ALTER TABLE ONLY {table} ADD CONSTRAINT {name} {word} USING INDEX {name}{deferred}");
        self.step("add constraint", new, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
    }

    fn key_loss(&self, new: &Object, key: &Constraint, nulls_alike: bool) -> Option<Loss> {
        let old = self.from.get(*self.places.get(&new.name)?);
        let is_plain = key.kind != ConstraintKind::Exclusion
            && old.as_table().is_some_and(|table| probes::knows(table, &key.columns))
            && !key.columns.is_empty()
            // Values may be alike when they are written in another type.
            && !key.columns.iter().any(|column| self.fates.is_broken(&new.name, column));
        let probe =
            if is_plain { probes::duplicates(old, &key.columns, nulls_alike) } else { probes::any_row(old) };
        stops(format!("rows of the same values in {}", key.columns.join(", ")), Some(probe), Some(old))
    }

    /// Checks and NOT NULLs that old rows need not meet.
    pub(super) fn add_not_valid(&mut self, new: &Object) {
        let Some(table) = new.as_table() else { return };
        let missing: Vec<Constraint> =
            table.constraints.iter().filter(|each| self.misses(&new.name, each)).cloned().collect();
        let clone = Table { constraints: missing, ..table.clone() };
        let sql: Vec<String> =
            constraints::not_valid(new, &clone).into_iter().map(|piece| piece.sql).collect();
        if !sql.is_empty() {
            self.step("add constraint", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
    }

    pub(super) fn add_foreign_keys(&mut self, new: &Object) {
        let Some(table) = new.as_table() else { return };
        for each in &table.constraints {
            let ConstraintKind::ForeignKey(reference) = &each.kind else { continue };
            if !each.inherited && self.misses(&new.name, each) {
                self.add_foreign_key(new, table, each, reference);
            }
        }
    }

    fn add_foreign_key(&mut self, new: &Object, table: &Table, key: &Constraint, reference: &Reference) {
        let only = if table.partitioning.is_some() { "" } else { "ONLY " };
        let Some(sql) = constraints::add(table, &new.name, only, key) else { return };
        let has_rows = self.has_rows(&new.name);
        let online =
            self.options.online && has_rows && key.validated && key.enforced && table.partitioning.is_none();
        let lock = if has_rows || self.has_rows(&reference.table) { SHARE_ROW_EXCLUSIVE } else { "" };
        let first = if online { format!("{sql} NOT VALID") } else { sql };
        self.step("add constraint", new, vec![first]).lock = lock.into();
        if let (true, Some(name)) = (online, &key.name) {
            let sql = format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", qualified(&new.name), ident(name));
            let step = self.step("validate constraint", new, vec![sql]);
            step.lock = SHARE_UPDATE_EXCLUSIVE.into();
            step.in_transaction = false;
        }
        if has_rows && key.validated && key.enforced {
            let loses = self.orphan_loss(new, key, reference);
            if let Some(step) = self.plan.steps.last_mut() {
                step.loses.extend(loses);
            }
        }
        let mut names = self.now.descendants(&new.name);
        names.retain(|name| self.now.table(name).is_some_and(|table| table.partition_of.is_some()));
        for (name, inherited) in
            [(new.name.clone(), false)].into_iter().chain(names.into_iter().map(|name| (name, true)))
        {
            if let Some(table) = self.now.table_mut(&name) {
                table.constraints.push(Constraint { comment: None, inherited, ..key.clone() });
            }
        }
    }

    fn orphan_loss(&self, new: &Object, key: &Constraint, reference: &Reference) -> Option<Loss> {
        let child = self.from.get(*self.places.get(&new.name)?);
        let known = child.as_table().is_some_and(|table| probes::knows(table, &key.columns));
        let parent = self.places.get(&reference.table).map(|id| self.from.get(*id));
        let parent = parent.filter(|_| self.has_rows(&reference.table)).filter(|parent| {
            parent.as_table().is_some_and(|table| probes::knows(table, &reference.referenced))
        });
        let probe = match (known, parent) {
            (true, Some(parent)) => probes::orphans(child, &key.columns, parent, reference),
            (true, None) => {
                let given: Vec<String> =
                    key.columns.iter().map(|name| format!("{} IS NOT NULL", ident(name))).collect();
                probes::row_where(child, &given.join(" AND "))
            }
            _ => {
                let table = new.as_table()?;
                let is_null = |name: &String| {
                    let column = table.columns.iter().find(|column| column.name == *name);
                    let had = child.columns().iter().any(|column| column.name == *name);
                    !had && column.is_some_and(|column| {
                        column.default.is_none()
                            && column.generated.is_none()
                            && column.identity.is_none()
                            && column.nullable
                    })
                };
                // A row without a value has no need of a parent.
                if key.columns.iter().any(is_null) && !reference.full {
                    return None;
                }
                probes::any_row(child)
            }
        };
        let what = format!("rows without one in {}", self.to.short(&reference.table));
        stops(what, Some(probe), Some(child))
    }

    /// Rows of inheriting tables that a NOT NULL has not been for.
    fn nulls_below(&self, new: &Object, not_null: &Constraint) -> Option<Loss> {
        let column = not_null.columns.first().filter(|_| !self.now.children(&new.name).is_empty())?;
        let old = self.from.get(*self.places.get(&new.name)?);
        let probe = probes::row_where(old, &format!("{} IS NULL", ident(column)));
        stops(format!("nulls in {column}"), Some(probe), Some(old))
    }

    /// What ALTER CONSTRAINT and VALIDATE CONSTRAINT change.
    pub(super) fn alter_constraints(&mut self, new: &Object) {
        let (Some(table), Some(now)) = (new.as_table(), self.now.table(&new.name).cloned()) else { return };
        // A NOT NULL of the usual name and kind is not among the constraints.
        let is_told = |old: &&Constraint| table.constraints.iter().any(|each| each.name == old.name);
        let usual = |old: &Constraint| Constraint { validated: true, attributes: Vec::new(), ..old.clone() };
        let untold: Vec<Constraint> = now
            .constraints
            .iter()
            .filter(|old| old.kind == ConstraintKind::NotNull && !old.inherited && !is_told(old))
            .map(usual)
            .collect();
        for each in table.constraints.iter().chain(&untold).filter(|each| !each.inherited) {
            let Some(old) = now.constraints.iter().find(|old| old.name == each.name) else { continue };
            let Some(name) = &each.name else { continue };
            let at = format!("ALTER TABLE {}", qualified(&new.name));
            let name = ident(name);
            let mut sql = Vec::new();
            if matches!(each.kind, ConstraintKind::ForeignKey(_))
                && (old.deferrable, old.initially_deferred) != (each.deferrable, each.initially_deferred)
            {
                let how = match (each.deferrable, each.initially_deferred) {
                    (false, _) => "NOT DEFERRABLE",
                    (true, false) => "DEFERRABLE INITIALLY IMMEDIATE",
                    (true, true) => "DEFERRABLE INITIALLY DEFERRED",
                };
                sql.push(format!("{at} ALTER CONSTRAINT {name} {how}"));
            }
            if old.enforced != each.enforced {
                let how = if each.enforced { "ENFORCED" } else { "NOT ENFORCED" };
                sql.push(format!("{at} ALTER CONSTRAINT {name} {how}"));
            }
            let no_inherit = |each: &Constraint| attribute(&each.attributes, "no inherit").is_some();
            if each.kind == ConstraintKind::NotNull && no_inherit(old) != no_inherit(each) {
                let how = if no_inherit(each) { "NO INHERIT" } else { "INHERIT" };
                sql.push(format!("{at} ALTER CONSTRAINT {name} {how}"));
            }
            let loses = self.nulls_below(new, each).filter(|_| no_inherit(old) && !no_inherit(each));
            if !sql.is_empty() {
                let step = self.step("alter constraint", new, sql);
                step.lock = ACCESS_EXCLUSIVE.into();
                step.loses.extend(loses);
            }
            if !old.validated && each.validated && old.enforced {
                let step =
                    self.step("validate constraint", new, vec![format!("{at} VALIDATE CONSTRAINT {name}")]);
                step.lock = SHARE_UPDATE_EXCLUSIVE.into();
                if let ConstraintKind::ForeignKey(reference) = &each.kind {
                    let loses = self.orphan_loss(new, each, reference);
                    self.plan.steps.last_mut().into_iter().for_each(|step| step.loses.extend(loses.clone()));
                } else {
                    let probe = self.check_probe(&new.name, each);
                    self.may_stop(new, each, probe);
                }
            }
        }
    }
}
