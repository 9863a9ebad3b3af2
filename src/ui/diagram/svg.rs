//! The diagram as SVG, with crow's feet. Text is monospaced, so that its width is known without
//! fonts.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::layout::{self, End, Layout, Link, Mark, Node, Wire};
use super::{Diagram, Entity, Field};
use crate::model::catalog::ObjectId;

/// The style of the drawing: for the page that it stands in.
pub const SVG_STYLE: &str = include_str!("svg.css");

const CELL: f64 = 7.3;
const HEAD: i32 = 24;
const ROW: i32 = 18;
const PAD: i32 = 9;
/// Around the whole.
const BORDER: i32 = 12;
const LONGEST_NAME: usize = 34;
const LONGEST_TYPE: usize = 26;

/// How the drawing is used.
pub struct SvgOptions<'a> {
    /// A file of its own: with its style and a background.
    pub standalone: bool,
    /// What the drawing is of, for those who do not see it.
    pub title: &'a str,
    /// Where a table's title leads.
    pub link: Option<&'a dyn Fn(ObjectId) -> String>,
}

/// Draws the diagram.
pub fn svg(diagram: &Diagram, options: &SvgOptions<'_>) -> String {
    let nodes: Vec<Node> = diagram.entities.iter().map(size).collect();
    let links: Vec<Link> = diagram.relations.iter().map(|relation| link(diagram, relation)).collect();
    let layout = layout::layout(&nodes, &links);
    let mut out = String::with_capacity(512 + nodes.len() * 800);
    open(&mut out, &layout, options);
    for wire in &layout.wires {
        draw_wire(&mut out, diagram, wire);
    }
    for ((entity, node), place) in diagram.entities.iter().zip(&nodes).zip(&layout.places) {
        draw_entity(&mut out, entity, node, *place, options);
    }
    out.push_str("</svg>");
    out
}

fn open(out: &mut String, layout: &Layout, options: &SvgOptions<'_>) {
    let (width, height) = (layout.width + 2 * BORDER, layout.height + 2 * BORDER);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"er\" role=\"group\" aria-label=\"{0}\" \
         viewBox=\"-{BORDER} -{BORDER} {width} {height}\" width=\"{width}\" height=\"{height}\">",
        escaped(options.title)
    );
    if options.standalone {
        let _ = write!(
            out,
            "<title>{}</title><style>{SVG_STYLE}</style>\
             <rect x=\"-{BORDER}\" y=\"-{BORDER}\" width=\"{width}\" height=\"{height}\" style=\"fill:var(--er-back)\"/>",
            escaped(options.title)
        );
    }
}

fn link(diagram: &Diagram, relation: &super::Relation) -> Link {
    let height = |entity: usize, column: Option<&String>| {
        let row = column.and_then(|column| diagram.entities[entity].row(column));
        row.and_then(|row| i32::try_from(row).ok()).map_or(HEAD / 2, |row| HEAD + ROW * row + ROW / 2 + 2)
    };
    Link {
        parent: relation.parent,
        parent_y: height(relation.parent, relation.referenced.first()),
        child: relation.child,
        child_y: height(relation.child, relation.columns.first()),
        optional: relation.optional,
        many: relation.many,
    }
}

fn size(entity: &Entity) -> Node {
    let gutter = gutter(entity);
    let field = |field: &Field| {
        let ty = cut(&field.ty, LONGEST_TYPE).width();
        gutter + cells(cut(&field.name, LONGEST_NAME).width() + ty + if ty > 0 { 2 } else { 0 }) + PAD
    };
    let name = cells(cut(&entity.name, LONGEST_NAME).width()) + 2 * PAD;
    let more = hidden(entity).map_or(0, |text| gutter + cells(text.width()) + PAD);
    let width = entity.fields.iter().map(field).max().unwrap_or(0).max(name).max(more).max(90);
    let rows = i32::try_from(entity.fields.len()).unwrap_or(i32::MAX / 64);
    let rows = rows + i32::from(hidden(entity).is_some());
    Node { width, height: HEAD + ROW * rows + if rows > 0 { 4 } else { 0 } }
}

/// Before the names of columns: room for PK and FK.
fn gutter(entity: &Entity) -> i32 {
    if entity.fields.iter().any(|field| field.primary && field.foreign) { 42 } else { 30 }
}

fn cells(count: usize) -> i32 {
    (count as f64 * CELL).ceil() as i32
}

/// What is said of columns that are not shown; nothing where names alone are shown.
fn hidden(entity: &Entity) -> Option<String> {
    match (entity.fields.is_empty(), entity.hidden) {
        (true, _) | (_, 0) => None,
        (_, 1) => Some("1 more column".into()),
        (_, count) => Some(format!("{count} more columns")),
    }
}

