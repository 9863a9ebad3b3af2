//! All integration tests, in one binary.
//!
//! `tests/run` starts the servers and tells where they are by `DBWRIGHT_TEST_*` variables. Without
//! them only what needs no server runs; `servers::tests` says so.

mod cli;
mod conformance;
mod layering;
mod poll;
mod process;
mod safety;
mod sandbox;
mod schema_pairs;
mod servers;
mod terminal;
