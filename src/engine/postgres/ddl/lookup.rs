//! A catalog whose relations and identity columns are found by name at once.

use std::collections::HashMap;

use crate::model::catalog::{Catalog, Detail, Name, Object, Sequence};

pub struct Lookup<'a> {
    relations: HashMap<&'a Name, &'a Object>,
    /// The sequences of identity columns, by table and column.
    identities: HashMap<(&'a Name, &'a str), (&'a Object, &'a Sequence)>,
}

impl<'a> Lookup<'a> {
    pub fn of(catalog: &'a Catalog) -> Self {
        let mut lookup = Lookup { relations: HashMap::new(), identities: HashMap::new() };
        for object in &catalog.objects {
            match &object.detail {
                Detail::Table(_) | Detail::View(_) => {
                    lookup.relations.insert(&object.name, object);
                }
                Detail::Sequence(sequence) if sequence.identity => {
                    if let Some((table, column)) = &sequence.owned_by {
                        lookup.identities.insert((table, column), (object, sequence));
                    }
                }
                _ => {}
            }
        }
        lookup
    }

    pub fn relation(&self, name: &Name) -> Option<&'a Object> {
        self.relations.get(name).copied()
    }

    pub fn identity(&self, table: &Name, column: &str) -> Option<(&'a Object, &'a Sequence)> {
        self.identities.get(&(table, column)).copied()
    }
}
