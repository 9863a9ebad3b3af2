//! Which formats a command prints: its help and its errors list these and no others.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, ValueEnum};

use crate::ui::Format;

/// The option's name.
const ID: &str = "format";

/// The global `--format` for a command that prints `formats` instead of those of rows; the first
/// is what it prints unasked.
///
/// It has the name of the global option, which clap therefore does not hand down to the command;
/// its value reaches [`Globals`](super::Globals) all the same.
pub fn printed_as(formats: &'static [Format]) -> Arg {
    let default = formats.first().map_or("", |format| format.word());
    Arg::new(ID)
        .long(ID)
        .help_heading("Global options")
        .help(format!("How results are printed [default: {default}]"))
        .value_name("FORMAT")
        .value_parser(Formats(formats))
        .conflicts_with("json")
}

/// The same for a command that only leads to others: they say what they print.
pub fn printed_below() -> Arg {
    printed_as(&[]).hide(true)
}

/// Takes the word of any format, as `--format` may stand before the command that knows which of
/// them it prints, and shows only its own; [`refuse_format`] does the rest.
#[derive(Debug, Clone, Copy)]
pub struct Formats(pub &'static [Format]);

impl TypedValueParser for Formats {
    type Value = Format;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Format, clap::Error> {
        value
            .to_str()
            .and_then(Format::parse)
            .ok_or_else(|| refusal(command, argument, &value.to_string_lossy(), self.0))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().filter_map(Format::to_possible_value)))
    }
}

/// An error when the command that was called does not print the format that was asked for.
pub fn refuse_format(definition: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let (mut command, mut matches) = (definition, matches);
    while let Some((name, below)) = matches.subcommand() {
        // A command that was parsed is in the definition.
        let Some(found) = command.find_subcommand_mut(name) else { return Ok(()) };
        (command, matches) = (found, below);
    }
    let asked = match matches.try_get_one::<Format>(ID) {
        Ok(Some(format)) => *format,
        _ if matches.get_flag("json") => Format::Json,
        _ => return Ok(()),
    };
    let argument = command.get_arguments().find(|argument| argument.get_id() == ID);
    let shown: Vec<PossibleValue> = argument.map(Arg::get_possible_values).unwrap_or_default();
    if shown.is_empty() || shown.iter().any(|value| value.get_name() == asked.word()) {
        return Ok(());
    }
    let formats: Vec<Format> = shown.iter().filter_map(|value| Format::parse(value.get_name())).collect();
    Err(refusal(command, argument, asked.word(), &formats))
}

fn refusal(command: &Command, argument: Option<&Arg>, value: &str, formats: &[Format]) -> clap::Error {
    let words = Format::words(formats).into_iter().map(str::to_owned).collect();
    let argument = argument.map_or_else(|| "--format".to_owned(), ToString::to_string);
    let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
    error.insert(ContextKind::InvalidArg, ContextValue::String(argument));
    error.insert(ContextKind::InvalidValue, ContextValue::String(value.to_owned()));
    error.insert(ContextKind::ValidValue, ContextValue::Strings(words));
    if let Some(near) = crate::error::nearest(value, Format::words(formats)) {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> Option<String> {
        let rows = Arg::new(ID).long(ID).global(true).value_parser(Formats(Format::ROWS));
        let json = Arg::new("json").long("json").global(true).action(clap::ArgAction::SetTrue);
        let tree = Command::new("tree").arg(printed_as(&[Format::Tree, Format::Sql]));
        let mut definition = Command::new("test")
            .args([rows, json])
            .subcommands([Command::new("rows"), Command::new("group").arg(printed_below()).subcommand(tree)]);
        let matches = match definition.try_get_matches_from_mut(words) {
            Ok(matches) => matches,
            Err(error) => return Some(error.to_string()),
        };
        refuse_format(&mut definition, &matches).err().map(|error| error.to_string())
    }

    #[test]
    fn each_command_takes_its_own_formats_at_any_position() {
        for taken in [
            &["test", "rows", "--format", "csv"][..],
            &["test", "--format", "csv", "rows"],
            &["test", "--json", "rows"],
            &["test", "group", "tree"],
            &["test", "group", "tree", "--format", "sql"],
            &["test", "group", "--format", "tree", "tree"],
            &["test", "--format", "tree", "group", "tree"],
        ] {
            assert_eq!(refused(taken), None, "{taken:?}");
        }
        for (words, listed) in [
            (&["test", "rows", "--format", "tree"][..], "table, csv, tsv, json, ndjson, markdown, expanded"),
            (&["test", "--format", "xml", "rows"], "table, csv, tsv, json, ndjson, markdown, expanded"),
            (&["test", "group", "tree", "--format", "csv"], "tree, sql"),
            (&["test", "group", "--format", "csv", "tree"], "tree, sql"),
            (&["test", "--format", "csv", "group", "tree"], "tree, sql"),
            (&["test", "--json", "group", "tree"], "tree, sql"),
            (&["test", "group", "tree", "--format", "xml"], "tree, sql"),
        ] {
            let error = refused(words).unwrap_or_else(|| panic!("{words:?} was taken"));
            assert!(error.contains(&format!("[possible values: {listed}]")), "{words:?}: {error}");
        }
    }
}
