//! Backslash commands, alike on every engine: psql's, as far as fingers know them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::check::tls_words;
use super::copy;
use super::input::Input;
use super::output::Output;
use super::runner::{Flow, Runner};
use crate::error::{Error, Kind, Result, nearest};
use crate::model::listing::{Listed, Listing};
use crate::model::target::Target;
use crate::ui::{self, Format};

/// What `\?` says, in order: the command with its arguments, and what it does.
pub const HELP: &[(&str, &str)] = &[
    ("\\d [NAME]", "list tables, views and sequences, or describe NAME"),
    ("\\dt \\dv \\di \\df [PATTERN]", "list tables, views, indexes, functions"),
    ("\\dn \\du \\l [PATTERN]", "list schemas, users, databases"),
    ("\\c PROFILE|URL|DATABASE", "connect to another"),
    ("\\conninfo", "tell about the connection"),
    ("\\x [on|off]", "one line a column"),
    ("\\format FORMAT", "table, csv, tsv, json, ndjson, markdown, expanded"),
    ("\\timing [on|off]", "print how long each statement takes"),
    ("\\i FILE", "run the statements of FILE"),
    ("\\o [FILE | |COMMAND]", "send results to a file or program; alone: back to standard output"),
    ("\\copy TABLE|(QUERY) from|to FILE [csv|tsv] [header]", "copy rows between a table and a file here"),
    ("\\e [FILE]", "edit the last statement, or FILE, then run it"),
    ("\\watch [SECONDS]", "run the last statement every 2 seconds, or SECONDS"),
    ("\\g \\gx", "end a statement, as ; does; \\gx prints it one line a column"),
    ("\\echo TEXT", "print TEXT"),
    ("\\! COMMAND", "run a command of the operating system's shell"),
    ("\\?", "this list"),
    ("\\q", "quit"),
];

/// Runs one command, given from its backslash on.
pub fn run(runner: &mut Runner<'_>, text: &str) -> Result<Flow> {
    let (command, rest) = match text.trim().split_once(char::is_whitespace) {
        Some((command, rest)) => (command, rest.trim()),
        None => (text.trim(), ""),
    };
    match command {
        "\\q" | "\\quit" => return Ok(Flow::Quit),
        "\\?" | "\\h" | "\\help" => help(runner)?,
        "\\x" => expanded(runner, rest)?,
        "\\format" => set_format(runner, rest)?,
        "\\timing" => timing(runner, rest)?,
        "\\conninfo" => conninfo(runner)?,
        "\\c" | "\\connect" => connect(runner, rest)?,
        "\\i" | "\\include" => include(runner, rest)?,
        "\\o" | "\\out" => redirect(runner, rest)?,
        "\\echo" | "\\qecho" => echo(runner, rest)?,
        "\\!" => shell_command(rest)?,
        "\\copy" => copy::run(runner, rest)?,
        "\\watch" => watch(runner, rest)?,
        "\\e" | "\\edit" => edit(runner, rest)?,
        _ => match listed(command) {
            Some(what) => list(runner, what, rest)?,
            None => return Err(unknown(command)),
        },
    }
    Ok(Flow::GoOn)
}

/// `\dt` and relatives. A `+` or `S` behind it, which psql knows, changes nothing here.
fn listed(command: &str) -> Option<Listed> {
    match command.trim_end_matches(['+', 'S']) {
        "\\d" => Some(Listed::Relations),
        "\\dt" => Some(Listed::Tables),
        "\\dv" => Some(Listed::Views),
        "\\di" => Some(Listed::Indexes),
        "\\df" => Some(Listed::Functions),
        "\\dn" => Some(Listed::Schemas),
        "\\du" | "\\dg" => Some(Listed::Users),
        "\\l" | "\\list" => Some(Listed::Databases),
        _ => None,
    }
}

fn unknown(command: &str) -> Error {
    let known = HELP.iter().flat_map(|(usage, _)| usage.split(' ')).filter(|word| word.starts_with('\\'));
    let error = Error::usage(format!("unknown command {command}"));
    match nearest(command, known) {
        Some(near) => error.hint(format!("did you mean {near}? \\? lists them all")),
        None => error.hint("\\? lists the commands"),
    }
}

