//! From one catalog to another, with the rows kept.
//!
//! What stands in the way is taken off first: triggers, policies, rules and foreign keys that go,
//! change or stand on what does, then views and functions, constraints and indexes, columns and
//! tables. Then objects are made and altered in the order in which a new database would be built,
//! and last comes what is built when all objects are there. Each phase writes what it does into
//! [`Now`], the relations as they are at that point of the plan; so what one statement takes along
//! (the constraints of a column, a column of all partitions) is known to those that follow, and
//! whatever the second catalog has and `Now` has not is made.

mod away;
mod away_parts;
mod casts;
mod columns;
mod fate;
mod finish;
mod indexes;
mod keys;
mod locks;
mod make;
mod mention;
mod not_nulls;
mod now;
mod others;
mod parts;
mod probes;
mod rebuild;
mod rename;
mod rights;
mod routines;
mod sequences;
mod settings;
mod tables;
mod types;
mod views;

pub use rename::rename;

use std::collections::HashMap;

use super::lookup::Lookup;
use super::reference;
use super::text::qualified;
use crate::model::catalog::{Catalog, Detail, Name, Object, ObjectId};
use crate::model::diff::{Change, diff, diff_without_privileges};
use crate::model::plan::{ChangeOptions, Left, Loss, Plan, Renamed, Step};
use fate::{Fate, Fates};
use now::Now;

/// See [`Ddl::change`](crate::engine::Ddl::change).
pub fn change(from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
    let Some(Renamed { steps, catalog }) = sequences::rename_owned(from, to, changes) else {
        return plan(from, to, changes, options);
    };
    let changes = match options.privileges {
        true => diff(&catalog, to),
        false => diff_without_privileges(&catalog, to),
    };
    let mut plan = plan(&catalog, to, &changes, options);
    plan.steps.splice(0..0, steps);
    plan
}

fn plan(from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
    let mut work = Work::new(from, to, changes, options);
    if changes.is_empty() {
        return work.plan;
    }
    work.add_labels();
    work.take_off();
    work.drop_early();
    work.make();
    work.drop_late();
    work.finish();
    work.allow_forward_references();
    work.plan
}

/// A plan in the making.
struct Work<'a> {
    from: &'a Catalog,
    to: &'a Catalog,
    options: ChangeOptions,
    /// Of the server that is changed.
    version: u32,
    fates: Fates,
    changes: &'a [Change],
    lookup: Lookup<'a>,
    /// The relations of the first catalog.
    places: HashMap<&'a Name, ObjectId>,
    now: Now,
    /// Types and tables that wait under another name until the new ones have taken over.
    aside: HashMap<Name, Name>,
    /// The same of collations, which may be called like a type.
    aside_collations: HashMap<Name, Name>,
    plan: Plan,
}

impl<'a> Work<'a> {
    fn new(from: &'a Catalog, to: &'a Catalog, changes: &'a [Change], options: ChangeOptions) -> Self {
        let version = match from.server_version_num {
            0 => to.server_version_num,
            version => version,
        };
        Work {
            from,
            to,
            options,
            version,
            fates: Fates::of(from, to, changes, version),
            changes,
            lookup: Lookup::of(to),
            places: relations(from),
            now: Now::of(from),
            aside: HashMap::new(),
            aside_collations: HashMap::new(),
            plan: Plan::default(),
        }
    }

    /// A function may stand on a table that comes after it; its text is then not checked when it is
    /// made (manual, `check_function_bodies`), as pg_dump does it.
    fn allow_forward_references(&mut self) {
        if self.plan.steps.iter().any(|step| step.object.starts_with("routine ")) {
            let step = Step {
                kind: "set".into(),
                object: "settings of the session".into(),
                sql: vec!["SET check_function_bodies = false".into()],
                session: true,
                in_transaction: true,
                ..Step::default()
            };
            self.plan.steps.insert(0, step);
        }
    }

    /// A step in a transaction that stops nobody, unless it is said.
    fn step(&mut self, kind: &str, object: &Object, sql: Vec<String>) -> &mut Step {
        let object = self.label(object);
        self.named_step(kind, object, sql)
    }

    fn named_step(&mut self, kind: &str, object: String, sql: Vec<String>) -> &mut Step {
        let at = self.plan.steps.len();
        self.plan.steps.push(Step {
            kind: kind.to_owned(),
            object,
            sql,
            in_transaction: true,
            ..Step::default()
        });
        &mut self.plan.steps[at]
    }

    /// `table film`.
    fn label(&self, object: &Object) -> String {
        let name = self.to.short(&object.name);
        match (&object.detail, &object.signature) {
            (Detail::View(view), _) if view.materialized => format!("materialized view {name}"),
            (Detail::Routine(_), Some(signature)) => format!("routine {name}({signature})"),
            _ => format!("{} {name}", object.kind().word()),
        }
    }

    fn leave(&mut self, what: String, why: &str) {
        let left = Left { what, why: why.to_owned() };
        if !self.plan.left.contains(&left) {
            self.plan.left.push(left);
        }
    }

    /// What becomes of a relation of the first catalog.
    fn fate(&self, relation: &Name) -> Option<Fate> {
        Some(self.fates.get(*self.places.get(relation)?))
    }

    /// A relation that stays, as it was and as it is to be.
    fn stays(&self, relation: &Name) -> Option<(&'a Object, &'a Object)> {
        let id = *self.places.get(relation)?;
        let twin = self.fates.twin(id).filter(|_| self.fates.get(id) == Fate::Stays)?;
        Some((self.from.get(id), self.to.get(twin)))
    }

    /// Whether rows may be in a table that stays.
    fn has_rows(&self, table: &Name) -> bool {
        self.places
            .get(table)
            .is_some_and(|id| self.from.get(*id).as_table().is_some() && self.fates.get(*id) != Fate::Goes)
    }
}

fn relations(catalog: &Catalog) -> HashMap<&Name, ObjectId> {
    let relations =
        catalog.iter().filter(|(_, object)| matches!(object.detail, Detail::Table(_) | Detail::View(_)));
    relations.map(|(id, object)| (&object.name, id)).collect()
}

/// `ALTER TABLE shop.orders`, by the word for its kind.
fn alter(object: &Object) -> String {
    match reference::of(object) {
        Some((word, name)) => format!("ALTER {word} {name}"),
        None => format!("ALTER TABLE {}", qualified(&object.name)),
    }
}

fn loss(what: impl Into<String>, probe: Option<String>) -> Option<Loss> {
    Some(Loss::lost(what, probe))
}

/// Rows that a step fails for. Where they cannot be asked for, any row of the table may be one.
fn stops(what: impl Into<String>, probe: Option<String>, old: Option<&Object>) -> Option<Loss> {
    let any = old.map(probes::any_row);
    let certain = probe != any;
    Some(Loss::stops(what, probe, certain))
}
