//! When a part of a relation is the same on both sides, but for what can be altered in place.

use crate::model::catalog::{Constraint, ConstraintKind, Index, Policy, Rule, Trigger, attribute};

/// What follows the text of a constraint that the server gives out, and is compared by itself.
const STATES: &[&str] = &[" NOT VALID", " NOT ENFORCED", " INITIALLY DEFERRED", " DEFERRABLE"];

fn core(constraint: &Constraint) -> Option<&str> {
    let mut text = constraint.definition.as_deref()?;
    for state in STATES {
        text = text.strip_suffix(state).unwrap_or(text);
    }
    if constraint.kind == ConstraintKind::NotNull {
        text = text.strip_suffix(" NO INHERIT").unwrap_or(text);
    }
    Some(text)
}

/// The same but for what ALTER CONSTRAINT and VALIDATE CONSTRAINT change.
pub fn same_constraint(old: &Constraint, new: &Constraint) -> bool {
    let is_key = matches!(old.kind, ConstraintKind::ForeignKey(_));
    let deferred = |each: &Constraint| (each.deferrable, each.initially_deferred);
    let no_inherit = |each: &Constraint| attribute(&each.attributes, "no inherit").is_some();
    let is_not_null = old.kind == ConstraintKind::NotNull;
    same_core(old, new)
        && (is_key || deferred(old) == deferred(new) && old.enforced == new.enforced)
        && (old.validated == new.validated || !old.validated)
        && (is_not_null || no_inherit(old) == no_inherit(new))
}

/// The same but for its name.
pub fn same_core(old: &Constraint, new: &Constraint) -> bool {
    let kind = std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind);
    kind && match (core(old), core(new)) {
        (Some(old), Some(new)) => old == new,
        _ => old.kind == new.kind && old.columns == new.columns,
    }
}

/// The same but for its storage parameters and what is set on it.
pub fn same_index(old: &Index, new: &Index) -> bool {
    old.keys == new.keys
        && old.include == new.include
        && old.unique == new.unique
        && old.nulls_not_distinct == new.nulls_not_distinct
        && old.method == new.method
        && old.predicate == new.predicate
        && (old.usable || !new.usable)
}

/// The same but for its state.
pub fn same_trigger(old: &Trigger, new: &Trigger) -> bool {
    match (&old.definition, &new.definition) {
        (Some(old), Some(new)) => old == new,
        _ => old.timing == new.timing && old.events == new.events && old.action == new.action,
    }
}

pub fn same_policy(old: &Policy, new: &Policy) -> bool {
    old.permissive == new.permissive
        && old.command == new.command
        && old.roles == new.roles
        && old.using == new.using
        && old.check == new.check
}

/// The same but for its state.
pub fn same_rule(old: &Rule, new: &Rule) -> bool {
    old.definition == new.definition
}

/// The text that tells what a constraint stands on.
pub fn constraint_text(constraint: &Constraint) -> &str {
    match (&constraint.definition, &constraint.kind) {
        (Some(definition), _) => definition,
        (None, ConstraintKind::Check { expression }) => expression,
        _ => "",
    }
}

/// The text of an index that is not on plain columns alone.
pub fn index_texts(index: &Index) -> impl Iterator<Item = &str> {
    let expressions = index.keys.iter().filter_map(|key| key.expression.as_deref());
    let others =
        index.keys.iter().flat_map(|key| [key.collation.as_deref(), key.opclass.as_deref()]).flatten();
    expressions.chain(others).chain(index.predicate.as_deref())
}
