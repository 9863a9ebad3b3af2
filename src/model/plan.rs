//! A change of a database in steps: shown, confirmed, and run, all from the same list.

use serde::Serialize;

/// What leads from one state of a database to another, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What differs and cannot be brought about by a statement, and why.
    pub left: Vec<Left>,
}

/// A step of a plan: what is done to one object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `add column`, `create index`, `rebuild table`.
    pub kind: String,
    /// `table film`, for people.
    pub object: String,
    /// The statements, in order, each without a closing semicolon.
    pub sql: Vec<String>,
    /// Why it is there when the difference itself does not say so: `view rich stands on it`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The lock it takes and what that stops, in the engine's own terms: `ACCESS EXCLUSIVE: reads
    /// and writes wait`; empty when nobody has to wait.
    pub lock: String,
    /// Every row of the table is written anew.
    pub rewrites: bool,
    /// What data may go for good, and what rows may stand in its way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<Loss>,
    /// It concerns the session that runs the plan alone: settings, notes in temporary tables. Nothing
    /// of it is left in the database.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub session: bool,
    /// The engine can take it back together with the other steps of a transaction.
    pub in_transaction: bool,
}

/// Data that a step takes away, or that stands in its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// `the column and its values`, `values longer than 20 characters`.
    pub what: String,
    /// A query that gives a row when there is such data, and none when there is not, to be asked
    /// of the database before the step; without one there always is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
    pub harm: Harm,
}

/// What comes of such data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// It goes for good.
    #[default]
    Lost,
    /// Nothing is lost: the step fails as long as it is there.
    Stops,
    /// Nothing is lost: the step may fail, and no query tells.
    MayStop,
}

impl Loss {
    pub fn lost(what: impl Into<String>, probe: Option<String>) -> Self {
        Loss { what: what.into(), probe, harm: Harm::Lost }
    }

    /// Rows that the step fails for; whether the probe finds just those.
    pub fn stops(what: impl Into<String>, probe: Option<String>, certain: bool) -> Self {
        let harm = if certain && probe.is_some() { Harm::Stops } else { Harm::MayStop };
        Loss { what: what.into(), probe, harm }
    }
}

/// A difference that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// `table film: order of columns`.
    pub what: String,
    pub why: String,
}

/// How a change is to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeOptions {
    /// Prefer statements that let others go on working, although they take longer and cannot be
    /// taken back together: indexes built concurrently, constraints added unchecked and checked
    /// after.
    pub online: bool,
    /// Owners and grants too.
    pub privileges: bool,
}

/// A table or a column that goes by another name, and keeps its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// The table, by the name it has before.
    pub table: super::catalog::Name,
    /// The column of it; without one the table itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The new name of the column or the table, in the same schema.
    pub to: String,
}

/// What renaming does to a database.
#[derive(Debug, Clone)]
pub struct Renamed {
    pub steps: Vec<Step>,
    /// The catalog as the server would give it after the steps. What is not sure to follow the new
    /// name keeps the old one here, so that it counts as different and is made again.
    pub catalog: super::catalog::Catalog,
}

/// A text that goes on naming what was renamed by its old name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// None for a trigger, which is a part of its table or view.
    pub kind: Option<super::catalog::Kind>,
    pub name: String,
}
