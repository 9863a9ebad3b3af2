//! Graphviz's DOT (graphviz.org, The DOT Language; HTML-like labels).

use std::fmt::Write;

use super::{Diagram, Entity};

/// The diagram as a DOT graph: parents on the left, edges from column to column.
pub fn dot(diagram: &Diagram) -> String {
    let mut out = String::from(
        "digraph schema {\n  graph [rankdir=LR, ranksep=1, nodesep=0.4, fontname=\"Helvetica\"];\n  \
         node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n  \
         edge [dir=both, color=\"#57606a\"];\n",
    );
    for (at, entity) in diagram.entities.iter().enumerate() {
        let _ = writeln!(out, "  t{at} [label=<{}>];", label(entity));
    }
    for relation in &diagram.relations {
        let from = port(&diagram.entities[relation.parent], relation.referenced.first());
        let to = port(&diagram.entities[relation.child], relation.columns.first());
        let tail = if relation.optional { "teeodot" } else { "teetee" };
        let head = if relation.many { "crowodot" } else { "teeodot" };
        let _ = writeln!(
            out,
            "  t{}{from}:e -> t{}{to}:w [arrowtail={tail}, arrowhead={head}, tooltip=\"{}\"];",
            relation.parent,
            relation.child,
            string(&relation.columns.join(", ")),
        );
    }
    out.push_str("}\n");
    out
}

fn label(entity: &Entity) -> String {
    let mut out = format!(
        "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\">\
         <tr><td port=\"name\" bgcolor=\"#dde7f5\"><b>{}</b></td></tr>",
        markup(&entity.name)
    );
    for (at, field) in entity.fields.iter().enumerate() {
        let mark = match (field.primary, field.foreign) {
            (true, true) => "PK FK ",
            (true, false) => "PK ",
            (false, true) => "FK ",
            (false, false) => "",
        };
        let _ = write!(
            out,
            "<tr><td port=\"c{at}\" align=\"left\">{mark}{} <font color=\"#57606a\">{}</font></td></tr>",
            markup(&field.name),
            // An empty element is an error to Graphviz.
            markup(if field.ty.is_empty() { " " } else { &field.ty }),
        );
    }
    out.push_str("</table>");
    out
}

/// Where an edge touches the entity: the row of a column, or the name where it is not shown.
fn port(entity: &Entity, column: Option<&String>) -> String {
    let row = column.and_then(|column| entity.row(column));
    row.map_or_else(|| ":name".into(), |at| format!(":c{at}"))
}

fn markup(text: &str) -> String {
    super::svg::escaped(text)
}

/// The inside of a quoted string.
fn string(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            _ if letter.is_control() => " ".to_owned(),
            _ => letter.to_string(),
        })
        .collect()
}
