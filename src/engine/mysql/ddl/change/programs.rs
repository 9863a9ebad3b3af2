//! Sequences, routines, packages, triggers and events that come, go and change.

use std::borrow::Cow;

use super::cost::MOMENT;
use super::{Changed, Work, literal, qualified, quoted, rights, told};
use crate::catalog::text::definer_place;
use crate::ddl::{Flavour, programs};
use crate::model::catalog::{Detail, Kind, Object, RoutineKind, Table, Trigger, attribute};
use crate::model::diff::{self, What};
use crate::model::plan::{Loss, Step};

/// The word for a routine in statements.
pub fn word(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Procedure => "PROCEDURE",
        _ => "FUNCTION",
    }
}

fn word_of(object: &Object) -> String {
    match &object.detail {
        Detail::Routine(routine) => word(routine.kind).to_owned(),
        _ => object.kind().word().to_ascii_uppercase(),
    }
}

/// DROP of what is no table.
pub fn drop(work: &Work<'_>, object: &Object) -> Step {
    let sql = format!("DROP {} {}", word_of(object), qualified(&object.name));
    let sql = match object.kind() {
        // Statements on packages are known in Oracle's mode only.
        Kind::Package => work.printed(false, |script| {
            script.under_those(&object.attributes, &sql);
            script.push(Kind::Package.word(), object.name.clone(), sql);
        }),
        _ => vec![sql],
    };
    made(object, "drop", sql)
}

fn made(object: &Object, change: &str, sql: Vec<String>) -> Step {
    Step { kind: format!("{change} {}", object.kind().word()), object: told(object), sql, ..Step::default() }
}

/// An object with the definer that one of its name has, unless definers are to change too: the
/// rights that a program works with are not to become ours in silence.
fn with_definer_of<'o>(work: &Work<'_>, new: &'o Object, old: &Object) -> Cow<'o, Object> {
    let definition = match (&new.definition, &old.definition, work.options.privileges) {
        (Some(new), Some(old), false) => definer_of(new, old),
        _ => return Cow::Borrowed(new),
    };
    Cow::Owned(Object { definition: Some(definition), ..new.clone() })
}

/// A definition with the definer of another.
fn definer_of(new: &str, old: &str) -> String {
    match (definer_place(new), definer_place(old)) {
        (Some((start, end)), Some((from, to))) => {
            format!("{}{}{}", &new[..start], &old[from..to], &new[end..])
        }
        _ => new.to_owned(),
    }
}

/// Whether two definitions differ in nothing but their definers.
fn only_definers(old: Option<&str>, new: Option<&str>) -> bool {
    let without = |sql: &str| match definer_place(sql) {
        Some((start, end)) => format!("{}{}", &sql[..start], &sql[end..]),
        None => sql.to_owned(),
    };
    old.map(without) == new.map(without)
}

/// Changes of an object that are to be carried out; notes what is left of its definer.
fn is_to_change(work: &mut Work<'_>, changed: &Changed<'_>) -> bool {
    let beside = |part: &diff::Part| part.what == What::Grant;
    if changed.parts.iter().all(beside) {
        return false;
    }
    let (old, new) = (changed.old.definition.as_deref(), changed.new.definition.as_deref());
    let by_text = properties(changed).iter().all(|property| *property == "definition");
    if !work.options.privileges && by_text && only_definers(old, new) {
        work.left(format!("{}: definer", told(changed.new)), "owners and rights are not asked for");
        return false;
    }
    true
}

/// The names of what differs in the object itself.
pub fn properties<'c>(changed: &Changed<'c>) -> Vec<&'c str> {
    let itself = changed.parts.iter().filter(|part| part.what == What::Itself);
    let facets = itself.filter_map(|part| match &part.step {
        diff::Step::Alter { facets } => Some(facets),
        _ => None,
    });
    facets.flatten().map(|facet| facet.property.as_str()).collect()
}

/// Sequences of MariaDB: defaults of tables call them.
pub fn sequences(work: &mut Work<'_>) {
    for (_, object) in work.created_of(Kind::Sequence) {
        let sql = work.printed(true, |script| programs::sequence(script, object));
        work.step(made(object, "create", sql));
    }
    for changed in work.changed.clone() {
        let Detail::Sequence(sequence) = &changed.new.detail else { continue };
        if changed.parts.iter().all(|part| part.what == What::Grant) {
            continue;
        }
        if properties(&changed).contains(&"type") {
            work.left(format!("{}: type", told(changed.new)), "ALTER SEQUENCE does not change it");
        }
        let cycle = if sequence.cycle { "CYCLE" } else { "NOCYCLE" };
        let sql = format!(
            "ALTER SEQUENCE {} START WITH {} MINVALUE {} MAXVALUE {} INCREMENT BY {} CACHE {} {cycle}",
            qualified(&changed.new.name),
            sequence.start,
            sequence.min,
            sequence.max,
            sequence.increment,
            sequence.cache
        );
        let mut step = made(changed.new, "alter", vec![sql]);
        step.lock = MOMENT.into();
        work.step(step);
    }
}

