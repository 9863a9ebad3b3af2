//! Rows, and what is built behind them, by one set of workers: the indexes of a table need not wait
//! for the rows of others.
//!
//! A worker stays with its table as long as that has parts: two that fill one table wait for each
//! other, and rows in their order are sorted sooner when an index is built.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::steps::{PartStep, Step};
use crate::commands::interrupt;
use crate::error::{Error, Kind, Result};

/// What is to be done for a table.
#[derive(Debug, Default)]
pub struct Rows<'s> {
    parts: VecDeque<&'s PartStep<'s>>,
    /// Each by one session, when all parts are loaded.
    behind: VecDeque<Vec<&'s Step>>,
    /// Workers that load a part.
    loading: usize,
}

impl<'s> Rows<'s> {
    pub fn new(parts: Vec<&'s PartStep<'s>>, behind: Vec<Vec<&'s Step>>) -> Self {
        Rows { parts: parts.into(), behind: behind.into(), loading: 0 }
    }

    fn is_loaded(&self) -> bool {
        self.parts.is_empty() && self.loading == 0
    }
}

/// What a worker does next.
#[derive(Debug, Clone)]
pub enum Work<'s> {
    Load(&'s PartStep<'s>),
    Build {
        steps: Vec<&'s Step>,
        /// Whether there is work for others.
        beside_others: bool,
    },
}

/// All that waits, the largest table first.
#[derive(Debug, Default)]
pub struct Pool<'s> {
    tables: Vec<Rows<'s>>,
    failure: Option<Error>,
}

impl<'s> Pool<'s> {
    pub fn new(tables: Vec<Rows<'s>>) -> Self {
        Pool { tables, failure: None }
    }

    /// Some work, and its table, for a worker that did the last one's; None while there is nothing
    /// that can be begun.
    fn next(&mut self, last: Option<usize>) -> Option<(usize, Work<'s>)> {
        let tables = &mut self.tables;
        let has_parts = |at: &usize| !tables[*at].parts.is_empty();
        let all = 0..tables.len();
        let at = last
            .filter(has_parts)
            .or_else(|| all.clone().find(|at| has_parts(at) && tables[*at].loading == 0))
            .or_else(|| all.clone().find(|at| tables[*at].is_loaded() && !tables[*at].behind.is_empty()))
            .or_else(|| all.filter(has_parts).max_by_key(|at| tables[*at].parts.len()))?;
        let table = &mut tables[at];
        if let Some(part) = table.parts.pop_front() {
            table.loading += 1;
            return Some((at, Work::Load(part)));
        }
        let steps = table.behind.pop_front()?;
        Some((at, Work::Build { steps, beside_others: !self.is_empty() }))
    }

    fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.parts.is_empty() && table.behind.is_empty())
    }

    /// Does all of it. The first error ends the work: others finish what they are at.
    pub fn run<W: Send>(
        self,
        workers: Vec<W>,
        work: impl Fn(&mut W, &Work<'s>) -> Result<()> + Sync,
    ) -> Result<()> {
        let (pool, changed) = (Mutex::new(self), Condvar::new());
        let lock = || pool.lock().unwrap_or_else(PoisonError::into_inner);
        let one = |worker: &mut W| {
            let mut last = None;
            while let Some((at, next)) = wait(lock(), &changed, last) {
                last = Some(at);
                let done = match interrupt::arrived() {
                    true => Err(Error::new(Kind::Interrupted, "interrupted")),
                    false => work(worker, &next).map_err(interrupt::as_interrupted),
                };
                let mut pool = lock();
                if let Work::Load(_) = next {
                    pool.tables[at].loading -= 1;
                }
                if let Err(error) = done {
                    pool.failure.get_or_insert(error);
                }
                changed.notify_all();
            }
        };
        thread::scope(|scope| {
            let one = &one;
            for mut worker in workers {
                scope.spawn(move || one(&mut worker));
            }
        });
        match pool.into_inner().unwrap_or_else(PoisonError::into_inner).failure {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// The next work, as soon as there is some; None when there will be no more.
fn wait<'s>(
    mut pool: MutexGuard<'_, Pool<'s>>,
    changed: &Condvar,
    last: Option<usize>,
) -> Option<(usize, Work<'s>)> {
    loop {
        if pool.failure.is_some() || pool.is_empty() {
            return None;
        }
        if let Some(next) = pool.next(last) {
            return Some(next);
        }
        pool = changed.wait(pool).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::{Form, Part, Statement, StatementSection, Table};

    fn table() -> Table {
        Table {
            schema: String::new(),
            name: "t".into(),
            form: Form::Copy,
            load: String::new(),
            rows: 0,
            bytes: 0,
            digest: String::new(),
            taken_from: None,
            parts: vec![Part { range: String::new(), rows: 1, bytes: 1, chunks: Vec::new() }],
        }
    }

    fn step(number: u64) -> Step {
        let section = StatementSection::AfterData;
        let (object, schema, name, sql) = Default::default();
        Step { number, statement: Statement { object, schema, name, section, sql } }
    }

    /// Numbers of what comes next for a worker.
    fn number(next: Option<(usize, Work<'_>)>) -> Option<u64> {
        next.map(|(_, work)| match work {
            Work::Load(part) => part.number,
            Work::Build { steps, .. } => steps[0].number,
        })
    }

    #[test]
    fn a_worker_stays_with_its_table_and_indexes_wait_for_their_own_rows_alone() {
        let (table, indexes) = (table(), [step(10), step(20)]);
        let parts: Vec<PartStep<'_>> =
            (1..=5).map(|number| PartStep { number, table: &table, part: &table.parts[0] }).collect();
        let large = Rows::new(parts[..3].iter().collect(), vec![vec![&indexes[0]]]);
        let small = Rows::new(parts[3..].iter().collect(), vec![vec![&indexes[1]]]);
        let mut pool = Pool::new(vec![large, small]);
        assert_eq!(number(pool.next(None)), Some(1));
        assert_eq!(number(pool.next(None)), Some(4), "the other takes another table");
        assert_eq!(number(pool.next(Some(1))), Some(5));
        pool.tables[1].loading = 0;
        assert_eq!(number(pool.next(Some(1))), Some(20), "its rows are there");
        assert_eq!(number(pool.next(Some(1))), Some(2), "it helps");
        assert_eq!(number(pool.next(Some(0))), Some(3));
        assert_eq!(number(pool.next(Some(0))), None, "the rows are on their way");
        assert!(!pool.is_empty());
        pool.tables[0].loading = 0;
        assert_eq!(number(pool.next(Some(0))), Some(10));
        assert!(pool.is_empty());
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let table = table();
        let parts: Vec<PartStep<'_>> =
            (0..100).map(|number| PartStep { number, table: &table, part: &table.parts[0] }).collect();
        let rows = Rows::new(parts.iter().collect(), Vec::new());
        let seen = Mutex::new(0);
        let error = Pool::new(vec![rows]).run(vec![(); 2], |(), work| {
            *seen.lock().unwrap() += 1;
            match work {
                Work::Load(part) if part.number == 5 => Err(Error::new(Kind::Data, "five")),
                _ => Ok(()),
            }
        });
        assert_eq!(error.unwrap_err().message(), "five");
        assert!(*seen.lock().unwrap() < 20);
    }
}
