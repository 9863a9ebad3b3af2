//! Triggers, put to their tables.

use super::{Reader, cell, program_attributes, text};
use crate::error::Result;
use crate::model::catalog::{Detail, Trigger};

pub fn read(reader: &mut Reader<'_>) -> Result<()> {
    // In the order in which they run, which is the order in which they have to be made.
    let sql = format!(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation \
         FROM information_schema.triggers WHERE {} \
         ORDER BY event_object_table, event_manipulation, action_timing, action_order",
        reader.is_ours("trigger_schema")
    );
    let rows = reader.session.collect(&sql, &[])?;
    let names: Vec<String> = rows.iter().map(|row| cell(row, 0).to_owned()).collect();
    let definitions = reader.definitions("trigger", &names)?;
    let mut tables = std::collections::HashMap::new();
    for (at, object) in reader.catalog.objects.iter().enumerate() {
        if matches!(object.detail, Detail::Table(_)) {
            tables.insert(object.name.name.clone(), at);
        }
    }
    for (row, found) in rows.iter().zip(definitions) {
        let Some(found) = found else { continue };
        let (mode, original) = (cell(&found, 1), cell(&found, 2));
        let dialect = text::dialect_under(reader.dialect, mode);
        let name = cell(row, 0).to_owned();
        let Some((action, definition)) = text::trigger(original, &reader.catalog.database, &dialect) else {
            reader.not_read(format!("trigger {name}"), "its definition has a form that is not known here");
            continue;
        };
        let trigger = Trigger {
            name,
            timing: cell(row, 2).to_owned(),
            events: vec![cell(row, 3).to_owned()],
            each_row: true,
            action,
            state: "enabled".into(),
            comment: None,
            definition: Some(definition),
            attributes: program_attributes(mode, cell(&found, 3), cell(&found, 4)),
        };
        if let Some(&at) = tables.get(cell(row, 1))
            && let Some(object) = reader.catalog.objects.get_mut(at)
            && let Detail::Table(table) = &mut object.detail
        {
            table.triggers.push(trigger);
        }
    }
    Ok(())
}
