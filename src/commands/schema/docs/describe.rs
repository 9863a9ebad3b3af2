//! Pages of tables and views.

use super::book::{Book, attributes};
use super::page::{Body, Cell, Page, Section, Span, code, joined, list, table, text};
use crate::model::catalog::{
    Action, Column, Constraint, ConstraintKind, Index, IndexKey, ObjectId, Policy, Rule, Table, Trigger, View,
};
use crate::model::links::{ForeignKey, same_column};
use crate::ui::human;

pub fn table_page(book: &Book<'_>, page: &mut Page, table: &Table) {
    let id = page.id;
    page.diagram = book.links.outgoing(id).next().is_some() || book.links.incoming(id).next().is_some();
    if let Some(server) = &table.foreign {
        page.facts.push(("Rows from".into(), text(server.clone())));
    }
    sizes(page, table.rows, table.bytes);
    if let Some(of) = &table.partition_of {
        let bound = code(of.bound.clone());
        page.facts.push(("Partition of".into(), joined([book.named(&of.parent), bound], " ")));
    }
    if let Some(partitioning) = &table.partitioning {
        page.facts.push(("Partitioned by".into(), code(partitioning.by.clone())));
    }
    if !table.inherits.is_empty() {
        let parents = table.inherits.iter().map(|parent| book.named(parent));
        page.facts.push(("Inherits".into(), joined(parents, ", ")));
    }
    page.words.extend(table.columns.iter().map(|column| column.name.clone()));
    page.sections.extend([columns(book, Some((id, table)), &table.columns)].into_iter().flatten());
    let more = [
        referenced_by(book, id),
        constraints(book, &table.constraints),
        indexes(&table.indexes),
        triggers(&table.triggers),
        policies(&table.policies),
        rules(&table.rules),
        partitions(book, id, table),
    ];
    page.sections.extend(more.into_iter().flatten());
}

pub fn view_page(book: &Book<'_>, page: &mut Page, view: &View) {
    if view.materialized {
        page.kind = "materialized view".into();
    }
    page.warning = view.broken.clone();
    sizes(page, view.rows, view.bytes);
    page.words.extend(view.columns.iter().map(|column| column.name.clone()));
    let query =
        (!view.query.is_empty()).then(|| Section { heading: "Query", body: Body::Code(view.query.clone()) });
    let more = [
        columns(book, None, &view.columns),
        query,
        indexes(&view.indexes),
        triggers(&view.triggers),
        rules(&view.rules),
    ];
    page.sections.extend(more.into_iter().flatten());
}

fn sizes(page: &mut Page, rows: Option<u64>, bytes: Option<u64>) {
    if let Some(rows) = rows {
        page.facts.push(("Rows, about".into(), text(human::count(rows))));
    }
    if let Some(bytes) = bytes {
        page.facts.push(("Size".into(), text(human::bytes(bytes))));
    }
}

