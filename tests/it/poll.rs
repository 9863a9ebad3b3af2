//! Waiting for what other processes do: never a fixed pause, always with a limit.

use std::time::{Duration, Instant};

/// Long enough for a busy machine; reached only when something is broken.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Asks again and again until the answer is yes.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited {LIMIT:?} in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs `work` and ends the whole test process when it hangs, so that the run says where.
pub fn watched<T>(what: &str, work: impl FnOnce() -> T) -> T {
    const HANGS: Duration = Duration::from_secs(240);
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(HANGS) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                eprintln!("{what} hangs: it has taken {HANGS:?}");
                std::process::abort();
            }
        });
        let outcome = work();
        drop(done);
        outcome
    })
}
