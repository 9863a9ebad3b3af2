//! Tables and views, and all that hangs on them.

use serde::Serialize;

use super::{Attribute, Grant, Name};

/// A table: ordinary, partitioned, foreign or virtual.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub indexes: Vec<Index>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitioning: Option<Partitioning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
    /// Parents by PostgreSQL's table inheritance, in order; not those of a partition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<Name>,
    /// The foreign server, or the module of a virtual table; None for a table of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign: Option<String>,
    /// The planner's estimate, or the engine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// On disk, with indexes and out-of-line values, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A view, or a materialized one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct View {
    pub materialized: bool,
    pub columns: Vec<Column>,
    /// The SELECT alone, as the engine gives it out, without a closing semicolon.
    pub query: String,
    /// Of a materialized view.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Why the view cannot be read: it names something that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Column {
    pub name: String,
    /// The type as the engine writes it in DDL: `character varying(20)`, `int unsigned`,
    /// `enum('a','b')`; empty for a column of SQLite that was given none.
    #[serde(rename = "type")]
    pub ty: String,
    pub nullable: bool,
    /// A SQL expression of the engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// Numbers that the engine gives: IDENTITY, AUTO_INCREMENT, AUTOINCREMENT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Where it is not the one the column would have anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// MySQL's ON UPDATE: `CURRENT_TIMESTAMP(6)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The column comes from a parent table and has no declaration of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generated {
    pub expression: String,
    /// Kept on disk, not computed when it is read.
    pub stored: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Identity {
    /// The engine refuses a value given by the user (GENERATED ALWAYS).
    pub always: bool,
    /// The options of its sequence that are not the usual ones: `increment` = `10`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// The number given out last, 0 where none was given out yet, for MySQL and MariaDB, whose
    /// numbers come from no sequence. None when it was not asked for
    /// ([`Scope::sizes`](super::Scope::sizes)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_value: Option<i128>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constraint {
    /// None where nobody gave one and the engine makes none up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub kind: ConstraintKind,
    /// Of the table itself, in order; empty for a check on an expression.
    pub columns: Vec<String>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// Rows that were there before were checked too.
    pub validated: bool,
    pub enforced: bool,
    /// It comes from a parent table and has no declaration of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What follows `CONSTRAINT name`, in the engine's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

impl Constraint {
    /// A constraint that holds at once and for all rows.
    pub fn new(name: Option<String>, kind: ConstraintKind, columns: Vec<String>) -> Self {
        Constraint {
            name,
            kind,
            columns,
            deferrable: false,
            initially_deferred: false,
            validated: true,
            enforced: true,
            inherited: false,
            comment: None,
            definition: None,
            attributes: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey(Reference),
    Check {
        expression: String,
    },
    /// A NOT NULL with a name and a life of its own (PostgreSQL 18).
    NotNull,
    Exclusion,
    /// A constraint trigger and whatever else only the engine knows.
    Other,
}

/// The other end of a foreign key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reference {
    pub table: Name,
    /// Empty where the key of the other table is meant without naming it (SQLite).
    pub referenced: Vec<String>,
    pub on_update: Action,
    pub on_delete: Action,
    /// MATCH FULL.
    pub full: bool,
}

/// What happens to rows whose parent goes or changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    /// As SQL writes it.
    pub fn sql(self) -> &'static str {
        match self {
            Action::NoAction => "NO ACTION",
            Action::Restrict => "RESTRICT",
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::SetDefault => "SET DEFAULT",
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Index {
    pub name: String,
    pub keys: Vec<IndexKey>,
    /// Columns that are in the index but not part of its key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    pub unique: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub nulls_not_distinct: bool,
    /// `btree`, `gin`, `fulltext`, `spatial`, in lower case; empty where the engine has one only.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The WHERE of a partial index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    /// The name of the constraint that made the index; it is created with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// An index that the engine keeps but does not use: half built, or made invisible.
    pub usable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The whole statement in the engine's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A column or an expression of an index.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IndexKey {
    /// None for an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// Where it is not what the direction implies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nulls_first: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The operator class, where it is not the type's usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opclass: Option<String>,
    /// Only the first characters or bytes of the column (MySQL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trigger {
    pub name: String,
    /// `BEFORE`, `AFTER`, `INSTEAD OF`.
    pub timing: String,
    /// `INSERT`, `UPDATE OF a, b`.
    pub events: Vec<String>,
    /// Once for each row, not once for each statement.
    pub each_row: bool,
    /// What runs: `function()` on PostgreSQL, the body elsewhere.
    pub action: String,
    /// `enabled`, `disabled`, `replica`, `always`.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The whole statement in the engine's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// A row security policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Policy {
    pub name: String,
    pub permissive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE`, `DELETE`.
    pub command: String,
    /// `PUBLIC` alone for everybody.
    pub roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A rewrite rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Rule {
    pub name: String,
    /// `enabled`, `disabled`, `replica`, `always`.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    pub definition: String,
}

/// How the rows of a table are spread over its partitions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Partitioning {
    /// What follows PARTITION BY: `RANGE (created)`, `HASH (id) PARTITIONS 4`.
    pub by: String,
    /// Partitions that are no tables of their own (MySQL): name and bound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<Attribute>,
}

/// A partition's place.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PartitionOf {
    pub parent: Name,
    /// `FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`, `DEFAULT`.
    pub bound: String,
}
