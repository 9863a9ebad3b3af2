//! Entity-relationship diagrams of a catalog, and how they are written: Mermaid, Graphviz's DOT,
//! and SVG that is drawn here.

mod dot;
mod layout;
mod mermaid;
mod split;
mod svg;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::model::catalog::{Catalog, Column, ObjectId, Table};
use crate::model::links::{ForeignKey, Links, primary_key, same_column};

pub use dot::dot;
pub use mermaid::mermaid;
pub use split::{Part, parts};
pub use svg::{SVG_STYLE, SvgOptions, svg};
pub use svg::{escaped, push_escaped};

/// Which columns of a table are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fields {
    /// Names of tables alone
    None,
    /// Columns of primary and foreign keys
    Keys,
    /// All columns
    All,
}

/// Tables and the foreign keys between them.
#[derive(Debug, Clone, Default)]
pub struct Diagram {
    pub entities: Vec<Entity>,
    pub relations: Vec<Relation>,
}

/// A table in a diagram.
#[derive(Debug, Clone)]
pub struct Entity {
    pub id: ObjectId,
    /// As a person of the database writes it.
    pub name: String,
    pub fields: Vec<Field>,
    /// How many columns are not shown.
    pub hidden: usize,
    /// The diagram is about this table.
    pub focus: bool,
}

/// A column in a diagram.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub ty: String,
    pub nullable: bool,
    pub primary: bool,
    pub foreign: bool,
    pub unique: bool,
}

/// A foreign key in a diagram.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Places in the diagram's entities.
    pub parent: usize,
    pub child: usize,
    /// Columns of the child, and of the parent.
    pub columns: Vec<String>,
    pub referenced: Vec<String>,
    /// A row of the child can do without a parent.
    pub optional: bool,
    /// A parent can have more than one row of the child.
    pub many: bool,
}

impl Diagram {
    /// The diagram of some tables, and of the foreign keys between them.
    pub fn of(catalog: &Catalog, links: &Links, tables: &[ObjectId], fields: Fields) -> Self {
        let mut diagram = Diagram::default();
        let mut places = HashMap::new();
        for &id in tables {
            let object = catalog.get(id);
            if let Some(table) = object.as_table()
                && !places.contains_key(&id)
            {
                places.insert(id, diagram.entities.len());
                diagram.entities.push(entity(id, catalog.short(&object.name), table, links, fields));
            }
        }
        for &id in tables {
            let Some(&child) = places.get(&id) else { continue };
            // Partitions may have foreign keys that the whole has not; once is enough.
            let of_partitions = links.partitions(id).iter().flat_map(|&partition| links.outgoing(partition));
            let mut seen = HashSet::new();
            for key in links.outgoing(id).chain(of_partitions) {
                let is_own = key.child == id;
                let is_new = seen.insert((key.parent, key.columns.clone(), key.referenced.clone()));
                if let Some(&parent) = places.get(&key.parent).filter(|_| is_own || is_new) {
                    diagram.relate(parent, child, key);
                }
            }
        }
        diagram
    }

    /// A table, the tables it refers to, and those that refer to it, at most `limit` in all; and
    /// how many were left out.
    pub fn around(catalog: &Catalog, links: &Links, centre: ObjectId, limit: usize) -> (Self, usize) {
        let mut tables = vec![centre];
        let mut seen = HashSet::from([centre]);
        let partitions = links.partitions(centre).iter().flat_map(|&partition| links.outgoing(partition));
        let parents = links.outgoing(centre).chain(partitions).map(|key| key.parent);
        let children = links.incoming(centre).map(|key| whole(catalog, links, key.child));
        for id in parents.chain(children) {
            if seen.insert(id) {
                tables.push(id);
            }
        }
        let left_out = tables.len().saturating_sub(limit);
        tables.truncate(limit);
        let mut diagram = Diagram::of(catalog, links, &tables, Fields::Keys);
        // What neighbours have with each other is told by their own diagrams.
        diagram.relations.retain(|relation| relation.parent == 0 || relation.child == 0);
        for entity in &mut diagram.entities {
            entity.focus = entity.id == centre;
        }
        (diagram, left_out)
    }

    fn relate(&mut self, parent: usize, child: usize, key: &ForeignKey) {
        self.relations.push(Relation {
            parent,
            child,
            columns: key.columns.clone(),
            referenced: key.referenced.clone(),
            optional: key.optional,
            many: key.many,
        });
    }
}

impl Entity {
    /// The place of a column among those that are shown.
    pub fn row(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|field| same_column(&field.name, column))
    }
}

/// The tables that a diagram of the whole database shows: partitions are told by their parent,
/// and members of an extension by the extension.
pub fn tables_to_draw(catalog: &Catalog) -> Vec<ObjectId> {
    let drawn = |id: &ObjectId| {
        let object = catalog.get(*id);
        object.as_table().is_some() && object.extension.is_none() && !is_partition(catalog, *id)
    };
    catalog.iter().map(|(id, _)| id).filter(drawn).collect()
}

/// The table that a partition, or a partition of a partition, is part of.
fn whole(catalog: &Catalog, links: &Links, mut id: ObjectId) -> ObjectId {
    // A table that claims to be part of itself must not hold us up.
    for _ in 0..16 {
        let of = catalog.get(id).as_table().and_then(|table| table.partition_of.as_ref());
        match of.and_then(|of| links.relation(&of.parent)) {
            Some(parent) => id = parent,
            None => break,
        }
    }
    id
}

fn is_partition(catalog: &Catalog, id: ObjectId) -> bool {
    catalog.get(id).as_table().is_some_and(|table| table.partition_of.is_some())
}

fn entity(id: ObjectId, name: String, table: &Table, links: &Links, fields: Fields) -> Entity {
    let partitions = links.partitions(id).iter().flat_map(|&partition| links.outgoing(partition));
    let keys = links.outgoing(id).chain(partitions);
    let foreign: HashSet<String> =
        keys.flat_map(|key| &key.columns).map(|name| name.to_lowercase()).collect();
    let referenced: HashSet<String> =
        links.incoming(id).flat_map(|key| &key.referenced).map(|name| name.to_lowercase()).collect();
    let primary = primary_key(table);
    let wanted = |column: &&Column| match fields {
        Fields::None => false,
        Fields::All => true,
        Fields::Keys => {
            let folded = column.name.to_lowercase();
            primary.iter().any(|key| same_column(key, &column.name))
                || foreign.contains(&folded)
                || referenced.contains(&folded)
        }
    };
    let shown: Vec<Field> = table
        .columns
        .iter()
        .filter(wanted)
        .map(|column| Field {
            name: column.name.clone(),
            ty: column.ty.clone(),
            nullable: column.nullable,
            primary: primary.iter().any(|key| same_column(key, &column.name)),
            foreign: foreign.contains(&column.name.to_lowercase()),
            unique: is_unique(table, &column.name),
        })
        .collect();
    Entity { id, name, hidden: table.columns.len() - shown.len(), fields: shown, focus: false }
}

/// Whether the column alone is a unique key.
fn is_unique(table: &Table, column: &str) -> bool {
    use crate::model::catalog::ConstraintKind;
    let alone = |columns: &[String]| columns.len() == 1 && same_column(&columns[0], column);
    table.constraints.iter().any(|each| each.kind == ConstraintKind::Unique && alone(&each.columns))
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && index.keys.len() == 1
                && index.keys[0].prefix.is_none()
                && index.keys[0].column.as_deref().is_some_and(|key| same_column(key, column))
        })
}
