//! One folder a command: its arguments and `run` in `mod.rs`, its logic in the files beside it.

pub mod profile;
