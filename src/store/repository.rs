//! A repository of backups: the names of its files, and what must hold between them.
//!
//! `chunks/ab/abcd….zst` has the SHA-256 of its own content for a name. `snapshots/ID.json` is a
//! manifest, and `snapshots/ID.sha256` its sum: written after it, deleted before it. So a manifest
//! without a sum is a backup that was never finished, and a sum without a manifest one that
//! somebody took away.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::age::{Identity, Recipient};
use super::compression::decoder;
use super::folder::Folder;
use super::s3::{S3, SCHEME};
use super::sealed::{self, ENDING, Sealing, Terms, unveiled, veiled};
use super::{Store, hex};
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Chunk, Compression, FORMAT, Snapshot};

const HEAD: &str = "repository.json";
pub const CHUNKS: &str = "chunks";
const SNAPSHOTS: &str = "snapshots";

/// What the repository says of itself.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    /// What it is, for whoever finds it.
    what: String,
    /// How its files are encrypted, if they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    encryption: Option<Terms>,
}

/// Backups and their chunks.
pub struct Repository {
    store: Box<dyn Store>,
    sealing: Option<Sealing>,
}

/// A repository that is kept from being pruned, or from being used, until this is dropped.
pub struct Using {
    _lock: Box<dyn Send>,
}

/// That a backup was restored, and the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// ISO 8601 in UTC.
    pub at: String,
    /// How long the restore took.
    pub restore_seconds: f64,
    pub rows: u64,
}

/// How far a backup of the repository is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Whole,
    /// Its sum was never written.
    Unfinished,
    /// Its manifest was taken away.
    Gone,
}

impl Repository {
    /// The repository at a place, which must be there.
    pub fn open(place: &str) -> Result<Self> {
        let mut repository = Repository { store: store(place)?, sealing: None };
        match repository.read_head()? {
            true => Ok(repository),
            false => Err(Error::new(Kind::Usage, format!("{place} is no repository of backups"))
                .hint("dbwright backup create makes one there")),
        }
    }

    /// The same; made when there is nothing at the place. What is written is encrypted for the
    /// recipients, if there are any.
    pub fn open_or_make(place: &str, recipients: Vec<Recipient>) -> Result<Self> {
        let mut repository = Repository { store: store(place)?, sealing: None };
        if !repository.read_head()? {
            repository.make(!recipients.is_empty())?;
        }
        match (&mut repository.sealing, recipients.is_empty()) {
            (Some(sealing), false) => sealing.recipients = recipients,
            (None, true) => {}
            (Some(_), true) => {
                return Err(Error::new(
                    Kind::Refused,
                    format!("the repository {place} is encrypted, and for whom is not said"),
                )
                .hint(
                    "give --encrypt-to age1..., or encrypt_to = [...] in the table [profile.NAME.backup]",
                ));
            }
            (None, false) => {
                return Err(Error::new(
                    Kind::Refused,
                    format!("the repository {place} is not encrypted, and stays so"),
                )
                .hint("begin another one: --repo, with --encrypt-to from its first backup on"));
            }
        }
        Ok(repository)
    }

    fn make(&mut self, is_encrypted: bool) -> Result<()> {
        if let Some(name) = self.store.first()? {
            return Err(Error::new(
                Kind::Refused,
                format!("{} holds other files, such as {name}", self.place()),
            )
            .hint("give an empty folder, or one that is not there yet"));
        }
        let head = Head {
            format: if is_encrypted { sealed::FORMAT } else { FORMAT },
            what: "backups made by dbwright; see docs/backup-format.md".into(),
            encryption: if is_encrypted { Some(Terms::new()?) } else { None },
        };
        self.store.put(HEAD, &json(&head)?)?;
        self.sealing = head.encryption.map(Sealing::of).transpose()?;
        Ok(())
    }

    fn read_head(&mut self) -> Result<bool> {
        let Some(content) = self.store.get(HEAD)? else { return Ok(false) };
        let head: Head = serde_json::from_slice(&content)
            .map_err(|error| Error::new(Kind::Data, format!("{HEAD} cannot be read")).because(error))?;
        if head.format > sealed::FORMAT {
            return Err(newer(&format!("the repository {}", self.place()), head.format));
        }
        self.sealing = head.encryption.map(Sealing::of).transpose()?;
        Ok(true)
    }

