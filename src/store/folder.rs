//! A folder of this machine, or one that is mounted, as a store.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;
use crate::error::{Error, Kind, Result};

pub struct Folder {
    root: PathBuf,
    /// Tells the unfinished files of this process apart.
    next: AtomicU64,
}

/// Files are written here and then moved: what has its final name is whole.
const UNFINISHED: &str = "tmp";

impl Folder {
    pub fn new(root: &Path) -> Self {
        Folder { root: root.to_owned(), next: AtomicU64::new(0) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn failed(&self, what: &str, name: &str, error: std::io::Error) -> Error {
        let path = self.path(name);
        Error::new(Kind::Io, format!("cannot {what} {}", path.display())).because(error)
    }

    fn write(&self, unfinished: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(self.path(UNFINISHED))?;
        let mut file = File::create(unfinished)?;
        file.write_all(content)?;
        file.sync_data()?;
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.root);
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            // A folder is known by the one above it.
            folder.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())?;
        }
        fs::rename(unfinished, &path)?;
        File::open(folder)?.sync_all()
    }

    fn collect(&self, folder: &Path, found: &mut Vec<(String, u64)>) -> std::io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                self.collect(&entry.path(), found)?;
            } else if let Ok(name) = entry.path().strip_prefix(&self.root) {
                found.push((name.to_string_lossy().into_owned(), metadata.len()));
            }
        }
        Ok(())
    }
}

impl Store for Folder {
    fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.path(UNFINISHED).join(format!("{}.{number}", std::process::id()));
        self.write(&unfinished, name, content).map_err(|error| {
            // It is ours, and not whole.
            let _ = fs::remove_file(&unfinished);
            self.failed("write", name, error)
        })
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match fs::read(self.path(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", name, error)),
        }
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        match fs::metadata(self.path(name)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", name, error)),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        self.collect(&self.path(folder), &mut found).map_err(|error| self.failed("read", folder, error))?;
        found.sort();
        Ok(found)
    }

    fn delete(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed("delete", name, error)),
            _ => Ok(()),
        }
    }

    /// A lock of the system, which ends with the process however that ends.
    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Send>>> {
        let name = "lock";
        let opened = fs::create_dir_all(&self.root)
            .and_then(|()| OpenOptions::new().create(true).append(true).open(self.path(name)));
        let file = match opened {
            Ok(file) => file,
            // What may only be read cannot be pruned from here; it may be restored from.
            Err(error)
                if !exclusive
                    && matches!(
                        error.kind(),
                        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                    ) =>
            {
                return Ok(Some(Box::new(())));
            }
            Err(error) => return Err(self.failed("write", name, error)),
        };
        let locked = if exclusive { file.try_lock() } else { file.try_lock_shared() };
        match locked {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.failed("lock", name, error)),
        }
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(&folder.path().join("deep/repo"));
        assert_eq!(store.get("a/b").unwrap(), None);
        assert_eq!(store.list("a").unwrap(), []);
        store.put("a/b", b"one").unwrap();
        store.put("a/b", b"other").unwrap();
        store.put("a/c/d", b"").unwrap();
        assert_eq!(store.get("a/b").unwrap().unwrap(), b"other");
        assert_eq!(store.size("a/b").unwrap(), Some(5));
        assert_eq!(store.list("a").unwrap(), [("a/b".to_owned(), 5), ("a/c/d".to_owned(), 0)]);
        assert_eq!(store.list("tmp").unwrap(), []);
        store.delete("a/b").unwrap();
        store.delete("a/b").unwrap();
        assert_eq!(store.size("a/b").unwrap(), None);
    }

    #[test]
    fn readers_go_together_and_a_pruner_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let one = store.lock(false).unwrap().unwrap();
        let other = store.lock(false).unwrap().unwrap();
        assert!(store.lock(true).unwrap().is_none());
        drop((one, other));
        let alone = store.lock(true).unwrap().unwrap();
        assert!(store.lock(false).unwrap().is_none());
        drop(alone);
    }
}
