//! Plans of change: what they would lose, how they are shown, written as a script, confirmed, and
//! run. `schema diff`, `schema apply` and whatever else changes a database has its plans from here.

mod confirm;
mod json;
mod run;
mod script;
mod show;

pub use confirm::{confirm, refuse_loss};
pub use json::document;
pub use run::{Work, run};
pub use script::script;
pub use show::{show, totals};

use std::ops::Range;

use crate::engine::{Session, engine_for};
use crate::model::plan::{Loss, Plan, Step};
use crate::model::target::EngineKind;

/// A plan, and what a look at the database told of the data that it would lose.
#[derive(Debug, Clone, Default)]
pub struct Reviewed {
    pub plan: Plan,
    /// For each step whether its probe found data; None where nothing could be asked.
    found: Vec<Option<bool>>,
}

impl Reviewed {
    /// A plan for a database that is not there to be looked at.
    pub fn unseen(plan: Plan) -> Self {
        let found = vec![None; plan.steps.len()];
        Reviewed { plan, found }
    }

    /// Asks the database whether there is anything to lose. A probe that cannot be answered yet,
    /// because an earlier step makes what it asks for, tells nothing, and the loss stays.
    pub fn of(session: &mut dyn Session, plan: Plan) -> Self {
        let found = plan.steps.iter().map(|step| {
            let probe = step.loses.as_ref()?.probe.as_ref()?;
            match has_rows(session, probe) {
                Ok(found) => Some(found),
                Err(error) => {
                    log::info!("cannot tell whether {} loses data: {error}", words(step));
                    None
                }
            }
        });
        let found = found.collect();
        Reviewed { plan, found }
    }

    /// What the step really loses, as far as is known.
    pub fn loss(&self, index: usize) -> Option<&Loss> {
        let loss = self.plan.steps.get(index)?.loses.as_ref()?;
        (self.found.get(index) != Some(&Some(false))).then_some(loss)
    }

    /// The steps that lose data, from 0.
    pub fn losing(&self) -> impl Iterator<Item = (usize, &Loss)> {
        (0..self.plan.steps.len()).filter_map(|index| Some((index, self.loss(index)?)))
    }

    /// The number of a step as people count them; None for one that concerns the session alone.
    pub fn number(&self, index: usize) -> Option<usize> {
        let counted = self.plan.steps.get(..=index)?.iter().filter(|step| !step.session).count();
        (!self.plan.steps[index].session).then_some(counted)
    }

    /// How many steps there are for people.
    pub fn count(&self) -> usize {
        self.plan.steps.iter().filter(|step| !step.session).count()
    }

    /// Whether there was something to lose that is not there.
    fn was_cleared(&self, index: usize) -> bool {
        self.found.get(index) == Some(&Some(false))
    }
}

fn has_rows(session: &mut dyn Session, sql: &str) -> crate::error::Result<bool> {
    let mut found = false;
    session.query(sql, &[], &mut |cursor| {
        found |= cursor.advance()?;
        Ok(())
    })?;
    Ok(found)
}

/// What a step does, in one line: `add column film.year`.
pub fn words(step: &Step) -> String {
    let (first, rest) = step.object.split_once(' ').unwrap_or((step.object.as_str(), ""));
    match step.kind.strip_suffix(first).filter(|before| !first.is_empty() && before.ends_with(' ')) {
        Some(before) => format!("{before}{}", step.object),
        None if rest.is_empty() && first.is_empty() => step.kind.clone(),
        None => format!("{}: {}", step.kind, step.object),
    }
}

/// Steps that are run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub steps: Range<usize>,
    /// In one transaction.
    pub together: bool,
}

/// The steps cut into what the engine can take back together and what it cannot.
pub fn batches(plan: &Plan, engine: EngineKind) -> Vec<Batch> {
    let transactional = engine_for(engine).transactional_ddl();
    let mut batches: Vec<Batch> = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let together = transactional && step.in_transaction;
        match batches.last_mut().filter(|last| last.together && together) {
            Some(last) => last.steps.end = at + 1,
            None => batches.push(Batch { steps: at..at + 1, together }),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(kind: &str, object: &str, in_transaction: bool) -> Step {
        Step { kind: kind.into(), object: object.into(), in_transaction, ..Step::default() }
    }

    #[test]
    fn a_step_is_told_in_one_line() {
        for (kind, object, expected) in [
            ("add column", "column film.year", "add column film.year"),
            ("create virtual table", "table film", "create virtual table film"),
            ("set not null", "column film.year", "set not null: column film.year"),
            ("check foreign keys", "", "check foreign keys"),
            ("drop table", "table a b", "drop table a b"),
        ] {
            assert_eq!(words(&step(kind, object, true)), expected);
        }
    }

    #[test]
    fn steps_are_run_together_where_they_can_be() {
        let steps = [true, true, false, true, false, false].map(|each| step("x", "y", each)).to_vec();
        let plan = Plan { steps, left: Vec::new() };
        let cut = |engine| -> Vec<(Range<usize>, bool)> {
            batches(&plan, engine).into_iter().map(|batch| (batch.steps, batch.together)).collect()
        };
        let expected = [(0..2, true), (2..3, false), (3..4, true), (4..5, false), (5..6, false)];
        assert_eq!(cut(EngineKind::Postgres), expected);
        assert!(cut(EngineKind::Mysql).iter().all(|(steps, together)| steps.len() == 1 && !together));
    }
}
