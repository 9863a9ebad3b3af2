//! A schema in words that every engine can render, and what makes any random one valid.
//!
//! Random schemas and their mutations are free: they name columns that are not there, give a table
//! two keys of one name. [`Schema::settled`] makes the nearest valid schema of one. Everything is
//! referred to by name, so that a mutation leaves alone what it does not touch.

use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    pub tables: Vec<Table>,
    pub views: Vec<View>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub key: Option<Key>,
    pub uniques: Vec<Unique>,
    pub checks: Vec<Check>,
    pub foreign_keys: Vec<ForeignKey>,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub comment: Option<u8>,
    /// For what only one engine has: STRICT, UNLOGGED, a row format.
    pub flavour: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub ty: Ty,
    pub nullable: bool,
    /// Which of the defaults of the type.
    pub default: Option<u8>,
    pub generated: Option<Generated>,
    pub comment: Option<u8>,
    /// For what only one engine has: a collation, an enum.
    pub flavour: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Int,
    BigInt,
    Decimal,
    Real,
    /// Of up to 40 characters.
    Text,
    LongText,
    Bool,
    Date,
    Timestamp,
    Blob,
}

impl Ty {
    pub const ALL: [Ty; 10] = [
        Ty::Int,
        Ty::BigInt,
        Ty::Decimal,
        Ty::Real,
        Ty::Text,
        Ty::LongText,
        Ty::Bool,
        Ty::Date,
        Ty::Timestamp,
        Ty::Blob,
    ];

    /// Every engine makes keys of it, and three rows have three values.
    pub fn is_keyable(self) -> bool {
        matches!(self, Ty::Int | Ty::BigInt | Ty::Decimal | Ty::Text | Ty::Date)
    }

    pub fn is_number(self) -> bool {
        matches!(self, Ty::Int | Ty::BigInt | Ty::Decimal)
    }

    pub fn is_text(self) -> bool {
        matches!(self, Ty::Text | Ty::LongText)
    }
}

/// A number plus one, a text in upper case.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    pub of: String,
    pub stored: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub columns: Vec<String>,
    pub name: Option<String>,
    /// Numbers given by the engine: AUTOINCREMENT, IDENTITY; of a single whole number only.
    pub numbered: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Unique {
    pub columns: Vec<String>,
    pub name: Option<String>,
}

/// A number is more than minus `bound`, a text is not `bound`: no row of ours ever breaks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub column: String,
    pub bound: u8,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// Empty before it is settled: it gets columns of its own, of the types of the other end.
    pub columns: Vec<String>,
    pub name: Option<String>,
    pub table: String,
    /// Empty before it is settled.
    pub referenced: Vec<String>,
    /// Refers to a unique constraint, where there is one, and not to the primary key.
    pub to_unique: bool,
    /// Takes the columns of the table's own primary key, where their types are the same.
    pub by_key: bool,
    pub nullable: bool,
    pub on_delete: Act,
    pub on_update: Act,
    /// Tells the columns of two keys to one table apart.
    pub number: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub name: String,
    pub columns: Vec<(String, Descending)>,
    pub unique: bool,
    /// Only rows whose first column is not null, where the engine has such indexes.
    pub partial: bool,
    /// The first key is an expression, where the engine has such indexes.
    pub expression: bool,
}

pub type Descending = bool;

#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    pub name: String,
    pub after: bool,
    pub event: Event,
    /// A table that the trigger reads; the nearest that is there.
    pub reads: String,
    pub body: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Insert,
    Update,
    Delete,
}

/// A query of some columns of one table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub name: String,
    pub of: String,
    /// None is all, by `*`.
    pub columns: Option<Vec<String>>,
    /// Only rows whose first column is not null.
    pub filtered: bool,
    /// A table that is joined to it, for nothing.
    pub joined: Option<String>,
    pub flavour: u8,
}

impl Schema {
    /// The same schema with another name for a table, or for a column of it.
    pub fn renamed(&self, table: &str, column: Option<&str>, new: &str) -> Schema {
        let mut schema = self.clone();
        match column {
            None => schema.rename_table(table, new),
            Some(column) => schema.rename_column(table, column, new),
        }
        schema
    }

    fn rename_table(&mut self, old: &str, new: &str) {
        let moved = |name: &mut String| {
            if *name == old {
                new.clone_into(name);
            }
        };
        for table in &mut self.tables {
            moved(&mut table.name);
            table.foreign_keys.iter_mut().for_each(|key| moved(&mut key.table));
            table.triggers.iter_mut().for_each(|trigger| moved(&mut trigger.reads));
        }
        for view in &mut self.views {
            moved(&mut view.of);
            view.joined.iter_mut().for_each(moved);
        }
    }

