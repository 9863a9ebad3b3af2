//! Pure data that every part of dbwright knows; it imports nothing of ours but [`crate::error`].

pub mod catalog;
pub mod ddl;
pub mod diff;
pub mod finding;
pub mod links;
pub mod listing;
pub mod mask;
pub mod partial;
pub mod place;
pub mod plan;
pub mod progress;
pub mod rows;
pub mod server;
pub mod snapshot;
pub mod target;
pub mod types;
