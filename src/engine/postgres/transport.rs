//! Reaching a server and putting encryption on the connection (chapter 55.2.11).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::engine::net::{self, Clock, Keepalive, Stream};
use crate::engine::tls;
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

/// Where Debian's packages and PostgreSQL's own builds put the socket.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];
const DEFAULT_PORT: u16 = 5432;

/// The places to try, in order.
pub fn places(target: &Target) -> Result<Vec<Place>> {
    if let Some(folder) = &target.socket {
        let port = match (target.hosts.first(), target.options.get("port")) {
            (Some(host), _) => host.port,
            (None, None) => DEFAULT_PORT,
            (None, Some(port)) => port.parse().map_err(|error| {
                Error::new(Kind::Config, format!("port is not a number: {port:?}")).because(error)
            })?,
        };
        return Ok(vec![Place::Unix(socket_file(folder, port))]);
    }
    if target.hosts.is_empty() {
        let files = SOCKET_FOLDERS.map(|folder| socket_file(Path::new(folder), DEFAULT_PORT));
        return Ok(vec![match files.into_iter().find(|file| file.exists()) {
            Some(file) => Place::Unix(file),
            None => Place::Tcp(Host { name: "localhost".into(), address: None, port: DEFAULT_PORT }),
        }]);
    }
    let place = |host: &Host| match host.name.starts_with('/') {
        true => Place::Unix(socket_file(Path::new(&host.name), host.port)),
        false => Place::Tcp(host.clone()),
    };
    Ok(target.hosts.iter().map(place).collect())
}

/// A socket is given by its folder; the file itself is understood too.
fn socket_file(folder: &Path, port: u16) -> PathBuf {
    match folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".s.PGSQL.")) {
        true => folder.to_path_buf(),
        false => folder.join(format!(".s.PGSQL.{port}")),
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
    pub tls: Option<TlsInfo>,
    /// The server's certificate (DER); empty without TLS.
    pub certificate: Vec<u8>,
    /// The place with the address that answered.
    pub reached: Place,
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
        let (stream, tls, certificate, reached) = match place {
            Place::Unix(path) => {
                (Stream::Unix(net::dial_unix(path, clock)?), None, Vec::new(), place.clone())
            }
            Place::Tcp(host) => {
                let tcp = net::dial_tcp(host, &self.keepalive, clock)?;
                let address = tcp.peer_addr().ok().map(|address| address.ip());
                let reached = Place::Tcp(Host { address, ..host.clone() });
                match encrypt {
                    Encrypt::Never => (Stream::Tcp(tcp), None, Vec::new(), reached),
                    _ => self.encrypt(tcp, host, encrypt, reached, clock)?,
                }
            }
        };
        let wire = Wire::new(stream);
        Ok(Dialled { wire, tls, certificate, reached })
    }

    fn encrypt(
        &self,
        tcp: TcpStream,
        host: &Host,
        encrypt: Encrypt,
        reached: Place,
        clock: &mut Clock,
    ) -> Result<(Stream, Option<TlsInfo>, Vec<u8>, Place)> {
        let offered = self.direct_tls || ask(&tcp, host, clock)?;
        if !offered {
            return match encrypt {
                Encrypt::Always => Err(Error::new(Kind::Connect, format!("{host} does not offer TLS")).hint(
                    "set ssl = on in its postgresql.conf, or connect with tls mode `prefer` or `disable`",
                )),
                Encrypt::IfOffered | Encrypt::Never => Ok((Stream::Tcp(tcp), None, Vec::new(), reached)),
            };
        }
        let upgraded = tls::upgrade(tcp, &self.tls, &host.name, Some(ALPN), clock)?;
        if self.direct_tls && !agreed_on_protocol(&upgraded.stream) {
            return Err(Error::new(
                Kind::Connect,
                format!("{host} speaks TLS, but not PostgreSQL's protocol"),
            )
            .hint("sslnegotiation=direct needs PostgreSQL 17 or later"));
        }
        Ok((upgraded.stream, Some(upgraded.info), upgraded.certificate, reached))
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
    use crate::model::target::EngineKind;

    fn host(name: &str, port: u16) -> Host {
        Host { name: name.into(), address: None, port }
    }

    #[test]
    fn a_socket_is_a_folder_a_file_or_a_host_with_a_slash() {
        let mut target = Target::new(EngineKind::Postgres);
        target.socket = Some("/run/pg".into());
        assert_eq!(places(&target).unwrap(), [Place::Unix("/run/pg/.s.PGSQL.5432".into())]);
        target.hosts = vec![host("", 6000)];
        assert_eq!(places(&target).unwrap(), [Place::Unix("/run/pg/.s.PGSQL.6000".into())]);
        target.socket = Some("/run/pg/.s.PGSQL.7".into());
        assert_eq!(places(&target).unwrap(), [Place::Unix("/run/pg/.s.PGSQL.7".into())]);
        target.socket = None;
        target.hosts = vec![host("/tmp", 1), host("db", 2)];
        let expected = [Place::Unix("/tmp/.s.PGSQL.1".into()), Place::Tcp(host("db", 2))];
        assert_eq!(places(&target).unwrap(), expected);
    }

    #[test]
    fn another_protocol_is_told_from_a_server_without_tls() {
        let answer = |bytes: &'static [u8]| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let host = host("127.0.0.1", listener.local_addr().unwrap().port());
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
