//! The terminal.

pub(crate) mod clean;
pub mod human;
pub mod rows;
pub mod secrets;
pub mod style;
