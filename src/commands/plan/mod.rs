//! Plans of change: what they would lose, how they are shown, written as a script, confirmed, and
//! run. `schema diff`, `schema apply` and whatever else changes a database has its plans from here.

mod confirm;
mod json;
mod run;
mod script;
mod show;

pub use confirm::{confirm, refuse_loss, refuse_stopped};
pub use json::document;
pub use run::{Work, run};
pub use script::script;
pub use show::{show, totals};

use std::ops::Range;

use crate::engine::{Session, engine_for};
use crate::model::plan::{Harm, Loss, Plan, Step};
use crate::model::target::EngineKind;
use crate::ui::human::counted;

/// A plan, and what a look at the database told of the data that it would lose.
#[derive(Debug, Clone, Default)]
pub struct Reviewed {
    pub plan: Plan,
    /// For each loss of each step how many rows its probe found, up to [`COUNTED`]; None where nothing
    /// could be asked.
    found: Vec<Vec<Option<usize>>>,
}

/// As many rows are counted as are told.
const COUNTED: usize = 1000;

impl Reviewed {
    /// A plan for a database that is not there to be looked at.
    pub fn unseen(plan: Plan) -> Self {
        let found = plan.steps.iter().map(|step| vec![None; step.loses.len()]).collect();
        Reviewed { plan, found }
    }

    /// Asks the database whether there is anything to lose, and what stands in the way. A probe that
    /// cannot be answered yet, because an earlier step makes what it asks for, tells nothing, and the
    /// loss stays.
    pub fn of(session: &mut dyn Session, plan: Plan) -> Self {
        let mut found = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let mut counts = Vec::with_capacity(step.loses.len());
            for loss in &step.loses {
                let Some(probe) = &loss.probe else {
                    counts.push(None);
                    continue;
                };
                let answer = count(session, probe, loss.harm);
                if let Err(error) = &answer {
                    log::info!("cannot tell whether {} finds {}: {error}", words(step), loss.what);
                }
                counts.push(answer.ok());
            }
            found.push(counts);
        }
        Reviewed { plan, found }
    }

    /// What a look at the database left of a step's losses, with how many rows were found.
    fn left(&self, index: usize) -> Vec<(&Loss, Option<usize>)> {
        let losses = self.plan.steps.get(index).map(|step| &step.loses[..]).unwrap_or_default();
        let found = self.found.get(index).map(Vec::as_slice).unwrap_or_default();
        let counts = found.iter().copied().chain(std::iter::repeat(None));
        losses.iter().zip(counts).filter(|(_, count)| *count != Some(0)).collect()
    }

    /// What the step really loses, as far as is known, in one line.
    pub fn loss(&self, index: usize) -> Option<String> {
        let lost = self.left(index).into_iter().filter(|(loss, _)| loss.harm == Harm::Lost);
        let what: Vec<&str> = lost.map(|(loss, _)| loss.what.as_str()).collect();
        (!what.is_empty()).then(|| what.join("; "))
    }

    /// The rows for which the step is sure to fail.
    pub fn stopped(&self, index: usize) -> Vec<Stopped<'_>> {
        let left = self.left(index).into_iter();
        left.filter(|(loss, _)| loss.harm == Harm::Stops)
            .filter_map(|(loss, rows)| Some(Stopped { loss, rows: rows? }))
            .collect()
    }

    /// The rows for which the step may fail, where nobody can tell whether there are any.
    pub fn may_stop(&self, index: usize) -> Option<String> {
        let left = self.left(index).into_iter();
        let open = left.filter(|(loss, rows)| match loss.harm {
            Harm::Lost => false,
            Harm::Stops => rows.is_none(),
            Harm::MayStop => true,
        });
        let what: Vec<&str> = open.map(|(loss, _)| loss.what.as_str()).collect();
        (!what.is_empty()).then(|| what.join("; "))
    }

    /// The steps that lose data, from 0.
    pub fn losing(&self) -> impl Iterator<Item = (usize, String)> {
        (0..self.plan.steps.len()).filter_map(|index| Some((index, self.loss(index)?)))
    }

    /// The steps that are sure to fail, from 0.
    pub fn stopping(&self) -> impl Iterator<Item = (usize, Stopped<'_>)> {
        (0..self.plan.steps.len())
            .flat_map(|index| self.stopped(index).into_iter().map(move |stopped| (index, stopped)))
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
        !self.plan.steps[index].loses.is_empty() && self.left(index).is_empty()
    }
}

/// Rows that stand in a step's way.
pub struct Stopped<'a> {
    pub loss: &'a Loss,
    pub rows: usize,
}

impl Stopped<'_> {
    /// `nulls in year (2 rows)`.
    pub fn words(&self) -> String {
        let grouped = self.loss.probe.as_ref().is_some_and(|probe| probe.contains(" GROUP BY "));
        let noun = if grouped { "values" } else { "rows" };
        let rows = match self.rows {
            COUNTED => format!("{COUNTED} {noun} or more"),
            rows => counted(rows as u64, noun),
        };
        format!("{} ({rows})", self.loss.what)
    }

    /// The query that shows them.
    pub fn query(&self) -> Option<String> {
        let probe = self.loss.probe.as_deref()?.strip_suffix(" LIMIT 1")?;
        let rest = probe.strip_prefix("SELECT 1 FROM ")?;
        let keys = rest.split_once(" GROUP BY ").and_then(|(_, rest)| rest.rsplit_once(" HAVING "));
        Some(match keys {
            Some((keys, _)) => format!("SELECT {keys}, count(*) FROM {rest}"),
            None => format!("SELECT * FROM {rest}"),
        })
    }
}

/// How many rows a probe finds: whether there are any, and of those that stand in the way how many.
fn count(session: &mut dyn Session, probe: &str, harm: Harm) -> crate::error::Result<usize> {
    let counting = probe.strip_suffix(" LIMIT 1").filter(|_| harm == Harm::Stops);
    let counting = counting.map(|probe| format!("{probe} LIMIT {COUNTED}"));
    let mut found = 0;
    session.query(counting.as_deref().unwrap_or(probe), &[], &mut |cursor| {
        while cursor.advance()? {
            found += 1;
        }
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
        dbwright_engines::install();
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
