//! The command line: global options, the commands, and the way to each.

use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{Context, Globals, completions, connect, man, profile, refuse_format, schema};
use crate::config::Env;
use crate::error::Result;
use crate::ui::Ui;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "dbwright",
    version,
    about = "A database administrator's daily work on SQLite, PostgreSQL, MySQL and MariaDB",
    after_help = EXAMPLES,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dbwright connect app.db                          a shell on a SQLite file
  dbwright connect prod -c 'select now()'          one statement on a profile
  dbwright connect postgres://ann@db/shop --check  is it there, how fast, what may I do
  dbwright profile init                            start a dbwright.toml";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Connect(connect::ConnectArgs),
    Profile(profile::ProfileArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The clap definition, for completions and man pages.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Parses the arguments, runs the command, prints its error, and gives the exit code.
pub fn main() -> ExitCode {
    // The process ends soon: taking the definition apart would cost more than a `select 1`'s share.
    let mut definition = ManuallyDrop::new(definition());
    let parsed = definition.try_get_matches_from_mut(std::env::args_os()).and_then(|matches| {
        refuse_format(&mut definition, &matches)?;
        Cli::from_arg_matches(&matches)
    });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with code 0, wrong usage to stderr with 2. A closed
            // pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let ui = Arc::new(Ui::new(cli.globals.ui_options()));
    let mut context = Context { ui, env: Env::from_process(), globals: cli.globals };
    match run(&mut context, cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            context.ui.error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn run(context: &mut Context, command: Command) -> Result<()> {
    match command {
        Command::Connect(args) => connect::run(context, args),
        Command::Profile(args) => profile::run(context, args),
        Command::Schema(args) => schema::run(context, args),
        Command::Completions(args) => completions::run(definition(), args),
        Command::Man(args) => man::run(definition(), args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }
}
