//! Views, each behind what it needs.

use std::collections::HashSet;

use super::environment::Environment;
use super::{Script, list, qualified, quoted};
use crate::model::catalog::{COLUMN_LIST, Detail, Kind, Object, ObjectId, View, attribute};

/// Makes all views. One that is broken is left out: no server makes a view of what is not there.
pub fn all(script: &mut Script<'_>) {
    let is_whole = |object: &Object| matches!(&object.detail, Detail::View(view) if view.broken.is_none());
    let views = script.catalog.iter().filter(|(_, object)| is_whole(object)).collect();
    let (ordered, circle) = ordered(views);
    ordered.iter().for_each(|(_, object)| view(script, object, false));
    in_a_circle(script, &circle);
}

/// Views by what they need, and those that need each other.
pub fn ordered<'a>(views: Vec<(ObjectId, &'a Object)>) -> (Views<'a>, Views<'a>) {
    let (mut left, mut ordered) = (views, Vec::new());
    while !left.is_empty() {
        let waiting: HashSet<ObjectId> = left.iter().map(|(id, _)| *id).collect();
        let waits = |object: &Object| object.depends_on.iter().any(|need| waiting.contains(need));
        let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(|(_, object)| waits(object));
        if now.is_empty() {
            break;
        }
        ordered.extend(now);
        left = later;
    }
    (ordered, left)
}

pub type Views<'a> = Vec<(ObjectId, &'a Object)>;

/// Views that need each other (through a function, for instance) begin as ones that only have the
/// columns.
fn in_a_circle(script: &mut Script<'_>, views: &[(ObjectId, &Object)]) {
    script.under(Environment::default());
    for (_, object) in views {
        stand_in(script, object);
    }
    views.iter().for_each(|(_, object)| view(script, object, true));
}

/// A view that has the columns and nothing else.
pub fn stand_in(script: &mut Script<'_>, object: &Object) {
    let columns: Vec<String> =
        object.columns().iter().map(|column| format!("1 AS {}", quoted(&column.name))).collect();
    let columns = if columns.is_empty() { "1 AS `1`".to_owned() } else { columns.join(", ") };
    let sql = format!("CREATE OR REPLACE VIEW {} AS SELECT {columns}", qualified(&object.name));
    script.push(Kind::View.word(), object.name.clone(), sql);
}

/// A view, in the place of one of its name where there may be one.
pub fn view(script: &mut Script<'_>, object: &Object, replace: bool) {
    let Detail::View(parts) = &object.detail else { return };
    let sql = match &object.definition {
        Some(definition) => script.with_definer(definition).into_owned(),
        None => compose(script, object, parts),
    };
    let sql = match sql.strip_prefix("CREATE ") {
        Some(rest) if replace => format!("CREATE OR REPLACE {rest}"),
        _ => sql,
    };
    script.under_those(&object.attributes, &sql);
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
    if (value(COLUMN_LIST).is_some() || written) && !view.columns.is_empty() {
        let names: Vec<String> = view.columns.iter().map(|column| column.name.clone()).collect();
        sql.push_str(&format!(" ({})", list(&names)));
    }
    sql.push_str(&format!(" AS {}", view.query));
    if let Some(check) = value("check option") {
        sql.push_str(&format!(" WITH {check} CHECK OPTION"));
    }
    sql
}
