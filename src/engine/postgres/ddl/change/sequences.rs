//! Sequences that stay, alone or of identity columns.

use super::locks::ACCESS_EXCLUSIVE;
use super::{Work, loss};
use crate::ddl::sequences as printed;
use crate::ddl::text::{ident, literal, qualified};
use crate::model::catalog::{Catalog, Column, Detail, Name, Object, Sequence, attribute};
use crate::model::diff::Change;
use crate::model::plan::{Loss, Renamed, Step};

const LOCK: &str = "SHARE ROW EXCLUSIVE: those who take numbers wait";

/// What differs, as ALTER SEQUENCE writes it.
fn changes(old: &Sequence, new: &Sequence) -> Vec<String> {
    let mut parts = Vec::new();
    let numbers = [
        ("INCREMENT BY", old.increment, new.increment),
        ("MINVALUE", old.min, new.min),
        ("MAXVALUE", old.max, new.max),
        ("START WITH", old.start, new.start),
        ("CACHE", old.cache, new.cache),
    ];
    let retyped = old.ty != new.ty;
    for (words, before, after) in numbers {
        // The limits of the old type would go with it.
        if before != after || retyped && words.ends_with("VALUE") {
            parts.push(format!("{words} {after}"));
        }
    }
    if old.cycle != new.cycle {
        parts.push(if new.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
    }
    parts
}

/// Gives the sequence that a column counts by the name that it is to have, where it would else be
/// dropped, and another begin to count where rows are. So does one of a table that was renamed: the
/// server leaves it the old name. None where no sequence is to have another name.
pub fn rename_owned(from: &Catalog, to: &Catalog, changes: &[Change]) -> Option<Renamed> {
    let owner = |object: &Object| match &object.detail {
        Detail::Sequence(sequence) if !sequence.identity => sequence.owned_by.clone(),
        _ => None,
    };
    let mut made: Vec<&Object> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Create { to: id } => Some(to.get(*id)),
            _ => None,
        })
        .collect();
    let (mut steps, mut catalog) = (Vec::new(), from.clone());
    for change in changes {
        let Change::Drop { from: id } = change else { continue };
        let old = from.get(*id);
        let Some(place) = owner(old) else { continue };
        let is_it = |new: &&Object| new.name.schema == old.name.schema && owner(new).as_ref() == Some(&place);
        let Some(new) = made.iter().position(is_it).map(|at| made.swap_remove(at)) else { continue };
        let name = qualified(&old.name);
        steps.push(Step {
            kind: "rename sequence".to_owned(),
            object: format!("sequence {}", from.short(&old.name)),
            sql: vec![format!("ALTER SEQUENCE {name} RENAME TO {}", ident(&new.name.name))],
            lock: ACCESS_EXCLUSIVE.to_owned(),
            in_transaction: true,
            ..Step::default()
        });
        catalog.objects[id.0 as usize].name = new.name.clone();
        let (before, after) = (literal(&name), literal(&qualified(&new.name)));
        for column in catalog.objects.iter_mut().flat_map(Object::columns_mut) {
            // `nextval('shop.orders_id_seq'::regclass)`
            column.default.iter_mut().for_each(|text| *text = text.replace(&before, &after));
        }
    }
    catalog.sort();
    (!steps.is_empty()).then_some(Renamed { steps, catalog })
}

/// What has to be done to the number that a sequence has come to, so that new limits can take it.
#[derive(Default)]
pub struct Kept {
    /// Moves it to the nearest number that both limits take, where there is such.
    first: Option<String>,
    /// Begins anew, where there is none.
    restart: Option<String>,
    pub loses: Option<Loss>,
}

fn keep_within(name: &Name, old: &Sequence, new: &Sequence) -> Kept {
    if new.min <= old.min && new.max >= old.max {
        return Kept::default();
    }
    let (low, high) = (old.min.max(new.min), old.max.min(new.max));
    let sequence = qualified(name);
    let outside = format!("last_value NOT BETWEEN {} AND {}", new.min, new.max);
    let first = format!(
        "SELECT pg_catalog.setval({}, CASE WHEN last_value < {low} THEN {low} ELSE {high} END, is_called) \
         FROM {sequence} WHERE {outside}",
        literal(&sequence)
    );
    let probe = format!("SELECT 1 FROM {sequence} WHERE is_called AND {outside}");
    Kept {
        first: (low <= high).then_some(first),
        restart: (low > high).then(|| format!("RESTART WITH {}", new.start)),
        loses: loss("the number it has come to, which the new limits do not take", Some(probe)),
    }
}

