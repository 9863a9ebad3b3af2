//! What to run: `-c` and `-f` in the order they were given, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor};
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint, value_parser};

use crate::error::{Error, Kind, Result};

/// The statements to run, in order.
#[derive(Debug, Clone, Default)]
pub struct Inputs(pub Vec<Input>);

/// One source of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Command(String),
    File(PathBuf),
    Stdin,
}

/// Read in blocks of this size.
const BLOCK: usize = 128 * 1024;

impl Input {
    /// How messages name it.
    pub fn name(&self) -> String {
        match self {
            Input::Command(_) => "-c".to_owned(),
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "standard input".to_owned(),
        }
    }

    pub fn open(&self) -> Result<Box<dyn BufRead + '_>> {
        Ok(match self {
            Input::Command(sql) => Box::new(Cursor::new(sql.as_bytes())),
            Input::Stdin => Box::new(BufReader::with_capacity(BLOCK, io::stdin())),
            Input::File(path) => {
                let file = File::open(path).map_err(|error| {
                    Error::new(Kind::Usage, format!("cannot read {}", path.display())).because(error)
                })?;
                Box::new(BufReader::with_capacity(BLOCK, file))
            }
        })
    }
}

impl Args for Inputs {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("command")
                    .short('c')
                    .long("command")
                    .value_name("SQL")
                    .action(ArgAction::Append)
                    .allow_hyphen_values(true)
                    .help("Run SQL and end (may be given again; runs in order with -f)"),
            )
            .arg(
                Arg::new("file")
                    .short('f')
                    .long("file")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .value_hint(ValueHint::FilePath)
                    .help("Run the statements of FILE and end; - is standard input"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Inputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let commands = matches.get_many::<String>("command").unwrap_or_default().cloned().map(Input::Command);
        let files = matches.get_many::<PathBuf>("file").unwrap_or_default().map(|path| match path.to_str() {
            Some("-") => Input::Stdin,
            _ => Input::File(path.clone()),
        });
        let mut inputs: Vec<(usize, Input)> = matches
            .indices_of("command")
            .unwrap_or_default()
            .zip(commands)
            .chain(matches.indices_of("file").unwrap_or_default().zip(files))
            .collect();
        inputs.sort_by_key(|(index, _)| *index);
        Ok(Inputs(inputs.into_iter().map(|(_, input)| input).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_files_keep_their_order() {
        let command = Inputs::augment_args(Command::new("t"));
        let matches = command.get_matches_from(["t", "-c", "one", "-f", "two.sql", "-c", "three", "-f", "-"]);
        let inputs = Inputs::from_arg_matches(&matches).unwrap();
        let names: Vec<String> = inputs.0.iter().map(Input::name).collect();
        assert_eq!(names, ["-c", "two.sql", "-c", "standard input"]);
    }
}