    /// Whether nothing but ids, times, sizes and names of chunks can be read without an identity.
    pub fn is_encrypted(&self) -> bool {
        self.sealing.is_some()
    }

    /// Decrypts with these from now on.
    #[must_use]
    pub fn reading_with(mut self, identities: Vec<Identity>) -> Self {
        if let Some(sealing) = &mut self.sealing {
            sealing.identities = identities;
        }
        self
    }

    pub fn place(&self) -> String {
        self.store.place()
    }

    /// Keeps chunks from being deleted meanwhile.
    ///
    /// # Errors
    /// `Locked` while somebody prunes.
    pub fn in_use(&self) -> Result<Using> {
        self.locked(false, "backups are being pruned there")
    }

    /// Keeps everybody else out, so that what no backup needs is known.
    ///
    /// # Errors
    /// `Locked` while a backup is made, verified or restored.
    pub fn alone(&self) -> Result<Using> {
        self.locked(true, "a backup is made, verified or restored there")
    }

    fn locked(&self, exclusive: bool, why_not: &str) -> Result<Using> {
        match self.store.lock(exclusive)? {
            Some(lock) => Ok(Using { _lock: lock }),
            None => Err(Error::new(Kind::Locked, format!("{} is in use: {why_not}", self.place()))
                .hint("run it again when that is done")),
        }
    }

    /// Stores a chunk; false when it was there.
    pub fn put_chunk(&self, content: &[u8], bytes: u64, compression: Compression) -> Result<(Chunk, bool)> {
        if let Some(sealing) = &self.sealing {
            return sealing.put_chunk(self.store.as_ref(), content, bytes, compression);
        }
        let chunk = Chunk { id: hash(content), bytes, stored: content.len() as u64 };
        let name = chunk_name(&chunk.id, compression);
        // What has this size and this name was written as a whole.
        let is_new = self.store.size(&name)? != Some(chunk.stored);
        if is_new {
            self.store.put(&name, content)?;
        }
        Ok((chunk, is_new))
    }

    /// The content of a chunk, after it was compared with its name.
    pub fn open_chunk(&self, chunk: &Chunk, compression: Compression) -> Result<Box<dyn Read>> {
        let content = self.checked_chunk(chunk, compression)?;
        match &self.sealing {
            Some(sealing) => decoder(compression, sealing.decrypt(&content)?),
            None => decoder(compression, content),
        }
    }

    /// Looks at all that can be known of a chunk: whether its bytes are what they were, and with an
    /// identity whether they can be decrypted.
    pub fn check_chunk(&self, chunk: &Chunk, compression: Compression) -> Result<()> {
        let content = self.checked_chunk(chunk, compression)?;
        match &self.sealing {
            Some(sealing) if !sealing.identities.is_empty() => sealing
                .decrypt(&content)
                .map(drop)
                .map_err(|error| error.context(format!("cannot decrypt chunk {}", chunk.id))),
            _ => Ok(()),
        }
    }

    /// The stored bytes of a chunk, if they are what they were.
    pub fn checked_chunk(&self, chunk: &Chunk, compression: Compression) -> Result<Vec<u8>> {
        let name = chunk_name(&chunk.id, compression);
        let content = self.store.get(&name)?.ok_or_else(|| damaged(&name, "is missing".to_owned()))?;
        if content.len() as u64 != chunk.stored {
            return Err(damaged(&name, format!("has {} bytes and not {}", content.len(), chunk.stored)));
        }
        // Of an encrypted chunk the sum of the file is the second half of the name.
        match chunk.id.rsplit('-').next() == Some(&hash(&content)) {
            true => Ok(content),
            false => Err(damaged(&name, "has changed since it was written".to_owned())),
        }
    }

