//! Where the numbers stand that the server gives out.

use super::one;
use crate::ddl::quoted;
use crate::engine::Session;
use crate::engine::backup::texts;
use crate::error::Result;
use crate::model::catalog::{Catalog, Detail, Table};

/// Statements that set the counters of tables, and sequences. They are outside of all snapshots, and
/// read after those were taken, so no number that a row has is given out again.
pub fn values(session: &mut dyn Session, catalog: &Catalog) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for row in texts(session, COUNTERS)? {
        let mut cells = row.into_iter().flatten();
        let (Some(name), Some(next)) = (cells.next(), cells.next()) else { continue };
        let found = catalog.tables().find(|(object, _)| object.name.name == name);
        let Some((_, table)) = found else { continue };
        if next.parse::<u128>().ok() != Some(after_rows(session, &name, table)?) {
            statements.push(format!("ALTER TABLE {} AUTO_INCREMENT = {next}", quoted(&name)));
        }
    }
    for object in &catalog.objects {
        if matches!(object.detail, Detail::Sequence(_)) {
            statements.extend(sequence(session, &object.name.name)?);
        }
    }
    Ok(statements)
}

const COUNTERS: &str = "\
SELECT table_name, auto_increment FROM information_schema.tables \
WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL ORDER BY table_name";

/// What the counter is when the rows are loaded.
fn after_rows(session: &mut dyn Session, name: &str, table: &Table) -> Result<u128> {
    let Some(column) = table.columns.iter().find(|column| column.identity.is_some()) else { return Ok(1) };
    let sql = format!("SELECT MAX({}) FROM {}", quoted(&column.name), quoted(name));
    let largest = one(session, &sql)?.and_then(|text| text.parse::<i128>().ok());
    Ok(largest.map_or(1, |largest| u128::try_from(largest + 1).unwrap_or(1)))
}

/// MariaDB's "SETVAL": the number that is next, and how often it began anew.
fn sequence(session: &mut dyn Session, name: &str) -> Result<Option<String>> {
    let name = quoted(name);
    let rows = texts(session, &format!("SELECT next_not_cached_value, cycle_count FROM {name}"))?;
    let Some(Some([Some(next), Some(round)])) =
        rows.into_iter().next().map(|row| <[_; 2]>::try_from(row).ok())
    else {
        return Ok(None);
    };
    Ok(Some(format!("SELECT SETVAL({name}, {next}, 0, {round})")))
}