fn argument(text: &str) -> &str {
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).unwrap_or(text)
}

fn switch(argument: &str, now: bool) -> Result<bool> {
    match argument {
        "" => Ok(!now),
        "on" | "true" | "1" => Ok(true),
        "off" | "false" | "0" => Ok(false),
        other => Err(Error::usage(format!("{other:?} is neither on nor off"))),
    }
}

fn expanded(runner: &mut Runner<'_>, argument: &str) -> Result<()> {
    let on = switch(argument, runner.format == Format::Expanded)?;
    runner.set_format(if on { Format::Expanded } else { Format::Table })?;
    tell(runner, "expanded display", on);
    Ok(())
}

fn timing(runner: &mut Runner<'_>, argument: &str) -> Result<()> {
    runner.timing = switch(argument, runner.timing)?;
    tell(runner, "timing", runner.timing);
    Ok(())
}

/// Tells a person, who cannot see it otherwise, what a switch did.
fn tell(runner: &Runner<'_>, what: &str, on: bool) {
    if runner.interactive {
        runner.context.ui.status(&format!("{what} is {}", if on { "on" } else { "off" }));
    }
}

fn set_format(runner: &mut Runner<'_>, word: &str) -> Result<()> {
    let known = Format::parse(word).filter(|format| Format::ROWS.contains(format));
    let format = known.ok_or_else(|| {
        let words = Format::words(Format::ROWS).join(", ");
        Error::usage(format!("unknown format {word:?}")).hint(format!("one of {words}"))
    })?;
    runner.set_format(format)
}

fn list(runner: &mut Runner<'_>, what: Listed, pattern: &str) -> Result<()> {
    let pattern = (!pattern.is_empty()).then(|| pattern.trim_end_matches(';'));
    let explore = runner.session.explore();
    let listings = match (what, pattern) {
        (Listed::Relations, Some(pattern)) => {
            let found = explore.describe(pattern)?;
            if found.is_empty() {
                return Err(Error::new(Kind::Syntax, format!("nothing is named {pattern}"))
                    .hint("\\d lists what there is"));
            }
            found
        }
        _ => vec![explore.list(what, pattern)?],
    };
    listings.iter().try_for_each(|listing| print(runner, listing))
}

/// For people as it is; in a format that programs read, the table is a result like any other.
fn print(runner: &mut Runner<'_>, listing: &Listing) -> Result<()> {
    if !matches!(runner.format, Format::Table | Format::Expanded) {
        return runner.print_rows(&mut listing.cursor());
    }
    let ui = &runner.context.ui;
    let text = match runner.output.is_stdout() {
        true => ui.render_listing(listing),
        false => ui::render_listing(listing, None, false),
    };
    runner.output.write_all(text.as_bytes())?;
    Ok(runner.output.flush()?)
}

fn help(runner: &mut Runner<'_>) -> Result<()> {
    let rows = HELP.iter().map(|(usage, what)| vec![usage.to_string(), what.to_string()]).collect();
    let headers = vec!["Command".to_owned(), "What it does".to_owned()];
    print(runner, &Listing { title: String::new(), headers, rows, notes: Vec::new() })
}