    /// The chunks of a backup that are not there, or not as long as they were.
    pub fn missing(&self, snapshot: &Snapshot) -> Result<Vec<Chunk>> {
        let stored: BTreeMap<String, u64> = self.stored_chunks()?.into_iter().collect();
        let mut missing = Vec::new();
        for chunk in snapshot.chunks() {
            let name = chunk_name(&chunk.id, snapshot.compression);
            if stored.get(&name) != Some(&chunk.stored) && !missing.contains(chunk) {
                missing.push(chunk.clone());
            }
        }
        Ok(missing)
    }

    /// All of a few chunks, as text.
    pub fn text(&self, chunks: &[Chunk], compression: Compression) -> Result<String> {
        let mut text = String::new();
        for chunk in chunks {
            self.open_chunk(chunk, compression)?
                .read_to_string(&mut text)
                .map_err(|error| Error::new(Kind::Data, "a script cannot be read").because(error))?;
        }
        Ok(text)
    }

    /// Every backup by its id, oldest first.
    pub fn ids(&self) -> Result<BTreeMap<String, State>> {
        let mut ids = BTreeMap::new();
        for (name, _) in self.store.list(SNAPSHOTS)? {
            let name = name.rsplit('/').next().unwrap_or_default();
            let (id, ended) = match (name.strip_suffix(".json"), name.strip_suffix(".sha256")) {
                (Some(id), _) => (id, State::Unfinished),
                (None, Some(id)) => (id, State::Gone),
                (None, None) => continue,
            };
            ids.entry(id.to_owned()).and_modify(|state| *state = State::Whole).or_insert(ended);
        }
        Ok(ids)
    }

    /// The manifest of a backup that is whole.
    pub fn snapshot(&self, id: &str) -> Result<Snapshot> {
        match (self.manifest(id)?, &self.sealing) {
            ((_, Some(secret)), Some(sealing)) => parsed(id, &sealing.decrypt(&secret)?),
            ((content, _), _) => parsed(id, &content),
        }
    }

    /// The same, or where no identity was given what can be known without: the kind is `encrypted`
    /// then, and its chunks are all that it holds.
    pub fn outline(&self, id: &str) -> Result<Snapshot> {
        match &self.sealing {
            Some(sealing) if sealing.identities.is_empty() => parsed(id, &self.manifest(id)?.0),
            _ => self.snapshot(id),
        }
    }

    /// The files of a manifest, after they were compared with their sums: the one that everybody may
    /// read, and the one that is encrypted.
    fn manifest(&self, id: &str) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        let (manifest, sum) = (manifest_name(id), sum_name(id));
        let get = |name: &str| self.store.get(name)?.ok_or_else(|| damaged(name, "is missing".to_owned()));
        let content = get(&manifest)?;
        let written = self.store.get(&sum)?.ok_or_else(|| {
            damaged(&sum, "is missing".to_owned())
                .hint("the backup was never finished, or its sum was taken away")
        })?;
        let secret = match self.sealing {
            Some(_) => Some(get(&secret_name(id))?),
            None => None,
        };
        match written == sum_lines(id, &content, secret.as_deref()).into_bytes() {
            true => Ok((content, secret)),
            false => Err(damaged(&manifest, format!("does not match {sum}"))),
        }
    }

    /// Makes a backup whole. Who lost the lock meanwhile may have lost chunks to somebody who prunes.
    pub fn save(&self, snapshot: &Snapshot) -> Result<()> {
        let id = &snapshot.id;
        let (content, secret) = match &self.sealing {
            Some(sealing) => (json(&veiled(snapshot))?, Some(sealing.encrypt(&json(snapshot)?)?)),
            None => (json(snapshot)?, None),
        };
        self.store.still_locked()?;
        self.store.put(&manifest_name(id), &content)?;
        if let Some(secret) = &secret {
            self.store.put(&secret_name(id), secret)?;
        }
        self.store.put(&sum_name(id), sum_lines(id, &content, secret.as_deref()).as_bytes())?;
        self.store.still_locked().or_else(|error| self.forget(id).and(Err(error)))
    }

    /// Notes that a backup was proven.
    pub fn save_proof(&self, id: &str, proof: &Proof) -> Result<()> {
        let rows = if self.is_encrypted() { 0 } else { proof.rows };
        self.store.put(&proof_name(id), &json(&Proof { rows, ..proof.clone() })?)
    }

    /// When a backup was proven last; a note that cannot be read is none.
    pub fn proof(&self, id: &str) -> Result<Option<Proof>> {
        Ok(self.store.get(&proof_name(id))?.and_then(|content| serde_json::from_slice(&content).ok()))
    }

    /// Takes a backup away; its chunks stay until nobody needs them.
    pub fn forget(&self, id: &str) -> Result<()> {
        self.store.delete(&sum_name(id))?;
        if self.is_encrypted() {
            self.store.delete(&secret_name(id))?;
        }
        self.store.delete(&manifest_name(id))?;
        self.store.delete(&proof_name(id))
    }

    /// Every chunk that is stored: its file and its size.
    pub fn stored_chunks(&self) -> Result<Vec<(String, u64)>> {
        self.store.list(CHUNKS)
    }

    /// Takes a file away that [`stored_chunks`](Self::stored_chunks) named.
    pub fn delete_chunk(&self, name: &str) -> Result<()> {
        self.store.delete(name)
    }

    /// Takes away what was being written when a process ended. Only for who is
    /// [`alone`](Self::alone).
    pub fn sweep(&self) -> Result<()> {
        for (name, _) in self.store.list("tmp")? {
            self.store.delete(&name)?;
        }
        Ok(())
    }
}

