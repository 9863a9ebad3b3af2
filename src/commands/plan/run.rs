//! Running a plan: alone, on the database that it was made for, and so that whoever is interrupted
//! knows where things stand.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::{Batch, Reviewed, batches, words};
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::{Claim, Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::diff::diff;
use crate::model::place::place;
use crate::model::progress::{Task, Unit};
use crate::model::server::TxState;
use crate::model::target::{EngineKind, Target};
use crate::ui::summary;

/// What another run of dbwright on the same database is kept out of.
const CLAIM: &str = "dbwright schema";
/// Between two looks at whether the other run has ended.
const PAUSE: Duration = Duration::from_millis(100);

/// A plan that was agreed to.
pub struct Work<'a> {
    pub target: &'a Target,
    /// The catalog that the plan was made from, as it was read.
    pub from: &'a Catalog,
    pub scope: Scope,
    pub reviewed: &'a Reviewed,
    /// How long another run is waited for.
    pub patience: Duration,
}

/// Runs the steps in order.
pub fn run(context: &Context, session: &mut dyn Session, work: &Work<'_>) -> Result<()> {
    // From here on a signal must not end the process between two steps.
    interrupt::listen()?;
    let _stoppable = interrupt::guard(session.canceller());
    let started = Instant::now();
    let engine = session.server().engine;
    let claim = claim(session, work)?;
    still_the_same(session, work)?;
    let count = work.reviewed.plan.steps.len();
    let task = context.ui.progress().task("changing", Some(count as u64), Unit::Count("steps"));
    let mut runner = Runner { session, work, engine, task, done: 0, partly: None };
    let mut inside = claim == Claim::ByTransaction;
    for batch in batches(&work.reviewed.plan, engine) {
        let together = batch.together;
        runner.batch(batch, inside && together)?;
        inside &= !together;
    }
    drop(runner);
    context.ui.status(&summary("changed", &[(count as u64, Unit::Count("steps"))], started.elapsed()));
    Ok(())
}

/// Keeps other runs out, after waiting for one that is under way.
fn claim(session: &mut dyn Session, work: &Work<'_>) -> Result<Claim> {
    let deadline = Instant::now() + work.patience;
    loop {
        match session.try_claim(CLAIM)? {
            Claim::Busy if Instant::now() < deadline => {
                if interrupt::sleep(PAUSE) {
                    return Err(Error::new(Kind::Interrupted, "interrupted; nothing was changed"));
                }
            }
            Claim::Busy => {
                let label = work.target.label();
                let message = format!("another run of dbwright is changing the schema of {label}");
                return Err(Error::new(Kind::Locked, message).hint(
                    "nothing was changed; try again when it has ended, or wait longer: --lock-timeout",
                ));
            }
            claim => return Ok(claim),
        }
    }
}

/// Refuses when the plan was made for something else than what is there now.
fn still_the_same(session: &mut dyn Session, work: &Work<'_>) -> Result<()> {
    let now = session.catalog(work.scope).map_err(interrupt::as_interrupted)?;
    if !diff(work.from, &now).is_empty() {
        let message = format!("the schema of {} has changed since the plan was made", work.target.label());
        return Err(Error::new(Kind::Refused, message)
            .hint("nothing was changed; run the command again to see the plan for what is there now"));
    }
    let again = Reviewed::of(session, work.reviewed.plan.clone());
    let new = again.losing().find(|(index, _)| work.reviewed.loss(*index).is_none());
    match new {
        None => Ok(()),
        Some((index, loss)) => {
            let step = words(&again.plan.steps[index]);
            let message = format!("there is data now that the plan would lose: {} ({step})", loss.what);
            Err(Error::new(Kind::Refused, message)
                .hint("nothing was changed; run the command again to see the plan for what is there now"))
        }
    }
}

struct Runner<'a> {
    session: &'a mut dyn Session,
    work: &'a Work<'a>,
    engine: EngineKind,
    task: Box<dyn Task>,
    /// Steps that cannot be taken back any more.
    done: usize,
    /// Statements of the next step that cannot be taken back, and how many it has.
    partly: Option<(usize, usize)>,
}

