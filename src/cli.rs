//! The command line: global options, the commands, and the way to each.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{Context, completions, connect, man, profile};
use crate::config::{Env, duration};
use crate::error::Result;
use crate::ui::{Format, LogFormat, Ui, UiOptions};

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

/// Options that every command takes, at any position.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Read profiles from FILE [default: dbwright.toml here or above, then the user's]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Use the profile NAME
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "url")]
    pub profile: Option<String>,
    /// Use the database at URL
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// How results are printed [default: table]
    #[arg(long, global = true, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    pub format: Option<Format>,
    /// The same as --format json
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: the SQL that is sent, without values; -vv says still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No colours (also NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// No progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// How messages on standard error are written
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Answer yes where a person would be asked
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Allow changes on the protected profile PROFILE
    #[arg(long, global = true, value_name = "PROFILE")]
    pub yes_on: Option<String>,
    /// End a statement that takes longer, such as 500ms, 30s or 5m
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Wait no longer than this for a lock
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub lock_timeout: Option<Duration>,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|problem| problem.to_string())
}

impl Globals {
    fn ui_options(&self) -> UiOptions {
        UiOptions {
            format: if self.json { Some(Format::Json) } else { self.format },
            quiet: self.quiet,
            verbose: self.verbose,
            no_color: self.no_color,
            no_progress: self.no_progress,
            log_format: self.log_format,
            yes: self.yes,
            yes_on: self.yes_on.clone(),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Connect(connect::ConnectArgs),
    Profile(profile::ProfileArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The clap definition, for completions and man pages.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Parses the arguments, runs the command, prints its error, and gives the exit code.
pub fn main() -> ExitCode {
    let parsed = definition().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with code 0, wrong usage to stderr with 2. A closed
            // pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let ui = Ui::new(cli.globals.ui_options());
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
