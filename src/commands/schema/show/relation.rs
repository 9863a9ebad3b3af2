//! Tables and views described: columns, and all that hangs on them.

use super::choose::Chosen;
use super::describe::{Notes, body};
use super::facts;
use super::overview::{table, without_empty_columns};
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, Object, Policy, Rule, Table, Trigger, View,
};
use crate::model::listing::Listing;
use crate::sql::{Dialect, quote_ident_if_needed};
use crate::ui::human;

const HEADERS: [&str; 6] = ["Column", "Type", "Null", "Default", "Extra", "Comment"];

fn column_row(column: &Column) -> Vec<String> {
    vec![
        column.name.clone(),
        column.ty.clone(),
        if column.nullable { "" } else { "not null" }.to_owned(),
        column.default.as_deref().map(facts::one_line).unwrap_or_default(),
        facts::extra(column),
        column.comment.clone().unwrap_or_default(),
    ]
}

/// The columns as a table.
pub fn columns(columns: &[Column]) -> Listing {
    let listing = Listing {
        headers: HEADERS.map(str::to_owned).to_vec(),
        rows: columns.iter().map(column_row).collect(),
        ..Listing::default()
    };
    without_empty_columns(listing)
}

/// A row for each column of all chosen relations; a row for each object where none has columns.
pub fn columns_table(catalog: &Catalog, chosen: &Chosen) -> Listing {
    let mut rows = Vec::new();
    for object in chosen.ids().map(|id| catalog.get(id)) {
        let name = catalog.short(&object.name);
        rows.extend(object.columns().iter().map(|column| {
            let mut row = vec![name.clone()];
            row.extend(column_row(column));
            row
        }));
    }
    if rows.is_empty() {
        return table(catalog, chosen);
    }
    let headers = std::iter::once("Object").chain(HEADERS).map(str::to_owned).collect();
    without_empty_columns(Listing { headers, rows, ..Listing::default() })
}

pub fn describe_table(
    catalog: &Catalog,
    dialect: &Dialect,
    object: &Object,
    table: &Table,
    notes: &mut Notes,
) {
    if let Some(partitioning) = &table.partitioning {
        notes.line("Partition key", &partitioning.by);
        let inside = partitioning.partitions.iter().map(facts::attribute).collect();
        notes.section("Partitions", inside);
    }
    if let Some(place) = &table.partition_of {
        notes.line("Partition of", &format!("{} {}", catalog.short(&place.parent), place.bound));
    }
    let inherits: Vec<String> = table.inherits.iter().map(|name| catalog.short(name)).collect();
    notes.line("Inherits", &inherits.join(", "));
    if let Some(server) = &table.foreign {
        notes.line("Kept by", server);
    }
    notes.section("Indexes", indexes(dialect, &table.indexes));
    notes.section("Constraints", table.constraints.iter().map(|each| constraint(dialect, each)).collect());
    notes.section("Referenced by", referenced_by(catalog, dialect, object));
    notes.section(
        "Partitions",
        children(catalog, object, |table| {
            table
                .partition_of
                .as_ref()
                .filter(|place| place.parent == object.name)
                .map(|place| place.bound.clone())
        }),
    );
    notes.section(
        "Inherited by",
        children(catalog, object, |table| table.inherits.contains(&object.name).then(String::new)),
    );
    notes.section("Policies", table.policies.iter().map(policy).collect());
    triggers(&table.triggers, notes);
    rules(&table.rules, notes);
}

pub fn describe_view(dialect: &Dialect, view: &View, notes: &mut Notes) {
    if let Some(why) = &view.broken {
        notes.line("Broken", why);
    }
    notes.section("Indexes", indexes(dialect, &view.indexes));
    triggers(&view.triggers, notes);
    rules(&view.rules, notes);
    notes.section("Query", body(&view.query));
}

fn indexes(dialect: &Dialect, indexes: &[Index]) -> Vec<String> {
    let line = |index: &Index| {
        let name = quote_ident_if_needed(dialect, &index.name);
        let mut line = format!("{name} {}", facts::index(dialect, index));
        match &index.constraint {
            Some(name) if *name == index.name => line += ", of a constraint",
            Some(name) => line += &format!(", of constraint {name}"),
            None => {}
        }
        if let Some(bytes) = index.bytes {
            line += &format!(", {}", human::bytes(bytes));
        }
        line + &comment(index.comment.as_ref())
    };
    indexes.iter().map(line).collect()
}

fn comment(comment: Option<&String>) -> String {
    comment.map(|text| format!(" -- {}", facts::one_line(text))).unwrap_or_default()
}

/// A constraint in one line, with its name.
pub fn constraint(dialect: &Dialect, constraint: &Constraint) -> String {
    let name = constraint.name.as_ref();
    let name = name.map(|name| format!("{} ", quote_ident_if_needed(dialect, name))).unwrap_or_default();
    let inherited = if constraint.inherited { ", inherited" } else { "" };
    let sql = facts::constraint(dialect, constraint);
    format!("{name}{sql}{inherited}{}", comment(constraint.comment.as_ref()))
}

/// The foreign keys of others that lead here.
fn referenced_by(catalog: &Catalog, dialect: &Dialect, object: &Object) -> Vec<String> {
    let mut lines = Vec::new();
    for (other, table) in catalog.tables() {
        for constraint in &table.constraints {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            if key.table == object.name {
                let columns = facts::names(dialect, &constraint.columns);
                let key = facts::reference(dialect, key);
                lines.push(format!("{} ({columns}) {key}", catalog.short(&other.name)));
            }
        }
    }
    lines
}

fn children(catalog: &Catalog, object: &Object, why: impl Fn(&Table) -> Option<String>) -> Vec<String> {
    let others = catalog.tables().filter(|(other, _)| other.name != object.name);
    let lines =
        others.filter_map(|(other, table)| Some(format!("{} {}", catalog.short(&other.name), why(table)?)));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

fn policy(policy: &Policy) -> String {
    let mut line = format!("{} for {} to {}", policy.name, policy.command, policy.roles.join(", "));
    if !policy.permissive {
        line += " restrictive";
    }
    for (word, expression) in [("using", &policy.using), ("with check", &policy.check)] {
        if let Some(expression) = expression {
            line += &format!(" {word} ({})", facts::one_line(expression));
        }
    }
    line + &comment(policy.comment.as_ref())
}

fn triggers(triggers: &[Trigger], notes: &mut Notes) {
    let mut lines = Vec::new();
    for trigger in triggers {
        let mut line = format!("{} {} {}", trigger.name, trigger.timing, trigger.events.join(" OR "));
        if trigger.each_row {
            line += " for each row";
        }
        for attribute in &trigger.attributes {
            line += &format!(", {}", facts::one_line(&facts::attribute(attribute)));
        }
        if trigger.state != "enabled" {
            line += &format!(", {}", trigger.state);
        }
        line += &comment(trigger.comment.as_ref());
        let action = body(&trigger.action);
        match action.as_slice() {
            [only] => lines.push(format!("{line}: {only}")),
            several => {
                lines.push(line);
                lines.extend(several.iter().map(|action| format!("    {action}")));
            }
        }
    }
    notes.section("Triggers", lines);
}

fn rules(rules: &[Rule], notes: &mut Notes) {
    let lines = rules.iter().map(|rule| {
        let state = if rule.state == "enabled" { String::new() } else { format!(" ({})", rule.state) };
        format!(
            "{}{state}: {}{}",
            rule.name,
            facts::one_line(&rule.definition),
            comment(rule.comment.as_ref())
        )
    });
    notes.section("Rules", lines.collect());
}
