//! What stays in a database although the other side does not have it.
//!
//! It is worked out once the first side has its new names: the table that was renamed is not extra,
//! and what hangs on it is found by its new name.

use std::collections::{BTreeMap, BTreeSet};

use super::follow::follow_parents;
use super::unsaid::{Tally, follow_identities, take_over};
use crate::engine::engine_for;
use crate::model::catalog::{Catalog, Detail, Kind, Name, Object, ObjectId, Type};
use crate::model::diff::{Change, diff_without_privileges};

/// What is kept on the way from one side to the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keeping {
    /// The first side is a definition, and so tells of nothing that no definition can say.
    pub from_definition: bool,
    pub to_definition: bool,
    /// The first side was loaded from files, without what files are loaded without.
    pub from_files: bool,
    pub to_files: bool,
    /// What only the first side has is not dropped.
    pub extra: bool,
}

/// How much is kept, in words for each kind.
pub type Counts = Vec<(&'static str, usize)>;

/// What was put into a side so that it is left alone in the other.
#[derive(Debug, Default)]
pub struct Kept {
    /// No definition tells of it.
    pub unsaid: Counts,
    /// Files are loaded without it.
    pub unloaded: Counts,
    /// The objects among all that is kept.
    pub objects: BTreeSet<(Kind, Name)>,
}

impl Keeping {
    /// The same for the way back, on which nothing that was kept has to be kept again.
    pub fn back(self) -> Self {
        Keeping {
            from_definition: self.to_definition,
            to_definition: self.from_definition,
            from_files: self.to_files,
            to_files: self.from_files,
            extra: false,
        }
    }

    /// Puts what is kept into either side.
    pub fn apply(self, from: &mut Catalog, to: &mut Catalog) -> Kept {
        let mut kept = Kept::default();
        if self.from_definition {
            kept.unsaid.extend(unsaid(to, from, &mut kept.objects));
        }
        if self.to_definition {
            kept.unsaid.extend(unsaid(from, to, &mut kept.objects));
        }
        if self.from_files && !self.to_files {
            kept.unloaded.extend(unloaded(to, from, &mut kept.objects));
        }
        if self.to_files && !self.from_files {
            kept.unloaded.extend(unloaded(from, to, &mut kept.objects));
        }
        if self.extra {
            let extra = extra(from, to, |_| true);
            kept.objects.extend(named(from, &extra));
        }
        kept
    }
}

/// What files are loaded without is missing from none of them: it would do something at once, or
/// belong to more than its database.
fn unloaded(database: &Catalog, files: &mut Catalog, kept: &mut BTreeSet<(Kind, Name)>) -> Counts {
    let is_unloaded = |object: &Object| {
        matches!(
            object.kind(),
            Kind::UserMapping | Kind::Event | Kind::EventTrigger | Kind::Publication | Kind::Subscription
        )
    };
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let extra = extra(database, files, is_unloaded);
    kept.extend(named(database, &extra));
    for id in extra {
        *counts.entry(database.get(id).kind().word()).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn named(catalog: &Catalog, ids: &[ObjectId]) -> Vec<(Kind, Name)> {
    ids.iter().map(|id| catalog.get(*id)).map(|object| (object.kind(), object.name.clone())).collect()
}

/// Puts objects that only the first catalog has into the second, so that they are not dropped; which
/// they were.
fn extra(from: &Catalog, to: &mut Catalog, wanted: impl Fn(&Object) -> bool) -> Vec<ObjectId> {
    let dropped = diff_without_privileges(from, to).into_iter().filter_map(|change| match change {
        Change::Drop { from } => Some(from),
        _ => None,
    });
    let extra: Vec<ObjectId> = dropped.filter(|id| wanted(from.get(*id))).collect();
    let known = |catalog: &Catalog, object: &Object| {
        catalog.iter().find_map(|(place, each)| {
            let same = each.kind() == object.kind()
                && each.name == object.name
                && each.signature == object.signature;
            same.then_some(place)
        })
    };
    let first = to.objects.len() as u32;
    let place = |id: &ObjectId| match extra.iter().position(|each| each == id) {
        Some(position) => Some(ObjectId(first + position as u32)),
        None => known(to, from.get(*id)),
    };
    let objects: Vec<Object> = extra
        .iter()
        .map(|id| {
            let mut object = from.get(*id).clone();
            object.depends_on = object.depends_on.iter().filter_map(place).collect();
            object
        })
        .collect();
    let tables: Vec<Name> =
        objects.iter().filter(|each| each.as_table().is_some()).map(|each| each.name.clone()).collect();
    to.objects.extend(objects);
    to.sort();
    follow_parents(from, to, &tables);
    extra
}

/// Puts what no definition says from a database's catalog into that which a definition makes, so
/// that it is left alone: routines, triggers, policies and the like. In words, how much it is.
fn unsaid(database: &Catalog, defined: &mut Catalog, objects: &mut BTreeSet<(Kind, Name)>) -> Counts {
    let abilities = engine_for(database.engine).type_map(database.engine).abilities();
    let mut kept = Tally::default();
    for object in &mut defined.objects {
        let twin =
            database.objects.iter().find(|each| each.kind() == object.kind() && each.name == object.name);
        if let Some(twin) = twin {
            take_over(abilities, twin, object, &mut kept);
        }
    }
    follow_identities(database, defined);
    let extra = extra(database, defined, is_unsaid);
    objects.extend(named(database, &extra));
    for id in extra {
        kept.count(database.get(id).kind().word(), 1);
    }
    kept.counts()
}

/// A definition tells of schemas, enums, tables of rows, and views.
fn is_unsaid(object: &Object) -> bool {
    match &object.detail {
        Detail::Table(table) => table.foreign.is_some() || table.partition_of.is_some(),
        Detail::Type(Type::Enum { .. }) => false,
        _ => !matches!(object.kind(), Kind::Schema | Kind::View),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Table, Trigger, View};
    use crate::model::diff::diff;
    use crate::model::target::EngineKind;

    fn catalog(objects: Vec<Object>) -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Sqlite);
        catalog.objects = objects;
        catalog
    }

    fn table(name: &str) -> Object {
        Object::new(Name::new("", name), Detail::Table(Table::default()))
    }

    #[test]
    fn what_is_extra_is_kept_with_what_it_stands_on() {
        let mut view = Object::new(Name::new("", "v"), Detail::View(View::default()));
        view.depends_on = vec![ObjectId(0), ObjectId(1)];
        let mut from = catalog(vec![table("extra"), table("film"), view]);
        from.sort();
        let mut to = catalog(vec![table("actor"), table("film")]);
        to.sort();
        extra(&from, &mut to, |_| true);
        let names: Vec<&str> = to.objects.iter().map(|object| object.name.name.as_str()).collect();
        assert_eq!(names, ["actor", "extra", "film", "v"]);
        assert_eq!(to.objects[3].depends_on, [ObjectId(1), ObjectId(2)]);
        assert!(diff(&from, &to).iter().all(|change| matches!(change, Change::Create { .. })));
    }

    #[test]
    fn what_no_definition_can_say_is_left_alone() {
        dbwright_engines::install();
        let trigger = Trigger { name: "tr".into(), ..Trigger::default() };
        let film = Table { triggers: vec![trigger], ..Table::default() };
        let event = Object::new(Name::new("", "e"), Detail::Other { kind: Kind::Event });
        let mut from =
            catalog(vec![Object::new(Name::new("", "film"), Detail::Table(film)), event, table("gone")]);
        from.sort();
        let mut to = catalog(vec![table("film")]);
        assert_eq!(unsaid(&from, &mut to, &mut BTreeSet::new()), [("trigger", 1), ("event", 1)]);
        assert!(
            matches!(diff(&from, &to)[..], [Change::Drop { from: id }] if from.get(id).name.name == "gone")
        );
    }
}
