//! What happens to each object: it stays, goes, or goes and comes again because it cannot be
//! changed in place, or because it stands on something that goes.
//!
//! The server refuses to drop what others depend on, and to change the type of a column that a
//! view, a function body or a generated column reads (page of ALTER TABLE in the manual).

use std::collections::{BTreeSet, HashMap, HashSet};

use super::mention::Mentioned;
use super::{routines, types, views};
use crate::ddl::AFTER_KEYS;
use crate::model::catalog::{
    Catalog, Constraint, ConstraintKind, Detail, Kind, Name, Object, ObjectId, Table, Type, attribute,
};
use crate::model::diff::Change;
use crate::model::links::Links;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Stays,
    Goes,
    /// Dropped and made anew.
    Again,
}

/// The fates of all objects of the first catalog, and what follows from them.
pub struct Fates {
    fates: Vec<Fate>,
    /// Why an object that does not differ goes and comes again.
    pub why: HashMap<ObjectId, String>,
    /// Columns of relations that stay, which are dropped, made anew, or get another type.
    pub broken: HashMap<Name, BTreeSet<String>>,
    /// Those among them that are dropped, to come back or not.
    pub dropped: HashMap<Name, BTreeSet<String>>,
    /// The names of all that goes, for good or not.
    pub gone: HashSet<Name>,
    /// The same objects on the other side.
    twins: Vec<Option<ObjectId>>,
    origins: Vec<Option<ObjectId>>,
}

type Key<'a> = (Kind, &'a Name, Option<&'a str>);

fn key(object: &Object) -> Key<'_> {
    (object.kind(), &object.name, object.signature.as_deref())
}

impl Fates {
    pub fn of(from: &Catalog, to: &Catalog, changes: &[Change], version: u32) -> Self {
        let places: HashMap<Key<'_>, ObjectId> = to.iter().map(|(id, each)| (key(each), id)).collect();
        // A sequence of an identity column comes and goes with that.
        let by_itself =
            |object: &Object| matches!(&object.detail, Detail::Sequence(sequence) if sequence.identity);
        let twin = |old: &Object| {
            let twin = places.get(&key(old)).copied()?;
            (by_itself(old) == by_itself(to.get(twin))).then_some(twin)
        };
        let twins: Vec<Option<ObjectId>> = from.objects.iter().map(twin).collect();
        let mut origins = vec![None; to.objects.len()];
        for (id, twin) in (0u32..).map(ObjectId).zip(&twins) {
            if let Some(twin) = twin {
                origins[twin.0 as usize] = Some(id);
            }
        }
        let mut fates = Fates {
            fates: vec![Fate::Stays; from.objects.len()],
            why: HashMap::new(),
            broken: HashMap::new(),
            dropped: HashMap::new(),
            gone: HashSet::new(),
            twins,
            origins,
        };
        let mut spread = Spread { fates: &mut fates, from, to, links: Links::of(from), version };
        spread.begin(changes);
        spread.end();
        fates
    }

    pub fn get(&self, id: ObjectId) -> Fate {
        self.fates[id.0 as usize]
    }

    /// The object of the second catalog that an object of the first becomes.
    pub fn twin(&self, id: ObjectId) -> Option<ObjectId> {
        self.twins[id.0 as usize]
    }

    /// What an object of the second catalog was, if it stays.
    pub fn stayed(&self, to: ObjectId) -> Option<ObjectId> {
        self.origin(to).filter(|id| self.get(*id) == Fate::Stays)
    }

    /// What an object of the second catalog was, made anew or not.
    pub fn origin(&self, to: ObjectId) -> Option<ObjectId> {
        self.origins[to.0 as usize]
    }

    pub fn is_broken(&self, relation: &Name, column: &str) -> bool {
        self.broken.get(relation).is_some_and(|columns| columns.contains(column))
    }