/// Routines and packages, which views may call.
pub fn create(work: &mut Work<'_>) {
    for kind in [Kind::Package, Kind::Routine] {
        for (_, object) in work.created_of(kind) {
            let sql = print(work, object, work.options.privileges);
            match sql.is_empty() {
                true => work.left(told(object), "its source may not be seen"),
                false => work.step(made(object, "create", sql)),
            }
        }
        for changed in work.changed.clone() {
            if changed.new.kind() == kind && is_to_change(work, &changed) {
                let step = replace(work, &changed);
                work.step(step);
            }
        }
    }
}

fn print(work: &Work<'_>, object: &Object, definers: bool) -> Vec<String> {
    work.printed(definers, |script| match object.kind() {
        Kind::Package => programs::package(script, object),
        _ => programs::routine(script, object),
    })
}

/// A routine or package in the place of the one of its name.
fn replace(work: &Work<'_>, changed: &Changed<'_>) -> Step {
    let (old, new) = (changed.old, changed.new);
    if let Some(sql) = characteristics(changed) {
        return made(new, "alter", vec![sql]);
    }
    let kept = with_definer_of(work, new, old);
    let mut sql = print(work, &kept, true);
    let drop = format!("DROP {} {}", word_of(old), qualified(&old.name));
    if work.flavour == Flavour::Mariadb {
        // OR REPLACE keeps the rights, and callers never miss it.
        for each in sql.iter_mut().filter(|each| each.starts_with("CREATE ")) {
            each.insert_str("CREATE ".len(), "OR REPLACE ");
        }
        if attribute(&old.attributes, "body").is_some() && attribute(&new.attributes, "body").is_none() {
            // Behind the settings of the package.
            let place = sql.iter().position(|each| each.starts_with("CREATE ")).unwrap_or(0);
            sql.insert(place, format!("DROP PACKAGE BODY {}", qualified(&old.name)));
        }
        return made(new, "replace", sql);
    }
    sql.insert(0, drop);
    sql.extend(rights::again(work, old, new));
    let mut step = made(new, "replace", sql);
    step.why = "the server changes no body: it is dropped and made again, with its rights".into();
    if !rights::are_known(work, old, new) {
        // Its rights go with it, and nobody could read them.
        let name = literal(&old.name.name);
        let kind = word_of(old);
        step.why = "the server changes no body: it is dropped and made again".into();
        let probe = format!(
            "SELECT 1 FROM mysql.procs_priv WHERE db = DATABASE() AND routine_name = {name} \
             AND routine_type = '{kind}' AND CONCAT(user, '@', host) <> CURRENT_USER() LIMIT 1"
        );
        step.loses.push(Loss::lost(format!("rights of accounts on {}", told(old)), Some(probe)));
    }
    step
}

/// What ALTER FUNCTION and ALTER PROCEDURE change, and keep rights and definer; None where more
/// than that differs.
fn characteristics(changed: &Changed<'_>) -> Option<String> {
    let properties = properties(changed);
    let known = |property: &&str| matches!(*property, "comment" | "data access" | "security");
    let Detail::Routine(routine) = &changed.new.detail else { return None };
    // An empty comment counts as none given.
    let uncommented = properties.contains(&"comment") && changed.new.comment.is_none();
    if uncommented || !properties.iter().all(known) {
        return None;
    }
    let value = |name, usual| attribute(&changed.new.attributes, name).unwrap_or(usual);
    let clauses = properties.iter().map(|property| match *property {
        "comment" => format!("COMMENT {}", literal(changed.new.comment.as_deref().unwrap_or_default())),
        "security" => format!("SQL SECURITY {}", value("security", "DEFINER")),
        _ => value("data access", "CONTAINS SQL").to_owned(),
    });
    let clauses: Vec<String> = clauses.collect();
    Some(format!("ALTER {} {} {}", word(routine.kind), qualified(&changed.new.name), clauses.join(" ")))
}

pub fn events(work: &mut Work<'_>) {
    for (_, object) in work.created_of(Kind::Event) {
        let sql = work.printed(work.options.privileges, |script| programs::event(script, object));
        work.step(made(object, "create", sql));
    }
    for changed in work.changed.clone() {
        if changed.new.kind() != Kind::Event || !is_to_change(work, &changed) {
            continue;
        }
        let kept = with_definer_of(work, changed.new, changed.old);
        let mut sql = work.printed(true, |script| programs::event(script, &kept));
        sql.insert(0, format!("DROP EVENT {}", qualified(&changed.old.name)));
        work.step(made(changed.new, "replace", sql));
    }
}

