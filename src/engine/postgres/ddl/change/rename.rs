//! Another name for a table or a column, and what the server makes of everything else by itself.
//!
//! Queries, expressions and constraints are kept as trees, not as texts, and name whatever they
//! stand on by its new name from then on; the bodies of functions are texts, and keep the old one.

use super::fate::usual_not_null;
use super::locks::ACCESS_EXCLUSIVE;
use super::mention::{Mentioned, name as name_of};
use crate::ddl::text::{ident, qualified};
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Detail, Index, Kind, Name, Object, Table, Type,
};
use crate::model::plan::{Rename, Renamed, Step};
use crate::sql::{Lexer, POSTGRES, TokenKind};

pub fn rename(from: &Catalog, rename: &Rename) -> Renamed {
    let mut catalog = from.clone();
    let Some(object) = from.relation(&rename.table) else { return Renamed { steps: Vec::new(), catalog } };
    let renaming = Renaming {
        table: &rename.table,
        column: rename.column.as_deref(),
        to: &rename.to,
        new_table: match rename.column {
            Some(_) => rename.table.clone(),
            None => Name::new(rename.table.schema.as_str(), rename.to.as_str()),
        },
    };
    catalog.objects.iter_mut().for_each(|each| renaming.apply(each));
    if from.server_version_num >= 180_000 {
        renaming.tell_not_nulls(object, &mut catalog);
    }
    catalog.sort();
    let word = match &object.detail {
        Detail::View(view) if view.materialized => "MATERIALIZED VIEW",
        Detail::View(_) => "VIEW",
        Detail::Table(table) if table.foreign.is_some() => "FOREIGN TABLE",
        _ => "TABLE",
    };
    let table = qualified(&rename.table);
    let (kind, sql) = match &rename.column {
        Some(column) => (
            "rename column",
            format!("ALTER {word} {table} RENAME COLUMN {} TO {}", ident(column), ident(&rename.to)),
        ),
        None => ("rename table", format!("ALTER {word} {table} RENAME TO {}", ident(&rename.to))),
    };
    let step = Step {
        kind: kind.to_owned(),
        object: format!("{} {}", object.kind().word(), from.short(&rename.table)),
        sql: vec![sql],
        lock: ACCESS_EXCLUSIVE.to_owned(),
        in_transaction: true,
        ..Step::default()
    };
    Renamed { steps: vec![step], catalog }
}

struct Renaming<'a> {
    table: &'a Name,
    column: Option<&'a str>,
    to: &'a str,
    new_table: Name,
}

