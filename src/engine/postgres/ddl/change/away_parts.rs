//! Taking off the parts of relations that go, change, or stand on what does.

use super::locks::{ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE};
use super::mention::Mentioned;
use super::parts::{
    constraint_text, index_texts, same_constraint, same_index, same_policy, same_rule, same_trigger,
};
use super::{Fate, Work};
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{
    Constraint, ConstraintKind, Detail, Index, Name, Object, Policy, Reference, Rule, Table, Trigger,
    attribute,
};

const SHAKEN: &str = "it stands on what changes";

/// Rules, triggers and policies of a relation.
pub(super) fn watching(object: &Object) -> (&[Trigger], &[Policy], &[Rule]) {
    match &object.detail {
        Detail::Table(table) => (&table.triggers, &table.policies, &table.rules),
        Detail::View(view) => (&view.triggers, &[], &view.rules),
        _ => (&[], &[], &[]),
    }
}

impl Work<'_> {
    /// Triggers, policies and rules.
    pub(super) fn take_off_watching(&mut self, name: &Name) {
        let Some(now) = self.now.get(name).cloned() else { return };
        let Some((_, new)) = self.stays(name) else { return self.untie(&now) };
        let (triggers, policies, rules) = watching(&now);
        let (new_triggers, new_policies, new_rules) = watching(new);
        let mut off: Vec<(&str, &str, bool)> = Vec::new();
        for old in triggers.iter().filter(|each| attribute(&each.attributes, "inherited").is_none()) {
            let stays = new_triggers.iter().any(|new| new.name == old.name && same_trigger(old, new));
            if !stays || self.is_shaken(name, old.definition.as_deref()) {
                off.push(("trigger", &old.name, stays));
            }
        }
        for old in policies {
            let stays = new_policies.iter().any(|new| new.name == old.name && same_policy(old, new));
            if !stays
                || self.is_shaken(name, [&old.using, &old.check].into_iter().flatten().map(String::as_str))
            {
                off.push(("policy", &old.name, stays));
            }
        }
        for old in rules {
            let stays = new_rules.iter().any(|new| new.name == old.name && same_rule(old, new));
            if !stays || self.is_shaken(name, [old.definition.as_str()]) {
                off.push(("rule", &old.name, stays));
            }
        }
        for (kind, part, stays) in off {
            self.drop_watching(&now, kind, part, stays);
        }
    }

    /// Rules and policies of what goes, which name something else that may have to go before.
    fn untie(&mut self, now: &Object) {
        let (triggers, policies, rules) = watching(now);
        let ties = |texts: &[&str]| {
            Mentioned::of_all(texts.iter().copied()).names_another(&self.fates.gone, &now.name)
        };
        let mut off: Vec<(&str, &str)> = Vec::new();
        if self.is_rebuilt(&now.name) {
            // The old table is there for longer than the functions.
            let own = triggers.iter().filter(|each| attribute(&each.attributes, "inherited").is_none());
            let tied = own.filter(|each| ties(&[each.definition.as_deref().unwrap_or_default()]));
            off.extend(tied.map(|each| ("trigger", each.name.as_str())));
        }
        for each in policies {
            let texts: Vec<&str> =
                [&each.using, &each.check].into_iter().flatten().map(String::as_str).collect();
            off.extend(ties(&texts).then_some(("policy", each.name.as_str())));
        }
        let rules = rules.iter().filter(|each| ties(&[&each.definition]));
        off.extend(rules.map(|each| ("rule", each.name.as_str())));
        for (kind, part) in off {
            self.drop_watching(now, kind, part, false);
        }
    }

    fn drop_watching(&mut self, now: &Object, kind: &str, part: &str, stays: bool) {
        let name = &now.name;
        let sql = format!("DROP {} {} ON {}", kind.to_uppercase(), ident(part), qualified(name));
        let step = self.step(&format!("drop {kind}"), now, vec![sql]);
        step.lock = ACCESS_EXCLUSIVE.into();
        step.why = if stays { SHAKEN.into() } else { String::new() };
        match self.now.get_mut(name).map(|object| &mut object.detail) {
            Some(Detail::Table(table)) => {
                table.triggers.retain(|each| kind != "trigger" || each.name != part);
                table.policies.retain(|each| kind != "policy" || each.name != part);
                table.rules.retain(|each| kind != "rule" || each.name != part);
            }
            Some(Detail::View(view)) => {
                view.triggers.retain(|each| kind != "trigger" || each.name != part);
                view.rules.retain(|each| kind != "rule" || each.name != part);
            }
            _ => {}
        }
    }

    fn is_shaken<'t>(&self, relation: &Name, texts: impl IntoIterator<Item = &'t str>) -> bool {
        !self.fates.is_calm() && self.fates.shakes_inside(relation, &Mentioned::of_all(texts))
    }

    pub(super) fn take_off_foreign_keys(&mut self, name: &Name) {
        let goes = self.fate(name) == Some(Fate::Goes);
        let new = self.stays(name).and_then(|(_, new)| new.as_table());
        let Some(now) = self.now.get(name).cloned() else { return };
        let Some(table) = now.as_table() else { return };
        for old in table.constraints.iter().filter(|each| !each.inherited) {
            let ConstraintKind::ForeignKey(reference) = &old.kind else { continue };
            let stays = new.is_some_and(|new| {
                new.constraints.iter().any(|each| each.name == old.name && same_constraint(old, each))
            });
            // One of a table that goes is in the way only where the key that it stands on goes first.
            let in_the_way = match goes {
                true => self.key_is_shaken(reference),
                false => !stays || self.moves(name, old, reference),
            };
            if in_the_way {
                self.drop_constraint(&now, old, stays);
            }
        }
    }

    /// Whether one of the ends of a foreign key is not there all the time, or changes its type.
    fn moves(&self, name: &Name, key: &Constraint, reference: &Reference) -> bool {
        let Some((_, other)) = self.stays(&reference.table) else { return true };
        key.columns.iter().any(|column| self.fates.is_broken(name, column))
            || reference.referenced.iter().any(|column| self.fates.is_broken(&reference.table, column))
            || self.key_goes(&reference.table, other, &reference.referenced)
            || super::rebuild::changes_persistence(self, name)
            || super::rebuild::changes_persistence(self, &reference.table)
    }

    /// Whether the key that a foreign key stands on goes, of a table that stays.
    fn key_is_shaken(&self, reference: &Reference) -> bool {
        self.stays(&reference.table).is_some_and(|(_, other)| {
            reference.referenced.iter().any(|column| self.fates.is_broken(&reference.table, column))
                || self.key_goes(&reference.table, other, &reference.referenced)
        })
    }

    /// Whether one of the keys that a foreign key may stand on goes.
    fn key_goes(&self, name: &Name, new: &Object, columns: &[String]) -> bool {
        let (Some(old), Some(new)) = (self.now.table(name), new.as_table()) else { return true };
        let same_set =
            |all: &[String]| all.len() == columns.len() && all.iter().all(|column| columns.contains(column));
        let is_key =
            |each: &&Constraint| matches!(each.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
        let keys = old.constraints.iter().filter(is_key).filter(|each| same_set(&each.columns));
        let unique = |index: &&Index| index.unique && index.constraint.is_none();
        let keyed = |index: &&Index| {
            let columns: Vec<String> = index.keys.iter().filter_map(|key| key.column.clone()).collect();
            columns.len() == index.keys.len() && same_set(&columns)
        };
        let mut indexes = old.indexes.iter().filter(unique).filter(keyed);
        keys.into_iter().any(|old| {
            !new.constraints.iter().any(|each| each.name == old.name && same_constraint(old, each))
        }) || indexes
            .any(|old| !new.indexes.iter().any(|each| each.name == old.name && same_index(old, each)))
    }

    /// Checks, exclusions, UNIQUE, named NOT NULLs: all but foreign keys and primary keys; or, later,
    /// the primary keys.
    pub(super) fn take_off_constraints(&mut self, name: &Name, primary: bool) {
        let Some((_, new)) = self.stays(name) else { return };
        let (Some(now), Some(new)) = (self.now.get(name).cloned(), new.as_table()) else { return };
        let Some(table) = now.as_table() else { return };
        for old in &table.constraints {
            let wanted = match old.kind {
                ConstraintKind::ForeignKey(_) => false,
                // It goes with the word NOT NULL of the column, or gets another name.
                ConstraintKind::NotNull => {
                    let same = |each: &&Constraint| each.kind == old.kind && each.columns == old.columns;
                    !primary
                        && old.validated
                        && new.constraints.iter().find(same).is_some_and(|each| !each.validated)
                }
                ConstraintKind::PrimaryKey => primary,
                _ => !primary,
            };
            let still = |work: &Self| {
                work.now.table(name).is_some_and(|now| {
                    now.constraints.iter().any(|each| each.name == old.name && !each.inherited)
                })
            };
            if !wanted || !still(self) {
                continue;
            }
            let stays =
                new.constraints.iter().any(|each| each.name == old.name && same_constraint(old, each));
            if !stays || self.constraint_shakes(name, old) {
                self.drop_constraint(&now, old, stays);
            }
        }
    }

    fn constraint_shakes(&self, name: &Name, constraint: &Constraint) -> bool {
        if self.fates.is_calm() {
            return false;
        }
        let mentioned = Mentioned::of(constraint_text(constraint));
        constraint.columns.iter().any(|column| self.fates.is_dropped(name, column))
            || mentioned.names_any(&self.fates.gone)
            || self.words_dropped(name, &mentioned)
    }

    fn words_dropped(&self, name: &Name, mentioned: &Mentioned) -> bool {
        let dropped = self.fates.dropped.get(name);
        dropped.is_some_and(|columns| columns.iter().any(|column| mentioned.word(column)))
    }

    pub(super) fn drop_constraint(&mut self, object: &Object, constraint: &Constraint, stays: bool) {
        let Some(part) = &constraint.name else { return };
        let table = qualified(&object.name);
        let kind = if object.as_table().is_some_and(|table| table.foreign.is_some()) {
            "FOREIGN TABLE"
        } else {
            "TABLE"
        };
        let sql = format!("ALTER {kind} {table} DROP CONSTRAINT {}", ident(part));
        let step = self.step("drop constraint", object, vec![sql]);
        step.lock = ACCESS_EXCLUSIVE.into();
        step.why = if stays { SHAKEN.into() } else { String::new() };
        self.now.drop_constraint(&object.name, part);
        // Without a NOT NULL of its own the column may be null.
        if constraint.kind == ConstraintKind::NotNull {
            let mut tables = self.now.descendants(&object.name);
            tables.push(object.name.clone());
            for name in tables {
                let Some(table) = self.now.table_mut(&name) else { continue };
                for column in table.columns.iter_mut().filter(|each| constraint.columns.contains(&each.name))
                {
                    column.nullable = true;
                }
            }
        }
    }

    pub(super) fn take_off_indexes(&mut self, name: &Name) {
        let Some((_, new)) = self.stays(name) else { return };
        let Some(now) = self.now.get(name).cloned() else { return };
        let new = super::indexes::of(new);
        let is_parent = now.as_table().is_some_and(|table| table.partitioning.is_some());
        for old in super::indexes::of(&now).iter().filter(|index| index.constraint.is_none()) {
            let Some(there) = self.now.get(name).map(super::indexes::of) else { return };
            let still = there.iter().any(|each| each.name == old.name);
            // One that hangs on the index of the parent goes with that.
            if !still || attribute(&old.attributes, "partition of").is_some() {
                continue;
            }
            // That of a parent counts as half built until all partitions have theirs.
            let there = Index { usable: old.usable || is_parent, ..old.clone() };
            let same = |each: &&Index| each.name == old.name && same_index(&there, each);
            let stays = new.iter().find(same).is_some_and(|each| same_parts(old, each));
            let mentioned = Mentioned::of_all(index_texts(old));
            let shaken = mentioned.names_any(&self.fates.gone)
                || self.words_dropped(name, &mentioned)
                || old
                    .keys
                    .iter()
                    .filter_map(|key| key.column.as_ref())
                    .chain(&old.include)
                    .any(|column| self.fates.is_dropped(name, column));
            if !stays || shaken {
                self.drop_index(&now, old, stays && shaken);
            }
        }
    }

    fn drop_index(&mut self, object: &Object, index: &Index, stays: bool) {
        let is_parent = object.as_table().is_some_and(|table| table.partitioning.is_some());
        let online = self.options.online && !is_parent;
        let name = Name::new(object.name.schema.as_str(), index.name.as_str());
        let how = if online { "CONCURRENTLY " } else { "" };
        let step = self.step("drop index", object, vec![format!("DROP INDEX {how}{}", qualified(&name))]);
        step.lock = if online { SHARE_UPDATE_EXCLUSIVE } else { ACCESS_EXCLUSIVE }.into();
        step.in_transaction = !online;
        step.why = if stays { SHAKEN.into() } else { String::new() };
        self.now.drop_index(&object.name, &index.name);
    }

    /// Defaults that stand on what goes, and identities that end.
    pub(super) fn take_off_numbers(&mut self, name: &Name) {
        let Some((_, new)) = self.stays(name) else { return };
        let (Some(now), Some(new)) = (self.now.get(name).cloned(), new.as_table()) else { return };
        let Some(table) = now.as_table() else { return };
        let mut changes = Vec::new();
        for column in &table.columns {
            let wanted = new.columns.iter().find(|each| each.name == column.name);
            let default = column.default.as_deref().map(Mentioned::of);
            let goes = default.is_some_and(|text| text.names_any(&self.fates.gone));
            if goes && wanted.is_some() {
                changes.push((column.name.clone(), "DROP DEFAULT"));
            }
            let ends = column.identity.is_some() && wanted.is_some_and(|each| each.identity.is_none());
            if ends && !self.numbers_come_from_above(name, table) {
                changes.push((column.name.clone(), "DROP IDENTITY"));
            }
        }
        for (column, change) in changes {
            let only = if change == "DROP IDENTITY" && table.partitioning.is_some() { "" } else { "ONLY " };
            let sql =
                format!("ALTER TABLE {only}{} ALTER COLUMN {} {change}", qualified(name), ident(&column));
            self.step("alter column", &now, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            let below = if only.is_empty() { self.now.descendants(name) } else { Vec::new() };
            for table in below.iter().chain([name]) {
                let Some(table) = self.now.table_mut(table) else { continue };
                for each in table.columns.iter_mut().filter(|each| each.name == column) {
                    match change {
                        "DROP DEFAULT" => each.default = None,
                        _ => each.identity = None,
                    }
                }
            }
        }
    }

    /// A partition takes its numbers from the table above it (since 17).
    fn numbers_come_from_above(&self, name: &Name, table: &Table) -> bool {
        table
            .partition_of
            .as_ref()
            .is_some_and(|of| self.stays(&of.parent).is_some() && self.stays(name).is_some())
    }
}

/// Whether an index hangs on the same one of a parent; one that is to hang on another is made anew.
fn same_parts(old: &Index, new: &Index) -> bool {
    let parent = |index: &Index| attribute(&index.attributes, "partition of").map(str::to_owned);
    parent(old).is_none() || parent(old) == parent(new)
}
