//! What of a catalog a definition can hold: without the parts that name objects which it cannot, as
//! nothing that is made from it could be loaded with them.

use std::collections::BTreeSet;

use super::Loss;
use super::expression::unquoted_name;
use crate::engine::engine_for;
use crate::model::catalog::{Catalog, ConstraintKind, Detail, Index, Name, Object, ObjectId, Type};
use crate::sql::{Dialect, Lexer, TokenKind};

/// The catalog without such parts, and what they are.
pub fn only(catalog: &Catalog) -> (Catalog, Vec<Loss>) {
    let mut carried = catalog.clone();
    adopt(&mut carried);
    let away = carried.iter().filter(|(_, object)| is_away(object)).map(|(id, _)| id).collect();
    let mut sieve = Sieve {
        catalog: carried.clone(),
        dialect: engine_for(catalog.engine).dialect(catalog.engine),
        away,
        losses: Vec::new(),
    };
    for object in carried.objects.iter_mut().filter(|object| object.extension.is_none()) {
        sieve.object(object);
    }
    sieve.views();
    let losses = sieve.losses;
    let away = sieve.away;
    let is_left =
        |(id, object): &(ObjectId, &Object)| !matches!(object.detail, Detail::View(_)) || !away.contains(id);
    let left = carried.iter().filter(is_left).map(|(id, _)| id).collect();
    let unread = std::mem::take(&mut carried.unread);
    (Catalog { unread, ..carried.subset(&left) }, losses)
}

/// Whether a definition does not hold the object. A domain is held as its base.
fn is_away(object: &Object) -> bool {
    object.extension.is_some()
        || match &object.detail {
            Detail::Schema | Detail::Table(_) | Detail::View(_) | Detail::Type(Type::Enum { .. }) => false,
            Detail::Sequence(sequence) => !sequence.identity && sequence.owned_by.is_none(),
            _ => true,
        }
}

/// A sequence that gives one column of integers its numbers, and nothing else, is that column's own.
fn adopt(catalog: &mut Catalog) {
    let dialect = engine_for(catalog.engine).dialect(catalog.engine);
    let mut users: Vec<(Name, String, String, bool)> = Vec::new();
    for (object, table) in catalog.tables().filter(|(_, table)| table.partition_of.is_none()) {
        for column in &table.columns {
            if let Some(default) = column.default.as_ref().filter(|text| text.starts_with("nextval('")) {
                let is_integer = ["smallint", "integer", "bigint"].contains(&column.ty.as_str());
                users.push((object.name.clone(), column.name.clone(), default.clone(), is_integer));
            }
        }
    }
    for object in &mut catalog.objects {
        let name = object.name.clone();
        let Detail::Sequence(sequence) = &mut object.detail else { continue };
        let mut of = users.iter().filter(|(_, _, text, _)| says_sequence(text, &name, dialect));
        if let (None, false, Some((table, column, _, true)), None) =
            (&sequence.owned_by, sequence.identity, of.next(), of.next())
        {
            sequence.owned_by = Some((table.clone(), column.clone()));
        }
    }
}

struct Sieve {
    /// As it was read.
    catalog: Catalog,
    dialect: &'static Dialect,
    away: BTreeSet<ObjectId>,
    losses: Vec<Loss>,
}

impl Sieve {
    fn lose(&mut self, object: String, what: String, named: &str) {
        let reason = format!("it needs {named}, which a definition does not hold");
        self.losses.push(Loss { object, what, reason });
    }

    /// What an object needs and a definition does not hold.
    fn missing(&self, object: &Object) -> Vec<ObjectId> {
        // Only engines with schemas tell which sequence a text names.
        let untold = self.catalog.default_schema.is_empty();
        let sequence = |id: &ObjectId| matches!(self.catalog.get(*id).detail, Detail::Sequence(_));
        let mut missing: Vec<ObjectId> =
            self.away.iter().copied().filter(|id| untold && sequence(id)).collect();
        missing.extend(object.depends_on.iter().copied().filter(|id| self.away.contains(id)));
        missing
    }

    /// The first of these that a text names.
    fn named(&self, text: &str, missing: &[ObjectId]) -> Option<String> {
        let found = missing.iter().map(|id| self.catalog.get(*id)).find(|object| match &object.detail {
            Detail::Sequence(_) => says_sequence(text, &object.name, self.dialect),
            Detail::Routine(_) => says(text, &object.name.name, self.dialect, |_, next| next == "("),
            Detail::Type(_) => says(text, &object.name.name, self.dialect, |before, _| {
                before.first() == Some(&"::") || before.get(2) == Some(&"::") && before.first() == Some(&".")
            }),
            _ => says(text, &object.name.name, self.dialect, |_, _| true),
        })?;
        Some(format!("{} {}", found.kind().word(), self.catalog.short(&found.name)))
    }

    fn object(&mut self, object: &mut Object) {
        let missing = self.missing(object);
        if missing.is_empty() {
            return;
        }
        let short = self.catalog.short(&object.name);
        match &mut object.detail {
            Detail::Type(Type::Domain(domain)) => domain.constraints.retain(|check| match &check.kind {
                ConstraintKind::Check { expression } => {
                    let named = self.named(expression, &missing);
                    self.keep(&format!("domain {short}"), "a check", named)
                }
                _ => true,
            }),
            Detail::Table(table) => {
                let mut changed = Vec::new();
                for column in &mut table.columns {
                    let shown = format!("column {short}.{}", column.name);
                    if self.column(&shown, column, &missing) {
                        changed.push(column.name.clone());
                    }
                }
                let shown = format!("table {short}");
                table.constraints.retain(|each| match &each.kind {
                    ConstraintKind::Check { expression } => {
                        let named = self.named(expression, &missing);
                        self.keep(&shown, &format!("check {expression}"), named)
                    }
                    _ => true,
                });
                table.indexes.retain(|index| {
                    let named = self.of_index(index, &missing, &changed);
                    index.constraint.is_some() || self.keep(&shown, &format!("index {}", index.name), named)
                });
            }
            _ => {}
        }
    }

