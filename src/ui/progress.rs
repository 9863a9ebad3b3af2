//! Progress bars on standard error, shown once work has taken a second.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::clean::{Layout, clean};
use super::human;
use super::messages::SharedBars;
use crate::model::progress::{Progress, Task, Unit};

/// Work that ends sooner shows nothing.
const DELAY: Duration = Duration::from_secs(1);
/// Between two looks at the work.
const TICK: Duration = Duration::from_millis(100);
/// The total is not known.
const UNKNOWN: u64 = u64::MAX;

/// Shows each piece of work as a bar.
pub(super) struct Bars {
    bars: SharedBars,
}

impl Bars {
    pub(super) fn new(bars: SharedBars) -> Self {
        Bars { bars }
    }
}

impl Progress for Bars {
    fn task(&self, label: &str, total: Option<u64>, unit: Unit) -> Box<dyn Task> {
        let work = Arc::new(Work {
            label: Mutex::new(clean(label, Layout::OneLine).into_owned()),
            done: AtomicBool::new(false),
            position: AtomicU64::new(0),
            total: AtomicU64::new(total.unwrap_or(UNKNOWN)),
            unit,
            started: Instant::now(),
        });
        let (bars, watched) = (self.bars.clone(), work.clone());
        // Without a thread there is no bar; the work goes on all the same.
        let watcher =
            thread::Builder::new().name("progress".to_owned()).spawn(move || watched.watch(&bars)).ok();
        Box::new(Shown { work, watcher })
    }
}

/// A piece of work, shared with the thread that draws it.
struct Work {
    label: Mutex<String>,
    done: AtomicBool,
    position: AtomicU64,
    total: AtomicU64,
    unit: Unit,
    started: Instant,
}

impl Work {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    fn watch(&self, bars: &SharedBars) {
        while !self.is_done() {
            let left = DELAY.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return self.show(bars.get_or_init(MultiProgress::new));
            }
            thread::park_timeout(left);
        }
    }

    fn show(&self, bars: &MultiProgress) {
        let bar = bars.add(ProgressBar::no_length().with_elapsed(self.started.elapsed()));
        let mut total = None;
        while !self.is_done() {
            let now = Some(self.total.load(Ordering::Relaxed)).filter(|now| *now != UNKNOWN);
            if total != now || bar.message().is_empty() {
                total = now;
                bar.set_style(style(self.unit, total.is_some()));
                if let Some(total) = total {
                    bar.set_length(total);
                }
            }
            let label = self.label.lock().unwrap_or_else(PoisonError::into_inner);
            bar.set_message(label.clone());
            drop(label);
            bar.set_position(self.position.load(Ordering::Relaxed));
            bar.tick();
            thread::park_timeout(TICK);
        }
        bar.finish_and_clear();
        bars.remove(&bar);
    }
}

fn template(unit: Unit, bounded: bool) -> String {
    let amount = match unit {
        Unit::Bytes if bounded => "{binary_bytes}/{binary_total_bytes}".to_owned(),
        Unit::Bytes => "{binary_bytes}".to_owned(),
        Unit::Count(noun) if bounded => format!("{{human_pos}}/{{human_len}} {noun}"),
        Unit::Count(noun) => format!("{{human_pos}} {noun}"),
    };
    match bounded {
        true => format!("{{msg}} {{wide_bar}} {amount} {{rate}} {{left}}"),
        false => format!("{{spinner}} {{msg}} {amount} {{rate}} {{elapsed}}"),
    }
}

