//! `migrate new`: an empty migration, named as those that are there.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueHint};

use super::folder::read_files;
use super::open::usual_folder;
use crate::commands::{Context, output_file};
use crate::error::{Error, Kind, Result};
use crate::migrations::{self, Style};
use crate::ui::human;

/// Write an empty migration into the folder, in the style of those that are there
///
/// `schema diff A B --as-migration NAME` writes one that changes A into B.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate new add_rating
  dbwright migrate new 'add rating' --dir db/migrations")]
pub struct NewArgs {
    /// What it does, in a few words
    name: String,
    /// The folder of migrations [default: migrations, or db/migrations]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub fn run(context: &Context, args: NewArgs) -> Result<()> {
    let folder = args.dir.unwrap_or_else(usual_folder);
    let name = file_name(&args.name)?;
    std::fs::create_dir_all(&folder).map_err(|error| {
        Error::from(error).context(format!("cannot make the folder {}", folder.display()))
    })?;
    for (file, text) in files(&folder, &name)? {
        let path = folder.join(file);
        if path.exists() {
            return Err(Error::new(Kind::Refused, format!("{} exists", path.display())));
        }
        output_file::write_file(&path, text.as_bytes())?;
        context.ui.status(&format!("wrote {}", path.display()));
    }
    Ok(())
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

fn files(folder: &Path, name: &str) -> Result<Vec<(String, String)>> {
    let files = read_files(folder)?;
    let read = match files.is_empty() {
        true => None,
        false => Some(migrations::read(&folder.display().to_string(), &files)?),
    };
    let last = read.as_ref().and_then(|read| read.list.iter().filter_map(|each| each.version.clone()).max());
    let version = next_version(last.as_ref().map(ToString::to_string).as_deref(), SystemTime::now());
    let both = |up: &str, down: &str| format!("{up}\n\n\n{down}\n\n");
    let one = |text: String| vec![(format!("{version}_{name}.sql"), text)];
    Ok(match read.map(|read| read.style) {
        None | Some(Style::Dbmate) => one(both("-- migrate:up", "-- migrate:down")),
        Some(Style::Goose) => one(both("-- +goose Up", "-- +goose Down")),
        Some(Style::SqlMigrate) => one(both("-- +migrate Up", "-- +migrate Down")),
        Some(Style::Plain) => one(String::new()),
        Some(Style::UpDown) => {
            ["up", "down"].map(|way| (format!("{version}_{name}.{way}.sql"), String::new())).to_vec()
        }
        Some(Style::Flyway) => vec![(format!("V{version}__{name}.sql"), String::new())],
    })
}

/// A moment, as most tools number their files; where they are counted, the next number.
fn next_version(last: Option<&str>, now: SystemTime) -> String {
    let moment: String = human::timestamp(now).chars().filter(char::is_ascii_digit).take(14).collect();
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
    fn names_are_plain_words() {
        assert_eq!(file_name("add rating-now").unwrap(), "add_rating_now");
        assert!(file_name("../x").is_err() && file_name(" ").is_err());
    }
}
