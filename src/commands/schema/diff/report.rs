//! A difference as text for people and as JSON for scripts.

use serde_json::{Value, json};

use crate::commands::schema::change::Way;
use crate::commands::schema::rename;
use crate::error::Result;
use crate::model::catalog::{Catalog, Constraint, ConstraintKind, Object};
use crate::model::diff::{Change, Facet, Part, Step, What};
use crate::ui::human::counted;
use crate::ui::{Style, Ui};

/// One line of the report, and whether something comes, goes or changes in it.
struct Line {
    pub mark: Mark,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Comes,
    Goes,
    Changes,
}

impl Mark {
    pub fn sign(self) -> char {
        match self {
            Mark::Comes => '+',
            Mark::Goes => '-',
            Mark::Changes => '~',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Mark::Comes => "create",
            Mark::Goes => "drop",
            Mark::Changes => "alter",
        }
    }
}

/// Prints what differs, and in one line how much it is.
pub fn print(ui: &Ui, from: &Catalog, way: &Way) -> Result<()> {
    let text = text(ui, from, way, true);
    if !text.is_empty() {
        ui.print(&text)?;
    }
    ui.status(&summary(way));
    Ok(())
}

/// What differs, line by line.
pub fn text(ui: &Ui, from: &Catalog, way: &Way, painted: bool) -> String {
    let mut text = String::new();
    for line in lines(from, way) {
        let style = match line.mark {
            Mark::Comes => Style::Green,
            Mark::Goes => Style::Red,
            Mark::Changes => Style::Yellow,
        };
        let plain = format!("{} {}", line.mark.sign(), line.text);
        text.push_str(&if painted { ui.paint(style, &plain) } else { plain });
        text.push('\n');
    }
    text
}

/// The report, line by line; `from` is the first catalog as it was before any rename.
fn lines(from: &Catalog, way: &Way) -> Vec<Line> {
    let renamed = way.renames.iter().map(|each| (Mark::Changes, rename::words(from, each)));
    let mut lines: Vec<Line> = renamed.map(|(mark, text)| Line { mark, text }).collect();
    let (from, to) = (&way.from, &way.to);
    for change in &way.changes {
        let (mark, text) = match change {
            Change::Create { to: id } => (Mark::Comes, whole(to, to.get(*id))),
            Change::Drop { from: id } => (Mark::Goes, whole(from, from.get(*id))),
            Change::Alter { to: id, .. } => (Mark::Changes, title(to, to.get(*id))),
        };
        lines.push(Line { mark, text });
        if let Change::Alter { from: old, to: new, parts } = change {
            let (old, new) = (from.get(*old), to.get(*new));
            lines.extend(parts.iter().flat_map(|part| match other_name(part, old, new) {
                Some(text) => vec![Line { mark: Mark::Changes, text: format!("    {text}") }],
                None => part_lines(part),
            }));
        }
    }
    lines
}

/// `table film`; a routine with its arguments.
pub fn title(catalog: &Catalog, object: &Object) -> String {
    let name = catalog.short(&object.name);
    match &object.signature {
        None => format!("{} {name}", object.kind().word()),
        Some(signature) => format!("{} {name}({signature})", object.kind().word()),
    }
}

/// The title of an object that comes or goes, and how much it is.
fn whole(catalog: &Catalog, object: &Object) -> String {
    match object.columns().len() as u64 {
        0 => title(catalog, object),
        columns => format!("{} ({})", title(catalog, object), counted(columns, "columns")),
    }
}

/// A NOT NULL of the usual name is not told as a constraint: one that gets that name, or another, does
/// not go or come with it.
fn other_name(part: &Part, old: &Object, new: &Object) -> Option<String> {
    let (has, other, words) = match &part.step {
        Step::Drop { .. } => (old, new, "gets the usual name"),
        Step::Add { .. } => (new, old, "had the usual name"),
        Step::Alter { .. } => return None,
    };
    let (has, other) = (has.as_table()?, other.as_table()?);
    let is_not_null = |each: &&Constraint| each.kind == ConstraintKind::NotNull;
    let named = |each: &&Constraint| each.name.as_deref() == Some(part.name.as_str());
    let constraint =
        has.constraints.iter().filter(|_| part.what == What::Constraint).filter(is_not_null).find(named)?;
    let column = constraint.columns.first()?;
    let stays = other.columns.iter().any(|each| each.name == *column && !each.nullable)
        && !other.constraints.iter().filter(is_not_null).any(|each| each.columns == constraint.columns);
    stays.then(|| format!("constraint {} not null {column}: {words}", part.name))
}

