//! Views.

use super::Maker;
use super::column::shortened;
use crate::definition::View;
use crate::definition::expression::{Known, Relation, Translation, is_common_to_kin, unquoted_name};
use crate::engine::engine_for;
use crate::model::catalog::{self, Attribute, COLUMN_LIST, Column, Detail, Name, Object};
use crate::sql::Lexer;

/// A query for the engine.
struct Query {
    text: String,
    /// What it gives, where that is understood.
    columns: Option<Vec<Known>>,
}

const UNCERTAIN: &str = "the query is another engine's, and not certain to mean the same here";

impl Maker<'_> {
    /// The views, each after those that it reads; without those that read what is not there.
    pub(super) fn views(&mut self) -> Vec<Object> {
        let tables = self.definition.tables.iter().filter(|table| self.goes_by(&table.name));
        let mut known: Vec<Relation> = tables.map(|table| self.relation(table)).collect();
        let mut made: Vec<(&View, Query)> = Vec::new();
        let mut waiting: Vec<&View> = self.definition.views.iter().collect();
        loop {
            let before = waiting.len();
            waiting.retain(|view| match self.query(view, &known) {
                Ok(query) => {
                    known.extend(self.relation_of(view, &query));
                    made.push((view, query));
                    false
                }
                Err(_) => true,
            });
            if waiting.len() == before {
                break;
            }
        }
        for view in &waiting {
            let reason = self.query(view, &known).err().unwrap_or(UNCERTAIN);
            self.lose_view(view, reason);
        }
        let mut lost: Vec<&Name> = waiting.iter().map(|view| &view.name).collect();
        while let Some(at) = made.iter().position(|(_, query)| self.reads_any(&query.text, &lost)) {
            let (view, _) = made.remove(at);
            self.lose_view(view, "it reads a view that is not there");
            lost.push(&view.name);
        }
        made.into_iter().map(|(view, query)| self.view(view, query.text)).collect()
    }

    fn lose_view(&mut self, view: &View, reason: &str) {
        let what = format!("all of it: {}", shortened(&view.query));
        self.lose(&format!("view {}", view.name), what, reason);
    }

    /// Whether the name alone says which table or view is meant.
    fn goes_by(&self, name: &Name) -> bool {
        name.schema.is_empty() && self.names.short(&name.name) == name.name
    }

    fn relation_of(&self, view: &View, query: &Query) -> Option<Relation> {
        let mut columns = query.columns.clone().filter(|_| self.goes_by(&view.name))?;
        for (column, name) in columns.iter_mut().zip(&view.columns) {
            column.name.clone_from(name);
        }
        Some(Relation { name: view.name.name.clone(), columns, is_whole: true })
    }

    fn query(&self, view: &View, known: &[Relation]) -> Result<Query, &'static str> {
        let named = !view.columns.is_empty();
        let read = |way: Translation<'_>, text: &str| {
            let found = way.over(known).query(text, named);
            found.filter(|(_, columns)| !named || columns.len() == view.columns.len())
        };
        let whole = |(text, columns)| Query { text, columns: Some(columns) };
        let as_it_is = |text: &str| {
            let columns = read(Translation::new(self.engine, self.engine), text);
            Query { text: text.to_owned(), columns: columns.map(|(_, columns)| columns) }
        };
        let own = &view.query.own;
        if let Some(text) = own.get(&self.engine) {
            return Ok(as_it_is(text));
        }
        if let Some((kin, text)) = self.engine.kin().and_then(|kin| Some((kin, own.get(&kin)?))) {
            let common = || is_common_to_kin(text, kin, self.engine).then(|| as_it_is(text));
            return read(Translation::new(kin, self.engine), text)
                .map(whole)
                .or_else(common)
                .ok_or(UNCERTAIN);
        }
        if let Some(text) = &view.query.any {
            let neutral = || Translation::neutral(self.engine);
            return match (read(neutral(), text), self.abilities.concat_bars) {
                (Some((_, columns)), true) => Ok(Query { text: text.clone(), columns: Some(columns) }),
                (Some(found), false) => Ok(whole(found)),
                (None, true) => Ok(Query { text: text.clone(), columns: None }),
                (None, false) => neutral().requoted(text).map(|text| Query { text, columns: None }),
            };
        }
        let mut others = own.iter();
        let found = others.find_map(|(from, text)| read(Translation::new(*from, self.engine), text));
        found.map(whole).ok_or(UNCERTAIN)
    }

    /// Whether a query has one of the names where a table stands.
    fn reads_any(&self, query: &str, names: &[&Name]) -> bool {
        let dialect = engine_for(self.engine).dialect(self.engine);
        let words: Vec<&str> = Lexer::new(query, dialect).code().map(|(_, text)| text).collect();
        let stands = |before: &str| [",", "(", "from", "join", "."].contains(&before.to_lowercase().as_str());
        words.windows(2).any(|pair| {
            stands(pair[0])
                && names.iter().any(|name| unquoted_name(pair[1]).eq_ignore_ascii_case(&name.name))
        })
    }

    fn view(&mut self, view: &View, query: String) -> Object {
        let shown = format!("view {}", view.name);
        let materialized = view.materialized && self.abilities.materialized_views;
        if view.materialized && !materialized {
            self.lose(&shown, "materialized", "the engine has no such views; it is an ordinary one");
        }
        let columns = view.columns.iter().map(|name| Column { name: name.clone(), ..Column::default() });
        let made =
            catalog::View { materialized, query, columns: columns.collect(), ..catalog::View::default() };
        let mut object = Object::new(self.names.relation(&view.name), Detail::View(made));
        object.comment = view.comment.clone().filter(|_| self.abilities.comments);
        object.attributes = view.options.get(&self.engine).cloned().unwrap_or_default();
        if !view.columns.is_empty() {
            object.attributes.push(Attribute { name: COLUMN_LIST.to_owned(), value: String::new() });
        }
        object
    }
}
