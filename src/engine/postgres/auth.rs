//! Proving who we are (chapter 55.2.1 and 55.3).

use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{self, ChannelBinding, ScramSha256};
use postgres_protocol::message::frontend;

use super::binding;
use super::conn::{Conn, Reader, tag};
use super::settings::{Binding, Settings};
use super::startup::wait;
use super::transport::Place;
use crate::engine::net::Clock;
use crate::error::{Error, Kind, Result};
use crate::model::target::{ExposeSecret, SecretString};

/// What an Authentication frame asks for (chapter 55.7).
mod request {
    pub const OK: u32 = 0;
    pub const CLEARTEXT: u32 = 3;
    pub const MD5: u32 = 5;
    pub const GSS: u32 = 7;
    pub const SSPI: u32 = 9;
    pub const SASL: u32 = 10;
    pub const SASL_CONTINUE: u32 = 11;
    pub const SASL_FINAL: u32 = 12;
}

/// The conversation from the startup message to AuthenticationOk.
pub struct Login<'a> {
    pub conn: &'a mut Conn,
    pub settings: &'a Settings,
    pub password: Option<&'a SecretString>,
    /// The server's certificate (DER), over TLS.
    pub certificate: Option<&'a [u8]>,
    pub place: &'a Place,
    pub clock: &'a Clock,
}

impl<'a> Login<'a> {
    pub fn run(mut self) -> Result<()> {
        // What the server has done to prove itself and to make us prove ourselves.
        let mut bound = false;
        let mut method = "none";
        let mut scram: Option<ScramSha256> = None;
        let mut server_proved = false;
        loop {
            self.receive()?;
            let mut reader = Reader::new(self.conn.body());
            let Some(wanted) = reader.u32() else { return Err(self.conn.not_understood()) };
            let data = reader.rest().to_vec();
            match wanted {
                request::OK => {
                    self.accept(method)?;
                    if scram.is_some() && !server_proved {
                        return Err(self.refuse("the server did not prove that it knows the password"));
                    }
                    if self.settings.binding == Binding::Require && !bound {
                        return Err(self.unbound());
                    }
                    return Ok(());
                }
                request::CLEARTEXT => {
                    method = "password";
                    self.accept(method)?;
                    self.refuse_if_readable()?;
                    let password = self.password()?;
                    let sent = frontend::password_message(password.as_bytes(), &mut self.conn.out);
                    self.sent(sent)?;
                }
                request::MD5 => {
                    method = "md5";
                    self.accept(method)?;
                    let Ok(salt) = <[u8; 4]>::try_from(data.as_slice()) else {
                        return Err(self.conn.not_understood());
                    };
                    let password = self.password()?;
                    let hash = md5_hash(self.settings.user.as_bytes(), password.as_bytes(), salt);
                    let sent = frontend::password_message(hash.as_bytes(), &mut self.conn.out);
                    self.sent(sent)?;
                }
                request::SASL => {
                    method = "scram-sha-256";
                    self.accept(method)?;
                    let mechanism = self.mechanism(&data)?;
                    bound = mechanism.bound;
                    let password = self.password()?;
                    let state = ScramSha256::new(password.as_bytes(), mechanism.binding);
                    let sent =
                        frontend::sasl_initial_response(mechanism.name, state.message(), &mut self.conn.out);
                    self.sent(sent)?;
                    scram = Some(state);
                }
                request::SASL_CONTINUE => {
                    let Some(state) = &mut scram else { return Err(self.conn.not_understood()) };
                    let outcome = state.update(&data);
                    outcome.map_err(|error| self.refuse("SCRAM authentication failed").because(error))?;
                    let sent = frontend::sasl_response(state.message(), &mut self.conn.out);
                    self.sent(sent)?;
                }
                request::SASL_FINAL => {
                    let Some(state) = &mut scram else { return Err(self.conn.not_understood()) };
                    let outcome = state.finish(&data);
                    outcome.map_err(|error| {
                        self.refuse("the server did not prove that it knows the password").because(error)
                    })?;
                    server_proved = true;
                }
                other => return Err(self.unsupported(other)),
            }
        }
    }

