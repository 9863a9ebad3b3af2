//! One ALTER TABLE that carries all changes of a table, and those that cannot be part of it.

use std::collections::BTreeSet;

use super::cost::{Cost, Shape, Way};
use super::{Pair, columns, keys, loss, options, partitions, qualified};
use crate::ddl::Flavour;
use crate::model::catalog::Object;
use crate::model::plan::{Loss, Step};

/// A statement that is being put together.
pub struct Alter<'a> {
    pub pair: Pair<'a>,
    pub flavour: Flavour,
    pub shape: Shape,
    /// The table before, with the columns alone whose values stay.
    pub kept: Object,
    clauses: Vec<Clause>,
    pub losses: Vec<Loss>,
    /// What follows the clauses: `PARTITION BY ...`.
    pub tail: Option<String>,
    pub costs: Vec<Cost>,
    /// What cannot be part of the statement, before and behind it.
    pub before: Vec<Step>,
    pub after: Vec<Step>,
}

struct Clause {
    /// The kind of a step that has nothing else.
    kind: &'static str,
    sql: String,
}

impl<'a> Alter<'a> {
    pub fn new(pair: Pair<'a>, flavour: Flavour, remade: &BTreeSet<String>) -> Self {
        let shape = Shape::of(pair.old, pair.new, flavour);
        Alter {
            pair,
            flavour,
            shape,
            kept: loss::kept(pair.old, remade),
            clauses: Vec::new(),
            losses: Vec::new(),
            tail: None,
            costs: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub fn clause(&mut self, kind: &'static str, sql: String, cost: Cost) {
        self.clauses.push(Clause { kind, sql });
        self.costs.push(cost);
    }

    pub fn into_step(self, online: bool) -> Option<Step> {
        let first = self.clauses.first();
        if first.is_none() && self.tail.is_none() {
            return None;
        }
        let kind = match first {
            Some(first) if self.tail.is_none() && self.clauses.iter().all(|each| each.kind == first.kind) => {
                first.kind
            }
            _ => "alter table",
        };
        let way = Way::of(&self.costs, self.shape);
        let mut clauses: Vec<String> = self.clauses.into_iter().map(|each| each.sql).collect();
        if online && self.tail.is_none() {
            clauses.extend(way.online().map(str::to_owned));
        }
        let mut sql = format!("ALTER TABLE {}", qualified(&self.pair.old.name));
        if !clauses.is_empty() {
            sql.push_str(&format!("\n  {}", clauses.join(",\n  ")));
        }
        if let Some(tail) = &self.tail {
            sql.push_str(&format!("\n{tail}"));
        }
        Some(Step {
            kind: kind.into(),
            object: super::told(self.pair.new),
            sql: vec![sql],
            lock: way.lock().into(),
            rewrites: way.rewrites(),
            loses: self.losses,
            ..Step::default()
        })
    }
}

/// The steps that make a table the other, but for its foreign keys and triggers.
pub fn steps<'a>(work: &mut super::Work<'a>, pair: Pair<'a>) -> Vec<Step> {
    let remade = columns::remade(pair.old_table, pair.new_table);
    let mut alter = Alter::new(pair, work.flavour, &remade);
    let (dropped, added) = keys::indexes(&alter, &remade);
    keys::compared_anew(&mut alter, &added);
    keys::drop(&mut alter, dropped);
    let checks = keys::checks(&alter, &remade);
    keys::drop_checks(work, &mut alter, &checks.dropped);
    columns::clauses(&mut alter, &remade);
    keys::add(&mut alter, added);
    keys::add_checks(work, &mut alter, &checks);
    options::clauses(work, &mut alter);
    let apart = partitions::clauses(&mut alter);
    let (before, after) = (std::mem::take(&mut alter.before), std::mem::take(&mut alter.after));
    let main = alter.into_step(work.options.online);
    before.into_iter().chain(main).chain(apart).chain(after).collect()
}
