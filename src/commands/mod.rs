//! One folder or file a command: its arguments, `run`, and beside it the files with its logic.

pub mod backup;
pub mod completions;
pub mod connect;
mod context;
pub mod fault;
mod formats;
mod globals;
pub mod interrupt;
mod lint;
pub mod man;
pub mod migrate;
mod output_file;
pub mod plan;
pub mod profile;
pub mod restore;
pub mod schema;
mod scratch;

pub use context::{Context, refused_by_profile};
pub use formats::refuse_format;
pub use globals::Globals;