    /// Waits for the next Authentication frame.
    fn receive(&mut self) -> Result<()> {
        loop {
            let tag = wait(self.conn, self.clock, self.place)?;
            match tag {
                tag::AUTHENTICATION => return Ok(()),
                // It would have liked extensions that we did not ask for.
                tag::NEGOTIATE_PROTOCOL_VERSION => {}
                _ => return Err(self.conn.not_understood().with_kind(Kind::Connect)),
            }
        }
    }

    fn sent(&mut self, built: std::io::Result<()>) -> Result<()> {
        built.map_err(|error| Error::new(Kind::Config, "the password cannot be sent").because(error))?;
        self.conn.send()
    }

    fn password(&self) -> Result<&'a str> {
        match self.password.map(ExposeSecret::expose_secret) {
            Some(password) if !password.is_empty() => Ok(password),
            _ => Err(Error::new(
                Kind::PasswordNeeded,
                format!("{} asks for the password of user {:?}", self.place, self.settings.user),
            )
            .hint("give it with password_env, password_file or password_command in the profile, PGPASSWORD or ~/.pgpass")),
        }
    }

    fn accept(&self, method: &str) -> Result<()> {
        match &self.settings.accepted {
            Some(accepted) if !accepted.allows(method) => Err(self
                .refuse(match method {
                    "none" => "the server asks for no proof of identity".to_owned(),
                    method => format!("the server asks for authentication by {method}"),
                })
                .hint("require_auth does not allow it")),
            _ => Ok(()),
        }
    }

    /// A password in clear text goes only where nobody can read along, or where that was asked for.
    fn refuse_if_readable(&self) -> Result<()> {
        let readable = self.certificate.is_none() && matches!(self.place, Place::Tcp(_));
        if !readable || self.settings.accepted.as_ref().is_some_and(|accepted| accepted.names("password")) {
            return Ok(());
        }
        Err(self
            .refuse("the server wants the password in clear text, and the connection is not encrypted")
            .hint("connect with tls mode `require`, or let the server ask for scram-sha-256 in pg_hba.conf")
            .hint("require_auth=password sends it all the same: everybody on the way can read it"))
    }

    /// Chooses among the mechanisms that the server offers (chapter 55.3.1).
    fn mechanism(&self, offered: &[u8]) -> Result<Mechanism> {
        let mut reader = Reader::new(offered);
        let offered: Vec<String> =
            std::iter::from_fn(|| reader.text().filter(|name| !name.is_empty())).collect();
        let offers = |name: &str| offered.iter().any(|offer| offer == name);
        let certificate = self.certificate.filter(|_| self.settings.binding != Binding::Disable);
        let data = certificate.and_then(binding::server_end_point);
        if offers(sasl::SCRAM_SHA_256_PLUS) {
            if let Some(data) = data {
                return Ok(Mechanism {
                    name: sasl::SCRAM_SHA_256_PLUS,
                    binding: ChannelBinding::tls_server_end_point(data),
                    bound: true,
                });
            }
            if self.certificate.is_none() {
                return Err(self.refuse("the server offers channel binding over an unencrypted connection"));
            }
        }
        if self.settings.binding == Binding::Require {
            return Err(self.unbound());
        }
        if !offers(sasl::SCRAM_SHA_256) {
            return Err(Error::new(
                Kind::Unsupported,
                format!("{} offers only authentication by {}", self.place, offered.join(", ")),
            )
            .hint("scram-sha-256 is spoken here"));
        }
        let binding = match (data, offers(sasl::SCRAM_SHA_256_PLUS)) {
            // Tells the server that we could have: it notices when somebody removed its offer.
            (Some(_), false) => ChannelBinding::unrequested(),
            _ => ChannelBinding::unsupported(),
        };
        Ok(Mechanism { name: sasl::SCRAM_SHA_256, binding, bound: false })
    }

    fn unbound(&self) -> Error {
        let why = match self.certificate {
            None => "the connection is not encrypted: use tls mode `require`",
            Some(_) => {
                "the server has to ask for scram-sha-256, and its certificate to be signed with a common hash"
            }
        };
        self.refuse("channel binding is required and was not made").hint(why)
    }

    fn unsupported(&self, request: u32) -> Error {
        let method = match request {
            request::GSS => "GSSAPI (Kerberos)",
            request::SSPI => "SSPI",
            _ => "a method that is not known here",
        };
        Error::new(Kind::Unsupported, format!("{} asks for authentication by {method}", self.place))
            .hint("scram-sha-256, md5, password and client certificates are spoken here: see pg_hba.conf")
    }

    fn refuse(&self, message: impl Into<String>) -> Error {
        Error::new(Kind::Auth, message)
    }
}

