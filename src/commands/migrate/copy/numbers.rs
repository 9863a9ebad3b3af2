//! Where the numbers stand that an engine gives to new rows: behind every one that was given.

use super::build::one;
use super::mapping::Mapping;
use crate::engine::backup::texts;
use crate::engine::{Session, engine_for};
use crate::error::Result;
use crate::model::catalog::{Column, Name};
use crate::sql::{quote_ident, quote_qualified};

/// Carries them over, for every column whose numbers the engine gives on the other side.
pub fn carry(mapping: &Mapping, from: &mut dyn Session, to: &mut dyn Session) -> Result<()> {
    let (source, target) =
        (engine_for(mapping.from.engine).copying(), engine_for(mapping.to.engine).copying());
    for pair in &mapping.tables {
        for way in pair.ways.iter().filter(|way| is_numbered(&way.to)) {
            let mut last = largest(to, mapping.to.engine, &pair.to, &way.to.name)?;
            for name in &pair.from {
                last = last.max(source.last_number(from, name, &way.from.name)?);
            }
            let Some(last) = last.filter(|last| *last > 0) else { continue };
            if let Some(sql) = target.go_on_behind(&pair.to, &way.to.name, last) {
                one(to, &sql)?;
            }
        }
    }
    Ok(())
}

/// Whether the engine gives its numbers: it says so, or a sequence of its own is its default.
fn is_numbered(column: &Column) -> bool {
    column.identity.is_some() || column.default.as_ref().is_some_and(|text| text.starts_with("nextval("))
}

fn largest(
    session: &mut dyn Session,
    engine: crate::model::target::EngineKind,
    table: &Name,
    column: &str,
) -> Result<Option<i128>> {
    let dialect = engine_for(engine).dialect(engine);
    let parts: Vec<&str> =
        [table.schema.as_str(), &table.name].into_iter().filter(|part| !part.is_empty()).collect();
    let sql =
        format!("SELECT MAX({}) FROM {}", quote_ident(dialect, column), quote_qualified(dialect, &parts));
    let found = texts(session, &sql)?.into_iter().flatten().flatten().next();
    Ok(found.and_then(|text| text.parse().ok()))
}
