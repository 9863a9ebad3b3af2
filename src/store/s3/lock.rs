//! Locks in a place that has none: files that say who is at work, renewed while that lasts.
//!
//! Whoever wants in writes its own file first and then looks at those of the others; what shows a
//! file as soon as it is written lets at most one of two that do not go together stay. A file that
//! was not renewed for [`EXPIRES`] counts no more, by the clock of the server alone. Its owner stops
//! of itself long before ([`GIVES_UP`]), by a clock that goes on while the machine sleeps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::client::{Client, Request};
use super::{files, xml};
use crate::error::{Error, Kind, Result};

/// The folder of the locks.
const LOCKS: &str = "locks";
const EXCLUSIVE: &str = ".exclusive";
const SHARED: &str = ".shared";

const EXPIRES: Duration = Duration::from_secs(15 * 60);
const GIVES_UP: Duration = Duration::from_secs(8 * 60);
const RENEWED: Duration = Duration::from_secs(2 * 60);

/// What a lock says, for people.
#[derive(Serialize, Deserialize)]
struct Owner {
    owner: String,
    host: String,
    pid: u32,
    /// Seconds since 1970, by the owner's clock.
    since: u64,
}

/// A lock that this process has.
pub struct Held {
    name: String,
    content: Vec<u8>,
    renewed: Mutex<SystemTime>,
    lost: AtomicBool,
}

/// Renews the lock until it is dropped, which gives the lock back.
pub struct Guard {
    client: Arc<Client>,
    held: Arc<Held>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Takes a lock; None where this user may only read, which needs no exclusive one.
///
/// # Errors
/// `Locked`, with the owner, when somebody else's does not go together with it.
pub fn take(client: &Arc<Client>, exclusive: bool) -> Result<Option<(Guard, Arc<Held>)>> {
    let content = serde_json::to_vec(&Owner::here()).unwrap_or_default();
    let ending = if exclusive { EXCLUSIVE } else { SHARED };
    let name = format!("{LOCKS}/{:016x}{ending}", fastrand::u64(..));
    let renewed = SystemTime::now();
    let answer = client.send(&Request {
        method: "PUT",
        name: Some(&name),
        content: &content,
        ..Request::default()
    })?;
    match answer.status {
        200 => {}
        403 if !exclusive => return Ok(None),
        _ => return Err(client.refused("write a lock", &answer)),
    }
    let held = Arc::new(Held { name, content, renewed: Mutex::new(renewed), lost: AtomicBool::new(false) });
    let guard = Guard::new(client.clone(), held.clone())?;
    // Dropped on the way out when it does not go together, the guard takes its file away.
    match in_the_way(client, &held.name, exclusive)? {
        Some(other) => Err(in_use(client, &other)),
        None => Ok(Some((guard, held))),
    }
}

/// A lock of somebody else that does not go together with ours.
fn in_the_way(client: &Client, own: &str, exclusive: bool) -> Result<Option<String>> {
    let all = files(client, LOCKS)?;
    let Some(now) = all.iter().find(|file| file.key == own).and_then(written) else {
        return Err(Error::new(
            Kind::Unsupported,
            format!(
                "{} does not list what was just written, so nothing can be locked there",
                client.location.shown()
            ),
        ));
    };
    for other in all.iter().filter(|file| file.key != own) {
        let age = written(other).map_or(0, |written| now.saturating_sub(written));
        let is_live = age < EXPIRES.as_secs();
        if !is_live && exclusive {
            // Its owner sees that it is gone, should it still be there.
            client.send(&Request { method: "DELETE", name: Some(&other.key), ..Request::default() })?;
        }
        if is_live && (exclusive || other.key.ends_with(EXCLUSIVE)) {
            return Ok(Some(other.key.clone()));
        }
    }
    Ok(None)
}

fn in_use(client: &Client, name: &str) -> Error {
    let answer = client.send(&Request { method: "GET", name: Some(name), ..Request::default() });
    let owner = answer.ok().and_then(|answer| serde_json::from_slice::<Owner>(&answer.body).ok());
    let owner = owner.map_or_else(String::new, |owner| {
        format!(" by {} on {} (process {})", owner.owner, owner.host, owner.pid)
    });
    let doing = match name.ends_with(EXCLUSIVE) {
        true => "backups are being pruned there",
        false => "a backup is made, verified or restored there",
    };
    Error::new(Kind::Locked, format!("{} is in use{owner}: {doing}", client.location.shown())).hint(format!(
        "run it again when that is done; the lock of a process that was killed ends {} minutes after its last sign of life",
        EXPIRES.as_secs() / 60
    ))
}

impl Owner {
    fn here() -> Self {
        let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Owner {
            owner: user.unwrap_or_else(|| "somebody".to_owned()),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            pid: std::process::id(),
            since: since.map_or(0, |since| since.as_secs()),
        }
    }
}

impl Held {
    /// Whether it counts as ours still, as far as we know.
    pub fn is_ours(&self) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back says nothing: then the file decides.
        let age = SystemTime::now().duration_since(renewed).unwrap_or_default();
        !self.lost.load(Ordering::Acquire) && age < GIVES_UP
    }

