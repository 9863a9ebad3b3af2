//! What every room of dbwright stands on: databases, the model of them, and SQL. It is a crate of
//! its own so that a change of a command is built without the engines; `dbwright` hands its rooms on.

pub mod engine; // sessions on databases; what is peculiar to an engine lives in its folder
pub mod error; // the one error
pub mod model; // pure data that everybody knows
pub mod sql; // SQL as text