    /// A view shows the column by its new name.
    fn rename_column(&mut self, relation: &str, old: &str, new: &str) {
        let moved = |name: &mut String| {
            if *name == old {
                new.clone_into(name);
            }
        };
        for table in &mut self.tables {
            for key in table.foreign_keys.iter_mut().filter(|key| key.table == relation) {
                key.referenced.iter_mut().for_each(moved);
            }
        }
        for table in self.tables.iter_mut().filter(|table| table.name == relation) {
            table.columns.iter_mut().for_each(|column| moved(&mut column.name));
            table
                .columns
                .iter_mut()
                .filter_map(|column| column.generated.as_mut())
                .for_each(|each| moved(&mut each.of));
            table.key.iter_mut().flat_map(|key| &mut key.columns).for_each(moved);
            table.uniques.iter_mut().flat_map(|unique| &mut unique.columns).for_each(moved);
            table.checks.iter_mut().for_each(|check| moved(&mut check.column));
            table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(moved);
            table
                .indexes
                .iter_mut()
                .flat_map(|index| &mut index.columns)
                .for_each(|column| moved(&mut column.0));
        }
        let mut showing = HashSet::from([relation.to_owned()]);
        for view in &mut self.views {
            if !showing.contains(&view.of) {
                continue;
            }
            let shows = view.columns.as_ref().is_none_or(|columns| columns.iter().any(|name| name == old));
            view.columns.iter_mut().flatten().for_each(moved);
            if shows {
                showing.insert(view.name.clone());
            }
        }
    }
}

fn fold(name: &str) -> String {
    name.to_lowercase()
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    fn types(&self, columns: &[String]) -> Vec<Ty> {
        columns.iter().filter_map(|name| self.column(name)).map(|column| column.ty).collect()
    }
}

impl Schema {
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The nearest valid schema.
    pub fn settled(&self) -> Schema {
        let mut schema = self.clone();
        let mut taken = HashSet::new();
        schema.tables.retain(|table| taken.insert(fold(&table.name)));
        for table in &mut schema.tables {
            settle_columns(table);
            settle_key(table);
        }
        let first = schema.tables.first().map(|table| table.name.clone());
        let names: HashSet<String> = schema.tables.iter().map(|table| table.name.clone()).collect();
        for table in &mut schema.tables {
            for trigger in table.triggers.iter_mut().filter(|trigger| !names.contains(&trigger.reads)) {
                trigger.reads = first.clone().unwrap_or_default();
            }
        }
        settle_foreign_keys(&mut schema);
        let mut names = Names::default();
        for table in &mut schema.tables {
            settle_parts(table, &mut names, &mut taken);
        }
        schema.settle_views(taken);
        schema
    }

    fn settle_views(&mut self, mut taken: HashSet<String>) {
        let first = self.tables.first().map(|table| table.name.clone());
        let mut columns: Vec<(String, Vec<String>)> = self
            .tables
            .iter()
            .map(|table| (table.name.clone(), table.columns.iter().map(|each| each.name.clone()).collect()))
            .collect();
        self.views.retain(|view| taken.insert(fold(&view.name)));
        if first.is_none() {
            self.views.clear();
        }
        for view in &mut self.views {
            let known = columns.iter().position(|(name, _)| *name == view.of).unwrap_or(0);
            let (of, all) = columns[known].clone();
            view.of = of;
            if let Some(chosen) = &mut view.columns {
                let mut seen = HashSet::new();
                chosen.retain(|name| all.contains(name) && seen.insert(name.clone()));
                if chosen.is_empty() {
                    chosen.push(all[0].clone());
                }
            }
            if view.joined.as_ref().is_some_and(|name| !columns.iter().any(|(other, _)| other == name)) {
                view.joined = first.clone();
            }
            columns.push((view.name.clone(), view.columns.clone().unwrap_or(all)));
        }
    }
}

fn settle_columns(table: &mut Table) {
    let mut taken = HashSet::new();
    table.columns.retain(|column| taken.insert(fold(&column.name)));
    let plain: Vec<(String, Ty)> = table
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .map(|column| (column.name.clone(), column.ty))
        .collect();
    let key = table.key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
    for column in &mut table.columns {
        let Some(generated) = &mut column.generated else { continue };
        let usable = |(name, ty): &&(String, Ty)| !key.contains(name) && (ty.is_number() || ty.is_text());
        let named = plain.iter().filter(usable).find(|(name, _)| *name == generated.of);
        match named.or_else(|| plain.iter().find(usable)) {
            Some((name, ty)) => {
                generated.of.clone_from(name);
                column.ty = *ty;
                column.nullable = true;
                column.default = None;
            }
            None => column.generated = None,
        }
    }
    if table.columns.iter().all(|column| column.generated.is_some()) {
        table.columns.push(Column {
            name: "only".into(),
            ty: Ty::Int,
            nullable: true,
            default: None,
            generated: None,
            comment: None,
            flavour: 0,
        });
    }
}

