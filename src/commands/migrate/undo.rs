//! `migrate repair --undo`: takes back the part of a migration that took effect, as far as that is
//! certain. Each step brings the history back by what it took back, so that whoever is interrupted
//! knows where things stand, and `up` can go on from there as well.

use super::folder::{Migration, Script};
use super::run::{Author, Job, Runner, named};
use crate::commands::{Context, interrupt};
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Entry, Record, Undo, undo};
use crate::model::listing::Listing;
use crate::model::place::place;
use crate::ui::{Guard, human};

/// What is kept of a sum behind the word that says that a step back was begun.
const DOUBT: usize = 64;

/// What a row in doubt says while a step back is under way: how much was done before it, and what the
/// object was like.
fn doubt(before: u64, trace: &str) -> String {
    format!("-{before}:{trace}").chars().take(DOUBT).collect()
}

/// How much is done, when a step back was begun by a run that was killed; None for any other doubt.
pub fn settled(record: &Record, now: &str) -> Option<u64> {
    let (before, trace) = record.doubt.as_deref()?.strip_prefix('-')?.split_once(':')?;
    let untouched = now.starts_with(trace);
    Some(if untouched { before.parse().unwrap_or(record.done) } else { record.done })
}

/// Runs `repair --undo ID`.
pub fn run(context: &Context, runner: &mut Runner<'_>, entry: &Entry, record: &Record) -> Result<()> {
    let title = named(&record.id, &record.name);
    let folder = runner.folder;
    let Some(migration) =
        entry.file.map(|at| &folder.migrations[at]).filter(|_| !record.applied && !record.undo)
    else {
        return Err(Error::new(
            Kind::Refused,
            format!("{title} is not applied in part, or its file is gone"),
        )
        .hint("only statements of the file that took effect without the others can be taken back"));
    };
    runner.same_beginning(&title, &migration.up, record)?;
    let now = runner.settle_doubt(&migration.up, record)?;
    let steps = plan(runner, &title, migration, &now)?;
    show(context, &migration.up, migration.down.as_ref(), &steps, &now)?;
    let count = human::counted(now.done, "statements");
    let summary = format!("{count} of {title} to take back on {}", runner.target.label());
    let (profile, protected) = (runner.target.profile.as_deref(), runner.target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    interrupt::listen()?;
    let _stoppable = interrupt::guard(runner.session.canceller());
    runner.claim()?;
    let records = runner.history()?;
    if !records.iter().any(|each| each == record) {
        return Err(Error::new(Kind::Locked, "another run has changed the history meanwhile"));
    }
    let author = Author::of(context, runner.session.as_ref());
    let during = Record { by_user: author.user, by_host: author.host, ..now };
    let job = Job { title: title.clone(), script: &migration.up, after: None, during, replaces: true };
    runner.watch.begin(&title, runner.session.server().session_id);
    let outcome = runner.step_back(&job, migration.down.as_ref(), &steps);
    runner.watch.end();
    outcome?;
    context.ui.status(&format!("{title} is taken back, and pending again"));
    Ok(())
}

fn plan(runner: &Runner<'_>, title: &str, migration: &Migration, record: &Record) -> Result<Vec<Undo>> {
    let done = usize::try_from(record.done).unwrap_or(usize::MAX).min(migration.up.statements.len());
    let down = migration.down.as_ref().map_or(&[][..], |down| &down.statements);
    let engine = runner.session.server().engine;
    let dialect = engine_for(engine).dialect(engine);
    undo(&migration.up.statements[..done], down, dialect).map_err(|at| {
        let error = Error::new(Kind::Refused, format!("what takes statement {} of {title} back is not certain", at + 1));
        let statement = &migration.up.statements[at];
        let error = match migration.up.files.get(at) {
            Some(&file) => {
                let text = &runner.folder.files[file].text;
                error.at(place(&runner.folder.shown(file), text, statement.at))
            }
            None => error,
        };
        error
            .hint("it is for what a statement creates or adds, when one of the section down drops that by the same name, and nothing else")
            .hint("take it back by hand, and then: dbwright migrate repair --forget ID; or mend the file, and migrate up goes on")
    })
}

/// The ledger: what took effect, and what takes it back, in the order in which that is run.
fn show(
    context: &Context,
    up: &Script,
    down: Option<&Script>,
    steps: &[Undo],
    record: &Record,
) -> Result<()> {
    let short =
        |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect::<String>();
    let mut end = usize::try_from(record.done).unwrap_or(usize::MAX).min(up.statements.len());
    let mut rows = Vec::new();
    for step in steps {
        let back = step.down.and_then(|at| down?.statements.get(at)).map(|statement| short(&statement.sql));
        for at in (step.left..end).rev() {
            let back = match (at == step.left, &back) {
                (_, None) => "nothing: it was for the session".to_owned(),
                (true, Some(sql)) => sql.clone(),
                (false, Some(_)) => "goes with its table".to_owned(),
            };
            rows.push(vec![(at + 1).to_string(), short(&up.statements[at].sql), back]);
        }
        end = step.left;
    }
    let headers = ["Statement", "Took effect", "Is taken back by"].map(str::to_owned).to_vec();
    context.ui.print_listing(&Listing { headers, rows, ..Listing::default() })
}

impl Runner<'_> {
    fn step_back(&mut self, job: &Job<'_>, down: Option<&Script>, steps: &[Undo]) -> Result<()> {
        let mut record = job.during.clone();
        for step in steps {
            if interrupt::arrived() {
                return Err(Error::new(
                    Kind::Interrupted,
                    "interrupted; migrate status tells how far it came",
                ));
            }
            let left = step.left as u64;
            if let Some(statement) = step.down.and_then(|at| down?.statements.get(at)) {
                let made = &job.script.statements[step.left].sql;
                let before = self.session.trace(made)?;
                let begun = Record {
                    done: left,
                    doubt: Some(doubt(record.done, &before)),
                    ..self.as_far_as(job.script, &record, step.left + 1)
                };
                self.note(&begun, false)?;
                let outcome = self.noted_and_run(job, &statement.sql);
                let unchanged = outcome.is_ok() && self.session.trace(made)? == before;
                if outcome.is_err() || unchanged {
                    let failed = outcome.err().unwrap_or_else(|| {
                        Error::new(
                            Kind::Refused,
                            "the statement has changed nothing of what was to be taken back",
                        )
                    });
                    return Err(self.stays(job, &record, failed));
                }
            }
            record = Record { doubt: None, done: left, ..self.as_far_as(job.script, &record, step.left) };
        }
        self.waiting.push(self.history.forget(&record.id)?);
        self.flush()
    }

    /// Writes down that a step was not taken.
    fn stays(&mut self, job: &Job<'_>, record: &Record, error: Error) -> Error {
        let error = interrupt::as_interrupted(error);
        if !self.session.is_alive() {
            return error.hint("migrate status tells what took effect");
        }
        let done = usize::try_from(record.done).unwrap_or(usize::MAX).min(job.script.statements.len());
        let record = Record { doubt: None, ..self.as_far_as(job.script, record, done) };
        let error = error
            .context(format!("statement {done} of {} could not be taken back", job.title))
            .with_kind(Kind::Partial)
            .hint(format!("{done} of its statements are still in effect"));
        match self.note(&record, false).and_then(|()| self.flush()) {
            Ok(()) => error,
            Err(failed) => error.hint(format!("the history could not be brought up to date: {failed}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_back_that_was_killed_is_settled() {
        let trace = "a1b2".repeat(16);
        let record = Record { done: 1, doubt: Some(doubt(13, &trace)), ..Record::default() };
        assert_eq!(record.doubt.as_ref().unwrap().len(), DOUBT);
        assert_eq!(settled(&record, &trace), Some(13));
        assert_eq!(settled(&record, &"b1b2".repeat(16)), Some(1));
        assert_eq!(settled(&Record { doubt: Some(trace.clone()), ..record }, &trace), None);
    }
}
