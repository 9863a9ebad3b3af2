//! What the line editor asks us: is the input whole, what colours, what does Tab offer.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use super::{complete, highlight};
use crate::commands::connect::meta;
use crate::commands::connect::runner::Runner;
use crate::model::listing::Names;
use crate::model::server::TxState;
use crate::sql::{Dialect, Item, Pending, Splitter};
use crate::ui::Format;

/// The shell's side of the line editor.
pub struct ShellHelper<'a> {
    runner: Rc<RefCell<Runner<'a>>>,
    files: FilenameCompleter,
    colors: bool,
}

impl<'a> ShellHelper<'a> {
    pub fn new(runner: Rc<RefCell<Runner<'a>>>, colors: bool) -> Self {
        ShellHelper { runner, files: FilenameCompleter::new(), colors }
    }

    fn dialect(&self) -> &'static Dialect {
        self.runner.borrow().dialect()
    }

    /// Asked of the server at every Tab that needs them: what was just created is offered too.
    fn names(&self) -> Names {
        let mut runner = self.runner.borrow_mut();
        if runner.session.transaction() == TxState::Failed {
            return Names::default();
        }
        runner.session.explore().names().unwrap_or_else(|error| {
            log::debug!("no names for completion: {error}");
            Names::default()
        })
    }

    fn complete_command(
        &self,
        line: &str,
        position: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<Found> {
        let typed = &line[..position];
        let Some((command, _)) = typed.split_once(char::is_whitespace) else {
            let commands = meta::HELP
                .iter()
                .flat_map(|(usage, _)| usage.split(' '))
                .filter(|word| word.starts_with('\\'));
            return Ok((0, pairs(commands.filter(|command| command.starts_with(typed)).map(str::to_owned))));
        };
        let start = complete::word_start(typed);
        let word = &typed[start..];
        let begins = |name: &String| name.to_lowercase().starts_with(&word.to_lowercase());
        match command {
            "\\i" | "\\o" | "\\e" => self.files.complete(line, position, context),
            "\\format" => {
                let words = Format::words(Format::ROWS).into_iter().map(str::to_owned);
                Ok((start, pairs(words.filter(begins))))
            }
            "\\c" | "\\connect" => {
                let profiles = self.runner.borrow().context.profile_names();
                Ok((start, pairs(profiles.into_iter().filter(begins))))
            }
            _ => {
                let relations = self.names().relations.into_iter().map(|(name, _)| name);
                Ok((start, pairs(relations.filter(begins))))
            }
        }
    }
}

type Found = (usize, Vec<Pair>);

fn pairs(names: impl Iterator<Item = String>) -> Vec<Pair> {
    names.map(|name| Pair { display: name.clone(), replacement: name }).collect()
}

impl Completer for ShellHelper<'_> {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, context: &Context<'_>) -> rustyline::Result<Found> {
        if line.starts_with('\\') {
            return self.complete_command(line, position, context);
        }
        let (start, found) = complete::candidates(line, position, &self.names(), self.dialect());
        Ok((start, pairs(found.into_iter())))
    }
}

impl Highlighter for ShellHelper<'_> {
    fn highlight<'l>(&self, line: &'l str, _position: usize) -> Cow<'l, str> {
        match self.colors && !line.starts_with('\\') {
            true => Cow::Owned(highlight::highlight(line, self.dialect())),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _line: &str, _position: usize, kind: CmdKind) -> bool {
        self.colors && kind != CmdKind::MoveCursor
    }
}

impl Validator for ShellHelper<'_> {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let runner = self.runner.borrow();
        Ok(match is_whole(context.input(), runner.dialect(), &runner.typed_delimiter) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

/// A backslash command ends with its line, a statement with its delimiter, the data of
/// `COPY ... FROM STDIN` with a line `\.`.
fn is_whole(input: &str, dialect: &Dialect, delimiter: &[u8]) -> bool {
    if word_alone(input).is_some() || dot_command(input).is_some() {
        return true;
    }
    let splitter = Splitter::new(input.as_bytes(), dialect).backslash_commands(true);
    let mut splitter = splitter.delimited_by(delimiter);
    let mut whole = true;
    while let Some(item) = splitter.next() {
        whole = match item {
            Ok(Item::Statement(statement)) => statement.terminated,
            Ok(Item::CopyStatement(_)) => input.lines().any(|line| line == "\\."),
            // `\gx` and its like end the statement before them.
            Ok(Item::Meta { buffer_pending, .. }) => {
                if buffer_pending {
                    splitter.discard_pending();
                }
                true
            }
            // Run it, to see the error.
            Err(_) => return true,
        };
    }
    whole && *splitter.at_end() == Pending::None
}

impl Hinter for ShellHelper<'_> {
    type Hint = String;
}

impl Helper for ShellHelper<'_> {}

/// The backslash command for a word that other shells take without one, at the start of an input.
pub fn word_alone(input: &str) -> Option<&'static str> {
    match input.trim().trim_end_matches(';').trim_end() {
        "exit" | "quit" | ".exit" | ".quit" => Some("\\q"),
        "help" | ".help" => Some("\\?"),
        _ => None,
    }
}

/// A command of sqlite3's shell, which no statement can look like.
pub fn dot_command(input: &str) -> Option<&str> {
    let command = input.split_whitespace().next()?;
    let letters = command.strip_prefix('.')?;
    letters.starts_with(|letter: char| letter.is_ascii_lowercase()).then_some(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    #[test]
    fn lines_are_whole_when_they_can_run() {
        let data = "copy t from stdin;\n1\ta\n\\.";
        for whole in [
            "",
            "select 1;",
            "\\d t",
            "select 1 \\gx",
            "begin; select 1;",
            "select $$;$$;",
            data,
            "exit",
            "quit;",
        ] {
            assert!(is_whole(whole, &POSTGRES, b""), "{whole:?}");
        }
        let data = "copy t from stdin;\n1\ta";
        for partial in
            ["select 1", "select 'a;", "select (1;", "select $$;", "begin; select 1", data, "exit 1"]
        {
            assert!(!is_whole(partial, &POSTGRES, b""), "{partial:?}");
        }
    }

    #[test]
    fn a_delimiter_set_before_ends_them() {
        assert!(is_whole("select 1; select 2//", &MYSQL, b"//"));
        assert!(!is_whole("select 1;", &MYSQL, b"//"));
        assert!(is_whole("delimiter ;", &MYSQL, b"//"));
    }

    #[test]
    fn commands_of_other_shells_are_known() {
        assert_eq!(word_alone(" exit ;"), Some("\\q"));
        assert_eq!(word_alone("select exit"), None);
        assert_eq!(dot_command(".tables x"), Some(".tables"));
        assert_eq!(dot_command("select .5;"), None);
        assert_eq!(dot_command(".5"), None);
    }
}
