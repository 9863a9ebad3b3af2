//! Tables that cannot be altered into what they are to be: set aside, made anew, filled, dropped.

use std::collections::BTreeSet;

use super::locks::ACCESS_EXCLUSIVE;
use super::mention::Mentioned;
use super::{Fate, Work, casts, loss, probes, stops};
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{Catalog, Column, Constraint, ConstraintKind, Name, Object, ObjectId, Table};
use crate::model::plan::Loss;

impl Work<'_> {
    /// Gives the old tables other names, and frees those of their indexes and sequences.
    pub(super) fn set_tables_aside(&mut self) {
        for id in self.rebuilt() {
            let old = self.from.get(id);
            let Some(now) = self.now.get(&old.name).cloned() else { continue };
            let Some(table) = now.as_table() else { continue };
            for each in table
                .constraints
                .iter()
                .filter(|each| !each.inherited && each.kind != ConstraintKind::NotNull)
            {
                self.drop_constraint(&now, each, false);
            }
            let mut sql: Vec<String> = super::indexes::of(&now)
                .iter()
                .filter(|index| index.constraint.is_none())
                .map(|index| {
                    format!(
                        "DROP INDEX {}",
                        qualified(&Name::new(old.name.schema.as_str(), index.name.as_str()))
                    )
                })
                .collect();
            let table_name = qualified(&old.name);
            for column in table.columns.iter().filter(|column| column.identity.is_some()) {
                sql.push(format!(
                    "ALTER TABLE {table_name} ALTER COLUMN {} DROP IDENTITY",
                    ident(&column.name)
                ));
            }
            for column in &table.columns {
                let default = column.default.as_deref().map(Mentioned::of);
                if default.is_some_and(|text| text.names_any(&self.fates.gone)) {
                    sql.push(format!(
                        "ALTER TABLE {table_name} ALTER COLUMN {} DROP DEFAULT",
                        ident(&column.name)
                    ));
                }
            }
            self.free_rows(&old.name);
            let aside = self.free_name(&old.name);
            sql.push(format!("ALTER TABLE {table_name} RENAME TO {}", ident(&aside.name)));
            let step = self.step("set table aside", old, sql);
            step.lock = ACCESS_EXCLUSIVE.into();
            step.why = "it cannot be altered into what it is to be; its rows go over".into();
            self.now.remove(&old.name);
            self.aside.insert(old.name.clone(), aside);
        }
    }

    /// Tables of rows on both sides.
    fn rebuilt(&self) -> Vec<ObjectId> {
        let has_rows = |object: &Object| object.as_table().is_some_and(|table| table.foreign.is_none());
        let all = self.from.iter().filter(|(id, object)| {
            self.fates.get(*id) == Fate::Again
                && has_rows(object)
                && self.fates.twin(*id).is_some_and(|twin| has_rows(self.to.get(twin)))
        });
        all.map(|(id, _)| id).collect()
    }

    pub(super) fn is_rebuilt(&self, name: &Name) -> bool {
        self.places.get(name).is_some_and(|id| self.rebuilt().contains(id))
    }

    /// Moves the rows over and drops the old tables.
    pub(super) fn drop_aside_tables(&mut self) {
        for id in self.rebuilt() {
            let old = self.from.get(id);
            let Some(new) = self.fates.twin(id).map(|twin| self.to.get(twin)) else { continue };
            let (Some(before), Some(after)) = (old.as_table(), new.as_table()) else { continue };
            let Some(aside) = self.aside.get(&old.name).cloned() else { continue };
            let mut losses = Vec::new();
            let copy = self.copy(before, new, after, &aside, &mut losses);
            let mut sql: Vec<String> = copy.into_iter().collect();
            for column in after.columns.iter().filter(|column| column.identity.is_some()) {
                sql.extend(self.go_on_counting(&new.name, column));
            }
            sql.push(format!("DROP TABLE {}", qualified(&aside)));
            let lost: Vec<&Column> = before
                .columns
                .iter()
                .filter(|column| !after.columns.iter().any(|each| each.name == column.name))
                .collect();
            losses.extend(lost.iter().filter_map(|column| {
                let probe = probes::any_value(old, &column.name);
                loss(format!("the values of {}", column.name), Some(probe))
            }));
            if self.may_refuse(old, new) {
                let what = "rows that the new table does not take";
                losses.extend(stops(what, Some(probes::any_row(old)), Some(old)));
            }
            let step = self.step("move rows", new, sql);
            step.lock = ACCESS_EXCLUSIVE.into();
            step.rewrites = true;
            step.loses.extend(losses);
        }
    }

    /// Whether a place among partitions, a check or a column that must have a value may refuse a row.
    fn may_refuse(&self, old: &Object, new: &Object) -> bool {
        let (Some(before), Some(after)) = (old.as_table(), new.as_table()) else { return true };
        let by = |table: &Table| table.partitioning.as_ref().map(|each| each.by.clone());
        let places = |catalog: &Catalog| -> BTreeSet<(Name, String)> {
            let places = catalog.tables().filter_map(|(object, table)| {
                let place = table.partition_of.as_ref().filter(|place| place.parent == old.name)?;
                // One that is divided itself may refuse what its own place takes.
                let bound =
                    if table.partitioning.is_some() { String::new() } else { bare_numbers(&place.bound) };
                Some((object.name.clone(), bound))
            });
            places.collect()
        };
        let is_divided = |places: &BTreeSet<(Name, String)>| places.iter().any(|place| place.1.is_empty());
        let now = places(self.to);
        let same_places = by(before) == by(after) && places(self.from) == now && !is_divided(&now);
        // Values of a type that is made anew may stand in another order.
        let reordered = !self.aside_collations.is_empty()
            || before.columns.iter().any(|column| self.with_type_aside(column).ty != column.ty);
        let has_check =
            after.constraints.iter().any(|each| matches!(each.kind, ConstraintKind::Check { .. }));
        demands_more(before, after)
            || reordered && (has_check || after.partitioning.is_some())
            || after.partitioning.is_some() && !(same_places && only_widens(before, after))
    }

    fn copy(
        &self,
        before: &Table,
        new: &Object,
        after: &Table,
        aside: &Name,
        losses: &mut Vec<Loss>,
    ) -> Option<String> {
        let mut names = Vec::new();
        let mut values = Vec::new();
        for column in after.columns.iter().filter(|column| column.generated.is_none()) {
            let Some(old) = before.columns.iter().find(|each| each.name == column.name) else { continue };
            let cast = casts::between(self, &new.name, &self.with_type_aside(old), column);
            let name = ident(&column.name);
            losses.extend(cast.loses);
            values.push(cast.using.unwrap_or_else(|| name.clone()));
            names.push(name);
        }
        if names.is_empty() {
            // Nothing is common to both but the number of rows.
            let own = |column: &&Column| column.generated.is_none() && column.identity.is_none();
            let first = after.columns.iter().find(own)?;
            names.push(ident(&first.name));
            values.push(first.default.clone().unwrap_or_else(|| "NULL".to_owned()));
        }
        let always =
            after.columns.iter().any(|column| column.identity.as_ref().is_some_and(|each| each.always));
        let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
        Some(format!(
            "INSERT INTO {} ({}){overriding}\nSELECT {} FROM {}",
            qualified(&new.name),
            names.join(", "),
            values.join(", "),
            qualified(aside)
        ))
    }
}

