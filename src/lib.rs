//! dbwright: a database administrator's daily work on SQLite, PostgreSQL, MySQL and MariaDB.

pub mod commands;
pub mod config;
pub mod error;
pub mod model;
