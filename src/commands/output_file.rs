//! Files that a command writes: all of it or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// Writes a file so that whoever looks at it sees what was there before, or all of `content`: a
/// new file takes the old one's place. What is no regular file (a pipe, a terminal) is written to.
pub fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Kind::Io, format!("cannot write {}", path.display())).because(error)
    };
    // A link stays one, and what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let metadata = fs::metadata(&target).ok();
    if let Some(metadata) = &metadata
        && !metadata.is_file()
    {
        let opened = OpenOptions::new().write(true).open(&target);
        return opened.and_then(|mut file| file.write_all(content)).map_err(failed);
    }
    let beside = beside(&target);
    let written = write_new(&beside, content).and_then(|()| {
        if let Some(metadata) = metadata {
            fs::set_permissions(&beside, metadata.permissions())?;
        }
        fs::rename(&beside, &target)
    });
    written.map_err(|error| {
        // It is ours, and nobody else's business.
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A hidden name in the same folder, as only within one file system a rename is one step.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_rights_and_links_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.sql"), folder.path().join("link"));
        write_file(&file, b"one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a.sql", &link).unwrap();
        write_file(&link, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_file(&folder.path().join("no/such/folder.sql"), b"x").unwrap_err();
        assert_eq!(error.kind(), Kind::Io);
        assert!(error.message().starts_with("cannot write "), "{error}");
        assert!(write_file(folder.path(), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write_file(Path::new("/dev/null"), b"x").unwrap();
    }
}