fn settle_key(table: &mut Table) {
    let Some(mut key) = table.key.take() else { return };
    let plain = |name: &String| {
        let column = table.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| column.generated.is_none() && column.ty.is_keyable())
    };
    let mut seen = HashSet::new();
    key.columns.retain(|name| plain(name) && seen.insert(name.clone()));
    if key.columns.is_empty() {
        return;
    }
    for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
        column.nullable = false;
    }
    let whole = matches!(table.types(&key.columns)[..], [Ty::Int | Ty::BigInt]);
    key.numbered &= whole;
    if key.numbered {
        for column in table.columns.iter_mut().filter(|column| column.name == key.columns[0]) {
            column.default = None;
        }
    }
    table.key = Some(key);
}

fn settle_foreign_keys(schema: &mut Schema) {
    // Uniques first: a key may refer to them.
    for table in &mut schema.tables {
        let mut seen = HashSet::new();
        let columns = &table.columns;
        let keyable = |name: &String| {
            columns
                .iter()
                .any(|column| column.name == *name && column.ty.is_keyable() && column.generated.is_none())
        };
        let key = table.key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        table.uniques.retain_mut(|unique| {
            let mut once = HashSet::new();
            unique.columns.retain(|name| keyable(name) && once.insert(name.clone()));
            !unique.columns.is_empty() && unique.columns != key && seen.insert(unique.columns.clone())
        });
    }
    let before = schema.clone();
    for table in &mut schema.tables {
        let mut keys = std::mem::take(&mut table.foreign_keys);
        keys.retain_mut(|key| settle_foreign_key(table, key, &before));
        table.foreign_keys = keys;
    }
}

/// False when there is nothing that it could refer to.
fn settle_foreign_key(table: &mut Table, key: &mut ForeignKey, schema: &Schema) -> bool {
    let Some(other) = schema.table(&key.table) else { return false };
    let unique = other.uniques.first().map(|unique| &unique.columns).filter(|_| key.to_unique);
    let Some(referenced) = unique.or(other.key.as_ref().map(|key| &key.columns)) else { return false };
    key.referenced.clone_from(referenced);
    let types = other.types(referenced);
    let own = table.key.as_ref().map(|own| own.columns.clone()).filter(|own| table.types(own) == types);
    if key.by_key
        && let Some(own) = own
        && (other.name != table.name || own != *referenced)
    {
        key.columns = own;
        key.on_delete = Act::NoAction;
        key.on_update = Act::NoAction;
        return !table.foreign_keys.iter().any(|each| each.columns == key.columns);
    }
    key.columns.clear();
    for (at, ty) in types.into_iter().enumerate() {
        let name = format!("fk{}_{at}", key.number);
        if table.columns.iter().any(|column| column.name == name) {
            return false;
        }
        table.columns.push(Column {
            name: name.clone(),
            ty,
            nullable: key.nullable,
            default: None,
            generated: None,
            comment: None,
            flavour: 0,
        });
        key.columns.push(name);
    }
    if !key.nullable {
        for act in [&mut key.on_delete, &mut key.on_update] {
            *act = if *act == Act::SetNull { Act::Cascade } else { *act };
        }
    }
    true
}

/// Names that are one per database on some engine.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    fn take(&mut self, name: &str) -> bool {
        self.0.insert(fold(name))
    }

    /// A constraint whose name is taken goes without one.
    fn take_or_drop(&mut self, name: &mut Option<String>) {
        if name.as_ref().is_some_and(|name| !self.take(name)) {
            *name = None;
        }
    }
}

fn settle_parts(table: &mut Table, names: &mut Names, relations: &mut HashSet<String>) {
    let columns = table.columns.clone();
    let column = |name: &String| columns.iter().find(|column| column.name == *name);
    if let Some(key) = &mut table.key {
        names.take_or_drop(&mut key.name);
    }
    let key = table.key.clone();
    let numbered = |name: &String| key.as_ref().is_some_and(|key| key.numbered && key.columns.contains(name));
    let mut seen = HashSet::new();
    table.checks.retain(|check| {
        let fits = |column: &Column| column.ty.is_number() || column.ty.is_text();
        column(&check.column).is_some_and(fits)
            && !numbered(&check.column)
            && seen.insert((check.column.clone(), check.bound))
    });
    table.checks.iter_mut().for_each(|check| names.take_or_drop(&mut check.name));
    table.uniques.iter_mut().for_each(|unique| names.take_or_drop(&mut unique.name));
    table.foreign_keys.iter_mut().for_each(|key| names.take_or_drop(&mut key.name));
    table.indexes.retain_mut(|index| {
        let mut once = HashSet::new();
        let indexable =
            |column: &Column| column.ty.is_keyable() || matches!(column.ty, Ty::Real | Ty::Timestamp);
        let unique = index.unique;
        let fits = |column: &Column| {
            indexable(column) && (!unique || (column.ty.is_keyable() && column.generated.is_none()))
        };
        index.columns.retain(|(name, _)| column(name).is_some_and(fits) && once.insert(name.clone()));
        !index.columns.is_empty() && relations.insert(fold(&index.name)) && names.take(&index.name)
    });
    table.triggers.retain(|trigger| names.take(&trigger.name));
}
