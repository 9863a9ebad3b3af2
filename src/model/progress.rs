//! Long work tells how far it is, without knowing who listens.

/// What a piece of work counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    /// The plural noun: `rows`, `tables`.
    Count(&'static str),
}

/// Listens to pieces of work; shared by all workers.
pub trait Progress: Send + Sync {
    /// Starts a piece of work; it ends when the task is dropped.
    fn task(&self, label: &str, total: Option<u64>, unit: Unit) -> Box<dyn Task>;
}

/// One piece of work under way.
pub trait Task: Send + Sync {
    /// Says that `by` more of it is done. Cheap enough to be called for each block or row.
    fn advance(&self, by: u64);

    /// Says how much there is, once it is known.
    fn set_total(&self, total: u64);

    /// Says what is being worked on now.
    fn set_label(&self, label: &str);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn task(&self, _: &str, _: Option<u64>, _: Unit) -> Box<dyn Task> {
        Box::new(Silent)
    }
}

impl Task for Silent {
    fn advance(&self, _: u64) {}
    fn set_total(&self, _: u64) {}
    fn set_label(&self, _: &str) {}
}
