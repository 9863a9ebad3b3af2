//! Packets: the framing under every message, and checked reading of what is inside.
//!
//! A packet is a length of three bytes, a sequence number, and that many bytes; a payload of
//! 16 MiB or more continues in further packets ("MySQL Packets" in MySQL's internals manual).

use crate::engine::net::Stream;
use crate::engine::wire::Wire;
use crate::error::{Error, Kind, Result};

/// The longest payload of a single packet; one that is full is continued by the next.
pub const FULL: usize = 0xFF_FFFF;
/// The length and the sequence number.
const HEADER: usize = 4;
/// What a buffer for joined packets may keep between uses.
const KEEP: usize = 256 * 1024;

/// Where the payload shown last is.
#[derive(Clone, Copy)]
enum Held {
    Nothing,
    /// In the wire's buffer, behind its header; stepped over when the next one is read.
    Buffer(usize),
    Joined,
}

/// A connection that talks in packets.
pub struct Packets {
    wire: Wire,
    sequence: u8,
    held: Held,
    joined: Vec<u8>,
    garbled: bool,
}

impl Packets {
    pub fn new(stream: Stream) -> Self {
        Packets {
            wire: Wire::new(stream),
            sequence: 0,
            held: Held::Nothing,
            joined: Vec::new(),
            garbled: false,
        }
    }

    pub fn stream(&self) -> &Stream {
        self.wire.stream()
    }

    /// Gives the stream back to put encryption on it, and the sequence number to go on with.
    pub fn into_stream(mut self) -> Result<(Stream, u8)> {
        self.release();
        Ok((self.wire.into_stream()?, self.sequence))
    }

    /// Goes on with a sequence number, after encryption was put on the stream.
    pub fn resume(stream: Stream, sequence: u8) -> Self {
        Packets { sequence, ..Packets::new(stream) }
    }

    /// Whether the connection can only be thrown away.
    pub fn is_broken(&self) -> bool {
        self.garbled || self.wire.is_broken()
    }

    /// Makes the connection unusable, because what comes next can no longer be told apart.
    pub fn give_up(&mut self) {
        self.garbled = true;
    }

    fn release(&mut self) {
        match self.held {
            Held::Buffer(size) => self.wire.consume(HEADER + size),
            Held::Joined => {
                self.joined.clear();
                self.joined.shrink_to(KEEP);
            }
            Held::Nothing => {}
        }
        self.held = Held::Nothing;
    }

