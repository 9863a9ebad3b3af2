//! The way from one database to another of MySQL or MariaDB.
//!
//! Statements commit by themselves here, so their order is such that the database is of use after
//! each: what stands in the way goes, one ALTER TABLE carries all changes of a table, new tables
//! come, then foreign keys, programs, views, triggers, events, and rights.

mod alter;
mod behind;
mod columns;
mod cost;
mod foreign_keys;
mod keys;
mod loss;
mod options;
mod partitions;
mod programs;
mod rename;
mod rights;
mod types;
mod views;

use super::environment::{self, Environment};
use super::{Flavour, Script, literal, qualified, quoted};
use crate::catalog::words::{Words, unquoted};
use crate::model::catalog::{
    Catalog, ConstraintKind, Detail, Kind, Name, Object, ObjectId, Table, attribute,
};
use crate::model::ddl::DdlOptions;
use crate::model::diff::{Change, Part, What};
use crate::model::plan::{ChangeOptions, Left, Plan, Step};
use crate::sql::{MYSQL, TokenKind};

pub use behind::left_behind;
pub use rename::rename;

/// A plan that is being made.
pub struct Work<'a> {
    from: &'a Catalog,
    to: &'a Catalog,
    flavour: Flavour,
    options: ChangeOptions,
    dropped: Vec<&'a Object>,
    created: Vec<(ObjectId, &'a Object)>,
    /// Tables that differ in more than their triggers and rights.
    altered: Vec<Pair<'a>>,
    /// Everything that differs.
    changed: Vec<Changed<'a>>,
    /// Checks that went before their table is altered: table and name.
    freed: Vec<(Name, String)>,
    plan: Plan,
}

/// A table before and after.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    old: &'a Object,
    new: &'a Object,
    old_table: &'a Table,
    new_table: &'a Table,
}

#[derive(Clone, Copy)]
struct Changed<'a> {
    old: &'a Object,
    new: &'a Object,
    id: ObjectId,
    parts: &'a [Part],
}

pub fn plan(from: &Catalog, to: &Catalog, changes: &[Change], options: ChangeOptions) -> Plan {
    let mut work = Work::new(from, to, changes, options);
    work.clear();
    work.tables();
    programs::create(&mut work);
    views::create(&mut work);
    programs::triggers(&mut work);
    programs::events(&mut work);
    match options.privileges {
        true => rights::change(&mut work),
        false => rights::give_created(&mut work),
    }
    work.under_settings();
    work.plan
}

impl<'a> Work<'a> {
    fn new(from: &'a Catalog, to: &'a Catalog, changes: &'a [Change], options: ChangeOptions) -> Self {
        let mut work = Work {
            from,
            to,
            flavour: Script::new(to, DdlOptions::default()).flavour,
            options,
            dropped: Vec::new(),
            created: Vec::new(),
            altered: Vec::new(),
            changed: Vec::new(),
            freed: Vec::new(),
            plan: Plan::default(),
        };
        for change in changes {
            match change {
                Change::Drop { from: id } => work.dropped.push(from.get(*id)),
                Change::Create { to: id } => work.created.push((*id, to.get(*id))),
                Change::Alter { from: old, to: new, parts } => {
                    work.changed.push(Changed { old: from.get(*old), new: to.get(*new), id: *new, parts });
                }
            }
        }
        for changed in &work.changed {
            let beside = |part: &Part| matches!(part.what, What::Trigger | What::Grant);
            if let (Some(old_table), Some(new_table)) = (changed.old.as_table(), changed.new.as_table())
                && !changed.parts.iter().all(beside)
            {
                work.altered.push(Pair { old: changed.old, new: changed.new, old_table, new_table });
            }
        }
        work
    }

    fn step(&mut self, step: Step) {
        self.plan.steps.push(step);
    }

    fn steps(&mut self, steps: Vec<Step>) {
        self.plan.steps.extend(steps);
    }

    fn left(&mut self, what: impl Into<String>, why: &str) {
        self.plan.left.push(Left { what: what.into(), why: why.into() });
    }

