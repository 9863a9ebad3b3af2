//! dbwright: a database administrator's daily work on SQLite, PostgreSQL, MySQL and MariaDB.
//!
//! The map (docs/architecture.md says who may import whom):

pub mod cli; // the command line, and the way to each command
pub mod commands; // one folder or file a command
pub use dbwright_config as config; // dbwright.toml, URLs, password sources: all that leads to a target
pub use dbwright_definition as definition; // schemas as teams write them, and the way from one engine to another
pub use dbwright_migrations as migrations; // files of migrations: names, order, sections
pub use dbwright_rules as rules; // checks of what a database is and holds
pub use dbwright_store as store; // where backups are kept
pub use dbwright_ui as ui; // the terminal

pub use dbwright_core::{engine, error, model, sql};
