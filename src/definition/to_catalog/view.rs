//! Views.

use super::Maker;
use super::column::shortened;
use crate::definition::View;
use crate::definition::expression::Translation;
use crate::model::catalog::{self, Attribute, COLUMN_LIST, Column, Detail, Object};

impl Maker<'_> {
    pub(super) fn view(&mut self, view: &View) -> Option<Object> {
        let shown = format!("view {}", view.name);
        let Some(query) = self.query(view) else {
            let reason = "the query is another engine's, and not certain to mean the same here";
            self.lose(&shown, format!("all of it: {}", shortened(&view.query)), reason);
            return None;
        };
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
        Some(object)
    }

    fn query(&self, view: &View) -> Option<String> {
        if let Some(text) = view.query.get(self.engine) {
            return Some(text.to_owned());
        }
        let tables = self.definition.tables.iter();
        let columns: Vec<String> =
            tables.clone().flat_map(|table| table.columns.iter().map(|column| column.name.clone())).collect();
        let relations: Vec<String> = tables
            .map(|table| &table.name)
            .chain(self.definition.views.iter().map(|view| &view.name))
            .filter(|name| name.schema.is_empty())
            .map(|name| name.name.clone())
            .collect();
        view.query.own.iter().find_map(|(from, text)| {
            let way = Translation::new(*from, self.engine, &columns).with_relations(&relations);
            way.with_doubts(&self.unsure, &self.flags).translate(text)
        })
    }
}
