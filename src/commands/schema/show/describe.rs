//! The whole description of one object.

use std::collections::BTreeMap;

use super::{facts, relation};
use crate::engine::engine_for;
use crate::model::catalog::{Catalog, Detail, Domain, Grant, Object, ObjectId, Routine, Sequence, Type};
use crate::model::listing::Listing;
use crate::sql::Dialect;
use crate::ui::human;

/// Lines below a table.
#[derive(Default)]
pub struct Notes(Vec<String>);

impl Notes {
    /// `title: text`, unless there is no text.
    pub fn line(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            self.0.push(format!("{title}: {text}"));
        }
    }

    /// Lines below a title, unless there are none.
    pub fn section(&mut self, title: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.0.push(format!("{title}:"));
            self.0.extend(lines.into_iter().map(|line| format!("    {line}").trim_end().to_owned()));
        }
    }
}

/// The lines of a text, moved to the left as far as they go together.
pub fn body(text: &str) -> Vec<String> {
    let text = text.trim_end().trim_start_matches(['\n', '\r']);
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().replace('\t', "    ")).collect();
    let indent = |line: &String| line.len() - line.trim_start_matches(' ').len();
    // The first line often begins behind a word that was cut off.
    let common = lines.iter().skip(1).filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    for (index, line) in lines.iter_mut().enumerate() {
        let less = if index == 0 { indent(line) } else { common.min(indent(line)) };
        *line = line.split_off(less);
    }
    lines
}

/// Describes an object.
pub fn describe(catalog: &Catalog, id: ObjectId) -> Listing {
    let object = catalog.get(id);
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    let mut notes = Notes::default();
    notes.line("Comment", object.comment.as_deref().unwrap_or_default());
    notes.line("Owner", object.owner.as_deref().unwrap_or_default());
    notes.line("Extension", object.extension.as_deref().unwrap_or_default());
    notes.line("Size", &amounts(object));
    let options: Vec<String> = object.attributes.iter().map(facts::attribute).collect();
    notes.line("Options", &options.join(", "));
    let mut listing = Listing::default();
    match &object.detail {
        Detail::Table(table) => {
            listing = relation::columns(&table.columns);
            relation::describe_table(catalog, dialect, object, table, &mut notes);
        }
        Detail::View(view) => {
            listing = relation::columns(&view.columns);
            relation::describe_view(dialect, view, &mut notes);
        }
        Detail::Routine(each) => routine(object, each, &mut notes),
        Detail::Sequence(each) => sequence(catalog, each, &mut notes),
        Detail::Type(Type::Composite { columns }) => listing = relation::columns(columns),
        Detail::Type(Type::Enum { labels }) => notes.section("Labels", labels.clone()),
        Detail::Type(Type::Domain(each)) => domain(dialect, each, &mut notes),
        Detail::Extension { version } => notes.line("Version", version),
        Detail::Schema | Detail::Type(Type::Other) | Detail::Other { .. } => {
            notes.section("Definition", body(object.definition.as_deref().unwrap_or_default()));
        }
    }
    notes.section("Grants", grants(&object.grants));
    let uses = object.depends_on.iter().map(|id| titled(catalog, catalog.get(*id)));
    notes.section("Needs", uses.collect());
    let users = catalog.objects.iter().filter(|other| other.depends_on.contains(&id));
    notes.section("Needed by", users.map(|other| titled(catalog, other)).collect());
    if listing.rows.is_empty() {
        listing.headers.clear();
    }
    listing.title = titled(catalog, object);
    listing.notes = notes.0;
    listing
}

/// `function public.twice(integer)`.
fn titled(catalog: &Catalog, object: &Object) -> String {
    let signature = object.signature.as_ref().map(|signature| format!("({signature})")).unwrap_or_default();
    format!("{} {}{signature}", facts::sort_of(object), catalog.short(&object.name))
}

fn amounts(object: &Object) -> String {
    let (rows, bytes) = match &object.detail {
        Detail::Table(table) => (table.rows, table.bytes),
        Detail::View(view) => (view.rows, view.bytes),
        _ => (None, None),
    };
    let rows = rows.map(|rows| format!("about {}", human::counted(rows, "rows")));
    let bytes = bytes.map(human::bytes);
    rows.into_iter().chain(bytes).collect::<Vec<_>>().join(", ")
}

fn routine(object: &Object, routine: &Routine, notes: &mut Notes) {
    notes.line("Arguments", &facts::one_line(&routine.arguments));
    notes.line("Returns", routine.returns.as_deref().unwrap_or_default());
    notes.line("Language", &routine.language);
    let text = object.definition.as_deref().or(routine.body.as_deref());
    notes.section("Definition", body(text.unwrap_or_default()));
}

fn sequence(catalog: &Catalog, sequence: &Sequence, notes: &mut Notes) {
    notes.line("Type", &sequence.ty);
    notes.line("Start", &sequence.start.to_string());
    notes.line("Increment", &sequence.increment.to_string());
    notes.line("From", &format!("{} to {}", sequence.min, sequence.max));
    notes.line("Cache", &sequence.cache.to_string());
    notes.line("Cycle", if sequence.cycle { "yes" } else { "no" });
    if let Some((table, column)) = &sequence.owned_by {
        notes.line("Belongs to", &format!("{}.{column}", catalog.short(table)));
    }
}

fn domain(dialect: &Dialect, domain: &Domain, notes: &mut Notes) {
    notes.line("Type", &domain.base);
    notes.line("Null", if domain.nullable { "" } else { "not null" });
    notes.line("Default", domain.default.as_deref().unwrap_or_default());
    notes.line("Collation", domain.collation.as_deref().unwrap_or_default());
    let constraints = domain.constraints.iter().map(|each| relation::constraint(dialect, each));
    notes.section("Constraints", constraints.collect());
}

/// A line for each role: `ann: SELECT, INSERT with grant option`.
fn grants(grants: &[Grant]) -> Vec<String> {
    let mut roles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for grant in grants {
        let option = if grant.grantable { " with grant option" } else { "" };
        roles.entry(&grant.grantee).or_default().push(format!("{}{option}", grant.privilege));
    }
    roles.into_iter().map(|(role, rights)| format!("{role}: {}", rights.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_move_to_the_left() {
        assert_eq!(body("begin\n      select 1;\n    end\n"), ["begin", "  select 1;", "end"]);
        assert_eq!(body("\n  a\n\n\tb"), ["a", "", "b"]);
        assert!(body("").is_empty());
    }
}