    fn dropped_of(&self, kind: Kind) -> Vec<&'a Object> {
        self.dropped.iter().copied().filter(|object| object.kind() == kind).collect()
    }

    fn created_of(&self, kind: Kind) -> Vec<(ObjectId, &'a Object)> {
        self.created.iter().copied().filter(|(_, object)| object.kind() == kind).collect()
    }

    /// Programs and views that are no more: they may name tables that go.
    fn clear(&mut self) {
        programs::drop_triggers(self);
        for kind in [Kind::Event, Kind::View, Kind::Routine, Kind::Package] {
            for object in self.dropped_of(kind) {
                let step = programs::drop(self, object);
                self.step(step);
            }
        }
    }

    fn tables(&mut self) {
        let keys = foreign_keys::find(self);
        self.steps(foreign_keys::drop(&keys.dropped));
        self.steps(foreign_keys::drop_tables(&self.dropped_of(Kind::Table), self.flavour));
        programs::sequences(self);
        self.free_names();
        for pair in self.altered.clone() {
            let steps = alter::steps(self, pair);
            self.steps(steps);
        }
        for object in self.dropped_of(Kind::Sequence) {
            let step = programs::drop(self, object);
            self.step(step);
        }
        self.create_tables();
        let added = foreign_keys::add(self, &keys.added);
        self.steps(added);
    }

    /// Names of checks are the database's on MySQL: one that moves to another table goes first.
    fn free_names(&mut self) {
        if self.flavour == Flavour::Mariadb {
            return;
        }
        let has = |object: &Object, name: &str| {
            let constraints = object.as_table().map(|table| table.constraints.as_slice()).unwrap_or_default();
            constraints.iter().any(|each| each.name.as_deref() == Some(name))
        };
        for pair in self.altered.clone() {
            let elsewhere = |name: &str| {
                let mut others = self.to.tables().filter(|(each, _)| each.name != pair.old.name);
                !has(pair.new, name) && others.any(|(other, _)| has(other, name))
            };
            let checks = pair
                .old_table
                .constraints
                .iter()
                .filter(|each| matches!(each.kind, ConstraintKind::Check { .. }));
            let names = checks.filter_map(|check| check.name.clone());
            for name in names.filter(|name| elsewhere(name)).collect::<Vec<_>>() {
                self.step(Step {
                    kind: "drop check".into(),
                    object: told(pair.old),
                    sql: vec![format!(
                        "ALTER TABLE {} DROP CHECK {}",
                        qualified(&pair.old.name),
                        quoted(&name)
                    )],
                    why: "another table is to have a check of this name".into(),
                    lock: cost::MOMENT.into(),
                    ..Step::default()
                });
                self.freed.push((pair.old.name.clone(), name));
            }
        }
    }

    /// New tables have no rows, so that foreign keys that form a circle may come unchecked.
    fn create_tables(&mut self) {
        let created: Vec<&Object> =
            self.created_of(Kind::Table).into_iter().map(|(_, object)| object).collect();
        for (object, in_circle) in foreign_keys::parents_first(&created) {
            let mut script = Script::new(self.to, DdlOptions::default());
            script.table(object);
            let mut sql: Vec<String> = script.pieces.into_iter().map(|piece| piece.sql).collect();
            if in_circle {
                sql.insert(0, "SET foreign_key_checks = 0".into());
                sql.push("SET foreign_key_checks = 1".into());
            }
            self.step(Step { kind: "create table".into(), object: told(object), sql, ..Step::default() });
        }
    }

    /// Definitions are written for settings of their own, which the plan begins with and puts back.
    fn under_settings(&mut self) {
        let defines = |sql: &str| ["CREATE ", "ALTER TABLE "].iter().any(|start| sql.starts_with(start));
        if !self.plan.steps.iter().flat_map(|step| &step.sql).any(|sql| defines(sql)) {
            return;
        }
        let versioned = self.altered.iter().any(|pair| is_versioned(pair.old));
        let settings = |sql| Step {
            kind: "set".into(),
            object: "settings of the session".into(),
            session: true,
            sql,
            ..Step::default()
        };
        self.plan.steps.insert(0, settings(environment::for_changes(versioned)));
        self.plan.steps.push(settings(vec![environment::after_changes(versioned)]));
    }

    /// The statements that print objects in one of `Ddl::create`'s ways, with their settings.
    fn printed(&self, definers: bool, print: impl FnOnce(&mut Script<'_>)) -> Vec<String> {
        let mut script = Script::new(self.to, DdlOptions { privileges: definers });
        script.environment = Environment::of_changes();
        script.usual = Environment::of_changes();
        print(&mut script);
        script.under(Environment::of_changes());
        script.pieces.into_iter().map(|piece| piece.sql).collect()
    }
}

fn is_versioned(object: &Object) -> bool {
    attribute(&object.attributes, "system versioning").is_some()
}

/// `table film`, for people.
fn told(object: &Object) -> String {
    let word = match (&object.detail, object.kind()) {
        (Detail::Routine(routine), _) => programs::word(routine.kind).to_lowercase(),
        (_, kind) => kind.word().to_owned(),
    };
    format!("{word} {}", object.name)
}

/// The names in quotes that an expression of a server holds.
fn quoted_names(expression: &str) -> Vec<String> {
    let mut words = Words::new(expression, &MYSQL);
    let mut names = Vec::new();
    while let Some(token) = words.peek() {
        if token.kind == TokenKind::QuotedIdent {
            names.push(unquoted(words.text(0)));
        }
        words.next();
    }
    names
}

/// Whether an expression, as a server writes it, uses a column.
fn mentions(expression: &str, column: &str) -> bool {
    quoted_names(expression).iter().any(|name| name.eq_ignore_ascii_case(column))
}
