//! Types that stay, and those that a new one takes the place of.
//!
//! An enum can get labels, and lose none. A type that cannot be altered is set aside under another
//! name, the new one is made, the columns are carried over, and the old one is dropped.

use super::mention::Mentioned;
use super::{Fate, Work, alter, loss, probes, stops};
use crate::ddl::text::{ident, literal, qualified};
use crate::ddl::types as printed;
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Detail, Domain, Kind, Name, Object, ObjectId, Type,
    attribute,
};
use crate::model::diff::Change;
use crate::sql::{Lexer, POSTGRES};

pub fn changes_in_place(from: &Catalog, old: &Object, before: &Type, _new: &Object, after: &Type) -> bool {
    match (before, after) {
        (Type::Enum { labels: old }, Type::Enum { labels: new }) => {
            let mut rest = new.iter();
            old.iter().all(|label| rest.any(|each| each == label))
        }
        (Type::Composite { columns: before }, Type::Composite { columns: after }) => {
            let same_type = |column: &Column| {
                let new = after.iter().find(|each| each.name == column.name);
                new.is_none_or(|new| new.ty == column.ty && new.collation == column.collation)
            };
            before.iter().all(same_type) || !is_column_type(from, &old.name)
        }
        (Type::Domain(before), Type::Domain(after)) => {
            before.base == after.base && before.collation == after.collation
        }
        _ => false,
    }
}

/// Whether a column of a table has the type, or an array of it.
fn is_column_type(catalog: &Catalog, name: &Name) -> bool {
    let ty = qualified(name);
    catalog
        .tables()
        .any(|(_, table)| table.columns.iter().any(|column| column.ty.trim_end_matches("[]") == ty))
}

/// Gives a column of a type, or of an array of it, that type's other name.
fn retype(column: &mut Column, before: &str, after: &str) {
    if column.ty.trim_end_matches("[]") == before {
        column.ty = column.ty.replacen(before, after, 1);
    }
}

/// What a range type has beside itself, which has a name that the new one will take: a multirange
/// type (since 14), and functions that make values of both.
struct Range<'a> {
    name: &'a Name,
    subtype: &'a str,
    multirange: Option<&'a str>,
}

impl<'a> Range<'a> {
    fn of(object: &'a Object) -> Option<Self> {
        let (_, options) = object.definition.as_deref()?.split_once(" AS RANGE (")?;
        let subtype = option(options, "subtype = ")?;
        Some(Range { name: &object.name, subtype, multirange: option(options, "multirange_type_name = ") })
    }

    /// Other names for these, when the range type itself has another.
    fn aside(&self, aside: &Name, multirange: &Name) -> Vec<String> {
        let rename = |what: String, to: &Name| format!("ALTER {what} RENAME TO {}", ident(&to.name));
        let (range, subtype) = (qualified(self.name), self.subtype);
        let mut sql = vec![
            rename(format!("FUNCTION {range}({subtype}, {subtype})"), aside),
            rename(format!("FUNCTION {range}({subtype}, {subtype}, pg_catalog.text)"), aside),
        ];
        if let Some(name) = self.multirange {
            sql.push(rename(format!("FUNCTION {name}()"), multirange));
            sql.push(rename(format!("TYPE {name}"), multirange));
        }
        sql
    }
}

/// The value of an option, in a list of a definition as the catalog writes it.
fn option<'a>(options: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = options.split_once(name)?;
    let mut quoted = false;
    let end = rest.find(|each| {
        quoted ^= each == '"';
        !quoted && matches!(each, ',' | ')')
    });
    Some(&rest[..end?])
}

/// The constraints of a domain that go, or stand on what goes.
pub fn shaken_constraints<'a>(
    old: &'a Domain,
    new: &Domain,
    is_shaken: impl Fn(&str) -> bool,
) -> Vec<&'a String> {
    let goes = |each: &&Constraint| {
        let stays = new
            .constraints
            .iter()
            .any(|new| new.name == each.name && super::parts::same_constraint(each, new));
        !stays || is_shaken(super::parts::constraint_text(each))
    };
    old.constraints.iter().filter(goes).filter_map(|each| each.name.as_ref()).collect()
}

