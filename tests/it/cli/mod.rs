//! The command line as users and scripts see it.

mod exit_codes;
mod generated;
mod help;
mod profiles;
mod schema_docs;
mod scripts;
mod shell;
mod transcripts;
