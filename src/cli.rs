//! The command line: global options, the commands, and the way to each.

use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    Context, Globals, backup, completions, connect, fault, man, migrate, profile, refuse_format, restore,
    schema,
};
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
  dbwright migrate up app.db                       apply the migrations that are pending
  dbwright backup prod --repo /backups/prod        back up a database
  dbwright profile init                            start a dbwright.toml";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Connect(connect::ConnectArgs),
    Profile(profile::ProfileArgs),
    Schema(schema::SchemaArgs),
    Migrate(migrate::MigrateArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The clap definition, for completions and man pages.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// The command line of `connect` alone: scripts call it thousands of times, and to put together the
/// definition of every other command takes longer than a `select 1`.
#[derive(Debug, Parser)]
#[command(name = "dbwright", version, max_term_width = 100, disable_help_subcommand = true)]
struct Connect {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: OnlyConnect,
}

#[derive(Debug, Subcommand)]
enum OnlyConnect {
    Connect(connect::ConnectArgs),
}

/// Parses `connect` and its arguments when they come first and are right.
fn connect_alone() -> Option<Cli> {
    if std::env::args_os().nth(1)? != "connect" {
        return None;
    }
    let mut definition = ManuallyDrop::new(Connect::command());
    let matches = definition.try_get_matches_from_mut(std::env::args_os()).ok()?;
    refuse_format(&mut definition, &matches).ok()?;
    let Connect { globals, command: OnlyConnect::Connect(args) } =
        Connect::from_arg_matches(&matches).ok()?;
    Some(Cli { globals, command: Command::Connect(args) })
}

fn parse() -> Result<Cli, clap::Error> {
    if let Some(cli) = connect_alone() {
        return Ok(cli);
    }
    // The process ends soon: taking the definition apart would cost more than a `select 1`'s share.
    let mut definition = ManuallyDrop::new(definition());
    let matches = definition.try_get_matches_from_mut(std::env::args_os())?;
    refuse_format(&mut definition, &matches)?;
    Cli::from_arg_matches(&matches)
}

/// Parses the arguments, runs the command, prints its error, and gives the exit code.
pub fn main() -> ExitCode {
    fault::end_at_one();
    let cli = match parse() {
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
        Command::Migrate(args) => migrate::run(context, args),
        Command::Backup(args) => backup::run(context, args),
        Command::Restore(args) => restore::run(context, &args),
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
        Connect::command().debug_assert();
    }
}
