//! The files of SQL in a folder, read with the hands that there are: a folder that is old has
//! thousands, and all are read whenever somebody asks where a database stands.

use std::fs::{DirEntry, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::migrations;

/// Fewer than this are not worth a thread.
const SHARE: usize = 200;
/// Most migrations are smaller.
const ROOM: usize = 16 * 1024;

/// The files of SQL in a folder, by name.
pub fn read_files(folder: &Path) -> Result<Vec<migrations::File>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| cannot_read(folder, error))? {
        find(&entry.map_err(|error| cannot_read(folder, error))?, &mut found);
    }
    found.sort();
    by_hands(&found, |share| {
        let mut room = vec![0; ROOM];
        let files = share.iter().map(|(name, path)| {
            let text = text(path, &mut room).map_err(|error| cannot_read(path, error))?;
            Ok(migrations::File { name: name.clone(), text })
        });
        files.collect()
    })
}

/// Does a work on each share of what there is, in threads where there is much; the results in the
/// order of the items.
pub(super) fn by_hands<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&[T]) -> Result<Vec<R>> + Sync,
) -> Result<Vec<R>> {
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    let mut shares = items.chunks(items.len().div_ceil(hands).max(SHARE));
    let own = shares.next().unwrap_or_default();
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        let mut found = work(own)?;
        for other in others {
            found.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(found)
    })
}

fn cannot_read(path: &Path, error: std::io::Error) -> Error {
    Error::from(error).context(format!("cannot read {}", path.display()))
}

/// What an entry of the folder has of SQL: itself, or, as Diesel has it, two files in it. The folder
/// tells what is a file, so that only what it points to has to be looked up.
fn find(entry: &DirEntry, found: &mut Vec<(String, PathBuf)>) {
    let path = entry.path();
    let name = entry.file_name().to_string_lossy().into_owned();
    let is_sql = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"));
    let is_file = match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_file(),
        _ => path.is_file(),
    };
    match (is_sql, is_file) {
        (true, true) => found.push((name, path)),
        (false, true) => {}
        (_, false) => {
            let leaves = ["up.sql", "down.sql"].map(|leaf| (format!("{name}/{leaf}"), path.join(leaf)));
            found.extend(leaves.into_iter().filter(|(_, path)| path.is_file()));
        }
    }
}

/// The text of a file, by way of a room that serves for all: the file is not asked for its size, and
/// its text takes no more memory than it is long.
fn text(path: &Path, room: &mut Vec<u8>) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut filled = 0;
    loop {
        if filled == room.len() {
            room.resize(filled * 2, 0);
        }
        match file.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    match std::str::from_utf8(&room[..filled]) {
        Ok(text) => Ok(text.to_owned()),
        // As the standard library says it.
        Err(_) => Err(std::io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_keep_their_order_and_their_texts() {
        let folder = tempfile::tempdir().unwrap();
        let name = |at: usize| format!("{at:05}_a.sql");
        for at in (0..SHARE * 3).rev() {
            std::fs::write(folder.path().join(name(at)), format!("select {at};")).unwrap();
        }
        let large = "-- é\n".repeat(ROOM);
        std::fs::write(folder.path().join("99999_large.SQL"), &large).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no migration").unwrap();
        std::fs::create_dir(folder.path().join("99998_folder.sql")).unwrap();
        std::fs::write(folder.path().join("99998_folder.sql/up.sql"), "select 'up';").unwrap();
        let files = read_files(folder.path()).unwrap();
        assert_eq!(files.len(), SHARE * 3 + 2);
        for (at, file) in files.iter().take(SHARE * 3).enumerate() {
            assert_eq!((&file.name, &file.text), (&name(at), &format!("select {at};")));
        }
        let last: Vec<&str> = files[SHARE * 3..].iter().map(|file| file.name.as_str()).collect();
        assert_eq!(last, ["99998_folder.sql/up.sql", "99999_large.SQL"]);
        assert_eq!(files[SHARE * 3 + 1].text, large);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("1_a.sql"), b"select '\xff';").unwrap();
        let error = read_files(folder.path()).unwrap_err().to_string();
        assert!(error.contains("1_a.sql"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_pointed_to_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("elsewhere.txt");
        std::fs::write(&file, "select 1;").unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("1_a.sql")).unwrap();
        let files = read_files(folder.path()).unwrap();
        assert_eq!((files.len(), files[0].name.as_str()), (1, "1_a.sql"));
    }
}
