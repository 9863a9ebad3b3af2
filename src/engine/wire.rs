//! Bytes to and from a server in whole frames: one read buffer that frames are borrowed from, one
//! write buffer. Both network protocols are spoken over it.

use std::io::{self, Read, Write};

use super::net::{Stream, lost};
use crate::error::{Error, Result};

/// The usual size of the read buffer; larger frames grow it for as long as they last.
const BLOCK: usize = 128 * 1024;

/// A stream with its buffers.
pub struct Wire {
    stream: Stream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// What the next [`flush`](Self::flush) sends.
    pub outbound: Vec<u8>,
    broken: bool,
}

impl Wire {
    pub fn new(stream: Stream) -> Self {
        Wire { stream, buffer: Vec::new(), start: 0, end: 0, outbound: Vec::new(), broken: false }
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Gives the stream back to put encryption on it.
    ///
    /// # Errors
    /// When the server has sent bytes already: they would have come unencrypted, from whomever.
    pub fn into_stream(self) -> Result<Stream> {
        match self.end == self.start {
            true => Ok(self.stream),
            false => Err(Error::new(
                crate::error::Kind::Connect,
                "the server sent data before encryption began: somebody may be tampering with the connection",
            )),
        }
    }

    /// Whether the connection is known to be broken; it can only be thrown away.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Reads until at least `size` bytes are there, and shows all that are. Nothing is consumed.
    pub fn peek(&mut self, size: usize) -> Result<&[u8]> {
        if self.end - self.start < size {
            self.fill(size)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// The bytes that are there without reading.
    pub fn available(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Steps over bytes that [`peek`](Self::peek) has shown.
    pub fn consume(&mut self, size: usize) {
        self.start = (self.start + size).min(self.end);
    }

    /// Takes `size` bytes: reads them if need be, steps over them, and shows them.
    pub fn take(&mut self, size: usize) -> Result<&[u8]> {
        if self.end - self.start < size {
            self.fill(size)?;
        }
        let from = self.start;
        self.start += size;
        Ok(&self.buffer[from..from + size])
    }

    #[cold]
    fn make_room(&mut self, size: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let wanted = size.max(BLOCK);
        if self.buffer.len() < wanted {
            // Exactly what is asked for: a value of 100 MB must not take 200.
            self.buffer.reserve_exact(wanted - self.buffer.len());
            self.buffer.resize(wanted, 0);
        } else if self.buffer.len() > wanted && self.end <= BLOCK {
            self.buffer.truncate(wanted);
            self.buffer.shrink_to(wanted);
        }
    }

    fn fill(&mut self, size: usize) -> Result<()> {
        if self.start + size > self.buffer.len() || self.start == self.end {
            self.make_room(size);
        }
        while self.end - self.start < size {
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Err(self.failed(closed())),
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(())
    }

    /// Sends what stands in `outbound`.
    pub fn flush(&mut self) -> Result<()> {
        let sent = self.stream.write_all(&self.outbound).and_then(|()| self.stream.flush());
        self.outbound.clear();
        if self.outbound.capacity() > BLOCK {
            self.outbound.shrink_to(BLOCK);
        }
        sent.map_err(|error| self.failed(error))
    }

    /// Sends what stands in `outbound`, and takes in what the server says meanwhile: it may be
    /// waiting for us to listen before it reads on. The stream needs a short time-out for that.
    pub fn flush_listening(&mut self) -> Result<()> {
        let mut sent = 0;
        let outcome = loop {
            let step = match sent < self.outbound.len() {
                true => self.stream.write(&self.outbound[sent..]),
                false => self.stream.flush().map(|()| 0),
            };
            match step {
                Ok(0) if sent == self.outbound.len() => break Ok(()),
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    self.listen()?;
                }
                Err(error) => break Err(error),
            }
        };
        self.outbound.clear();
        outcome.map_err(|error| self.failed(error))?;
        self.listen()
    }

    /// Takes in what has arrived, without waiting.
    pub fn listen(&mut self) -> Result<()> {
        loop {
            if self.end == self.buffer.len() {
                self.make_room(self.end - self.start + BLOCK);
            }
            match self.stream.try_read(&mut self.buffer[self.end..]) {
                Ok(None) => return Ok(()),
                Ok(Some(0)) => return Err(self.failed(closed())),
                Ok(Some(count)) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    fn failed(&mut self, error: io::Error) -> Error {
        self.broken = true;
        lost(match error.kind() {
            // The same for a stream with TLS, which has words of its own for it.
            io::ErrorKind::UnexpectedEof => closed(),
            _ => error,
        })
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::error::Kind;

    #[test]
    fn frames_of_any_size_come_whole_and_the_buffer_shrinks_again() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut wire = Wire::new(Stream::unix(ours));
        let sender = std::thread::spawn(move || {
            theirs.write_all(&[1; 10]).unwrap();
            theirs.write_all(&vec![2; 1_000_000]).unwrap();
            theirs.write_all(&[3; 20]).unwrap();
        });
        assert_eq!(wire.take(10).unwrap(), [1; 10]);
        assert_eq!(wire.take(1_000_000).unwrap(), vec![2; 1_000_000]);
        assert_eq!(wire.take(20).unwrap(), [3; 20]);
        assert!(wire.buffer.len() <= BLOCK);
        sender.join().unwrap();
        assert_eq!(wire.take(1).unwrap_err().kind(), Kind::Lost);
        assert!(wire.is_broken());
    }

    #[test]
    fn two_that_both_talk_do_not_wait_for_each_other() {
        const SIZE: usize = 3_000_000;
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut wire = Wire::new(Stream::unix(ours));
        wire.stream().set_timeout(Some(std::time::Duration::from_millis(10))).unwrap();
        let peer = std::thread::spawn(move || {
            theirs.write_all(&vec![7; SIZE]).unwrap();
            let mut heard = vec![0; SIZE];
            theirs.read_exact(&mut heard).unwrap();
            assert!(heard.iter().all(|byte| *byte == 9));
        });
        wire.outbound.resize(SIZE, 9);
        wire.flush_listening().unwrap();
        peer.join().unwrap();
        assert!(wire.take(SIZE).unwrap().iter().all(|byte| *byte == 7));
    }
}
