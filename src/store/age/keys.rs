//! Recipients (`age1…`) and identities (`AGE-SECRET-KEY-1…`), and how they hold the key of a file.

use std::fmt;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use curve25519_dalek::montgomery::MontgomeryPoint;
use ring::aead::{Aad, Nonce};

use super::{FileKey, cipher, derived, not_encrypted, random};
use crate::error::{Error, Kind, Result};
use crate::model::target::{ExposeSecret, SecretString};

const WORDS: &str = "age-encryption.org/v1/X25519";

/// Who can decrypt; known to all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

/// The secret that decrypts. It appears in no message.
#[derive(Clone)]
pub struct Identity([u8; 32]);

impl Recipient {
    /// Of `age1…`.
    pub fn parse(text: &str) -> Result<Self> {
        match bytes(text, "age") {
            Some(key) => Ok(Recipient(key)),
            // Whoever mistook the one for the other must not read it in a log.
            None if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") => {
                Err(Error::new(Kind::Config, "a secret key is no recipient")
                    .hint("age-keygen -y FILE prints the recipient of an identity"))
            }
            None => Err(Error::new(Kind::Config, format!("{text:?} is no recipient of age"))
                .hint("a recipient is written as age1... (age-keygen makes one); keys of SSH and plugins are not known here")),
        }
    }

    /// A share of a secret, and the key of a file sealed with it.
    pub fn wrap(&self, key: &FileKey) -> Result<([u8; 32], Vec<u8>)> {
        let once: [u8; 32] = random()?;
        let share = MontgomeryPoint::mul_base_clamped(once).to_bytes();
        let secret = MontgomeryPoint(self.0).mul_clamped(once).to_bytes();
        let cipher = cipher(&derived(&secret, &[share, self.0].concat(), WORDS)?)?;
        let mut wrapped = key.to_vec();
        cipher.seal_in_place_append_tag(nonce(), Aad::empty(), &mut wrapped).map_err(|_| not_encrypted())?;
        Ok((share, wrapped))
    }
}

impl Identity {
    pub fn new() -> Result<Self> {
        Ok(Identity(random()?))
    }

    /// Of `AGE-SECRET-KEY-1…`.
    pub fn parse(text: &str) -> Option<Self> {
        bytes(text, "age-secret-key-").map(Identity)
    }

    pub fn recipient(&self) -> Recipient {
        Recipient(MontgomeryPoint::mul_base_clamped(self.0).to_bytes())
    }

    /// As a file of identities has it.
    pub fn to_text(&self) -> SecretString {
        let text =
            Hrp::parse("age-secret-key-").ok().and_then(|hrp| bech32::encode::<Bech32>(hrp, &self.0).ok());
        SecretString::from(text.unwrap_or_default().to_ascii_uppercase())
    }

    /// The key of a file, if it was wrapped for this one.
    pub fn unwrap(&self, share: &[u8; 32], wrapped: &[u8]) -> Option<FileKey> {
        let secret = MontgomeryPoint(*share).mul_clamped(self.0).to_bytes();
        // A share that makes the secret known to all.
        if secret == [0; 32] {
            return None;
        }
        let cipher = cipher(&derived(&secret, &[*share, self.recipient().0].concat(), WORDS).ok()?).ok()?;
        let mut key = wrapped.to_vec();
        let key = cipher.open_in_place(nonce(), Aad::empty(), &mut key).ok()?;
        FileKey::try_from(&*key).ok()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hrp = Hrp::parse("age").map_err(|_| fmt::Error)?;
        to.write_str(&bech32::encode::<Bech32>(hrp, &self.0).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Identity of {}", self.recipient())
    }
}

/// The key is used once, so its nonce may be nothing.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn bytes(text: &str, kind: &str) -> Option<[u8; 32]> {
    let parsed = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let fits = parsed.hrp().as_str().eq_ignore_ascii_case(kind);
    fits.then(|| parsed.byte_iter().collect::<Vec<u8>>().try_into().ok()).flatten()
}

/// The identities of a file: one a line, and comments.
pub fn identities(text: &SecretString) -> Vec<Option<Identity>> {
    let lines = text.expose_secret().lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(Identity::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let identity = Identity::new().unwrap();
        let text = identity.to_text();
        assert!(text.expose_secret().starts_with("AGE-SECRET-KEY-1"));
        let read = Identity::parse(text.expose_secret()).unwrap();
        assert_eq!(read.recipient(), identity.recipient());
        let recipient = identity.recipient().to_string();
        assert_eq!(Recipient::parse(&recipient).unwrap(), identity.recipient());
        assert!(Identity::parse(&recipient).is_none());
        let error = Recipient::parse(text.expose_secret()).unwrap_err();
        assert!(!format!("{error:?}").contains(text.expose_secret()));
        assert!(!format!("{identity:?}").contains("SECRET"));
        for text in ["", "age1", "ssh-ed25519 AAAA", &recipient[..60], &recipient.replace('1', "2")] {
            assert!(Recipient::parse(text).is_err(), "{text}");
        }
    }
}
