//! Reaching a server over TCP or a Unix socket: name lookup, dialling, time-outs, and the stream
//! that both network engines read their protocol from.

use std::io::{self, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::pace::Paced;
use crate::error::{Error, Kind, Result};
use crate::model::server::Stage;
use crate::model::target::Host;

/// What [`poll`] reports when the peer has closed its side.
#[cfg(any(target_os = "linux", target_os = "android"))]
const HUNG_UP: PollFlags = PollFlags::RDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const HUNG_UP: PollFlags = PollFlags::HUP;

/// A connected byte stream.
pub enum Stream {
    Tcp(Paced<TcpStream>),
    Unix(Paced<UnixStream>),
    Tls(Box<rustls::StreamOwned<rustls::ClientConnection, Records>>),
}

/// The socket under TLS, which reads its records in pieces of a few kilobytes.
pub struct Records(BufReader<Paced<TcpStream>>);

impl Records {
    /// Several of the largest records, 16 KiB each.
    const BLOCK: usize = 128 * 1024;

    fn tcp(&self) -> &TcpStream {
        &self.0.get_ref().socket
    }
}

impl Read for Records {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Records {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(buffer)
    }

    fn write_vectored(&mut self, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.get_mut().write_vectored(buffers)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }
}

impl Stream {
    pub fn tcp(socket: TcpStream) -> Self {
        Stream::Tcp(Paced::new(socket))
    }

    pub fn unix(socket: UnixStream) -> Self {
        Stream::Unix(Paced::new(socket))
    }

    /// TLS over a socket, on which the handshake was done.
    pub fn tls(connection: rustls::ClientConnection, socket: TcpStream) -> Self {
        let records = Records(BufReader::with_capacity(Records::BLOCK, Paced::new(socket)));
        Stream::Tls(Box::new(rustls::StreamOwned::new(connection, records)))
    }

    fn socket(&self) -> socket2::SockRef<'_> {
        match self {
            Stream::Tcp(tcp) => socket2::SockRef::from(&tcp.socket),
            Stream::Unix(unix) => socket2::SockRef::from(&unix.socket),
            Stream::Tls(tls) => socket2::SockRef::from(tls.sock.tcp()),
        }
    }

    /// Limits how long one read or write may block; None waits for ever.
    pub fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        let socket = self.socket();
        // The kernel takes zero as "for ever".
        let timeout = timeout.map(|timeout| timeout.max(Duration::from_millis(1)));
        socket.set_read_timeout(timeout)?;
        socket.set_write_timeout(timeout)
    }

    /// Reads what has arrived; None when there is nothing. Bytes that still wait to be sent do not
    /// get in its way, encrypted or not.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        self.socket().set_nonblocking(true)?;
        let outcome = match self {
            Stream::Tcp(tcp) => tcp.read(buffer),
            Stream::Unix(unix) => unix.read(buffer),
            Stream::Tls(tls) => read_tls(&mut tls.conn, &mut tls.sock, buffer),
        };
        self.socket().set_nonblocking(false)?;
        match outcome {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the peer has closed the connection or broken it while we were not looking. Its last
    /// words may still wait to be read, so a look for the end of the data would not do.
    pub fn is_closed(&self) -> bool {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let events = poll(&mut [PollFd::from_borrowed_fd(self.fd(), HUNG_UP)], Some(&at_once));
        !matches!(events, Ok(0) | Err(Errno::INTR))
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(tcp) => tcp.socket.as_fd(),
            Stream::Unix(unix) => unix.socket.as_fd(),
            Stream::Tls(tls) => tls.sock.tcp().as_fd(),
        }
    }
}

/// A read that never writes, unlike that of `StreamOwned`.
fn read_tls(
    connection: &mut rustls::ClientConnection,
    socket: &mut Records,
    buffer: &mut [u8],
) -> io::Result<usize> {
    loop {
        match connection.reader().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            outcome => return outcome,
        }
        connection.read_tls(socket)?;
        connection
            .process_new_packets()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(tcp) => tcp.read(buffer),
            Stream::Unix(unix) => unix.read(buffer),
            Stream::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(tcp) => tcp.write(buffer),
            Stream::Unix(unix) => unix.write(buffer),
            Stream::Tls(tls) => tls.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Tcp(tcp) => tcp.flush(),
            Stream::Unix(unix) => unix.flush(),
            Stream::Tls(tls) => tls.flush(),
        }
    }
}

/// The time left for connecting, and what its stages have taken so far.
pub struct Clock {
    deadline: Instant,
    limit: Duration,
    last: Instant,
    pub stages: Vec<Stage>,
}

impl Clock {
    pub fn start(limit: Duration) -> Self {
        let now = Instant::now();
        Clock { deadline: now + limit, limit, last: now, stages: Vec::new() }
    }

    /// Ends the current stage under `name` and begins the next.
    pub fn stage(&mut self, name: &'static str) {
        let now = Instant::now();
        self.stages.push(Stage { name, took: now - self.last });
        self.last = now;
    }

    /// What is left, or the error of a time-out that happened while doing `what`.
    pub fn left(&self, what: &str) -> Result<Duration> {
        match self.deadline.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(self.timed_out(what)),
        }
    }

    /// The error of a time-out that happened while doing `what`.
    pub fn timed_out(&self, what: &str) -> Error {
        Error::new(Kind::Connect, format!("{what} took longer than {:?}", self.limit))
            .hint("is the address right, and does a firewall drop the packets? a longer wait: connect_timeout in the profile or URL")
    }
}

/// Keepalive settings; the system's own where None.
#[derive(Debug, Clone, Default)]
pub struct Keepalive {
    pub off: bool,
    pub idle: Option<Duration>,
    pub interval: Option<Duration>,
    pub retries: Option<u32>,
    pub user_timeout: Option<Duration>,
}

