//! Which objects a view or a default needs: both servers keep names in a form that tells.

use std::collections::HashMap;

use super::words::Words;
use crate::model::catalog::{Catalog, Detail, Kind, ObjectId, RoutineKind};
use crate::sql::Dialect;

/// Where the objects of a catalog are, by name.
pub struct Places {
    relations: HashMap<String, ObjectId>,
    functions: HashMap<String, ObjectId>,
}

impl Places {
    pub fn of(catalog: &Catalog) -> Self {
        let mut places = Places { relations: HashMap::new(), functions: HashMap::new() };
        for (id, object) in catalog.iter() {
            match (&object.detail, object.kind()) {
                (_, Kind::Table | Kind::View | Kind::Sequence) => {
                    places.relations.insert(object.name.name.clone(), id);
                }
                (Detail::Routine(routine), _) if routine.kind != RoutineKind::Procedure => {
                    places.functions.insert(object.name.name.to_lowercase(), id);
                }
                _ => {}
            }
        }
        places
    }

    /// What a text names. `VIEW_DEFINITION` of information_schema writes every table with its
    /// database, `db`.`table`, and every column behind that or an alias, so that a name behind
    /// the database and not before a point is a table; in other texts there are calls only.
    pub fn named(&self, text: &str, database: &str, dialect: &Dialect) -> Vec<ObjectId> {
        let mut found = Vec::new();
        let mut words = Words::new(text, dialect);
        let mut behind_point = false;
        while let Some(token) = words.peek() {
            let start = words.start();
            let Some(mut name) = words.name() else {
                behind_point = words.slice(start, token.end) == ".";
                words.next();
                continue;
            };
            let mut qualified = false;
            if !behind_point && name == database && words.is(".") && !words.is_at(2, ".") {
                words.next();
                let Some(second) = words.name() else { continue };
                (name, qualified) = (second, true);
            }
            if words.is("(") && (qualified || !behind_point) {
                found.extend(self.functions.get(&name.to_lowercase()));
                // `nextval(`s`)`
                if matches!(name.as_str(), "nextval" | "lastval" | "setval") {
                    words.next();
                    let sequence = words.name().unwrap_or_default();
                    found.extend(self.relations.get(&sequence));
                }
            } else if qualified {
                found.extend(self.relations.get(&name));
            }
            behind_point = false;
        }
        found
    }
}
