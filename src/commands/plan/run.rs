//! Running a plan: alone, on the database that it was made for, and so that whoever is interrupted
//! knows where things stand.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Batch, Reviewed, batches, refuse_stopped, words};
use crate::commands::{Context, interrupt, refused_by_profile};
use crate::engine::{Claim, Session, engine_for};
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::diff::diff;
use crate::model::place::place;
use crate::model::progress::{Task, Unit};
use crate::model::server::TxState;
use crate::model::target::{EngineKind, Target};
use crate::ui::human;

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
    let count = work.reviewed.count();
    let task = context.ui.progress().task("changing", Some(count as u64), Unit::Count("steps"));
    // What the server remarks on settings of ours is nothing that anybody could change.
    let quiet = Arc::new(AtomicBool::new(false));
    let (ui, hears) = (context.ui.clone(), Arc::clone(&quiet));
    session.on_notice(Box::new(move |notice| match hears.load(Ordering::Relaxed) {
        true => log::info!("{}", notice.message),
        false => ui.notice(notice),
    }));
    let mut runner = Runner { session, work, engine, task, quiet, done: 0, partly: None };
    let mut inside = claim == Claim::ByTransaction;
    for batch in batches(&work.reviewed.plan, engine) {
        let together = batch.together;
        runner.batch(batch, inside && together)?;
        inside &= !together;
    }
    drop(runner);
    let (steps, took) = (human::counted(count as u64, "steps"), human::duration(started.elapsed()));
    context.ui.status(&format!("{steps} done in {took}"));
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
        None => refuse_stopped(&again),
        Some((index, lost)) => {
            let step = words(&again.plan.steps[index]);
            let message = format!("there is data now that the plan would lose: {lost} ({step})");
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
    /// Whether a step that concerns the session alone is run.
    quiet: Arc<AtomicBool>,
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
        log::info!("{}", words(step));
        self.quiet.store(step.session, Ordering::Relaxed);
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
            if !together && !step.session && at + 1 < step.sql.len() {
                self.partly = Some((at + 1, step.sql.len()));
            }
        }
        self.quiet.store(false, Ordering::Relaxed);
        self.partly = None;
        self.task.advance(u64::from(!step.session));
        Ok(())
    }

    /// The error of a step, with where things stand and what to do next.
    fn told(&self, error: Error, index: usize, taken_back: Range<usize>) -> Error {
        let error = refused_by_profile(error, self.work.target);
        if error.kind() == Kind::Refused {
            return error;
        }
        let reviewed = self.work.reviewed;
        let what = match (reviewed.plan.steps.get(index), reviewed.number(index)) {
            (Some(step), Some(number)) => format!("step {number} of {}, {},", reviewed.count(), words(step)),
            (Some(step), None) => words(step),
            (None, _) => "the end of the transaction".to_owned(),
        };
        let ended = if error.kind() == Kind::Interrupted { "was interrupted" } else { "failed" };
        // The answer to COMMIT is missing, not the COMMIT.
        let unknown = error.kind() == Kind::Lost && !taken_back.is_empty() && index == taken_back.end;
        let stays = self.stays();
        let error = match stays.is_empty() {
            true => error,
            false => error.with_kind(Kind::Partial),
        };
        let mut error = error.context(format!("{what} {ended}"));
        error = match stays.is_empty() {
            true if unknown => {
                error.hint("the connection broke while the transaction ended: it may have been done")
            }
            true => error.hint("nothing was changed"),
            false => error.hint(format!("done, and not taken back: {stays}")),
        };
        error.hint("mend the cause and run the same command again: it plans for what is there then")
    }

    /// What cannot be taken back any more: `steps 1 to 3, 1 of 2 statements of step 4`.
    fn stays(&self) -> String {
        let reviewed = self.work.reviewed;
        let last = (0..self.done).rev().find_map(|index| reviewed.number(index)).unwrap_or_default();
        let steps = match last {
            0 => None,
            1 => Some("step 1".to_owned()),
            last => Some(format!("steps 1 to {last}")),
        };
        let partly =
            self.partly.map(|(done, all)| format!("{done} of {all} statements of step {}", last + 1));
        steps.into_iter().chain(partly).collect::<Vec<_>>().join(", ")
    }
}
