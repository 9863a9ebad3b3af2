//! How fast rows are read at most, by all workers together.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::commands::interrupt;
use crate::error::{Error, Kind, Result};

/// A rate in bytes of rows a second.
#[derive(Debug)]
pub struct Pace {
    rate: u64,
    /// When the bytes that were taken so far are due to have been taken.
    due: Mutex<Instant>,
}

/// How long a signal may wait.
const NAP: Duration = Duration::from_millis(100);

impl Pace {
    pub fn new(rate: u64) -> Pace {
        Pace { rate: rate.max(1), due: Mutex::new(Instant::now()) }
    }

    /// Waits until so many bytes more may be read.
    pub fn take(&self, bytes: u64) -> Result<()> {
        let until = {
            let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            // What nobody took in a moment when there was nothing to read is not taken later at once.
            *due = (*due).max(Instant::now()) + Duration::from_secs_f64(bytes as f64 / self.rate as f64);
            *due
        };
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            if interrupt::arrived() {
                return Err(Error::new(Kind::Interrupted, "interrupted"));
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}

const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
    ("", 1),
];

/// A rate as people write it: `20MB`, `64KiB/s`.
pub fn rate(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no rate: write it like 20MB or 64KiB, for each second");
    let said = text.trim().trim_end_matches("/s").trim();
    let digits = said.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(said.len());
    let number: u64 = said[..digits].parse().map_err(|_| wrong())?;
    let unit = said[digits..].trim();
    let factor = UNITS.iter().find(|(word, _)| *word == unit).map(|(_, factor)| *factor);
    factor.and_then(|factor| number.checked_mul(factor)).filter(|rate| *rate > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, bytes) in
            [("20MB", 20_000_000), ("64KiB/s", 65_536), ("1 GiB", 1 << 30), ("500", 500), ("7B", 7)]
        {
            assert_eq!(rate(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "0", "0MB", "1.5MB", "20mb", "99999999999GiB", "-1"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn all_workers_share_one_rate() {
        let pace = Pace::new(1_000_000);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..5).for_each(|_| pace.take(10_000).unwrap()));
            }
        });
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(195), "{took:?}");
    }
}
