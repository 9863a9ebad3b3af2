//! `schema docs`: a database's documentation, as a folder of Markdown or one HTML page.

mod book;
mod describe;
mod describe_other;
mod folder;
mod html;
mod markdown;
mod names;
mod page;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::read::read_catalog;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Scope;
use crate::ui::{Format, human};
use book::Book;
use folder::Changes;

/// Write the documentation of a database: every object, links and diagrams
///
/// Markdown is a folder with an index and a file an object, fit to be committed: it holds no dates
/// and no sizes, and what is gone from the database is removed from it. HTML is one page that needs
/// no network.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Markdown, Format::Html])), after_help = "\
Examples:
  dbwright schema docs app.db --out docs/schema
  dbwright schema docs prod --out schema.html
  dbwright schema docs prod --out docs/schema --check    is the folder up to date? (for CI)")]
pub struct DocsArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL]
    #[arg(value_name = "PROFILE|URL")]
    target: Option<String>,
    /// The folder for Markdown, the file for HTML; a name that ends in .html asks for HTML
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    out: PathBuf,
    /// Write nothing; fail when PATH is not up to date
    #[arg(long)]
    check: bool,
    /// The title [default: the name of the database]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Add row estimates and sizes on disk, which change with the data
    #[arg(long)]
    sizes: bool,
    /// Add owners and rights
    #[arg(long)]
    with_privileges: bool,
    /// Fail when something could not be read
    #[arg(long)]
    strict: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: DocsArgs) -> Result<()> {
    let format = format(context.ui.format(), &args.out)?;
    let scope = Scope { sizes: args.sizes, privileges: args.with_privileges, ..Scope::default() };
    let catalog = read_catalog(context, args.target.as_deref(), scope)?;
    for unread in &catalog.unread {
        context.ui.warn(&format!("not read: {}: {}", unread.what, unread.why));
    }
    if args.strict && !catalog.unread.is_empty() {
        return Err(Error::new(Kind::Found, "not all of the catalog could be read"));
    }
    let book = Book::new(&catalog);
    let title = args.title.clone().unwrap_or_else(|| book.title());
    let changes = match format {
        Format::Html => page_changes(&args.out, html::html(&book, &title))?,
        _ => folder::compare(&args.out, &markdown::markdown(&book, &title))?,
    };
    match args.check {
        true => check(context, &args.out, &changes),
        false => write(context, &args.out, format, &changes),
    }
}

/// The format that was asked for, or that the path speaks of.
fn format(asked: Option<Format>, out: &Path) -> Result<Format> {
    let is_page = out
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"));
    let format = asked.unwrap_or(if is_page { Format::Html } else { Format::Markdown });
    match format {
        Format::Html if out.is_dir() => Err(Error::usage(format!("{} is a folder", out.display()))
            .hint("an HTML page is one file: --out schema.html")),
        Format::Markdown if out.is_file() => Err(Error::usage(format!("{} is a file", out.display()))
            .hint("Markdown is a folder: --out docs/schema; for an HTML page: --format html")),
        _ => Ok(format),
    }
}

/// What has to be done to the file of a page; one that is not ours stands in the way.
fn page_changes(out: &Path, text: String) -> Result<Changes> {
    let old = match std::fs::read(out) {
        Ok(old) => old,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(folder::failed("read", out, error)),
    };
    if old == text.as_bytes() {
        return Ok(Changes { unchanged: 1, ..Changes::default() });
    }
    let begin = String::from_utf8_lossy(&old[..old.len().min(400)]);
    if !old.is_empty() && !begin.contains(html::GENERATOR) {
        return Err(folder::in_the_way(out));
    }
    Ok(Changes { write: vec![(String::new(), text)], ..Changes::default() })
}

fn write(context: &Context, out: &Path, format: Format, changes: &Changes) -> Result<()> {
    if format == Format::Html {
        if let Some((_, text)) = changes.write.first() {
            if let Some(parent) = out.parent() {
                std::fs::create_dir_all(parent).map_err(|error| folder::failed("create", parent, error))?;
            }
            std::fs::write(out, text).map_err(|error| folder::failed("write", out, error))?;
        }
    } else {
        folder::apply(out, changes)?;
    }
    context.ui.status(&format!(
        "{}: {} written, {} removed, {} unchanged",
        out.display(),
        human::counted(changes.write.len() as u64, "files"),
        changes.remove.len(),
        changes.unchanged
    ));
    Ok(())
}

/// Says what is not as it should be.
fn check(context: &Context, out: &Path, changes: &Changes) -> Result<()> {
    if changes.is_empty() {
        context.ui.status(&format!("{} is up to date", out.display()));
        return Ok(());
    }
    for (path, _) in &changes.write {
        let path = if path.is_empty() { out.to_owned() } else { out.join(path) };
        context.ui.print(&format!("not up to date: {}", path.display()))?;
    }
    for path in &changes.remove {
        context.ui.print(&format!("no longer in the database: {}", out.join(path).display()))?;
    }
    Err(Error::new(Kind::Found, format!("{} is not up to date", out.display())))
}
