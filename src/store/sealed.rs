//! What an encrypted repository does differently: files in the format of age, and names of chunks
//! that tell nothing of their content to who does not have it.
//!
//! `chunks/ab/abcd…-SUM.zst.age`: the first half of the name is a sum of the content and of who can
//! read it, keyed with the repository's salt, so that what is there already is found again, although every encryption of
//! it differs; the second half is the SHA-256 of the file.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::age::{self, Identity, Recipient};
use super::repository::{CHUNKS, chunk_name};
use super::{Store, hex};
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Chunk, Compression, Snapshot};

/// The end of the names of encrypted files.
pub const ENDING: &str = ".age";

/// The kind of a manifest whose secrets are left out.
pub const VEILED: &str = "encrypted";

/// The format of repositories that are encrypted, and of their readable manifests: one that knows
/// only those that are not must not touch them.
pub const FORMAT: u32 = 2;

/// What `repository.json` says of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terms {
    /// `age`.
    format: String,
    /// Random, and not secret: the same content has another name in another repository.
    salt: String,
}

impl Terms {
    pub fn new() -> Result<Self> {
        Ok(Terms { format: "age".to_owned(), salt: hex(&age::random::<16>()?) })
    }
}

/// Reads and writes the files of an encrypted repository.
pub struct Sealing {
    salt: String,
    pub recipients: Vec<Recipient>,
    pub identities: Vec<Identity>,
    known: Mutex<Option<Known>>,
}

/// The chunks that are there: name and size by the keyed sum of the content.
type Known = HashMap<String, (String, u64)>;

impl Sealing {
    pub fn of(terms: Terms) -> Result<Self> {
        match terms.format.as_str() {
            "age" => Ok(Sealing {
                salt: terms.salt,
                recipients: Vec::new(),
                identities: Vec::new(),
                known: Mutex::new(None),
            }),
            other => Err(Error::new(Kind::Unsupported, format!("the repository is encrypted by {other:?}"))
                .hint("use a newer dbwright")),
        }
    }

    pub fn encrypt(&self, content: &[u8]) -> Result<Vec<u8>> {
        age::encrypt(&self.recipients, content)
    }

    pub fn decrypt(&self, content: &[u8]) -> Result<Vec<u8>> {
        match self.identities.is_empty() {
            false => age::decrypt(&self.identities, content),
            true => Err(Error::new(Kind::Auth, "the repository is encrypted").hint(
                "give the file with the identity: --identity FILE, or identity_file in the table [profile.NAME.backup]",
            )),
        }
    }

    /// Stores a chunk; false when it was there.
    pub fn put_chunk(
        &self,
        store: &dyn Store,
        content: &[u8],
        bytes: u64,
        compression: Compression,
    ) -> Result<(Chunk, bool)> {
        let sum = self.keyed_sum(content);
        let found = self.with_known(store, |known| known.get(&sum).cloned())?;
        // One that was cut would be found too.
        if let Some((id, stored)) = found.filter(|(_, stored)| age::is_size_of(*stored, content.len())) {
            return Ok((Chunk { id, bytes, stored }, false));
        }
        let file = self.encrypt(content)?;
        let id = format!("{sum}-{}", hex(&Sha256::digest(&file)));
        let stored = file.len() as u64;
        store.put(&chunk_name(&id, compression), &file)?;
        self.with_known(store, |known| known.insert(sum, (id.clone(), stored)))?;
        Ok((Chunk { id, bytes, stored }, true))
    }

    fn keyed_sum(&self, content: &[u8]) -> String {
        // HMAC takes keys of any length, so the other arm is never reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.salt.as_bytes()) else { return String::new() };
        // What was written for others is another chunk: who joined later must be able to read all.
        let mut keys: Vec<String> = self.recipients.iter().map(Recipient::to_string).collect();
        keys.sort();
        keys.iter().for_each(|key| mac.update(key.as_bytes()));
        mac.update(content);
        hex(&mac.finalize().into_bytes())
    }

    fn with_known<T>(&self, store: &dyn Store, work: impl FnOnce(&mut Known) -> T) -> Result<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &mut *known {
            Some(known) => known,
            none => none.insert(listed(store)?),
        };
        Ok(work(known))
    }
}

fn listed(store: &dyn Store) -> Result<Known> {
    let mut known = Known::new();
    for (name, size) in store.list(CHUNKS)? {
        let file = name.rsplit('/').next().unwrap_or_default();
        let id = file.split('.').next().unwrap_or_default();
        if let (Some((sum, _)), true) = (id.split_once('-'), file.ends_with(ENDING)) {
            known.insert(sum.to_owned(), (id.to_owned(), size));
        }
    }
    Ok(known)
}

/// What everybody may read of a manifest: times, sizes, and the chunks that the backup needs.
pub fn veiled(snapshot: &Snapshot) -> Value {
    let mut chunks: Vec<&Chunk> = snapshot.chunks().collect();
    chunks.sort_by(|one, other| one.id.cmp(&other.id));
    chunks.dedup_by(|one, other| one.id == other.id);
    let totals = &snapshot.totals;
    json!({
        "format": FORMAT,
        "kind": VEILED,
        "id": snapshot.id,
        "started": snapshot.started,
        "finished": snapshot.finished,
        "seconds": snapshot.seconds,
        "made_by": snapshot.made_by,
        "compression": snapshot.compression,
        "chunks": chunks,
        "totals": {
            "rows": 0, "bytes": totals.bytes, "stored": totals.stored, "new": totals.new, "chunks": totals.chunks
        },
    })
}

/// The same as a snapshot that holds nothing but its chunks.
pub fn unveiled(mut veiled: Value) -> Value {
    let Some(fields) = veiled.as_object_mut() else { return veiled };
    let chunks = fields.remove("chunks").unwrap_or_else(|| json!([]));
    let empty = [
        ("engine", json!("")),
        ("server_version", json!("")),
        ("server_version_num", json!(0)),
        ("database", json!("")),
        ("moment", json!({ "how": "" })),
        ("statements", json!([])),
        ("statements_with_privileges", json!([])),
        ("before_data", chunks),
        ("after_data", json!([])),
        ("tables", json!([])),
    ];
    fields.extend(empty.map(|(name, value)| (name.to_owned(), value)));
    veiled
}
