//! The head of a file: its key for each recipient, and a sum that only who knows the key can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::keys::{Identity, Recipient};
use super::{FileKey, derived, in_base64, not_encrypted, of_base64, spoilt};
use crate::error::{Error, Kind, Result};

const VERSION: &[u8] = b"age-encryption.org/v1\n";
const END: &[u8] = b"---";

/// Of all but the stanzas: version, end and sum.
pub const SIZE: u64 = 22 + 4 + 43 + 1;
/// Of what the header holds for a recipient.
pub const STANZA: u64 = 10 + 43 + 1 + 43 + 1;

pub fn written(recipients: &[Recipient], key: &FileKey) -> Result<Vec<u8>> {
    let mut header = VERSION.to_vec();
    for recipient in recipients {
        let (share, wrapped) = recipient.wrap(key)?;
        // Both are shorter than the 48 bytes that a line holds.
        header.extend(format!("-> X25519 {}\n{}\n", in_base64(&share), in_base64(&wrapped)).as_bytes());
    }
    header.extend(END);
    let sum = mac(key, &header)?.finalize().into_bytes();
    header.extend(format!(" {}\n", in_base64(&sum)).as_bytes());
    Ok(header)
}

/// The key of a file, and what comes behind the header.
pub fn read<'f>(identities: &[Identity], file: &'f [u8]) -> Result<(FileKey, &'f [u8])> {
    let mut rest = file.strip_prefix(VERSION).ok_or_else(spoilt)?;
    let mut found = None;
    loop {
        let before = rest;
        let line = line(&mut rest)?;
        if let Some(sum) = line.strip_prefix(b"--- ") {
            let key = found.ok_or_else(not_for_us)?;
            let head = &file[..file.len() - before.len() + END.len()];
            // Compared in constant time.
            mac(&key, head)?.verify_slice(&of_base64(sum)?).map_err(|_| spoilt())?;
            return Ok((key, rest));
        }
        let stanza = line.strip_prefix(b"-> ").ok_or_else(spoilt)?;
        let body = body(&mut rest)?;
        // Those of other kinds are for others.
        if let (Some(share), None) = (stanza.strip_prefix(b"X25519 "), found) {
            let share: [u8; 32] = of_base64(share)?.try_into().map_err(|_| spoilt())?;
            found = identities.iter().find_map(|identity| identity.unwrap(&share, &body));
        }
    }
}

fn line<'f>(rest: &mut &'f [u8]) -> Result<&'f [u8]> {
    let end = memchr::memchr(b'\n', rest).ok_or_else(spoilt)?;
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    Ok(line)
}

/// Lines of 64 letters, and one that is shorter.
fn body(rest: &mut &[u8]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let line = line(rest)?;
        text.extend(line);
        if line.len() < 64 {
            return of_base64(&text);
        }
    }
}

fn mac(key: &FileKey, header: &[u8]) -> Result<Hmac<Sha256>> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&derived(key, &[], "header")?).map_err(|_| not_encrypted())?;
    mac.update(header);
    Ok(mac)
}

fn not_for_us() -> Error {
    Error::new(Kind::Auth, "no identity that was given can decrypt it")
        .hint("give the identity of one of the recipients: --identity FILE")
}