impl Work<'_> {
    /// Whether a table that keeps its rows stands on a type, itself or by another type.
    pub(super) fn is_used_by_tables(&self, id: ObjectId) -> bool {
        let mut users = self.from.iter().filter(|(user, each)| *user != id && each.depends_on.contains(&id));
        users.any(|(user, each)| match each.kind() {
            Kind::Table => self.has_rows(&each.name),
            Kind::Type => !self.from.get(id).depends_on.contains(&user) && self.is_used_by_tables(user),
            _ => false,
        })
    }

    /// Labels that come, before all else: a label can be used when the transaction that adds it has
    /// ended.
    pub(super) fn add_labels(&mut self) {
        let (from, to) = (self.from, self.to);
        for change in self.changes {
            let Change::Alter { from: old, to: new, .. } = change else { continue };
            if self.fates.get(*old) != Fate::Stays {
                continue;
            }
            let (Detail::Type(Type::Enum { labels: before }), Detail::Type(Type::Enum { labels: after })) =
                (&from.get(*old).detail, &to.get(*new).detail)
            else {
                continue;
            };
            let new = to.get(*new);
            let sql = added_labels(&new.name, before, after);
            if !sql.is_empty() {
                self.step("add label", new, sql);
            }
        }
    }

    /// Labels that the plan itself uses must be there when its transaction begins.
    pub(super) fn commit_labels(&mut self) {
        let used: Vec<bool> = self
            .plan
            .steps
            .iter()
            .map(|step| {
                let label = |sql: &String| sql.split(" ADD VALUE ").nth(1).map(first_literal);
                let labels: Vec<String> = step.sql.iter().filter_map(label).collect();
                let others = self.plan.steps.iter().filter(|other| other.kind != "add label");
                step.kind == "add label"
                    && others
                        .flat_map(|other| &other.sql)
                        .any(|sql| labels.iter().any(|label| sql.contains(label)))
            })
            .collect();
        for (step, used) in self.plan.steps.iter_mut().zip(used) {
            if used {
                step.in_transaction = false;
                step.why = "a label can be used when the transaction that adds it has ended".into();
            }
        }
        // They stand first; what must be committed stands before what need not.
        let labels = self.plan.steps.iter().take_while(|step| step.kind == "add label").count();
        self.plan.steps[..labels].sort_by_key(|step| step.in_transaction);
    }

    /// Gives the type another name, so that the new one can have its own.
    pub(super) fn set_type_aside(&mut self, id: ObjectId) {
        let old = self.from.get(id);
        if self.fates.get(id) != Fate::Again || !self.is_used_by_tables(id) {
            return;
        }
        let aside = self.free_name(&old.name);
        let mut sql = vec![format!("{} RENAME TO {}", alter(old), ident(&aside.name))];
        let mut renamed = vec![(qualified(&old.name), qualified(&aside))];
        if let Some(range) = Range::of(old) {
            let multirange =
                self.free_name(&Name::new(old.name.schema.as_str(), format!("{} multirange", old.name.name)));
            sql.extend(range.aside(&aside, &multirange));
            renamed.extend(range.multirange.map(|name| (name.to_owned(), qualified(&multirange))));
        }
        let step = self.step("set type aside", old, sql);
        step.why = "columns have it until the new one is there".into();
        for name in self.now.names() {
            let Some(table) = self.now.table_mut(&name) else { continue };
            for column in &mut table.columns {
                renamed.iter().for_each(|(before, after)| retype(column, before, after));
            }
        }
        self.aside.insert(old.name.clone(), aside);
    }

    /// Columns that hold rows of a relation hold texts until that is made anew, or for good: it
    /// cannot go while a column is of its type.
    pub(super) fn free_rows(&mut self, relation: &Name) {
        let ty = qualified(relation);
        for name in self.now.names() {
            let Some(object) = self.now.get(&name).filter(|_| self.stays(&name).is_some()).cloned() else {
                continue;
            };
            let Some(table) = object.as_table() else { continue };
            let is_own = |each: &&Column| {
                each.ty.trim_end_matches("[]") == ty && !each.inherited && each.generated.is_none()
            };
            for column in table.columns.iter().filter(is_own) {
                let (at, text) = (ident(&column.name), "pg_catalog.text");
                let table = qualified(&name);
                let sql = format!("ALTER TABLE {table} ALTER COLUMN {at} TYPE {text} USING {at}::{text}");
                let step = self.step("change type", &object, vec![sql]);
                step.lock = super::locks::ACCESS_EXCLUSIVE.into();
                step.rewrites = true;
                step.why = format!("it holds rows of {relation}, which goes or is made anew");
                self.set_column(&name, &column.name, true, |each| "text".clone_into(&mut each.ty));
            }
        }
    }

    /// As [`Self::set_type_aside`].
    pub(super) fn set_collation_aside(&mut self, id: ObjectId) {
        let old = self.from.get(id);
        if self.fates.get(id) != Fate::Again {
            return;
        }
        let aside = self.free_name(&old.name);
        let sql = format!("{} RENAME TO {}", alter(old), ident(&aside.name));
        let step = self.step("set collation aside", old, vec![sql]);
        step.why = "columns have it until the new one is there".into();
        let (before, after) = (qualified(&old.name), qualified(&aside));
        for name in self.now.names() {
            let Some(table) = self.now.table_mut(&name) else { continue };
            let having = table.columns.iter_mut().filter(|each| each.collation.as_ref() == Some(&before));
            having.for_each(|column| column.collation = Some(after.clone()));
        }
        self.aside_collations.insert(old.name.clone(), aside);
    }

    pub(super) fn drop_aside_collations(&mut self, going: &[ObjectId]) {
        for &id in going {
            let object = self.from.get(id);
            let aside = self.aside_collations.get(&object.name).filter(|_| object.kind() == Kind::Collation);
            if let Some(aside) = aside {
                let sql = format!("DROP COLLATION {}", qualified(aside));
                self.step("drop old collation", object, vec![sql]);
            }
        }
    }

    /// A column of the first catalog under the name that its type has by now.
    pub(super) fn with_type_aside(&self, column: &Column) -> Column {
        let mut column = column.clone();
        for (before, after) in &self.aside {
            retype(&mut column, &qualified(before), &qualified(after));
        }
        column
    }

    /// A name that neither catalog has.
    pub(super) fn free_name(&self, name: &Name) -> Name {
        let taken = |name: &Name| {
            [self.from, self.to]
                .iter()
                .any(|catalog| catalog.objects.iter().any(|object| object.name == *name))
        };
        let names = (1_u32..).map(|number| {
            let end = if number == 1 { " before".to_owned() } else { format!(" before {number}") };
            let mut start = name.name.clone();
            while start.len() + end.len() > 63 {
                start.pop();
            }
            Name::new(name.schema.as_str(), start + &end)
        });
        names.into_iter().find(|name| !taken(name)).unwrap_or_default()
    }

    pub(super) fn drop_aside_types(&mut self, going: &[ObjectId]) {
        for &id in going {
            let object = self.from.get(id);
            let Detail::Type(ty) = &object.detail else { continue };
            let Some(aside) = self.aside.get(&object.name).cloned() else { continue };
            let word = if matches!(ty, Type::Domain(_)) { "DOMAIN" } else { "TYPE" };
            self.step("drop old type", object, vec![format!("DROP {word} {}", qualified(&aside))]);
        }
    }

    pub(super) fn alter_type(&mut self, new: &Object, before: &Type, after: &Type) {
        match (before, after) {
            (Type::Composite { columns: before }, Type::Composite { columns: after }) => {
                self.alter_composite(new, before, after);
            }
            (Type::Domain(before), Type::Domain(after)) => self.alter_domain(new, before, after),
            _ => {}
        }
    }

    fn alter_composite(&mut self, new: &Object, before: &[Column], after: &[Column]) {
        let ty = qualified(&new.name);
        let typed: Vec<Name> = self
            .now
            .names()
            .into_iter()
            .filter(|name| {
                let of = self.now.get(name).and_then(|object| attribute(&object.attributes, "of"));
                of == Some(ty.as_str())
            })
            .collect();
        let cascade = if typed.is_empty() { "" } else { " CASCADE" };
        let mut changes = Vec::new();
        let mut lost = Vec::new();
        for column in before.iter().filter(|column| !after.iter().any(|each| each.name == column.name)) {
            changes.push(format!("DROP ATTRIBUTE {}{cascade}", ident(&column.name)));
            lost.push(column.name.clone());
        }
        for column in after {
            let collate = column.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
            let name = ident(&column.name);
            match before.iter().find(|each| each.name == column.name) {
                None => changes.push(format!("ADD ATTRIBUTE {name} {}{collate}{cascade}", column.ty)),
                Some(old) if old.ty != column.ty || old.collation != column.collation => {
                    changes.push(format!("ALTER ATTRIBUTE {name} TYPE {}{collate}{cascade}", column.ty));
                }
                Some(_) => {}
            }
        }
        let kept: Vec<&String> =
            before.iter().map(|each| &each.name).filter(|name| !lost.contains(name)).collect();
        let added = after.iter().map(|each| &each.name).filter(|name| !kept.contains(name));
        let order: Vec<&String> = kept.iter().copied().chain(added).collect();
        if order != after.iter().map(|each| &each.name).collect::<Vec<_>>() {
            self.leave(
                format!("{}: order of columns", self.label(new)),
                "no statement moves an attribute; new ones come last",
            );
        }
        if changes.is_empty() {
            return;
        }
        let sql: Vec<String> = changes.iter().map(|change| format!("ALTER TYPE {ty} {change}")).collect();
        let is_used = is_column_type(self.from, &new.name) || !typed.is_empty();
        let retyped = changes.iter().any(|change| change.starts_with("ALTER"));
        let step = self.step("alter type", new, sql);
        if !typed.is_empty() {
            step.lock = super::locks::ACCESS_EXCLUSIVE.into();
            step.rewrites = retyped;
        }
        if is_used && !lost.is_empty() {
            step.loses.extend(loss(format!("the values of {}", lost.join(", ")), None));
        }
        for name in typed {
            let Some(table) = self.now.table_mut(&name) else { continue };
            table.columns.retain(|column| !lost.contains(&column.name));
            for column in after {
                match table.columns.iter_mut().find(|each| each.name == column.name) {
                    Some(each) => {
                        each.ty.clone_from(&column.ty);
                        each.collation.clone_from(&column.collation);
                    }
                    None => table.columns.push(Column { comment: None, nullable: true, ..column.clone() }),
                }
            }
        }
    }

    fn alter_domain(&mut self, new: &Object, before: &Domain, after: &Domain) {
        let at = format!("ALTER DOMAIN {}", qualified(&new.name));
        let shaken = |text: &str| Mentioned::of(text).names_any(&self.fates.gone);
        let dropped: Vec<String> = shaken_constraints(before, after, shaken).into_iter().cloned().collect();
        let default_gone = before.default.as_deref().is_some_and(shaken);
        let mut sql = Vec::new();
        match &after.default {
            Some(default) if default_gone || before.default.as_ref() != Some(default) => {
                sql.push(format!("{at} SET DEFAULT {default}"));
            }
            None if before.default.is_some() && !default_gone => sql.push(format!("{at} DROP DEFAULT")),
            _ => {}
        }
        let is_named =
            |domain: &Domain| domain.constraints.iter().any(|each| each.kind == ConstraintKind::NotNull);
        let mut losses = Vec::new();
        if before.nullable != after.nullable && !is_named(after) {
            match after.nullable {
                false => {
                    sql.push(format!("{at} SET NOT NULL"));
                    losses.extend(self.domain_loss(&new.name, "nulls", "VALUE IS NULL"));
                }
                // A constraint with a name was dropped by it.
                true if !is_named(before) => sql.push(format!("{at} DROP NOT NULL")),
                true => {}
            }
        }
        for each in &after.constraints {
            let old = before.constraints.iter().find(|old| old.name == each.name);
            let stays = old.filter(|old| old.name.as_ref().is_some_and(|name| !dropped.contains(name)));
            match stays {
                Some(old) if !old.validated && each.validated => {
                    let Some(name) = &each.name else { continue };
                    sql.push(format!("{at} VALIDATE CONSTRAINT {}", ident(name)));
                }
                Some(_) => {}
                None => {
                    sql.push(format!("{at} ADD {}", printed::constraint_text(each)));
                    let condition = match &each.kind {
                        ConstraintKind::Check { .. } => {
                            let text = each.definition.as_deref().unwrap_or_default();
                            text.strip_prefix("CHECK ").map(|check| format!("NOT {check}"))
                        }
                        _ => Some("VALUE IS NULL".to_owned()),
                    };
                    if each.validated
                        && let Some(condition) = condition
                    {
                        losses.extend(self.domain_loss(&new.name, "values that break it", &condition));
                    }
                }
            }
        }
        if !sql.is_empty() {
            let step = self.step("alter domain", new, sql);
            step.lock = super::locks::SHARE.into();
            step.loses.extend(losses);
        }
    }

    /// Rows that a new constraint of a domain would not take, in any column of it.
    fn domain_loss(&self, domain: &Name, what: &str, condition: &str) -> Option<crate::model::plan::Loss> {
        let ty = qualified(domain);
        let mut probes = Vec::new();
        for (object, table) in self.from.tables() {
            for column in table.columns.iter().filter(|column| column.ty == ty) {
                probes.push(format!("({})", probes::row_where(object, &in_column(condition, &column.name))));
            }
        }
        if probes.is_empty() {
            return None;
        }
        stops(what, Some(probes.join("\nUNION ALL ")), None)
    }
}

