//! The differences of tables and views, part by part.

use std::collections::BTreeMap;

use super::{Facets, Part, Step, What};
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, IndexKey, Policy, Rule, Table, Trigger, View,
};

/// A part that is matched by its name.
trait Named {
    const WHAT: What;
    fn name(&self) -> &str;
    /// The part in words.
    fn words(&self) -> String;
    fn compare(&self, new: &Self, facets: &mut Facets);
}

pub(super) fn tables(
    (from, old): (&Catalog, &Table),
    (to, new): (&Catalog, &Table),
    facets: &mut Facets,
    found: &mut Vec<Part>,
) {
    columns(&old.columns, &new.columns, facets, found);
    constraints(&old.constraints, &new.constraints, found);
    named(own_indexes(&old.indexes), own_indexes(&new.indexes), found);
    named(old.triggers.iter(), new.triggers.iter(), found);
    named(old.policies.iter(), new.policies.iter(), found);
    named(old.rules.iter(), new.rules.iter(), found);
    let by = |table: &Table| table.partitioning.as_ref().map(|each| each.by.clone());
    facets.option("partition by", by(old).as_deref(), by(new).as_deref());
    let inner =
        |table: &Table| table.partitioning.as_ref().map(|each| each.partitions.clone()).unwrap_or_default();
    let (before, after) = (inner(old), inner(new));
    if before != after {
        let list = |all: &[crate::model::catalog::Attribute]| {
            all.iter().map(|each| format!("{} {}", each.name, each.value)).collect::<Vec<_>>().join(", ")
        };
        facets.text("partitions", &list(&before), &list(&after));
    }
    let place = |catalog: &Catalog, table: &Table| {
        let place = table.partition_of.as_ref()?;
        Some(format!("{} {}", catalog.short(&place.parent), place.bound))
    };
    facets.option("partition of", place(from, old).as_deref(), place(to, new).as_deref());
    let parents = |catalog: &Catalog, table: &Table| {
        table.inherits.iter().map(|name| catalog.short(name)).collect::<Vec<_>>().join(", ")
    };
    facets.text("inherits", &parents(from, old), &parents(to, new));
    facets.option("foreign", old.foreign.as_deref(), new.foreign.as_deref());
}

/// An index of a constraint is made with it, and differs when the constraint does.
fn own_indexes(indexes: &[Index]) -> impl Iterator<Item = &Index> {
    indexes.iter().filter(|index| index.constraint.is_none())
}

pub(super) fn views(
    (_, old): (&Catalog, &View),
    (_, new): (&Catalog, &View),
    facets: &mut Facets,
    found: &mut Vec<Part>,
) {
    facets.flag("materialized", old.materialized, new.materialized);
    facets.text("query", &old.query, &new.query);
    if old.query == new.query {
        // Otherwise the columns follow from the query.
        columns(&old.columns, &new.columns, facets, found);
    }
    named(own_indexes(&old.indexes), own_indexes(&new.indexes), found);
    named(old.triggers.iter(), new.triggers.iter(), found);
    named(old.rules.iter(), new.rules.iter(), found);
}

