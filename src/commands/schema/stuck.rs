//! What is to stay and cannot, as it names a column that goes.

use std::collections::BTreeSet;

use crate::definition::unquoted_name;
use crate::engine::engine_for;
use crate::model::catalog::{
    Catalog, Constraint, ConstraintKind, Detail, Index, Kind, Name, Object, ObjectId, Trigger,
};
use crate::sql::{Dialect, Lexer, TokenKind};

/// What stays of the first side in the second, in words, with the column that it names: `view v
/// (film.year)`. Of those objects that are in both, only those that are `kept` are the first side's.
pub fn stuck(from: &Catalog, to: &Catalog, kept: &BTreeSet<(Kind, Name)>) -> Vec<String> {
    let mut search =
        Search { to, kept, dialect: engine_for(from.engine).dialect(from.engine), found: Vec::new() };
    for (id, object) in to.iter() {
        let Some(old) = twin(from, object) else { continue };
        let gone =
            old.columns().iter().filter(|old| !object.columns().iter().any(|each| each.name == old.name));
        for column in gone {
            search.parts(old, object, &column.name);
            search.others(id, object, &column.name);
        }
    }
    search.found
}

fn twin<'a>(catalog: &'a Catalog, object: &Object) -> Option<&'a Object> {
    catalog.objects.iter().find(|each| each.kind() == object.kind() && each.name == object.name)
}

struct Search<'a> {
    to: &'a Catalog,
    kept: &'a BTreeSet<(Kind, Name)>,
    dialect: &'static Dialect,
    found: Vec<String>,
}