struct Mechanism {
    name: &'static str,
    binding: ChannelBinding,
    bound: bool,
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::*;
    use crate::engine::net::Stream;
    use crate::engine::wire::Wire;
    use crate::model::target::{EngineKind, Host, Target};

    /// What comes of a login when the server says `frames` and never listens.
    fn login(options: &[(&str, &str)], password: Option<&str>, tcp: bool, frames: &[&[u8]]) -> Result<()> {
        let mut target = Target::new(EngineKind::Postgres);
        target.user = Some("u".into());
        target.options = options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let settings = Settings::of(&target)?;
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        for body in frames {
            theirs.write_all(b"R").unwrap();
            theirs.write_all(&(body.len() as u32 + 4).to_be_bytes()).unwrap();
            theirs.write_all(body).unwrap();
        }
        let place = match tcp {
            true => Place::Tcp(Host { name: "db".into(), address: None, port: 1 }),
            false => Place::Unix("/tmp/s".into()),
        };
        let password = password.map(|password| SecretString::from(password.to_owned()));
        let mut conn = Conn::new(Wire::new(Stream::unix(ours)));
        let clock = Clock::start(Duration::from_secs(5));
        let outcome = Login {
            conn: &mut conn,
            settings: &settings,
            password: password.as_ref(),
            certificate: None,
            place: &place,
            clock: &clock,
        }
        .run();
        drop(conn);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).unwrap();
        assert!(outcome.is_ok() || !sent.windows(6).any(|bytes| bytes == b"secret"));
        outcome
    }

    const OK: &[u8] = &[0, 0, 0, 0];
    const CLEARTEXT: &[u8] = &[0, 0, 0, 3];

    #[test]
    fn a_password_never_goes_readable_over_the_network_unasked() {
        let error = login(&[], Some("secret"), true, &[CLEARTEXT, OK]).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(login(&[], Some("secret"), false, &[CLEARTEXT, OK]).is_ok());
        assert!(login(&[("require_auth", "password")], Some("secret"), true, &[CLEARTEXT, OK]).is_ok());
    }

    #[test]
    fn a_missing_password_is_asked_for() {
        assert_eq!(login(&[], None, false, &[CLEARTEXT]).unwrap_err().kind(), Kind::PasswordNeeded);
        assert_eq!(login(&[], Some(""), false, &[CLEARTEXT]).unwrap_err().kind(), Kind::PasswordNeeded);
    }

    #[test]
    fn required_methods_hold_for_no_method_too() {
        assert!(login(&[], None, false, &[OK]).is_ok());
        assert!(login(&[("require_auth", "scram-sha-256")], None, false, &[OK]).is_err());
        assert!(login(&[("require_auth", "!none")], None, false, &[OK]).is_err());
        assert!(login(&[("channel_binding", "require")], None, false, &[OK]).is_err());
    }

    #[test]
    fn a_server_that_skips_its_own_proof_is_refused() {
        let scram = b"\0\0\0\x0aSCRAM-SHA-256\0\0";
        let error = login(&[], Some("secret"), false, &[scram, OK]).unwrap_err();
        assert!(error.message().contains("did not prove"), "{error}");
        let plus_only = b"\0\0\0\x0aSCRAM-SHA-256-PLUS\0\0";
        assert_eq!(login(&[], Some("secret"), false, &[plus_only]).unwrap_err().kind(), Kind::Auth);
        assert_eq!(login(&[], None, false, &[b"\0\0\0\x07"]).unwrap_err().kind(), Kind::Unsupported);
    }
}
