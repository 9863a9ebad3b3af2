//! `connect pool`: the same statement from many clients over a pool, and what it took.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::json;

use crate::commands::{interrupt, refused_by_profile};
use crate::engine::Session;
use crate::engine::pool::{Pool, Statistics};
use crate::error::{Error, Kind, Result};
use crate::model::listing::Listing;
use crate::model::mask::mask;
use crate::model::target::Target;
use crate::ui::human;

/// What to run, by how many, for how long.
pub struct Load<'a> {
    pub target: &'a Target,
    pub statements: &'a [String],
    pub clients: usize,
    pub pool_size: usize,
    pub length: Duration,
}

/// What one client, or all of them, went through. Latencies are in nanoseconds and count from the
/// moment a client has its session.
struct Tally {
    latencies: Histogram<u64>,
    errors: BTreeMap<String, u64>,
}

impl Tally {
    fn new() -> Self {
        Tally {
            // Three digits up to an hour; the bounds are constants that the crate accepts.
            latencies: Histogram::new_with_max(3_600_000_000_000, 3).unwrap_or_else(|_| unreachable!()),
            errors: BTreeMap::new(),
        }
    }

    fn count(&mut self, outcome: Result<Duration>) {
        match outcome {
            Ok(took) => self.latencies.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)),
            Err(error) => *self.errors.entry(mask(&error.to_string()).into_owned()).or_default() += 1,
        }
    }

    fn add(&mut self, other: Tally) {
        // Both have the same bounds, the only thing that could make this fail.
        let _ = self.latencies.add(&other.latencies);
        for (error, times) in other.errors {
            *self.errors.entry(error).or_default() += times;
        }
    }

    fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// The result of a run.
pub struct Outcome {
    clients: usize,
    pool_size: usize,
    took: Duration,
    tally: Tally,
    statistics: Statistics,
}

/// Runs the load. Ctrl-C ends it early, with the results so far.
///
/// # Errors
/// Only when the very first statement fails: then nothing is worth measuring.
pub fn run(load: &Load<'_>) -> Result<Outcome> {
    let pool = Pool::new(load.target.clone(), load.pool_size, load.target.connect_timeout);
    pool.with(|session| once(session, load.statements).map(|_| ()))
        .map_err(|error| refused_by_profile(error, load.target))?;
    let _guard = interrupt::guard(Box::new(interrupt::Nothing));
    let began = Instant::now();
    let deadline = began + load.length;
    let mut tally = Tally::new();
    std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..load.clients).map(|_| scope.spawn(|| client(&pool, load.statements, deadline))).collect();
        for client in clients {
            match client.join() {
                Ok(one) => tally.add(one),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    Ok(Outcome {
        clients: load.clients,
        pool_size: load.pool_size,
        took: began.elapsed(),
        tally,
        statistics: pool.statistics(),
    })
}

fn client(pool: &Pool, statements: &[String], deadline: Instant) -> Tally {
    let mut tally = Tally::new();
    while Instant::now() < deadline && !interrupt::arrived() {
        let outcome = pool.with(|session| {
            let _guard = interrupt::guard(session.canceller());
            once(session, statements)
        });
        if interrupt::arrived() {
            break;
        }
        let failed_to_connect = outcome.as_ref().is_err_and(|error| error.kind() == Kind::Connect);
        tally.count(outcome);
        if failed_to_connect {
            // The pool has tried for as long as it is patient; do not spin on a dead server.
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    tally
}

fn once(session: &mut dyn Session, statements: &[String]) -> Result<Duration> {
    let began = Instant::now();
    for statement in statements {
        session.execute(statement, &[])?;
    }
    Ok(began.elapsed())
}

impl Outcome {
    /// The error that ends the command with exit code 1 when statements failed.
    pub fn error(&self) -> Option<Error> {
        let failed = self.tally.error_count();
        (failed > 0).then(|| Error::new(Kind::Sql, format!("{} failed", human::counted(failed, "runs"))))
    }

    fn per_second(&self) -> f64 {
        self.tally.latencies.len() as f64 / self.took.as_secs_f64()
    }

    fn latency(&self, percentile: f64) -> Duration {
        Duration::from_nanos(self.tally.latencies.value_at_percentile(percentile))
    }

    /// For people.
    pub fn listing(&self) -> Listing {
        let pool = &self.statistics;
        let count = |number: u64| number.to_string();
        let facts = [
            ("runs", count(self.tally.latencies.len())),
            ("throughput", format!("{:.1}/s", self.per_second())),
            ("latency p50", human::duration(self.latency(50.0))),
            ("latency p95", human::duration(self.latency(95.0))),
            ("latency p99", human::duration(self.latency(99.0))),
            ("latency max", human::duration(self.latency(100.0))),
            ("waits for a session", count(pool.waits)),
            ("longest wait", human::duration(pool.longest_wait)),
            ("total waited", human::duration(pool.waited)),
            ("gave up waiting", count(pool.timeouts)),
            ("connections opened", count(pool.opened)),
            ("reconnects", count(pool.reconnects)),
            ("errors", count(self.tally.error_count())),
        ];
        let facts = facts.map(|(what, value)| (what.to_owned(), value));
        let errors = self.tally.errors.iter().map(|(error, times)| (format!("  {times} x"), error.clone()));
        let title = format!(
            "{} over {} for {}",
            human::counted(self.clients as u64, "clients"),
            human::counted(self.pool_size as u64, "connections"),
            human::duration(self.took)
        );
        Listing::of_facts(title, facts.into_iter().chain(errors))
    }

    /// For scripts.
    pub fn json(&self) -> serde_json::Value {
        let seconds = |duration: Duration| duration.as_secs_f64();
        json!({
            "version": 1,
            "kind": "pool",
            "clients": self.clients,
            "pool_size": self.pool_size,
            "seconds": seconds(self.took),
            "runs": self.tally.latencies.len(),
            "runs_per_second": self.per_second(),
            "latency": {
                "p50": seconds(self.latency(50.0)),
                "p95": seconds(self.latency(95.0)),
                "p99": seconds(self.latency(99.0)),
                "max": seconds(self.latency(100.0)),
            },
            "waits": {
                "count": self.statistics.waits,
                "total": seconds(self.statistics.waited),
                "longest": seconds(self.statistics.longest_wait),
                "timeouts": self.statistics.timeouts,
            },
            "connections_opened": self.statistics.opened,
            "reconnects": self.statistics.reconnects,
            "connect_retries": self.statistics.retries,
            "errors": self.tally.errors.iter().map(|(message, times)| json!({
                "message": message, "count": times,
            })).collect::<Vec<_>>(),
        })
    }
}
