//! What stands while a column is dropped: SQLite reads every view and trigger again and insists
//! that each can be read; and it writes the strings that are in double quotes as proper ones, all
//! over the schema (<https://www.sqlite.org/lang_altertable.html#alter_table_drop_column>).

use std::collections::HashSet;

use super::triggers;
use super::words::{Relations, in_double_quotes, names, relation_names};
use crate::catalog::names::relations;
use crate::model::catalog::{Catalog, Detail, Object};

/// The views and triggers that are the same before and after; those that differ are gone when a
/// column is dropped.
pub struct Standing {
    /// All of them can be read, and nothing has a text that would be written anew.
    sound: bool,
    /// What they name, in lower case.
    named: HashSet<String>,
}

impl Standing {
    pub fn of(from: &Catalog, after: &Relations<'_>) -> Self {
        let columns = from.objects.iter().flat_map(Object::columns).map(|column| column.name.to_lowercase());
        let mut standing = Standing { sound: true, named: HashSet::new() };
        let reader = Reader {
            known: columns.chain(relation_names(from)).collect(),
            present: from
                .objects
                .iter()
                .filter(|object| stays(object, after))
                .map(|object| object.name.name.to_lowercase())
                .collect(),
        };
        for object in &from.objects {
            standing.look_at(object, after, &reader);
        }
        standing
    }

    /// Whether a column of this name can go.
    pub fn lets_go(&self, column: &str) -> bool {
        self.sound && !self.named.contains(&column.to_lowercase())
    }

    fn look_at(&mut self, object: &Object, after: &Relations<'_>, reader: &Reader) {
        let definition = object.definition.as_deref().unwrap_or_default();
        match &object.detail {
            Detail::View(view) if stays(object, after) => {
                self.sound &= view.broken.is_none() && reader.can_read(&view.query);
                self.take(definition, reader);
            }
            Detail::Table(table) if after.get(&object.name.name).is_some() => {
                let indexes = table.indexes.iter().filter_map(|index| index.definition.as_deref());
                self.sound &= !indexes.chain([definition]).any(|text| reader.has_strings(text));
            }
            _ => {}
        }
        let others = after.get(&object.name.name).map_or(&[][..], triggers);
        for trigger in triggers(object).iter().filter(|each| others.contains(each)) {
            self.sound &= reader.can_read(&trigger.action);
            self.take(trigger.definition.as_deref().unwrap_or(&trigger.action), reader);
        }
    }

    fn take(&mut self, text: &str, reader: &Reader) {
        self.sound &= !reader.has_strings(text);
        self.named.extend(names(text).map(|name| name.to_lowercase()));
    }
}

struct Reader {
    /// Names of columns and relations.
    known: HashSet<String>,
    /// Relations that are there when a column is dropped.
    present: HashSet<String>,
}

impl Reader {
    fn can_read(&self, text: &str) -> bool {
        let read = relations(text);
        read.iter().all(|name| self.present.contains(name) || matches!(name.as_str(), "new" | "old"))
    }

    fn has_strings(&self, text: &str) -> bool {
        in_double_quotes(text).any(|word| !self.known.contains(&word.to_lowercase()))
    }
}

/// Whether a relation is never missing, although it may be altered or rebuilt.
fn stays(object: &Object, after: &Relations<'_>) -> bool {
    let Some(other) = after.get(&object.name.name) else { return false };
    match (&object.detail, &other.detail) {
        (Detail::View(before), Detail::View(after)) => before.query == after.query,
        (Detail::Table(before), Detail::Table(after)) => match (&before.foreign, &after.foreign) {
            (None, None) => true,
            _ => object.definition == other.definition,
        },
        _ => false,
    }
}
