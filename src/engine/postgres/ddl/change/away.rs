//! Taking off what stands in the way, in the order in which the server lets it go.

use std::collections::{HashMap, HashSet};

use super::locks::ACCESS_EXCLUSIVE;
use super::mention::Mentioned;
use super::now::parents;
use super::probes;
use super::{Fate, Work, loss};
use crate::ddl::order;
use crate::ddl::reference;
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{
    Constraint, ConstraintKind, Detail, Domain, Kind, Name, Object, ObjectId, RoutineKind, Type,
};

/// What CASCADE may reach that the plan does not name: only that breaks a circle of a type, or of a
/// table, with its own functions, and it asks nobody.
const TAKEN_ALONG: &str = "whatever else stands on it (CASCADE)";

impl Work<'_> {
    pub(super) fn take_off(&mut self) {
        self.drop_kinds(|kind| {
            matches!(kind, Kind::EventTrigger | Kind::Publication | Kind::Subscription | Kind::Statistics)
        });
        self.rename_parts();
        for name in self.now.names() {
            self.take_off_watching(&name);
        }
        for name in self.now.names() {
            self.take_off_foreign_keys(&name);
        }
        self.free_sequences();
        let mut freed = Vec::new();
        for name in self.now.names() {
            freed.extend(self.leave_parents(&name).then_some(name));
        }
        for name in &freed {
            self.take_off_foreign_keys(name);
        }
        for name in self.now.names() {
            self.end_expressions(&name);
        }
        for name in self.now.names() {
            self.take_off_constraints(&name, false);
        }
        for name in self.now.names() {
            self.take_off_indexes(&name);
            self.take_off_numbers(&name);
        }
        self.take_off_domain_parts();
    }

    /// Objects of some kinds that go.
    fn drop_kinds(&mut self, wanted: impl Fn(Kind) -> bool) {
        let ids: Vec<ObjectId> = self
            .from
            .iter()
            .filter(|(id, object)| wanted(object.kind()) && self.fates.get(*id) != Fate::Stays)
            .map(|(id, _)| id)
            .collect();
        ids.into_iter().for_each(|id| self.drop_object(id));
    }

    /// Everything but types and what may be needed until tables have changed.
    pub(super) fn drop_early(&mut self) {
        let order = self.going();
        let upper = self.above_tables();
        for &id in &order {
            let object = self.from.get(id);
            // A column may hold rows of a view.
            let holds_views = object.depends_on.iter().any(|on| self.from.get(*on).kind() == Kind::View);
            if upper.contains(&id) {
                self.drop_object(id);
            } else if object.as_table().is_some() && holds_views && self.is_dropped_table(id) {
                self.drop_table(id, self.with_its_circle(id, object));
            }
        }
        for name in self.now.names() {
            self.take_off_constraints(&name, true);
        }
        for name in self.now.names() {
            self.drop_columns(&name);
        }
        self.drop_tables(&order);
        self.set_tables_aside();
        let late: HashSet<ObjectId> = order.iter().copied().filter(|id| self.is_late(*id)).collect();
        for &id in order.iter().filter(|id| !late.contains(id) && !upper.contains(id)) {
            if self.from.get(id).as_table().is_none() {
                self.drop_object(id);
            }
        }
    }

    pub(super) fn drop_late(&mut self) {
        self.drop_aside_tables();
        let going = self.going();
        self.drop_aside_types(&going);
        self.drop_aside_collations(&going);
        for id in going {
            let object = self.from.get(id);
            let aside = match object.kind() {
                Kind::Collation => &self.aside_collations,
                _ => &self.aside,
            };
            if self.is_late(id) && !aside.contains_key(&object.name) {
                self.drop_object(id);
            }
        }
    }

    /// What is dropped, users before what they use; which of a circle comes first, its CASCADE tells.
    fn going(&self) -> Vec<ObjectId> {
        let mut users: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
        let gone = |id: &ObjectId| {
            // What is made last was dropped first.
            self.fates.get(*id) != Fate::Stays && !order::comes_last(self.from.get(*id).kind())
        };
        let all: Vec<ObjectId> = order::by_rank(self.from).into_iter().rev().filter(gone).collect();
        for id in &all {
            for on in self.from.get(*id).depends_on.iter().filter(|on| gone(on) && *on != id) {
                // Its checks are off by now.
                if matches!(self.from.get(*id).detail, Detail::Type(Type::Domain(_)))
                    && self.from.get(*on).kind() == Kind::Routine
                {
                    continue;
                }
                users.entry(*on).or_default().push(*id);
            }
        }
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        for root in all {
            // Each with how many of its users were looked at.
            let mut path = vec![(root, 0_usize)];
            if !seen.insert(root) {
                continue;
            }
            while let Some((id, at)) = path.last_mut() {
                match users.get(id).and_then(|users| users.get(*at)).copied() {
                    Some(user) => {
                        *at += 1;
                        if seen.insert(user) {
                            path.push((user, 0));
                        }
                    }
                    None => {
                        order.push(*id);
                        path.pop();
                    }
                }
            }
        }
        order
    }

    /// Views, and routines and the like that stand on relations.
    fn above_tables(&self) -> HashSet<ObjectId> {
        let mut above: HashSet<ObjectId> = HashSet::new();
        for id in self.going().into_iter().rev() {
            let object = self.from.get(id);
            let is_on = |on: &ObjectId| {
                above.contains(on) || matches!(self.from.get(*on).kind(), Kind::Table | Kind::View)
            };
            let is_upper = match object.kind() {
                Kind::View => true,
                Kind::Table | Kind::Sequence | Kind::Type | Kind::Schema | Kind::Extension => false,
                _ => object.depends_on.iter().any(is_on),
            };
            if is_upper {
                above.insert(id);
            }
        }
        above
    }

    /// What columns may stand on until they have another type, and what that stands on.
    fn is_late(&self, id: ObjectId) -> bool {
        let object = self.from.get(id);
        match object.kind() {
            Kind::Schema
            | Kind::Extension
            | Kind::Language
            | Kind::AccessMethod
            | Kind::ForeignDataWrapper
            | Kind::Collation
            | Kind::Conversion => true,
            Kind::Type => self.is_used_by_tables(id),
            Kind::Routine | Kind::Operator | Kind::OperatorClass | Kind::OperatorFamily | Kind::Cast => {
                self.from.iter().any(|(user, each)| {
                    each.kind() == Kind::Type
                        && user != id
                        && each.depends_on.contains(&id)
                        && self.fates.get(user) != Fate::Stays
                        && !matches!(each.detail, Detail::Type(Type::Domain(_)))
                        && self.is_late(user)
                })
            }
            _ => false,
        }
    }

    pub(super) fn drop_object(&mut self, id: ObjectId) {
        let object = self.from.get(id);
        if object.extension.is_some() || self.goes_along(id, object) {
            return;
        }
        let Some((word, name)) = named(object) else { return };
        if matches!(object.detail, Detail::View(_)) {
            self.free_rows(&object.name);
        }
        let (kind, why) = (object.kind().word(), self.fates.why.get(&id).cloned().unwrap_or_default());
        let mut sql = vec![format!("DROP {word} {name}{}", self.with_its_circle(id, object))];
        let mut what = None;
        match (&object.detail, object.kind()) {
            (Detail::Schema, _) if object.name.name == "public" => {}
            (Detail::Sequence(_), _) => what = loss("the number it has come to", None),
            (Detail::Routine(routine), _) if routine.kind == RoutineKind::Aggregate => {}
            (_, Kind::Subscription) => {
                sql = vec![
                    format!("ALTER SUBSCRIPTION {name} DISABLE"),
                    format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"),
                    format!("DROP SUBSCRIPTION {name}"),
                ];
            }
            _ => {}
        }
        let is_subscription = object.kind() == Kind::Subscription;
        let locks = matches!(object.detail, Detail::View(_));
        let step = self.step(&format!("drop {kind}"), object, sql);
        step.why = why;
        if is_subscription {
            step.why = "its slot stays on the publisher, to be dropped there".into();
        }
        if locks {
            step.lock = ACCESS_EXCLUSIVE.into();
        }
        step.loses.extend(what.filter(|_| step.kind == "drop sequence"));
        if step.sql.iter().any(|sql| sql.ends_with(" CASCADE")) {
            step.loses.extend(loss(TAKEN_ALONG, None));
        }
        self.now.remove(&object.name);
    }

    /// What the server drops with something else: sequences of columns, what a type is made of.
    fn goes_along(&self, id: ObjectId, object: &Object) -> bool {
        match &object.detail {
            Detail::Sequence(sequence) => {
                sequence.identity
                    || sequence.owned_by.as_ref().is_some_and(|(table, column)| self.leaves(table, column))
            }
            Detail::Routine(_) => self.is_in_a_circle(id),
            Detail::Other { kind: Kind::DefaultPrivileges } => true,
            _ => false,
        }
    }

    /// Whether a column goes, by itself or with its table.
    pub(super) fn leaves(&self, table: &Name, column: &str) -> bool {
        self.fate(table).is_some_and(|fate| fate != Fate::Stays) || self.fates.is_dropped(table, column)
    }

    /// A function that a base type or a range is made of, or that a view or a table calls, and that
    /// stands on it in turn: they go together.
    fn is_in_a_circle(&self, routine: ObjectId) -> bool {
        let object = self.from.get(routine);
        object.depends_on.iter().any(|on| {
            let other = self.from.get(*on);
            matches!(other.detail, Detail::Type(Type::Other) | Detail::View(_) | Detail::Table(_))
                && self.fates.get(*on) != Fate::Stays
                && other.depends_on.contains(&routine)
        })
    }

    fn with_its_circle(&self, id: ObjectId, object: &Object) -> &'static str {
        let is_circle = |on: &ObjectId| self.from.get(*on).depends_on.contains(&id);
        match &object.detail {
            Detail::Type(Type::Other) | Detail::View(_) | Detail::Table(_)
                if object.depends_on.iter().any(is_circle) =>
            {
                " CASCADE"
            }
            _ => "",
        }
    }

    /// Sequences that stay, of columns that go.
    fn free_sequences(&mut self) {
        let owned: Vec<&Object> = self
            .from
            .iter()
            .filter(|(id, object)| match &object.detail {
                Detail::Sequence(sequence) => {
                    let owner = sequence.owned_by.as_ref().filter(|_| !sequence.identity);
                    self.fates.get(*id) == Fate::Stays
                        && owner.is_some_and(|(table, column)| self.leaves(table, column))
                }
                _ => false,
            })
            .map(|(_, object)| object)
            .collect();
        for object in owned {
            let sql = format!("ALTER SEQUENCE {} OWNED BY NONE", qualified(&object.name));
            self.step("alter sequence", object, vec![sql]).why = "its column goes, and it stays".into();
        }
    }

    /// Ends the tie of a table to parents that it is not to have, or that go. Whether it did.
    fn leave_parents(&mut self, name: &Name) -> bool {
        let Some((_, new)) = self.stays(name) else { return false };
        let (Some(now), Some(wanted)) = (self.now.get(name).cloned(), new.as_table()) else { return false };
        let Some(table) = now.as_table() else { return false };
        let mut left = false;
        for parent in parents(table) {
            let place = table.partition_of.as_ref().filter(|of| of.parent == parent);
            let stays = self.fate(&parent) == Some(Fate::Stays)
                && match place {
                    Some(place) => wanted.partition_of.as_ref() == Some(place),
                    None => wanted.inherits.contains(&parent),
                };
            if stays {
                continue;
            }
            left = true;
            let (child, above) = (qualified(name), qualified(&parent));
            let (kind, sql) = match place {
                // Not CONCURRENTLY, which leaves a check behind.
                Some(_) => ("detach partition", format!("ALTER TABLE {above} DETACH PARTITION {child}")),
                None => ("end inheritance", format!("ALTER TABLE {child} NO INHERIT {above}")),
            };
            self.step(kind, &now, vec![sql]).lock = ACCESS_EXCLUSIVE.into();
            self.now.part(name, &parent);
        }
        left
    }

    /// Columns that go for good or to come back.
    fn drop_columns(&mut self, name: &Name) {
        let Some((old, new)) = self.stays(name) else { return };
        // Those of a typed table go with the attributes of its type.
        let Some(dropped) = self.fates.dropped.get(name).filter(|_| !self.is_typed(name)).cloned() else {
            return;
        };
        let computed = |column: &&String| {
            let each = old.columns().iter().find(|each| each.name == **column);
            each.is_none_or(|each| each.generated.is_none())
        };
        let mut dropped: Vec<&String> = dropped.iter().collect();
        // What is computed from a column goes before it.
        dropped.sort_by_key(computed);
        for column in dropped {
            let Some(now) = self.now.table(name) else { return };
            let Some(each) = now.columns.iter().find(|each| each.name == *column).cloned() else { continue };
            if each.inherited {
                continue;
            }
            let twin = new.columns().iter().find(|each| each.name == *column);
            let keeps = self.now.children(name).iter().any(|child| {
                self.stays(child).is_some_and(|(_, new)| {
                    new.columns().iter().any(|each| each.name == *column && !each.inherited)
                })
            });
            let only = if keeps { "ONLY " } else { "" };
            let sql = format!("ALTER TABLE {only}{} DROP COLUMN {}", qualified(name), ident(column));
            let probe = probes::any_value(old, column);
            let step = self.step("drop column", old, vec![sql]);
            step.lock = ACCESS_EXCLUSIVE.into();
            if each.generated.is_none() {
                step.loses.extend(loss(format!("the column {column} and its values"), Some(probe)));
            } else if twin.is_some_and(|twin| twin.generated.is_none()) {
                // None of its values is stored, and no expression is left to compute them.
                step.loses.extend(loss(format!("the values of {column}"), Some(probe)));
            } else if twin.is_some() {
                step.why = "its expression cannot be changed in place; its values are computed again".into();
            }
            self.now.drop_column(name, column);
            for child in self.now.descendants(name) {
                let inherited = self.now.table(&child).is_some_and(|table| {
                    table.columns.iter().any(|each| each.name == *column && each.inherited)
                });
                if inherited && !keeps {
                    self.now.drop_column(&child, column);
                } else if let Some(table) = self.now.table_mut(&child) {
                    let same = table.columns.iter_mut().filter(|each| each.name == *column);
                    same.for_each(|each| each.inherited = false);
                }
            }
        }
    }

    /// Tables that go: those that refer before those that they refer to, children before parents;
    /// in a circle the foreign keys go first.
    fn drop_tables(&mut self, order: &[ObjectId]) {
        let mut waiting: Vec<ObjectId> = order
            .iter()
            .copied()
            .filter(|id| self.now.table(&self.from.get(*id).name).is_some() && self.is_dropped_table(*id))
            .collect();
        while !waiting.is_empty() {
            let is_free =
                |id: &ObjectId| !waiting.iter().any(|other| other != id && self.table_needs(*other, *id));
            match waiting.iter().position(is_free) {
                Some(at) => {
                    let id = waiting.remove(at);
                    let cascade = self.with_its_circle(id, self.from.get(id));
                    self.drop_table(id, cascade);
                }
                None => {
                    let first = self.from.get(waiting[0]).name.clone();
                    let circle = waiting.iter().map(|id| self.from.get(*id).name.clone()).collect();
                    if !self.cut(&first, circle) {
                        // Only a default can be in the way, of a table that goes too.
                        self.drop_together(&std::mem::take(&mut waiting));
                    }
                }
            }
        }
    }

    /// Whether a table hangs on another: as its child, by a foreign key, by a default that takes its
    /// numbers from a sequence of the other.
    fn table_needs(&self, user: ObjectId, used: ObjectId) -> bool {
        let (user, name) = (self.from.get(user), &self.from.get(used).name);
        let Some(table) = self.now.table(&user.name) else { return false };
        let refers = table.constraints.iter().any(
            |each| matches!(&each.kind, ConstraintKind::ForeignKey(reference) if reference.table == *name),
        );
        let counts = user.depends_on.iter().any(|on| match &self.from.get(*on).detail {
            Detail::Sequence(sequence) => sequence.owned_by.as_ref().is_some_and(|(owner, _)| owner == name),
            _ => false,
        });
        refers || counts || parents(table).contains(name)
    }

    fn is_dropped_table(&self, id: ObjectId) -> bool {
        let object = self.from.get(id);
        let is_foreign = object.as_table().is_some_and(|table| table.foreign.is_some());
        let place = object.as_table().and_then(|table| table.partition_of.as_ref());
        match self.fates.get(id) {
            // Its rows move with those of its table, which is dropped later, and it too.
            Fate::Goes => !place.is_some_and(|place| self.is_rebuilt(&place.parent)),
            // Its rows are elsewhere, or will be.
            Fate::Again => is_foreign || !self.is_rebuilt(&object.name),
            Fate::Stays => false,
        }
    }

    /// Drops the foreign keys of tables that go to one of them. Whether there were any.
    fn cut(&mut self, parent: &Name, mut tables: Vec<Name>) -> bool {
        tables.sort_unstable();
        let steps = self.plan.steps.len();
        for name in tables.iter().filter(|name| *name != parent) {
            let Some(object) = self.now.get(name).cloned() else { continue };
            let Some(table) = object.as_table() else { continue };
            for each in &table.constraints {
                if matches!(&each.kind, ConstraintKind::ForeignKey(reference) if reference.table == *parent) {
                    self.drop_constraint(&object, each, false);
                }
            }
        }
        self.plan.steps.len() > steps
    }

    fn drop_table(&mut self, id: ObjectId, cascade: &str) {
        let object = self.from.get(id);
        let Some(table) = object.as_table() else { return };
        let foreign = if table.foreign.is_some() { "FOREIGN " } else { "" };
        let mut sql = vec![format!("DROP {foreign}TABLE {}{cascade}", qualified(&object.name))];
        if let Some(place) = table.partition_of.as_ref().filter(|place| self.is_referred_to(&place.parent)) {
            let (parent, name) = (qualified(&place.parent), qualified(&object.name));
            sql.insert(0, format!("ALTER TABLE {parent} DETACH PARTITION {name}"));
        }
        let step = self.step("drop table", object, sql);
        step.lock = ACCESS_EXCLUSIVE.into();
        if table.foreign.is_none() {
            step.loses.extend(loss("the table and its rows", Some(probes::any_row(object))));
        }
        if !cascade.is_empty() {
            step.loses.extend(loss(format!("the table, its rows, and {TAKEN_ALONG}"), None));
        }
        self.now.remove(&object.name);
    }

    /// Tables that stand on each other: one statement drops them, and takes nothing else along.
    fn drop_together(&mut self, ids: &[ObjectId]) {
        let is_foreign =
            |id: &ObjectId| self.from.get(*id).as_table().is_some_and(|each| each.foreign.is_some());
        let (foreign, own): (Vec<ObjectId>, Vec<ObjectId>) = ids.iter().copied().partition(is_foreign);
        // A foreign table has its defaults for itself.
        foreign.into_iter().for_each(|id| self.drop_table(id, ""));
        let objects: Vec<&Object> = own.iter().map(|id| self.from.get(*id)).collect();
        let Some(first) = objects.first() else { return };
        let names: Vec<String> = objects.iter().map(|object| qualified(&object.name)).collect();
        let rows: Vec<String> =
            objects.iter().map(|object| format!("({})", probes::any_row(object))).collect();
        let step = self.step("drop table", first, vec![format!("DROP TABLE {}", names.join(", "))]);
        step.object = format!("tables {}", names.join(", "));
        step.why = "they stand on each other".into();
        step.lock = ACCESS_EXCLUSIVE.into();
        step.loses.extend(loss("the tables and their rows", Some(rows.join(" UNION ALL "))));
        objects.iter().for_each(|object| self.now.remove(&object.name));
    }

    /// Whether a foreign key refers to a table that stays, or to one above it: its partitions hold
    /// parts of the key.
    fn is_referred_to(&self, name: &Name) -> bool {
        let refers = |each: &Name| {
            self.now.table(each).is_some_and(|table| {
                table.constraints.iter().any(|each| {
                    matches!(&each.kind, ConstraintKind::ForeignKey(reference) if reference.table == *name)
                })
            })
        };
        let above = self.now.table(name).and_then(|table| table.partition_of.as_ref());
        self.now.names().iter().any(refers) || above.is_some_and(|place| self.is_referred_to(&place.parent))
    }

    /// A check of a domain that goes may call a function that takes the domain.
    fn untie_domain(&mut self, object: &Object, domain: &Domain) {
        let ties = |each: &&Constraint| {
            let text = super::parts::constraint_text(each);
            Mentioned::of(text).names_another(&self.fates.gone, &object.name)
        };
        let names: Vec<&String> =
            domain.constraints.iter().filter(ties).filter_map(|each| each.name.as_ref()).collect();
        let at = qualified(&object.name);
        let sql: Vec<String> =
            names.iter().map(|name| format!("ALTER DOMAIN {at} DROP CONSTRAINT {}", ident(name))).collect();
        if !sql.is_empty() && object.extension.is_none() {
            self.step("alter domain", object, sql);
        }
    }

    /// Checks and defaults of domains that stand on what goes.
    fn take_off_domain_parts(&mut self) {
        let (from, to) = (self.from, self.to);
        for (id, object) in from.iter() {
            let Detail::Type(Type::Domain(domain)) = &object.detail else { continue };
            let twin = self.fates.twin(id).filter(|_| self.fates.get(id) == Fate::Stays);
            let Some(twin) = twin else {
                self.untie_domain(object, domain);
                continue;
            };
            let Detail::Type(Type::Domain(new)) = &to.get(twin).detail else { continue };
            let mut sql = Vec::new();
            for each in super::types::shaken_constraints(domain, new, |text| {
                Mentioned::of(text).names_any(&self.fates.gone)
            }) {
                sql.push(format!("ALTER DOMAIN {} DROP CONSTRAINT {}", qualified(&object.name), ident(each)));
            }
            let default = domain.default.as_deref().map(Mentioned::of);
            if default.is_some_and(|text| text.names_any(&self.fates.gone)) {
                sql.push(format!("ALTER DOMAIN {} DROP DEFAULT", qualified(&object.name)));
            }
            if !sql.is_empty() {
                self.step("alter domain", object, sql);
            }
        }
    }
}

/// With those that no other statement but DROP names.
fn named(object: &Object) -> Option<(&'static str, String)> {
    if object.kind() == Kind::UserMapping {
        let user = object.signature.as_deref().unwrap_or_default();
        let user = if user == "public" { "PUBLIC".to_owned() } else { ident(user) };
        return Some(("USER MAPPING", format!("FOR {user} SERVER {}", ident(&object.name.name))));
    }
    reference::of(object)
}
