//! Ctrl-C and termination: the running statements are cancelled on their servers, and the command
//! ends by itself; asked a second time, or with nothing to cancel, the process ends at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::engine::Cancel;
use crate::error::{Error, Kind, Result};

#[derive(Default)]
struct Watch {
    listening: AtomicBool,
    interrupted: AtomicBool,
    told_to_end: AtomicBool,
    survives_when_idle: AtomicBool,
    /// How the terminal was before a line editor changed it.
    terminal: OnceLock<Termios>,
    next: AtomicU64,
    running: Mutex<Vec<(u64, Arc<dyn Cancel>)>>,
}

static WATCH: OnceLock<Watch> = OnceLock::new();

fn watch() -> &'static Watch {
    WATCH.get_or_init(Watch::default)
}

fn running() -> MutexGuard<'static, Vec<(u64, Arc<dyn Cancel>)>> {
    watch().running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to listen for signals, unless that was done before. Until then a signal ends the process
/// as it ends any other, which is all that the moments before the first long statement need.
pub fn listen() -> Result<()> {
    if watch().listening.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| Error::new(Kind::Io, "cannot listen for signals").because(error))?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            on_signal(signal);
        }
    });
    Ok(())
}

fn on_signal(signal: i32) {
    let statements: Vec<Arc<dyn Cancel>> = running().iter().map(|(_, cancel)| cancel.clone()).collect();
    let idle = statements.is_empty();
    let again = watch().interrupted.swap(true, Ordering::SeqCst);
    if signal == SIGINT && idle && watch().survives_when_idle.load(Ordering::SeqCst) {
        return;
    }
    watch().told_to_end.fetch_or(signal != SIGINT, Ordering::SeqCst);
    if again || idle {
        restore_terminal();
        // The default action, so that the shell sees why we ended.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        std::process::exit(i32::from(Kind::Interrupted.exit_code()));
    }
    for statement in statements {
        if let Err(error) = statement.cancel() {
            log::warn!("cannot cancel on the server: {error}");
        }
    }
}

/// Leaves the terminal as the line editor found it, for an end that it does not see coming.
pub fn restore_terminal() {
    if let Some(terminal) = WATCH.get().and_then(|watch| watch.terminal.get()) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, terminal);
    }
}

/// From now on Ctrl-C with nothing to cancel is only remembered, and other signals leave the
/// terminal as it is now: for the shell.
pub fn survive_when_idle() {
    if let Ok(terminal) = tcgetattr(std::io::stdin()) {
        let _ = watch().terminal.set(terminal);
    }
    watch().survives_when_idle.store(true, Ordering::SeqCst);
}

/// Whether the signal was one that asks a program to end, which Ctrl-C does not ask of a shell.
pub fn told_to_end() -> bool {
    watch().told_to_end.load(Ordering::SeqCst)
}

/// Sleeps; true when a signal ended the sleep early.
pub fn sleep(time: Duration) -> bool {
    let deadline = Instant::now() + time;
    let _guard = guard(Box::new(Nothing));
    while !arrived() {
        let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
    true
}

/// Nothing runs on a server: whoever holds the guard looks at [`arrived`] itself.
pub struct Nothing;

impl Cancel for Nothing {
    fn cancel(&self) -> Result<()> {
        Ok(())
    }
}

/// Whether a signal has arrived since the last [`clear`].
pub fn arrived() -> bool {
    watch().interrupted.load(Ordering::SeqCst)
}

/// Forgets a signal that was dealt with.
pub fn clear() {
    watch().interrupted.store(false, Ordering::SeqCst);
}

/// While this lives, a signal cancels the statement.
pub struct Guard(u64);

/// Lets a signal cancel what `cancel` stands for, until the guard is dropped.
pub fn guard(cancel: Box<dyn Cancel>) -> Guard {
    let id = watch().next.fetch_add(1, Ordering::Relaxed);
    running().push((id, Arc::from(cancel)));
    Guard(id)
}

impl Drop for Guard {
    fn drop(&mut self) {
        running().retain(|(id, _)| *id != self.0);
    }
}

/// The error of a statement that ended because of a signal, whatever the server called it.
pub fn as_interrupted(error: Error) -> Error {
    match error.kind() {
        Kind::Cancelled if arrived() => error.with_kind(Kind::Interrupted),
        _ => error,
    }
}