/// Whether a column that must have a value has to get it, or a check that was not there is new.
fn demands_more(old: &Table, new: &Table) -> bool {
    let needs_a_value = |column: &Column| {
        let was_null =
            old.columns.iter().find(|each| each.name == column.name).is_none_or(|each| each.nullable);
        !column.nullable && was_null
    };
    let is_new = |check: &Constraint| {
        let same = |old: &Constraint| old.validated && old.kind == check.kind;
        matches!(check.kind, ConstraintKind::Check { .. }) && !old.constraints.iter().any(same)
    };
    new.constraints.iter().any(is_new) || new.columns.iter().any(needs_a_value)
}

/// The server writes a bigint in quotes, and an integer without.
fn bare_numbers(bound: &str) -> String {
    let mut bare = String::new();
    for (at, piece) in bound.split('\'').enumerate() {
        match at % 2 == 1 && piece.parse::<i64>().is_err() {
            true => bare += &format!("'{piece}'"),
            false => bare += piece,
        }
    }
    bare
}

/// Whether a number stays the same, or a column as it is.
fn only_widens(old: &Table, new: &Table) -> bool {
    const WHOLE: &[&str] = &["smallint", "integer", "bigint"];
    let width = |ty: &str| WHOLE.iter().position(|each| *each == ty);
    old.columns.iter().all(|column| {
        let Some(after) = new.columns.iter().find(|each| each.name == column.name) else { return false };
        let same = after.ty == column.ty && after.collation == column.collation;
        same || width(&column.ty).is_some_and(|old| width(&after.ty).is_some_and(|new| new >= old))
    })
}

/// Whether a foreign key stands on a kind of table that the other end may not be of.
pub fn changes_persistence(work: &Work<'_>, name: &Name) -> bool {
    let unlogged =
        |object: &Object| crate::model::catalog::attribute(&object.attributes, "unlogged").is_some();
    work.stays(name).is_some_and(|(old, new)| unlogged(old) != unlogged(new))
}

/// Whether the rows are spread by values of a type, or by an expression that names something.
pub fn spreads_by(table: &Table, on: &Name) -> bool {
    let Some(partitioning) = &table.partitioning else { return false };
    let mentioned = Mentioned::of(&partitioning.by);
    let ty = qualified(on);
    let has_it = |each: &Column| each.ty.trim_end_matches("[]") == ty || each.collation.as_ref() == Some(&ty);
    mentioned.names(on) || table.columns.iter().any(|each| mentioned.word(&each.name) && has_it(each))
}

/// Whether a column that the rows are spread by gets another type, or goes: no statement does that.
pub fn spreads_by_changed(old: &Table, new: &Table) -> bool {
    let Some(partitioning) = &old.partitioning else { return false };
    let mentioned = super::mention::Mentioned::of(&partitioning.by);
    old.columns.iter().filter(|column| mentioned.word(&column.name)).any(|column| {
        let after = new.columns.iter().find(|each| each.name == column.name);
        after.is_none_or(|after| after.ty != column.ty || after.collation != column.collation)
    })
}
