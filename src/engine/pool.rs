//! A pool of sessions for work that many threads do at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::retry::Retry;
use super::{Session, open};
use crate::error::{Error, Kind, Result};
use crate::model::target::Target;

/// A session that rested longer than this is asked whether it still lives before it is lent out.
const REST_BEFORE_CHECK: Duration = Duration::from_secs(1);

/// Sessions to one target, opened when first needed and kept for the next who asks.
pub struct Pool {
    target: Target,
    size: usize,
    /// How long a thread waits for a session before it gives up.
    patience: Duration,
    retry: Retry,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Resting>,
    /// Lent out or being opened.
    busy: usize,
    statistics: Statistics,
}

struct Resting {
    session: Box<dyn Session>,
    since: Instant,
}

/// What the pool has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Sessions opened, the first of each slot included.
    pub opened: u64,
    /// Sessions found dead and replaced.
    pub reconnects: u64,
    /// Times a session was lent out.
    pub checkouts: u64,
    /// Check-outs that had to wait because all sessions were busy.
    pub waits: u64,
    pub waited: Duration,
    pub longest_wait: Duration,
    /// Waits that ended without a session.
    pub timeouts: u64,
    /// Failed attempts to connect that were tried again.
    pub retries: u64,
}

impl Pool {
    /// A pool of at most `size` sessions.
    pub fn new(target: Target, size: usize, patience: Duration) -> Self {
        let retry = Retry { limit: patience, ..Retry::default() };
        Pool { target, size: size.max(1), patience, retry, state: Mutex::default(), returned: Condvar::new() }
    }

    pub fn statistics(&self) -> Statistics {
        self.lock().statistics
    }

    /// Lends a session that is alive and as good as new to `work`, and takes it back.
    ///
    /// # Errors
    /// `Timeout` when none came free in time; what [`open`] says when none can be opened; what
    /// `work` returns.
    pub fn with<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut slot = self.reserve()?;
        let rested = slot.resting.take();
        let found_one = rested.is_some();
        let alive = rested.and_then(|mut resting| is_alive(&mut resting).then_some(resting.session));
        let mut session = match alive {
            Some(session) => session,
            None => {
                self.lock().statistics.reconnects += u64::from(found_one);
                self.connect()?
            }
        };
        self.lock().statistics.checkouts += 1;
        let done = work(session.as_mut());
        if session.is_alive() && session.reset().is_ok() {
            slot.resting = Some(Resting { session, since: Instant::now() });
        }
        done
    }

    fn connect(&self) -> Result<Box<dyn Session>> {
        let session = self.retry.run(
            |error| matches!(error.kind(), Kind::Connect | Kind::Lost),
            |_| self.lock().statistics.retries += 1,
            || open(&self.target),
        )?;
        self.lock().statistics.opened += 1;
        Ok(session)
    }

    /// Waits for a slot; with it comes a resting session when there is one.
    fn reserve(&self) -> Result<Slot<'_>> {
        let began = Instant::now();
        let mut state = self.lock();
        let mut waited = false;
        while state.busy >= self.size {
            waited = true;
            let Some(left) = self.patience.checked_sub(began.elapsed()) else {
                state.statistics.timeouts += 1;
                return Err(Error::new(
                    Kind::Timeout,
                    format!("no session came free within {:?}: all {} are busy", self.patience, self.size),
                )
                .hint("a larger pool_size, or fewer clients at once"));
            };
            (state, _) = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        if waited {
            let wait = began.elapsed();
            state.statistics.waits += 1;
            state.statistics.waited += wait;
            state.statistics.longest_wait = state.statistics.longest_wait.max(wait);
        }
        state.busy += 1;
        Ok(Slot { pool: self, resting: state.idle.pop() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_alive(resting: &mut Resting) -> bool {
    resting.session.is_alive()
        && (resting.since.elapsed() < REST_BEFORE_CHECK || resting.session.ping().is_ok())
}

/// One of the pool's places. When dropped, also by a panic, it is free again, and a session left
/// in it rests for the next who asks.
struct Slot<'a> {
    pool: &'a Pool,
    resting: Option<Resting>,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.busy -= 1;
        state.idle.extend(self.resting.take());
        drop(state);
        self.pool.returned.notify_one();
    }
}