    fn keep(&mut self, shown: &str, what: &str, named: Option<String>) -> bool {
        if let Some(named) = &named {
            self.lose(shown.to_owned(), what.to_owned(), named);
        }
        named.is_none()
    }

    /// Whether the column has another type now.
    fn column(
        &mut self,
        shown: &str,
        column: &mut crate::model::catalog::Column,
        missing: &[ObjectId],
    ) -> bool {
        let quoted = |name: &str| crate::sql::quote_ident_if_needed(self.dialect, name);
        let item = column.ty.trim_end_matches("[]");
        let word = item.split('(').next().unwrap_or(item);
        let ty = missing.iter().map(|id| self.catalog.get(*id)).find(|object| {
            let name = quoted(&object.name.name);
            let is_type = matches!(object.detail, Detail::Type(_));
            is_type && (word == name || word == format!("{}.{name}", quoted(&object.name.schema)))
        });
        let is_base = |object: &&Object| {
            matches!(object.detail, Detail::Type(Type::Domain(_))) && item.len() == column.ty.len()
        };
        if let Some(Detail::Type(Type::Domain(domain))) = ty.filter(is_base).map(|object| &object.detail)
            && column.default.is_none()
        {
            column.default.clone_from(&domain.default);
        }
        let ty = ty.filter(|object| !is_base(object)).map(|object| self.catalog.short(&object.name));
        for (what, text) in [
            ("default", column.default.clone()),
            ("generated", column.generated.as_ref().map(|generated| generated.expression.clone())),
        ] {
            let Some(text) = text else { continue };
            if let Some(named) = self.named(&text, missing) {
                self.lose(shown.to_owned(), format!("{what} {text}"), &named);
                match what {
                    "default" => column.default = None,
                    _ => column.generated = None,
                }
            }
        }
        if let Some(name) = &ty {
            self.lose(
                shown.to_owned(),
                format!("type {}, the column is text", column.ty),
                &format!("type {name}"),
            );
            "text".clone_into(&mut column.ty);
        }
        ty.is_some()
    }

    /// What an index needs; one of another kind than usual needs the type that its column had.
    fn of_index(&self, index: &Index, missing: &[ObjectId], changed: &[String]) -> Option<String> {
        let keys = index.keys.iter().flat_map(|key| [&key.expression, &key.opclass, &key.collation]);
        let mut texts = keys.chain([&index.predicate]).flatten();
        let is_changed = |name: &String| changed.contains(name);
        let mut columns = index.keys.iter().filter_map(|key| key.column.as_ref());
        let special = !["btree", "hash", ""].contains(&index.method.as_str());
        let lost_type = (special && columns.any(is_changed)).then(|| "the column's type".to_owned());
        texts.find_map(|text| self.named(text, missing)).or(lost_type)
    }

    /// Leaves out views of what is not there, and the views of those.
    fn views(&mut self) {
        loop {
            let found = self.catalog.iter().find_map(|(id, object)| {
                let Detail::View(view) = &object.detail else { return None };
                if self.away.contains(&id) {
                    return None;
                }
                let missing = self.missing(object);
                let needs = |id: &&ObjectId| {
                    let object = self.catalog.get(**id);
                    match &object.detail {
                        // The column is of another type now.
                        Detail::Type(Type::Composite { .. }) => true,
                        Detail::Type(_) => false,
                        _ => true,
                    }
                };
                let needed = missing.iter().find(needs).map(|id| self.catalog.get(*id));
                let named = needed
                    .map(|each| format!("{} {}", each.kind().word(), self.catalog.short(&each.name)))
                    .or_else(|| self.named(&view.query, &missing))?;
                Some((id, format!("view {}", self.catalog.short(&object.name)), named))
            });
            let Some((id, shown, named)) = found else { return };
            self.away.insert(id);
            self.lose(shown, "all of it".to_owned(), &named);
        }
    }
}

/// Whether a text has a name where the words around it, those before it backwards, say that it is
/// meant.
fn says(text: &str, name: &str, dialect: &Dialect, meant: impl Fn(&[&str], &str) -> bool) -> bool {
    let words: Vec<(TokenKind, &str)> =
        Lexer::new(text, dialect).code().map(|(token, text)| (token.kind, text)).collect();
    words.iter().enumerate().any(|(at, (kind, word))| {
        let is_name = kind.is_word() || *kind == TokenKind::QuotedIdent;
        let before: Vec<&str> = words[..at].iter().rev().take(3).map(|(_, word)| *word).collect();
        let next = words.get(at + 1).map_or("", |(_, word)| *word);
        is_name && unquoted_name(word) == name && meant(&before, next)
    })
}

/// Whether a text has a sequence, in a string as PostgreSQL writes it or as a name.
fn says_sequence(text: &str, name: &Name, dialect: &Dialect) -> bool {
    if !["nextval", "lastval", "setval"].iter().any(|word| text.to_ascii_lowercase().contains(word)) {
        return false;
    }
    let in_string = |text: &str| {
        let inner = text.trim_matches('\'');
        inner == name.name
            || says(inner, &name.name, dialect, |before, next| {
                let schema = before.get(1).map(|schema| unquoted_name(schema));
                next.is_empty() && schema.is_none_or(|schema| schema == name.schema)
            })
    };
    let mut strings = Lexer::new(text, dialect).code().filter(|(token, _)| token.kind == TokenKind::String);
    strings.any(|(_, text)| in_string(text)) || says(text, &name.name, dialect, |_, _| true)
}
