//! What no definition says of an object that it tells of: row security, exclusion constraints,
//! indexes of views, options that it does not name. It is left as it is.

use crate::engine::type_map::Abilities;
use crate::model::catalog::{
    Attribute, COLUMN_LIST, Catalog, Column, Constraint, ConstraintKind, Detail, Index, NO_RIGHTS, Name,
    Object, Policy, Rule, Table, Trigger, View,
};

/// Attributes that follow from other parts, or are parts of a column's or constraint's own line.
const FOLLOWS: [&str; 7] = ["after keys", "broken", COLUMN_LIST, NO_RIGHTS, "rowid", "hidden", "level"];

/// Attributes of a column that go with its type.
const OF_TYPE: [&str; 5] = ["storage", "compression", "compressed", "column_format", "srid"];

/// The table's usual letters, which are chosen together.
const LETTERS: [&str; 2] = ["charset", "collate"];

/// How much was left as it is, in words for each kind.
#[derive(Debug, Default)]
pub struct Tally(Vec<(&'static str, usize)>);

impl Tally {
    pub fn count(&mut self, word: &'static str, more: usize) {
        match self.0.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += more,
            None if more > 0 => self.0.push((word, more)),
            None => {}
        }
    }

    /// The weightiest first.
    pub fn counts(mut self) -> Vec<(&'static str, usize)> {
        self.0.sort_by_key(|(word, _)| ["option", "comment"].contains(word));
        self.0
    }
}

/// Leaves out of what a server made of a definition the options that the server chose by itself, where
/// the other side has others: a table's engine, its usual character set.
pub fn forget_unsaid(made: &mut Catalog, said: &Catalog, other: &Catalog) {
    for object in &mut made.objects {
        if !matches!(object.detail, Detail::Table(_) | Detail::View(_)) {
            continue;
        }
        let twin = |catalog: &Catalog| -> Option<Vec<Attribute>> {
            let mut all = catalog.objects.iter();
            let twin = all.find(|each| each.kind() == object.kind() && each.name == object.name)?;
            Some(twin.attributes.clone())
        };
        let Some(said) = twin(said) else { continue };
        let is_said = |name: &str| said.iter().any(|each| each.name == name);
        let others = twin(other).unwrap_or_default();
        let letters_of = |all: &[Attribute]| -> Vec<Attribute> {
            all.iter().filter(|each| is_letters(each)).cloned().collect()
        };
        let letters =
            LETTERS.iter().any(|name| is_said(name)) || letters_of(&object.attributes) == letters_of(&others);
        object.attributes.retain(|each| match is_letters(each) {
            true => letters,
            false => is_said(&each.name) || others.contains(each) || FOLLOWS.contains(&each.name.as_str()),
        });
    }
}

fn is_letters(attribute: &Attribute) -> bool {
    LETTERS.contains(&attribute.name.as_str())
}

/// Takes over from an object what a definition of it does not say.
pub fn take_over(abilities: &Abilities, old: &Object, new: &mut Object, tally: &mut Tally) {
    comment(old.comment.as_ref(), &mut new.comment, tally);
    let may_be_typed = same_columns(old.columns(), new.columns());
    let said_letters = new.attributes.iter().any(is_letters);
    let marked = says_once(new);
    let of_object = |each: &Attribute| match each.name.as_str() {
        "of" => may_be_typed,
        name => !(said_letters && is_letters(each) || marked.contains(&name)),
    };
    if options(&old.attributes, &mut new.attributes, of_object, tally) {
        // The text says less than the options.
        new.definition = None;
    }
    let letters = old.attributes.iter().find(|each| each.name == "charset").filter(|_| !said_letters);
    match (&old.detail, &mut new.detail) {
        (Detail::Table(old), Detail::Table(new)) => {
            if let Some(letters) = letters {
                name_letters(&letters.value, &mut new.columns);
            }
            table(abilities, old, new, tally);
        }
        (Detail::View(old), Detail::View(new)) => view(old, new, tally),
        _ => {}
    }
    let (old, new) = match (&old.detail, &mut new.detail) {
        (Detail::Table(old), Detail::Table(new)) => (&old.indexes, &mut new.indexes),
        (Detail::View(old), Detail::View(new)) => (&old.indexes, &mut new.indexes),
        _ => return,
    };
    for index in new {
        if let Some(twin) = old.iter().find(|each| each.name == index.name) {
            of_index(twin, index, &marked, tally);
            index.usable &= twin.usable || !abilities.unused_indexes;
        }
    }
}

/// What only one index of a table can be, or the table itself, and one is.
fn says_once(object: &Object) -> Vec<&'static str> {
    let indexes = match &object.detail {
        Detail::Table(table) => &table.indexes[..],
        Detail::View(view) => &view.indexes[..],
        _ => &[],
    };
    let of_indexes = indexes.iter().flat_map(|index| &index.attributes);
    let said: Vec<&Attribute> = object.attributes.iter().chain(of_indexes).collect();
    ["replica identity", "clustered"]
        .into_iter()
        .filter(|name| said.iter().any(|each| each.name == *name))
        .collect()
}

