//! `dbwright profile`: writes, lists, shows and checks the profile file.

mod check;
mod init;
mod list;
mod show;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::config::{Config, Env};
use crate::error::{Error, Kind, Result};

/// Write, list, show and check the profiles of dbwright.toml
#[derive(Debug, clap::Args)]
pub struct ProfileArgs {
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with the profile file.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Write a commented dbwright.toml to start from
    Init {
        /// The file to write
        #[arg(value_name = "FILE", default_value = crate::config::FILE_NAME)]
        file: PathBuf,
        /// Overwrite a file that exists
        #[arg(long)]
        force: bool,
    },
    /// List the profiles: where they lead and where their passwords come from
    List,
    /// Show what a profile comes to, and where each value comes from
    Show {
        #[arg(value_name = "PROFILE")]
        name: String,
    },
    /// Check the file: unknown keys, wrong types and bad values, all at once
    Check,
}

/// Runs the command. `config` is the file of `--config`; `json` asks for JSON on `out`.
pub fn run(
    args: &ProfileArgs,
    env: &Env,
    config: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    match &args.action {
        Action::Init { file, force } => init::run(file, *force, env, json, out),
        Action::List => list::run(&load(env, config)?, env, json, out),
        Action::Show { name } => show::run(&load(env, config)?, name, env, json, out),
        Action::Check => check::run(env, config, json, out),
    }
}

fn load(env: &Env, config: Option<&Path>) -> Result<Config> {
    Config::load(env, config)?.ok_or_else(no_file)
}

fn no_file() -> Error {
    Error::new(
        Kind::Config,
        "there is no dbwright.toml here, in a parent folder or in the user's configuration folder",
    )
    .hint("`dbwright profile init` writes one to start from")
}

fn write_json(out: &mut dyn Write, value: &serde_json::Value) -> Result<()> {
    Ok(writeln!(out, "{value:#}")?)
}

#[cfg(test)]
mod tests;