/// Whether a folder of this machine is a repository.
pub fn is_repository(folder: &Path) -> bool {
    folder.join(HEAD).is_file() && folder.join(SNAPSHOTS).is_dir()
}

fn store(place: &str) -> Result<Box<dyn Store>> {
    match place.starts_with(SCHEME) {
        true => Ok(Box::new(S3::open(place)?)),
        false => Ok(Box::new(Folder::new(Path::new(place)))),
    }
}

/// The file of a chunk.
pub fn chunk_name(id: &str, compression: Compression) -> String {
    let sealed = if id.contains('-') { ENDING } else { "" };
    format!("{CHUNKS}/{}/{id}{}{sealed}", id.get(..2).unwrap_or_default(), compression.ending())
}

fn manifest_name(id: &str) -> String {
    format!("{SNAPSHOTS}/{id}.json")
}

fn sum_name(id: &str) -> String {
    format!("{SNAPSHOTS}/{id}.sha256")
}

fn proof_name(id: &str) -> String {
    format!("proofs/{id}.json")
}

/// The manifest of an encrypted repository as it is.
fn secret_name(id: &str) -> String {
    format!("{SNAPSHOTS}/{id}.json{ENDING}")
}

/// As `sha256sum` writes and checks them.
fn sum_lines(id: &str, content: &[u8], secret: Option<&[u8]>) -> String {
    let secret = secret.map(|secret| format!("{}  {id}.json{ENDING}\n", hash(secret)));
    format!("{}  {id}.json\n{}", hash(content), secret.unwrap_or_default())
}

fn parsed(id: &str, content: &[u8]) -> Result<Snapshot> {
    let manifest = manifest_name(id);
    let unreadable = |error| Error::new(Kind::Data, format!("{manifest} cannot be read")).because(error);
    // The format first: a later one may have other fields.
    let head: serde_json::Value = serde_json::from_slice(content).map_err(unreadable)?;
    let is_veiled = head["kind"] == sealed::VEILED;
    let known = if is_veiled { sealed::FORMAT } else { FORMAT };
    match head["format"].as_u64() {
        Some(format) if format <= u64::from(known) => {
            serde_json::from_value(if is_veiled { unveiled(head) } else { head }).map_err(unreadable)
        }
        format => Err(newer(&manifest, format.and_then(|format| u32::try_from(format).ok()).unwrap_or(0))),
    }
}

fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn json(document: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)
        .map_err(|error| Error::new(Kind::Data, "the manifest cannot be written").because(error))?;
    text.push(b'\n');
    Ok(text)
}

fn damaged(name: &str, how: String) -> Error {
    Error::new(Kind::Data, format!("the repository is damaged: {name} {how}"))
}

fn newer(what: &str, format: u32) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("{what} has format {format}, and this dbwright knows up to {}", sealed::FORMAT),
    )
    .hint("use a newer dbwright")
}
