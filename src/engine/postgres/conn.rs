//! One connection: frames out and in, and what may arrive at any time (chapter 55.2.7).

use std::collections::BTreeMap;

use bytes::BytesMut;

use super::errors::{self, Response};
use crate::engine::NoticeHandler;
use crate::engine::wire::Wire;
use crate::error::{Error, Kind, Result};
use crate::model::rows::Notice;
use crate::model::server::TxState;

/// Tag and length in front of every frame; the length counts itself but not the tag.
const HEADER: usize = 5;

/// The server's limit for a message (`PQ_LARGE_MESSAGE_LIMIT`).
const LONGEST: usize = 0x4000_0000;

/// What a frame of the server is (chapter 55.7).
pub mod tag {
    pub const AUTHENTICATION: u8 = b'R';
    pub const BACKEND_KEY_DATA: u8 = b'K';
    pub const BIND_COMPLETE: u8 = b'2';
    pub const CLOSE_COMPLETE: u8 = b'3';
    pub const COMMAND_COMPLETE: u8 = b'C';
    pub const COPY_DATA: u8 = b'd';
    pub const COPY_DONE: u8 = b'c';
    pub const COPY_IN_RESPONSE: u8 = b'G';
    pub const COPY_OUT_RESPONSE: u8 = b'H';
    pub const DATA_ROW: u8 = b'D';
    pub const EMPTY_QUERY_RESPONSE: u8 = b'I';
    pub const ERROR_RESPONSE: u8 = b'E';
    pub const NEGOTIATE_PROTOCOL_VERSION: u8 = b'v';
    pub const NO_DATA: u8 = b'n';
    pub const NOTICE_RESPONSE: u8 = b'N';
    pub const NOTIFICATION_RESPONSE: u8 = b'A';
    pub const PARAMETER_STATUS: u8 = b'S';
    pub const PARSE_COMPLETE: u8 = b'1';
    pub const READY_FOR_QUERY: u8 = b'Z';
    pub const ROW_DESCRIPTION: u8 = b'T';
}

/// The frames of one connection.
pub struct Conn {
    wire: Wire,
    /// What the next [`send`](Self::send) sends.
    pub out: BytesMut,
    /// Bytes of the frame that was shown last; the next call steps over them.
    current: usize,
    /// The server's settings that it reports by itself (chapter 55.2.7).
    pub settings: BTreeMap<String, String>,
    /// As of the last ReadyForQuery.
    pub transaction: TxState,
    on_notice: Option<NoticeHandler>,
    /// What was said at the login, before anybody could listen: that the collations have changed
    /// under the indexes, say.
    greetings: Vec<Notice>,
    greeted: bool,
    dead: bool,
}

