//! Altering tables that stay.

use super::locks::{ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE};
use super::mention::Mentioned;
use super::{Work, casts, probes};
use crate::ddl::text::{ident, qualified};
use crate::ddl::{columns as printed, constraints, tables};
use crate::model::catalog::{
    Column, Constraint, ConstraintKind, Detail, Domain, Kind, Name, Object, RoutineKind, Table, Type,
    attribute,
};
use crate::model::plan::Loss;

pub fn without_comments(columns: &[Column]) -> Vec<Column> {
    columns.iter().map(|column| Column { comment: None, ..column.clone() }).collect()
}

impl Work<'_> {
    pub(super) fn alter_table(&mut self, new: &Object) {
        let Some(table) = new.as_table() else { return };
        self.set_relation(new);
        if !self.is_typed(&new.name) {
            self.change_types(new, table);
            self.add_columns(new, table);
        }
        self.rename_not_nulls(new, table);
        self.end_inheriting(new, table);
        self.change_columns(new, table);
        self.set_columns(new);
        self.add_checks(new, table);
        self.inherit(new, table);
        self.tell_what_is_left(new, table);
    }

    /// Whether a table has the columns of a type, before and after.
    pub(super) fn is_typed(&self, name: &Name) -> bool {
        let of = |object: &Object| attribute(&object.attributes, "of").map(str::to_owned);
        self.stays(name).is_some_and(|(old, new)| of(old).is_some() && of(old) == of(new))
    }

    /// All columns of a table at once: its rows are written anew once, if at all.
    fn change_types(&mut self, new: &Object, table: &Table) {
        let Some(now) = self.now.table(&new.name).cloned() else { return };
        let mut clauses = Vec::new();
        let (mut rewrites, mut losses) = (false, Vec::new());
        let mut changed = Vec::new();
        for column in &table.columns {
            let Some(old) = now.columns.iter().find(|each| each.name == column.name) else { continue };
            if old.inherited || old.ty == column.ty && old.collation == column.collation {
                continue;
            }
            let cast = casts::between(self, &new.name, old, column);
            let name = ident(&column.name);
            if old.default.is_some() {
                clauses.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
            }
            let collate = column.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
            let using = cast.using.map_or(String::new(), |using| format!(" USING {using}"));
            clauses.push(format!("ALTER COLUMN {name} TYPE {}{collate}{using}", column.ty));
            if let Some(default) = column.default.as_ref().filter(|_| old.default.is_some()) {
                clauses.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
            }
            rewrites |= cast.rewrites;
            losses.extend(cast.loses);
            changed.push((column.clone(), old.default.is_some()));
        }
        if clauses.is_empty() {
            return;
        }
        let sql = format!("ALTER TABLE {}\n    {}", qualified(&new.name), clauses.join(",\n    "));
        let step = self.step("change type", new, vec![sql]);
        step.lock = ACCESS_EXCLUSIVE.into();
        step.rewrites = rewrites;
        step.loses.extend(losses);
        let mut tables = self.now.descendants(&new.name);
        tables.push(new.name.clone());
        for name in tables {
            let Some(table) = self.now.table_mut(&name) else { continue };
            for (column, has_default) in &changed {
                for each in table.columns.iter_mut().filter(|each| each.name == column.name) {
                    each.ty.clone_from(&column.ty);
                    each.collation.clone_from(&column.collation);
                    each.attributes.retain(|each| each.name != "storage");
                    if *has_default && name == new.name {
                        each.default.clone_from(&column.default);
                    }
                }
            }
        }
    }

    fn add_columns(&mut self, new: &Object, table: &Table) {
        // What is computed comes after what it is computed from.
        let (plain, computed): (Vec<&Column>, Vec<&Column>) =
            table.columns.iter().partition(|column| column.generated.is_none());
        for column in plain.into_iter().chain(computed) {
            let there = self.now.table(&new.name);
            if there.is_none_or(|now| now.columns.iter().any(|each| each.name == column.name)) {
                continue;
            }
            let line = printed::line(&self.lookup, &new.name, table, column, true);
            let sql = format!("ALTER TABLE {} ADD COLUMN {line}", qualified(&new.name));
            let rewrites = self.adding_rewrites(column);
            let needs_a_value = !column.nullable
                && column.default.is_none()
                && column.generated.is_none()
                && column.identity.is_none();
            let is_foreign = table.foreign.is_some();
            let probe = self.places.get(&new.name).map(|id| probes::any_row(self.from.get(*id)));
            let step = self.step("add column", new, vec![sql]);
            step.lock = ACCESS_EXCLUSIVE.into();
            step.rewrites = rewrites && !is_foreign;
            if needs_a_value {
                let what = format!("rows, which have no value for {}", column.name);
                step.loses.push(Loss::stops(what, probe, true));
            }
            self.column_added(&new.name, table, column);
        }
    }

    fn column_added(&mut self, name: &Name, table: &Table, column: &Column) {
        let added = Column {
            comment: None,
            inherited: false,
            attributes: column.attributes.iter().filter(|each| each.name == "options").cloned().collect(),
            grants: Vec::new(),
            ..column.clone()
        };
        let not_null = table.constraints.iter().find(|each| {
            each.kind == ConstraintKind::NotNull
                && each.columns.as_slice() == [column.name.as_str()]
                && each.validated
        });
        let below = self.now.descendants(name);
        if let Some(now) = self.now.table_mut(name) {
            now.columns.push(added.clone());
            now.constraints.extend(not_null.map(|each| Constraint { comment: None, ..each.clone() }));
        }
        for child in below {
            let Some(now) = self.now.table_mut(&child) else { continue };
            if !now.columns.iter().any(|each| each.name == added.name) {
                // Numbers of an identity are given by the table that has it; partitions have it too.
                let identity = added.identity.clone().filter(|_| now.partition_of.is_some());
                now.columns.push(Column { inherited: true, identity, ..added.clone() });
            }
        }
        if !column.nullable {
            self.pass_not_null_down(name, &column.name, not_null.and_then(|each| each.name.clone()));
        }
    }

    /// A value that is computed for each row is written into each (page of ALTER TABLE in the
    /// manual, "Notes").
    fn adding_rewrites(&self, column: &Column) -> bool {
        let stored = column.generated.as_ref().is_some_and(|generated| generated.stored);
        let volatile = column.default.as_deref().is_some_and(|default| self.is_volatile(default));
        let constrained = self.to.objects.iter().any(|object| {
            matches!(&object.detail, Detail::Type(Type::Domain(domain)) if is_constrained(domain))
                && column.ty == qualified(&object.name)
        });
        stored || volatile || column.identity.is_some() || constrained
    }

    fn is_volatile(&self, expression: &str) -> bool {
        const VOLATILE: &[&str] = &[
            "nextval",
            "currval",
            "lastval",
            "setval",
            "random",
            "random_normal",
            "gen_random_uuid",
            "uuidv4",
            "uuidv7",
            "clock_timestamp",
            "timeofday",
            "pg_notify",
        ];
        let mentioned = Mentioned::of(expression);
        let ours = self.to.objects.iter().any(|object| match &object.detail {
            Detail::Routine(routine) if mentioned.names(&object.name) => {
                let text = object.definition.as_deref().unwrap_or_default();
                let head = text.split("\nAS ").next().unwrap_or_default();
                let is_steady = head.contains(" IMMUTABLE") || head.contains(" STABLE");
                routine.kind != RoutineKind::Aggregate && !is_steady
            }
            _ => false,
        });
        ours || VOLATILE.iter().any(|word| mentioned.word(word))
    }

    /// Checks that all rows pass, and NOT NULLs with a name.
    fn add_checks(&mut self, new: &Object, table: &Table) {
        for each in &table.constraints {
            if !matches!(each.kind, ConstraintKind::Check { .. } | ConstraintKind::NotNull) || !each.validated
            {
                continue;
            }
            let Some(now) = self.now.table(&new.name) else { return };
            let has_it = now.constraints.iter().any(|old| old.name == each.name);
            let joins_later = table.partition_of.is_some() && now.partition_of.is_none()
                // The server takes no child that lacks what its parent demands.
                || table.inherits.iter().any(|parent| !now.inherits.contains(parent));
            if has_it || each.inherited && !joins_later {
                continue;
            }
            self.add_check(new, table, each);
        }
    }

    fn add_check(&mut self, new: &Object, table: &Table, check: &Constraint) {
        let Some(sql) = constraints::add(table, &new.name, "", check) else { return };
        let has_rows = self.has_rows(&new.name);
        let online = self.options.online && has_rows && matches!(check.kind, ConstraintKind::Check { .. });
        let valid = check
            .name
            .as_ref()
            .map(|name| format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", qualified(&new.name), ident(name)));
        let probe = self.check_probe(&new.name, check);
        let first = match (online, &valid) {
            (true, Some(_)) => format!("{sql} NOT VALID"),
            _ => sql,
        };
        let step = self.step("add constraint", new, vec![first]);
        step.lock = ACCESS_EXCLUSIVE.into();
        if online && let Some(valid) = valid {
            let step = self.step("validate constraint", new, vec![valid]);
            step.lock = SHARE_UPDATE_EXCLUSIVE.into();
            step.in_transaction = false;
        }
        if has_rows {
            self.may_stop(new, check, probe);
        }
        let propagates = attribute(&check.attributes, "no inherit").is_none();
        let below = if propagates { self.now.descendants(&new.name) } else { Vec::new() };
        for (at, name) in [new.name.clone()].into_iter().chain(below).enumerate() {
            let Some(table) = self.now.table_mut(&name) else { continue };
            let added = Constraint { inherited: at > 0, comment: None, ..check.clone() };
            if !table.constraints.iter().any(|each| each.name == added.name) {
                table.constraints.push(added);
            }
            if check.kind == ConstraintKind::NotNull {
                let named = table.columns.iter_mut().filter(|each| check.columns.contains(&each.name));
                named.for_each(|each| each.nullable = false);
            }
        }
    }

    pub(super) fn check_probe(&self, name: &Name, check: &Constraint) -> Option<String> {
        let old = self.from.get(*self.places.get(name)?);
        let before = old.as_table()?;
        let expression = match &check.kind {
            ConstraintKind::Check { expression } => format!("NOT ({expression})"),
            _ => format!("{} IS NULL", ident(check.columns.first()?)),
        };
        let has = |column: &String| before.columns.iter().any(|each| each.name == *column);
        let (there, fresh): (Vec<String>, Vec<String>) = check.columns.iter().cloned().partition(has);
        let is_known = !check.columns.is_empty()
            && !check.columns.iter().any(|column| self.fates.is_broken(name, column))
            && !Mentioned::of(&expression).names_any(&self.fates.gone)
            && !self.mentions_new(&expression);
        let values = fresh.iter().map(|column| self.first_value(name, column)).collect::<Option<Vec<_>>>();
        Some(match values.filter(|_| is_known) {
            Some(values) if values.is_empty() => probes::row_where(old, &expression),
            Some(values) => probes::row_with(old, &there, &values, &expression),
            None => probes::any_row(old),
        })
    }

    /// What all rows have in a column that is added, under its name; None where it is not one plain
    /// value.
    fn first_value(&self, table: &Name, column: &str) -> Option<String> {
        let mut tables = self.to.tables().filter(|(object, _)| object.name == *table);
        let column = tables.next()?.1.columns.iter().find(|each| each.name == column)?;
        let ty = Mentioned::of(&column.ty);
        // One may refuse the value, as it will the column.
        let is_domain = |object: &Object| matches!(object.detail, Detail::Type(Type::Domain(_)));
        let of_domain = self.to.iter().any(|(_, object)| is_domain(object) && ty.names(&object.name));
        if column.generated.is_some()
            || column.identity.is_some()
            || of_domain
            || self.mentions_new(&column.ty)
        {
            return None;
        }
        let value = match &column.default {
            // A function may give each row another.
            Some(default) if default.contains('(') || self.mentions_new(default) => return None,
            Some(default) => default,
            None if column.nullable => "NULL",
            None => return None,
        };
        Some(format!("CAST({value} AS {}) AS {}", column.ty, ident(&column.name)))
    }

    /// Whether a text needs something that only the second catalog has.
    fn mentions_new(&self, text: &str) -> bool {
        let mentioned = Mentioned::of(text);
        let mut new = self.to.iter().filter(|(id, _)| self.fates.origin(*id).is_none());
        new.any(|(_, object)| !object.name.schema.is_empty() && mentioned.names(&object.name))
    }

    /// Gives a table parents that it has not had.
    fn inherit(&mut self, new: &Object, table: &Table) {
        let Some(now) = self.now.table(&new.name).cloned() else { return };
        for parent in table.inherits.iter().filter(|parent| !now.inherits.contains(parent)) {
            let sql = format!("ALTER TABLE {} INHERIT {}", qualified(&new.name), qualified(parent));
            self.step("inherit", new, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            self.now.join(&new.name, parent);
            if let Some(now) = self.now.table_mut(&new.name) {
                now.inherits.push(parent.clone());
            }
        }
        let Some(joined) = self.now.table(&new.name).filter(|joined| joined.inherits != now.inherits) else {
            return;
        };
        let is_own = |each: &&Constraint| {
            let declared = joined.constraints.iter().any(|old| old.name == each.name && !old.inherited);
            each.inherited && declared
        };
        let own: Vec<&str> =
            table.constraints.iter().filter(is_own).filter_map(|each| each.name.as_deref()).collect();
        if !own.is_empty() {
            self.leave(
                format!("{}: whether {} come from a parent alone", self.label(new), own.join(", ")),
                "a constraint that was declared stays declared",
            );
        }
    }

    /// A partition whose table was there before gets its place when its own keys and indexes are
    /// there, so that the server takes them for those that it must have.
    pub(super) fn attach_partition(&mut self, new: &Object) {
        let (Some(table), Some(now)) = (new.as_table(), self.now.table(&new.name)) else { return };
        if table.partition_of.is_none() || now.partition_of.is_some() {
            return;
        }
        let Some(piece) = tables::attach(new, table) else { return };
        let step = self.step("attach partition", new, vec![piece.sql]);
        step.lock = "SHARE UPDATE EXCLUSIVE on the parent, ACCESS EXCLUSIVE on the partition: \
                     reads and writes of the partition wait"
            .into();
        self.joined(&new.name, table);
        self.take_keys_of_parent(&new.name, table);
    }

    /// Foreign keys of the parent come with the place.
    fn take_keys_of_parent(&mut self, name: &Name, table: &Table) {
        let Some(place) = &table.partition_of else { return };
        let Some(parent) = self.now.table(&place.parent).cloned() else { return };
        let keys =
            parent.constraints.into_iter().filter(|each| matches!(each.kind, ConstraintKind::ForeignKey(_)));
        let Some(now) = self.now.table_mut(name) else { return };
        for key in keys {
            now.constraints.push(Constraint { inherited: true, comment: None, ..key });
        }
    }

    /// No statement moves a column, or makes an own column one that comes from a parent.
    fn tell_what_is_left(&mut self, new: &Object, table: &Table) {
        let Some(now) = self.now.table(&new.name) else { return };
        let order = |columns: &[Column]| columns.iter().map(|each| each.name.clone()).collect::<Vec<_>>();
        let label = self.label(new);
        let moved = order(&now.columns) != order(&table.columns);
        let own: Vec<String> = table
            .columns
            .iter()
            .filter(|column| {
                now.columns.iter().any(|each| each.name == column.name && each.inherited != column.inherited)
            })
            .map(|column| column.name.clone())
            .collect();
        let will_join = table.partition_of.is_some() && now.partition_of.is_none();
        if moved {
            self.leave(
                format!("{label}: order of columns"),
                "no statement moves a column; new ones come last",
            );
            self.leave_statistics(new);
        }
        if !own.is_empty() && !will_join {
            self.leave(
                format!("{label}: whether {} come from a parent alone", own.join(", ")),
                "a column that was declared stays declared",
            );
        }
    }
}

impl Work<'_> {
    /// The server lists the columns of extended statistics as they stand in the table.
    fn leave_statistics(&mut self, table: &Object) {
        let to = self.to;
        let of_it = to.objects.iter().filter(|object| {
            object.kind() == Kind::Statistics
                && object.depends_on.iter().any(|on| to.get(*on).name == table.name)
        });
        for object in of_it {
            self.leave(
                format!("{}: order of columns", self.label(object)),
                "it is that of the table, whose columns cannot be moved",
            );
        }
    }
}

fn is_constrained(domain: &Domain) -> bool {
    !domain.nullable || !domain.constraints.is_empty()
}