fn style(unit: Unit, bounded: bool) -> ProgressStyle {
    ProgressStyle::with_template(&template(unit, bounded))
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("rate", move |state: &ProgressState, out: &mut dyn Write| {
            // A line that cannot be drawn is drawn at the next tick.
            let _ = write!(out, "{}", rate(state.pos(), state.elapsed(), unit));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn Write| {
            let left = time_left(state.pos(), state.len().unwrap_or(0), state.elapsed());
            let _ = match left.map(|left| (left.as_secs(), left)) {
                None | Some((0, _)) => Ok(()),
                Some((seconds @ 1..60, _)) => write!(out, "{seconds} s left"),
                Some((_, left)) => write!(out, "{} left", human::duration(left)),
            };
        })
}

/// The average since the start, `1,250 rows/s`.
fn rate(amount: u64, took: Duration, unit: Unit) -> String {
    let rate = human::per_second(amount, took);
    match unit {
        Unit::Bytes => format!("{}/s", human::bytes(rate)),
        Unit::Count(noun) => format!("{} {noun}/s", human::count(rate)),
    }
}

/// When the rest goes as fast as what is done; in whole seconds, None as long as nothing is done.
fn time_left(position: u64, total: u64, took: Duration) -> Option<Duration> {
    if position == 0 {
        return None;
    }
    let rest = total.saturating_sub(position) as f64 / position as f64;
    let left = Duration::try_from_secs_f64(took.as_secs_f64() * rest).ok()?;
    Some(Duration::from_secs(left.as_secs()))
}

/// A piece of work whose watcher ends with it.
struct Shown {
    work: Arc<Work>,
    watcher: Option<JoinHandle<()>>,
}

impl Task for Shown {
    fn advance(&self, by: u64) {
        self.work.position.fetch_add(by, Ordering::Relaxed);
    }

    fn set_total(&self, total: u64) {
        self.work.total.store(total, Ordering::Relaxed);
    }

    fn set_label(&self, label: &str) {
        let mut place = self.work.label.lock().unwrap_or_else(PoisonError::into_inner);
        *place = clean(label, Layout::OneLine).into_owned();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.work.done.store(true, Ordering::Release);
        if let Some(watcher) = self.watcher.take() {
            watcher.thread().unpark();
            // A watcher that panicked has nothing left to show.
            let _ = watcher.join();
        }
    }
}

/// The line at the end of long work: `copied 1,000,000 rows, 95.4 MiB in 3.20 s (312,500 rows/s)`.
/// The rate is that of the first amount.
pub fn summary(done: &str, amounts: &[(u64, Unit)], took: Duration) -> String {
    let show = |(amount, unit): &(u64, Unit)| match unit {
        Unit::Bytes => human::bytes(*amount),
        Unit::Count(noun) => human::counted(*amount, noun),
    };
    let mut text = done.to_owned();
    let shown: Vec<String> = amounts.iter().map(show).collect();
    if !shown.is_empty() {
        text.push(' ');
        text.push_str(&shown.join(", "));
    }
    text.push_str(&format!(" in {}", human::duration(took)));
    if let Some((amount, unit)) = amounts.first() {
        text.push_str(&format!(" ({})", rate(*amount, took, *unit)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_what_how_much_and_how_long() {
        let amounts = [(1_000_000, Unit::Count("rows")), (100_000_000, Unit::Bytes)];
        assert_eq!(
            summary("copied", &amounts, Duration::from_millis(3200)),
            "copied 1,000,000 rows, 95.4 MiB in 3.20 s (312,500 rows/s)"
        );
        assert_eq!(summary("checked", &[], Duration::from_millis(5)), "checked in 5.00 ms");
    }

    #[test]
    fn every_template_is_valid() {
        for unit in [Unit::Bytes, Unit::Count("rows")] {
            for bounded in [true, false] {
                assert!(ProgressStyle::with_template(&template(unit, bounded)).is_ok());
            }
        }
    }

    #[test]
    fn the_rest_goes_as_fast_as_what_is_done() {
        let seconds = Duration::from_secs;
        assert_eq!(time_left(25, 100, seconds(10)), Some(seconds(30)));
        assert_eq!(time_left(0, 100, seconds(10)), None);
        assert_eq!(time_left(100, 50, seconds(10)), Some(seconds(0)));
        assert_eq!(time_left(1, u64::MAX - 1, seconds(u64::MAX / 2)), None);
        assert_eq!(rate(2500, seconds(2), Unit::Count("rows")), "1,250 rows/s");
    }

    #[test]
    fn short_work_shows_nothing_and_ends_at_once() {
        let bars = SharedBars::default();
        let started = Instant::now();
        let task = Bars::new(bars.clone()).task("copy", Some(10), Unit::Bytes);
        task.advance(5);
        task.set_label("more");
        drop(task);
        assert!(started.elapsed() < DELAY / 2);
        assert!(bars.get().is_none());
    }
}