    pub fn is_dropped(&self, relation: &Name, column: &str) -> bool {
        self.dropped.get(relation).is_some_and(|columns| columns.contains(column))
    }

    /// Whether a text stands on something that goes, or on a column that changes.
    pub fn shakes(&self, mentioned: &Mentioned) -> bool {
        mentioned.names_any(&self.gone)
            || self
                .broken
                .iter()
                .any(|(relation, columns)| columns.iter().any(|column| mentioned.column(relation, column)))
    }

    /// The same for a text that belongs to a relation, and names its columns without it.
    pub fn shakes_inside(&self, relation: &Name, mentioned: &Mentioned) -> bool {
        let own = |columns: &BTreeSet<String>| columns.iter().any(|column| mentioned.word(column));
        self.shakes(mentioned) || self.broken.get(relation).is_some_and(own)
    }

    /// Nothing goes that a part of something else could stand on.
    pub fn is_calm(&self) -> bool {
        self.gone.is_empty() && self.broken.is_empty()
    }
}

struct Spread<'a> {
    fates: &'a mut Fates,
    from: &'a Catalog,
    to: &'a Catalog,
    links: Links,
    version: u32,
}

impl Spread<'_> {
    fn begin(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Create { .. } => {}
                Change::Drop { from } => self.set(*from, Fate::Goes),
                Change::Alter { from, to, .. } => {
                    if !self.changes_in_place(self.from.get(*from), self.to.get(*to)) {
                        self.set(*from, Fate::Again);
                    }
                    self.break_columns(*from);
                }
            }
        }
        // What an extension made goes with it.
        let lost: HashSet<&str> = self
            .from
            .iter()
            .filter(|(id, object)| object.kind() == Kind::Extension && self.fates.get(*id) == Fate::Goes)
            .map(|(_, object)| object.name.name.as_str())
            .collect();
        let members: Vec<ObjectId> = self
            .from
            .iter()
            .filter(|(_, object)| object.extension.as_deref().is_some_and(|name| lost.contains(name)))
            .map(|(id, _)| id)
            .collect();
        members.into_iter().for_each(|id| self.set(id, Fate::Goes));
    }

    fn set(&mut self, id: ObjectId, fate: Fate) {
        self.fates.fates[id.0 as usize] = fate;
        let object = self.from.get(id);
        if !matches!(object.detail, Detail::Schema | Detail::Extension { .. }) {
            self.fates.gone.insert(object.name.clone());
        }
    }

    fn changes_in_place(&self, old: &Object, new: &Object) -> bool {
        match (&old.detail, &new.detail) {
            (Detail::Type(before), Detail::Type(after)) => {
                types::changes_in_place(self.from, old, before, new, after)
            }
            (Detail::Table(before), Detail::Table(after)) => {
                let by = |table: &Table| table.partitioning.as_ref().map(|each| each.by.clone());
                before.foreign == after.foreign
                    && by(before) == by(after)
                    && !super::rebuild::spreads_by_changed(before, after)
            }
            (Detail::View(before), Detail::View(after)) => views::changes_in_place(before, after),
            (Detail::Routine(_), Detail::Routine(_)) => routines::changes_in_place(old, new),
            (Detail::Other { kind: Kind::DefaultPrivileges | Kind::Subscription }, _) => true,
            (Detail::Other { kind }, _) => {
                let alter = |object: &Object| -> Vec<String> {
                    let name = crate::catalog::others::ALTER;
                    let all = object.attributes.iter().filter(|each| each.name == name);
                    all.map(|each| each.value.clone()).collect()
                };
                let is_same = old.definition == new.definition
                    && old.secret_definition == new.secret_definition
                    && alter(old) == alter(new);
                is_same || *kind == Kind::Publication && super::others::publication_changes(old, new)
            }
            _ => true,
        }
    }

    /// Until nothing more follows.
    fn end(&mut self) {
        self.settle();
        // The server lets no column change that a publication chooses rows or columns by.
        let shaken: Vec<ObjectId> = self
            .from
            .iter()
            .filter(|(id, object)| {
                object.kind() == Kind::Publication
                    && self.fates.get(*id) == Fate::Stays
                    && self.chooses_by_broken(object)
            })
            .map(|(id, _)| id)
            .collect();
        for id in shaken {
            self.fates.why.insert(id, "it chooses by columns that change".to_owned());
            self.set(id, Fate::Again);
        }
    }

    fn chooses_by_broken(&self, publication: &Object) -> bool {
        let mentioned = Mentioned::of_all(publication.definition.as_deref());
        let mut broken = self.fates.broken.iter();
        broken.any(|(table, columns)| columns.iter().any(|column| mentioned.column(table, column)))
    }

    fn settle(&mut self) {
        loop {
            let before = (self.count_gone(), self.count_broken());
            for (id, _) in self.from.iter() {
                if self.fates.get(id) != Fate::Stays {
                    self.follow_gone(id);
                } else if self.fates.broken.contains_key(&self.from.get(id).name)
                    && self.from.get(id).as_table().is_some()
                {
                    self.follow_broken(id);
                }
            }
            if before == (self.count_gone(), self.count_broken()) {
                break;
            }
        }
    }

    fn count_gone(&self) -> usize {
        self.fates.fates.iter().filter(|fate| **fate != Fate::Stays).count()
    }

    fn count_broken(&self) -> usize {
        self.fates.broken.values().map(BTreeSet::len).sum()
    }

    fn follow_gone(&mut self, id: ObjectId) {
        for dependent in self.links.needed_by(id).to_vec() {
            if self.fates.get(dependent) != Fate::Stays {
                continue;
            }
            if must_follow(self.from.get(dependent), self.from.get(id)) {
                self.follow(dependent, id);
            } else {
                self.break_columns(dependent);
            }
        }
    }

    fn follow(&mut self, dependent: ObjectId, on: ObjectId) {
        let fate = if self.fates.twin(dependent).is_some() { Fate::Again } else { Fate::Goes };
        let other = self.from.get(on);
        let why = format!("it stands on {} {}", other.kind().word(), self.from.short(&other.name));
        self.fates.why.insert(dependent, why);
        self.set(dependent, fate);
    }

    /// Views and functions that read the columns, or group by a key that goes with them.
    fn follow_broken(&mut self, id: ObjectId) {
        self.break_columns(id);
        let table = self.from.get(id);
        let Some(columns) = self.fates.broken.get(&table.name).cloned() else { return };
        for dependent in self.links.needed_by(id).to_vec() {
            let object = self.from.get(dependent);
            if self.fates.get(dependent) != Fate::Stays || object.as_table().is_some() {
                continue;
            }
            let text = match &object.detail {
                Detail::View(view) => Some(view.query.as_str()),
                _ => object.definition.as_deref(),
            };
            let mentioned = Mentioned::of_all(text);
            if columns.iter().any(|column| mentioned.column(&table.name, column)) {
                self.follow(dependent, id);
            }
        }
    }

    /// Finds the columns of a table that do not stay as they are.
    fn break_columns(&mut self, id: ObjectId) {
        let old = self.from.get(id);
        let new = self.fates.twin(id).map(|twin| self.to.get(twin));
        let (Some(before), Some(after)) = (old.as_table(), new.and_then(Object::as_table)) else { return };
        if self.fates.get(id) != Fate::Stays {
            return;
        }
        let mut broken = self.fates.broken.remove(&old.name).unwrap_or_default();
        let mut dropped = self.fates.dropped.remove(&old.name).unwrap_or_default();
        let is_check = |each: &Constraint| matches!(each.kind, ConstraintKind::Check { .. });
        let checked = before.constraints.iter().chain(&after.constraints).any(is_check);
        loop {
            let count = broken.len() + dropped.len();
            for column in &before.columns {
                let name = &column.name;
                let new = after.columns.iter().find(|each| each.name == *name);
                if new.is_none_or(|new| self.comes_again(&broken, column, new, checked)) {
                    dropped.insert(name.clone());
                    broken.insert(name.clone());
                } else if new.is_some_and(|new| self.gets_a_type(column, new)) {
                    broken.insert(name.clone());
                }
            }
            if count == broken.len() + dropped.len() {
                break;
            }
        }
        if !broken.is_empty() {
            self.fates.broken.insert(old.name.clone(), broken);
            self.fates.dropped.insert(old.name.clone(), dropped);
        }
        self.break_key(id, before, after);
    }

    fn gets_a_type(&self, old: &crate::model::catalog::Column, new: &crate::model::catalog::Column) -> bool {
        let names_gone = |text: &str| Mentioned::of(text).names_any(&self.fates.gone);
        let has_gone = || {
            !self.fates.gone.is_empty()
                && (names_gone(&old.ty) || old.collation.as_deref().is_some_and(names_gone))
        };
        old.ty != new.ty || old.collation != new.collation || has_gone()
    }

    /// A generated column that another expression, or another kind of it, cannot be given to.
    fn comes_again(
        &self,
        broken: &BTreeSet<String>,
        old: &crate::model::catalog::Column,
        new: &crate::model::catalog::Column,
        checked: bool,
    ) -> bool {
        let is_shaken = |expression: &str| {
            let mentioned = Mentioned::of(expression);
            mentioned.names_any(&self.fates.gone) || broken.iter().any(|column| mentioned.word(column))
        };
        let retyped = self.gets_a_type(old, new);
        match (&old.generated, &new.generated) {
            (None, None) => false,
            (None, Some(_)) => true,
            // What is stored is there without the expression.
            (Some(old), None) => !old.stored,
            (Some(old), Some(new)) => {
                let differs = old.expression != new.expression;
                retyped
                    || old.stored != new.stored
                    || differs && self.version < super::columns::SET_EXPRESSION
                    // Of a table with checks the server changes none that is virtual.
                    || differs && !new.stored && checked
                    || is_shaken(&old.expression)
            }
        }
    }

    /// Views that need a primary key which goes, or whose index is made anew.
    fn break_key(&mut self, id: ObjectId, before: &Table, after: &Table) {
        let key = |table: &Table| {
            table.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey).cloned()
        };
        let (Some(old), new) = (key(before), key(after)) else { return };
        let name = &self.from.get(id).name;
        let stays = new.is_some_and(|new| super::parts::same_constraint(&old, &new))
            && !old.columns.iter().any(|column| self.fates.is_dropped(name, column));
        if stays {
            return;
        }
        for dependent in self.links.needed_by(id).to_vec() {
            let waits = attribute(&self.from.get(dependent).attributes, AFTER_KEYS).is_some();
            if waits && self.fates.get(dependent) == Fate::Stays {
                self.follow(dependent, id);
            }
        }
    }
}

/// Whether an object cannot stay when what it stands on goes; of others only parts have to give
/// way.
fn must_follow(dependent: &Object, on: &Object) -> bool {
    match &dependent.detail {
        Detail::Table(table) => match on.kind() {
            Kind::ForeignServer => table.foreign.is_some(),
            Kind::Type | Kind::Routine | Kind::Collation => super::rebuild::spreads_by(table, &on.name),
            _ => false,
        },
        Detail::Sequence(_) | Detail::Schema | Detail::Extension { .. } => false,
        Detail::Type(Type::Enum { .. }) => false,
        Detail::Type(Type::Domain(_)) => matches!(on.kind(), Kind::Type | Kind::Collation),
        _ => true,
    }
}

/// The name that the server gives a NOT NULL.
pub fn usual_not_null(table: &Name, column: &str) -> String {
    crate::catalog::usual_name(&table.name, column)
}
