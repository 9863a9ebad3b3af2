//! Asking before a plan is run.

use super::{Reviewed, Stopped, totals, words};
use crate::commands::Context;
use crate::error::{Error, Kind, Result};
use crate::model::target::Target;
use crate::ui::Guard;

/// Asks, or looks for the flags that answer; an error when the plan may not be run.
pub fn confirm(context: &Context, target: &Target, reviewed: &Reviewed, allow_loss: bool) -> Result<()> {
    let loses = losses(reviewed);
    let summary = format!("{} on {}", totals(reviewed), target.label());
    context.ui.guard(&Guard {
        summary: &summary,
        profile: target.profile.as_deref(),
        protected: target.protected,
        loses: loses.as_deref(),
        allow_loss,
    })
}

/// An error when rows stand in the way of a step: nothing is lost by it, and no consent makes it
/// work.
pub fn refuse_stopped(reviewed: &Reviewed) -> Result<()> {
    let stopping: Vec<(usize, Stopped<'_>)> = reviewed.stopping().collect();
    if stopping.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = stopping
        .iter()
        .map(|(index, stopped)| format!("{} ({})", stopped.words(), words(&reviewed.plan.steps[*index])))
        .collect();
    let error = Error::new(Kind::Refused, format!("rows stand in the way: {}", told.join("; ")));
    let mut queries: Vec<String> = stopping.iter().filter_map(|(_, stopped)| stopped.query()).collect();
    queries.dedup();
    let error = queries.into_iter().fold(error, |error, query| error.hint(format!("see them: {query}")));
    Err(error.hint("mend or delete them, and run the same command again"))
}

/// An error when a plan that is given out to be run loses data, and that is not allowed.
pub fn refuse_loss(reviewed: &Reviewed, allow_loss: bool) -> Result<()> {
    match losses(reviewed) {
        Some(lost) if !allow_loss => Err(Error::new(Kind::Refused, format!("this would lose {lost}"))
            .hint("add --allow-loss if that is meant")),
        _ => Ok(()),
    }
}

/// What is lost, in one line.
fn losses(reviewed: &Reviewed) -> Option<String> {
    const TOLD: usize = 3;
    let all: Vec<String> = reviewed
        .losing()
        .map(|(index, lost)| format!("{lost} ({})", words(&reviewed.plan.steps[index])))
        .collect();
    let more = all.len().saturating_sub(TOLD);
    let told = all.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    match (all.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("data: {told}")),
        (false, more) => Some(format!("data: {told}; and {more} more")),
    }
}