fn comment(old: Option<&String>, new: &mut Option<String>, tally: &mut Tally) {
    if let (Some(old), None) = (old, &new) {
        *new = Some(old.clone());
        tally.count("comment", 1);
    }
}

/// Adds the attributes of names that are not there; whether there were any.
fn options(
    old: &[Attribute],
    new: &mut Vec<Attribute>,
    wanted: impl Fn(&Attribute) -> bool,
    tally: &mut Tally,
) -> bool {
    let known: Vec<String> = new.iter().map(|each| each.name.clone()).collect();
    let is_new = |each: &&Attribute| {
        !known.contains(&each.name) && !FOLLOWS.contains(&each.name.as_str()) && wanted(each)
    };
    let more: Vec<Attribute> = old.iter().filter(is_new).cloned().collect();
    tally.count("option", more.len());
    let any = !more.is_empty();
    new.extend(more);
    any
}

/// A column of another character set than the table's names it.
fn name_letters(usual: &str, columns: &mut [Column]) {
    for column in columns.iter_mut().filter(|column| column.charset.is_none()) {
        let of = column.collation.as_deref().and_then(|name| name.split('_').next());
        column.charset = of.filter(|of| *of != usual).map(str::to_owned);
    }
}

fn same_columns(old: &[Column], new: &[Column]) -> bool {
    let lines = |columns: &[Column]| -> Vec<(String, String)> {
        columns.iter().map(|column| (column.name.clone(), column.ty.clone())).collect()
    };
    lines(old) == lines(new)
}

fn table(abilities: &Abilities, old: &Table, new: &mut Table, tally: &mut Tally) {
    tally.count("trigger", add(&old.triggers, &mut new.triggers, |_| true));
    tally.count("policy", add(&old.policies, &mut new.policies, |_| true));
    tally.count("rule", add(&old.rules, &mut new.rules, |_| true));
    if new.partitioning.is_none() && new.partition_of.is_none() {
        new.partitioning.clone_from(&old.partitioning);
        new.partition_of.clone_from(&old.partition_of);
    }
    if new.inherits.is_empty() {
        new.inherits.clone_from(&old.inherits);
    }
    columns(&old.columns, &mut new.columns, tally);
    constraints(abilities, old, new, tally);
    not_nulls(old, new);
}

fn view(old: &View, new: &mut View, tally: &mut Tally) {
    tally.count("trigger", add(&old.triggers, &mut new.triggers, |_| true));
    tally.count("rule", add(&old.rules, &mut new.rules, |_| true));
    columns(&old.columns, &mut new.columns, tally);
    for column in new.columns.iter_mut().filter(|column| column.default.is_none()) {
        let twin = old.columns.iter().find(|each| each.name == column.name && each.ty == column.ty);
        column.default = twin.and_then(|twin| twin.default.clone());
    }
    tally.count("index", add(&old.indexes, &mut new.indexes, |_| true));
}

fn columns(old: &[Column], new: &mut [Column], tally: &mut Tally) {
    for column in new {
        let Some(old) = old.iter().find(|each| each.name == column.name) else { continue };
        let same_type = old.ty == column.ty;
        let wanted = |each: &Attribute| same_type || !OF_TYPE.contains(&each.name.as_str());
        options(&old.attributes, &mut column.attributes, wanted, tally);
        comment(old.comment.as_ref(), &mut column.comment, tally);
        column.inherited = old.inherited;
        if let (Some(old), Some(new)) = (&old.identity, &mut column.identity) {
            options(&old.attributes, &mut new.attributes, |_| true, tally);
        }
    }
}