impl Renaming<'_> {
    fn apply(&self, object: &mut Object) {
        let is_it = object.name == *self.table && matches!(object.detail, Detail::Table(_) | Detail::View(_));
        match &mut object.detail {
            Detail::Table(table) => self.in_table(is_it, table),
            Detail::View(view) => {
                self.query(view.materialized, &mut view.query);
                if is_it {
                    self.columns(&mut view.columns);
                }
                view.columns.iter_mut().for_each(|column| self.type_name(&mut column.ty));
                view.indexes.iter_mut().for_each(|index| self.index(is_it, index));
                for trigger in &mut view.triggers {
                    trigger.definition.iter_mut().for_each(|text| self.definition(is_it, text));
                }
                view.rules.iter_mut().for_each(|rule| self.definition(is_it, &mut rule.definition));
            }
            Detail::Sequence(sequence) => {
                if let Some((table, column)) = &mut sequence.owned_by
                    && *table == *self.table
                {
                    table.clone_from(&self.new_table);
                    if Some(column.as_str()) == self.column {
                        self.to.clone_into(column);
                    }
                }
            }
            Detail::Routine(routine) => {
                let texts =
                    [Some(&mut routine.arguments), routine.returns.as_mut(), object.signature.as_mut()];
                texts.into_iter().flatten().for_each(|text| self.type_name(text));
                if let Some(text) = &mut object.definition {
                    // Behind AS stands a text, which stays.
                    let mut body = text.find("\nAS ").map_or_else(String::new, |at| text.split_off(at));
                    std::mem::swap(text, &mut body);
                    self.type_name(&mut body);
                    *text = body + text;
                }
            }
            Detail::Type(Type::Composite { columns }) => {
                columns.iter_mut().for_each(|column| self.type_name(&mut column.ty));
            }
            Detail::Other { kind: Kind::Statistics | Kind::Publication } => {
                object.definition.iter_mut().for_each(|text| self.definition(false, text));
            }
            _ => {}
        }
        if is_it {
            object.name.clone_from(&self.new_table);
        }
    }

    fn in_table(&self, is_it: bool, table: &mut Table) {
        let below = table.inherits.contains(self.table)
            || table.partition_of.as_ref().is_some_and(|place| place.parent == *self.table);
        // A column goes by its new name in all tables that have it from this one.
        let has_column = is_it || below && self.column.is_some();
        if has_column {
            self.columns(&mut table.columns);
        }
        for column in &mut table.columns {
            self.type_name(&mut column.ty);
            let texts = [column.default.as_mut(), column.generated.as_mut().map(|each| &mut each.expression)];
            texts.into_iter().flatten().for_each(|text| self.expression(has_column, text));
        }
        table.constraints.iter_mut().for_each(|each| self.constraint(has_column, each));
        table.indexes.iter_mut().for_each(|each| self.index(has_column, each));
        for trigger in &mut table.triggers {
            trigger.definition.iter_mut().for_each(|text| self.definition(is_it, text));
            if is_it && let Some(column) = self.column {
                for event in trigger.events.iter_mut().filter(|event| event.starts_with("UPDATE OF ")) {
                    let list: Vec<&str> = event["UPDATE OF ".len()..].split(", ").collect();
                    let list: Vec<&str> =
                        list.into_iter().map(|each| if each == column { self.to } else { each }).collect();
                    *event = format!("UPDATE OF {}", list.join(", "));
                }
            }
        }
        for policy in &mut table.policies {
            let texts = [policy.using.as_mut(), policy.check.as_mut()];
            texts.into_iter().flatten().for_each(|text| self.expression(is_it, text));
        }
        table.rules.iter_mut().for_each(|rule| self.definition(is_it, &mut rule.definition));
        if let Some(partitioning) = &mut table.partitioning {
            self.expression(is_it, &mut partitioning.by);
        }
        if self.column.is_none() {
            table.inherits.iter_mut().for_each(|parent| self.name(parent));
            if let Some(place) = &mut table.partition_of {
                self.name(&mut place.parent);
            }
        }
    }

    fn name(&self, name: &mut Name) {
        if name == self.table {
            name.clone_from(&self.new_table);
        }
    }

    fn columns(&self, columns: &mut [Column]) {
        for column in columns.iter_mut().filter(|column| Some(column.name.as_str()) == self.column) {
            self.to.clone_into(&mut column.name);
        }
    }

    fn list(&self, names: &mut [String]) {
        for name in names.iter_mut().filter(|name| Some(name.as_str()) == self.column) {
            self.to.clone_into(name);
        }
    }

    fn constraint(&self, own: bool, constraint: &mut Constraint) {
        if own {
            self.list(&mut constraint.columns);
        }
        match &mut constraint.kind {
            ConstraintKind::ForeignKey(reference) => {
                let there = reference.table == *self.table;
                if there {
                    reference.table.clone_from(&self.new_table);
                    self.list(&mut reference.referenced);
                }
                // `FOREIGN KEY (a) REFERENCES t(b)`: which column is whose tells its place.
                if let Some(text) = &mut constraint.definition
                    && let Some((start, end)) = text.split_once(" REFERENCES ")
                {
                    let (mut start, mut end) = (start.to_owned(), end.to_owned());
                    if own {
                        self.words(&mut start);
                    }
                    if there {
                        self.qualified_names(&mut end);
                        self.referenced_words(&mut end, own);
                    } else if own {
                        // ON DELETE SET NULL (a)
                        self.words_after_actions(&mut end);
                    }
                    *text = format!("{start} REFERENCES {end}");
                }
                return;
            }
            ConstraintKind::Check { expression } => self.expression(own, expression),
            _ => {}
        }
        if let Some(text) = &mut constraint.definition {
            self.expression(own, text);
        }
    }

    /// The columns of the other table, and behind the actions those of this one.
    fn referenced_words(&self, text: &mut String, own: bool) {
        let at = text.find(" ON ").unwrap_or(text.len());
        let (mut first, mut last) = (text[..at].to_owned(), text[at..].to_owned());
        // Before the list stands the name of the table, which may be that of the column.
        if let Some(list) = first.find('(') {
            let mut columns = first.split_off(list);
            self.words(&mut columns);
            first += &columns;
        }
        if own {
            self.words(&mut last);
        }
        *text = first + &last;
    }

    fn words_after_actions(&self, text: &mut String) {
        if let Some(at) = text.find(" ON ") {
            let mut last = text.split_off(at);
            self.words(&mut last);
            *text += &last;
        }
    }

    fn index(&self, own: bool, index: &mut Index) {
        if own {
            for key in &mut index.keys {
                if key.column.as_deref() == self.column && self.column.is_some() {
                    key.column = Some(self.to.to_owned());
                }
            }
            self.list(&mut index.include);
        }
        let texts = index.keys.iter_mut().filter_map(|key| key.expression.as_mut());
        texts.chain(&mut index.predicate).for_each(|text| self.expression(own, text));
        if let Some(text) = &mut index.definition {
            self.definition(own, text);
        }
    }

    /// An expression in which the columns of its own table stand without it.
    fn expression(&self, own: bool, text: &mut String) {
        self.qualified_names(text);
        if own {
            self.words(text);
        }
    }

    /// A statement; where it is about the table itself, a word may be one of its columns.
    fn definition(&self, own: bool, text: &mut String) {
        if !own && !Mentioned::of(text).names(self.table) {
            return;
        }
        self.qualified_names(text);
        if self.column.is_some() {
            self.words(text);
        }
    }

    /// A query keeps its result: the server may write another alias, or the old name of a column
    /// behind AS. So that of a view counts as different, and the view is replaced.
    fn query(&self, materialized: bool, query: &mut String) {
        if Mentioned::of(query).names(self.table) {
            self.qualified_names(query);
            self.words(query);
            if !materialized {
                query.push('\n');
            }
        }
    }

    fn type_name(&self, ty: &mut String) {
        if self.column.is_none() {
            self.qualified_names(ty);
        }
    }

    /// `schema.table`, when it is the table that is renamed.
    fn qualified_names(&self, text: &mut String) {
        if self.column.is_some() {
            return;
        }
        let tokens: Vec<_> = Lexer::new(text, &POSTGRES).collect();
        let word = |at: usize| {
            let token = tokens.get(at)?;
            name_of(token.kind, token.text(text))
        };
        let mut changed = String::new();
        for (at, token) in tokens.iter().enumerate() {
            let follows = at >= 2
                && tokens[at - 1].text(text) == "."
                && word(at - 2).as_deref() == Some(self.table.schema.as_str())
                && word(at).as_deref() == Some(self.table.name.as_str());
            match follows {
                true => changed += &ident(self.to),
                false => changed += token.text(text),
            }
        }
        *text = changed;
    }

    /// The column's name, as a word of its own.
    fn words(&self, text: &mut String) {
        let Some(column) = self.column else { return };
        let mut changed = String::new();
        let mut after_operator = "";
        for token in Lexer::new(text, &POSTGRES) {
            let word = token.text(text);
            let is_type = after_operator == "::";
            let is_name =
                token.kind != TokenKind::String && name_of(token.kind, word).as_deref() == Some(column);
            match is_name && !is_type && ident(column) == word {
                true => changed += &ident(self.to),
                false => changed += word,
            }
            if token.kind.is_code() {
                after_operator = if word == "::" { "::" } else { "" };
            }
        }
        *text = changed;
    }

    /// A NOT NULL keeps its name, which is no longer the usual one.
    fn tell_not_nulls(&self, old: &Object, catalog: &mut Catalog) {
        let Some(before) = old.as_table() else { return };
        let new = catalog
            .objects
            .iter_mut()
            .find(|object| object.name == self.new_table && matches!(object.detail, Detail::Table(_)));
        let Some(Detail::Table(table)) = new.map(|object| &mut object.detail) else { return };
        for column in before.columns.iter().filter(|column| !column.nullable && !column.inherited) {
            let is_named = before.constraints.iter().any(|each| {
                each.kind == ConstraintKind::NotNull && each.columns.as_slice() == [column.name.as_str()]
            });
            let now = match self.column {
                Some(name) if name == column.name => self.to,
                _ => column.name.as_str(),
            };
            let (was, usual) =
                (usual_not_null(&old.name, &column.name), usual_not_null(&self.new_table, now));
            if is_named || was == usual {
                continue;
            }
            let mut constraint = Constraint::new(Some(was), ConstraintKind::NotNull, vec![now.to_owned()]);
            constraint.definition = Some(format!("NOT NULL {}", ident(now)));
            table.constraints.push(constraint);
        }
    }
}
