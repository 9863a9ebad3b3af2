//! dbwright: a database administrator's daily work on SQLite, PostgreSQL, MySQL and MariaDB.

pub mod sql;