impl Conn {
    pub fn new(wire: Wire) -> Self {
        Conn {
            wire,
            out: BytesMut::new(),
            current: 0,
            settings: BTreeMap::new(),
            transaction: TxState::Idle,
            on_notice: None,
            greetings: Vec::new(),
            greeted: false,
            dead: false,
        }
    }

    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// For the bulk data that goes round `out`.
    pub fn wire_mut(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// Whether nothing more can be said on this connection.
    pub fn is_dead(&self) -> bool {
        self.dead || self.wire.is_broken()
    }

    /// Whether the server is still at the other end, as far as can be told without asking it.
    pub fn is_alive(&self) -> bool {
        !self.is_dead() && !self.wire.stream().is_closed()
    }

    /// An error unless the connection can be used.
    pub fn check(&self) -> Result<()> {
        match self.is_dead() {
            false => Ok(()),
            true => Err(Error::new(Kind::Lost, "the connection to the server is gone").hint("connect again")),
        }
    }

    /// Sends what stands in `out`. When the server has ended the session, its words are the error.
    pub fn send(&mut self) -> Result<()> {
        self.wire.outbound.extend_from_slice(&self.out);
        self.out.clear();
        match self.wire.flush() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.last_words().unwrap_or(error)),
        }
    }

    /// The error that the server sent before it closed the connection.
    pub fn last_words(&mut self) -> Option<Error> {
        while let Ok(tag) = self.next() {
            if tag == tag::ERROR_RESPONSE {
                let error = self.error(None);
                if error.kind() == Kind::Lost {
                    return Some(error);
                }
            }
        }
        None
    }

    /// Moves to the next frame that is not a notice, a notification or a changed setting, and
    /// tells its tag. [`body`](Self::body) shows it until the next call.
    #[inline]
    pub fn next(&mut self) -> Result<u8> {
        self.wire.consume(std::mem::take(&mut self.current));
        loop {
            let mut seen = self.wire.available();
            if seen.len() < HEADER {
                seen = self.wire.peek(HEADER)?;
            }
            let tag = seen[0];
            let length = u32::from_be_bytes([seen[1], seen[2], seen[3], seen[4]]) as usize;
            if !(4..=LONGEST).contains(&length) {
                return Err(self.not_understood());
            }
            if seen.len() < length + 1 {
                self.wire.peek(length + 1)?;
            }
            self.current = length + 1;
            if !is_asynchronous(tag) {
                return Ok(tag);
            }
            self.asynchronous(tag);
            self.wire.consume(std::mem::take(&mut self.current));
        }
    }

    /// The current frame without its header.
    #[inline]
    pub fn body(&self) -> &[u8] {
        &self.wire.available()[HEADER..self.current]
    }

    /// Lets [`next`](Self::next) show the current frame once more.
    pub fn put_back(&mut self) {
        self.current = 0;
    }

    /// Whether a frame with one of `tags` has arrived already, behind the current one.
    pub fn has_arrived(&self, tags: &[u8]) -> bool {
        let mut rest = &self.wire.available()[self.current..];
        while rest.len() >= HEADER {
            let length = u32::from_be_bytes([rest[1], rest[2], rest[3], rest[4]]) as usize;
            if tags.contains(&rest[0]) {
                return true;
            }
            match rest.get(length.saturating_add(1)..) {
                Some(next) => rest = next,
                None => return false,
            }
        }
        false
    }

    /// Handles the notices that have arrived, without waiting; true when another frame stands
    /// behind them, which [`next`](Self::next) will show.
    pub fn hear(&mut self) -> bool {
        loop {
            self.wire.consume(std::mem::take(&mut self.current));
            let seen = self.wire.available();
            let Some([tag, length @ ..]) = seen.first_chunk::<HEADER>() else { return false };
            let (tag, length) = (*tag, u32::from_be_bytes(*length) as usize);
            if !is_asynchronous(tag) {
                return true;
            }
            if seen.len() < length.saturating_add(1) || length < 4 {
                return false;
            }
            self.current = length + 1;
            self.asynchronous(tag);
        }
    }

    #[cold]
    fn asynchronous(&mut self, tag: u8) {
        let body = &self.wire.available()[HEADER..self.current];
        let notice = match tag {
            tag::PARAMETER_STATUS => {
                let mut reader = Reader::new(body);
                if let (Some(name), Some(value)) = (reader.text(), reader.text()) {
                    self.settings.insert(name, value);
                }
                return;
            }
            tag::NOTICE_RESPONSE => Response::parse(body).into_notice(),
            _ => notification(body),
        };
        match &mut self.on_notice {
            Some(handler) => handler(&notice),
            None if !self.greeted => self.greetings.push(notice),
            None => {}
        }
    }

    /// Ends the time in which notices are kept for a later listener.
    pub fn greeted(&mut self) {
        self.greeted = true;
    }

    pub fn on_notice(&mut self, mut handler: NoticeHandler) {
        self.greetings.drain(..).for_each(|notice| handler(&notice));
        self.on_notice = Some(handler);
    }

    /// The error in the current frame; one that ends the session makes the connection unusable.
    pub fn error(&mut self, sql: Option<&str>) -> Error {
        let response = Response::parse(self.body());
        self.dead |= response.is_fatal();
        errors::from_response(response, sql)
    }

    /// Takes the transaction's state from the current frame, a ReadyForQuery.
    pub fn ready(&mut self) {
        self.transaction = match self.body().first() {
            Some(b'T') => TxState::Open,
            Some(b'E') => TxState::Failed,
            _ => TxState::Idle,
        };
    }

    /// The error of a frame that has no place here. Nothing after it can be trusted.
    #[cold]
    pub fn not_understood(&mut self) -> Error {
        self.dead = true;
        Error::new(Kind::Lost, "the server sent something that is not PostgreSQL's protocol")
            .hint("is this a PostgreSQL server, and does no proxy change what it says?")
    }
}

