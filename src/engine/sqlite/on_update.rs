//! A trigger in place of MySQL's ON UPDATE CURRENT_TIMESTAMP.

use crate::engine::type_map::OnUpdate;
use crate::model::catalog::{Column, ConstraintKind, Name, Table, Trigger};
use crate::sql::{SQLITE, quote_ident};

/// An AFTER trigger that changes the row once more; its own condition does not hold for that.
pub fn set_on_update(
    name: &Name,
    (table_name, table): (&Name, &Table),
    column: usize,
    now: &str,
) -> Option<OnUpdate> {
    let own = quoted(&table.columns.get(column)?.name);
    let others = OnUpdate::conditions(table, column, differs)?;
    let on = quoted(&table_name.name);
    let action = format!("BEGIN UPDATE {on} SET {own} = {now} WHERE {}; END", same_row(table)?);
    let definition = format!(
        "CREATE TRIGGER {} AFTER UPDATE ON {on} FOR EACH ROW WHEN NEW.{own} IS OLD.{own} AND ({others})\n{action}",
        quoted(&name.name)
    );
    let trigger = Trigger {
        name: name.name.clone(),
        timing: "AFTER".to_owned(),
        events: vec!["UPDATE".to_owned()],
        each_row: true,
        action,
        state: "enabled".to_owned(),
        definition: Some(definition),
        ..Trigger::default()
    };
    Some(OnUpdate { trigger, function: None })
}

fn differs(column: &Column) -> String {
    let name = quoted(&column.name);
    format!("NEW.{name} IS NOT OLD.{name}")
}

/// The row of the trigger: by its key, or by the rowid under a name that no column has.
fn same_row(table: &Table) -> Option<String> {
    let key = table.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey);
    if let Some(key) = key {
        let same = |name: &String| format!("{0} IS NEW.{0}", quoted(name));
        return Some(key.columns.iter().map(same).collect::<Vec<_>>().join(" AND "));
    }
    let is_free = |name: &&str| !table.columns.iter().any(|each| each.name.eq_ignore_ascii_case(name));
    let rowid = ["rowid", "_rowid_", "oid"].into_iter().find(is_free)?;
    Some(format!("{rowid} = NEW.{rowid}"))
}

fn quoted(name: &str) -> String {
    quote_ident(&SQLITE, name)
}
