//! Routines, sequences and types.

use serde::Serialize;

use super::{Column, Constraint, Name};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Routine {
    pub kind: RoutineKind,
    /// With names, modes and defaults, as the engine writes them: `a integer, OUT b text`.
    pub arguments: String,
    /// `SETOF text`; None for a procedure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    /// `plpgsql`, `sql`, `c`.
    pub language: String,
    /// The source text; None where it is not text (a library) or may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineKind {
    #[default]
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// A generator of numbers. Its present value is data, not definition, and is read with
/// [`Scope::sizes`](super::Scope::sizes) only.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sequence {
    /// `bigint`; empty where sequences have no type.
    #[serde(rename = "data_type")]
    pub ty: String,
    pub start: i128,
    pub increment: i128,
    pub min: i128,
    pub max: i128,
    pub cache: i128,
    pub cycle: bool,
    /// The column it goes away with: table and column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<(Name, String)>,
    /// It belongs to an identity column and is made with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub identity: bool,
    /// The number given out last; one step before `start` where none was given out yet. None when
    /// it was not asked for or may not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_value: Option<i128>,
}

/// A type that somebody made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Type {
    Enum {
        labels: Vec<String>,
    },
    Composite {
        columns: Vec<Column>,
    },
    Domain(Domain),
    /// A range, a base type, a shell: told by the object's definition.
    Other,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Domain {
    pub base: String,
    pub nullable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
}