/// Constraints that no definition has words for, and what it does not say of the others.
fn constraints(abilities: &Abilities, old: &Table, new: &mut Table, tally: &mut Tally) {
    for constraint in &mut new.constraints {
        let Some(twin) = old.constraints.iter().find(|each| is_twin(each, constraint)) else { continue };
        comment(twin.comment.as_ref(), &mut constraint.comment, tally);
        constraint.inherited = twin.inherited;
        let mut more = options(&twin.attributes, &mut constraint.attributes, |_| true, tally);
        if !abilities.not_enforced && !twin.enforced && constraint.enforced {
            (constraint.enforced, constraint.validated) = (false, twin.validated);
            more = true;
        }
        if more {
            let same = constraint.attributes == twin.attributes && constraint.kind == twin.kind;
            constraint.definition = twin.definition.clone().filter(|_| same);
        }
    }
    let is_unsayable =
        |each: &Constraint| matches!(each.kind, ConstraintKind::Exclusion | ConstraintKind::Other);
    tally.count("constraint", add(&old.constraints, &mut new.constraints, is_unsayable));
    let kept: Vec<Option<String>> =
        new.constraints.iter().filter(|each| is_unsayable(each)).map(|each| each.name.clone()).collect();
    add(&old.indexes, &mut new.indexes, |index| {
        index.constraint.is_some() && kept.contains(&index.constraint)
    });
}

/// A NOT NULL is its column's, whatever it is called: a definition does not name it.
fn not_nulls(old: &Table, new: &mut Table) {
    let is_not_null = |each: &&Constraint| each.kind == ConstraintKind::NotNull;
    for twin in old.constraints.iter().filter(is_not_null) {
        let same = |each: &Constraint| is_not_null(&each) && each.columns == twin.columns;
        if let Some(constraint) = new.constraints.iter_mut().find(|each| same(each)) {
            constraint.clone_from(twin);
        } else if new.columns.iter().any(|each| !each.nullable && twin.columns == [each.name.as_str()]) {
            new.constraints.push(twin.clone());
        }
    }
}

/// The sequence of an identity column whose options are those it had.
pub fn follow_identities(database: &Catalog, defined: &mut Catalog) {
    let sequence = |object: &Object| match &object.detail {
        Detail::Sequence(sequence) if sequence.identity => Some(sequence.clone()),
        _ => None,
    };
    let identity = |catalog: &Catalog, (table, column): &(Name, String)| {
        let table = catalog.tables().find(|(object, _)| object.name == *table)?.1;
        let column = table.columns.iter().find(|each| each.name == *column)?;
        Some((column.ty.clone(), column.identity.as_ref()?.attributes.clone()))
    };
    let as_it_was: Vec<(Name, Object)> = defined
        .objects
        .iter()
        .filter_map(|object| {
            let owner = sequence(object)?.owned_by?;
            let same = identity(database, &owner)? == identity(defined, &owner)?;
            let is_twin =
                |each: &&Object| sequence(each).is_some_and(|it| it.owned_by.as_ref() == Some(&owner));
            let twin = database.objects.iter().find(is_twin).filter(|_| same)?;
            Some((object.name.clone(), twin.clone()))
        })
        .collect();
    for (name, twin) in as_it_was {
        let is_it = |each: &&mut Object| each.name == name && sequence(each).is_some();
        if let Some(object) = defined.objects.iter_mut().find(is_it) {
            (object.name, object.detail) = (twin.name, twin.detail);
            (object.attributes, object.definition) = (twin.attributes, twin.definition);
        }
    }
    defined.sort();
}

fn is_twin(old: &Constraint, new: &Constraint) -> bool {
    let same_kind = std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind);
    match new.name.is_some() {
        true => same_kind && old.name == new.name,
        false => old.name.is_none() && old.kind == new.kind && old.columns == new.columns,
    }
}

fn of_index(twin: &Index, index: &mut Index, marked: &[&str], tally: &mut Tally) {
    comment(twin.comment.as_ref(), &mut index.comment, tally);
    let wanted = |each: &Attribute| !marked.contains(&each.name.as_str());
    if options(&twin.attributes, &mut index.attributes, wanted, tally) {
        let same = index.attributes == twin.attributes
            && (&index.keys, &index.include, &index.method, &index.predicate, index.unique)
                == (&twin.keys, &twin.include, &twin.method, &twin.predicate, twin.unique);
        index.definition = twin.definition.clone().filter(|_| same);
    }
}

/// A part that goes by a name.
trait Part: Clone {
    fn name(&self) -> Option<&str>;
}

macro_rules! parts {
    ($($part:ty),*) => { $(
        impl Part for $part {
            fn name(&self) -> Option<&str> {
                Some(&self.name)
            }
        }
    )* };
}
parts!(Trigger, Policy, Rule, Index);

impl Part for Constraint {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Adds the parts of names that are not there; how many.
fn add<T: Part>(old: &[T], new: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> usize {
    let is_new = |part: &&T| wanted(part) && !new.iter().any(|each| each.name() == part.name());
    let more: Vec<T> = old.iter().filter(is_new).cloned().collect();
    let count = more.len();
    new.extend(more);
    count
}