/// Dials a host: looks the name up, then tries its addresses in order.
pub fn dial_tcp(host: &Host, keepalive: &Keepalive, clock: &mut Clock) -> Result<TcpStream> {
    let addresses = match host.address {
        Some(address) => vec![SocketAddr::new(address, host.port)],
        None => look_up(host, clock)?,
    };
    clock.stage("lookup");
    let mut last_error = None;
    for address in &addresses {
        match TcpStream::connect_timeout(address, clock.left(&format!("connecting to {host}"))?) {
            Ok(tcp) => {
                configure(&tcp, keepalive)?;
                clock.stage("connect");
                return Ok(tcp);
            }
            Err(error) => last_error = Some((address, error)),
        }
    }
    // A successful look-up gives at least one address.
    Err(match last_error {
        Some((address, error)) => refused(host, address, error, clock),
        None => unknown_host(host),
    })
}

fn look_up(host: &Host, clock: &Clock) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = host.name.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, host.port)]);
    }
    // The system's resolver knows no time-out of ours, so it works on a thread of its own.
    let (sender, receiver) = mpsc::channel();
    let query = (host.name.clone(), host.port);
    std::thread::spawn(move || {
        let _ = sender.send(query.to_socket_addrs().map(Iterator::collect::<Vec<_>>));
    });
    match receiver.recv_timeout(clock.left(&format!("looking up {}", host.name))?) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(unknown_host(host)),
        Ok(Err(error)) => Err(unknown_host(host).because(error)),
        Err(_) => Err(clock.timed_out(&format!("looking up {}", host.name))),
    }
}

fn unknown_host(host: &Host) -> Error {
    Error::new(Kind::Connect, format!("unknown host {:?}", host.name))
        .hint("check the spelling, or give an address that this machine can look up")
}

fn refused(host: &Host, address: &SocketAddr, error: io::Error, clock: &Clock) -> Error {
    let what = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            return Error::new(Kind::Connect, format!("{host} refused the connection")).because(error).hint(
                format!("nothing listens on {address}: is the server up, and is {} its port?", host.port),
            );
        }
        io::ErrorKind::TimedOut => return clock.timed_out(&format!("connecting to {host}")),
        _ => format!("cannot connect to {host}"),
    };
    Error::new(Kind::Connect, what).because(error)
}

fn configure(tcp: &TcpStream, keepalive: &Keepalive) -> Result<()> {
    tcp.set_nodelay(true)?;
    let socket = socket2::SockRef::from(tcp);
    if !keepalive.off {
        let mut settings = socket2::TcpKeepalive::new();
        if let Some(idle) = keepalive.idle {
            settings = settings.with_time(idle);
        }
        if let Some(interval) = keepalive.interval {
            settings = settings.with_interval(interval);
        }
        if let Some(retries) = keepalive.retries {
            settings = settings.with_retries(retries);
        }
        socket.set_tcp_keepalive(&settings)?;
    }
    #[cfg(target_os = "linux")]
    if keepalive.user_timeout.is_some() {
        socket.set_tcp_user_timeout(keepalive.user_timeout)?;
    }
    Ok(())
}

/// Connects to a Unix socket.
pub fn dial_unix(path: &Path, clock: &mut Clock) -> Result<UnixStream> {
    let stream = UnixStream::connect(path).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => {
                "the server makes this file when it starts: is it up, and is this its path?"
            }
            io::ErrorKind::PermissionDenied => {
                "this user may not open the socket; try TCP with a host and port"
            }
            _ => "is the server up? try TCP with a host and port",
        };
        Error::new(Kind::Connect, format!("cannot connect to socket {}", path.display()))
            .because(error)
            .hint(hint)
    })?;
    clock.stage("connect");
    Ok(stream)
}

/// The error of a read or write that failed on an established connection.
pub fn lost(error: io::Error) -> Error {
    let hint =
        "look into the server's log: it restarted, an administrator ended the session, or the network broke";
    let lost = Error::new(Kind::Lost, "the connection to the server was lost").hint(hint);
    match error.kind() {
        // rustls tells at length what its users should do about it.
        io::ErrorKind::UnexpectedEof => lost.because(anyhow::anyhow!("the server closed the connection")),
        _ => lost.because(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, port: u16) -> Host {
        Host { name: name.into(), address: None, port }
    }

    #[test]
    fn a_closed_port_is_refused_with_a_next_step() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut clock = Clock::start(Duration::from_secs(5));
        let error = dial_tcp(&host("127.0.0.1", port), &Keepalive::default(), &mut clock).unwrap_err();
        assert_eq!(error.kind(), Kind::Connect);
        assert!(error.message().contains("refused"), "{error}");
        assert!(!error.hints().is_empty());
    }

    #[test]
    fn an_unknown_host_is_named() {
        let mut clock = Clock::start(Duration::from_secs(5));
        let error =
            dial_tcp(&host("no-such-host.invalid", 1), &Keepalive::default(), &mut clock).unwrap_err();
        assert!(error.message().contains("no-such-host.invalid"), "{error}");
    }

    #[test]
    fn a_peer_that_went_away_is_seen() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut clock = Clock::start(Duration::from_secs(5));
        let tcp = dial_tcp(&host("127.0.0.1", port), &Keepalive::default(), &mut clock).unwrap();
        let (peer, _) = listener.accept().unwrap();
        let stream = Stream::tcp(tcp);
        assert!(!stream.is_closed());
        drop(peer);
        std::thread::sleep(Duration::from_millis(50));
        assert!(stream.is_closed());
    }
}
