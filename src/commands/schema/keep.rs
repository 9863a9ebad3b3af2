//! What stays in a database although the other side does not have it.

use std::collections::BTreeMap;

use crate::model::catalog::{Catalog, Detail, Kind, Name, Object, ObjectId, Type};
use crate::model::diff::{Change, diff_without_privileges};

/// What is left alone although the files that are compared do not have it.
#[derive(Debug, Default)]
pub struct Kept(Vec<(Kind, Name, Option<String>)>);

impl Kept {
    /// Takes note of objects of a catalog.
    pub fn add(&mut self, catalog: &Catalog, objects: &[ObjectId]) {
        let key = |object: &Object| (object.kind(), object.name.clone(), object.signature.clone());
        self.0.extend(objects.iter().map(|id| key(catalog.get(*id))));
    }

    pub fn has(&self, object: &Object) -> bool {
        self.0.iter().any(|(kind, name, signature)| {
            *kind == object.kind() && *name == object.name && *signature == object.signature
        })
    }
}

/// Whether files are loaded without the objects of a kind, so that they never tell of one: those
/// would do something at once, or belong to more than their database.
pub fn is_unloaded(object: &Object) -> bool {
    matches!(
        object.kind(),
        Kind::UserMapping | Kind::Event | Kind::EventTrigger | Kind::Publication | Kind::Subscription
    )
}

/// How many there are of each kind, in words: `trigger (2), view (1)`.
pub fn counted(catalog: &Catalog, objects: &[ObjectId]) -> String {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for id in objects {
        *counts.entry(catalog.get(*id).kind()).or_default() += 1;
    }
    let words: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{} ({count})", kind.word())).collect();
    words.join(", ")
}

/// Puts objects that only the first catalog has into the second, so that they are not dropped; which
/// they were.
pub fn extra(from: &Catalog, to: &mut Catalog, wanted: impl Fn(&Object) -> bool) -> Vec<ObjectId> {
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
    to.objects.extend(objects);
    to.sort();
    extra
}

/// Puts what no definition can say from a database's catalog into that which a definition makes, so
/// that it is left alone: routines, triggers, policies and the like. In words, how much it is, and
/// which objects of the database.
pub fn unsaid(database: &Catalog, defined: &mut Catalog) -> (Vec<(&'static str, usize)>, Vec<ObjectId>) {
    let mut kept: Vec<(&'static str, usize)> = Vec::new();
    let mut count = |word: &'static str, more: usize| match kept.iter_mut().find(|(known, _)| *known == word)
    {
        Some((_, count)) => *count += more,
        None if more > 0 => kept.push((word, more)),
        None => {}
    };
    for object in &mut defined.objects {
        let twin =
            database.objects.iter().find(|each| each.kind() == object.kind() && each.name == object.name);
        match (&mut object.detail, twin.map(|twin| &twin.detail)) {
            (Detail::Table(table), Some(Detail::Table(old))) => {
                count("trigger", fill(&mut table.triggers, &old.triggers));
                count("policy", fill(&mut table.policies, &old.policies));
                count("rule", fill(&mut table.rules, &old.rules));
                if table.partitioning.is_none() && table.partition_of.is_none() {
                    table.partitioning.clone_from(&old.partitioning);
                    table.partition_of.clone_from(&old.partition_of);
                }
                fill(&mut table.inherits, &old.inherits);
            }
            (Detail::View(view), Some(Detail::View(old))) => {
                count("trigger", fill(&mut view.triggers, &old.triggers));
                count("rule", fill(&mut view.rules, &old.rules));
            }
            _ => {}
        }
    }
    let objects = extra(database, defined, is_unsaid);
    for id in &objects {
        count(database.get(*id).kind().word(), 1);
    }
    (kept, objects)
}

/// Takes over what there is none of; how much it was.
fn fill<T: Clone>(empty: &mut Vec<T>, from: &[T]) -> usize {
    if !empty.is_empty() {
        return 0;
    }
    empty.extend_from_slice(from);
    from.len()
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
        let trigger = Trigger { name: "tr".into(), ..Trigger::default() };
        let film = Table { triggers: vec![trigger], ..Table::default() };
        let event = Object::new(Name::new("", "e"), Detail::Other { kind: Kind::Event });
        let mut from =
            catalog(vec![Object::new(Name::new("", "film"), Detail::Table(film)), event, table("gone")]);
        from.sort();
        let mut to = catalog(vec![table("film")]);
        assert_eq!(unsaid(&from, &mut to).0, [("trigger", 1), ("event", 1)]);
        assert!(
            matches!(diff(&from, &to)[..], [Change::Drop { from: id }] if from.get(id).name.name == "gone")
        );
    }
}
