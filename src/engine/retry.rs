//! Trying again, with pauses that grow and differ between clients.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How often and how long to try.
#[derive(Debug, Clone)]
pub struct Retry {
    /// The first pause; each further one is up to twice as long.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    /// No new try begins after this much time.
    pub limit: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(2),
            limit: Duration::from_secs(10),
        }
    }
}

impl Retry {
    /// Runs `work` until it succeeds, fails with an error that `is_worth_it` refuses, or the time
    /// is up; then the last error is returned. `on_retry` hears of each failure that is retried.
    pub fn run<T>(
        &self,
        is_worth_it: impl Fn(&Error) -> bool,
        mut on_retry: impl FnMut(&Error),
        mut work: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + self.limit;
        let mut ceiling = self.first_pause;
        loop {
            let error = match work() {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let pause = jittered(ceiling);
            if !is_worth_it(&error) || Instant::now() + pause >= deadline {
                return Err(error);
            }
            on_retry(&error);
            std::thread::sleep(pause);
            ceiling = (ceiling * 2).min(self.longest_pause);
        }
    }
}

/// Between half of `ceiling` and all of it, so that clients that failed together come back apart.
fn jittered(ceiling: Duration) -> Duration {
    ceiling.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn quick(limit_ms: u64) -> Retry {
        Retry {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(4),
            limit: Duration::from_millis(limit_ms),
        }
    }

    #[test]
    fn it_tries_until_it_works() {
        let (mut tries, mut heard) = (0, 0);
        let done = quick(5_000).run(
            |error| error.kind().is_transient(),
            |_| heard += 1,
            || {
                tries += 1;
                if tries < 4 { Err(Error::new(Kind::Lost, "gone")) } else { Ok(tries) }
            },
        );
        assert_eq!(done.unwrap(), 4);
        assert_eq!(heard, 3);
    }

    #[test]
    fn what_is_not_worth_it_fails_at_once_and_time_ends_the_rest() {
        let mut tries = 0;
        let mut fail = |kind| {
            tries += 1;
            Err::<(), _>(Error::new(kind, "no"))
        };
        assert!(quick(5_000).run(|e| e.kind().is_transient(), |_| (), || fail(Kind::Auth)).is_err());
        assert_eq!(tries, 1);
        let began = Instant::now();
        let error = quick(30).run(|_| true, |_| (), || Err::<(), _>(Error::new(Kind::Lost, "gone")));
        assert_eq!(error.unwrap_err().kind(), Kind::Lost);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}
