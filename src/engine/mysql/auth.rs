//! Proving who we are: the authentication methods and their exchanges.
//!
//! "Authentication Method" in MySQL's internals manual; "Connecting" in MariaDB's protocol
//! reference. A password never travels readable over a connection that is not private.

use std::path::PathBuf;

use mysql_common::crypto;
use mysql_common::scramble::{create_response_for_ed25519, scramble_native, scramble_sha256};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

use super::errors::{self, Refusal};
use super::packet::{Packets, Reader, garbled};
use crate::engine::net::Clock;
use crate::error::{Error, Kind, Result};
use crate::model::target::{ExposeSecret, SecretString, Target};

/// First bytes of the server's packets during authentication.
const OK: u8 = 0x00;
const MORE_DATA: u8 = 0x01;
const NEXT_FACTOR: u8 = 0x02;
const SWITCH: u8 = 0xFE;

/// What follows [`MORE_DATA`] in the exchange of caching_sha2_password.
const FAST_OK: u8 = 3;
const FULL_NEEDED: u8 = 4;
/// What asks for the server's public key.
const CACHING_SHA2_KEY: u8 = 2;
const SHA256_KEY: u8 = 1;

/// The methods this client can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Native,
    CachingSha2,
    Sha256,
    Ed25519,
    Clear,
}

impl Method {
    /// By the name of its client plugin.
    pub fn by_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"mysql_native_password" => Method::Native,
            b"caching_sha2_password" => Method::CachingSha2,
            b"sha256_password" => Method::Sha256,
            b"client_ed25519" => Method::Ed25519,
            b"mysql_clear_password" => Method::Clear,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Method::Native => "mysql_native_password",
            Method::CachingSha2 => "caching_sha2_password",
            Method::Sha256 => "sha256_password",
            Method::Ed25519 => "client_ed25519",
            Method::Clear => "mysql_clear_password",
        }
    }

    /// The nonce in what the server sends with a request to change to this method. A zero byte ends
    /// it, but that of ed25519, which is 32 bytes of any value
    /// (<https://mariadb.com/kb/en/authentication-plugin-ed25519/>).
    fn nonce(self, data: &[u8]) -> &[u8] {
        match self {
            Method::Ed25519 => data,
            _ => data.strip_suffix(&[0]).unwrap_or(data),
        }
    }
}

/// What the exchanges need to know of the user and the connection.
pub struct Credentials<'a> {
    pub user: &'a str,
    password: Option<&'a SecretString>,
    /// Nobody else can read what passes: encrypted, or inside this machine.
    private: bool,
    key_path: Option<PathBuf>,
    may_fetch_key: bool,
}

impl<'a> Credentials<'a> {
    pub fn new(target: &'a Target, user: &'a str, private: bool) -> Self {
        let word = target.options.get("get_server_public_key").map(String::as_str);
        Credentials {
            user,
            password: target.password.as_ref(),
            private,
            key_path: target.options.get("server_public_key").map(PathBuf::from),
            may_fetch_key: !matches!(word, Some("false" | "0" | "no" | "off")),
        }
    }

    fn password(&self) -> &[u8] {
        self.password.map_or(&[], |password| password.expose_secret().as_bytes())
    }

    fn password_with_end(&self) -> Vec<u8> {
        [self.password(), &[0]].concat()
    }

    /// The first answer of a method to the server's nonce.
    pub fn respond(&self, method: Method, nonce: &[u8]) -> Result<Vec<u8>> {
        let password = self.password();
        Ok(match method {
            Method::Native => scramble_native(nonce, password).map(Vec::from).unwrap_or_default(),
            Method::CachingSha2 => scramble_sha256(nonce, password).map(Vec::from).unwrap_or_default(),
            Method::Sha256 if password.is_empty() => vec![0],
            Method::Sha256 if self.private => self.password_with_end(),
            Method::Sha256 => match &self.key_path {
                Some(_) => self.encrypt(self.own_key()?, nonce)?,
                None => self.ask_for_key(SHA256_KEY)?,
            },
            // An empty password is signed like any other.
            Method::Ed25519 => create_response_for_ed25519(password, nonce).to_vec(),
            Method::Clear if self.private => self.password_with_end(),
            Method::Clear => {
                return Err(Error::new(
                    Kind::Auth,
                    format!("the server wants the password of {:?} in clear text over a connection that is not encrypted", self.user),
                )
                .hint("connect with tls mode `require` or stronger, or over the server's Unix socket"));
            }
        })
    }

    /// The server wants more in the exchange of `method`; None when it is only to be waited for.
    fn proceed(&self, method: Method, data: &[u8], nonce: &[u8]) -> Result<Option<Vec<u8>>> {
        match (method, data) {
            (Method::CachingSha2, [FAST_OK]) => Ok(None),
            (Method::CachingSha2, [FULL_NEEDED]) if self.private => Ok(Some(self.password_with_end())),
            (Method::CachingSha2, [FULL_NEEDED]) => match &self.key_path {
                Some(_) => self.encrypt(self.own_key()?, nonce).map(Some),
                None => self.ask_for_key(CACHING_SHA2_KEY).map(Some),
            },
            (Method::CachingSha2 | Method::Sha256, key) => self.encrypt(key.to_vec(), nonce).map(Some),
            _ => Err(garbled("it goes on where the authentication method has no more to say")),
        }
    }

