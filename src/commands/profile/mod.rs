//! `dbwright profile`: writes, lists, shows and checks the profile file.

mod check;
mod init;
mod list;
mod show;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::Context;
use crate::error::Result;

/// Write, list, show and check the profiles of dbwright.toml
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright profile init
  dbwright profile list
  dbwright profile show prod
  dbwright profile check && git commit dbwright.toml")]
pub struct ProfileArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the profile file.
#[derive(Debug, Subcommand)]
enum Action {
    Init(InitArgs),
    /// List the profiles: where they lead and where their passwords come from
    #[command(after_help = "\
Examples:
  dbwright profile list
  dbwright profile list --json | jq -r '.profiles[] | select(.protected) | .name'")]
    List,
    Show(ShowArgs),
    /// Check the file: unknown keys, wrong types and bad values, all at once
    #[command(after_help = "\
Examples:
  dbwright profile check
  dbwright profile check --config deploy/dbwright.toml
  dbwright profile check --json | jq '.problems[].at.line'")]
    Check,
}

/// Write a commented dbwright.toml to start from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright profile init
  dbwright profile init ~/.config/dbwright/dbwright.toml
  dbwright profile init --force")]
struct InitArgs {
    /// The file to write [default: the one of --config, or dbwright.toml]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

/// Show what a profile comes to, and where each value comes from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright profile show prod
  dbwright profile show prod --json | jq '.values[] | select(.key == \"host\")'")]
struct ShowArgs {
    /// The profile
    #[arg(value_name = "PROFILE")]
    name: String,
}

/// Runs the command.
pub fn run(context: &Context, args: ProfileArgs) -> Result<()> {
    match args.action {
        Action::Init(args) => init::run(context, args),
        Action::List => list::run(context),
        Action::Show(args) => show::run(context, &args.name),
        Action::Check => check::run(context),
    }
}
