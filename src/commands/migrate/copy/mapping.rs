//! What of one database becomes what of the other: tables, columns, and the shape that values have on
//! their way.

use std::collections::BTreeMap;

use crate::definition::{Loss, from_catalog, names_of_tables, to_catalog};
use crate::engine::backup::{Choice, Chosen};
use crate::engine::copy::{Copying, Reader, Shape};
use crate::engine::engine_for;
use crate::model::catalog::{Catalog, Column, ConstraintKind, Detail, Name, Object, Table};
use crate::model::target::EngineKind;

/// Two databases, and what goes where.
pub struct Mapping {
    pub from: Catalog,
    pub to: Catalog,
    /// Both are of one engine: the catalog goes over as it is.
    pub own: bool,
    pub losses: Vec<Loss>,
    pub tables: Vec<Pair>,
}

/// A table, and where its rows come from.
#[derive(Debug, Clone)]
pub struct Pair {
    /// More than one where it had partitions.
    pub from: Vec<Name>,
    pub to: Name,
    pub ways: Vec<Way>,
    /// The places of the columns that tell rows apart.
    pub key: Vec<usize>,
}

/// A column, and where its values come from.
#[derive(Debug, Clone)]
pub struct Way {
    pub from: Column,
    pub to: Column,
    pub shape: Shape,
}

impl Mapping {
    pub fn of(from: Catalog, engine: EngineKind) -> Mapping {
        match from.engine == engine {
            true => Mapping::own(from),
            false => Mapping::across(from, engine),
        }
    }

    fn own(from: Catalog) -> Mapping {
        let own = |column: &Column| Way { from: column.clone(), to: column.clone(), shape: Shape::Own };
        let with_rows = from.tables().filter(|(object, table)| {
            // Rows of a partitioned table are those of its partitions.
            let is_parent = table.partitioning.is_some() && !leaves(&from, &object.name).is_empty();
            object.extension.is_none() && table.foreign.is_none() && !is_parent
        });
        let tables = with_rows
            .map(|(object, table)| {
                let ways = table.columns.iter().filter(|column| column.generated.is_none());
                pair(vec![object.name.clone()], object, table, ways.map(own).collect())
            })
            .collect();
        Mapping { to: from.clone(), from, own: true, losses: Vec::new(), tables }
    }

    fn across(from: Catalog, engine: EngineKind) -> Mapping {
        let (definition, mut losses) = from_catalog(&from, engine);
        let (to, more) = to_catalog(&definition, engine);
        losses.extend(more);
        losses.sort();
        losses.dedup();
        let map = engine_for(engine).type_map(engine);
        let mut tables = Vec::new();
        for (definition, name) in definition.tables.iter().zip(names_of_tables(&definition, engine)) {
            let default = &from.default_schema;
            let schema = match definition.name.schema.is_empty() {
                true => default,
                false => &definition.name.schema,
            };
            let source = Name::new(schema, &definition.name.name);
            let found = from.relation(&source).and_then(|object| Some((object, object.as_table()?)));
            let target = to.relation(&name).and_then(|object| Some((object, object.as_table()?)));
            let (Some((object, table)), Some((made, target))) = (found, target) else { continue };
            let columns = definition.columns.iter().zip(&target.columns);
            let ways = columns.filter_map(|(meant, to)| {
                let from = table.columns.iter().find(|column| column.name == meant.name)?;
                let held = map.portable(&to.ty).map(|meaning| meaning.ty);
                let shape = match meant.ty.is_none() && from.ty == to.ty {
                    // Its kin has the same type, which nobody else has.
                    true => Shape::Own,
                    false => Shape::of(meant.ty.as_ref(), held.as_ref(), map.abilities().long_times),
                };
                to.generated.is_none().then(|| Way { from: from.clone(), to: to.clone(), shape })
            });
            let parts = leaves(&from, &object.name);
            let sources = if parts.is_empty() { vec![object.name.clone()] } else { parts };
            tables.push(pair(sources, made, target, ways.collect()));
        }
        Mapping { from, to, own: false, losses, tables }
    }