/// A condition on VALUE as one on a column.
fn in_column(condition: &str, column: &str) -> String {
    let mut text = String::new();
    for token in Lexer::new(condition, &POSTGRES) {
        let word = token.text(condition);
        match word == "VALUE" {
            true => text += &ident(column),
            false => text += word,
        }
    }
    text
}

/// Each new label after the one that stands before it.
fn added_labels(name: &Name, before: &[String], after: &[String]) -> Vec<String> {
    let mut there: Vec<&String> = before.iter().collect();
    let mut sql = Vec::new();
    for (at, label) in after.iter().enumerate() {
        if there.contains(&label) {
            continue;
        }
        let place = match (at.checked_sub(1).map(|at| &after[at]), before.first()) {
            (Some(previous), _) => format!(" AFTER {}", literal(previous)),
            (None, Some(first)) => format!(" BEFORE {}", literal(first)),
            (None, None) => String::new(),
        };
        sql.push(format!("ALTER TYPE {} ADD VALUE {}{place}", qualified(name), literal(label)));
        there.push(label);
    }
    sql
}

/// The literal that a text begins with.
fn first_literal(text: &str) -> String {
    Lexer::new(text, &POSTGRES).code().next().map(|(_, text)| text.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_find_their_places() {
        let of = |labels: &[&str]| labels.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
        let sql = added_labels(&Name::new("s", "e"), &of(&["b", "d"]), &of(&["a", "b", "it's", "d", "z"]));
        assert_eq!(
            sql,
            [
                "ALTER TYPE s.e ADD VALUE 'a' BEFORE 'b'",
                "ALTER TYPE s.e ADD VALUE 'it''s' AFTER 'b'",
                "ALTER TYPE s.e ADD VALUE 'z' AFTER 'd'",
            ]
        );
        assert_eq!(first_literal("'it''s' AFTER 'b'"), "'it''s'");
    }

    #[test]
    fn conditions_of_domains_are_asked_of_columns() {
        assert_eq!(in_column("NOT ((VALUE > 0))", "Odd"), "NOT ((\"Odd\" > 0))");
    }
}
