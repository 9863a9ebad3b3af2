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
    /// The lock it takes and what that stops, in the engine's own terms: `ACCESS EXCLUSIVE: reads
    /// and writes wait`; empty when nobody has to wait.
    pub lock: String,
    /// Every row of the table is written anew.
    pub rewrites: bool,
    /// What data goes for good, or what may be refused because of the rows that are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loses: Option<String>,
    /// The engine can take it back together with the other steps of a transaction.
    pub in_transaction: bool,
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
