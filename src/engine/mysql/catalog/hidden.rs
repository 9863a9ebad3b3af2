//! What the server hides from the account without a word: it leaves such objects out of its lists.

use super::Reader;
use crate::error::Result;
use crate::grants::Grants;

/// What is listed for accounts with one of these rights on the database ("SHOW TRIGGERS", "SHOW
/// EVENTS" and "The INFORMATION_SCHEMA ROUTINES Table" in MySQL's manual).
const LISTED: [(&str, &[&str]); 3] = [
    ("triggers", &["TRIGGER"]),
    ("events", &["EVENT"]),
    ("routines", &["EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE"]),
];

/// What shows every routine of the server.
const ALL_ROUTINES: [&str; 3] = ["SELECT", "SHOW_ROUTINE", "SHOW CREATE ROUTINE"];

/// Notes the kinds of which there may be objects that the account may not see.
pub fn read(reader: &mut Reader<'_>) -> Result<()> {
    // A server that checks no rights has none to show, and hides nothing.
    let Ok(rows) = reader.session.collect("SHOW GRANTS", &[]) else { return Ok(()) };
    let lines: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    let grants = Grants::parse(lines.iter().map(String::as_str));
    let database = reader.catalog.database.clone();
    for (what, rights) in LISTED {
        let all = what == "routines"
            && (grants.has(&ALL_ROUTINES, None) || grants.has_on_table(&["SELECT"], "mysql", "proc"));
        if !all && !grants.has(rights, Some(&database)) {
            reader.not_read(
                what.to_owned(),
                format!("they are shown to accounts with {}", rights.join(" or ")),
            );
        }
    }
    Ok(())
}
