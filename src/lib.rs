//! dbwright: a database administrator's daily work on SQLite, PostgreSQL, MySQL and MariaDB.
//!
//! The map (docs/architecture.md says who may import whom):

pub mod cli; // the command line, and the way to each command
pub mod commands; // one folder or file a command
pub mod config; // dbwright.toml, URLs, password sources: all that leads to a target
pub mod definition; // schemas as teams write them, and the way from one engine to another
pub mod migrations; // files of migrations: names, order, sections
pub mod rules; // checks of what a database is and holds
pub mod store; // where backups are kept
pub mod ui; // the terminal

pub use dbwright_core::{engine, error, model, sql};
