//! Checks of what a database is and holds: pure functions over the model, and their rules as data.

mod pattern;
pub mod schema;
mod settle;

pub use pattern::matches;
pub use settle::settle;
