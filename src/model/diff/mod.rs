//! What makes one catalog differ from another, as a closed list of typed changes.
//!
//! Objects are matched by kind, name and signature. What an engine makes by itself (the members of
//! an extension, the sequence of an identity column) is compared with what it belongs to. Sizes and
//! row counts are no differences, and neither is the text of a table's definition: two texts may
//! make the same table.

mod relation;
mod rename;

pub use rename::proposals;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::catalog::{Attribute, Catalog, Detail, Grant, Kind, Object, ObjectId, Routine, Sequence, Type};

/// A change of one object, on the way from one catalog to the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only the other catalog has it.
    Create { to: ObjectId },
    /// Only the first catalog has it.
    Drop { from: ObjectId },
    /// Both have it, and they differ.
    Alter { from: ObjectId, to: ObjectId, parts: Vec<Part> },
}

/// A difference inside an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What it is a part of the object as.
    pub what: What,
    /// The part's name; empty for the object itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(flatten)]
    pub step: Step,
}

/// The kinds of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The object itself: its comment, owner, attributes, text.
    Itself,
    Column,
    Constraint,
    Index,
    Trigger,
    Policy,
    Rule,
    Grant,
    /// A label of an enum.
    Label,
}

impl What {
    pub fn word(self) -> &'static str {
        match self {
            What::Itself => "",
            What::Column => "column",
            What::Constraint => "constraint",
            What::Index => "index",
            What::Trigger => "trigger",
            What::Policy => "policy",
            What::Rule => "rule",
            What::Grant => "grant",
            What::Label => "label",
        }
    }
}

/// What happens to a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Step {
    /// With the part in words: `text not null default ''`.
    Add {
        to: String,
    },
    Drop {
        from: String,
    },
    Alter {
        facets: Vec<Facet>,
    },
}

/// One property that differs. What is not there is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// `type`, `default`, `not null`, `comment`, or the name of an attribute.
    pub property: String,
    pub from: String,
    pub to: String,
}

/// The differences of two catalogs, in the order of their objects: what is dropped, then what is
/// altered and created.
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let left = keyed(from);
    let right = keyed(to);
    let dropped = left.iter().filter(|(key, _)| !right.contains_key(key));
    let mut changes: Vec<Change> = dropped.map(|(_, &from)| Change::Drop { from }).collect();
    for (key, &id) in &right {
        match left.get(key) {
            None => changes.push(Change::Create { to: id }),
            Some(&old) => {
                let parts = parts(from, from.get(old), to, to.get(id));
                if !parts.is_empty() {
                    changes.push(Change::Alter { from: old, to: id, parts });
                }
            }
        }
    }
    changes
}

/// The same, whoever owns and may use the objects. Either catalog may know of rights or not.
pub fn diff_without_privileges(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let is_right = |object: &Object| object.kind() == Kind::DefaultPrivileges;
    let mut changes = diff(&from.without_privileges(), &to.without_privileges());
    changes.retain(|change| match change {
        Change::Create { to: id } => !is_right(to.get(*id)),
        Change::Drop { from: id } | Change::Alter { from: id, .. } => !is_right(from.get(*id)),
    });
    changes
}

type Key<'a> = (Kind, &'a str, &'a str, Option<&'a str>);

fn keyed(catalog: &Catalog) -> BTreeMap<Key<'_>, ObjectId> {
    let compared = catalog.iter().filter(|(_, object)| !comes_by_itself(object));
    compared
        .map(|(id, object)| {
            let name = &object.name;
            ((object.kind(), name.schema.as_str(), name.name.as_str(), object.signature.as_deref()), id)
        })
        .collect()
}

fn comes_by_itself(object: &Object) -> bool {
    object.extension.is_some() || matches!(&object.detail, Detail::Sequence(Sequence { identity: true, .. }))
}

/// The differences of two objects of one name and kind.
fn parts(from: &Catalog, old: &Object, to: &Catalog, new: &Object) -> Vec<Part> {
    let mut found = Vec::new();
    let mut facets = Facets::default();
    facets.option("owner", old.owner.as_deref(), new.owner.as_deref());
    facets.option("comment", old.comment.as_deref(), new.comment.as_deref());
    facets.attributes(&old.attributes, &new.attributes);
    match (&old.detail, &new.detail) {
        (Detail::Table(old), Detail::Table(new)) => {
            relation::tables((from, old), (to, new), &mut facets, &mut found);
        }
        (Detail::View(old), Detail::View(new)) => {
            relation::views((from, old), (to, new), &mut facets, &mut found);
        }
        (Detail::Sequence(old), Detail::Sequence(new)) => sequences(old, new, &mut facets),
        (Detail::Routine(before), Detail::Routine(after)) => {
            routines(before, after, &mut facets);
            if facets.0.is_empty() {
                facets.option("definition", old.definition.as_deref(), new.definition.as_deref());
            }
        }
        (Detail::Type(before), Detail::Type(after)) => {
            types(before, after, &mut facets, &mut found);
            if matches!(after, Type::Other) {
                facets.option("definition", old.definition.as_deref(), new.definition.as_deref());
            }
        }
        (Detail::Extension { version: old }, Detail::Extension { version: new }) => {
            facets.text("version", old, new);
        }
        _ => facets.option("definition", old.definition.as_deref(), new.definition.as_deref()),
    }
    if facets.0.is_empty() && old.secret_definition != new.secret_definition {
        // A password that changed is told, and not shown.
        facets.text("secret", "one", "another");
    }
    grants(&old.grants, &new.grants, &mut found);
    facets.into_part(What::Itself, "", &mut found);
    found.sort_by_key(|part| part.what);
    found
}

