//! From a target to a connection that has been let in: dialling, greeting, encryption, login.
//!
//! "Connection Phase" in MySQL's internals manual; "Connecting" in MariaDB's protocol reference.

use std::path::{Path, PathBuf};

use mysql_common::constants::CapabilityFlags as Cap;

use super::auth::{Credentials, Method, authenticate};
use super::errors::{self, Refusal};
use super::packet::{Packets, Reader, garbled, put_lenenc_bytes};
use super::reply::Reply;
use crate::engine::net::{Clock, Keepalive, Stream, dial_tcp, dial_unix};
use crate::engine::pace::Paced;
use crate::engine::tls;
use crate::error::{Error, Kind, Result};
use crate::model::server::{ServerInfo, TlsInfo};
use crate::model::target::{EngineKind, Host, Target, TlsMode};

/// `COM_QUIT`.
const QUIT: u8 = 0x01;
/// The largest packet we say we take unless told otherwise: the most a server can send.
const MAX_PACKET: u32 = 1 << 30;
/// `utf8mb4_0900_ai_ci`, the collation of MySQL 8 and later.
const UTF8MB4_0900: u8 = 255;
/// `utf8mb4_general_ci`, which every server knows.
const UTF8MB4_GENERAL: u8 = 45;
/// MariaDB's extended capability to tell more of a column than MySQL's types can say.
const EXTENDED_METADATA: u32 = 1 << 3;

/// Where servers put their socket when a build or distribution does not say otherwise.
const SOCKETS: [&str; 4] = [
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

/// What both sides have agreed to speak.
#[derive(Debug, Clone, Copy)]
pub struct Agreed {
    /// Results end with an OK packet, and no packet stands between columns and rows.
    pub deprecate_eof: bool,
    /// OK packets tell of changes to the session.
    pub session_track: bool,
    /// Column definitions hold MariaDB's further names of types.
    pub extended_metadata: bool,
}

/// A connection that was let in.
pub struct Connection {
    pub packets: Packets,
    pub agreed: Agreed,
    pub info: ServerInfo,
    /// The server's last words of the login.
    pub ok: Reply,
    /// The place that answered, for further connections to the same server.
    pub place: Place,
}

/// A session that is not ended by this command counts as aborted (`Aborted_clients`).
impl Drop for Connection {
    fn drop(&mut self) {
        if !self.packets.is_broken() {
            // Nobody is left who could hear of a failure.
            let _ = self.packets.command(QUIT, &[]);
        }
    }
}

/// A place to dial.
#[derive(Debug, Clone)]
pub enum Place {
    Tcp(Host),
    Socket(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Tcp(host) => host.fmt(f),
            Place::Socket(path) => path.display().fmt(f),
        }
    }
}