    /// Reads the next payload; it is also what [`current`](Self::current) shows from now on.
    #[inline]
    pub fn read(&mut self) -> Result<&[u8]> {
        self.release();
        let header = self.wire.peek(HEADER)?;
        let size = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
        if header[3] != self.sequence {
            // Servers announce that they close an idle connection by an error that nobody asked
            // for ("ER_CLIENT_INTERACTION_TIMEOUT").
            let bytes = self.wire.peek(HEADER + size.min(1))?;
            match bytes.get(HEADER) {
                Some(&super::errors::ERR) if size < FULL => self.garbled = true,
                _ => return Err(self.out_of_step()),
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        if size == FULL {
            self.join()?;
        } else {
            self.wire.peek(HEADER + size)?;
            self.held = Held::Buffer(size);
        }
        Ok(self.current())
    }

    /// The payload that was read last.
    #[inline]
    pub fn current(&self) -> &[u8] {
        match self.held {
            Held::Buffer(size) => &self.wire.available()[HEADER..HEADER + size],
            Held::Joined => &self.joined,
            Held::Nothing => &[],
        }
    }

    /// Whether another payload can be read without waiting for the server.
    pub fn is_ready(&self) -> bool {
        let mut available = self.wire.available();
        if let Held::Buffer(size) = self.held {
            available = &available[HEADER + size..];
        }
        match available {
            [a, b, c, _, rest @ ..] => {
                let size = usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16;
                size < FULL && rest.len() >= size
            }
            _ => false,
        }
    }

    /// Joins the packets of a long payload; the first header has been looked at.
    #[cold]
    fn join(&mut self) -> Result<()> {
        self.wire.consume(HEADER);
        let mut size = FULL;
        loop {
            // No more than is needed: a value of 100 MB must not take 200.
            self.joined.reserve_exact(size);
            let mut left = size;
            while left > 0 {
                let here = self.wire.peek(1)?;
                let count = here.len().min(left);
                self.joined.extend_from_slice(&here[..count]);
                self.wire.consume(count);
                left -= count;
            }
            if size < FULL {
                break;
            }
            let header = self.wire.take(HEADER)?;
            size = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
            if header[3] != self.sequence {
                return Err(self.out_of_step());
            }
            self.sequence = self.sequence.wrapping_add(1);
        }
        self.held = Held::Joined;
        Ok(())
    }

    #[cold]
    fn out_of_step(&mut self) -> Error {
        self.garbled = true;
        garbled("the packets are out of order")
    }

    /// Sends a command: the sequence starts anew.
    pub fn command(&mut self, command: u8, parts: &[&[u8]]) -> Result<()> {
        self.release();
        self.sequence = 0;
        let code = [command];
        self.write(std::iter::once(&code[..]).chain(parts.iter().copied()))
    }

    /// Sends many commands at once; each is answered on its own, in order. They must be short
    /// enough that the network holds them all while the server still writes its first answers.
    pub fn commands(&mut self, command: u8, arguments: &[String]) -> Result<()> {
        self.release();
        for argument in arguments {
            self.sequence = 0;
            let size = 1 + argument.len();
            if self.begin(size) < size {
                return Err(garbled("a command of many is too long for one packet"));
            }
            self.wire.outbound.push(command);
            self.wire.outbound.extend_from_slice(argument.as_bytes());
        }
        self.wire.flush()
    }

    /// The next payload begins the answer to the next of many commands.
    pub fn expect_answer(&mut self) {
        self.sequence = 1;
    }

    /// Sends a payload as an answer within the exchange going on.
    pub fn answer(&mut self, payload: &[u8]) -> Result<()> {
        self.release();
        self.write(std::iter::once(payload))
    }

    /// Writes the parts as one payload, split into packets.
    fn write<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]> + Clone) -> Result<()> {
        let mut left: usize = parts.clone().map(<[u8]>::len).sum();
        let mut room = self.begin(left);
        left -= room;
        for mut part in parts {
            while part.len() > room {
                let (now, later) = part.split_at(room);
                self.wire.outbound.extend_from_slice(now);
                self.wire.flush()?;
                part = later;
                room = self.begin(left);
                left -= room;
            }
            self.wire.outbound.extend_from_slice(part);
            room -= part.len();
            if room == 0 && left == 0 && self.wire.outbound.len() == HEADER + FULL {
                // A payload that ends with a full packet needs an empty one behind it.
                self.begin(0);
            }
        }
        self.wire.flush()
    }

    /// Writes a header for as much of `left` as one packet takes, and says how much that is.
    fn begin(&mut self, left: usize) -> usize {
        let size = left.min(FULL);
        // FULL is the largest number of three bytes.
        let bytes = (size as u32).to_le_bytes();
        self.wire.outbound.extend_from_slice(&[bytes[0], bytes[1], bytes[2], self.sequence]);
        self.sequence = self.sequence.wrapping_add(1);
        size
    }
}

/// The error of a server that does not keep to the protocol.
#[cold]
pub fn garbled(what: &str) -> Error {
    Error::new(Kind::Lost, format!("cannot understand the server: {what}"))
        .hint("is it a MySQL or MariaDB server, reached without a proxy that changes what passes?")
}

/// Reads a payload piece by piece; a piece that is not there is an error, never a panic.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => Err(garbled("a packet is too short")),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.0.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(*taken)
            }
            None => Err(garbled("a packet is too short")),
        }
    }

    pub fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number of one to nine bytes ("Integer Types" in the internals manual).
    pub fn lenenc(&mut self) -> Result<u64> {
        match self.u8()? {
            small @ 0..=0xFA => Ok(u64::from(small)),
            0xFC => self.u16().map(u64::from),
            0xFD => self.array::<3>().map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xFE => self.u64(),
            _ => Err(garbled("a length is not valid")),
        }
    }

    /// A string with its length in front.
    pub fn lenenc_bytes(&mut self) -> Result<&'a [u8]> {
        let size = self.lenenc()?;
        self.bytes(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// A string up to a zero byte, or to the end where that is missing, as some servers do.
    pub fn null_terminated(&mut self) -> &'a [u8] {
        let end = memchr::memchr(0, self.0).unwrap_or(self.0.len());
        let taken = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        taken
    }

    pub fn rest(self) -> &'a [u8] {
        self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends a number of one to nine bytes.
