//! Stopping a running statement: `KILL QUERY` over a connection of its own, on request or when
//! the statement's time is up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::errors::{self, Refusal};
use super::startup::{Place, connect_to};
use crate::engine::Cancel;
use crate::error::Result;
use crate::model::target::Target;

/// `COM_QUERY`.
const QUERY: u8 = 3;

/// Kills the statement of one session.
#[derive(Clone)]
pub struct Canceller {
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    place: Place,
    thread: u64,
    /// Somebody has asked for it since the statement began.
    asked: AtomicBool,
}

impl Canceller {
    pub fn new(target: &Target, place: &Place, thread: u64) -> Self {
        // No database: it may be gone, and is not needed.
        let target = Target { database: None, ..target.clone() };
        Canceller {
            shared: Arc::new(Shared { target, place: place.clone(), thread, asked: AtomicBool::new(false) }),
        }
    }

    /// A statement begins.
    pub fn forget(&self) {
        self.shared.asked.store(false, Ordering::Relaxed);
    }

    /// Whether the statement was cancelled from outside. MySQL lets some statements seem to
    /// succeed that were (`SELECT SLEEP(9)` gives 1).
    pub fn was_asked(&self) -> bool {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Kills the statement.
    pub fn kill(&self) -> Result<()> {
        let Shared { target, place, thread, .. } = &*self.shared;
        let mut connection = connect_to(target, place)?;
        let packets = &mut connection.packets;
        packets.stream().set_timeout(Some(target.connect_timeout))?;
        packets.command(QUERY, &[format!("KILL QUERY {thread}").as_bytes()])?;
        let answer = packets.read()?;
        if answer.first() != Some(&errors::ERR) {
            return Ok(());
        }
        match Refusal::read(answer)? {
            // The session has ended by itself.
            refusal if refusal.number == errors::NO_SUCH_THREAD => Ok(()),
            refusal => Err(refusal.of_statement(None).context("cannot cancel the statement")),
        }
    }
}

impl Cancel for Canceller {
    fn cancel(&self) -> Result<()> {
        self.shared.asked.store(true, Ordering::Relaxed);
        self.kill()
    }
}

/// A thread that cancels the statement of its session when it takes longer than it may. MySQL
/// itself watches over SELECT only (`max_execution_time`).
pub struct Watchdog {
    shared: Arc<Watched>,
    limit: Duration,
}

struct Watched {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Running { until: Instant },
    Killing,
    Killed,
    Over,
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is one word, which no panic leaves half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state() = state;
        self.changed.notify_all();
    }
}

impl Watchdog {
    pub fn new(canceller: Canceller, limit: Duration) -> Self {
        let shared = Arc::new(Watched { state: Mutex::new(State::Idle), changed: Condvar::new() });
        let watched = shared.clone();
        std::thread::spawn(move || watch(&watched, &canceller));
        Watchdog { shared, limit }
    }

    /// A statement begins.
    pub fn begin(&self) {
        self.shared.set(State::Running { until: Instant::now() + self.limit });
    }

    /// The statement has ended; true when it was killed. A kill under way is waited for, so that
    /// it cannot hit the next statement.
    pub fn end(&self) -> bool {
        let mut state = self.shared.state();
        while *state == State::Killing {
            state = self.shared.wait(state);
        }
        let killed = *state == State::Killed;
        *state = State::Idle;
        killed
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.set(State::Over);
    }
}

fn watch(watched: &Watched, canceller: &Canceller) {
    let mut state = watched.state();
    loop {
        match *state {
            State::Over => return,
            State::Running { until } => match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => {
                    let waited = watched.changed.wait_timeout(state, left);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                _ => {
                    *state = State::Killing;
                    drop(state);
                    if let Err(error) = canceller.kill() {
                        log::warn!("cannot stop the statement that has run out of time: {error}");
                    }
                    state = watched.state();
                    if *state == State::Killing {
                        *state = State::Killed;
                    }
                    watched.changed.notify_all();
                }
            },
            State::Idle | State::Killing | State::Killed => state = watched.wait(state),
        }
    }
}
