//! Triggers, rules and policies.

use super::text::{after, ident, qualified};
use crate::model::catalog::{Object, Policy, Rule, Trigger, attribute};
use crate::model::ddl::Piece;

pub fn triggers(object: &Object, triggers: &[Trigger]) -> Vec<Piece> {
    let table = qualified(&object.name);
    let mut pieces = Vec::new();
    for trigger in triggers.iter().filter(|each| !is_inherited(each)) {
        let sql = trigger.definition.clone().unwrap_or_else(|| composed(&table, trigger));
        pieces.push(after("trigger", &object.name, sql));
        pieces.extend(state(object, "TRIGGER", &trigger.name, &trigger.state));
    }
    pieces
}

/// Triggers that a partition has from its parent, in a state of their own.
pub fn inherited(object: &Object, triggers: &[Trigger]) -> Vec<Piece> {
    let enable = |name: &str| {
        let sql = format!("ALTER TABLE {} ENABLE TRIGGER {}", qualified(&object.name), ident(name));
        after("trigger", &object.name, sql)
    };
    let inherited = triggers.iter().filter(|each| is_inherited(each));
    inherited
        .map(|each| state(object, "TRIGGER", &each.name, &each.state).unwrap_or_else(|| enable(&each.name)))
        .collect()
}

fn is_inherited(trigger: &Trigger) -> bool {
    attribute(&trigger.attributes, "inherited").is_some()
}

fn composed(table: &str, trigger: &Trigger) -> String {
    format!(
        "CREATE TRIGGER {} {} {} ON {table} FOR EACH {} EXECUTE FUNCTION {}",
        ident(&trigger.name),
        trigger.timing,
        trigger.events.join(" OR "),
        if trigger.each_row { "ROW" } else { "STATEMENT" },
        trigger.action
    )
}

pub fn rules(object: &Object, rules: &[Rule]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for rule in rules {
        pieces.push(after("rule", &object.name, rule.definition.clone()));
        pieces.extend(state(object, "RULE", &rule.name, &rule.state));
    }
    pieces
}

fn state(object: &Object, what: &str, name: &str, state: &str) -> Option<Piece> {
    let change = match state {
        "disabled" => "DISABLE",
        "replica" => "ENABLE REPLICA",
        "always" => "ENABLE ALWAYS",
        _ => return None,
    };
    let sql = format!("ALTER TABLE {} {change} {what} {}", qualified(&object.name), ident(name));
    Some(after("trigger", &object.name, sql))
}

pub fn policies(object: &Object, policies: &[Policy]) -> Vec<Piece> {
    policies
        .iter()
        .map(|each| after("policy", &object.name, policy(&qualified(&object.name), each)))
        .collect()
}

fn policy(table: &str, policy: &Policy) -> String {
    let role = |name: &String| if name == "PUBLIC" { name.clone() } else { ident(name) };
    let roles: Vec<String> = policy.roles.iter().map(role).collect();
    let mut sql = format!("CREATE POLICY {} ON {table}", ident(&policy.name));
    if !policy.permissive {
        sql += " AS RESTRICTIVE";
    }
    sql += &format!(" FOR {}", policy.command);
    if !roles.is_empty() {
        sql += &format!(" TO {}", roles.join(", "));
    }
    if let Some(using) = &policy.using {
        sql += &format!(" USING ({using})");
    }
    if let Some(check) = &policy.check {
        sql += &format!(" WITH CHECK ({check})");
    }
    sql
}