/// Triggers whose names are no more on their tables.
pub fn drop_triggers(work: &mut Work<'_>) {
    for changed in work.changed.clone() {
        let (Some(old), Some(new)) = (changed.old.as_table(), changed.new.as_table()) else { continue };
        for gone in
            old.triggers.iter().filter(|each| !new.triggers.iter().any(|other| other.name == each.name))
        {
            work.step(Step {
                kind: "drop trigger".into(),
                object: format!("trigger {} of {}", gone.name, told(changed.old)),
                sql: vec![format!("DROP TRIGGER {}", quoted(&gone.name))],
                lock: MOMENT.into(),
                ..Step::default()
            });
        }
    }
}

/// Triggers of new tables, and those that changed. A trigger is always made behind those of the
/// same event, so that those behind a changed one are made again.
pub fn triggers(work: &mut Work<'_>) {
    for (_, object) in work.created_of(Kind::Table) {
        let all = object.as_table().map(|table| table.triggers.as_slice()).unwrap_or_default();
        all.iter().for_each(|trigger| make_trigger(work, object, trigger, None, ""));
    }
    for changed in work.changed.clone() {
        let (Some(old), Some(new)) = (changed.old.as_table(), changed.new.as_table()) else { continue };
        for trigger in &new.triggers {
            let before = old.triggers.iter().find(|each| each.name == trigger.name);
            match before {
                None => make_trigger(work, changed.new, trigger, None, ""),
                Some(before) if !is_same(before, trigger) => {
                    make_trigger(work, changed.new, trigger, Some(before), "");
                }
                Some(before) => {
                    if is_behind_a_change(old, new, trigger) {
                        let why = "a trigger that runs before it is made again";
                        make_trigger(work, changed.new, trigger, Some(before), why);
                    } else if before.definition != trigger.definition && !work.options.privileges {
                        let what = format!("trigger {} of {}: definer", trigger.name, told(changed.new));
                        work.left(what, "owners and rights are not asked for");
                    } else if before.definition != trigger.definition {
                        make_trigger(work, changed.new, trigger, Some(before), "");
                    }
                }
            }
        }
    }
}

fn is_same(old: &Trigger, new: &Trigger) -> bool {
    old.timing == new.timing
        && old.events == new.events
        && old.action == new.action
        && old.attributes == new.attributes
        && only_definers(old.definition.as_deref(), new.definition.as_deref())
}

/// Whether a trigger that is to run before this one is new, is made again, or ran behind it.
fn is_behind_a_change(old: &Table, new: &Table, trigger: &Trigger) -> bool {
    let of_event = |table: &Table| -> Vec<Trigger> {
        let same = |each: &&Trigger| each.timing == trigger.timing && each.events == trigger.events;
        table.triggers.iter().filter(same).cloned().collect()
    };
    let still = |each: &Trigger| new.triggers.iter().any(|other| other.name == each.name);
    let before: Vec<Trigger> = of_event(old).into_iter().filter(still).collect();
    let after = of_event(new);
    let kept =
        before.iter().zip(&after).take_while(|(one, other)| one.name == other.name && is_same(one, other));
    let at = after.iter().position(|each| each.name == trigger.name).unwrap_or(0);
    at >= kept.count()
}

fn make_trigger(work: &mut Work<'_>, table: &Object, trigger: &Trigger, old: Option<&Trigger>, why: &str) {
    let mut alone = trigger.clone();
    let keeps = old.is_some() && !work.options.privileges;
    if let (true, Some(before), Some(after)) =
        (keeps, old.and_then(|old| old.definition.as_deref()), trigger.definition.as_deref())
    {
        alone.definition = Some(definer_of(after, before));
    }
    let only = Table { triggers: vec![alone], ..Table::default() };
    let object = Object::new(table.name.clone(), Detail::Table(only));
    let definers = keeps || work.options.privileges;
    let mut sql = work.printed(definers, |script| programs::triggers(script, &object));
    if old.is_some() {
        sql.insert(0, format!("DROP TRIGGER {}", quoted(&trigger.name)));
    }
    work.step(Step {
        kind: if old.is_some() { "replace trigger" } else { "create trigger" }.into(),
        object: format!("trigger {} of {}", trigger.name, told(table)),
        sql,
        why: why.into(),
        lock: MOMENT.into(),
        ..Step::default()
    });
}

/// A view or program with the definer of the one in whose place it comes.
pub fn kept_definer<'o>(work: &Work<'_>, new: &'o Object, old: &Object) -> Cow<'o, Object> {
    with_definer_of(work, new, old)
}
