//! Which object leads to which: foreign keys with both ends found, and who needs whom.

use std::collections::HashMap;

use super::catalog::{Catalog, Constraint, ConstraintKind, Detail, Name, ObjectId, Reference, Table};

/// A foreign key whose two tables are both in the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The table that refers.
    pub child: ObjectId,
    /// Its place in the child's constraints.
    pub constraint: usize,
    /// The table that is referred to.
    pub parent: ObjectId,
    pub columns: Vec<String>,
    /// The columns of the parent: its primary key where the foreign key names none.
    pub referenced: Vec<String>,
    /// A row of the child can do without a parent: one of the columns may be null.
    pub optional: bool,
    /// A parent can have more than one row of the child: no key of the child lies within the columns.
    pub many: bool,
}

/// The links of a catalog, looked up once.
#[derive(Debug)]
pub struct Links {
    relations: HashMap<Name, ObjectId>,
    /// By names in lower case, for engines where case does not tell names apart.
    folded: HashMap<Name, ObjectId>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Places in `foreign_keys`, by the child.
    outgoing: Vec<Vec<usize>>,
    /// Places in `foreign_keys`, by the parent.
    incoming: Vec<Vec<usize>>,
    /// The objects that depend on an object.
    needed_by: Vec<Vec<ObjectId>>,
    /// The partitions of a table, in their order.
    partitions: Vec<Vec<ObjectId>>,
}

impl Links {
    /// Looks up every link of the catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let count = catalog.objects.len();
        let mut links = Links {
            relations: HashMap::new(),
            folded: HashMap::new(),
            foreign_keys: Vec::new(),
            outgoing: vec![Vec::new(); count],
            incoming: vec![Vec::new(); count],
            needed_by: vec![Vec::new(); count],
            partitions: vec![Vec::new(); count],
        };
        for (id, object) in catalog.iter() {
            if matches!(object.detail, Detail::Table(_) | Detail::View(_)) {
                links.relations.insert(object.name.clone(), id);
                links.folded.entry(folded(&object.name)).or_insert(id);
            }
        }
        for (id, object) in catalog.iter() {
            for needed in &object.depends_on {
                links.needed_by[needed.0 as usize].push(id);
            }
            if let Some(table) = object.as_table() {
                links.add_table(catalog, id, table);
            }
        }
        links
    }

    fn add_table(&mut self, catalog: &Catalog, id: ObjectId, table: &Table) {
        if let Some(parent) = table.partition_of.as_ref().and_then(|of| self.relation(&of.parent)) {
            self.partitions[parent.0 as usize].push(id);
        }
        for (constraint, each) in table.constraints.iter().enumerate() {
            let ConstraintKind::ForeignKey(reference) = &each.kind else { continue };
            let Some(parent) = self.relation(&reference.table) else { continue };
            let Some(parent_table) = catalog.get(parent).as_table() else { continue };
            let at = self.foreign_keys.len();
            self.outgoing[id.0 as usize].push(at);
            self.incoming[parent.0 as usize].push(at);
            self.foreign_keys.push(ForeignKey {
                child: id,
                constraint,
                parent,
                columns: each.columns.clone(),
                referenced: referenced(reference, parent_table),
                optional: each.columns.iter().any(|column| is_nullable(table, column)),
                many: !is_unique_within(table, &each.columns),
            });
        }
    }

    /// The table or view of a name.
    pub fn relation(&self, name: &Name) -> Option<ObjectId> {
        self.relations.get(name).or_else(|| self.folded.get(&folded(name))).copied()
    }

    /// The foreign keys of a table.
    pub fn outgoing(&self, id: ObjectId) -> impl Iterator<Item = &ForeignKey> {
        self.outgoing[id.0 as usize].iter().map(|&at| &self.foreign_keys[at])
    }

    /// The foreign keys that refer to a table.
    pub fn incoming(&self, id: ObjectId) -> impl Iterator<Item = &ForeignKey> {
        self.incoming[id.0 as usize].iter().map(|&at| &self.foreign_keys[at])
    }

    /// The objects that depend on an object.
    pub fn needed_by(&self, id: ObjectId) -> &[ObjectId] {
        &self.needed_by[id.0 as usize]
    }

    /// The partitions of a table.
    pub fn partitions(&self, id: ObjectId) -> &[ObjectId] {
        &self.partitions[id.0 as usize]
    }
}