    fn ask_for_key(&self, request: u8) -> Result<Vec<u8>> {
        match self.may_fetch_key {
            true => Ok(vec![request]),
            false => Err(Error::new(
                Kind::Auth,
                "the password needs the server's public key, which may not be asked from the server",
            )
            .hint("connect with tls mode `require` or stronger, name the key's file with server_public_key, or allow get_server_public_key")),
        }
    }

    fn own_key(&self) -> Result<Vec<u8>> {
        let path = self.key_path.as_deref().unwrap_or_else(|| "".as_ref());
        std::fs::read(path).map_err(|error| {
            Error::new(Kind::Config, format!("cannot read the server's public key in {}", path.display()))
                .because(error)
        })
    }

    /// The password, hidden by the nonce, for the holder of the private key only.
    fn encrypt(&self, pem: Vec<u8>, nonce: &[u8]) -> Result<Vec<u8>> {
        let mut secret = self.password_with_end();
        if nonce.is_empty() {
            return Err(garbled("it sent no nonce"));
        }
        for (byte, mask) in secret.iter_mut().zip(nonce.iter().cycle()) {
            *byte ^= mask;
        }
        match rsa_bytes(&pem) {
            // OAEP with SHA-1 takes two hashes and two bytes of the block (RFC 8017, 7.1.1); the
            // library panics on less, and on keys that are none, so both are looked at first.
            Some(size) if size >= secret.len() + 42 => Ok(crypto::encrypt(&secret, &pem)),
            Some(_) => Err(Error::new(Kind::Auth, "the password is too long for the server's public key")
                .hint("connect with tls mode `require` or stronger")),
            None => Err(Error::new(Kind::Auth, "the server's public key cannot be read").hint(
                "connect with tls mode `require` or stronger, or check the file server_public_key names",
            )),
        }
    }
}

/// The size of the modulus of an RSA key in PEM (`PUBLIC KEY`), if it is one.
fn rsa_bytes(pem: &[u8]) -> Option<usize> {
    /// The content of a DER element with this tag, and what follows it.
    fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
        let [found, length, rest @ ..] = der else { return None };
        if *found != tag {
            return None;
        }
        if *length < 0x80 {
            return rest.split_at_checked(usize::from(*length));
        }
        let (length, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
        if length.len() > 3 {
            return None;
        }
        let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest.split_at_checked(length)
    }
    let head = b"-----BEGIN PUBLIC KEY-----";
    memchr::memmem::find(pem, head)?;
    let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
    let (info, _) = element(&der, 0x30)?;
    let (_, bits) = element(info, 0x30)?;
    let (bits, _) = element(bits, 0x03)?;
    let [0, key @ ..] = bits else { return None };
    let (numbers, _) = element(key, 0x30)?;
    let (modulus, exponent) = element(numbers, 0x02)?;
    let (exponent, _) = element(exponent, 0x02)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    // The library counts a modulus whose highest bits are unset as a byte shorter.
    let size = modulus.len() - start - usize::from(modulus[start] < 4);
    (!exponent.iter().all(|byte| *byte == 0)).then_some(size)
}

/// Leads the exchange until the server has said yes, and returns its last words.
pub fn authenticate(
    packets: &mut Packets,
    credentials: &Credentials<'_>,
    mut method: Method,
    nonce: &[u8],
    clock: &Clock,
) -> Result<Vec<u8>> {
    let mut nonce = nonce.to_vec();
    loop {
        packets.stream().set_timeout(Some(clock.left("authentication")?))?;
        let payload = packets.read()?;
        let mut reader = Reader(payload);
        match reader.u8()? {
            OK => return Ok(payload.to_vec()),
            errors::ERR => return Err(refused(Refusal::read(payload)?, credentials)),
            SWITCH if reader.is_empty() => return Err(unsupported("mysql_old_password")),
            SWITCH => {
                let name = reader.null_terminated();
                method = Method::by_name(name).ok_or_else(|| unsupported(&String::from_utf8_lossy(name)))?;
                let data = reader.rest();
                nonce = method.nonce(data).to_vec();
                let answer = credentials.respond(method, &nonce)?;
                packets.answer(&answer)?;
            }
            MORE_DATA => {
                if let Some(answer) = credentials.proceed(method, reader.rest(), &nonce)? {
                    packets.answer(&answer)?;
                }
            }
            NEXT_FACTOR => {
                return Err(Error::new(
                    Kind::Unsupported,
                    format!(
                        "user {:?} has to prove more than a password, which dbwright cannot do",
                        credentials.user
                    ),
                )
                .hint("use an account with one authentication factor"));
            }
            _ => return Err(garbled("an answer to authentication is unknown")),
        }
    }
}

fn refused(refusal: Refusal, credentials: &Credentials<'_>) -> Error {
    let no_password = credentials.password.is_none();
    let denied = refusal.number == errors::ACCESS_DENIED;
    let error = refusal.of_connecting(credentials.user);
    match no_password && denied {
        true => error.with_kind(Kind::PasswordNeeded),
        false => error,
    }
}