/// The columns of a table, or of what has no keys.
pub fn columns(book: &Book<'_>, table_of: Option<(ObjectId, &Table)>, columns: &[Column]) -> Option<Section> {
    let rows = columns
        .iter()
        .map(|column| {
            let keys: Vec<&ForeignKey> = table_of
                .iter()
                .flat_map(|(id, _)| book.links.outgoing(*id))
                .filter(|key| key.columns.iter().any(|name| same_column(name, &column.name)))
                .collect();
            let parents = keys.iter().map(|key| book.link(key.parent));
            vec![
                joined([code(column.name.clone()), marks(table_of.map(|of| of.1), column, &keys)], " "),
                book.type_of(&column.ty),
                // A view's columns are not told about nulls.
                text(if table_of.is_some() && column.nullable { "yes" } else { "" }),
                value(column),
                joined(parents, ", "),
                text(column.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Columns", &["Name", "Type", "Null", "Value", "References", "Comment"], rows)
}

fn marks(table: Option<&Table>, column: &Column, keys: &[&ForeignKey]) -> Cell {
    let mut marks = Vec::new();
    let within = |each: &&Constraint| each.columns.iter().any(|name| same_column(name, &column.name));
    for constraint in table.iter().flat_map(|table| &table.constraints).filter(within) {
        let mark = match constraint.kind {
            ConstraintKind::PrimaryKey => "PK",
            ConstraintKind::Unique if constraint.columns.len() == 1 => "UK",
            _ => continue,
        };
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    if !keys.is_empty() {
        marks.push("FK");
    }
    joined(marks.into_iter().map(|mark| vec![Span::Mark(mark)]), " ")
}

/// Where a column's value comes from when none is given.
fn value(column: &Column) -> Cell {
    let mut parts = Vec::new();
    if let Some(generated) = &column.generated {
        let how = if generated.stored { "generated, stored:" } else { "generated:" };
        parts.push(joined([text(how), code(generated.expression.clone())], " "));
    }
    if let Some(identity) = &column.identity {
        parts.push(text(if identity.always { "identity, always" } else { "identity" }));
    }
    if let Some(default) = &column.default {
        parts.push(code(default.clone()));
    }
    if let Some(update) = &column.on_update {
        parts.push(joined([text("on update"), code(update.clone())], " "));
    }
    if let Some(collation) = &column.collation {
        parts.push(text(format!("collation {collation}")));
    }
    if let Some(charset) = &column.charset {
        parts.push(text(format!("character set {charset}")));
    }
    parts.push(text(attributes(&column.attributes)));
    joined(parts, "; ")
}

fn referenced_by(book: &Book<'_>, id: ObjectId) -> Option<Section> {
    let rows = book
        .links
        .incoming(id)
        .map(|key| {
            vec![
                book.link(key.child),
                code(key.columns.join(", ")),
                code(key.referenced.join(", ")),
                text(match key.many {
                    true => "many",
                    false => "at most one",
                }),
            ]
        })
        .collect();
    table("Referenced by", &["Table", "Columns", "Refer to", "Rows"], rows)
}

fn constraints(book: &Book<'_>, constraints: &[Constraint]) -> Option<Section> {
    let rows = constraints
        .iter()
        .map(|constraint| {
            vec![
                code(constraint.name.clone().unwrap_or_default()),
                text(kind_of(constraint)),
                rule_of(book, constraint),
                text(state_of(constraint)),
                text(constraint.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Constraints", &["Name", "Kind", "Definition", "State", "Comment"], rows)
}

fn kind_of(constraint: &Constraint) -> &'static str {
    match constraint.kind {
        ConstraintKind::PrimaryKey => "primary key",
        ConstraintKind::Unique => "unique",
        ConstraintKind::ForeignKey(_) => "foreign key",
        ConstraintKind::Check { .. } => "check",
        ConstraintKind::NotNull => "not null",
        ConstraintKind::Exclusion => "exclusion",
        ConstraintKind::Other => "other",
    }
}

fn rule_of(book: &Book<'_>, constraint: &Constraint) -> Cell {
    let columns = code(constraint.columns.join(", "));
    match &constraint.kind {
        ConstraintKind::ForeignKey(reference) => {
            let mut parts = vec![columns, text("→"), book.named(&reference.table)];
            parts.push(code(reference.referenced.join(", ")));
            for (event, action) in [("update", reference.on_update), ("delete", reference.on_delete)] {
                if action != Action::NoAction {
                    parts.push(text(format!("on {event} {}", action.sql().to_lowercase())));
                }
            }
            joined(parts, " ")
        }
        ConstraintKind::Check { expression } => code(expression.clone()),
        ConstraintKind::Exclusion | ConstraintKind::Other => {
            constraint.definition.clone().map_or(columns, code)
        }
        _ => columns,
    }
}

fn state_of(constraint: &Constraint) -> String {
    let states = [
        (constraint.initially_deferred, "initially deferred"),
        (constraint.deferrable && !constraint.initially_deferred, "deferrable"),
        (!constraint.validated, "not validated"),
        (!constraint.enforced, "not enforced"),
        (constraint.inherited, "inherited"),
    ];
    let said: Vec<&str> = states.into_iter().filter_map(|(is, word)| is.then_some(word)).collect();
    said.join(", ")
}

fn indexes(indexes: &[Index]) -> Option<Section> {
    let rows = indexes
        .iter()
        .map(|index| {
            let keys: Vec<String> = index.keys.iter().map(key).collect();
            let mut kinds = Vec::new();
            kinds.extend(index.unique.then(|| "unique".to_owned()));
            kinds.extend((!index.method.is_empty()).then(|| index.method.clone()));
            kinds.extend(index.nulls_not_distinct.then(|| "nulls not distinct".to_owned()));
            kinds.extend((!index.usable).then(|| "not usable".to_owned()));
            kinds.extend(index.constraint.as_ref().map(|name| format!("of {name}")));
            kinds.extend(Some(attributes(&index.attributes)).filter(|said| !said.is_empty()));
            vec![
                code(index.name.clone()),
                code(keys.join(", ")),
                code(index.include.join(", ")),
                code(index.predicate.clone().unwrap_or_default()),
                text(kinds.join(", ")),
                text(index.bytes.map(human::bytes).unwrap_or_default()),
                text(index.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Indexes", &["Name", "Keys", "Include", "Where", "Kind", "Size", "Comment"], rows)
}

fn key(key: &IndexKey) -> String {
    let mut said = match (&key.column, &key.expression) {
        (Some(column), _) => column.clone(),
        (None, Some(expression)) => format!("({expression})"),
        (None, None) => String::new(),
    };
    said.extend(key.prefix.map(|length| format!("({length})")));
    said.extend(key.collation.as_ref().map(|name| format!(" collate {name}")));
    said.extend(key.opclass.as_ref().map(|name| format!(" {name}")));
    said.push_str(if key.descending { " desc" } else { "" });
    said.push_str(match key.nulls_first {
        Some(true) => " nulls first",
        Some(false) => " nulls last",
        None => "",
    });
    said
}

fn triggers(triggers: &[Trigger]) -> Option<Section> {
    let rows = triggers
        .iter()
        .map(|trigger| {
            let each = if trigger.each_row { "for each row" } else { "for each statement" };
            let state = if trigger.state == "enabled" { "" } else { &trigger.state };
            vec![
                code(trigger.name.clone()),
                text(format!("{} {} {each}", trigger.timing, trigger.events.join(" or "))),
                code(trigger.action.trim()),
                text(state),
                text(trigger.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Triggers", &["Name", "When", "Action", "State", "Comment"], rows)
}

fn policies(policies: &[Policy]) -> Option<Section> {
    let rows = policies
        .iter()
        .map(|policy| {
            vec![
                code(policy.name.clone()),
                text(if policy.permissive { "permissive" } else { "restrictive" }),
                text(policy.command.clone()),
                text(policy.roles.join(", ")),
                code(policy.using.clone().unwrap_or_default()),
                code(policy.check.clone().unwrap_or_default()),
                text(policy.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Policies", &["Name", "Kind", "Command", "Roles", "Using", "Check", "Comment"], rows)
}

fn rules(rules: &[Rule]) -> Option<Section> {
    let rows = rules
        .iter()
        .map(|rule| {
            vec![
                code(rule.name.clone()),
                code(rule.definition.clone()),
                text(if rule.state == "enabled" { "" } else { &rule.state }),
                text(rule.comment.clone().unwrap_or_default()),
            ]
        })
        .collect();
    table("Rules", &["Name", "Definition", "State", "Comment"], rows)
}

fn partitions(book: &Book<'_>, id: ObjectId, of: &Table) -> Option<Section> {
    let tables = book.links.partitions(id).iter().map(|&partition| {
        let bound = book.catalog.get(partition).as_table().and_then(|table| table.partition_of.as_ref());
        vec![book.link(partition), code(bound.map(|of| of.bound.clone()).unwrap_or_default())]
    });
    let parts = of.partitioning.iter().flat_map(|partitioning| &partitioning.partitions);
    let inner = parts.map(|part| vec![code(part.name.clone()), code(part.value.clone())]);
    table("Partitions", &["Name", "Rows"], tables.chain(inner).collect())
}

/// What an object needs and what needs it, apart from foreign keys and schemas.
pub fn dependencies(book: &Book<'_>, id: ObjectId) -> [Option<Section>; 2] {
    let linked: Vec<ObjectId> = book
        .links
        .outgoing(id)
        .map(|key| key.parent)
        .chain(book.links.incoming(id).map(|key| key.child))
        .chain(book.links.partitions(id).iter().copied())
        .collect();
    let told = |other: &ObjectId| *other != id && !linked.contains(other) && book.has_page(*other);
    let links =
        |ids: &[ObjectId]| ids.iter().copied().filter(told).map(|id| book.kind_and_link(id)).collect();
    [
        list("Depends on", links(&book.catalog.get(id).depends_on)),
        list("Used by", links(book.links.needed_by(id))),
    ]
}