pub fn put_lenenc(out: &mut Vec<u8>, number: u64) {
    let bytes = number.to_le_bytes();
    match number {
        0..=0xFA => out.push(bytes[0]),
        0xFB..=0xFFFF => {
            out.push(0xFC);
            out.extend_from_slice(&bytes[..2]);
        }
        0x1_0000..=0xFF_FFFF => {
            out.push(0xFD);
            out.extend_from_slice(&bytes[..3]);
        }
        _ => {
            out.push(0xFE);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Appends a string with its length in front.
pub fn put_lenenc_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_lenenc(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn pair() -> (Packets, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Packets::new(Stream::unix(ours)), theirs)
    }

    fn packet(sequence: u8, size: usize) -> Vec<u8> {
        let mut bytes = (size as u32).to_le_bytes()[..3].to_vec();
        bytes.push(sequence);
        bytes.resize(4 + size, 7);
        bytes
    }

    #[test]
    fn payloads_come_one_by_one_and_stay_readable() {
        let (mut packets, mut theirs) = pair();
        theirs.write_all(&[packet(0, 3), packet(1, 0), packet(2, 1)].concat()).unwrap();
        assert_eq!(packets.read().unwrap(), [7, 7, 7]);
        assert_eq!(packets.current(), [7, 7, 7]);
        assert!(packets.is_ready());
        assert!(packets.read().unwrap().is_empty());
        assert_eq!(packets.read().unwrap(), [7]);
        assert!(!packets.is_ready());
    }

    #[test]
    fn long_payloads_are_joined() {
        let (mut packets, mut theirs) = pair();
        let sender = std::thread::spawn(move || {
            for (sequence, size) in [(0, FULL), (1, FULL), (2, 5), (3, 2), (4, FULL), (5, 0)] {
                theirs.write_all(&packet(sequence, size)).unwrap();
            }
        });
        assert_eq!(packets.read().unwrap().len(), 2 * FULL + 5);
        assert_eq!(packets.read().unwrap(), [7, 7]);
        assert!(packets.joined.capacity() <= KEEP);
        assert_eq!(packets.read().unwrap().len(), FULL);
        sender.join().unwrap();
    }

    #[test]
    fn long_payloads_are_split() {
        for size in [0, 10, FULL - 2, FULL - 1, FULL, 2 * FULL - 1, 2 * FULL + 9] {
            let (mut packets, mut theirs) = pair();
            let receiver = std::thread::spawn(move || {
                let (mut sizes, mut header) = (Vec::new(), [0; 4]);
                while theirs.read_exact(&mut header).is_ok() {
                    assert_eq!(usize::from(header[3]), sizes.len());
                    let size = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
                    theirs.read_exact(&mut vec![0; size]).unwrap();
                    sizes.push(size);
                }
                sizes
            });
            let text = vec![b'x'; size];
            let (head, tail) = text.split_at(size / 3);
            packets.command(3, &[head, tail]).unwrap();
            drop(packets);
            let sizes = receiver.join().unwrap();
            assert_eq!(sizes.iter().sum::<usize>(), size + 1);
            assert_eq!(sizes.len(), (size + 1) / FULL + 1, "of {size}");
            assert!(sizes.iter().rev().skip(1).all(|size| *size == FULL));
            assert!(sizes.last().unwrap() < &FULL);
        }
    }

    #[test]
    fn a_wrong_sequence_ends_the_connection() {
        let (mut packets, mut theirs) = pair();
        theirs.write_all(&packet(3, 1)).unwrap();
        assert_eq!(packets.read().unwrap_err().kind(), Kind::Lost);
        assert!(packets.is_broken());
    }

    #[test]
    fn numbers_of_every_length() {
        for number in [0, 250, 251, 252, 65535, 65536, 0xFF_FFFF, 0x100_0000, u64::MAX] {
            let mut bytes = Vec::new();
            put_lenenc(&mut bytes, number);
            let mut reader = Reader(&bytes);
            assert_eq!(reader.lenenc().unwrap(), number);
            assert!(reader.is_empty());
            for cut in 0..bytes.len() {
                assert!(Reader(&bytes[..cut]).lenenc().is_err());
            }
        }
    }
}
