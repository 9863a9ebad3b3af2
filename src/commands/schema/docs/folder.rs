//! A folder of files of ours among those of others: every file begins with a line that names it,
//! and what lacks that line is left alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// From the folder, with slashes: `tables/actor.md`.
    pub path: String,
    /// Without the line that marks it.
    pub text: String,
}

/// What would have to be done to a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Paths from the folder, and whole texts.
    pub write: Vec<(String, String)>,
    pub remove: Vec<String>,
    pub unchanged: usize,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }
}

/// The line that a file of ours begins with. It names the file, so that a copy under another name
/// is somebody else's.
fn marker(path: &str) -> String {
    format!("<!-- {path}: written by dbwright schema docs, changes are lost -->")
}

/// Compares the folder with what it should hold. A file that is not ours stands in the way.
pub fn compare(folder: &Path, files: &[File]) -> Result<Changes> {
    let mut changes = Changes::default();
    for file in files {
        let text = format!("{}\n\n{}", marker(&file.path), file.text);
        match ours(folder, &file.path)? {
            Some(old) if old == text => changes.unchanged += 1,
            _ => changes.write.push((file.path.clone(), text)),
        }
    }
    for path in existing(folder)? {
        if !files.iter().any(|file| file.path == path) && is_marked(folder, &path) {
            changes.remove.push(path);
        }
    }
    changes.remove.sort();
    Ok(changes)
}

/// Carries the changes out. Removals come first: where case does not tell files apart, a new file
/// may have the name of an old one.
pub fn apply(folder: &Path, changes: &Changes) -> Result<()> {
    for path in &changes.remove {
        let file = folder.join(path);
        fs::remove_file(&file).map_err(|error| failed("remove", &file, error))?;
        if let Some(parent) = file.parent().filter(|parent| *parent != folder) {
            // Only an empty folder can be removed; another is kept, and that is right.
            let _ = fs::remove_dir(parent);
        }
    }
    for (path, text) in &changes.write {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| failed("create", parent, error))?;
        }
        fs::write(&file, text).map_err(|error| failed("write", &file, error))?;
    }
    Ok(())
}

/// The text of a file that is ours; None when there is none.
fn ours(folder: &Path, path: &str) -> Result<Option<String>> {
    let file = folder.join(path);
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|data| data.is_symlink());
    if is_link(&file) || file.parent().is_some_and(|parent| parent != folder && is_link(parent)) {
        return Err(in_the_way(&file));
    }
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", &file, error)),
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    match text.lines().next().is_some_and(|line| line.eq_ignore_ascii_case(&marker(path))) {
        // A version control system may have turned the line ends.
        true => Ok(Some(text.replace("\r\n", "\n"))),
        false => Err(in_the_way(&file)),
    }
}

fn is_marked(folder: &Path, path: &str) -> bool {
    let text = fs::read(folder.join(path)).unwrap_or_default();
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.trim_ascii_end() == marker(path).as_bytes()
}

/// The Markdown files of the folder and of the folders in it, by their paths from it.
fn existing(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, path) in entries(folder)? {
        match path.symlink_metadata() {
            Ok(data) if data.is_dir() => {
                for (file, path) in entries(&path)? {
                    if path.symlink_metadata().is_ok_and(|data| data.is_file()) {
                        found.push(format!("{name}/{file}"));
                    }
                }
            }
            Ok(data) if data.is_file() => found.push(name),
            _ => {}
        }
    }
    found.retain(|path| path.ends_with(".md"));
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", folder, error)),
    };
    let mut found = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|error| failed("read", folder, error))?;
        // A name that is no text is none of ours.
        if let Ok(name) = entry.file_name().into_string() {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

pub fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::from(error).context(format!("cannot {what} {}", path.display()))
}

pub fn in_the_way(path: &Path) -> Error {
    Error::new(Kind::Refused, format!("{} was not written by dbwright schema docs", path.display()))
        .hint("choose another place with --out, or move that file away")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    fn write(folder: &Path, files: &[File]) -> Changes {
        let changes = compare(folder, files).unwrap();
        apply(folder, &changes).unwrap();
        changes
    }

    #[test]
    fn what_is_gone_is_removed_and_what_is_others_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let all = [file("README.md", "a\n"), file("tables/a.md", "b\n"), file("views/v.md", "c\n")];
        assert_eq!(write(folder.path(), &all).write.len(), 3);
        fs::write(at("tables/notes.md"), "mine").unwrap();
        fs::write(at("mine.md"), "mine").unwrap();
        fs::copy(at("views/v.md"), at("views/copy.md")).unwrap();
        fs::copy(at("views/v.md"), at("v.txt")).unwrap();
        assert_eq!(compare(folder.path(), &all).unwrap(), Changes { unchanged: 3, ..Changes::default() });

        let changes = write(folder.path(), &[file("README.md", "changed\n")]);
        assert_eq!(changes.remove, ["tables/a.md", "views/v.md"]);
        for kept in ["tables/notes.md", "mine.md", "views/copy.md", "v.txt"] {
            assert!(at(kept).exists(), "{kept}");
        }
        assert!(!at("tables/a.md").exists() && !at("views/v.md").exists());
        assert!(fs::read_to_string(at("README.md")).unwrap().ends_with("changed\n"));
    }

    #[test]
    fn a_file_of_others_in_the_way_stops_all() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tables")).unwrap();
        fs::write(folder.path().join("tables/a.md"), "# mine\n").unwrap();
        let error = compare(folder.path(), &[file("README.md", "x"), file("tables/a.md", "y")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
        assert!(!folder.path().join("README.md").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(other.path(), folder.path().join("tables")).unwrap();
        let error = compare(folder.path(), &[file("tables/a.md", "y")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
    }

    #[test]
    fn turned_line_ends_are_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let files = [file("README.md", "one\ntwo\n")];
        write(folder.path(), &files);
        let path = folder.path().join("README.md");
        let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
        fs::write(&path, text).unwrap();
        assert!(compare(folder.path(), &files).unwrap().is_empty());
    }
}
