//! One restore at a time into a database, and none beside what a killed one has left running: a
//! server notices that a client is gone when it has ended the statement of that client.
//!
//! A session of its own claims the restore and does nothing else, so it ends with its process. Each
//! session that works claims a number.

use std::time::{Duration, Instant};

use crate::commands::migrate::who;
use crate::commands::{Context, interrupt};
use crate::engine::{Claim, Session};
use crate::error::{Error, Kind, Result};
use crate::model::server::Waiting;
use crate::model::target::Target;

const CLAIM: &str = "restore";
/// How long another run may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);
/// Between two words of who is waited for.
const BETWEEN_WORDS: Duration = Duration::from_secs(10);
/// What is soon over is not told.
const AT_FIRST: Duration = Duration::from_secs(1);

/// Keeps other restores out as long as the session lives.
pub fn claim(context: &Context, target: &mut Target) -> Result<Box<dyn Session>> {
    let mut session = context.open(target)?;
    let deadline = Instant::now() + target.lock_timeout.unwrap_or(PATIENCE);
    while session.try_claim(CLAIM)? == Claim::Busy {
        if Instant::now() >= deadline {
            let who = who(target, Waiting::Claim(CLAIM)).map_or_else(String::new, |who| format!(": {who}"));
            let message = format!("another restore into {} is under way{who}", target.label());
            return Err(
                Error::new(Kind::Locked, message).hint("nothing was changed; try again when it has ended")
            );
        }
        pause()?;
    }
    Ok(session)
}

/// Waits for what sessions of a run before left running; there were at most `before` of them.
pub fn wait_for_others(
    context: &Context,
    target: &Target,
    sessions: &mut [Box<dyn Session>],
    before: usize,
) -> Result<()> {
    for number in 0..sessions.len().max(before) {
        let at = if number < sessions.len() { number } else { 0 };
        let Some(session) = sessions.get_mut(at) else { return Ok(()) };
        let claim = format!("{CLAIM} session {number}");
        let mut tell = Instant::now() + AT_FIRST;
        while session.try_claim(&claim)? == Claim::Busy {
            if Instant::now() >= tell {
                let who = who(target, Waiting::Claim(&claim)).unwrap_or_default();
                context.ui.status(&format!(
                    "a session of a restore that was cut off has not ended its statement; waiting for it: {who}"
                ));
                tell = Instant::now() + BETWEEN_WORDS;
            }
            pause()?;
        }
    }
    Ok(())
}

fn pause() -> Result<()> {
    match interrupt::sleep(PAUSE) {
        true => Err(Error::new(Kind::Interrupted, "interrupted; nothing was changed")),
        false => Ok(()),
    }
}