impl Runner<'_> {
    /// Runs steps, in a transaction where they belong into one. With `check` the catalog is looked
    /// at once more, when nobody can change it any more.
    fn batch(&mut self, batch: Batch, check: bool) -> Result<()> {
        if !batch.together {
            for index in batch.steps {
                self.step(index, false).map_err(|error| self.told(error, index, 0..0))?;
                self.done = index + 1;
            }
            return Ok(());
        }
        let begin = engine_for(self.engine).begin_change();
        let first = batch.steps.start;
        let mut at = first;
        let outcome = self.begin(begin, check).and_then(|()| {
            for index in batch.steps.clone() {
                at = index;
                self.step(index, true)?;
            }
            at = batch.steps.end;
            self.session.execute("COMMIT", &[]).map(drop).map_err(interrupt::as_interrupted)
        });
        match outcome {
            Ok(()) => {
                self.done = batch.steps.end;
                Ok(())
            }
            Err(error) => {
                let error = self.take_back(error);
                Err(self.told(error, at, first..at))
            }
        }
    }

    fn begin(&mut self, begin: &str, check: bool) -> Result<()> {
        self.session.execute(begin, &[]).map_err(interrupt::as_interrupted)?;
        if check { still_the_same(self.session, self.work) } else { Ok(()) }
    }

    fn take_back(&mut self, error: Error) -> Error {
        if !self.session.is_alive() || self.session.transaction() == TxState::Idle {
            return error;
        }
        match self.session.execute("ROLLBACK", &[]) {
            Ok(_) => error,
            Err(failed) => error.hint(format!("taking the transaction back failed too: {failed}")),
        }
    }

    fn step(&mut self, index: usize, together: bool) -> Result<()> {
        let step = &self.work.reviewed.plan.steps[index];
        self.task.set_label(&words(step));
        log::info!("step {}: {}", index + 1, words(step));
        for (at, sql) in step.sql.iter().enumerate() {
            let outcome = match interrupt::arrived() {
                true => Err(Error::new(Kind::Interrupted, "interrupted")),
                false => self.session.execute(sql, &[]).map(drop),
            };
            outcome.map_err(|error| {
                let error = interrupt::as_interrupted(error);
                match error.server_error().and_then(|server| server.position) {
                    _ if error.kind() == Kind::Interrupted => error,
                    position => error.at(place(&format!("step {}", index + 1), sql, position.unwrap_or(0))),
                }
            })?;
            if !together && at + 1 < step.sql.len() {
                self.partly = Some((at + 1, step.sql.len()));
            }
        }
        self.partly = None;
        self.task.advance(1);
        Ok(())
    }

    /// The error of a step, with where things stand and what to do next.
    fn told(&self, error: Error, index: usize, taken_back: Range<usize>) -> Error {
        let error = refused_by_profile(error, self.work.target);
        if error.kind() == Kind::Refused {
            return error;
        }
        let steps = &self.work.reviewed.plan.steps;
        let what = match steps.get(index).filter(|_| index < steps.len()) {
            Some(step) => format!("step {} of {}, {},", index + 1, steps.len(), words(step)),
            None => "the end of the transaction".to_owned(),
        };
        let ended = if error.kind() == Kind::Interrupted { "was interrupted" } else { "failed" };
        let unknown = error.kind() == Kind::Lost && index == taken_back.end && !taken_back.is_empty();
        let nothing_left = self.done == 0 && self.partly.is_none();
        let error = match nothing_left {
            true => error,
            false => error.with_kind(Kind::Partial),
        };
        let mut error = error.context(format!("{what} {ended}"));
        if unknown && index == steps.len() {
            return error.hint(
                "the connection broke while the transaction ended: look with schema diff whether it did",
            );
        }
        error = match (nothing_left, self.done) {
            (true, _) => error.hint("nothing was changed"),
            (false, done) => error.hint(format!("{} and stay", self.stays(done))),
        };
        if !nothing_left && !taken_back.is_empty() {
            error = error.hint(format!("{} taken back", numbers(taken_back)));
        }
        error.hint("mend the cause and run the same command again: it plans for what is there then")
    }

    fn stays(&self, done: usize) -> String {
        let steps = (done > 0).then(|| format!("{} done", numbers(0..done)));
        let partly = self.partly.map(|(statements, all)| {
            format!("{statements} of {all} statements of step {} were run", done + 1)
        });
        steps.into_iter().chain(partly).collect::<Vec<_>>().join(", ")
    }
}

/// `step 1 was`, `steps 2 to 4 were`.
fn numbers(steps: Range<usize>) -> String {
    match steps.len() {
        1 => format!("step {} was", steps.end),
        _ => format!("steps {} to {} were", steps.start + 1, steps.end),
    }
}