fn folded(name: &Name) -> Name {
    Name::new(name.schema.to_lowercase(), name.name.to_lowercase())
}

/// The columns that a table's primary key consists of.
pub fn primary_key(table: &Table) -> &[String] {
    let is_key = |each: &&Constraint| matches!(each.kind, ConstraintKind::PrimaryKey);
    table.constraints.iter().find(is_key).map_or(&[], |key| &key.columns)
}

/// Whether two column names mean the same column. No engine has two columns in a table that differ
/// in case alone and a foreign key between them, and SQLite keeps names as each was written.
pub fn same_column(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn referenced(reference: &Reference, parent: &Table) -> Vec<String> {
    match reference.referenced.is_empty() {
        true => primary_key(parent).to_vec(),
        false => reference.referenced.clone(),
    }
}

fn is_nullable(table: &Table, column: &str) -> bool {
    let found = table.columns.iter().find(|each| same_column(&each.name, column));
    found.is_some_and(|column| column.nullable)
}

/// Whether rows with equal values in `columns` cannot be two.
fn is_unique_within(table: &Table, columns: &[String]) -> bool {
    let within = |name: &str| columns.iter().any(|column| same_column(column, name));
    let by_constraint = table.constraints.iter().any(|each| {
        matches!(each.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
            && !each.columns.is_empty()
            && each.columns.iter().all(|column| within(column))
    });
    by_constraint
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && !index.keys.is_empty()
                && index
                    .keys
                    .iter()
                    .all(|key| key.prefix.is_none() && key.column.as_deref().is_some_and(within))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Column, Object};
    use crate::model::target::EngineKind;

    fn key(columns: &[&str], kind: ConstraintKind) -> Constraint {
        Constraint::new(None, kind, columns.iter().map(|&column| column.to_owned()).collect())
    }

    fn to(table: &str) -> ConstraintKind {
        ConstraintKind::ForeignKey(Reference {
            table: Name::new("", table),
            referenced: Vec::new(),
            on_update: Default::default(),
            on_delete: Default::default(),
            full: false,
        })
    }

    fn table(columns: &[(&str, bool)], constraints: Vec<Constraint>) -> Detail {
        let columns = columns
            .iter()
            .map(|&(name, nullable)| Column { name: name.into(), nullable, ..Column::default() })
            .collect();
        Detail::Table(Table { columns, constraints, ..Table::default() })
    }

    #[test]
    fn cardinality_follows_nulls_and_keys() {
        let mut catalog = Catalog::empty(EngineKind::Sqlite);
        catalog.objects = vec![
            Object::new(
                Name::new("", "Person"),
                table(&[("Id", false)], vec![key(&["Id"], ConstraintKind::PrimaryKey)]),
            ),
            Object::new(
                Name::new("", "passport"),
                table(
                    &[("person", false), ("seen_by", true)],
                    vec![
                        key(&["PERSON"], ConstraintKind::Unique),
                        key(&["person"], to("person")),
                        key(&["seen_by"], to("PERSON")),
                        key(&["seen_by"], to("nobody")),
                    ],
                ),
            ),
        ];
        let links = Links::of(&catalog);
        assert_eq!(links.foreign_keys.len(), 2, "what leads nowhere is left out");
        let ends: Vec<_> = links.foreign_keys.iter().map(|key| (key.optional, key.many)).collect();
        assert_eq!(ends, [(false, false), (true, true)]);
        assert_eq!(links.foreign_keys[0].referenced, ["Id"]);
        assert_eq!(links.incoming(ObjectId(0)).count(), 2);
        assert_eq!(links.outgoing(ObjectId(1)).count(), 2);
    }

    #[test]
    fn a_name_in_its_own_case_comes_first() {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        for name in ["ann", "Ann"] {
            catalog.objects.push(Object::new(Name::new("public", name), table(&[], vec![])));
        }
        let links = Links::of(&catalog);
        assert_eq!(links.relation(&Name::new("public", "Ann")), Some(ObjectId(1)));
        assert_eq!(links.relation(&Name::new("public", "ANN")), Some(ObjectId(0)));
    }
}
