//! `migrate new`: a migration that is empty or given, named as those that are there.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueHint};

use super::files::read_files;
use super::open::usual_folder;
use crate::commands::schema::{ChangeArgs, Section, migration_sections};
use crate::commands::{Context, output_file};
use crate::error::{Error, Kind, Result};
use crate::migrations::{self, Style, has_sections};
use crate::ui::human;

/// Write a migration into the folder, in the style of those that are there
///
/// An empty one, or with the SQL that is given, or with what changes A into B and what takes that
/// back, as `schema diff A B` shows it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate new add_rating
  dbwright migrate new 'add rating' --dir db/migrations
  dbwright migrate new add_rating --sql 'alter table film add rating int;'
  dbwright migrate new add_rating --sql - < change.sql
  dbwright migrate new add_rating --from-diff prod schema.toml --scratch dev")]
pub struct NewArgs {
    /// What it does, in a few words
    name: String,
    /// The folder of migrations [default: migrations, or db/migrations]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// What is done; - reads it from standard input
    #[arg(long, value_name = "TEXT", conflicts_with = "from_diff")]
    sql: Option<String>,
    /// Write what changes the schema A into B, and what takes that back: each a profile, a URL, a
    /// SQLite file, a definition, a file of SQL, or a folder of migrations
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    from_diff: Vec<String>,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Runs the command.
pub fn run(context: &Context, args: NewArgs) -> Result<()> {
    if args.from_diff.is_empty() && args.change != ChangeArgs::default() {
        return Err(Error::usage("there is nothing to compare").hint("these options go with --from-diff A B"));
    }
    let folder = args.dir.unwrap_or_else(usual_folder);
    let name = file_name(&args.name)?;
    let sections = match (args.sql.as_deref(), args.from_diff.as_slice()) {
        (Some(text), _) => [Section { text: given(text)?, alone: false }, Section::default()],
        (None, [from, to]) => match migration_sections(context, [from, to], &args.change)? {
            Some(sections) => sections,
            None => {
                context.ui.status("there is nothing to do, and no migration was written");
                return Ok(());
            }
        },
        (None, _) => [Section::default(), Section::default()],
    };
    let files = files(&folder, &name, &sections)?;
    let down = &sections[1].text;
    if !down.is_empty() && !files.iter().any(|(_, text)| text.contains(down)) {
        context.ui.warn("migrations in this style cannot be taken back: what does that was not written");
    }
    for (file, text) in files {
        let path = folder.join(file);
        if path.exists() {
            return Err(Error::new(Kind::Refused, format!("{} exists", path.display())));
        }
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(|error| {
            Error::from(error).context(format!("cannot make the folder {}", parent.display()))
        })?;
        output_file::write_file(&path, text.as_bytes())?;
        context.ui.status(&format!("wrote {}", path.display()));
    }
    Ok(())
}

/// The text of --sql. Sections of its own would stand inside of ours.
fn given(text: &str) -> Result<String> {
    let text = match text {
        "-" => std::io::read_to_string(std::io::stdin())
            .map_err(|error| Error::from(error).context("cannot read standard input"))?,
        text => text.to_owned(),
    };
    match (has_sections(&text), text.trim().is_empty()) {
        (true, _) => {
            Err(Error::usage("the SQL has sections of its own").hint("write it into a file by hand"))
        }
        (_, true) => Err(Error::usage("the SQL is empty")),
        _ => Ok(format!("{}\n", text.trim_end())),
    }
}

/// Letters, digits and `_`, which every tool and system takes.
fn file_name(name: &str) -> Result<String> {
    let words = name.trim().replace([' ', '-'], "_");
    match !words.is_empty() && words.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        true => Ok(words),
        false => Err(Error::usage(format!("`{name}` is no name for a migration"))
            .hint("letters, digits, `_`, `-` and spaces, as in: add_rating")),
    }
}