/// Text cut to a number of cells.
fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > most {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

fn draw_entity(out: &mut String, entity: &Entity, node: &Node, place: (i32, i32), options: &SvgOptions<'_>) {
    let (width, height) = (node.width, node.height);
    let class = if entity.focus { " class=\"er-f\"" } else { "" };
    let _ = write!(out, "<g{class} transform=\"translate({} {})\">", place.0, place.1);
    let _ = write!(out, "<rect class=\"er-b\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>");
    let target = options.link.filter(|_| !entity.focus).map(|link| link(entity.id));
    if let Some(target) = &target {
        // The same link is in the text: the keyboard need not stop here too.
        let _ = write!(out, "<a href=\"{}\" tabindex=\"-1\">", escaped(target));
    }
    match height == HEAD {
        true => {
            let _ = write!(out, "<rect class=\"er-h\" width=\"{width}\" height=\"{HEAD}\" rx=\"5\"/>");
        }
        false => {
            let (right, down) = (width - 10, HEAD - 5);
            let _ =
                write!(out, "<path class=\"er-h\" d=\"M0 {HEAD}v-{down}q0-5 5-5h{right}q5 0 5 5v{down}z\"/>");
        }
    }
    let _ = write!(out, "<text class=\"er-n\" x=\"{PAD}\" y=\"16\">");
    draw_text(out, &entity.name, LONGEST_NAME);
    if target.is_some() {
        out.push_str("</a>");
    }
    for (row, field) in (0..).zip(&entity.fields) {
        draw_field(out, field, gutter(entity), width, HEAD + ROW * row + 15);
    }
    if let Some(text) = hidden(entity) {
        let _ =
            write!(out, "<text class=\"er-m\" x=\"{}\" y=\"{}\">{text}</text>", gutter(entity), height - 9);
    }
    out.push_str("</g>");
}

fn draw_field(out: &mut String, field: &Field, gutter: i32, width: i32, y: i32) {
    let mark = match (field.primary, field.foreign, field.unique) {
        (true, true, _) => "PK FK",
        (true, false, _) => "PK",
        (false, true, _) => "FK",
        (false, false, true) => "UK",
        _ => "",
    };
    if !mark.is_empty() {
        let _ = write!(out, "<text class=\"er-k\" x=\"{PAD}\" y=\"{y}\">{mark}</text>");
    }
    let _ = write!(out, "<text x=\"{gutter}\" y=\"{y}\">");
    draw_text(out, &field.name, LONGEST_NAME);
    if !field.ty.is_empty() {
        let _ = write!(out, "<text class=\"er-t\" x=\"{}\" y=\"{y}\">", width - PAD);
        draw_text(out, &field.ty, LONGEST_TYPE);
    }
}

/// The inside of a text element, and its end; what was cut is whole in the tooltip.
fn draw_text(out: &mut String, text: &str, most: usize) {
    let shown = cut(text, most);
    push_escaped(out, &shown);
    if shown != text {
        out.push_str("<title>");
        push_escaped(out, text);
        out.push_str("</title>");
    }
    out.push_str("</text>");
}

fn draw_wire(out: &mut String, diagram: &Diagram, wire: &Wire) {
    out.push_str("<g class=\"er-w\"><title>");
    for (at, &link) in wire.links.iter().take(6).enumerate() {
        let relation = &diagram.relations[link];
        let text = format!(
            "{}{} ({}) → {}",
            if at > 0 { "\n" } else { "" },
            diagram.entities[relation.child].name,
            relation.columns.join(", "),
            diagram.entities[relation.parent].name
        );
        push_escaped(out, &text);
    }
    if wire.links.len() > 6 {
        let _ = write!(out, "\n… {} more", wire.links.len() - 6);
    }
    out.push_str("</title><path d=\"");
    wire.lines.iter().for_each(|line| draw_line(out, line));
    wire.ends.iter().for_each(|end| draw_mark(out, end));
    out.push_str("\"/>");
    for end in wire.ends.iter().filter(|end| end.mark != Mark::One) {
        let away = if end.mark == Mark::ZeroOrMany { 15 } else { 12 };
        let x = end.x + if end.right { away } else { -away };
        let _ = write!(out, "<circle cx=\"{x}\" cy=\"{}\" r=\"3.5\"/>", end.y);
    }
    out.push_str("</g>");
}

/// A line with its corners rounded.
fn draw_line(out: &mut String, line: &[(i32, i32)]) {
    let Some(first) = line.first() else { return };
    let _ = write!(out, "M{} {}", first.0, first.1);
    for at in 1..line.len() {
        let (x, y) = line[at];
        let before = line[at - 1];
        let Some(&after) = line.get(at + 1) else {
            straight(out, before, (x, y));
            continue;
        };
        let radius = (length(before, (x, y)) / 2).min(length((x, y), after) / 2).min(6);
        let (from, to) = (toward((x, y), before, radius), toward((x, y), after, radius));
        straight(out, before, from);
        if radius > 0 {
            let _ = write!(out, "Q{x} {y} {} {}", to.0, to.1);
        }
    }
}

fn straight(out: &mut String, from: (i32, i32), to: (i32, i32)) {
    let _ = match from.1 == to.1 {
        true => write!(out, "H{}", to.0),
        false => write!(out, "V{}", to.1),
    };
}

fn length(a: (i32, i32), b: (i32, i32)) -> i32 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

fn toward(from: (i32, i32), to: (i32, i32), by: i32) -> (i32, i32) {
    (from.0 + (to.0 - from.0).signum() * by, from.1 + (to.1 - from.1).signum() * by)
}

/// The strokes of a mark; circles are drawn apart.
fn draw_mark(out: &mut String, end: &End) {
    let (x, y) = (end.x, end.y);
    let away = |by: i32| if end.right { x + by } else { x - by };
    let _ = match end.mark {
        Mark::One => write!(out, "M{} {}v10M{} {}v10", away(6), y - 5, away(10), y - 5),
        Mark::ZeroOrOne => write!(out, "M{} {}v10", away(6), y - 5),
        Mark::ZeroOrMany => write!(out, "M{x} {}L{} {y}L{x} {}", y - 5, away(11), y + 5),
    };
}

/// Text as XML and HTML take it; control characters, which XML forbids, become blanks.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_escaped(&mut out, text);
    out
}

/// Adds text as XML and HTML take it.
pub fn push_escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
}
