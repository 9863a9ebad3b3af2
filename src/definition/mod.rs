//! Definitions: a database's schema as a team writes it, for any engine.
//!
//! A definition is read from TOML, YAML or JSON ([`read`]), taken from a catalog of any engine
//! ([`from_catalog`]), written ([`write`]), and made into a catalog of any engine ([`to_catalog`]);
//! so it is also the way from one engine to another. What cannot go along is told as a [`Loss`].

mod carried;
mod expression;
mod fitting;
mod from_catalog;
mod keys;
mod node;
mod read;
mod to_catalog;
mod values;
mod write;
mod yaml;

use crate as definition;
use dbwright_core::{engine, error, model, sql};

pub use expression::unquoted_name;
pub use from_catalog::from_catalog;
pub use node::Syntax;
pub use read::{Source, read};
pub use to_catalog::{names_of_tables, to_catalog};
pub use write::write;

use std::collections::BTreeMap;

use crate::model::catalog::{Attribute, Name, Reference};
use crate::model::target::EngineKind;
use crate::model::types::Portable;

/// Where something stands: the number of the file, and the byte in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: usize,
    pub byte: usize,
}

/// SQL text: the same for all engines, or different ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    pub any: Option<String>,
    pub own: BTreeMap<EngineKind, String>,
}

/// What only one engine knows of an object.
pub type Options = BTreeMap<EngineKind, Vec<Attribute>>;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definition {
    pub schemas: Vec<Schema>,
    pub enums: Vec<Enum>,
    pub tables: Vec<Table>,
    pub views: Vec<View>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    pub at: Place,
    pub name: String,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Enum {
    pub at: Place,
    pub name: Name,
    pub labels: Vec<String>,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub at: Place,
    pub name: Name,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub indexes: Vec<Index>,
    pub comment: Option<String>,
    pub options: Options,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    pub at: Place,
    pub name: String,
    /// None where only an engine's own type is given.
    pub ty: Option<Portable>,
    pub native: Sql,
    pub nullable: bool,
    /// It may be NULL though it is in the primary key, where the engine allows that.
    pub null_in_key: bool,
    pub default: Option<DefaultValue>,
    pub generated: Option<Generated>,
    pub identity: Option<Identity>,
    pub collation: Sql,
    /// Every change of the row sets the column to the present moment.
    pub on_update_now: bool,
    pub comment: Option<String>,
    pub options: Options,
}

/// The value of a column that an INSERT leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    Text(String),
    Number(String),
    Bool(bool),
    /// The present moment, date, or time of day: what the column holds.
    Now,
    /// A new random UUID.
    Uuid,
    Sql(Sql),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    pub expression: Sql,
    pub stored: bool,
}

/// Numbers that the engine gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    pub rule: Rule,
    /// The options of its sequence.
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rule {
    /// A value given by the user is taken; no number is given twice.
    #[default]
    ByDefault,
    /// A value given by the user is refused, where the engine can.
    Always,
    /// The number of a row that is gone may be given again (SQLite without AUTOINCREMENT).
    Reuse,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    pub at: Place,
    pub name: Option<String>,
    pub kind: ConstraintKind,
    pub columns: Vec<String>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub validated: bool,
    pub enforced: bool,
    pub comment: Option<String>,
    pub options: Options,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    PrimaryKey,
    Unique { nulls_not_distinct: bool },
    ForeignKey(Reference),
    Check(Sql),
}

impl Constraint {
    /// A constraint that holds at once and for all rows.
    pub fn new(at: Place, kind: ConstraintKind, columns: Vec<String>) -> Self {
        Constraint {
            at,
            name: None,
            kind,
            columns,
            deferrable: false,
            initially_deferred: false,
            validated: true,
            enforced: true,
            comment: None,
            options: Options::new(),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    pub at: Place,
    pub name: Option<String>,
    pub keys: Vec<IndexKey>,
    pub include: Vec<String>,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    pub method: Sql,
    pub predicate: Option<Sql>,
    pub comment: Option<String>,
    pub options: Options,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexKey {
    /// None for an expression.
    pub column: Option<String>,
    pub expression: Option<Sql>,
    pub descending: bool,
    pub nulls_first: Option<bool>,
    pub collation: Sql,
    pub opclass: Sql,
    pub prefix: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    pub at: Place,
    pub name: Name,
    /// The names of its columns, where they are not those that the query gives.
    pub columns: Vec<String>,
    pub query: Sql,
    pub materialized: bool,
    pub comment: Option<String>,
    pub options: Options,
}

impl Definition {
    /// Leaves out the foreign keys that no reader of a definition takes, as not every engine does.
    pub fn without_odd_references(&mut self) -> Vec<Loss> {
        let tables = self.tables.clone();
        let mut losses = Vec::new();
        for table in &mut self.tables {
            let (shown, columns) = (format!("table {}", table.name), table.columns.clone());
            let ty = |name: &str| columns.iter().find(|column| column.name == name)?.ty.clone();
            table.constraints.retain(|each| {
                let ConstraintKind::ForeignKey(to) = &each.kind else { return true };
                let odd = fitting::odd_reference(&tables, &each.columns, to, ty);
                let called = each.name.clone().unwrap_or_else(|| format!("({})", each.columns.join(", ")));
                losses.extend(odd.clone().map(|reason| Loss {
                    object: shown.clone(),
                    what: format!("foreign key {called}"),
                    reason,
                }));
                odd.is_none()
            });
        }
        losses
    }
}

/// Something that did not go along, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Loss {
    /// `table customer`, `column customer.email`.
    pub object: String,
    pub what: String,
    pub reason: String,
}

impl Sql {
    /// The same text for every engine.
    pub fn any(text: impl Into<String>) -> Self {
        Sql { any: Some(text.into()), own: BTreeMap::new() }
    }

    /// The text of one engine.
    pub fn of(engine: EngineKind, text: impl Into<String>) -> Self {
        Sql { any: None, own: BTreeMap::from([(engine, text.into())]) }
    }

    pub fn is_empty(&self) -> bool {
        self.any.is_none() && self.own.is_empty()
    }

    /// The text for an engine: its own, that of its kin, that of all.
    pub fn get(&self, engine: EngineKind) -> Option<&str> {
        let own = |engine: EngineKind| self.own.get(&engine).map(String::as_str);
        own(engine).or_else(|| own(engine.kin()?)).or(self.any.as_deref())
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the primary key.
    pub fn primary_key(&self) -> Option<&Constraint> {
        self.constraints.iter().find(|each| each.kind == ConstraintKind::PrimaryKey)
    }

    /// Whether the columns are a primary key, or unique.
    fn has_key(&self, columns: &[String]) -> bool {
        let same =
            |key: &[String]| key.len() == columns.len() && key.iter().all(|name| columns.contains(name));
        let constraint = |each: &Constraint| {
            matches!(each.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. })
                && same(&each.columns)
        };
        let index = |each: &Index| {
            let keys: Vec<String> = each.keys.iter().filter_map(|key| key.column.clone()).collect();
            each.unique && each.predicate.is_none() && keys.len() == each.keys.len() && same(&keys)
        };
        self.constraints.iter().any(constraint) || self.indexes.iter().any(index)
    }
}