fn unsupported(method: &str) -> Error {
    let hint = match method {
        "mysql_old_password" => "set the password anew: its hash is from before MySQL 4.1",
        "dialog" | "authentication_pam_client" => {
            "accounts that PAM checks work with the client plugin mysql_clear_password over TLS"
        }
        _ => {
            "use an account identified with caching_sha2_password, mysql_native_password, ed25519 or sha256_password"
        }
    };
    Error::new(
        Kind::Unsupported,
        format!("the account uses the authentication method {method:?}, which dbwright does not know"),
    )
    .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::EngineKind;

    const PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxSKOcxiet8lLMn8ImyUE
bGGKob5EdRz/4wdiw12ED0GfKKTKhVnodFCfm1mdy7bKOX5QxL9skrvYodpW43eR
R5bfOzIgy1qIB8RYb6qOXRBw1oA4snBDqtUjDv/lbHLJN+IbzM4oU+e3Lt9rXyLX
VY289ewONPweXHqSCnTL91w+wkU1peIFV2QhZ+upUCdCtwOn5hnJPNgxtbklFoya
C8W3Z7Xx7He2QDJsEWAqX197efw0L6j8X8Tyd8Uwb7zUB1tfMGhHfm9EwejPAtzx
4GztQNtNMtGS2oGZLQBLV9hib4dDL92iiZeckg2LAf4GsJofLLR8mcHCRoqVbQJ1
YQIDAQAB
-----END PUBLIC KEY-----
";

    fn target(password: Option<&str>) -> Target {
        Target { password: password.map(Into::into), ..Target::new(EngineKind::Mysql) }
    }

    #[test]
    fn a_nonce_ends_with_a_zero_byte_only_where_the_method_says_so() {
        let mut data = [7; 32];
        data[31] = 0;
        assert_eq!(Method::Ed25519.nonce(&data), data);
        assert_eq!(Method::Native.nonce(&data[11..]), [7; 20]);
        assert_eq!(Method::CachingSha2.nonce(&[7; 20]), [7; 20]);
    }

    #[test]
    fn keys_are_looked_at_before_use() {
        assert_eq!(rsa_bytes(PEM.as_bytes()), Some(256));
        assert_eq!(rsa_bytes(b""), None);
        assert_eq!(rsa_bytes(b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"), None);
        assert_eq!(rsa_bytes(PEM.replace("AQAB", "AQA*").as_bytes()), None);
        assert_eq!(rsa_bytes(PEM.replace("PUBLIC", "PRIVATE").as_bytes()), None);
    }

    #[test]
    fn a_password_is_never_sent_readable() {
        let target = target(Some("secret"));
        let nonce = [9; 20];
        let plain = Credentials::new(&target, "me", false);
        for method in [Method::Native, Method::CachingSha2, Method::Ed25519, Method::Sha256] {
            let sent = plain.respond(method, &nonce).unwrap();
            assert!(!sent.windows(6).any(|window| window == b"secret"), "{method:?}");
        }
        assert_eq!(plain.respond(Method::Clear, &nonce).unwrap_err().kind(), Kind::Auth);
        assert_eq!(plain.proceed(Method::CachingSha2, &[FULL_NEEDED], &nonce).unwrap(), Some(vec![2]));
        let sealed = plain.proceed(Method::CachingSha2, PEM.as_bytes(), &nonce).unwrap().unwrap();
        assert_eq!(sealed.len(), 256);
        let private = Credentials::new(&target, "me", true);
        assert_eq!(private.respond(Method::Clear, &nonce).unwrap(), b"secret\0");
        assert_eq!(
            private.proceed(Method::CachingSha2, &[FULL_NEEDED], &nonce).unwrap().unwrap(),
            b"secret\0"
        );
        assert_eq!(private.proceed(Method::CachingSha2, &[FAST_OK], &nonce).unwrap(), None);
    }

    #[test]
    fn the_key_is_not_fetched_when_forbidden() {
        let mut target = target(Some("secret"));
        target.options.insert("get_server_public_key".into(), "false".into());
        let credentials = Credentials::new(&target, "me", false);
        let error = credentials.proceed(Method::CachingSha2, &[FULL_NEEDED], &[9; 20]).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(!error.hints().is_empty());
    }

    #[test]
    fn an_empty_password_answers_nothing() {
        let target = target(None);
        let credentials = Credentials::new(&target, "me", false);
        assert!(credentials.respond(Method::Native, &[1; 20]).unwrap().is_empty());
        assert!(credentials.respond(Method::CachingSha2, &[1; 20]).unwrap().is_empty());
    }

    #[test]
    fn a_long_password_does_not_fit_the_key() {
        let target = target(Some(&"x".repeat(300)));
        let credentials = Credentials::new(&target, "me", false);
        assert!(credentials.encrypt(PEM.as_bytes().to_vec(), &[1; 20]).is_err());
        assert!(credentials.encrypt(b"nonsense".to_vec(), &[1; 20]).is_err());
    }
}