    /// The rows to read, as [`Copying::extracts`] wants to be asked for them.
    pub fn source(&self, conditions: &BTreeMap<Name, String>) -> (Catalog, Choice) {
        let copying = engine_for(self.from.engine).copying();
        let wanted = self.tables.iter().flat_map(|pair| {
            pair.from.iter().map(move |name| {
                let columns: Vec<(&Column, &Shape)> =
                    pair.ways.iter().map(|way| (&way.from, &way.shape)).collect();
                (name, columns)
            })
        });
        selected(copying, &self.from, wanted, conditions)
    }

    /// The same rows where they went; `there` is the catalog of that database.
    pub fn target(&self, there: &Catalog) -> (Catalog, Choice) {
        let copying = engine_for(there.engine).copying();
        let wanted = self.tables.iter().map(|pair| {
            let columns: Vec<(&Column, &Shape)> = pair.ways.iter().map(|way| (&way.to, &way.shape)).collect();
            (&pair.to, columns)
        });
        selected(copying, there, wanted, &BTreeMap::new())
    }

    /// About how many rows there are, where the database knows without counting.
    pub fn rows(&self) -> Option<u64> {
        let names = self.tables.iter().flat_map(|pair| &pair.from);
        names.map(|name| self.from.relation(name)?.as_table()?.rows).sum()
    }

    /// The table that the rows of another one go to.
    pub fn pair_of(&self, from: &Name) -> Option<usize> {
        self.tables.iter().position(|pair| pair.from.contains(from))
    }
}

impl Pair {
    /// How the cells of its source are read.
    pub fn readers(&self, copying: &dyn Copying) -> Vec<Reader> {
        let reader =
            |way: &Way| Reader { shape: way.shape.clone(), hex: copying.reads(&way.from, &way.shape).hex };
        self.ways.iter().map(reader).collect()
    }

    /// How its own cells are read.
    pub fn readers_back(&self, copying: &dyn Copying) -> Vec<Reader> {
        let reader =
            |way: &Way| Reader { shape: way.shape.clone(), hex: copying.reads(&way.to, &way.shape).hex };
        self.ways.iter().map(reader).collect()
    }
}

fn pair(from: Vec<Name>, object: &Object, table: &Table, ways: Vec<Way>) -> Pair {
    let key = table.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey);
    let place = |name: &String| ways.iter().position(|way| way.to.name == *name);
    let key = key.map(|key| key.columns.iter().filter_map(place).collect()).unwrap_or_default();
    Pair { from, to: object.name.clone(), ways, key }
}

/// The partitions that hold the rows of a table.
fn leaves(catalog: &Catalog, parent: &Name) -> Vec<Name> {
    let parts = catalog.tables().filter(|(_, table)| {
        table.partition_of.as_ref().is_some_and(|part| part.parent == *parent) && table.foreign.is_none()
    });
    parts
        .flat_map(|(object, table)| match table.partitioning {
            Some(_) => leaves(catalog, &object.name),
            None => vec![object.name.clone()],
        })
        .collect()
}

/// A catalog whose tables have just the columns that are read, in their order, and what is selected
/// of each.
fn selected<'a>(
    copying: &dyn Copying,
    catalog: &Catalog,
    wanted: impl Iterator<Item = (&'a Name, Vec<(&'a Column, &'a Shape)>)>,
    conditions: &BTreeMap<Name, String>,
) -> (Catalog, Choice) {
    let mut catalog = catalog.clone();
    let mut choice = Choice::default();
    for (name, columns) in wanted {
        let object = catalog.objects.iter_mut().find(|object| {
            object.name == *name && matches!(object.detail, Detail::Table(_)) && object.extension.is_none()
        });
        let Some(Object { detail: Detail::Table(table), .. }) = object else { continue };
        let mut chosen = Chosen { condition: conditions.get(name).cloned(), columns: BTreeMap::new() };
        let mut read = Vec::with_capacity(columns.len());
        for (column, shape) in columns {
            let there = table.columns.iter().find(|each| each.name == column.name).unwrap_or(column);
            chosen.columns.insert(there.name.clone(), copying.reads(there, shape).sql);
            // What the engine computes is read like any other value.
            read.push(Column { generated: None, ..there.clone() });
        }
        table.columns = read;
        choice.tables.insert(name.clone(), chosen);
    }
    (catalog, choice)
}
