//! A bucket of S3, or of a server that speaks like it, as a store.

mod client;
mod credentials;
mod location;
mod lock;
mod sign;
#[cfg(test)]
mod tests;
mod xml;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use self::client::{Client, Patience, Request};
use self::credentials::Credentials;
use self::location::Location;
use super::Store;
use crate::error::{Error, Kind, Result};

pub use location::{OPTIONS, SCHEME};
pub use sign::encoded;

/// A variable of the environment that is set and not empty.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

pub struct S3 {
    client: Arc<Client>,
    /// The lock that was taken last, as long as it is held.
    held: Mutex<Weak<lock::Held>>,
}

impl S3 {
    /// The store of an address, with what the environment says of it.
    pub fn open(url: &str) -> Result<Self> {
        let lookup = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let location = Location::parse(url, &lookup)?;
        S3::new(location, Credentials::find(&lookup)?, Patience::default())
    }

    fn new(location: Location, credentials: Credentials, patience: Patience) -> Result<Self> {
        let client = Arc::new(Client::new(location, credentials, patience)?);
        Ok(S3 { client, held: Mutex::new(Weak::new()) })
    }

    fn held(&self) -> Option<Arc<lock::Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    fn lost_lock(&self) -> Error {
        Error::new(
            Kind::Locked,
            format!("the lock of {} was lost: it could not be renewed in time", self.place()),
        )
        .hint("run it again; nothing that counts was changed meanwhile")
    }
}

impl Store for S3 {
    /// The server compares what it got with its sums.
    fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        let request = Request { method: "PUT", name: Some(name), content, ..Request::default() };
        let answer = self.client.send(&request)?;
        match answer.status {
            200 => Ok(()),
            _ => Err(self.client.refused(&format!("write {name}"), &answer)),
        }
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let answer = self.client.send(&Request { method: "GET", name: Some(name), ..Request::default() })?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 if xml::error(&answer.body).get("Code").is_none_or(|code| code != "NoSuchBucket") => Ok(None),
            _ => Err(self.client.refused(&format!("read {name}"), &answer)),
        }
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        let answer = self.client.send(&Request { method: "HEAD", name: Some(name), ..Request::default() })?;
        match answer.status {
            200 => Ok(answer.length),
            404 => Ok(None),
            _ => Err(self.client.refused(&format!("read {name}"), &answer)),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, u64)>> {
        Ok(files(&self.client, folder)?.into_iter().map(|file| (file.key, file.size)).collect())
    }

    fn first(&self) -> Result<Option<String>> {
        let page = page(&self.client, "", None, Some(1))?;
        Ok(page.files.into_iter().next().map(|file| file.key))
    }

    fn delete(&self, name: &str) -> Result<()> {
        if self.held().is_some_and(|held| !held.is_ours()) {
            return Err(self.lost_lock());
        }
        let answer =
            self.client.send(&Request { method: "DELETE", name: Some(name), ..Request::default() })?;
        match answer.status {
            200 | 204 | 404 => Ok(()),
            _ => Err(self.client.refused(&format!("delete {name}"), &answer)),
        }
    }

    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Send>>> {
        let Some((guard, held)) = lock::take(&self.client, exclusive)? else { return Ok(Some(Box::new(()))) };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&held);
        Ok(Some(Box::new(guard)))
    }

    fn still_locked(&self) -> Result<()> {
        match self.held() {
            Some(held) if !held.is_ours() || !held.is_there(&self.client)? => Err(self.lost_lock()),
            _ => Ok(()),
        }
    }

    fn place(&self) -> String {
        self.client.location.shown()
    }
}

/// Every file below a folder, by its name in the repository, sorted.
fn files(client: &Client, folder: &str) -> Result<Vec<xml::File>> {
    let mut files = Vec::new();
    let mut from = None;
    loop {
        let page = page(client, folder, from, None)?;
        files.extend(page.files);
        from = page.next;
        if from.is_none() {
            files.sort_by(|one, other| one.key.cmp(&other.key));
            return Ok(files);
        }
    }
}

fn page(client: &Client, folder: &str, from: Option<String>, most: Option<u32>) -> Result<xml::Page> {
    let prefix = &client.location.prefix;
    let end = if folder.is_empty() { "" } else { "/" };
    let mut query = vec![("list-type", "2".to_owned()), ("prefix", format!("{prefix}{folder}{end}"))];
    query.extend(from.map(|token| ("continuation-token", token)));
    query.extend(most.map(|most| ("max-keys", most.to_string())));
    let answer = client.send(&Request { method: "GET", query: &query, ..Request::default() })?;
    if answer.status != 200 {
        return Err(client.refused("list files", &answer));
    }
    let mut page = xml::page(&answer.body)?;
    // Some tools write a file for each folder, whose name ends in a slash.
    page.files.retain(|file| !file.key.ends_with('/'));
    for file in &mut page.files {
        file.key = file.key.strip_prefix(prefix.as_str()).unwrap_or(&file.key).to_owned();
    }
    Ok(page)
}
