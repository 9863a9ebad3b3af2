//! A trigger in place of MySQL's ON UPDATE CURRENT_TIMESTAMP.

use crate::engine::type_map::OnUpdate;
use crate::model::catalog::{Column, Detail, Name, Object, Routine, RoutineKind, Table, Trigger};
use crate::sql::{POSTGRES, quote_ident};

/// Types without an equality, which are compared as text.
const WITHOUT_EQUALITY: &[&str] =
    &["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"];

/// A BEFORE trigger and its function, both named `name`.
pub fn set_on_update(
    name: &Name,
    (table_name, table): (&Name, &Table),
    column: usize,
    now: &str,
) -> Option<OnUpdate> {
    let own = ident(&table.columns.get(column)?.name);
    let others = OnUpdate::conditions(table, column, differs)?;
    let body = format!("\nBEGIN\n  NEW.{own} := {now};\n  RETURN NEW;\nEND\n");
    let routine = Routine {
        kind: RoutineKind::Function,
        arguments: String::new(),
        returns: Some("trigger".to_owned()),
        language: "plpgsql".to_owned(),
        body: Some(body),
    };
    let mut function = Object::new(name.clone(), Detail::Routine(routine));
    function.signature = Some(String::new());
    let (function_sql, on) = (qualified(name), qualified(table_name));
    let definition = format!(
        "CREATE TRIGGER {} BEFORE UPDATE ON {on} FOR EACH ROW \
         WHEN (OLD.{own} IS NOT DISTINCT FROM NEW.{own} AND ({others})) EXECUTE FUNCTION {function_sql}()",
        ident(&name.name)
    );
    let trigger = Trigger {
        name: name.name.clone(),
        timing: "BEFORE".to_owned(),
        events: vec!["UPDATE".to_owned()],
        each_row: true,
        action: format!("{function_sql}()"),
        state: "enabled".to_owned(),
        definition: Some(definition),
        ..Trigger::default()
    };
    Some(OnUpdate { trigger, function: Some(function) })
}

fn differs(column: &Column) -> String {
    let name = ident(&column.name);
    let cast = if WITHOUT_EQUALITY.contains(&column.ty.as_str()) { "::text" } else { "" };
    format!("OLD.{name}{cast} IS DISTINCT FROM NEW.{name}{cast}")
}

fn ident(name: &str) -> String {
    quote_ident(&POSTGRES, name)
}

fn qualified(name: &Name) -> String {
    format!("{}.{}", ident(&name.schema), ident(&name.name))
}
