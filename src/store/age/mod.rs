//! Files in the format of age (<https://age-encryption.org/v1>), for recipients with X25519 keys:
//! what is written here `age -d` reads, and the other way round.

mod header;
mod keys;
mod payload;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{aead, hkdf};

use crate::error::{Error, Kind, Result};

pub use keys::{Identity, Recipient, identities};

/// The key of one file, which its header holds for each recipient.
type FileKey = [u8; 16];

/// Encrypts for any of the recipients.
pub fn encrypt(recipients: &[Recipient], plain: &[u8]) -> Result<Vec<u8>> {
    let key: FileKey = random()?;
    let mut file = header::written(recipients, &key)?;
    payload::encrypt(&key, plain, &mut file)?;
    Ok(file)
}

/// Decrypts with the identity that fits.
///
/// # Errors
/// `Auth` when none does; `Data` when the file is not what was written.
pub fn decrypt(identities: &[Identity], file: &[u8]) -> Result<Vec<u8>> {
    let (key, payload) = header::read(identities, file)?;
    payload::decrypt(&key, payload)
}

pub fn random<const SIZE: usize>() -> Result<[u8; SIZE]> {
    let mut bytes = [0; SIZE];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(Kind::Io, "the system gives no random numbers"))?;
    Ok(bytes)
}

/// Whether a whole file may have this size when its content has that one, for any number of
/// recipients.
pub fn is_size_of(file: u64, plain: usize) -> bool {
    let rest = file.checked_sub(payload::size(plain) as u64 + header::SIZE);
    rest.is_some_and(|stanzas| stanzas > 0 && stanzas.is_multiple_of(header::STANZA))
}

/// A key made of another, for one use.
fn derived(from: &[u8], salt: &[u8], use_of_it: &str) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(from)
        .expand(&[use_of_it.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut key))
        .map_err(|_| not_encrypted())?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> Result<aead::LessSafeKey> {
    let key = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key).map_err(|_| not_encrypted())?;
    Ok(aead::LessSafeKey::new(key))
}

fn not_encrypted() -> Error {
    Error::new(Kind::Data, "a file cannot be encrypted")
}

fn spoilt() -> Error {
    Error::new(Kind::Data, "an encrypted file is not what was written")
}

fn in_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD_NO_PAD.encode(bytes)
}

fn of_base64(text: &[u8]) -> Result<Vec<u8>> {
    BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| spoilt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_for_each_recipient() {
        let (one, other, stranger) =
            (Identity::new().unwrap(), Identity::new().unwrap(), Identity::new().unwrap());
        for size in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let plain: Vec<u8> = (0..size).map(|number| u8::try_from(number % 251).unwrap()).collect();
            let file = encrypt(&[one.recipient(), other.recipient()], &plain).unwrap();
            let stored = file.len() as u64;
            assert!(is_size_of(stored, plain.len()) && !is_size_of(stored - 1, plain.len()));
            assert_eq!(decrypt(std::slice::from_ref(&one), &file).unwrap(), plain);
            assert_eq!(decrypt(&[stranger.clone(), other.clone()], &file).unwrap(), plain);
            let error = decrypt(std::slice::from_ref(&stranger), &file).unwrap_err();
            assert_eq!(error.kind(), Kind::Auth);
        }
    }

    #[test]
    fn any_change_is_noticed() {
        let identity = [Identity::new().unwrap()];
        let file = encrypt(&[identity[0].recipient()], &[7; 70_000]).unwrap();
        for at in (0..300).chain([65_800, 65_900, file.len() - 1]) {
            let mut spoilt = file.clone();
            spoilt[at] ^= 1;
            assert!(decrypt(&identity, &spoilt).is_err(), "{at}");
        }
        for size in [0, 10, 150, 200, 216, 300, 65_752, 65_800, file.len() - 1] {
            assert!(decrypt(&identity, &file[..size]).is_err(), "{size}");
        }
        assert!(decrypt(&identity, &[file.as_slice(), b"x"].concat()).is_err());
    }

    #[test]
    fn a_file_differs_each_time() {
        let recipient = [Identity::new().unwrap().recipient()];
        assert_ne!(encrypt(&recipient, b"same").unwrap(), encrypt(&recipient, b"same").unwrap());
    }
}
