//! Sequences that stay, alone or of identity columns.

use super::Work;
use crate::engine::postgres::ddl::sequences as printed;
use crate::engine::postgres::ddl::text::{ident, qualified};
use crate::model::catalog::{Column, Detail, Name, Object, Sequence, attribute};

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

impl Work<'_> {
    pub(super) fn alter_sequence(&mut self, old: &Object, before: &Sequence, new: &Object, after: &Sequence) {
        if after.identity || before.identity {
            return;
        }
        let name = qualified(&new.name);
        let mut sql = Vec::new();
        let mut parts = changes(before, after);
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
            self.step("alter sequence", new, sql).lock = LOCK.into();
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
pub fn identity_changes(work: &Work<'_>, table: &Name, column: &Column) -> Vec<String> {
    let Some((new, sequence)) = work.lookup.identity(table, &column.name) else { return Vec::new() };
    let found = work.from.objects.iter().find_map(|object| match &object.detail {
        Detail::Sequence(old) if old.identity => {
            let is_it =
                old.owned_by.as_ref().is_some_and(|(name, each)| name == table && *each == column.name);
            is_it.then_some((object, old))
        }
        _ => None,
    });
    let Some((old, before)) = found else { return Vec::new() };
    let mut sql = Vec::new();
    // With another type of the column the server gives the sequence that type and its limits.
    let mut then = before.clone();
    if before.ty != sequence.ty {
        then.ty.clone_from(&sequence.ty);
        let usual = crate::engine::postgres::catalog::unusual_options(before);
        let stays = |name: &str| usual.iter().any(|each| each.name == name);
        if !stays("max") {
            then.max = sequence.max;
        }
        if !stays("min") {
            then.min = sequence.min;
        }
    }
    let parts: Vec<String> = changes(&then, sequence).into_iter().map(|part| format!("SET {part}")).collect();
    if !parts.is_empty() {
        let (table, column) = (qualified(table), ident(&column.name));
        sql.push(format!("ALTER TABLE {table} ALTER COLUMN {column} {}", parts.join(" ")));
    }
    if old.name.schema == new.name.schema && old.name != new.name {
        sql.push(format!("ALTER SEQUENCE {} RENAME TO {}", qualified(&old.name), ident(&new.name.name)));
    }
    sql
}
