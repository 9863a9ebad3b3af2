//! What `--check` tells of a SQLite file.

use rusqlite::Connection;

use crate::model::server::Facts;

/// The read-only state; a file has no clock, role or grants.
pub fn facts(connection: &Connection) -> rusqlite::Result<Facts> {
    let read_only = connection.is_readonly("main")?.then(|| "the file was opened read-only".to_owned());
    Ok(Facts { read_only, ..Facts::default() })
}