/// Connects to the first of the target's places that lets us in.
pub fn connect(target: &Target) -> Result<Connection> {
    let mut first_error: Option<Error> = None;
    for place in places(target) {
        match connect_to(target, &place) {
            Ok(connection) => return Ok(connection),
            // Another host would not think better of the user.
            Err(error) if error.kind() != Kind::Connect => return Err(error),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    // There is always a place to try, so there is an error by now.
    Err(first_error.unwrap_or_else(|| Error::new(Kind::Connect, "no host to connect to")))
}

fn places(target: &Target) -> Vec<Place> {
    if let Some(socket) = &target.socket {
        return vec![Place::Socket(socket.clone())];
    }
    if !target.hosts.is_empty() {
        return target.hosts.iter().cloned().map(Place::Tcp).collect();
    }
    match SOCKETS.iter().map(Path::new).find(|path| path.exists()) {
        Some(socket) => vec![Place::Socket(socket.to_owned())],
        None => vec![Place::Tcp(Host { name: "localhost".into(), address: None, port: 3306 })],
    }
}

/// Connects to one place; `prefer` tries without encryption when encryption cannot be had.
pub fn connect_to(target: &Target, place: &Place) -> Result<Connection> {
    let mut clock = Clock::start(target.connect_timeout);
    let mut tls_failed = false;
    let tried = attempt(target, place, target.tls.mode, &mut clock, &mut tls_failed);
    match tried {
        Err(_) if tls_failed && target.tls.mode == TlsMode::Prefer => {
            clock.stages.clear();
            attempt(target, place, TlsMode::Disable, &mut clock, &mut tls_failed)
        }
        tried => tried,
    }
    .map_err(|error| match error.kind() {
        // What broke before the session stood is a failure to connect.
        Kind::Lost | Kind::Io | Kind::BrokenPipe => match clock.left(&format!("connecting to {place}")) {
            Err(timed_out) => timed_out,
            Ok(_) => error.with_kind(Kind::Connect).context(format!("cannot connect to {place}")),
        },
        _ => error,
    })
}

fn attempt(
    target: &Target,
    place: &Place,
    mode: TlsMode,
    clock: &mut Clock,
    tls_failed: &mut bool,
) -> Result<Connection> {
    let stream = match place {
        Place::Tcp(host) => Stream::tcp(dial_tcp(host, &Keepalive::default(), clock)?),
        Place::Socket(path) => Stream::unix(dial_unix(path, clock)?),
    };
    stream.set_timeout(Some(clock.left("waiting for the server's greeting")?))?;
    let mut packets = Packets::new(stream);
    let user = user(target);
    let greeting = Greeting::read(packets.read()?, &user)?;
    let (ours, extended) = capabilities(&greeting, target);
    let mut secured = None;
    if let Place::Tcp(host) = place
        && mode != TlsMode::Disable
    {
        let offered = greeting.capabilities.contains(Cap::CLIENT_SSL);
        match (offered, mode) {
            (true, _) => {
                let head = head(&greeting, target, ours | Cap::CLIENT_SSL, extended);
                packets.answer(&head)?;
                let (stream, sequence) = packets.into_stream()?;
                let Stream::Tcp(Paced { socket: tcp, .. }) = stream else {
                    return Err(garbled("encryption was asked for twice"));
                };
                let upgraded = tls::upgrade(tcp, &target.tls, &host.name, None, clock)
                    .inspect_err(|error| *tls_failed = error.kind() == Kind::Connect)?;
                secured = Some(upgraded.info);
                packets = Packets::resume(upgraded.stream, sequence);
            }
            (false, TlsMode::Prefer) => {}
            (false, _) => {
                return Err(Error::new(
                    Kind::Connect,
                    format!("the server offers no TLS, and tls mode {:?} wants it", mode.word()),
                )
                .hint("set ssl_cert and ssl_key on the server, or use tls mode `prefer` on a network that is trusted"));
            }
        }
    }
    let private = secured.is_some() || matches!(place, Place::Socket(_));
    let credentials = Credentials::new(target, &user, private);
    let ours = if secured.is_some() { ours | Cap::CLIENT_SSL } else { ours };
    let method = greeting.method(&credentials);
    let mut login = head(&greeting, target, ours, extended);
    put_login(&mut login, target, &user, method, &credentials.respond(method, &greeting.nonce)?);
    packets.answer(&login)?;
    let last = authenticate(&mut packets, &credentials, method, &greeting.nonce, clock)?;
    packets.stream().set_timeout(None)?;
    clock.stage("auth");
    let agreed = Agreed {
        deprecate_eof: ours.contains(Cap::CLIENT_DEPRECATE_EOF),
        session_track: ours.contains(Cap::CLIENT_SESSION_TRACK),
        extended_metadata: extended & EXTENDED_METADATA != 0,
    };
    Ok(Connection {
        packets,
        agreed,
        info: greeting.info(target, place, user, secured, clock),
        ok: Reply::read(&last, agreed)?,
        place: place.clone(),
    })
}

/// Without a user the servers' own clients take the operating system's.
fn user(target: &Target) -> String {
    let named = target.user.clone().filter(|user| !user.is_empty());
    let from = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    named.or_else(|| from("USER")).or_else(|| from("LOGNAME")).unwrap_or_else(|| "root".to_owned())
}

/// The server's first packet ("Protocol::HandshakeV10").
#[derive(Debug)]
struct Greeting {
    version: String,
    thread: u32,
    nonce: Vec<u8>,
    capabilities: Cap,
    /// MariaDB's own, where the server is one.
    extended: u32,
    plugin: Vec<u8>,
}

impl Greeting {
    fn read(payload: &[u8], user: &str) -> Result<Self> {
        let mut reader = Reader(payload);
        match reader.u8()? {
            10 => {}
            errors::ERR => return Err(Refusal::read(payload)?.of_connecting(user)),
            other => {
                return Err(garbled(&format!("its greeting has protocol version {other} instead of 10"))
                    .with_kind(Kind::Connect));
            }
        }
        let version = String::from_utf8_lossy(reader.null_terminated()).into_owned();
        let thread = reader.u32()?;
        let mut nonce = reader.bytes(8)?.to_vec();
        reader.bytes(1)?;
        let low = reader.u16()?;
        if reader.is_empty() {
            return Err(Error::new(Kind::Unsupported, format!("the server is too old: {version}")));
        }
        let _collation_and_status = reader.bytes(3)?;
        let high = reader.u16()?;
        let capabilities = Cap::from_bits_retain(u32::from(low) | u32::from(high) << 16);
        let nonce_length = usize::from(reader.u8()?);
        reader.bytes(6)?;
        // MariaDB says so by leaving out what every MySQL has had since 4.1.
        let extended = reader.u32()?;
        let is_mariadb = !capabilities.contains(Cap::CLIENT_LONG_PASSWORD);
        let rest = reader.bytes(nonce_length.saturating_sub(8).max(13).min(reader.0.len()))?;
        nonce.extend_from_slice(rest.strip_suffix(&[0]).unwrap_or(rest));
        if !capabilities.contains(Cap::CLIENT_PROTOCOL_41 | Cap::CLIENT_SECURE_CONNECTION) {
            return Err(Error::new(Kind::Unsupported, format!("the server is too old: {version}")));
        }
        let plugin = reader.null_terminated().to_vec();
        Ok(Greeting {
            version,
            thread,
            nonce,
            capabilities,
            extended: if is_mariadb { extended } else { 0 },
            plugin,
        })
    }

    /// MariaDB 10 and later puts a prefix before its version that old replicas understand.
    fn words(&self) -> &str {
        match self.version.strip_prefix("5.5.5-") {
            Some(own) if own.contains("MariaDB") => own,
            _ => &self.version,
        }
    }

    fn engine(&self) -> EngineKind {
        match self.version.contains("MariaDB") || self.version.starts_with("5.5.5-") {
            true => EngineKind::Mariadb,
            false => EngineKind::Mysql,
        }
    }

    fn version_parts(&self) -> [u32; 3] {
        let mut numbers =
            self.words().split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
        std::array::from_fn(|_| numbers.next().unwrap_or(0))
    }

    fn collation(&self) -> u8 {
        match self.engine() == EngineKind::Mysql && self.version_parts()[0] >= 8 {
            true => UTF8MB4_0900,
            false => UTF8MB4_GENERAL,
        }
    }

    /// The method to begin with: the server's default, if that can be used here; the server
    /// switches to the one the account has.
    fn method(&self, credentials: &Credentials<'_>) -> Method {
        match Method::by_name(&self.plugin) {
            Some(Method::Clear) | None => Method::Native,
            Some(method) if credentials.respond(method, &self.nonce).is_err() => Method::Native,
            Some(method) => method,
        }
    }

    fn info(
        &self,
        target: &Target,
        place: &Place,
        user: String,
        tls: Option<TlsInfo>,
        clock: &mut Clock,
    ) -> ServerInfo {
        let engine = self.engine();
        let parts = self.version_parts();
        ServerInfo {
            engine,
            version: parts.map(|part| part.to_string()).join("."),
            version_num: crate::engine::Engine::version_number(&super::Mysql, parts),
            version_text: format!("{} {}", engine.title(), self.words()),
            database: target.database.clone().unwrap_or_default(),
            user,
            address: place.to_string(),
            session_id: Some(u64::from(self.thread)),
            tls,
            stages: std::mem::take(&mut clock.stages),
        }
    }
}

/// What we want to speak, as far as the server can.
fn capabilities(greeting: &Greeting, target: &Target) -> (Cap, u32) {
    let mut wanted = Cap::CLIENT_LONG_FLAG
        | Cap::CLIENT_PROTOCOL_41
        | Cap::CLIENT_TRANSACTIONS
        | Cap::CLIENT_SECURE_CONNECTION
        | Cap::CLIENT_MULTI_RESULTS
        | Cap::CLIENT_PS_MULTI_RESULTS
        | Cap::CLIENT_PLUGIN_AUTH
        | Cap::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
        | Cap::CLIENT_CONNECT_ATTRS
        | Cap::CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS
        | Cap::CLIENT_SESSION_TRACK
        | Cap::CLIENT_DEPRECATE_EOF;
    if target.database.as_ref().is_some_and(|database| !database.is_empty()) {
        wanted |= Cap::CLIENT_CONNECT_WITH_DB;
    }
    let extended = greeting.extended & EXTENDED_METADATA;
    if extended == 0 {
        // Its absence is what makes MariaDB read our extended capabilities.
        wanted |= Cap::CLIENT_LONG_PASSWORD;
    }
    // The server need not offer what only says how its packets are to be read.
    let always = Cap::CLIENT_LONG_PASSWORD | Cap::CLIENT_PROTOCOL_41;
    (wanted & (greeting.capabilities | always), extended)
}

/// What the request for encryption and the login have in common: 32 bytes.
fn head(greeting: &Greeting, target: &Target, ours: Cap, extended: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let max_packet = target.options.get("max_allowed_packet").and_then(|size| size.parse().ok());
    out.extend_from_slice(&ours.bits().to_le_bytes());
    out.extend_from_slice(&max_packet.unwrap_or(MAX_PACKET).to_le_bytes());
    out.push(greeting.collation());
    out.extend_from_slice(&[0; 19]);
    out.extend_from_slice(&extended.to_le_bytes());
    out
}

/// What follows the head ("Protocol::HandshakeResponse41").
fn put_login(out: &mut Vec<u8>, target: &Target, user: &str, method: Method, answer: &[u8]) {
    // The head begins with the capabilities.
    let ours = Reader(out).u32().map(Cap::from_bits_retain).unwrap_or(Cap::empty());
    out.extend_from_slice(user.as_bytes());
    out.push(0);
    if ours.contains(Cap::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA) {
        put_lenenc_bytes(out, answer);
    } else {
        // Only the long answer of an encrypted sha256_password could exceed it, and servers with
        // that method take the other form.
        let short = &answer[..answer.len().min(255)];
        out.push(short.len() as u8);
        out.extend_from_slice(short);
    }
    if ours.contains(Cap::CLIENT_CONNECT_WITH_DB) {
        out.extend_from_slice(target.database.as_deref().unwrap_or("").as_bytes());
        out.push(0);
    }
    if ours.contains(Cap::CLIENT_PLUGIN_AUTH) {
        out.extend_from_slice(method.name().as_bytes());
        out.push(0);
    }
    if ours.contains(Cap::CLIENT_CONNECT_ATTRS) {
        let program = target.application_name.as_deref().unwrap_or("dbwright");
        let process = std::process::id().to_string();
        let mut attributes = Vec::new();
        for (name, value) in [
            ("_client_name", "dbwright"),
            ("_client_version", env!("CARGO_PKG_VERSION")),
            ("_os", std::env::consts::OS),
            ("_platform", std::env::consts::ARCH),
            ("_pid", &process),
            ("program_name", program),
        ] {
            put_lenenc_bytes(&mut attributes, name.as_bytes());
            put_lenenc_bytes(&mut attributes, value.as_bytes());
        }
        put_lenenc_bytes(out, &attributes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A greeting as MySQL 9 and MariaDB 10.11 send it.
    fn greeting(version: &str, capabilities: u32, extended: u32, plugin: &str) -> Vec<u8> {
        let mut out = vec![10];
        out.extend_from_slice(version.as_bytes());
        out.extend_from_slice(&[0, 7, 0, 0, 0]);
        out.extend_from_slice(b"12345678\0");
        out.extend_from_slice(&capabilities.to_le_bytes()[..2]);
        out.extend_from_slice(&[255, 2, 0]);
        out.extend_from_slice(&capabilities.to_le_bytes()[2..]);
        out.push(21);
        out.extend_from_slice(&[0; 6]);
        out.extend_from_slice(&extended.to_le_bytes());
        out.extend_from_slice(b"abcdefghijkl\0");
        out.extend_from_slice(plugin.as_bytes());
        out.push(0);
        out
    }

    #[test]
    fn mysql_introduces_itself() {
        let bytes = greeting("9.7.4-2", u32::MAX, 0, "caching_sha2_password");
        let greeting = Greeting::read(&bytes, "me").unwrap();
        assert_eq!(greeting.engine(), EngineKind::Mysql);
        assert_eq!(greeting.version_parts(), [9, 7, 4]);
        assert_eq!(greeting.nonce, b"12345678abcdefghijkl");
        assert_eq!(greeting.collation(), UTF8MB4_0900);
        assert_eq!(greeting.thread, 7);
        let target = Target::new(EngineKind::Mysql);
        assert!(capabilities(&greeting, &target).0.contains(Cap::CLIENT_LONG_PASSWORD));
        assert_eq!(greeting.method(&Credentials::new(&target, "me", false)), Method::CachingSha2);
        for cut in 0..40 {
            let _ = Greeting::read(&bytes[..cut], "me");
        }
    }

    #[test]
    fn mariadb_introduces_itself() {
        let bytes = greeting("5.5.5-10.11.14-MariaDB-0+deb12u2", !1, 0x1D, "mysql_native_password");
        let greeting = Greeting::read(&bytes, "me").unwrap();
        assert_eq!(greeting.engine(), EngineKind::Mariadb);
        assert_eq!(greeting.version_parts(), [10, 11, 14]);
        assert_eq!(greeting.words(), "10.11.14-MariaDB-0+deb12u2");
        assert_eq!(greeting.collation(), UTF8MB4_GENERAL);
        let (ours, extended) = capabilities(&greeting, &Target::new(EngineKind::Mariadb));
        assert!(!ours.contains(Cap::CLIENT_LONG_PASSWORD));
        assert_eq!(extended, EXTENDED_METADATA);
    }

    #[test]
    fn a_refusal_may_come_instead_of_a_greeting() {
        let error = Greeting::read(b"\xFF\x10\x04Too many connections", "me").unwrap_err();
        assert_eq!(error.kind(), Kind::Connect);
        assert_eq!(Greeting::read(b"SSH-2.0-OpenSSH", "me").unwrap_err().kind(), Kind::Connect);
    }

    #[test]
    fn the_login_names_the_program() {
        let bytes = greeting("8.0.36", u32::MAX, 0, "caching_sha2_password");
        let greeting = Greeting::read(&bytes, "me").unwrap();
        let target = Target { application_name: Some("nightly".into()), ..Target::new(EngineKind::Mysql) };
        let (ours, extended) = capabilities(&greeting, &target);
        let mut login = head(&greeting, &target, ours, extended);
        assert_eq!(login.len(), 32);
        put_login(&mut login, &target, "me", Method::Native, b"");
        let text = String::from_utf8_lossy(&login);
        assert!(text.contains("program_name\u{7}nightly") && text.contains("mysql_native_password\0"));
        assert!(!ours.contains(Cap::CLIENT_LOCAL_FILES) && !ours.contains(Cap::CLIENT_MULTI_STATEMENTS));
    }
}