/// The files and their texts, in the style of the folder.
fn files(folder: &Path, name: &str, sections: &[Section; 2]) -> Result<Vec<(String, String)>> {
    let files = if folder.is_dir() { read_files(folder)? } else { Vec::new() };
    let read = match files.is_empty() {
        true => None,
        false => Some(migrations::read(&folder.display().to_string(), &files)?),
    };
    let last = read.as_ref().and_then(|read| read.list.iter().filter_map(|each| each.version.clone()).max());
    // Diesel has a folder for each.
    let is_diesel = files.iter().any(|file| file.name.contains('/'));
    let last = last.as_ref().map(ToString::to_string).filter(|last| !is_diesel || last.len() == MOMENT);
    let version = next_version(last.as_deref(), SystemTime::now());
    let version = format!("{version:0>width$}", width = width(&files));
    let [up, down] = sections;
    let alone = up.alone || down.alone;
    let one = |text: String| vec![(format!("{version}_{name}.sql"), text)];
    // An empty one has room to write in.
    let body =
        |section: &Section| if section.text.is_empty() { "\n".to_owned() } else { section.text.clone() };
    let both = |[up_line, down_line]: [&str; 2], options: [&str; 2]| {
        let (up, down) = (body(up), body(down));
        format!("{up_line}{}\n{up}\n{down_line}{}\n{down}", options[0], options[1])
    };
    let option =
        |word: &'static str| sections.each_ref().map(|section| if section.alone { word } else { "" });
    // A file that is one section says it in a comment that is its first line.
    let whole = |section: &Section, word: &str| match section.alone {
        true => format!("{word}\n{}", section.text),
        false => section.text.clone(),
    };
    const OURS: &str = "-- dbwright: no-transaction";
    Ok(match read.map(|read| read.style) {
        None | Some(Style::Dbmate) => {
            one(both(["-- migrate:up", "-- migrate:down"], option(" transaction:false")))
        }
        Some(Style::Goose) => {
            let head = if alone { "-- +goose NO TRANSACTION\n" } else { "" };
            one(format!("{head}{}", both(["-- +goose Up", "-- +goose Down"], ["", ""])))
        }
        Some(Style::SqlMigrate) => {
            one(both(["-- +migrate Up", "-- +migrate Down"], option(" notransaction")))
        }
        Some(Style::Plain) => one(whole(up, "-- no-transaction")),
        Some(Style::UpDown) if is_diesel => [("up", up), ("down", down)]
            .map(|(way, section)| (format!("{}_{name}/{way}.sql", dashed(&version)), whole(section, OURS)))
            .to_vec(),
        Some(Style::UpDown) => [("up", up), ("down", down)]
            .map(|(way, section)| (format!("{version}_{name}.{way}.sql"), whole(section, OURS)))
            .to_vec(),
        Some(Style::Flyway) => {
            let mut files = vec![(format!("V{version}__{name}.sql"), whole(up, OURS))];
            if !down.text.is_empty() {
                files.push((format!("U{version}__{name}.sql"), whole(down, OURS)));
            }
            files
        }
    })
}

/// How many digits a moment has.
const MOMENT: usize = 14;

/// How many digits the numbers of the files have, where they are filled up with zeros.
fn width(files: &[migrations::File]) -> usize {
    let digits = files.iter().map(|file| {
        let number = file.name.strip_prefix('V').unwrap_or(&file.name);
        let count = number.bytes().take_while(u8::is_ascii_digit).count();
        if number.starts_with('0') { count } else { 0 }
    });
    digits.max().unwrap_or_default()
}

/// `2026-01-31-120000`, as Diesel writes a moment.
fn dashed(moment: &str) -> String {
    match (moment.get(..4), moment.get(4..6), moment.get(6..8), moment.get(8..)) {
        (Some(year), Some(month), Some(day), Some(time)) => format!("{year}-{month}-{day}-{time}"),
        _ => moment.to_owned(),
    }
}

/// A moment, as most tools number their files; where they are counted, the next number.
fn next_version(last: Option<&str>, now: SystemTime) -> String {
    let moment: String = human::timestamp(now).chars().filter(char::is_ascii_digit).take(MOMENT).collect();
    let Some(last) = last else { return moment };
    let first = last.split('.').next().unwrap_or(last);
    match first.parse::<u64>() {
        Ok(number) if first.len() < 8 => (number + 1).to_string(),
        Ok(number) if moment.parse::<u64>().is_ok_and(|moment| moment <= number) => (number + 1).to_string(),
        _ => moment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_on_as_they_began() {
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(next_version(None, now), "19700101000000");
        assert_eq!(next_version(Some("7"), now), "8");
        assert_eq!(next_version(Some("1.4"), now), "2");
        assert_eq!(next_version(Some("20260131120000"), now), "20260131120001");
        assert_eq!(next_version(Some("19600101120000"), now), "19700101000000");
    }

    #[test]
    fn numbers_are_as_wide_as_those_that_are_there() {
        let width = |names: &[&str]| {
            let file = |name: &&str| migrations::File { name: (*name).to_owned(), text: String::new() };
            width(&names.iter().map(file).collect::<Vec<_>>())
        };
        assert_eq!(width(&["000001_a.up.sql", "000001_a.down.sql"]), 6);
        assert_eq!(
            (width(&["V001__a.sql"]), width(&["1_a.sql", "20260131120000_b.sql"]), width(&[])),
            (3, 0, 0)
        );
        assert_eq!(dashed("20260131120000"), "2026-01-31-120000");
    }

    #[test]
    fn names_are_plain_words() {
        assert_eq!(file_name("add rating-now").unwrap(), "add_rating_now");
        assert!(file_name("../x").is_err() && file_name(" ").is_err());
    }
}
