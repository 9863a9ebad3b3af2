//! Where backups are kept: a repository of snapshots and chunks, over a place that stores files.
//! The layout is that of docs/backup-format.md.

pub mod age;
pub mod chunk;
pub mod compression;
pub mod digest;
mod folder;
pub mod repository;
pub mod s3;
pub mod sealed;

use dbwright_core::{error, model};

use crate::error::Result;

pub use repository::{Repository, Using};

/// A place that holds files by relative names such as `chunks/ab/abcd.zst`.
pub trait Store: Send + Sync {
    /// Writes a file: after it all of it is there and will survive a loss of power, or nothing is.
    /// A file of that name is replaced.
    fn put(&self, name: &str, content: &[u8]) -> Result<()>;

    /// The whole content; None when there is no such file.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// The size in bytes; None when there is no such file.
    fn size(&self, name: &str) -> Result<Option<u64>>;

    /// Every file below a folder, with its size, sorted by name.
    fn list(&self, folder: &str) -> Result<Vec<(String, u64)>>;

    /// Deletes a file; one that is gone already is no error.
    fn delete(&self, name: &str) -> Result<()>;

    /// One of the files that are there, if any is.
    fn first(&self) -> Result<Option<String>> {
        Ok(self.list("")?.into_iter().next().map(|(name, _)| name))
    }

    /// Says to others that the place is in use, until the guard is dropped. None when somebody else
    /// uses it in a way that does not go together with this.
    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Send>>>;

    /// Whether nobody can have taken the last lock away from us meanwhile.
    ///
    /// # Errors
    /// `Locked`, where locks can be lost.
    fn still_locked(&self) -> Result<()> {
        Ok(())
    }

    /// For people.
    fn place(&self) -> String;
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hex.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hex
}