fn part_lines(part: &Part) -> Vec<Line> {
    let head = match (part.what, part.name.is_empty()) {
        (What::Itself, _) => String::new(),
        (what, true) => format!("{} ", what.word()),
        (what, false) => format!("{} {} ", what.word(), part.name),
    };
    let line = |mark, rest: &str| Line { mark, text: format!("    {head}{rest}").trim_end().to_owned() };
    match &part.step {
        Step::Add { to } => vec![line(Mark::Comes, to)],
        Step::Drop { from } => vec![line(Mark::Goes, from)],
        Step::Alter { facets } => facets.iter().flat_map(|facet| facet_lines(&head, facet)).collect(),
    }
}

/// One line for what fits on one; a text of several lines is shown as what goes and what comes.
fn facet_lines(head: &str, facet: &Facet) -> Vec<Line> {
    let Facet { property, from, to } = facet;
    let line = |mark, text: String| Line { mark, text: format!("    {text}") };
    if from.contains('\n') || to.contains('\n') {
        let mut lines = vec![line(Mark::Changes, format!("{head}{property}"))];
        let (gone, come) = changed_lines(from, to);
        lines.extend(gone.into_iter().map(|text| line(Mark::Goes, format!("    {text}"))));
        lines.extend(come.into_iter().map(|text| line(Mark::Comes, format!("    {text}"))));
        return lines;
    }
    let shown = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
    vec![line(Mark::Changes, format!("{head}{property}: {} -> {}", shown(from), shown(to)))]
}

/// The lines of two texts that differ, without what both begin and end with.
fn changed_lines<'a>(from: &'a str, to: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut from, mut to): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    from.drain(..same);
    to.drain(..same);
    while !from.is_empty() && from.last() == to.last() {
        from.pop();
        to.pop();
    }
    (from, to)
}

/// How much differs, in one line.
pub fn summary(way: &Way) -> String {
    let count = |wanted: Mark| way.changes.iter().filter(|change| mark(change) == wanted).count();
    let parts: Vec<String> = [
        (way.renames.len(), "to rename"),
        (count(Mark::Comes), "to create"),
        (count(Mark::Goes), "to drop"),
        (count(Mark::Changes), "to alter"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    match (way.changes.len() as u64, parts.is_empty()) {
        (_, true) => "no difference".into(),
        (0, false) => parts.join(", "),
        (1, false) => format!("1 object differs: {}", parts.join(", ")),
        (count, false) => format!("{count} objects differ: {}", parts.join(", ")),
    }
}

fn mark(change: &Change) -> Mark {
    match change {
        Change::Create { .. } => Mark::Comes,
        Change::Drop { .. } => Mark::Goes,
        Change::Alter { .. } => Mark::Changes,
    }
}

/// The document of `--format json`.
pub fn document(from: &Catalog, way: &Way) -> Value {
    let object = |catalog: &Catalog, object: &Object, change: &Change, parts: &[Part]| {
        let mut value = json!({
            "change": mark(change).word(),
            "kind": object.kind(),
            "name": object.name.name,
            "parts": parts,
        });
        if !object.name.schema.is_empty() {
            value["schema"] = json!(object.name.schema);
        }
        if let Some(signature) = &object.signature {
            value["signature"] = json!(signature);
        }
        value["title"] = json!(title(catalog, object));
        value
    };
    let (renamed, to) = (&way.from, &way.to);
    let changes: Vec<Value> = way
        .changes
        .iter()
        .map(|change| match change {
            Change::Create { to: id } => object(to, to.get(*id), change, &[]),
            Change::Drop { from: id } => object(renamed, renamed.get(*id), change, &[]),
            Change::Alter { to: id, parts, .. } => object(to, to.get(*id), change, parts),
        })
        .collect();
    json!({
        "version": 1,
        "kind": "schema_diff",
        "from": from.database,
        "to": to.database,
        "renames": way.renames,
        "changes": changes,
    })
}
