//! Views, each behind what it needs.

use std::collections::HashSet;

use super::environment::Environment;
use super::{Script, list, qualified, quoted};
use crate::model::catalog::{Detail, Kind, Object, ObjectId, View, attribute};

/// Makes all views. One that is broken is left out: no server makes a view of what is not there.
pub fn all(script: &mut Script<'_>) {
    let catalog = script.catalog;
    let is_whole = |object: &Object| matches!(&object.detail, Detail::View(view) if view.broken.is_none());
    let mut left: Vec<(ObjectId, &Object)> = catalog.iter().filter(|(_, object)| is_whole(object)).collect();
    while !left.is_empty() {
        let waiting: HashSet<ObjectId> = left.iter().map(|(id, _)| *id).collect();
        let waits = |object: &Object| object.depends_on.iter().any(|need| waiting.contains(need));
        let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(|(_, object)| waits(object));
        if now.is_empty() {
            return in_a_circle(script, &later);
        }
        now.iter().for_each(|(_, object)| view(script, object, false));
        left = later;
    }
}

/// Views that need each other (through a function, for instance) begin as ones that only have the
/// columns.
fn in_a_circle(script: &mut Script<'_>, views: &[(ObjectId, &Object)]) {
    script.under(Environment::default());
    for (_, object) in views {
        let columns: Vec<String> =
            object.columns().iter().map(|column| format!("1 AS {}", quoted(&column.name))).collect();
        let columns = if columns.is_empty() { "1 AS `1`".to_owned() } else { columns.join(", ") };
        let sql = format!("CREATE VIEW {} AS SELECT {columns}", qualified(&object.name));
        script.push(Kind::View.word(), object.name.clone(), sql);
    }
    views.iter().for_each(|(_, object)| view(script, object, true));
}

fn view(script: &mut Script<'_>, object: &Object, replace: bool) {
    let Detail::View(parts) = &object.detail else { return };
    let sql = match &object.definition {
        Some(definition) => script.with_definer(definition).into_owned(),
        None => compose(script, object, parts),
    };
    let sql = match sql.strip_prefix("CREATE ") {
        Some(rest) if replace => format!("CREATE OR REPLACE {rest}"),
        _ => sql,
    };
    script.under(Environment::of(&object.attributes, &sql));
    script.push(Kind::View.word(), object.name.clone(), sql);
}

fn compose(script: &Script<'_>, object: &Object, view: &View) -> String {
    let value = |name| attribute(&object.attributes, name);
    let mut sql = "CREATE ".to_owned();
    if let Some(algorithm) = value("algorithm") {
        sql.push_str(&format!("ALGORITHM={algorithm} "));
    }
    sql.push_str(&script.definer(object));
    if let Some(security) = value("security") {
        sql.push_str(&format!("SQL SECURITY {security} "));
    }
    sql.push_str(&format!("VIEW {}", qualified(&object.name)));
    // A server knows the types of columns; whoever wrote down names alone means them as a list.
    let written = view.columns.iter().any(|column| column.ty.is_empty());
    if value("column list").is_some() || written {
        let names: Vec<String> = view.columns.iter().map(|column| column.name.clone()).collect();
        sql.push_str(&format!(" ({})", list(&names)));
    }
    sql.push_str(&format!(" AS {}", view.query));
    if let Some(check) = value("check option") {
        sql.push_str(&format!(" WITH {check} CHECK OPTION"));
    }
    sql
}
