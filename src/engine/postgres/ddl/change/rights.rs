//! Comments, owners and grants.

use super::locks::SHARE_UPDATE_EXCLUSIVE;
use super::{Fate, Work};
use crate::ddl::{comments, privileges};
use crate::model::catalog::{Detail, Kind, NO_RIGHTS, Object, ObjectId};

impl Work<'_> {
    /// What is said of objects and who may use them, when all are there.
    pub(super) fn speak(&mut self, wanted: impl Fn(Kind) -> bool) {
        self.comment(&wanted);
        self.grant(&wanted);
    }

    fn comment(&mut self, wanted: &impl Fn(Kind) -> bool) {
        let to = self.to;
        for (id, new) in to.iter() {
            if new.extension.is_some() || !wanted(new.kind()) {
                continue;
            }
            let stayed = self.fates.stayed(id).map(|id| self.from.get(id));
            let now = match new.detail {
                Detail::Table(_) | Detail::View(_) => self.now.get(&new.name).cloned(),
                _ => stayed.cloned(),
            };
            let sql = comments::change(now.as_ref(), new);
            if !sql.is_empty() {
                self.step("comment", new, sql).lock = SHARE_UPDATE_EXCLUSIVE.into();
            }
        }
    }

    /// What is made anew gets its rights back, asked for or not; and so does, on the way back, what
    /// was dropped: only then the second catalog knows of rights that nobody asked for.
    fn grant(&mut self, wanted: &impl Fn(Kind) -> bool) {
        let (from, to) = (self.from, self.to);
        for (id, new) in to.iter().filter(|(_, object)| wanted(object.kind())) {
            let origin = self.fates.origin(id);
            let old = origin.map(|id| from.get(id));
            let again = origin.is_some_and(|id| self.comes_again(id));
            let sql = match (self.options.privileges, old) {
                (true, Some(old)) if !again => {
                    privileges::change(from, Some(&self.with_present_columns(old)), to, new)
                }
                (true, _) => privileges::anew([from, to], to, new),
                (false, Some(old)) if again && old.owner.is_some() => {
                    privileges::anew([from, to], from, &kept(old, new))
                }
                (false, old) if again || old.is_none() => privileges::anew([from, to], to, new),
                (false, Some(old)) if self.fates.dropped.contains_key(&old.name) => {
                    let now = self.with_present_columns(old);
                    privileges::change(from, Some(&now), from, &kept(old, new))
                }
                (false, _) => Vec::new(),
            };
            if !sql.is_empty() {
                self.step("rights", new, sql);
            }
        }
        if self.options.privileges {
            self.end_default_rights(wanted);
        }
    }

    /// Whether an object is dropped and made anew, by itself or as the sequence of a column.
    fn comes_again(&self, id: ObjectId) -> bool {
        self.fates.get(id) == Fate::Again
            || match &self.from.get(id).detail {
                Detail::Sequence(sequence) if sequence.identity => {
                    sequence.owned_by.as_ref().is_some_and(|(table, column)| self.leaves(table, column))
                }
                _ => false,
            }
    }

    /// Rights on a column go with it, and it comes back without them.
    fn with_present_columns(&self, old: &Object) -> Object {
        let mut object = old.clone();
        for column in object.columns_mut() {
            if self.fates.is_dropped(&old.name, &column.name) {
                column.grants.clear();
            }
        }
        object
    }

    fn end_default_rights(&mut self, wanted: &impl Fn(Kind) -> bool) {
        let from = self.from;
        for (id, old) in from.iter().filter(|(_, object)| object.kind() == Kind::DefaultPrivileges) {
            if wanted(old.kind()) && self.fates.twin(id).is_none() {
                let sql = privileges::end_of_defaults(from, old);
                if !sql.is_empty() {
                    self.step("rights", old, sql);
                }
            }
        }
    }
}

/// An object with the rights that another had in its place.
fn kept(old: &Object, new: &Object) -> Object {
    let mut object = new.clone();
    object.owner.clone_from(&old.owner);
    object.grants.clone_from(&old.grants);
    object.initial_grants.clone_from(&old.initial_grants);
    object.attributes.retain(|each| each.name != NO_RIGHTS);
    object.attributes.extend(old.attributes.iter().filter(|each| each.name == NO_RIGHTS).cloned());
    for column in object.columns_mut() {
        let was = old.columns().iter().find(|each| each.name == column.name);
        column.grants = was.map(|each| each.grants.clone()).unwrap_or_default();
    }
    object
}