impl Search<'_> {
    fn tell(&mut self, what: &str, of: &Object, column: &str) {
        let told = format!("{what} ({}.{column})", self.to.short(&of.name));
        if !self.found.contains(&told) {
            self.found.push(told);
        }
    }

    /// What hangs on the table or view itself, and was there before.
    fn parts(&mut self, old: &Object, new: &Object, column: &str) {
        let (triggers, indexes) = match (&old.detail, &new.detail) {
            (Detail::Table(before), Detail::Table(after)) => {
                let policies = after.policies.iter().filter(|each| before.policies.contains(each));
                for policy in policies {
                    let texts = [policy.using.as_deref(), policy.check.as_deref()];
                    if texts.into_iter().flatten().any(|text| self.names(text, new, column, true)) {
                        self.tell(&format!("policy {}", policy.name), new, column);
                    }
                }
                for rule in after.rules.iter().filter(|each| before.rules.contains(each)) {
                    if self.names_row(&rule.definition, column) {
                        self.tell(&format!("rule {}", rule.name), new, column);
                    }
                }
                for each in after.constraints.iter().filter(|each| before.constraints.contains(each)) {
                    if self.excludes_by(each, new, column) {
                        let name = each.name.as_deref().unwrap_or_default();
                        self.tell(&format!("constraint {name}"), new, column);
                    }
                }
                let triggers: Vec<&Trigger> =
                    after.triggers.iter().filter(|each| before.triggers.contains(each)).collect();
                (triggers, Vec::new())
            }
            (Detail::View(before), Detail::View(after)) => (
                after.triggers.iter().filter(|each| before.triggers.contains(each)).collect(),
                after.indexes.iter().filter(|each| before.indexes.contains(each)).collect(),
            ),
            _ => return,
        };
        for trigger in triggers {
            if self.fires_on(trigger, column) {
                self.tell(&format!("trigger {}", trigger.name), new, column);
            }
        }
        for index in indexes {
            if self.is_over(index, new, column) {
                self.tell(&format!("index {}", index.name), new, column);
            }
        }
    }

    fn excludes_by(&self, constraint: &Constraint, of: &Object, column: &str) -> bool {
        constraint.kind == ConstraintKind::Exclusion
            && (constraint.columns.iter().any(|each| each == column)
                || constraint.definition.as_ref().is_some_and(|text| self.names(text, of, column, true)))
    }

    fn fires_on(&self, trigger: &Trigger, column: &str) -> bool {
        let listed = trigger.events.iter().filter_map(|event| event.split_once(" OF ")).any(|(_, list)| {
            list.split(',').any(|each| unquoted_name(each.trim()).eq_ignore_ascii_case(column))
        });
        let texts = [trigger.definition.as_deref(), Some(trigger.action.as_str())];
        listed || texts.into_iter().flatten().any(|text| self.names_row(text, column))
    }

    fn is_over(&self, index: &Index, of: &Object, column: &str) -> bool {
        let expressions = index.keys.iter().filter_map(|key| key.expression.as_deref());
        index.keys.iter().any(|key| key.column.as_deref() == Some(column))
            || index.include.iter().any(|each| each == column)
            || expressions.chain(index.predicate.as_deref()).any(|text| self.names(text, of, column, true))
    }

    /// Views and foreign keys of the objects that were kept.
    fn others(&mut self, id: ObjectId, of: &Object, column: &str) {
        let to = self.to;
        for object in &to.objects {
            if !self.kept.contains(&(object.kind(), object.name.clone())) {
                continue;
            }
            match &object.detail {
                Detail::View(view) if object.depends_on.contains(&id) => {
                    let has = |each: &ObjectId| {
                        *each != id && to.get(*each).columns().iter().any(|other| other.name == column)
                    };
                    let alone = !object.depends_on.iter().any(has);
                    if self.names(&view.query, of, column, alone) {
                        let what = format!("view {}", to.short(&object.name));
                        self.tell(&what, of, column);
                    }
                }
                Detail::Table(table) => {
                    let refers = |each: &&Constraint| match &each.kind {
                        ConstraintKind::ForeignKey(reference) => {
                            reference.table == of.name
                                && reference.referenced.iter().any(|name| name == column)
                        }
                        _ => false,
                    };
                    if table.constraints.iter().any(|each| refers(&each)) {
                        let what = format!("a foreign key of table {}", to.short(&object.name));
                        self.tell(&what, of, column);
                    }
                }
                _ => {}
            }
        }
    }

    fn words<'t>(&self, text: &'t str) -> Vec<(TokenKind, &'t str)> {
        Lexer::new(text, self.dialect).code().map(|(token, text)| (token.kind, text)).collect()
    }

    /// Whether the text of a trigger or rule names the column of its row: `new.column`.
    fn names_row(&self, text: &str, column: &str) -> bool {
        let words = self.words(text);
        words.windows(3).any(|three| {
            let row = three[0].1.to_ascii_lowercase();
            ["new", "old"].contains(&row.trim_matches(['"', '`']))
                && three[1].1 == "."
                && unquoted_name(three[2].1).eq_ignore_ascii_case(column)
        })
    }

    /// Whether a query or expression names the column of a relation: by the relation's name or another
    /// that the text gives it, or, where it has no other of that name, alone.
    fn names(&self, text: &str, of: &Object, column: &str, alone: bool) -> bool {
        let words = self.words(text);
        let is_name = |at: usize| {
            words.get(at).is_some_and(|(kind, _)| matches!(kind, TokenKind::Word | TokenKind::QuotedIdent))
        };
        let name = |at: usize| words.get(at).map(|(_, text)| unquoted_name(text)).unwrap_or_default();
        let mut called = vec![of.name.name.to_lowercase()];
        for at in (0..words.len()).filter(|at| name(*at).eq_ignore_ascii_case(&of.name.name)) {
            let next = at + 1 + usize::from(name(at + 1).eq_ignore_ascii_case("as"));
            if is_name(next) {
                called.push(name(next).to_lowercase());
            }
        }
        let alone = alone && !words.iter().any(|(_, text)| text.eq_ignore_ascii_case("with"));
        (0..words.len()).filter(|at| name(*at).eq_ignore_ascii_case(column)).any(|at| {
            let before = at.checked_sub(1).map(name).unwrap_or_default();
            match before.as_str() {
                "." => at >= 2 && called.contains(&name(at - 2).to_lowercase()),
                word => {
                    alone && !word.eq_ignore_ascii_case("as") && name(at + 1) != "(" && name(at + 1) != "."
                }
            }
        })
    }
}