    /// Asks the server.
    pub fn is_there(&self, client: &Client) -> Result<bool> {
        let answer =
            client.send(&Request { method: "HEAD", name: Some(&self.name), ..Request::default() })?;
        Ok(answer.status == 200)
    }

    /// One that is gone or too old is not brought back: others rely on that.
    fn renew(&self, client: &Client) {
        let began = SystemTime::now();
        match self.is_there(client) {
            Ok(true) if self.is_ours() => {}
            Ok(_) => return self.lost.store(true, Ordering::Release),
            Err(_) => return,
        }
        let put =
            Request { method: "PUT", name: Some(&self.name), content: &self.content, ..Request::default() };
        if client.send(&put).is_ok_and(|answer| answer.status == 200) {
            *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = began;
        }
    }
}

impl Guard {
    fn new(client: Arc<Client>, held: Arc<Held>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let mut guard = Guard { client, held, stop: Some(stop), thread: None };
        let (client, held) = (guard.client.clone(), guard.held.clone());
        let work = move || {
            while stopped.recv_timeout(RENEWED) == Err(RecvTimeoutError::Timeout) {
                held.renew(&client);
            }
        };
        guard.thread = Some(std::thread::Builder::new().name("lock".to_owned()).spawn(work)?);
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop = None;
        // A renewal under way would bring the file back.
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        let name = Some(self.held.name.as_str());
        // Where it cannot be taken away it ends by itself.
        drop(self.client.send(&Request { method: "DELETE", name, ..Request::default() }));
    }
}

/// When a file was written, in seconds of the server's clock.
fn written(file: &xml::File) -> Option<u64> {
    let number = |from: usize, to: usize| file.written.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // Days in years that begin with March (Howard Hinnant's algorithm).
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = (year / 400) * 146_097 + (year % 400) * 365 + (year % 400) / 4 - (year % 400) / 100 + of_year;
    Some(days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_listings_are_compared() {
        let at = |text: &str| written(&xml::File { written: text.to_owned(), ..xml::File::default() });
        let between = |one: &str, other: &str| at(other).unwrap() - at(one).unwrap();
        assert_eq!(between("2026-11-23T20:49:03.117Z", "2026-11-23T21:00:00Z"), 657);
        assert_eq!(between("2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z"), 2 * 86_400);
        assert_eq!(between("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"), 1);
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn an_old_lock_is_given_up() {
        let held = |age| Held {
            name: String::new(),
            content: Vec::new(),
            renewed: Mutex::new(SystemTime::now() - age),
            lost: AtomicBool::new(false),
        };
        assert!(held(RENEWED).is_ours());
        assert!(!held(GIVES_UP).is_ours());
        assert!(GIVES_UP + RENEWED < EXPIRES);
    }
}
