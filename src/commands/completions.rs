//! `dbwright completions`: shell completion scripts.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::error::Result;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright completions bash > /usr/share/bash-completion/completions/dbwright
  dbwright completions zsh > \"${fpath[1]}/_dbwright\"
  dbwright completions fish > ~/.config/fish/completions/dbwright.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the script for the commands of `definition`.
pub fn run(mut definition: Command, args: CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition, "dbwright", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(())
}