fn sequences(old: &Sequence, new: &Sequence, facets: &mut Facets) {
    facets.text("type", &old.ty, &new.ty);
    let numbers = [
        ("start", old.start, new.start),
        ("increment", old.increment, new.increment),
        ("min", old.min, new.min),
        ("max", old.max, new.max),
        ("cache", old.cache, new.cache),
    ];
    for (property, old, new) in numbers {
        facets.text(property, &old.to_string(), &new.to_string());
    }
    facets.flag("cycle", old.cycle, new.cycle);
    let owner =
        |sequence: &Sequence| sequence.owned_by.as_ref().map(|(table, column)| format!("{table}.{column}"));
    facets.option("owned by", owner(old).as_deref(), owner(new).as_deref());
}

fn routines(old: &Routine, new: &Routine, facets: &mut Facets) {
    facets.text("arguments", &old.arguments, &new.arguments);
    facets.option("returns", old.returns.as_deref(), new.returns.as_deref());
    facets.text("language", &old.language, &new.language);
    facets.option("body", old.body.as_deref(), new.body.as_deref());
}

fn types(old: &Type, new: &Type, facets: &mut Facets, found: &mut Vec<Part>) {
    match (old, new) {
        (Type::Enum { labels: old }, Type::Enum { labels: new }) => labels(old, new, facets, found),
        (Type::Composite { columns: old }, Type::Composite { columns: new }) => {
            relation::columns(old, new, facets, found);
        }
        (Type::Domain(old), Type::Domain(new)) => {
            facets.text("base", &old.base, &new.base);
            facets.flag("not null", !old.nullable, !new.nullable);
            facets.option("default", old.default.as_deref(), new.default.as_deref());
            facets.option("collation", old.collation.as_deref(), new.collation.as_deref());
            relation::constraints(&old.constraints, &new.constraints, found);
        }
        (Type::Other, Type::Other) => {}
        _ => facets.text("form", form(old), form(new)),
    }
}

fn form(each: &Type) -> &'static str {
    match each {
        Type::Enum { .. } => "enum",
        Type::Composite { .. } => "composite",
        Type::Domain(_) => "domain",
        Type::Other => "other",
    }
}

fn labels(old: &[String], new: &[String], facets: &mut Facets, found: &mut Vec<Part>) {
    let before: BTreeSet<&String> = old.iter().collect();
    let after: BTreeSet<&String> = new.iter().collect();
    for label in old.iter().filter(|label| !after.contains(label)) {
        found.push(Part { what: What::Label, name: label.clone(), step: Step::Drop { from: String::new() } });
    }
    for label in new.iter().filter(|label| !before.contains(label)) {
        found.push(Part { what: What::Label, name: label.clone(), step: Step::Add { to: String::new() } });
    }
    let kept = |all: &[String], other: &BTreeSet<&String>| -> Vec<String> {
        all.iter().filter(|label| other.contains(label)).cloned().collect()
    };
    facets.text("order of labels", &kept(old, &after).join(", "), &kept(new, &before).join(", "));
}

fn grants(old: &[Grant], new: &[Grant], found: &mut Vec<Part>) {
    let words = |grant: &Grant| {
        let option = if grant.grantable { " with grant option" } else { "" };
        format!("{} to {}{option}", grant.privilege, grant.grantee)
    };
    let before: BTreeSet<String> = old.iter().map(words).collect();
    let after: BTreeSet<String> = new.iter().map(words).collect();
    let part = |name: &String, step| Part { what: What::Grant, name: name.clone(), step };
    found.extend(before.difference(&after).map(|name| part(name, Step::Drop { from: String::new() })));
    found.extend(after.difference(&before).map(|name| part(name, Step::Add { to: String::new() })));
}

/// The properties of one part that differ.
#[derive(Debug, Default)]
struct Facets(Vec<Facet>);

impl Facets {
    fn text(&mut self, property: &str, from: &str, to: &str) {
        if from != to {
            self.0.push(Facet { property: property.into(), from: from.into(), to: to.into() });
        }
    }

    fn option(&mut self, property: &str, from: Option<&str>, to: Option<&str>) {
        // Absent and empty are told apart, although both read as nothing.
        if from != to {
            let text = |side: Option<&str>| side.unwrap_or_default().to_owned();
            self.0.push(Facet { property: property.into(), from: text(from), to: text(to) });
        }
    }

    fn flag(&mut self, property: &str, from: bool, to: bool) {
        let word = |flag| if flag { "yes" } else { "no" };
        self.text(property, word(from), word(to));
    }

    fn attributes(&mut self, from: &[Attribute], to: &[Attribute]) {
        let names: BTreeSet<&String> = from.iter().chain(to).map(|each| &each.name).collect();
        for name in names {
            let value = |side: &[Attribute]| -> Option<String> {
                let values: Vec<&str> =
                    side.iter().filter(|each| each.name == *name).map(|each| each.value.as_str()).collect();
                match values[..] {
                    [] => None,
                    // A word without a value.
                    [""] => Some("yes".into()),
                    _ => Some(values.join(", ")),
                }
            };
            self.option(name, value(from).as_deref(), value(to).as_deref());
        }
    }

    fn into_part(self, what: What, name: &str, found: &mut Vec<Part>) {
        if !self.0.is_empty() {
            found.push(Part { what, name: name.to_owned(), step: Step::Alter { facets: self.0 } });
        }
    }
}

#[cfg(test)]
mod tests;
