//! `dbwright man`: manual pages.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::{Error, Kind, Result};

/// Print the manual page, or write one for every command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright man | man -l -
  dbwright man --dir /usr/local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// Prints the page of `definition`, or writes one for each of its commands.
pub fn run(mut definition: clap::Command, args: ManArgs) -> Result<()> {
    definition.build();
    match args.dir {
        None => std::io::stdout().write_all(&render(definition)?)?,
        Some(dir) => {
            std::fs::create_dir_all(&dir).map_err(|error| cannot_write(&dir, error))?;
            write_all(&dir, "dbwright", definition)?;
        }
    }
    Ok(())
}

fn render(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}

/// The page of a command and those of the commands below it: `dbwright-connect-pool.1`.
fn write_all(dir: &Path, name: &str, command: clap::Command) -> Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_all(dir, &format!("{name}-{}", below.get_name()), below.clone())?;
    }
    let path = dir.join(format!("{name}.1"));
    let page = render(command.display_name(name.to_owned()))?;
    std::fs::write(&path, page).map_err(|error| cannot_write(&path, error))
}

fn cannot_write(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("cannot write {}", path.display())).because(error)
}
