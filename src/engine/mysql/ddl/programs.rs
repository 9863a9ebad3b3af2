//! Sequences, routines, packages, triggers and events.

use super::{Script, literal, qualified, quoted};
use crate::model::catalog::{Detail, Kind, Object, Routine, RoutineKind, Sequence, Trigger, attribute};

/// "CREATE SEQUENCE" in MariaDB's manual.
pub fn sequence(script: &mut Script<'_>, object: &Object) {
    let Detail::Sequence(parts) = &object.detail else { return };
    let sql = match &object.definition {
        Some(definition) => definition.clone(),
        None => compose_sequence(object, parts),
    };
    script.push(Kind::Sequence.word(), object.name.clone(), sql);
}

fn compose_sequence(object: &Object, sequence: &Sequence) -> String {
    let Sequence { start, increment, min, max, cache, .. } = sequence;
    let cycle = if sequence.cycle { "CYCLE" } else { "NOCYCLE" };
    format!(
        "CREATE SEQUENCE {} START WITH {start} MINVALUE {min} MAXVALUE {max} INCREMENT BY {increment} \
         CACHE {cache} {cycle}",
        qualified(&object.name)
    )
}

pub fn routine(script: &mut Script<'_>, object: &Object) {
    let Detail::Routine(parts) = &object.detail else { return };
    let sql = match (&object.definition, &parts.body) {
        (Some(definition), _) => script.with_definer(definition).into_owned(),
        (None, Some(body)) => compose_routine(script, object, parts, body),
        // What may not be seen is named among what is unread.
        (None, None) => return,
    };
    script.under_those(&object.attributes, &sql);
    script.push(Kind::Routine.word(), object.name.clone(), sql);
}

fn compose_routine(script: &Script<'_>, object: &Object, routine: &Routine, body: &str) -> String {
    let word = match routine.kind {
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Aggregate => "AGGREGATE FUNCTION",
        _ => "FUNCTION",
    };
    let (definer, name) = (script.definer(object), qualified(&object.name));
    let mut sql = format!("CREATE {definer}{word} {name}({})", routine.arguments);
    if let Some(returns) = &routine.returns {
        sql.push_str(&format!(" RETURNS {returns}"));
    }
    let value = |name| attribute(&object.attributes, name);
    if let Some(access) = value("data access") {
        sql.push_str(&format!("\n    {access}"));
    }
    if value("deterministic") == Some("YES") {
        sql.push_str("\n    DETERMINISTIC");
    }
    if let Some(security) = value("security") {
        sql.push_str(&format!("\n    SQL SECURITY {security}"));
    }
    if let Some(comment) = &object.comment {
        sql.push_str(&format!("\n    COMMENT {}", literal(comment)));
    }
    format!("{sql}\n{body}")
}

/// A package, and its body where it has one.
pub fn package(script: &mut Script<'_>, object: &Object) {
    let body = attribute(&object.attributes, "body");
    for definition in object.definition.as_deref().into_iter().chain(body) {
        let sql = script.with_definer(definition).into_owned();
        script.under_those(&object.attributes, &sql);
        script.push(Kind::Package.word(), object.name.clone(), sql);
    }
}

/// The triggers of a table in the order in which they run: each is made behind those before it.
pub fn triggers(script: &mut Script<'_>, object: &Object) {
    let Some(table) = object.as_table() else { return };
    for trigger in &table.triggers {
        let sql = match &trigger.definition {
            Some(definition) => script.with_definer(definition).into_owned(),
            None => compose_trigger(object, trigger),
        };
        script.under_those(&trigger.attributes, &sql);
        script.push(Kind::Table.word(), object.name.clone(), sql);
    }
}

fn compose_trigger(object: &Object, trigger: &Trigger) -> String {
    format!(
        "CREATE TRIGGER {} {} {} ON {} FOR EACH ROW {}",
        quoted(&trigger.name),
        trigger.timing,
        trigger.events.join(" OR "),
        qualified(&object.name),
        trigger.action
    )
}

pub fn event(script: &mut Script<'_>, object: &Object) {
    let Some(definition) = &object.definition else { return };
    let sql = script.with_definer(definition).into_owned();
    script.under_those(&object.attributes, &sql);
    script.push(Kind::Event.word(), object.name.clone(), sql);
}
