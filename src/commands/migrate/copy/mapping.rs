//! What of one database becomes what of the other: tables, columns, and the shape that values have on
//! their way.

use std::collections::BTreeMap;

use crate::definition::{
    self, DefaultValue, Definition, Loss, Sql, from_catalog, names_of_tables, to_catalog,
};
use crate::engine::backup::{Choice, Chosen};
use crate::engine::copy::{Copying, Reader, Seen, Shape};
use crate::engine::engine_for;
use crate::model::catalog::{Catalog, Column, ConstraintKind, Detail, Name, Object, Table};
use crate::model::target::EngineKind;
use crate::model::types::Portable;

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
    /// `seen` is what columns hold whose types do not say it.
    pub fn of(from: Catalog, engine: EngineKind, seen: &[Seen]) -> Mapping {
        match from.engine == engine {
            true => Mapping::own(from),
            false => Mapping::across(from, engine, seen),
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

    fn across(from: Catalog, engine: EngineKind, seen: &[Seen]) -> Mapping {
        let (mut definition, mut losses) = from_catalog(&from, engine);
        seen.iter().for_each(|seen| follow(&mut definition, &from, seen));
        let (to, more) = to_catalog(&definition, engine);
        losses.extend(more);
        losses.sort();
        losses.dedup();
        let mut tables = Vec::new();
        for (meant, name) in definition.tables.iter().zip(names_of_tables(&definition, engine)) {
            let found = table_of(&from, &source_name(&from, meant));
            let (Some((object, table)), Some((made, target))) = (found, table_of(&to, &name)) else {
                continue;
            };
            let columns = meant.columns.iter().zip(&target.columns);
            let ways = columns.filter_map(|(meant, to)| {
                let column = table.columns.iter().find(|column| column.name == meant.name)?;
                way(meant, column, to, (from.engine, engine))
            });
            let ways = ways.collect();
            tables.push(pair(sources(&from, &object.name), made, target, ways));
        }
        Mapping { from, to, own: false, losses, tables }
    }

    /// Into tables that are there: by the names that they and their columns would have, in any case.
    pub fn onto(self, there: Catalog) -> Mapping {
        let (mut losses, mut tables) = (Vec::new(), Vec::new());
        let engines = (self.from.engine, there.engine);
        let alike = |one: &str, other: &str| one == other || one.eq_ignore_ascii_case(other);
        for wanted in &self.tables {
            let lose = |what: &str, reason: &str| Loss {
                object: format!("table {}", self.to.short(&wanted.to)),
                what: what.to_owned(),
                reason: reason.to_owned(),
            };
            let exact = table_of(&there, &wanted.to);
            let found = exact.or_else(|| {
                there.tables().find(|(object, _)| {
                    alike(&object.name.name, &wanted.to.name) && object.name.schema == wanted.to.schema
                })
            });
            let Some((object, table)) = found else {
                losses.push(lose("all of it", "there is no such table"));
                continue;
            };
            let mut ways = Vec::new();
            for meant in &wanted.ways {
                let column = table.columns.iter().find(|column| column.name == meant.to.name);
                let column =
                    column.or_else(|| table.columns.iter().find(|each| alike(&each.name, &meant.to.name)));
                match column.filter(|column| column.generated.is_none()) {
                    Some(column) => ways.push(meant.onto(column, engines)),
                    None => {
                        losses.push(lose(&format!("column {}", meant.to.name), "there is no such column"))
                    }
                }
            }
            tables.push(pair(wanted.from.clone(), object, table, ways));
        }
        Mapping { to: there, losses, tables, ..self }
    }

    /// The rows to read, as [`Copying::extracts`] wants to be asked for them.
    pub fn source(&self) -> (Catalog, Choice) {
        let copying = engine_for(self.from.engine).copying();
        let wanted = self.tables.iter().flat_map(|pair| {
            pair.from.iter().map(move |name| {
                let columns: Vec<(&Column, &Shape)> =
                    pair.ways.iter().map(|way| (&way.from, &way.shape)).collect();
                (name, columns)
            })
        });
        selected(copying, &self.from, wanted)
    }

    /// The same rows where they went; `there` is the catalog of that database.
    pub fn target(&self, there: &Catalog) -> (Catalog, Choice) {
        let copying = engine_for(there.engine).copying();
        let wanted = self.tables.iter().map(|pair| {
            let columns: Vec<(&Column, &Shape)> = pair.ways.iter().map(|way| (&way.to, &way.shape)).collect();
            (&pair.to, columns)
        });
        selected(copying, there, wanted)
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
    pub fn readers(&self, copying: &dyn Copying, zero_is_null: bool) -> Vec<Reader> {
        let reader = |way: &Way| Reader {
            shape: way.shape.clone(),
            hex: copying.reads(&way.from, &way.shape).hex,
            zero_is_null: zero_is_null && way.to.nullable,
        };
        self.ways.iter().map(reader).collect()
    }

    /// How its own cells are read.
    pub fn readers_back(&self, copying: &dyn Copying) -> Vec<Reader> {
        let reader = |way: &Way| Reader {
            shape: way.shape.clone(),
            hex: copying.reads(&way.to, &way.shape).hex,
            zero_is_null: false,
        };
        self.ways.iter().map(reader).collect()
    }
}

fn pair(from: Vec<Name>, object: &Object, table: &Table, ways: Vec<Way>) -> Pair {
    let key = table.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey);
    let place = |name: &String| ways.iter().position(|way| way.to.name == *name);
    let key = key.map(|key| key.columns.iter().filter_map(place).collect()).unwrap_or_default();
    Pair { from, to: object.name.clone(), ways, key }
}

impl Way {
    /// The same into a column that is there.
    fn onto(&self, to: &Column, engines: (EngineKind, EngineKind)) -> Way {
        let shape = match engines.0 == engines.1 && self.from.ty == to.ty {
            true => Shape::Own,
            false => {
                let meaning = |engine: EngineKind, ty: &str| {
                    engine_for(engine).type_map(engine).portable(ty).map(|meaning| meaning.ty)
                };
                let long = engine_for(engines.1).type_map(engines.1).abilities().long_times;
                let held = meaning(engines.1, &to.ty);
                Shape::of(meaning(engines.0, &self.from.ty).as_ref(), held.as_ref(), long)
            }
        };
        Way { from: self.from.clone(), to: to.clone(), shape }
    }
}

/// The way of a column's values; None where the engine computes them itself.
fn way(
    meant: &definition::Column,
    from: &Column,
    to: &Column,
    engines: (EngineKind, EngineKind),
) -> Option<Way> {
    if to.generated.is_some() {
        return None;
    }
    let map = engine_for(engines.1).type_map(engines.1);
    let kin = engines.1.kin() == Some(engines.0) && from.ty == to.ty;
    let long = map.abilities().long_times;
    let shape = match &meant.ty {
        // Its kin has the same type.
        ty if kin && *ty != Some(Portable::Json) => Shape::Own,
        Some(Portable::Interval) if from.ty.to_ascii_lowercase().starts_with("time") => Shape::Time(6, true),
        ty => Shape::of(ty.as_ref(), map.portable(&to.ty).map(|meaning| meaning.ty).as_ref(), long),
    };
    Some(Way { from: from.clone(), to: to.clone(), shape })
}

/// Gives a column the type that holds what was seen in it.
fn follow(definition: &mut Definition, from: &Catalog, seen: &Seen) {
    let table = definition.tables.iter_mut().find(|table| source_name(from, table) == seen.table);
    let Some(column) =
        table.and_then(|table| table.columns.iter_mut().find(|column| column.name == seen.column))
    else {
        return;
    };
    column.ty = Some(seen.meant.clone());
    column.native = Sql::default();
    if let Some(DefaultValue::Bool(truth)) = column.default {
        column.default = Some(DefaultValue::Number(u8::from(truth).to_string()));
    }
}

/// The name of a definition's table in the catalog that it was taken from.
fn source_name(from: &Catalog, table: &definition::Table) -> Name {
    match table.name.schema.is_empty() {
        true => Name::new(&from.default_schema, &table.name.name),
        false => table.name.clone(),
    }
}

fn table_of<'a>(catalog: &'a Catalog, name: &Name) -> Option<(&'a Object, &'a Table)> {
    catalog.relation(name).and_then(|object| Some((object, object.as_table()?)))
}

/// The tables that hold the rows of a table: its partitions, or itself.
fn sources(from: &Catalog, name: &Name) -> Vec<Name> {
    let parts = leaves(from, name);
    if parts.is_empty() { vec![name.clone()] } else { parts }
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
) -> (Catalog, Choice) {
    let mut catalog = catalog.clone();
    let mut choice = Choice::default();
    for (name, columns) in wanted {
        let object = catalog.objects.iter_mut().find(|object| {
            object.name == *name && matches!(object.detail, Detail::Table(_)) && object.extension.is_none()
        });
        let Some(Object { detail: Detail::Table(table), .. }) = object else { continue };
        let mut chosen = Chosen { condition: None, columns: BTreeMap::new() };
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
