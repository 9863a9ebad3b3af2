//! Work of many parts done by many workers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::commands::interrupt;
use crate::error::{Error, Kind, Result};

/// Gives every item to one of the workers, in order, each of which has a thing of its own to work
/// with. The first error ends the work: others finish the item they are at.
pub fn in_parallel<T: Send, W: Send, R: Send>(
    items: Vec<T>,
    workers: Vec<W>,
    work: impl Fn(&mut W, T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let count = items.len();
    let queue: Mutex<VecDeque<(usize, T)>> = Mutex::new(items.into_iter().enumerate().collect());
    let results: Mutex<Vec<Option<R>>> = Mutex::new((0..count).map(|_| None).collect());
    let failure: Mutex<Option<Error>> = Mutex::new(None);
    let stopped = AtomicBool::new(false);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let one = |worker: &mut W| {
        while !stopped.load(Ordering::Relaxed)
            && let Some((at, item)) = next()
        {
            let done = match interrupt::arrived() {
                true => Err(Error::new(Kind::Interrupted, "interrupted")),
                false => work(worker, item).map_err(interrupt::as_interrupted),
            };
            match done {
                Ok(result) => results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result),
                Err(error) => {
                    stopped.store(true, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        }
    };
    thread::scope(|scope| {
        let one = &one;
        for mut worker in workers {
            scope.spawn(move || one(&mut worker));
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    Ok(results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let done = in_parallel((0..100).collect(), vec![0; 4], |_, item: i32| Ok(item * 2)).unwrap();
        assert_eq!(done, (0..100).map(|item| item * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let seen = Mutex::new(0);
        let error = in_parallel((0..1000).collect(), vec![(); 3], |(), item: i32| {
            *seen.lock().unwrap() += 1;
            match item {
                5 => Err(Error::new(Kind::Data, "five")),
                item => Ok(item),
            }
        });
        assert_eq!(error.unwrap_err().message(), "five");
        assert!(*seen.lock().unwrap() < 100);
    }
}
