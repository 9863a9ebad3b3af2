//! Reaching a server and putting encryption on the connection (chapter 55.2.11).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use super::settings::Settings;
use crate::engine::net::{self, Clock, Keepalive, Stream};
use crate::engine::tls::{self, Upgraded};
use crate::engine::wire::Wire;
use crate::error::{Error, Kind, Result};
use crate::model::server::TlsInfo;
use crate::model::target::{Host, Target, Tls, TlsMode};

/// What a client that speaks PostgreSQL's protocol calls it (chapter 55.1.3).
const ALPN: &[u8] = b"postgresql";

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Tcp(Host),
    /// The socket file.
    Unix(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Tcp(host) => host.fmt(f),
            Place::Unix(path) => path.display().fmt(f),
        }
    }
}

/// The places to try, in order.
pub fn places(target: &Target) -> Vec<Place> {
    match &target.socket {
        Some(socket) => vec![Place::Unix(socket.clone())],
        None => target.hosts.iter().cloned().map(Place::Tcp).collect(),
    }
}

/// Whether to encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encrypt {
    Never,
    IfOffered,
    Always,
}

impl Encrypt {
    /// As libpq has it, a socket is never encrypted.
    pub fn wanted(place: &Place, mode: TlsMode) -> Self {
        match (place, mode) {
            (Place::Unix(_), _) | (_, TlsMode::Disable) => Encrypt::Never,
            (_, TlsMode::Prefer) => Encrypt::IfOffered,
            (_, TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull) => Encrypt::Always,
        }
    }
}

/// How to reach servers.
#[derive(Debug, Clone)]
pub struct Transport {
    pub tls: Tls,
    pub direct_tls: bool,
    pub keepalive: Keepalive,
}

/// A connection on which nothing was said yet.
pub struct Dialled {
    pub wire: Wire,
    /// What was negotiated, and the server's certificate (DER).
    pub tls: Option<(TlsInfo, Vec<u8>)>,
    /// The place with the address that answered.
    pub reached: Place,
    /// Why there is no encryption although the server offers it.
    pub tls_failure: Option<Error>,
}

impl Transport {
    pub fn new(target: &Target, settings: &Settings) -> Self {
        Transport {
            tls: target.tls.clone(),
            direct_tls: settings.direct_tls,
            keepalive: settings.keepalive.clone(),
        }
    }

    pub fn dial(&self, place: &Place, encrypt: Encrypt, clock: &mut Clock) -> Result<Dialled> {
        let host = match place {
            Place::Unix(path) => {
                let stream = Stream::unix(net::dial_unix(path, clock)?);
                return Ok(Dialled::plain(stream, place.clone()));
            }
            Place::Tcp(host) => host,
        };
        let tcp = net::dial_tcp(host, &self.keepalive, clock)?;
        let address = tcp.peer_addr().ok().map(|address| address.ip());
        let reached = Place::Tcp(Host { address, ..host.clone() });
        let offered = encrypt != Encrypt::Never && (self.direct_tls || ask(&tcp, host, clock)?);
        match (offered, encrypt) {
            (true, _) => {}
            (false, Encrypt::Always) => {
                return Err(Error::new(Kind::Connect, format!("{host} does not offer TLS")).hint(
                    "set ssl = on in its postgresql.conf, or connect with tls mode `prefer` or `disable`",
                ));
            }
            (false, _) => return Ok(Dialled::plain(Stream::tcp(tcp), reached)),
        }
        match self.encrypt(tcp, host, clock) {
            Ok(upgraded) => Ok(Dialled {
                wire: Wire::new(upgraded.stream),
                tls: Some((upgraded.info, upgraded.certificate)),
                reached,
                tls_failure: None,
            }),
            // A wrong configuration is no reason to go without.
            Err(error) if encrypt == Encrypt::IfOffered && error.kind() == Kind::Connect => {
                clock.stages.clear();
                let tcp = net::dial_tcp(host, &self.keepalive, clock)?;
                let plain = Dialled::plain(Stream::tcp(tcp), reached);
                Ok(Dialled { tls_failure: Some(error), ..plain })
            }
            Err(error) => Err(error),
        }
    }

    fn encrypt(&self, tcp: TcpStream, host: &Host, clock: &mut Clock) -> Result<Upgraded> {
        const NEEDED: &str = "sslnegotiation=direct needs PostgreSQL 17 or later";
        let upgraded = tls::upgrade(tcp, &self.tls, &host.name, Some(ALPN), clock)
            .map_err(|error| if self.direct_tls { error.hint(NEEDED) } else { error })?;
        if self.direct_tls && !agreed_on_protocol(&upgraded.stream) {
            return Err(Error::new(
                Kind::Connect,
                format!("{host} speaks TLS, but not PostgreSQL's protocol"),
            )
            .hint(NEEDED));
        }
        Ok(upgraded)
    }
}

impl Dialled {
    fn plain(stream: Stream, reached: Place) -> Self {
        Dialled { wire: Wire::new(stream), tls: None, reached, tls_failure: None }
    }
}

fn agreed_on_protocol(stream: &Stream) -> bool {
    matches!(stream, Stream::Tls(tls) if tls.conn.alpn_protocol() == Some(ALPN))
}

/// Asks whether the server would speak TLS, with an SSLRequest. The answer is one byte, read alone:
/// what an attacker sends behind it is then no part of the encrypted conversation.
fn ask(mut tcp: &TcpStream, host: &Host, clock: &Clock) -> Result<bool> {
    let doing = format!("waiting for the answer of {host}");
    let left = Some(clock.left(&doing)?);
    tcp.set_read_timeout(left)?;
    tcp.set_write_timeout(left)?;
    let mut request = bytes::BytesMut::new();
    postgres_protocol::message::frontend::ssl_request(&mut request);
    let mut answer = [0];
    tcp.write_all(&request).and_then(|()| tcp.read_exact(&mut answer)).map_err(|error| {
        match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => clock.timed_out(&doing),
            _ => Error::new(Kind::Connect, format!("{host} closed the connection"))
                .because(error)
                .hint("is this a PostgreSQL server? its log tells why it hung up"),
        }
    })?;
    match answer[0] {
        b'S' => Ok(true),
        b'N' => Ok(false),
        // A server that cannot even start a process for us answers with an error, which must not
        // be shown: it was not authenticated by TLS (chapter 55.2.11).
        b'E' => Err(Error::new(Kind::Connect, format!("{host} answered the request for TLS with an error"))
            .hint("the server may be out of memory or processes: look into its log")),
        _ => Err(Error::new(Kind::Connect, format!("{host} does not speak PostgreSQL's protocol"))
            .hint("is the port right? 5432 is PostgreSQL's default")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_protocol_is_told_from_a_server_without_tls() {
        let answer = |bytes: &'static [u8]| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let host = Host { name: "127.0.0.1".into(), address: None, port };
            let server = std::thread::spawn(move || {
                let (mut peer, _) = listener.accept().unwrap();
                let mut request = [0; 8];
                peer.read_exact(&mut request).unwrap();
                peer.write_all(bytes).unwrap();
            });
            let transport =
                Transport { tls: Tls::default(), direct_tls: false, keepalive: Keepalive::default() };
            let mut clock = Clock::start(std::time::Duration::from_secs(5));
            let outcome = transport.dial(&Place::Tcp(host), Encrypt::Always, &mut clock).map(|_| ());
            server.join().unwrap();
            outcome.unwrap_err().message().to_owned()
        };
        assert!(answer(b"N").contains("does not offer TLS"));
        assert!(answer(b"J").contains("does not speak"));
        assert!(answer(b"").contains("closed the connection"));
    }
}