#[inline]
fn is_asynchronous(tag: u8) -> bool {
    matches!(tag, tag::NOTICE_RESPONSE | tag::NOTIFICATION_RESPONSE | tag::PARAMETER_STATUS)
}

/// `LISTEN` and `NOTIFY`, in psql's words.
fn notification(body: &[u8]) -> Notice {
    let mut reader = Reader::new(body);
    let pid = reader.u32().unwrap_or_default();
    let channel = reader.text().unwrap_or_default();
    let payload = reader.text().unwrap_or_default();
    let payload = match payload.is_empty() {
        true => String::new(),
        false => format!(" with payload \"{payload}\""),
    };
    Notice {
        severity: "NOTIFY".to_owned(),
        code: String::new(),
        message: format!(
            "asynchronous notification \"{channel}\"{payload} received from server process {pid}"
        ),
        detail: None,
        hint: None,
    }
}

/// Reads the fields of a frame; None when it ends too early.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(body: &'a [u8]) -> Self {
        Reader(body)
    }

    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.bytes(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.bytes(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Bytes up to a zero, which is stepped over.
    pub fn until_zero(&mut self) -> Option<&'a [u8]> {
        let end = memchr::memchr(0, self.0)?;
        let bytes = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(bytes)
    }

    pub fn text(&mut self) -> Option<String> {
        self.until_zero().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::engine::net::Stream;

    fn frame(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut frame = vec![tag];
        frame.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
        frame.extend_from_slice(body);
        frame
    }

    fn conn(bytes: &[u8]) -> Conn {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(bytes).unwrap();
        Conn::new(Wire::new(Stream::unix(ours)))
    }

    #[test]
    fn settings_and_notices_are_handled_in_passing() {
        let mut bytes = frame(b'S', b"TimeZone\0Asia/Kolkata\0");
        bytes.extend(frame(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mhello\0\0"));
        bytes.extend(frame(b'A', b"\0\0\0\x07ch\0p\0"));
        bytes.extend(frame(b'Z', b"T"));
        let mut conn = conn(&bytes);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = heard.clone();
        conn.on_notice(Box::new(move |notice| sink.lock().unwrap().push(notice.message.clone())));
        assert_eq!(conn.next().unwrap(), tag::READY_FOR_QUERY);
        conn.ready();
        assert_eq!(conn.transaction, TxState::Open);
        assert_eq!(conn.settings["TimeZone"], "Asia/Kolkata");
        let expected =
            ["hello", "asynchronous notification \"ch\" with payload \"p\" received from server process 7"];
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[test]
    fn what_is_not_the_protocol_ends_the_connection() {
        let mut conn = conn(b"HTTP/1.1 400 Bad Request\r\n");
        assert!(conn.next().is_err());
        assert!(conn.is_dead());
        assert_eq!(conn.check().unwrap_err().kind(), Kind::Lost);
    }

    #[test]
    fn looks_ahead_without_reading() {
        let mut bytes = frame(b'D', b"\0\0");
        bytes.extend(frame(b'D', b"\0\0"));
        bytes.extend(frame(b'C', b"SELECT 2\0"));
        let mut conn = conn(&bytes);
        assert_eq!(conn.next().unwrap(), tag::DATA_ROW);
        assert!(conn.has_arrived(b"C"));
        assert!(!conn.has_arrived(b"Z"));
        conn.put_back();
        assert_eq!(conn.next().unwrap(), tag::DATA_ROW);
        assert_eq!(conn.next().unwrap(), tag::DATA_ROW);
        assert_eq!(conn.next().unwrap(), tag::COMMAND_COMPLETE);
    }
}