fn conninfo(runner: &mut Runner<'_>) -> Result<()> {
    let server = runner.session.server();
    let facts = [
        ("profile", runner.target.profile.clone().unwrap_or_default()),
        ("server", format!("{} {}", server.engine.title(), server.version)),
        ("address", server.address.clone()),
        ("database", server.database.clone()),
        ("user", server.user.clone()),
        ("session", server.session_id.map(|id| id.to_string()).unwrap_or_default()),
        ("tls", if server.address.is_empty() { String::new() } else { tls_words(server.tls.as_ref()) }),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    print(runner, &Listing::of_facts("", facts))
}

/// The argument is a profile, a URL or a file, or else a database on the same server.
fn connect(runner: &mut Runner<'_>, argument: &str) -> Result<()> {
    // Hands, and dumps written for psql, end it like a statement.
    let before = runner.target.clone();
    let mut target = match argument.trim_end_matches(';') {
        "" => before.clone(),
        name => match runner.context.target(Some(name)) {
            Ok(target) => target,
            Err(error) if !may_be_database(runner, name) => return Err(error),
            Err(_) => Target { database: Some(name.to_owned()), ..runner.target.clone() },
        },
    };
    runner.context.guard_protected(&mut target);
    runner.reconnect(target)?;
    let label = runner.target.label();
    let whereto = match &runner.target.database {
        // The profile's name alone would not tell that it is another database now.
        Some(database) if label == before.label() && runner.target.database != before.database => {
            format!("database {database} of {label}")
        }
        _ => label,
    };
    runner.context.ui.status(&format!("connected to {whereto}"));
    Ok(())
}

/// Whether a name that leads nowhere by itself can be a database of the present server. A profile
/// that cannot be used is not: its own error is what matters.
fn may_be_database(runner: &Runner<'_>, name: &str) -> bool {
    let is_profile = || runner.context.profile_names().iter().any(|known| known == name);
    runner.target.engine.default_port().is_some() && !name.contains(['/', ':']) && !is_profile()
}

fn include(runner: &mut Runner<'_>, argument_text: &str) -> Result<()> {
    if argument_text.is_empty() {
        return Err(Error::usage("\\i needs a file"));
    }
    let input = Input::File(PathBuf::from(argument(argument_text)));
    let mut reader = input.open()?;
    runner.run_script(&input.name(), &mut reader).map(|_| ())
}

fn redirect(runner: &mut Runner<'_>, argument_text: &str) -> Result<()> {
    let output = match (argument_text, argument_text.strip_prefix('|')) {
        ("", _) => Output::stdout(&runner.context.ui, runner.interactive)?,
        (_, Some(command)) => Output::program(command.trim())?,
        (path, None) => Output::file(Path::new(argument(path)))?,
    };
    runner.set_output(output)
}

fn echo(runner: &mut Runner<'_>, text: &str) -> Result<()> {
    writeln!(runner.output, "{}", argument(text))?;
    Ok(runner.output.flush()?)
}

fn shell_command(command: &str) -> Result<()> {
    let shell =
        if command.is_empty() { std::env::var("SHELL").unwrap_or_else(|_| "sh".into()) } else { "sh".into() };
    let mut process = std::process::Command::new(shell);
    if !command.is_empty() {
        process.args(["-c", command]);
    }
    let status =
        process.status().map_err(|error| Error::new(Kind::Io, "cannot start a shell").because(error))?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::new(Kind::Io, format!("the command ended with {status}"))),
    }
}

fn watch(runner: &mut Runner<'_>, argument: &str) -> Result<()> {
    let seconds: f64 = match argument {
        "" => 2.0,
        text => text.parse().map_err(|_| Error::usage(format!("{text:?} is not a number of seconds")))?,
    };
    if !(0.05..=86_400.0).contains(&seconds) {
        return Err(Error::usage("\\watch takes between 0.05 and 86400 seconds"));
    }
    runner.watch(Duration::from_secs_f64(seconds))
}

/// Lets the user's editor change the last statement or a file, and offers the result at the prompt.
fn edit(runner: &mut Runner<'_>, argument_text: &str) -> Result<()> {
    if !runner.interactive {
        return Err(Error::usage("\\e works only in the shell"));
    }
    let scratch = std::env::temp_dir().join(format!("dbwright-{}.sql", std::process::id()));
    let path = match argument_text {
        "" => {
            write_private(&scratch, runner.last_statement())?;
            scratch.clone()
        }
        file => PathBuf::from(argument(file)),
    };
    let editor = ["DBWRIGHT_EDITOR", "VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "vi".to_owned());
    // $EDITOR may hold arguments, so the shell splits it; the path is passed beside the text.
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(&path)
        .status()
        .map_err(|error| {
            Error::new(Kind::Io, format!("cannot start the editor {editor:?}")).because(error)
        })?;
    let text = std::fs::read_to_string(&path);
    if path == scratch {
        // What it held stands in `text` already.
        let _ = std::fs::remove_file(&scratch);
    }
    if !status.success() {
        return Err(Error::new(Kind::Io, format!("the editor ended with {status}")));
    }
    runner.edited = Some(text?.trim_end().to_owned());
    Ok(())
}

/// Statements may hold secrets: nobody else may read the file.
fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    // A file left by another run, or planted by somebody, is not written through.
    let _ = std::fs::remove_file(path);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}