pub(super) fn columns(old: &[Column], new: &[Column], facets: &mut Facets, found: &mut Vec<Part>) {
    named(old.iter(), new.iter(), found);
    let kept = |all: &[Column], other: &[Column]| {
        let kept = all.iter().filter(|column| other.iter().any(|each| each.name == column.name));
        kept.map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    facets.text("order of columns", &kept(old, new), &kept(new, old));
}

/// Constraints are matched by name, and those without one by what they say.
pub(super) fn constraints(old: &[Constraint], new: &[Constraint], found: &mut Vec<Part>) {
    let has_name = |constraint: &&Constraint| constraint.name.is_some();
    named(old.iter().filter(has_name), new.iter().filter(has_name), found);
    let nameless = |all: &[Constraint]| {
        let mut counted = BTreeMap::new();
        for constraint in all.iter().filter(|constraint| constraint.name.is_none()) {
            *counted.entry(constraint.words()).or_insert(0_usize) += 1;
        }
        counted
    };
    let (before, after) = (nameless(old), nameless(new));
    let part = |step| Part { what: What::Constraint, name: String::new(), step };
    for (words, &count) in &before {
        let gone = count.saturating_sub(after.get(words).copied().unwrap_or(0));
        found.extend((0..gone).map(|_| part(Step::Drop { from: words.clone() })));
    }
    for (words, &count) in &after {
        let came = count.saturating_sub(before.get(words).copied().unwrap_or(0));
        found.extend((0..came).map(|_| part(Step::Add { to: words.clone() })));
    }
}

fn named<'a, T: Named + 'a>(
    old: impl Iterator<Item = &'a T>,
    new: impl Iterator<Item = &'a T>,
    found: &mut Vec<Part>,
) {
    let before: Vec<&T> = old.collect();
    let mut left: BTreeMap<&str, &T> = before.iter().map(|part| (part.name(), *part)).collect();
    let mut coming = Vec::new();
    for part in new {
        match left.remove(part.name()) {
            None => coming.push(Part {
                what: T::WHAT,
                name: part.name().to_owned(),
                step: Step::Add { to: part.words() },
            }),
            Some(old) => {
                let mut facets = Facets::default();
                old.compare(part, &mut facets);
                facets.into_part(T::WHAT, part.name(), &mut coming);
            }
        }
    }
    for part in before.into_iter().filter(|part| left.contains_key(part.name())) {
        found.push(Part {
            what: T::WHAT,
            name: part.name().to_owned(),
            step: Step::Drop { from: part.words() },
        });
    }
    found.append(&mut coming);
}

impl Named for Column {
    const WHAT: What = What::Column;

    fn name(&self) -> &str {
        &self.name
    }

    fn words(&self) -> String {
        let mut words = vec![self.ty.clone()];
        if let Some(generated) = &self.generated {
            words.push(format!("generated as ({})", generated.expression));
        }
        if self.identity.is_some() {
            words.push("identity".into());
        }
        if !self.nullable {
            words.push("not null".into());
        }
        if let Some(default) = &self.default {
            words.push(format!("default {default}"));
        }
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("type", &self.ty, &new.ty);
        facets.flag("not null", !self.nullable, !new.nullable);
        facets.option("default", self.default.as_deref(), new.default.as_deref());
        let generated = |column: &Column| {
            let generated = column.generated.as_ref()?;
            let kept = if generated.stored { "stored" } else { "virtual" };
            Some(format!("({}) {kept}", generated.expression))
        };
        facets.option("generated", generated(self).as_deref(), generated(new).as_deref());
        let identity = |column: &Column| {
            let identity = column.identity.as_ref()?;
            let mut words = vec![if identity.always { "always" } else { "by default" }.to_owned()];
            words.extend(identity.attributes.iter().map(|each| format!("{} {}", each.name, each.value)));
            Some(words.join(", "))
        };
        facets.option("identity", identity(self).as_deref(), identity(new).as_deref());
        facets.option("collation", self.collation.as_deref(), new.collation.as_deref());
        facets.option("character set", self.charset.as_deref(), new.charset.as_deref());
        facets.option("on update", self.on_update.as_deref(), new.on_update.as_deref());
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
        facets.flag("inherited", self.inherited, new.inherited);
        facets.attributes(&self.attributes, &new.attributes);
    }
}

impl Named for Constraint {
    const WHAT: What = What::Constraint;

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn words(&self) -> String {
        let columns = self.columns.join(", ");
        let mut words = match &self.kind {
            ConstraintKind::PrimaryKey => format!("primary key ({columns})"),
            ConstraintKind::Unique => format!("unique ({columns})"),
            ConstraintKind::ForeignKey(reference) => {
                let mut words = format!("foreign key ({columns}) references {}", reference.table);
                if !reference.referenced.is_empty() {
                    words.push_str(&format!(" ({})", reference.referenced.join(", ")));
                }
                words.push_str(if reference.full { " match full" } else { "" });
                let actions = [("on update", reference.on_update), ("on delete", reference.on_delete)];
                for (when, action) in actions.into_iter().filter(|each| each.1 != Default::default()) {
                    words.push_str(&format!(" {when} {}", action.sql().to_lowercase()));
                }
                words
            }
            ConstraintKind::Check { expression } => format!("check ({expression})"),
            ConstraintKind::NotNull => format!("not null {columns}"),
            // Their parts are told by nothing but the text.
            ConstraintKind::Exclusion | ConstraintKind::Other => {
                self.definition.clone().unwrap_or_else(|| columns.clone())
            }
        };
        let states = [
            (self.deferrable, " deferrable"),
            (self.initially_deferred, " initially deferred"),
            (!self.validated, " not valid"),
            (!self.enforced, " not enforced"),
        ];
        states.into_iter().filter(|state| state.0).for_each(|state| words.push_str(state.1));
        words
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("definition", &self.words(), &new.words());
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
        facets.flag("inherited", self.inherited, new.inherited);
        facets.attributes(&self.attributes, &new.attributes);
    }
}

impl Named for Index {
    const WHAT: What = What::Index;

    fn name(&self) -> &str {
        &self.name
    }

    fn words(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(key_words).collect();
        let mut words = format!("{}({})", if self.unique { "unique " } else { "" }, keys.join(", "));
        if !self.method.is_empty() {
            words = format!("{} {words}", self.method);
        }
        if !self.include.is_empty() {
            words.push_str(&format!(" include ({})", self.include.join(", ")));
        }
        if self.nulls_not_distinct {
            words.push_str(" nulls not distinct");
        }
        if let Some(predicate) = &self.predicate {
            words.push_str(&format!(" where {predicate}"));
        }
        words
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("definition", &self.words(), &new.words());
        facets.flag("usable", self.usable, new.usable);
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
        facets.attributes(&self.attributes, &new.attributes);
    }
}

fn key_words(key: &IndexKey) -> String {
    let mut words = match (&key.column, &key.expression) {
        (Some(column), _) => column.clone(),
        (None, Some(expression)) => format!("({expression})"),
        (None, None) => String::new(),
    };
    if let Some(prefix) = key.prefix {
        words.push_str(&format!("({prefix})"));
    }
    for word in [&key.collation, &key.opclass].into_iter().flatten() {
        words.push_str(&format!(" {word}"));
    }
    if key.descending {
        words.push_str(" desc");
    }
    match key.nulls_first {
        Some(true) => words.push_str(" nulls first"),
        Some(false) => words.push_str(" nulls last"),
        None => {}
    }
    words
}

impl Named for Trigger {
    const WHAT: What = What::Trigger;

    fn name(&self) -> &str {
        &self.name
    }

    fn words(&self) -> String {
        let each = if self.each_row { " for each row" } else { "" };
        format!("{} {}{each}", self.timing.to_lowercase(), self.events.join(" or ").to_lowercase())
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("fires", &self.words(), &new.words());
        facets.text("action", &self.action, &new.action);
        if facets.0.is_empty() {
            facets.option("definition", self.definition.as_deref(), new.definition.as_deref());
        }
        facets.text("state", &self.state, &new.state);
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
        facets.attributes(&self.attributes, &new.attributes);
    }
}

impl Named for Policy {
    const WHAT: What = What::Policy;

    fn name(&self) -> &str {
        &self.name
    }

    fn words(&self) -> String {
        let kind = if self.permissive { "" } else { "restrictive " };
        format!("{kind}for {} to {}", self.command.to_lowercase(), self.roles.join(", "))
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("applies", &self.words(), &new.words());
        facets.option("using", self.using.as_deref(), new.using.as_deref());
        facets.option("with check", self.check.as_deref(), new.check.as_deref());
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
    }
}

impl Named for Rule {
    const WHAT: What = What::Rule;

    fn name(&self) -> &str {
        &self.name
    }

    fn words(&self) -> String {
        self.definition.clone()
    }

    fn compare(&self, new: &Self, facets: &mut Facets) {
        facets.text("definition", &self.definition, &new.definition);
        facets.text("state", &self.state, &new.state);
        facets.option("comment", self.comment.as_deref(), new.comment.as_deref());
    }
}