impl Work<'_> {
    pub(super) fn alter_sequence(&mut self, old: &Object, before: &Sequence, new: &Object, after: &Sequence) {
        if after.identity || before.identity {
            return;
        }
        let name = qualified(&new.name);
        let mut sql = Vec::new();
        let mut parts = changes(before, after);
        let kept = keep_within(&old.name, before, after);
        sql.extend(kept.first);
        parts.extend(kept.restart);
        if before.ty != after.ty && !after.ty.is_empty() {
            parts.insert(0, format!("AS {}", after.ty));
        }
        if !parts.is_empty() {
            sql.push(format!("ALTER SEQUENCE {name} {}", parts.join(" ")));
        }
        let unlogged = |object: &Object| attribute(&object.attributes, "unlogged").is_some();
        if unlogged(old) != unlogged(new) {
            let how = if unlogged(new) { "UNLOGGED" } else { "LOGGED" };
            sql.push(format!("ALTER SEQUENCE {name} SET {how}"));
        }
        if after.owned_by.is_none()
            && before.owned_by.as_ref().is_some_and(|(table, column)| !self.leaves(table, column))
        {
            sql.push(format!("ALTER SEQUENCE {name} OWNED BY NONE"));
        }
        if !sql.is_empty() {
            let step = self.step("alter sequence", new, sql);
            step.lock = LOCK.into();
            step.loses.extend(kept.loses);
        }
    }

    /// The columns that sequences go away with, when all tables are there.
    pub(super) fn own_sequences(&mut self) {
        let (from, to) = (self.from, self.to);
        for (id, new) in to.iter().filter(|(_, object)| object.extension.is_none()) {
            let Detail::Sequence(sequence) = &new.detail else { continue };
            let old = self.fates.stayed(id).map(|id| from.get(id));
            let same = old.is_some_and(|old| match &old.detail {
                Detail::Sequence(before) => {
                    before.owned_by == sequence.owned_by
                        && before.owned_by.as_ref().is_none_or(|(table, column)| !self.leaves(table, column))
                }
                _ => false,
            });
            if same {
                continue;
            }
            if let Some(piece) = printed::own(new, sequence) {
                self.step("alter sequence", new, vec![piece.sql]);
            }
        }
    }
}

/// What differs in the sequence of an identity column that stays.
pub fn identity_changes(
    work: &Work<'_>,
    table: &Name,
    column: &Column,
) -> Option<(Vec<String>, Option<Loss>)> {
    let (new, sequence) = work.lookup.identity(table, &column.name)?;
    let found = work.from.objects.iter().find_map(|object| match &object.detail {
        Detail::Sequence(old) if old.identity => {
            let is_it =
                old.owned_by.as_ref().is_some_and(|(name, each)| name == table && *each == column.name);
            is_it.then_some((object, old))
        }
        _ => None,
    });
    let (old, before) = found?;
    let mut sql = Vec::new();
    // With another type of the column the server gives the sequence that type and its limits.
    let mut then = before.clone();
    if before.ty != sequence.ty {
        then.ty.clone_from(&sequence.ty);
        let usual = crate::catalog::unusual_options(before);
        let stays = |name: &str| usual.iter().any(|each| each.name == name);
        if !stays("max") {
            then.max = sequence.max;
        }
        if !stays("min") {
            then.min = sequence.min;
        }
    }
    let kept = keep_within(&old.name, &then, sequence);
    sql.extend(kept.first);
    let changes = changes(&then, sequence).into_iter().map(|part| format!("SET {part}"));
    let parts: Vec<String> = changes.chain(kept.restart).collect();
    if !parts.is_empty() {
        let (table, column) = (qualified(table), ident(&column.name));
        sql.push(format!("ALTER TABLE {table} ALTER COLUMN {column} {}", parts.join(" ")));
    }
    if old.name.schema == new.name.schema && old.name != new.name {
        sql.push(format!("ALTER SEQUENCE {} RENAME TO {}", qualified(&old.name), ident(&new.name.name)));
    }
    Some((sql, kept.loses))
}
