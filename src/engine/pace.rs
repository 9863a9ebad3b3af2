//! Reading a long result in few large pieces. A server sends rows in pieces of some kilobytes, and
//! each one that finds its reader waiting makes the server's kernel wake it: measured, a seventh of
//! the server's time on a million rows over loopback. So a reader that is faster than its server
//! naps for a moment instead, while the pieces gather in the socket.

use std::io::{self, IoSlice, Read, Write};
use std::time::Duration;

/// A result shorter than this is read as it comes: there each moment counts.
const LONG: usize = 1 << 20;
/// A read that gives less than this has emptied the socket: the server is the slower of the two.
const LARGE: usize = 64 * 1024;
/// Short enough that no person and no time-out notices, long enough for some tens of kilobytes.
const NAP: Duration = Duration::from_micros(400);

/// A socket that lets the answer to a request gather once it has shown to be long.
pub struct Paced<S> {
    pub socket: S,
    /// Bytes that came since something was last sent.
    came: usize,
    last: usize,
}

impl<S> Paced<S> {
    pub fn new(socket: S) -> Self {
        Paced { socket, came: 0, last: LARGE }
    }

    fn is_ahead(&self) -> bool {
        self.came >= LONG && self.last < LARGE
    }
}

impl<S: Read> Read for Paced<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_ahead() {
            std::thread::sleep(NAP);
        }
        let count = self.socket.read(buffer)?;
        self.came += count;
        // A short buffer that was filled tells nothing about what is left.
        self.last = if count == buffer.len() { LARGE } else { count };
        Ok(count)
    }
}

impl<S: Write> Write for Paced<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.came = 0;
        self.socket.write(buffer)
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.came = 0;
        self.socket.write_vectored(buffers)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_answer_that_comes_slower_than_it_is_read_is_waited_for() {
        let mut paced = Paced::new(io::Cursor::new(vec![7; 2 * LONG]));
        let mut buffer = vec![0; LARGE];
        while paced.came < LONG {
            assert!(!paced.is_ahead());
            assert_eq!(paced.read(&mut buffer).unwrap(), LARGE);
        }
        assert!(!paced.is_ahead(), "the server is ahead of us");
        let left = 2 * LONG as u64 - paced.socket.position();
        paced.socket.set_position(paced.socket.position() + left - 10);
        assert_eq!(paced.read(&mut buffer).unwrap(), 10);
        assert!(paced.is_ahead());
        assert_eq!(paced.write(b"x").unwrap(), 1);
        assert!(!paced.is_ahead(), "a new request, a new answer");
    }
}
