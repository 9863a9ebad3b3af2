//! Tells for whom a run waits, while it waits: the session that runs a statement cannot say so itself.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::engine_for;
use crate::model::server::{Holder, Waiting};
use crate::model::target::Target;
use crate::ui::{Ui, human};

/// What takes no longer is not looked at.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the thread looks whether something takes long; nobody has to wake it.
const TICK: Duration = Duration::from_millis(100);
/// Between two looks when nobody was waited for, and when somebody was and has been told.
const AGAIN: Duration = Duration::from_secs(2);
const TOLD: Duration = Duration::from_secs(5);
/// A server that does not answer must not hold up whoever only wants to know.
const LIMIT: Duration = Duration::from_secs(3);
/// What is shown of a statement.
const SHOWN: usize = 120;

/// Who holds what is waited for, in words; None when that is not known, whatever the reason.
pub fn who(target: &Target, waiting: Waiting<'_>) -> Option<String> {
    let asking = Target {
        connect_timeout: target.connect_timeout.min(LIMIT),
        statement_timeout: Some(LIMIT),
        lock_timeout: Some(LIMIT),
        ..target.clone()
    };
    match engine_for(target.engine).holders(&asking, waiting) {
        Ok(holders) if holders.is_empty() => None,
        Ok(holders) => {
            let word = if holders.iter().any(|holder| holder.is_guess) { "perhaps " } else { "" };
            let told: Vec<String> = holders.iter().map(words).collect();
            Some(format!("{word}{}", told.join("; ")))
        }
        Err(error) => {
            log::debug!("cannot tell who holds the lock: {error}");
            None
        }
    }
}

/// `pid 4711: ann, psql, 10.0.0.7, idle in transaction for 3 min 02 s, "update film set title = ?"`
fn words(holder: &Holder) -> String {
    let state = match holder.age {
        Some(age) if !holder.state.is_empty() => format!("{} for {}", holder.state, human::duration(age)),
        _ => holder.state.clone(),
    };
    let query: String = holder.query.chars().take(SHOWN).collect();
    let cut = if query.len() < holder.query.len() { "..." } else { "" };
    let query = if query.is_empty() { query } else { format!("\"{query}{cut}\"") };
    let parts = [&holder.user, &holder.from, &state, &query];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let colon = if parts.is_empty() { "" } else { ": " };
    let told = format!("{}{colon}{}", holder.id, parts.join(", "));
    told.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

/// What is being run.
struct Running {
    title: String,
    session: u64,
    /// When to look next.
    look: Instant,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    started: bool,
    ended: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that looks whether what is run waits for somebody; it ends with this.
pub struct Watch {
    shared: Arc<Shared>,
    ui: Arc<Ui>,
    target: Target,
}

impl Watch {
    pub fn new(ui: &Arc<Ui>, target: &Target) -> Watch {
        Watch { shared: Arc::default(), ui: ui.clone(), target: target.clone() }
    }

    /// From now on `session` runs what is called so.
    pub fn begin(&self, title: &str, session: Option<u64>) {
        let Some(session) = session else { return };
        let patience = self.target.lock_timeout.map_or(PATIENCE, |limit| PATIENCE.min(limit / 3));
        let mut state = self.shared.state();
        state.running = Some(Running { title: title.to_owned(), session, look: Instant::now() + patience });
        if !std::mem::replace(&mut state.started, true) {
            let (shared, ui, target) = (self.shared.clone(), self.ui.clone(), self.target.clone());
            std::thread::spawn(move || look_on(&shared, &ui, &target));
        }
    }

    /// It has ended.
    pub fn end(&self) {
        self.shared.state().running = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_all();
    }
}

fn look_on(shared: &Shared, ui: &Ui, target: &Target) {
    loop {
        let state = shared.state();
        let (state, _) = shared.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner);
        if state.ended {
            return;
        }
        let due = state.running.as_ref().filter(|running| Instant::now() >= running.look);
        let Some((title, session)) = due.map(|running| (running.title.clone(), running.session)) else {
            continue;
        };
        drop(state);
        let who = who(target, Waiting::Session(session));
        let mut state = shared.state();
        let still = state.running.as_mut().filter(|running| running.title == title);
        let Some(running) = still else { continue };
        running.look = Instant::now() + if who.is_some() { TOLD } else { AGAIN };
        if let Some(who) = who {
            ui.status(&format!("{title} waits for a lock of {who}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_told_without_what_is_not_known() {
        let holder = Holder { id: "pid 7".into(), ..Holder::default() };
        assert_eq!(words(&holder), "pid 7");
        let holder = Holder {
            user: "ann".into(),
            from: "psql".into(),
            state: "idle in transaction".into(),
            age: Some(Duration::from_secs(61)),
            query: "update\u{1b}[2J film".into(),
            ..holder
        };
        assert_eq!(
            words(&holder),
            "pid 7: ann, psql, idle in transaction for 1 min 01 s, \"update?[2J film\""
        );
    }
}
